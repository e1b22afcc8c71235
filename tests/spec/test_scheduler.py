"""The scheduler process with a clock that tests move: never twice, never early, nothing skipped in silence (P5)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction
from pathlib import Path

import pytest
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.base import BaseScheduler
from click.testing import CliRunner
from homes import ROOT, make_cases, make_home, put_in_force

from publisher.cli.running import run
from publisher.desk.accounts import Accounts
from publisher.desk.proposals import Proposals
from publisher.desk.requests import Kind, Request, Requests, Stand
from publisher.desk.status import read_status
from publisher.errors import RunError
from publisher.home import Home
from publisher.ledger import Account, Intent
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.policy.loader import load_policy
from publisher.policy.proposals import Action, Role, State
from publisher.preparation import RunRequest
from publisher.scheduler.conductor import Conductor
from publisher.scheduler.due import due_runs
from publisher.scheduler.process import SETTINGS, arrange, only_one
from publisher.scheduler.runs import RunRow, RunState, RunTable
from publisher.workspace import open_workspace

MONTHLY = "fk-sjukfall-manad"
AT = "2024-01-01T00:00:00Z"


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Pretended:
    """A child that does its run in this process, or only pretends to work."""

    code: int | None = 0
    said: str = ""
    stopped: bool = False

    def poll(self) -> int | None:
        return self.code

    def stop(self) -> None:
        self.stopped, self.code = True, -15

    def words(self) -> str:
        return self.said


@dataclass
class Children:
    """Starts children and remembers them; `makes` says what each is to be."""

    makes: Callable[[Sequence[str]], Pretended]
    begun: list[tuple[list[str], Pretended]] = field(default_factory=list)

    def __call__(self, arguments: Sequence[str]) -> Pretended:
        child = self.makes(arguments)
        self.begun.append((list(arguments), child))
        return child


def working(home: Home, clock: Clock) -> Children:
    """Children that really run, at once."""

    def make(arguments: Sequence[str]) -> Pretended:
        with open_workspace(home, exclusive=True) as work:
            run_release(work, RunRequest(arguments[1], Period.parse(arguments[3])), now=clock())
        return Pretended()

    return Children(make)


def idle(**shape: object) -> Children:
    """Children that only pretend."""
    return Children(lambda _arguments: Pretended(**shape))  # type: ignore[arg-type]


def monthly_home(root: Path, *, day: int, year: int) -> Home:
    """A home with one policy, run on a day of each month; cases of two years."""
    home = make_home(root / "home", make_cases(persons=60, years=(year - 1, year)), policies=())
    text = (ROOT / "policies" / f"{MONTHLY}.yaml").read_text(encoding="utf-8")
    text = text.replace("areas: [riket, lan, area_type]", "areas: [riket, lan]")
    assert "day: 15" in text
    file = root / f"{MONTHLY}.yaml"
    file.write_text(text.replace("day: 15", f"day: {day}"), encoding="utf-8")
    put_in_force(home, [file], at=f"{year}-02-01T00:00:00Z")
    return home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return monthly_home(tmp_path, day=15, year=2022)


class Simulated(BaseScheduler):
    """APScheduler without threads: a test moves its clock from one wake-up to the next."""

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)

    def wakeup(self) -> None:
        """Nothing sleeps here."""

    def run_until(self, end: datetime, clock: Clock) -> None:
        while (wait := self._process_jobs()) is not None and clock.now < end:
            clock.move(seconds=max(wait, 1e-3))


@pytest.fixture
def simulate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Conductor, Clock], Simulated]]:
    begun: list[Simulated] = []

    def begin(conductor: Conductor, clock: Clock) -> Simulated:
        class Told(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return clock.now.astimezone(tz)

        for module in ("schedulers.base", "triggers.interval"):
            monkeypatch.setattr(f"apscheduler.{module}.datetime", Told)
        scheduler = Simulated(timezone=UTC, executors={"default": DebugExecutor()}, job_defaults=SETTINGS)
        arrange(scheduler, conductor, tick=timedelta(minutes=10), reread=timedelta(minutes=30))
        scheduler.start()
        begun.append(scheduler)
        return scheduler

    yield begin
    for one in begun:
        one.shutdown()


def runs(home: Home) -> list[tuple[str, str]]:
    with open_workspace(home, exclusive=False) as work:
        return [(r.period, r.state.value) for r in RunTable(work.db).rows()]


def published(home: Home) -> list[tuple[str, str]]:
    with open_workspace(home, exclusive=False) as work:
        return [(r.period, r.published_at) for r in work.store.records()]


def ask(home: Home, kind: Kind, subject: str, by: str = "bo", reason: str = "a reason", **details: str) -> Request:
    """A request of an approver, who is made where there is none."""
    with home.desk.open() as db:
        for name, role in (("anna", "author"), ("bo", "approver")):
            if Accounts(db).find(name) is None:
                Accounts(db).add(name, role=role, password="seven green lanterns", by="cli", at=AT)
        return Requests(db).ask(kind, subject, by=by, at=AT, reason=reason, details=details)


def answered(home: Home, request: Request) -> Request:
    with home.desk.open() as db:
        return Requests(db).get(request.id)


@pytest.mark.parametrize(
    ("begin", "day", "ran", "shown"),
    [
        (datetime(2018, 3, 24, 12, tzinfo=UTC), 25, "2018-03-25T01:30:00Z", "2018-03-25T06:00:00Z"),
        (datetime(2019, 10, 26, 12, tzinfo=UTC), 27, "2019-10-27T02:30:00Z", "2019-10-27T07:00:00Z"),
    ],
)
def test_two_days_over_the_changes_of_summer_time_make_one_run_and_one_publication_at_eight(
    tmp_path: Path, simulate: Callable[[Conductor, Clock], Simulated], begin: datetime, day: int, ran: str, shown: str
) -> None:
    home, clock = monthly_home(tmp_path, day=day, year=begin.year), Clock(begin)
    with open_workspace(home, exclusive=True) as work:  # the month before is done
        before = Period.containing(begin.date(), "month").before.before
        run_release(work, RunRequest(MONTHLY, before), now=clock())
    children = working(home, clock)
    conductor = Conductor(home, clock=clock, launch=children)
    simulate(conductor, clock).run_until(begin + timedelta(hours=48), clock)
    period = Period.containing(begin.date(), "month").before.code
    assert [c[0][3] for c in children.begun] == [period]
    assert published(home)[1] == (period, shown)
    with open_workspace(home, exclusive=False) as work:
        row = next(r for r in RunTable(work.db).rows() if r.period == period)
    assert (row.planned_at, row.state) == (ran, RunState.PUBLISHED)
    assert ran <= row.started_at <= ran.replace(":30:", ":50:")


def test_slots_that_passed_unseen_are_caught_up_once_and_the_others_are_said_to_be_skipped(home: Home) -> None:
    clock = Clock(datetime(2022, 2, 20, 12, tzinfo=UTC))
    children = working(home, clock)
    conductor = Conductor(home, clock=clock, launch=children)
    conductor.reread(), conductor.tick(), conductor.tick()
    clock.now = datetime(2022, 6, 20, 12, tzinfo=UTC)
    for _ in range(3):
        conductor.reread(), conductor.tick()
    assert runs(home) == [
        ("2022M01", "published"), ("2022M02", "skipped"), ("2022M03", "skipped"), ("2022M04", "skipped"),
        ("2022M05", "published"),
    ]  # fmt: skip
    assert [c[0][3] for c in children.begun] == ["2022M01", "2022M05"]
    with open_workspace(home, exclusive=False) as work:
        skipped = [r["subject"] for r in work.db.table("log").rows if r["action"] == "skip"]
    assert skipped == [f"{MONTHLY}.2022M0{m}.v1" for m in (2, 3, 4)]


def test_what_fails_is_not_tried_again_by_itself_but_when_an_officer_asks(home: Home) -> None:
    clock = Clock(datetime(2022, 2, 20, 12, tzinfo=UTC))
    children = idle(code=1, said="no records of that month")
    conductor = Conductor(home, clock=clock, launch=children)
    for _ in range(4):
        conductor.reread(), conductor.tick()
    assert runs(home) == [("2022M01", "failed")]
    assert len(children.begun) == 1
    request = ask(home, Kind.RUN, MONTHLY, period="2022M01")
    conductor.tick()
    assert answered(home, request).note == f"{MONTHLY}.2022M01.v1 is planned"
    conductor.tick()
    assert len(children.begun) == 2
    assert read_status(home.desk, "runs")["runs"][0]["period"] == "2022M01"


def test_a_process_that_was_lost_is_settled_by_what_it_left(home: Home) -> None:
    clock = Clock(datetime(2022, 2, 20, 12, tzinfo=UTC))
    Conductor(home, clock=clock, launch=idle(code=None)).reread()
    lost = Conductor(home, clock=clock, launch=idle(code=None))
    lost.tick()
    assert runs(home) == [("2022M01", "started")]
    again = Conductor(home, clock=clock, launch=idle(code=None))
    again.recover(), again.reread()
    assert runs(home) == [("2022M01", "failed")]

    clock.now = datetime(2022, 3, 20, 12, tzinfo=UTC)
    lost = Conductor(home, clock=clock, launch=idle(code=None))
    lost.reread(), lost.tick()
    with open_workspace(home, exclusive=True) as work:
        again.reread()  # while somebody works it is not settled
        assert runs(home)[1] == ("2022M02", "started")
        run_release(work, RunRequest(MONTHLY, Period.parse("2022M02")), now=clock())
    again.reread()
    assert runs(home)[1][0] == "2022M02"
    assert runs(home)[1][1] in ("sealed", "published")


def test_nothing_is_published_a_second_early_and_everything_at_its_second(home: Home) -> None:
    clock = Clock(datetime(2022, 2, 15, 3, 0, tzinfo=UTC))
    conductor = Conductor(home, clock=clock, launch=working(home, clock))
    conductor.reread(), conductor.tick(), conductor.tick()
    assert runs(home) == [("2022M01", "sealed")]
    assert conductor.publications() == [(f"{MONTHLY}.2022M01.v1", "2022-02-15T07:00:00Z")]
    clock.now = datetime(2022, 2, 15, 6, 59, 59, tzinfo=UTC)
    conductor.publish(), conductor.tick()
    assert published(home) == [("2022M01", "")]
    assert not list((home.public / "releases").iterdir())
    clock.move(seconds=1)
    conductor.publish()
    assert published(home) == [("2022M01", "2022-02-15T07:00:00Z")]


def test_a_publication_that_fails_is_told_for_as_long_as_it_is_due(home: Home) -> None:
    clock = Clock(datetime(2022, 2, 15, 3, 0, tzinfo=UTC))
    conductor = Conductor(home, clock=clock, launch=working(home, clock))
    conductor.reread(), conductor.tick(), conductor.tick()
    file = next(p for p in (home.vault / f"{MONTHLY}.2022M01.v1").rglob("*.csv"))
    whole = file.read_bytes()
    file.write_bytes(whole + b"0")
    clock.move(hours=8)
    conductor.tick(), conductor.tick()
    assert "everything: " in read_status(home.desk, "scheduler")["trouble"][0]
    assert published(home) == [("2022M01", "")]
    file.write_bytes(whole)
    conductor.tick(), conductor.tick()
    assert read_status(home.desk, "scheduler")["trouble"] == []
    assert published(home) == [("2022M01", "2022-02-15T11:00:00Z")]


def test_a_second_scheduler_is_refused(home: Home) -> None:
    with only_one(home), pytest.raises(RunError, match="another scheduler process"), only_one(home):
        raise AssertionError


@pytest.mark.parametrize(("kind", "subject"), [(Kind.PAUSE, MONTHLY), (Kind.PAUSE_ALL, "")])
def test_what_is_paused_is_neither_begun_nor_published_until_it_goes_on(home: Home, kind: Kind, subject: str) -> None:
    clock = Clock(datetime(2022, 2, 15, 3, 0, tzinfo=UTC))
    children = working(home, clock)
    conductor = Conductor(home, clock=clock, launch=children)
    ask(home, kind, subject)
    for _ in range(2):
        conductor.reread(), conductor.tick()
    assert not children.begun
    ends = {Kind.PAUSE: Kind.RESUME, Kind.PAUSE_ALL: Kind.RESUME_ALL}[kind]
    ask(home, ends, subject)
    conductor.tick(), conductor.tick()
    assert runs(home) == [("2022M01", "sealed")]
    ask(home, kind, subject, reason="another reason")
    conductor.tick()
    clock.move(hours=8)
    conductor.tick(), conductor.publish()
    assert published(home) == [("2022M01", "")]
    ask(home, ends, subject, reason="another reason")
    conductor.tick()
    assert published(home) == [("2022M01", "2022-02-15T11:00:00Z")]


def test_what_is_planned_for_later_is_not_begun_before(home: Home) -> None:
    """A clock that was set back finds what it has planned already."""
    clock = Clock(datetime(2022, 2, 15, 2, 29, tzinfo=UTC))
    children = idle()
    conductor = Conductor(home, clock=clock, launch=children)
    with open_workspace(home, exclusive=False) as work:
        planned = RunRow(MONTHLY, "2022M01", 1, RunState.PLANNED, "2022-02-15T02:30:00Z")
        RunTable(work.db).add(planned)
    conductor.tick()
    assert not children.begun
    clock.move(minutes=1)
    conductor.tick()
    assert len(children.begun) == 1


def test_nothing_is_run_by_hand_while_it_is_paused(home: Home) -> None:
    ask(home, Kind.PAUSE_ALL, "")
    Conductor(home, clock=Clock(datetime(2022, 2, 15, 3, tzinfo=UTC)), launch=idle()).tick()
    done = CliRunner().invoke(run, [MONTHLY, "--period", "2022M01", "--home", str(home.root)])
    assert "is paused" in str(done.exception)


def test_a_pause_stops_a_run_that_is_not_charged_and_lets_one_end_that_is(home: Home) -> None:
    clock = Clock(datetime(2022, 2, 20, 12, tzinfo=UTC))
    children = idle(code=None)
    conductor = Conductor(home, clock=clock, launch=children)
    conductor.reread(), conductor.tick()
    ask(home, Kind.PAUSE, MONTHLY)
    conductor.tick()
    assert children.begun[0][1].stopped
    assert runs(home) == [("2022M01", "failed")]

    ask(home, Kind.RESUME, MONTHLY)
    ask(home, Kind.RUN, MONTHLY, period="2022M01")
    conductor.tick(), conductor.tick()
    with open_workspace(home, exclusive=True) as work:
        account, key = Account("forsakringskassan", 2022), f"{MONTHLY}.2022M01.v1"
        cap = Fraction(1, 8)
        intent = Intent(account=account, run_key=key, parts={"t/m": 5}, cap=cap, reason="", again=False)
        work.ledger.charge(intent, at=AT)
    conductor.tick()
    ask(home, Kind.PAUSE, MONTHLY, reason="another reason")
    conductor.tick()
    assert not children.begun[1][1].stopped
    assert runs(home) == [("2022M01", "charged")]


def test_a_child_that_takes_too_long_is_stopped_and_said_to_be(home: Home) -> None:
    clock = Clock(datetime(2022, 2, 20, 12, tzinfo=UTC))
    children = idle(code=None)
    conductor = Conductor(home, clock=clock, launch=children)
    conductor.reread(), conductor.tick()
    clock.move(minutes=119)
    conductor.tick()
    assert not children.begun[0][1].stopped
    clock.move(minutes=2)
    conductor.tick()
    assert children.begun[0][1].stopped
    assert "stopped after 120 minutes" in read_after(conductor, home)["detail"]


def read_after(conductor: Conductor, home: Home) -> dict[str, str]:
    conductor.reread()
    shown: dict[str, str] = read_status(home.desk, "runs")["runs"][0]
    return shown


def proposed(home: Home, *, rho: str = "0.002") -> tuple[int, str]:
    """A rehearsed proposal of anna's: its number and digest."""
    text = (home.active / f"{MONTHLY}.yaml").read_text(encoding="utf-8").replace('rho: "0.003"', f'rho: "{rho}"')
    base = load_policy(home.active / f"{MONTHLY}.yaml").policy.digest
    ask(home, Kind.PAUSE, MONTHLY)  # makes the accounts
    with home.desk.open() as db:
        proposals = Proposals(db)
        made = proposals.begin(MONTHLY, text, base=base, by="anna", at=AT)
        proposals.act(made.id, Action.SUBMIT, by="anna", role=Role.AUTHOR, at=AT)
        proposals.carried(made.id, Action.FINISH_REHEARSAL, digest=made.digest, at=AT)
        return made.id, made.digest


