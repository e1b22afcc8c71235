"""Other tables that fit, told by whoever knows the records: each of them is checked, none is believed.

The exact values are numbers that an outsider must hold possible, and so is whatever a change of them leads to that
keeps every equation and every bound.  How far each change can be followed says how wide intervals are at least, in
whole numbers, without any programme.  What is told can be wrong, or of another table: then it shows nothing, and what
it leaves open is asked as if nothing had been told.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.audit.attacker.bodies import LEAST_SUM
from publisher.audit.attacker.equations import NO_UPPER, Grid, Ints, System
from publisher.audit.attacker.integers import Witness
from publisher.audit.attacker.programme import Floats
from publisher.audit.attacker.ranges import Ranges
from publisher.audit.attacker.reduce import Reduced
from publisher.errors import AuditFailedError
from publisher.opaque import Opaque
from publisher.release.model import TOTAL

_EXACT = 2.0**62
"""Products and sums below it are exact in 64 bits."""

_LARGE = 2**40
"""Values and changes with larger numbers show nothing: sums of smaller ones are exact."""

_AT_ONCE = 20_000
"""So many changes are followed at a time: memory grows with them."""

_OTHER_CELLS = "what is told to the audit is not of its cells; nothing is decided"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Alternatives(Opaque):
    """`values`: exact numbers of all cells of a system; `changes`: integers, one change a row, over the same cells."""

    values: Ints
    changes: sparse.csr_matrix

    def __post_init__(self) -> None:
        _check_shapes(self.values, self.changes, self.values.size)

    def widen(self, reduced: Reduced, ranges: Ranges, witness: Witness) -> None:
        """See what the changes lead to in the unknowns of `reduced`: `witness` what solutions in whole numbers hold.

        Nothing is seen where the values do not satisfy the equations.  AuditFailedError where there are fewer of them
        than cells.
        """
        here = self.start(reduced)
        if here is None:
            return
        ends, whole = _Ends(here.copy(), here.copy()), _Ends(here.copy(), here.copy())
        for lines in self._lines(reduced):
            at = lines.indices.astype(np.int64)
            for end, steps in zip((ends, whole), _follow(lines, reduced, here), strict=True):
                end.move(at, here[at] + steps)
        everything = np.arange(len(here), dtype=np.int32)
        for seen in (ends.low, ends.high):
            ranges.see(everything, seen.astype(np.float64))
        witness.low, witness.high = np.minimum(witness.low, whole.low), np.maximum(witness.high, whole.high)

    def start(self, reduced: Reduced) -> Ints | None:
        """The values of the unknowns; None where they do not satisfy the equations.  Raises as `widen`."""
        if len(self.values) <= reduced.unknowns.max(initial=-1):
            raise AuditFailedError(_OTHER_CELLS)
        here = _columns_of(reduced, self.values)
        return here if here is not None and _fits(reduced, here) else None

    def movements(self, reduced: Reduced, here: Ints) -> Iterator[sparse.csr_matrix]:
        """Each change, and its opposite, followed from `here` as far as it goes, to whole numbers inside: one a row, a
        number for each unknown; many rows at a time."""
        for lines in self._lines(reduced):
            steps, _ = _follow(lines, reduced, here)
            yield sparse.csr_matrix((steps, lines.indices, lines.indptr), shape=lines.shape)

    def _lines(self, reduced: Reduced) -> Iterator[sparse.csr_matrix]:
        for start in range(0, self.changes.shape[0], _AT_ONCE):
            yield from _lines(reduced, _whole(self.changes[start : start + _AT_ONCE]))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Ends(Opaque):
    """Least and greatest number that each unknown was seen to hold."""

    low: Ints
    high: Ints

    def move(self, at: Ints, numbers: Ints) -> None:
        """See these numbers of the unknowns `at`, some of them several times."""
        np.minimum.at(self.low, at, numbers)
        np.maximum.at(self.high, at, numbers)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NamedAlternatives(Opaque):
    """Alternatives of cells that have names: every area with every combination of codes, in this order, area by area.

    `dimensions`: of the codes of a combination.  `values`, and `changes` (one a row): over these cells.
    """

    areas: tuple[str, ...]
    dimensions: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    values: Ints
    changes: sparse.csr_matrix

    def __post_init__(self) -> None:
        _check_shapes(self.values, self.changes, len(self.areas) * len(self.categories))
        if any(len(codes) != len(self.dimensions) for codes in self.categories):
            raise AuditFailedError(_OTHER_CELLS)

    def of(self, system: System) -> Alternatives:
        """The same over the cells of a system: those that it has, and of each that stands twice the first."""
        area = np.array([system.grid.names.get(a, -1) for a in self.areas], dtype=np.int64)
        inside = np.array([self._place(system.grid, codes) for codes in self.categories], dtype=np.int64)
        number = np.where((area[:, None] >= 0) & (inside >= 0), area[:, None] * system.grid.width + inside, -1)
        cells, first = np.unique(number.ravel(), return_index=True)
        cells, first = cells[cells >= 0], first[cells >= 0]
        values = np.zeros(system.size, dtype=np.int64)
        values[cells] = self.values[first]
        onto = sparse.csr_matrix((np.ones(len(cells), np.int64), (first, cells)), shape=(number.size, system.size))
        return Alternatives(values, sparse.csr_matrix(self.changes @ onto))

    def _place(self, grid: Grid, codes: tuple[str, ...]) -> int:
        """Where a combination stands in the grid; -1 where the grid lacks it."""
        shown = {d: c for d, c in zip(self.dimensions, codes, strict=True) if c != TOTAL}
        try:
            return grid.place(shown) if shown.keys() <= {*grid.dimensions} else -1
        except KeyError:
            return -1


def _check_shapes(values: Ints, changes: sparse.csr_matrix, cells: int) -> None:
    if values.shape != (cells,) or changes.shape[1] != cells:
        raise AuditFailedError(_OTHER_CELLS)


def _columns_of(reduced: Reduced, values: Ints) -> Ints | None:
    """The unknowns' values; None where cells that are one differ, or one that is fixed is another number."""
    free, own = reduced.column >= 0, values[reduced.unknowns]
    out = np.zeros(len(reduced.lower), dtype=np.int64)
    out[reduced.column[free]] = own[free]
    same = (out[reduced.column[free]] == own[free]).all() and (own[~free] == reduced.fixed[~free]).all()
    return out if same else None


