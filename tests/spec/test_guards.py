"""Guards that a mutation of the code once got past: each test is named after what it keeps out."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from homes import AGES, NOW, ROOT, Case, make_cases, make_home, put_in_force

import publisher.cli.main
import publisher.pipeline
from publisher.activation import activate
from publisher.audit.periods import of_period
from publisher.audit.report import AuditReport
from publisher.errors import (
    AuditFailedError,
    LedgerError,
    PolicyError,
    ReleaseError,
    RunError,
    SourceError,
    SuppressionError,
)
from publisher.geography.register import AreaIndex, RegisterArea
from publisher.home import Home
from publisher.ledger import Intent
from publisher.log import ActionLog
from publisher.memory import recall
from publisher.opaque import Opaque
from publisher.periods import Period
from publisher.pipeline import RunResult, run_release
from publisher.policy.model import Schedule
from publisher.preparation import RunRequest, check_rollback
from publisher.relations import Column, KeySet, all_cells, linked_system
from publisher.release.model import CellStatus
from publisher.scheduler.publish import publish_due, run_due
from publisher.settings import load_settings
from publisher.slots import publication_time
from publisher.workspace import Workspace, open_workspace

NOISE, SUPPRESSED = "fk-ohalsa", "fk-familj-bostad"
Y2021, Y2022 = Period.parse("2021"), Period.parse("2022")


def no_noise(values: np.ndarray, scale: float) -> np.ndarray:
    return values


def blind(values: np.ndarray, scale: float) -> np.ndarray:
    """What is measured has nothing to do with the records: only its shape and scale decide."""
    return np.random.default_rng([len(values), int(scale * 1000)]).integers(-5, 60, len(values))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home", make_cases())


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which a suppressed period is sealed; of many persons, so that little is sensitive and soon hidden."""
    home = make_home(tmp_path_factory.mktemp("sealed") / "home", make_cases(persons=3000))
    with open_workspace(home, exclusive=True) as work:
        run(work, SUPPRESSED)
    return home


@pytest.fixture
def kept(sealed: Home, tmp_path: Path) -> Home:
    """A copy of it."""
    return Home(Path(shutil.copytree(sealed.root, tmp_path / "kept")))


@pytest.fixture
def work(home: Home) -> Iterator[Workspace]:
    with open_workspace(home, exclusive=True) as opened:
        yield opened


def run(work: Workspace, policy: str, period: Period = Y2022) -> RunResult:
    return run_release(work, RunRequest(policy, period), now=NOW, noise=no_noise)


def test_after_the_measurement_nothing_of_a_noise_table_depends_on_the_records(tmp_path: Path) -> None:
    seen = []
    for persons in (900, 60):
        home = make_home(tmp_path / str(persons), make_cases(persons=persons, seed=persons))
        with open_workspace(home, exclusive=True) as work:
            seen.append(run_release(work, RunRequest(NOISE, Y2022), now=NOW, noise=blind).release)
    assert seen[0].tables == seen[1].tables
    assert {c.status.value for c in seen[0].tables[0].cells} >= {"suppressed", ""}


def test_no_relation_between_category_cells_is_missing() -> None:
    areas = tuple(RegisterArea(c, c, c[:4], "K", c[:2], "L") for c in ("0180R001", "0180R002"))
    index = AreaIndex("e", areas, {2022: {}})
    columns = (Column("sex", ("w", "m"), True), Column("b", ("x", "y", "z"), False))
    keys = KeySet(index.leaves, index.levels(("riket", "regso"), 2022), columns, (True, True))
    eye = np.eye(len(keys.leaves) * 6, dtype=np.int64).reshape(-1, len(keys.leaves), 2, 3)
    images = np.array([all_cells(one, keys) for one in eye])
    system = linked_system(keys)
    assert system.size - np.linalg.matrix_rank(system.equations.toarray()) == np.linalg.matrix_rank(images)


def test_many_cases_of_few_persons_are_sensitive(tmp_path: Path) -> None:
    day = date(2022, 5, 5)
    few = [Case(10**6 + n, f"P90000000{n % 2}", "0180R001", day, "vab", "man", AGES[0], 1.0) for n in range(40)]
    others = [r for r in make_cases(persons=3000) if (r.regso, r.benefit) != ("0180R001", "vab")]
    home = make_home(tmp_path / "few", [*others, *few])
    with open_workspace(home, exclusive=True) as work:
        run(work, SUPPRESSED)
        known = recall(home, work.keys, f"{SUPPRESSED}.2022.v1").sensitive
    assert ("fk-familj-bostad-regso", "0180R001", ("vab",)) in known


