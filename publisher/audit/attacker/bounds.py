"""Feasibility intervals of the unknowns that arithmetic alone does not determine.

Every point that satisfies the equations widens what an outsider must hold possible.  So most unknowns are cleared by
a few vertices in random directions, then by small programmes in which one municipality or county moves and the rest
stands still at a point inside; both give inner bounds.  What they leave is bounded by the whole programme.  The
directions are drawn from a fixed seed: the same table gets the same intervals.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from publisher.audit.attacker.bodies import LEAST_SUM
from publisher.audit.attacker.equations import NO_UPPER, Ints
from publisher.audit.attacker.programme import TOLERANCE, Floats, Indices, Programme
from publisher.audit.attacker.reduce import Reduced
from publisher.opaque import Opaque

_SMALL = 150
"""Up to so many unknowns the whole programme is as quick as a part of it."""

_FEW = 5
"""So few unknowns are bounded one by one as quickly as by random directions."""

_WORTH = 0.8
"""Random directions go on while they leave less than this share unsettled each time."""


@dataclass(slots=True, repr=False)
class Ranges(Opaque):
    """What was seen of each unknown: least and greatest value, and whether a programme proved them the ends."""

    low: Floats
    high: Floats
    certified: NDArray[np.bool_]
    slop: float = TOLERANCE

    def see(self, columns: Indices, point: Floats) -> None:
        """Widen by one point that satisfies the equations."""
        self.low[columns] = np.minimum(self.low[columns], point)
        self.high[columns] = np.maximum(self.high[columns], point)

    def whole(self) -> tuple[Floats, Floats]:
        """Least and greatest whole numbers inside."""
        return np.ceil(self.low - self.slop), np.floor(self.high + self.slop)

    def wanting(self, need: Floats) -> NDArray[np.bool_]:
        """Which unknowns are neither proved nor yet as wide as `need` (infinite: only proof settles)."""
        low, high = self.whole()
        return ~self.certified & ~((high - low >= need) & np.isfinite(need))

    def wants(self, column: int, need: float) -> bool:
        """`wanting` of one unknown."""
        width = np.floor(self.high[column] + self.slop) - np.ceil(self.low[column] - self.slop)
        return not self.certified[column] and not (width >= need and np.isfinite(need))

    def agree(self, columns: Indices, lower: Floats, upper: Floats) -> None:
        """Certify those whose seen range goes as far, in whole numbers, as outer bounds allow."""
        low, high = np.ceil(self.low[columns] - self.slop), np.floor(self.high[columns] + self.slop)
        self.certified[columns] |= (low <= lower) & (high >= upper)

    def reaches(self, column: int, low: float | None, high: float | None) -> bool:
        """Whether what was seen goes as far, in whole numbers, as outer bounds allow (None: no bound)."""
        if low is None or high is None:
            return False
        least, most = np.ceil(self.low[column] - self.slop), np.floor(self.high[column] + self.slop)
        return bool(least <= np.ceil(low - self.slop) and most >= np.floor(high + self.slop))


def unseen(size: int, scale: float) -> Ranges:
    """Ranges of which nothing is known yet; `scale`: what the solver's numbers are multiplied by."""
    slop = min(0.4, TOLERANCE * scale)
    return Ranges(np.full(size, np.inf), np.full(size, -np.inf), np.zeros(size, dtype=bool), slop)


def bound(reduced: Reduced, ranges: Ranges, *, need: Floats, places: Sequence[str]) -> None:
    """Widen `ranges` (one a column of `reduced`) until each is proved or at least `need` wide.

    `need`: infinite where the exact interval is asked for.  `places`: the area code of each column, which says what
    moves together.  Raises ContradictionError where no point satisfies the equations.
    """
    random = np.random.default_rng(1)
    settled = np.flatnonzero(reduced.settled)
    low, high = _floats(reduced.lower, reduced.upper)
    ranges.low[settled], ranges.high[settled], ranges.certified[settled] = low[settled], high[settled], True
    for columns, part in components(reduced):
        component = _Component(columns, part, ranges, need, np.array([places[c] for c in columns]))
        component.settle(random)


