"""A suppressed period that is revised, through everything: what was public once is held against the new version."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from homes import NOW, ROOT, Case, make_cases, make_home, put_in_force, write_cases

from publisher.audit.report import AuditReport
from publisher.draft import suppressed as drafting
from publisher.draft.earlier import Told
from publisher.errors import AuditFailedError, RunError, SuppressionError
from publisher.home import Home
from publisher.periods import Period
from publisher.pipeline import RunResult, run_release
from publisher.preparation import RunRequest
from publisher.reaudit import audit_release
from publisher.release.model import Cell, CellStatus, Release
from publisher.scheduler.publish import publish_due
from publisher.workspace import Workspace, open_workspace

POLICY, TABLE = "fk-familj-bostad", "fk-familj-bostad-regso"
FIRST, SECOND = f"{POLICY}.2022.v1", f"{POLICY}.2022.v2"
FAMILY = ("foraldrapenning", "vab", "bostadsbidrag")
Key = tuple[str, tuple[str, ...]]


@pytest.fixture(scope="module")
def rows() -> list[Case]:
    return make_cases()


@pytest.fixture(scope="module")
def late(rows: list[Case]) -> list[Case]:
    """The records a year later: some withdrawn, some late ones of new persons, in many areas."""
    kept = [r for r in rows if not (r.case_id % 31 == 0 and r.benefit in FAMILY)]
    new = [r for r in rows if r.benefit in FAMILY and r.date.year == 2022 and r.regso][::17]
    return kept + [replace(r, case_id=100_000 + k, person_id=f"P9{k:08d}") for k, r in enumerate(new)]


@pytest.fixture(scope="module", autouse=True)
def _one_key() -> Iterator[None]:
    """Every home has a key of its own, and what is withheld besides differs with it: here it is one pattern always, and
    one that the revisions of these tests can be hidden behind (of some none can: such a revision is refused)."""
    weigh = drafting.public_weights
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafting, "public_weights", lambda sizes, *, key: weigh(sizes, key=b"\x02" * len(key)))
        yield


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, rows: list[Case]) -> Home:
    """A home in which the first version is public."""
    home = make_home(tmp_path_factory.mktemp("template") / "home", rows, policies=[POLICY])
    with open_workspace(home, exclusive=True) as work:
        run(work)
        list(publish_due(work, now=NOW))
    return home


@pytest.fixture
def work(template: Home, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template.root, tmp_path / "home")
    with open_workspace(Home(tmp_path / "home"), exclusive=True) as opened:
        yield opened


def run(work: Workspace, **options: object) -> RunResult:
    request = RunRequest(POLICY, Period.parse("2022"), **options)  # type: ignore[arg-type]
    return run_release(work, request, now=NOW)


def revise(work: Workspace, records: Sequence[Case]) -> Release:
    write_cases(work.home.root / "data" / "cases.parquet", records)
    return run(work, revise=True, reason="late records").release


def cells(release: Release, measure: str = "cases") -> dict[Key, Cell]:
    return {(c.area, c.categories): c for c in release.table(TABLE).cells if c.measure == measure}


def withheld(release: Release) -> set[Key]:
    return {k for k, c in cells(release).items() if c.status is CellStatus.SUPPRESSED}


def test_a_revision_withholds_all_that_was_withheld_and_is_audited_with_what_was_public(
    work: Workspace, late: list[Case]
) -> None:
    first = run(work).release
    second = revise(work, late)
    changed = [k for k, c in cells(second).items() if c.value is not None and c.value != cells(first)[k].value]
    assert (first.id, second.id, second.reason) == (FIRST, SECOND, "late records")
    assert withheld(first) <= withheld(second)
    assert len(changed) > 10
    assert {c.version for c in cells(second).values()} == {2}
    report = audit_release(work, SECOND)
    assert report.passed
    assert FIRST in report.checked_jointly_with


def test_a_zero_may_be_withheld_where_the_first_version_withheld_a_case(work: Workspace, late: list[Case]) -> None:
    """And nobody may take it for at least one: the attack on the whole would find no numbers that fit."""
    small = min(withheld(run(work).release) & {k for k in cells(run(work).release) if "R" in k[0] and k[1] != ("TOT",)})
    gone = [r for r in late if (r.regso, (r.benefit,)) != small]
    assert small in withheld(revise(work, gone))
    assert audit_release(work, SECOND).passed


def test_a_withdrawn_version_still_counts(work: Workspace, late: list[Case]) -> None:
    first = run(work).release
    work.store.withdraw(FIRST, reason="wrong file", actor="test", now=NOW, agencies=[])
    second = revise(work, late)
    assert withheld(first) <= withheld(second)
    assert audit_release(work, SECOND).checked_jointly_with == (FIRST,)


def test_a_version_that_waits_to_be_published_counts(rows: list[Case], tmp_path: Path) -> None:
    home = make_home(tmp_path / "fresh", rows, policies=[POLICY])
    with open_workspace(home, exclusive=True) as work:
        first = run(work).release
        assert work.store.record(FIRST).state == "sealed"
        second = revise(work, few_left(rows))
        assert withheld(first) <= withheld(second)
        assert audit_release(work, SECOND).checked_jointly_with == (FIRST,)


def test_a_revision_that_cannot_be_protected_is_refused_and_says_why(
    work: Workspace, rows: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but one number count as told: nothing is left to hide it behind."""
    told_by = drafting.told_by

    def know(*known: object) -> Told:
        told = told_by(*known)  # type: ignore[arg-type]
        one = np.arange(len(told.kept)) == np.flatnonzero(told.kept)[0]
        return replace(told, same=dict.fromkeys(told.same, ~one))

    monkeypatch.setattr(drafting, "told_by", know)
    with pytest.raises(SuppressionError, match="leave the period as it is, or revise it when more"):
        revise(work, rows)
    assert not (work.home.vault / SECOND).exists()


