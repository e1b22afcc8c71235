"""Rules of suppression that change from one period to the next: each period keeps what it was sealed with."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from homes import NOW, ROOT, make_cases, make_home, put_in_force

from publisher.deployments.statement import Deployed, privacy_statement
from publisher.errors import AuditFailedError, RunError, SuppressionError
from publisher.home import Home
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest
from publisher.reaudit import audit_release
from publisher.release.model import CellStatus, Release, SuppressionFacts
from publisher.release.reader import read_release
from publisher.scheduler.publish import publish_due
from publisher.workspace import Workspace, open_workspace
from web.public import words

POLICY, TABLE = "fk-assistans", "fk-assistans-kommun"


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Workspace]:
    home = make_home(tmp_path / "home", make_cases(persons=900), policies=(POLICY,))
    with open_workspace(home, exclusive=True) as opened:
        yield opened


def changed(work: Workspace, folder: Path, before: str, after: str) -> None:
    text = (ROOT / "policies" / f"{POLICY}.yaml").read_text("utf-8")
    assert before in text
    file = folder / f"{POLICY}.yaml"
    file.write_text(text.replace(before, after), "utf-8")
    put_in_force(work.home, [file])


def run(work: Workspace, period: str, reason: str = "") -> Release:
    return run_release(work, RunRequest(POLICY, Period.parse(period), bool(reason), False, reason), now=NOW).release


def facts(release: Release, period: str) -> SuppressionFacts:
    promised = release.table(TABLE).promised(period)
    assert isinstance(promised, SuppressionFacts)
    return promised


def small(release: Release, period: str, least: int) -> list[int]:
    table = release.table(TABLE)
    shown = (c for c in table.cells if (c.period, c.measure, c.status) == (period, "persons", CellStatus.PUBLISHED))
    return [c.value for c in shown if c.value is not None and 0 < c.value < least]


def test_a_higher_threshold_holds_from_the_next_period_and_the_earlier_one_keeps_its_own(
    work: Workspace, tmp_path: Path
) -> None:
    first = run(work, "2021")
    changed(work, tmp_path, "threshold: 5", "threshold: 10")
    second = run(work, "2022")
    assert (facts(second, "2021").threshold, facts(second, "2022").threshold) == (5, 10)
    cells = {(c.area, c.categories, c.measure): c for c in second.table(TABLE).cells if c.period == "2021"}
    assert all(cells[c.area, c.categories, c.measure] == c for c in first.table(TABLE).cells)
    assert not small(second, "2022", 10)
    assert audit_release(work, second.id).passed
    told = words.other_rules(second.table(TABLE), "en")
    assert [(periods, "based on 1–4 persons" in rules) for periods, rules in told] == [("2021", True)]
    folder = work.store.folder(work.store.record(second.id))
    assert read_release(folder, work.keys.public_pem).table(TABLE).other_rules == second.table(TABLE).other_rules


def test_numbers_that_were_shown_cannot_be_unsaid_by_a_stronger_rule(work: Workspace, tmp_path: Path) -> None:
    run(work, "2022")
    changed(work, tmp_path, "threshold: 5", "threshold: 10")
    with pytest.raises(SuppressionError, match="is known and protects nothing"):
        run(work, "2022", "the threshold was raised")


def test_what_states_of_an_earlier_period_other_rules_than_it_was_sealed_with_is_found(
    work: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(work, "2021")
    changed(work, tmp_path, "threshold: 5", "threshold: 10")
    monkeypatch.setattr("publisher.draft.tables._other_rules", lambda *_: {})
    monkeypatch.setattr("publisher.draft.audits.same_promises", lambda *_: [])
    second = run(work, "2022")
    report = audit_release(work, second.id)
    assert "the table states another promise than its policy" in {f.rule for f in report.findings}


@pytest.mark.parametrize(
    ("before", "after"),
    [("threshold: 5", "threshold: 3"), (", {share: {persons: 20, having: 4}}", "")],
)
def test_a_revision_keeps_every_rule(work: Workspace, tmp_path: Path, before: str, after: str) -> None:
    run(work, "2022")
    changed(work, tmp_path, before, after)
    with pytest.raises(RunError, match="promised more than policy"):
        run(work, "2022", "weaker")


def weaker_statement(work: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault after which 2021 states the rules of 2022: one fewer than it was sealed with."""
    run(work, "2021")
    assert [o.error for o in publish_due(work, now=NOW)] == [""]
    changed(work, tmp_path, ", {share: {persons: 20, having: 4}}", "")
    monkeypatch.setattr("publisher.draft.tables._other_rules", lambda *_: {})


