"""From the parts of a table to one estimate of each measured measure, over all cells of the table's key set.

A count that adds up is its one part.  A sum is brought from the integer units of its cells to whole units, and its
totals over the clamp's column are added up: cells of different codes share no noise, so that their variances add.
Distinct persons are put together from their parts, each of which is one marginal of the case categories; unless
unbiased they are tied by inequalities (`ties`).

What is shown is whole in units of the measure's decimals before it is added up, so that all totals of a part are sums
of what stands in the table.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np

from publisher.errors import PolicyError
from publisher.noise.area_system import AreaSystem, FloatArray
from publisher.noise.integers import controlled_rounding
from publisher.noise.measurement import Measurement
from publisher.noise.nonnegative import Within, nonnegative
from publisher.noise.parts import Part, parts_of, plan_of
from publisher.noise.postprocess import _MINT, Estimate, Unbiased, estimate, variances
from publisher.noise.shrinkage import shrunken
from publisher.policy.model import EstimateKind, Noise, TableSpec
from publisher.quantity import UNITS, Quantity
from publisher.relations import IntArray, KeySet
from publisher.threads import one_thread


def estimates(
    measured: Mapping[str, Measurement], table: TableSpec, keys: KeySet, *, kind: EstimateKind,
    signed: Collection[str], population: IntArray | None = None,
) -> dict[str, Estimate]:  # fmt: skip
    """The estimate of the count and of each sum, by measure id: in persons, cases or events, and in whole units.

    `measured`: by part name.  `signed`: sums that may be negative, which stay unbiased whatever the `kind`.
    `population`: public, shape keys.shape; what is shrunken takes it for the size of areas.  PolicyError where what was
    measured are not the parts of the table.
    """
    parts = parts_of(table, keys)
    if measured.keys() != {p.name for p in parts}:
        raise PolicyError(f"table {table.id}: what was measured is not what its parts are")
    parts = _additive(parts)
    found = {p.name: estimate(measured[p.name]) for p in parts}
    measures = {m.id: m for m in table.added_up}
    kinds = {m: EstimateKind.UNBIASED if m in signed else kind for m in measures}

    whole: dict[str, FloatArray] = {}
    for part in parts:  # those with more case categories come first
        unit = _units(part, 1) * 10.0 ** measures[part.measure].decimals
        lower, upper = ties(part, parts, whole)
        sizes = _sizes(part, keys, population)
        atoms = _atoms(found[part.name], kinds[part.measure], (lower / unit, upper / unit), sizes)
        whole[part.name] = _whole(atoms * unit, part, found[part.name].system)

    def shown(part: Part) -> FloatArray:
        cells = found[part.name].cells(whole[part.name]) / 10.0 ** measures[part.measure].decimals
        return _closed(cells, part, keys)

    values = _by_measure(parts, keys, shown)
    centre = _by_measure(parts, keys, lambda p: _closed(found[p.name].values * _units(p, 1), p, keys))
    spread = _by_measure(parts, keys, lambda p: _closed(found[p.name].variances * _units(p, 2), p, keys))
    return {
        m: Estimate(_MINT, keys, kinds[m], values=values[m], centre=centre[m], variances=spread[m]) for m in values
    }


def expected_variances(table: TableSpec, keys: KeySet, noise: Noise) -> dict[str, FloatArray]:
    """The variance that every cell of the count and of each sum will have, before anything is drawn, by measure id."""

    def of(part: Part) -> FloatArray:
        return _closed(variances(plan_of(part, noise), part.keys) * _units(part, 2), part, keys)

    return _by_measure(_additive(parts_of(table, keys)), keys, of)


def _additive(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts that are numbers of a measure; of persons by amount it is the quantiles that are shown."""
    return tuple(p for p in parts if p.quantity.kind != "values")


def _atoms(found: Unbiased, kind: EstimateKind, within: Within, sizes: FloatArray) -> FloatArray:
    """The atoms of a kind of estimate, in units of the part; the unbiased ones are not bounded."""
    if kind is EstimateKind.UNBIASED:
        return found.atoms
    with one_thread():
        return shrunken(found, within, sizes) if kind is EstimateKind.SHRUNKEN else nonnegative(found, within)


