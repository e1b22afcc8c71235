"""Whether cells can move while what one contributor knows stands still: the programmes behind the insiders' attack.

Numbers that satisfy the equations and differ from the truth speak for every cell that they move, against every group
whose cells they leave at the truth.  What moves in two places that no equation ties counts twice, each by itself.  So
each cell is asked for near it first, all else held at the truth: that leaves every group alone that is not near.  A few
vertices, each with another half of the near groups held, clear most of what is left; the rest is decided by programmes
of its own in the whole component.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from publisher.audit.attacker.equations import Ints
from publisher.audit.attacker.moves import Moves
from publisher.audit.attacker.programme import TOLERANCE, Floats, Programme
from publisher.audit.attacker.reduce import ContradictionError
from publisher.opaque import Opaque

LATENT_TRUTH = -(2**62)
"""In place of the truth of what no table shows or withholds."""

NEAR = (300, 60), (3000, 2**31)
"""About so many unknowns around a cell are tried before the whole component, over equations of at most so many."""

_WORTH = 0.9
"""Random directions go on while they leave less than this share of what was open each time."""

_MANY = 100
"""A cell that was not seen to move counts as open to so many groups."""

_TRIES = 2
"""So many neighbourhoods that hold a cell are swept in vain before a wider one is."""

_FEW = 5
"""So few cells are decided one by one as quickly as by random directions."""


@dataclass(frozen=True, slots=True, repr=False)
class Aims(Opaque):
    """What must be able to move in one component.

    `cell`: what is asked for; `column`: its unknown; `width`: how far it must go, up or down; `own`: the group that
    knows it, or negative.
    """

    cell: Ints
    column: Ints
    width: Floats
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
        shape = (programme.size, int(group.max(initial=-1)) + 1)
        self.groups_of = sparse.csr_matrix((np.ones(len(group), dtype=np.int8), (column, group)), shape=shape)
        self.columns_of = sparse.csr_matrix(self.groups_of.T)
        self.left: list[frozenset[int] | None] = [None] * len(aims.cell)
        self.at: dict[int, list[int]] = {}
        for i, c in enumerate(aims.column.tolist()):
            self.at.setdefault(c, []).append(i)
        self.by_column = sparse.csc_matrix(programme.matrix)
        self.length = np.diff(programme.matrix.indptr)

    def settle(self, random: np.random.Generator) -> None:
        """All stages; what is open in the end can be computed."""
        for limit, widest in NEAR:
            if limit < self.whole.size:
                self._sweep_near(limit, widest, random)
        if not self.open():
            return
        whole = _Part(self, np.arange(self.whole.size))
        if len(self.open()) > _FEW:
            whole.sweep(random)
        for aim in self.open():
            whole.settle(aim)

    def is_open(self, aim: int) -> bool:
        """Whether somebody may still compute it."""
        return self.left[aim] is None or bool(self.left[aim])

    def open(self) -> list[int]:
        """What somebody may still compute, first what lies in short equations: less moves with it."""
        return sorted(self.wanting(), key=lambda i: (self._longest(int(self.aims.column[i])), i))

    def wanting(self) -> list[int]:
        """The same in their order."""
        return [i for i in range(len(self.left)) if self.is_open(i)]

    def _longest(self, column: int) -> int:
        start, end = self.by_column.indptr[column : column + 2]
        return int(self.length[self.by_column.indices[start:end]].max(initial=0))

    def _sweep_near(self, limit: int, widest: int, random: np.random.Generator) -> None:
        """Sweep around what is open; what others' neighbourhoods held twice already is left to the next stage."""
        tried = Counter[int]()
        for aim in self.open():
            if self.is_open(aim) and tried[aim] < _TRIES:
                part = _Part(self, self._around(int(self.aims.column[aim]), limit, widest))
                part.sweep(random)
                tried.update(part.near)

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

    def see(self, columns: Ints, change: Floats, parts: Ints) -> None:
        """Note what a movement proves; `columns` move by `change`, and those with the same number in `parts` only
        together."""
        wanted = [(k, aim) for k, column in enumerate(columns.tolist()) for aim in self.at.get(column, ())]
        touched: dict[int, frozenset[int]] = {}
        for at, aim in wanted:
            part = int(parts[at])
            if not self.is_open(aim):
                continue
            if part not in touched:
                touched[part] = frozenset(self.groups_of[columns[parts == part]].indices.tolist())
            self._note(aim, float(change[at]), touched[part])

    def _note(self, aim: int, by: float, touched: frozenset[int]) -> None:
        if abs(by) >= self.aims.width[aim] - TOLERANCE:
            left = self.left[aim]
            self.left[aim] = (touched if left is None else left & touched) - {int(self.aims.own[aim])}


