"""Who is the one contributor of a count of 1, where nothing is known of persons: told from the counts alone."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from publisher.relations import IntArray, LinkedSystem
from publisher.suppression.insiders import NOBODY


def single_units(system: LinkedSystem, values: IntArray) -> IntArray:
    """A label for each cell that counts one unit, NOBODY for others; flat, over the cells of the system.

    Where an equation has no other cell that is not 0, its two cells of 1 count the same unit, and have the same label.
    """
    rows = sparse.csr_array(system.equations)
    entries = sparse.csr_array((values[rows.indices] != 0, rows.indices, rows.indptr), shape=rows.shape, copy=True)
    entries.eliminate_zeros()
    pairs = np.flatnonzero(np.diff(entries.indptr) == 2)
    first, second = (entries.indices[entries.indptr[pairs] + k] for k in (0, 1))
    same = (values[first] == 1) & (values[second] == 1)
    ties = sparse.coo_array((same[same], (first[same], second[same])), shape=(len(values), len(values)))
    return np.where(values == 1, connected_components(ties, directed=False)[1], NOBODY).astype(np.int64)
