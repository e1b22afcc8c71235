"""The audit of a table protected by noise.

It reads noisy values, intervals and the policy, never an exact number: to compare with the truth and refuse would
itself tell something of the truth (MODEL.md, "The privacy account").
"""

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from math import floor

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.audit.attacker.equations import Grid, build_grid, equations
from publisher.audit.form import cells_of, check_structure
from publisher.audit.quantiles import base_of, check_quantiles
from publisher.audit.report import AuditReport, Finding, make_report
from publisher.policy.model import Noise
from publisher.release.model import TOTAL, Cell, CellStatus, Measure, NoiseFacts, Table

UNITS = 10**9
"""Units of rho in the ledger."""

_FLOAT = 2.0**-40
"""Relative size of what floating point may add to a sum of large numbers before they were rounded."""

_S = CellStatus
_Key = tuple[str, tuple[str, ...], str]
"""Area, categories, measure."""


def audit_noisy(
    table: Table, *, period: str, charged: Mapping[str, int], drawn: Mapping[str, int], noise: Noise,
    candidates: Mapping[str, tuple[int, ...]] | None = None,
) -> AuditReport:  # fmt: skip
    """Check one noisy table in one period: its charge, form, declared rules, derived numbers, quantiles and sums.

    `charged`, `drawn`: units of 1e-9 rho by part name, as the ledger was charged and as was drawn against it.
    `candidates`: what the measured quantiles can be, by measure id, as the policy declares it.
    Raises AuditFailedError where labels contradict each other, ValueError where the table is not a noisy one.
    """
    if not isinstance(table.protection, NoiseFacts):
        raise ValueError(f"table {table.id} is not protected by noise")
    findings = [*_check_parts(table, charged, drawn), *_check_stated(table, table.protection, drawn)]
    findings += check_structure(table, period)
    measures = {m.id: m for m in table.measures}
    cells = {(c.area, c.categories, c.measure): c for c in cells_of(table, period) if c.measure in measures}
    for cell in cells.values():
        findings += _check_cell(table, measures[cell.measure], cell, noise)
    if not findings:
        findings += _check_masks(table, cells)
        findings += _check_derived(table, cells)
        findings += _check_sums(table, period, cells, (charged, table.protection))
        findings += check_quantiles(table, cells, candidates or {}, noise)
    withheld = sum(c.status is _S.SUPPRESSED and not measures[c.measure].derived for c in cells.values())
    return make_report(findings, suppressed=withheld, checked_jointly_with=(table.id,))


def _check_parts(table: Table, charged: Mapping[str, int], drawn: Mapping[str, int]) -> Iterator[Finding]:
    """Every part was drawn for no more than its charge, and every measured measure has a part."""
    for name in sorted({*charged, *drawn}):
        if drawn.get(name, 0) <= 0:
            yield Finding("a part was charged and not measured", table.id)
        if drawn.get(name, 0) > charged.get(name, 0):
            yield Finding("more privacy loss was measured than was charged", table.id)
    for measure in table.measures:
        own = base_of(table, measure)
        if not measure.derived and not any(_is_part(name, table, own) for name in charged):
            yield Finding("nothing was measured", table.id)


def _is_part(name: str, table: Table, measure: Measure) -> bool:
    return f"{name}/".startswith(f"{table.id}/{measure.id}/")


def _check_stated(table: Table, facts: NoiseFacts, drawn: Mapping[str, int]) -> Iterator[Finding]:
    try:
        stated = Fraction(facts.rho)
    except ValueError:
        yield Finding("the stated rho is no number", table.id)
        return
    if stated * UNITS < sum(drawn.values()):
        yield Finding("the stated rho is less than what was measured", table.id)


