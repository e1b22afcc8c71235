"""The documents for the officer's site, made on a small home."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from homes import NOW, make_cases, make_home

from publisher.chain import BrokenChainError, verify_rows
from publisher.desk.status import NAMES, write_status
from publisher.home import Home
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest
from publisher.scheduler.publish import publish_due
from publisher.sealed import ReleaseRecord, holders
from publisher.standing.account import account_document
from publisher.standing.checks import check_and_keep
from publisher.standing.documents import documents
from publisher.standing.geography import geography_document
from publisher.standing.policies import copies, policies_document, policies_in_force
from publisher.standing.releases import releases_document
from publisher.standing.sources import sources_document
from publisher.workspace import Workspace, open_workspace

NOISE, SUPPRESSED = "fk-ohalsa", "fk-familj-bostad"
CANARY = "P000000007"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = make_home(tmp_path_factory.mktemp("standing") / "home", make_cases(persons=250))
    with open_workspace(home, exclusive=True) as work:
        for policy, period in ((SUPPRESSED, "2021"), (SUPPRESSED, "2022"), (NOISE, "2022")):
            run_release(work, RunRequest(policy, Period.parse(period)), now=NOW)
        list(publish_due(work, now=NOW))
    return home


@pytest.fixture
def work(template: Home, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template.root, tmp_path / "home")
    with open_workspace(Home(tmp_path / "home"), exclusive=True) as opened:
        yield opened


def of(document: dict, release: str) -> dict:
    return next(r for r in document["releases"] if r["release"] == release)


def test_there_is_a_document_for_every_status_file_but_those_of_the_scheduler(work):
    made = documents(work, now=NOW, pauses={})
    assert set(made) == set(NAMES) - {"scheduler", "runs"}
    for name, content in made.items():
        assert write_status(work.home.desk, name, content)
    for name, content in documents(work, now=NOW, pauses={}).items():
        assert not write_status(work.home.desk, name, content), f"{name} changes though nothing has"


def test_no_document_holds_an_identifier_of_a_record_or_a_path_of_the_machine(work):
    check_and_keep(work, "fk-cases", now=NOW)
    text = json.dumps(documents(work, now=NOW, pauses={}))
    assert CANARY not in text
    assert str(work.home.root) not in text


def test_a_policy_is_told_with_who_wrote_and_who_approved_its_very_bytes(work):
    document = policies_document(work, policies_in_force(work), pauses={})
    policy = next(p for p in document["policies"] if p["policy"] == NOISE)
    assert (policy["author"], policy["approver"], policy["approved_at"]) == (
        "One Author", "Another", "2024-01-01T00:00:00Z"
    )  # fmt: skip
    assert policy["legal_basis"] == "OSL (2009:400) 24 kap. 8 §"
    assert policy["tables"][0]["protection"]["rho"] == "0.05"
    assert [c["sv"] for c in policy["where"][0]["codes"]] == ["Sjukpenning", "Sjukersättning", "Aktivitetsersättning"]


def test_a_policy_whose_bytes_nobody_approved_is_told_without_an_approver_and_with_the_problem(work):
    path = work.home.active / f"{NOISE}.yaml"
    path.write_bytes(path.read_bytes() + b"# changed\n")
    document = policies_document(work, policies_in_force(work), pauses={})
    assert next(p for p in document["policies"] if p["policy"] == NOISE)["approver"] == ""
    assert "not the one that was approved" in document["problem"]
    assert account_document(work, policies_in_force(work), now=NOW)["no_forecast"] == document["problem"]


def test_pauses_are_told_where_they_hold(work):
    pause = {"by": "bo", "at": "2024-03-01T12:00:00Z", "reason": "look"}
    document = policies_document(work, policies_in_force(work), pauses={"": pause, NOISE: pause})
    assert document["paused_all"] == pause
    assert {p["policy"]: p["paused"] for p in document["policies"]} == {NOISE: pause, SUPPRESSED: None}


def test_copies_are_the_exact_bytes(work):
    found = copies(work)
    assert found["publisher.toml"] == work.home.settings_file.read_bytes()
    assert found[f"active/{NOISE}.yaml"] == (work.home.active / f"{NOISE}.yaml").read_bytes()


def test_a_release_is_told_with_its_state_its_protection_its_approver_and_who_holds_its_cells(work):
    document = releases_document(work, before={})
    first, noisy = of(document, f"{SUPPRESSED}.2021.v1"), of(document, f"{NOISE}.2022.v1")
    assert first["held_by"] == [f"{SUPPRESSED}.2021.v1", f"{SUPPRESSED}.2022.v1"]
    assert (first["state"], first["rho"], first["approver"]) == ("published", "", "Another")
    assert "1–4 personer" in first["tables"][0]["protection"]["words"]["sv"]
    assert (noisy["rho"], noisy["tables"][0]["protection"]["rho"]) == ("0.05", "0.05")
    assert next(r["release"] for r in document["releases"]) == f"{NOISE}.2022.v1"


def test_a_withdrawn_release_is_told_with_its_reason_and_held_by_none(work):
    work.store.withdraw(f"{SUPPRESSED}.2022.v1", reason="wrong <file>", actor="bo", now=NOW, agencies=[])
    document = releases_document(work, before={})
    last = of(document, f"{SUPPRESSED}.2022.v1")
    assert (last["state"], last["reason"], last["held_by"]) == ("withdrawn", "wrong <file>", [])
    assert of(document, f"{SUPPRESSED}.2021.v1")["held_by"] == [f"{SUPPRESSED}.2021.v1"]


def test_a_release_that_does_not_verify_is_told_as_such_and_looked_at_again_when_it_is_mended(work):
    path = work.store.folder(work.store.record(f"{NOISE}.2022.v1")) / "release.json"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"Personer", b"Personen", 1))
    broken = releases_document(work, before={})
    assert of(broken, f"{NOISE}.2022.v1")["problem"]
    path.write_bytes(whole)
    assert of(releases_document(work, before=broken), f"{NOISE}.2022.v1")["problem"] == ""


def test_what_a_release_says_is_read_once(work, monkeypatch):
    before = releases_document(work, before={})
    monkeypatch.setattr("publisher.standing.releases.open_folder", None)
    assert releases_document(work, before=before) == before


def test_the_account_tells_what_is_charged_what_comes_and_when_there_is_room_again(work):
    now = datetime(2023, 3, 1, tzinfo=UTC)
    accounts = {a["year"]: a for a in account_document(work, policies_in_force(work), now=now)["accounts"]}
    assert (accounts[2022]["charged"], accounts[2022]["left"]) == ("0.05", "0.075")
    assert accounts[2022]["charges"][0]["release"] == f"{NOISE}.2022.v1"
    assert accounts[2022]["meaning"]["epsilon"] == "1.62"
    assert [r["period"] for r in accounts[2023]["forecast"]["each"]] == ["2023"]
    assert accounts[2023]["forecast"]["next_possible"] is None


def test_the_next_possible_date_is_told_where_the_cap_is_reached(work):
    policy = work.home.active / f"{NOISE}.yaml"
    policy.write_text(policy.read_text().replace('rho: "0.05"', 'rho: "0.07"'))
    work.log.write(
        at="2024-01-01T00:00:00Z", actor="Another", action="approve", subject=NOISE,
        digest=hashlib.sha256(policy.read_bytes()).hexdigest(),
        detail=f"author One Author; declarations {work.settings.digest}",
    )  # fmt: skip
    work.db.conn.execute("DROP TRIGGER charges_no_update")
    work.db.conn.execute("UPDATE charges SET year = 2023, run_key = 'x.2023.v1' WHERE units > 0")
    accounts = {a["year"]: a for a in account_document(work, policies_in_force(work), now=NOW)["accounts"]}
    # 0.05 of 0.125 is charged to 2023 and the run asks 0.07: it has room; a second charge takes that away
    assert accounts[2023]["forecast"]["refused"] == 0
    work.db.conn.execute("UPDATE charges SET units = 60000000 WHERE units > 0")
    forecast = next(
        a["forecast"] for a in account_document(work, policies_in_force(work), now=NOW)["accounts"] if a["year"] == 2023
    )
    assert (forecast["reached_in"], forecast["each"][0]["refused"]) == ("2023", True)
    assert forecast["next_possible"]["period"] == "2024"


def test_rows_of_log_and_ledger_verify_where_they_are_read_and_a_changed_one_is_named(work):
    document = json.loads(json.dumps(documents(work, now=NOW, pauses={})["log"]))
    assert verify_rows("log", document["log"]) == len(document["log"]) > 0
    assert verify_rows("ledger", document["ledger"]) == 3
    document["ledger"][1]["units"] = 1
    with pytest.raises(BrokenChainError) as broken:
        verify_rows("ledger", document["ledger"])
    assert broken.value.row == 2
    del document["log"][0]
    with pytest.raises(BrokenChainError) as broken:
        verify_rows("log", document["log"])
    assert broken.value.row == 1


def test_a_source_is_told_with_its_files_its_last_run_and_its_last_check(work):
    before = sources_document(work)["sources"][0]
    assert (before["check"], before["files"][0]["present"]) == (None, True)
    assert before["last_read"] == {"policy": NOISE, "period": "2022", "at": "2024-03-01T12:00:00Z"}
    check_and_keep(work, "fk-cases", now=datetime(2023, 3, 1, tzinfo=UTC))
    check = sources_document(work)["sources"][0]["check"]
    assert (check["period"], check["error"], check["at"]) == ("2022", "", "2023-03-01T00:00:00Z")
    assert check["rows"] == sum(check["placed"][k] for k in ("regso", "municipality", "county", "not_stated")) > 0


def test_a_source_is_checked_for_the_last_year_that_its_edition_is_declared_for(work):
    times = [datetime(year, 3, 1, tzinfo=UTC) for year in (2023, 2024, 2027)]
    periods = [check_and_keep(work, "fk-cases", now=at)["period"] for at in times]
    assert periods == ["2022", "2023", "2023"]


def test_a_check_that_fails_keeps_what_is_wrong_and_no_value(work):
    (work.home.root / "data" / "cases.parquet").write_bytes(b"no parquet " + CANARY.encode())
    check_and_keep(work, "fk-cases", now=NOW)
    check = sources_document(work)["sources"][0]["check"]
    assert "cases.parquet" in check["error"]
    assert CANARY not in check["error"]
    assert "rows" not in check


def test_geography_tells_what_the_next_runs_will_not_find(work):
    document = geography_document(work, policies_in_force(work), now=datetime(2023, 3, 1, tzinfo=UTC), before={})
    assert (document["editions"][0]["areas"], document["populations"][0]["years"]) == (15, ["2021", "2022"])
    found = {(e["what"], e["policy"], e["year"]) for e in document["expires"]}
    assert {("types", NOISE, 2023), ("population", NOISE, 2023), ("population", SUPPRESSED, 2023)} <= found
    later = geography_document(work, policies_in_force(work), now=datetime(2024, 3, 1, tzinfo=UTC), before=document)
    found = {(e["what"], e["name"], e["year"]) for e in later["expires"]}
    assert ("edition", "regso-2020", 2023) in found


def test_a_population_file_is_read_again_when_it_has_changed(work):
    before = geography_document(work, policies_in_force(work), now=NOW, before={})
    path = work.home.root / "data" / "population.csv"
    path.write_text(path.read_text() + "0114R001,2023,woman,16-24,7\n")
    later = geography_document(work, policies_in_force(work), now=NOW, before=before)
    assert later["populations"][0]["years"] == ["2021", "2022", "2023"]


def test_a_later_version_of_a_period_holds_other_cells():
    def record(sequence: int, period: str, version: int) -> ReleaseRecord:
        name = f"p.{period}.v{version}"
        return ReleaseRecord(name, sequence, "p", "a", period, version, ("t",), "", "", "x", "", "")

    records = [record(1, "2021", 1), record(2, "2022", 1), record(3, "2021", 2), record(4, "2023", 1)]
    assert [r.release for r in holders(records, records[0])] == ["p.2021.v1", "p.2022.v1"]
    assert [r.release for r in holders(records, records[1])] == ["p.2022.v1", "p.2021.v2", "p.2023.v1"]
