"""What places of a large component can take on from others, while all else stands still.

Where a number is as small as it can be, it grows only if another of its kind falls, and of what is rare hardly anything
can: a thousand areas with one case each, a hundred cases more than they must have, spread so thinly over all of them
that none can give one away.  So the component is brought to points at which what can be given away lies with few places
(the givers); from there a group of neighbouring places takes on what it needs from the nearest givers, and from those
that have most of what it lacks.  Everything is a solution in which the rest stands still, so that it shows what an
outsider must hold possible; nothing is proved narrow.
"""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from publisher.audit.attacker.equations import Ints
from publisher.audit.attacker.places import Places
from publisher.audit.attacker.programme import Floats, Indices, Programme
from publisher.audit.attacker.ranges import Ranges
from publisher.audit.attacker.reduce import ContradictionError
from publisher.audit.attacker.regions import Region
from publisher.errors import AuditFailedError
from publisher.opaque import Opaque

_EACH = 30
"""One of so many neighbouring places gives."""

_MOST = 2500
"""So many unknowns at most has a group that takes."""

_ROUNDS = (
    (0, (3, 0), 0.3), (1, (3, 2), 0.2), (0, (4, 8), 0.05), (1, (4, 8), 0.02), (0, (4, 8), 0.02), (1, (4, 20), 0.02),
    (0, (4, 20), 0.02), (1, (8, 40), 0.02), (0, (8, 40), 0.02),
)  # fmt: skip
"""At which of the points; how many of the nearest givers, and of those that have most; which share of what is open in a
group a pair of directions must settle for another one to be tried."""

_MOSTLY, _FIRST = 0.5, (((3, 0), 0.3), ((4, 8), 0.05), ((4, 20), 0.02))
"""Where less than that share is open (somebody who knows more was seen to leave the rest open), what is left is hardly
rare: first rounds begin at the point inside, where nothing is gathered."""

_ENOUGH = 2.0
"""More than so much of one kind, in units, makes no giver better."""

_LITTLE, _GATHERED = 2.0, 6.0
"""There is little of what can fall by less than so many times its need; a giver gathers up to so many times the need
of it, or so much in units where that is more."""

