"""The audit of tables that were measured together: by what they show alone, each cell that two of them have is one."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from publisher.audit.report import Finding
from publisher.release.model import TOTAL, Cell, NoiseFacts, Table

_Key = tuple[str, frozenset[tuple[str, str]], str]
"""Area, codes that are no totals, measure."""


def check_agreement(tables: Sequence[Table]) -> Iterator[Finding]:
    """Tables of one measurement name each other, and show one number with one interval of every cell that they share.

    `tables`: all of a release, restricted to one period.  Marks may differ: each table has rules of its own for those.
    """
    named = {t.id: t.protection.together for t in tables if isinstance(t.protection, NoiseFacts)}
    for table, together in named.items():
        if together and (table not in together or any(named.get(t) != together for t in together)):
            yield Finding("tables that were measured together do not name each other", table)
    for together, group in groupby(sorted(named, key=lambda t: (named[t], t)), key=lambda t: named[t]):
        own = set(group)
        if together:
            yield from _one_number([t for t in tables if t.id in own])


def _one_number(tables: Sequence[Table]) -> Iterator[Finding]:
    seen: dict[_Key, tuple[int | None, ...]] = {}
    for table in tables:
        kinds = {m.id for m in table.measures if not m.derived}
        for cell in table.cells:
            if cell.measure in kinds and cell.value is not None:
                numbers = (cell.value, cell.lower, cell.upper)
                if seen.setdefault(_key(table, cell), numbers) != numbers:
                    rule = "tables that were measured together show different numbers of one cell"
                    yield Finding(rule, table.id, cell.area, cell.categories)


def _key(table: Table, cell: Cell) -> _Key:
    codes = zip((d.id for d in table.dimensions), cell.categories, strict=True)
    return cell.area, frozenset(c for c in codes if c[1] != TOTAL), cell.measure
