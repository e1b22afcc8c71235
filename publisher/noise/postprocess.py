"""From noisy measurements to one consistent table with exact error bars.  Post-processing: it costs no budget.

Weighted least squares over every area level and marginal together.  The problem falls apart into one system of areas
for each subspace of the columns (`publisher.noise.subspaces`), and the variance of every published number follows
exactly (Hay, Rastogi, Miklau and Suciu 2010 for one hierarchy).  Of tables that were measured together each is a view
of one such estimate.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field

import numpy as np

from publisher.errors import PolicyError
from publisher.noise.area_system import AreaCovariance, AreaSystem, FloatArray, area_system, merged
from publisher.noise.measurement import MeasuredGroup, Measurement
from publisher.noise.strategy import Strategy
from publisher.noise.subspace_systems import SubspaceSystem, group_numbers, subspace_systems
from publisher.noise.subspaces import Held, project
from publisher.noise.views import View, asked_of
from publisher.opaque import require_mint
from publisher.policy.model import EstimateKind
from publisher.relations import KeySet
from publisher.threads import one_thread

_MINT = object()
Variances = Mapping[tuple[str, tuple[bool, ...]], float]
"""(area level, columns kept) -> noise variance of that query group, in units of the part squared."""


@dataclass(frozen=True, slots=True, eq=False)
class Unbiased:
    """The best linear unbiased estimate of a part, in its units; receipt of `estimate`.

    `atoms`: of the smallest places, shape (atoms of `system`, codes of each column); `variances`: of every cell, shape
    keys.shape; `precisions`: 1 / variance of each group's noise, shape (levels, marginals).
    """

    mint: InitVar[object]
    keys: KeySet
    system: AreaSystem = field(repr=False)
    atoms: FloatArray = field(repr=False)
    variances: FloatArray = field(repr=False)
    precisions: FloatArray = field(repr=False)

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "Unbiased")

    @property
    def values(self) -> FloatArray:
        """Of every cell, shape keys.shape."""
        return self.cells(self.atoms)

    def cells(self, atoms: FloatArray) -> FloatArray:
        """Every cell as the sum of its atoms and codes: shape keys.shape."""
        return _with_totals(self.system.sums(atoms), self.keys)


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """What is shown of every cell of `keys`; receipt of `publisher.noise.combine`.

    All of shape keys.shape, in the measure's units.  `values`: what is shown, whole in units of the measure's decimals,
    every total the sum of its parts.  `centre`: the unbiased estimate, about which intervals lie, with its exact
    `variances`.
    """

    mint: InitVar[object]
    keys: KeySet
    kind: EstimateKind
    values: FloatArray = field(repr=False)
    centre: FloatArray = field(repr=False)
    variances: FloatArray = field(repr=False)

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "Estimate")
        if any(a.shape != self.keys.shape for a in (self.values, self.centre, self.variances)):
            raise ValueError("an estimate has one value, one centre and one variance a cell")
        if not (np.isfinite(self.values).all() and np.isfinite(self.centre).all() and (self.variances > 0).all()):
            raise ValueError("an estimate is finite, and no cell is without noise")


def estimate(measurement: Measurement) -> Unbiased:
    """The best linear unbiased estimate of every cell of a part, with its exact variance.

    Totals over areas and columns are the sums of their parts.  PolicyError where the query groups are not those of the
    part's keys.
    """
    return estimates_of(measurement, [View(measurement.part.keys, measurement.part.keys)])[0]


def estimates_of(measurement: Measurement, views: Sequence[View]) -> tuple[Unbiased, ...]:
    """The estimate of each view of a part, all from one least squares; PolicyError where a view was not measured."""
    keys = measurement.part.keys
    precisions = _precisions({(m.group.level, m.group.kept): m.scale_squared for m in measurement.groups}, keys, views)
    with one_thread():
        solved = [
            (part, covariance, covariance.apply(right.reshape(len(right), -1)).reshape(right.shape))
            for part, covariance in _covariances(keys, precisions)
            for right in [_right_hand_side(measurement, keys, part)]
        ]
        return tuple(_seen(view, solved, precisions) for view in views)


def variances(strategy: Strategy, keys: KeySet) -> FloatArray:
    """The variance that every published cell will have, shape keys.shape, before anything is drawn.

    PolicyError where the strategy is not one of `keys`.
    """
    return variances_of(strategy, [View(keys, keys)])[0]


def variances_of(strategy: Strategy, views: Sequence[View]) -> tuple[FloatArray, ...]:
    """The same for each view of one key set; PolicyError where a view is not measured."""
    keys = views[0].whole
    precisions = _precisions({(g.level, g.kept): float(g.sigma2) for g in strategy.groups}, keys, views)
    with one_thread():
        solved = [(part, covariance.cell_variances()) for part, covariance in _covariances(keys, precisions)]
        return tuple(_seen_variances(view, solved) for view in views)


def expected_rmse(cell_variances: FloatArray, keys: KeySet) -> dict[tuple[str, tuple[bool, ...]], float]:
    """Root mean squared error of each area level and marginal, from variances of shape keys.shape."""
    return {group: float(np.sqrt(mean)) for group, mean in group_means(cell_variances, keys).items()}


def group_means(cells: FloatArray, keys: KeySet) -> dict[tuple[str, tuple[bool, ...]], float]:
    """The mean over the cells of each area level and marginal, from an array of shape keys.shape."""
    out: dict[tuple[str, tuple[bool, ...]], float] = {}
    first = 0
    for level in keys.levels:
        for kept in keys.marginals:
            pick = [slice(None, len(c.codes)) if k else slice(len(c.codes), None)
                    for c, k in zip(keys.columns, kept, strict=True)]  # fmt: skip
            block = cells[(slice(first, first + len(level.codes)), *pick)]
            out[level.level, kept] = float(block.mean())
        first += len(level.codes)
    return out


def _precisions(sigma2: Variances, keys: KeySet, views: Sequence[View]) -> FloatArray:
    """1 / variance of each group, shape (levels, marginals), 0 where there is none; every group of the views has one,
    and no other."""
    numbers, out = group_numbers(keys), np.zeros((len(keys.levels), len(keys.marginals)))
    for group, variance in sigma2.items():
        if group not in numbers:
            raise PolicyError("the query groups are not those of the part's keys")
        out[numbers[group]] = 1 / variance
    if not np.array_equal(out > 0, asked_of(views)):
        raise PolicyError("the query groups are not those of the part's keys")
    return out


def _covariances(keys: KeySet, precisions: FloatArray) -> Iterator[tuple[SubspaceSystem, AreaCovariance]]:
    """Each subspace with the covariance of the atoms in it: the inverse of the weighted sum of L'L."""
    for part in subspace_systems(keys, precisions > 0):
        yield part, part.covariance(precisions)


