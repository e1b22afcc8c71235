"""From case records to public files, through everything, on a small home."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from homes import AGES, NOW, Case, area_type, make_cases, make_home, put_in_force, write_cases
from tabulator import people_in_cells, spread, tabulate

from publisher.errors import AuditFailedError, BudgetExceededError, LedgerError, ReleaseError, RunError
from publisher.home import Home
from publisher.ledger import Account
from publisher.periods import Period
from publisher.pipeline import RunResult, run_release
from publisher.preparation import RunRequest
from publisher.reaudit import audit_release
from publisher.release.model import CellStatus
from publisher.scheduler.publish import publish_due, run_due
from publisher.workspace import Workspace, open_workspace

NOISE, SUPPRESSED = "fk-ohalsa", "fk-familj-bostad"
Y2021, Y2022 = Period.parse("2021"), Period.parse("2022")
BEFORE = datetime(2023, 2, 15, 6, 59, 59, tzinfo=UTC)  # one second before 08:00 in Stockholm


def no_noise(values: np.ndarray, scale: float) -> np.ndarray:
    """A noise source that adds nothing.  It lives in tests only."""
    assert scale > 0
    return values


@pytest.fixture(scope="module")
def rows() -> list[Case]:
    return make_cases()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, rows: list[Case]) -> Home:
    return make_home(tmp_path_factory.mktemp("template") / "home", rows)


@pytest.fixture
def home(template: Home, tmp_path: Path) -> Home:
    shutil.copytree(template.root, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def work(home: Home) -> Iterator[Workspace]:
    with open_workspace(home, exclusive=True) as opened:
        yield opened


def run(work: Workspace, policy: str, period: Period = Y2022, **options: object) -> RunResult:
    now = options.pop("now", NOW)
    noise = options.pop("noise", no_noise)
    return run_release(work, RunRequest(policy, period, **options), now=now, noise=noise)  # type: ignore[arg-type]


def publish(work: Workspace, now: datetime = NOW) -> list[str]:
    return [o.subject for o in publish_due(work, now=now)]


ILLNESS = ("sjukpenning", "sjukersattning", "aktivitetsersattning")
FAMILY = ("foraldrapenning", "vab", "bostadsbidrag")


def kind_2022(code: str) -> str:
    return f"T{area_type(code, 2022)}"


def test_a_table_without_noise_is_the_plain_tabulation(work: Workspace, rows: list[Case]) -> None:
    table = run(work, NOISE).release.tables[0]
    levels = ("riket", "lan", "area_type", "lan_area_type")
    expected = spread(tabulate(rows, 2022, ILLNESS, "persons"), kind_2022, levels)
    shown = {(c.area, *c.categories): c for c in table.cells if c.measure == "persons"}
    assert len(shown) == len(table.areas) * 3 * 6
    for key, cell in shown.items():
        if expected[key] < 5:
            assert (cell.status, cell.value, cell.lower, cell.upper) == (CellStatus.SUPPRESSED, None, None, None)
        else:
            assert cell.value == expected[key]


def test_a_suppressed_table_shows_exact_counts_and_hides_every_small_one(work: Workspace, rows: list[Case]) -> None:
    table = run(work, SUPPRESSED).release.tables[0]
    levels = ("riket", "lan", "kommun", "regso", "area_type")
    expected = spread(tabulate(rows, 2022, FAMILY, "cases"), kind_2022, levels)
    persons = people_in_cells(rows, 2022, FAMILY, kind_2022, levels)
    cells = [c for c in table.cells if c.measure == "cases"]
    assert len(cells) == len(table.areas) * (len(FAMILY) + 1)
    for cell in cells:
        key = (cell.area, cell.categories[0])
        if 0 < persons[key] < 5:
            assert cell.status is CellStatus.SUPPRESSED
        if cell.status is CellStatus.PUBLISHED:
            assert cell.value == expected[key]
        else:
            assert (cell.status, cell.value) == (CellStatus.SUPPRESSED, None)
    assert any(c.status is CellStatus.PUBLISHED and c.value for c in cells)


def test_a_rate_is_withheld_wherever_its_count_is(work: Workspace) -> None:
    for policy in (NOISE, SUPPRESSED):
        cells = run(work, policy).release.tables[0].cells
        hidden = {(c.area, c.categories) for c in cells if c.measure != "rate" and c.status is CellStatus.SUPPRESSED}
        assert hidden
        assert all(c.value is None for c in cells if (c.area, c.categories) in hidden)


def test_a_rate_is_the_count_by_the_public_population(work: Workspace) -> None:
    cells = {(c.measure, c.area, c.categories): c.value for c in run(work, SUPPRESSED).release.tables[0].cells}
    people = sum(100 + n for n in range(15)) * 2 * 7
    count = cells["cases", "00", ("TOT",)]
    assert count is not None
    assert cells["rate", "00", ("TOT",)] == int(Fraction(count * 10_000, people) + Fraction(1, 2))


def test_a_rerun_gives_back_the_same_bytes_and_charges_nothing(work: Workspace) -> None:
    first = run(work, NOISE)
    before = (work.store.folder(first.record) / "manifest.json").read_bytes()
    again = run(work, NOISE, noise=None)  # it is not measured again: no noise source is needed
    assert (work.store.folder(again.record) / "manifest.json").read_bytes() == before
    assert work.ledger.spent(Account("forsakringskassan", 2022)) == 50_000_000


def test_a_second_period_holds_the_first_cell_by_cell(work: Workspace) -> None:
    first = run(work, SUPPRESSED, Y2021).release.tables[0]
    both = run(work, SUPPRESSED, Y2022).release.tables[0]
    assert both.periods == ("2021", "2022")
    assert [c for c in both.cells if c.period == "2021"] == list(first.cells)
    assert audit_release(work, "fk-familj-bostad.2022.v1").passed


def test_a_row_that_one_year_lacks_is_not_applicable_there(work: Workspace) -> None:
    run(work, NOISE, Y2021)
    table = run(work, NOISE, Y2022).release.tables[0]
    gone = {c.area for c in table.cells if c.period == "2022" and c.status is CellStatus.NOT_APPLICABLE and
            c.measure == "persons"}  # fmt: skip
    assert gone
    types = {f"{code[:2]}T{area_type(code, 2022)}" for code in table.area_types["2022"]}
    assert not gone & types
    assert all(c.value is None for c in table.cells if c.period == "2022" and c.area in gone)


def test_nothing_of_a_release_is_public_before_its_time(work: Workspace) -> None:
    release = run(work, NOISE, now=BEFORE)
    assert release.release.publish_at == "2023-02-15T07:00:00Z"
    publish(work, BEFORE)
    assert [p.name for p in (work.home.public / "releases").iterdir()] == []
    assert release.release.id not in _public_text(work.home)
    with pytest.raises(RunError, match="not before"):
        work.store.publish(release.release.id, now=BEFORE, agencies=[])
    assert publish(work, BEFORE + timedelta(seconds=1)) == [release.release.id]
    assert release.release.id in _public_text(work.home)


def _public_text(home: Home) -> str:
    files = [p for p in home.public.rglob("*") if p.is_file()]
    return "\n".join([str(p) for p in files] + [p.read_bytes().decode("latin-1") for p in files])


def test_a_withdrawn_release_leaves_a_tombstone_and_no_bytes(work: Workspace) -> None:
    run(work, SUPPRESSED)
    publish(work)
    work.store.withdraw("fk-familj-bostad.2022.v1", reason="wrong file", actor="test", now=NOW, agencies=[])
    assert not (work.home.public / "releases" / "fk-familj-bostad.2022.v1").exists()
    name = (work.home.public / "current").read_text().strip()
    entry = json.loads((work.home.public / "catalogues" / name / "catalogue.json").read_bytes())["tables"][0]
    assert entry["latest"] is None
    assert entry["releases"][0]["reason"] == "wrong file"
    assert work.store.verified(work.store.record("fk-familj-bostad.2022.v1"))[0].id == "fk-familj-bostad.2022.v1"


def test_a_revision_of_a_noise_table_is_a_new_version_and_a_new_charge(work: Workspace) -> None:
    run(work, NOISE)
    with pytest.raises(RunError, match="need --reason"):
        run(work, NOISE, revise=True)
    assert run(work, NOISE, revise=True, reason="late records").release.version == 2
    with pytest.raises(BudgetExceededError, match="would exceed the cap"):
        run(work, NOISE, revise=True, reason="later records")
    assert work.ledger.spent(Account("forsakringskassan", 2022)) == 100_000_000


class Crash(Exception):  # noqa: N818 - it is no error of ours
    """The machine stops."""


def test_what_was_charged_stays_charged_when_the_draw_fails(work: Workspace) -> None:
    def crash(values: np.ndarray, scale: float) -> np.ndarray:
        raise Crash

    with pytest.raises(Crash):
        run(work, NOISE, noise=crash)
    assert work.ledger.spent(Account("forsakringskassan", 2022)) == 50_000_000
    with pytest.raises(LedgerError, match="charged and not sealed"):
        run(work, NOISE)
    assert list(work.home.vault.iterdir()) == []


def test_a_crash_after_sealing_gives_back_what_was_sealed(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise Crash

    monkeypatch.setattr(type(work.store), "_add", crash)
    with pytest.raises(Crash):
        run(work, NOISE)
    monkeypatch.undo()
    sealed = (work.home.vault / "fk-ohalsa.2022.v1" / "manifest.json").read_bytes()
    result = run(work, NOISE, noise=None)
    assert (work.store.folder(result.record) / "manifest.json").read_bytes() == sealed


@pytest.mark.parametrize("step", ["_set", "folder", "reconcile"])
def test_a_crash_while_publishing_is_made_good_by_the_next_pass(
    work: Workspace, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    run(work, SUPPRESSED)

    def crash(*_: object, **__: object) -> None:
        raise Crash

    monkeypatch.setattr(type(work.store), step, crash)
    with pytest.raises(Crash):
        publish(work)
    monkeypatch.undo()
    publish(work)
    assert (work.home.public / "releases" / "fk-familj-bostad.2022.v1").is_dir()
    assert not (work.home.vault / "fk-familj-bostad.2022.v1").exists()
    name = (work.home.public / "current").read_text().strip()
    assert "fk-familj-bostad.2022.v1" in (work.home.public / "catalogues" / name / "catalogue.json").read_text()


@pytest.mark.parametrize("state", ["sealed", "published", "withdrawn"])
def test_a_restored_state_stops_runs_until_the_difference_is_booked(home: Home, state: str) -> None:
    account, old, lost = Account("forsakringskassan", 2022), home.root / "old.db", "fk-ohalsa.2022.v1"
    with open_workspace(home, exclusive=True) as work:
        run(work, NOISE, Y2021)
        publish(work)
        shutil.copy(home.root / "state.db", old)
        run(work, NOISE, Y2022)
        if state != "sealed":
            publish(work)
        if state == "withdrawn":
            work.store.withdraw(lost, reason="wrong", actor="test", now=NOW, agencies=[])
        before = read_account(home)
    shutil.copy(old, home.root / "state.db")
    with open_workspace(home, exclusive=True) as work:
        with pytest.raises(LedgerError, match=f"behind release {lost}"):
            run(work, NOISE, Y2022)
        assert next(iter(run_due(work, now=NOW))).error
        assert read_account(home) == before
        catalogue = (home.public / "current").read_text().strip()
        work.ledger.book(
            account=account, units=50_000_000, releases=[lost, catalogue], at="x", reason="restored from the backup"
        )
        result = run(work, NOISE, Y2022, noise=None)
        assert result.record.state == state
        assert work.ledger.spent(account) == 50_000_000


def read_account(home: Home) -> bytes:
    name = (home.public / "current").read_text().strip()
    return (home.public / "catalogues" / name / "account.json").read_bytes()


def test_a_release_never_shows_a_later_period_before_its_time(work: Workspace) -> None:
    early = datetime(2023, 1, 10, tzinfo=UTC)
    run(work, NOISE, Y2022, now=early)
    late = run(work, NOISE, Y2021, now=early)
    assert late.release.tables[0].periods == ("2021", "2022")
    assert late.release.publish_at == "2023-02-15T07:00:00Z"
    assert publish(work, early) == []


def test_publication_asks_the_signed_time_and_not_only_the_state_file(work: Workspace) -> None:
    release = run(work, NOISE, now=BEFORE).release.id
    work.db.conn.execute("UPDATE releases SET publish_at = '2000-01-01T00:00:00Z'")
    with pytest.raises(RunError, match="not before"):
        work.store.publish(release, now=BEFORE, agencies=[])


def test_what_a_kill_left_half_written_does_not_stay_in_public(work: Workspace) -> None:
    run(work, SUPPRESSED)
    torn = work.home.public / "releases" / ".fk-familj-bostad.2022.v1.abc"
    torn.mkdir()
    (torn / "data.csv").write_text("half")
    publish(work)
    assert [p.name for p in (work.home.public / "releases").iterdir()] == ["fk-familj-bostad.2022.v1"]


def test_later_releases_that_hold_withdrawn_cells_are_known(work: Workspace) -> None:
    run(work, SUPPRESSED, Y2021)
    run(work, SUPPRESSED, Y2022)
    ids = [r.release for r in work.store.containing("fk-familj-bostad.2021.v1")]
    assert ids == ["fk-familj-bostad.2021.v1", "fk-familj-bostad.2022.v1"]


def change(home: Home, policy: str, *pairs: tuple[str, str], as_id: str = "") -> None:
    """Put a changed policy in force, under its own or another id."""
    text = (home.active / f"{policy}.yaml").read_text(encoding="utf-8")
    for before, after in (*pairs, (f"policy: {policy}", f"policy: {as_id or policy}")):
        assert before in text
        text = text.replace(before, after)
    file = home.root / f"{as_id or policy}.yaml"
    file.write_text(text, encoding="utf-8")
    put_in_force(home, [file])


def test_records_published_by_noise_are_not_published_exactly_afterwards(home: Home) -> None:
    with open_workspace(home, exclusive=True) as work:
        run(work, NOISE)
    (home.active / f"{NOISE}.yaml").unlink()
    change(
        home,
        SUPPRESSED,
        ("id: fk-familj-bostad-regso", "id: fk-exakt-regso"),
        ("[foraldrapenning, vab, bostadsbidrag]", "[sjukpenning]"),
        as_id="fk-exakt",
    )
    with open_workspace(home, exclusive=True) as work, pytest.raises(RunError, match="published by noise"):
        run(work, "fk-exakt")


def test_suppressed_records_are_not_published_again_in_another_cut(home: Home) -> None:
    with open_workspace(home, exclusive=True) as work:
        run(work, SUPPRESSED)
    (home.active / f"{SUPPRESSED}.yaml").unlink()
    write = home.root / "fk-annat.yaml"
    text = (template_text()).replace("policy: fk-familj-bostad", "policy: fk-annat")
    write.write_text(text.replace("id: fk-familj-bostad-regso", "id: fk-annat-regso"), encoding="utf-8")
    put_in_force(home, [write])
    with open_workspace(home, exclusive=True) as work, pytest.raises(RunError, match="choice is permanent"):
        run(work, "fk-annat")


def template_text() -> str:
    return (Path(__file__).parents[2] / "policies" / "fk-familj-bostad.yaml").read_text(encoding="utf-8")


def test_a_table_id_is_never_reused_by_another_policy(home: Home) -> None:
    with open_workspace(home, exclusive=True) as work:
        run(work, NOISE, Y2021)
    (home.active / f"{NOISE}.yaml").unlink()
    text = (Path(__file__).parents[2] / "policies" / "fk-ohalsa.yaml").read_text(encoding="utf-8")
    file = home.root / "fk-ny.yaml"
    file.write_text(text.replace("policy: fk-ohalsa", "policy: fk-ny"), encoding="utf-8")
    put_in_force(home, [file])
    with open_workspace(home, exclusive=True) as work, pytest.raises(RunError, match="belongs to policy fk-ohalsa"):
        run(work, "fk-ny", Y2022)


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ('per: "1000", decimals: 1', 'per: "1000", decimals: 2', "measures"),
        ("areas: [riket, lan, area_type, lan_area_type]", "areas: [riket, lan, area_type]", "areas"),
        ("- {column: sex, total: true}", "- {column: sex, total: false}", "columns"),
    ],
)
def test_a_changed_table_is_refused_before_anything_is_charged(home: Home, before: str, after: str, what: str) -> None:
    with open_workspace(home, exclusive=True) as work:
        run(work, NOISE, Y2021)
    change(home, NOISE, (before, after))
    with open_workspace(home, exclusive=True) as work:
        with pytest.raises(RunError, match=f"its {what} changed"):
            run(work, NOISE, Y2022)
        assert work.ledger.spent(Account("forsakringskassan", 2022)) == 0


def test_declarations_changed_after_the_approval_stop_the_run(home: Home) -> None:
    text = home.settings_file.read_text(encoding="utf-8")
    home.settings_file.write_text(text.replace('cap = "0.125"', 'cap = "0.5"\ncap_reason = "x"'), encoding="utf-8")
    with open_workspace(home, exclusive=True) as work, pytest.raises(RunError, match="changed after the approval"):
        run(work, NOISE)


def test_an_edited_log_stops_everything_that_writes(home: Home) -> None:
    import sqlite3

    with sqlite3.connect(home.root / "state.db") as db:
        db.execute("DROP TRIGGER log_no_update")
        db.execute("UPDATE log SET digest = 'other' WHERE sequence = 1")
    with pytest.raises(LedgerError, match="log: the chain is broken at row 1"), open_workspace(home, exclusive=True):
        pass


def test_nobody_else_may_look_into_a_home(home: Home) -> None:
    home.create()
    home.state().close()
    assert home.root.stat().st_mode & 0o777 == 0o711
    assert (home.root / "state.db").stat().st_mode & 0o077 == 0
    assert home.vault.stat().st_mode & 0o077 == 0


def test_a_changed_active_policy_is_not_run(work: Workspace) -> None:
    path = work.home.active / f"{NOISE}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('rho: "0.05"', 'rho: "0.12"'), encoding="utf-8")
    with pytest.raises(RunError, match="not the one that was approved"):
        run(work, NOISE)


def test_a_period_that_is_not_over_is_refused(work: Workspace) -> None:
    with pytest.raises(RunError, match="not over"):
        run(work, NOISE, Y2022, now=datetime(2022, 12, 31, 22, 30, tzinfo=UTC))


def test_a_period_of_another_grain_is_refused(work: Workspace) -> None:
    with pytest.raises(RunError, match="every year"):
        run(work, NOISE, Period.parse("2022M01"))


def test_a_bad_source_is_refused_before_anything_is_charged(work: Workspace, rows: list[Case]) -> None:
    spoiled = [*rows, Case(999999, "P000000001", "0180R001", rows[0].date, "spelling", "woman", AGES[0], 1.0)]
    write_cases(work.home.root / "data" / "cases.parquet", spoiled)
    with pytest.raises(Exception, match=r"cases\.parquet: column benefit") as raised:
        run(work, NOISE)
    assert "spelling" not in str(raised.value)
    assert work.ledger.rows() == []


def test_two_processes_do_not_work_in_one_home(work: Workspace) -> None:
    with pytest.raises(RunError, match="another publisher process"), open_workspace(work.home, exclusive=True):
        pass


def test_a_changed_file_of_a_sealed_release_is_seen(work: Workspace) -> None:
    record = run(work, SUPPRESSED).record
    path = work.store.folder(record) / "tables" / "fk-familj-bostad-regso" / "data.csv"
    path.write_bytes(path.read_bytes().replace(b"suppressed", b"suppresses", 1))
    with pytest.raises(ReleaseError, match="not the file that was sealed"):
        work.store.check_against_ledger(record)


def test_a_pattern_that_does_not_protect_is_not_sealed(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search withholds the sensitive cells only: the attacker, which shares no code with it, refuses."""
    import publisher.draft.suppressed as module

    find = module.protect_layers

    def lazy(*args: object) -> object:
        pattern = find(*args)  # type: ignore[arg-type]
        object.__setattr__(pattern, "suppressed", pattern.sensitive.copy())
        return pattern

    monkeypatch.setattr(module, "protect_layers", lazy)
    with pytest.raises(AuditFailedError, match=r"can be computed|too narrow"):
        run(work, SUPPRESSED)
    assert list(work.home.vault.iterdir()) == []


