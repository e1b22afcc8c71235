"""A kill between any two steps of what the scheduler process does: the next process, or the next look, goes on."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
from apscheduler.schedulers.base import BaseScheduler
from click.testing import CliRunner
from test_scheduler import (
    AT,
    MONTHLY,
    Children,
    Clock,
    Pretended,
    answered,
    approve,
    ask,
    idle,
    monthly_home,
    proposed,
    state_of,
)

from publisher.activation import active_policies
from publisher.cli.main import publisher
from publisher.desk.accounts import Accounts
from publisher.desk.proposals import Proposals
from publisher.desk.requests import Kind, Request, Requests, Stand
from publisher.desk.status import read_status
from publisher.home import Home
from publisher.locks import is_held, locked
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.policy.proposals import Role, State
from publisher.preparation import RunRequest
from publisher.scheduler.conductor import Conductor
from publisher.scheduler.orders import carry_out
from publisher.scheduler.pauses import Pauses
from publisher.scheduler.process import arrange
from publisher.scheduler.publish import publish_due, run_due
from publisher.scheduler.runs import RunState, RunTable
from publisher.sealed import ReleaseRecord
from publisher.store import ReleaseStore
from publisher.workspace import open_workspace

NOW = datetime(2022, 2, 20, 12, tzinfo=UTC)
LATER = datetime(2022, 5, 20, 12, tzinfo=UTC)
JANUARY = f"{MONTHLY}.2022M01.v1"


class Killed(BaseException):
    """The process ended here."""


def killed(*_: object, **__: object) -> None:
    raise Killed


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return monthly_home(tmp_path, day=15, year=2022)


@pytest.fixture
def public(home: Home) -> Home:
    """A home with one public release."""
    with open_workspace(home, exclusive=True) as work:
        run_release(work, RunRequest(MONTHLY, Period.parse("2022M01")), now=NOW)
        assert [o.error for o in publish_due(work, now=NOW)] == [""]
    return home


def test_a_withdrawal_that_was_cut_off_is_finished_though_nothing_is_due(
    public: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(NOW)
    ask(public, Kind.WITHDRAW, JANUARY, reason="a wrong column")
    with monkeypatch.context() as cut:
        cut.setattr(ReleaseStore, "_reconcile", killed)
        with pytest.raises(Killed):
            Conductor(public, clock=clock, launch=idle()).tick()
    assert (public.public / "releases" / JANUARY).exists()
    again = Conductor(public, clock=clock, launch=idle(code=None))
    again.recover(), again.tick(), again.reread()
    assert not (public.public / "releases" / JANUARY).exists()
    live = public.public / "catalogues" / (public.public / "current").read_text().strip()
    assert '"status":"withdrawn"' in (live / "catalogue.json").read_text().replace(" ", "")


def test_nothing_is_sealed_between_finding_what_holds_withdrawn_cells_and_withdrawing_it(
    public: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, seen = ReleaseStore.containing, []

    def look(store: ReleaseStore, release: str) -> list[ReleaseRecord]:
        seen.append(is_held(public.store_lock))
        return honest(store, release)

    request = ask(public, Kind.WITHDRAW, JANUARY)
    monkeypatch.setattr(ReleaseStore, "containing", look)
    Conductor(public, clock=Clock(NOW), launch=idle()).tick()
    assert answered(public, request).stand is Stand.DONE
    assert seen[0]


def test_a_release_is_withdrawn_by_hand_while_a_run_works(public: Home) -> None:
    with open_workspace(public, exclusive=True):
        said = CliRunner().invoke(publisher, [
            "release", "withdraw", JANUARY, "--reason", "a wrong column", "--home", str(public.root),
        ])  # fmt: skip
    assert (said.exit_code, said.output) == (0, f"{JANUARY} is withdrawn\n")


def test_what_another_process_took_and_was_killed_over_is_carried_out_by_the_scheduler_that_lives(home: Home) -> None:
    conductor = Conductor(home, clock=Clock(NOW), launch=idle(code=None))
    conductor.recover(), conductor.reread()
    first = ask(home, Kind.PAUSE_ALL, "")
    with home.desk.open() as db:
        assert Requests(db).take(first.id)  # by a command that was killed then
    assert ask(home, Kind.PAUSE_ALL, "", reason="it still runs!").id == first.id
    conductor.tick()
    assert answered(home, first).stand is Stand.DONE
    with open_workspace(home, exclusive=False) as work:
        assert Pauses(work.db).holds(MONTHLY)


@pytest.mark.parametrize("where", ["publisher.activation.write_atomically", "publisher.scheduler.orders.Requests.set"])
def test_an_activation_that_was_cut_off_is_finished(home: Home, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    number, digest = proposed(home)
    request = approve(home, number, digest)
    conductor = Conductor(home, clock=Clock(NOW), launch=idle(code=None))
    ended = Requests.set

    def cut(requests: Requests, number: int, stand: Stand, *said: str, **more: str) -> None:
        ended(requests, number, stand, *said, **more) if stand is Stand.RUNNING else killed()

    with monkeypatch.context() as now:
        now.setattr(where, cut if where.endswith("set") else killed)
        with pytest.raises(Killed):
            conductor.tick()
    conductor.tick()
    assert (answered(home, request).stand, answered(home, request).note) == (Stand.DONE, f"{MONTHLY} is in force")
    assert state_of(home, number) is State.ACTIVE
    with open_workspace(home, exclusive=False) as work:
        assert [p.policy.digest for p in active_policies(home, work.log)] == [digest]


def test_a_policy_taken_out_of_force_by_a_process_that_was_lost_is_retired_on_the_desk_too(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, digest = proposed(home)
    approve(home, number, digest)
    conductor = Conductor(home, clock=Clock(NOW), launch=idle(code=None))
    conductor.tick()
    request = ask(home, Kind.RETIRE, MONTHLY)
    with monkeypatch.context() as now:
        now.setattr("publisher.activation.sync_folder", killed)
        with pytest.raises(Killed):
            conductor.tick()
    conductor.tick()
    assert answered(home, request).stand is Stand.DONE
    assert state_of(home, number) is State.RETIRED


def revision(home: Home) -> Request:
    """An approver's wish for a second version of January."""
    return ask(home, Kind.RUN, MONTHLY, reason="late records", period="2022M01", revise="yes")


