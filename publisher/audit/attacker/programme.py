"""Linear programmes over one component of the unknowns, kept warm while only the objective changes (HiGHS)."""

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import lsqr

from publisher.audit.attacker.reduce import ContradictionError
from publisher.errors import AuditFailedError

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

TOLERANCE = 1e-5
"""A bound within this of a whole number is taken for that number where it is not decided exactly (`exact`).  HiGHS
keeps equations to 1e-7; vertices of small tables are fractions with small denominators, further than this from the
whole numbers that they are not.  Those of a county by benefit, sex and age have denominators of thousands."""

_LARGE = 1e8

_START = 10
"""A programme that needs no step at all costs about as much as so many steps."""

_WARM = 1500
"""Of so many unknowns or fewer, going on from the last vertex is quicker than starting anew with all reductions."""

_FURTHER, _LIMIT = 30, 3000
"""Of more than that it is quicker too where no more than one of so many has costs; after so many steps it is started
anew after all."""

_NOTHING = 1e-7
"""The solver's tolerance of reduced costs."""

_FEW, _SHARE = 5, 1000
"""So few unknowns, or one of so many, are asked of the whole: its first vertex takes nearly all of the time."""

_CENTRAL, _EXACT = 1.0, 1e-8
"""Gaps at which the interior-point method ends: without costs the first that satisfies the equations will do."""

_NEARLY, _CLOSE = 1e-2, 1e-10
"""The gap where some unknowns are wanted large, and how closely the equations are kept then; the method ends with much
less of that than it says."""

_STEPS, _TIMES = 200, 20
"""Of the least change that puts a point onto the equations again; it is made again while bounds take away of it."""

_INTERIOR: dict[str, str | float] = {"solver": "ipx", "ipm_iteration_limit": 500, "simplex_iteration_limit": _LIMIT}
"""Of thousands of programmes some never end; nearly all take fewer than a hundred steps.  Nor does the simplex method
always, which mends what the crossover leaves: hardly ever is there anything to mend."""

_ANEW = 200
"""Starting anew costs about as much as so many steps."""


