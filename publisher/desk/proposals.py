"""Proposals in the officer's database: every save is kept, and nobody overwrites what they have not seen."""

import hashlib
from collections.abc import Sequence

import sqlite_utils

from publisher import chain
from publisher.desk.tables import ensure
from publisher.errors import ProposalError
from publisher.log import ActionLog
from publisher.policy.proposals import (
    BY_SCHEDULER,
    Action,
    Proposal,
    RefusedError,
    Role,
    State,
    check_action,
    check_approval,
    next_state,
)

_TEXTS = ("policy", "state", "text", "digest", "base", "changed_at", "changed_by", "approver", "reason")
OPEN = (State.DRAFT, State.SUBMITTED, State.REHEARSED, State.APPROVED)


class ConflictError(ProposalError):
    """Somebody else has saved since: `theirs` is what stands there now, `mine` what was not saved."""

    def __init__(self, theirs: Proposal, mine: str) -> None:
        self.theirs, self.mine = theirs, mine
        super().__init__(
            f"proposal {theirs.id}: {theirs.changed_by} has saved version {theirs.version} meanwhile; nothing was lost"
        )


class Proposals:
    """The proposals of a desk.  `at`: UTC text; `by`: the account's name.  Every change is logged with it."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db, self._log = db, ActionLog(db)
        shape = {"id": int, **dict.fromkeys(_TEXTS, str), "version": int}
        ensure(db, "proposals", shape, pk="id")
        kept = {"proposal": int, "version": int, "text": str, "by": str, "at": str}
        ensure(db, "versions", kept, pk=("proposal", "version"))

    def begin(self, policy: str, text: str, *, base: str, by: str, at: str) -> Proposal:
        """A new draft.  `base`: digest of the active version that it starts from, empty for none."""
        row = {
            "policy": policy, "state": State.DRAFT.value, "text": text, "digest": digest_of(text), "base": base,
            "changed_at": at, "changed_by": by, "approver": "", "reason": "", "version": 1,
        }  # fmt: skip
        with chain.immediate(self._db):
            names = ", ".join(row)
            made = self._db.conn.execute(
                f"INSERT INTO proposals ({names}) VALUES ({', '.join('?' for _ in row)})", list(row.values())
            ).lastrowid
            self._keep(int(made or 0), 1, text, by=by, at=at)
            self._log.append(at=at, actor=by, action="begin", subject=policy, digest=digest_of(text))
        return self.get(int(made or 0))

    def save(self, number: int, policy: str, text: str, *, seen: int, by: str, at: str) -> Proposal:
        """Keep a new version of a draft; ConflictError where the version seen is not the last one.

        The caller has checked that `by` is an author.  A text that is the last one changes nothing.
        """
        with chain.immediate(self._db):
            now = self.get(number)
            if now.version != seen:
                raise ConflictError(now, text)
            state = check_action(now, Action.SAVE, name=by, role=Role.AUTHOR)
            if (now.text, now.policy) == (text, policy):
                return now
            self._keep(number, now.version + 1, text, by=by, at=at)
            self._set(
                number, policy=policy, state=state, text=text, digest=digest_of(text), version=now.version + 1,
                changed_at=at, changed_by=by,
            )  # fmt: skip
            self._log.append(at=at, actor=by, action="save", subject=policy, digest=digest_of(text))
        return self.get(number)

    def rebase(self, number: int, *, base: str, by: str, at: str) -> Proposal:
        """Begin a draft anew from the version now in force: its text stays, and what it is compared with changes."""
        with chain.immediate(self._db):
            now = self.get(number)
            check_action(now, Action.SAVE, name=by, role=Role.AUTHOR)
            self._set(number, base=base, changed_at=at)
            self._log.append(at=at, actor=by, action="rebase", subject=now.policy, digest=base)
        return self.get(number)

    def act(self, number: int, action: Action, *, by: str, role: Role, at: str, reason: str = "") -> Proposal:
        """An officer's action other than a save or an approval: ProposalError where it is not allowed."""
        if action in (Action.SAVE, Action.APPROVE):
            raise ProposalError(f"to {action} a proposal has a way of its own")
        with chain.immediate(self._db):
            now = self.get(number)
            state = check_action(now, action, name=by, role=role)
            if action is Action.RETURN and not reason.strip():
                raise RefusedError("reason", "say why a proposal is returned")
            self._set(number, state=state, reason=reason)
            self._note(now, action, by=by, at=at, reason=reason)
        return self.get(number)

    def approve(
        self, number: int, *, digest: str, active: str, by: str, role: Role, at: str, reason: str = ""
    ) -> Proposal:
        """Approve the exact bytes; ProposalError where they or the active version are not those that were seen."""
        with chain.immediate(self._db):
            now = self.get(number)
            state = check_action(now, Action.APPROVE, name=by, role=role)
            check_approval(now, digest=digest, active=active)
            self._set(number, state=state, approver=by, reason=reason)
            self._note(now, Action.APPROVE, by=by, at=at, reason=reason)
        return self.get(number)

    def carried(self, number: int, action: Action, *, digest: str, at: str, reason: str = "") -> Proposal:
        """What the scheduler process did: a rehearsal is finished, a policy taken up, refused or superseded.

        ProposalError where the bytes are not those of `digest` any more, and for what only officers do.
        """
        if action not in BY_SCHEDULER:
            raise ProposalError(f"to {action} a proposal is for officers")
        with chain.immediate(self._db):
            now = self.get(number)
            state = next_state(now.state, action)
            if now.digest != digest:
                raise ProposalError(f"proposal {number} was changed meanwhile")
            back = {"approver": "", "reason": reason} if action is Action.REFUSE else {}
            self._set(number, state=state, **back)
            self._note(now, action, by="scheduler", at=at, reason=reason)
        return self.get(number)

    def get(self, number: int) -> Proposal:
        """One proposal; ProposalError if there is none of that number."""
        rows = list(self._db.table("proposals").rows_where("id = ?", [number]))
        if not rows:
            raise ProposalError(f"there is no proposal {number}")
        return self._of(rows[0])

    def all(self) -> list[Proposal]:
        """Every proposal, the last changed first."""
        return [self._of(r) for r in self._db.table("proposals").rows_where(order_by="changed_at desc, id desc")]

    def last_in_force(self, policy: str) -> str | None:
        """The text of the last proposal of a policy that came into force, whether it is still; None where none did."""
        row = self._log.last(Action.TAKE_UP.value, policy)
        return next((p.text for p in self.all() if row and (p.policy, p.digest) == (policy, row["digest"])), None)

    def versions(self, number: int) -> Sequence[dict[str, str | int]]:
        """Every version that was ever saved: version, text, by, at; the first one first."""
        return [dict(r) for r in self._db.table("versions").rows_where("proposal = ?", [number], order_by="version")]

    def _of(self, row: dict[str, str | int]) -> Proposal:
        by = {str(v["by"]) for v in self.versions(int(row["id"]))}
        texts = {name: str(row[name]) for name in _TEXTS if name != "state"}
        return Proposal(
            id=int(row["id"]), state=State(str(row["state"])), version=int(row["version"]), editors=frozenset(by),
            **texts,
        )  # fmt: skip

    def _keep(self, number: int, version: int, text: str, *, by: str, at: str) -> None:
        self._db.conn.execute("INSERT INTO versions VALUES (?, ?, ?, ?, ?)", [number, version, text, by, at])

    def _set(self, number: int, **values: str | int) -> None:
        columns = ", ".join(f"{c} = ?" for c in values)
        self._db.conn.execute(f"UPDATE proposals SET {columns} WHERE id = ?", [*values.values(), number])

    def _note(self, proposal: Proposal, action: Action, *, by: str, at: str, reason: str) -> None:
        self._log.append(
            at=at, actor=by, action=action.value, subject=proposal.policy, digest=proposal.digest, detail=reason
        )


def digest_of(text: str) -> str:
    """SHA-256 of the exact bytes of a policy's text."""
    return hashlib.sha256(text.encode()).hexdigest()
