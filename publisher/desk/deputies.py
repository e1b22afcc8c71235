"""Deputies: who decides in an approver's place, for a time and with a reason.

A deputy is an author or an auditor: administrators make accounts, and must not decide as well.  While the time lasts
the deputy may do what an approver may.  Four eyes stay: who has written in a proposal cannot approve it, deputy or not
(`publisher.policy.proposals.check_action`), and nobody becomes a deputy by his own hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlite_utils

from publisher import chain
from publisher.desk.accounts import Account, Accounts
from publisher.desk.tables import ensure
from publisher.errors import AccountError
from publisher.log import ActionLog
from publisher.policy.proposals import Role

MOST_DAYS = 92
"""So long at most: who is away for longer needs a successor."""
MAY_STAND_IN = frozenset({Role.AUTHOR, Role.AUDITOR})
_ZONE = ZoneInfo("Europe/Stockholm")


@dataclass(frozen=True, slots=True)
class Deputy:
    """One appointment.  `first`, `last`: Swedish days, both included; `ended_at`: UTC, empty while it runs."""

    id: int
    approver: str
    deputy: str
    first: str
    last: str
    reason: str
    ended_at: str = ""

    def holds(self, at: str) -> bool:
        """Whether it holds at a UTC time."""
        return not self.ended_at and self.first <= _day(at) <= self.last


class Deputies:
    """The appointments of a desk; none is ever removed."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db, self._log, self._accounts = db, ActionLog(db), Accounts(db)
        shape = {"id": int, **dict.fromkeys(("approver", "deputy", "first", "last", "reason", "ended_at"), str)}
        ensure(db, "deputies", shape, pk="id")

    def name(self, deputy: str, *, by: Account, first: str, last: str, reason: str, at: str) -> Deputy:
        """Appoint; AccountError where role, person, days or reason do not allow it, or `by` has one in that time."""
        self._check(deputy, by)
        _check_days(first, last, at)
        if not reason.strip():
            raise AccountError("say why a deputy is needed")
        with chain.immediate(self._db):
            running = [d for d in self.all() if d.approver == by.name and not d.ended_at]
            if any(d.first <= last and first <= d.last for d in running):
                raise AccountError("there is a deputy in that time already; end that first")
            made = self._db.conn.execute(
                "INSERT INTO deputies (approver, deputy, first, last, reason, ended_at) VALUES (?, ?, ?, ?, ?, '')",
                [by.name, deputy, first, last, reason],
            ).lastrowid
            detail = f"{first} to {last}: {reason}"
            self._log.append(at=at, actor=by.name, action="name-deputy", subject=deputy, detail=detail)
        return next(d for d in self.all() if d.id == made)

    def end(self, number: int, *, by: Account, at: str) -> None:
        """End an appointment early; AccountError unless it runs, and `by` is its approver or an administrator."""
        with chain.immediate(self._db):
            found = next((d for d in self.all() if d.id == number and not d.ended_at), None)
            if found is None or (by.name != found.approver and by.role is not Role.ADMIN):
                raise AccountError("only the approver, or an administrator, ends a deputy's time, and only once")
            self._db.conn.execute("UPDATE deputies SET ended_at = ? WHERE id = ?", [at, number])
            self._log.append(at=at, actor=by.name, action="end-deputy", subject=found.deputy)

    def all(self) -> list[Deputy]:
        """Every appointment, the newest first."""
        return [_of(r) for r in self._db.table("deputies").rows_where(order_by="-id")]

    def roles_of(self, account: Account, *, at: str) -> frozenset[Role]:
        """The roles that an account has at a UTC time: its own, and an approver's where it stands in for one.

        It does so only while both are still what they were when it was appointed.
        """
        stands_in = account.role in MAY_STAND_IN and any(
            d.holds(at) and d.deputy == account.name and self._is_approver(d.approver) for d in self.all()
        )
        return frozenset({account.role, Role.APPROVER} if stands_in else {account.role})

    def _is_approver(self, name: str) -> bool:
        found = self._accounts.find(name)
        return found is not None and found.role is Role.APPROVER and not found.closed_at

    def _check(self, deputy: str, by: Account) -> None:
        found = self._accounts.find(deputy)
        if by.role is not Role.APPROVER:
            raise AccountError("only an approver names a deputy, and a deputy names none")
        if found is None or found.closed_at or found.name != deputy or found.role not in MAY_STAND_IN:
            raise AccountError("a deputy is an account of an author or an auditor")


def _day(at: str) -> str:
    """The Swedish day of a UTC time."""
    return datetime.fromisoformat(at).astimezone(_ZONE).date().isoformat()


def _check_days(first: str, last: str, at: str) -> None:
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise AccountError("write days as 2024-06-01") from None
    if (first, last) != (begin.isoformat(), end.isoformat()) or first < _day(at) or end < begin:
        raise AccountError("a deputy's time begins today or later, and ends after it begins")
    if (end - begin).days >= MOST_DAYS:
        raise AccountError(f"a deputy's time is {MOST_DAYS} days at most; name one again, or make an account")


def _of(row: Mapping[str, str | int]) -> Deputy:
    texts = {k: str(row[k]) for k in ("approver", "deputy", "first", "last", "reason", "ended_at")}
    return Deputy(id=int(row["id"]), **texts)
