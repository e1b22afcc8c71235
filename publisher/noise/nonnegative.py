"""The consistent table without negative cells that is nearest to the unbiased estimate.  Post-processing.

Least squares with x >= 0, by the alternating direction method of multipliers (Boyd, Parikh, Chu, Peleato and Eckstein
2011): each step solves the areas' system once more and cuts at 0.  Cutting alone lifts every total, for what lies below
0 is gone and what lies above stays.  So totals are *anchored*: the weight of a level is multiplied by the root of how
many atoms its cells have, and single areas give way instead (docs/decisions.md, with the trial that chose the root).
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from publisher.noise.area_system import AreaSystem, FloatArray, inverse
from publisher.noise.subspaces import Subspace, gains, project, subspaces
from publisher.relations import KeySet

_ANCHOR = 0.5
_STEPS = 400
_STEP, _GAP = 1e-3, 5e-3
"""Done where no cell moves by more, and none is farther from its solved value, in standard errors of a single area."""
_PULL, _RELAXED = 2.0, 1.6


@dataclass(frozen=True, slots=True, eq=False)
class _Pulled:
    """The inverse of the weighted sum of L'L plus `pull` on every atom: diagonal plus few coarse cells (Woodbury)."""

    cells: sparse.csr_array
    diagonal: FloatArray
    inner: FloatArray

    def apply(self, right: FloatArray) -> FloatArray:
        """Of shape (atoms, n)."""
        own = right / self.diagonal[:, None]
        return np.asarray(own - (self.cells.T @ (self.inner @ (self.cells @ own))) / self.diagonal[:, None])


def nonnegative(start: FloatArray, keys: KeySet, system: AreaSystem, precisions: FloatArray) -> FloatArray:
    """The non-negative atoms nearest to `start`, both of shape (atoms, codes of each column).

    `precisions`: 1 / variance of each group, shape (levels, marginals); distances are measured in their metric, with
    anchored levels.  Deterministic; exact to within a small part of the noise.
    """
    anchored = precisions * anchors(system)[:, None]
    single = float((precisions @ gains(keys)[-1])[system.finest])
    pull = _PULL * single
    solvers = [
        (subspace, _pulled(system, anchored @ gain, pull))
        for subspace, gain in zip(subspaces(keys), gains(keys), strict=True)
    ]
    cut, multiplier = np.maximum(start, 0.0), np.zeros(start.shape)
    for _ in range(_STEPS):
        solved = start + _solve(pull * (cut - multiplier - start), solvers)
        relaxed = _RELAXED * solved + (1 - _RELAXED) * cut
        before, cut = cut, np.maximum(relaxed + multiplier, 0.0)
        multiplier = multiplier + relaxed - cut
        moved, apart = float(np.abs(cut - before).max()), float(np.abs(solved - cut).max())
        if max(moved / _STEP, apart / _GAP) * single**0.5 < 1:
            break
    return cut


def anchors(system: AreaSystem) -> FloatArray:
    """The factor of each level's weight: the root of how many atoms its cells have on average."""
    inside = np.asarray(system.cells.sum(axis=1)).ravel()
    levels = int(system.level_of[-1]) + 1
    means = np.bincount(system.level_of, inside, levels) / np.bincount(system.level_of, minlength=levels)
    return np.asarray(means**_ANCHOR)


def _pulled(system: AreaSystem, weights: FloatArray, pull: float) -> _Pulled:
    cells = sparse.csr_array(system.cells[system.coarse])
    diagonal = pull + weights[system.finest] * system.alone
    shared = (cells.multiply(1 / diagonal) @ cells.T).toarray()
    return _Pulled(cells, diagonal, inverse(1 / weights[system.coarse_level], shared, system.apart))


def _solve(right: FloatArray, solvers: list[tuple[Subspace, _Pulled]]) -> FloatArray:
    out = np.zeros(right.shape)
    for subspace, solver in solvers:
        part = project(right, subspace)
        out += solver.apply(part.reshape(len(part), -1)).reshape(part.shape)
    return out


