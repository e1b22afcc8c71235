"""The hash-chained log of every action that changes what is in force or public."""

from datetime import UTC, datetime

import sqlite_utils

from publisher import chain

_COLUMNS = {"at": str, "actor": str, "action": str, "subject": str, "digest": str, "detail": str}


class ActionLog:
    """Append-only log in a home's state file: ids, digests of policies and reasons; never a value from a record."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        chain.create_chain(db, "log", _COLUMNS)

    def write(self, *, at: str, actor: str, action: str, subject: str, digest: str = "", detail: str = "") -> int:
        """Append one action; returns its sequence."""
        with chain.immediate(self._db):
            return self.append(at=at, actor=actor, action=action, subject=subject, digest=digest, detail=detail)

    def append(self, *, at: str, actor: str, action: str, subject: str, digest: str = "", detail: str = "") -> int:
        """Append one action inside the caller's transaction, so that it stands or falls with what it tells of."""
        row: chain.Row = {
            "at": at, "actor": actor, "action": action, "subject": subject, "digest": digest, "detail": detail,
        }  # fmt: skip
        return chain.append(self._db, "log", row)

    def last(self, action: str, subject: str) -> dict[str, str | int] | None:
        """The latest row of an action on a subject."""
        rows = self._db.table("log").rows_where(
            "action = ? AND subject = ?", [action, subject], order_by="sequence desc", limit=1
        )
        return next((dict(r) for r in rows), None)

    def rows(self) -> list[dict[str, str | int]]:
        """All rows, oldest first."""
        return [dict(r) for r in self._db.table("log").rows_where(order_by="sequence")]

    def first(self, action: str, subject: str) -> str:
        """When an action on a subject was first written, as UTC text; empty where it never was."""
        query = "SELECT min(at) FROM log WHERE action = ? AND subject = ?"
        return str(self._db.conn.execute(query, [action, subject]).fetchone()[0] or "")

    def head(self) -> tuple[int, str]:
        """Sequence and hash of the last row (the hash does not leave the secret side)."""
        return chain.head(self._db, "log")

    def verify(self) -> int:
        """Verify the chain; returns the number of rows."""
        return chain.verify_chain(self._db, "log")


def utc(moment: datetime) -> str:
    """A moment as UTC text, to the second: 2026-02-15T07:00:00Z."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
