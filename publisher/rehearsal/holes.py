"""When a table would be mostly holes, by a rule that is written down and not by eye."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from publisher.geography.codes import municipality_of, unstated
from publisher.rehearsal.cells import TableCells
from publisher.rehearsal.shares import per_cent

MOST = Fraction(1, 2)
"""Share of the cells that are not zero, at the finest level, of which more may not be withheld."""

LEAST = Fraction(1, 2)
"""Share of the municipalities with records of which no fewer may have a published cell beside their total."""

FINEST = ("regso", "kommun_area_type", "kommun", "lan_area_type", "lan", "area_type", "riket")
"""Area levels, the finest first."""


@dataclass(frozen=True, slots=True)
class Holes:
    """Whether a table is mostly holes, and what was looked at.

    `finest`: its finest level, and which share of the cells there that are not zero is withheld, rows of no stated area
    left out: they are not what a table is read for.  `municipalities`: how many have a cell that is not zero;
    `speaking`: how many of them show one beside their own category total.  Both None where the table has no rows of
    municipalities.
    """

    mostly: bool
    finest: str
    finest_per_cent: float
    municipalities: int | None
    speaking: int | None


def holes_of(cells: TableCells) -> Holes:
    """A table is mostly holes where more than MOST of its finest non-zero cells are withheld, or where fewer than
    LEAST of the municipalities show anything beside a total."""
    finest = next(level for level in FINEST if level in cells.levels)
    part = cells.rows(np.array([
        level == finest and code != unstated(code[:-1]) for level, code in zip(cells.levels, cells.areas, strict=True)
    ]))  # fmt: skip
    there = part.values[part.count] != 0
    gone, non_zero = int((there & part.withheld).sum()), int(there.sum())
    municipalities, speaking = _speaking(cells)
    return Holes(
        mostly=(gone > MOST * non_zero) or speaking < LEAST * municipalities,
        finest=finest, finest_per_cent=per_cent(gone, non_zero),
        municipalities=municipalities or None, speaking=speaking if municipalities else None,
    )  # fmt: skip


def _speaking(cells: TableCells) -> tuple[int, int]:
    """Municipalities with a cell that is not zero, and those that show one which is not their own category total.

    A table that shows nothing but such totals has its totals looked at.
    """
    inside = [municipality_of(code) or (code if level == "kommun" and len(code) == 4 else "")
              for level, code in zip(cells.levels, cells.areas, strict=True)]  # fmt: skip
    there = cells.values[cells.count] != 0
    own = np.array([level == "kommun" for level in cells.levels], dtype=np.bool_)[:, None] & cells.total[None, :]
    rows = np.array([bool(code) for code in inside], dtype=np.bool_)
    detail = np.ones_like(own) if own[rows].all() else ~own
    shown = there & ~cells.withheld & detail
    known = {code for code, row in zip(inside, there, strict=True) if code and row.any()}
    return len(known), len({code for code, row in zip(inside, shown, strict=True) if code and row.any()})
