"""Accounts of those who decide, in the officer's database: made, closed and never deleted.

Everything that happens with one is logged in the desk's chained log, together with it.  `by`: who did it; `at`: UTC
text.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import sqlite_utils
from argon2 import PasswordHasher

from publisher import chain
from publisher.desk.passwords import HASHER, check_password, matches, nobody, plain
from publisher.desk.second_factor import SecondFactors, provisioning_uri
from publisher.desk.secret_key import SecretKey
from publisher.desk.sessions import Sessions
from publisher.desk.tables import ensure
from publisher.errors import AccountError
from publisher.log import ActionLog, utc
from publisher.policy.proposals import Role

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,40}")
_MACHINES = frozenset({"cli", "demo", "pipeline", "publisher", "run", "scheduler"})
"""Names that the logs give to what no person did."""
_COLUMNS = ("name", "role", "password", "made_at", "closed_at")
_REFUSED = "no open account of that name, with that password and code"


@dataclass(frozen=True, slots=True)
class Account:
    """A named person and what the account is for.  `closed_at`: UTC text, empty while it is open."""

    name: str
    role: Role
    closed_at: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an account's owner is shown once: the secret for the authenticator app, and the recovery codes."""

    account: Account
    secret: str = field(repr=False)
    recovery: tuple[str, ...] = field(repr=False)

    @property
    def uri(self) -> str:
        """What the app reads from the QR code."""
        return provisioning_uri(self.account.name, self.secret)


