"""How much of a change in an unbiased number reaches the non-negative one: what Stein's estimate of the risk asks for.

Cells at a bound stay there, so that a total over them passes on what its free cells take.  Of `n` cells of weight 1,
`f` of them free, whose sum is held by the weight `a` as well, least squares gives the part of the noise that reaches
the sum, f (1 + n a) / n (1 + f a), and the part that reaches single cells,
f / n (1 - a^2 (n - f) / (1 + (n - 1) a) (1 + f a)): all of it where none is at a bound, and none where one alone is
free below a sum that is known.  Levels are taken one after the other, and totals over columns by the first of the two:
that over all columns counts single cells with what the levels above leave them, for among many combinations each is
mostly alone (docs/decisions.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
from scipy import sparse

from publisher.noise.area_system import AreaSystem, FloatArray
from publisher.noise.nonnegative import anchored_precisions
from publisher.noise.postprocess import Unbiased
from publisher.noise.subspaces import Held, Subspace, dimensions, gains, halves

_LEAST = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What a subspace of the columns tells of areas, of shape (area cells, codes told apart, else 1), or like it.

    `atoms`: how many each area cell has, 1 where it has none; `variance`: of its unbiased number there; `passed`: how
    much of a change in that number reaches the non-negative one, as a part of the variance.
    """

    space: Subspace
    atoms: FloatArray
    variance: FloatArray
    passed: FloatArray


def told_apart(found: Unbiased, free: FloatArray) -> Iterator[Told]:
    """Totals first, then the categories of one column, then of several.

    `free`: the part of each cell's atoms that lie on no bound, shape (area cells, codes of each column).
    """
    system, spaces = found.system, halves(found.keys)
    weights = np.asarray(anchored_precisions(found) @ gains(found.keys, spaces).T)
    weights = weights / weights[system.finest, -1]
    atoms = np.maximum(np.asarray(system.cells.sum(axis=1)), 1.0).reshape(-1, *[1] * len(spaces[0]))
    singles = _firmness(system, weights[:, -1], atoms)
    single = _of_sum(free, singles * atoms)
    held = _below(system, single, singles, weights[:, -1])
    for space, gain, weight in zip(spaces, gains(found.keys, spaces), weights.T, strict=True):
        variance = system.covariance(found.precisions @ gain).cell_variances()
        part = dimensions(found.keys, space) / prod(len(c.codes) for c in found.keys.columns)
        firm = _firmness(system, weight, atoms)
        own = _of_sum(mean(held if space == spaces[0] != spaces[-1] else single, space), firm / singles)
        yield Told(space, atoms, (variance * part).reshape(atoms.shape), _below(system, own, firm, weight))


def from_above(system: AreaSystem) -> Iterator[tuple[int, int]]:
    """Each level, those of few cells first, with how many cells all before it have."""
    sizes, before = np.bincount(system.level_of), 0
    for level in np.argsort(sizes, kind="stable"):
        yield int(level), before
        before += int(sizes[level])


def mean(values: FloatArray, space: Subspace) -> FloatArray:
    """Over the codes that a subspace does not tell apart, whose axes keep length 1."""
    held = tuple(axis for axis, part in enumerate(space, start=1) if part is Held.MEAN)
    return np.asarray(values.mean(axis=held, keepdims=True))


def _firmness(system: AreaSystem, weight: FloatArray, atoms: FloatArray) -> FloatArray:
    """How strongly each area cell is held by its own level and by the single areas in it, for each of its atoms; 1 for
    a single area in the last subspace.  `weight`: of each level."""
    own = np.where(system.level_of == system.finest, 0.0, weight[system.level_of]).reshape(atoms.shape)
    return np.asarray(own + weight[system.finest] / atoms)


def _of_sum(free: FloatArray, firm: FloatArray) -> FloatArray:
    """How much reaches a sum of which a part is free; `firm`: how strongly it is held, 1 where by its parts alone."""
    return np.asarray(free * firm / (1 + free * (firm - 1)))


def _below(system: AreaSystem, passed: FloatArray, firm: FloatArray, weight: FloatArray) -> FloatArray:
    """How much reaches the cells of every level where the levels above are held too."""
    out, above = passed.copy(), list[int]()
    for level, _ in from_above(system):
        rows = system.level_of == level
        for coarser in above:
            share = _shares(system, level, coarser)
            out[rows] *= 1 - _times(share.T, _lost(share, passed[rows], firm[rows], float(weight[coarser])))
        above.append(level)
    return out


def _shares(system: AreaSystem, level: int, coarser: int) -> sparse.csr_array:
    """The part of each cell's atoms that lie in each cell of another level: shape (cells of that, cells)."""
    own = system.cells[system.level_of == level]
    single = sparse.diags_array(1 / np.maximum(np.asarray(own.sum(axis=1)).ravel(), 1.0))
    return sparse.csr_array(system.cells[system.level_of == coarser] @ own.T @ single)


def _lost(share: sparse.csr_array, passed: FloatArray, firm: FloatArray, weight: float) -> FloatArray:
    """The part that does not reach cells since their sum is held by `weight`, for each coarser cell."""
    cells, free = _times(share, np.ones(firm.shape)), _times(share, passed)
    ratio = weight * cells / np.maximum(_times(share, firm), _LEAST)
    several = np.maximum(cells - 1, 0.0)
    lost = ratio**2 * (cells - free) / ((1 + several * ratio) * (1 + free * ratio))
    return np.where(several > 0, np.clip(lost, 0.0, 1.0), 0.0)


def _times(matrix: sparse.csr_array | sparse.csc_array, values: FloatArray) -> FloatArray:
    return np.asarray(sparse.csr_array(matrix) @ values.reshape(len(values), -1)).reshape(-1, *values.shape[1:])
