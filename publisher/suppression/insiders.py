"""Insiders: whoever alone stands in a cell knows it, and must not work out another sensitive cell from it.

For every sensitive cell and every group of cells that one contributor knows, a circulation is wanted that moves the
first and leaves the group alone.  A circulation proves that against all groups that it does not move; a few in
different directions together prove it against all.  Where the withheld cells have none, more cells are withheld:
that takes nothing away from what was proved before.
"""

from dataclasses import dataclass, field

import numpy as np

from publisher.opaque import Opaque
from publisher.relations import IntArray
from publisher.suppression.blocks import Block, BoolArray, FloatArray
from publisher.suppression.evidence import A1, exact_moves, furthest
from publisher.suppression.programs import AttackProgram, Need, SearchProgram
from publisher.suppression.search import STAGES, Search, refuse

NOBODY = -1
"""Label of a cell that several contributors stand in, or none."""

ROUNDS = 6
"""Pairs of vertices, each with another half of the groups held, before pairs are tried one by one."""

EITHER, RISE, FALL = 0, 1, 2
"""What a cell needs: to move by one, either way; to rise; to fall."""

Aim = tuple[int, int]
"""A cell, and what it needs."""

Ends = tuple[IntArray, IntArray]
"""How far each sensitive sum must be able to rise and to fall."""


def protect_from_insiders(search: Search, groups: IntArray, sensitive: BoolArray, ends: Ends | None = None) -> None:
    """Withhold more cells until no group's contributor can work out a sensitive cell that is not the group's own.

    `groups`: label of the one contributor of each cell, NOBODY where there are several.  `sensitive`: the cells to be
    protected: a count by a second possible value, a sum by `ends`.  SuppressionError where that is impossible.
    """
    known = np.where(search.hidden & search.shown, groups, NOBODY)
    nothing = np.zeros(len(groups), dtype=np.int64)
    guard = _Guard(search, known, sensitive & search.shown, *(ends or (nothing, nothing)))
    for steps in STAGES:
        failed = [aim for aim in guard.open() if guard.is_open(aim) and not guard.work(aim, steps)]
        if not failed:
            return
    refuse(np.unique([cell for cell, _ in failed]))


