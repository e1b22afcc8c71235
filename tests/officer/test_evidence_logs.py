"""The account, the logs, who has read what, runs, reports, deputies and sources, as pages."""

import csv
import io
import json
import re

import pytest
from evidence import ACCOUNT, chained, tell

from publisher.desk.requests import Kind, Requests, Stand
from publisher.log import ActionLog
from web.officer.account import bar_of
from web.officer.exports import to_csv

SOURCE = {
    "source": "fk-cases", "agency": "a", "format": "parquet", "placing": "regso", "edition": "regso-2020",
    "files": [{"file": "data/cases.parquet", "present": False, "size": 0, "changed_at": "", "stamp": ""}],
    "unknown_areas": "refuse", "columns": [{"role": "date", "column": "day"}], "categories": [], "amounts": [],
    "last_read": None,
    "check": {"source": "fk-cases", "period": "2023", "at": "2024-02-01T00:00:00Z", "error": "cases.parquet: is empty"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def told(desk):
    tell(desk)


def rows(desk, action):
    with desk.open() as db:
        return [r for r in ActionLog(db).rows() if r["action"] == action]


def test_the_account_says_what_is_charged_what_comes_and_what_that_means(as_role):
    page = as_role("author").get("/en/account").text
    for words in (
        "0.1 of 0.125 is charged", "reached on 2025-02-15", "next period with room is 2025", "62 cases of 100",
        "not sealed; the charge stands", "0.1 over 1 years", "<title id=",
    ):  # fmt: skip
        assert words in page, words
    assert "0,1 av 0,125" in as_role("author").get("/sv/account").text


def test_the_bar_is_as_long_as_the_cap_and_leaves_out_what_is_refused():
    year = ACCOUNT["accounts"][0]
    assert (bar_of(year).charged, bar_of(year).to_come, bar_of(year).cap) == (800, 0, 1000)
    fits = {**year, "charged": "0.05", "forecast": {"each": [{"rho": "0.025", "refused": False}]}}
    assert (bar_of(fits).charged, bar_of(fits).to_come, bar_of(fits).cap) == (400, 200, 1000)
    over = {**year, "charged": "0.25", "forecast": {"each": []}}
    assert (bar_of(over).charged, bar_of(over).cap) == (1000, 500)


def test_whole_chains_are_said_to_be_whole(as_role):
    page = as_role("auditor").get("/sv/log").text
    assert page.count("kedjan är hel") == 3
    assert "3 rader, kedjan är hel" in page


@pytest.mark.parametrize("change", ["edited", "removed", "swapped", "added"])
def test_a_changed_chain_is_said_to_be_broken_and_where(as_role, desk, change):
    document = chained()
    log = document["log"]
    if change == "edited":
        log[1]["actor"] = "somebody"
    elif change == "removed":
        del log[1]
    elif change == "swapped":
        log[1], log[2] = log[2], log[1]
    else:
        log.insert(1, {**log[0], "sequence": 2})
    tell(desk, log=document)
    page = as_role("auditor").get("/en/log").text
    assert "broken at row 2" in page
    assert page.count("chain whole") == 2


def test_an_edited_row_of_the_desk_itself_is_seen(as_role, desk):
    cilla = as_role("auditor")
    cilla.get("/sv/log")
    with desk.open() as db:
        db.conn.execute("DROP TRIGGER log_no_update")
        db.conn.execute("UPDATE log SET detail = 'x' WHERE sequence = 1")
    assert "bruten vid rad 1" in cilla.get("/sv/log").text


def found(page):
    return int(re.search(r"([0-9]+) rader", page[page.index('role="status"') :]).group(1))


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("place=home", 3), ("place=ledger", 2), ("q=hyperlink", 1), ("q=HYPERLINK", 1), ("actor=bo", 1),
        ("action=publish", 1), ("place=home&from=2024-02-15", 2), ("place=home&to=2024-02-01", 1),
        ("place=home&from=2024-02-01&to=2024-02-01", 1), ("q=rho+0.05", 2), ("q=nobody", 0),
    ],
)  # fmt: skip
def test_rows_are_found_by_words_person_action_place_and_swedish_days(as_role, query, number):
    assert found(as_role("author").get(f"/sv/log?{query}").text) == number


