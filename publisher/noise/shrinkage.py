"""Numbers of small areas drawn towards what the areas around them let expect.  Post-processing: it costs no budget.

An area is expected to have its own total, shared out as in the areas that it lies in (structure preserving estimation,
Purcell and Kish 1980); of totals, its part of theirs.  Level by level from above, and from totals to finer categories,
each number becomes a mean of the area's own and the expected one (composite estimate, Fay and Herriot 1979).  How far
it is drawn is what makes Stein's unbiased estimate of the risk least, for each level and category over all its areas
(Stein 1981; Xie, Kou and Brown 2012): it needs the noisy numbers and the known variances only, and supposes nothing of
how areas differ.  Where they do, next to nothing is drawn.  No area follows the others by more than two standard errors
at a step (limited translation, Efron and Morris 1972), so that an odd one stays odd.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from publisher.noise.area_system import AreaSystem, FloatArray
from publisher.noise.divergence import Told, from_above, mean, told_apart
from publisher.noise.nonnegative import COUNTS, Within, anchored_precisions, nonnegative
from publisher.noise.postprocess import Unbiased
from publisher.noise.subspaces import gains, halves, project

_RATIOS = (0.0, *(4.0**power for power in range(-4, 5)))
"""What is tried: the variance between areas over that of the noise, where as many are expected as on average."""
_FARTHEST = 2.0
"""Standard errors of the unbiased number."""
_LEAST_AREAS = 10
"""A level is drawn where it has so many cells more than all coarser ones: fewer tell too little of how areas differ."""
_FLOOR, _LEAST = 0.01, 1e-9
"""To this part no expected number falls at a step, and none below the other, so that none becomes 0."""


@dataclass(frozen=True, slots=True, eq=False)
class _Start:
    """What is drawn: the non-negative estimate.  Arrays of shape (area cells, codes of each column).

    `cells`: its cells; `moved`: how far they lie from the unbiased ones; `free`: the part of each cell's atoms that lie
    on no bound.  `sized`: 1 where an area has a size, else 0, shape (area cells, 1, ...).
    """

    found: Unbiased
    cells: FloatArray
    moved: FloatArray
    free: FloatArray
    sized: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Areas:
    """The areas of one level in one subspace of the columns.  Of shape (areas, codes told apart, else 1), or like it.

    `expected`: numbers; `apart`: how far the areas' own lie from them; `moved`: how far these lie from the unbiased
    ones, which have `variance`; `passed`: how much of a change in an unbiased number reaches the area's own, and
    `shared` how much of it reaches the expected one, as a part of the variance.  `drawable`: 1, or 0 where the area
    keeps its own.
    """

    expected: FloatArray
    apart: FloatArray
    moved: FloatArray
    variance: FloatArray
    passed: FloatArray
    shared: FloatArray
    drawable: FloatArray

    def kept(self) -> "_Drawn":
        """Every area's own number."""
        return _Drawn(np.zeros(self.apart.shape), self.passed)

    def drawn(self) -> "_Drawn":
        """Each number drawn by what has the least estimated risk of each code."""
        best = self.kept()
        least = self._risk(best)
        for ratio in _RATIOS:
            tried = self._tried(self.drawable / (1 + ratio * self.expected / self.expected.mean(axis=0)))
            risk = self._risk(tried)
            better = risk < least
            best = _Drawn(np.where(better, tried.shift, best.shift), np.where(better, tried.passed, best.passed))
            least = np.minimum(risk, least)
        return best

    def _tried(self, weight: FloatArray) -> "_Drawn":
        limit = _FARTHEST * np.sqrt(self.variance)
        shift = -np.clip(weight * self.apart, -limit, limit)
        weight = np.where(np.abs(shift) < limit, weight, 0.0)
        return _Drawn(shift, self.passed - weight * (self.passed - self.shared))

    def _risk(self, drawn: "_Drawn") -> FloatArray:
        """Stein's estimate of the summed squared error, but for what is the same however they are drawn."""
        return np.asarray(((self.moved + drawn.shift) ** 2 + 2 * self.variance * drawn.passed).sum(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """How far each number is drawn, and how much of a change in an unbiased number reaches the drawn one."""

    shift: FloatArray
    passed: FloatArray


def shrunken(found: Unbiased, within: Within = COUNTS, sizes: FloatArray | None = None) -> FloatArray:
    """Atoms within their bounds, drawn together where that lessens the expected error; shape as `found.atoms`.

    `sizes`: public sizes of the area cells (population), of a shape that fits theirs; they are taken to be alike
    without.  An area of size 0 is not drawn.  Deterministic.  Levels of few areas keep what the non-negative estimate
    gives them.
    """
    atoms, system = nonnegative(found, within), found.system
    sizes = system.sums(np.ones((system.atoms, *[1] * (atoms.ndim - 1)))) if sizes is None else sizes
    inside = np.asarray((atoms > within[0]) & (atoms < within[1]), dtype=np.float64)
    cells, part = system.sums(atoms), system.sums(inside) / system.sums(np.ones(inside.shape))
    sized = np.sign(sizes.sum(axis=tuple(range(1, sizes.ndim)), keepdims=True))
    start = _Start(found, cells, cells - system.sums(found.atoms), part, sized)
    shifts = _shifts(start, _split(atoms.sum(axis=0), _of_atoms(sizes, system)))
    return nonnegative(found, within, near=atoms + _fitted(shifts, found))


def _of_atoms(sizes: FloatArray, system: AreaSystem) -> FloatArray:
    """The sizes of the atoms, from those of the cells that they make up."""
    flat = sizes.reshape(len(sizes), -1)
    atoms = system.covariance(np.ones(int(system.level_of[-1]) + 1)).apply(system.cells.T @ flat)
    return np.asarray(atoms.reshape(-1, *sizes.shape[1:]))


def _split(nation: FloatArray, sizes: FloatArray) -> FloatArray:
    """The number of each code, at least one, shared out by the sizes of the atoms, none of which is 0 here; evenly
    where nobody is counted in a code."""
    sizes = np.where(sizes.mean(axis=0) > _LEAST, sizes, 1.0)
    sizes = np.maximum(sizes, _FLOOR * sizes.mean(axis=0))
    return np.asarray(np.maximum(nation, 1.0) * (sizes / sizes.sum(axis=0)))


def _shifts(start: _Start, expected: FloatArray) -> FloatArray:
    """How far the cells of every area are drawn, shape (area cells, codes of each column).

    What is drawn goes into what is expected of the levels below, and of finer categories.  `reach`: the covariance of
    an atom's unbiased number with what the levels above let expect of it.
    """
    system, shifts = start.found.system, np.zeros(start.cells.shape)
    for told in told_apart(start.found, start.free):
        reach = np.zeros((system.atoms, *told.variance.shape[1:]))
        for level, coarser in from_above(system):
            rows = system.level_of == level
            areas = _areas(start, told, rows, system.sums(expected)[rows], system.sums(reach)[rows])
            drawn = areas.drawn() if rows.sum() - coarser >= _LEAST_AREAS else areas.kept()
            wanted = np.maximum(areas.expected + areas.apart + drawn.shift, _FLOOR * areas.expected)
            expected = np.maximum(expected * (1 + system.spread(level, wanted / areas.expected - 1)), _LEAST)
            shifts[rows] += project(drawn.shift, told.space)
            reach = reach + system.spread(level, areas.variance * drawn.passed / told.atoms[rows] ** 2)
    return shifts


def _areas(start: _Start, told: Told, rows: NDArray[np.bool_], expected: FloatArray, reach: FloatArray) -> _Areas:
    """`expected`, `reach`: of these areas, summed over their atoms."""
    numbers, passed, variance = mean(expected, told.space), told.passed[rows], told.variance[rows]
    some = np.where(variance > 0, variance, 1.0)  # a column of one code has nothing beside its mean
    return _Areas(
        expected=numbers, apart=project(start.cells[rows] - expected, told.space),
        moved=project(start.moved[rows], told.space), variance=variance, passed=passed,
        shared=told.atoms[rows] * reach / some + _through_totals(numbers, passed), drawable=start.sized[rows],
    )  # fmt: skip


def _through_totals(expected: FloatArray, passed: FloatArray) -> FloatArray:
    """How much of a change reaches the expected numbers by way of the area's own total, of which they are shares.

    None where a change reaches all codes alike, for the noise of a total and that of the shares are independent.
    """
    codes = tuple(range(1, passed.ndim))
    share = expected / expected.sum(axis=codes, keepdims=True)
    return np.asarray(share * (passed - passed.mean(axis=codes, keepdims=True)))


def _fitted(shifts: FloatArray, found: Unbiased) -> FloatArray:
    """What the atoms are moved by so that all areas are drawn as wanted: least squares, upper levels held."""
    system, spaces, out = found.system, halves(found.keys), np.zeros(found.atoms.shape)
    for space, gain in zip(spaces, gains(found.keys, spaces), strict=True):
        weights = anchored_precisions(found) @ gain
        wanted = project(shifts, space)
        shape = (-1, *[1] * len(space))
        right = system.cells.T @ (weights[system.level_of].reshape(shape) * wanted).reshape(len(wanted), -1)
        out += system.covariance(weights).apply(right).reshape(-1, *wanted.shape[1:])
    return out
