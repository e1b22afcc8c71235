"""The audit of quantiles of a noisy table, from published numbers and the policy alone."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations, product

from publisher.audit.report import Finding
from publisher.policy.model import Noise
from publisher.release.model import Cell, CellStatus, Measure, Table

_NORMAL_95 = Fraction(1959964, 10**6)
_SMALL = Fraction(1, 10**9)
_Cells = Mapping[tuple[str, tuple[str, ...], str], Cell]
"""By area, categories and measure."""


def base_of(table: Table, measure: Measure) -> Measure:
    """The measure that was measured for this one: of a second quantile of one amount, the first."""
    of = [m for m in table.measures if m.id == measure.of and m.kind == "quantile"]
    return of[0] if measure.kind == "quantile" and of and of[0] is not measure else measure


def check_quantiles(
    table: Table, cells: _Cells, candidates: Mapping[str, tuple[int, ...]], noise: Noise
) -> Iterator[Finding]:
    """Every number of a quantile is a declared candidate, a wide interval is marked, one of all candidates shows no
    number, and levels of one amount stand in their order."""
    quantiles = [m for m in table.measures if m.kind == "quantile"]
    for measure in quantiles:
        declared = candidates.get(base_of(table, measure).id, ())
        for (area, categories, of), cell in cells.items():
            if of == measure.id:
                for rule in _broken(cell, declared, noise):
                    yield Finding(rule, table.id, area, categories)
    for one, other in combinations(sorted(quantiles, key=lambda m: Fraction(m.q or "0")), 2):
        if base_of(table, one) is base_of(table, other):
            yield from _check_order(table, cells, one, other)


def _broken(cell: Cell, declared: tuple[int, ...], noise: Noise) -> Iterator[str]:
    if cell.value is None or cell.lower is None or cell.upper is None:
        return
    if not {cell.value, cell.lower, cell.upper} <= set(declared):
        yield "a quantile is no declared candidate"
    elif (cell.lower, cell.upper) == (declared[0], declared[-1]):
        yield "a quantile is shown of which nothing is known"
    limit = 2 * _NORMAL_95 * noise.uncertain_cv * abs(cell.value)
    if cell.status is CellStatus.PUBLISHED and cell.upper - cell.lower > limit * (1 + _SMALL):
        yield "an uncertain quantile is not marked"


def _check_order(table: Table, cells: _Cells, one: Measure, other: Measure) -> Iterator[Finding]:
    """The quantile of a higher level is not below that of a lower one."""
    combos = product(*(d.codes for d in table.dimensions))
    for area, categories in product([a.code for a in table.areas], combos):
        pair = [cells.get((area, categories, m.id)) for m in (one, other)]
        values = [c.value for c in pair if c is not None and c.value is not None]
        if len(values) == 2 and values[0] > values[1]:
            yield Finding("quantiles of one amount are out of order", table.id, area, categories)
