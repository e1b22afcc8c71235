"""What ties counts of different persons, who are counted once in a total however many parts they are in."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.relations import IntArray, KeySet, LinkedSystem, linked_system


def distinct_system(keys: KeySet, everywhere: IntArray, shown: NDArray[np.bool_]) -> tuple[LinkedSystem, IntArray]:
    """What ties counts of different persons: no part is larger than its total, and no total than the sum of its parts.

    The inequalities of `linked_system(keys, shown)`, written as equations with further latent cells, the slacks: total
    - sum of parts + overlap = 0, and total - part - gap = 0 for each part.  A cell of one part equals it.

    The overlap is unknown only over columns of which a person can have several codes.  A person has one sex, and most
    live in one place: everybody can guess how many stand in two such parts, mostly none.  There the overlap counts as
    known, and where it is 0 the parts simply add up.
    `everywhere`: the count of every cell of `linked_system`, latent ones included.  Returns the system, and the values
    of all its cells, slacks included.
    """
    added = linked_system(keys, shown)
    rows = sparse.csr_array(added.equations).astype(np.int64)
    overlap = -(rows @ everywhere)
    known = ~_of_several_codes(keys, added)
    slacks = np.flatnonzero((np.diff(rows.indptr) > 2) & ~(known & (overlap == 0)))
    below = _parts_below(rows[slacks])
    gaps = below @ everywhere
    at = sparse.csr_array((np.ones(len(slacks)), (slacks, np.arange(len(slacks)))), shape=(rows.shape[0], len(slacks)))
    equations = sparse.block_array([[rows, at, None], [below, None, -sparse.eye_array(len(gaps))]], format="csr")
    beyond = np.concatenate([known[slacks], np.zeros(len(gaps), dtype=np.bool_)])
    values = np.concatenate([everywhere, overlap[slacks], gaps])
    return LinkedSystem(sparse.csr_array(equations), np.concatenate([added.shown, beyond]), added.across), values


def _of_several_codes(keys: KeySet, system: LinkedSystem) -> NDArray[np.bool_]:
    """Which equations of `linked_system(keys)` add up a column of which a person can have several codes."""
    size, shape = system.size, keys.category_shape
    of_columns = [
        np.full(size // shape[axis], not column.personal)
        for axis, (column, total) in enumerate(zip(keys.columns, keys.totals, strict=True))
        if total
    ]
    of_areas = system.equations.shape[0] - sum(len(a) for a in of_columns)
    return np.concatenate([np.zeros(of_areas, dtype=np.bool_), *of_columns])


def _parts_below(rows: sparse.csr_array) -> sparse.csr_array:
    """Rows `total - part`, one for each part of each of `rows`."""
    total, parts = sparse.csr_array(rows.maximum(0)), sparse.csr_array((-rows).maximum(0)).tocoo()
    order, shape = np.arange(len(parts.row)), (len(parts.row), rows.shape[1])
    part = sparse.csr_array((np.ones(len(order), dtype=np.int64), (order, parts.col)), shape=shape)
    return sparse.csr_array(total[parts.row] - part)
