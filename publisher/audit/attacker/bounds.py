"""Feasibility intervals of the unknowns that arithmetic alone does not determine.

Every point that satisfies the equations widens what an outsider must hold possible.  So most unknowns are cleared by
a few vertices in random directions, first of all unknowns together, then of some that share no equation, so that each
goes nearly as far as it can.  Around what they leave a few equations are looked at: with all else standing still at a
point inside for inner bounds, with all else as it may be for outer ones.  What is left then is bounded by the whole
programme.  The directions are drawn from a fixed seed: the same table gets the same intervals.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from publisher.audit.attacker.alternatives import Alternatives
from publisher.audit.attacker.components import bounds_of, components
from publisher.audit.attacker.exact import whole_end
from publisher.audit.attacker.exchange import Exchange
from publisher.audit.attacker.integers import CLOSE, Witness, ask, is_small
from publisher.audit.attacker.places import Places
from publisher.audit.attacker.programme import TOLERANCE, Floats, Indices, Programme, ceiling
from publisher.audit.attacker.ranges import Ranges, Work, unseen
from publisher.audit.attacker.reduce import ContradictionError, Reduced
from publisher.audit.attacker.regions import Regions
from publisher.audit.attacker.surroundings import Surroundings
from publisher.errors import AuditFailedError

_SMALL, _LARGE = 150, 20_000
"""Up to so many unknowns the whole programme is as quick as a part of it; beyond, parts are asked before the whole."""

_NEAR = 150
"""So many unknowns are looked at around one."""

_FEW = 5
"""So few unknowns are bounded one by one as quickly as by random directions."""

_DOUBT = 1e-3
"""Ends of counts that lie further than this from a whole number are rounded inward without further thought."""

_ALL = 0.2
"""Random directions of all unsettled unknowns go on while they settle this share of them each time."""

_SOME = 0.05
"""Those of unknowns that share no equation go on, at first, while they settle this share of the chosen ones."""


def bound(
    reduced: Reduced, ranges: Ranges, *, need: Floats, work: Work | None = None, told: Alternatives | None = None
) -> None:
    """Widen `ranges` (one a column of `reduced`) until each is proved or at least `need` wide.

    `need`: infinite where the exact interval is asked for.  `work`: what whole programmes may spend, all that it takes
    without; when it is spent, what is left stays as narrow as it was seen, and unproved: small components come first.
    `told`: other tables that fit, to begin with.  Raises ContradictionError where no point satisfies the equations.
    """
    random = np.random.default_rng(1)
    settled = np.flatnonzero(reduced.settled)
    low, high = bounds_of(reduced.lower, reduced.upper)
    ranges.low[settled], ranges.high[settled], ranges.certified[settled] = low[settled], high[settled], True
    work = work or Work()
    witness, shown = Witness.none(len(low)), unseen(len(low))
    if told is not None:
        told.widen(reduced, shown, witness)
        every = np.arange(len(low))
        ranges.start_from(every, shown, every)
    surely = shown.high - shown.low >= need
    for columns, part in sorted(components(reduced), key=lambda c: len(c[0])):
        places = None if reduced.places is None else reduced.places.at(columns.astype(np.int64))
        component = _Component.of(columns, part, (ranges, witness), (need, surely), places)
        component.settle(random, work)
        if work.integers:
            component.tighten(work, reduced.settled[columns], every=told is not None)


@dataclass(slots=True)
class _Component:
    """`surely`: which are as wide as they need in exact numbers.  `least`, `most`: what no solution goes beyond, as far
    as is known."""

    columns: Indices
    programme: Programme
    ranges: Ranges
    need: Floats
    surely: NDArray[np.bool_]
    witness: Witness
    least: Floats
    most: Floats
    places: Places | None

    @classmethod
    def of(
        cls, columns: Indices, programme: Programme, seen: tuple[Ranges, Witness],
        asked: tuple[Floats, NDArray[np.bool_]], places: Places | None = None,
    ) -> "_Component":  # fmt: skip
        """What was `seen`, and `asked` (what they need, which surely have it), of all columns; `places` of these."""
        (ranges, witness), (need, surely) = seen, asked
        ends = programme.lower.copy(), programme.upper.copy()
        return cls(columns, programme, ranges, need[columns], surely[columns], witness.at(columns), *ends, places)

    def settle(self, random: np.random.Generator, work: Work) -> None:
        """All stages in order; the last also of what was wide enough to begin with."""
        if len(self.wanting()):
            self._widen(random)
            self._prove(work)
        self._confirm()

    def _widen(self, random: np.random.Generator) -> None:
        inside = self._in_regions(random) if self.programme.size > _LARGE else self._as_a_whole(random)
        if self.programme.size > _SMALL:
            self._look_around(inside)
            self._go_on(random, inside)

    def _as_a_whole(self, random: np.random.Generator) -> Floats:
        """Sweep the whole; returns a point inside."""
        points = [self.programme.any_point()]
        self._see(points[0])
        self._sweep(random, points)
        return np.asarray(np.clip(np.mean(points, axis=0), self.programme.lower, self.programme.upper))

    def _in_regions(self, random: np.random.Generator) -> Floats:
        """Ask places of each other, if it is known where unknowns stand; then regions.  Returns a point inside."""
        inside = self.programme.inside()
        self._see(inside)
        if self.places is not None and np.isfinite(self.need).all():
            seen = self.columns, self.ranges, self.need
            inside = Exchange(self.programme, inside, *seen, self.places, random).settle()
        Regions(self.programme, inside, self.columns, self.ranges, self.need, random).settle()
        return inside

    def tighten(self, work: Work, settled: NDArray[np.bool_], *, every: bool) -> None:
        """Ask of what is close to its limit whether whole numbers leave it too narrow, and of what is proved, which
        ends whole numbers reach.  `every`: of counts in a small component, however far from their limit."""
        low, high = (end[self.columns] for end in self.ranges.whole())
        asked = self._close(low, high, settled, every=every and is_small(self.programme) and self.programme.scale == 1)
        if is_small(self.programme):
            asked = np.array([at for at in asked.tolist() if not self._moves(at, low, high)], dtype=np.int64)
        asked = asked[: work.grant(len(asked), small=is_small(self.programme))]
        proved = self.ranges.certified[self.columns]  # ends that were only seen are no ends
        outer = np.where(proved, low, self.programme.lower), np.where(proved, high, self.programme.upper)
        ends = outer[0][asked], outer[1][asked]
        for answer in ask(self.programme, self.witness, asked, ends, self.need[asked]):
            column = self.columns[answer.at]
            self.ranges.low[column], self.ranges.high[column] = answer.low, answer.high
            self.ranges.certified[column], self.ranges.integer[column] = answer.proved, True

    def _close(self, low: Floats, high: Floats, settled: NDArray[np.bool_], *, every: bool) -> NDArray[np.int64]:
        """Unknowns to ask: no whole solutions were seen to move them as far as the relaxation does, or as they need.

        One less than it needs can be enough for an unknown that may be 0 because it was withheld before, and is not.
        """
        need, sensitive = self.need, self.need > 1
        with np.errstate(invalid="ignore"):
            wide = high - low
            far = np.inf if every else need + CLOSE + sensitive
            close = (wide >= need - sensitive) & (wide < far) & np.isfinite(need)
            open_ = close & (self.witness.high - self.witness.low < need)
        reached = (self.witness.low <= low) & (self.witness.high >= high)
        proved = np.isinf(need) & self.ranges.certified[self.columns] & np.isfinite(low) & np.isfinite(high)
        return np.flatnonzero((open_ | (proved & ~reached)) & ~settled)

    def _moves(self, at: int, low: Floats, high: Floats) -> bool:
        """Whether vertices that happen to be whole show that an unknown moves as far as it needs, or as it can."""
        for sign in (-1.0, 1.0):
            if not self._moved(at, low, high):
                vertex = self.programme.extreme(np.array([at], dtype=np.int32), np.array([sign]))
                if vertex is not None:
                    self.witness.see(self.programme, vertex)
        return self._moved(at, low, high)

    def _moved(self, at: int, low: Floats, high: Floats) -> bool:
        seen = self.witness.low[at], self.witness.high[at]
        return bool(seen[1] - seen[0] >= self.need[at] or (seen[0] <= low[at] and seen[1] >= high[at]))

    def wanting(self) -> Indices:
        """Positions in the component that are not settled.  What reaches its outer bounds is."""
        self.ranges.agree(self.columns, self.least, self.most)
        return np.flatnonzero(self.ranges.at(self.columns.astype(np.int64)).wanting(self.need)).astype(np.int32)

    def _wants(self, at: int) -> bool:
        one = np.array([at])
        self.ranges.agree(self.columns[one], self.least[one], self.most[one])
        return self.ranges.wants(int(self.columns[at]), float(self.need[at]))

    def _see(self, point: Floats) -> None:
        whole = self.witness.see(self.programme, point)
        self.ranges.see(self.columns, *((np.rint(point), 0.0) if whole else (point, self.programme.off)))

    def _sweep(self, random: np.random.Generator, points: list[Floats]) -> None:
        """Add vertices in random directions: of all that is not settled, then of unknowns that share no equation, while
        each pair of them settles the share _SOME of these, and as many as it takes programmes.  Adds to `points`."""
        self.programme.limit(ceiling(points[0]))
        wanting, every = self.wanting(), True
        while len(wanting) > _FEW:
            chosen = wanting if every else self.programme.apart(random.permutation(wanting))
            direction = random.choice([-1.0, 1.0], size=len(chosen))
            points += [p for costs in (direction, -direction) if (p := self._vertex(chosen, costs)) is not None]
            before, wanting = len(wanting), self.wanting()
            gained = before - len(wanting)
            if not every and gained < max(2, _SOME * len(chosen)):
                break
            every = every and gained >= _ALL * before
        self.programme.limit(highspy.kHighsInf)

    def _go_on(self, random: np.random.Generator, inside: Floats) -> None:
        """Add vertices that send what is left away from where it was seen, now one more than another of those that
        cannot all go at once, until two of them settle nothing, or less than two each of many."""
        of, wanting, idle = self.programme, self.wanting(), 0
        of.limit(ceiling(inside))
        while len(wanting) > _FEW and idle < 2:
            costs = self.ranges.at(self.columns[wanting]).away(self.least[wanting], self.most[wanting], random)
            if (vertex := of.soon(wanting, costs * random.exponential(size=len(costs)))) is not None:
                self._see(vertex)
            before, wanting = len(wanting), self.wanting()
            idle = 0 if before - len(wanting) >= (1 if before <= of.few else 2) else idle + 1
        of.limit(highspy.kHighsInf)

    def _vertex(self, columns: Indices, costs: Floats) -> Floats | None:
        """What is seen in one direction."""
        vertex = self.programme.extreme(columns, costs)
        if vertex is not None:
            self._see(vertex)
        return vertex

    def _look_around(self, inside: Floats) -> None:
        """Bounds from what lies around each unknown: all else as at a point inside, then as it may be."""
        for at in self.wanting().tolist():
            if not self._wants(at):
                continue
            around = Surroundings.of(self.programme, at, _NEAR)
            if np.isfinite(self.need[at]):
                self._move(around, at, inside)
            if self._wants(at):
                low, high = around.loose(self.programme.scale)
                slop = TOLERANCE * self.programme.scale
                self.least[at] = max(self.least[at], np.ceil(low - slop))
                self.most[at] = min(self.most[at], np.floor(high + slop))

    def _move(self, around: Surroundings, at: int, inside: Floats) -> None:
        part, here = around.held(inside), self.columns[around.near]
        for sign in (-1.0, 1.0):
            if self._wants(at):
                try:
                    vertex = part.extreme(np.array([around.at], dtype=np.int32), np.array([sign]))
                except (AuditFailedError, ContradictionError):  # all else stands at numbers that are rounded
                    return
                if vertex is not None:
                    self.ranges.see(here, vertex, max(self.programme.off, part.off))
                else:
                    self._endless(here[around.at], sign)

    def _endless(self, column: int, sign: float) -> None:
        (self.ranges.low if sign > 0 else self.ranges.high)[column] = -sign * np.inf

    def _prove(self, work: Work) -> None:
        """Both ends of what is still not settled, by the whole programme, as long as there is work left."""
        for at in self.wanting().tolist():
            if self._wants(at) and work.left > 0:
                before = self.programme.spent
                self._decide(at)
                work.left -= self.programme.spent - before

    def _confirm(self) -> None:
        """Decide anew what is wide enough within the solver's tolerance only, and not seen to be in whole numbers."""
        if not is_small(self.programme):
            return
        low, high, slop = self.ranges.low[self.columns], self.ranges.high[self.columns], self.ranges.slop
        with np.errstate(invalid="ignore"):
            wide = np.floor(high + slop) - np.ceil(low - slop) >= self.need
            surely = np.floor(high - slop) - np.ceil(low + slop) >= self.need
            seen = (self.witness.high - self.witness.low >= self.need) | self.surely
        for at in np.flatnonzero(wide & ~surely & ~seen).tolist():
            self._decide(at)

    def _decide(self, at: int) -> None:
        """Both ends of one unknown by the whole programme, as exactly as rounding to whole numbers needs it."""
        column, certain = self.columns[at], True
        for sign, ends in ((1.0, self.ranges.low), (-1.0, self.ranges.high)):
            vertex = self.programme.extreme(np.array([at], dtype=np.int32), np.array([sign]))
            if vertex is None:
                self._endless(column, sign)
                continue
            self._see(vertex)
            ends[column], proved = self._end(vertex, at, int(sign))
            certain = certain and proved
        self.ranges.certified[column] = certain
        self.ranges.integer[column] |= not certain

    def _end(self, vertex: Floats, at: int, sign: int) -> tuple[float, bool]:
        """An end, and whether it is the last whole number: not where exact arithmetic gives no answer, or two."""
        value, large = float(vertex[at]), self.programme.scale > 1
        if not large and abs(value - np.rint(value)) > _DOUBT:
            return value, True
        reach, limit = whole_end(self.programme, vertex, at, sign)
        if reach is not None:
            return float(reach), limit in (None, reach) or not is_small(self.programme)
        if is_small(self.programme) or large:
            return value + sign * max(self.programme.off, _DOUBT), False
        return value, True
