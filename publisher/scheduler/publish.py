"""One pass in this process: publish what is due, run what is due, publish that (`schedule --once`, and the demo)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from publisher.activation import active_policies
from publisher.errors import PublisherError
from publisher.log import utc
from publisher.pipeline import run_release
from publisher.policy.model import Policy
from publisher.preparation import check_rollback
from publisher.scheduler.due import plan_runs, settle, startable
from publisher.scheduler.pauses import Pauses
from publisher.scheduler.runs import RunRow, RunState, RunTable
from publisher.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that a pass did or could not do: `action` is run or publish, `error` is empty where it was done."""

    action: str
    subject: str
    error: str


def run_due(work: Workspace, *, now: datetime) -> Iterator[Outcome]:
    """Publish what is due, run what is due, publish that.  What fails is reported and logged, and stops no other."""
    yield from publish_due(work, now=now)
    try:
        policies = [p.policy for p in active_policies(work.home, work.log)]
    except PublisherError as error:
        yield failed(work, "run", "policies", now, error)
        return
    plan_runs(work, policies, now=now)
    for row in startable(RunTable(work.db), held(work, policies), now=now):
        yield _attempt(work, row, now)
    yield from publish_due(work, now=now)


def held(work: Workspace, policies: list[Policy]) -> frozenset[str]:
    """The policies that are paused."""
    pauses = Pauses(work.db)
    return frozenset(p.id for p in policies if pauses.holds(p.id))


def publish_due(work: Workspace, *, now: datetime) -> Iterator[Outcome]:
    """Publish every sealed release whose time has come and whose policy is not paused, and bring the public folder in
    line with the state."""
    agencies = list(work.settings.agencies.values())
    try:
        work.store.adopt(at=utc(now))
        check_rollback(work)
    except PublisherError as error:  # fail closed: what is public stays as it is
        yield failed(work, "publish", "everything", now, error)
        return
    for record in work.store.due(now):
        if Pauses(work.db).holds(record.policy):
            continue
        try:
            work.store.publish(record.release, now=now, agencies=agencies)
            yield Outcome("publish", record.release, "")
        except PublisherError as error:
            yield failed(work, "publish", record.release, now, error)
    work.store.reconcile(now=now, agencies=agencies)


def _attempt(work: Workspace, row: RunRow, now: datetime) -> Outcome:
    RunTable(work.db).move(row, RunState.STARTED, started_at=utc(now))
    try:
        made = run_release(work, row.request, now=now)
    except Exception as error:
        shown = told(error)
        settle(work, row, now=now, detail=shown)
        return Outcome("run", f"{row.policy} {row.period}", shown)
    settle(work, row, now=now, detail="")
    return Outcome("run", made.release.id, "")


def failed(work: Workspace, action: str, subject: str, now: datetime, error: Exception) -> Outcome:
    """Log what kind of error it was, once for as long as it stays the same."""
    last, kind = work.log.last(f"{action}-failed", subject), type(error).__name__
    if last is None or last["detail"] != kind:
        work.log.write(at=utc(now), actor="scheduler", action=f"{action}-failed", subject=subject, detail=kind)
    return Outcome(action, subject, told(error))


def told(error: Exception) -> str:
    """What may be shown of an error: only our own are known to hold no value."""
    return str(error) if isinstance(error, PublisherError) else type(error).__name__
