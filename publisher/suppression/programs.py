"""Linear programs over a block of cells, solved by HiGHS: they propose circulations, and decide nothing."""

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from publisher.relations import IntArray
from publisher.suppression.blocks import FloatArray

TRIFLE = 0.01
"""Cost of a unit moved where only the reach of a circulation matters."""


def solver(**more: bool | float | str) -> highspy.Highs:
    """A solver that gives the same answer every time: one thread, fixed seed, dual simplex, no limit of time.

    `more`: further options of HiGHS.
    """
    h = highspy.Highs()  # type: ignore[no-untyped-call]
    settings: dict[str, bool | float | str] = {
        "output_flag": False, "threads": 1, "parallel": "off", "random_seed": 1, "solver": "simplex", "presolve": "off",
    }
    for name, value in (settings | more).items():
        h.setOptionValue(name, value)
    return h


def _load(h: highspy.Highs, matrix: sparse.csc_array, columns: tuple[FloatArray, FloatArray], rows: FloatArray) -> None:
    """Load columns with bounds (lower, upper) and rows `matrix @ columns >= 0`, the first ones `== 0`; rows: upper."""
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = np.zeros(matrix.shape[1])
    lp.col_lower_, lp.col_upper_ = columns
    lp.row_lower_, lp.row_upper_ = np.zeros(matrix.shape[0]), rows
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.indptr
    lp.a_matrix_.index_ = matrix.indices
    lp.a_matrix_.value_ = matrix.data.astype(np.float64)
    h.passModel(lp)


def both_ways(equations: sparse.csr_array) -> sparse.csc_array:
    """Columns: rises of all cells, then their falls."""
    one = sparse.csc_array(equations)
    start = np.concatenate([one.indptr, one.indptr[1:] + one.nnz])
    entries = np.concatenate([one.data, -one.data]), np.concatenate([one.indices, one.indices])
    return sparse.csc_array((*entries, start), shape=(one.shape[0], 2 * one.shape[1]))


def _solve(h: highspy.Highs) -> FloatArray | None:
    """The optimal columns, or None.

    Always from the start, where nothing moves: few cells have to move from there, while from the last solution (for
    another cell) it took two to three times as long.
    """
    h.clearSolver()
    h.run()
    if h.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.array(h.getSolution().col_value)


class AttackProgram:
    """Moves d of n cells with `equations @ d == 0` and -room <= d <= reach: what an outsider cannot rule out.

    Columns, n each: rise and fall.  Both cost a little, so that a circulation stays near the cells that it is for.
    """

    def __init__(self, equations: sparse.csr_array, room: IntArray, top: IntArray, reach: int) -> None:
        self._n, self._reach, self._top = equations.shape[1], reach, top
        self._columns = np.arange(2 * self._n, dtype=np.int32)
        self._highs = solver()
        columns = np.zeros(2 * self._n), self._upper(room)
        _load(self._highs, both_ways(equations), columns, np.zeros(equations.shape[0]))

    def limit(self, room: IntArray) -> None:
        """Other bounds: cells may fall by `room`; a cell with negative room does not move at all."""
        self._highs.changeColsBounds(len(self._columns), self._columns, np.zeros(2 * self._n), self._upper(room))

    def _upper(self, room: IntArray) -> FloatArray:
        rise = np.where(room < 0, 0, np.minimum(self._top, self._reach)).astype(np.float64)
        return np.concatenate([rise, room.astype(np.float64).clip(min=0, max=self._reach)])

    def extreme(self, objective: FloatArray) -> FloatArray | None:
        """The moves with the largest sum of objective x move (less a trifle a move); None where the solver fails."""
        costs = np.concatenate([TRIFLE - objective, TRIFLE + objective])
        self._highs.changeColsCost(len(self._columns), self._columns, costs)
        x = _solve(self._highs)
        return None if x is None else x[: self._n] - x[self._n :]


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """Equations in which cells that can only move together are one; `label`: which one each cell is."""

    equations: sparse.csr_array
    label: IntArray

    @classmethod
    def of(cls, equations: sparse.csr_array) -> "Merged":
        """Two cells that an equation sets equal are one, and so on until none does; every equation is kept once."""
        label = np.arange(equations.shape[1])
        while True:
            rows = np.flatnonzero(np.diff(equations.indptr) == 2)
            first = equations.indptr[rows]
            pairs = np.stack([equations.indices[first], equations.indices[first + 1]])
            equal = equations.data[first] == -equations.data[first + 1]
            if not equal.any():
                return cls(_once(equations), label)
            ties = sparse.coo_array((np.ones(int(equal.sum())), pairs[:, equal]), shape=(equations.shape[1],) * 2)
            count, step = connected_components(ties, directed=False)
            label, n = np.asarray(step[label], dtype=np.int64), equations.shape[1]
            onto = sparse.csr_array((np.ones(n, dtype=equations.dtype), (np.arange(n), step)), shape=(n, count))
            equations = sparse.csr_array(equations @ onto)
            equations.eliminate_zeros()

    def least(self, limits: IntArray) -> IntArray:
        """The lowest of the cells' limits, for each that is left."""
        out = np.full(self.equations.shape[1], np.iinfo(np.int64).max)
        np.minimum.at(out, self.label, limits)
        return out


