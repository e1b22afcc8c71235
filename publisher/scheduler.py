"""What is due, and doing it: runs of active policies at their slot, publication of sealed releases at their minute.

One pass over everything (`schedule --once`).  Time comes from the caller, never from the machine's clock, so that
tests move it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from publisher import slots
from publisher.activation import active_policies
from publisher.errors import PublisherError
from publisher.log import utc
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.policy.model import Policy
from publisher.preparation import RunRequest, check_rollback
from publisher.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that a pass did or could not do: `action` is run or publish, `error` is empty where it was done."""

    action: str
    subject: str
    error: str


def last_period(policy: Policy, now: datetime) -> Period:
    """The latest period whose slot has come.  Earlier ones that were missed are run by hand, one decision each."""
    return slots.last_period(policy.schedule, now)


def run_due(work: Workspace, *, now: datetime) -> Iterator[Outcome]:
    """Publish what is due, run what is due, publish that.  What fails is reported and logged, and stops no other."""
    yield from publish_due(work, now=now)
    try:
        due = _due_policies(work, now)
    except PublisherError as error:
        yield _failed(work, "run", "policies", now, error)
        return
    for policy in due:
        period = last_period(policy, now)
        yield _attempt(work, f"{policy.id} {period.code}", now, RunRequest(policy.id, period))
    yield from publish_due(work, now=now)


def _due_policies(work: Workspace, now: datetime) -> list[Policy]:
    sealed = {(r.policy, r.period) for r in work.store.records()}
    policies = [p.policy for p in active_policies(work.home, work.log)]
    return [p for p in policies if (p.id, last_period(p, now).code) not in sealed]


def publish_due(work: Workspace, *, now: datetime) -> Iterator[Outcome]:
    """Publish every sealed release whose time has come, and bring the public folder in line with the state."""
    agencies = list(work.settings.agencies.values())
    try:
        work.store.adopt(at=utc(now))
        check_rollback(work)
    except PublisherError as error:  # fail closed: what is public stays as it is
        yield _failed(work, "publish", "everything", now, error)
        return
    for record in work.store.due(now):
        try:
            work.store.publish(record.release, now=now, agencies=agencies)
            yield Outcome("publish", record.release, "")
        except PublisherError as error:
            yield _failed(work, "publish", record.release, now, error)
    work.store.reconcile(now=now, agencies=agencies)


def _attempt(work: Workspace, subject: str, now: datetime, request: RunRequest) -> Outcome:
    try:
        return Outcome("run", run_release(work, request, now=now).release.id, "")
    except Exception as error:
        return _failed(work, "run", subject, now, error)


def _failed(work: Workspace, action: str, subject: str, now: datetime, error: Exception) -> Outcome:
    """Log what kind of error it was.  Only our own errors are known to hold no value, so only they are shown."""
    kind = type(error).__name__
    work.log.write(at=utc(now), actor="scheduler", action=f"{action}-failed", subject=subject, detail=kind)
    return Outcome(action, subject, str(error) if isinstance(error, PublisherError) else kind)
