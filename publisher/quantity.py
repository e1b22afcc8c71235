"""What a noisy table measures of each person, bounded: the common word of counting, strategy and accounting."""

from dataclasses import dataclass
from math import isqrt

import numpy as np

from publisher.policy.model import COUNTS, Clamp, check_candidates
from publisher.relations import Column, IntArray

UNITS = 2**20
"""A clamp in integer units: what one person adds to a cell of a sum is rounded to clamp / UNITS."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What one person adds to cells.

    `kind`: one of COUNTS, `sum`, or `values`: persons by the candidate that is nearest to their amount.  `most`: the
    largest absolute integer that one person adds to one cell: 1 for persons and values, the policy's `bound.per_cell`
    for cases and events, UNITS for a sum, whose unit in a cell is the clamp of the cell's code / UNITS.  `amount`: of a
    sum and of values; `clamp`: of a sum; `candidates`: of values.
    """

    kind: str
    most: int
    amount: str = ""
    clamp: Clamp | None = None
    candidates: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in (*COUNTS, "sum", "values"):
            raise ValueError(f"{self.kind} is no quantity")
        if self.most < 1 or (self.kind.startswith(("persons", "values")) and self.most != 1):
            raise ValueError("a person adds at least one to a cell, and just one where persons are counted")
        if (self.kind == "sum") != (self.clamp is not None) or (self.kind == "sum" and self.most != UNITS):
            raise ValueError("a sum has an amount and a clamp of UNITS units, and nothing else has")
        if (self.kind in ("sum", "values")) != bool(self.amount):
            raise ValueError("an amount belongs to sums and to values, and they need it")
        if (self.kind == "values") != bool(self.candidates):
            raise ValueError("candidates belong to values, and they need them")
        if self.candidates:
            check_candidates(self.candidates)


def value_columns(candidates: tuple[int, ...]) -> tuple[Column, Column]:
    """The class of a person's amount as two columns, so that totals of some sqrt(n) classes can be measured too.

    Class i is code i // n of the first and i % n of the second, which has n codes.  The last places may be no class:
    nobody is there, whatever the records.  To be put behind the columns of a cell in which a person has **one** amount:
    then the class is the person's own there, as sex is, and `personal` is true of it.
    """
    inner = -(-len(candidates) // isqrt(len(candidates)))
    outer = -(-len(candidates) // inner)
    return (
        Column("(value group)", tuple(f"g{i}" for i in range(outer)), personal=True),
        Column("(value in group)", tuple(f"v{i}" for i in range(inner)), personal=True),
    )


def value_class(amounts: IntArray, candidates: tuple[int, ...]) -> IntArray:
    """For each amount the number of the nearest candidate, of two the larger; int64, exact up to 2**61."""
    numbers = np.array(candidates, dtype=np.int64)
    return np.searchsorted(numbers[:-1] + numbers[1:], 2 * amounts, side="right").astype(np.int64)