@dataclass(slots=True, eq=False, repr=False)
class _Guard(Opaque):
    """`rise`, `fall`: how far each target must be able to move; where both are 0, by one, either way.  `shared`: for
    each aim, the groups that every circulation seen so far moves; one without an entry was not seen to be met at all.
    """

    search: Search
    groups: IntArray
    targets: BoolArray
    rise: IntArray
    fall: IntArray
    shared: dict[Aim, frozenset[int]] = field(default_factory=dict)

    def open(self) -> list[Aim]:
        """Aims that are not yet proved, dearest cell first, then by index."""
        cells = np.flatnonzero(self.targets)
        ordered = cells[np.lexsort((cells, -self.search.costs[cells]))].tolist()
        return [aim for cell in ordered for aim in self._aims(cell) if self.is_open(aim)]

    def _aims(self, cell: int) -> list[Aim]:
        sides = [(cell, side) for side, reach in ((RISE, self.rise), (FALL, self.fall)) if reach[cell] > 0]
        return sides or [(cell, EITHER)]

    def is_open(self, aim: Aim) -> bool:
        """Whether somebody may still work the cell out."""
        return bool(self.shared.get(aim, True))

    def work(self, aim: Aim, steps: int | None) -> bool:
        """Prove `aim` and what is near; withhold more where that is needed.  Whether it was possible."""
        near = self.search.neighbourhood(aim[0], steps)
        self._clear(near)
        if self.is_open(aim):
            self._prove(aim, self.search.widen(near))
        return not self.is_open(aim)

    def _clear(self, near: IntArray) -> None:
        """Vertices of what cannot be ruled out, with half of the groups held at a time."""
        search = self.search
        block, program = self._attack(near)
        labels = self.groups[block.cells]
        names = np.unique(labels[labels != NOBODY])
        for _ in range(ROUNDS):
            open_ = np.array([self.targets[c] and any(map(self.is_open, self._aims(c))) for c in block.cells.tolist()])
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
        room, top = search.evidence.room[A1][block.cells], search.evidence.top[block.cells]
        return block, AttackProgram(block.equations, room, top, 4 * search.reach)

    def _hold(self, program: AttackProgram, block: Block, held: IntArray) -> None:
        room = self.search.evidence.room[A1][block.cells]
        program.limit(np.where(np.isin(self.groups[block.cells], held), -1, room))

    def _see(self, block: Block, moves: FloatArray | None) -> None:
        """What a circulation proves of the targets that it moves."""
        whole = None if moves is None else exact_moves(block, moves)
        if whole is None:
            return
        evidence = self.search.evidence
        for part in block.parts(whole):
            cells = block.cells[part]
            room, top = evidence.room[A1][cells], evidence.top[cells]
            touched = frozenset(self.groups[cells].tolist()) - {NOBODY}
            for line in (whole[part], -whole[part]):
                target = self.targets[cells]
                for cell, by in zip(cells[target].tolist(), furthest(line, room, top)[target].tolist(), strict=True):
                    self._note(cell, by, touched)

    def _note(self, cell: int, by: int, touched: frozenset[int]) -> None:
        for aim in self._aims(cell):
            met = {EITHER: by != 0, RISE: by >= self.rise[cell], FALL: -by >= self.fall[cell]}[aim[1]]
            if met:
                self.shared[aim] = (self.shared.get(aim, touched) & touched) - {int(self.groups[cell])}

    def _prove(self, aim: Aim, near: IntArray) -> None:
        """One group after the other: what is withheld already, then more."""
        block, program = self._attack(near)
        at = np.flatnonzero(block.cells == aim[0])
        while self.is_open(aim):
            group = min(self.shared.get(aim, (NOBODY,)))
            self._try(block, program, at, group)
            if self._can(aim, group):
                self._withhold(aim, near, group)
            if self._can(aim, group):
                return

    def _can(self, aim: Aim, group: int) -> bool:
        """Whether the group may still work the cell out; NOBODY: whether it was never seen to move."""
        return group in self.shared.get(aim, {group})

    def _try(self, block: Block, program: AttackProgram, at: IntArray, group: int) -> None:
        if not len(at):
            return
        self._hold(program, block, np.array([group] if group != NOBODY else []))
        for sign in (1.0, -1.0):
            objective = np.zeros(len(block.cells))
            objective[at] = sign
            self._see(block, program.extreme(objective))

    def _steps(self, aim: Aim) -> tuple[Need, Need]:
        """What a pair needs; a vertex with a fractional rise may fall short in whole units, and is asked for again."""
        cell, side = aim
        if side == EITHER:
            return Need(width=1, rise=0, fall=0), Need(width=1, rise=1, fall=0)
        if side == RISE:
            return (Need(0, int(self.rise[cell]), 0), Need(0, int(self.rise[cell]) + 1, 0))
        return (Need(0, 0, int(self.fall[cell])), Need(0, 0, int(self.fall[cell]) + 1))

    def _withhold(self, aim: Aim, near: IntArray, group: int) -> None:
        """Withhold the cheapest circulation that moves the cell as it must, and leaves `group` alone."""
        search = self.search
        block = search.graph.block(near)
        held = (self.groups[block.cells] == group) & (group != NOBODY)
        room = np.where(held, 0, search.evidence.room[A1][block.cells])
        top = np.where(held, 0, search.evidence.top[block.cells])
        position = int(np.searchsorted(block.cells, aim[0]))
        if position == len(block.cells) or block.cells[position] != aim[0]:
            return
        program = SearchProgram(block.equations, room, top, search.reach)
        for need in self._steps(aim):
            for moves in search.cheapest(program, block, position, need) or ():
                search.record(block, moves)
                self._see(block, moves)
            if not self._can(aim, group):
                return
