"""Numbers of small areas drawn towards what the areas around them let expect.  Post-processing: it costs no budget.

An area is expected to have its own total, shared out as in the areas that it lies in (structure preserving estimation,
Purcell and Kish 1980); of totals, its part of theirs.  Level by level from above, and from totals to finer categories,
each number becomes a mean of the area's own and the expected one (composite estimate, Fay and Herriot 1979).  How far
it is drawn is what makes Stein's unbiased estimate of the risk least, for each level and category over all its areas
(Stein 1981; Xie, Kou and Brown 2012): it needs the noisy numbers and the known variances only, and supposes nothing of
how areas differ.  Where they do, next to nothing is drawn.  No area follows the others by more than two standard errors
at a step (limited translation, Efron and Morris 1972), so that an odd one stays odd.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from publisher.noise.area_system import AreaSystem, FloatArray
from publisher.noise.nonnegative import COUNTS, Within, anchored_precisions, nonnegative
from publisher.noise.postprocess import Unbiased
from publisher.noise.subspaces import Held, Subspace, dimensions, gains, halves, project

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
class _Told:
    """What a subspace of the columns tells of areas.  Of each area cell: the `variance` of its unbiased number there,
    and its `tie`: how strongly it is held against the single numbers in it; 0 for one that is single itself."""

    space: Subspace
    variance: FloatArray
    tie: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Areas:
    """The areas of one level in one subspace of the columns.  Of shape (areas, codes told apart, else 1), or like it.

    `expected`: numbers; `apart`: how far the areas' own lie from them; `moved`: how far these lie from the unbiased
    ones, which have `variance`; `passed`: how much of a change in an unbiased number reaches the area's own, and
    `shared` how much of it reaches the expected one.  `drawable`: 1, or 0 where the area keeps its own.
    """

    expected: FloatArray
    apart: FloatArray
    moved: FloatArray
    variance: FloatArray
    passed: FloatArray
    shared: float
    drawable: FloatArray

    def drawn(self) -> FloatArray:
        """How far each number is drawn, by what has the least estimated risk of each code."""
        limit = _FARTHEST * np.sqrt(self.variance)
        shift = np.zeros(self.apart.shape)
        least = self._risk(shift, shift)
        for ratio in _RATIOS:
            weight = self.drawable / (1 + ratio * self.expected / self.expected.mean(axis=0))
            tried = -np.clip(weight * self.apart, -limit, limit)
            risk = self._risk(tried, np.where(np.abs(tried) < limit, weight, 0.0))
            shift, least = np.where(risk < least, tried, shift), np.minimum(risk, least)
        return shift

    def _risk(self, shift: FloatArray, weight: FloatArray) -> FloatArray:
        """Stein's estimate of the summed squared error, but for what is the same whatever the shift."""
        slope = self.passed - weight * (self.passed - self.shared)
        return np.asarray(((self.moved + shift) ** 2 + 2 * self.variance * slope).sum(axis=0))


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

    What is drawn goes into what is expected of the levels below, and of finer categories.
    """
    system, shifts = start.found.system, np.zeros(start.cells.shape)
    for told in _told_apart(start.found):
        for level, coarser in _from_above(system):
            rows = system.level_of == level
            areas = _areas(start, told, rows, system.sums(expected)[rows], coarser / rows.sum())
            shift = areas.drawn() if rows.sum() - coarser >= _LEAST_AREAS else np.zeros(areas.apart.shape)
            wanted = np.maximum(areas.expected + areas.apart + shift, _FLOOR * areas.expected)
            expected = np.maximum(expected * (1 + system.spread(level, wanted / areas.expected - 1)), _LEAST)
            shifts[rows] += project(shift, told.space)
    return shifts


def _told_apart(found: Unbiased) -> Iterator[_Told]:
    """Totals first, then the categories of one column, then of several."""
    system, spaces = found.system, halves(found.keys)
    atoms, anchored = np.asarray(system.cells.sum(axis=1)).ravel(), anchored_precisions(found)
    single = anchored[system.finest] @ gains(found.keys, spaces)[-1]
    for space, gain in zip(spaces, gains(found.keys, spaces), strict=True):
        variance = system.covariance(found.precisions @ gain).cell_variances()
        part = dimensions(found.keys, space) / prod(len(c.codes) for c in found.keys.columns)
        held = anchored[system.level_of] @ gain
        own = anchored[system.finest] @ gain
        tie = np.where(system.level_of == system.finest, own, atoms * held + own) / single - 1
        shape = (-1, *[1] * len(space))
        yield _Told(space, (variance * part).reshape(shape), tie.reshape(shape))


def _from_above(system: AreaSystem) -> Iterator[tuple[int, int]]:
    """Each level, those of few cells first, with how many cells all before it have."""
    sizes, before = np.bincount(system.level_of), 0
    for level in np.argsort(sizes, kind="stable"):
        yield int(level), before
        before += int(sizes[level])


def _areas(start: _Start, told: _Told, rows: NDArray[np.bool_], expected: FloatArray, shared: float) -> _Areas:
    free, tie = _mean(start.free[rows], told.space), told.tie[rows]
    return _Areas(
        expected=_mean(expected, told.space), apart=project(start.cells[rows] - expected, told.space),
        moved=project(start.moved[rows], told.space), variance=told.variance[rows],
        passed=free * (1 + tie) / (1 + free * tie), shared=shared, drawable=start.sized[rows],
    )  # fmt: skip


def _mean(values: FloatArray, space: Subspace) -> FloatArray:
    """Over the codes that a subspace does not tell apart, whose axes keep length 1."""
    held = tuple(axis for axis, part in enumerate(space, start=1) if part is Held.MEAN)
    return np.asarray(values.mean(axis=held, keepdims=True))


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
