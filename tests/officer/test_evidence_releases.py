"""Releases, the emergency stop, and a suspected disclosure, as pages."""

import re

import pytest
from evidence import NASTY, RELEASES, policy, release, tell

from publisher.desk.requests import Kind, Requests, Stand
from publisher.log import ActionLog

PAUSE = {"by": "bo", "at": "2024-03-01T11:00:00Z", "reason": NASTY}


@pytest.fixture(autouse=True)
def told(desk):
    tell(desk)


def asked(desk):
    with desk.open() as db:
        return [(r.kind, r.subject, r.by, r.reason, dict(r.details or {})) for r in Requests(db).recent()]


def test_releases_are_found_by_title_table_person_and_state(as_role):
    anna = as_role("author")
    assert "5 av 5 utgåvor" in anna.get("/sv/releases").text
    for query, found in (("q=titel fk-y", 1), ("q=fk-x", 4), ("q=bo b", 5), ("state=withdrawn", 1),
                         ("q=script", 1), ("q=nothing", 0)):  # fmt: skip
        assert f"{found} av 5" in anna.get(f"/sv/releases?{query}").text, query


def test_a_release_says_what_is_in_it_who_answers_for_it_and_who_holds_its_cells(as_role):
    page = as_role("auditor").get("/en/releases/fk-x.2022.v1").text
    for word in ("Noise", "Anna A", "Bo B", "d" * 64, "0.05", "fk-x.2023.v1", "Published 2024-02-15 08:00"):
        assert word in page, word
    assert "An approver, or the approver" in page
    assert "<textarea" not in page


def test_a_reason_is_text_on_every_page(as_role, desk):
    tell(desk, policies={"policies": [policy("fk-x", PAUSE)], "paused_all": None, "problem": ""})
    bo = as_role("approver")
    for page in ("/sv/releases/fk-x.2021.v1", "/sv/stop", "/sv/account", "/sv/disclosure?subject=fk-x-t"):
        text = bo.get(page).text
        assert "<script>alert" not in text, page
        assert "49" not in re.sub(r"[0-9a-f]{20,}|value=\"[^\"]*\"", "", text), page
    assert "&lt;script&gt;" in bo.get("/sv/stop").text


def test_a_withdrawal_says_what_will_go_and_what_readers_see_then(as_role):
    page = as_role("approver").get("/sv/releases/fk-x.2022.v1").text
    part = page[page.index('id="withdraw"') :]
    assert "fk-x.2022.v1" in part
    assert "fk-x.2023.v1" in part
    assert "Dra tillbaka 2 utgåvor" in part
    assert "Läsarna ser sedan fk-x.2020.v1 som den senaste" in part
    assert "ingen utgåva alls" in as_role("approver").get("/sv/releases/fk-y.2023.v1").text


def test_a_withdrawal_is_asked_of_the_scheduler_with_its_reason_and_shown_until_it_is_done(as_role, desk):
    bo = as_role("approver")
    answer = bo.post("/sv/releases/fk-x.2022.v1/withdraw", reason=" wrong file ")
    assert (answer.status_code, answer.location) == (302, "/sv/releases/fk-x.2022.v1#asked")
    assert asked(desk) == [(Kind.WITHDRAW, "fk-x.2022.v1", "bo", "wrong file", {"only": ""})]
    page = bo.get("/sv/releases/fk-x.2022.v1").text
    assert "Väntar på schemaläggaren" in page
    assert 'class="danger"' not in page
    assert "tillbakadragande begärt" in bo.get("/sv/releases").text
    with desk.open() as db:
        Requests(db).set(1, Stand.DONE, at="2024-03-01T12:00:04Z")
    assert "efter 4\xa0s" in bo.get("/sv/releases/fk-x.2022.v1").text


@pytest.mark.parametrize(
    ("name", "reason", "status"),
    [("fk-x.2022.v1", "  ", 422), ("fk-x.2021.v1", "late", 409), ("fk-x.1999.v1", "late", 404)],
)
def test_no_withdrawal_without_a_reason_of_what_is_gone_or_unknown(as_role, desk, name, reason, status):
    answer = as_role("approver").post(f"/sv/releases/{name}/withdraw", reason=reason)
    assert answer.status_code == status
    assert asked(desk) == []


@pytest.mark.parametrize("role", ["author", "auditor", "admin"])
def test_only_an_approver_withdraws_or_lets_go_on(as_role, desk, role):
    one = as_role(role)
    assert one.post("/sv/releases/fk-x.2022.v1/withdraw", reason="r").status_code == 403
    assert one.post("/sv/stop/resume", policy="fk-x", reason="r").status_code == 403
    assert asked(desk) == []


def test_a_deputy_withdraws_in_the_approvers_place(as_role, desk):
    bo, cilla = as_role("approver"), as_role("auditor")
    week = {"first": "2024-03-01", "last": "2024-03-08"}
    assert bo.post("/sv/deputies", deputy="cilla", reason="leave", **week).status_code == 302
    assert "<textarea" in cilla.get("/sv/releases/fk-x.2022.v1").text
    assert cilla.post("/sv/releases/fk-x.2022.v1/withdraw", reason="r").status_code == 302
    assert bo.post("/sv/deputies/1/end").status_code == 302
    assert cilla.post("/sv/stop/resume", policy="fk-x", reason="r").status_code == 403


