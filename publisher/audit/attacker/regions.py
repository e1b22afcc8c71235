"""Regions of a large component, each moved while all else stands still at a point inside.

Whatever a region can do while the rest stands still, the whole can do: a point of the region widens what an outsider
must hold possible just as a point of the whole does, at a fraction of the cost.  Regions lie around unknowns that are
open, which is to say not settled, and no two have an unknown in common.  Small ones settle most of what lies in a few
areas; totals of many areas need larger ones.  The point at which the rest stands moves on with every region, to the
middle of what was seen of it.
Nothing is proved narrow here: what no region settles stays open, and the whole is asked.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import ceil

import numpy as np
from scipy import sparse

from publisher.audit.attacker.equations import Ints
from publisher.audit.attacker.neighbourhoods import Neighbourhoods
from publisher.audit.attacker.programme import Floats, Indices, Programme, ceiling
from publisher.audit.attacker.ranges import Ranges
from publisher.audit.attacker.reduce import ContradictionError
from publisher.errors import AuditFailedError
from publisher.opaque import Opaque

_SIZES = 300, 1000, 2000, 4000, 12_000, 40_000
"""So many unknowns has a region on average, one size after the other."""

_MOST = 2
"""And so many times as many at most."""

_ROUND, _LAST = 0.25, 0.05
"""Rounds of one size go on while each settles this share of what is open, those of the largest while this."""

_WORTH = 0.35
"""Directions in a region go on while each pair settles this share of what is open there."""

_SPARSE = 0.1
"""Where no more than this share of a region is open, each goes no further than it needs, so that more do; where more
is open, what goes further leads to more that is settled by chance."""

_BATCH = 8
"""So many regions start from the same point: the result does not depend on the number of processors."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Region(Opaque):
    """Unknowns `near` of a component with all equations that they are in, while all others stand still at a point."""

    near: Ints
    programme: Programme
    here: Floats
    seen: Ranges
    need: Floats
    off: float

    @classmethod
    def of(cls, programme: Programme, near: Ints, point: Floats, seen: Ranges, need: Floats) -> "Region":
        """`point`: of all unknowns of the component; `seen`, `need`: of those `near`."""
        columns = sparse.csr_matrix(programme.by_column[:, near])
        matrix, here = columns[np.flatnonzero(np.diff(columns.indptr))], point[near]
        part = Programme(matrix, matrix @ here, programme.lower[near], programme.upper[near])
        return cls(near, part, here, seen, need, max(programme.off, part.off))

    def points(self, random: np.random.Generator, worth: float = _WORTH) -> list[Floats]:
        """Vertices in random directions of all that is open, while each two settle the share `worth` of it."""
        found, before = list[Floats](), np.inf
        while len(open_ := self._open()) and before - len(open_) >= max(1, worth * before):
            before = len(open_)
            for _ in range(2):
                vertex = self._vertex(open_, self._away(open_, random))
                if vertex is not None:
                    self.seen.see(np.arange(len(vertex), dtype=np.int32), vertex, self.off)
                    found.append(vertex)
        return found

    def _vertex(self, columns: Indices, costs: Floats) -> Floats | None:
        """None where the solver finds none: the rest stands at numbers that are rounded, so that this tells nothing."""
        self._limit(columns, costs)
        try:
            return self.programme.extreme(columns, costs)
        except (AuditFailedError, ContradictionError):
            return None

    def _limit(self, columns: Indices, costs: Floats) -> None:
        """Let what goes up go no further than makes it wide enough with the least that was seen of it, and so down."""
        least, most = self.programme.lower.copy(), np.minimum(self.programme.upper, ceiling(self.here))
        if len(columns) <= _SPARSE * len(self.here):
            low, high = (end[columns] for end in self.seen.whole())
            here, need = self.here[columns], self.need[columns] + 2 * self.off
            most[columns] = np.where(costs < 0, np.clip(low + need, here, most[columns]), most[columns])
            least[columns] = np.where(costs > 0, np.clip(high - need, least[columns], here), least[columns])
        self.programme.within(least, most)

    def _away(self, open_: Indices, random: np.random.Generator) -> Floats:
        return self.seen.at(open_).away(self.programme.lower[open_], self.programme.upper[open_], random)

    def middle(self, points: Sequence[Floats]) -> Floats:
        """Between where the unknowns stand and the mean of points."""
        between = (self.here + np.mean(points, axis=0)) / 2
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
    near: Neighbourhoods = field(init=False)

    def __post_init__(self) -> None:
        self.near = Neighbourhoods(self.programme.matrix)

    def settle(self) -> None:
        """Widen the ranges by rounds of regions as long as they are worth it; moves `point` on."""
        sizes = [size for size in _SIZES if size < self.programme.size]
        for size in sizes:
            self._while_worth(size, _LAST if size == sizes[-1] else _ROUND)

    def _while_worth(self, size: int, share: float) -> None:
        """Rounds as long as one settles this share of what is open."""
        before = np.inf
        while (left := len(self._open())) > self.programme.few and left <= (1 - share) * before:
            before = left
            self._round(size)

    def _open(self) -> Ints:
        return np.flatnonzero(self.ranges.at(self.columns.astype(np.int64)).wanting(self.need))

    def _round(self, size: int) -> None:
        """Regions around some that are open, all of them where they are few."""
        seeds = self.random.permutation(self._open())[: ceil(self.programme.size / size)]
        regions = self.near.around(seeds, _MOST * size)
        for k in range(0, len(regions), _BATCH):
            self._move(regions[k : k + _BATCH])

    def _move(self, batch: Sequence[Ints]) -> None:
        """See what regions can do from the point, and move it: they do not overlap, so that the changes add up."""
        regions = [self._region(near) for near in batch]
        with ThreadPoolExecutor(min(len(batch), os.cpu_count() or 1)) as pool:
            found = list(pool.map(Region.points, regions, self.random.spawn(len(batch))))
        before = self.point.copy()
        for region, points in zip(regions, found, strict=True):
            for point in points:
                self.ranges.see(self.columns[region.near], point, region.off)
            if points:
                self.point[region.near] = region.middle(points)
        if not self.programme.holds(self.point):  # rounding of many moves
            self.point[:] = before

    def _region(self, near: Ints) -> Region:
        seen = self.ranges.at(self.columns[near].astype(np.int64))
        return Region.of(self.programme, near, self.point, seen, self.need[near])
