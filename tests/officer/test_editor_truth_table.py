"""Who may do what to a proposal in which state: every role, every action, every state, written out by hand.

The table here is not the program's: it says what an agency expects.
"""

from itertools import product

import pytest
from editordesk import bring_to, draft, furnish, now_of

from publisher.desk.proposals import Proposals
from publisher.policy.proposals import Action, RefusedError, Role, State, can_act, check_action

STATES = tuple(State)
YES = {
    ("author", "save", "draft"): "draft",
    ("author", "submit", "draft"): "submitted",
    ("author", "discard", "draft"): "discarded",
    ("author", "return", "submitted"): "draft",
    ("author", "return", "rehearsed"): "draft",
    ("approver", "return", "submitted"): "draft",
    ("approver", "return", "rehearsed"): "draft",
    ("approver", "approve", "rehearsed"): "approved",
}
"""Role, action and state -> the state after it.  Whatever does not stand here is refused."""

BY_SCHEDULER = {
    ("finish_rehearsal", "submitted"): "rehearsed",
    ("take_up", "approved"): "active",
    ("refuse", "approved"): "draft",
    ("supersede", "active"): "retired",
}

PAGES = {
    "save": ("/sv/proposals/1", {"seen": "1", "side": "text", "text": "policy: changed\n", "do": "save"}),
    "submit": ("/sv/proposals/1/submit", {"summary": "x"}),
    "discard": ("/sv/proposals/1/discard", {}),
    "return": ("/sv/proposals/1/return", {"reason": "x"}),
    "approve": ("/sv/proposals/1/approve", {"reason": "x"}),
}
FORBIDDEN_ROLES = {
    "save": {"approver", "auditor", "admin"},
    "submit": {"approver", "auditor", "admin"},
    "discard": {"approver", "auditor", "admin"},
    "return": {"auditor", "admin"},
    "approve": {"author", "auditor", "admin"},
}


@pytest.mark.parametrize(("role", "action", "state"), list(product(Role, Action, State)))
def test_a_role_may_do_to_a_proposal_what_the_table_says_and_nothing_else(desk, role, action, state):
    proposal = bring_to(desk, draft(desk), state)
    expected = YES.get((role.value, action.value, state.value))
    assert can_act(proposal, action, name="dora", role=role) is (expected is not None)
    if expected:
        assert check_action(proposal, action, name="dora", role=role) == expected
    else:
        with pytest.raises(RefusedError):
            check_action(proposal, action, name="dora", role=role)


@pytest.mark.parametrize(("action", "state"), list(product(Action, State)))
def test_the_scheduler_process_may_do_its_own_actions_in_their_states_and_nothing_else(desk, action, state):
    proposal = bring_to(desk, draft(desk), state)
    expected = BY_SCHEDULER.get((action.value, state.value))
    with desk.open() as db:
        if expected:
            assert Proposals(db).carried(1, action, digest=proposal.digest, at="2024-03-01T13:00:00Z").state == expected
        else:
            with pytest.raises(Exception, match="proposal"):
                Proposals(db).carried(1, action, digest=proposal.digest, at="2024-03-01T13:00:00Z")
            assert Proposals(db).get(1) == proposal


@pytest.mark.parametrize("action", PAGES)
@pytest.mark.parametrize("state", STATES)
def test_the_pages_do_what_the_table_says_for_every_role(desk, as_role, action, state):
    furnish(desk)
    path, fields = PAGES[action]
    for number, role in enumerate(Role, start=1):
        proposal = bring_to(desk, draft(desk, "fk-assistans", ("threshold: 5", "threshold: 6"), by="dora"), state)
        sent = {**fields, "digest": proposal.digest}
        answer = as_role(role.value).post(path.replace("/1", f"/{number}"), **sent)
        expected = YES.get((role.value, action, state.value))
        if role.value in FORBIDDEN_ROLES[action]:
            assert answer.status_code == 403, (role, state)
        else:
            assert answer.status_code == (303 if expected else 409), (role, state)
        assert now_of(desk, number).state == (expected or state), (role, state)


@pytest.mark.parametrize("state", STATES)
def test_an_approver_who_has_written_in_it_approves_in_no_state(desk, as_role, state):
    furnish(desk)
    proposal = bring_to(desk, draft(desk, by="bo"), state)
    answer = as_role("approver").post("/sv/proposals/1/approve", digest=proposal.digest, reason="x")
    assert answer.status_code == 403
    assert now_of(desk, 1).state is state
