"""The second factor: codes of the minute (TOTP, RFC 6238) and recovery codes, each of them good for one time."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

import pyotp
import sqlite_utils

from publisher.desk.secret_key import SecretKey
from publisher.desk.tables import ensure
from publisher.errors import AccountError

STEP, WINDOW = 30, 1
"""Seconds that a code lasts, and how many codes before and after are taken too: for clocks that differ."""

RECOVERY_CODES, RECOVERY_LENGTH = 10, 16
ISSUER = "Skyddsansvarigs arbetsplats"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another: 16 of them are 79 bits


@dataclass(frozen=True, slots=True)
class Spent:
    """What a code was: the number of its 30 seconds, or the digest of a recovery code."""

    counter: int = 0
    recovery: str = ""


class SecondFactors:
    """The second factors of a desk's accounts.  What changes them runs inside the caller's transaction."""

    def __init__(self, db: sqlite_utils.Database, key: SecretKey) -> None:
        self._db, self._key = db, key
        shape = {"name": str, "secret": str, "counter": int}
        ensure(db, "second_factors", shape, pk="name")
        codes = {"name": str, "digest": str, "used_at": str}
        ensure(db, "recovery_codes", codes, pk=("name", "digest"))

    def enrol(self, name: str, secret: str | None = None) -> tuple[str, tuple[str, ...]]:
        """Give an account a new secret and new recovery codes; those that it had are void."""
        secret = secret or pyotp.random_base32()
        recovery = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
        rows = [(name, self._digest(name, code), "") for code in recovery]
        self._db.conn.execute(
            "INSERT OR REPLACE INTO second_factors VALUES (?, ?, 0)", [name, self._key.seal(secret, owner=name)]
        )
        self._db.conn.execute("DELETE FROM recovery_codes WHERE name = ?", [name])
        self._db.conn.executemany("INSERT INTO recovery_codes VALUES (?, ?, ?)", rows)
        return secret, recovery

    def match(self, name: str, code: str, *, now: datetime) -> Spent | None:
        """What a code is for an account, whether or not it was used; None where it is nothing.

        The same is reckoned for a name that there is none of.
        """
        written = _bare(code)
        counter = _counter_of(self._secret(name), written, now)
        if counter is not None:
            return Spent(counter=counter)
        digest = self._digest(name, written)
        rows = self._db.table("recovery_codes").rows_where("name = ? AND digest = ?", [name, digest])
        return Spent(recovery=digest) if list(rows) else None

    def spend(self, name: str, spent: Spent, *, at: str) -> None:
        """Use a code up; AccountError where it, or a later one, was used before: it is one statement that decides."""
        if spent.recovery:
            done = self._db.conn.execute(
                "UPDATE recovery_codes SET used_at = ? WHERE name = ? AND digest = ? AND used_at = ''",
                [at, name, spent.recovery],
            )
        else:
            done = self._db.conn.execute(
                "UPDATE second_factors SET counter = ? WHERE name = ? AND counter < ?",
                [spent.counter, name, spent.counter],
            )
        if done.rowcount != 1:
            raise AccountError("a code is good for one time; wait for the next one")

    def recovery_left(self, name: str) -> int:
        """How many recovery codes an account has left."""
        return int(self._db.table("recovery_codes").count_where("name = ? AND used_at = ''", [name]))

    def _secret(self, name: str) -> str:
        rows = list(self._db.table("second_factors").rows_where("name = ?", [name]))
        sealed = rows[0]["secret"] if rows else self._key.seal(pyotp.random_base32(), owner=name)
        return self._key.open(sealed, owner=name) or pyotp.random_base32()

    def _digest(self, name: str, code: str) -> str:
        return self._key.digest("recovery", f"{name}:{_bare(code)}")


def provisioning_uri(name: str, secret: str) -> str:
    """What an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=name, issuer_name=ISSUER)


def _counter_of(secret: str, code: str, now: datetime) -> int | None:
    """The 30 seconds that a code is of, among those that are taken now; every one of them is compared."""
    this, factor = int(now.timestamp()) // STEP, pyotp.HOTP(secret)
    near = range(this - WINDOW, this + WINDOW + 1)
    found = [c for c in near if compare_digest(factor.at(c).encode(), code.encode())]
    return found[-1] if found else None


def _recovery_code() -> str:
    code = "".join(secrets.choice(_ALPHABET) for _ in range(RECOVERY_LENGTH))
    return "-".join(code[i : i + 4] for i in range(0, RECOVERY_LENGTH, 4))


def _bare(code: str) -> str:
    """A code as it was meant: people write it with spaces, hyphens and capitals."""
    return "".join(c for c in code.casefold() if c.isalnum())
