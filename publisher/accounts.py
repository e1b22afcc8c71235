"""Named accounts with passwords: two different people are needed to put a policy in force.

Passwords are kept as Argon2id (RFC 9106, second recommended setting: 64 MiB, 3 passes, 4 lanes).
"""

import os
import re

import sqlite_utils
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from publisher import chain
from publisher.errors import AccountError

ROLES = ("author", "approver", "auditor", "admin")
SHORTEST = 15
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,40}")


class Accounts:
    """The accounts in a home's state file."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        shape = {"name": str, "role": str, "password": str}
        db.table("accounts").create(shape, pk="name", not_null=set(shape), if_not_exists=True)

    def add(self, name: str, *, role: str, password: str) -> None:
        """Make an account; AccountError for a name that is taken, an unknown role or a weak password."""
        if not _NAME.fullmatch(name) or role not in ROLES:
            raise AccountError(f"a name has letters, digits, dots and hyphens; roles are {', '.join(ROLES)}")
        if len(password) < SHORTEST or len(set(password)) < 5 or name.lower() in password.lower():
            raise AccountError(f"a password has at least {SHORTEST} characters, not few different ones, not the name")
        hashed = Argon2id(salt=os.urandom(16), length=32, iterations=3, lanes=4, memory_cost=65536)
        with chain.immediate(self._db):
            if self._find(name) is not None:
                raise AccountError(f"account {name} is there already")
            row = {"name": name, "role": role, "password": hashed.derive_phc_encoded(password.encode())}
            self._db.table("accounts").insert(row)

    def check(self, name: str, *, role: str, password: str) -> None:
        """AccountError unless the account exists, has the role and the password is its own; it is not told which."""
        account = self._find(name)
        try:
            stored = account["password"] if account else _NOBODY
            Argon2id.verify_phc_encoded(password.encode(), stored)
        except InvalidKey:
            account = None
        if account is None or account["role"] != role:
            raise AccountError(f"no account of that name, with that password, has the role {role}")

    def _find(self, name: str) -> dict[str, str] | None:
        rows = self._db.table("accounts").rows_where("lower(name) = ?", [name.lower()])
        return next((dict(r) for r in rows), None)


# A hash that no password has, so that an unknown name takes as long to refuse as a known one.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
