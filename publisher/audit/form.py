"""The form of a published table: every declared cell once, and numbers only where they belong."""

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import product

from publisher.audit.report import Finding
from publisher.release.model import Cell, CellStatus, Measure, SuppressionFacts, Table

_S = CellStatus


def cells_of(table: Table, period: str) -> list[Cell]:
    """The table's cells of one period."""
    return [c for c in table.cells if c.period == period]


def check_structure(table: Table, period: str) -> Iterator[Finding]:
    """Every area, combination of categories and measure has exactly one cell, and all cells one version."""
    if period not in table.periods:
        yield Finding("the period is not declared", table.id)
    cells = cells_of(table, period)
    found = Counter((c.area, c.categories, c.measure) for c in cells)
    combos = list(product(*(d.codes for d in table.dimensions)))
    declared = {(a.code, c, m.id) for a in table.areas for c in combos for m in table.measures}
    for area, categories, _ in sorted(declared - found.keys()):
        yield Finding("a cell is missing", table.id, area, categories)
    for key, n in found.items():
        if key not in declared:
            yield Finding("a cell is not declared", table.id, key[0], key[1])
        elif n > 1:
            yield Finding("a cell stands twice", table.id, key[0], key[1])
    if len({c.version for c in cells}) > 1:
        yield Finding("cells of one period have several versions", table.id)


def check_suppressed_cells(table: Table, period: str) -> Iterator[Finding]:
    """Statuses and numbers of a suppressed table, and one mask over all measures of a cell."""
    measures = {m.id: m for m in table.measures}
    masks: dict[tuple[str, tuple[str, ...]], set[bool]] = {}
    rates_shown = set()
    for cell in cells_of(table, period):
        measure = measures.get(cell.measure)
        if measure is None:
            continue
        yield from _check_cell(table, cell, _allowed(measure))
        if cell.status in (_S.PUBLISHED, _S.SUPPRESSED):
            masks.setdefault((cell.area, cell.categories), set()).add(cell.status is _S.SUPPRESSED)
        if measure.kind == "rate" and cell.value is not None:
            rates_shown.add((cell.area, cell.categories))
    for key, mask in masks.items():
        if len(mask) > 1:
            rule = "a rate is shown where its count is withheld" if key in rates_shown else "a mask differs by measure"
            yield Finding(rule, table.id, *key)


def _allowed(measure: Measure) -> Collection[CellStatus]:
    counts = {_S.PUBLISHED, _S.SUPPRESSED}
    return counts | {_S.MISSING, _S.NOT_APPLICABLE} if measure.kind == "rate" else counts


def _check_cell(table: Table, cell: Cell, allowed: Collection[CellStatus]) -> Iterator[Finding]:
    where = (table.id, cell.area, cell.categories)
    if cell.status not in allowed:
        yield Finding(f"status {cell.status.value or 'published'} has no place in a suppressed table", *where)
    if cell.lower is not None or cell.upper is not None:
        yield Finding("a cell of a suppressed table carries an interval", *where)
    if cell.status is not _S.PUBLISHED and cell.value is not None:
        yield Finding("a withheld cell carries a number", *where)
    if cell.status is _S.PUBLISHED and (type(cell.value) is not int or cell.value < 0):
        yield Finding("a shown cell carries no whole non-negative number", *where)


def check_small_counts(table: Table, period: str, threshold: int) -> Iterator[Finding]:
    """No count from 1 to threshold - 1 is shown.  Persons never exceed cases, so that a small number of cases is one
    of persons; a small number of persons is no small number of cases, where the rule counts cases."""
    counts_cases = isinstance(table.protection, SuppressionFacts) and table.protection.counted == "cases"
    judged = {m.id for m in table.measures if m.kind == "cases" or (m.kind == "persons" and not counts_cases)}
    for cell in cells_of(table, period):
        if cell.measure in judged and cell.value is not None and 1 <= cell.value < threshold:
            yield Finding("a count below the threshold is shown", table.id, cell.area, cell.categories)