class _Part:
    """The changes of some columns of a component, whose limits are set anew for every question; all others stand still
    at the truth."""

    def __init__(self, of: Component, columns: Ints) -> None:
        part = sparse.csr_matrix(of.by_column[:, columns])
        self.of, self.columns = of, columns
        self.moves = Moves(sparse.csr_matrix(part[np.diff(part.indptr) > 0]), of.whole.scale)
        self.rise = np.maximum(of.whole.upper[columns] - of.base[columns], 0)
        self.fall = np.maximum(of.base[columns] - of.whole.lower[columns], 0)
        self.near = [aim for c in columns.tolist() for aim in of.at.get(c, ())]
        self.limits = self.rise, self.fall

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
        return sum(_MANY if s is None else len(s) for s in sizes)

    def _vertices(self, random: np.random.Generator) -> None:
        aims = [aim for aim in self.near if self.of.is_open(aim)]
        if not aims:
            return
        groups = sorted({g for aim in aims for g in self.of.left[aim] or ()})
        self._hold([g for g, held in zip(groups, random.random(len(groups)) < 0.5, strict=True) if held], aims)
        columns = np.unique(self.of.aims.column[aims])
        at = np.searchsorted(self.columns, columns)
        direction = random.choice([-1.0, 1.0], size=len(columns))
        for costs in (direction, -direction):
            self._see(self.moves.towards(at, costs))

    def settle(self, aim: int) -> None:
        """Decide by programmes for one cell what can be decided here."""
        if self.of.left[aim] is None:
            self._try(aim, [])
        self._decide(aim, sorted(self.of.left[aim] or ()))

    def _decide(self, aim: int, groups: list[int]) -> None:
        """Whether the cell moves while all these groups stand still; where it does not, half of them at a time."""
        groups = [g for g in groups if g in (self.of.left[aim] or ())]
        if not groups:
            return
        self._try(aim, groups)
        if len(groups) > 1:
            half = len(groups) // 2
            self._decide(aim, groups[:half])
            self._decide(aim, groups[half:])

    def _try(self, aim: int, groups: list[int]) -> None:
        """Move one cell as far as it must, up or down, while these groups stand still."""
        column = int(self.of.aims.column[aim])
        if groups and np.isin(column, self.of.columns_of[groups].indices):
            return
        self._hold(groups, [aim])
        at = int(np.searchsorted(self.columns, column))
        for sign in (1.0, -1.0):
            if not self._cleared(aim, groups):
                self._see(self.moves.by(at, sign * float(self.of.aims.width[aim])))

    def _cleared(self, aim: int, groups: list[int]) -> bool:
        left = self.of.left[aim]
        return left is not None and left.isdisjoint(groups)

    def _hold(self, groups: list[int], aims: list[int]) -> None:
        """These groups' cells are what they are; those asked for move as far as they must: further shows no more."""
        at = np.searchsorted(self.columns, self.of.aims.column[aims])
        rise, fall, needed = self.rise.copy(), self.fall.copy(), np.zeros(len(self.rise))
        np.maximum.at(needed, at, self.of.aims.width[aims])
        for limit in (rise, fall):
            limit[at] = np.minimum(limit, needed)[at]
        if groups:
            fixed = np.isin(self.columns, self.of.columns_of[groups].indices)
            rise[fixed] = fall[fixed] = 0
        self.limits = rise, fall
        self.moves.limit(rise, fall)

    def _see(self, change: Floats | None) -> None:
        """A change that was found; where none was, nothing is proved."""
        if change is None:
            return
        change = self._surely(change)
        moved = np.flatnonzero(np.abs(change) > TOLERANCE / 10)
        if len(moved):
            self.of.see(self.columns[moved], change[moved], _tied(self.moves.matrix, moved))

    def _surely(self, change: Floats) -> Floats:
        """Of large amounts: the change in whole numbers where, rounded, it is one, else less than the solver says."""
        if self.of.whole.scale == 1:
            return change
        whole, (rise, fall) = np.rint(change), self.limits
        if (whole <= rise).all() and (-whole <= fall).all() and not (self.moves.matrix @ whole).any():
            return np.asarray(whole)
        off = TOLERANCE * self.of.whole.scale
        return np.asarray(np.where(np.abs(change) > off, change - np.sign(change) * off, 0.0))


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
            yield from ((cell, g) for g in sorted(left))