class Accounts:
    """The accounts of a desk.  `hasher` is for tests that make many accounts; nothing else gives one."""

    def __init__(self, db: sqlite_utils.Database, *, hasher: PasswordHasher = HASHER) -> None:
        self._db, self._hasher, self._log = db, hasher, ActionLog(db)
        self._factors, self._sessions = SecondFactors(db, SecretKey.beside(db)), Sessions(db)
        shape = dict.fromkeys(_COLUMNS, str)
        ensure(db, "accounts", shape, pk="name")

    def add(
        self, name: str, *, role: str, password: str, by: str, at: str, secret: str | None = None
    ) -> Enrolment:
        """Make an account; AccountError for a name that is taken, an unknown role or a weak password.

        `secret`: of the second factor, for a demonstration whose codes can be shown; else it is drawn.
        """
        if not _NAME.fullmatch(name) or role not in [r.value for r in Role]:
            raise AccountError(f"a name has letters, digits, dots and hyphens; roles are {', '.join(Role)}")
        if name.casefold() in _MACHINES:
            raise AccountError(f"{name} stands for a process in the logs; choose another name")
        check_password(password, name=name)
        hashed = self._hasher.hash(plain(password))
        with chain.immediate(self._db):
            if self.find(name) is not None:
                raise AccountError(f"account {name} is there already")
            self._db.conn.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, '')", [name, role, hashed, at])
            made = self._factors.enrol(name, secret)
            self._note("account-made", name, by=by, at=at, detail=role)
        return Enrolment(Account(name, Role(role)), *made)

    def check(self, name: str, *, role: Role | None = None, password: str) -> Account:
        """AccountError unless the account is open, has the role and the password is its own; it is not told which."""
        account = self._verified(name, password)
        if account is None or (role is not None and account.role != role):
            raise AccountError(f"no account of that name, with that password, has the role {role or 'that is needed'}")
        return account

    def sign_in(self, name: str, *, password: str, code: str, now: datetime) -> Account:
        """The account of somebody who has shown both factors; the code is used up by it.

        AccountError otherwise, with the same words, and after the same work, whatever was wrong; the log names an
        account that exists, and no name that does not (people type passwords there).
        """
        account = self._verified(name, password)
        known, at = self.find(name), utc(now)
        spent = self._factors.match(known.name if known else name, code, now=now)
        try:
            with chain.immediate(self._db):
                if account is None or spent is None:
                    raise AccountError(_REFUSED)
                self._factors.spend(account.name, spent, at=at)
                if spent.recovery:
                    left = self._factors.recovery_left(account.name)
                    self._note("recovery-code-used", account.name, by=account.name, at=at, detail=f"{left} left")
                self._note("login", account.name, by=account.name, at=at)
        except AccountError:
            self._log.write(at=at, actor="", action="failed-login", subject=known.name if known else "")
            raise AccountError(_REFUSED) from None
        self._rehash(account.name, password)
        return account

    def change_password(self, name: str, *, password: str, new: str, at: str) -> None:
        """Change an account's own password, and end its sessions; AccountError where one of the two does not do."""
        account = self.check(name, password=password)
        check_password(new, name=account.name)
        if plain(new) == plain(password):
            raise AccountError("the new password is the old one")
        hashed = self._hasher.hash(plain(new))
        with self._changed(account.name, "password-changed", by=account.name, at=at):
            self._db.conn.execute("UPDATE accounts SET password = ? WHERE name = ?", [hashed, account.name])

    def close(self, name: str, *, by: str, at: str, reason: str) -> Account:
        """Close an account: its sessions end at once, and nobody signs in with it any more."""
        account = self._open(name)
        if not reason.strip():
            raise AccountError("say why an account is closed")
        if account.name.casefold() == by.casefold():
            raise AccountError("nobody closes the own account; another administrator must")
        with self._changed(account.name, "account-closed", by=by, at=at, detail=reason):
            self._db.conn.execute("UPDATE accounts SET closed_at = ? WHERE name = ?", [at, account.name])
        return Account(account.name, account.role, at)

    def reset(self, name: str, *, by: str, at: str) -> Enrolment:
        """A new second factor and new recovery codes, where the old ones were lost; its sessions end."""
        account = self._open(name)
        with self._changed(account.name, "second-factor-reset", by=by, at=at):
            made = self._factors.enrol(account.name)
        return Enrolment(account, *made)

    def find(self, name: str) -> Account | None:
        """An account by its name, whatever its case; closed ones too."""
        row = self._row(name)
        return _of(row) if row else None

    def all(self) -> list[Account]:
        """Every account, by name; closed ones too."""
        return [_of(r) for r in self._db.table("accounts").rows_where(order_by="lower(name)")]

    def recovery_left(self, name: str) -> int:
        """How many recovery codes an account has left."""
        return self._factors.recovery_left(name)

    def _verified(self, name: str, password: str) -> Account | None:
        """The open account of a name and its password.  A hash is verified whether or not there is one."""
        row = self._row(name)
        fits = matches(self._hasher, row["password"] if row else nobody(self._hasher), password)
        if row is None or not fits or row["closed_at"]:
            return None
        return _of(row)

    def _rehash(self, name: str, password: str) -> None:
        """Keep the password under the parameters of today, where it is under older ones."""
        row = self._row(name)
        if row and self._hasher.check_needs_rehash(row["password"]):
            hashed = self._hasher.hash(plain(password))
            self._db.conn.execute("UPDATE accounts SET password = ? WHERE name = ?", [hashed, name])

    def _open(self, name: str) -> Account:
        account = self.find(name)
        if account is None or account.closed_at:
            raise AccountError(f"there is no open account {name}")
        return account

    @contextmanager
    def _changed(self, name: str, action: str, *, by: str, at: str, detail: str = "") -> Iterator[None]:
        """A change after which whoever is signed in must sign in anew, logged together with it."""
        with chain.immediate(self._db):
            yield
            self._sessions.end_all(name)
            self._note(action, name, by=by, at=at, detail=detail)

    def _note(self, action: str, name: str, *, by: str, at: str, detail: str = "") -> None:
        self._log.append(at=at, actor=by, action=action, subject=name, detail=detail)

    def _row(self, name: str) -> dict[str, str] | None:
        rows = self._db.table("accounts").rows_where("lower(name) = ?", [name.lower()])
        return next((dict(r) for r in rows), None)


def _of(row: dict[str, str]) -> Account:
    return Account(row["name"], Role(row["role"]), row["closed_at"])
