"""What sealed versions of a period have told already: nothing of it can be taken back (P4 of SAFETY.md).

A cell that was withheld stays withheld.  A number that was shown, and that is the same now, is known to everybody:
it protects nothing, and no promise can be made for it.  A number that has changed is free again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from publisher.draft.keys import table_cells
from publisher.errors import SuppressionError
from publisher.opaque import Opaque
from publisher.policy.model import TableSpec
from publisher.relations import IntArray, KeySet
from publisher.release.model import Cell, CellStatus, Table
from publisher.suppression.blocks import BoolArray

COUNT = ""
"""The count where measures stand by the id of their amount."""


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """The numbers of one sealed version, over the cells of the keys, flat.

    `withheld`: cells that it withholds.  `shown`, `numbers`: by `COUNT` or amount id, which numbers it shows, and those
    numbers.
    """

    withheld: BoolArray
    shown: Mapping[str, BoolArray]
    numbers: Mapping[str, IntArray]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Told(Opaque):
    """What all earlier versions tell of the numbers of now.  Arrays over the cells of the keys, flat.

    `kept`: withheld in one of them.  `same`: by `COUNT` or amount id, shown in one of them as they are now.
    """

    kept: BoolArray
    same: Mapping[str, BoolArray]


def version_of(tables: Sequence[Table], specs: Sequence[TableSpec], keys: KeySet) -> Version:
    """The numbers of a version's tables of one period, rows that do not exist in it left out.

    SuppressionError where a cell is none of the keys': what it tells could not be held against the new version.
    """
    n = int(np.prod(keys.shape))
    amounts = {COUNT, *(m.of for s in specs for m in s.sums)}
    version = Version(
        np.zeros(n, dtype=np.bool_),
        {a: np.zeros(n, dtype=np.bool_) for a in amounts},
        {a: np.zeros(n, dtype=np.int64) for a in amounts},
    )
    by_id = {s.id: s for s in specs}
    for table in tables:
        if table.id not in by_id:
            raise SuppressionError(f"table {table.id} of an earlier version is gone; keep it in the policy")
        _read(version, table, by_id[table.id], keys)
    return version


def _read(version: Version, table: Table, spec: TableSpec, keys: KeySet) -> None:
    flat, categories = table_cells(spec, keys)
    areas = [c for v in keys.levels if v.level in spec.areas for c in v.codes]
    at = {(area, codes): int(flat[i, j]) for i, area in enumerate(areas) for j, codes in enumerate(categories)}
    amounts = {spec.count.id: COUNT, **{m.id: m.of for m in spec.sums}}
    units = {m.id: 10**m.decimals for m in spec.measures}
    for cell in (c for c in table.cells if c.measure in amounts):
        _note(version, cell, at.get((cell.area, cell.categories), -1), (amounts[cell.measure], units[cell.measure]))


def _note(version: Version, cell: Cell, at: int, measure: tuple[str, int]) -> None:
    amount, unit = measure
    if at < 0:
        raise SuppressionError(
            f"cell {cell.area} {' '.join(cell.categories)} of an earlier version is none of the new one; areas and "
            "categories of a period must stay the same"
        )
    if cell.status is CellStatus.SUPPRESSED or cell.value is None:
        version.withheld[at] = True
    else:
        version.shown[amount][at], version.numbers[amount][at] = True, cell.value // unit


def told_by(versions: Sequence[Version], values: Mapping[str, IntArray], shown: BoolArray) -> Told:
    """What the versions tell of `values` (by `COUNT` or amount id, over the cells of the keys at least, flat).

    `shown`: cells that a table publishes now.
    """
    n = len(shown)
    kept, same = np.zeros(n, dtype=np.bool_), {a: np.zeros(n, dtype=np.bool_) for a in values}
    for version in versions:
        kept |= version.withheld & shown
        for amount, now in values.items():
            same[amount] |= version.shown[amount] & (version.numbers[amount] == now[:n])
    return Told(kept, same)
