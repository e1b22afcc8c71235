"""What is made small: the weighted variance of every cell after least squares, as a function of the precisions.

The workload's weight of a cell is the policy's decision.  In each subspace of the columns the variance and its
derivatives follow from one area system (`AreaCovariance.level_errors`), so that the gradient is exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from publisher.noise.area_system import AreaSystem, FloatArray
from publisher.noise.subspace_systems import SubspaceSystem, subspace_systems
from publisher.noise.subspaces import traces
from publisher.policy.model import GroupWeight, Weights
from publisher.relations import KeySet


@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """The weighted error of the cells of a key set.  Arrays over (levels, marginals) and over subspaces.

    `parts`: the subspaces that something asked for lies in.  `loads`: what the summed variance of a level's cells
    counts in each subspace, shape (subspaces, levels).
    """

    parts: tuple[SubspaceSystem, ...]
    loads: FloatArray

    @property
    def system(self) -> AreaSystem:
        """The areas of all levels."""
        return self.parts[0].system

    def error(self, precisions: FloatArray) -> tuple[float, FloatArray]:
        """Weighted summed variance and its gradient, at precisions of shape (levels, marginals), positive where
        something is asked for and 0 elsewhere, where the gradient means nothing."""
        error, slope = 0.0, np.zeros(precisions.shape)
        for part in self.parts:
            sums, norms = part.covariance(precisions).level_errors()
            at = list(part.levels)
            load = self.loads[part.number][at]
            error += float(load @ sums)
            slope[at] -= np.outer(load @ norms, part.gain)
        return error, slope


def objective_of(keys: KeySet, weights: FloatArray) -> Objective:
    """`weights`: of one cell of each group, shape (levels, marginals); 0 where it is not asked for."""
    return Objective(subspace_systems(keys, weights > 0), traces(keys) @ weights.T)


def group_sizes(keys: KeySet) -> FloatArray:
    """Number of cells of each group, shape (levels, marginals)."""
    of_marginal = [
        prod(len(c.codes) for c, k in zip(keys.columns, kept, strict=True) if k) for kept in keys.marginals
    ]
    return np.outer([len(v.codes) for v in keys.levels], of_marginal).astype(np.float64)


def cell_weights(keys: KeySet, weights: Weights, times: Sequence[GroupWeight]) -> FloatArray:
    """What an error in one cell of each group weighs, shape (levels, marginals).

    All cells alike: 1.  All levels alike: 1 / number of cells of the group.  `times`: factors for single groups.
    """
    out = np.ones((len(keys.levels), len(keys.marginals))) if weights is Weights.CELLS else 1 / group_sizes(keys)
    ids = [c.id for c in keys.columns]
    named = {(t.area, frozenset(t.categories)): float(t.times) for t in times}
    for i, level in enumerate(keys.levels):
        for j, kept in enumerate(keys.marginals):
            out[i, j] *= named.get((level.level, frozenset(c for c, k in zip(ids, kept, strict=True) if k)), 1.0)
    return out