def approve(home: Home, number: int, digest: str) -> Request:
    with home.desk.open() as db:
        base = Proposals(db).get(number).base
        Proposals(db).approve(number, digest=digest, active=base, by="bo", role=Role.APPROVER, at=AT)
    return ask(home, Kind.ACTIVATE, str(number), digest=digest)


def state_of(home: Home, number: int) -> State:
    with home.desk.open() as db:
        return Proposals(db).get(number).state


def test_an_approved_proposal_is_put_in_force_and_what_was_in_force_retires(home: Home) -> None:
    conductor = Conductor(home, clock=Clock(datetime(2022, 2, 10, tzinfo=UTC)), launch=idle())
    first, digest = proposed(home)
    request = approve(home, first, digest)
    conductor.tick()
    assert answered(home, request).stand is Stand.DONE
    assert state_of(home, first) is State.ACTIVE
    assert load_policy(home.active / f"{MONTHLY}.yaml").policy.digest == digest
    second, digest = proposed(home, rho="0.001")
    approve(home, second, digest)
    conductor.tick()
    assert (state_of(home, first), state_of(home, second)) == (State.RETIRED, State.ACTIVE)
    with open_workspace(home, exclusive=False) as work:
        assert work.log.last("approve", MONTHLY)["actor"] == "bo"


