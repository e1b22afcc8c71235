"""The choice of cells at the least cost, as integer programmes whose rows are cuts (Benders 1962)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import highspy
import numpy as np
from scipy import sparse

from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray, FloatArray, components_of
from publisher.suppression.cuts import WholeCut
from publisher.suppression.distinct import distinct
from publisher.suppression.programs import solver

_MIP: dict[str, float] = {"mip_max_nodes": 100, "mip_allow_restart": False}
"""After so many nodes of the search tree the best choice found so far is taken.  A root that starts anew takes a fifth
more time for the same choice."""

GAP, LARGE = 3e-3, 2500
"""A choice of more than SMALL cells may cost so much more than the least; one of more than LARGE, more in proportion to
their number: the time that the last per cent takes grows far faster."""

SMALL = 100
"""Of so few cells any is in the core."""

WHOLE = 1e-6
"""Shares so near to 0 or 1 are whole."""

CORE = 0.02
"""A cell whose reduced cost in the linear relaxation is further from 0, in units of the mean weight, stays as it is
there (Balas and Zemel 1980)."""


@dataclass(slots=True, eq=False)
class Master:
    """Which cells to withhold besides those that always are.  `costs`: one for each cell of the system.

    Cuts that share no cell are apart: each connected part of them is an integer programme of its own, solved again only
    when it has got another cut.  `_rows`: the cuts as the solver takes them; there are tens of thousands, and some are
    asked for in every choice.
    """

    costs: FloatArray
    cuts: list[WholeCut] = field(default_factory=list)
    _rows: list["_Row"] = field(default_factory=list)
    _known: set[WholeCut] = field(default_factory=set)
    _solved: dict[bytes, IntArray] = field(default_factory=dict)
    _relaxed: dict[bytes, "_Relaxed"] = field(default_factory=dict)

    def add(self, cuts: Iterable[WholeCut]) -> int:
        """Add the cuts that are new and that some choice can satisfy; how many they were."""
        before = len(self.cuts)
        for cut in cuts:
            possible = sum(cut.weights) >= cut.need or (cut.of is not None)
            if possible and cut not in self._known:
                self._known.add(cut)
                self.cuts.append(cut)
                self._rows.append(_Row.of(cut))
        return len(self.cuts) - before

    def give(self, cells: BoolArray) -> None:
        """From now on these cost nothing."""
        self.costs = np.where(cells, 0.0, self.costs)
        self._solved, self._relaxed = {}, {}

    def likely(self) -> BoolArray:
        """What the linear relaxation chooses more than half of, with all that costs nothing."""
        return self._choose(exactly=False)

    def solve(self) -> BoolArray:
        """A choice that satisfies every cut, at nearly the least cost, with all that costs nothing.

        Parts for which there is none choose nothing else.
        """
        return self._choose(exactly=True)

    def _choose(self, *, exactly: bool) -> BoolArray:
        chosen = np.asarray(self.costs == 0)
        solved, left = dict[bytes, IntArray](), dict[bytes, _Relaxed]()
        for part in self._parts():
            key = part.tobytes()
            if key not in self._solved:
                left[key] = self._relaxed.get(key) or self._relax(part)
            cells = self._solved[key] if key in self._solved else left[key].choice(exactly=exactly)
            chosen[cells] = True
            if key not in left or exactly or left[key].whole:
                solved[key] = cells
        self._solved, self._relaxed = solved, left
        return chosen

    def _parts(self) -> Iterable[IntArray]:
        """Indices of the cuts of each connected part."""
        if not self._rows:
            return ()
        start, column = _start_of(self._rows), np.concatenate([row.cells for row in self._rows])
        shape = (len(self._rows), len(self.costs))
        ties = sparse.csr_array((np.ones(len(column), dtype=np.int8), column, start), shape=shape)
        label = components_of(ties)[0]
        order = np.argsort(label, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(label[order])) + 1)

    def _relax(self, part: IntArray) -> "_Relaxed":
        """The choice for some cuts, cells being chosen in part."""
        rows = [self._rows[k] for k in part.tolist()]
        used = distinct(*(row.cells for row in rows))
        free = self.costs[used] == 0
        programme = Programme.of(rows, used, self.costs[used]).given(free)
        found, nothing = _run(programme.model(), presolve="on"), np.zeros(int((~free).sum()))
        if found is None:
            return _Relaxed(used[~free], programme, nothing, nothing)
        return _Relaxed(used[~free], programme, np.array(found.col_value), np.array(found.col_dual))


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """rows @ choice >= least, at the least cost."""

    rows: sparse.csr_array
    least: FloatArray
    costs: FloatArray

    @classmethod
    def of(cls, rows: Sequence["_Row"], used: IntArray, costs: FloatArray) -> "Programme":
        """`used`: the cells that the columns stand for, sorted."""
        columns = np.searchsorted(used, np.concatenate([row.cells for row in rows]))
        values, least = np.concatenate([row.shares for row in rows]), np.array([row.least for row in rows])
        return cls(sparse.csr_array((values, columns, _start_of(rows)), shape=(len(rows), len(used))), least, costs)

    def given(self, taken: BoolArray) -> "Programme":
        """What is left to choose where the cells `taken` are chosen."""
        rows, least = sparse.csr_array(self.rows[:, ~taken]), self.least - self.rows @ taken.astype(np.float64)
        lacking = np.flatnonzero(least > rows.minimum(0).sum(axis=1) + WHOLE)
        return Programme(sparse.csr_array(rows[lacking]), least[lacking], self.costs[~taken])

    def settle(self, taken: BoolArray, core: BoolArray) -> BoolArray | None:
        """The best choice of cells of the `core` beside those `taken` already; None where there is none.

        What is taken satisfies some cuts, and what is left falls apart further: each part is a programme of its own.
        """
        chosen, cells = taken.copy(), np.flatnonzero(core)
        left = Programme(self.rows[:, core | taken], self.least, self.costs[core | taken]).given(taken[core | taken])
        row_label, label = components_of(left.rows)
        few = np.bincount(label, minlength=int(label.max(initial=0)) + 1) <= SMALL
        row_label, label = (np.where(few[a], -1, a) for a in (row_label, label))
        for part in np.unique(row_label):
            own, columns = np.flatnonzero(row_label == part), np.flatnonzero(label == part)
            smaller = Programme(sparse.csr_array(left.rows[own][:, columns]), left.least[own], left.costs[columns])
            gap = GAP * max(1.0, len(columns) / LARGE) if len(columns) > SMALL else 0.0
            found = _run(smaller.model(whole=True), presolve="on", **_MIP, mip_rel_gap=gap)
            if found is None:
                return None
            chosen[cells[columns]] = np.array(found.col_value) > 0.5
        return chosen

    def model(self, *, whole: bool = False) -> highspy.HighsLp:
        """For the solver; `whole`: nothing is chosen in part."""
        lp, (rows, columns) = highspy.HighsLp(), self.rows.shape
        lp.num_row_, lp.num_col_ = rows, columns
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self.costs, np.zeros(columns), np.ones(columns)
        lp.row_lower_, lp.row_upper_ = self.least, np.full(rows, np.inf)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = self.rows.indptr, self.rows.indices
        lp.a_matrix_.value_ = self.rows.data
        if whole:
            lp.integrality_ = [highspy.HighsVarType.kInteger] * columns
        return lp


def _run(model: highspy.HighsLp, **options: float | str) -> highspy.HighsSolution | None:
    """The solution; None where there is none."""
    h = solver(**options)
    h.passModel(model)
    h.run()
    found = h.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return h.getSolution() if found else None


class _Relaxed(NamedTuple):
    """By how much each of `cells` is chosen (all by nothing, where there is no choice), and its reduced cost."""

    cells: IntArray
    programme: Programme
    shares: FloatArray
    reduced: FloatArray

    @property
    def whole(self) -> bool:
        """Whether nothing is chosen in part."""
        return not np.any((self.shares > WHOLE) & (self.shares < 1 - WHOLE))

    def choice(self, *, exactly: bool) -> IntArray:
        """The best choice of whole cells; not `exactly`: what is chosen more than half."""
        if self.whole or not exactly:
            return self.cells[self.shares > 0.5]
        core = (np.abs(self.reduced) <= CORE) | (len(self.cells) <= SMALL)
        chosen = self.programme.settle((self.shares > 0.5) & ~core, core)
        if chosen is None:
            chosen = self.programme.settle(np.zeros_like(core), np.ones_like(core))
        return self.cells[:0] if chosen is None else self.cells[chosen]


class _Row(NamedTuple):
    """A cut divided by its need: shares @ choice[cells] >= least."""

    cells: IntArray
    shares: FloatArray
    least: float

    @classmethod
    def of(cls, cut: WholeCut) -> "_Row":
        """A cut that asks only if a cell is withheld has that cell last."""
        shares = [w / cut.need for w in cut.weights]
        if cut.of is None:
            return cls(np.array(cut.cells, dtype=np.int64), np.array(shares), 1.0)
        return cls(np.array((*cut.cells, cut.of), dtype=np.int64), np.array([*shares, -1.0]), 0.0)


def _start_of(rows: Sequence[_Row]) -> IntArray:
    """Where the entries of each row begin, and the last ends."""
    return np.cumsum([0, *(len(row.cells) for row in rows)])
