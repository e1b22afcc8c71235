"""The way in under attack: guessing, finding out who has an account, shutting others out, taking sessions over."""

import re
import threading

import pytest
from officer.conftest import BASE, PASSWORD, csrf_token

from publisher.desk import accounts as accounts_module
from publisher.desk.accounts import Accounts
from publisher.desk.sessions import Sessions
from publisher.desk.throttle import LONGEST_DELAY, delay
from web.officer.cookies import COOKIE, DOOR, KNOWN


def cookie(client, name=COOKIE):
    found = client.get_cookie(name, domain="desk.example.se", path="/")
    return found and found.value


def test_both_factors_open_the_door_and_the_name_may_have_other_letters(visitor, account, log_of):
    account("anna")
    anna = visitor()
    answer = anna.login("Anna")
    assert (answer.status_code, answer.location) == (302, "/sv/")
    assert anna.get("/sv/").status_code == 200
    assert ("anna", "login", "anna", "") in log_of()


@pytest.fixture
def unhashed(monkeypatch):
    """For tests that count attempts by the dozen: the password is compared as it is."""
    monkeypatch.setattr(accounts_module, "matches", lambda _hasher, _hashed, password: password == PASSWORD)


WRONG = {
    "no such name": {"name": "nobody"},
    "wrong password": {"name": "anna", "password": "tre gamla ekor vid bryggor"},
    "wrong code": {"name": "anna", "code": "000000"},
    "no code": {"name": "anna", "code": ""},
    "no password": {"name": "anna", "password": ""},
    "closed account": {"name": "erik"},
}


@pytest.fixture
def refused(visitor, account, desk):
    """The answers to everything that can be wrong, each in a browser of its own."""
    account("anna")
    account("erik")
    with desk.open() as db:
        Accounts(db).close("erik", by="david", at="2024-03-01T12:00:00Z", reason="left")
    return {why: visitor(f"192.0.2.{n}").login(**given) for n, (why, given) in enumerate(WRONG.items())}


def test_what_was_wrong_is_not_told_by_status_words_headers_or_cookies(refused):
    def seen(answer):
        page = re.sub(r'name="csrf_token" value="[^"]*"|id="name" name="name" value="[^"]*"', "", answer.text)
        return answer.status_code, page, sorted(answer.headers.keys())

    assert {seen(a)[0] for a in refused.values()} == {422}
    assert len({str(seen(a)) for a in refused.values()}) == 1


def test_a_refused_login_tells_the_log_of_accounts_that_there_are_and_of_no_other_name(refused, log_of):
    failed = [(actor, subject) for actor, action, subject, _ in log_of() if action == "failed-login"]
    assert failed == [("", ""), *[("", "anna")] * 4, ("", "erik")]


def test_the_same_work_is_done_whatever_is_wrong(visitor, account, desk, monkeypatch):
    account("anna")
    done = []
    monkeypatch.setattr(accounts_module, "matches", lambda *_: done.append("hash") or False)
    plain = accounts_module.SecondFactors.match
    monkeypatch.setattr(
        accounts_module.SecondFactors, "match", lambda *a, **k: done.append("code") or plain(*a, **k)
    )
    for given in WRONG.values():
        done.clear()
        visitor().login(**given)
        assert done == ["hash", "code"]


def test_a_code_that_was_used_is_refused_like_any_other_wrong_one(visitor, account):
    account("anna")
    assert visitor().login("anna").status_code == 302
    assert visitor().login("anna").status_code == 422


@pytest.mark.usefixtures("unhashed")
def test_after_five_failures_an_account_must_wait_and_after_each_more_twice_as_long(visitor, account, clock):
    account("anna")
    for n in range(5):
        assert visitor(f"192.0.2.{n}").login("anna", code="000000").status_code == 422
    waits = []
    for n in range(9):
        waits.append(int(visitor(f"198.51.100.{n}").login("anna").headers["Retry-After"]))
        clock.move(seconds=waits[-1])
        assert visitor(f"198.51.100.{n}").login("anna", code="000000").status_code == 422
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_right_password_and_code_do_not_help_while_one_must_wait_and_the_hash_is_not_even_reckoned(
    visitor, account, monkeypatch
):
    account("anna")
    for _ in range(5):
        visitor().login("anna", code="000000")
    monkeypatch.setattr(Accounts, "sign_in", None)
    answer = visitor("203.0.113.9").login("anna")
    assert answer.status_code == 429
    assert "Vänta 30 sekunder" in answer.text


