"""Sessions kept on the server, so that they can be ended; the cookie is a random token and holds nothing.

The database keeps the token's SHA-256: who reads it cannot take a session over.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlite_utils

from publisher import chain
from publisher.desk.tables import ensure
from publisher.log import utc

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
_SEEN_EVERY = timedelta(minutes=1)  # what is seen is written so often, and not at every picture of a page


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
        ensure(db, "sessions", shape, pk="id")

    def begin(self, name: str, *, now: datetime) -> Session:
        """A new session of an account that has shown who it is; its token is given this once."""
        token, at = secrets.token_urlsafe(32), utc(now)
        made = Session(_id(token), name, at, at, secrets.token_urlsafe(32), token)
        with chain.immediate(self._db):
            self._db.conn.execute("DELETE FROM sessions WHERE seen_at < ? OR begun_at < ?", _limits(now))
            self._db.conn.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", [made.id, name, at, at, made.csrf])
        return made

    def find(self, token: str, *, now: datetime, seen: bool = True) -> Session | None:
        """The session of a token; None where there is none or it has timed out.

        `seen`: somebody is at the desk; not so where a page only looks again by itself.
        """
        rows = self._live("id = ?", [_id(token)], now)
        if not rows:
            return None
        if seen and rows[0].seen_at <= utc(now - _SEEN_EVERY):
            self._db.conn.execute("UPDATE sessions SET seen_at = ? WHERE id = ?", [utc(now), rows[0].id])
        return rows[0]

    def get(self, session: str, *, now: datetime) -> Session | None:
        """A session by its id, where it has not ended."""
        return next(iter(self._live("id = ?", [session], now)), None)

    def end(self, session: str) -> None:
        """End one session by its id."""
        self._db.conn.execute("DELETE FROM sessions WHERE id = ?", [session])

    def end_all(self, name: str, *, but: str = "") -> int:
        """End every session of an account, but one; returns how many there were."""
        return int(self._db.conn.execute("DELETE FROM sessions WHERE name = ? AND id != ?", [name, but]).rowcount)

    def of(self, name: str, *, now: datetime) -> list[Session]:
        """The sessions of an account that have not timed out, the last begun first."""
        return self._live("name = ?", [name], now)

    def _live(self, where: str, values: list[str], now: datetime) -> list[Session]:
        found = self._db.table("sessions").rows_where(
            f"{where} AND seen_at >= ? AND begun_at >= ?", [*values, *_limits(now)], order_by="begun_at desc"
        )
        return [Session(**r) for r in found]


def _limits(now: datetime) -> list[str]:
    return [utc(now - IDLE), utc(now - ABSOLUTE)]


def _id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