def test_a_planned_revision_that_somebody_made_by_hand_meanwhile_is_not_made_again(public: Home) -> None:
    again = RunRequest(MONTHLY, Period.parse("2022M01"), revise=True, reason="late records")
    children = as_told(public)
    conductor = Conductor(public, clock=Clock(NOW), launch=children)
    conductor.reread()
    with open_workspace(public, exclusive=True) as work:  # while it works, the wish is planned
        request = revision(public)
        conductor.tick()
        assert answered(public, request).stand is Stand.DONE
        run_release(work, again, now=NOW)
    conductor.tick(), conductor.tick()
    assert children.begun
    with open_workspace(public, exclusive=False) as work:
        assert [r.release for r in work.store.records()] == [JANUARY, f"{MONTHLY}.2022M01.v2"]
        assert [r.state for r in RunTable(work.db).rows() if r.version == 2] == [RunState.PUBLISHED]


def test_a_pass_by_hand_makes_the_revision_that_was_planned(public: Home) -> None:
    revision(public)
    with open_workspace(public, exclusive=True) as work, public.desk.open() as desk:
        carry_out(work, desk, now=NOW)
        done = [(o.subject, o.error) for o in run_due(work, now=NOW) if o.action == "run"]
    assert done == [(f"{MONTHLY}.2022M01.v2", "")]


def as_told(home: Home) -> Children:
    """Children that run the command that they are given, in this process."""

    def make(arguments: Sequence[str]) -> Pretended:
        said = CliRunner().invoke(publisher, [*arguments, "--home", str(home.root)])
        return Pretended(code=said.exit_code, said=str(said.exception or ""))

    return Children(make)


