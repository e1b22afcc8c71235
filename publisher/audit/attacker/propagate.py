"""Outer bounds of every unknown from one equation at a time, over and over, for all equations at once.

What an equation leaves for one of its unknowns, when all others are as small or as large as they can be, bounds it.
No fractions arise that the linear relaxation does not have: where a coefficient is not 1 the bound is rounded outward.
Source: bound propagation as in M. W. P. Savelsbergh, ORSA Journal on Computing 6, 1994, for many rows together.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from publisher.audit.attacker.bodies import LEAST_SUM
from publisher.audit.attacker.equations import NO_UPPER, Ints

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

EXACT = 2.0**53
"""Whole numbers below it are exact as floats, and so are their sums while they stay below it."""

_ROUNDS = 50
"""Bounds that still move after so many rounds are left as they are: they hold, and only could be closer."""


def tightened(matrix: sparse.csr_matrix, rhs: Ints, lower: Ints, upper: Ints) -> tuple[Ints, Ints, bool]:
    """Bounds that follow from `matrix @ z = rhs` and `lower <= z <= upper`, and whether they have come to rest.

    Where numbers are too large to be added exactly they never have: closer ones may follow.  Lower above upper: no
    numbers fit.
    """
    rows, low, high = _Rows(matrix, rhs), *_open(lower, upper)
    for _ in range(_ROUNDS):
        least, most = rows.step(low, high)
        still = bool((least <= low).all() and (most >= high).all())
        low, high = np.maximum(low, least), np.minimum(high, most)
        if still or (low > high).any():
            return *_closed(low, high, lower, upper), still and rows.exact(low, high)
    return *_closed(low, high, lower, upper), False


def without_cycles(matrix: sparse.csr_matrix) -> Bools:
    """The unknowns of components in which two equations are linked by one way at most, with coefficients of 1 or -1.

    There bounds that have come to rest are the ends: from any value within them, values for the unknowns of the next
    equations are found outward, and no way leads back.
    """
    n_rows, size = matrix.shape[0], sum(matrix.shape)
    row = np.repeat(np.arange(n_rows), np.diff(matrix.indptr))
    graph = sparse.csr_matrix((np.ones(len(row)), (row, matrix.indices + n_rows)), shape=(size, size))
    n, label = connected_components(graph, directed=False)
    links = np.bincount(label[row], minlength=n)
    plain = np.bincount(label[row], weights=np.abs(matrix.data) != 1, minlength=n) == 0
    tree = plain & (links == np.bincount(label, minlength=n) - 1)
    return np.asarray(tree[label[n_rows:]])


def _open(lower: Ints, upper: Ints) -> tuple[Floats, Floats]:
    low, high = lower.astype(np.float64), upper.astype(np.float64)
    return np.where(lower <= LEAST_SUM, -np.inf, low), np.where(upper >= NO_UPPER, np.inf, high)


def _closed(low: Floats, high: Floats, lower: Ints, upper: Ints) -> tuple[Ints, Ints]:
    """Back to whole numbers, as they were where there is no bound."""
    at_low, at_high = np.isfinite(low), np.isfinite(high)
    least, most = lower.copy(), upper.copy()
    least[at_low], most[at_high] = low[at_low].astype(np.int64), high[at_high].astype(np.int64)
    return least, most


class _Rows:
    """The equations, entry by entry."""

    def __init__(self, matrix: sparse.csr_matrix, rhs: Ints) -> None:
        self.count = matrix.shape[0]
        self.row = np.repeat(np.arange(self.count), np.diff(matrix.indptr))
        self.column, self.data = matrix.indices, matrix.data.astype(np.float64)
        self.rhs = rhs.astype(np.float64)

    def step(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """What every equation leaves for each of its unknowns, the closest of all equations."""
        up = self.data > 0
        low_at, high_at = low[self.column], high[self.column]
        least = self._others(self.data * np.where(up, low_at, high_at), -np.inf)
        most = self._others(self.data * np.where(up, high_at, low_at), np.inf)
        rhs = self.rhs[self.row]
        over, under = (rhs - least) / self.data, (rhs - most) / self.data
        closest_low, closest_high = np.full_like(low, -np.inf), np.full_like(high, np.inf)
        np.maximum.at(closest_low, self.column, np.floor(np.where(up, under, over)))
        np.minimum.at(closest_high, self.column, np.ceil(np.where(up, over, under)))
        return closest_low, closest_high

    def exact(self, low: Floats, high: Floats) -> bool:
        """Whether every sum of bounds that are finite is exact."""
        largest = np.maximum(*(np.abs(np.where(np.isfinite(x), x, 0.0)) for x in (low, high)))[self.column]
        sums = np.bincount(self.row, np.abs(self.data) * largest, self.count) + np.abs(self.rhs)
        return bool((sums < EXACT).all())

    def _others(self, terms: Floats, unknown: float) -> Floats:
        """The sum of the other terms of the same equation; `unknown` where one of them has no end, or is too large."""
        finite = np.isfinite(terms)
        own, open_ = np.where(finite, terms, 0.0), ~finite
        total = np.bincount(self.row, own, self.count)
        size = np.bincount(self.row, np.abs(own), self.count) + np.abs(self.rhs)
        endless = np.bincount(self.row, open_, self.count)
        beyond = (endless[self.row] - open_ > 0) | (size[self.row] >= EXACT)
        return np.where(beyond, unknown, total[self.row] - own)
