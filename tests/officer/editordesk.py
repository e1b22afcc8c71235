"""A desk as the scheduler process leaves it: declarations and policies in force; and drafts upon it."""

import shutil
from pathlib import Path

from policytexts import ROOT, policy_texts

from publisher.desk.folder import Desk
from publisher.desk.proposals import Proposals, digest_of
from publisher.desk.requests import Requests
from publisher.desk.status import write_status
from publisher.policy.loader import load_policy
from publisher.policy.proposals import Action, Proposal, Role, State

AT = "2024-03-01T12:00:00Z"


def furnish(desk: Desk) -> None:
    """Put the demo's declarations and the project's policies into force at a desk."""
    shutil.copy(ROOT / "publisher" / "demo.toml", desk.declarations)
    told = []
    for path in sorted((ROOT / "policies").glob("*.yaml")):
        shutil.copy(path, desk.active / path.name)
        told.append(_told(path))
    write_status(desk, "policies", {"policies": told})


def _told(path: Path) -> dict[str, object]:
    policy = load_policy(path).policy
    return {
        "policy": policy.id, "digest": policy.digest, "author": "demo-author", "approver": "demo-approver",
        "approved_at": AT, "title": {"sv": policy.title.sv, "en": policy.title.en}, "agency": policy.agency,
        "legal_basis": policy.legal_basis, "paused": None,
    }  # fmt: skip


def draft(desk: Desk, policy: str = "fk-assistans", *changes: tuple[str, str], by: str = "anna") -> Proposal:
    """A draft from the version in force, with some of its text exchanged."""
    base = text = policy_texts()[policy]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    with desk.open() as db:
        return Proposals(db).begin(policy, text, base=digest_of(base), by=by, at=AT)


def bring_to(desk: Desk, proposal: Proposal, state: State) -> Proposal:
    """Lead a draft on to a state, by the ways there are."""
    ways = {
        State.DRAFT: (),
        State.DISCARDED: ("discard",),
        State.SUBMITTED: ("submit",),
        State.REHEARSED: ("submit", "finish_rehearsal"),
        State.APPROVED: ("submit", "finish_rehearsal", "approve"),
        State.ACTIVE: ("submit", "finish_rehearsal", "approve", "take_up"),
        State.RETIRED: ("submit", "finish_rehearsal", "approve", "take_up", "supersede"),
    }
    with desk.open() as db:
        proposals = Proposals(db)
        for action in map(Action, ways[state]):
            if action is Action.APPROVE:
                proposals.approve(
                    proposal.id, digest=proposal.digest, active=proposal.base, by="cecilia", role=Role.APPROVER, at=AT
                )
            elif action in (Action.SUBMIT, Action.DISCARD):
                proposals.act(proposal.id, action, by=proposal.changed_by, role=Role.AUTHOR, at=AT)
            else:
                proposals.carried(proposal.id, action, digest=proposal.digest, at=AT)
        return proposals.get(proposal.id)


def now_of(desk: Desk, number: int) -> Proposal:
    """A proposal as it stands."""
    with desk.open() as db:
        return Proposals(db).get(number)


def asked(desk: Desk) -> list[tuple[str, str, dict[str, str]]]:
    """What is asked of the scheduler process, the newest first: kind, subject, details."""
    with desk.open() as db:
        return [(r.kind.value, r.subject, dict(r.details or {})) for r in Requests(db).recent()]
