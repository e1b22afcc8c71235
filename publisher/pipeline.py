"""The one module that knows the whole order: from an active policy and a source to a sealed release.

Each step returns the receipt that the next one asks for, so that none can be left out.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from publisher.activation import active_policy, keep
from publisher.audit.earlier import EarlierVersion
from publisher.audit.windows import JointView, broken_cells
from publisher.continuity import check_continues, check_measurable, check_still_continues
from publisher.counting import Counted, count
from publisher.cube import Cube
from publisher.draft.audits import AuditedRelease, audit_draft, joint_draft
from publisher.draft.exact import suppressed_measures
from publisher.draft.joint import Attempt, WindowGroup
from publisher.draft.known import Known
from publisher.draft.measured import measure_workload
from publisher.draft.noisy import noise_facts, workload_measures
from publisher.draft.outside import known_elsewhere
from publisher.draft.suppressed import SuppressedCube, suppress
from publisher.draft.tables import Place, ProtectedMeasure, draft_table, join_periods
from publisher.errors import LedgerError, SuppressionError
from publisher.ledger import AlreadySealedError, Charge
from publisher.log import utc
from publisher.memory import remember
from publisher.noise.mechanism import NoiseSource, discrete_gaussian
from publisher.outside import known_to_all, outside_tables
from publisher.policy.model import Suppression, TableSpec
from publisher.preparation import (
    Prepared,
    RunRequest,
    check_request,
    check_rollback,
    intent_of,
    next_version,
    prepare,
)
from publisher.relations import KeySet
from publisher.release.model import NoiseFacts, Release, SuppressionFacts, Table
from publisher.release.reader import read_release
from publisher.rolling import group_of, remember_window, sealed_windows
from publisher.seal import Binding, seal_release
from publisher.sealed import ReleaseRecord
from publisher.slots import publication_time
from publisher.suppression.blocks import BoolArray
from publisher.versions import earlier_versions, numbers_of, with_remembered
from publisher.workspace import Workspace


@dataclass(frozen=True, slots=True)
class RunResult:
    """A sealed release, new or the one that the run key had already."""

    release: Release
    record: ReleaseRecord
    rho_units: int
    ledger_sequence: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Succession:
    """Where a draft stands: its version and why there is one, when it is made, and the release that it continues."""

    version: int
    reason: str
    now: datetime
    before: Release | None


@dataclass(frozen=True, slots=True)
class Making:
    """What a draft is made with."""

    prepared: Prepared
    charge: Charge
    place: Succession


_TRIES = 5
"""Drafts of a rolling year: one, what an attack finds broken mended up to three times, and one over everything."""


def run_release(
    work: Workspace, request: RunRequest, *, now: datetime, noise: NoiseSource = discrete_gaussian
) -> RunResult:
    """Seal a release, or give back the one that this run key already has (P1 of SAFETY.md).

    The workspace must be exclusive.  Raises the error of the step that refuses; nothing is sealed then, and what was
    charged stays charged.
    """
    started = time.monotonic()
    work.store.adopt(at=utc(now))
    approved = active_policy(work.home, work.log, request.policy, work.settings)
    policy = approved.policy
    check_request(work, policy, request, now)
    version = next_version(work, request)
    release_id = f"{policy.id}.{request.period.code}.v{version}"
    prepared = with_remembered(prepare(work, policy, request.period))
    intent = intent_of(prepared, release_id, request)
    check_rollback(work)
    try:
        work.ledger.check(intent)
    except AlreadySealedError as sealed:
        return _given_back(work, sealed.release, started)
    before = _latest(prepared)
    check_continues(prepared, before)
    earlier = earlier_versions(prepared)
    windows = sealed_windows(prepared)
    counted = count(prepared, [w.period for w in windows])
    group = group_of(prepared, windows, counted)
    check_measurable(prepared, counted)
    charge = work.ledger.charge(intent, at=utc(now))
    made = Making(prepared, charge, Succession(version, request.reason, now, before))
    release, suppressed, joint = _draft_release(made, (counted, earlier, group), noise)
    known = known_to_all(prepared, counted.whole) if counted.whole else ()
    audited = audit_draft(
        release, policy, suppressed=suppressed, charge=charge, earlier=earlier, joint=joint,
        outside=outside_tables(prepared, known), before=before,
    )  # fmt: skip
    keep(approved, work.home)
    if suppressed is not None:
        remember(work.home, work.keys, release, policy, suppressed, known)
        remember_window(prepared, release.id, counted, joint)
    work.bodies.add(policy, request.period.code, at=utc(now))
    with work.store.changing():
        check_still_continues(prepared, before)
        _seal(work, audited, charge, counted, policy.digest)
        work.store.adopt(at=utc(now))
    return _given_back(work, release.id, started)


def _draft_release(
    made: Making, known: tuple[Counted, tuple[EarlierVersion, ...], WindowGroup | None], noise: NoiseSource
) -> tuple[Release, SuppressedCube | None, JointView | None]:
    """The draft; of a rolling year the first that an attack on all windows together finds safe, or the last try.

    `known`: what was counted, the earlier versions, and the windows that share time with the period.
    """
    counted, earlier, group = known
    attempt = Attempt(group) if group else None
    for left in reversed(range(_TRIES)):
        tables, suppressed = _protect(made, (counted, earlier, attempt), noise)
        release = _assemble(made.prepared, tables, made.place)
        joint = joint_draft(release, made.prepared.policy, suppressed, group)
        broken = broken_cells(joint) if left else frozenset()
        if group is None or suppressed is None or not broken:
            break
        attempt = Attempt(group, suppressed.pattern.suppressed, broken, whole=left == 1)
    return release, suppressed, joint


def _protect(
    made: Making, known: tuple[Counted, tuple[EarlierVersion, ...], Attempt | None], noise: NoiseSource
) -> tuple[list[Table], SuppressedCube | None]:
    """Draft tables of the period, each by its one protection."""
    prepared = made.prepared
    counted, earlier, attempt = known
    suppressed = suppress_tables(prepared, counted, earlier, attempt)
    if suppressed is None:
        return _noisy_tables(made, counted, noise), None
    return _suppressed(prepared, suppressed, made.place.version), suppressed


def draft_alone(prepared: Prepared, suppressed: SuppressedCube, *, now: datetime) -> Release:
    """What a first run would release of one period by itself; for rehearsals, which charge and seal nothing."""
    return _assemble(prepared, _suppressed(prepared, suppressed, 1), Succession(1, "", now, None))


def _suppressed(prepared: Prepared, suppressed: SuppressedCube, version: int) -> list[Table]:
    populations = prepared.denominators(suppressed.keys)
    return [
        _draft(prepared, table, suppressed.keys, suppressed_measures(table, suppressed, populations), suppressed.facts,
               version)
        for table in prepared.policy.tables
    ]  # fmt: skip


def suppress_tables(
    prepared: Prepared, counted: Counted, earlier: tuple[EarlierVersion, ...], attempt: Attempt | None = None
) -> SuppressedCube | None:
    """The suppression of a policy's tables, or None where they are protected by noise."""
    rule = prepared.policy.tables[0].protection
    if counted.whole is None or not isinstance(rule, Suppression):
        return None
    if len(prepared.policy.suppressed_tables) != len(prepared.policy.tables):
        raise SuppressionError(f"policy {prepared.policy.id}: its tables have more than one protection")
    everyone = prepared.denominators(counted.whole.keys).get(prepared.work.settings.everyone or "")
    known = Known(
        leaf_sizes=prepared.leaf_sizes(), everyone=everyone,
        amounts={a.id: a for a in prepared.source.amounts}, kept=dict(prepared.policy.where),
        elsewhere=_elsewhere(prepared, counted.whole),
    )  # fmt: skip
    key = prepared.work.keys.derive("suppression tie-break")
    tables, versions = prepared.policy.suppressed_tables, numbers_of(prepared, earlier)
    try:
        return suppress(counted.whole, tables, rule=rule, known=known, key=key, earlier=versions, attempt=attempt)
    except SuppressionError as error:
        if attempt is not None:
            raise SuppressionError(
                f"{error}. The windows that share time with {prepared.period.code} have told what protects nothing any "
                "more (docs/limits.md): leave this one out"
            ) from None
        if not versions:
            raise
        raise SuppressionError(
            f"{error}. What {len(versions)} sealed versions of {prepared.period.code} show is known and protects "
            "nothing (docs/limits.md): leave the period as it is, or revise it when more records have changed"
        ) from None


