"""What is due: for each policy in force the period whose slot came last, once; what lies between is said to be skipped.

Pure but for the table of runs.  Time comes from the caller, never from the machine's clock, so that tests move it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from publisher.errors import SettingsError
from publisher.log import utc
from publisher.periods import Period
from publisher.policy.declarations import Settings
from publisher.policy.model import Policy
from publisher.scheduler.runs import OPEN, RunRow, RunState, RunTable
from publisher.sealed import ReleaseRecord
from publisher.slots import last_period, run_time
from publisher.workspace import Workspace

Known = Collection[tuple[str, str]]
"""Policy and period of everything that was planned, run or skipped before."""
MISSED = "its slot passed while no scheduler ran; run it by hand if it is still wanted"
NO_LONGER = "its policy is not in force any more"


def plan_runs(work: Workspace, policies: Sequence[Policy], *, now: datetime) -> None:
    """Bring the table of runs up to now: adopt what was sealed by hand, plan what is due, say what was missed."""
    runs = RunTable(work.db)
    for record in work.store.records():
        follow_release(runs, record)
    known = {(r.policy, r.period) for r in runs.rows()}
    since = {p.id: work.log.first("approve", p.id) for p in policies}
    for row in due_runs(policies, known, since, now=now):
        if runs.add(row) and row.state is RunState.SKIPPED:
            work.log.write(at=utc(now), actor="scheduler", action="skip", subject=row.key, detail=row.detail)
    in_force = {p.id: p for p in policies}
    for row in (r for r in runs.open() if r.state is RunState.PLANNED):
        if row.policy in in_force:
            runs.note(row, wanting(in_force[row.policy], Period.parse(row.period).year, work.settings))
        else:
            runs.move(row, RunState.SKIPPED, ended_at=utc(now), detail=NO_LONGER)
            work.log.write(at=utc(now), actor="scheduler", action="skip", subject=row.key, detail=NO_LONGER)


def wanting(policy: Policy, year: int, settings: Settings) -> str:
    """What has to be declared before a reference year can be run; empty for nothing.  A run waits for it."""
    try:
        files = settings.geography[settings.edition_of(policy.edition, year)]
    except SettingsError as error:
        return f"waits: {error}"
    if policy.uses_types and (policy.type_year or year) not in files.area_types:
        return f"waits: publisher.toml: edition {files.edition} has no area types of {policy.type_year or year}"
    return ""


def due_runs(
    policies: Sequence[Policy], known: Known, since: Mapping[str, str], *, now: datetime
) -> Iterator[RunRow]:
    """Rows for what has come due: planned for the last slot of a policy, skipped for those before it.

    `since`: when each policy first came into force, as UTC text; slots before that were not missed.
    """
    for policy in policies:
        last = last_period(policy.schedule, now)
        if (policy.id, last.code) in known:
            continue
        for period in _missed(policy, last, known, since[policy.id]):
            yield replace(_planned(policy, period), state=RunState.SKIPPED, ended_at=utc(now), detail=MISSED)
        yield _planned(policy, last)


def _missed(policy: Policy, last: Period, known: Known, since: str) -> Sequence[Period]:
    """The periods between the last one that is known, or the first in force, and `last`; the oldest first."""
    found: list[Period] = []
    period = last.before
    while (policy.id, period.code) not in known and utc(run_time(policy.schedule, period)) >= since:
        found.insert(0, period)
        period = period.before
    return found


def _planned(policy: Policy, period: Period) -> RunRow:
    return RunRow(policy.id, period.code, 1, RunState.PLANNED, utc(run_time(policy.schedule, period)))


def follow_release(runs: RunTable, record: ReleaseRecord) -> None:
    """Bring a run to where its release is: sealed (by whatever process), or published."""
    state = RunState.PUBLISHED if record.published_at else RunState.SEALED
    row = RunRow(record.policy, record.period, record.version, state, record.sealed_at, ended_at=record.sealed_at)
    if runs.add(row):
        return
    now = runs.get(row)
    if now.state not in (RunState.SEALED, RunState.PUBLISHED):
        now = runs.move(row, RunState.SEALED, ended_at=record.sealed_at, detail="")
    if now.state is RunState.SEALED and state is RunState.PUBLISHED:
        runs.move(row, RunState.PUBLISHED)


def startable(runs: RunTable, paused: Collection[str], *, now: datetime) -> list[RunRow]:
    """Planned runs whose time has come, that wait for nothing and whose policy is not paused, the first due first."""
    planned = (r for r in runs.open() if r.state is RunState.PLANNED and r.planned_at <= utc(now) and not r.detail)
    return [r for r in planned if r.policy not in paused]


def settle(work: Workspace, row: RunRow, *, now: datetime, detail: str) -> RunRow:
    """What became of a run whose process has ended: sealed where its release is there, else failed, and why."""
    runs = RunTable(work.db)
    work.store.adopt(at=utc(now))
    for record in work.store.records():
        if record.release == row.key:
            follow_release(runs, record)
            return runs.get(row)
    current = runs.get(row)
    if current.state not in OPEN:
        return current
    work.log.write(at=utc(now), actor="scheduler", action="run-failed", subject=row.key, detail=detail)
    return runs.move(row, RunState.FAILED, ended_at=utc(now), detail=detail)
