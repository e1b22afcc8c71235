"""What a noisy table measures of each person, bounded: the common word of counting, strategy and accounting."""

from dataclasses import dataclass

from publisher.policy.model import COUNTS, Clamp

UNITS = 2**20
"""A clamp in integer units: what one person adds to a cell of a sum is rounded to clamp / UNITS."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What one person adds to cells.

    `kind`: one of COUNTS, or `sum`.  `most`: the largest absolute integer that one person adds to one cell: 1 for
    persons, the policy's `bound.per_cell` for cases and events, UNITS for a sum, whose unit in a cell is the clamp of
    the cell's code / UNITS.  `amount`, `clamp`: of a sum.
    """

    kind: str
    most: int
    amount: str = ""
    clamp: Clamp | None = None

    def __post_init__(self) -> None:
        if self.kind not in (*COUNTS, "sum"):
            raise ValueError(f"{self.kind} is no quantity")
        if self.most < 1 or (self.kind.startswith("persons") and self.most != 1):
            raise ValueError("a person adds at least one to a cell, and just one where persons are counted")
        if (self.kind == "sum") != bool(self.amount and self.clamp) or (self.kind == "sum" and self.most != UNITS):
            raise ValueError("a sum has an amount and a clamp of UNITS units, and nothing else has")