def _once(equations: sparse.csr_array) -> sparse.csr_array:
    """Rows that are nothing left out, and equal ones but for the first (told apart by a random sum)."""
    sums = np.abs(equations @ np.random.default_rng(0).random(equations.shape[1]))
    _, first = np.unique(np.round(sums, 9), return_index=True)
    return sparse.csr_array(equations[np.sort(first[np.diff(equations.indptr)[first] > 0])])


@dataclass(frozen=True, slots=True)
class Need:
    """What a target needs: rise and fall together, and each by itself."""

    width: int
    rise: int
    fall: int

    @property
    def largest(self) -> int:
        """The most that must be moved, at least 1."""
        return max(1, self.width, self.rise, self.fall)


class SearchProgram:
    """Two circulations through one target cell, one rising and one falling, at the least cost of cells moved.

    Columns, n each: rise and fall of the first circulation, rise and fall of the second.  Last row: rise of the first
    plus fall of the second at the target (sliding protection).
    """

    def __init__(self, equations: sparse.csr_array, room: IntArray, top: IntArray, reach: int) -> None:
        self._cells = Merged.of(equations)
        (rows, n), equations = self._cells.equations.shape, self._cells.equations
        room, top = self._cells.least(room), self._cells.least(top)
        self._n, self._last = n, 2 * rows
        self._all = np.arange(4 * n, dtype=np.int32)
        rise, fall = top.clip(max=reach).astype(np.float64), room.clip(max=reach).astype(np.float64)
        self._upper = np.concatenate([rise, fall, rise, fall])
        limits = np.append(np.zeros(2 * rows), np.inf)
        self._highs = solver()
        _load(self._highs, _two_circulations(equations), (np.zeros(4 * n), self._upper), limits)

    def cheapest(self, target: int, need: Need, costs: FloatArray) -> tuple[FloatArray, FloatArray] | None:
        """Moves (rising, falling) of which the target has what it needs; None if impossible.

        `costs`: for each cell, cost a unit moved.
        """
        h, n, label = self._highs, self._n, self._cells.label
        target = int(label[target])
        h.changeColsCost(len(self._all), self._all, np.tile(np.bincount(label, costs, minlength=n), 4))
        self._aim(target, need, on=True)
        x = _solve(h)
        self._aim(target, need, on=False)
        if x is None:
            return None
        return (x[:n] - x[n : 2 * n])[label], (x[2 * n : 3 * n] - x[3 * n :])[label]

    def _aim(self, target: int, need: Need, *, on: bool) -> None:
        h, n = self._highs, self._n
        ends = ((target, need.rise), (3 * n + target, need.fall))
        opposite = (n + target, 2 * n + target)
        for column, least in ends:
            h.changeCoeff(self._last, column, float(on))
            h.changeColBounds(column, float(min(least, self._upper[column])) if on else 0.0, self._upper[column])
        h.changeRowBounds(self._last, float(need.width) if on else 0.0, np.inf)
        for column in opposite:
            h.changeColBounds(column, 0.0, 0.0 if on else self._upper[column])


def _two_circulations(equations: sparse.csr_array) -> sparse.csc_array:
    """Columns: rise and fall of one, rise and fall of the other; below the rows of both an empty one."""
    one, rows = sparse.csc_array(equations), equations.shape[0]
    entries = len(one.data)
    start = np.concatenate([one.indptr[:-1] + k * entries for k in range(4)] + [[4 * entries]])
    row = np.concatenate([one.indices, one.indices, one.indices + rows, one.indices + rows])
    data = np.concatenate([one.data, -one.data, one.data, -one.data])
    return sparse.csc_array((data, row, start), shape=(2 * rows + 1, 4 * equations.shape[1]))