def test_canaries_in_the_records_are_in_no_file_that_leaves(template: Home, tmp_path: Path) -> None:
    day = datetime(2022, 5, 5, tzinfo=UTC).date()
    canaries = [Case(987654321987, "P777777777", "0180R001", day, b, "man", AGES[0], 31415926.5) for b in ("vab",)]
    home = make_home(tmp_path / "home", [*make_cases(persons=300), *canaries])
    with open_workspace(home, exclusive=True) as work:
        for policy in (NOISE, SUPPRESSED):
            run(work, policy)
        publish(work)
    kept = [home.root / "data"]
    for path in (p for p in home.root.rglob("*") if p.is_file() and not any(k in p.parents for k in kept)):
        content = path.read_bytes()
        for canary in (b"987654321987", b"P777777777", b"31415926"):
            assert canary not in content, path.name


def test_no_plain_hash_of_anything_that_depends_on_records_leaves(work: Workspace) -> None:
    """The manifest holds digests of published files, and HMACs under a key that stays."""
    import hashlib

    result = run(work, SUPPRESSED)
    manifest, files = work.store.verified(result.record)
    data = (work.home.root / "data" / "cases.parquet").read_bytes()
    memory = (work.home.memory / f"{result.release.id}.json").read_bytes()
    plain = {f(x).hexdigest() for x in (data, memory) for f in (hashlib.sha256, hashlib.sha1, hashlib.md5)}
    plain |= {work.ledger.head()[1], work.log.head()[1]}
    text = manifest.to_bytes().decode() + _public_text(work.home)
    assert not [p for p in plain if p in text]
    secret = work.keys.derive("records-snapshot")
    import hmac

    assert hmac.new(secret, data, hashlib.sha256).hexdigest() != hashlib.sha256(data).hexdigest()
    assert len(manifest.records_hmac) == len(manifest.audit_hmac) == len(manifest.ledger.head_hmac) == 64
    assert manifest.records_hmac != hashlib.sha256(data).hexdigest()
    assert set(manifest.files) == set(files) - {"manifest.json", "manifest.sig"}


