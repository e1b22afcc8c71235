"""The audit of a sealed release, at any time after: from its published form and what the secret side remembers.

A release is cumulative, so every period of it is audited.  With the other releases of its policy that were ever public
it is checked jointly: cells of the same period and version must be the same in all, which makes them one table to an
attacker who collects them, and earlier versions of a period tell what they tell.  Policies of other bodies hold other
records (`policy check`).
"""

from collections.abc import Iterator
from dataclasses import replace

from publisher.activation import active_policies, kept_policy
from publisher.audit.attacker import CellKey
from publisher.audit.earlier import past_of
from publisher.audit.inside import Secrets
from publisher.audit.periods import of_period, same_promises
from publisher.audit.report import AuditReport, Finding, combine, make_report
from publisher.audit.verdict import SuppressionPromise, audit_suppressed
from publisher.draft.audits import audit_noise
from publisher.errors import RunError
from publisher.memory import Remembered, recall
from publisher.outside import known_then, outside_tables
from publisher.periods import Period
from publisher.policy.model import Policy
from publisher.preparation import prepare
from publisher.release.model import Cell, Release, SuppressionFacts, Table
from publisher.release.reader import read_release
from publisher.rolling import audit_joint, kept_before
from publisher.versions import sealed_versions
from publisher.workspace import Workspace


def audit_release(work: Workspace, release_id: str) -> AuditReport:
    """Audit every period of a sealed release; the report says with which other releases it was checked jointly."""
    record = work.store.record(release_id)
    release = read_release(work.store.folder(record), work.keys.public_pem)
    others = [r for r in work.store.records() if r.policy == record.policy and r.release != release_id]
    others = [r for r in others if r.published_at]
    earlier = (read_release(work.store.folder(other), work.keys.public_pem) for other in others)
    periods = frozenset(p for t in release.tables for p in t.periods)
    windows = audit_joint(work, record.policy, periods)
    whole = combine([*_periods(work, release), *windows, *(_same_cells(release, other) for other in earlier)])
    joint = set(whole.checked_jointly_with)
    versions = ({r.release for r in work.store.records()} & joint) | {n for n in joint if n.startswith("outside-")}
    return make_report(
        whole.findings, suppressed=whole.suppressed, exact=whole.exact, narrow=whole.narrow,
        checked_jointly_with=sorted(versions | {r.release for r in others}),
    )  # fmt: skip


def _periods(work: Workspace, release: Release) -> Iterator[AuditReport]:
    for period in sorted({p for t in release.tables for p in t.periods}):
        version = max(c.version for t in release.tables for c in t.cells if c.period == period)
        sealer = f"{release.policy}.{period}.v{version}"
        view, findings = of_period(release, period)
        yield make_report(findings)
        if all(isinstance(t.protection, SuppressionFacts) for t in release.tables):
            known = recall(work.home, work.keys, sealer)
            # Whether insiders were promised is what the table states; a memory without them is then a finding.
            promise = SuppressionPromise(level=known.level, threshold=known.threshold, zeros=known.zeros)
            before = sealed_versions(work, release.policy, period, before=version)
            past = past_of(before, view.tables, period=period, truth=None, told=known.told)
            kept, outside = _kept(work, sealer), _outside(work, view, sealer, known)
            past = replace(past, withheld=past.withheld | kept, outside=outside)
            yield audit_suppressed(
                view, period=period, promise=promise, limits=known.limits, past=past,
                secrets=Secrets(sensitive=known.sensitive, reaches=known.reaches, insiders=known.insiders),
            )  # fmt: skip
        else:
            charged = work.ledger.parts(sealer)
            yield from audit_noise(view, _policy(work, view, sealer), period, charged=charged, drawn=charged)


def _outside(work: Workspace, view: Release, sealer: str, known: Remembered) -> tuple[Table, ...]:
    """What is declared by now as published elsewhere, whenever it was declared, and what was at the seal."""
    if not (work.settings.outside or known.outside):
        return ()
    prepared = prepare(work, _policy(work, view, sealer), Period.parse(known.period))
    prepared = replace(prepared, outside=known_then(prepared.outside, known.outside))
    return outside_tables(prepared, prepared.outside)


def _kept(work: Workspace, release: str) -> frozenset[CellKey]:
    """What windows before a rolling year had withheld."""
    return kept_before(work, release) if Period.parse(release.split(".")[-2]).grain == "rolling-year" else frozenset()


def _policy(work: Workspace, view: Release, sealer: str) -> Policy:
    """The policy that release `sealer` was sealed by, for its own period (`view`); the one in force where that was not
    kept.  RunError where neither is there, or publisher.toml is not the approved one."""
    active = {loaded.policy.id: loaded.policy for loaded in active_policies(work.home, work.log)}
    digest = work.store.verified(work.store.record(sealer))[0].policy_digest
    kept = kept_policy(work.home, view.policy, digest)
    policy = kept.policy if kept else active.get(view.policy)
    if policy is None or {t.id for t in view.tables} != {t.id for t in policy.tables}:
        raise RunError(
            f"release {sealer}: the policy that it was sealed by (SHA-256 {digest}) is not kept, and none with these "
            f"tables is in force; put that file at policies/sealed/{digest}/{view.policy}.yaml of the home"
        )
    return policy


def _same_cells(release: Release, other: Release) -> AuditReport:
    findings = same_promises(release, other)
    own = {t.id: t for t in release.tables}
    for table in (t for t in other.tables if t.id in own):
        here = _by_key(own[table.id])
        for key, cell in _by_key(table).items():
            if key in here and here[key] != cell:
                findings.append(Finding("a cell differs between releases", table.id, cell.area, cell.categories))
    return make_report(findings)


def _by_key(table: Table) -> dict[tuple[object, ...], Cell]:
    return {(c.area, c.categories, c.period, c.measure, c.version): c for c in table.cells}
