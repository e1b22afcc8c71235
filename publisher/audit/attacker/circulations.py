"""Whether cells can move while what one contributor knows stands still: the programmes behind the insiders' attack.

Numbers that satisfy the equations and differ from the truth speak for every cell that they move, against every group
whose cells they leave at the truth.  What moves in two places that no equation ties counts twice, each by itself.  So
each cell is asked for near it first, all else held at the truth: that leaves every group alone that is not near.  A few
vertices, each with another half of the near groups held, clear most of what is left; the rest is decided by programmes
of its own, near the cell and in the end in the whole component.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from publisher.audit.attacker.equations import Ints
from publisher.audit.attacker.programme import TOLERANCE, Floats, Programme
from publisher.audit.attacker.reduce import ContradictionError
from publisher.opaque import Opaque

LATENT_TRUTH = -(2**62)
"""In place of the truth of what no table shows or withholds."""

NEAR = (300, 60), (3000, 2**31)
"""About so many unknowns around a cell are tried before the whole component, over equations of at most so many."""

_WORTH = 0.9
"""Random directions go on while they leave less than this share of what was open each time."""


@dataclass(frozen=True, slots=True, repr=False)
class Aims(Opaque):
    """What must be able to move in one component.

    `cell`: what is asked for, which may stand here twice (up and down); `column`: its unknown; `rise`, `fall`: how far
    it must go, either of them (infinite: not that way); `own`: the group that knows it, or negative.
    """

    cell: Ints
    column: Ints
    rise: Floats
    fall: Floats
    own: Ints


class Component:
    """The unknowns of one component with the groups that know some of them.

    `known`: (group, unknown) pairs, groups numbered from 0.  `left`: of each aim the groups that every movement seen so
    far has touched; None while it was not seen to move at all.
    """

    def __init__(self, programme: Programme, true: Ints, aims: Aims, known: tuple[Ints, Ints]) -> None:
        self.aims, self.whole = aims, programme
        self.base = base_of(programme, true) if len(aims.cell) else true.astype(np.float64)
        group, column = known
        size = int(group.max(initial=-1)) + 1
        shape = (programme.size, size)
        self.groups_of = sparse.csr_matrix((np.ones(len(group), dtype=np.int8), (column, group)), shape=shape)
        self.columns_of = sparse.csr_matrix(self.groups_of.T)
        self.left: list[Ints | None] = [None] * len(aims.cell)
        self.at: dict[int, list[int]] = {}
        for i, c in enumerate(aims.column.tolist()):
            self.at.setdefault(c, []).append(i)
        self.by_column = sparse.csc_matrix(programme.matrix)
        self.length = np.diff(programme.matrix.indptr)

    def settle(self, random: np.random.Generator) -> None:
        """All stages; what is open in the end can be computed."""
        for limit, widest in NEAR:
            if limit < self.whole.size:
                for aim in self._open():
                    self._near(aim, limit, widest, random)
        if self._open():
            self._work(_Part(self, np.arange(self.whole.size), self.whole), self._open(), random)

    def is_open(self, aim: int) -> bool:
        """Whether somebody may still compute it."""
        left = self.left[aim]
        return left is None or len(left) > 0

    def _open(self) -> list[int]:
        return [i for i in range(len(self.left)) if self.is_open(i)]

    def _near(self, aim: int, limit: int, widest: int, random: np.random.Generator) -> None:
        if self.is_open(aim):
            columns = self._around(int(self.aims.column[aim]), limit, widest)
            self._work(_Part.around(self, columns), [aim], random)

    def _around(self, column: int, limit: int, widest: int) -> Ints:
        """Columns that share equations with a column, and so on outward, until they are enough."""
        near = np.array([column])
        while len(near) < limit:
            rows = np.unique(self.by_column[:, near].indices)
            rows = rows[self.length[rows] <= widest]
            wider = np.union1d(near, self.whole.matrix[rows].indices)
            if len(wider) == len(near):
                break
            near = wider
        return near.astype(np.int64)

    def _work(self, part: "_Part", aims: list[int], random: np.random.Generator) -> None:
        part.sweep(random)
        for aim in aims:
            if self.left[aim] is None:
                part.try_aim(aim, np.zeros(0, dtype=np.int64))
            left = self.left[aim]
            if left is not None:
                part.decide(aim, left)

    def see(self, columns: Ints, change: Floats, parts: Ints) -> None:
        """Note what a movement proves; `columns` move by `change`, and those with the same number in `parts` only
        together."""
        for k in np.unique(parts):
            moved = columns[parts == k]
            touched = np.unique(self.groups_of[moved].indices).astype(np.int64)
            for column, by in zip(moved.tolist(), change[parts == k].tolist(), strict=True):
                for aim in self.at.get(column, ()):
                    self._note(aim, by, touched)

    def _note(self, aim: int, by: float, touched: Ints) -> None:
        slop = min(0.4, TOLERANCE * self.whole.scale)
        if by >= self.aims.rise[aim] - slop or -by >= self.aims.fall[aim] - slop:
            left = self.left[aim]
            left = touched if left is None else np.intersect1d(left, touched)
            self.left[aim] = left[left != self.aims.own[aim]]


class _Part:
    """The programme of some columns of a component, whose bounds are set anew for every question."""

    def __init__(self, of: Component, columns: Ints, programme: Programme) -> None:
        self.of, self.columns, self.programme = of, columns, programme
        self.truth = of.base[columns]
        self.near = [aim for c in columns.tolist() for aim in of.at.get(c, ())]

    @classmethod
    def around(cls, of: Component, columns: Ints) -> "_Part":
        """All other columns stand still at the truth."""
        part = sparse.csr_matrix(of.by_column[:, columns])
        part = sparse.csr_matrix(part[np.diff(part.indptr) > 0])
        low, high = of.whole.lower[columns], of.whole.upper[columns]
        return cls(of, columns, Programme(part, part @ of.base[columns], low, high))

    def sweep(self, random: np.random.Generator) -> None:
        """Vertices in random directions, another half of the groups held at each pair of them."""
        before = np.inf
        while (left := self._count()) and left < _WORTH * before:
            before = left
            for _ in range(2):
                self._vertices(random)

    def _count(self) -> int:
        """Pairs that are open; a cell that was not seen to move counts as many."""
        sizes = (self.of.left[aim] for aim in self.near)
        return sum(len(self.columns) if s is None else len(s) for s in sizes)

    def _vertices(self, random: np.random.Generator) -> None:
        aims = [aim for aim in self.near if self.of.is_open(aim)]
        seen = [left for aim in aims if (left := self.of.left[aim]) is not None]
        groups = np.unique(np.concatenate(seen)) if seen else np.zeros(0, dtype=np.int64)
        self._hold(groups[random.random(len(groups)) < 0.5], aims)
        columns = np.unique(self.of.aims.column[aims])
        direction = random.choice([-1.0, 1.0], size=len(columns))
        for costs in (direction, -direction):
            self._see(columns, costs)

    def try_aim(self, aim: int, groups: Ints) -> None:
        """Move one cell as far as it must, up and down, while these groups stand still."""
        column = self.of.aims.column[[aim]]
        if len(groups) and np.isin(column[0], self.of.columns_of[groups].indices):
            return
        self._hold(groups, [aim])
        for sign, limit in ((-1.0, self.of.aims.rise[aim]), (1.0, self.of.aims.fall[aim])):
            if np.isfinite(limit) and not self._cleared(aim, groups):
                self._see(column, np.array([sign]))

    def _cleared(self, aim: int, groups: Ints) -> bool:
        left = self.of.left[aim]
        return left is not None and not np.isin(groups, left).any()

    def decide(self, aim: int, groups: Ints) -> None:
        """Whether the cell moves while all these groups stand still; where it does not, half of them at a time."""
        left = self.of.left[aim]
        groups = groups if left is None else np.intersect1d(groups, left)
        if not len(groups):
            return
        self.try_aim(aim, groups)
        if len(groups) > 1 and not self._cleared(aim, groups):
            for half in np.array_split(groups, 2):
                self.decide(aim, half)

    def _hold(self, groups: Ints, aims: list[int]) -> None:
        """These groups' cells are what they are; those asked for move as far as they must: further shows no more."""
        low, high = self.programme.lower.copy(), self.programme.upper.copy()
        of = self.of.aims
        at = np.searchsorted(self.columns, of.column[aims])
        up, down = (np.zeros(len(low)) for _ in range(2))
        np.maximum.at(up, at, np.where(np.isfinite(of.rise[aims]), of.rise[aims], 0))
        np.maximum.at(down, at, np.where(np.isfinite(of.fall[aims]), of.fall[aims], 0))
        low[at], high[at] = np.maximum(low, self.truth - down)[at], np.minimum(high, self.truth + up)[at]
        fixed = np.isin(self.columns, self.of.columns_of[groups].indices) if len(groups) else np.zeros(len(low), bool)
        low[fixed] = high[fixed] = self.truth[fixed]
        self.programme.within(low, high)

    def _see(self, columns: Ints, costs: Floats) -> None:
        """A vertex; none where rounding leaves none: the truth itself is always possible, so that nothing is missed."""
        at = np.searchsorted(self.columns, columns).astype(np.int32)
        point = self.programme.extreme(at, costs)
        if point is None:
            return
        change = point - self.truth
        moved = np.flatnonzero(np.abs(change) > TOLERANCE / 10 * self.programme.scale)
        if len(moved):
            self.of.see(self.columns[moved], change[moved], _tied(self.programme.matrix, moved))


