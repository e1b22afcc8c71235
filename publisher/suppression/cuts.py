"""What a pattern must withhold at least, as inequalities in whole numbers that no solver has to be believed for.

Let d be the change of every cell from the truth to another table that the attacker cannot rule out: equations @ d == 0,
-room <= d <= top, and d == 0 for what is published.  For any multipliers y of the equations the rise of a cell p is

    d[p] == sum of gain x d,  gain = unit of p + y @ equations,

because the equations add nothing, so that d[p] <= sum over the withheld cells of gain x top (gain > 0) or -gain x room
(gain < 0).  A safe pattern lets p rise as far as it must; hence these weights of the cells that it withholds add up to
at least that (weak duality; Fischetti and Salazar 2001).  y comes from a linear programme in floating point, but holds
whatever it is: it is rounded to a multiple of 1 / SCALE, and everything else is done in whole numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from publisher.opaque import Opaque
from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray, FloatArray, Graph
from publisher.suppression.distinct import distinct
from publisher.suppression.evidence import A1
from publisher.suppression.needs import Needs
from publisher.suppression.programs import both_ways, solver

SCALE = 5040
"""Multipliers of equations are whole multiples of 1 / SCALE: those that solvers find have small denominators."""

EXACT = 2**62
"""Sums of whole numbers that stay below are exact in 64 bits."""

_PLAIN = {"dual_simplex_cost_perturbation_multiplier": 0.0}
"""One cell alone has costs: the solver need not disturb them to get on, and mend that afterwards."""


@dataclass(frozen=True, slots=True)
class WholeCut:
    """sum of weight x withheld >= need, or >= need x withheld[of] where the need arises only if that cell is withheld.

    `weights`: positive, none above the need.
    """

    cells: tuple[int, ...]
    weights: tuple[int, ...]
    need: int
    of: int | None

    def missing(self, shares: FloatArray | BoolArray) -> float:
        """What lacks, as a share of the need, where cells are withheld by `shares` (0 to 1, one a cell)."""
        have = float(np.dot(np.array(self.weights, dtype=np.float64), shares[np.array(self.cells, dtype=np.int64)]))
        return (1.0 if self.of is None else float(shares[self.of])) - have / self.need


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Demand(Opaque):
    """What any pattern has to do.  Arrays over all cells of the system.

    `always`: not published in any pattern.  `choices`: cells that a pattern may withhold; all others never move.
    `room[a]`, `top`: how far a withheld cell can fall, for attacker a, and rise.
    """

    graph: Graph
    shown: BoolArray
    always: BoolArray
    choices: BoolArray
    room: tuple[IntArray, IntArray]
    top: IntArray
    needs: Needs

    @property
    def movable(self) -> BoolArray:
        """Cells that are not published in some pattern."""
        return np.asarray(self.always | self.choices)

    def cut(self, cell: int, attacker: int, far: int, ends: Sequence["End"]) -> WholeCut | None:
        """That `cell`, if withheld, moves `far` in the directions of `ends` together; None where that says nothing."""
        gains = [end.gains(self.graph, cell) for end in ends]
        cells, gain = (np.concatenate(parts) for parts in zip(*gains, strict=True))
        settled, chosen = self.always[cells] | (cells == cell), self.choices[cells] & (cells != cell)
        reach = np.where(gain > 0, self.top[cells], self.room[attacker][cells])
        weights = _products(np.abs(gain), reach, SCALE * far)
        need = SCALE * far - int(weights[settled].sum())
        if need <= 0:
            return None
        chosen &= weights > 0
        moved, weight = _added_up(cells[chosen], weights[chosen])
        capped = tuple(min(w, need) for w in weight.tolist())
        return WholeCut(tuple(moved.tolist()), capped, need, cell if self.choices[cell] else None)


def _products(sizes: IntArray, reach: IntArray, enough: int) -> IntArray:
    """Their products, none above `enough`: a cell that can make up for all that is asked need not say for how much."""
    limited = np.minimum(reach, min(enough, EXACT))  # no reach is larger: it stands for all that 64 bits do not hold
    if len(sizes) and int(sizes.max()) * enough * len(sizes) >= EXACT:
        sizes, limited = sizes.astype(object), limited.astype(object)  # Python's integers do not overflow
    return np.asarray(np.minimum(sizes * limited, enough))


def _added_up(cells: IntArray, weights: IntArray) -> tuple[IntArray, IntArray]:
    """The different cells in the order in which they come, and the sum of the weights of each."""
    found, first, at = np.unique(cells, return_index=True, return_inverse=True)
    sums = np.zeros(len(found), dtype=weights.dtype)
    np.add.at(sums, at, weights)
    order = np.argsort(first)
    return found[order], sums[order]


@dataclass(frozen=True, slots=True)
class End:
    """A direction (1: rise, -1: fall) and whole multipliers, in units of 1 / SCALE, of some equations."""

    sign: int
    equations: IntArray
    multipliers: IntArray

    def gains(self, graph: Graph, cell: int) -> tuple[IntArray, IntArray]:
        """Cells, and what a unit of a rise of each adds to the bound of `cell`'s distance, in units of 1 / SCALE."""
        rows, data = graph.entries(self.equations)
        cells, at = np.unique(np.append(rows, cell), return_inverse=True)
        gains = np.zeros(len(cells), dtype=np.int64)
        lengths = graph.by_row.indptr[self.equations + 1] - graph.by_row.indptr[self.equations]
        np.add.at(gains, at[:-1], data * np.repeat(self.multipliers, lengths))
        gains[at[-1]] += self.sign * SCALE
        moved = np.flatnonzero(gains)
        return cells[moved], gains[moved]


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a cell can move `far` (1 or more) in the directions of `signs` together."""

    far: int
    signs: tuple[int, ...]


def questions(demand: Demand, cell: int, attacker: int) -> list[Question]:
    """What the cell needs if it is withheld.  A width is also asked for as what its own limits leave to each side."""
    width, needs = int(demand.needs.width[attacker][cell]), demand.needs
    if attacker == A1 and demand.shown[cell]:
        width = max(width, 1)
    room, top = int(demand.room[attacker][cell]), int(demand.top[cell])
    asked = [
        Question(max(width - room, int(needs.rise[cell])), (1,)),
        Question(max(width - top, int(needs.fall[cell])), (-1,)),
        Question(width, (1, -1)),
    ]
    return [q for q in asked if q.far > 0]


class DistanceProgram:
    """How far single cells of a neighbourhood can move, and which multipliers of the equations show it.

    Every equation that touches the `cells` is held, without its cells outside: those that move outside are missed,
    which makes a proposal worse and a cut no less valid.  Those over the whole country are left out: elsewhere some
    cell makes up for what moves here.  Distances are relative to what is asked for.

    `beyond`: cells outside that move without regard to their other equations.  Where they are all that is withheld, a
    distance that falls short does so whatever moves elsewhere.
    """

    def __init__(self, graph: Graph, cells: IntArray, beyond: BoolArray | None = None) -> None:
        touched = graph.touching(cells)[0]
        self._rows = touched[~graph.far[touched]]
        equations = graph.by_row[self._rows]
        if beyond is not None:
            cells = distinct(cells, equations.indices[beyond[equations.indices]])
        equations = equations[:, cells]
        self.cells, self._n, self.steps = cells, len(cells), 0
        self._columns, self._nothing = np.arange(2 * self._n, dtype=np.int32), np.zeros(2 * self._n)
        self._upper, self._found = self._nothing, dict[tuple[int, int], tuple[float, End] | None]()
        self._highs = solver(**_PLAIN)
        self._highs.passModel(_model(both_ways(equations)))

    def limit(self, rise: FloatArray, fall: FloatArray) -> None:
        """How far each cell can rise and fall; most cells of a neighbourhood are asked with the same limits."""
        upper = np.concatenate([rise, fall])
        if not np.array_equal(upper, self._upper):
            self._highs.changeColsBounds(len(self._columns), self._columns, self._nothing, upper)
            self._upper, self._found = upper, {}

    def falls_short(self, position: int, signs: Sequence[int], enough: float) -> list[End] | None:
        """What shows that one cell moves no further than `enough` in these directions together; None where it does, or
        the solver fails.  What one direction alone answers is not asked of the other."""
        ends, distance = list[End](), 0.0
        for sign in signs:
            found = self._furthest(position, sign)
            if found is None or (distance := distance + found[0]) > enough:
                return None
            ends.append(found[1])
        return ends

    def _furthest(self, position: int, sign: int) -> tuple[float, End] | None:
        """How far the cell rises (sign 1) or falls (-1), and what shows it; asked once while the limits stay."""
        if (position, sign) not in self._found:
            self._found[position, sign] = self.furthest(position, sign)
        return self._found[position, sign]

    def furthest(self, position: int, sign: int) -> tuple[float, End] | None:
        """How far one cell rises (sign 1) or falls (-1), and what shows it; None where the solver fails."""
        h = self._highs
        if self._upper[position if sign > 0 else self._n + position] == 0:  # no equation is needed to show it
            return 0.0, End(sign, self._rows[:0], self._rows[:0])
        ends = ((position, -sign), (self._n + position, sign))
        for column, cost in ends:
            h.changeColCost(column, float(cost))
        h.clearSolver()
        h.run()
        optimal = h.getModelStatus() == highspy.HighsModelStatus.kOptimal
        self.steps += max(0, h.getInfo().simplex_iteration_count)
        distance, duals = -h.getInfo().objective_function_value, np.array(h.getSolution().row_dual)
        for column, _ in ends:
            h.changeColCost(column, 0.0)
        if not optimal:
            return None
        whole = np.rint(SCALE * duals).astype(np.int64)
        return distance, End(sign, self._rows[whole != 0], whole[whole != 0])


def _model(matrix: sparse.csc_array) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = lp.col_lower_ = lp.col_upper_ = np.zeros(matrix.shape[1])
    lp.row_lower_ = lp.row_upper_ = np.zeros(matrix.shape[0])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
    lp.a_matrix_.value_ = matrix.data.astype(np.float64)
    return lp
