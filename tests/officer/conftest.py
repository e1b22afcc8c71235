"""The officer's site over a desk of its own, with an account of each role, and a clock that tests move."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from publisher.desk.accounts import Accounts
from publisher.desk.folder import Desk
from publisher.desk.sessions import Sessions
from publisher.log import ActionLog, utc
from web.officer import create_app
from web.officer.cookies import COOKIE
from web.officer.site import Site

PASSWORD = "tre gamla ekor vid bryggan"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
START = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
NAMES = {"author": "anna", "approver": "bo", "auditor": "cilla", "admin": "david"}
BASE = "https://desk.example.se"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""For accounts that tests make by the dozen; the site itself verifies and hashes as it always does."""


@dataclass
class Moved:
    """A clock that stands still until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Officer:
    """Somebody with the site open in a browser."""

    name: str
    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=BASE)

    def post(self, path: str, **fields: object) -> TestResponse:
        """Send a form, with the token of the page that it stands on."""
        data = {"csrf_token": csrf_token(self.get("/sv/").text), **fields}
        return self.client.post(path, base_url=BASE, data=data)


@dataclass
class Visitor:
    """Somebody before the door, with a browser of their own and an authenticator app."""

    client: FlaskClient
    clock: Moved
    address: str = "192.0.2.1"

    def get(self, path: str, **more: object) -> TestResponse:
        return self.client.get(path, base_url=BASE, **more)

    def post(self, path: str, *, shown_on: str = "/sv/login", **fields: object) -> TestResponse:
        """Send a form with the token of the page that it is shown on."""
        data = {"csrf_token": csrf_token(self.get(shown_on).text), **fields}
        return self.client.post(path, base_url=BASE, data=data, environ_base={"REMOTE_ADDR": self.address})

    def code(self) -> str:
        """What the app shows now."""
        return pyotp.TOTP(SECRET).at(self.clock())

    def login(self, name: str, password: str = PASSWORD, code: str | None = None, **more: object) -> TestResponse:
        given = {"name": name, "password": password, "code": self.code() if code is None else code}
        return self.post("/sv/login", **given, **more)


def csrf_token(page: str) -> str:
    """The token of a page's first form; empty where it has none."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return found.group(1) if found else ""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "officer")
    made.create()
    return made


@pytest.fixture
def clock() -> Moved:
    return Moved()


@pytest.fixture
def app(desk: Desk, clock: Moved) -> Flask:
    return create_app(desk, clock=clock, site=Site(base_url=BASE))


@pytest.fixture
def account(desk: Desk, clock: Moved) -> Callable[..., tuple[str, ...]]:
    """Makes an account with PASSWORD and SECRET; returns its recovery codes."""

    def make(name: str = "anna", role: str = "author") -> tuple[str, ...]:
        with desk.open() as db:
            added = Accounts(db, hasher=QUICK).add(
                name, role=role, password=PASSWORD, secret=SECRET, by="test", at=utc(clock())
            )
        return added.recovery

    return make


@pytest.fixture
def visitor(app: Flask, clock: Moved) -> Callable[..., Visitor]:
    """Opens the site in a browser that has never seen it."""
    return lambda address="192.0.2.1": Visitor(app.test_client(), clock, address)


@pytest.fixture
def log_of(desk: Desk) -> Callable[[], list[tuple[str, str, str, str]]]:
    """What the desk's log tells: actor, action, subject, detail of every row."""

    def read() -> list[tuple[str, str, str, str]]:
        with desk.open() as db:
            ActionLog(db).verify()
            rows = db.table("log").rows_where(order_by="sequence")
            return [(str(r["actor"]), str(r["action"]), str(r["subject"]), str(r["detail"])) for r in rows]

    return read


@pytest.fixture
def as_role(
    app: Flask, desk: Desk, clock: Moved, account: Callable[..., tuple[str, ...]]
) -> Callable[..., Officer]:
    """Signs somebody of a role in, without the way through the door."""

    def sign_in(role: str, name: str = "") -> Officer:
        client, name = app.test_client(), name or NAMES[role]
        with desk.open() as db:
            known = Accounts(db).find(name)
        if known is None:
            account(name, role)
        with desk.open() as db:
            token = Sessions(db).begin(name, now=clock()).token
        assert token
        client.set_cookie(COOKIE, token, domain="desk.example.se", secure=True, path="/")
        return Officer(name, client)

    return sign_in
