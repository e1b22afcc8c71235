"""Insiders: whoever alone stands in a cell knows it, and must not work out another sensitive cell from it.

For every sensitive cell and every group of cells that one contributor knows, a circulation is wanted that moves the
first and leaves the group alone.  A circulation proves that against all groups that it does not move; a few in
different directions together prove it against all.  Where the withheld cells have none, more cells are withheld:
that takes nothing away from what was proved before.
"""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from publisher.opaque import Opaque
from publisher.relations import IntArray
from publisher.suppression.blocks import Block, BoolArray, FloatArray
from publisher.suppression.evidence import A1, exact_moves, furthest
from publisher.suppression.parallel import in_parts
from publisher.suppression.programs import AttackProgram, Need, SearchProgram
from publisher.suppression.search import STAGES, Search, refuse
from publisher.suppression.sheets import PARTS, Sheets, in_order, look_around, shared_out

NOBODY = -1
"""Label of a cell that several contributors stand in, or none."""

ROUNDS = 6
"""Pairs of vertices, each with another half of the groups held, before pairs are tried one by one."""

COUNT_STEPS = Need(width=1, rise=0, fall=0), Need(width=1, rise=1, fall=0)
"""What a pair needs; a vertex with a fractional rise may fall short in whole units, and is asked for again."""


def protect_from_insiders(
    search: Search, groups: IntArray, sensitive: BoolArray, width: IntArray | None = None, sheets: Sheets | None = None
) -> list[int]:
    """Withhold more cells until no group's contributor can work out a sensitive cell that is not the group's own.

    `groups`: label of the one contributor of each cell, NOBODY where there are several.  `sensitive`: the cells to be
    protected, a count (`width` None) by a second possible value, a sum by an interval of its `width` to one side: it
    cannot be asked for both, since what others than the insider add to a cell may be less than that.  `sheets`: of a
    sparse table, whose neighbourhoods are looked at first.  Returns the numbers of the circulations that show it.
    SuppressionError where that is impossible.
    """
    known = np.where(search.shown, groups, NOBODY)  # also of cells that are withheld from here on
    needed = np.ones(len(groups), dtype=np.int64) if width is None else np.maximum(width, 1)
    guard = _Guard(search, known, sensitive & search.shown, needed, width is not None)
    guard.learn(0)
    if sheets is not None:
        _guard_in_sheets(guard, sheets)
    for steps in STAGES:
        for seed in guard.open():
            if guard.is_open(seed):
                guard.work(seed, steps)
    if failed := guard.open():
        refuse(np.array(failed))
    return guard.shown_by


def _guard_in_sheets(guard: "_Guard", sheets: Sheets) -> None:
    """The same among few areas, in parts: first what their withheld cells prove, and the nearest could, then freely."""
    evidence = guard.search.evidence
    for most, freely in PARTS:
        known = len(evidence.moved)
        seeds = in_order(sheets, np.array(guard.open(), dtype=np.int64))
        work = partial(_prove_among, guard=guard, sheets=sheets, freely=freely)
        in_parts(guard.search, shared_out(seeds, most), work)
        guard.learn(known)


def _prove_among(search: Search, seeds: IntArray, *, guard: "_Guard", sheets: Sheets, freely: int) -> None:
    for seed in seeds.tolist():
        for cells in look_around(search, (sheets, freely), seed, A1) if guard.is_open(seed) else ():
            guard.prove(seed, cells)
            if not guard.is_open(seed):
                break