def test_the_same_records_under_another_key_give_other_hmacs_and_the_same_table(
    home: Home, tmp_path: Path, rows: list[Case]
) -> None:
    other = make_home(tmp_path / "other", rows, key=bytes(range(1, 33)))
    seen = []
    for place in (home, other):
        with open_workspace(place, exclusive=True) as work:
            result = run(work, NOISE)
            seen.append((work.store.verified(result.record)[0], result.release.tables))
    assert seen[0][1] == seen[1][1]
    assert seen[0][0].records_hmac != seen[1][0].records_hmac
    assert seen[0][0].audit_hmac != seen[1][0].audit_hmac


def test_two_releases_of_one_snapshot_do_not_tell_that_it_was_one(work: Workspace) -> None:
    manifests = [work.store.verified(run(work, NOISE, p).record)[0] for p in (Y2021, Y2022)]
    assert manifests[0].records_hmac != manifests[1].records_hmac


def test_the_same_run_gives_the_same_bytes(home: Home, tmp_path: Path) -> None:
    shutil.copytree(home.root, tmp_path / "twin")
    outs = []
    for place in (home, Home(tmp_path / "twin")):
        with open_workspace(place, exclusive=True) as work:
            outs.append(work.store.verified(run(work, SUPPRESSED).record)[1])
    assert outs[0] == outs[1]


