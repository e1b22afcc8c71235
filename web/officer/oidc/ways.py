"""Who is on the way to the identity provider and back: kept on the server, ten minutes, for one return."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

import sqlite_utils

from publisher.desk.tables import ensure
from publisher.log import utc
from web.officer.oidc.provider import Secrets

LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Way:
    """One attempt: what it is bound to, the page that was wanted and the language."""

    bound: Secrets
    wanted: str
    language: str


class Ways:
    """The attempts of a desk that have not come back.  `handle`: what the browser's cookie holds."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        shape = dict.fromkeys(("id", "state", "nonce", "verifier", "wanted", "language", "at"), str)
        ensure(db, "ways", shape, pk="id")

    def begin(self, *, wanted: str, language: str, now: datetime) -> tuple[str, Way]:
        """Begin one; returns its handle and what it is bound to."""
        handle, bound = secrets.token_urlsafe(32), Secrets(*(secrets.token_urlsafe(48) for _ in range(3)))
        self._db.conn.execute("DELETE FROM ways WHERE at < ?", [utc(now - LASTS)])
        self._db.conn.execute(
            "INSERT INTO ways VALUES (?, ?, ?, ?, ?, ?, ?)",
            [_id(handle), bound.state, bound.nonce, bound.verifier, wanted, language, utc(now)],
        )
        return handle, Way(bound, wanted, language)

    def end(self, handle: str, *, state: str, now: datetime) -> Way | None:
        """The attempt of a handle, taken out; None where there is none, it is too old, or the state is another's."""
        row = self._db.conn.execute(
            "DELETE FROM ways WHERE id = ? RETURNING state, nonce, verifier, wanted, language, at", [_id(handle)]
        ).fetchone()
        if row is None or row[5] < utc(now - LASTS) or not compare_digest(row[0].encode(), state.encode()):
            return None
        return Way(Secrets(*row[:3]), row[3], row[4])


def _id(handle: str) -> str:
    return hashlib.sha256(handle.encode()).hexdigest()
