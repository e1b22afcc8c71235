"""From noisy measurements to one consistent table with exact error bars.  Post-processing: it costs no budget.

Weighted least squares over every area level and marginal together.  The problem falls apart into one system of areas
for each subspace of the columns (`publisher.noise.subspaces`), and the variance of every published number follows
exactly (Hay, Rastogi, Miklau and Suciu 2010 for one hierarchy).
"""

from collections.abc import Iterator, Mapping
from dataclasses import InitVar, dataclass, field

import numpy as np

from publisher.errors import PolicyError
from publisher.noise.area_system import AreaCovariance, AreaSystem, FloatArray, area_system
from publisher.noise.measurement import MeasuredGroup, Measurement
from publisher.noise.strategy import Strategy
from publisher.noise.subspaces import Subspace, gains, project, spread_over_cells, subspaces
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
    keys = measurement.part.keys
    precisions = _precisions({(m.group.level, m.group.kept): m.scale_squared for m in measurement.groups}, keys)
    with one_thread():
        system = area_system(keys.levels)
        right = _right_hand_side(measurement, keys, system)
        atoms, spread = np.zeros(right.shape), np.zeros(keys.shape)
        for subspace, covariance in _covariances(keys, system, precisions):
            part = project(right, subspace)
            atoms += covariance.apply(part.reshape(system.atoms, -1)).reshape(part.shape)
            spread += spread_over_cells(covariance.cell_variances(), keys, subspace)
    return Unbiased(_MINT, keys, system, atoms, spread, precisions)


def variances(strategy: Strategy, keys: KeySet) -> FloatArray:
    """The variance that every published cell will have, shape keys.shape, before anything is drawn.

    PolicyError where the strategy is not one of `keys`.
    """
    precisions = _precisions({(g.level, g.kept): float(g.sigma2) for g in strategy.groups}, keys)
    out = np.zeros(keys.shape)
    with one_thread():
        for subspace, covariance in _covariances(keys, area_system(keys.levels), precisions):
            out += spread_over_cells(covariance.cell_variances(), keys, subspace)
    return out


def expected_rmse(cell_variances: FloatArray, keys: KeySet) -> dict[tuple[str, tuple[bool, ...]], float]:
    """Root mean squared error of each area level and marginal, from variances of shape keys.shape."""
    out: dict[tuple[str, tuple[bool, ...]], float] = {}
    first = 0
    for level in keys.levels:
        for kept in keys.marginals:
            pick = [slice(None, len(c.codes)) if k else slice(len(c.codes), None)
                    for c, k in zip(keys.columns, kept, strict=True)]  # fmt: skip
            block = cell_variances[(slice(first, first + len(level.codes)), *pick)]
            out[level.level, kept] = float(np.sqrt(block.mean()))
        first += len(level.codes)
    return out


def _precisions(sigma2: Variances, keys: KeySet) -> FloatArray:
    """1 / variance of each group, shape (levels, marginals)."""
    if sigma2.keys() != {(v.level, kept) for v in keys.levels for kept in keys.marginals}:
        raise PolicyError("the query groups are not those of the part's keys")
    return np.array([[1 / sigma2[v.level, kept] for kept in keys.marginals] for v in keys.levels])


def _covariances(
    keys: KeySet, system: AreaSystem, precisions: FloatArray
) -> Iterator[tuple[Subspace, AreaCovariance]]:
    """Each subspace with the covariance of the atoms in it: the inverse of the weighted sum of L'L."""
    for subspace, gain in zip(subspaces(keys), gains(keys), strict=True):
        yield subspace, system.covariance(precisions @ gain)


def _right_hand_side(measurement: Measurement, keys: KeySet, system: AreaSystem) -> FloatArray:
    """Sum over groups of precision x (L' x Q') y: shape (atoms, codes of each column)."""
    at = {level.level: i for i, level in enumerate(keys.levels)}
    out = np.zeros((system.atoms, *[len(c.codes) for c in keys.columns]))
    for measured in measurement.groups:
        out += system.spread(at[measured.group.level], _weighted(measured, keys))
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
