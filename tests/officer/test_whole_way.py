"""The whole way in a browser, with real processes: from signing in to a table that everybody reads, and back again.

Both sites and the scheduler run as they do in the demo, over records of a small made-up country.
"""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pyotp
import pytest
from homes import NOW, ROOT, make_cases, make_home
from officer.conftest import PASSWORD, SECRET
from officer.test_door_process import browser, found

from publisher.desk.accounts import Accounts
from publisher.home import Home
from publisher.log import utc
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest
from publisher.scheduler.publish import publish_due
from publisher.workspace import open_workspace

__all__ = ["browser"]
pytestmark = pytest.mark.slow
POLICY, TABLE = "fk-assistans", "fk-assistans-kommun"
THRESHOLD = '[name="/tables/0/protection/suppression/rules/0/threshold"]'
NAMES = {"anna": "author", "bo": "approver", "cilla": "auditor", "david": "admin"}
SERVE = """
import sys
from pathlib import Path
from publisher.cli.serving import commands, serve
from publisher.home import Home
serve(commands(Home(Path(sys.argv[1])), port=int(sys.argv[2]), officer_port=int(sys.argv[3])), say=print)
"""


@dataclass(frozen=True)
class Country:
    """A running installation."""

    home: Home
    public: str
    officer: str


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    home = make_home(tmp_path_factory.mktemp("way") / "home", make_cases(persons=900), policies=(POLICY,))
    with open_workspace(home, exclusive=True) as work:
        run_release(work, RunRequest(POLICY, Period.parse("2021")), now=NOW)
        list(publish_due(work, now=NOW))
    with home.desk.open() as db:
        for name, role in NAMES.items():
            Accounts(db).add(name, role=role, password=PASSWORD, secret=SECRET, by="test", at=utc(NOW))
    ports = free_port(), free_port()
    command = [sys.executable, "-c", SERVE, str(home.root), *map(str, ports)]
    parent = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        made = Country(home, *(f"http://127.0.0.1:{p}" for p in ports))
        until(lambda: (home.desk.status / "policies.json").exists() or parent.poll() is not None)
        assert parent.poll() is None
        yield made
    finally:
        parent.terminate()
        parent.wait(timeout=60)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def until(holds: Callable[[], object], seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.5)


@pytest.fixture(scope="module")
def sign_in(browser, country: Country):
    """A page of somebody who has come in by the door; each in a browser of its own."""
    pages = {}

    def enter(name: str):
        if name not in pages:
            page = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
            page.goto(f"{country.officer}/sv/")
            page.fill("[name=name]", name)
            page.fill("[name=password]", PASSWORD)
            page.fill("[name=code]", pyotp.TOTP(SECRET).at(datetime.now(UTC)))
            page.click("main button")
            page.wait_for_url("**/sv/")
            pages[name] = page
        return pages[name]

    yield enter
    for page in pages.values():
        page.context.close()


def step(page, country: Country) -> str:
    """How far the proposal is, as its page says."""
    page.goto(f"{country.officer}/sv/proposals/1")
    return str(page.locator("[aria-current=step]").inner_text())


def public_text(page, country: Country) -> str:
    page.goto(f"{country.public}/sv/tables/{TABLE}")
    return str(page.inner_text("main"))


def test_a_threshold_is_changed_rehearsed_approved_run_published_and_withdrawn(sign_in, browser, country) -> None:
    author = sign_in("anna")
    author.goto(f"{country.officer}/sv/policies")
    author.locator(f'form[action$="{POLICY}/begin"] button').click()
    author.fill(THRESHOLD, "10")
    until(lambda: "threshold: 10" in author.input_value("textarea[name=text]"), seconds=20)
    author.get_by_role("button", name="Spara").first.click()
    author.wait_for_url("**saved=2")
    author.goto(f"{country.officer}/sv/proposals/1")
    assert "Tröskelvärdet höjs från 5 till 10" in author.inner_text("main")
    author.fill("main textarea", "Färre ska kunna kännas igen.")
    author.get_by_role("button", name="Lämna in").click()
    until(lambda: "provkört" in step(author, country))
    assert author.get_by_role("button", name="Godkänn den här texten").count() == 0

    approver = sign_in("bo")
    approver.goto(f"{country.officer}/sv/rehearsals/1")
    assert "Känsligt" in approver.inner_text("main")
    assert re.search(r"Med tröskel 10 visas [\d,]+\s% av cellerna", approver.inner_text("main"))
    assert "i kraft" not in step(approver, country)
    approver.get_by_role("button", name="Godkänn den här texten").click()
    until(lambda: "i kraft" in step(approver, country), seconds=10)

    approver.goto(f"{country.officer}/sv/runs/new")
    approver.fill("#period", "2022")
    approver.fill("#reason", "med det nya tröskelvärdet")
    approver.get_by_role("button", name="Begär körningen").click()
    reader = browser.new_page()
    assert "1–4 personer" in public_text(reader, country)
    until(lambda: "1–9 personer" in public_text(reader, country))
    own_terms = reader.locator("#terms ~ div tr").filter(has=reader.locator("th", has_text="2021"))
    assert "1–4 personer visas inte" in own_terms.inner_text(), "each period keeps what it was sealed with"

    approver.goto(f"{country.officer}/sv/releases/{POLICY}.2022.v1")
    approver.fill("#withdraw textarea, textarea[name=reason]", "en kolumn var fel")
    begun = time.monotonic()
    approver.locator('form[action$="withdraw"] button').click()
    until(lambda: "1–9 personer" not in public_text(reader, country), seconds=30)
    assert time.monotonic() - begun < 25, "ten seconds, and ten more for what a reader may keep"
    answer = reader.request.get(f"{country.public}/data/{TABLE}/{POLICY}.2022.v1.csv")
    assert answer.status == 410
    assert answer.json()["reason"] == "en kolumn var fel"
    reader.close()


PAGES = ("", "policies", "proposals/1", "rehearsals", "rehearsals/1", "releases", f"releases/{POLICY}.2021.v1", "stop",
         "account", "log", "log/access", "runs", "runs/new", "reports", "deputies", "sources", "disclosure",
         "sessions", "password", "accounts")  # fmt: skip
WHO = {"log/access": "cilla", "accounts": "david"}


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_no_page_has_a_fault_that_axe_finds_or_scrolls_sideways_on_a_phone(sign_in, country, lang) -> None:
    """After the way above, with what it has left on every page."""
    faults, wide = {}, {}
    for path in PAGES:
        page = sign_in(WHO.get(path, "bo"))
        answer = page.goto(f"{country.officer}/{lang}/{path}")
        assert answer.status == 200, path
        page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
        if faulty := found(page):
            faults[path] = faulty
        page.set_viewport_size({"width": 400, "height": 800})
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wide[path] = over
        page.set_viewport_size({"width": 1200, "height": 900})
    assert (faults, wide) == ({}, {})
