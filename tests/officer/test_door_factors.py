"""The second factor: a code is good once, for a minute and a half, and the database alone gives none away."""

import sqlite3
import threading
from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from officer.conftest import PASSWORD, SECRET, START

from publisher.desk.accounts import Accounts
from publisher.desk.second_factor import provisioning_uri
from publisher.desk.secret_key import FILE, SecretKey
from publisher.desk.tables import ensure
from publisher.errors import AccountError, SettingsError

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def code_at(seconds: int) -> str:
    return pyotp.TOTP(SECRET).at(START + timedelta(seconds=seconds))


def sign_in(desk, code: str, seconds: int = 0, name: str = "anna") -> bool:
    with desk.open() as db:
        try:
            Accounts(db, hasher=QUICK).sign_in(
                name, password=PASSWORD, code=code, now=START + timedelta(seconds=seconds)
            )
        except AccountError:
            return False
    return True


@pytest.mark.parametrize(("off", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_codes_of_one_step_either_way_are_taken(desk, account, off, taken):
    account()
    assert sign_in(desk, code_at(off)) is taken


def test_a_code_is_taken_once_and_so_is_none_before_it(desk, account):
    account()
    assert sign_in(desk, code_at(0))
    assert not sign_in(desk, code_at(0))
    assert not sign_in(desk, code_at(-30))
    assert sign_in(desk, code_at(30), 30)


def test_one_code_used_by_many_at_once_opens_for_one(desk, account):
    account()
    together, opened = threading.Barrier(6), []

    def go() -> None:
        together.wait()
        opened.append(sign_in(desk, code_at(0)))

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(opened) == [False] * 5 + [True]


def test_a_recovery_code_is_good_once_however_it_is_written_and_its_use_is_logged(desk, account, log_of):
    codes = account()
    assert len(set(codes)) == 10
    assert sign_in(desk, codes[0].upper().replace("-", " "))
    assert not sign_in(desk, codes[0])
    assert sign_in(desk, codes[1])
    used = [row for row in log_of() if row[1] == "recovery-code-used"]
    assert used == [("anna", "recovery-code-used", "anna", f"{n} left") for n in (9, 8)]


def test_one_recovery_code_used_by_many_at_once_opens_for_one(desk, account):
    code, together, opened = account()[0], threading.Barrier(4), []

    def go() -> None:
        together.wait()
        opened.append(sign_in(desk, code))

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(opened) == [False] * 3 + [True]


def test_a_code_is_not_used_up_by_a_wrong_password(desk, account):
    account()
    with desk.open() as db, pytest.raises(AccountError):
        Accounts(db, hasher=QUICK).sign_in("anna", password="wrong", code=code_at(0), now=START)
    assert sign_in(desk, code_at(0))


def test_a_recovery_code_of_another_account_opens_nothing(desk, account):
    account("anna")
    others = account("bo", "approver")
    assert not sign_in(desk, others[0])
    assert sign_in(desk, others[0], name="bo")


def test_neither_secret_nor_recovery_code_stands_in_the_database(desk, account):
    codes = account()
    raw = (desk.root / "officer.db").read_bytes()
    for secret in (SECRET, PASSWORD, *codes, *(c.replace("-", "") for c in codes)):
        assert secret.encode() not in raw


def test_a_secret_opens_under_its_own_key_and_for_its_own_account_only(tmp_path):
    key = SecretKey.of(tmp_path)
    sealed = key.seal("the secret", owner="anna")
    assert SecretKey.of(tmp_path).open(sealed, owner="anna") == "the secret"
    assert key.open(sealed, owner="bo") is None
    assert key.open(sealed[:-2] + ("00" if sealed[-2:] != "00" else "01"), owner="anna") is None
    (tmp_path / FILE).unlink()
    assert SecretKey.of(tmp_path).open(sealed, owner="anna") is None


def test_a_secret_moved_to_another_accounts_row_opens_nothing(desk, account):
    account("anna")
    account("bo", "approver")
    with desk.open() as db:
        db.execute("UPDATE second_factors SET secret = (SELECT secret FROM second_factors WHERE name = 'anna')")
    assert not sign_in(desk, code_at(0), name="bo")
    assert sign_in(desk, code_at(0), name="anna")


def test_the_key_is_for_its_owner_alone_and_made_once_by_many_at_once(tmp_path):
    made = []
    threads = [threading.Thread(target=lambda: made.append(SecretKey.of(tmp_path).derive("x"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert [p.name for p in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert "withheld" in repr(SecretKey.of(tmp_path))
    (tmp_path / FILE).chmod(0o640)
    with pytest.raises(SettingsError, match="read by others"):
        SecretKey.of(tmp_path)


def test_half_a_key_is_refused(tmp_path):
    (tmp_path / FILE).write_bytes(b"short")
    (tmp_path / FILE).chmod(0o600)
    with pytest.raises(SettingsError, match="does not hold a key"):
        SecretKey.of(tmp_path)


def test_what_the_app_reads_is_a_provisioning_address():
    read = pyotp.parse_uri(provisioning_uri("anna", SECRET))
    assert (read.name, read.secret, read.digits, read.interval) == ("anna", SECRET, 6, 30)


def test_reset_voids_the_old_codes_and_ends_the_sessions(desk, as_role, account, log_of):
    anna = as_role("author")
    with desk.open() as db:
        made = Accounts(db, hasher=QUICK).reset("ANNA", by="cli", at="2024-03-01T12:00:00Z")
    assert not sign_in(desk, code_at(0))
    assert sign_in(desk, pyotp.TOTP(made.secret).at(START))
    assert anna.get("/sv/").status_code == 302
    assert ("cli", "second-factor-reset", "anna", "") in log_of()
    assert made.secret not in repr(made)
    assert made.recovery[0] not in repr(made)


def test_many_that_open_a_new_desk_at_once_all_find_their_tables(desk):
    together, failed = threading.Barrier(8), []

    def go() -> None:
        with desk.open() as db:
            together.wait()
            try:
                ensure(db, "made_at_once", {"name": str}, pk="name")
            except sqlite3.OperationalError as error:
                failed.append(error)

    for _ in range(5):
        threads = [threading.Thread(target=go) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with desk.open() as db:
            db.execute("DROP TABLE made_at_once")
    assert not failed
