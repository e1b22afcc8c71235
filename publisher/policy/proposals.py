"""The way of a proposal: draft -> submitted -> rehearsed -> approved -> active -> retired.

The transitions are one table; who may make them is another.  Pure: nothing is stored here.
"""

from dataclasses import dataclass
from enum import StrEnum

from publisher.errors import ProposalError


class RefusedError(ProposalError):
    """Something that may not be done to a proposal.  `rule`: `role`, `person`, `state`, `bytes`, `base` or `reason`."""

    def __init__(self, rule: str, message: str) -> None:
        self.rule = rule
        super().__init__(message)


class Role(StrEnum):
    """What an account is for.  Each account has one."""

    AUTHOR = "author"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMIN = "admin"


class State(StrEnum):
    """Where a proposal stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REHEARSED = "rehearsed"
    APPROVED = "approved"
    ACTIVE = "active"
    RETIRED = "retired"
    DISCARDED = "discarded"


class Action(StrEnum):
    """What is done with a proposal: by officers, and (`finish_rehearsal`, `take_up`, `refuse`, `supersede`) by the
    scheduler process."""

    SAVE = "save"
    SUBMIT = "submit"
    DISCARD = "discard"
    RETURN = "return"
    APPROVE = "approve"
    FINISH_REHEARSAL = "finish_rehearsal"
    TAKE_UP = "take_up"
    REFUSE = "refuse"
    SUPERSEDE = "supersede"


VALID_TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.DRAFT, Action.SAVE): State.DRAFT,
    (State.DRAFT, Action.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Action.DISCARD): State.DISCARDED,
    (State.SUBMITTED, Action.RETURN): State.DRAFT,
    (State.SUBMITTED, Action.FINISH_REHEARSAL): State.REHEARSED,
    (State.REHEARSED, Action.RETURN): State.DRAFT,
    (State.REHEARSED, Action.APPROVE): State.APPROVED,
    (State.APPROVED, Action.TAKE_UP): State.ACTIVE,
    (State.APPROVED, Action.REFUSE): State.DRAFT,
    (State.ACTIVE, Action.SUPERSEDE): State.RETIRED,
}
"""All ways there are; whatever is not here is refused."""

ALLOWED: dict[Action, frozenset[Role]] = {
    Action.SAVE: frozenset({Role.AUTHOR}),
    Action.SUBMIT: frozenset({Role.AUTHOR}),
    Action.DISCARD: frozenset({Role.AUTHOR}),
    Action.RETURN: frozenset({Role.AUTHOR, Role.APPROVER}),
    Action.APPROVE: frozenset({Role.APPROVER}),
}
"""Which roles may take an action; the others are the scheduler's alone."""

BY_SCHEDULER = frozenset(Action) - frozenset(ALLOWED)
"""What the scheduler process alone does."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed policy, as it stands.

    `digest`: SHA-256 of the exact bytes.  `base`: digest of the active version that it starts from, empty for none.
    `version` counts the saves.  `editors`: everybody who ever wrote a version of it.
    """

    id: int
    policy: str
    state: State
    text: str
    digest: str
    base: str
    version: int
    editors: frozenset[str]
    changed_at: str
    changed_by: str
    approver: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if not self.policy or not self.editors or self.version < 1:
            raise ValueError("a proposal has a policy, editors and a version")
        if self.state in (State.APPROVED, State.ACTIVE) and not self.approver:
            raise ValueError(f"proposal {self.id}: {self.state} without an approver")
        if self.approver.casefold() in {e.casefold() for e in self.editors}:
            raise ValueError(f"proposal {self.id}: its approver is one of its editors")


def next_state(state: State, action: Action) -> State:
    """Where an action leads; ProposalError where there is no such way."""
    try:
        return VALID_TRANSITIONS[state, action]
    except KeyError:
        raise RefusedError("state", f"a proposal that is {state} has no way to {action}") from None


def check_action(proposal: Proposal, action: Action, *, name: str, role: Role) -> State:
    """The state after an officer's action; ProposalError where role, person or state does not allow it."""
    if role not in ALLOWED.get(action, frozenset()):
        raise RefusedError("role", f"the role {role} may not {action} a proposal")
    if action is Action.APPROVE and name.casefold() in {e.casefold() for e in proposal.editors}:
        raise RefusedError("person", "who has written in a proposal cannot approve it; another person must")
    return next_state(proposal.state, action)


def can_act(proposal: Proposal, action: Action, *, name: str, role: Role) -> bool:
    """Whether `check_action` would let it through."""
    try:
        check_action(proposal, action, name=name, role=role)
    except ProposalError:
        return False
    return True


def check_approval(proposal: Proposal, *, digest: str, active: str) -> None:
    """ProposalError where other bytes were read than stand there, or the active version is not the one started from.

    `active`: digest of the version in force, empty where the policy is not in force.
    """
    if digest != proposal.digest:
        raise RefusedError(
            "bytes", f"proposal {proposal.id}: the bytes were changed since you read them; read them again"
        )
    if active != proposal.base:
        raise RefusedError(
            "base",
            f"proposal {proposal.id}: another version of {proposal.policy} came into force since it was begun; return "
            "it to its author, to be begun anew from that",
        )
