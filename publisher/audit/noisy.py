"""The audit of a table protected by noise.

It reads noisy values, intervals and the policy, never an exact count: to compare with the truth and refuse would
itself tell something of the truth (MODEL.md, "The privacy account").
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from scipy import sparse

from publisher.audit.attacker.equations import build_grid, cell_numbers, counted_cells, equations
from publisher.audit.form import cells_of, check_structure
from publisher.audit.report import AuditReport, Finding, make_report
from publisher.policy.model import EstimateKind, Noise
from publisher.release.model import Cell, CellStatus, Measure, NoiseFacts, Table

UNITS = 10**9
"""Units of rho in the ledger."""

_S = CellStatus


def audit_noisy(
    table: Table, *, period: str, rho_charged_units: int, rho_measured_units: int, noise: Noise
) -> AuditReport:
    """Check one noisy table in one period: its charge, form, declared rules and sums.

    `rho_charged_units`, `rho_measured_units`: what the ledger was charged and what was measured, in 1e-9 rho.
    Raises AuditFailedError where labels contradict each other, ValueError where the table is not a noisy one.
    """
    if not isinstance(table.protection, NoiseFacts):
        raise ValueError(f"table {table.id} is not protected by noise")
    findings = list(_check_charge(table, table.protection, rho_charged_units, rho_measured_units))
    findings += check_structure(table, period)
    measures = {m.id: m for m in table.measures}
    cells = [c for c in cells_of(table, period) if c.measure in measures]
    for cell in cells:
        findings += _check_cell(table, measures[cell.measure], cell, noise)
    findings += _check_masks(table, cells, measures)
    if not findings:
        findings += _check_sums(table, period)
    withheld = sum(c.status is _S.SUPPRESSED and measures[c.measure].kind != "rate" for c in cells)
    return make_report(findings, suppressed=withheld, checked_jointly_with=(table.id,))


def _check_charge(table: Table, facts: NoiseFacts, charged: int, measured: int) -> Iterator[Finding]:
    if measured <= 0:
        yield Finding("nothing was measured", table.id)
    if measured > charged:
        yield Finding("more privacy loss was measured than was charged", table.id)
    try:
        stated = Fraction(facts.rho)
    except ValueError:
        yield Finding("the stated rho is no number", table.id)
        return
    if stated * UNITS < measured:
        yield Finding("the stated rho is less than what was measured", table.id)


def _check_cell(table: Table, measure: Measure, cell: Cell, noise: Noise) -> Iterator[Finding]:
    where = (table.id, cell.area, cell.categories)
    numbers = (cell.value, cell.lower, cell.upper)
    absent = [n is None for n in numbers]
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
        if measure.kind != "rate":
            yield from _check_rules(measure, cell, noise, where, (cell.value, cell.upper))
    elif cell.status is _S.SUPPRESSED and noise.withhold_below is None:
        yield Finding("a cell is withheld although no rule withholds", *where)


def _check_rules(
    measure: Measure, cell: Cell, noise: Noise, where: tuple[str, str, tuple[str, ...]], ends: tuple[int, int]
) -> Iterator[Finding]:
    """The declared rules, as far as rounded numbers show them: a finding is a breach whatever the rounding was."""
    unit, half = Fraction(1, 10**measure.decimals), Fraction(1, 2 * 10**measure.decimals)
    value, reach = ends[0] * unit, (ends[1] - ends[0]) * unit
    if noise.withhold_below is not None and value + half < noise.withhold_below:
        yield Finding("an estimate below the declared limit is shown", *where)
    if noise.estimate is not EstimateKind.UNBIASED:
        return
    # The interval reaches 1.96 sigma, at most 2, and is rounded outward by less than one unit.
    sigma_least = (reach - unit - half) / 2
    if cell.status is _S.PUBLISHED and sigma_least > noise.uncertain_cv * max(value + half, Fraction(0)):
        yield Finding("an uncertain estimate is not marked", *where)


def _check_masks(table: Table, cells: list[Cell], measures: dict[str, Measure]) -> Iterator[Finding]:
    """A rate gives its count back, so that it is withheld where its count is."""
    hidden = {(c.area, c.categories) for c in cells if c.status is _S.SUPPRESSED and measures[c.measure].kind != "rate"}
    for cell in cells:
        if measures[cell.measure].kind == "rate" and cell.value is not None and (cell.area, cell.categories) in hidden:
            yield Finding("a rate is shown where its count is withheld", table.id, cell.area, cell.categories)


def _check_sums(table: Table, period: str) -> Iterator[Finding]:
    """Every total with all its parts shown equals their sum, up to half a unit of rounding for each number."""
    if not any(m.kind != "rate" and m.additive for m in table.measures):
        return
    grid = build_grid([table], period)
    values, shown = np.zeros(grid.size, dtype=np.int64), np.zeros(grid.size, dtype=bool)
    for number, cell in zip(cell_numbers(grid, table, period), counted_cells(table, period), strict=True):
        values[number], shown[number] = (0, False) if cell.value is None else (cell.value, True)
    matrix = equations(grid, [table])
    terms = np.diff(matrix.indptr)
    whole = abs(matrix) @ shown.astype(np.int64) == terms
    off = 2 * np.abs(matrix @ values) > terms
    parents = sparse.csr_matrix(matrix.maximum(0))
    for row in np.flatnonzero(whole & off).tolist():
        area, _ = grid.describe(int(parents.indices[parents.indptr[row]]))
        yield Finding("a total is not the sum of its parts", table.id, area)
