"""The verdict of the audit on what a rehearsal has suppressed: the same attack as before a seal, sealing nothing."""

from dataclasses import dataclass
from datetime import datetime

from publisher.draft.audits import attack_draft
from publisher.draft.suppressed import SuppressedCube
from publisher.errors import AuditFailedError
from publisher.outside import outside_tables
from publisher.pipeline import draft_alone
from publisher.preparation import Prepared

SHOWN = 10
"""Findings that are told; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an audit of the period by itself found.

    `withheld`: cells; `exact`: those that somebody outside knows all the same; `narrow`: sensitive ones that are known
    more closely than promised; `findings`: by name, `more` beside those.  What earlier versions and other windows told
    is not held against it.
    """

    passed: bool
    withheld: int
    exact: int
    narrow: int
    findings: tuple[str, ...]
    more: int

    def __post_init__(self) -> None:
        if self.passed and self.findings:
            raise ValueError("an audit with findings has not passed")


def verdict_of(prepared: Prepared, suppressed: SuppressedCube, *, now: datetime) -> Verdict:
    """Attack the tables as they would be published."""
    release = draft_alone(prepared, suppressed, now=now)
    try:
        report = attack_draft(release, prepared.policy, suppressed, outside=outside_tables(prepared, prepared.outside))
    except AuditFailedError as error:
        return Verdict(False, 0, 0, 0, (str(error),), 0)
    found = [str(finding) for finding in report.findings]
    return Verdict(
        report.passed, report.suppressed, report.exact, report.narrow, tuple(found[:SHOWN]), len(found[SHOWN:])
    )
