"""Changes of numbers that satisfy the equations, with as little moved as will do (HiGHS, from where nothing moves)."""

import highspy
import numpy as np
from scipy import sparse

from publisher.audit.attacker.equations import Ints
from publisher.audit.attacker.programme import TOLERANCE, Floats
from publisher.opaque import Opaque

_TRIFLE = 0.01
"""Cost of a unit moved, where directions are asked for: what moves more than it gains shows nothing that is near."""


class Moves(Opaque):
    """`matrix @ change = 0`, a change being a rise less a fall, both within limits.

    Every programme is solved from the start: from there few numbers have to move, and what few move is seen by few.
    `scale`: numbers are given to the solver in units of it.
    """

    def __init__(self, matrix: sparse.csr_matrix, scale: float) -> None:
        self.matrix, self.scale, self.size = matrix, scale, int(matrix.shape[1])
        self._every = np.arange(2 * self.size, dtype=np.int32)
        self._limits = np.zeros(2 * self.size)
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("solver", "simplex")):
            self._solver.setOptionValue(option, value)
        self._solver.passModel(_model(sparse.csr_matrix(sparse.hstack([matrix, -matrix]))))

    def limit(self, rise: Floats, fall: Floats) -> None:
        """How far each number may rise and fall from now on; infinite without end."""
        self._limits = np.concatenate([rise, fall]) / self.scale
        self._solver.changeColsBounds(len(self._every), self._every, np.zeros(len(self._every)), self._limits)

    def towards(self, columns: Ints, costs: Floats) -> Floats | None:
        """A change where `costs @ change[columns]` is small and little moves; None where the solver has no answer."""
        cost = np.full(2 * self.size, _TRIFLE)
        cost[columns] += costs
        cost[columns + self.size] -= costs
        return self._solve(cost)

    def by(self, column: int, amount: float) -> Floats | None:
        """The least change in which one number rises by `amount` (falls where it is negative).

        None where there is none, or the solver has no answer: who asks may not take that for safe.
        """
        own, other = (column, column + self.size) if amount > 0 else (column + self.size, column)
        wanted = abs(amount) / self.scale
        if wanted > self._limits[own]:
            return None
        self._solver.changeColBounds(own, wanted, wanted)
        self._solver.changeColBounds(other, 0.0, 0.0)
        change = self._solve(np.ones(2 * self.size))
        for side in (own, other):
            self._solver.changeColBounds(side, 0.0, self._limits[side])
        return change

    def _solve(self, cost: Floats) -> Floats | None:
        self._solver.changeColsCost(len(self._every), self._every, cost)
        self._solver.clearSolver()
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        x = np.asarray(self._solver.getSolution().col_value, dtype=np.float64)
        change = (x[: self.size] - x[self.size :]) * self.scale
        off = float(np.abs(self.matrix @ change).max(initial=0.0))
        beyond = float((x - self._limits).max(initial=0.0)) * self.scale
        return change if max(off, beyond) < TOLERANCE / 10 * self.scale else None


def _model(matrix: sparse.csr_matrix) -> highspy.HighsLp:
    """Nothing may move until limits are set."""
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    nothing, none = np.zeros(matrix.shape[1]), np.zeros(matrix.shape[0])
    model.col_cost_, model.col_lower_, model.col_upper_ = nothing, nothing, nothing
    model.row_lower_ = model.row_upper_ = none
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data.astype(np.float64)
    return model
