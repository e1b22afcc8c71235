"""The scheduler's decisions: what is begun, ended, published and told, one short step after the other.

Nothing long is done here: what reads records runs in a child process, and publishing waits for none.  Whatever stops
this process, the tables of runs and requests say where to go on.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlite_utils

from publisher.activation import active_policies
from publisher.desk.requests import URGENT, Request, Requests, Stand
from publisher.desk.status import write_status
from publisher.errors import PublisherError
from publisher.geography.shapes import write_shapes
from publisher.home import Home
from publisher.locks import is_held
from publisher.log import utc
from publisher.policy.model import Policy
from publisher.scheduler.children import Launch, Running
from publisher.scheduler.due import plan_runs, settle, startable
from publisher.scheduler.orders import carry_out
from publisher.scheduler.pauses import EVERYTHING, Pauses
from publisher.scheduler.publish import Outcome, publish_due, told
from publisher.scheduler.runs import RunRow, RunState, RunTable
from publisher.scheduler.telling import tell_home, tell_status
from publisher.workspace import Workspace, open_workspace, verify

_LOST = "the process that ran it ended without a result"


@dataclass(frozen=True, slots=True)
class Open:
    """The home and the desk, opened for one step."""

    work: Workspace
    desk: sqlite_utils.Database
    now: datetime


class Conductor:
    """Decides, step by step.  `clock` tells the time; `launch` starts a command of `publisher` on the home."""

    def __init__(self, home: Home, *, clock: Callable[[], datetime], launch: Launch) -> None:
        self._home, self._clock, self._launch = home, clock, launch
        self._begun = clock()
        self._running: Running | None = None
        self._trouble: tuple[str, ...] = ()
        self._policies: Sequence[Policy] = ()
        self._wrong: Sequence[str] = ()

    @contextmanager
    def _open(self) -> Iterator[Open]:
        with open_workspace(self._home, exclusive=False) as work, self._home.desk.open() as desk:
            yield Open(work, desk, self._clock())

    def recover(self) -> None:
        """Go on after a stop: requests that a lost process worked on are queued again.

        What is done at once goes on by itself (`publisher.scheduler.orders`).
        """
        with self._open() as at:
            requests = Requests(at.desk)
            for one in requests.waiting():
                if one.kind not in URGENT:
                    requests.put_back(one.id)

    def draw_maps(self) -> None:
        """Draw the outlines of areas anew where borders have changed; takes seconds."""
        with self._open() as at:
            write_shapes(self._home.desk, at.work.settings)

    def reread(self) -> None:
        """Finish what a crash left half done, read the policies in force, plan what they ask for, settle what was lost,
        and tell how things stand."""
        with self._open() as at:
            verify(at.work)
            if at.work.store.is_unfinished():
                at.work.store.reconcile(now=at.now, agencies=list(at.work.settings.agencies.values()))
            self._policies, self._wrong = _policies(at.work)
            if not self._wrong:
                plan_runs(at.work, self._policies, now=at.now)
            self._settle_lost(at)
            tell_home(at.work, now=at.now)
            self._tell(at)

    def tick(self) -> None:
        """Carry out what is asked at once, look after the child, begin the next one, publish what is due."""
        with self._open() as at:
            asked = carry_out(at.work, at.desk, now=at.now)
            self._look_after(at)
            if self._running is None and not is_held(self._home.work_lock):
                self._begin_next(at)
            published = self._publish(at)
            self._tell(at)
        if asked or published:
            self.reread()

    def publish(self) -> None:
        """Publish what is due: called at the minute of each sealed release."""
        with self._open() as at:
            self._publish(at)

    def publications(self) -> Sequence[tuple[str, str]]:
        """Every sealed release that waits, and when it is to be published."""
        with self._open() as at:
            return [(r.release, r.publish_at) for r in at.work.store.records() if r.state == "sealed"]

    def is_idle(self) -> bool:
        """Whether nothing runs and nothing that could be begun waits."""
        with self._open() as at:
            waiting = [r for r in Requests(at.desk).waiting() if not self._is_paused(at, r)]
            return self._running is None and not waiting and not self._startable(at)

    def stop(self) -> None:
        """End the child; what it was charged stays charged."""
        if self._running is not None:
            self._running.child.stop()
            with self._open() as at:
                self._end(at, self._running, "the scheduler was stopped")

    def _settle_lost(self, at: Open) -> None:
        if self._running is not None or is_held(self._home.work_lock):
            return
        for row in RunTable(at.work.db).open():
            if row.state is not RunState.PLANNED:
                settle(at.work, row, now=at.now, detail=_LOST)

    def _look_after(self, at: Open) -> None:
        running = self._running
        if running is None:
            return
        if running.child.poll() is not None:
            self._end(at, running, running.child.words() or _LOST)
        elif running.is_over(at.now):
            running.child.stop()
            minutes = running.limit // timedelta(minutes=1)
            self._end(at, running, f"stopped after {minutes} minutes (publisher.toml, limits.run_minutes)")
        elif isinstance(running.subject, RunRow):
            self._follow(at, running, running.subject)
        elif EVERYTHING in Pauses(at.work.db).all():
            running.child.stop()
            self._end(at, running, "stopped: everything is paused")

    def _follow(self, at: Open, running: Running, row: RunRow) -> None:
        """See whether a run is charged.  One that is not is stopped by a pause; one that is would lose its charge."""
        runs = RunTable(at.work.db)
        row = runs.get(row)
        charges = sum(r["run_key"] == row.key for r in at.work.ledger.rows())
        if row.state is RunState.STARTED and charges > running.charges:
            row = runs.move(row, RunState.CHARGED)
        if row.state is RunState.STARTED and Pauses(at.work.db).holds(row.policy):
            running.child.stop()
            self._end(at, running, "stopped before anything was charged: paused")

    def _end(self, at: Open, running: Running, words: str) -> None:
        self._running = None
        if isinstance(running.subject, RunRow):
            settle(at.work, running.subject, now=at.now, detail=words)
            return
        requests = Requests(at.desk)
        if not requests.get(running.subject).ended_at:
            requests.set(running.subject, Stand.FAILED, at=utc(at.now), note=words)

    def _begin_next(self, at: Open) -> None:
        """Runs first, then what officers wait for."""
        for row in self._startable(at):
            RunTable(at.work.db).move(row, RunState.STARTED, started_at=utc(at.now), ended_at="")
            charges = sum(r["run_key"] == row.key for r in at.work.ledger.rows())
            self._begin(at, row, run_command(row), charges)
            return
        for request in Requests(at.desk).waiting():
            if request.kind not in URGENT and not self._is_paused(at, request) and Requests(at.desk).take(request.id):
                self._begin(at, request.id, ["desk", request.kind.value, str(request.id)], 0)
                return

    def _begin(self, at: Open, subject: RunRow | int, command: Sequence[str], charges: int) -> None:
        limit = timedelta(minutes=at.work.settings.run_minutes)
        self._running = Running(subject, self._launch(command), at.now, limit, charges)

    def _startable(self, at: Open) -> list[RunRow]:
        runs, pauses = RunTable(at.work.db), Pauses(at.work.db)
        paused = {r.policy for r in runs.open() if pauses.holds(r.policy)}
        return startable(runs, paused, now=at.now)

    def _is_paused(self, at: Open, request: Request) -> bool:
        return request.kind not in URGENT and EVERYTHING in Pauses(at.work.db).all()

    def fail(self, error: Exception) -> None:
        """Tell why nothing goes on; the heartbeat tells that this process lives."""
        write_status(self._home.desk, "scheduler", {"beat": utc(self._clock()), "trouble": [told(error)]})

    def _publish(self, at: Open) -> list[Outcome]:
        """Outcomes; publishing looks at everything that is sealed, so that it is left out where nothing is due."""
        paused = Pauses(at.work.db).all()
        due = [r for r in at.work.store.due(at.now) if {EVERYTHING, r.policy}.isdisjoint(paused)]
        if not due:
            self._trouble = ()
            return []
        verify(at.work)
        outcomes = list(publish_due(at.work, now=at.now))
        self._trouble = tuple(f"{o.subject}: {o.error}" for o in outcomes if o.error)
        for row, record in ((r, c) for r in RunTable(at.work.db).rows() for c in at.work.store.records()):
            if row.key == record.release and row.state is RunState.SEALED and record.published_at:
                RunTable(at.work.db).move(row, RunState.PUBLISHED)
        return [o for o in outcomes if not o.error]

    def _tell(self, at: Open) -> None:
        tell_status(
            at.work, self._home.desk, self._policies, begun=self._begun, running=self._running,
            trouble=[*self._trouble, *self._wrong], now=at.now,
        )  # fmt: skip


def _policies(work: Workspace) -> tuple[list[Policy], list[str]]:
    """The policies in force, and why there are none where one of them is not the one approved."""
    try:
        return [p.policy for p in active_policies(work.home, work.log)], []
    except PublisherError as error:
        return [], [told(error)]


def run_command(row: RunRow) -> list[str]:
    """The arguments that make a run's release, or give it back where it is sealed."""
    flags = [*(["--revise"] if row.version > 1 else []), *(["--again"] if row.again else [])]
    reason = ["--reason", row.reason] if flags else []
    return ["run", row.policy, "--period", row.period, *flags, *reason, "--version", str(row.version)]
