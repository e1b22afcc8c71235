"""What lies around one unknown of a large component: a few equations and unknowns, quickly solved.

Two small programmes tell of the whole one.  Where all beyond may be anything within its bounds, an end that is not
reached here is not reached anywhere (`loose`).  Where all beyond stands still at a point that satisfies the equations,
an end that is reached here can be reached (`held`).
"""

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.audit.attacker.programme import Floats, Programme, model_of
from publisher.opaque import Opaque

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Surroundings(Opaque):
    """Unknowns (`near`, sorted) around one of them, number `at` among them, and all equations that they are in.

    `matrix @ x[near] + y = rhs` with y, what is beyond, within `beyond`; `lower <= x[near] <= upper`.
    """

    near: Ints
    at: int
    matrix: sparse.csr_matrix
    rhs: Floats
    lower: Floats
    upper: Floats
    beyond: tuple[Floats, Floats]

    @classmethod
    def of(cls, programme: Programme, at: int, enough: int) -> "Surroundings":
        """Those that share equations with an unknown, and so on outward, until they are `enough`."""
        near = _around(programme, at, enough)
        columns = sparse.csr_matrix(programme.by_column[:, near])
        rows = np.flatnonzero(np.diff(columns.indptr))
        beyond = _without(sparse.csr_matrix(programme.matrix[rows]), near)
        low, high = programme.lower, programme.upper
        ends = _least(beyond, low, high), -_least(-beyond, low, high)
        here = int(np.searchsorted(near, at))
        return cls(near, here, columns[rows], programme.rhs[rows], low[near], high[near], ends)

    def held(self, point: Floats) -> Programme:
        """The programme of `near` while all else is as in `point`, one number for each unknown of the component."""
        return Programme(self.matrix, self.matrix @ point[self.near], self.lower, self.upper)

    def loose(self, scale: float) -> tuple[float, float]:
        """Ends beyond which the unknown cannot lie, as far as this tells; infinite where it tells nothing."""
        model = model_of(self.matrix, self.rhs / scale, self.lower / scale, self.upper / scale)
        model.row_lower_, model.row_upper_ = (self.rhs - self.beyond[1]) / scale, (self.rhs - self.beyond[0]) / scale
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            solver.setOptionValue(option, value)
        solver.passModel(model)
        return self._end(solver, 1, scale), self._end(solver, -1, scale)

    def _end(self, solver: highspy.Highs, sign: int, scale: float) -> float:
        solver.changeColCost(self.at, float(sign))
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return -sign * np.inf
        return float(sign * solver.getInfo().objective_function_value * scale)


def _around(programme: Programme, at: int, enough: int) -> Ints:
    near = np.array([at], dtype=np.int64)
    while len(near) < enough:
        rows = np.unique(programme.by_column[:, near].indices)
        found = np.setdiff1d(programme.matrix[rows].indices, near)[: enough - len(near)]
        if not len(found):
            break
        near = np.concatenate([near, found])
    return np.sort(near)


def _without(matrix: sparse.csr_matrix, columns: Ints) -> sparse.csr_matrix:
    """A matrix with nothing in these columns."""
    data = np.where(np.isin(matrix.indices, columns), 0.0, matrix.data)
    left = sparse.csr_matrix((data, matrix.indices, matrix.indptr), shape=matrix.shape)
    left.eliminate_zeros()
    return left


def _least(matrix: sparse.csr_matrix, lower: Floats, upper: Floats) -> Floats:
    """The least that `matrix @ x` can be, equation by equation, while x is within its bounds."""
    least: Floats = sparse.csr_matrix(matrix.maximum(0)) @ lower + sparse.csr_matrix(matrix.minimum(0)) @ upper
    return least