def _elsewhere(prepared: Prepared, cube: Cube) -> BoolArray | None:
    """Which cells everybody knows from tables published elsewhere, which must agree with the records."""
    known = known_to_all(prepared, cube)
    return known_elsewhere(known, prepared.policy, cube.keys) if known else None


def _noisy_tables(made: Making, counted: Counted, noise: NoiseSource) -> list[Table]:
    """Every table of a policy under noise, in the policy's order: all is drawn before anything is made of it."""
    prepared, tables = made.prepared, dict[str, Table]()
    drawn = [(w, measure_workload(counted.bounded, w, charge=made.charge, source=noise)) for w in prepared.workloads]
    for workload, measured in drawn:
        measures = workload_measures(measured, workload, populations=prepared.denominators, signed=prepared.signed)
        for table, keys in zip(workload.tables, workload.views, strict=True):
            facts = noise_facts(table, workload)
            tables[table.id] = _draft(prepared, table, keys, measures[table.id], facts, made.place.version)
    if tables.keys() != {t.id for t in prepared.policy.tables}:
        raise LedgerError(f"policy {prepared.policy.id}: a table is not protected by noise")
    return [tables[t.id] for t in prepared.policy.tables]


def _draft(
    prepared: Prepared, table: TableSpec, keys: KeySet, measures: dict[str, ProtectedMeasure],
    facts: SuppressionFacts | NoiseFacts, version: int,
) -> Table:  # fmt: skip
    types = prepared.index.types_of(prepared.type_year) if prepared.uses_types else {}
    place = Place(prepared.period.code, version, prepared.edition, types, prepared.breaks)
    return draft_table(
        table, prepared.policy, keys=keys, index=prepared.index, settings=prepared.work.settings, place=place,
        measures=measures, facts=facts,
    )  # fmt: skip


