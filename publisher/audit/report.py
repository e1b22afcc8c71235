"""The receipt of an audit.  It names cells by their keys, and never holds a value."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from publisher.errors import AuditFailedError
from publisher.opaque import Opaque, require_mint

_MINT = object()

_SHOWN = 5
"""Findings that an error message names; the report holds all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold, and where.  Fields that do not apply are empty."""

    rule: str
    table: str = ""
    area: str = ""
    categories: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = " ".join((self.table, self.area, *self.categories)).strip()
        return f"{self.rule} ({place})" if place else self.rule


@dataclass(frozen=True, slots=True, repr=False)
class AuditReport(Opaque):
    """What an audit found.  Made by the audits only.

    `suppressed`: withheld cells; `exact`: those that an attacker knows; `narrow`: sensitive cells whose interval is
    narrower than the promise; `checked_jointly_with`: ids of the tables that were attacked together.
    """

    findings: tuple[Finding, ...]
    suppressed: int
    exact: int
    narrow: int
    checked_jointly_with: tuple[str, ...]
    mint: object

    def __post_init__(self) -> None:
        require_mint(self.mint, _MINT, "AuditReport")

    def __repr__(self) -> str:
        counts = f"{self.suppressed} suppressed, {self.exact} exact, {self.narrow} narrow"
        return f"<AuditReport: {'passed' if self.passed else 'failed'}, {len(self.findings)} findings, {counts}>"

    __str__ = __repr__

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def require_passed(self) -> None:
        """Raise AuditFailedError, which names the first findings, unless the audit passed."""
        if not self.passed:
            more = len(self.findings) - _SHOWN
            named = "; ".join(str(f) for f in self.findings[:_SHOWN])
            raise AuditFailedError(f"the audit failed: {named}" + (f"; and {more} more" if more > 0 else ""))

    def summary_bytes(self) -> bytes:
        """Canonical JSON (UTF-8, sorted keys, no spaces) for an HMAC by the caller."""
        found = [[f.rule, f.table, f.area, list(f.categories)] for f in self.findings]
        summary: dict[str, Any] = {n: getattr(self, n) for n in ("suppressed", "exact", "narrow", "passed")}
        summary |= {"findings": found, "checked_jointly_with": list(self.checked_jointly_with)}
        return json.dumps(summary, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def make_report(
    findings: Iterable[Finding],
    *,
    suppressed: int = 0,
    exact: int = 0,
    narrow: int = 0,
    checked_jointly_with: Sequence[str] = (),
) -> AuditReport:
    """A report; for the modules of this package only, which alone judge tables."""
    unique = tuple(dict.fromkeys(findings))
    return AuditReport(unique, suppressed, exact, narrow, tuple(checked_jointly_with), _MINT)


def combine(reports: Sequence[AuditReport]) -> AuditReport:
    """One report of several tables or periods: passed where all passed.  Raises ValueError where there is none."""
    if not reports:
        raise ValueError("no report to combine: nothing was audited")
    return make_report(
        [f for r in reports for f in r.findings],
        suppressed=sum(r.suppressed for r in reports),
        exact=sum(r.exact for r in reports),
        narrow=sum(r.narrow for r in reports),
        checked_jointly_with=sorted({t for r in reports for t in r.checked_jointly_with}),
    )