def _check_cell(table: Table, measure: Measure, cell: Cell, noise: Noise) -> Iterator[Finding]:
    where = (table.id, cell.area, cell.categories)
    absent = [n is None for n in (cell.value, cell.lower, cell.upper)]
    other = {_S.MISSING, _S.NOT_APPLICABLE} if measure.kind == "rate" else set()
    if cell.status not in {_S.PUBLISHED, _S.UNCERTAIN, _S.SUPPRESSED} | other:
        yield Finding(f"status {cell.status.value} has no place here", *where)
    if cell.status in (_S.SUPPRESSED, _S.MISSING, _S.NOT_APPLICABLE) and not all(absent):
        yield Finding("a withheld cell carries a number", *where)
    elif any(absent) and (cell.status is _S.PUBLISHED or not all(absent)):
        yield Finding("a shown noisy cell lacks its value or its interval", *where)
    if cell.value is not None and cell.lower is not None and cell.upper is not None:
        if not cell.lower <= cell.value <= cell.upper:
            yield Finding("a value lies outside its interval", *where)
        if not measure.derived and measure.kind != "quantile":
            yield from _check_rules(table.id, measure, cell, noise, (cell.lower, cell.value, cell.upper))
    elif cell.status is _S.SUPPRESSED and noise.withhold_below is None:
        yield Finding("a cell is withheld although no rule withholds", *where)


def _check_rules(
    table: str, measure: Measure, cell: Cell, noise: Noise, numbers: tuple[int, int, int]
) -> Iterator[Finding]:
    """The declared rules, as far as rounded numbers show them: a finding is a breach whatever the rounding was.

    `numbers`: lower bound, value and upper bound.
    """
    where = (cell.area, cell.categories)
    unit, half = Fraction(1, 10**measure.decimals), Fraction(1, 2 * 10**measure.decimals)
    lower, value, upper = (n * unit for n in numbers)
    if measure.counts and noise.withhold_below is not None and value + half < noise.withhold_below:
        yield Finding("an estimate below the declared limit is shown", table, *where)
    if cell.status is _S.PUBLISHED and _surely_uncertain(measure, noise, (lower, value, upper), unit):
        yield Finding("an uncertain estimate is not marked", table, *where)


def _surely_uncertain(
    measure: Measure, noise: Noise, numbers: tuple[Fraction, Fraction, Fraction], unit: Fraction
) -> bool:
    """Whether the standard error is above its limit, whatever was rounded.

    Every number has some.  The value is no centre, for it is a sum of rounded parts: only the width of the interval
    tells of the error.  It reaches 1.96 (at most 2) standard errors to both sides, each rounded outward by less than a
    unit; one that ends in its value may have been stretched to hold it.
    """
    lower, value, upper = numbers
    size = value if measure.counts else abs(value)
    if size <= 0:
        return True
    if noise.uncertain_width is not None:
        return upper - lower > noise.uncertain_width * size
    if not lower < value < upper:
        return False
    return (upper - lower - 2 * unit) / 4 > noise.uncertain_cv * (size + unit / 2)


def _check_masks(table: Table, cells: Mapping[_Key, Cell]) -> Iterator[Finding]:
    """The noisy count decides for all measures of a cell whether it is withheld."""
    count = table.count.id
    sums = [m.id for m in table.measures if not m.derived and m.id != count]
    for area, categories, measure in cells:
        if measure in sums:
            hidden = {cells[area, categories, m].status is _S.SUPPRESSED for m in (measure, count)}
            if len(hidden) > 1:
                yield Finding("a mask differs by measure", table.id, area, categories)


def _check_derived(table: Table, cells: Mapping[_Key, Cell]) -> Iterator[Finding]:
    """A derived number shows nothing that its parts do not: it is withheld or marked where one of them is, and it is
    their rounded ratio.  (A rate's population is not in the table: that number cannot be computed again here.)"""
    for measure in table.measures:
        if not measure.derived:
            continue
        for (area, categories, of), cell in cells.items():
            if of == measure.id:
                parts = [cells[key] for key in _parts_of(table, measure, area, categories)]
                for rule in _broken(table, measure, cell, parts):
                    yield Finding(rule, table.id, area, categories)


def _parts_of(table: Table, measure: Measure, area: str, categories: tuple[str, ...]) -> list[_Key]:
    """Numerator, and denominator where that is published in the same table."""
    count = table.count.id
    if measure.kind == "rate":
        return [(area, categories, measure.of)]
    if measure.kind == "mean":
        return [(area, categories, measure.of), (area, categories, count)]
    ids = [d.id for d in table.dimensions]
    whole = tuple(TOTAL if i == measure.within else code for i, code in zip(ids, categories, strict=True))
    return [(area, categories, count), (area, whole, count)]


