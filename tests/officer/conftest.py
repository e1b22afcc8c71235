"""The officer's site over a desk of its own, with an account of each role, and a clock that tests move."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from publisher.desk.accounts import Accounts
from publisher.desk.folder import Desk
from publisher.desk.sessions import Sessions
from publisher.log import utc
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
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/sv/").text)
        return self.client.post(path, base_url=BASE, data={"csrf_token": token and token.group(1), **fields})


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
def as_role(app: Flask, desk: Desk, clock: Moved) -> Callable[[str], Officer]:
    """Signs somebody of a role in, without the way through the door."""

    def sign_in(role: str, name: str = "") -> Officer:
        client, name = app.test_client(), name or NAMES[role]
        with desk.open() as db:
            accounts = Accounts(db, hasher=QUICK)
            if accounts.find(name) is None:
                accounts.add(name, role=role, password=PASSWORD, secret=SECRET, by="test", at=utc(clock()))
            token = Sessions(db).begin(name, now=clock()).token
        assert token
        client.set_cookie(COOKIE, token, domain="desk.example.se", secure=True, path="/")
        return Officer(name, client)

    return sign_in
