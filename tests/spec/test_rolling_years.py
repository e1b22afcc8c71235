"""Rolling years through everything: each is protected, and attacked, together with all sealed ones that share time."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from homes import NOW, ROOT, Case, make_cases, make_home, put_in_force, write_cases

from publisher import pipeline
from publisher.activation import active_policy
from publisher.audit.report import make_report
from publisher.draft import audits
from publisher.draft import suppressed as drafting
from publisher.draft.layers import Common, CountLayer, protect_layers
from publisher.errors import AuditFailedError, ReleaseError, RunError
from publisher.home import Home
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.policy.model import Suppression
from publisher.preparation import Prepared, RunRequest, prepare
from publisher.reaudit import audit_release
from publisher.release.model import CellStatus, Release
from publisher.rolling import sealed_windows
from publisher.scheduler.publish import publish_due
from publisher.slots import last_period
from publisher.suppression.pattern import SuppressionPattern
from publisher.workspace import Workspace, open_workspace

POLICY, TABLE = "fk-familj-bostad", "fk-familj-bostad-regso"
FIRST, SECOND, THIRD = (f"{POLICY}.2022M{m:02d}R12.v1" for m in (6, 7, 8))
Key = tuple[str, tuple[str, ...]]


def rolling_policy(folder: Path, *changes: tuple[str, str]) -> Path:
    """The project's suppressed policy with rolling years, types of one year and no promise on insiders."""
    text = (ROOT / "policies" / f"{POLICY}.yaml").read_text("utf-8")
    window = ("every: year, month: 2", "every: month, window: rolling-year")
    insiders = ("insiders: true", "insiders: false")
    for old, new in (("type_year: same", 'type_year: "2022"'), window, insiders, *changes):
        assert old in text
        text = text.replace(old, new)
    path = folder / f"{POLICY}.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def rows() -> list[Case]:
    return make_cases(persons=500)


@pytest.fixture(scope="module", autouse=True)
def _one_key() -> Iterator[None]:
    weigh = drafting.public_weights
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafting, "public_weights", lambda sizes, *, key: weigh(sizes, key=bytes(len(key))))
        yield


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, rows: Sequence[Case]) -> Home:
    """A home in which the first window is public."""
    folder = tmp_path_factory.mktemp("template")
    home = make_home(folder / "home", rows, policies=[])
    put_in_force(home, [rolling_policy(folder)])
    with open_workspace(home, exclusive=True) as work:
        run(work, "2022M06R12")
        list(publish_due(work, now=NOW))
    return home


@pytest.fixture
def work(template: Home, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template.root, tmp_path / "home")
    with open_workspace(Home(tmp_path / "home"), exclusive=True) as opened:
        yield opened


def run(work: Workspace, period: str, **options: object) -> Release:
    request = RunRequest(POLICY, Period.parse(period), **options)  # type: ignore[arg-type]
    return run_release(work, request, now=NOW).release


def prepared(work: Workspace, period: str) -> Prepared:
    policy = active_policy(work.home, work.log, POLICY, work.settings).policy
    return prepare(work, policy, Period.parse(period))


def withheld(release: Release, period: str) -> set[Key]:
    cells = release.table(TABLE).cells
    return {
        (c.area, c.categories) for c in cells
        if c.period == period and c.measure == "cases" and c.status is CellStatus.SUPPRESSED
    }  # fmt: skip


def test_each_window_is_protected_and_audited_with_those_that_share_time(work: Workspace) -> None:
    second = run(work, "2022M07R12")
    third = run(work, "2022M08R12")
    assert (second.id, third.id) == (SECOND, THIRD)
    assert third.table(TABLE).periods == ("2022M06R12", "2022M07R12", "2022M08R12")
    masks = [withheld(third, p) for p in third.table(TABLE).periods]
    assert masks[0] <= masks[1] <= masks[2]
    report = audit_release(work, THIRD)
    assert report.passed
    assert {FIRST, SECOND} <= set(report.checked_jointly_with)


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search keeps what was withheld, and looks at no other window."""

    def protect(rule: Suppression, count: CountLayer, common: Common, _: object) -> SuppressionPattern:
        return protect_layers(rule, count, {}, common)

    monkeypatch.setattr(drafting, "protect_jointly", protect)


def test_a_window_searched_as_if_there_were_no_other_is_not_sealed(
    work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone(monkeypatch)
    with pytest.raises(AuditFailedError, match=r"can be computed|too narrow"):
        run(work, "2022M07R12")
    assert not (work.home.vault / SECOND).exists()


def test_a_window_that_shows_what_another_withholds_is_not_sealed(
    work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone(monkeypatch)
    monkeypatch.setattr(drafting, "withheld_before", lambda *_: np.zeros(1, dtype=np.bool_))
    with pytest.raises(AuditFailedError, match="withheld in an earlier version is shown"):
        run(work, "2022M07R12")


def test_a_withdrawn_window_still_counts(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    first = withheld(run(work, "2022M06R12"), "2022M06R12")
    work.store.withdraw(FIRST, reason="wrong file", actor="test", now=NOW, agencies=[])
    with monkeypatch.context() as patch:
        alone(patch)
        with pytest.raises(AuditFailedError, match=r"can be computed|too narrow"):
            run(work, "2022M07R12")
    second = run(work, "2022M07R12", again=True, reason="another try")
    assert second.table(TABLE).periods == ("2022M07R12",)
    assert first <= withheld(second, "2022M07R12")
    report = audit_release(work, SECOND)
    assert report.passed
    assert FIRST in report.checked_jointly_with


def test_the_audit_afterwards_finds_a_window_that_was_sealed_without_a_look_at_another(
    work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "sealed_windows", lambda _: ())
        run(work, "2022M07R12")
    found = audit_release(work, SECOND).findings
    assert {f.rule for f in found} >= {"a window was not checked with one that it shares time with"}


def test_the_audit_of_an_earlier_window_asks_what_a_later_one_gives_away(
    work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second was sealed with an audit that saw nothing; the audit of the first has both."""
    with monkeypatch.context() as patch:
        alone(patch)
        patch.setattr(audits, "audit_windows", lambda _: make_report([]))
        run(work, "2022M07R12")
    report = audit_release(work, FIRST)
    assert SECOND in report.checked_jointly_with
    assert not report.passed