@pytest.mark.usefixtures("unhashed")
def test_an_account_that_is_none_must_wait_alike(visitor, account):
    account("anna")
    for name in ("anna", "nobody"):
        answers = [visitor(f"192.0.2.{n}").login(name, code="000000") for n in range(6)]
        assert [a.status_code for a in answers] == [422] * 5 + [429]


@pytest.mark.usefixtures("unhashed")
def test_an_address_must_wait_after_twenty_failures_on_whatever_names(visitor, account, clock):
    account("anna")
    answers = [visitor("192.0.2.7").login(f"name{n}", password="x").status_code for n in range(21)]
    assert answers == [422] * 20 + [429]
    assert visitor("192.0.2.8").login("anna").status_code == 302


@pytest.mark.usefixtures("unhashed")
def test_addresses_of_one_ipv6_network_are_one(visitor):
    answers = [visitor(f"2001:db8:0:1::{n:x}").login(f"n{n}", password="x").status_code for n in range(21)]
    assert answers == [422] * 20 + [429]
    assert visitor("2001:db8:0:2::1").login("n", password="x").status_code == 422


@pytest.mark.usefixtures("unhashed")
def test_who_has_one_account_gains_no_guesses_at_others_by_logging_in_between(visitor, account, clock):
    account("anna")
    for n in range(19):
        visitor("192.0.2.7").login(f"name{n}", password="x")
    assert visitor("192.0.2.7").login("anna").status_code == 302
    assert visitor("192.0.2.7").login("bo", password="x").status_code == 422
    assert visitor("192.0.2.7").login("cilla", password="x").status_code == 429


