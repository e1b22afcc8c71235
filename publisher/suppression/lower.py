"""A proved lower bound on the number of secondary cells of any pattern that keeps the promise.

The least number of cells to withhold, such that inequalities hold that every safe pattern satisfies (`cuts`), is no
more than what a safe pattern withholds; nor is the optimum of its linear relaxation, nor what any multipliers of the
inequalities show of that by weak duality.  Single equations give most of them (`rows`); others are learnt where the
relaxation's optimum breaks them, first in small neighbourhoods, then in larger ones (Benders 1962).  The solver
proposes the multipliers; that they show the bound is computed in whole numbers.

What the relaxation leaves out only lowers the bound: an attacker may know more than the linear programmes here (whole
numbers, an own contribution), and rounds his intervals inward, so that a width of w in whole numbers needs at least as
much without rounding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np

from publisher.errors import SuppressionError
from publisher.opaque import Opaque
from publisher.relations import IntArray, LinkedSystem
from publisher.suppression.blocks import BoolArray, FloatArray
from publisher.suppression.cuts import Demand, DistanceProgram, Question, WholeCut, questions
from publisher.suppression.evidence import A0, A1
from publisher.suppression.needs import Needs
from publisher.suppression.pattern import CountTerms, Layer, demands_of_counts, demands_of_sums
from publisher.suppression.programs import solver
from publisher.suppression.rows import row_cuts

STAGES = (2, 3)
"""Steps that a neighbourhood reaches, one stage after the other."""

ROUNDS = 8
"""Optima of the relaxation that a stage tries to break."""

STALL = 1e-3
"""A stage ends when two rounds raised the bound by less than this share."""

SLIGHTLY = 1e-4
"""Share of its limits by which a published cell may move where a cut is sought: of all multipliers that show as much
it takes some that rest on few such cells (Magnanti and Wong 1981)."""

SHORT = 0.02
"""A cut is kept where this share of the need lacks."""

FAINT = 0.05
"""A choice that the relaxation withholds by less is not looked at."""

EFFORT = 100
"""Steps of the simplex method for each cell of the system, after which the bound is taken as it is."""

FINE = 2**128
"""Multipliers of cuts are whole multiples of 1 / FINE."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LowerBound(Opaque):
    """The certificate: every safe pattern satisfies the cuts; added up, `multipliers` (in 1 / FINE, 0 or more) times
    each, they show that it withholds at least `secondary` cells that are not sensitive."""

    cuts: tuple[WholeCut, ...]
    multipliers: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.cuts) != len(self.multipliers) or min(self.multipliers, default=0) < 0:
            raise ValueError("every cut has a multiplier of 0 or more")

    @property
    def secondary(self) -> int:
        """Sum of multiplier x need, less what a cell's column exceeds its cost of 1 by; rounded up, exactly."""
        total, columns = 0, dict[int, int]()
        for cut, times in zip(self.cuts, self.multipliers, strict=True):
            for cell, weight in zip(cut.cells, cut.weights, strict=True):
                columns[cell] = columns.get(cell, 0) + times * weight
            if cut.of is None:
                total += times * cut.need
            else:
                columns[cut.of] = columns.get(cut.of, 0) - times * cut.need
        total -= sum(max(0, column - FINE) for column in columns.values())
        return max(0, -(-total // FINE))


def lower_bound(system: LinkedSystem, layer: Layer, terms: CountTerms, *, effort: int = EFFORT) -> LowerBound:
    """What `find_pattern` with the same arguments withholds at least.

    `effort`: steps of the simplex method for each cell of the system.  SuppressionError where it is proved that there
    is no pattern.
    """
    return _bound(demand_of_counts(system, layer, terms), effort)


def lower_bound_of_sums(
    system: LinkedSystem, layer: Layer, *, lower: IntArray, rise: IntArray, fall: IntArray,
    width: IntArray | None = None, effort: int = EFFORT,
) -> LowerBound:  # fmt: skip
    """What `find_sum_pattern` with the same arguments withholds at least.  Raises as `lower_bound`."""
    room, needs = demands_of_sums(system.shown, layer, lower, (rise, fall, width))
    return _bound(_demand(system, layer, room, needs), effort)


def demand_of_counts(system: LinkedSystem, layer: Layer, terms: CountTerms) -> Demand:
    """What the level demands of any pattern of a count; arguments as of `find_pattern`."""
    return _demand(system, layer, *demands_of_counts(system.shown, layer, terms))


def _demand(system: LinkedSystem, layer: Layer, room: tuple[IntArray, IntArray], needs: Needs) -> Demand:
    settled = layer.sensitive | layer.withheld
    always = ~system.shown | settled
    choices = ~(always | layer.forced | layer.zeros)
    return Demand(layer.check(system), system.shown, always, choices, room, layer.top, needs)


def _bound(demand: Demand, effort: int) -> LowerBound:
    master = _Master(demand.choices)
    for cut in row_cuts(demand):
        master.add(cut)
    master.solve()
    left = effort * len(demand.shown)
    for steps in STAGES:
        stage = _Stage(demand, master, list(_neighbourhoods(demand, steps)))
        bounds = [0.0, 0.0]
        for _ in range(ROUNDS):
            known = len(master.cuts)
            left -= stage.learn(left)
            if len(master.cuts) == known or not master.solve():
                break
            bounds.append(master.bound)
            if left <= 0 or bounds[-1] <= bounds[-3] * (1 + STALL):
                break
    return LowerBound(tuple(master.cuts[: len(master.multipliers)]), master.multipliers)


@dataclass(frozen=True, slots=True, eq=False)
class _Neighbourhood:
    """Cells that may move, sorted, and the positions among them of those whose needs are asked for here."""

    cells: IntArray
    targets: IntArray


def _neighbourhoods(demand: Demand, steps: int) -> Iterator[_Neighbourhood]:
    """Around cells that no pattern publishes, until each is a target; others are targets where they lie well inside."""
    movable = demand.movable
    done = ~movable
    for seed in np.flatnonzero(demand.always & demand.shown):
        if done[seed]:
            continue
        cells = np.array([seed])
        for _ in range(steps):
            cells = demand.graph.grow(cells, movable)
        beyond = np.setdiff1d(demand.graph.grow(cells, movable), cells)
        inner = ~np.isin(cells, demand.graph.grow(beyond, movable)) | (cells == seed)
        targets = np.flatnonzero(inner & ~done[cells])
        done[cells[targets]] = True
        yield _Neighbourhood(cells, targets)


@dataclass(slots=True, eq=False)
class _Master:
    """The least number of choices, each withheld by a share from 0 to 1, such that every cut holds.

    `shares`: of every cell of the system.  `bound`: the optimum, as the solver has it.
    """

    choices: BoolArray
    cuts: list[WholeCut] = field(default_factory=list)
    bound: float = 0.0
    shares: FloatArray = field(init=False)
    multipliers: tuple[int, ...] = ()
    _known: set[WholeCut] = field(default_factory=set)
    _column: IntArray = field(init=False)
    _highs: highspy.Highs = field(init=False)

    def __post_init__(self) -> None:
        size = int(self.choices.sum())
        self.shares, self._column = np.zeros(len(self.choices)), np.cumsum(self.choices) - 1
        self._highs = solver(presolve="on")
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = 0, size
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.ones(size), np.zeros(size), np.ones(size)
        lp.a_matrix_.start_ = np.zeros(size + 1, dtype=np.int32)
        self._highs.passModel(lp)

    def add(self, cut: WholeCut) -> bool:
        """Add the cut if the shares break it; whether they do.  SuppressionError where nothing can satisfy it."""
        if cut.of is None and sum(cut.weights) < cut.need:
            raise SuppressionError("it is proved that no pattern keeps the promise")
        if cut in self._known or cut.missing(self.shares) < SHORT:
            return False
        self._known.add(cut)
        self.cuts.append(cut)
        cells, entries = [*cut.cells], [w / cut.need for w in cut.weights]
        if cut.of is not None:
            cells, entries = [*cells, cut.of], [*entries, -1.0]
        columns = self._column[cells].astype(np.int32)
        least = 1.0 if cut.of is None else 0.0
        self._highs.addRow(least, highspy.kHighsInf, len(cells), columns, np.array(entries))
        return True

    def solve(self) -> bool:
        """Find the optimum; whether there is one."""
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return False
        solution, self.bound = self._highs.getSolution(), float(self._highs.getInfo().objective_function_value)
        self.shares[self.choices] = np.array(solution.col_value).clip(0.0, 1.0)
        self.multipliers = tuple(
            int(max(0.0, dual) * FINE) // cut.need for dual, cut in zip(solution.row_dual, self.cuts, strict=True)
        )
        return True


@dataclass(slots=True, eq=False, repr=False)
class _Stage(Opaque):
    """Neighbourhoods of one size; `safe`: for each the shares of its cells when nothing more was learnt from them."""

    demand: Demand
    master: _Master
    neighbourhoods: Sequence[_Neighbourhood]
    safe: dict[int, FloatArray] = field(default_factory=dict)

    def learn(self, left: int) -> int:
        """Add the cuts that the shares break; the steps that it took, about `left` at most."""
        spent = 0
        for k, near in enumerate(self.neighbourhoods):
            shares = self.master.shares[near.cells]
            if spent > left or (k in self.safe and np.abs(self.safe[k] - shares).max() < SHORT * SHORT):
                continue
            program = DistanceProgram(self.demand.graph, near.cells)
            broken = [self._ask(program, int(p), a) for p in near.targets for a in (A1, A0)]
            spent += program.steps
            if not any(broken):
                self.safe[k] = shares
        return spent

    def _ask(self, program: DistanceProgram, position: int, attacker: int) -> bool:
        """Whether the shares break something that the cell needs; what they break becomes a cut."""
        demand, cell = self.demand, int(program.cells[position])
        part = 1.0 if demand.always[cell] else float(self.master.shares[cell])
        if part < FAINT:
            return False
        inside = np.where(demand.always[program.cells], 1.0, self.master.shares[program.cells] / part)
        open_ = SLIGHTLY + (1 - SLIGHTLY) * inside.clip(max=1.0)
        open_[position] = 1.0
        asked = questions(demand, cell, attacker)
        return sum(self._question(program, position, attacker, question, open_) for question in asked) > 0

    def _question(
        self, program: DistanceProgram, position: int, attacker: int, question: Question, shares: FloatArray
    ) -> bool:
        """Whether the cell cannot move so far; distances are in units of what is asked for."""
        demand, cells = self.demand, program.cells
        rise, fall = (np.minimum(limit[cells] / question.far, 1.0) for limit in (demand.top, demand.room[attacker]))
        program.limit(rise * shares, fall * shares)
        ends = program.falls_short(position, question.signs, 1 - SHORT)
        cut = None if ends is None else demand.cut(int(cells[position]), attacker, question.far, ends)
        return cut is not None and self.master.add(cut)