def test_what_was_begun_from_another_version_than_the_one_in_force_is_refused(home: Home) -> None:
    conductor = Conductor(home, clock=Clock(datetime(2022, 2, 10, tzinfo=UTC)), launch=idle())
    (first, one), (second, other) = proposed(home), proposed(home, rho="0.001")
    approve(home, first, one)
    late = approve(home, second, other)  # approved in the same moment, before the first is taken up
    conductor.tick()
    assert answered(home, late).stand is Stand.REFUSED
    assert "came into force since" in answered(home, late).note
    assert state_of(home, second) is State.DRAFT
    assert load_policy(home.active / f"{MONTHLY}.yaml").policy.digest == one


@pytest.mark.parametrize("kind", [Kind.ACTIVATE, Kind.WITHDRAW, Kind.RETIRE, Kind.RUN, Kind.PAUSE, Kind.RESUME_ALL])
def test_the_process_asks_again_who_may_ask(home: Home, kind: Kind) -> None:
    number, digest = proposed(home)
    with home.desk.open() as db:
        db.conn.execute("UPDATE proposals SET state = 'approved', approver = 'bo'")
    with home.desk.open() as db:
        Accounts(db).add("cleo", role="approver", password="seven green lanterns", by="cli", at=AT)
        Accounts(db).close("cleo", by="cli", at=AT, reason="she has left")
    asked = [ask(home, kind, str(number), by=name, digest=digest) for name in ("anna", "nobody", "cleo")]
    Conductor(home, clock=Clock(datetime(2022, 2, 10, tzinfo=UTC)), launch=idle()).tick()
    for request in asked:
        assert answered(home, request).stand is Stand.REFUSED
        assert "may not" in answered(home, request).note


