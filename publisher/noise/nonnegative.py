"""The consistent table without negative cells that is nearest to the unbiased estimate.  Post-processing.

Least squares with x >= 0, by the alternating direction method of multipliers (Boyd, Parikh, Chu, Peleato and Eckstein
2011): each step solves the areas' system once more and cuts at 0.  Cutting alone lifts every total, for what lies below
0 is gone and what lies above stays.  So totals are *anchored*: the weight of a level is multiplied by the root of how
many atoms its cells have, and single areas give way instead (docs/decisions.md, with the trial that chose the root).
Where a level has still moved, which it does where most cells are empty, it is brought back by raking (Deming and
Stephan 1940): atoms are multiplied, so that none becomes negative.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from publisher.noise.area_system import AreaSystem, FloatArray, inverse
from publisher.noise.postprocess import Unbiased, expected_rmse, group_means
from publisher.noise.subspaces import gains, projections
from publisher.relations import KeySet

Within = tuple[FloatArray, FloatArray]
"""The least and the most that each atom can be, of the atoms' shape or one number for all."""

_ANCHOR = 0.5
_STEPS, _LOOK = 60, 10
_STEP, _GAP = 5e-3, 0.05
"""Done where no cell moves by more standard errors of a single area, and no group of cells lies farther, on average,
from its solved values."""
_PULL, _RELAXED = 50.0, 1.6
_DRIFT, _PASSES, _ROUNDS = 0.1, 10, 3
"""A level is raked where the cells of a marginal have moved by more than so many standard errors on average."""


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


COUNTS: Within = (np.zeros(()), np.array(np.inf))
"""At least 0, and no bound above."""


def nonnegative(found: Unbiased, within: Within = COUNTS, near: FloatArray | None = None) -> FloatArray:
    """The non-negative atoms nearest to those of `found`, in the metric of its precisions with anchored levels.

    Shape (atoms, codes of each column).  `within`: bounds of the atoms.  `near`: other atoms that they shall be nearest
    to.  Deterministic; exact to within a small part of the noise.
    """
    wanted = found.atoms if near is None else near
    atoms = _cut(wanted, found, within)
    levels = np.zeros(0, dtype=np.int64)
    for _ in range(_ROUNDS):
        moved = np.flatnonzero(_moved(atoms - wanted, found) > _DRIFT)
        if not len(moved):
            break
        levels = np.union1d(levels, moved)
        atoms = _raked(atoms, found.system.sums(wanted), found, levels.tolist(), within)
    return atoms


def _cut(start: FloatArray, found: Unbiased, within: Within) -> FloatArray:
    """The atoms after the method's steps."""
    keys, single = found.keys, _single(found)
    pull, anchored = _PULL * single, anchored_precisions(found)
    solvers = [_pulled(found.system, anchored @ gain, pull) for gain in gains(keys)]
    cut, multiplier = np.clip(start, *within), np.zeros(start.shape)
    for step in range(1, _STEPS + 1):
        solved = start + _solve(pull * (cut - multiplier - start), keys, solvers)
        relaxed = _RELAXED * solved + (1 - _RELAXED) * cut
        before, cut = cut, np.clip(relaxed + multiplier, *within)
        multiplier = multiplier + relaxed - cut
        moved = float(np.abs(cut - before).max()) * single**0.5
        if step % _LOOK == 0 and moved < _STEP and (_moved(solved - cut, found) < _GAP).all():
            break
    return cut


def _raked(
    atoms: FloatArray, wanted: FloatArray, found: Unbiased, levels: list[int], within: Within
) -> FloatArray:
    """The atoms multiplied until the cells of `levels` are those of `wanted`, or 0 where that is less.

    All levels and marginals in turn, the coarsest last, which holds best: numbers of finer ones were cut at 0, so that
    they come to more than those of coarser ones.  What is 0 stays 0: a cell without any atom above 0 is left as it is.
    """
    system, out = found.system, atoms
    from_below = sorted(levels, key=lambda level: -len(found.keys.levels[level].codes))
    for _ in range(_PASSES):
        for level in from_below:
            rows = system.level_of == level
            for kept in found.keys.marginals:
                dropped = tuple(axis for axis, k in enumerate(kept, start=1) if not k)
                now = system.sums(out)[rows].sum(axis=dropped, keepdims=True)
                target = np.maximum(wanted[rows].sum(axis=dropped, keepdims=True), 0.0)
                factor = np.divide(target, now, out=np.ones(now.shape), where=now > 0)
                out = np.clip(out * (1 + system.spread(level, factor - 1)), *within)
    return out


def _single(found: Unbiased) -> float:
    """The precision of a single area where it is least: in the last subspace."""
    return float((found.precisions @ gains(found.keys)[-1])[found.system.finest])


def _moved(change: FloatArray, found: Unbiased) -> FloatArray:
    """For each level the largest mean change of the cells of a marginal, in root mean squared standard errors."""
    cells, keys = found.cells(change), found.keys
    errors = expected_rmse(found.variances, keys)
    means = group_means(cells, keys)
    worst = [max(abs(means[v.level, kept]) / errors[v.level, kept] for kept in keys.marginals) for v in keys.levels]
    return np.array(worst)


def anchors(system: AreaSystem) -> FloatArray:
    """The factor of each level's weight: the root of how many atoms its cells have on average."""
    inside = np.asarray(system.cells.sum(axis=1)).ravel()
    levels = int(system.level_of[-1]) + 1
    means = np.bincount(system.level_of, inside, levels) / np.bincount(system.level_of, minlength=levels)
    return np.asarray(means**_ANCHOR)


def anchored_precisions(found: Unbiased) -> FloatArray:
    """The precisions of each level and marginal, shape (levels, marginals), with the factors of `anchors`."""
    return np.asarray(found.precisions * anchors(found.system)[:, None])


def _pulled(system: AreaSystem, weights: FloatArray, pull: float) -> _Pulled:
    cells = sparse.csr_array(system.cells[system.coarse])
    diagonal = pull + weights[system.finest] * system.alone
    shared = (cells.multiply(1 / diagonal) @ cells.T).toarray()
    return _Pulled(cells, diagonal, inverse(1 / weights[system.coarse_level], shared, system.apart))


def _solve(right: FloatArray, keys: KeySet, solvers: list[_Pulled]) -> FloatArray:
    """`solvers`: one for each of the subspaces of `keys`."""
    out = np.zeros(right.shape)
    for part, solver in zip(projections(right, keys), solvers, strict=True):
        out += solver.apply(part.reshape(len(part), -1)).reshape(part.shape)
    return out
