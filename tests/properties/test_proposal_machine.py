"""Proposals under several officers and a pretend scheduler, in any order: nothing is in force without two people."""

from pathlib import Path

import pytest
import sqlite_utils
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from publisher.chain import open_state
from publisher.desk.proposals import ConflictError, Proposals, digest_of
from publisher.errors import ProposalError
from publisher.log import ActionLog
from publisher.policy.proposals import Action, Role, State

AUTHORS, APPROVERS = ("anna", "Bo"), ("bo", "cilla")
"""One person has been an author under the name that is an approver's now, in other letters."""

WAYS = {
    ("draft", "draft"), ("draft", "submitted"), ("draft", "discarded"), ("submitted", "draft"),
    ("submitted", "rehearsed"), ("rehearsed", "draft"), ("rehearsed", "approved"), ("approved", "active"),
    ("approved", "draft"), ("active", "retired"),
}  # fmt: skip
"""Every step that a proposal may take, written out by hand."""

POLICIES = st.sampled_from(["one", "two"])
TEXTS = st.text(alphabet="ab\n", max_size=3)
NUMBERS = st.integers(0, 3)


class Desk(RuleBasedStateMachine):
    """Officers and the scheduler process act on what they last saw, or on what they wrongly believe."""

    def __init__(self) -> None:
        super().__init__()
        self.db: sqlite_utils.Database = open_state(Path(":memory:"))
        self.proposals = Proposals(self.db)
        self.at = 0
        self.states: dict[int, State] = {}
        self.texts: dict[int, list[tuple[str, str]]] = {}
        self.rehearsed: set[tuple[int, str]] = set()
        self.approved: dict[int, tuple[str, str]] = {}
        self.active: dict[str, str] = {}

    def teardown(self) -> None:
        self.db.close()

    def now(self) -> str:
        self.at += 1
        return f"2024-03-01T12:{self.at // 60:02d}:{self.at % 60:02d}Z"

    def pick(self, number: int) -> int:
        return sorted(self.states)[number % len(self.states)]

    @rule(policy=POLICIES, text=TEXTS, by=st.sampled_from(AUTHORS))
    def begin(self, policy: str, text: str, by: str) -> None:
        made = self.proposals.begin(policy, text, base=self.active.get(policy, ""), by=by, at=self.now())
        self.states[made.id], self.texts[made.id] = State.DRAFT, [(text, by)]

    @precondition(lambda self: self.states)
    @rule(number=NUMBERS, text=TEXTS, by=st.sampled_from(AUTHORS), behind=st.integers(0, 1))
    def save(self, number: int, text: str, by: str, behind: int) -> None:
        one = self.proposals.get(self.pick(number))
        sent = {"seen": one.version - behind, "by": by, "at": self.now()}
        if behind:
            with pytest.raises(ConflictError) as conflict:
                self.proposals.save(one.id, one.policy, text, **sent)
            assert (conflict.value.theirs, conflict.value.mine) == (one, text)
            return
        if one.state is not State.DRAFT:
            with pytest.raises(ProposalError):
                self.proposals.save(one.id, one.policy, text, **sent)
            return
        saved = self.proposals.save(one.id, one.policy, text, **sent)
        if text != one.text:
            self.texts[one.id].append((text, by))
        assert saved.version == len(self.texts[one.id])

    @precondition(lambda self: self.states)
    @rule(number=NUMBERS, action=st.sampled_from(list(Action)), by=st.sampled_from([*AUTHORS, *APPROVERS]),
          role=st.sampled_from(list(Role)), reason=st.sampled_from(["", "why"]))  # fmt: skip
    def act(self, number: int, action: Action, by: str, role: Role, reason: str) -> None:
        one = self.proposals.get(self.pick(number))
        try:
            self.proposals.act(one.id, action, by=by, role=role, at=self.now(), reason=reason)
        except ProposalError:
            assert self.proposals.get(one.id) == one
            return
        assert action in (Action.SUBMIT, Action.DISCARD, Action.RETURN)
        assert role is Role.AUTHOR or (role is Role.APPROVER and action is Action.RETURN)

    @precondition(lambda self: self.states)
    @rule(number=NUMBERS, by=st.sampled_from([*AUTHORS, *APPROVERS]), role=st.sampled_from(list(Role)),
          wrong_bytes=st.booleans(), wrong_base=st.booleans())  # fmt: skip
    def somebody_approves(self, number: int, by: str, role: Role, wrong_bytes: bool, wrong_base: bool) -> None:
        self.approve(number, by, role, wrong_bytes=wrong_bytes, wrong_base=wrong_base)

    @precondition(lambda self: self.states)
    @rule(number=NUMBERS, by=st.sampled_from(APPROVERS), wrong_bytes=st.booleans())
    def an_approver_reads_other_bytes_or_another_base(self, number: int, by: str, wrong_bytes: bool) -> None:
        self.approve(number, by, Role.APPROVER, wrong_bytes=wrong_bytes, wrong_base=not wrong_bytes)

    def approve(self, number: int, by: str, role: Role, *, wrong_bytes: bool, wrong_base: bool) -> None:
        one = self.proposals.get(self.pick(number))
        digest = digest_of("other") if wrong_bytes else one.digest
        active = digest_of("another") if wrong_base else self.active.get(one.policy, "")
        try:
            self.proposals.approve(one.id, digest=digest, active=active, by=by, role=role, at=self.now())
        except ProposalError:
            assert self.proposals.get(one.id) == one
            return
        assert not wrong_bytes
        assert not wrong_base
        assert role is Role.APPROVER
        assert by.lower() not in {e.lower() for _, e in self.texts[one.id]}
        assert (one.id, one.digest) in self.rehearsed
        self.approved[one.id] = (one.digest, by)

    @precondition(lambda self: self.states)
    @rule(number=NUMBERS, people=st.lists(st.sampled_from(APPROVERS), min_size=1, max_size=4))
    def go_on(self, number: int, people: list[str]) -> None:
        """The next steps on the straight way, so that proposals come far."""
        for by in people:
            self.step(number, by)
            self.no_step_is_outside_the_table()

    def step(self, number: int, by: str) -> None:
        one = self.proposals.get(self.pick(number))
        if one.state is State.DRAFT:
            self.act(number, Action.SUBMIT, by, Role.AUTHOR, "")
        elif one.state is State.REHEARSED:
            self.approve(number, by, Role.APPROVER, wrong_bytes=False, wrong_base=False)
        elif one.state is State.SUBMITTED:
            self.scheduler(number, Action.FINISH_REHEARSAL, old_bytes=False)
        elif one.state is State.APPROVED:
            self.scheduler(number, Action.TAKE_UP, old_bytes=False)

    @precondition(lambda self: self.states)
    @rule(number=NUMBERS, base=st.sampled_from(["", "stale"]))
    def rebase(self, number: int, base: str) -> None:
        one = self.proposals.get(self.pick(number))
        wanted = base or self.active.get(one.policy, "")
        try:
            self.proposals.rebase(one.id, base=wanted, by="anna", at=self.now())
        except ProposalError:
            assert one.state is not State.DRAFT

    @precondition(lambda self: self.states)
    @rule(number=NUMBERS, action=st.sampled_from(list(Action)), old_bytes=st.booleans())
    def scheduler(self, number: int, action: Action, old_bytes: bool) -> None:
        one = self.proposals.get(self.pick(number))
        digest = digest_of(self.texts[one.id][0][0]) if old_bytes else one.digest
        try:
            done = self.proposals.carried(one.id, action, digest=digest, at=self.now(), reason="scheduler")
        except ProposalError:
            assert self.proposals.get(one.id) == one
            return
        assert digest == one.digest
        if action is Action.FINISH_REHEARSAL:
            self.rehearsed.add((one.id, digest))
        if action is Action.TAKE_UP:
            assert self.approved[one.id][0] == digest
            self.active[one.policy] = digest
        if action is Action.REFUSE:
            assert done.approver == ""
            del self.approved[one.id]

    @precondition(lambda self: self.states)
    @rule(number=NUMBERS, by=st.sampled_from(AUTHORS), text=TEXTS)
    def something_of_older_bytes_ends(self, number: int, by: str, text: str) -> None:
        """A rehearsal that was asked for before a change ends after it."""
        self.save(number, text, by, behind=0)
        self.step(number, by)
        self.no_step_is_outside_the_table()  # the older bytes may be the same ones, and then it goes on
        self.scheduler(number, Action.FINISH_REHEARSAL, old_bytes=True)

    @invariant()
    def no_step_is_outside_the_table(self) -> None:
        for one in self.proposals.all():
            before = self.states[one.id]
            assert before == one.state or (before.value, one.state.value) in WAYS
            self.states[one.id] = one.state

    @invariant()
    def what_is_approved_or_in_force_has_two_people_and_was_rehearsed_to_the_byte(self) -> None:
        for one in self.proposals.all():
            if one.state in (State.APPROVED, State.ACTIVE, State.RETIRED):
                assert one.approver
                assert one.approver.lower() not in {by.lower() for _, by in self.texts[one.id]}
                assert self.approved[one.id] == (one.digest, one.approver)
                assert (one.id, digest_of(one.text)) in self.rehearsed
            else:
                assert one.approver == ""

    @invariant()
    def no_version_is_ever_lost(self) -> None:
        for one in self.proposals.all():
            kept = [(str(v["text"]), str(v["by"])) for v in self.proposals.versions(one.id)]
            assert kept == self.texts[one.id]
            assert one.text == kept[-1][0]
            assert one.digest == digest_of(one.text)
            assert one.editors == {by for _, by in kept}

    @invariant()
    def the_log_holds_and_tells_of_every_approval(self) -> None:
        assert ActionLog(self.db).verify() >= len(self.states)
        told = self.db.execute("SELECT count(*) FROM log WHERE action = 'approve'").fetchone()[0]
        assert told >= len(self.approved)


class TestDesk(Desk.TestCase):
    settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