def _tied(matrix: sparse.csr_matrix, columns: Ints) -> Ints:
    """A number for each of the columns, the same where equations tie them, directly or over others of them."""
    part = sparse.csr_matrix(matrix[:, columns])
    n = part.shape[0]
    rows = np.repeat(np.arange(n), np.diff(part.indptr))
    size = n + len(columns)
    graph = sparse.csr_matrix((np.ones(len(rows), dtype=np.int8), (rows, n + part.indices)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][n:], dtype=np.int64)


def base_of(programme: Programme, true: Ints) -> Floats:
    """Numbers that satisfy the equations with every withheld cell at the truth.  ContradictionError if none do."""
    known: NDArray[np.bool_] = true != LATENT_TRUTH
    values = true.astype(np.float64)
    beyond = (values < programme.lower) | (values > programme.upper)
    if (beyond & known).any():
        raise ContradictionError
    if known.all():
        if (np.abs(programme.matrix @ values - programme.rhs) > 0).any():
            raise ContradictionError
        return values
    low, high = np.where(known, values, programme.lower), np.where(known, values, programme.upper)
    programme.within(low, high)
    return np.where(known, values, programme.any_point())


def open_pairs(component: Component) -> Iterator[tuple[int, int | None]]:
    """Cell and group that can compute it (None: everybody), of what is open."""
    for aim, cell in enumerate(component.aims.cell.tolist()):
        left = component.left[aim]
        if left is None:
            yield cell, None
        else:
            yield from ((cell, int(g)) for g in left)