def test_a_changed_memory_of_the_pattern_is_seen(kept: Home) -> None:
    path = kept.memory / f"{SUPPRESSED}.2022.v1.json"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"vab", b"vax", 1))
    assert path.read_bytes() != before
    with pytest.raises(ReleaseError, match="was changed"):
        recall(kept, kept.keys(), f"{SUPPRESSED}.2022.v1")


def test_bytes_signed_by_nobody_are_not_verified(work: Workspace) -> None:
    record = run(work, NOISE).record
    (work.store.folder(record) / "manifest.sig").write_bytes(bytes(64))
    with pytest.raises(ReleaseError, match="signature"):
        work.store.verified(record)


def test_a_file_added_to_a_sealed_folder_is_seen(work: Workspace) -> None:
    record = run(work, NOISE).record
    (work.store.folder(record) / "extra.csv").write_text("1")
    with pytest.raises(ReleaseError, match="missing or were added"):
        work.store.verified(record)


def test_no_head_of_a_chain_leaves(work: Workspace) -> None:
    result = run(work, NOISE)
    list(publish_due(work, now=NOW))
    heads = {str(r[0]) for t in ("log", "charges", "bodies") for r in work.db.conn.execute(f"SELECT hash FROM {t}")}
    heads |= {hashlib.sha256(h.encode()).hexdigest() for h in heads}
    text = "".join(p.read_bytes().decode("latin-1") for p in work.home.public.rglob("*") if p.is_file())
    assert result.release.id in text
    assert not [h for h in heads if h in text]