def test_a_third_version_is_held_against_both_before(work: Workspace, rows: list[Case], late: list[Case]) -> None:
    second = revise(work, late)
    third = revise(work, rows)
    assert withheld(second) <= withheld(third)
    assert audit_release(work, third.id).passed


def test_the_same_records_again_give_the_same_pattern(work: Workspace, rows: list[Case]) -> None:
    """All numbers are the same, so that nothing more could protect anything."""
    first, second = run(work).release, revise(work, rows)
    assert {k: c._replace(version=1) for k, c in cells(second).items()} == cells(first)


def test_a_revision_searched_as_if_nothing_had_been_public_is_not_sealed(
    work: Workspace, late: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    forget(monkeypatch)
    with pytest.raises(AuditFailedError, match="withheld in an earlier version is shown"):
        revise(work, late)
    assert not (work.home.vault / SECOND).exists()


def test_the_audit_afterwards_finds_what_an_earlier_version_gives_away(
    work: Workspace, late: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealed without a look at the first version, and found by the audit that has it."""
    import publisher.pipeline as module

    forget(monkeypatch)
    monkeypatch.setattr(module, "earlier_versions", lambda *_, **__: ())
    revise(work, late)
    monkeypatch.undo()
    report = audit_release(work, SECOND)
    assert rules(report) >= {"a cell withheld in an earlier version is shown"}


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search knows nothing of earlier versions."""
    told_by = drafting.told_by

    def nothing(_: object, *rest: object) -> Told:
        return told_by((), *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(drafting, "told_by", nothing)


def rules(report: AuditReport) -> set[str]:
    return {f.rule for f in report.findings}


def test_a_number_that_became_sensitive_but_was_shown_as_it_is_is_withheld_without_a_promise(
    work: Workspace, rows: list[Case]
) -> None:
    """Cases of five persons, then as many of one: the number is known, and the audit does not judge it."""
    first = run(work).release
    shown = sorted(k for k, c in cells(first).items() if c.value is not None and "R" in k[0] and k[1] != ("TOT",))
    key = next(k for k in shown if len(records_of(rows, k)) >= 5)
    ids = {r.case_id for r in records_of(rows, key)}
    merged = [replace(r, person_id="P000000000") if r.case_id in ids else r for r in rows]
    second = revise(work, merged)
    assert key in withheld(second)
    assert cells(first)[key].value is not None
    report = audit_release(work, SECOND)
    assert report.passed
    assert any("can no longer be protected" in n.en for n in second.table(TABLE).notes)


def records_of(rows: Sequence[Case], key: Key) -> list[Case]:
    own = {r.case_id: r for r in rows if (r.regso, r.benefit) == (key[0], key[1][0]) and r.date.year == 2022}
    return list(own.values())


def test_a_weaker_promise_is_no_revision(work: Workspace, late: list[Case], tmp_path: Path) -> None:
    text = (ROOT / "policies" / f"{POLICY}.yaml").read_text("utf-8")
    weaker = tmp_path / f"{POLICY}.yaml"
    weaker.write_text(text.replace("level: ambiguous ", "level: interval "), "utf-8")
    put_in_force(work.home, [weaker])
    with pytest.raises(RunError, match="promised more than policy"):
        revise(work, late)


def test_other_area_types_are_no_revision(work: Workspace, late: list[Case]) -> None:
    register = work.home.root / "data" / "areas.csv"
    lines = register.read_text("utf-8").splitlines()
    register.write_text("\n".join([*lines[:-1], lines[-1][:-1] + str(1 + int(lines[-1][-1]) % 5)]) + "\n", "utf-8")
    with pytest.raises(RunError, match="other areas or area types"):
        revise(work, late)


def test_a_revision_of_an_earlier_period_leaves_the_later_one_as_it_is(work: Workspace, rows: list[Case]) -> None:
    request = RunRequest(POLICY, Period.parse("2021"))
    run_release(work, request, now=NOW)
    kept = [r for r in rows if r.date.year != 2021 or r.date > date(2021, 1, 20)]
    write_cases(work.home.root / "data" / "cases.parquet", kept)
    request = RunRequest(POLICY, Period.parse("2021"), revise=True, reason="withdrawn cases")
    release = run_release(work, request, now=NOW).release
    versions = {c.period: c.version for c in release.table(TABLE).cells}
    assert versions == {"2021": 2, "2022": 1}
    assert audit_release(work, release.id).passed


def test_a_revision_that_hides_behind_numbers_already_shown_is_not_sealed(
    work: Workspace, rows: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search keeps what was withheld, but takes numbers that were shown for secret; the audit does not."""
    told_by = drafting.told_by

    def forget(*known: object) -> Told:
        told = told_by(*known)  # type: ignore[arg-type]
        return replace(told, same={a: same & False for a, same in told.same.items()})

    monkeypatch.setattr(drafting, "told_by", forget)
    with pytest.raises(AuditFailedError, match=r"can be computed|too narrow"):
        revise(work, few_left(rows))


def few_left(rows: Sequence[Case]) -> list[Case]:
    """Of one area's cases of a benefit, all shown the first time, two are left; its neighbour's were shown too."""
    own = records_of(rows, ("0509R001", ("vab",)))
    gone = {r.case_id for r in own[2:]}
    return [r for r in rows if r.case_id not in gone]


def test_the_same_revision_hides_behind_numbers_that_changed_or_were_never_shown(
    work: Workspace, rows: list[Case]
) -> None:
    second = revise(work, few_left(rows))
    assert ("0509R001", ("vab",)) in withheld(second)
    assert ("0509R002", ("vab",)) not in withheld(second)  # the neighbour's number is known, whatever is done
    assert audit_release(work, SECOND).passed
