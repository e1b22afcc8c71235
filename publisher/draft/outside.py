"""Numbers that others have published about a policy's records, as cells of its linked system: known to everybody.

They protect nothing and cannot be protected.  A table that the policy does not have enters the system as it is: its
areas and columns become cells too, of which those with a number are known.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from publisher.draft.keys import table_cells
from publisher.draft.tables import Place, ProtectedMeasure, draft_table
from publisher.errors import SuppressionError
from publisher.geography.outside import KnownNumbers
from publisher.geography.register import AreaIndex
from publisher.policy.declarations import Settings
from publisher.policy.model import CategorySpec, MeasureSpec, Policy, TableSpec
from publisher.relations import IntArray, KeySet
from publisher.release.model import TOTAL, CellStatus, SuppressionFacts, Table, Text
from publisher.suppression.blocks import BoolArray

_NAMED = 10


def outside_spec(numbers: KnownNumbers, policy: Policy) -> TableSpec:
    """The table that the numbers would be, if it were one of the policy's: with the codes that those join."""
    totals = [any(r.categories[i] == TOTAL for r in numbers.rows) for i in range(len(numbers.columns))]
    joins = {c.column: c.join for t in policy.suppressed_tables for c in t.categories}
    columns = [CategorySpec(c, total, joins.get(c, ())) for c, total in zip(numbers.columns, totals, strict=True)]
    return TableSpec(
        numbers.table, Text(numbers.id, numbers.id), (MeasureSpec("n", numbers.kind),), tuple(columns),
        numbers.levels, policy.tables[0].protection,
    )  # fmt: skip


def outside_cells(numbers: KnownNumbers, policy: Policy, keys: KeySet) -> IntArray:
    """Where each number stands among the cells of keys, flat; SuppressionError for one of other records, and for one of
    a code that the policy joins with others: it is a part of a cell, and no equation here holds parts of cells."""
    spec = outside_spec(numbers, policy)
    parts = [{part for j in c.join for part in j.of} for c in spec.categories]
    flat, categories = table_cells(spec, keys)
    areas = [c for v in keys.levels if v.level in spec.areas for c in v.codes]
    at = {(a, c): int(flat[i, j]) for i, a in enumerate(areas) for j, c in enumerate(categories)}
    for row in numbers.rows:
        if any(code in joined for code, joined in zip(row.categories, parts, strict=True)):
            raise SuppressionError(
                f"{numbers.file}:{row.line}: this number is of a code that the policy joins with others; leave the "
                "code alone in the policy's join, or leave the column out of its tables"
            )
        if (row.area, row.categories) not in at:
            raise SuppressionError(f"{numbers.file}:{row.line}: this number is of records that the policy leaves out")
    return np.array([at[row.area, row.categories] for row in numbers.rows], dtype=np.int64)


def known_elsewhere(outside: Sequence[KnownNumbers], policy: Policy, keys: KeySet) -> BoolArray:
    """Which cells of keys, flat, everybody knows from tables published elsewhere."""
    known = np.zeros(int(np.prod(keys.shape)), dtype=np.bool_)
    for numbers in outside:
        known[outside_cells(numbers, policy, keys)] = True
    return known


def known_of(
    outside: Sequence[KnownNumbers], policy: Policy, keys: KeySet, counts: IntArray
) -> tuple[KnownNumbers, ...]:
    """What everybody knows of the counts (flat): what is declared, and what of the remembered is true still.

    A record that came late makes a remembered number one of an earlier version, and free as what that version showed.
    SuppressionError, with file and line, for a declared number that is not what the records give.
    """
    held = []
    for numbers in outside:
        true = counts[outside_cells(numbers, policy, keys)] == np.array([row.value for row in numbers.rows])
        rows = tuple(row for row, same in zip(numbers.rows, true.tolist(), strict=True) if same)
        if not numbers.remembered and len(rows) < len(numbers.rows):
            first = numbers.rows[int(np.argmin(true))]
            raise SuppressionError(
                f"{numbers.file}:{first.line}: is another number than the records give; whoever has both would "
                "compute what is in neither. Correct the file, or leave the row out if it is of other records"
            )
        held += [replace(numbers, rows=rows)] if rows else []
    return tuple(held)


def refuse_known(sensitive: BoolArray, tables: Sequence[TableSpec], keys: KeySet) -> None:
    """SuppressionError with the codes of cells that a rule withholds and that everybody knows (over keys, flat)."""
    found: list[str] = []
    for table in tables:
        flat, categories = table_cells(table, keys)
        areas = [c for v in keys.levels if v.level in table.areas for c in v.codes]
        found += [" ".join((areas[i], *categories[j])) for i, j in np.argwhere(sensitive[flat]).tolist()]
    if found:
        more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise SuppressionError(
            f"{len(found)} sensitive cells are known from tables published elsewhere and cannot be protected: "
            f"{'; '.join(found[:_NAMED])}{more}. Leave these areas or categories out, or make them coarser"
        )


def draft_outside(
    numbers: KnownNumbers, policy: Policy, keys: KeySet, *, index: AreaIndex, settings: Settings, place: Place,
    facts: SuppressionFacts,
) -> Table:  # fmt: skip
    """The numbers as a table for the attacker, with the cells that have one."""
    values, status = np.zeros(keys.shape, dtype=np.int64), np.full(keys.shape, CellStatus.MISSING, dtype=object)
    at = outside_cells(numbers, policy, keys)
    values.ravel()[at], status.ravel()[at] = [r.value for r in numbers.rows], CellStatus.PUBLISHED
    table = draft_table(
        outside_spec(numbers, policy), policy, keys=keys, index=index, settings=settings, place=place,
        measures={"n": ProtectedMeasure(values, status, None, None)}, facts=facts,
    )  # fmt: skip
    shown = tuple(c for c in table.cells if c.status is CellStatus.PUBLISHED)
    there = {c.area for c in shown}
    return replace(table, cells=shown, areas=tuple(a for a in table.areas if a.code in there))
