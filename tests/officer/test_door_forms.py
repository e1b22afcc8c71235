"""Forms are bound to the session that they were shown in, the login form too, and come from our own pages."""

import pytest
from officer.conftest import BASE, PASSWORD, csrf_token


def token_of(officer) -> str:
    return csrf_token(officer.get("/sv/").text)


def end_others(officer, **fields):
    return officer.client.post("/sv/sessions/end-others", base_url=BASE, **fields).status_code


def test_a_form_without_a_token_or_with_a_made_up_one_is_refused(as_role):
    anna = as_role("author")
    for data in ({}, {"csrf_token": ""}, {"csrf_token": "made up"}, {"csrf_token": token_of(anna) + "x"}):
        assert end_others(anna, data=data) == 400
    assert end_others(anna, data={"csrf_token": token_of(anna)}) == 302


def test_the_token_of_another_session_is_refused_also_of_the_same_account(as_role, clock):
    anna, bo = as_role("author"), as_role("approver")
    elsewhere = as_role("author")
    for other in (bo, elsewhere):
        assert end_others(anna, data={"csrf_token": token_of(other)}) == 400


def test_the_token_of_a_session_that_ended_is_refused_in_the_next_one(visitor, account, clock):
    account("anna")
    anna = visitor()
    anna.login("anna")
    old = csrf_token(anna.get("/sv/").text)
    anna.post("/sv/logout", shown_on="/sv/")
    clock.move(minutes=1)
    anna.login("anna")
    assert anna.client.post("/sv/logout", base_url=BASE, data={"csrf_token": old}).status_code == 400


def test_nobody_is_logged_in_by_another_sites_form(visitor, account):
    account("anna")
    attacker, victim = visitor(), visitor("192.0.2.2")
    theirs = csrf_token(attacker.get("/sv/login").text)
    victim.get("/sv/login")
    data = {"csrf_token": theirs, "name": "anna", "password": PASSWORD, "code": attacker.code()}
    for given in (data, {**data, "csrf_token": ""}):
        assert victim.client.post("/sv/login", base_url=BASE, data=given).status_code == 400
    without_cookie = visitor("192.0.2.3")
    assert without_cookie.client.post("/sv/login", base_url=BASE, data=data).status_code == 400


def test_the_token_of_the_door_is_none_behind_it(visitor, account):
    account("anna")
    anna = visitor()
    before = csrf_token(anna.get("/sv/login").text)
    anna.login("anna")
    assert anna.client.post("/sv/logout", base_url=BASE, data={"csrf_token": before}).status_code == 400


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_form_that_another_site_sends_is_refused_though_its_token_were_right(as_role, site):
    anna = as_role("author")
    data = {"csrf_token": token_of(anna)}
    assert end_others(anna, data=data, headers={"Sec-Fetch-Site": site}) == 400
    assert end_others(anna, data=data, headers={"Sec-Fetch-Site": "same-origin"}) == 302


def test_a_token_lasts_as_long_as_its_session(as_role, clock):
    anna = as_role("author")
    token = token_of(anna)
    for _ in range(30):
        clock.move(minutes=14)
        anna.get("/sv/")
    assert end_others(anna, data={"csrf_token": token}) == 302


@pytest.mark.parametrize("way", ["query", "header", "field"])
def test_a_method_cannot_be_put_in_the_place_of_another(as_role, way):
    anna = as_role("author")
    if way == "query":
        anna.client.get("/sv/logout?_method=POST", base_url=BASE)
    elif way == "header":
        anna.client.get("/sv/logout", base_url=BASE, headers={"X-HTTP-Method-Override": "POST"})
    else:
        data = {"csrf_token": token_of(anna), "_method": "DELETE"}
        assert anna.client.post("/sv/", base_url=BASE, data=data).status_code == 405
    assert anna.get("/sv/").status_code == 200


def test_what_changes_something_is_sent_and_never_looked_at(app):
    pages = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    assert {frozenset(rule.methods) for rule in pages} == {frozenset({"GET", "HEAD"}), frozenset({"POST"})}


def test_who_sends_a_form_without_a_session_is_told_so_and_nothing_is_done(visitor):
    answer = visitor().post("/sv/sessions/end-others")
    assert answer.status_code == 401
    assert "Du är inte inloggad" in answer.text
