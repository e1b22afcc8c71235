"""Regions of a large component, each moved while all else stands still at a point inside.

Whatever a region can do while the rest stands still, the whole can do: a point of the region widens what an outsider
must hold possible just as a point of the whole does, at a fraction of the cost.  Regions grow around unknowns that are
open, which is to say not settled.  Small ones settle most of what lies in a few areas; totals of many areas need larger
ones.  The point at which the rest stands moves on with every region, towards the middle of what was seen of it.
Nothing is proved narrow here: what no region settles stays open, and the whole is asked.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import ceil

import numpy as np
from scipy import sparse

from publisher.audit.attacker.equations import Ints
from publisher.audit.attacker.growth import grown
from publisher.audit.attacker.programme import TOLERANCE, Floats, Indices, Programme
from publisher.audit.attacker.ranges import Ranges
from publisher.audit.attacker.reduce import ContradictionError
from publisher.errors import AuditFailedError
from publisher.opaque import Opaque

_SIZES = 300, 1000, 3000, 10_000
"""So many unknowns has a region, one size after the other."""

_TOGETHER = 60_000
"""Then regions of so many unknowns grow around many that are open."""

_SEEDS = 1000
"""So many."""

_LAST = 20_000
"""In the end a region of so many unknowns grows around each that is open and was in no other."""

_COVER = 2
"""The regions of a round have so many times the unknowns that are open, at most."""

_ROUND = 0.1
"""Rounds of one size go on while each settles this share of what is open."""

_WORTH = 0.1
"""Directions in a region go on while each pair settles this share of what is open there."""

_FEW = 5
"""So few are left to programmes of their own."""

_BATCH = 8
"""So many regions start from the same point: the result does not depend on the number of processors."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Region(Opaque):
    """Unknowns `near` of a component with all equations that they are in, while all others stand still at a point."""

    near: Ints
    programme: Programme
    seen: Ranges
    need: Floats
    off: float

    def points(self, random: np.random.Generator) -> list[Floats]:
        """Vertices in random directions of all that is open, as long as each two of them are worth it."""
        found, before = list[Floats](), np.inf
        while len(open_ := self._open()) and before - len(open_) >= max(2, _WORTH * before):
            before = len(open_)
            for _ in range(2):
                vertex = self._vertex(open_, self._away(open_, random))
                if vertex is not None:
                    self.seen.see(np.arange(len(vertex), dtype=np.int32), vertex, self.off)
                    found.append(vertex)
        return found

    def _vertex(self, columns: Indices, costs: Floats) -> Floats | None:
        """None where the solver finds none: the rest stands at numbers that are rounded, so that this tells nothing."""
        try:
            return self.programme.extreme(columns, costs)
        except (AuditFailedError, ContradictionError):
            return None

    def _away(self, open_: Indices, random: np.random.Generator) -> Floats:
        """Costs that send each up or down at random, but away from a bound that it was seen at."""
        costs = random.choice([-1.0, 1.0], size=len(open_))
        costs[self.seen.low[open_] <= self.programme.lower[open_] + TOLERANCE] = -1.0
        costs[self.seen.high[open_] >= self.programme.upper[open_] - TOLERANCE] = 1.0
        return np.asarray(costs)

    def middle(self, here: Floats, points: Sequence[Floats]) -> Floats:
        """Between where the unknowns stand and the mean of points."""
        between = (here + np.mean(points, axis=0)) / 2
        return np.asarray(np.clip(between, self.programme.lower, self.programme.upper))

    def _open(self) -> Indices:
        return np.flatnonzero(self.seen.wanting(self.need)).astype(np.int32)


@dataclass(slots=True, eq=False, repr=False)
class Regions(Opaque):
    """A large component.  `point`: numbers that satisfy its equations; `ranges`: of all `columns` of the table, of
    which those of the component are `columns`; `need`: one a column of the component, as `bounds.bound` has it."""

    programme: Programme
    point: Floats
    columns: Indices
    ranges: Ranges
    need: Floats
    random: np.random.Generator

    def settle(self) -> None:
        """Widen the ranges by rounds of regions as long as they are worth it; moves `point` on."""
        for size in _SIZES:
            self._while_worth(size, _ROUND, partial(self._round, size, _COVER))
        self._while_worth(_TOGETHER, _ROUND / 2, self._together)
        self._while_worth(_LAST, _ROUND, partial(self._round, _LAST, np.inf))

    def _while_worth(self, size: int, share: float, work: Callable[[], None]) -> None:
        """Do it as long as it settles this share of what is open; where regions are smaller than the whole."""
        before = np.inf
        while size < self.programme.size and (left := len(self._open())) > _FEW and left <= (1 - share) * before:
            before = left
            work()

    def _open(self) -> Ints:
        return np.flatnonzero(self.ranges.at(self.columns.astype(np.int64)).wanting(self.need))

    def _round(self, size: int, cover: float) -> None:
        """Regions that have at most `cover` times as many unknowns as are open; without end: all that are open."""
        most = None if np.isinf(cover) else ceil(cover * len(self._open()) / size)
        regions = islice(self._around_open(size), most)
        while batch := list(islice(regions, _BATCH)):
            self._move(batch)

    def _around_open(self, size: int) -> Iterator[Ints]:
        """A region around each that is open and was in none before, in random order."""
        tried = np.zeros(self.programme.size, dtype=np.bool_)
        for at in self.random.permutation(self._open()).tolist():
            if not tried[at] and self.ranges.wants(int(self.columns[at]), float(self.need[at])):
                near = grown(self.programme, np.array([at]), size, self.random)
                tried[near] = True
                yield near

    def _together(self) -> None:
        """Two regions, each around many that are open."""
        seeds = self.random.permutation(self._open())[: 2 * _SEEDS]
        self._move([grown(self.programme, half, _TOGETHER, self.random) for half in np.array_split(seeds, 2)])

    def _move(self, batch: Sequence[Ints]) -> None:
        """See what regions can do from the point, and move it where they do not overlap: there the changes add up."""
        regions = [self._region(near) for near in batch]
        with ThreadPoolExecutor(min(len(batch), os.cpu_count() or 1)) as pool:
            found = list(pool.map(_Region.points, regions, self.random.spawn(len(batch))))
        moved, before = np.zeros(self.programme.size, dtype=np.bool_), self.point.copy()
        for region, points in zip(regions, found, strict=True):
            for point in points:
                self.ranges.see(self.columns[region.near], point, region.off)
            if points and not moved[region.near].any():
                moved[region.near] = True
                self.point[region.near] = region.middle(self.point[region.near], points)
        if not self.programme.holds(self.point):  # rounding of many moves
            self.point[:] = before

    def _region(self, near: Ints) -> _Region:
        columns = sparse.csr_matrix(self.programme.by_column[:, near])
        matrix, here = columns[np.flatnonzero(np.diff(columns.indptr))], self.point[near]
        part = Programme(matrix, matrix @ here, self.programme.lower[near], self.programme.upper[near])
        part.limit(2 * np.abs(here).max(initial=0.0) + 1000)
        seen = self.ranges.at(self.columns[near].astype(np.int64))
        return _Region(near, part, seen, self.need[near], max(self.programme.off, part.off))
