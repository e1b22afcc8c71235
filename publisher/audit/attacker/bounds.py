"""Feasibility intervals of the unknowns that arithmetic alone does not determine.

Every point that satisfies the equations widens what an outsider must hold possible.  So most unknowns are cleared by
a few vertices in random directions, then by small programmes in which one municipality or county moves and the rest
stands still at a point inside; both give inner bounds.  What they leave is bounded by the whole programme.  The
directions are drawn from a fixed seed: the same table gets the same intervals.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from publisher.audit.attacker.bodies import LEAST_SUM
from publisher.audit.attacker.equations import NO_UPPER, Ints
from publisher.audit.attacker.integers import CLOSE, Witness, ask, is_small
from publisher.audit.attacker.programme import TOLERANCE, Floats, Indices, Programme
from publisher.audit.attacker.reduce import Reduced
from publisher.opaque import Opaque

_SMALL = 150
"""Up to so many unknowns the whole programme is as quick as a part of it."""

_FEW = 5
"""So few unknowns are bounded one by one as quickly as by random directions."""

_WORTH = 0.8
"""Random directions go on while they leave less than this share unsettled each time."""

_LARGE = 12_000
"""From so many unknowns on, a vertex of the whole programme takes longer than all that its parts can tell."""


@dataclass(slots=True, repr=False)
class Ranges(Opaque):
    """What was seen of each unknown: least and greatest value, and whether a programme proved them the ends.

    `integer`: those that whole numbers leave narrower than needed although the relaxation does not, or may leave so.
    """

    low: Floats
    high: Floats
    certified: NDArray[np.bool_]
    slop: float = TOLERANCE
    integer: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def see(self, columns: Indices, point: Floats) -> None:
        """Widen by one point that satisfies the equations."""
        self.low[columns] = np.minimum(self.low[columns], point)
        self.high[columns] = np.maximum(self.high[columns], point)

    def start_from(self, columns: Ints, other: "Ranges", cells: Ints) -> None:
        """Begin with what an attacker who knows more was seen to leave open, as far as it was seen and not reasoned."""
        seen = ~other.integer[cells]
        np.minimum.at(self.low, columns[seen], other.low[cells[seen]])
        np.maximum.at(self.high, columns[seen], other.high[cells[seen]])

    def at(self, places: Ints) -> "Ranges":
        """Those of some unknowns."""
        return Ranges(self.low[places], self.high[places], self.certified[places], self.slop, self.integer[places])

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


@dataclass(slots=True)
class Work:
    """How much the whole programmes of a table may still spend on proofs (`Programme.spent`), whether whole numbers are
    asked for too, and how many questions about whole numbers may still be asked in large components, and in small."""

    left: float = np.inf
    integers: bool = False
    questions: int = 300
    small_questions: float = np.inf

    def grant(self, wanted: int, *, small: bool) -> int:
        """How many of so many questions may be asked."""
        given = int(min(wanted, self.small_questions if small else self.questions))
        self.small_questions -= given if small else 0
        self.questions -= 0 if small else given
        return given


def unseen(size: int, scale: float) -> Ranges:
    """Ranges of which nothing is known yet; `scale`: what the solver's numbers are multiplied by."""
    slop = min(0.4, TOLERANCE * scale)
    proved, integer = np.zeros((2, size), dtype=np.bool_)
    return Ranges(np.full(size, np.inf), np.full(size, -np.inf), proved, slop, integer)


