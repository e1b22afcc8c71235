"""Removal of redundant secondary cells: a cell is published again where all others stay protected without it."""

from collections.abc import Sequence

import numpy as np

from publisher.relations import IntArray
from publisher.suppression.blocks import Block, BoolArray
from publisher.suppression.cuts import WholeCut
from publisher.suppression.distinct import distinct
from publisher.suppression.evidence import A0, A1
from publisher.suppression.search import STAGES, Search

ROUNDS = 2
"""Pairs of random vertices before cells are tried one by one."""

AFFECTED = 60
"""A secondary cell on which the evidence for more cells rests is kept untried: it takes too long to replace."""


def prune(search: Search, cuts: Sequence[WholeCut]) -> None:
    """Publish again, dearest first, each secondary cell without which everything else can still be proved.

    `cuts`: what every safe pattern satisfies; a cell without which one of them would be broken is not tried.
    """
    tried = _needed(search, cuts)
    cells = np.flatnonzero(search.hidden & search.evidence.droppable & ~tried)
    for seed in cells[np.lexsort((cells, -search.costs[cells]))]:
        if not tried[seed]:
            _prune_around(search, int(seed), tried)


def _needed(search: Search, cuts: Sequence[WholeCut]) -> BoolArray:
    needed = np.zeros_like(search.hidden)
    for cut in cuts:
        if cut.of is None or search.hidden[cut.of]:
            held = [(c, w) for c, w in zip(cut.cells, cut.weights, strict=True) if search.hidden[c]]
            spare = sum(w for _, w in held) - cut.need
            needed[[c for c, w in held if w > spare]] = True
    return needed


def _prune_around(search: Search, seed: int, tried: BoolArray) -> None:
    """Try `seed` and the secondary cells whose neighbourhood lies in its own."""
    near = search.neighbourhood(seed, STAGES[0])
    block = search.graph.block(distinct(near[search.hidden[near]], search.held))
    trial = _Trial(search, block)
    inside = np.zeros_like(tried)
    inside[near] = True
    wanted = search.evidence.droppable & ~tried
    positions = search.positions(block, wanted[block.cells])
    cells = block.cells[positions]
    for position in positions[(cells == seed) | search.are_inside(cells, inside)].tolist():
        tried[block.cells[position]] = True
        trial.drop(position)
    tried[seed] = True


class _Trial:
    """One program for a block of suppressed cells, in which secondary ones are closed one after the other."""

    def __init__(self, search: Search, block: Block) -> None:
        self._search, self._block = search, block
        self._open = np.ones(len(block.cells), dtype=np.bool_)
        self._program = search.attack(block, A1)

    def drop(self, position: int) -> None:
        """Publish the cell again if everything else can still be proved without it."""
        search, cell = self._search, int(self._block.cells[position])
        memory = search.evidence.forget([cell])
        self._open[position] = search.hidden[cell] = False
        if not all(self.prove(attacker) for attacker in (A1, A0)):
            search.evidence.recall(memory)
            self._open[position] = search.hidden[cell] = True

    def prove(self, attacker: int) -> bool:
        """Whether everything is proved against `attacker`, with new circulations of open cells where needed."""
        search, cells = self._search, self._block.cells
        unmet = np.flatnonzero(search.unmet(attacker))
        if len(unmet) > AFFECTED:
            return False
        if not np.isin(unmet, cells).all():
            return self._prove_around(attacker, unmet)
        self._program.limit(np.where(self._open, search.evidence.room[attacker][cells], -1))
        for _ in range(ROUNDS):
            left = search.unmet(attacker, cells)
            if not left.any():
                return True
            search.look(self._program, self._block, np.where(left, search.draw.choice([-1.0, 1.0], len(cells)), 0.0))
        rest = search.positions(self._block, search.unmet(attacker, cells))
        return all(self._prove_one(attacker, int(p)) for p in rest)

    def _prove_around(self, attacker: int, unmet: IntArray) -> bool:
        """The same in a block around the cells in need, which reach out of this one."""
        search = self._search
        block = search.graph.block(search.widen(unmet))
        if not np.isin(unmet, block.cells).all():
            return False
        return _Trial(search, block).prove(attacker)

    def _prove_one(self, attacker: int, position: int) -> bool:
        one = np.zeros(len(self._block.cells))
        one[position] = 1.0
        self._search.look(self._program, self._block, one)
        return not self._search.unmet(attacker, self._block.cells[[position]])[0]
