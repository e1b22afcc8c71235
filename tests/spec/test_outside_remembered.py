"""What others had published when a period was sealed is known for ever, whatever publisher.toml declares afterwards."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from homes import NOW, Case, make_cases, put_in_force, write_cases
from test_outside_tables import FILE, POLICY, declare, home_with, lines, numbers, run

from publisher import pipeline
from publisher.draft import suppressed as drafting
from publisher.geography.outside import KnownNumbers
from publisher.home import Home
from publisher.memory import recall
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest
from publisher.reaudit import audit_release
from publisher.release.model import Release
from publisher.workspace import open_workspace

FIRST, SECOND = f"{POLICY}.2022.v1", f"{POLICY}.2022.v2"
LATE = "0509"
"""A municipality where a record comes late."""


@pytest.fixture(scope="module", autouse=True)
def _one_key() -> Iterator[None]:
    """As in the tests of revisions: a pattern that they can be hidden behind."""
    weigh = drafting.public_weights
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafting, "public_weights", lambda sizes, *, key: weigh(sizes, key=b"\x02" * len(key)))
        yield


@pytest.fixture(scope="module")
def rows() -> list[Case]:
    return make_cases(persons=3000)


@pytest.fixture(scope="module")
def known(rows: list[Case]) -> list[str]:
    """Numbers by sex, which no table of the policy shows, of two municipalities."""
    return [line for line in lines(rows, "sex") if line.startswith(("area", "0180", LATE))]


@pytest.fixture(scope="module")
def declared(rows: list[Case], known: list[str], tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose period was sealed while the numbers were declared."""
    home = home_with(tmp_path_factory.mktemp("declared"), rows, known, insiders=False)
    assert run(home).id == FIRST
    return home


@pytest.fixture
def home(declared: Home, tmp_path: Path) -> Home:
    """The same, and they are declared no more: the file is gone too."""
    home = Home(Path(shutil.copytree(declared.root, tmp_path / "home")))
    undeclared(home)
    return home


def undeclared(home: Home) -> None:
    text = home.settings_file.read_text("utf-8")
    home.settings_file.write_text(text[: text.index("\n[outside.")], "utf-8")
    (home.root / FILE).unlink()
    put_in_force(home, [home.active / f"{POLICY}.yaml"])


def digest_of(text: list[str]) -> str:
    return hashlib.sha256("\n".join([*text, ""]).encode()).hexdigest()


def late_record(home: Home, rows: list[Case]) -> None:
    """One more case in one municipality, of a woman."""
    one = next(r for r in rows if r.regso and r.regso[:4] == LATE and r.date.year == 2022 and r.benefit == "vab")
    more = [replace(one, case_id=10**6 + k, person_id=f"P99999{k:04d}", sex="woman") for k in range(7)]
    write_cases(home.root / "data" / "cases.parquet", [*rows, *more])


def revised(home: Home) -> Release:
    request = RunRequest(POLICY, Period.parse("2022"), revise=True, reason="late records")
    with open_workspace(home, exclusive=True) as work:
        return run_release(work, request, now=NOW).release


def remembered(home: Home, release: str) -> tuple[KnownNumbers, ...]:
    return recall(home, home.keys(), release).outside


def test_a_seal_remembers_names_digests_and_numbers(home: Home, known: list[str]) -> None:
    (one,) = remembered(home, FIRST)
    assert (one.id, one.file, one.sha256) == ("kommun", FILE, digest_of(known))
    assert [f"{r.area},{r.categories[0]},2022,{r.value}" for r in one.rows] == known[1:]


def test_an_audit_afterwards_is_joint_with_what_is_not_declared_any_more(home: Home, known: list[str]) -> None:
    with open_workspace(home, exclusive=False) as work:
        report = audit_release(work, FIRST)
    assert report.passed
    assert f"outside-kommun-{digest_of(known)[:8]}" in report.checked_jointly_with


def test_an_audit_afterwards_finds_what_only_the_memory_tells(
    rows: list[Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: a pattern that was searched and audited without the numbers of others."""
    home = home_with(tmp_path, rows, lines(rows, "benefit"), insiders=False)
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_elsewhere", lambda *_: None)
        patch.setattr(pipeline, "outside_tables", lambda *_: ())
        run(home)
    undeclared(home)
    with open_workspace(home, exclusive=False) as work:
        assert not audit_release(work, FIRST).passed


def test_a_revision_holds_what_is_true_still_and_sets_free_what_a_late_record_changed(
    home: Home, rows: list[Case], known: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    late_record(home, rows)
    searched, honest = [], pipeline.known_elsewhere
    monkeypatch.setattr(pipeline, "known_elsewhere", lambda *given: searched.append(honest(*given)) or searched[-1])
    assert revised(home).id == SECOND
    unchanged = [line for line in known[1:] if not line.startswith(f"{LATE},woman")]
    assert 1 < len(unchanged) < len(known) - 1
    (one,) = remembered(home, SECOND)
    assert [f"{r.area},{r.categories[0]},2022,{r.value}" for r in one.rows] == unchanged
    assert [int(mask.sum()) for mask in searched] == [len(unchanged)]
    with open_workspace(home, exclusive=False) as work:
        reports = [audit_release(work, r) for r in (FIRST, SECOND)]
    assert all(r.passed for r in reports)
    assert all(one.table in r.checked_jointly_with for r in reports)


def test_a_corrected_file_of_the_same_name_stands_beside_what_was_known_before(
    home: Home, rows: list[Case], known: list[str]
) -> None:
    late_record(home, rows)
    now = numbers(rows, "sex")[LATE, ("woman",)][0] + 7
    corrected = [f"{LATE},woman,2022,{now}" if line.startswith(f"{LATE},woman") else line for line in known]
    declare(home, corrected)
    put_in_force(home, [home.active / f"{POLICY}.yaml"])
    assert revised(home).id == SECOND
    assert {one.sha256 for one in remembered(home, SECOND)} == {digest_of(known), digest_of(corrected)}
    with open_workspace(home, exclusive=False) as work:
        assert all(audit_release(work, r).passed for r in (FIRST, SECOND))


def test_what_is_declared_still_stands_once(declared: Home) -> None:
    with open_workspace(declared, exclusive=False) as work:
        joint = audit_release(work, FIRST).checked_jointly_with
    assert [n for n in joint if n.startswith("outside")] == ["outside-kommun"]


def test_a_retired_policy_s_release_is_audited_by_the_policy_of_the_seal(home: Home) -> None:
    (home.active / f"{POLICY}.yaml").unlink()
    with open_workspace(home, exclusive=False) as work:
        assert audit_release(work, FIRST).passed
