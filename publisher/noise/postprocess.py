"""From noisy measurements to one consistent table with exact error bars.  Post-processing: it costs no budget.

Weighted least squares over every area level and marginal together.  The normal matrix is a sum of Kronecker products
of L'L (areas) with I or 11' (columns), and 11' has but two eigenspaces: the mean, and the remainder about it.  So the
problem falls apart into one area system for each combination of mean and remainder (`Subspace`), and the variance of
every published number follows exactly (Hay, Rastogi, Miklau and Suciu 2010 for one hierarchy; McKenna, Miklau, Hay and
Machanavajjhala 2018 for the Kronecker form).
"""

from collections.abc import Iterator, Mapping
from dataclasses import InitVar, dataclass, field
from enum import Enum
from itertools import product
from math import prod

import numpy as np

from publisher.errors import PolicyError
from publisher.noise.area_system import AreaCovariance, AreaSystem, FloatArray, area_system
from publisher.noise.measurement import MeasuredGroup, Measurement
from publisher.noise.strategy import Strategy
from publisher.opaque import require_mint
from publisher.policy.model import EstimateKind
from publisher.relations import KeySet

_MINT = object()
Variances = Mapping[tuple[str, tuple[bool, ...]], float]
"""(area level, columns kept) -> noise variance of that query group, in units of the part squared."""


class Held(Enum):
    """What a subspace holds of one column: all of it (no total is measured), its mean, or the remainder about it."""

    WHOLE = "whole"
    MEAN = "mean"
    REMAINDER = "remainder"


Subspace = tuple[Held, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """The estimate of every cell of `keys`; receipt of this module and of `publisher.noise.combine`.

    `values`, `variances`: shape keys.shape, in units of what was measured and their squares.  `variances` are those of
    the unbiased estimate.
    """

    mint: InitVar[object]
    keys: KeySet
    kind: EstimateKind
    values: FloatArray = field(repr=False)
    variances: FloatArray = field(repr=False)

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "Estimate")
        if self.values.shape != self.keys.shape or self.variances.shape != self.keys.shape:
            raise ValueError("an estimate has one value and one variance a cell")
        if not (np.isfinite(self.values).all() and (self.variances > 0).all()):
            raise ValueError("an estimate is finite, and no cell is without noise")


def estimate(measurement: Measurement) -> Estimate:
    """The best linear unbiased estimate of every cell of a part, with its exact variance.

    In units of the part.  Totals over areas and columns are the sums of their parts.  PolicyError where the query
    groups are not those of the part's keys.
    """
    keys = measurement.part.keys
    variances_ = {(m.group.level, m.group.kept): m.scale_squared for m in measurement.groups}
    _check_keys(variances_, keys)
    system = area_system(keys.levels)
    right = _right_hand_side(measurement, keys, system)
    atoms, spread = np.zeros(right.shape), np.zeros(keys.shape)
    for subspace, covariance in _covariances(keys, system, variances_):
        part = _project(right, subspace)
        atoms += covariance.apply(part.reshape(system.atoms, -1)).reshape(part.shape)
        spread += _cell_variances(keys, subspace, covariance)
    return Estimate(
        mint=_MINT,
        keys=keys,
        kind=EstimateKind.UNBIASED,
        values=_with_totals(system.sums(atoms), keys),
        variances=spread,
    )


def variances(strategy: Strategy, keys: KeySet) -> FloatArray:
    """The variance that every published cell will have, shape keys.shape, before anything is drawn.

    PolicyError where the strategy is not one of `keys`.
    """
    sigma2 = {(g.level, g.kept): float(g.sigma2) for g in strategy.groups}
    _check_keys(sigma2, keys)
    system = area_system(keys.levels)
    out = np.zeros(keys.shape)
    for subspace, covariance in _covariances(keys, system, sigma2):
        out += _cell_variances(keys, subspace, covariance)
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


def _check_keys(sigma2: Variances, keys: KeySet) -> None:
    if sigma2.keys() != {(v.level, kept) for v in keys.levels for kept in keys.marginals}:
        raise PolicyError("the query groups are not those of the part's keys")


def _covariances(keys: KeySet, system: AreaSystem, sigma2: Variances) -> Iterator[tuple[Subspace, AreaCovariance]]:
    """Each subspace with the covariance of the atoms in it: the inverse of the weighted sum of L'L."""
    parts = [(Held.MEAN, Held.REMAINDER) if total else (Held.WHOLE,) for total in keys.totals]
    for subspace in product(*parts):
        weights = [_level_weight(keys, subspace, level.level, sigma2) for level in keys.levels]
        yield subspace, system.covariance(weights)


def _level_weight(keys: KeySet, subspace: Subspace, level: str, sigma2: Variances) -> float:
    """The weight of L'L at one level: over the marginals that see the subspace, precision x sizes summed over.

    A dropped column sees the mean only, there 11' multiplies by the column's size.
    """
    sizes = [len(c.codes) for c in keys.columns]
    return sum(
        prod(n for n, k in zip(sizes, kept, strict=True) if not k) / sigma2[level, kept]
        for kept in keys.marginals
        if all(k or part is Held.MEAN for k, part in zip(kept, subspace, strict=True))
    )


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


def _project(right: FloatArray, subspace: Subspace) -> FloatArray:
    """The part of `right` in a subspace; a mean keeps its axis with length 1."""
    out = right
    for axis, part in enumerate(subspace, start=1):
        if part is not Held.WHOLE:
            mean = out.mean(axis=axis, keepdims=True)
            out = mean if part is Held.MEAN else out - mean
    return out


def _cell_variances(keys: KeySet, subspace: Subspace, covariance: AreaCovariance) -> FloatArray:
    """(a G a') x (q P q') for every area cell a and category cell q: shape keys.shape."""
    out = covariance.cell_variances()
    for column, part in zip(keys.columns, subspace, strict=True):
        out = np.multiply.outer(out, _quadratic_form(part, len(column.codes)))
    return out


def _quadratic_form(part: Held, codes: int) -> FloatArray:
    """q P q' for each code of a column and, where there is one, its total."""
    if part is Held.WHOLE:
        return np.ones(codes)
    of_code, of_total = (1 / codes, codes) if part is Held.MEAN else (1 - 1 / codes, 0.0)
    return np.array([of_code] * codes + [of_total])


def _with_totals(cells: FloatArray, keys: KeySet) -> FloatArray:
    """Totals appended after the codes of each column that has one."""
    out = cells
    for axis, total in enumerate(keys.totals, start=1):
        if total:
            out = np.concatenate([out, out.sum(axis=axis, keepdims=True)], axis=axis)
    return out
