"""The choice of secondary cells: of everything at once, by cutting planes.

Single equations decide most of what a pattern costs (`rows`).  An integer programme chooses the cheapest cells that
satisfy them; where somebody could still work out a cell, the duals of his linear programme become further cuts
(Fischetti and Salazar 2001), and the programme chooses again.  What is proved stays so while its cells stay withheld.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from publisher.opaque import Opaque
from publisher.relations import IntArray
from publisher.suppression.blocks import Block, BoolArray, FloatArray, by_label, connected
from publisher.suppression.cuts import Demand, DistanceProgram, Question, WholeCut, questions
from publisher.suppression.distinct import distinct
from publisher.suppression.evidence import A0, A1
from publisher.suppression.master import Master
from publisher.suppression.parallel import in_parts
from publisher.suppression.programs import SearchProgram
from publisher.suppression.reserve import reserve_of
from publisher.suppression.rows import insider_cuts, partner_cuts, row_cuts
from publisher.suppression.search import STAGES, Search
from publisher.threads import one_thread

FREELY, KEEPING = 10, 8
"""Choices tried: where something is open anew, and then of more besides the last one, of which nothing is given up."""

LESS, STALL, ANEW = 0.2, 0.05, 0.008
"""Nothing is chosen anew any more where fewer cuts were learnt than the share LESS of the most in a round, and no other
choice is made where they were fewer than STALL of that.  Neither where they were fewer than STALL of the open needs, or
than ANEW of those that had to be proved anew after the choice."""

FEW_OPEN = 0.02
"""Nothing is chosen anew any more where fewer needs are open, as a share of the cells withheld."""

PARTNERS = 4
"""Choices made until few of the chosen cells stand alone in an equation."""

TOGETHER = 6000
"""Withheld cells that hang together are looked at together up to so many."""

WHOLE = 20_000
"""Of all that is withheld up to so many."""

FAMILY = 2500
"""Of one family up to so many, where little may be known of how they hang together."""

ASKED = 12
"""About so many cuts of one neighbourhood are learnt in a round: what one cell lacks, others near it lack too."""

WIDE = 600
"""So many cells at most around a cell that is asked for."""

VERTICES = 40
"""Pairs of vertices looked at in one region at most."""

WORTH = 0.3
"""Where a pair clears less than this share of the cells that it is for, the next one is for a third of them."""

FEW = 4
"""Cells, for which vertices are not worth looking at."""

LARGE, LITTLE = 2000, 0.01
"""In a region of more than LARGE cells neither, where a pair clears less than the share LITTLE of what is open."""

SLIGHTLY = 1e-4
"""Share of its limits by which a published cell may move where a cut is sought: of all duals that show as much it takes
some that rest on few such cells (Magnanti and Wong 1981)."""

CROWDED, PARTS = 20_000, 16
"""Where more needs than CROWDED are open, vertices are looked at in so many parts."""

SHORT = 0.02
"""A cell that lacks less than this share of its need is not known to lack anything."""


def choose(search: Search, demand: Demand, insiders: tuple[IntArray, BoolArray] | None) -> list[WholeCut]:
    """Withhold cells so that most needs are proved, at nearly the least cost; what is not is left to `Search.run`.

    Returns the cuts that every safe pattern satisfies.

    `insiders`: for each cell the label of its one contributor, and the cells to be protected from him; or None.
    """
    choice = _Choice(search, demand, Master(search.costs), np.zeros_like(search.hidden), search.graph.families())
    choice.master.add(row_cuts(demand))
    if insiders is not None:
        choice.master.add(insider_cuts(demand, *insiders))
    choice.take()
    choice.reserve()
    choice.settle()
    return choice.master.cuts


@dataclass(slots=True, eq=False, repr=False)
class _Choice(Opaque):
    search: Search
    demand: Demand
    master: Master
    kept: BoolArray
    family: IntArray
    most: int = 0
    anew: int = 0

    def settle(self) -> None:
        """Choose, prove and learn; where a family has nothing open any more, its cells stay as they were chosen."""
        for _ in range(FREELY):
            self.take()
            self.prove()
            if self.search.is_sparse():
                return
            self.keep(~np.isin(self.family, self.family[self.search.unmet(A0) | self.search.unmet(A1)]))
            if self.is_stalled(self.learn(), LESS) or self.search.open_needs() < FEW_OPEN * self.search.hidden.sum():
                break
        self.keep(np.ones_like(self.kept))
        for _ in range(KEEPING):
            self.take()
            self.prove()
            if self.is_stalled(self.learn(), STALL):
                return

    def is_stalled(self, learnt: int, share: float) -> bool:
        """Whether another choice is not worth its time, after so many new cuts; `share` of the most in a round."""
        self.most = max(self.most, learnt)
        return learnt <= max(share * self.most, STALL * self.search.open_needs(), ANEW * self.anew)

    def keep(self, among: BoolArray) -> None:
        """What is withheld now, `among` those cells, stays so."""
        self.kept = self.kept | (among & self.search.hidden & self.demand.choices)
        self.master.give(self.kept)

    def reserve(self) -> None:
        """Put some withheld cells in reserve for the equations over the whole country, and keep them."""
        search = self.search
        able = (search.evidence.room[A1] > 0) & (search.evidence.top > 0)
        with one_thread():
            search.reserve = reserve_of(search.graph, self._parts(), able)
        self.kept = np.isin(np.arange(len(self.kept)), search.reserve) & self.demand.choices

    def _parts(self) -> list[IntArray]:
        """Withheld cells that hang together by all other equations."""
        search = self.search
        cells = np.flatnonzero(search.hidden & search.allowed)
        return connected(search.graph.by_cell[:, cells].tocsr()[~search.graph.far], cells)

    def take(self) -> None:
        """Withhold what the master chooses; what is chosen seldom stands alone in an equation."""
        for _ in range(PARTNERS):
            if not self._pair(self.master.likely()):
                break
        chosen = self.master.solve() | self.kept
        if self._pair(chosen):
            chosen = self.master.solve() | self.kept
        search, choices = self.search, self.demand.choices
        search.evidence.forget(np.flatnonzero(search.hidden & choices & ~chosen).tolist())
        search.hidden[choices] = chosen[choices]
        self.anew = search.open_needs()

    def _pair(self, chosen: BoolArray) -> int:
        """Another cell goes with each that would stand alone in an equation; how many did."""
        return self.master.add(partner_cuts(self.demand, self.demand.always | self.kept | chosen))

    def prove(self) -> None:
        """Look at vertices of what cannot be ruled out: of one family, of what hangs together, of all unless sparse."""
        search, sparse = self.search, False
        for attacker in search.needs.order:
            self._look_at([part for part in self._families() if len(part) <= FAMILY], attacker)
            self._look_at([part for part in self._parts() if len(part) <= TOGETHER], attacker)
            everything = np.flatnonzero(search.hidden & search.allowed)
            sparse = sparse or search.is_sparse(attacker)
            if len(everything) <= WHOLE and not sparse:
                self._look_at([everything], attacker)

    def _families(self) -> list[IntArray]:
        return by_label(self.family, np.flatnonzero(self.search.hidden & self.search.allowed))

    def _look_at(self, regions: list[IntArray], attacker: int) -> None:
        search = self.search
        open_ = [region for region in regions if search.unmet(attacker, region).any()]
        if search.open_needs() > CROWDED:
            parts = [open_[k::PARTS] for k in range(min(PARTS, len(open_)))]
            in_parts(search, parts, partial(look_at_all, attacker=attacker))
        else:
            look_at_all(search, open_, attacker=attacker)

    def learn(self) -> int:
        """Cuts of what is not proved; how many are new."""
        return sum(self._learn(attacker) for attacker in self.search.needs.order)

    def _learn(self, attacker: int) -> int:
        search = self.search
        open_ = np.flatnonzero(search.unmet(attacker) & search.allowed)
        left, found = set(open_.tolist()), 0
        for seed in open_[np.lexsort((open_, -search.costs[open_]))].tolist():
            if seed in left:
                near = self._near(seed)
                inside = np.zeros_like(search.hidden)
                inside[near] = True
                whole = search.are_inside(near, inside) | (near == seed)
                here = [c for c in near[whole].tolist() if c in left]
                left.difference_update(here)
                found += self.master.add(self._ask(near, here, attacker))
        return found

    def _near(self, seed: int) -> IntArray:
        """Cells to ask with: withheld ones around, if they are not too many; else those of the seed's own family."""
        search = self.search
        near = search.neighbourhood(seed, STAGES[0])
        wide = search.widen(near)
        if len(wide) <= WIDE:
            return wide
        own = np.flatnonzero((self.family == self.family[seed]) & search.hidden & search.allowed)
        return distinct(near, own, search.held)

    def _ask(self, near: IntArray, cells: list[int], attacker: int) -> list[WholeCut]:
        """Cuts of what the cells lack; a cell that seems to lack nothing is proved by withheld ones around it."""
        search, cuts, show = self.search, list[WholeCut](), _Show(self.search, near, attacker)
        program = DistanceProgram(search.graph, near, search.hidden & search.allowed)
        shares = np.where(search.hidden[program.cells], 1.0, SLIGHTLY)
        for cell in cells:
            found = self._cuts(program, cell, attacker, shares) if search.needs_more(cell, attacker) else []
            if not found:
                show.prove(cell)
            cuts += found
            if len(cuts) >= ASKED:
                break
        return cuts

    def _cuts(self, program: DistanceProgram, cell: int, attacker: int, shares: FloatArray) -> list[WholeCut]:
        """What shows that a cell cannot move as far as it should; nothing where it can."""
        asked, cells = questions(self.demand, cell, attacker), program.cells
        far = max(q.far for q in asked)
        limits = (self.demand.top, self.demand.room[attacker])
        rise, fall = (np.minimum(limit[cells] / far, 1.0) * shares for limit in limits)
        program.limit(rise, fall)
        return [cut for q in asked if (cut := self._cut(program, cell, attacker, q, far)) is not None]

    def _cut(
        self, program: DistanceProgram, cell: int, attacker: int, question: Question, unit: int
    ) -> WholeCut | None:
        """`unit`: what the programme's distances are relative to."""
        position = int(np.searchsorted(program.cells, cell))
        ends = program.falls_short(position, question.signs, question.far * (1 - SHORT) / unit)
        cut = None if ends is None else self.demand.cut(cell, attacker, question.far, ends)
        broken = cut is not None and cut.missing(self.search.hidden) > SHORT
        return cut if broken else None