@dataclass(slots=True, eq=False, repr=False)
class _Guard(Opaque):
    """`needed`: how far each target must be able to move, up or down; `of_sum`: in amounts.  `shared`: for each target,
    the groups that every circulation seen so far moves; a target without an entry was not seen to move at all.
    `shown_by`: the circulations that showed more than those before.
    """

    search: Search
    groups: IntArray
    targets: BoolArray
    needed: IntArray
    of_sum: bool
    shared: dict[int, frozenset[int]] = field(default_factory=dict)
    shown_by: list[int] = field(default_factory=list)

    def learn(self, first: int) -> None:
        """What the search's circulations, from number `first` on, prove of insiders too; those that still stand."""
        evidence, hidden = self.search.evidence, self.search.hidden
        for k in range(first, len(evidence.moved)):
            if hidden[evidence.moved[k]].all() and self._mark(evidence.moved[k], evidence.changes[k]):
                self.shown_by.append(k)

    def open(self) -> list[int]:
        """Targets that are not yet proved, dearest first, then by index."""
        cells = np.flatnonzero(self.targets)
        ordered = cells[np.lexsort((cells, -self.search.costs[cells]))]
        return [int(c) for c in ordered if self.is_open(int(c))]

    def is_open(self, cell: int) -> bool:
        """Whether somebody may still work the cell out."""
        return bool(self.shared.get(cell, True))

    def work(self, seed: int, steps: int | None) -> None:
        """Prove `seed` and what is near; withhold more where that is needed."""
        near = self.search.neighbourhood(seed, steps)
        self._clear(near)
        if self.is_open(seed):
            self.prove(seed, self.search.widen(near))

    def _clear(self, near: IntArray) -> None:
        """Vertices of what cannot be ruled out, with half of the groups held at a time."""
        search = self.search
        block, program = self._attack(near)
        labels = self.groups[block.cells]
        names = np.unique(labels[labels != NOBODY])
        for _ in range(ROUNDS):
            open_ = np.array([self.targets[c] and self.is_open(int(c)) for c in block.cells], dtype=np.bool_)
            if not open_.any():
                return
            held = names[search.draw.random(len(names)) < 0.5]
            self._hold(program, block, held)
            objective = np.where(open_, search.draw.choice([-1.0, 1.0], len(open_)), 0.0)
            for direction in (objective, -objective):
                self._see(block, program.extreme(direction))

    def _attack(self, cells: IntArray) -> tuple[Block, AttackProgram]:
        search = self.search
        block = search.graph.block(cells[search.hidden[cells]])
        return block, search.attack(block, A1)

    def _hold(self, program: AttackProgram, block: Block, held: IntArray) -> None:
        room = self.search.evidence.room[A1][block.cells]
        program.limit(np.where(np.isin(self.groups[block.cells], held), -1, room))

    def _see(self, block: Block, moves: FloatArray | None) -> None:
        """What a circulation proves of the targets that it moves."""
        whole = None if moves is None else exact_moves(block, moves)
        if whole is None:
            return
        for part in block.parts(whole):
            if self._mark(block.cells[part], whole[part]):
                self.shown_by.append(len(self.search.evidence.moved))
                self.search.evidence.remember(block.cells[part], whole[part])

    def _mark(self, cells: IntArray, change: IntArray) -> bool:
        """What one circulation proves; whether that is more than before."""
        evidence, more = self.search.evidence, False
        room, top = evidence.room[A1][cells], evidence.top[cells]
        moved = np.zeros(len(cells), dtype=np.bool_)
        for line in (change, -change):
            moved |= np.abs(furthest(line, room, top)) >= self.needed[cells]
        touched = frozenset(self.groups[cells].tolist()) - {NOBODY}
        for cell in cells[moved & self.targets[cells]].tolist():
            before = self.shared.get(cell)
            self.shared[cell] = (touched if before is None else before & touched) - {int(self.groups[cell])}
            more |= self.shared[cell] != before
        return more

    def prove(self, seed: int, near: IntArray) -> None:
        """One group after the other: what is withheld already, then more."""
        block, program = self._attack(near)
        at = np.flatnonzero(block.cells == seed)
        while self.is_open(seed):
            group = min(self.shared.get(seed, (NOBODY,)))
            self._try(block, program, at, group)
            if self._can(seed, group):
                self._withhold(seed, near, group)
            if self._can(seed, group):
                return

    def _can(self, seed: int, group: int) -> bool:
        """Whether the group may still work the cell out; NOBODY: whether it was never seen to move."""
        return group in self.shared.get(seed, {group})

    def _try(self, block: Block, program: AttackProgram, at: IntArray, group: int) -> None:
        if not len(at):
            return
        self._hold(program, block, np.array([group] if group != NOBODY else []))
        for sign in (1.0, -1.0):
            objective = np.zeros(len(block.cells))
            objective[at] = sign
            self._see(block, program.extreme(objective))

    def _steps(self, cell: int) -> tuple[Need, ...]:
        if not self.of_sum:
            return COUNT_STEPS
        far = int(self.needed[cell])
        return Need(0, far, 0), Need(0, 0, far), Need(0, far + 1, 0), Need(0, 0, far + 1)

    def _withhold(self, seed: int, near: IntArray, group: int) -> None:
        """Withhold the cheapest circulation that moves the cell as it must, and leaves `group` alone."""
        search = self.search
        block = search.graph.block(near)
        held = (self.groups[block.cells] == group) & (group != NOBODY)
        room = np.where(held, 0, search.evidence.room[A1][block.cells])
        top = np.where(held, 0, search.evidence.top[block.cells])
        position = block.position(seed)
        if position is None:
            return
        program = SearchProgram(block.equations, room, top, search.reach)
        for need in self._steps(seed):
            for moves in search.cheapest(program, block, position, need) or ():
                search.record(block, moves)
                self._see(block, moves)
            if not self._can(seed, group):
                return