def test_the_log_is_shown_two_hundred_rows_a_page(as_role, desk):
    with desk.open() as db:
        for n in range(205):
            at = f"2024-01-01T00:{n // 60:02d}:{n % 60:02d}Z"
            ActionLog(db).write(at=at, actor="x", action="many", subject=str(n))
    anna = as_role("author")
    first, second = (anna.get(f"/sv/log?action=many&page={n}").text for n in (1, 2))
    assert (first.count("<td>many</td>"), second.count("<td>many</td>")) == (200, 5)
    for page in ("0", "99", "x", "-1"):
        assert anna.get(f"/sv/log?action=many&page={page}").status_code == 200


def test_rows_are_taken_out_as_they_were_looked_for_and_that_is_logged(as_role, desk):
    cilla = as_role("auditor")
    answer = cilla.post("/sv/log/export", form="jsonl", place="home", q="fk-x.2")
    assert [json.loads(line)["subject"] for line in answer.text.splitlines()] == ["fk-x.2021.v1", "fk-x.2023.v1"]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="log.jsonl"'
    assert [(r["actor"], r["detail"]) for r in rows(desk, "export-log")] == [("cilla", "2 rows")]
    assert cilla.post("/sv/log/export", form="exe").status_code == 400


def test_no_cell_of_an_export_is_a_formula(as_role):
    answer = as_role("auditor").post("/sv/log/export", form="csv", place="home")
    details = [r["detail"] for r in csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))]
    assert "'=HYPERLINK(\"http://x\")" in details
    for text in ("=1", "+1", "-x", "@a", "\ta", "\ra", "-1+1", "-1=2"):
        cell = next(csv.reader(io.StringIO(to_csv([{"a": text}], ["a"]).split("\r\n", 1)[1], newline="")))[0]
        assert cell == f"'{text}"
    assert "-0.5" in to_csv([{"a": "-0.5"}], ["a"]).splitlines()


def test_who_read_what_is_known_person_by_person_and_reading_that_is_known_too(as_role, desk):
    as_role("author").get("/sv/log")
    as_role("author").get("/sv/log?q=x")
    cilla = as_role("auditor")
    page = cilla.get("/sv/log/access").text
    assert "<h2>anna</h2>" in page
    assert "<h2>cilla</h2>" in page
    assert len(rows(desk, "read-log")) == 1
    assert [r["actor"] for r in rows(desk, "read-access")] == ["cilla"]
    taken = cilla.post("/sv/log/access/export", form="csv", q="anna")
    assert taken.text.count("read-log") == 1
    assert len(rows(desk, "export-access")) == 1


def test_a_later_visit_is_another_reading(as_role, desk, clock):
    anna = as_role("author")
    for minutes in (0, 10, 10):
        clock.move(minutes=minutes)
        anna.get("/sv/log")
    assert len(rows(desk, "read-log")) == 2


@pytest.mark.parametrize("role", ["author", "approver"])
def test_who_read_what_is_for_those_who_answer_for_it(as_role, role):
    one = as_role(role)
    assert one.get("/sv/log/access").status_code == 403
    assert one.post("/sv/log/access/export", form="csv").status_code == 403
    assert "/sv/log/access" not in one.get("/sv/log").text


def test_runs_are_shown_with_their_states_and_how_long_they_took(as_role):
    anna = as_role("author")
    page = anna.get("/sv/runs").text
    assert "90\xa0s" in page
    assert "misslyckades" in page
    assert found(anna.get("/sv/runs?state=failed").text) == 1
    assert found(anna.get("/sv/runs?q=fk-x").text) == 1


