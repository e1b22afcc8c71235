"""What officers ask of the scheduler process, and what became of it.

A queue in the officer's database: the site appends, the scheduler process alone takes and ends.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import sqlite_utils

from publisher import chain
from publisher.desk.tables import ensure
from publisher.errors import RequestError
from publisher.log import ActionLog


class Kind(StrEnum):
    """What can be asked.  The subject is a proposal's number, a release, a policy, a year, or empty."""

    REHEARSE = "rehearse"
    RUN = "run"
    ACTIVATE = "activate"
    RETIRE = "retire"
    WITHDRAW = "withdraw"
    PAUSE = "pause"
    RESUME = "resume"
    PAUSE_ALL = "pause-all"
    RESUME_ALL = "resume-all"
    REPORT = "report"
    CHECK_SOURCE = "check-source"


URGENT = (
    Kind.PAUSE_ALL, Kind.PAUSE, Kind.WITHDRAW, Kind.RESUME, Kind.RESUME_ALL, Kind.RETIRE, Kind.ACTIVATE, Kind.RUN,
)  # fmt: skip
"""Carried out at once in this order, whatever is running; the others take a process of their own."""


LONGEST = 2000
"""Characters of a reason."""


class Stand(StrEnum):
    """How far a request is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Request:
    """One request.  `details`: what the kind needs beside its subject.  `note`: progress, or why it was not done."""

    id: int
    kind: Kind
    subject: str
    by: str
    at: str
    stand: Stand
    reason: str = ""
    details: Mapping[str, str] | None = None
    note: str = ""
    ended_at: str = ""


_TEXTS = ("kind", "subject", "by", "at", "stand", "reason", "details", "note", "ended_at")


class Requests:
    """The queue of a desk."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db, self._log = db, ActionLog(db)
        shape = {"id": int, **dict.fromkeys(_TEXTS, str)}
        ensure(db, "requests", shape, pk="id")

    def ask(
        self, kind: Kind, subject: str, *, by: str, at: str, reason: str = "", details: Mapping[str, str] | None = None
    ) -> Request:
        """Queue a request.  The same one that is queued or running already is given back; where it asks who asked
        (what is done at once does), that of the same person only.  RequestError for a reason that is too long to be
        handed on and published.
        """
        if len(reason) > LONGEST or "\0" in reason:
            raise RequestError(f"a reason has at most {LONGEST} characters, and no control characters")
        written = json.dumps(dict(details or {}), sort_keys=True, ensure_ascii=False)
        with chain.immediate(self._db):
            for one in self.where(kind, subject):
                same = dict(one.details or {}) == dict(details or {}) and (kind not in URGENT or one.by == by)
                if one.stand in (Stand.QUEUED, Stand.RUNNING) and same:
                    return one
            made = self._db.conn.execute(
                f"INSERT INTO requests ({', '.join(_TEXTS)}) VALUES (?, ?, ?, ?, ?, ?, ?, '', '')",
                [kind.value, subject, by, at, Stand.QUEUED.value, reason, written],
            ).lastrowid
            self._log.append(at=at, actor=by, action=f"ask-{kind}", subject=subject, detail=reason)
        return self.get(int(made or 0))

    def get(self, number: int) -> Request:
        """One request; RequestError if there is none of that number."""
        rows = list(self._db.table("requests").rows_where("id = ?", [number]))
        if not rows:
            raise RequestError(f"there is no request {number}")
        return _of(rows[0])

    def where(self, kind: Kind, subject: str) -> list[Request]:
        """All requests of a kind on a subject, the newest first."""
        rows = self._db.table("requests").rows_where("kind = ? AND subject = ?", [kind.value, subject], order_by="-id")
        return [_of(r) for r in rows]

    def recent(self, limit: int = 50) -> list[Request]:
        """The newest requests, the newest first."""
        return [_of(r) for r in self._db.table("requests").rows_where(order_by="-id", limit=limit)]

    def waiting(self) -> list[Request]:
        """What is queued or running, the oldest first."""
        stands = [Stand.QUEUED.value, Stand.RUNNING.value]
        return [_of(r) for r in self._db.table("requests").rows_where("stand IN (?, ?)", stands, order_by="id")]

    def take(self, number: int) -> bool:
        """Take a queued request for oneself; False where another process has."""
        taken = self._db.conn.execute(
            "UPDATE requests SET stand = ? WHERE id = ? AND stand = ?",
            [Stand.RUNNING.value, number, Stand.QUEUED.value],
        )
        return bool(taken.rowcount == 1)

    def put_back(self, number: int) -> None:
        """Queue a request again whose process was lost; one that has ended meanwhile is left as it is."""
        self._db.conn.execute(
            "UPDATE requests SET stand = ? WHERE id = ? AND stand = ?",
            [Stand.QUEUED.value, number, Stand.RUNNING.value],
        )

    def set(self, number: int, stand: Stand, note: str = "", *, at: str = "") -> None:
        """Say how far a request is; RequestError where it has ended already."""
        with chain.immediate(self._db):
            if self.get(number).ended_at:
                raise RequestError(f"request {number} has ended")
            self._db.conn.execute(
                "UPDATE requests SET stand = ?, note = ?, ended_at = ? WHERE id = ?",
                [stand.value, note, at if stand in (Stand.DONE, Stand.REFUSED, Stand.FAILED) else "", number],
            )


def _of(row: Mapping[str, str | int]) -> Request:
    return Request(
        id=int(row["id"]), kind=Kind(str(row["kind"])), subject=str(row["subject"]), by=str(row["by"]),
        at=str(row["at"]), stand=Stand(str(row["stand"])), reason=str(row["reason"]),
        details=json.loads(str(row["details"])), note=str(row["note"]), ended_at=str(row["ended_at"]),
    )  # fmt: skip