def _assemble(prepared: Prepared, tables: list[Table], place: Succession) -> Release:
    """The release: this period's tables joined to the earlier periods of the one that it continues."""
    policy, period, before = prepared.policy, prepared.period, place.before
    earlier = {t.id: t for t in before.tables} if before else {}
    own = utc(publication_time(policy.schedule, period, place.now))
    return Release(
        policy=policy.id,
        agency=policy.agency,
        period=period.code,
        version=place.version,
        publish_at=max(own, before.publish_at) if before else own,  # it holds the cells of `before`, early or not
        title=policy.title,
        contact_name=policy.contact_name,
        contact_email=policy.contact_email,
        licence=policy.licence,
        source=prepared.work.settings.agencies[policy.agency].name,
        tables=tuple(join_periods(earlier.get(t.id), t) for t in tables),
        reason=place.reason,
    )


def _latest(prepared: Prepared) -> Release | None:
    """The policy's last release, which the next one continues."""
    work = prepared.work
    record = work.store.latest(prepared.policy.id)
    return read_release(work.store.folder(record), work.keys.public_pem) if record else None


def _seal(work: Workspace, audited: AuditedRelease, charge: Charge, counted: Counted, policy_digest: str) -> None:
    head = work.ledger.hash_at(charge.sequence)
    if head is None:
        raise LedgerError("the ledger does not hold the charge of this run")
    binding = Binding(
        policy_digest=policy_digest,
        ledger_sequence=charge.sequence,
        ledger_head=head,
        rho_units=work.ledger.spent(charge.account),
        log_head=work.log.head()[1],
        snapshot_hmac=counted.snapshot_hmac,
    )
    seal_release(audited, binding=binding, keys=work.keys, vault=work.home.vault)


def _given_back(work: Workspace, release_id: str, started: float) -> RunResult:
    record = work.store.record(release_id)
    manifest, _ = work.store.verified(record)
    release = read_release(work.store.folder(record), work.keys.public_pem)
    rho = sum(int(r["units"]) for r in work.ledger.rows() if r["run_key"] == release_id)
    return RunResult(release, record, rho, manifest.ledger.sequence, time.monotonic() - started)