def test_a_noise_table_that_breaks_its_own_terms_is_not_sealed(
    work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = publisher.pipeline.noise_facts
    monkeypatch.setattr(publisher.pipeline, "noise_facts", lambda t, w: replace(honest(t, w), rho="0.01"))
    with pytest.raises(AuditFailedError):
        run(work, NOISE)
    assert list(work.home.vault.iterdir()) == []


def test_the_log_of_a_run_says_what_was_sealed_and_nothing_else(kept: Home) -> None:
    with open_workspace(kept, exclusive=True) as work:
        run(work, NOISE)
        rows = [r for r in work.db.table("log").rows if r["action"] != "approve"]
    assert [(r["actor"], r["action"], r["subject"], r["detail"]) for r in rows] == [
        ("pipeline", "seal", f"{SUPPRESSED}.2022.v1", ""),
        ("pipeline", "seal", f"{NOISE}.2022.v1", ""),
    ]


def test_a_foreign_error_is_logged_by_its_kind_alone(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("P777777777")

    monkeypatch.setattr("publisher.scheduler.publish.run_release", fail)
    outcomes = list(run_due(work, now=NOW.replace(year=2023)))
    assert {o.error for o in outcomes} == {"ValueError"}
    assert not [r for r in work.db.table("log").rows if "P777777777" in str(r)]


def test_every_opaque_value_withholds_its_content() -> None:
    assert publisher.cli.main.publisher.commands  # everything is imported
    todo, seen = [Opaque], set()
    while todo:
        one = todo.pop()
        seen.add(one)
        todo += one.__subclasses__()
    assert len(seen) > 10
    assert not [c.__name__ for c in seen if c.__repr__ not in (Opaque.__repr__, AuditReport.__repr__)]


def test_a_second_period_of_a_noise_table_holds_the_first(work: Workspace) -> None:
    first = run(work, NOISE, Y2021).release.tables[0]
    both = run(work, NOISE, Y2022).release.tables[0]
    there = {a.code for a in first.areas}
    assert {c for c in both.cells if c.period == "2021" and c.area in there} == set(first.cells)


def test_a_charge_that_only_the_catalogue_tells_of_stops_runs(kept: Home) -> None:
    def crash(values: np.ndarray, scale: float) -> np.ndarray:
        raise MemoryError

    with open_workspace(kept, exclusive=True) as work:
        list(publish_due(work, now=NOW))
        shutil.copy(kept.root / "state.db", kept.root / "old.db")
        with pytest.raises(MemoryError):
            run_release(work, RunRequest(NOISE, Y2022), now=NOW, noise=crash)
        list(publish_due(work, now=NOW))
    shutil.copy(kept.root / "old.db", kept.root / "state.db")
    with open_workspace(kept, exclusive=True) as work, pytest.raises(LedgerError, match="behind release c0"):
        check_rollback(work)


def test_what_the_ledger_does_not_hold_is_not_adopted(home: Home) -> None:
    with open_workspace(home, exclusive=True) as work:
        run(work, NOISE, Y2021)
        shutil.copy(home.root / "state.db", home.root / "old.db")
        run(work, NOISE, Y2022)
    shutil.copy(home.root / "old.db", home.root / "state.db")
    with open_workspace(home, exclusive=True) as work:
        with pytest.raises(LedgerError, match="behind"):
            work.store.adopt(at="x")
        assert [r.period for r in work.store.records()] == ["2021"]


def test_an_unknown_area_stops_the_run(tmp_path: Path) -> None:
    bad = Case(10**7, "P900000009", "9999R001", date(2022, 5, 5), "sjukpenning", "man", AGES[0], 1.0)
    home = make_home(tmp_path / "unknown", [*make_cases(persons=60), bad])
    with open_workspace(home, exclusive=True) as work, pytest.raises(SourceError, match="is no area of edition"):
        run(work, NOISE)


def test_another_spelling_of_the_author_does_not_approve(home: Home) -> None:
    db = home.state()
    policy = home.active / f"{NOISE}.yaml"
    with pytest.raises(PolicyError, match="must not be the author"):
        activate(policy, home=home, log=ActionLog(db), author="anna", approver="Anna", at="x")
    db.close()


def test_the_cap_is_asked_inside_the_transaction(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    honest = type(work.ledger).check

    def watched(ledger: object, intent: Intent) -> None:
        seen.append(work.db.conn.in_transaction)
        honest(ledger, intent)  # type: ignore[arg-type]

    monkeypatch.setattr(type(work.ledger), "check", watched)
    run(work, NOISE)
    assert seen == [False, True]


def test_a_publication_time_is_local_time_in_summer_too() -> None:
    schedule = Schedule("year", 7, 1, "06:00", "08:00", "Europe/Stockholm")
    assert publication_time(schedule, Y2022, datetime(2023, 1, 1, tzinfo=UTC)) == datetime(2023, 7, 1, 6, tzinfo=UTC)


def test_a_forced_cell_that_is_sensitive_stops_the_run(tmp_path: Path) -> None:
    home = make_home(tmp_path / "forced", make_cases(persons=12))
    with open_workspace(home, exclusive=True) as work, pytest.raises(SuppressionError, match="forced levels riket"):
        run(work, SUPPRESSED)


def test_a_source_that_does_not_say_what_to_do_with_unknown_areas_refuses_them(tmp_path: Path) -> None:
    text = (ROOT / "publisher" / "demo.toml").read_text(encoding="utf-8")
    path = tmp_path / "publisher.toml"
    path.write_text(text.replace('unknown_areas = "refuse"\n', ""), encoding="utf-8")
    assert load_settings(path).sources["fk-cases"].unknown_areas == "refuse"


def test_a_suppressed_policy_does_not_change_its_records_for_a_period_that_it_published(kept: Home) -> None:
    text = (ROOT / "policies" / f"{SUPPRESSED}.yaml").read_text(encoding="utf-8")
    file = kept.root / f"{SUPPRESSED}.yaml"
    file.write_text(text.replace("[foraldrapenning, vab,", "[foraldrapenning,"), encoding="utf-8")
    put_in_force(kept, [file])
    with open_workspace(kept, exclusive=True) as work, pytest.raises(RunError, match="choice is permanent"):
        run(work, SUPPRESSED)


def test_a_row_that_can_occur_is_not_called_not_applicable(work: Workspace) -> None:
    release = run(work, NOISE).release
    table = release.tables[0]
    assert of_period(release, "2022")[1] == []
    empty = CellStatus.NOT_APPLICABLE
    cells = (c._replace(value=None, lower=None, upper=None, status=empty) if c.area == "T1" else c for c in table.cells)
    _, findings = of_period(replace(release, tables=(replace(table, cells=tuple(cells)),)), "2022")
    assert [(f.rule, f.area) for f in findings] == [("a row that can occur is not applicable", "T1")]