_BATCH = 8
"""So many groups are asked before what they showed is seen: the result does not depend on the number of processors."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Point(Opaque):
    """Numbers that satisfy all equations; `givers`: places; `spare`: for each of them and kind, what can be given away,
    in units, no more than _ENOUGH."""

    numbers: Floats
    givers: tuple[int, ...]
    spare: Floats


@dataclass(slots=True, eq=False, repr=False)
class Exchange(Opaque):
    """A large component of which it is known where its unknowns stand.

    `inside`: a point; the rest as in `Regions`.
    """

    programme: Programme
    inside: Floats
    columns: Indices
    ranges: Ranges
    need: Floats
    places: Places
    random: np.random.Generator
    _groups: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self._groups = self.places.groups(self.places.innermost(), _MOST)

    def settle(self) -> Floats:
        """Widen the ranges, round by round, until little is open; returns a point at which what is rare is gathered, or
        the one inside where that is not asked for."""
        if self._left() < _MOSTLY * self.programme.size:
            point = self._at(self.inside, self._givers(0))
            self._rounds((point, givers, worth) for givers, worth in _FIRST)
        if self._left() <= self.programme.few:
            return self.inside
        points = self._points()
        for point in points:
            self.ranges.see(self.columns, point.numbers, self.programme.off)
        self._rounds((points[which], givers, worth) for which, givers, worth in _ROUNDS)
        return points[0].numbers

    def _left(self) -> int:
        return int(self._open().sum())

    def _rounds(self, asked: Iterable[tuple[_Point, tuple[int, int], float]]) -> None:
        """Rounds until little is open, and as long as one settles half of that."""
        for of in asked:
            before = self._left()
            self._round(*of)
            if self._left() <= self.programme.few and not 0 < self._left() <= before / 2:
                break

    def _round(self, point: _Point, givers: tuple[int, int], worth: float) -> None:
        """Every group takes at the point, some at a time."""
        for k in range(0, len(self._groups), _BATCH):
            self._take(point, self._groups[k : k + _BATCH], givers, worth)

    def _open(self) -> NDArray[np.bool_]:
        """Which unknowns are not settled."""
        return self.ranges.at(self.columns.astype(np.int64)).wanting(self.need)

    def _points(self) -> list[_Point]:
        """Two, with different givers: what one point leaves with its givers is open at the other."""
        chosen = [self._givers(rank) for rank in (0, 1)]
        with ThreadPoolExecutor(min(len(chosen), os.cpu_count() or 1)) as pool:
            return list(pool.map(self._gathered, chosen))

    def _givers(self, rank: int) -> tuple[int, ...]:
        """Of each so many neighbours the one with the most unknowns, or the next."""
        innermost, found = self.places.innermost(), list[int]()
        for k in range(0, len(innermost), _EACH):
            near = sorted(innermost[k : k + _EACH], key=lambda place: -int(self.places.counts[place]))
            found.append(near[min(rank, len(near) - 1)])
        return tuple(found)

    def _gathered(self, givers: tuple[int, ...]) -> _Point:
        """A point at which the givers have as much as can be of what there is little of."""
        programme, own = self.programme, self.places.unknowns(givers)
        little = own[self.inside[own] - programme.lower[own] < _LITTLE * self.need[own]]
        most = programme.upper.copy()
        wanted = np.maximum(_GATHERED, _LITTLE * self.need[little])
        most[little] = np.minimum(most[little], programme.lower[little] + wanted)
        limited = Programme(programme.matrix, programme.rhs, programme.lower, np.maximum(most, programme.lower))
        return self._at(self._inside(limited, little.astype(np.int32)), givers)

    def _at(self, numbers: Floats, givers: tuple[int, ...]) -> _Point:
        """What the givers can give away where the unknowns are these numbers."""
        programme, own = self.programme, self.places.unknowns(givers)
        spare = np.zeros((len(givers), int(self.places.kind.max()) + 1))
        at = np.searchsorted(np.sort(givers), self.places.of[own])
        np.add.at(spare, (np.argsort(givers)[at], self.places.kind[own]), numbers[own] - programme.lower[own])
        return _Point(numbers, givers, np.minimum(spare, _ENOUGH))

    def _inside(self, limited: Programme, little: Indices) -> Floats:
        """There is a point: where rounding or the solver says that there is none, the one that is known."""
        try:
            return limited.inside(little)
        except (AuditFailedError, ContradictionError):
            return self.inside

    def _take(self, point: _Point, groups: Sequence[Sequence[int]], givers: tuple[int, int], worth: float) -> None:
        regions = [r for group in groups if (r := self._region(point, group, givers)) is not None]
        with ThreadPoolExecutor(min(_BATCH, os.cpu_count() or 1)) as pool:
            found = list(pool.map(lambda r, draw: r.points(draw, worth), regions, self.random.spawn(len(regions))))
        for region, points in zip(regions, found, strict=True):
            for numbers in points:
                self.ranges.see(self.columns[region.near], numbers, region.off)

    def _region(self, point: _Point, group: Sequence[int], givers: tuple[int, int]) -> Region | None:
        """What stands at the group and above it, and at the givers and above them; None where nothing is open."""
        own = frozenset().union(*(self.places.way_up(place) for place in group))
        mine = self.places.unknowns(own)
        wanting = mine[self._open()[mine]]
        if not len(wanting):
            return None
        chosen = self._chosen(point, own, np.unique(self.places.kind[wanting]), givers)
        near = self.places.unknowns(own.union(*(self.places.way_up(place) for place in chosen)))
        need = np.where(np.isin(near, wanting), self.need[near], 0.0)
        return Region.of(self.programme, near, point.numbers, self.ranges.at(self.columns[near].astype(np.int64)), need)

    def _chosen(self, point: _Point, own: frozenset[int], kinds: Ints, givers: tuple[int, int]) -> list[int]:
        """Givers that share most of the larger places, and then those that have most of the `kinds`."""
        others = [(k, place) for k, place in enumerate(point.givers) if place not in own]
        has = {place: float(point.spare[k, kinds].sum()) for k, place in others}
        shared = {place: len(own & self.places.way_up(place)) for place in has}
        nearest = sorted(has, key=lambda place: (-shared[place], -has[place], place))[: givers[0]]
        richest = sorted(has.keys() - {*nearest}, key=lambda place: (-has[place], place))[: givers[1]]
        return nearest + richest