def _broken(table: Table, measure: Measure, cell: Cell, parts: list[Cell]) -> Iterator[str]:
    statuses = {p.status for p in parts}
    if cell.value is not None and any(p.value is None for p in parts):
        yield f"a {measure.kind} is shown where a part of it is withheld"
    elif cell.value is not None and measure.kind != "rate" and cell.value != _ratio(table, measure, parts):
        yield f"a {measure.kind} is not the ratio of its parts"
    if cell.status is _S.PUBLISHED and _S.UNCERTAIN in statuses:
        yield f"a {measure.kind} is not marked where a part of it is uncertain"
    if cell.status is _S.SUPPRESSED and _S.SUPPRESSED not in statuses:
        yield f"a {measure.kind} is withheld although no part of it is"


def _ratio(table: Table, measure: Measure, parts: list[Cell]) -> int | None:
    """The ratio of published parts, a half rounded up, in units of the measure's decimals; a share between 0 and all
    of it.  None where the denominator is not positive."""
    above, below = (Fraction(p.value or 0, 10 ** table.measure(p.measure).decimals) for p in parts)
    if below <= 0:
        return None
    unit = measure.per * 10**measure.decimals
    value: int = floor(above / below * unit + Fraction(1, 2))
    return min(max(value, 0), unit) if measure.kind == "share" else value


def _case_columns(table: Table, measure: Measure, charged: Mapping[str, int]) -> frozenset[str]:
    """Dimensions over which a measure does not add up: those that the names of a measure's parts tell apart."""
    if measure.additive:
        return frozenset()
    named = {name.rpartition("/")[2] for name in charged if _is_part(name, table, measure) and name.count("/") == 2}
    return frozenset(d.id for d in table.dimensions if any(d.id in name.split("+") for name in named))


def _check_sums(
    table: Table, period: str, cells: Mapping[_Key, Cell], made: tuple[Mapping[str, int], NoiseFacts]
) -> Iterator[Finding]:
    """Every total with all its parts shown equals their sum.

    Releases of the first form, whose facts do not say what was measured, rounded each number for itself: there half a
    unit for each number is allowed.
    """
    charged, facts = made
    spare = 0 if facts.measured else 1
    grid = build_grid([table], period)
    matrix = sparse.csr_matrix(equations(grid, [table]))
    for measure in table.measures:
        if not measure.derived and measure.kind != "quantile":
            within = _within(matrix, grid, _case_columns(table, measure, charged))
            for row in np.flatnonzero(within & _off(matrix, *_numbers(table, measure, grid, cells), spare)).tolist():
                entries = slice(matrix.indptr[row], matrix.indptr[row + 1])
                total = matrix.indices[entries][matrix.data[entries] > 0][0]
                yield Finding("a total is not the sum of its parts", table.id, grid.describe(int(total))[0])


def _numbers(
    table: Table, measure: Measure, grid: Grid, cells: Mapping[_Key, Cell]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Values of the grid's cells, and which are shown."""
    values, shown = np.zeros(grid.size, dtype=np.int64), np.zeros(grid.size, dtype=np.bool_)
    ids = [d.id for d in table.dimensions]
    for (area, categories, of), cell in cells.items():
        if of == measure.id and cell.value is not None:
            number = grid.number(area, dict(zip(ids, categories, strict=True)))
            values[number], shown[number] = cell.value, True
    return values, shown


def _off(
    matrix: sparse.csr_matrix, values: NDArray[np.int64], shown: NDArray[np.bool_], spare: int
) -> NDArray[np.bool_]:
    """Which equations have all their cells shown and are broken by more than `spare` halves of a unit for each."""
    terms, sizes = np.diff(matrix.indptr), abs(matrix)
    whole = sizes @ shown.astype(np.int64) == terms
    return np.asarray(whole & (2 * np.abs(matrix @ values) > spare * terms + _FLOAT * (sizes @ np.abs(values))))


def _within(matrix: sparse.csr_matrix, grid: Grid, apart: Collection[str]) -> NDArray[np.bool_]:
    """Which equations stay within one category of each dimension of `apart`."""
    out = np.ones(matrix.shape[0], dtype=np.bool_)
    codes = np.unravel_index(matrix.indices % grid.width, [len(c) for c in grid.codes] or [1])
    for dimension, code in zip(grid.dimensions, codes, strict=False):
        if dimension in apart and len(matrix.indices):
            starts = matrix.indptr[:-1]
            out &= np.maximum.reduceat(code, starts) == np.minimum.reduceat(code, starts)
    return out
