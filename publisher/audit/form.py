"""The form of a published table: every declared cell once, and numbers only where they belong."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import floor

from publisher.audit.report import Finding
from publisher.release.model import TOTAL, Cell, CellStatus, Measure, SuppressionFacts, Table

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
    """Statuses and numbers of a suppressed table, and one mask over its measures in a cell.

    A share may be withheld alone, where its denominator is.
    """
    measures = {m.id: m for m in table.measures}
    masks: dict[tuple[str, tuple[str, ...]], set[bool]] = {}
    for cell in cells_of(table, period):
        measure = measures.get(cell.measure)
        if measure is None:
            continue
        yield from _check_cell(table, cell, measure)
        if measure.kind != "share" and cell.status in (_S.PUBLISHED, _S.SUPPRESSED):
            masks.setdefault((cell.area, cell.categories), set()).add(cell.status is _S.SUPPRESSED)
    for key, mask in masks.items():
        if len(mask) > 1:
            yield Finding("a mask differs by measure", table.id, *key)
    yield from _check_derived(table, period)


def _check_cell(table: Table, cell: Cell, measure: Measure) -> Iterator[Finding]:
    where = (table.id, cell.area, cell.categories)
    if cell.status not in {_S.PUBLISHED, _S.SUPPRESSED} | ({_S.NOT_APPLICABLE} if measure.derived else set()):
        yield Finding(f"status {cell.status.value or 'published'} has no place in a suppressed table", *where)
    if cell.lower is not None or cell.upper is not None:
        yield Finding("a cell of a suppressed table carries an interval", *where)
    if cell.status is not _S.PUBLISHED and cell.value is not None:
        yield Finding("a withheld cell carries a number", *where)
    if cell.status is _S.PUBLISHED and (type(cell.value) is not int or (measure.counts and cell.value < 0)):
        yield Finding("a shown cell carries no whole number, or a negative count", *where)


def _check_derived(table: Table, period: str) -> Iterator[Finding]:
    """A derived number is what follows from shown numbers of its own table, so that it can carry nothing else.

    Rates have a denominator that is no cell: they are shown only where their numerator is.
    """
    shown = {(c.measure, c.area, c.categories): c.value for c in cells_of(table, period)}
    decimals = {m.id: m.decimals for m in table.measures}
    for measure in (m for m in table.measures if m.derived):
        for cell in (c for c in cells_of(table, period) if c.measure == measure.id and c.value is not None):
            where = (table.id, cell.area, cell.categories)
            above = shown.get((measure.of, cell.area, cell.categories))
            if above is None:
                yield Finding(f"a {measure.kind} is shown where its count is withheld", *where)
                continue
            if measure.kind == "rate":
                continue
            part = table.count.id if measure.kind == "mean" else measure.of
            below = shown.get((part, cell.area, _whole(table, measure, cell)))
            if below is None:
                yield Finding(f"a {measure.kind} is shown where its denominator is withheld", *where)
            elif below == 0 or cell.value != _half_up(above, below, measure, (decimals[measure.of], decimals[part])):
                yield Finding(f"a {measure.kind} is not what follows from the numbers shown", *where)


def _whole(table: Table, measure: Measure, cell: Cell) -> tuple[str, ...]:
    """The categories of a derived cell's denominator: the total of the dimension that a share is within."""
    pairs = zip(table.dimensions, cell.categories, strict=True)
    return tuple(TOTAL if d.id == measure.within else c for d, c in pairs)


def _half_up(above: int, below: int, measure: Measure, decimals: tuple[int, int]) -> int:
    exact = Fraction(above * 10 ** decimals[1], below * 10 ** decimals[0])
    scaled: Fraction = exact * measure.per * 10**measure.decimals
    return floor(scaled + Fraction(1, 2))


def check_small_counts(table: Table, period: str, threshold: int) -> Iterator[Finding]:
    """No count from 1 to threshold - 1 is shown.  Persons never exceed cases, so that a small number of cases is one
    of persons; a small number of persons is no small number of cases, where the rule counts cases."""
    counts_cases = isinstance(table.protection, SuppressionFacts) and table.protection.counted == "cases"
    persons = {"persons", "persons_distinct"}
    judged = {m.id: m.decimals for m in table.measures if m.counts and not (m.kind in persons and counts_cases)}
    for cell in cells_of(table, period):
        if cell.measure not in judged or cell.value is None:
            continue
        if 0 < cell.value < threshold * 10 ** judged[cell.measure]:
            yield Finding("a count below the threshold is shown", table.id, cell.area, cell.categories)
