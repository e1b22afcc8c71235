"""Insiders: what the one contributor of a withheld cell, who knows its number, can infer about other cells.

Each group is the cells that one contributor alone stands in.  A cell is safe from a group where some numbers satisfy
the equations, leave the group's cells at the truth, and differ at the cell by one or more.  Such numbers speak for
every group that they leave at the truth and every cell that they move, so that a few vertices, each with another half
of the groups held, clear most pairs of cell and group at once.  What is left is decided by programmes of its own:
first near the cell, all else held at the truth, then in the whole component.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.audit.attacker.bounds import components
from publisher.audit.attacker.equations import KEPT, SHOWN, WITHHELD, Ints, System
from publisher.audit.attacker.problem import NO_GRID
from publisher.audit.attacker.programme import TOLERANCE, Floats, Programme
from publisher.audit.attacker.reduce import ContradictionError, Reduced, reduce_system
from publisher.opaque import Opaque

EVERYBODY = -1
"""In place of a group: who knows none of the withheld cells can compute the target."""

_LATENT = -(2**62)
"""In place of the truth of what no table shows or withholds."""

_WORTH = 0.9
"""Random directions go on while they leave less than this share of the pairs each time."""

_NEAR = 300
"""About so many unknowns around a cell are tried before the whole component."""


def insider_problem(
    matrix: sparse.csr_matrix, values: Ints, withheld: NDArray[np.bool_], bounds: tuple[Ints, Ints], *,
    groups: Ints, targets: Ints,
) -> tuple[tuple[int, int], ...] | None:  # fmt: skip
    """Pairs (target, group) of cells that a group's contributor can compute, in order; None where no numbers fit.

    `matrix @ values = 0`; `bounds`: what everybody knows of each cell.  `values`: the truth, withheld cells included.
    `groups`: for each cell the label of its one contributor, negative where it has none.  `targets`: indices of cells;
    a cell is not computed by its own group.  A target that no insider is needed for is paired with EVERYBODY alone.
    As in `attack`, a number is computed where the linear relaxation leaves one whole number.
    """
    state = np.where(withheld, WITHHELD, SHOWN).astype(np.int8)
    system = System(NO_GRID, matrix, state, np.where(withheld, 0, values), *bounds, agree=True)
    return insiders_of(system, values, least=int(bounds[0].min(initial=0)), groups=groups, targets=targets)


def insiders_of(
    system: System, truth: Ints, *, least: int, groups: Ints, targets: Ints
) -> tuple[tuple[int, int], ...] | None:
    """`insider_problem` for a system.  `truth`: of the withheld cells; that of others is not used.

    None where the equations, or the equations with the truth, have no solution.
    """
    try:
        reduced = reduce_system(system, least=least)
        return tuple(sorted(_pairs(reduced, _Cells.of(system, reduced, truth, groups, targets))))
    except ContradictionError:
        return None


@dataclass(frozen=True, slots=True, repr=False)
class _Cells(Opaque):
    """The withheld cells: for each its number, its unknown (-1: everybody knows it), truth, group, whether a target."""

    cell: Ints
    column: Ints
    truth: Ints
    group: Ints
    target: NDArray[np.bool_]

    @classmethod
    def of(cls, system: System, reduced: Reduced, truth: Ints, groups: Ints, targets: Ints) -> "_Cells":
        """ContradictionError where the truth of a cell is not what the equations say."""
        withheld = np.isin(system.state[reduced.unknowns], (WITHHELD, KEPT))
        cells, column = reduced.unknowns[withheld], reduced.column[withheld]
        if (reduced.fixed[withheld] != truth[cells])[column < 0].any():
            raise ContradictionError
        return cls(cells, column, truth[cells], groups[cells], np.isin(cells, targets))


def _pairs(reduced: Reduced, cells: _Cells) -> Iterator[tuple[int, int]]:
    for cell in cells.cell[cells.target & (cells.column < 0)].tolist():
        yield cell, EVERYBODY
    true = np.full(len(reduced.lower), _LATENT, dtype=np.int64)
    free = cells.column >= 0
    true[cells.column[free]] = cells.truth[free]
    if (true[cells.column[free]] != cells.truth[free]).any():
        raise ContradictionError
    random = np.random.default_rng(1)
    for columns, programme in components(reduced):
        here = np.full(len(reduced.lower), -1, dtype=np.int64)
        here[columns] = np.arange(len(columns))
        at = np.where(free, here[cells.column], -1)
        mine = at >= 0
        component = _Component.of(programme, true[columns], at[mine], cells.group[mine], cells.target[mine])
        component.settle(random)
        yield from component.pairs(cells.cell[mine])


@dataclass(slots=True, repr=False)
class _Component(Opaque):
    """`base`: numbers that satisfy the equations, the true ones of withheld cells.  `at`, `group`, `target`: of every
    withheld cell.  `names`: the groups, EVERYBODY first; `member[g]`: the unknowns that group g knows.  `open[t, g]`:
    whether unknown `asked[t]` has not been seen to move while group g stands still.
    """

    programme: Programme
    base: Floats
    at: Ints
    group: Ints
    target: NDArray[np.bool_]
    names: Ints
    member: sparse.csr_matrix
    asked: Ints
    open: NDArray[np.bool_]

    @classmethod
    def of(
        cls, programme: Programme, true: Ints, at: Ints, group: Ints, target: NDArray[np.bool_]
    ) -> "_Component":  # fmt: skip
        """Every pair is open, but those of a cell with its own group."""
        names = np.concatenate([[EVERYBODY], np.unique(group[group >= 0])])
        number = np.searchsorted(names, group)
        has = group >= 0
        member = sparse.csr_matrix(
            (np.ones(int(has.sum())), (number[has], at[has])), shape=(len(names), programme.size)
        )
        asked = np.unique(at[target])
        # Cells that the equations make equal are one unknown: whoever is alone in one of them computes the others.
        others = np.zeros((len(asked), len(names)), dtype=np.int32)
        row = np.searchsorted(asked, at[target])
        np.add.at(others, row, 1)
        own = has[target]
        np.subtract.at(others, (row[own], number[target][own]), 1)
        base = _base(programme, true) if len(asked) else true.astype(np.float64)
        return cls(programme, base, at, group, target, names, member, asked, others > 0)

    def settle(self, random: np.random.Generator) -> None:
        """All stages in order; what is open in the end can be computed."""
        self._sweep(random)
        for t in np.argsort(-self.open.sum(axis=1), kind="stable").tolist():
            if self.open[t].any():
                self._decide_near(t)
            if self.open[t].any():
                self._decide(_Part(self.programme, np.arange(self.programme.size)), t, np.flatnonzero(self.open[t]))

    def pairs(self, cells: Ints) -> Iterator[tuple[int, int]]:
        """Target and group where the group's contributor can compute the target; `cells`: numbers of `at`."""
        for t, column in enumerate(self.asked.tolist()):
            groups = self.names[:1] if self.open[t, 0] else self.names[self.open[t]]
            for i in np.flatnonzero(self.target & (self.at == column)).tolist():
                yield from ((int(cells[i]), int(g)) for g in groups if g == EVERYBODY or g != self.group[i])

    def _sweep(self, random: np.random.Generator) -> None:
        """Vertices in random directions, another half of the groups held at each pair of them."""
        left, whole = np.inf, _Part(self.programme, np.arange(self.programme.size))
        while self.open.any() and self.open.sum() < _WORTH * left:
            left = self.open.sum()
            for _ in range(2):
                self._vertices(whole, random)

    def _vertices(self, part: "_Part", random: np.random.Generator) -> None:
        asked = self.asked[self.open.any(axis=1)]
        if not len(asked):
            return
        part.hold(self.base, self._known(np.flatnonzero(random.random(len(self.names)) < 0.5)), asked)
        direction = random.choice([-1.0, 1.0], size=len(asked))
        for cost in (direction, -direction):
            self._see(part, part.extreme(asked, cost))

    def _known(self, groups: Ints) -> NDArray[np.bool_]:
        """Which unknowns these groups know."""
        return np.asarray(self.member[groups].sum(axis=0)).ravel() > 0

    def _see(self, part: "_Part", point: Floats | None) -> None:
        """Clear the pairs of every target that the point moves and every group that it leaves at the truth."""
        if point is None:
            return
        off = np.zeros(len(self.base))
        off[part.columns] = np.abs(point - self.base[part.columns])
        moved = off[self.asked] >= 1 - TOLERANCE
        still = self.member @ (off > TOLERANCE / 10) == 0
        self.open[np.ix_(moved, still)] = False

    def _decide_near(self, t: int) -> None:
        """Some pairs of one target, while all that is not near it stands still."""
        columns = _near(self.programme.matrix, int(self.asked[t]))
        if len(columns) < self.programme.size:
            part = _Part.around(self.programme, columns, self.base)
            self._decide(part, t, np.flatnonzero(self.open[t]))

    def _decide(self, part: "_Part", t: int, groups: Ints) -> None:
        """Whether the target moves while all these groups stand still; where it does not, half of them at a time."""
        groups = groups[self.open[t, groups]]
        known = self._known(groups)
        if not len(groups):
            return
        if not known[self.asked[t]]:
            asked = self.asked[[t]]
            part.hold(self.base, known, asked)
            for sign in (1.0, -1.0):
                self._see(part, part.extreme(asked, np.array([sign])))
                if not self.open[t, groups].any():
                    return
        if len(groups) > 1:
            for half in np.array_split(groups, 2):
                self._decide(part, t, half)


