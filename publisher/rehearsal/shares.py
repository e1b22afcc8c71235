"""Shares of what is withheld, from arrays: numbers of cells as they are, values as shares only.

Values are rounded to whole per cent, and not given where one or two numbers are all that is withheld: the share would
be those numbers.  So a rehearsal holds no value of a cell, however small the area that it tells of.
"""

from dataclasses import dataclass

import numpy as np

from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray

FEWEST = 3
"""Withheld numbers that are not zero, from which their share of the value is told."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some cells of a table.

    `non_zero`: those whose count is not zero; `published`: how many of these are shown.  `primary`: sensitive by a
    rule; `secondary`: withheld to protect them.  `cells_per_cent`: withheld, of all; `non_zero_per_cent`: withheld, of
    those that are not zero.
    """

    cells: int
    non_zero: int
    published: int
    primary: int
    secondary: int
    cells_per_cent: float
    non_zero_per_cent: float

    def __post_init__(self) -> None:
        if not (0 <= self.published <= self.non_zero <= self.cells and self.primary + self.secondary <= self.cells):
            raise ValueError("more cells are shown or withheld than there are")


def group_of(counts: IntArray, withheld: BoolArray, sensitive: BoolArray) -> Group:
    """The figures of some cells; arrays of one shape.  `counts`: their true counts."""
    there = counts != 0
    non_zero, gone = int(there.sum()), int((there & withheld).sum())
    return Group(
        cells=counts.size, non_zero=non_zero, published=non_zero - gone,
        primary=int(sensitive.sum()), secondary=int((withheld & ~sensitive).sum()),
        cells_per_cent=per_cent(int(withheld.sum()), counts.size), non_zero_per_cent=per_cent(gone, non_zero),
    )  # fmt: skip


def per_cent(part: int, whole: int) -> float:
    """A share of numbers of cells in per cent, one decimal, a half upwards; 0 of nothing."""
    return (2000 * part + whole) // (2 * whole) / 10 if whole else 0.0


def value_per_cent(values: IntArray, withheld: BoolArray) -> int | None:
    """The withheld share of the value in whole per cent, a half upwards; None where too few numbers are withheld.

    The value: absolute numbers, added over the cells, so that a person counts in every cell that shows him.
    """
    size, gone = np.abs(values), withheld & (values != 0)
    number, whole = int(gone.sum()), int(size.sum())
    if not number:
        return 0
    return (200 * int(size[gone].sum()) + whole) // (2 * whole) if number >= FEWEST else None