class Programme:
    """`matrix @ x = rhs`, `lower <= x <= upper`; asks for points that are extreme in a direction.

    `spent`: steps of the solver so far, each times the number of equations.

    Large numbers (sums) are given to the solver in units of `scale`, so that its tolerances keep their meaning.
    """

    def __init__(self, matrix: sparse.csr_matrix, rhs: Floats, lower: Floats, upper: Floats) -> None:
        self.matrix, self.rhs, self.lower, self.upper = matrix, rhs, lower, upper
        self.by_column = sparse.csc_matrix(matrix)
        self.scale, self.spent = scale_of(rhs, lower, upper), 0
        self._within = lower, upper
        self._solver = self._last = self._made(presolve="off", simplex_strategy=4)
        self._costly, self._costs = np.zeros(0, dtype=np.int32), np.zeros(0)
        self._begun = False

    def _made(self, **options: str | float) -> highspy.Highs:
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in ({"output_flag": False, "threads": 1} | options).items():
            solver.setOptionValue(option, value)
        solver.passModel(model_of(self.matrix, *(x / self.scale for x in (self.rhs, *self._within))))
        return solver

    @property
    def size(self) -> int:
        """The number of unknowns."""
        return len(self.lower)

    @property
    def few(self) -> int:
        """So few that are open are not worth asking parts of the whole."""
        return max(_FEW, self.size // _SHARE)

    @property
    def off(self) -> float:
        """By how much the solver's numbers may be off where they are large; of others `Ranges.slop` takes care."""
        return TOLERANCE * self.scale if self.scale > 1 else 0.0

    def extreme(self, columns: Indices, costs: Floats) -> Floats | None:
        """A vertex where `costs @ x[columns]` is least, or None where it has no least value.

        Raises ContradictionError where no point satisfies the equations, AuditFailedError where the solver gives no
        answer that holds: an audit that cannot decide does not pass.
        """
        if self.size > _WARM and (point := self._of_many(columns, costs)) is not None:
            return point
        self._aim(columns, costs)
        return self._answer() if self._run() else self._answer_from_scratch()

    def soon(self, columns: Indices, costs: Floats) -> Floats | None:
        """The same as `extreme`; of many unknowns None too where no vertex is found soon."""
        return self._of_many(columns, costs) if self.size > _WARM else self.extreme(columns, costs)

    def _aim(self, columns: Indices, costs: Floats) -> None:
        self._last = self._solver
        self._solver.changeColsCost(len(self._costly), self._costly, np.zeros(len(self._costly)))
        self._solver.changeColsCost(len(columns), columns, costs)
        self._costly, self._costs = columns, costs

    def _of_many(self, columns: Indices, costs: Floats) -> Floats | None:
        """A vertex of many unknowns: from the last one where few of them have costs, or anew; None where there is none,
        or none is found soon."""
        if self._begun and _FURTHER * len(columns) <= self.size:
            self._aim(columns, costs)
            self._solver.setOptionValue("simplex_iteration_limit", _LIMIT)
            self._run()
            self._solver.setOptionValue("simplex_iteration_limit", highspy.kHighsIInf)
            if (point := self._optimal(self._solver)) is not None and self._is_least(point):
                return point
        return self._anew(columns, costs)

    def _anew(self, columns: Indices, costs: Floats) -> Floats | None:
        """A vertex by an interior-point method that starts from nothing; None where that finds none."""
        solver = self._made(**_INTERIOR)
        solver.changeColsCost(len(columns), columns, costs)
        solver.run()
        self.spent += _ANEW * len(self.rhs)
        point, self._last = self._optimal(solver), solver
        if point is not None:
            self._begun = self._solver.setBasis(solver.getBasis()) == highspy.HighsStatus.kOk
        return point

    def _is_least(self, point: Floats) -> bool:
        """Whether the multipliers show that no point costs less (weak duality), as far as numbers of the solver do."""
        costs, multipliers = np.zeros(self.size), self.multipliers()
        costs[self._costly] = self._costs
        reduced = costs - self.matrix.T @ multipliers
        reduced[np.abs(reduced) < _NOTHING] = 0.0
        at, ends = np.flatnonzero(reduced), np.where(reduced > 0, *self._within)
        least = multipliers @ self.rhs + reduced[at] @ ends[at]
        return bool(costs @ point - least <= TOLERANCE * self.scale * max(1.0, float(np.abs(self._costs).sum())))

    def _optimal(self, solver: highspy.Highs) -> Floats | None:
        """What the solver found; None where that is not the optimum, or does not hold."""
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return point if self.holds(point := self._point(solver)) else None

    def _run(self) -> bool:
        """Solve; True where the answer can be used: no point at all, no end, or a point that satisfies all."""
        self._solver.run()
        self.spent += (_START + max(0, self._solver.getInfo().simplex_iteration_count)) * len(self.rhs)
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return self.holds(self._point(self._solver))
        endless = status == highspy.HighsModelStatus.kUnbounded and self._open()
        return endless or status == highspy.HighsModelStatus.kInfeasible

    def _open(self) -> bool:
        """Whether no bound of its own keeps some unknown from lowering the costs for ever."""
        ends = np.where(self._costs > 0, self._within[0][self._costly], self._within[1][self._costly])
        return bool(np.isinf(ends[self._costs != 0]).any())

    def _answer(self) -> Floats | None:
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            raise ContradictionError
        return None if status == highspy.HighsModelStatus.kUnbounded else self._point(self._solver)

    def _answer_from_scratch(self) -> Floats | None:
        """Again without the basis of the last programme, whose rounding errors may have added up."""
        self._solver.clearSolver()
        if not self._run():
            raise AuditFailedError(f"the solver gave no answer on {self.size} unknowns; nothing is decided")
        return self._answer()

    def apart(self, columns: Indices) -> Indices:
        """Some of the columns, the first ones first, that share no equation: each can go nearly as far as alone."""
        found, taken = list[int](), np.zeros(len(self.rhs), dtype=np.bool_)
        for at in columns.tolist():
            rows = self.by_column.indices[self.by_column.indptr[at] : self.by_column.indptr[at + 1]]
            if not taken[rows].any():
                taken[rows] = True
                found.append(at)
        return np.array(found, dtype=np.int32)

    def basic(self) -> NDArray[np.bool_]:
        """Which unknowns are not at a bound in the vertex found last, but follow from the equations."""
        status = self._last.getBasis().col_status
        return np.array([s == highspy.HighsBasisStatus.kBasic for s in status], dtype=np.bool_)

    def multipliers(self) -> Floats:
        """Of the equations, from the vertex found last: what a unit more on the right would add to its costs."""
        return np.asarray(self._last.getSolution().row_dual, dtype=np.float64)

    def limit(self, ceiling: float) -> None:
        """Keep every unknown at most `ceiling` from now on: what remains possible is possible without it."""
        self.within(self.lower, np.minimum(self.upper, ceiling))

    def within(self, lower: Floats, upper: Floats) -> None:
        """Keep every unknown between these bounds from now on; they lie within the programme's own."""
        every, self._within = np.arange(self.size, dtype=np.int32), (lower, upper)
        self._solver.changeColsBounds(self.size, every, lower / self.scale, upper / self.scale)

    def any_point(self) -> Floats:
        """A vertex; ContradictionError where there is none."""
        point = self.extreme(np.zeros(0, dtype=np.int32), np.zeros(0))
        if point is None:
            raise AuditFailedError("the solver found no end to a constant objective; nothing is decided")
        return point

    def inside(self, rising: Indices | None = None) -> Floats:
        """A point away from the bounds wherever it can be: an interior-point method, ended before it seeks a vertex,
        and as soon as it satisfies the equations.  ContradictionError where there is none.

        `rising`: unknowns, none without an upper bound, that are about as large there as they can be together.
        """
        wanted = np.zeros(0, dtype=np.int32) if rising is None else rising
        closely: dict[str, str | float] = {"primal_feasibility_tolerance": _CLOSE} if len(wanted) else {}
        for gap in (_NEARLY if len(wanted) else _CENTRAL, _EXACT):
            solver = self._made(run_crossover="off", ipm_optimality_tolerance=gap, **closely, **_INTERIOR)
            solver.changeColsCost(len(wanted), wanted, -np.ones(len(wanted)))
            solver.run()
            point = self._point(solver)
            if len(point) == self.size and self.holds(point := self._onto(np.clip(point, *self._within))):
                return point
        return self.any_point()

    def _onto(self, point: Floats) -> Floats:
        """The nearest point that satisfies the equations, where this one nearly does, kept within the bounds: what they
        take away of the step is missing in an equation, which must not be believed to hold."""
        for _ in range(_TIMES):
            if self.holds(point):
                break
            step = lsqr(self.matrix, self.rhs - self.matrix @ point, iter_lim=_STEPS)[0]
            point = np.clip(point + step, *self._within)
        return point

    def _point(self, solver: highspy.Highs) -> Floats:
        return np.asarray(solver.getSolution().col_value, dtype=np.float64) * self.scale

    def holds(self, point: Floats) -> bool:
        """Whether a point satisfies all, a tenth of the tolerance aside."""
        off = np.abs(self.matrix @ point - self.rhs)
        beyond = np.maximum(self.lower - point, point - self.upper)
        allowed = TOLERANCE / 10 * self.scale
        return bool(off.max(initial=0.0) < allowed and beyond.max(initial=0.0) < allowed)


def ceiling(point: Floats) -> float:
    """Without one, an unknown that can grow for ever would leave every random direction without a vertex."""
    return float(2 * np.abs(point).max(initial=0.0) + 1000)


def scale_of(*numbers: Floats) -> float:
    """A power of ten that brings all that are finite down to a hundred million; 1 for counts."""
    largest, scale = max(float(np.abs(x[np.isfinite(x)]).max(initial=0.0)) for x in numbers), 1.0
    while largest / scale > _LARGE:
        scale *= 10
    return scale


def model_of(matrix: sparse.csr_matrix, rhs: Floats, lower: Floats, upper: Floats) -> highspy.HighsLp:
    """`matrix @ x = rhs`, `lower <= x <= upper`, without costs."""
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_ = np.zeros(len(lower))
    model.col_lower_, model.col_upper_ = lower, upper
    model.row_lower_ = model.row_upper_ = rhs
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data.astype(np.float64)
    return model
