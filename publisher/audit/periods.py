"""One period of a cumulative release, with the rows that exist in it."""

from collections.abc import Iterator
from dataclasses import replace

from publisher.audit.report import Finding
from publisher.release.model import CellStatus, NoiseFacts, Release, SuppressionFacts, Table


def of_period(release: Release, period: str) -> tuple[Release, list[Finding]]:
    """The release restricted to one period, and what is wrong with the rows left out.

    A cumulative table has every row in every period.  Where a combination of place and area type does not occur in a
    period, all its cells are not applicable.  Such rows are left out here, after a look at the public types of that
    period: a row that could occur may not be called not applicable.
    """
    tables, findings = [], []
    for table in release.tables:
        cells = tuple(c for c in table.cells if c.period == period)
        if not cells and period not in table.periods:
            continue  # the policy did not have it yet
        there = {c.area for c in cells if c.status is not CellStatus.NOT_APPLICABLE}
        findings += [
            Finding("a row that can occur is not applicable", table.id, code)
            for code in _can_occur(table, period)
            if code not in there
        ]
        areas = tuple(a for a in table.areas if a.code in there)
        kept = tuple(c for c in cells if c.area in there)
        own = (period,) if period in table.periods else ()
        promised = table.promised(period)
        tables.append(replace(table, areas=areas, cells=kept, periods=own, protection=promised, other_rules={}))
    return replace(release, tables=tuple(tables)), findings


def same_promises(release: Release, other: Release) -> list[Finding]:
    """What is wrong where a release states of a period other terms than another one that holds it in that version."""
    pairs = [(a, b) for a in release.tables for b in other.tables if a.id == b.id]
    found = []
    for here, there in pairs:
        versions, sealed = _versions(here), _versions(there)
        found += [
            Finding("a period states other rules than it was sealed with", here.id)
            for p, version in sealed.items()
            if versions.get(p) == version and _terms(here.promised(p)) != _terms(there.promised(p))
        ]
    return found


def _terms(facts: SuppressionFacts | NoiseFacts) -> SuppressionFacts | str:
    """What is promised: the rules, or the loss (how more is told of noise has changed with the release's form)."""
    return facts.rho if isinstance(facts, NoiseFacts) else facts


def _versions(table: Table) -> dict[str, int]:
    """The version of each period."""
    found: dict[str, int] = {}
    for cell in table.cells:
        found[cell.period] = max(cell.version, found.get(cell.period, 0))
    return found


def _can_occur(table: Table, period: str) -> Iterator[str]:
    """Rows that must have numbers in the period: all but those of a place and type that no area has."""
    types = table.area_types.get(period, {})
    occurring = {f"{code[:n]}T{kind}" for code, kind in types.items() for n in (0, 2, 4)}
    for area in table.areas:
        place, mark, kind = area.code.partition("T")
        if not (mark and kind in "12345" and f"{place}T{kind}" not in occurring):
            yield area.code
