"""The audit of a draft release: its receipt is the only thing that can be sealed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from publisher.audit.agreement import check_agreement
from publisher.audit.attacker import Insiders
from publisher.audit.attacker.joint import WindowView
from publisher.audit.earlier import EarlierVersion, past_of
from publisher.audit.inside import Secrets
from publisher.audit.noisy import audit_noisy
from publisher.audit.periods import of_period, same_promises
from publisher.audit.report import AuditReport, Finding, combine, make_report
from publisher.audit.verdict import SuppressionPromise, audit_suppressed
from publisher.audit.windows import JointView, JudgedWindow, audit_windows, past_of_windows
from publisher.draft.facts import rule_texts
from publisher.draft.joint import WindowGroup, joint_view
from publisher.draft.suppressed import (
    SuppressedCube,
    alternatives,
    insider_keys,
    limits,
    reaches,
    sensitive_keys,
    true_values,
    withheld_values,
)
from publisher.ledger import Charge
from publisher.opaque import Opaque, require_mint
from publisher.policy.model import Noise, Policy, Suppression, TableSpec
from publisher.release.model import CellStatus, NoiseFacts, Release, Table

_MINT = object()


class AuditedRelease(Opaque):
    """Receipt: a release and the report of its own audit, which passed."""

    __slots__ = ("release", "report")

    def __init__(self, mint: object, *, release: Release, report: AuditReport) -> None:
        require_mint(mint, _MINT, "AuditedRelease")
        report.require_passed()
        self.release, self.report = release, report


def promise_of(rule: Suppression) -> SuppressionPromise:
    """What a suppressed policy promises."""
    return SuppressionPromise(
        level=rule.level, threshold=rule.threshold, zeros=rule.zeros, counted=rule.counted, rules=rule_texts(rule),
        insiders=rule.insiders, forced=rule.forced,
    )  # fmt: skip


def insiders_of(tables: Sequence[TableSpec], suppressed: SuppressedCube) -> Insiders | None:
    """Who is alone in withheld cells, and their numbers, or None where the rule does not ask.  Secret."""
    alone = insider_keys(tables, suppressed)
    return None if alone is None else Insiders(alone, withheld_values(tables, suppressed))


def audit_draft(
    release: Release, policy: Policy, *, suppressed: SuppressedCube | None, charge: Charge,
    earlier: Sequence[EarlierVersion] = (), joint: JointView | None = None, outside: Sequence[Table] = (),
    before: Release | None = None,
) -> AuditedRelease:  # fmt: skip
    """Audit the tables of the release's own period; AuditFailedError names what was found.

    A suppressed table is attacked and compared with the truth.  A noisy one is judged by its noisy values, the policy
    and the charge alone: to compare it with the truth and refuse would itself leak (MODEL.md).  `earlier`: every sealed
    version of the period.  `joint`: the period together with the sealed windows that share time with it.
    `outside`: tables published elsewhere about the same records.  `before`: the release that it continues.
    """
    if suppressed is None:
        view, findings = of_period(release, release.period)
        charged, drawn = (
            {name: n for t in policy.tables for name, n in of(t.id).items()} for of in (charge.charged, charge.drawn)
        )
        noisy = audit_noise(view, policy, release.period, charged=charged, drawn=drawn)
        report = combine([*noisy, make_report([*findings, *_misstated(view, policy)])])
    else:
        report = attack_draft(release, policy, suppressed, earlier=earlier, joint=joint, outside=outside)
    kept = make_report(same_promises(release, before) if before else [])
    return AuditedRelease(_MINT, release=release, report=combine([report, kept]))


def attack_draft(
    release: Release, policy: Policy, suppressed: SuppressedCube, *,
    earlier: Sequence[EarlierVersion] = (), joint: JointView | None = None, outside: Sequence[Table] = (),
) -> AuditReport:  # fmt: skip
    """What the audit finds of a suppressed draft, passed or not; nothing can be sealed by it.  Needs no charge."""
    period = release.period
    view, findings = of_period(release, period)
    tables, truth = policy.suppressed_tables, true_values(policy.suppressed_tables, suppressed)
    past = past_of(earlier, view.tables, period=period, truth=truth) if joint is None else past_of_windows(joint)
    report = audit_suppressed(
        view, period=period, promise=promise_of(suppressed.rule),
        secrets=Secrets(
            sensitive=sensitive_keys(tables, suppressed), truth=truth, reaches=reaches(tables, suppressed),
            insiders=insiders_of(tables, suppressed), told=alternatives(suppressed),
        ),
        limits=limits(tables, suppressed), past=replace(past, outside=tuple(outside)),
    )  # fmt: skip
    windows = [] if joint is None else [audit_windows(joint)]
    return combine([report, *windows, make_report(findings)])


def joint_draft(
    release: Release, policy: Policy, suppressed: SuppressedCube | None, group: WindowGroup | None
) -> JointView | None:
    """A draft of a rolling year with the sealed windows that share time with it, or None where there are none."""
    if suppressed is None or group is None:
        return None
    view, tables = of_period(release, release.period)[0], policy.suppressed_tables
    kept = frozenset(
        (t.id, c.area, c.categories)
        for w in group.sealed for t in w.tables for c in t.cells if c.status is CellStatus.SUPPRESSED
    )  # fmt: skip
    known = limits(tables, suppressed)
    own = WindowView(release.id, release.period, view.tables, frozenset(), kept, {}, known)
    promise = promise_of(suppressed.rule)
    truth = true_values(tables, suppressed)
    judged = JudgedWindow(own, promise, sensitive_keys(tables, suppressed), truth)
    return joint_view(group, judged, tables, suppressed.keys)


def audit_noise(
    release: Release, policy: Policy, period: str, *, charged: Mapping[str, int], drawn: Mapping[str, int]
) -> Iterator[AuditReport]:
    """Audit every table under noise, each by itself, and those that were measured together with each other.

    `release`: restricted to `period`; `charged`, `drawn`: units of 1e-9 rho by part name, of all tables.  With which
    others a table was measured is what it states itself: the policy may have another group of them by now.
    """
    for spec in policy.tables:
        if isinstance(spec.protection, Noise):
            table = release.table(spec.id)
            yield audit_noisy(
                table, period=period, charged=_own(charged, table), drawn=_own(drawn, table),
                noise=spec.protection, candidates={m.id: m.candidates for m in spec.quantiles},
            )  # fmt: skip
    yield make_report(list(check_agreement(release.tables)))


def _misstated(release: Release, policy: Policy) -> Iterator[Finding]:
    """Tables that name others than the policy measures them with: their charges are found by these names."""
    for spec in policy.noise_tables:
        partners, facts = tuple(t.id for t in policy.partners(spec)), release.table(spec.id).protection
        if not isinstance(facts, NoiseFacts) or (facts.together or (spec.id,)) != partners:
            yield Finding("a table names other tables than it was measured with", spec.id)


def _own(units: Mapping[str, int], table: Table) -> dict[str, int]:
    """Units of a table's measurements; of one that was measured with others, those of them all under its own name."""
    facts = table.protection
    owners = facts.together or (table.id,) if isinstance(facts, NoiseFacts) else ()
    parts = (name.partition("/") for name in units)
    return {f"{table.id}/{part}": units[f"{owner}/{part}"] for owner, _, part in parts if owner in owners}