class _Part:
    """The programme of some columns of a component, whose bounds are set anew for every question."""

    def __init__(self, programme: Programme, columns: Ints) -> None:
        self.programme, self.columns = programme, columns

    @classmethod
    def around(cls, whole: Programme, columns: Ints, base: Floats) -> "_Part":
        """All other columns stand still at `base`."""
        part = sparse.csr_matrix(whole.matrix[:, columns])
        part = sparse.csr_matrix(part[np.diff(part.indptr) > 0])
        rhs = part @ base[columns]
        return cls(Programme(part, rhs, whole.lower[columns], whole.upper[columns]), columns)

    def hold(self, base: Floats, known: NDArray[np.bool_], asked: Ints) -> None:
        """Known unknowns are what they are, those asked for within one of it: further than that shows no more."""
        low, high = self.programme.lower.copy(), self.programme.upper.copy()
        at = np.searchsorted(self.columns, asked)
        low[at], high[at] = np.maximum(low[at], base[asked] - 1), np.minimum(high[at], base[asked] + 1)
        fixed = known[self.columns]
        low[fixed] = high[fixed] = base[self.columns][fixed]
        self.programme.within(low, high)

    def extreme(self, asked: Ints, costs: Floats) -> Floats | None:
        """A vertex; None where rounding leaves none: base itself is always possible, so that nothing is missed."""
        return self.programme.extreme(np.searchsorted(self.columns, asked).astype(np.int32), costs)


def _base(programme: Programme, true: Ints) -> Floats:
    """Numbers that satisfy the equations with every withheld cell at the truth.  ContradictionError if none do."""
    known = true != _LATENT
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


def _near(matrix: sparse.csr_matrix, column: int) -> Ints:
    """Columns that share equations with a column, and so on outward, until they are enough."""
    by_column = matrix.tocsc()
    near = np.array([column])
    while len(near) < _NEAR:
        rows = np.unique(by_column[:, near].indices)
        wider = np.unique(matrix[rows].indices).astype(np.int64)
        if len(wider) == len(near):
            break
        near = wider
    return near
