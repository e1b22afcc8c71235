"""What officers have paused: a policy, or everything.  What is paused is neither begun nor published."""

from collections.abc import Mapping

import sqlite_utils

from publisher import chain
from publisher.errors import RequestError
from publisher.log import ActionLog

EVERYTHING = ""
"""The subject that stands for all policies."""


class Pauses:
    """The pauses of a home; a subject is a policy or EVERYTHING."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db, self._log = db, ActionLog(db)
        shape = dict.fromkeys(("subject", "by", "at", "reason"), str)
        db.table("pauses").create(shape, pk="subject", not_null=set(shape), if_not_exists=True)

    def pause(self, subject: str, *, by: str, at: str, reason: str) -> None:
        """Pause; RequestError without a reason.  What is paused already keeps its first reason."""
        if not reason.strip():
            raise RequestError("a pause needs a reason")
        with chain.immediate(self._db):
            self._db.conn.execute("INSERT OR IGNORE INTO pauses VALUES (?, ?, ?, ?)", [subject, by, at, reason])
            self._log.append(at=at, actor=by, action="pause", subject=subject or "everything", detail=reason)

    def resume(self, subject: str, *, by: str, at: str, reason: str) -> None:
        """End a pause; RequestError where there is none, or no reason."""
        if not reason.strip():
            raise RequestError("to resume needs a reason")
        with chain.immediate(self._db):
            ended = self._db.conn.execute("DELETE FROM pauses WHERE subject = ?", [subject]).rowcount
            if not ended:
                raise RequestError(f"{subject or 'everything'} is not paused")
            self._log.append(at=at, actor=by, action="resume", subject=subject or "everything", detail=reason)

    def all(self) -> dict[str, Mapping[str, str]]:
        """By, at and reason of every pause, by subject."""
        rows = self._db.table("pauses").rows
        return {str(r["subject"]): {k: str(r[k]) for k in ("by", "at", "reason")} for r in rows}

    def holds(self, policy: str) -> bool:
        """Whether a policy is paused, by itself or with everything."""
        return not {EVERYTHING, policy}.isdisjoint(self.all())
