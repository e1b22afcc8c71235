"""How far cells can move at most, whatever is withheld: what single equations say, taken together.

Where all other cells of an equation have bounds, so has the last one (Brearley, Mitra and Williams 1975).  What follows
for one cell is used for the next, until nothing new follows.
"""

import numpy as np
from scipy import sparse

from publisher.relations import IntArray
from publisher.suppression.blocks import FloatArray

ROUNDS = 20
"""Times that all equations are asked at most: bounds may creep for ever, and hold wherever one stops."""

Moves = tuple[FloatArray, FloatArray]
"""Rise and fall of each cell, 0 or more, inf where nothing bounds them."""


def furthest_possible(equations: sparse.csr_array, moves: Moves) -> Moves:
    """Bounds of rise and fall, no larger than `moves`, for changes d of the cells with `equations @ d == 0`."""
    row = np.repeat(np.arange(equations.shape[0]), np.diff(equations.indptr))
    for _ in range(ROUNDS):
        tighter = _once(equations, row, moves)
        if all(np.array_equal(a, b) for a, b in zip(tighter, moves, strict=True)):
            return moves
        moves = tighter
    return moves


def _once(equations: sparse.csr_array, row: IntArray, moves: Moves) -> Moves:
    cells, size, positive = equations.indices, np.abs(equations.data), equations.data > 0
    adds = tuple(size * np.where(positive, moves[k][cells], moves[1 - k][cells]) for k in (0, 1))
    # A cell adds no more to its equation than the others can take away from it, and the other way round.
    most, least = (_others(adds[1 - k], row, equations.shape[0]) / size for k in (0, 1))
    tighter = tuple(a.copy() for a in moves)
    for k, (of_positive, of_negative) in enumerate(((most, least), (least, most))):
        np.minimum.at(tighter[k], cells, np.where(positive, of_positive, of_negative))
    return tighter[0], tighter[1]


def _others(adds: FloatArray, row: IntArray, rows: int) -> FloatArray:
    """For each entry the sum over all others of its row."""
    endless = np.isinf(adds)
    finite = np.where(endless, 0.0, adds)
    sums, count = np.bincount(row, finite, minlength=rows), np.bincount(row, endless, minlength=rows)
    return np.where(count[row] > endless, np.inf, sums[row] - finite)