def _seen(
    view: View, solved: Sequence[tuple[SubspaceSystem, AreaCovariance, FloatArray]], precisions: FloatArray
) -> Unbiased:
    """A view of the solved subspaces."""
    system = solved[0][0].system if view.keys.levels == view.whole.levels else area_system(view.keys.levels)
    atoms = np.zeros((system.atoms, *[len(c.codes) for c in view.keys.columns]))
    for part, _, values in solved:
        if view.sees(part.subspace):
            own = view.shown(values, part.subspace)
            rows = merged(part.system, [part.levels.index(i) for i in view.levels], system)
            atoms += (rows @ own.reshape(len(own), -1)).reshape(system.atoms, *own.shape[1:])
    spread = _seen_variances(view, [(part, covariance.cell_variances()) for part, covariance, _ in solved])
    return Unbiased(_MINT, view.keys, system, atoms, spread, view.precisions(precisions))


def _seen_variances(view: View, solved: Sequence[tuple[SubspaceSystem, FloatArray]]) -> FloatArray:
    """The variance of every cell of a view, from that of the area cells in each subspace."""
    out = np.zeros(view.keys.shape)
    for part, areas in solved:
        if view.sees(part.subspace):
            inside = np.isin(part.system.level_of, [part.levels.index(i) for i in view.levels])
            out += view.variances(areas[inside], part.subspace)
    return out


def _right_hand_side(measurement: Measurement, keys: KeySet, part: SubspaceSystem) -> FloatArray:
    """Sum over groups of precision x (L' x Q') y in a subspace: shape (atoms, codes or 1 of each column)."""
    numbers = group_numbers(keys)
    out = np.zeros((part.system.atoms, *[1 if h is Held.MEAN else len(c.codes)
                                         for c, h in zip(keys.columns, part.subspace, strict=True)]))  # fmt: skip
    for measured in measurement.groups:
        level, marginal = numbers[measured.group.level, measured.group.kept]
        if part.gain[marginal] > 0:
            seen = project(_weighted(measured, keys), part.subspace)
            out += part.system.spread(part.levels.index(level), seen)
    return out


def _weighted(measured: MeasuredGroup, keys: KeySet) -> FloatArray:
    """Precision x values, a dropped column as an axis of length 1."""
    shape = [len(c.codes) if k else 1 for c, k in zip(keys.columns, measured.group.kept, strict=True)]
    return np.asarray(measured.values.reshape(-1, *shape) / measured.scale_squared)


def _with_totals(cells: FloatArray, keys: KeySet) -> FloatArray:
    """Totals appended after the codes of each column that has one."""
    out = cells
    for axis, total in enumerate(keys.totals, start=1):
        if total:
            out = np.concatenate([out, out.sum(axis=axis, keepdims=True)], axis=axis)
    return out
