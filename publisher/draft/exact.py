"""The measures of a suppressed table under its one mask, derived ones only where all that they follow from is shown."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from publisher.draft.suppressed import SuppressedCube
from publisher.draft.tables import ProtectedMeasure
from publisher.policy.model import MeasureSpec, TableSpec
from publisher.relations import IntArray, KeySet
from publisher.release.model import CellStatus
from publisher.rounding import half_up

_Marks = NDArray[np.object_]


def suppressed_measures(
    table: TableSpec, suppressed: SuppressedCube, populations: Mapping[str, IntArray]
) -> dict[str, ProtectedMeasure]:
    """Every measure of a table.  `populations`: denominators by id, shape keys.shape."""
    withheld = suppressed.pattern.suppressed.reshape(suppressed.keys.shape)
    shown = {m.id: suppressed.values(table, m.id) for m in (table.count, *table.sums)}
    out = {}
    for m in table.measures:
        if m.derived:
            above, below, hidden = _parts(m, table, (suppressed, shown, withheld), populations)
            out[m.id] = _derived(m, above, below, hidden)
        else:
            out[m.id] = _measure(shown[m.id] * 10**m.decimals, withheld, np.zeros_like(withheld))
    return out


def _parts(
    m: MeasureSpec, table: TableSpec, parts: tuple[SuppressedCube, Mapping[str, IntArray], NDArray[np.bool_]],
    populations: Mapping[str, IntArray],
) -> tuple[IntArray, IntArray, NDArray[np.bool_]]:  # fmt: skip
    """Numerator, denominator, and where one of them is withheld."""
    suppressed, shown, withheld = parts
    above = shown[m.of]
    if m.kind == "rate":
        return above, populations[m.denominator], withheld
    if m.kind == "mean":
        return above, suppressed.counts, withheld
    axis = _axis(suppressed.keys, m.within)
    whole, hidden = np.take(above, [-1], axis=axis), np.take(withheld, [-1], axis=axis)
    return above, np.broadcast_to(whole, above.shape), withheld | hidden


def _axis(keys: KeySet, column: str) -> int:
    return 1 + [c.id for c in keys.columns].index(column)


def _derived(
    m: MeasureSpec, above: IntArray, below: IntArray, hidden: NDArray[np.bool_]
) -> ProtectedMeasure:
    return _measure(half_up(above, below, m.per * 10**m.decimals), hidden, below == 0)


def _measure(values: IntArray, hidden: NDArray[np.bool_], absent: NDArray[np.bool_]) -> ProtectedMeasure:
    """Where there is nothing to divide by no value exists, whatever is withheld; a withheld cell holds no number."""
    status = np.where(hidden, CellStatus.SUPPRESSED, CellStatus.PUBLISHED).astype(object)
    status = np.where(absent, np.where(hidden, CellStatus.SUPPRESSED, CellStatus.NOT_APPLICABLE), status)
    return ProtectedMeasure(np.where(hidden | absent, 0, values), status, lower=None, upper=None)
