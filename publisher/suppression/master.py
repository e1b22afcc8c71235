"""The choice of cells as an integer programme whose rows are learnt from what an attacker could still work out."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import highspy
import numpy as np

from publisher.suppression.blocks import FloatArray
from publisher.suppression.programs import solver

TINY = 1e-7
"""Coefficients below are taken for nothing."""

NODES = 500
"""Nodes of the search tree after which the best choice found so far is taken."""


GAP = 0.02
"""A choice may cost so much more than the least; the bound that is returned is proved all the same."""


@dataclass(frozen=True, slots=True)
class Cut:
    """sum of weight x chosen >= need, or >= need x chosen[of] where the need arises only if that cell is withheld.

    `cells`, `weights`: strengthened, no weight is above the need (Fischetti and Salazar 2001).
    """

    cells: tuple[int, ...]
    weights: tuple[float, ...]
    need: float
    of: int | None = None

    @classmethod
    def strengthened(cls, weights: FloatArray, need: float, of: int | None) -> "Cut":
        """`weights`: one a cell; cells without a weight are left out."""
        cells = np.flatnonzero(weights > TINY)
        return cls(tuple(cells.tolist()), tuple(np.minimum(weights[cells], need).tolist()), need, of)


@dataclass(slots=True)
class Master:
    """Cells to withhold at the least cost such that every cut holds.  `costs`: one a cell."""

    costs: FloatArray
    cuts: list[Cut] = field(default_factory=list)

    def solve(self) -> tuple[frozenset[int], float] | None:
        """Chosen cells, and a proved lower bound of the cost of any choice; None where there is none."""
        if any(not cut.cells and cut.of is None for cut in self.cuts):
            return None
        used = sorted({c for cut in self.cuts for c in cut.cells} | {cut.of for cut in self.cuts if cut.of is not None})
        if not used:
            return frozenset(), 0.0
        column = {cell: k for k, cell in enumerate(used)}
        h = solver(mip_rel_gap=GAP, mip_max_nodes=NODES, presolve="on")
        h.passModel(_model(self.costs[used], [list(_entries(cut, column)) for cut in self.cuts], self._least()))
        h.run()
        info = h.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        chosen = np.array(h.getSolution().col_value) > 0.5
        bound = max(0.0, float(info.mip_dual_bound))
        return frozenset(used[k] for k in np.flatnonzero(chosen)), bound

    def _least(self) -> FloatArray:
        return np.array([cut.need if cut.of is None else 0.0 for cut in self.cuts])


def _entries(cut: Cut, column: dict[int, int]) -> Iterator[tuple[int, float]]:
    for cell, weight in zip(cut.cells, cut.weights, strict=True):
        yield column[cell], weight
    if cut.of is not None:
        yield column[cut.of], -cut.need


def _model(costs: FloatArray, rows: list[list[tuple[int, float]]], least: FloatArray) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = len(rows), len(costs)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = costs, np.zeros(len(costs)), np.ones(len(costs))
    lp.row_lower_, lp.row_upper_ = least - TINY, np.full(len(rows), np.inf)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *map(len, rows)])
    lp.a_matrix_.index_ = np.array([k for row in rows for k, _ in row], dtype=np.int32)
    lp.a_matrix_.value_ = np.array([v for row in rows for _, v in row], dtype=np.float64)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(costs)
    return lp