def test_a_draft_that_states_other_rules_of_an_earlier_period_is_not_sealed(
    work: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weaker_statement(work, tmp_path, monkeypatch)
    with pytest.raises(AuditFailedError, match="states other rules"):
        run(work, "2022")


def test_rules_beside_the_threshold_are_compared_with_what_the_period_was_sealed_with(
    work: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weaker_statement(work, tmp_path, monkeypatch)
    monkeypatch.setattr("publisher.draft.audits.same_promises", lambda *_: [])
    second = run(work, "2022")
    report = audit_release(work, second.id)
    assert "a period states other rules than it was sealed with" in {f.rule for f in report.findings}


def test_the_notes_say_which_periods_have_rules_of_their_own(work: Workspace, tmp_path: Path) -> None:
    run(work, "2021")
    changed(work, tmp_path, "threshold: 5", "threshold: 10")
    notes = [note.en for note in run(work, "2022").table(TABLE).notes]
    assert any("fewer than 10 persons" in note for note in notes)
    assert any("does not hold for 2021" in note for note in notes)


NOISY = "fk-ohalsa"


def noisy_runs(folder: Path, rho: str) -> tuple[Workspace, Release, Release]:
    """2021 under the project's policy, and 2022 after its rho was changed."""
    home = make_home(folder / "home", make_cases(persons=200), policies=(NOISY,))
    with open_workspace(home, exclusive=True) as work:
        first = run_release(work, RunRequest(NOISY, Period.parse("2021")), now=NOW).release
        text = (ROOT / "policies" / f"{NOISY}.yaml").read_text("utf-8")
        (folder / f"{NOISY}.yaml").write_text(re.sub(r'rho: "[0-9.]+"', f'rho: "{rho}"', text), "utf-8")
        put_in_force(home, [folder / f"{NOISY}.yaml"])
        second = run_release(work, RunRequest(NOISY, Period.parse("2022")), now=NOW).release
        assert [o.error for o in publish_due(work, now=NOW)] == ["", ""]
        return work, first, second


@pytest.mark.parametrize("rho", ["0.02", "0.07"])
def test_a_changed_rho_is_stated_of_its_own_period_and_the_audit_holds_each_to_its_own(
    tmp_path: Path, rho: str
) -> None:
    _, first, second = noisy_runs(tmp_path, rho)
    for before, table in zip(first.tables, second.tables, strict=True):
        assert table.promised("2021") == before.protection != table.promised("2022")
        assert any("does not hold for 2021" in note.en for note in table.notes)
        assert [p for p, _ in words.other_rules(table, "en")] == ["2021"]
        stated = [str(privacy_statement([Deployed(second, table, None, "", "", {})], lang)) for lang in ("en", "sv")]
        assert "Other periods have another rho: 2021 0.05." in stated[0]
        assert "Andra perioder har ett annat rho: 2021 0,05." in stated[1]
    with open_workspace(Home(tmp_path / "home"), exclusive=False) as work:
        assert all(audit_release(work, r.id).passed for r in (first, second))
        folder = work.store.folder(work.store.record(second.id))
        assert read_release(folder, work.keys.public_pem) == second


def test_a_rho_that_did_not_change_is_no_rule_of_its_own(tmp_path: Path) -> None:
    text = (ROOT / "policies" / f"{NOISY}.yaml").read_text("utf-8")
    _, _, second = noisy_runs(tmp_path, re.search(r'rho: "([0-9.]+)"', text)[1])  # type: ignore[index]
    assert all(t.other_rules == {} for t in second.tables)


def test_a_draft_that_states_another_rho_of_an_earlier_period_is_not_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.draft.tables._other_rules", lambda *_: {})
    with pytest.raises(AuditFailedError, match="states other rules"):
        noisy_runs(tmp_path, "0.02")


def test_a_release_passes_its_audit_after_a_table_was_added_that_earlier_periods_do_not_have(
    work: Workspace, tmp_path: Path
) -> None:
    first = run(work, "2021")
    text = (ROOT / "policies" / f"{POLICY}.yaml").read_text("utf-8")
    table = text[text.index("  - id:") : text.index("schedule:")]
    more = table.replace(f"id: {TABLE}", "id: fk-assistans-lan").replace("[riket, lan, kommun]", "[riket, lan]")
    changed(work, tmp_path, table, table + more)
    second = run(work, "2022")
    assert [t.periods for t in second.tables] == [("2021", "2022"), ("2022",)]
    assert [o.error for o in publish_due(work, now=NOW)] == ["", ""]
    assert all(audit_release(work, r.id).passed for r in (first, second))