def test_a_report_is_asked_for_and_taken_away_as_a_file(as_role, desk):
    cilla = as_role("auditor")
    assert cilla.post("/sv/reports", year="2024").status_code == 302
    with desk.open() as db:
        assert [(r.kind, r.subject) for r in Requests(db).recent()] == [(Kind.REPORT, "2024")]
        Requests(db).set(1, Stand.FAILED, at="2024-03-01T12:00:09Z", note="no <room>")
    (desk.reports / "2024.sv.html").write_bytes(b"<h1>Report</h1>")
    (desk.reports / "impact-assessment.en.pdf").write_bytes(b"%PDF-")
    page = cilla.get("/sv/reports").text
    assert "HTML, svenska" in page
    assert "Konsekvensbedömning" in page
    assert "no &lt;room&gt;" in page
    answer = cilla.get("/sv/reports/2024.sv.html")
    assert answer.data == b"<h1>Report</h1>"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="2024.sv.html"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert [(r["actor"], r["subject"]) for r in rows(desk, "read-report")] == [("cilla", "2024.sv.html")]
    assert cilla.get("/sv/reports/impact-assessment.en.pdf").content_type == "application/pdf"


@pytest.mark.parametrize(
    "name",
    ["../officer.db", "..%2fofficer.db", "%2e%2e/officer.db", "2024.sv.html%00", "2024.sv.html/..", "2024.xx.html",
     "2024.sv.html.bak", "officer.db", "...html", "2024.sv.htm", "%5c..%5cofficer.db", "٢٠٢٤.sv.html", "1999.sv.html"],
)  # fmt: skip
def test_no_other_file_is_had_by_the_name_of_a_report(as_role, desk, name):
    (desk.reports / "2024.sv.html.bak").write_bytes(b"x")
    (desk.reports / "officer.db").write_bytes(b"x")
    (desk.reports / "٢٠٢٤.sv.html").write_bytes(b"x")
    assert as_role("auditor").get(f"/sv/reports/{name}").status_code in (404, 308)
    assert not rows(desk, "read-report")


def test_a_link_in_the_place_of_a_report_is_not_followed(as_role, desk):
    (desk.reports / "2024.sv.html").symlink_to(desk.root / "officer.db")
    assert as_role("auditor").get("/sv/reports/2024.sv.html").status_code == 404


@pytest.mark.parametrize("year", ["1999", "", "../x", "2024.sv"])
def test_a_report_is_of_a_year_that_is_offered(as_role, desk, year):
    assert as_role("author").post("/sv/reports", year=year).status_code == 422
    with desk.open() as db:
        assert Requests(db).recent() == []


def test_deputies_are_named_and_ended_on_their_page(as_role):
    bo, anna, david = as_role("approver"), as_role("author"), as_role("admin")
    good = {"deputy": "anna", "first": "2024-03-02", "last": "2024-03-09", "reason": "leave"}
    assert anna.post("/sv/deputies", **good).status_code == 403
    assert david.post("/sv/deputies", **good).status_code == 403
    wrong = bo.post("/sv/deputies", **{**good, "last": "2024-12-01"})
    assert (wrong.status_code, "92 days" in wrong.text) == (422, True)
    assert bo.post("/sv/deputies", **good).status_code == 302
    assert "börjar senare" in anna.get("/sv/deputies").text
    assert anna.post("/sv/deputies/1/end").status_code == 403
    assert david.post("/sv/deputies/1/end").status_code == 302
    assert "avslutad" in anna.get("/sv/deputies").text
    assert bo.post("/sv/deputies/1/end").status_code == 409


def test_a_source_is_shown_with_its_last_check_and_checked_when_asked(as_role, desk):
    tell(desk, sources={"sources": [SOURCE]}, geography={"expires": [
        {"what": "types", "name": "regso-2020", "year": 2024, "policy": "fk-x", "period": "2024", "due": "2025-02-15"}
    ]})  # fmt: skip
    anna = as_role("author")
    page = anna.get("/sv/sources").text
    for words in ("saknas", "cases.parquet: is empty", "regso-2020 har inga områdestyper för 2024", "Kontrollera nu"):
        assert words in page, words
    assert as_role("auditor").post("/sv/sources/fk-cases/check").status_code == 403
    assert anna.post("/sv/sources/unknown/check").status_code == 404
    assert anna.post("/sv/sources/fk-cases/check").status_code == 302
    with desk.open() as db:
        assert [(r.kind, r.subject) for r in Requests(db).recent()] == [(Kind.CHECK_SOURCE, "fk-cases")]
    page = anna.get("/sv/sources").text
    assert "Kontroll begärd" in page
    assert "Kontrollera nu" not in page