def _fits(reduced: Reduced, here: Ints) -> bool:
    """Whether the values are a solution, and small enough that sums over the equations are exact."""
    longest = np.asarray(abs(reduced.matrix).sum(axis=1)).max(initial=0)
    small = longest * float(_LARGE) < _EXACT and ((here > -_LARGE) & (here < _LARGE)).all()
    within = (reduced.lower <= here).all() and (here <= reduced.upper).all()
    return bool(small and within and (reduced.matrix @ here == reduced.rhs).all())


def _whole(changes: sparse.csr_matrix) -> sparse.csr_matrix:
    """A copy in 64 bits, each cell once in a change: what is rounded or wraps is another change, checked like any."""
    out = sparse.csr_matrix(changes, dtype=np.int64, copy=True)
    out.sum_duplicates()
    return out


def _lines(reduced: Reduced, changes: sparse.csr_matrix) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """The changes that keep the equations, both ways, over the unknowns: cells that are one move alike, and what is
    shown or fixed stands still."""
    free = reduced.column >= 0
    cells, columns = reduced.unknowns[free], reduced.column[free]
    first = np.full(len(reduced.lower), -1, dtype=np.int64)
    first[columns[::-1]] = cells[::-1]
    own = sparse.csr_matrix(changes[:, first])
    onto = sparse.csr_matrix((np.ones(len(cells), np.int64), (columns, cells)), shape=(len(first), changes.shape[1]))
    strays, broken = sparse.csr_matrix(own @ onto - changes), sparse.csr_matrix(own @ reduced.matrix.T)
    lines = sparse.csr_matrix(own[(_most(changes) < _LARGE) & (_most(strays) == 0) & (_most(broken) == 0)])
    lines.eliminate_zeros()
    return lines, sparse.csr_matrix(-lines)


def _most(matrix: sparse.csr_matrix) -> Floats:
    """The largest number of each row, whatever its sign."""
    row, out = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)), np.zeros(matrix.shape[0])
    np.maximum.at(out, row, np.abs(matrix.data.astype(np.float64)))
    return out


def _follow(lines: sparse.csr_matrix, reduced: Reduced, here: Ints) -> tuple[Ints, Ints]:
    """How far each number of the lines moves until some unknown of its line can go no further: to whole numbers inside,
    and as far as whole multiples of the line go.  A line that nothing ends is followed once; one of which that is not
    known exactly, not at all."""
    row, at = np.repeat(np.arange(lines.shape[0]), np.diff(lines.indptr)), lines.indices.astype(np.int64)
    pace, falls = np.abs(lines.data), lines.data < 0
    endless = np.where(falls, reduced.lower[at] <= LEAST_SUM, reduced.upper[at] >= NO_UPPER)
    room = np.where(falls, here[at] - reduced.lower[at], reduced.upper[at] - here[at])
    left, by = (n[row] for n in _nearest_end(row, lines.shape[0], (room, pace), ~endless))
    exact = pace * left.astype(np.float64) < _EXACT
    sooner = ~endless & (room * by < left * pace)  # a product that wraps is of an end far from the nearest
    stands = np.isin(row, row[~exact | sooner])
    left, sign = np.where(stands, 0, left), np.sign(lines.data)
    return sign * (pace * left // by), sign * (pace * (left // by))


def _nearest_end(row: Ints, rows: int, moves: tuple[Ints, Ints], ends: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """For each line room and pace of the unknown that ends it first; one step in one where none does."""
    room, pace = (m[ends] for m in moves)
    left, by = np.ones(rows, dtype=np.int64), np.ones(rows, dtype=np.int64)
    order = np.lexsort((room / pace, row[ends]))
    lines, first = np.unique(row[ends][order], return_index=True)
    left[lines], by[lines] = room[order][first], pace[order][first]
    return left, by
