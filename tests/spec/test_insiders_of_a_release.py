"""Insiders through everything: counted from records, searched for, audited before the seal, remembered, asked again."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from homes import NOW, ROOT, Case, make_cases, make_home, put_in_force, write_cases

import publisher.reaudit
from publisher.audit.attacker import Insiders
from publisher.audit.report import AuditReport
from publisher.errors import AuditFailedError, RunError
from publisher.home import Home
from publisher.memory import Remembered, recall
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest
from publisher.reaudit import audit_release
from publisher.release.model import SuppressionFacts
from publisher.suppression import pattern
from publisher.workspace import Workspace, open_workspace

POLICY, TABLE = "fk-familj-bostad", "fk-familj-bostad-regso"
FIRST = f"{POLICY}.2022.v1"
COMPUTED = "whoever is alone in a cell can compute another sensitive cell"


@pytest.fixture(scope="module")
def rows() -> list[Case]:
    return make_cases(persons=180, years=(2022,))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, rows: list[Case]) -> Home:
    home = make_home(tmp_path_factory.mktemp("template") / "home", rows, policies=[POLICY])
    with open_workspace(home, exclusive=True) as work:
        run(work)
    return home


@pytest.fixture
def work(template: Home, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template.root, tmp_path / "home")
    with open_workspace(Home(tmp_path / "home"), exclusive=True) as opened:
        yield opened


def run(work: Workspace, **options: object) -> None:
    run_release(work, RunRequest(POLICY, Period.parse("2022"), **options), now=NOW)  # type: ignore[arg-type]


def rules(report: AuditReport) -> set[str]:
    return {f.rule for f in report.findings}


def alone_in(rows: list[Case]) -> dict[tuple[str, str], str]:
    """Of every RegSO and benefit with one person: who that is."""
    inside: dict[tuple[str, str], set[str]] = {}
    for r in rows:
        if r.regso and "R" in r.regso and r.date.year == 2022:
            inside.setdefault((r.regso, r.benefit), set()).add(r.person_id)
    return {k: min(people) for k, people in inside.items() if len(people) == 1}


def test_who_is_alone_is_remembered_by_person_and_asked_again(work: Workspace, rows: list[Case]) -> None:
    known = recall(work.home, work.keys, FIRST).insiders
    assert known is not None
    own = {(a, c[0]): label for (_, a, c), label in known.alone.items() if "R" in a and c != ("TOT",)}
    single = {k: person for k, person in alone_in(rows).items() if k in own or k[1] in ("vab", "foraldrapenning")}
    assert set(own) == set(single) != set()
    assert len(set(own.values())) == len(set(single.values()))
    assert set(known.numbers) >= {(t, "cases", a, c) for t, a, c in known.alone}
    assert audit_release(work, FIRST).passed


def test_a_search_that_does_not_think_of_insiders_is_not_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At level `exact` two cells often protect each other, and from nobody who is alone in one of them."""
    home = make_home(tmp_path / "home", make_cases(persons=250, years=(2022,)), policies=[])
    put_in_force(home, [edited(tmp_path, "level: ambiguous ", "level: exact ")])
    with open_workspace(home, exclusive=True) as work:
        with monkeypatch.context() as patch:
            patch.setattr(pattern, "protect_from_insiders", lambda *_: [])
            with pytest.raises(AuditFailedError, match=COMPUTED):
                run(work)
        assert list(home.vault.iterdir()) == []
        run(work, again=True, reason="the search thinks of insiders again")
        assert audit_release(work, FIRST).passed


def remembering(monkeypatch: pytest.MonkeyPatch, change: object) -> None:
    def other(home: Home, keys: object, release: str) -> Remembered:
        known = recall(home, keys, release)  # type: ignore[arg-type]
        return replace(known, insiders=change(known.insiders))  # type: ignore[operator]

    monkeypatch.setattr(publisher.reaudit, "recall", other)


def test_the_audit_afterwards_finds_what_insiders_compute(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """All persons who are alone somewhere, taken for one: nobody is protected from so many."""
    remembering(monkeypatch, lambda known: Insiders(dict.fromkeys(list(known.alone)[:-1], 0), known.numbers))
    assert rules(audit_release(work, FIRST)) == {COMPUTED}


def test_a_memory_without_insiders_does_not_pass_in_silence(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    remembering(monkeypatch, lambda _: None)
    assert rules(audit_release(work, FIRST)) == {
        "insiders were not asked, although the tables promise it: who is alone in a cell is not known"
    }


def test_a_policy_that_does_not_ask_remembers_nobody_and_says_so(rows: list[Case], tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", rows, policies=[])
    put_in_force(home, [edited(tmp_path, "insiders: true", "insiders: false")])
    with open_workspace(home, exclusive=True) as work:
        result = run_release(work, RunRequest(POLICY, Period.parse("2022")), now=NOW)
        table = result.release.table(TABLE)
        assert isinstance(table.protection, SuppressionFacts)
        assert not table.protection.insiders
        assert any("may know more than others" in n.en for n in table.notes)
        assert recall(home, work.keys, FIRST).insiders is None
        assert audit_release(work, FIRST).passed


def edited(folder: Path, before: str, after: str) -> Path:
    text = (ROOT / "policies" / f"{POLICY}.yaml").read_text("utf-8")
    assert before in text
    path = folder / f"{POLICY}.yaml"
    path.write_text(text.replace(before, after), "utf-8")
    return path


def test_a_revision_does_not_forget_insiders(work: Workspace, rows: list[Case], tmp_path: Path) -> None:
    put_in_force(work.home, [edited(tmp_path, "insiders: true", "insiders: false")])
    with pytest.raises(RunError, match="promised more than policy"):
        run(work, revise=True, reason="late records")


def test_a_revision_is_protected_from_insiders_with_all_that_was_told(work: Workspace, rows: list[Case]) -> None:
    late = [replace(r, case_id=10**6 + k, person_id=f"P9{k:08d}") for k, r in enumerate(rows[::9])]
    write_cases(work.home.root / "data" / "cases.parquet", [*rows, *late])
    run(work, revise=True, reason="late records")
    second = f"{POLICY}.2022.v2"
    known = recall(work.home, work.keys, second)
    assert known.insiders is not None
    assert known.told or known.insiders.alone
    report = audit_release(work, second)
    assert report.passed
    assert report.checked_jointly_with == (FIRST,)
