"""Sessions can be seen and ended, by their owner and by an administrator, and what was ended opens nothing."""

import re

import pytest
from officer.conftest import PASSWORD

from publisher.desk.sessions import Sessions
from web.officer.cookies import COOKIE

NEW = "fyra unga alar bortom dammen"


def stolen(visitor, officer):
    """Somebody else with a copy of an officer's cookie."""
    thief = visitor("203.0.113.66")
    value = officer.client.get_cookie(COOKIE, domain="desk.example.se", path="/").value
    thief.client.set_cookie(COOKIE, value, domain="desk.example.se", path="/", secure=True)
    return thief


def test_a_stolen_cookie_opens_nothing_after_the_logout(as_role, visitor, log_of):
    anna = as_role("author")
    thief = stolen(visitor, anna)
    assert thief.get("/sv/").status_code == 200
    out = anna.post("/sv/logout")
    assert out.location == "/sv/login?out=1"
    assert "Du är utloggad" in anna.get(out.location).text
    assert thief.get("/sv/").status_code == 302
    assert ("anna", "logout", "anna", "") in log_of()


def test_a_stolen_cookie_opens_nothing_after_a_change_of_password_which_its_owner_does_not_notice(
    as_role, visitor, log_of
):
    anna, elsewhere = as_role("author"), as_role("author")
    thief = stolen(visitor, anna)
    changed = anna.post("/sv/password", password=PASSWORD, new=NEW, again=NEW)
    assert changed.location == "/sv/sessions?done=password"
    assert anna.get("/sv/").status_code == 200
    assert thief.get("/sv/").status_code == elsewhere.get("/sv/").status_code == 302
    assert ("anna", "password-changed", "anna", "") in log_of()


def test_a_new_password_is_the_one_that_opens(as_role, visitor, clock):
    anna = as_role("author")
    anna.post("/sv/password", password=PASSWORD, new=NEW, again=NEW)
    assert visitor().login("anna").status_code == 422
    assert visitor().login("anna", NEW).status_code == 302


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password": PASSWORD, "new": NEW, "again": NEW + "x"}, "De två är inte lika"),
        ({"password": PASSWORD, "new": "kort", "again": "kort"}, "För kort eller för lätt"),
        ({"password": "fel lösenord helt", "new": NEW, "again": NEW}, "inte ditt nuvarande lösenord"),
        ({"password": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "samma som det gamla"),
        ({}, "För kort eller för lätt"),
    ],
)
def test_a_password_is_not_changed_where_something_is_wrong(as_role, visitor, fields, said):
    anna = as_role("author")
    answer = anna.post("/sv/password", **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert visitor().login("anna").status_code == 302


def test_who_finds_a_desk_open_has_five_guesses_at_the_password(as_role, clock):
    anna = as_role("author")
    for _ in range(5):
        anna.post("/sv/password", password="fel", new=NEW, again=NEW)
    assert "För många försök" in anna.post("/sv/password", password=PASSWORD, new=NEW, again=NEW).text
    clock.move(seconds=30)
    assert anna.post("/sv/password", password=PASSWORD, new=NEW, again=NEW).status_code == 302


def test_an_administrator_closes_an_account_with_a_reason_and_its_sessions_end_at_once(as_role, visitor, log_of):
    david, anna = as_role("admin"), as_role("author")
    assert "Skriv varför" in david.post("/sv/accounts/anna/close", reason=" ").text
    assert anna.get("/sv/").status_code == 200
    assert david.post("/sv/accounts/ANNA/close", reason="slutat").status_code == 302
    assert anna.get("/sv/").status_code == 302
    assert visitor().login("anna").status_code == 422
    assert ("david", "account-closed", "anna", "slutat") in log_of()
    page = david.get("/sv/accounts").text
    assert "anna" in page
    assert "stängt 2024-03-01" in page
    assert david.post("/sv/accounts/anna/close", reason="igen").status_code == 409


def test_nobody_closes_the_own_account(as_role):
    david = as_role("admin")
    assert david.post("/sv/accounts/david/close", reason="trött").status_code == 409
    assert "Stäng kontot" not in david.get("/sv/accounts/david").text
    assert david.get("/sv/").status_code == 200


def session_ids(page: str) -> list[str]:
    return re.findall(r'name="session" value="([0-9a-f]{64})"', page)


def test_the_own_sessions_are_listed_and_one_of_them_ended(as_role, clock, log_of):
    there = as_role("author")
    clock.move(minutes=2)
    here = as_role("author")
    page = here.get("/sv/sessions").text
    assert page.count("2024-03-01 13:00") == page.count("2024-03-01 13:02") == 3
    assert page.count("den här webbläsaren") == 1
    assert here.post("/sv/sessions/end", session=session_ids(page)[1]).location == "/sv/sessions?done=ended"
    assert there.get("/sv/").status_code == 302
    assert here.get("/sv/").status_code == 200
    assert ("anna", "session-ended", "anna", "") in log_of()
    assert here.post("/sv/sessions/end", session=session_ids(page)[0]).location == "/sv/login?out=1"
    assert here.get("/sv/").status_code == 302


def test_all_other_sessions_are_ended_at_once(as_role, log_of):
    others, here, bo = [as_role("author") for _ in range(3)], as_role("author"), as_role("approver")
    here.post("/sv/sessions/end-others")
    assert {o.get("/sv/").status_code for o in others} == {302}
    assert here.get("/sv/").status_code == bo.get("/sv/").status_code == 200
    assert ("anna", "session-ended", "anna", "3 others") in log_of()


def test_only_an_administrator_ends_what_is_anothers(as_role, desk, clock, log_of):
    anna, bo, david = as_role("author"), as_role("approver"), as_role("admin")
    with desk.open() as db:
        (of_anna,) = Sessions(db).of("anna", now=clock())
    assert bo.post("/sv/sessions/end", session=of_anna.id).status_code == 404
    assert anna.get("/sv/").status_code == 200
    assert david.post("/sv/sessions/end", session=of_anna.id).location == "/sv/accounts/anna"
    assert anna.get("/sv/").status_code == 302
    assert david.post("/sv/accounts/bo/end-sessions").location == "/sv/accounts/bo"
    assert bo.get("/sv/").status_code == 302
    ended = [row for row in log_of() if row[1] == "session-ended"]
    assert ended == [("david", "session-ended", "anna", ""), ("david", "session-ended", "bo", "1 sessions")]


def test_a_page_that_only_looks_again_by_itself_keeps_no_session_alive(as_role, clock):
    anna = as_role("author")
    for _ in range(4):
        clock.move(minutes=4)
        last = anna.client.get("/sv/", base_url="https://desk.example.se", headers={"Sec-Fetch-Mode": "cors"})
    assert last.status_code == 302


def test_what_has_timed_out_is_neither_listed_nor_kept(as_role, desk, clock):
    as_role("author")
    clock.move(minutes=16)
    with desk.open() as db:
        assert Sessions(db).of("anna", now=clock()) == []
        Sessions(db).begin("bo", now=clock())
        assert db["sessions"].count == 1


def test_the_database_holds_no_token_that_opens(as_role, desk):
    anna = as_role("author")
    token = anna.client.get_cookie(COOKIE, domain="desk.example.se", path="/").value
    assert token.encode() not in (desk.root / "officer.db").read_bytes()
