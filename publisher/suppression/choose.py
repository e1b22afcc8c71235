"""The choice of secondary cells: of everything at once, by cutting planes.

Single equations decide most of what a pattern costs (`rows`).  An integer programme chooses the cheapest cells that
satisfy them; where somebody could still work out a cell, the duals of his linear programme become further cuts
(Fischetti and Salazar 2001), and the programme chooses again.  What is proved stays so while its cells stay withheld.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from publisher.opaque import Opaque
from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray, FloatArray, components_of
from publisher.suppression.cuts import Demand, DistanceProgram, End, Question, WholeCut, questions
from publisher.suppression.master import Master
from publisher.suppression.programs import AttackProgram
from publisher.suppression.rows import insider_cuts, partner_cuts, row_cuts
from publisher.suppression.search import STAGES, Search

FREELY, KEEPING = 4, 10
"""Choices tried: of everything anew, and then of more besides the last one, of which nothing is given up any more."""

TOGETHER = 1500
"""Withheld cells that hang together are looked at together up to so many; else one neighbourhood at a time."""

VERTICES = 6
"""Pairs of vertices looked at in one region."""

TWICE = 2
"""Parts of the reserve that touch each equation over the whole country."""

WORTH = 0.85
"""Vertices are looked at while each pair leaves less than this share open."""

FEW = 4
"""So few open cells are asked for one by one."""

SLIGHTLY = 1e-4
"""Share of its limits by which a published cell may move where a cut is sought: of all duals that show as much it takes
some that rest on few such cells (Magnanti and Wong 1981)."""

SHORT = 0.02
"""A cell that lacks less than this share of its need is not known to lack anything."""


def choose(search: Search, demand: Demand, insiders: tuple[IntArray, BoolArray] | None) -> None:
    """Withhold cells so that most needs are proved, at nearly the least cost; what is not is left to `Search.run`.

    `insiders`: for each cell the label of its one contributor, and the cells to be protected from him; or None.
    """
    choice = _Choice(search, demand, Master(search.costs), np.zeros_like(search.hidden))
    choice.master.add(row_cuts(demand))
    if insiders is not None:
        choice.master.add(insider_cuts(demand, *insiders))
    choice.take()
    choice.reserve()
    choice.settle(FREELY)
    choice.keep()
    choice.settle(KEEPING)


@dataclass(slots=True, eq=False, repr=False)
class _Choice(Opaque):
    search: Search
    demand: Demand
    master: Master
    kept: BoolArray

    def settle(self, rounds: int) -> None:
        """Choose, prove and learn, until everything is proved or nothing more is learnt."""
        for _ in range(rounds):
            self.take()
            for attacker in self.search.needs.order:
                self.prove(attacker)
            if not self.learn():
                return

    def keep(self) -> None:
        """Whatever is withheld now stays so."""
        self.kept = self.search.hidden & self.demand.choices
        self.master.give(self.kept)

    def reserve(self) -> None:
        """Put some withheld cells in reserve for the equations that blocks do not grow over, and keep them."""
        graph, parts = self.search.graph, self._parts()
        far = graph.by_cell[~graph.near].tocsc()
        touched = [np.unique(far[:, part].indices) for part in parts]
        missing, reserve = np.full(far.shape[0], TWICE), np.zeros(0, dtype=np.int64)
        while len(reserve) < TOGETHER:
            gains = [int((missing[rows] > 0).sum()) / len(part) for rows, part in zip(touched, parts, strict=True)]
            best = int(np.argmax(gains)) if gains else 0
            if not gains or gains[best] == 0:
                break
            missing[touched[best]] -= 1
            reserve, touched[best] = np.union1d(reserve, parts[best]), touched[best][:0]
        self.search.reserve = reserve
        self.kept = np.isin(np.arange(len(self.kept)), reserve) & self.demand.choices

    def _parts(self) -> list[IntArray]:
        """Withheld cells that hang together by equations that blocks grow over."""
        search = self.search
        cells = np.flatnonzero(search.hidden & search.allowed)
        return _connected(search.graph.by_cell[:, cells].tocsr()[search.graph.near], cells)

    def take(self) -> None:
        """Withhold what the master chooses; nothing chosen stands alone in an equation."""
        chosen = self.master.solve() | self.kept
        while self.master.add(partner_cuts(self.demand, self.demand.always | chosen)):
            chosen = self.master.solve() | self.kept
        search, choices = self.search, self.demand.choices
        search.evidence.forget(np.flatnonzero(search.hidden & choices & ~chosen).tolist())
        search.hidden[choices] = chosen[choices]

    def prove(self, attacker: int) -> None:
        """Look at vertices of what cannot be ruled out, region by region."""
        for region in self._regions(attacker):
            self._look(region, attacker)

    def _regions(self, attacker: int) -> Iterator[IntArray]:
        """Withheld cells with an unproved one among them."""
        search = self.search
        open_ = search.unmet(attacker)
        for part in self._parts():
            if not open_[part].any():
                continue
            if len(part) <= TOGETHER:
                yield np.union1d(part, search.reserve)
                continue
            for seed in part[open_[part]].tolist():
                if search.unmet(attacker, np.array([seed]))[0]:
                    near = search.widen(search.neighbourhood(seed, STAGES[0]))
                    yield near[search.hidden[near]]

    def _look(self, region: IntArray, attacker: int) -> None:
        search = self.search
        block = search.graph.block(region)
        room, top = search.evidence.room[attacker][block.cells], search.evidence.top[block.cells]
        program, left = AttackProgram(block.equations, room, top, 4 * search.reach), np.inf
        for _ in range(VERTICES):
            open_ = search.unmet(attacker, block.cells)
            if not open_.any():
                return
            if int(open_.sum()) > WORTH * left:
                break
            left = int(open_.sum())
            search.look(program, block, np.where(open_, search.draw.choice([-1.0, 1.0], len(open_)), 0.0))
        for position in np.flatnonzero(search.unmet(attacker, block.cells))[:FEW]:
            one = np.zeros(len(block.cells))
            one[position] = 1.0
            search.look(program, block, one)

    def learn(self) -> int:
        """Cuts of what is not proved; how many are new."""
        return sum(self._learn(attacker) for attacker in self.search.needs.order)

    def _learn(self, attacker: int) -> int:
        search = self.search
        open_ = np.flatnonzero(search.unmet(attacker) & search.allowed)
        left, found = set(open_.tolist()), 0
        for seed in open_[np.lexsort((open_, -search.costs[open_]))].tolist():
            if seed in left:
                near = search.widen(search.neighbourhood(seed, STAGES[0]))
                inside = np.zeros_like(search.hidden)
                inside[near] = True
                here = [c for c in near.tolist() if c in left and (c == seed or search.is_inside(c, inside))]
                left.difference_update(here)
                found += self.master.add(self._cuts(near, here, attacker))
        return found

    def _cuts(self, near: IntArray, cells: list[int], attacker: int) -> Iterator[WholeCut]:
        program = DistanceProgram(self.search.graph, near)
        shares = np.where(self.search.hidden[near], 1.0, SLIGHTLY)
        for cell in cells:
            for question in questions(self.demand, cell, attacker):
                cut = self._cut(program, cell, attacker, (question, shares))
                if cut is not None:
                    yield cut

    def _cut(
        self, program: DistanceProgram, cell: int, attacker: int, asked: tuple[Question, FloatArray]
    ) -> WholeCut | None:
        """What shows that a cell cannot move as far as it should; None where it can, or where that says nothing."""
        (question, shares), cells = asked, program.cells
        position = int(np.searchsorted(cells, cell))
        limits = (self.demand.top, self.demand.room[attacker])
        rise, fall = (np.minimum(limit[cells] / question.far, 1.0) * shares for limit in limits)
        program.limit(rise, fall)
        distance, ends = 0.0, list[End]()
        for sign in question.signs:
            end = program.furthest(position, sign)
            if end is None or distance + end[0] > 1 - SHORT:
                return None
            distance += end[0]
            ends.append(end[1])
        cut = self.demand.cut(cell, attacker, question.far, ends)
        broken = cut is not None and cut.missing(self.search.hidden.astype(np.float64)) > SHORT
        return cut if broken else None


def _connected(rows: sparse.csr_array, cells: IntArray) -> list[IntArray]:
    """`cells` (the columns of `rows`) by connected part."""
    label = components_of(rows)[1]
    order = np.argsort(label, kind="stable")
    return np.split(cells[order], np.flatnonzero(np.diff(label[order])) + 1)
