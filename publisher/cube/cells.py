"""Cells as arrays: shapes, positions and read-only results, for both kinds of cube."""

from math import prod

import numpy as np

from publisher.errors import PolicyError
from publisher.relations import IntArray, KeySet
from publisher.source.layout import Layout

MOST_CELLS = 100_000_000


def leaf_shape(layout: Layout, keys: KeySet) -> tuple[int, ...]:
    """(leaves, codes...); PolicyError if leaves or columns are not those of the records, or for too many cells."""
    if keys.leaves != layout.leaves:
        raise PolicyError("the keys have other areas than the records were placed in")
    for column in keys.columns:
        layout.declared(column)
    shape = (len(keys.leaves), *(len(c.codes) for c in keys.columns))
    if prod(shape) > MOST_CELLS or prod(keys.shape) > MOST_CELLS:
        raise PolicyError(f"the table has more than {MOST_CELLS} cells")
    return shape


def spread(cells: IntArray, counts: IntArray, size: int) -> IntArray:
    """Counts by cell -> all cells, zeros included."""
    out = np.zeros(size, dtype=np.int64)
    np.add.at(out, cells, counts)
    return out


def sealed(array: IntArray) -> IntArray:
    """The array, read-only."""
    array.flags.writeable = False
    return array
