"""What the officer's site is told: heartbeat, pauses, what runs and what comes next, and how the home stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from publisher.desk.folder import Desk
from publisher.desk.rehearsals import expire
from publisher.desk.status import write_status
from publisher.files import write_atomically
from publisher.log import utc
from publisher.policy.model import Policy
from publisher.scheduler.children import Running
from publisher.scheduler.pauses import EVERYTHING, Pauses
from publisher.scheduler.runs import RunRow, RunTable
from publisher.slots import next_period, publication_time, run_time
from publisher.standing.documents import documents
from publisher.standing.policies import copies
from publisher.workspace import Workspace

_SHOWN = 500
"""Runs that are told, the latest ones."""


def tell_home(work: Workspace, *, now: datetime) -> None:
    """Write every document of the home, and copies of what is in force; rehearsals that are over are removed."""
    desk = work.home.desk
    for name, document in documents(work, now=now, pauses=Pauses(work.db).all()).items():
        write_status(desk, name, document)
    wanted = copies(work)
    for name, data in wanted.items():
        path = desk.status / name
        if not path.exists() or path.read_bytes() != data:
            write_atomically(path, data, mode=0o600)
    for path in desk.active.glob("*.yaml"):
        if f"active/{path.name}" not in wanted:
            path.unlink()
    expire(desk, now)


def tell_status(
    work: Workspace, desk: Desk, policies: Sequence[Policy], *, begun: datetime, running: Running | None,
    trouble: Sequence[str], now: datetime,
) -> None:  # fmt: skip
    """Write `scheduler` and `runs`."""
    pauses = Pauses(work.db).all()
    coming = sorted((_next(p, now) for p in policies), key=lambda n: (n["run_at"], n["policy"]))
    write_status(desk, "scheduler", {
        "beat": utc(now),
        "started": utc(begun),
        "paused": {
            "all": pauses.get(EVERYTHING),
            "policies": {subject: p for subject, p in pauses.items() if subject != EVERYTHING},
        },
        "running": [{"what": _what(running), "since": utc(running.since)}] if running else [],
        "next": coming,
        "trouble": list(trouble),
    })  # fmt: skip
    rows = RunTable(work.db).rows()[-_SHOWN:]
    write_status(desk, "runs", {"runs": [_run(r) for r in reversed(rows)]})


def _next(policy: Policy, now: datetime) -> Mapping[str, str]:
    """The next slot of a policy."""
    schedule = policy.schedule
    period = next_period(schedule, now)
    at = run_time(schedule, period)
    return {
        "policy": policy.id, "period": period.code, "run_at": utc(at),
        "publish_at": utc(publication_time(schedule, period, at)),
    }  # fmt: skip


def _what(running: Running) -> str:
    return running.subject.key if isinstance(running.subject, RunRow) else f"request {running.subject}"


def _run(row: RunRow) -> Mapping[str, str | int]:
    texts = {k: getattr(row, k) for k in ("policy", "period", "planned_at", "started_at", "ended_at", "detail")}
    return {**texts, "version": row.version, "state": row.state.value}