def test_approvers_and_administrators_pause_one_or_everything(as_role, desk):
    for role, policy_id, kind in (("admin", "fk-x", Kind.PAUSE), ("approver", "", Kind.PAUSE_ALL)):
        assert as_role(role).post("/sv/stop/pause", policy=policy_id, reason="look").status_code == 302
        assert asked(desk)[0][:2] == (kind, policy_id)
    for role in ("author", "auditor"):
        assert as_role(role).post("/sv/stop/pause", policy="", reason="look").status_code == 403
    bo = as_role("approver")
    assert bo.post("/sv/stop/resume", policy="", reason="fine").status_code == 302
    assert asked(desk)[0] == (Kind.RESUME_ALL, "", "bo", "fine", {})
    assert bo.post("/sv/stop/pause", policy="unknown", reason="look").status_code == 404
    answer = bo.post("/sv/stop/pause", policy="", reason=" ")
    assert answer.status_code == 422
    assert "Skriv ett skäl" in answer.text
    assert len(asked(desk)) == 3


def test_the_stop_page_says_what_is_stopped_by_whom_and_how_long_it_took(as_role, desk):
    with desk.open() as db:
        made = Requests(db).ask(Kind.PAUSE, "fk-x", by="bo", at="2024-03-01T10:59:57Z", reason="look")
        Requests(db).set(made.id, Stand.DONE, at="2024-03-01T11:00:00Z")
    tell(desk, policies={"policies": [policy("fk-x", PAUSE), policy("fk-y")], "paused_all": PAUSE, "problem": ""})
    page = as_role("auditor").get("/sv/stop").text
    assert "Titel fk-x" in page
    assert "Allt</h3>" in page
    assert "Av bo, 2024-03-01 12:00:00" in page
    assert "Verkade efter 3\xa0s" in page


def test_it_is_said_when_the_scheduler_is_silent(as_role, clock):
    bo = as_role("approver")
    assert "inte hörts av" not in bo.get("/sv/stop").text
    clock.move(minutes=1)
    assert "inte hörts av" in bo.get("/sv/stop").text


def test_a_broken_release_is_told(as_role, desk):
    tell(desk, releases={"releases": [release("fk-x.2023.v1", problem="not the file that was sealed")]})
    assert "not the file that was sealed" in as_role("author").get("/sv/releases/fk-x.2023.v1").text


def test_a_suspected_disclosure_shows_what_holds_the_cells_and_by_when_to_notify(as_role):
    page = as_role("author").get("/en/disclosure?subject=fk-x.2022.v1&known=2024-03-30T12:00").text
    rows = re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)', page)
    assert rows == ["fk-x.2023.v1", "fk-x.2022.v1"]
    assert "Notify no later than 2024-04-02 13:00" in page  # 72 hours, over the change to summer time
    assert "/en/releases/fk-x.2022.v1#withdraw" in page
    table = as_role("author").get("/en/disclosure?subject=fk-x-t").text
    assert len(re.findall(r'<th scope="row"><a href="[^"]*">fk-x', table)) == 4
    for nonsense in ("2024-13-40", "x", "9999-12-31T23:00", "2024-03-30T12:00+01:00"):
        assert "Write in step 1" in as_role("author").get(f"/en/disclosure?known={nonsense}").text


def test_a_note_about_a_disclosure_is_kept_in_the_log_and_shown(as_role, desk):
    cilla = as_role("auditor")
    assert cilla.post("/sv/disclosure", subject="fk-x-t", text=NASTY).status_code == 302
    with desk.open() as db:
        row = ActionLog(db).last("disclosure-note", "fk-x-t")
        assert row is not None
        assert (row["actor"], row["detail"]) == ("cilla", NASTY)
    page = cilla.get("/sv/disclosure").text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    for text, subject in ((" ", ""), ("x" * 2001, ""), ("fine", "unknown")):
        assert cilla.post("/sv/disclosure", subject=subject, text=text).status_code == 422


def test_pages_hold_where_nothing_is_told_yet(as_role, desk):
    for name in desk.status.glob("*.json"):
        name.unlink()
    bo = as_role("approver")
    for lang in ("sv", "en"):
        for page in ("releases", "stop", "disclosure", "account", "log", "runs", "reports", "deputies", "sources"):
            assert bo.get(f"/{lang}/{page}").status_code == 200, page
    assert bo.get("/sv/releases/fk-x.2022.v1").status_code == 404


def test_the_stop_leads_to_the_release_that_was_chosen_and_to_no_other_place(as_role):
    bo = as_role("approver")
    answer = bo.get(f"/sv/stop/withdraw?release={RELEASES[1]['release']}")
    assert answer.location == "/sv/releases/fk-x.2023.v1#withdraw"
    assert bo.get("/sv/stop/withdraw?release=//evil.example").status_code == 404