def test_a_pause_that_comes_while_releases_are_published_holds_for_the_next_one(
    public: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_workspace(public, exclusive=True) as work:
        for code in ("2022M02", "2022M03"):
            run_release(work, RunRequest(MONTHLY, Period.parse(code)), now=LATER)
        honest = ReleaseStore.publish

        def publish(store: ReleaseStore, *given: str, **named: object) -> None:
            honest(store, *given, **named)  # type: ignore[arg-type]
            Pauses(work.db).pause("", by="bo", at="2022-05-20T12:00:00Z", reason="stop")

        monkeypatch.setattr(ReleaseStore, "publish", publish)
        assert [o.subject for o in publish_due(work, now=LATER)] == [f"{MONTHLY}.2022M02.v1"]


def test_what_an_approver_approved_who_is_none_any_more_goes_back_to_its_authors(home: Home) -> None:
    number, digest = proposed(home)
    request = approve(home, number, digest)
    with home.desk.open() as db:
        Accounts(db).close("bo", by="cli", at=AT, reason="he has left")
    Conductor(home, clock=Clock(NOW), launch=idle(code=None)).tick()
    assert answered(home, request).stand is Stand.REFUSED
    assert state_of(home, number) is State.DRAFT


def test_what_is_asked_by_somebody_who_may_is_not_lost_behind_the_same_of_somebody_who_may_not(home: Home) -> None:
    ask(home, Kind.PAUSE_ALL, "", by="nobody")
    good = ask(home, Kind.PAUSE_ALL, "")
    Conductor(home, clock=Clock(NOW), launch=idle(code=None)).tick()
    assert (good.by, answered(home, good).stand) == ("bo", Stand.DONE)


def test_whoever_only_looks_whether_somebody_works_hinders_nobody(home: Home) -> None:
    looking, seen = Event(), Event()

    def look() -> None:
        with locked(home.work_lock, refusal="held"):  # as is_held does for a moment
            looking.set()
            seen.wait(0.3)

    looker = Thread(target=look)
    looker.start()
    looking.wait()
    with open_workspace(home, exclusive=True):
        pass
    looker.join()


def test_what_waits_for_an_approver_who_has_left_goes_back_when_another_asks_for_it(home: Home) -> None:
    number, digest = proposed(home)
    with home.desk.open() as db:  # the site was killed before it could ask
        base = Proposals(db).get(number).base
        Proposals(db).approve(number, digest=digest, active=base, by="bo", role=Role.APPROVER, at=AT)
        Accounts(db).add("eva", role="approver", password="seven green lanterns", by="cli", at=AT)
    conductor = Conductor(home, clock=Clock(NOW), launch=idle(code=None))
    early = ask(home, Kind.ACTIVATE, str(number), by="eva", digest=digest)
    conductor.tick()
    assert answered(home, early).stand is Stand.REFUSED
    assert state_of(home, number) is State.APPROVED
    with home.desk.open() as db:
        Accounts(db).close("bo", by="cli", at=AT, reason="he has left")
    ask(home, Kind.ACTIVATE, str(number), by="eva", digest=digest)
    conductor.tick()
    assert state_of(home, number) is State.DRAFT


def test_a_fault_of_ours_is_told_on_the_desk_too(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Conductor) -> None:
        raise OSError(28, "no space left, near row 19121212")

    jobs: dict[str, Callable[[], None]] = {}

    class Kept(BaseScheduler):
        def shutdown(self, wait: bool = True) -> None:
            """Nothing was begun."""

        def wakeup(self) -> None:
            """Nothing sleeps."""

        def add_job(self, func: Callable[[], None], *_: object, **more: str) -> None:  # type: ignore[override]
            jobs[more["id"]] = func

    monkeypatch.setattr(Conductor, "tick", broken)
    arrange(Kept(), Conductor(home, clock=Clock(NOW), launch=idle()))
    with pytest.raises(OSError, match="no space"):
        jobs["tick"]()
    assert read_status(home.desk, "scheduler")["trouble"] == ["OSError"]
