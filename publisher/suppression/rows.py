"""What single equations show of the cells to withhold, without any linear programme.

A cell moves only as far as the others of each of its equations make up for it.  So one equation is a proof already
(`cuts`, with one multiplier): what of its other cells can move, if withheld, has to add up to what the cell needs.
Most of what a pattern costs is decided by these alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from publisher.opaque import Opaque
from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray
from publisher.suppression.cuts import Demand, WholeCut
from publisher.suppression.evidence import A0, A1

FAR = 2**61
"""In place of any reach beyond it, shared out over the cells of the longest equation: sums of them stay exact."""


def row_cuts(demand: Demand) -> Iterator[WholeCut]:
    """Cuts of every equation with a unit entry at a cell that no pattern publishes."""
    for attacker in (A0, A1):
        yield from _Rows.of(demand, attacker).cuts(demand)


def partner_cuts(demand: Demand, hidden: BoolArray) -> Iterator[WholeCut]:
    """For each choice among the `hidden` cells that is alone in an equation: another of its cells goes with it."""
    graph = demand.graph
    row = np.repeat(np.arange(graph.by_row.shape[0]), np.diff(graph.by_row.indptr))
    withheld = hidden[graph.by_row.indices]
    alone = np.bincount(row[withheld], minlength=graph.by_row.shape[0]) == 1
    for entry in np.flatnonzero(withheld & alone[row]):
        cell = int(graph.by_row.indices[entry])
        if demand.choices[cell] and demand.shown[cell]:
            others = _cells_of(demand, int(row[entry]))
            others = others[demand.choices[others] & (others != cell)]
            yield WholeCut(tuple(others.tolist()), (1,) * len(others), 1, cell)


def insider_cuts(demand: Demand, groups: IntArray, sensitive: BoolArray) -> Iterator[WholeCut]:
    """In no equation of a sensitive cell may one contributor know all the other cells that are withheld.

    `groups`: label of the one contributor of each cell, negative where there are several.
    """
    graph = demand.graph
    always = demand.always[graph.by_row.indices]
    counts = np.add.reduceat(np.append(always, False).astype(np.int64), graph.by_row.indptr[:-1])
    for row in np.flatnonzero((counts > 1) & (np.diff(graph.by_row.indptr) > 0)):
        cells = _cells_of(demand, int(row))
        withheld = cells[demand.always[cells]]
        if len(np.unique(groups[withheld])) > 2:
            continue
        choices = tuple(cells[demand.choices[cells]].tolist())
        for cell in withheld[sensitive[withheld]].tolist():
            known = {int(g) for g in groups[withheld[withheld != cell]]}
            if len(known) == 1 and min(known) >= 0 and groups[cell] not in known and choices:
                yield WholeCut(choices, (1,) * len(choices), 1, None)


def _cells_of(demand: Demand, row: int) -> IntArray:
    by_row = demand.graph.by_row
    return np.asarray(by_row.indices[by_row.indptr[row] : by_row.indptr[row + 1]], dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Rows(Opaque):
    """Every entry of the equations, for one attacker: its row and cell, whether positive, how far the cell rises and
    falls as part of the equation.  `settled_up`, `settled_down`: how far the cells of the row that no pattern publishes
    make up for a rise (and fall) of a cell with a positive entry: [row, 0]; with a negative one: [row, 1]."""

    row: IntArray
    cell: IntArray
    positive: BoolArray
    rise: IntArray
    fall: IntArray
    settled: tuple[IntArray, IntArray]
    attacker: int

    @classmethod
    def of(cls, demand: Demand, attacker: int) -> "_Rows":
        by_row = demand.graph.by_row
        row, cell = np.repeat(np.arange(by_row.shape[0]), np.diff(by_row.indptr)), by_row.indices.astype(np.int64)
        size, positive = np.abs(by_row.data), by_row.data > 0
        far = FAR // (1 + int(np.diff(by_row.indptr).max(initial=0)))
        rise, fall = (
            np.minimum(limit[cell], far // size) * size for limit in (demand.top, demand.room[attacker])
        )
        always = demand.always[cell]

        def settled(with_it: IntArray, against: IntArray) -> IntArray:
            """Added up by row: `with_it` of cells of one sign, `against` of those of the other; for both signs."""
            both = np.zeros((by_row.shape[0], 2), dtype=np.int64)
            for k, sign in enumerate((positive, ~positive)):
                np.add.at(both[:, k], row[always], np.where(sign, with_it, against)[always])
            return both

        return cls(row, cell, positive, rise, fall, (settled(fall, rise), settled(rise, fall)), attacker)

    def cuts(self, demand: Demand) -> Iterator[WholeCut]:
        """A rise of a cell is made up for by the fall of others of its sign, and by the rise of those of the other."""
        a, needs = self.attacker, demand.needs
        entries = np.flatnonzero(demand.always[self.cell] & demand.shown[self.cell] & self._unit(demand))
        cell, row, sign = self.cell[entries], self.row[entries], (~self.positive[entries]).astype(np.int64)
        width = np.maximum(needs.width[a][cell], int(a == A1))
        up = self.settled[0][row, sign] - self.fall[entries]
        down = self.settled[1][row, sign] - self.rise[entries]
        asked = (
            (np.maximum(width - self.fall[entries], needs.rise[cell]) - up, True, False),
            (np.maximum(width - self.rise[entries], needs.fall[cell]) - down, False, True),
            (width - up - down, True, True),
        )
        for lacking, rises, falls in asked:
            for k in np.flatnonzero(lacking > 0):
                yield self._cut(demand, int(entries[k]), int(lacking[k]), (rises, falls))

    def _unit(self, demand: Demand) -> BoolArray:
        return np.asarray(np.abs(demand.graph.by_row.data) == 1)

    def _cut(self, demand: Demand, entry: int, lacking: int, ways: tuple[bool, bool]) -> WholeCut:
        by_row = demand.graph.by_row
        others = np.arange(by_row.indptr[self.row[entry]], by_row.indptr[self.row[entry] + 1])
        others = others[demand.choices[self.cell[others]]]
        same = self.positive[others] == self.positive[entry]
        up = np.where(same, self.fall[others], self.rise[others])
        down = np.where(same, self.rise[others], self.fall[others])
        weights = np.minimum(up * ways[0] + down * ways[1], lacking)
        some = weights > 0
        return WholeCut(tuple(self.cell[others[some]].tolist()), tuple(weights[some].tolist()), lacking, None)
