"""Different persons, each at one place: what a suppressed table of different persons shows."""

from math import prod

import numpy as np

from publisher.bounding import BoundedCases
from publisher.cube.alone import NOBODY, first_cells
from publisher.cube.bounded import count_placed
from publisher.cube.cells import leaf_shape, sealed
from publisher.relations import Column, IntArray, KeySet, all_cells


def placed_persons(bounded: BoundedCases, *, keys: KeySet) -> IntArray:
    """Different persons in every cell of `linked_system(keys)`, latent ones included, flat, read-only.

    Each person counts in the area and the personal categories of the latest record, once in every combination of the
    other categories and once in each of their totals.  So areas and personal columns add up exactly, and what is left
    open between parts and total is only who has several benefits.  `bounded`: persons, none of them cut short.
    """
    return _placed(bounded, keys, bounded.persons)


def alone_where_placed(bounded: BoundedCases, placed: IntArray, *, keys: KeySet) -> IntArray:
    """Who alone is placed in each cell of the keys, flat, as `publisher.cube.alone` tells it.

    `placed`: the `placed_persons` of the same persons.
    """
    added = _placed(bounded, keys, bounded.persons * np.arange(len(bounded.persons)))
    return first_cells(np.where(placed == 1, added, NOBODY)[: prod(keys.shape)])


def _placed(bounded: BoundedCases, keys: KeySet, each: IntArray) -> IntArray:
    leaf_shape(bounded.layout, keys)
    size = len(all_cells(np.zeros((len(keys.leaves), *(len(c.codes) for c in keys.columns)), dtype=np.int64), keys))
    width = prod(keys.category_shape)
    out = np.zeros((size // width, *keys.category_shape), dtype=np.int64)
    for marginal in keys.marginals:
        if any(c.personal and not kept for c, kept in zip(keys.columns, marginal, strict=True)):
            continue  # totals over personal columns are filled by their sums
        columns = tuple(c for c, kept in zip(keys.columns, marginal, strict=True) if kept)
        totals = tuple(t and c.personal for c, t, kept in zip(keys.columns, keys.totals, marginal, strict=True) if kept)
        part = KeySet(keys.leaves, keys.levels, columns, totals)
        counts = all_cells(count_placed(bounded, part, each), part).reshape(size // width, *part.category_shape)
        at = (slice(None), *(_codes(c, kept) for c, kept in zip(keys.columns, marginal, strict=True)))
        out[at] = counts.reshape(out[at].shape)
    return sealed(out.ravel())


def _codes(column: Column, kept: bool) -> slice:
    """Where a marginal's counts belong: all codes and their total, the codes alone, or the total alone."""
    if column.personal:
        return slice(None)
    return slice(len(column.codes)) if kept else slice(len(column.codes), None)
