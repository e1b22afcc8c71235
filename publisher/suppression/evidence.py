"""What is proved about each cell: how far it can move, shown by circulations that are checked in integers.

A *circulation* is a change of cells that satisfies every equation.  Added to the truth it gives another table that an
attacker cannot tell from it, as long as it touches unpublished cells only and keeps every lower bound; so do all
fractions of it, because the tables that fit are a convex set.  A cell's feasibility interval therefore contains
whatever range its circulations cover, whatever else is suppressed later (Fischetti and Salazar 2001).

The linear programs only propose circulations, in floating point.  What is recorded is their integer multiple, after
the equations were checked exactly: no float decides.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy import sparse

from publisher.errors import SuppressionError
from publisher.opaque import Opaque
from publisher.relations import IntArray
from publisher.suppression.blocks import Block, BoolArray, FloatArray, components_of
from publisher.suppression.distinct import distinct

UNBOUNDED = 2**60
"""Steps recorded for a cell that nothing bounds, and the most for any: two of them add up in 64 bits."""

LARGE = 2**48
"""The largest whole number of a circulation: sums over long equations stay exact in 64 bits."""

NO_TOP = 2**62
"""In place of how far a cell can rise, where nothing public bounds it."""

STILL = 1e-7
"""A smaller move of a solution is none."""

LARGEST, COMMON = 240, 10**9
"""Denominators up to LARGEST are tried for each number of a linear program's vertex, up to COMMON for all of them."""

A0, A1 = 0, 1
"""Attackers (SUPPRESSION.md): A0 knows that cells are at least 0, A1 that suppressed counts are at least 1."""


