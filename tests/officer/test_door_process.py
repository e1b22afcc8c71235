"""The site as a process of its own: where it listens, and the way in with a real browser."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path

import pyotp
import pytest
from officer.conftest import PASSWORD, QUICK, SECRET

from publisher.desk.accounts import Accounts
from publisher.desk.folder import Desk
from publisher.errors import SettingsError
from publisher.log import utc
from web.officer.__main__ import arguments, checked, is_loopback

ROOT = Path(__file__).resolve().parents[2]


def given(folder: Path, *args: str):
    return checked(arguments().parse_args(["--officer", str(folder), "--port", "8010", *args]))


def test_it_listens_at_this_machine_unless_it_is_told_its_address(tmp_path):
    assert given(tmp_path).public is False
    assert arguments().parse_args(["--officer", ".", "--port", "1"]).host == "127.0.0.1"
    for host in ("0.0.0.0", "::", "192.0.2.1", "desk.example.se"):
        with pytest.raises(SettingsError, match="--base-url"):
            given(tmp_path, "--host", host)
        with pytest.raises(SettingsError, match="https://HOST"):
            given(tmp_path, "--host", host, "--base-url", "http://desk.example.se")
        assert given(tmp_path, "--host", host, "--base-url", "https://desk.example.se").public
    assert [is_loopback(h) for h in ("127.0.0.2", "::1", "localhost", "10.0.0.1")] == [True, True, True, False]


def test_it_names_what_is_missing(tmp_path):
    with pytest.raises(SettingsError, match="is not a folder"):
        given(tmp_path / "nothing")


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """A running process over a desk with one account."""
    desk = Desk(tmp_path_factory.mktemp("desk") / "officer")
    desk.create()
    with desk.open() as db:
        for name, role in (("anna", "author"), ("david", "admin")):
            Accounts(db, hasher=QUICK).add(
                name, role=role, password=PASSWORD, secret=SECRET, by="test", at=utc(datetime.now(UTC))
            )
    with served(desk) as running:
        yield running


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The address of a process over a desk."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "web.officer", "--officer", str(desk.root), "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(server, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


def wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(200):
        if server.poll() is not None:
            pytest.fail(f"the server ended with {server.returncode}")
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/sv/login")
            assert connection.getresponse().status == 200
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    pytest.fail("the server did not answer in twenty seconds")


@pytest.fixture(scope="module")
def browser():
    """Chromium; without it these tests are skipped, or fail where the environment demands it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found or not find_spec("playwright"):
        if os.environ.get("PUBLISHER_REQUIRE_BROWSER"):
            pytest.fail("chromium or the package playwright is not installed")
        pytest.skip("chromium or the package playwright is not installed; the door is not tried in a browser")
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=found, args=flags)
        yield opened
        opened.close()


def login(page, name: str, code: str) -> None:
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.fill("#code", code)
    page.click("main form button")


def test_the_way_in_and_out_with_a_browser_that_keeps_host_cookies_on_this_machine(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/en/sessions")
    assert page.url == f"{address}/en/login?next=/en/sessions"
    login(page, "anna", "000000")
    assert page.locator("[role=alert]").count() == 1
    login(page, "anna", pyotp.TOTP(SECRET).now())
    assert page.url == f"{address}/en/sessions"
    kept = {c["name"]: c for c in context.cookies()}
    assert set(kept) == {"__Host-officer", "__Host-officer-known"}
    assert all(c["httpOnly"] and c["secure"] and c["sameSite"] == "Strict" for c in kept.values())
    page.goto("about:blank")  # and from elsewhere, as from an e-mail, one is still signed in
    page.set_content(f'<a href="{address}/en/sessions">to the desk</a>')
    page.click("a")
    page.wait_for_url(f"{address}/en/sessions")
    assert page.locator("h1").inner_text() == "Your sessions"
    page.click(".out button")
    assert page.url == f"{address}/en/login?out=1"
    assert "__Host-officer" not in {c["name"] for c in context.cookies()}
    context.close()


def test_the_pages_of_the_door_have_no_fault_that_axe_or_the_policy_finds(browser, address):
    context = browser.new_context()
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/sv/login")
    pages = [(page.url, found(page))]
    login(page, "david", pyotp.TOTP(SECRET).now())
    for path in ("", "sessions", "password", "accounts", "accounts/anna"):
        page.goto(f"{address}/sv/{path}")
        pages.append((page.url, found(page)))
    context.close()
    assert not [p for p in pages if p[1]]
    assert not [line for line in said if re.search("Content Security Policy|Refused", line)]


def found(page) -> list[str]:
    """What axe finds on a page."""
    from axe_playwright_python.sync_playwright import Axe

    violations = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html']}" for v in violations]
