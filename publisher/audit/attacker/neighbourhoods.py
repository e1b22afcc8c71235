"""Parts of a large component, no two with an unknown in common, each of what lies nearest to one of its unknowns.

A part moves while all else stands still, so that an equation that it shares with others must add up to the same within
it.  The fewer such equations, the further its unknowns can go.  The more unknowns an equation has, the longer the way
from one of them to another: what is cut are long sums, as of the areas of a county, and not those of two sexes.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from publisher.audit.attacker.equations import Ints
from publisher.opaque import Opaque

_POWER = 2
"""A way through an equation is as long as the number of its unknowns to this power."""


class Neighbourhoods(Opaque):
    """How far the unknowns of `matrix` lie from each other, by ways through its equations."""

    def __init__(self, matrix: sparse.csr_matrix) -> None:
        self._rows, columns = matrix.shape
        length = np.diff(matrix.indptr)
        row, far = np.repeat(np.arange(self._rows), length), np.repeat(length.astype(np.float64) ** _POWER, length)
        size = self._rows + columns
        self._ways = sparse.csr_matrix((far, (row, matrix.indices + self._rows)), shape=(size, size))

    def around(self, seeds: Ints, most: int) -> list[Ints]:
        """For each seed the unknowns that lie nearer to it than to any other, sorted; of more than `most` the nearest.

        Seeds differ.  What lies as far from two belongs to one of them.
        """
        far, nearest = self._nearest(seeds)
        by_seed = np.lexsort((far, nearest))
        ends = np.searchsorted(nearest[by_seed], seeds, side="right")
        starts = np.searchsorted(nearest[by_seed], seeds, side="left")
        return [np.sort(by_seed[a:b][:most]) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]

    def _nearest(self, seeds: Ints) -> tuple[NDArray[np.float64], Ints]:
        """Of every unknown how far the nearest seed is, and which."""
        far, _, seed = dijkstra(
            self._ways, directed=False, indices=seeds + self._rows, min_only=True, return_predecessors=True
        )
        return far[self._rows :], seed[self._rows :].astype(np.int64) - self._rows