def whole_multiple(moves: FloatArray) -> IntArray | None:
    """The smallest multiple of `moves` that is integral where every one is a fraction, to 1e-6; None where one is not.

    Large moves (of sums) are less exact in floating point: their tolerance grows with them.
    """
    near = min(1e-6 * max(1.0, float(np.abs(moves).max(initial=0.0)) / 1e4), 0.1)
    denominator = np.zeros(len(moves), dtype=np.int64)
    left, k = np.arange(len(moves)), 0
    while len(left) and k < LARGEST:
        k += 1
        whole = np.abs(moves[left] * k - np.rint(moves[left] * k)) < near
        denominator[left[whole]] = k
        left = left[~whole]
    common = math.lcm(*np.unique(denominator).tolist())
    if len(left) or common > COMMON or float(np.abs(moves).max(initial=0.0)) * common >= LARGE:
        return None
    return np.rint(moves * denominator).astype(np.int64) * (common // denominator)


def exact_moves(block: Block, moves: FloatArray) -> IntArray | None:
    """A circulation in whole numbers along `moves`, or None.

    Moving cells that no equation ties to others are a circulation by themselves: each such part gets its own multiple,
    and stands still where it has none that satisfies every equation exactly.
    """
    whole, moving = np.zeros(len(moves), dtype=np.int64), np.flatnonzero(np.abs(moves) > STILL)
    if not len(moving):
        return None
    rounded = np.rint(moves[moving])
    if float(np.abs(moves[moving] - rounded).max()) < 1e-6 and float(np.abs(rounded).max()) < LARGE:
        whole[moving] = rounded.astype(np.int64)
        if not (block.equations @ whole).any():
            return whole
        whole[:] = 0
    ties = sparse.csr_array(block.equations[:, moving])
    label = components_of(ties)[1]
    for part in np.split(np.argsort(label, kind="stable"), np.cumsum(np.bincount(label)))[:-1]:
        multiple = whole_multiple(moves[moving[part]]) if len(part) else None
        if multiple is not None:
            whole[moving[part]] = multiple
    broken = np.flatnonzero(ties @ whole[moving])
    whole[moving[np.isin(label, label[ties[broken].indices])]] = 0
    return whole if whole.any() else None


def furthest(moves: IntArray, room: IntArray, top: IntArray) -> IntArray:
    """Whole steps each cell rises (or falls, negative) when `moves` is followed until a cell can go no further.

    `room`: how far each cell can fall; `top`: how far it can rise, NO_TOP where nothing bounds it.  Steps are rounded
    towards the truth, so that an interval of integers keeps them.
    """
    falling, pace = moves < 0, np.abs(moves)
    bounded = np.flatnonzero(falling | ((moves > 0) & (top < NO_TOP)))
    if not len(bounded):
        return np.where(moves > 0, UNBOUNDED, 0)
    own, left = pace[bounded], np.where(falling, room, top)[bounded]
    if int(pace.max()) * max(1, int(left.max())) >= 2**62:
        pace, own, left = (a.astype(object) for a in (pace, own, left))  # Python's integers do not overflow
    at = int(np.argmin(left / own))
    if (left * own[at] < left[at] * own).any():
        return np.zeros(len(moves), dtype=np.int64)
    steps = np.minimum(pace * left[at] // own[at], UNBOUNDED).astype(np.int64)
    return np.asarray(np.where(falling, -steps, steps), dtype=np.int64)


@dataclass(slots=True, eq=False, repr=False)
class Evidence(Opaque):
    """Proved moves of every cell, for both attackers; `room[a]`: how far each cell can fall for attacker a; `top`: how
    far it can rise, for both.

    `up[a]`, `down[a]`: the furthest proved rise and fall, whole units.  `up_by`, `down_by`: which circulation proves
    it (-1: none).  `droppable`: cells that may be published again; `users`: which circulations move each of them.
    `moved`, `changes`: the cells that each circulation moves, and by how much.
    """

    room: tuple[IntArray, IntArray]
    top: IntArray
    droppable: BoolArray
    up: IntArray = field(init=False)
    down: IntArray = field(init=False)
    up_by: IntArray = field(init=False)
    down_by: IntArray = field(init=False)
    users: dict[int, list[int]] = field(init=False, default_factory=dict)
    moved: list[IntArray] = field(init=False, default_factory=list)
    changes: list[IntArray] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        shape = (2, len(self.droppable))
        self.up, self.down = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        self.up_by, self.down_by = np.full(shape, -1, dtype=np.int64), np.full(shape, -1, dtype=np.int64)

    def record(self, block: Block, moves: IntArray, wanted: tuple[BoolArray, BoolArray]) -> None:
        """Record what `moves` of the block's cells prove; they must come from `exact_moves`.

        `wanted[a]`: the cells for which more is to be proved against attacker a; the others keep the circulation that
        they have, so that few cells rest on each.
        """
        for part in block.parts(moves):
            self._record(block.cells[part], moves[part], (wanted[A0][part], wanted[A1][part]))

    def _record(self, support: IntArray, change: IntArray, wanted: tuple[BoolArray, BoolArray]) -> None:
        improved = False
        for attacker in [a for a in (A0, A1) if wanted[a].any()]:
            room, top = self.room[attacker][support], self.top[support]
            for line in (change, -change):
                steps = furthest(line, room, top)
                if np.any(steps < -room) or np.any(steps > top):
                    raise SuppressionError("a circulation was followed further than a cell can go")
                improved |= self._keep(attacker, support, np.where(wanted[attacker], steps, 0))
        if improved:
            self.remember(support, change)

    def remember(self, support: IntArray, change: IntArray) -> None:
        """Keep a circulation (from `exact_moves`) that proves something else than how far cells move."""
        for cell in support[self.droppable[support]].tolist():
            self.users.setdefault(cell, []).append(len(self.moved))
        self.moved.append(support)
        self.changes.append(change)

    def _keep(self, attacker: int, support: IntArray, steps: IntArray) -> bool:
        better_up = steps > self.up[attacker][support]
        better_down = -steps > self.down[attacker][support]
        rise, fall = support[better_up], support[better_down]
        self.up[attacker][rise], self.up_by[attacker][rise] = steps[better_up], len(self.moved)
        self.down[attacker][fall], self.down_by[attacker][fall] = -steps[better_down], len(self.moved)
        return bool(len(rise) or len(fall))

    def forget(self, cells: Iterable[int]) -> "Forgotten":
        """Withdraw every circulation that moves one of `cells`; returns what to give to `recall` to take that back."""
        users = {int(c): self.users.pop(int(c)) for c in cells if int(c) in self.users}
        circulations = distinct(np.array([k for used in users.values() for k in used], dtype=np.int64))
        touched = [self.moved[k] for k in circulations]
        at = distinct(*touched) if touched else np.zeros(0, dtype=np.int64)
        lost_up, lost_down = (np.isin(by[:, at], circulations) for by in (self.up_by, self.down_by))
        memory = Forgotten(
            users, at, lost_up, lost_down, (self.up[:, at], self.up_by[:, at]), (self.down[:, at], self.down_by[:, at])
        )
        for moves, by, lost in ((self.up, self.up_by, lost_up), (self.down, self.down_by, lost_down)):
            moves[:, at] = np.where(lost, 0, moves[:, at])
            by[:, at] = np.where(lost, -1, by[:, at])
        return memory

    def rests_on(self, cells: BoolArray, also: Sequence[int] = ()) -> bool:
        """Whether a circulation that stands, or is one of `also`, moves one of `cells` (over all cells), or nothing
        proves some move that is held to be proved.

        By the circulations themselves: `forget`, whose mistakes this is to see, goes by `users`.
        """
        loose = (self.up[self.up_by < 0] != 0).any() or (self.down[self.down_by < 0] != 0).any()
        return bool(loose or cells[self.standing(also).indices].any())

    def recall(self, memory: "Forgotten") -> None:
        """Undo `forget`; what was proved since then stands too, where it proves more."""
        for cell, circulations in memory.users.items():
            self.users[cell] = sorted({*self.users.get(cell, ()), *circulations})
        _merge(self.up, self.up_by, (memory.cells, memory.lost_up), memory.up)
        _merge(self.down, self.down_by, (memory.cells, memory.lost_down), memory.down)

    def proofs(self, first: int) -> "Proofs":
        """What circulations from number `first` on prove, to be adopted where the ones before are known."""
        up, down = (_proved(moves, by, first) for moves, by in ((self.up, self.up_by), (self.down, self.down_by)))
        return Proofs(self.moved[first:], self.changes[first:], up, down)

    def adopt(self, proofs: "Proofs") -> None:
        """Take over what was proved elsewhere, where it proves more."""
        first = len(self.moved)
        self.moved += proofs.moved
        self.changes += proofs.changes
        for circulation, support in enumerate(proofs.moved, start=first):
            for cell in support[self.droppable[support]].tolist():
                self.users.setdefault(cell, []).append(circulation)
        for moves, by, (attacker, cells, steps, number) in (
            (self.up, self.up_by, proofs.up), (self.down, self.down_by, proofs.down)
        ):  # fmt: skip
            better = steps > moves[attacker, cells]
            moves[attacker[better], cells[better]] = steps[better]
            by[attacker[better], cells[better]] = number[better] + first

    def standing(self, also: Sequence[int] = ()) -> sparse.csr_array:
        """The circulations on which something proved rests, and those numbered `also`: one a row, over all cells."""
        used = np.setdiff1d(np.concatenate([self.up_by.ravel(), self.down_by.ravel(), also]), [-1]).astype(int).tolist()
        none = [np.zeros(0, dtype=np.int64)]
        start = np.cumsum([0, *(len(self.moved[k]) for k in used)])
        cells, change = (np.concatenate([*none, *(part[k] for k in used)]) for part in (self.moved, self.changes))
        return sparse.csr_array((change, cells, start), shape=(len(used), len(self.droppable)))


class Proofs(NamedTuple):
    """Circulations (the cells that each moves, and by how much), and the best moves that they prove: attacker, cell,
    steps, and the circulation's number among them; one array each."""

    moved: list[IntArray]
    changes: list[IntArray]
    up: tuple[IntArray, IntArray, IntArray, IntArray]
    down: tuple[IntArray, IntArray, IntArray, IntArray]

    def __repr__(self) -> str:
        return "<Proofs: withheld>"


def _proved(moves: IntArray, by: IntArray, first: int) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    attacker, cells = np.nonzero(by >= first)
    return attacker, cells, moves[attacker, cells], by[attacker, cells] - first


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Forgotten(Opaque):
    """What `Evidence.forget` took away: the circulations of each cell; `cells` of which some of the moves may be lost;
    masks (attacker, those cells) of the lost ones; the moves and circulations that stood there."""

    users: dict[int, list[int]]
    cells: IntArray
    lost_up: BoolArray
    lost_down: BoolArray
    up: tuple[IntArray, IntArray]
    down: tuple[IntArray, IntArray]


def _merge(
    moves: IntArray, by: IntArray, lost: tuple[IntArray, BoolArray], old: tuple[IntArray, IntArray]
) -> None:  # fmt: skip
    at, gone = lost
    better = gone & (old[0] > moves[:, at])
    moves[:, at], by[:, at] = np.where(better, old[0], moves[:, at]), np.where(better, old[1], by[:, at])
