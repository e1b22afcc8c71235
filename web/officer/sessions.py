"""Sessions kept on the server, so that they can be ended; the cookie is a random token and holds nothing.

The database keeps the token's SHA-256: who reads it cannot take a session over.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlite_utils

from publisher.log import utc

COOKIE = "__Host-officer"
IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Session:
    """One session.  `token` is None but where it was just begun; `csrf` is the secret that its forms are bound to."""

    id: str
    name: str
    begun_at: str
    seen_at: str
    csrf: str
    token: str | None = None


class Sessions:
    """The sessions of a desk."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        shape = dict.fromkeys(("id", "name", "begun_at", "seen_at", "csrf"), str)
        db.table("sessions").create(shape, pk="id", not_null=set(shape), if_not_exists=True)

    def begin(self, name: str, *, now: datetime) -> Session:
        """A new session of an account that has shown who it is; its token is given this once."""
        token, at = secrets.token_urlsafe(32), utc(now)
        made = Session(_id(token), name, at, at, secrets.token_urlsafe(32), token)
        self._db.table("sessions").insert(
            {"id": made.id, "name": name, "begun_at": at, "seen_at": at, "csrf": made.csrf}
        )
        return made

    def find(self, token: str, *, now: datetime) -> Session | None:
        """The session of a token, now seen; None where there is none or it has timed out."""
        rows = list(self._db.table("sessions").rows_where("id = ?", [_id(token)]))
        if not rows:
            return None
        found = Session(**rows[0])
        if utc(now - IDLE) > found.seen_at or utc(now - ABSOLUTE) > found.begun_at:
            self.end(found.id)
            return None
        self._db.conn.execute("UPDATE sessions SET seen_at = ? WHERE id = ?", [utc(now), found.id])
        return found

    def end(self, session: str) -> None:
        """End one session by its id."""
        self._db.conn.execute("DELETE FROM sessions WHERE id = ?", [session])

    def end_all(self, name: str) -> None:
        """End every session of an account."""
        self._db.conn.execute("DELETE FROM sessions WHERE name = ?", [name])

    def of(self, name: str) -> list[Session]:
        """The sessions of an account."""
        return [Session(**r) for r in self._db.table("sessions").rows_where("name = ?", [name], order_by="begun_at")]


def _id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