def test_the_csv_has_the_columns_of_the_model(work: Workspace) -> None:
    files = work.store.verified(run(work, NOISE).record)[1]
    reader = csv.DictReader(io.StringIO(files["tables/fk-ohalsa-omradestyp/data.csv"].decode()))
    assert reader.fieldnames is not None
    assert ",".join(reader.fieldnames) == (
        "area_level,area,area_text,sex,sex_text,age_group,age_group_text,period,measure,value,status,lower,upper,version"
    )
    row = next(r for r in reader if r["area"] == "T1" and r["sex"] == "TOT" and r["age_group"] == "TOT")
    assert row["area_text"] == "Områden med stora socioekonomiska utmaningar"


def test_the_scheduler_runs_the_last_period_once_and_publishes_it(work: Workspace) -> None:
    done = [(o.action, o.subject, o.error) for o in run_due(work, now=BEFORE + timedelta(seconds=1))]
    assert done == [
        ("run", "fk-familj-bostad.2022.v1", ""),
        ("run", "fk-ohalsa.2022.v1", ""),
        ("publish", "fk-familj-bostad.2022.v1", ""),
        ("publish", "fk-ohalsa.2022.v1", ""),
    ]
    assert list(run_due(work, now=BEFORE + timedelta(hours=9))) == []


def test_a_run_that_fails_is_reported_and_does_not_stop_the_others(work: Workspace) -> None:
    (work.home.root / "data" / "population.csv").unlink()
    outcomes = list(run_due(work, now=BEFORE))
    assert [o.action for o in outcomes] == ["run", "run"]
    assert all("population.csv" in o.error for o in outcomes)
    assert work.log.last("run-failed", "fk-ohalsa.2022.v1") is not None
