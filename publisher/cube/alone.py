"""Who stands alone in a cell: labels of persons, so that what one person knows can be told from what another does.

A label is the same in all cells that one person alone stands in, and NOBODY elsewhere.  Labels are sums: where a cell
has one person, the sum of its persons' labels is that person's.
"""

import numpy as np

from publisher.relations import IntArray, KeySet, fill_totals

NOBODY = -1
"""Label of a cell with several persons, or none."""


def label_singles(singles: IntArray, first: int, keys: KeySet) -> IntArray:
    """Sum of labels of persons who stand in one leaf cell each, in every cell of the keys.

    `singles`: how many stand in each leaf cell, shape (leaves, codes...); the label of a leaf cell's is `first` + its
    number.
    """
    labels = np.arange(first, first + singles.size, dtype=np.int64).reshape(singles.shape)
    return fill_totals(singles * labels, keys)


def first_cells(labels: IntArray) -> IntArray:
    """The same persons, each named after the first cell where that person is alone: no order of reading is left."""
    flat = labels.ravel()
    _, first, inverse = np.unique(flat, return_index=True, return_inverse=True)
    return np.where(flat == NOBODY, NOBODY, first[inverse]).astype(np.int64)