def _whole(atoms: FloatArray, part: Part, system: AreaSystem) -> FloatArray:
    """The atoms that are shown, whole in units of the measure's decimals."""
    with one_thread():
        return np.rint(atoms) if part.quantity.kind == "sum" else controlled_rounding(atoms, system)


def _sizes(part: Part, keys: KeySet, population: IntArray | None) -> FloatArray:
    """The size of each area cell of a part, by code where the population is split by it.  Without a population all
    leaves are alike, but for those where no area is stated (X), which have none."""
    if population is None:
        leaves = np.array([not leaf.endswith("X") for leaf in keys.leaves], dtype=np.float64)
        sizes = np.concatenate([v.matrix @ leaves for v in keys.levels])
        return sizes.reshape(-1, *[1] * len(part.keys.columns))
    codes = [slice(len(c.codes)) for c in part.keys.columns]
    return population[place_of(part, keys)][(slice(None), *codes)].astype(np.float64)


def ties(part: Part, parts: Iterable[Part], whole: Mapping[str, FloatArray]) -> Within:
    """What the atoms of a part can be, in the units of `whole`: at least 0; of different persons, what those leave open
    that are shown of the parts with one case category more; of cases, what their persons leave open: one each at least,
    and at most as many as are counted of a person.

    Whoever is in one of its codes is counted in the total, so that this is no less than the largest and no more than
    all together.  What holds of every atom holds of all areas, which are sums of them.
    """
    lower, upper = np.zeros(()), np.array(np.inf)
    own = {c.id for c in part.keys.columns}
    for persons in parts:
        if part.quantity.kind == "cases" and persons.quantity.kind == "persons" and persons.name in whole:
            lower, upper = whole[persons.name], part.quantity.most * whole[persons.name]
    for finer in parts:
        more = [axis for axis, c in enumerate(finer.keys.columns, start=1) if c.id not in own]
        holds_all = len(more) == 1 and len(finer.keys.columns) == len(own) + 1
        if finer.measure == part.measure and finer.name in whole and holds_all:
            atoms = whole[finer.name]
            lower = np.maximum(lower, atoms.max(axis=more[0]))
            upper = np.minimum(upper, atoms.sum(axis=more[0]))
    return np.asarray(lower), np.asarray(upper)


def _by_measure(parts: Iterable[Part], keys: KeySet, cells: Callable[[Part], FloatArray]) -> dict[str, FloatArray]:
    """The cells of each measure, shape keys.shape."""
    out: dict[str, FloatArray] = {}
    for part in parts:
        whole = out.setdefault(part.measure, np.full(keys.shape, np.nan))
        whole[place_of(part, keys)] = cells(part)
    return out


def _units(part: Part, power: int) -> FloatArray:
    """A unit of each cell in whole units, shaped to be multiplied with (areas, codes of each column)."""
    quantity, column = part.quantity, _clamp_column(part.quantity)
    if quantity.clamp is None:
        return np.ones(())
    if not column:
        return np.array((quantity.clamp.of("") / UNITS) ** power)
    at = [c.id for c in part.keys.columns].index(column)
    units = np.array([quantity.clamp.of(code) / UNITS for code in part.keys.columns[at].codes]) ** power
    return units.reshape([-1 if axis == at else 1 for axis in range(len(part.keys.columns))])


def _closed(cells: FloatArray, part: Part, keys: KeySet) -> FloatArray:
    """With the totals over the clamp's column, where the table has them."""
    column = _clamp_column(part.quantity)
    at = [c.id for c in keys.columns].index(column) if column else -1
    if at < 0 or not keys.totals[at]:
        return cells
    return np.concatenate([cells, cells.sum(axis=at + 1, keepdims=True)], axis=at + 1)


def _clamp_column(quantity: Quantity) -> str:
    return quantity.clamp.column if quantity.clamp else ""


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
