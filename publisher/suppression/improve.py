"""Improvement of a pattern: the secondary cells of one neighbourhood after the other are chosen anew, at least cost.

All else stays as it is.  The choice is made by an integer programme; where an attacker could still work out a cell, the
dual of his linear programme says which cells would have to be withheld besides, and becomes a row (Benders cuts;
Fischetti and Salazar 2001).
"""

from dataclasses import dataclass

import numpy as np

from publisher.relations import IntArray
from publisher.suppression.blocks import Block, BoolArray, FloatArray
from publisher.suppression.evidence import A0, A1
from publisher.suppression.master import TINY, Cut, Master
from publisher.suppression.programs import ReachProgram
from publisher.suppression.search import STAGES, Search

ROUNDS = 10
"""Choices tried in one neighbourhood before what the last one lacks is repaired."""

LARGE = 1500
"""A block of more cells is left as it is."""

SLIGHTLY = 1e-4
"""Share of its limits by which a published cell may move where a cut is sought: of all duals that are optimal it takes
one that rests on few of them (Magnanti and Wong 1981)."""

SHORT = 0.1
"""A cell that lacks less than this is not known to lack anything."""

WORTH = 1e-6
"""What a change must save, in units of the mean weight."""

EFFORT = 60
"""Steps of the simplex method spent on this stage, for each cell of the system."""


def improve(search: Search) -> None:
    """Choose the secondary cells around each secondary cell anew, dearest first, while the effort lasts."""
    tried = np.zeros_like(search.hidden)
    cells = np.flatnonzero(search.secondary)
    left = EFFORT * len(search.hidden)
    for seed in cells[np.lexsort((cells, -search.costs[cells]))]:
        if left > 0 and not tried[seed] and search.hidden[seed]:
            near = search.neighbourhood(int(seed), STAGES[0])
            inside = np.zeros_like(tried)
            inside[near] = True
            own = near[search.secondary[near]]
            tried[[seed, *(c for c in own if search.is_inside(int(c), inside))]] = True
            left -= _choose_around(search, near, own)


def _choose_around(search: Search, near: IntArray, own: IntArray) -> int:
    """Choose anew among `near`, whose secondary cells are `own`; returns the steps that it took."""
    before, cost = search.keep(), search.cost
    for cell in own:
        search.hidden[cell] = False
        search.evidence.forget(int(cell))
    unmet = np.flatnonzero(search.unmet(A0) | search.unmet(A1))
    block = search.graph.block(np.union1d(near[search.allowed[near]], search.widen(unmet)))
    if len(block.cells) > LARGE or not np.isin(unmet, block.cells).all():
        search.restore(before)
        return 0
    free = np.zeros_like(search.hidden)
    free[near] = True
    choices = (free & search.evidence.droppable & ~search.hidden)[block.cells]
    master = Master(search.costs[block.cells])
    choice = _Choice(search, block, ReachProgram(block.equations), choices, master, _limits(search, block))
    if not choice.settle(cost - WORTH):
        search.restore(before)
    return choice.program.steps


@dataclass(slots=True)
class _Choice:
    """One neighbourhood.  `choices`: which cells of the block may be chosen.  `limits`: how far each cell can rise and
    fall when it is withheld, for both attackers."""

    search: Search
    block: Block
    program: ReachProgram
    choices: BoolArray
    master: Master
    limits: tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]

    def settle(self, most: float) -> bool:
        """Whether a choice was found with which everything is protected, and all together costs less than `most`."""
        search = self.search
        rest = search.cost
        for _ in range(ROUNDS):
            found = self.master.solve()
            if found is None or rest + found[1] > most:
                return False
            self._take(found[0])
            known = len(self.master.cuts)
            if all(self._prove(attacker) for attacker in (A1, A0)):
                return search.cost < most
            if len(self.master.cuts) == known:
                return False
        return search.cost < most and search.repair() and search.cost < most

    def _take(self, chosen: frozenset[int]) -> None:
        """Withhold the chosen cells, and publish the other choices."""
        search, cells = self.search, self.block.cells
        taken = np.zeros(len(cells), dtype=np.bool_)
        taken[list(chosen)] = True
        for cell in cells[self.choices & search.hidden[cells] & ~taken]:
            search.evidence.forget(int(cell))
        search.hidden[cells[self.choices]] = taken[self.choices]

    def _prove(self, attacker: int) -> bool:
        search, cells = self.search, self.block.cells
        unmet = search.unmet(attacker)
        if not unmet.any():
            return True
        if not np.isin(np.flatnonzero(unmet), cells).all():
            return False
        self._limit(attacker, 0.0)
        for _ in range(2):
            left = search.unmet(attacker, cells)
            search.look(self.program, self.block, np.where(left, search.draw.choice([-1.0, 1.0], len(cells)), 0.0))
        wanting = search.positions(self.block, search.unmet(attacker, cells))
        self._limit(attacker, SLIGHTLY)
        open_ = [int(p) for p in wanting if not self._learn(attacker, int(p))]
        self._limit(attacker, 0.0)
        return all(self._show(attacker, p) for p in open_) and len(open_) == len(wanting)

    def _limit(self, attacker: int, others: float) -> None:
        """Withheld cells may move, others by a share of what they could."""
        share = np.where(self.search.hidden[self.block.cells], 1.0, others)
        rise, fall = self.limits[attacker]
        self.program.limit(rise * share, fall * share)

    def _show(self, attacker: int, position: int) -> bool:
        """Whether a circulation proves what one cell needs."""
        search, cells = self.search, self.block.cells
        one = np.zeros(len(cells))
        one[position] = 1.0
        search.look(self.program, self.block, one)
        return not search.unmet(attacker, cells[[position]])[0]

    def _learn(self, attacker: int, position: int) -> bool:
        """Cuts from what keeps a cell from its needs; whether there is something."""
        search, cell = self.search, int(self.block.cells[position])
        up, down = (self.program.furthest(position, sign) for sign in (1, -1))
        if up is None or down is None:
            return False
        known = len(self.master.cuts)
        width = max(int(search.needs.width[attacker][cell]), int(attacker == A1 and search.shown[cell]))
        both = [(width, [up, down]), (int(search.needs.rise[cell]), [up]), (int(search.needs.fall[cell]), [down])]
        for need, parts in both:
            if sum(end.distance for end in parts) < need - SHORT:
                weights = np.sum([end.weights(*self.limits[attacker]) for end in parts], axis=0)
                self._add(weights, need, position)
        return len(self.master.cuts) > known

    def _add(self, weights: FloatArray, need: float, position: int) -> None:
        search = self.search
        of = position if self.choices[position] else None
        always = search.hidden[self.block.cells] & ~self.choices
        if of is not None:
            always[position] = True
        left = need - float(weights[always].sum())
        if left > TINY:
            self.master.cuts.append(Cut.strengthened(np.where(self.choices & ~always, weights, 0.0), left, of))


def _limits(search: Search, block: Block) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
    rise = np.minimum(search.evidence.top[block.cells], search.reach).astype(np.float64)
    falls = [search.evidence.room[a][block.cells].clip(0, search.reach).astype(np.float64) for a in (A0, A1)]
    return (rise, falls[A0]), (rise, falls[A1])
