"""The cells of one suppressed table, with everything that a rehearsal counts of them.  Secret."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from publisher.draft.earlier import COUNT
from publisher.draft.exact import suppressed_measures
from publisher.draft.keys import table_cells
from publisher.draft.suppressed import SuppressedCube
from publisher.opaque import Opaque
from publisher.policy.model import TableSpec
from publisher.relations import IntArray
from publisher.release.model import TOTAL, CellStatus
from publisher.suppression.blocks import BoolArray

Reasons = Mapping[str, Mapping[str, BoolArray]]
"""By measure or amount, then by the rule's name: cells."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TableCells(Opaque):
    """Arrays of shape (areas, category cells).

    `levels`, `areas`: level and code of each area row; `categories`: codes of each category cell; `total`: which of
    them are the total of all columns.
    `count`: id of the counted measure; `values`: of count and sums, by measure id; `reasons`: by measure id and rule,
    the cells that it makes sensitive.  `alone`: one person stands alone there (all False where no rule asks for that).
    """

    table: str
    levels: tuple[str, ...]
    areas: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    total: BoolArray
    count: str
    values: Mapping[str, IntArray]
    withheld: BoolArray
    sensitive: BoolArray
    alone: BoolArray
    reasons: Reasons

    def __post_init__(self) -> None:
        shape = (len(self.areas), len(self.total))
        arrays = [self.withheld, self.sensitive, self.alone, *self.values.values()]
        arrays += [cells for by_rule in self.reasons.values() for cells in by_rule.values()]
        uneven = len(self.levels) != len(self.areas) or len(self.categories) != len(self.total)
        if uneven or any(a.shape != shape for a in arrays):
            raise ValueError(f"table {self.table}: cells and areas do not belong together")

    def rows(self, chosen: BoolArray) -> "TableCells":
        """The same of some area rows only; `chosen`: one entry for each."""
        at = np.flatnonzero(chosen)
        return replace(
            self, levels=tuple(self.levels[i] for i in at), areas=tuple(self.areas[i] for i in at),
            values={m: v[at] for m, v in self.values.items()}, withheld=self.withheld[at],
            sensitive=self.sensitive[at], alone=self.alone[at],
            reasons={m: {r: c[at] for r, c in rules.items()} for m, rules in self.reasons.items()},
        )  # fmt: skip

    def at(self, level: str) -> "TableCells":
        """The rows of one area level."""
        return self.rows(np.array([v == level for v in self.levels], dtype=np.bool_))


def cells_of(table: TableSpec, suppressed: SuppressedCube, reasons: Reasons) -> TableCells:
    """The cells of a table.  `reasons`: by `COUNT` or amount id, over the cells of the keys, flat."""
    keys = suppressed.keys
    flat, categories = table_cells(table, keys)
    rows = [(v.level, code) for v in keys.levels if v.level in table.areas for code in v.codes]
    stored = {table.count.id: COUNT} | {m.id: m.of for m in table.sums}
    alone = np.zeros(flat.shape, dtype=np.bool_) if suppressed.insiders is None else suppressed.insiders[flat] >= 0
    return TableCells(
        table.id, tuple(level for level, _ in rows), tuple(code for _, code in rows), categories,
        total=np.array([all(c == TOTAL for c in codes) for codes in categories], dtype=np.bool_),
        count=table.count.id,
        values={m: suppressed.values(table, m).ravel()[flat] for m in stored},
        withheld=suppressed.pattern.suppressed[flat], sensitive=suppressed.pattern.sensitive[flat], alone=alone,
        reasons={m: {rule: cells[flat] for rule, cells in reasons[of].items()} for m, of in stored.items()},
    )  # fmt: skip


def withheld_derived(
    table: TableSpec, suppressed: SuppressedCube, populations: Mapping[str, IntArray]
) -> dict[str, int]:
    """How many numbers of each mean, share and rate are withheld, because a number that they follow from is."""
    flat, _ = table_cells(table, suppressed.keys)
    made = suppressed_measures(table, suppressed, populations)
    return {m.id: int((made[m.id].status.ravel()[flat] == CellStatus.SUPPRESSED).sum()) for m in table.measures
            if m.derived}  # fmt: skip