def bound(
    reduced: Reduced, ranges: Ranges, *, need: Floats, places: Sequence[str], work: Work | None = None
) -> None:  # fmt: skip
    """Widen `ranges` (one a column of `reduced`) until each is proved or at least `need` wide.

    `need`: infinite where the exact interval is asked for.  `places`: the area code of each column, which says what
    moves together.  `work`: what whole programmes may spend, all that it takes without; when it is spent, what is left
    stays as narrow as it was seen, and unproved: small components come first.  Raises ContradictionError where no
    point satisfies the equations.
    """
    random = np.random.default_rng(1)
    settled = np.flatnonzero(reduced.settled)
    low, high = _floats(reduced.lower, reduced.upper)
    ranges.low[settled], ranges.high[settled], ranges.certified[settled] = low[settled], high[settled], True
    work = work or Work()
    for columns, part in sorted(components(reduced), key=lambda c: len(c[0])):
        named = np.array([places[c] for c in columns])
        component = _Component(columns, part, ranges, need, named, Witness.none(len(columns)))
        component.settle(random, work)
        if work.integers:
            component.tighten(work, reduced.settled[columns])


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
    witness: Witness

    def settle(self, random: np.random.Generator, work: Work) -> None:
        """All stages in order."""
        if not len(self.wanting()):
            return
        size, whole = self.programme.size, np.arange(self.programme.size, dtype=np.int32)
        points = [self.programme.inside() if size > _LARGE else self.programme.any_point()]
        self.ranges.see(self.columns, points[0])
        self.witness.see(self.programme, points[0])
        if size <= _LARGE:
            points += self._sweep(whole, self.programme, random)
        if size > _SMALL and np.isfinite(self.need[self.columns]).all():
            inside = np.clip(np.mean(points, axis=0), self.programme.lower, self.programme.upper)
            for block in self._blocks():
                part = _held(self.programme, block, inside)
                self._sweep(block, part, random)
                self._clear(block, part)
        if size <= _LARGE:
            self._sweep(whole, self.programme, random)
        self._prove(work)

    def tighten(self, work: Work, settled: NDArray[np.bool_]) -> None:
        """Ask of what is close to its limit whether whole numbers leave it too narrow."""
        low, high = (end[self.columns] for end in self.ranges.whole())
        need, seen = self.need[self.columns], self.witness.high - self.witness.low
        with np.errstate(invalid="ignore"):
            close = (high - low >= need) & (high - low < need + CLOSE) & np.isfinite(need)
        asked = np.flatnonzero(close & ~settled & (seen < need))
        if is_small(self.programme):
            asked = np.array([at for at in asked.tolist() if not self._moves(at, need[at])], dtype=np.int64)
        asked = asked[: work.grant(len(asked), small=is_small(self.programme))]
        for answer in ask(self.programme, self.witness, asked, need[asked]):
            column = self.columns[answer.at]
            self.ranges.low[column], self.ranges.high[column] = answer.low, answer.high
            self.ranges.certified[column], self.ranges.integer[column] = answer.proved, True

    def _moves(self, at: int, need: float) -> bool:
        """Whether vertices that happen to be whole show that an unknown moves as far as it needs."""
        for sign in (-1.0, 1.0):
            if self.witness.high[at] - self.witness.low[at] < need:
                vertex = self.programme.extreme(np.array([at], dtype=np.int32), np.array([sign]))
                if vertex is not None:
                    self.witness.see(self.programme, vertex)
        return bool(self.witness.high[at] - self.witness.low[at] >= need)

    def wanting(self) -> Indices:
        """Positions in the component that are not settled.  What reaches its outer bounds is."""
        self.ranges.agree(self.columns, self.programme.lower, self.programme.upper)
        return np.flatnonzero(self.ranges.wanting(self.need)[self.columns]).astype(np.int32)

    def _in(self, block: Indices) -> Indices:
        """Positions in a block that are not settled."""
        inside = np.zeros(self.programme.size, dtype=np.bool_)
        inside[self.wanting()] = True
        return np.flatnonzero(inside[block]).astype(np.int32)

    def _sweep(self, block: Indices, part: Programme, random: np.random.Generator) -> list[Floats]:
        """Add vertices in random directions while each pair of them settles many unknowns of a block."""
        # Without a ceiling, one unknown that can grow for ever would leave every random direction without a vertex.
        part.limit(2 * part.any_point().max(initial=0.0) + 1000)
        here, points = self.columns[block], list[Floats]()
        wanting, before = self._in(block), np.inf
        while len(wanting) > _FEW and len(wanting) < _WORTH * before:
            before = len(wanting)
            direction = random.choice([-1.0, 1.0], size=before)
            for cost in (direction, -direction):
                vertex = part.extreme(wanting, cost)
                if vertex is not None:
                    self.ranges.see(here, vertex)
                    points.append(vertex)
                    if part is self.programme:
                        self.witness.see(part, vertex)
            wanting = self._in(block)
        part.limit(highspy.kHighsInf)
        return points

    def _blocks(self) -> Iterator[Indices]:
        """Columns of each municipality (4 digits), and of each county (2) that is not too large, in which something is
        not settled."""
        for digits in (4, 2):
            place = np.array([p[:digits] if p[:digits].isdecimal() and len(p) >= digits else "" for p in self.places])
            for name in np.unique(place[self.wanting()]):
                block = np.flatnonzero(place == name).astype(np.int32)
                if name and 1 < len(block) < min(self.programme.size, _LARGE):
                    yield block

    def _clear(self, block: Indices, part: Programme) -> None:
        """Inner bounds of a block's unsettled unknowns, while all others stand still."""
        here = self.columns[block]
        for at in self._in(block).tolist():
            for sign in (-1.0, 1.0):
                if self.ranges.wants(here[at], self.need[here[at]]):
                    vertex = part.extreme(np.array([at], dtype=np.int32), np.array([sign]))
                    self._see_end(here, at, sign, vertex)

    def _see_end(self, here: Indices, at: int, sign: float, vertex: Floats | None) -> None:
        if vertex is not None:
            self.ranges.see(here, vertex)
        elif sign < 0:
            self.ranges.high[here[at]] = np.inf
        else:
            self.ranges.low[here[at]] = -np.inf

    def _prove(self, work: Work) -> None:
        """Both ends of what is still not settled, by the whole programme, as long as there is work left."""
        for at in self.wanting():
            column = self.columns[at]
            if not self.ranges.wants(column, self.need[column]):
                continue
            before = self.programme.spent
            if work.left <= 0:
                return
            for sign in (-1.0, 1.0):
                vertex = self.programme.extreme(np.array([at], dtype=np.int32), np.array([sign]))
                self._see_end(self.columns, int(at), sign, vertex)
                if vertex is not None:
                    self.witness.see(self.programme, vertex)
            self.ranges.certified[column] = True
            work.left -= self.programme.spent - before


def _held(whole: Programme, block: Indices, inside: Floats) -> Programme:
    """The programme of a block whose neighbours stand still at the point `inside`."""
    part = sparse.csr_matrix(whole.matrix[:, block])
    part = sparse.csr_matrix(part[np.diff(part.indptr) > 0])
    return Programme(part, part @ inside[block], whole.lower[block], whole.upper[block])