def test_an_approver_written_into_the_database_who_is_an_editor_is_refused(home: Home) -> None:
    number, digest = proposed(home)
    with home.desk.open() as db:
        db.conn.execute("UPDATE proposals SET state = 'approved', approver = 'bo'")
        db.conn.execute("UPDATE versions SET by = 'bo'")
    request = ask(home, Kind.ACTIVATE, str(number), digest=digest)
    Conductor(home, clock=Clock(datetime(2022, 2, 10, tzinfo=UTC)), launch=idle()).tick()
    assert answered(home, request).stand is not Stand.DONE
    assert load_policy(home.active / f"{MONTHLY}.yaml").policy.digest != digest


def test_a_withdrawal_takes_the_release_and_those_that_hold_its_cells(home: Home) -> None:
    clock = Clock(datetime(2022, 2, 20, 12, tzinfo=UTC))
    conductor = Conductor(home, clock=clock, launch=working(home, clock))
    conductor.reread(), conductor.tick(), conductor.tick()
    clock.now = datetime(2022, 3, 20, 12, tzinfo=UTC)
    conductor.reread(), conductor.tick(), conductor.tick()
    request = ask(home, Kind.WITHDRAW, f"{MONTHLY}.2022M01.v1", reason="a wrong column")
    conductor.tick()
    assert answered(home, request).note == f"{MONTHLY}.2022M01.v1, {MONTHLY}.2022M02.v1 are withdrawn"
    with open_workspace(home, exclusive=False) as work:
        assert {(r.state, r.reason) for r in work.store.records()} == {("withdrawn", "a wrong column")}


