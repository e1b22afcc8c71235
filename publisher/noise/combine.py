"""From the parts of a table to one estimate of each measured measure, over all cells of the table's key set.

A count that adds up is its one part.  A sum is brought from the integer units of its cells to whole units, and its
totals over the clamp's column are added up: cells of different codes share no noise, so that their variances add.
Distinct persons are put together from their parts, each of which is one marginal of the case categories.
"""

from collections.abc import Callable, Mapping

import numpy as np

from publisher.errors import PolicyError
from publisher.noise.area_system import FloatArray
from publisher.noise.measurement import Measurement
from publisher.noise.parts import Part, parts_of, plan_of
from publisher.noise.postprocess import _MINT, Estimate, estimate, variances
from publisher.policy.model import EstimateKind, Noise, TableSpec
from publisher.quantity import UNITS, Quantity
from publisher.relations import KeySet


def estimates(measured: Mapping[str, Measurement], table: TableSpec, keys: KeySet) -> dict[str, Estimate]:
    """The estimate of the count and of each sum, by measure id: in persons, cases or events, and in whole units.

    `measured`: by part name.  PolicyError where they are not the parts of the table.
    """
    parts = parts_of(table, keys)
    if measured.keys() != {p.name for p in parts}:
        raise PolicyError(f"table {table.id}: what was measured is not what its parts are")
    parts = _additive(parts)
    found = {p.name: estimate(measured[p.name]) for p in parts}
    values = _by_measure(parts, keys, power=1, cells=lambda part: found[part.name].values)
    spread = _by_measure(parts, keys, power=2, cells=lambda part: found[part.name].variances)
    return {
        m: Estimate(mint=_MINT, keys=keys, kind=EstimateKind.UNBIASED, values=values[m], variances=spread[m])
        for m in values
    }


def expected_variances(table: TableSpec, keys: KeySet, noise: Noise) -> dict[str, FloatArray]:
    """The variance that every cell of the count and of each sum will have, before anything is drawn, by measure id."""
    parts = _additive(parts_of(table, keys))
    return _by_measure(parts, keys, power=2, cells=lambda part: variances(plan_of(part, noise), part.keys))


def _additive(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts that are numbers of a measure; of persons by amount it is the quantiles that are shown."""
    return tuple(p for p in parts if p.quantity.kind != "values")


def _by_measure(
    parts: tuple[Part, ...], keys: KeySet, *, power: int, cells: Callable[[Part], FloatArray]
) -> dict[str, FloatArray]:
    """Values (`power` 1) or variances (2) of each measure, shape keys.shape."""
    out: dict[str, FloatArray] = {}
    for part in parts:
        of_part = cells(part)
        if part.quantity.kind == "sum":
            of_part = _in_whole_units(of_part, part.quantity, keys, power)
        whole = out.setdefault(part.measure, np.full(keys.shape, np.nan))
        whole[place_of(part, keys)] = of_part
    return out


def _in_whole_units(cells: FloatArray, quantity: Quantity, keys: KeySet, power: int) -> FloatArray:
    """A sum's part in whole units, with totals over the clamp's column: a unit is clamp / UNITS."""
    clamp = quantity.clamp
    if clamp is None:
        raise PolicyError("a sum has a clamp")
    if not clamp.column:
        return cells * (clamp.of("") / UNITS) ** power
    at = [c.id for c in keys.columns].index(clamp.column)
    units = np.array([clamp.of(code) / UNITS for code in keys.columns[at].codes]) ** power
    scaled: FloatArray = cells * units.reshape([-1 if axis == at + 1 else 1 for axis in range(cells.ndim)])
    if not keys.totals[at]:
        return scaled
    return np.concatenate([scaled, scaled.sum(axis=at + 1, keepdims=True)], axis=at + 1)


def place_of(part: Part, keys: KeySet) -> tuple[slice | int, ...]:
    """Where a part's cells lie in `keys`: a part of distinct persons (or values) without a column has that column's
    total, and one with a case category has its codes alone."""
    kept = {c.id for c in part.keys.columns}
    out: list[slice | int] = [slice(None)]
    for column in keys.columns:
        codes = len(column.codes)
        if column.id not in kept:
            out.append(codes)
        elif part.quantity.kind in ("persons_distinct", "values") and not column.personal:
            out.append(slice(codes))
        else:
            out.append(slice(None))
    return tuple(out)
