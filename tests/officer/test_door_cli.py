"""`publisher officer`: accounts made, listed, closed and reset at the machine itself."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner

from publisher.cli.main import publisher
from publisher.desk.accounts import Accounts
from publisher.desk.folder import Desk
from publisher.desk.secret_key import SecretKey
from publisher.desk.throttle import Throttle, of_account
from publisher.errors import AccountError, PublisherError, SettingsError
from publisher.log import ActionLog

PHRASE = "tre gamla ekor vid bryggan"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    Desk(tmp_path / "officer").create()
    return tmp_path


def run(home: Path, *args: str, password: str = PHRASE) -> str:
    done = CliRunner().invoke(publisher, ["officer", *args, "--home", str(home)], env={"PUBLISHER_PASSWORD": password})
    if isinstance(done.exception, PublisherError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_what_is_added_can_sign_in_with_what_was_printed(home):
    made = json.loads(run(home, "add", "anna", "--role", "author", "--json"))
    assert set(made) == {"name", "role", "uri", "recovery"}
    assert (made["name"], made["role"], len(made["recovery"])) == ("anna", "author", 10)
    now = datetime(2024, 3, 1, tzinfo=UTC)
    with Desk(home / "officer").open() as db:
        accounts = Accounts(db)
        for code in (pyotp.parse_uri(made["uri"]).at(now), made["recovery"][9]):
            assert accounts.sign_in("anna", password=PHRASE, code=code, now=now).role == "author"
        assert ActionLog(db).last("account-made", "anna")["actor"] == "cli"


def test_for_people_there_is_a_picture_to_scan_and_the_codes(home):
    text = run(home, "add", "anna", "--role", "author")
    assert "account anna has the role author" in text
    assert "otpauth://totp/" in text
    assert text.count("█") + text.count("▀") + text.count("▄") > 200
    assert "shown again" in text


def test_accounts_are_listed_closed_and_reset(home):
    run(home, "add", "anna", "--role", "author")
    run(home, "add", "bo", "--role", "approver")
    with pytest.raises(AccountError, match="there already"):
        run(home, "add", "BO", "--role", "approver")
    assert "closed" in run(home, "close", "bo", "--reason", "left")
    rows = json.loads(run(home, "list", "--json"))["accounts"]
    assert [(r["name"], r["role"], bool(r["closed_at"])) for r in rows] == [
        ("anna", "author", False), ("bo", "approver", True),
    ]  # fmt: skip
    assert run(home, "list").startswith("anna  author\nbo  approver  closed 20")
    with pytest.raises(AccountError, match="no open account bo"):
        run(home, "reset", "bo")
    assert len(json.loads(run(home, "reset", "ANNA", "--json"))["recovery"]) == 10


def test_a_closed_account_submits_and_approves_nothing_by_its_password(home):
    run(home, "add", "anna", "--role", "author")
    run(home, "close", "anna", "--reason", "left")
    with Desk(home / "officer").open() as db, pytest.raises(AccountError):
        Accounts(db).check("anna", password=PHRASE)


def test_who_was_made_to_wait_is_let_try_again_after_a_reset(home):
    run(home, "add", "anna", "--role", "author")
    now = datetime(2024, 3, 1, tzinfo=UTC)
    with Desk(home / "officer").open() as db:
        throttle = Throttle(db, SecretKey.beside(db))
        assert [throttle.take([of_account("anna")], now=now) for _ in range(6)] == [0] * 5 + [30]
        run(home, "reset", "anna")
        assert throttle.take([of_account("anna")], now=now) == 0


def test_without_a_desk_it_says_how_one_is_made(tmp_path):
    with pytest.raises(SettingsError, match="publisher init"):
        run(tmp_path, "list")


def test_a_weak_password_makes_no_account(home):
    with pytest.raises(AccountError, match="at least 15 characters"):
        run(home, "add", "anna", "--role", "author", password="anna anna anna 2024")
    assert run(home, "list").startswith("no account")