def test_a_policy_out_of_force_is_not_run(home: Home) -> None:
    clock = Clock(datetime(2022, 2, 10, 12, tzinfo=UTC))
    children = idle()
    conductor = Conductor(home, clock=clock, launch=children)
    request = ask(home, Kind.RETIRE, MONTHLY)
    conductor.tick()
    assert answered(home, request).stand is Stand.DONE
    clock.move(days=10)
    conductor.reread(), conductor.tick()
    assert not children.begun


def test_a_withdrawal_while_a_run_of_its_policy_works_stops_the_seal(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(datetime(2022, 3, 20, 12, tzinfo=UTC))
    with open_workspace(home, exclusive=True) as work:
        run_release(work, RunRequest(MONTHLY, Period.parse("2022M01")), now=clock())
        conductor = Conductor(home, clock=clock, launch=idle())
        from publisher import pipeline

        honest = pipeline.audit_draft

        def meanwhile(*given: object, **named: object) -> object:
            ask(home, Kind.WITHDRAW, f"{MONTHLY}.2022M01.v1")
            conductor.tick()
            return honest(*given, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(pipeline, "audit_draft", meanwhile)
        with pytest.raises(RunError, match="was withdrawn meanwhile"):
            run_release(work, RunRequest(MONTHLY, Period.parse("2022M02")), now=clock())
        assert [r.release for r in work.store.records()] == [f"{MONTHLY}.2022M01.v1"]


def test_a_run_waits_for_area_types_of_its_year_and_goes_on_when_they_are_declared(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", make_cases(persons=20), policies=(MONTHLY,))
    clock = Clock(datetime(2023, 2, 20, 12, tzinfo=UTC))
    children = idle()
    conductor = Conductor(home, clock=clock, launch=children)
    conductor.reread(), conductor.tick()
    assert not children.begun
    assert "no area types of 2023" in read_after(conductor, home)["detail"]
    settings = home.settings_file.read_text(encoding="utf-8")
    declared = settings.replace("area_types = {", 'area_types = {2023 = "area_type_2022", ')
    home.settings_file.write_text(declared, encoding="utf-8")
    conductor.reread(), conductor.tick()
    assert not children.begun  # what was approved with other declarations is not run either
    assert "was changed after the approval" in read_status(home.desk, "scheduler")["trouble"][0]
    put_in_force(home, [ROOT / "policies" / f"{MONTHLY}.yaml"])
    conductor.reread(), conductor.tick()
    assert [c[0][3] for c in children.begun] == ["2023M01"]


def test_the_last_slot_is_due_and_those_since_it_came_into_force_were_missed() -> None:
    policy = load_policy(ROOT / "policies" / f"{MONTHLY}.yaml").policy
    now = datetime(2022, 6, 20, 12, tzinfo=UTC)

    def due(known: set[tuple[str, str]], since: str) -> list[tuple[str, str]]:
        rows = due_runs([policy], known, {MONTHLY: since}, now=now)
        return [(r.period, r.state.value) for r in rows]

    late, early = "2022-06-16T00:00:00Z", "2022-04-20T00:00:00Z"
    assert due(set(), late) == [("2022M05", "planned")]
    assert due(set(), early) == [("2022M04", "skipped"), ("2022M05", "planned")]
    assert due({(MONTHLY, "2022M03")}, "2021-01-01T00:00:00Z") == due(set(), early)
    assert due({(MONTHLY, "2022M05")}, early) == []
