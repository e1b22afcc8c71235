"""Accounts of those who decide, in the officer's database.

Passwords are kept as Argon2id (RFC 9106, second recommended setting: 64 MiB, 3 passes, 4 lanes).
"""

import re
from dataclasses import dataclass

import sqlite_utils
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from publisher import chain
from publisher.errors import AccountError
from publisher.policy.proposals import Role

SHORTEST = 15
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,40}")
_HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)


@dataclass(frozen=True, slots=True)
class Account:
    """A named person and what the account is for."""

    name: str
    role: Role


class Accounts:
    """The accounts of a desk."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        shape = {"name": str, "role": str, "password": str}
        db.table("accounts").create(shape, pk="name", not_null=set(shape), if_not_exists=True)

    def add(self, name: str, *, role: str, password: str) -> Account:
        """Make an account; AccountError for a name that is taken, an unknown role or a weak password."""
        if not _NAME.fullmatch(name) or role not in [r.value for r in Role]:
            raise AccountError(f"a name has letters, digits, dots and hyphens; roles are {', '.join(Role)}")
        if len(password) < SHORTEST or len(set(password)) < 5 or name.lower() in password.lower():
            raise AccountError(f"a password has at least {SHORTEST} characters, not few different ones, not the name")
        hashed = _HASHER.hash(password)
        with chain.immediate(self._db):
            if self.find(name) is not None:
                raise AccountError(f"account {name} is there already")
            self._db.conn.execute("INSERT INTO accounts VALUES (?, ?, ?)", [name, role, hashed])
        return Account(name, Role(role))

    def check(self, name: str, *, role: Role | None = None, password: str) -> Account:
        """AccountError unless the account exists, has the role and the password is its own; it is not told which."""
        row = self._row(name)
        try:
            _HASHER.verify(row["password"] if row else _NOBODY, password)
        except VerificationError:
            row = None
        if row is None or (role is not None and row["role"] != role):
            raise AccountError(f"no account of that name, with that password, has the role {role or 'that is needed'}")
        return Account(row["name"], Role(row["role"]))

    def find(self, name: str) -> Account | None:
        """An account by its name."""
        row = self._row(name)
        return Account(row["name"], Role(row["role"])) if row else None

    def all(self) -> list[Account]:
        """Every account, by name."""
        return [Account(r["name"], Role(r["role"])) for r in self._db.table("accounts").rows_where(order_by="name")]

    def _row(self, name: str) -> dict[str, str] | None:
        rows = self._db.table("accounts").rows_where("lower(name) = ?", [name.lower()])
        return next((dict(r) for r in rows), None)


# A hash that no password has, so that an unknown name takes as long to refuse as a known one.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