def test_windows_that_share_no_day_are_not_joined(work: Workspace) -> None:
    run(work, "2021M06R12")
    assert run(work, "2021M06R12").period == "2021M06R12"
    assert "2021M06R12" not in {w.period.code for w in sealed_windows(prepared(work, "2022M06R12"))}


def test_persons_who_come_back_and_records_that_changed_are_taken_as_known(
    rows: Sequence[Case], tmp_path: Path
) -> None:
    """Of persons a window is less than the sum of its months, and late records are in the new window only."""
    home = make_home(tmp_path / "home", rows, policies=[])
    put_in_force(home, [rolling_policy(tmp_path, ("{id: cases, kind: cases}", "{id: cases, kind: persons}"))])
    with open_workspace(home, exclusive=True) as work:
        run(work, "2021M12R12")
        late = [replace(r, case_id=90_000 + k) for k, r in enumerate(rows) if r.date.year == 2021 and k % 60 == 0]
        write_cases(home.root / "data" / "cases.parquet", [*rows, *late])
        release = run(work, "2022M03R12")
        assert audit_release(work, release.id).passed
        joint = json.loads((home.memory / f"{release.id}.windows.json").read_bytes().partition(b"\n")[2])
        assert all(n > 0 for w in joint["windows"] for *_, n in w["changed"])


def test_a_rolling_year_is_not_revised(work: Workspace) -> None:
    with pytest.raises(RunError, match="a rolling year is not revised"):
        run(work, "2022M06R12", revise=True, reason="late records")


@pytest.mark.parametrize("period", ["2022", "2022M06"])
def test_a_rolling_policy_runs_no_other_period(work: Workspace, period: str) -> None:
    with pytest.raises(RunError, match="is run every rolling-year"):
        run(work, period)


def test_a_calendar_year_of_the_same_records_is_refused(work: Workspace, tmp_path: Path) -> None:
    """Joint protection is of rolling years of one policy only."""
    put_in_force(work.home, [rolling_policy(tmp_path, ("every: month, window: rolling-year", "every: year, month: 2"))])
    with pytest.raises(RunError, match="permanent for a period"):
        run(work, "2022")


def test_a_weaker_promise_does_not_overlap_a_stronger_one(work: Workspace, tmp_path: Path) -> None:
    put_in_force(work.home, [rolling_policy(tmp_path, ("level: ambiguous ", "level: interval "))])
    with pytest.raises(RunError, match="its protection changed"):
        run(work, "2022M07R12")


def test_other_area_types_do_not_overlap(work: Workspace, tmp_path: Path) -> None:
    put_in_force(work.home, [rolling_policy(tmp_path, ('type_year: "2022"', 'type_year: "2021"'))])
    with pytest.raises(RunError, match="has other areas or area types"):
        run(work, "2022M07R12")


def test_a_memory_that_was_changed_or_lost_stops_the_next_window(work: Workspace) -> None:
    path = work.home.memory / f"{FIRST}.windows.json"
    data = path.read_bytes()
    path.write_bytes(data.replace(b"leaves", b"Leaves"))
    with pytest.raises(ReleaseError, match="was changed"):
        run(work, "2022M07R12")
    path.unlink()
    with pytest.raises(ReleaseError, match="nothing is remembered of its window"):
        run(work, "2022M07R12")


def test_the_same_window_is_given_back(work: Workspace) -> None:
    assert run(work, "2022M06R12").id == FIRST
    assert len(work.store.records()) == 1


def test_the_scheduler_runs_the_window_that_ended_last(work: Workspace) -> None:
    policy = active_policy(work.home, work.log, POLICY, work.settings).policy
    assert last_period(policy.schedule, NOW).code == "2024M01R12"