@dataclass(slots=True, eq=False, repr=False)
class _Show(Opaque):
    """Proofs of single cells by withheld ones around `near`; the programme is made when it is first needed."""

    search: Search
    near: IntArray
    attacker: int
    _made: tuple[Block, SearchProgram] | None = None

    def prove(self, cell: int) -> None:
        """Look for what moves the cell as far as it must, if that is not proved yet."""
        search, attacker = self.search, self.attacker
        if not search.needs_more(cell, attacker):
            return
        if self._made is None:
            wide = search.widen(self.near)
            block = search.graph.block(wide[search.hidden[wide]])
            self._made = block, search.programme(block, attacker)
        block, program = self._made
        position = block.position(cell)
        if position is not None:
            search.protect(program, block, position, attacker)


def look_at_all(search: Search, regions: list[IntArray], *, attacker: int) -> None:
    """Vertices of each region after the other."""
    for region in regions:
        look_at(search, region, attacker)


def look_at(search: Search, region: IntArray, attacker: int) -> None:
    """Vertices in random directions of the open cells; of ever fewer of them where they are in each other's way."""
    block = search.graph.block(region)
    open_ = search.unmet(attacker, block.cells)
    if not open_.any():
        return
    program, share = search.attack(block, attacker), 1.0
    for _ in range(VERTICES):
        aim = open_ & (search.draw.random(len(open_)) < share)
        search.look(program, block, np.where(aim, search.draw.choice([-1.0, 1.0], len(open_)), 0.0))
        left = search.unmet(attacker, block.cells)
        cleared, open_ = int(open_.sum()) - int(left.sum()), left
        if cleared < WORTH * aim.sum():
            share /= 3
        if not open_.any() or (cleared < FEW and share * open_.sum() < FEW):
            return
        if len(block.cells) > LARGE and cleared < LITTLE * open_.sum():
            return