@pytest.mark.usefixtures("unhashed")
def test_many_attempts_at_once_are_no_more_than_the_free_ones(app, visitor, account):
    account("anna")
    together, answers = threading.Barrier(12), []
    visitors = [visitor(f"192.0.2.{n}") for n in range(12)]
    pages = [csrf_token(v.get("/sv/login").text) for v in visitors]

    def go(one, token):
        together.wait()
        data = {"csrf_token": token, "name": "anna", "password": "x", "code": "000000"}
        answers.append(one.client.post("/sv/login", base_url=BASE, data=data).status_code)

    threads = [threading.Thread(target=go, args=pair) for pair in zip(visitors, pages, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [422] * 5 + [429] * 7


@pytest.mark.usefixtures("unhashed")
def test_nobody_is_kept_out_of_the_own_browser_by_strangers_who_guess(visitor, account, clock):
    account("anna")
    anna = visitor("192.0.2.1")
    anna.login("anna")
    anna.post("/sv/logout", shown_on="/sv/")
    for n in range(40):
        visitor(f"203.0.113.{n}").login("anna", code="000000")
    clock.move(seconds=30)
    assert visitor("198.51.100.1").login("anna", code="000000").status_code == 422
    assert visitor("198.51.100.2").login("anna").status_code == 429
    assert anna.login("anna").status_code == 302


@pytest.mark.usefixtures("unhashed")
def test_a_known_browser_has_a_few_guesses_of_its_own_and_for_its_own_account_only(visitor, account, clock):
    account("anna")
    account("bo", "approver")
    anna = visitor("192.0.2.1")
    anna.login("anna")
    anna.post("/sv/logout", shown_on="/sv/")
    assert [anna.login("anna", code="000000").status_code for _ in range(6)] == [422] * 5 + [429]
    for n in range(5):
        visitor(f"203.0.113.{n}").login("bo", code="000000")
    assert anna.login("bo", code="000000").status_code == 429
    anna.client.set_cookie(KNOWN, f"made-up.{'0' * 64}", domain="desk.example.se", path="/", secure=True)
    for n in range(5):
        visitor(f"198.51.100.{n}").login("anna", code="000000")
    assert anna.login("anna").status_code == 429


@pytest.mark.usefixtures("unhashed")
def test_attempts_are_forgotten_after_a_day_and_no_wait_is_longer_than_an_hour(visitor, account, clock):
    assert max(delay(n, free=5) for n in range(1000)) == LONGEST_DELAY == 3600
    account("anna")
    for _ in range(5):
        visitor().login("anna", code="000000")
    clock.move(hours=24, seconds=1)
    assert [visitor().login("anna", code="000000").status_code for _ in range(6)] == [422] * 5 + [429]


def test_what_was_typed_as_a_name_stands_nowhere(visitor, account, desk):
    account("anna")
    visitor("192.0.2.77").login("my-secret-in-the-wrong-field")
    raw = (desk.root / "officer.db").read_bytes()
    assert b"my-secret-in-the-wrong-field" not in raw
    assert b"192.0.2.77" not in raw


def test_the_session_is_made_anew_at_every_login_whatever_cookie_came(visitor, account, clock):
    account("anna")
    anna = visitor()
    anna.client.set_cookie(COOKIE, "chosen-by-an-attacker", domain="desk.example.se", path="/", secure=True)
    anna.login("anna")
    first = cookie(anna.client)
    assert first != "chosen-by-an-attacker"
    assert cookie(anna.client, DOOR) is None
    clock.move(minutes=1)
    assert anna.login("anna", shown_on="/sv/").status_code == 302
    assert cookie(anna.client) != first
    thief = visitor()
    thief.client.set_cookie(COOKIE, first, domain="desk.example.se", path="/", secure=True)
    assert thief.get("/sv/").status_code == 302


def test_a_cookie_planted_before_the_login_opens_nothing_after_it(visitor, account):
    account("anna")
    attacker = visitor()
    attacker.get("/sv/login")
    anna = visitor()
    anna.client.set_cookie(DOOR, cookie(attacker.client, DOOR), domain="desk.example.se", path="/", secure=True)
    assert anna.login("anna").status_code == 302
    assert attacker.get("/sv/").status_code == 302


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/sv/sessions", "/sv/sessions"),
        ("/en/", "/en/"),
        ("https://evil.example/", "/sv/"),
        ("https://evil.example/sv/sessions", "/sv/sessions"),
        ("//evil.example", "/sv/"),
        ("//evil.example/en/", "/en/"),
        ("/\\evil.example", "/sv/"),
        ("/\t/evil.example", "/sv/"),
        ("javascript:alert(1)", "/sv/"),
        ("/sv/logout", "/sv/"),
        ("/sv/login", "/sv/"),
        ("/static/desk.css", "/sv/"),
        ("/sv/nowhere", "/sv/"),
        ("/sv/sessions\r\nSet-Cookie: a=b", "/sv/"),
        ("http://[", "/sv/"),
        ("", "/sv/"),
    ],
)
def test_a_login_leads_to_a_page_of_ours_and_nowhere_else(visitor, account, wanted, led):
    account("anna")
    assert visitor().login("anna", next=wanted).location == led


def test_the_page_that_was_wanted_is_found_again_after_the_login(visitor, account):
    account("anna")
    anna = visitor()
    turned = anna.get("/en/sessions")
    assert turned.location == "/en/login?next=/en/sessions"
    page = anna.get(turned.location).text
    assert 'name="next" value="/en/sessions"' in page
    assert anna.login("anna", next="/en/sessions").location == "/en/sessions"
    assert anna.get("/sv/login").location == "/sv/"


def test_who_comes_from_another_site_is_led_on_by_ourselves_so_that_the_strict_cookie_comes_along(visitor):
    answer = visitor().get("/sv/sessions", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert '<meta http-equiv="refresh" content="0;url=/sv/sessions">' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert visitor().get("/sv/sessions", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302


def test_a_closed_account_has_no_session_from_that_moment_and_no_login(visitor, account, desk, clock):
    account("anna")
    anna = visitor()
    anna.login("anna")
    with desk.open() as db:
        token = cookie(anna.client)
        Accounts(db).close("anna", by="david", at="2024-03-01T12:00:00Z", reason="left")
        assert Sessions(db).find(token, now=clock()) is None
        late = Sessions(db).begin("anna", now=clock()).token  # one that began at the same moment
    assert anna.get("/sv/").status_code == 302
    anna.client.set_cookie(COOKIE, late, domain="desk.example.se", path="/", secure=True)
    assert anna.get("/sv/").status_code == 302
    clock.move(minutes=1)
    assert anna.login("anna", PASSWORD).status_code == 422
