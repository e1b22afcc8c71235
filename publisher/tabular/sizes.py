"""What everybody can know of how large a cell is: the weights of the search rest on nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from publisher.opaque import Opaque
from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray
from publisher.tabular.cells import Cells
from publisher.tabular.leaves import Leaves

_LARGEST = 2**50


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PublicSizes(Opaque):
    """`sizes`: of every cell, flat.  `used`: the cells whose values they were made from; public only if published."""

    sizes: IntArray
    used: BoolArray


def public_sizes(
    leaves: Leaves, cells: Cells, values: IntArray, *, forced: BoolArray, sensitive: BoolArray
) -> Iterator[PublicSizes]:
    """Sizes to try in turn: a pattern that withholds a cell of `used` must not be kept.

    First with the totals of each flat dimension, over all others, where none is sensitive; then with those alone that
    are published for certain, since they are forced too.  Where a column of LEAVES.csv holds public sizes, with these.
    """
    nothing = np.zeros_like(forced)
    if leaves.sizes is not None:
        yield PublicSizes(cells.add_up(leaves.sizes), nothing)
        return
    flat = [len(a.levels) == 2 for a in cells.axes]
    for hopeful in (True, False):
        used = nothing.copy()
        for k, line in enumerate(_line(cells, k) for k in range(len(flat))):
            used[line] |= not sensitive[line].any() and ((hopeful and flat[k]) or bool(forced[line].all()))
        yield PublicSizes(_expected(cells, values, used), used)


def _line(cells: Cells, k: int) -> IntArray:
    """The cells of the leaves of axis k, with the totals of all other axes, flat."""
    n = len(cells.axes[k].leaves)
    first = len(cells.axes[k].codes) - n
    grid = np.arange(int(np.prod(cells.shape))).reshape(cells.shape)
    return np.asarray(grid[tuple(slice(first, first + n) if j == k else 0 for j in range(len(cells.shape)))])


def _expected(cells: Cells, values: IntArray, used: BoolArray) -> IntArray:
    """The whole, shared out along each axis by its totals that may be used, else by its declared sizes.

    The whole is the sum of such totals, or the number of leaf cells where none may be used.
    """
    whole, parts = int(np.prod([len(a.leaves) for a in cells.axes])), 1
    out = np.ones((), dtype=np.object_)
    for k, (axis, member) in enumerate(zip(cells.axes, cells.members, strict=True)):
        line = _line(cells, k)
        sizes = axis.sizes
        if used[line].all() and values[line].any():
            sizes = values[line]
            whole = int(sizes.sum())
        parts *= max(1, int(sizes.sum()))
        out = np.multiply.outer(out, (member @ sizes).astype(np.object_))
    return np.asarray(np.minimum(out.ravel() * whole // parts, _LARGEST), dtype=np.int64)
