"""Secondary suppression: circulations through every cell that needs one, at the least cost of cells withheld.

For each cell not yet protected a local linear program looks for a rising and a falling circulation (sliding
protection) that use cells already suppressed for almost nothing and others at their weight; what they touch becomes
suppressed.  A fixed cost for each cell is approached by slope scaling (Kim and Pardalos 1999).  The block grows from
the cell's neighbourhood to the whole system where it is too small.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn

import numpy as np

from publisher.errors import SuppressionError
from publisher.opaque import Opaque
from publisher.relations import IntArray
from publisher.suppression.blocks import Block, BoolArray, FloatArray, Graph
from publisher.suppression.distinct import distinct
from publisher.suppression.evidence import A0, A1, Evidence, exact_moves
from publisher.suppression.needs import Needs
from publisher.suppression.possible import furthest_possible
from publisher.suppression.programs import AttackProgram, Need, SearchProgram

STAGES = (2, 4, None)
"""Steps that a block reaches, tried one after the other; None: everything."""

SLOPES = 4
"""Linear programs a cell for the fixed cost."""

VERTICES = 8
"""Pairs of vertices looked at before cells are tried one by one."""

NAMED = 20
"""Cells that an error names, and after which the search for more that cannot be protected ends."""

FREE = 1e-4
"""Cost of moving a cell that is suppressed already, in units of the mean weight."""

MANY, SPARSE = 4000, 0.4
"""A table is sparse where more than MANY needs are open, and more than SPARSE of the withheld cells have one."""

PLENTY = 2**40
"""A cell that can move so far counts as one that nothing bounds: sums of what is less are exact in floating point."""

EVERY = slice(None)


@dataclass(slots=True, eq=False, repr=False)
class Search(Opaque):
    """The state of one search.

    `shown`: cells that a table publishes or could.  `allowed`: cells that may move.  `hidden`: cells that are not
    published, as things stand.  `costs`: relative to the mean.  `reach`: most units that a circulation moves a cell.
    `reserve`: withheld cells, sorted, that every block takes in: what moves around it can be made up for there, where
    equations over the whole country (an area type) would hold it still otherwise.
    """

    graph: Graph
    shown: BoolArray
    allowed: BoolArray
    hidden: BoolArray
    costs: FloatArray
    evidence: Evidence
    needs: Needs
    reach: int
    draw: np.random.Generator
    reserve: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def run(self) -> None:
        """Suppress until every need is proved; SuppressionError with the cells for which that is impossible."""
        while any(self.unmet(a).any() for a in self.needs.order):
            for attacker in self.needs.order:
                self._settle(attacker)

    def open_needs(self, *attackers: int) -> int:
        """How much is not proved yet, for these attackers together (none named: both)."""
        return sum(int(self.unmet(attacker).sum()) for attacker in attackers or self.needs.order)

    def is_sparse(self, *attackers: int) -> bool:
        """Whether much is open, and nearly half of what is withheld: cells cannot be asked one by one then."""
        asked, withheld = attackers or self.needs.order, int((self.hidden & self.shown).sum())
        return self.open_needs(*asked) > max(MANY, len(asked) * SPARSE * withheld)

    def check(self, also: Sequence[int] = ()) -> None:
        """Whether every need is proved by circulations of cells that are suppressed, and those numbered `also` are of
        such cells; SuppressionError if not."""
        unmet = self.unmet(A0) | self.unmet(A1)
        if unmet.any():
            refuse(np.flatnonzero(unmet))
        if self.evidence.rests_on(self.shown & ~self.hidden, also):
            raise SuppressionError("a circulation that moves a published cell was left as evidence")

    def unmet(self, attacker: int, cells: IntArray | slice = EVERY) -> BoolArray:
        """Which of `cells` are not yet proved safe from `attacker`."""
        return self.needs.unmet(self.evidence, attacker, self.hidden[cells] & self.shown[cells], cells)

    def record(self, block: Block, moves: FloatArray) -> None:
        """Record a circulation, if it is one exactly, for the cells that need it; what it moves becomes suppressed."""
        whole = exact_moves(block, moves)
        if whole is None:
            return
        self.hidden[block.cells[whole != 0]] = True
        wanted = self.unmet(A0, block.cells), self.unmet(A1, block.cells)
        self.evidence.record(block, whole, wanted)

    def positions(self, block: Block, wanted: BoolArray) -> IntArray:
        """Positions in the block of the cells with `wanted` (over the block), dearest first."""
        at = np.flatnonzero(wanted)
        return at[np.lexsort((at, -self.costs[block.cells[at]]))]

    def neighbourhood(self, seed: int, steps: int | None) -> IntArray:
        """Cells that may move, at most `steps` from `seed`; all of them where steps is None."""
        if steps is None:
            return np.flatnonzero(self.allowed)
        cells = np.array([seed])
        for _ in range(steps):
            cells = self.graph.grow(cells, self.allowed)
        return cells

    def widen(self, cells: IntArray) -> IntArray:
        """`cells`, suppressed ones two steps further, and the reserve: what moves there costs nothing."""
        for _ in range(2):
            cells = self.graph.grow(cells, self.hidden & self.allowed)
        return distinct(cells, self.held)

    @property
    def held(self) -> IntArray:
        """What is in reserve and still withheld."""
        return self.reserve[self.hidden[self.reserve]]

    def are_inside(self, cells: IntArray, inside: BoolArray) -> BoolArray:
        """Which of `cells` have every cell one step from them in `inside`."""
        return self.graph.inner(cells, self.allowed, inside)

    def refuse_stuck(self) -> None:
        """Keep as allowed only what can move when everything allowed does; refuse if a cell in need cannot, or not far
        enough by what single equations say.
        """
        movable = np.zeros_like(self.allowed)
        movable[self.graph.block(np.flatnonzero(self.allowed)).cells] = True
        self.allowed = movable
        stuck = np.flatnonzero(self._cannot(A0) | self._cannot(A1))
        if len(stuck):
            refuse(stuck)

    def _cannot(self, attacker: int) -> BoolArray:
        """Cells in need that no pattern protects, whatever it withholds of what is allowed."""
        ends = (self.evidence.top, self.evidence.room[attacker])
        rise, fall = (np.where(self.allowed, np.where(end < PLENTY, end, np.inf), 0.0) for end in ends)
        moves = furthest_possible(self.graph.by_row, (rise, fall))
        return self.needs.lacking(attacker, moves, self.hidden & self.shown, EVERY)

    def _settle(self, attacker: int) -> None:
        for steps in STAGES:
            failed = []
            for seed in self.pending(attacker):
                if self.needs_more(seed, attacker):
                    self._work(seed, steps, attacker)
                    failed += [seed] if self.needs_more(seed, attacker) else []
                if steps is None and len(failed) > NAMED:
                    refuse(np.array(failed), among="at least ")
            if not failed:
                return
        refuse(np.array(failed))

    def pending(self, attacker: int) -> list[int]:
        """Cells not yet safe, dearest first (totals before parts), then by index."""
        cells = np.flatnonzero(self.unmet(attacker))
        return [int(c) for c in cells[np.lexsort((cells, -self.costs[cells]))]]

    def needs_more(self, cell: int, attacker: int) -> bool:
        """Whether `cell` is not yet proved safe from `attacker`."""
        return bool(self.unmet(attacker, np.array([cell]))[0])

    def _work(self, seed: int, steps: int | None, attacker: int) -> None:
        """Protect `seed`, and what else the block around it is large enough for."""
        near = self.neighbourhood(seed, steps)
        self._clear(near, attacker)
        wide = self.widen(near)
        self._clear(wide, attacker)
        block = self.graph.block(wide)
        targets = self._targets(seed, wide, block, attacker)
        if not targets:
            return
        program = self.programme(block, attacker)
        for target in targets:
            if self.needs_more(int(block.cells[target]), attacker):
                self.protect(program, block, target, attacker)

    def _clear(self, cells: IntArray, attacker: int) -> None:
        """Prove what the suppressed ones of `cells` already prove, by a few vertices of what cannot be ruled out."""
        part = self.graph.block(cells[self.hidden[cells]])
        if not self.unmet(attacker, part.cells).any():
            return
        program = self.attack(part, attacker)
        left = 2 * len(part.cells)
        for _ in range(VERTICES):
            unmet = self.unmet(attacker, part.cells)
            if not unmet.any() or 5 * int(unmet.sum()) > 4 * left:
                return
            left = int(unmet.sum())
            self.look(program, part, np.where(unmet, self.draw.choice([-1.0, 1.0], len(unmet)), 0.0))

    def programme(self, block: Block, attacker: int) -> SearchProgram:
        """Circulations of the block's cells, for one cell after the other."""
        room, top = self.evidence.room[attacker][block.cells], self.evidence.top[block.cells]
        return SearchProgram(block.equations, room, top, self.reach)

    def attack(self, block: Block, attacker: int) -> AttackProgram:
        """What the attacker cannot rule out of the block's cells."""
        room, top = self.evidence.room[attacker][block.cells], self.evidence.top[block.cells]
        return AttackProgram(block.equations, room, top, 4 * self.reach)

    def look(self, program: AttackProgram, part: Block, objective: FloatArray) -> None:
        """Record the vertices at both ends of `objective`."""
        for direction in (objective, -objective):
            moves = program.extreme(direction)
            if moves is not None:
                self.record(part, moves)

    def _targets(self, seed: int, cells: IntArray, block: Block, attacker: int) -> list[int]:
        """Positions in the block of unprotected cells whose whole neighbourhood lies in it; the seed first."""
        inside = np.zeros_like(self.allowed)
        inside[cells] = True
        unmet = self.positions(block, self.unmet(attacker, block.cells))
        own = block.cells[unmet] == seed
        return [*unmet[own].tolist(), *unmet[~own & self.are_inside(block.cells[unmet], inside)].tolist()]

    def protect(self, program: SearchProgram, block: Block, target: int, attacker: int) -> None:
        """Suppress the cheapest circulations that protect the target; nothing where the block has none.

        A vertex with a fractional rise may fall short in whole units; the second try asks for the rise rounded up.
        """
        cell = int(block.cells[target])
        need = self.need(cell, attacker)
        for _ in range(2):
            pair = self.cheapest(program, block, target, need)
            if pair is None:
                return
            for moves in pair:
                self.record(block, moves)
            if not self.needs_more(cell, attacker):
                return
            need = replace(need, rise=max(need.rise, int(np.ceil(pair[0][target] - 1e-6))))

    def need(self, cell: int, attacker: int) -> Need:
        """What is asked for `cell`, if it is withheld."""
        width = int(max(self.needs.width[attacker][cell], attacker == A1))
        return Need(width, int(self.needs.rise[cell]), int(self.needs.fall[cell]))

    def cheapest(
        self, program: SearchProgram, block: Block, target: int, need: Need
    ) -> tuple[FloatArray, FloatArray] | None:
        """Moves (rising, falling) that meet `need` for the least weight of cells not yet suppressed."""
        new = ~self.hidden[block.cells]
        weight = np.where(new, self.costs[block.cells], FREE)
        slope = weight / need.largest
        best, least = None, np.inf
        for _ in range(SLOPES):
            pair = program.cheapest(target, need, slope)
            if pair is None:
                return best
            used = np.abs(pair[0]) + np.abs(pair[1])
            touched = new & (used > 1e-9)
            total = float(weight[touched].sum())
            if total >= least:
                return best
            best, least = pair, total
            if total == 0:
                return best
            slope = np.where(touched, weight / used.clip(min=1e-9), slope)
        return best


def refuse(cells: IntArray, among: str = "") -> NoReturn:
    """Say how many cells, and which, by their index in the system (public).  `among`: `at least `, or nothing."""
    more = ", ..." if len(cells) > NAMED else ""
    named = tuple(sorted(cells.tolist())[:NAMED])
    listed = ", ".join(map(str, named))
    raise SuppressionError(
        f"{among}{len(cells)} sensitive or dependent cells cannot be protected together with the cells that must be "
        f"published; their indexes in the linked system: {listed}{more}",
        cells=named,
    )
