"""What stands around every answer: headers, hosts, sizes, and errors that tell nothing."""

import logging

import pytest
from flask import Flask
from officer.conftest import BASE

from web.officer import create_app
from web.officer.shield import HEADERS, LARGEST
from web.officer.site import Site


@pytest.fixture
def broken(app) -> Flask:
    """The site with a fault in its start page."""

    def fault(**_: object) -> str:
        raise RuntimeError("a secret that was in what was sent")

    app.view_functions["door.home"] = fault
    return app


def every_answer(app, as_role, visitor):
    anna, nobody = as_role("author"), visitor()

    def get(path, **more):
        return nobody.client.open(path, base_url=BASE, buffered=True, **more)

    return {
        "page": anna.get("/sv/"), "login": get("/sv/login"), "turned away": get("/sv/"), "root": get("/"),
        "static": get("/static/desk.css"), "not modified": get(
            "/static/desk.css", headers={"If-None-Match": get("/static/desk.css").headers["ETag"]}
        ),
        "400": get("/sv/login", method="POST"), "401": nobody.post("/sv/sessions/end-others"),
        "403": anna.get("/sv/accounts"), "404": get("/sv/nowhere"), "404 static": get("/static/nothing.css"),
        "405": get("/sv/login", method="DELETE"), "options": get("/sv/login", method="OPTIONS"),
        "host": nobody.client.get("/sv/login", base_url="https://evil.example"), "slash": get("/sv"),
        "413": get("/sv/login", method="POST", data={"name": "x" * (LARGEST + 1)}), "hop": get(
            "/sv/", headers={"Sec-Fetch-Site": "cross-site"}
        ),
    }  # fmt: skip


def test_the_headers_stand_on_every_kind_of_answer(app, as_role, visitor):
    answers = every_answer(app, as_role, visitor)
    for kind, answer in answers.items():
        assert {k: answer.headers.get(k) for k in HEADERS} == dict(HEADERS), kind
        assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains", kind
    for kind in answers.keys() - {"static", "not modified", "404 static"}:
        assert answers[kind].headers["Cache-Control"] == "no-store", kind
    codes = {k: a.status_code for k, a in answers.items() if k.isdigit()}
    assert codes == {k: int(k) for k in codes}
    assert answers["options"].status_code == 405
    assert answers["host"].status_code == 400


def test_the_policy_lets_pages_use_our_own_files_and_nothing_else(visitor):
    policy = visitor().get("/sv/login").headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == rules["object-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
    assert "unsafe" not in policy


def test_a_fault_of_ours_has_the_headers_and_tells_nothing_to_the_reader_or_the_log(broken, as_role, caplog):
    with caplog.at_level(logging.INFO):
        answer = as_role("author").get("/en/")
    assert (answer.status_code, "Something went wrong" in answer.text) == (500, True)
    assert {k: answer.headers.get(k) for k in HEADERS} == dict(HEADERS)
    assert "RuntimeError in fault" in caplog.text
    assert "a secret" not in answer.text + caplog.text


def test_errors_say_what_to_do_in_the_language_of_the_address(visitor):
    assert "Sidan finns inte" in visitor().get("/sv/nowhere").text
    assert "There is no such page" in visitor().get("/en/nowhere").text
    assert "nowhere" not in visitor().get("/en/nowhere").text


@pytest.mark.parametrize("host", ["evil.example", "desk.example.se.evil.example", "evil.example:443", "a b", ""])
def test_a_host_that_is_not_ours_is_refused(visitor, host):
    answer = visitor().client.get("/sv/login", base_url=BASE, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-URL"])
def test_what_other_headers_say_of_the_host_is_not_believed(visitor, name):
    answer = visitor().client.get("/sv/", base_url=BASE, headers={name: "host=evil.example"})
    assert answer.location == "/sv/login"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8010", "localhost:8010", "[::1]:8010", "desk.lan"])
def test_without_an_address_it_answers_this_machine_and_the_names_that_were_given(desk, host):
    client = create_app(desk, site=Site(names=("desk.lan",))).test_client()
    answer = client.get("/sv/login", base_url=f"http://{host}")
    assert answer.status_code == 200
    assert "Strict-Transport-Security" not in answer.headers
    assert client.get("/sv/login", base_url="http://192.0.2.1").status_code == 400


def test_an_address_is_https_without_a_path():
    for bad in ("http://desk.example.se", "https://", "https://desk.example.se/desk", "https://a.se?x=1", "desk"):
        with pytest.raises(ValueError, match="https://HOST"):
            Site(base_url=bad)
    with pytest.raises(ValueError, match="negative"):
        Site(proxies=-1)


def test_the_address_of_who_asks_is_taken_from_our_own_proxies_only(desk, clock):
    def address(proxies: int) -> str:
        app = create_app(desk, clock=clock, site=Site(base_url=BASE, proxies=proxies))
        seen = []
        app.before_request_funcs[None].insert(0, lambda: seen.append(__import__("flask").request.remote_addr))
        app.test_client().get(
            "/sv/login", base_url=BASE, environ_base={"REMOTE_ADDR": "10.0.0.1"},
            headers={"X-Forwarded-For": "198.51.100.66, 192.0.2.9"},
        )  # fmt: skip
        return seen[0]

    assert address(0) == "10.0.0.1"
    assert address(1) == "192.0.2.9"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
def test_what_is_too_large_is_refused(as_role, kind):
    anna = as_role("author")
    body = b"a=" + b"x" * (LARGEST + 1)
    assert anna.client.post("/sv/logout", base_url=BASE, data=body, content_type=kind).status_code in (400, 413)
    assert anna.get("/sv/").status_code == 200


def test_cookies_are_for_this_host_alone_and_for_no_script(visitor, account):
    account("anna")
    anna = visitor()
    first = anna.get("/sv/login").headers.getlist("Set-Cookie")
    given = first + anna.login("anna").headers.getlist("Set-Cookie")
    given += anna.post("/sv/logout", shown_on="/sv/").headers.getlist("Set-Cookie")
    assert len(given) == 5
    for cookie in given:
        parts = cookie.split("; ")
        assert parts[0].startswith("__Host-officer")
        assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(parts)
        assert "Domain" not in cookie


def test_a_page_that_shows_no_form_and_a_static_file_set_no_cookie(visitor):
    for path in ("/sv/", "/", "/static/desk.css", "/sv/nowhere"):
        assert "Set-Cookie" not in visitor().get(path, buffered=True).headers


def test_the_log_of_requests_has_no_address_no_query_and_no_body(visitor, account, caplog):
    account("anna")
    with caplog.at_level(logging.INFO):
        visitor().login("anna", password="typed by anna", next="/sv/x")
        visitor().get("/sv/login?next=/sv/y")
    lines = [r.getMessage() for r in caplog.records]
    assert any(line.startswith("POST door.sign_in 422") for line in lines)
    assert not any(word in line for line in lines for word in ("typed", "anna", "next", "192.0.2"))