def components(reduced: Reduced) -> Iterator[tuple[Indices, Programme]]:
    """The unknowns of each connected component, with its programme."""
    matrix = reduced.matrix.astype(np.float64)
    n_rows, size = matrix.shape[0], sum(matrix.shape)
    row_of = np.repeat(np.arange(n_rows), np.diff(matrix.indptr))
    graph = sparse.csr_matrix((np.ones(len(row_of)), (row_of, matrix.indices + n_rows)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    by_row, by_column = (np.argsort(x, kind="stable") for x in (label[:n_rows], label[n_rows:]))
    for k in np.unique(label[n_rows:]):
        rows = _run_of(label[:n_rows], by_row, k)
        columns = _run_of(label[n_rows:], by_column, k).astype(np.int32)
        part = sparse.csr_matrix(matrix[rows][:, columns])
        lower, upper = _floats(reduced.lower[columns], reduced.upper[columns])
        yield columns, Programme(part, reduced.rhs[rows].astype(np.float64), lower, upper)


def _floats(lower: Ints, upper: Ints) -> tuple[Floats, Floats]:
    """Bounds as the solver takes them: where there is none, infinite."""
    low, high = lower.astype(np.float64), upper.astype(np.float64)
    return np.where(lower <= LEAST_SUM, -np.inf, low), np.where(upper >= NO_UPPER, np.inf, high)


def _run_of(labels: NDArray[np.int32], order: Ints, k: int) -> Ints:
    ordered = labels[order]
    found: Ints = order[np.searchsorted(ordered, k) : np.searchsorted(ordered, k, side="right")]
    return found


@dataclass(slots=True)
class _Component:
    columns: Indices
    programme: Programme
    ranges: Ranges
    need: Floats
    places: NDArray[np.str_]

    def settle(self, random: np.random.Generator) -> None:
        """All stages in order."""
        if not len(self.wanting()):
            return
        points = [self.programme.any_point()]
        self.ranges.see(self.columns, points[0])
        self._sweep(random, points)
        if self.programme.size > _SMALL and np.isfinite(self.need[self.columns]).all():
            inside = np.clip(np.mean(points, axis=0), self.programme.lower, self.programme.upper)
            for digits in (4, 2):
                for block in self._blocks(digits):
                    self._clear(block, _held(self.programme, block, inside))
                    self._certify(block, _loose(self.programme, block))
            self._sweep(random, points)
        self._prove()

    def wanting(self) -> Indices:
        """Positions in the component that are not settled.  What reaches its outer bounds is."""
        self.ranges.agree(self.columns, self.programme.lower, self.programme.upper)
        return np.flatnonzero(self.ranges.wanting(self.need)[self.columns]).astype(np.int32)

    def _sweep(self, random: np.random.Generator, points: list[Floats]) -> None:
        """Add vertices in random directions while each pair of them settles many unknowns."""
        # Without a ceiling, one unknown that can grow for ever would leave every random direction without a vertex.
        self.programme.limit(2 * points[0].max(initial=0.0) + 1000)
        wanting, before = self.wanting(), np.inf
        while len(wanting) > _FEW and len(wanting) < _WORTH * before:
            before = len(wanting)
            direction = random.choice([-1.0, 1.0], size=before)
            for cost in (direction, -direction):
                vertex = self.programme.extreme(wanting, cost)
                if vertex is not None:
                    self.ranges.see(self.columns, vertex)
                    points.append(vertex)
            wanting = self.wanting()
        self.programme.limit(highspy.kHighsInf)

    def _blocks(self, digits: int) -> Iterator[Indices]:
        """Columns of each municipality (4 digits) or county (2) in which something is not settled."""
        place = np.array([p[:digits] if p[:digits].isdecimal() and len(p) >= digits else "" for p in self.places])
        for name in np.unique(place[self.wanting()]):
            block = np.flatnonzero(place == name).astype(np.int32)
            if name and 1 < len(block) < self.programme.size:
                yield block

    def _clear(self, block: Indices, part: Programme) -> None:
        """Inner bounds of a block's unsettled unknowns, while all others stand still."""
        here = self.columns[block]
        for at, column in enumerate(here):
            for sign in (-1.0, 1.0):
                if self.ranges.wants(column, self.need[column]):
                    vertex = part.extreme(np.array([at], dtype=np.int32), np.array([sign]))
                    self._see_end(here, at, sign, vertex)

    def _certify(self, block: Indices, part: Programme) -> None:
        """Outer bounds of what is left of a block, from its own equations alone: proof where the inner ones agree."""
        if not part.size:
            return
        for at, column in enumerate(self.columns[block]):
            if self.ranges.wants(column, self.need[column]):
                ends = [part.extreme(np.array([at], dtype=np.int32), np.array([sign])) for sign in (1.0, -1.0)]
                low, high = (None if e is None else float(e[at]) for e in ends)
                self.ranges.certified[column] = self.ranges.reaches(column, low, high)

    def _see_end(self, here: Indices, at: int, sign: float, vertex: Floats | None) -> None:
        if vertex is not None:
            self.ranges.see(here, vertex)
        elif sign < 0:
            self.ranges.high[here[at]] = np.inf
        else:
            self.ranges.low[here[at]] = -np.inf

    def _prove(self) -> None:
        """Both ends of what is still not settled, by the whole programme."""
        for at in self.wanting():
            column = self.columns[at]
            if not self.ranges.wants(column, self.need[column]):
                continue
            for sign in (-1.0, 1.0):
                vertex = self.programme.extreme(np.array([at], dtype=np.int32), np.array([sign]))
                self._see_end(self.columns, int(at), sign, vertex)
            self.ranges.certified[column] = True


def _held(whole: Programme, block: Indices, inside: Floats) -> Programme:
    """The programme of a block whose neighbours stand still at the point `inside`."""
    part = sparse.csr_matrix(whole.matrix[:, block])
    part = sparse.csr_matrix(part[np.diff(part.indptr) > 0])
    return Programme(part, part @ inside[block], whole.lower[block], whole.upper[block])


def _loose(whole: Programme, block: Indices) -> Programme:
    """The programme of a block with only the equations that have no unknown outside it."""
    part = sparse.csr_matrix(whole.matrix[:, block])
    inside = (np.diff(part.indptr) > 0) & (np.diff(part.indptr) == np.diff(whole.matrix.indptr))
    return Programme(sparse.csr_matrix(part[inside]), whole.rhs[inside], whole.lower[block], whole.upper[block])
