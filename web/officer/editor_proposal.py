"""One proposal: where it stands, what it changes, who wrote what, and what its reader may do with it."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.proposals import Proposals
from publisher.desk.requests import Kind, Request, Requests, Stand
from publisher.log import utc
from publisher.policy.editing.differences import needs_reason
from publisher.policy.proposals import Action, Proposal, RefusedError, State, can_act, check_action
from publisher.release.model import Text
from web.officer.access import acts_as, database, now, who
from web.officer.editor_desk import Judgement, active_digest, active_text, judge, last_before, proposal_of
from web.officer.editor_edit import text_difference

STEPS = (State.DRAFT, State.SUBMITTED, State.REHEARSED, State.APPROVED, State.ACTIVE, State.RETIRED)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was not done: a key of the texts, and the field that is to be filled in, if there is one."""

    key: str
    field: str = ""


def proposal(number: int) -> str:
    """The page of a proposal."""
    return _page(proposal_of(number))


def version(number: int, version: int) -> str:
    """The text of one version, and what it changed of the one before."""
    found = {int(v["version"]): v for v in Proposals(database()).versions(proposal_of(number).id)}
    if version not in found:
        abort(404)
    before = str(found[version - 1]["text"]) if version > 1 else ""
    rows = text_difference(before, str(found[version]["text"]))
    return render_template("editor_version.html", proposal=proposal_of(number), version=found[version], rows=rows)


def submit(number: int) -> ResponseReturnValue:
    """Send a draft to its rehearsal and its reader; not with problems, and not without saying what it is for."""
    found, summary = proposal_of(number), request.form.get("summary", "").strip()
    if judge(found.policy, found.text).problems:
        return _page(found, Refusal("editor.refused_problems")), 422
    if not summary:
        return _page(found, Refusal("editor.refused_summary", "summary")), 422
    return _done(found, lambda: _submitted(found, summary))


def _submitted(found: Proposal, summary: str) -> None:
    made = Proposals(database()).act(
        found.id, Action.SUBMIT, by=who().name, role=acts_as(Action.SUBMIT), at=utc(now()), reason=summary
    )
    _ask(Kind.REHEARSE, made, alternatives="")


def discard(number: int) -> ResponseReturnValue:
    """Put a draft away."""
    return _act(proposal_of(number), Action.DISCARD)


def send_back(number: int) -> ResponseReturnValue:
    """Give a proposal back to its authors, with the reason."""
    found = proposal_of(number)
    if not request.form.get("reason", "").strip():
        return _page(found, Refusal("editor.refused_reason", "return-reason")), 422
    return _act(found, Action.RETURN)


def rebase(number: int) -> ResponseReturnValue:
    """Compare a draft with the version now in force."""
    found = proposal_of(number)
    return _done(
        found,
        lambda: Proposals(database()).rebase(
            number, base=active_digest(found.policy), by=who().name, at=utc(now())
        ),
    )  # fmt: skip


def approve(number: int) -> ResponseReturnValue:
    """Approve the bytes that were shown."""
    found, reason = proposal_of(number), request.form.get("reason", "").strip()
    try:
        check_action(found, Action.APPROVE, name=who().name, role=acts_as(Action.APPROVE))
    except RefusedError as refused:
        return _refused(found, refused)
    judgement = judge(found.policy, found.text)
    if judgement.problems:
        return _page(found, Refusal("editor.refused_problems")), 422
    if _reasons(found.policy, judgement) and not reason:
        return _page(found, Refusal("editor.refused_unreasoned", "approve-reason")), 422
    return _done(found, lambda: _approved(found, reason))


def _approved(found: Proposal, reason: str) -> None:
    made = Proposals(database()).approve(
        found.id, digest=request.form.get("digest", ""), active=active_digest(found.policy), by=who().name,
        role=acts_as(Action.APPROVE), at=utc(now()), reason=reason,
    )  # fmt: skip
    _ask(Kind.ACTIVATE, made)


def activate(number: int) -> ResponseReturnValue:
    """Ask once more that an approved proposal is taken up, where the first asking was lost."""
    found = proposal_of(number)
    if found.state is not State.APPROVED:
        return _page(found, Refusal("editor.refused_state")), 409
    return _done(found, lambda: _ask(Kind.ACTIVATE, found))


def _ask(kind: Kind, found: Proposal, **more: str) -> None:
    Requests(database()).ask(
        kind, str(found.id), by=who().name, at=utc(now()), details={"digest": found.digest, **more}
    )


def _act(found: Proposal, action: Action) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()
    return _done(
        found,
        lambda: Proposals(database()).act(
            found.id, action, by=who().name, role=acts_as(action), at=utc(now()), reason=reason
        ),
    )  # fmt: skip


def _done(found: Proposal, what: Callable[[], object]) -> ResponseReturnValue:
    """Do it and show the proposal; or show why not."""
    try:
        what()
    except RefusedError as refused:
        return _refused(found, refused)
    return redirect(url_for("editor.proposal", number=found.id), 303)


def _refused(found: Proposal, refused: RefusedError) -> ResponseReturnValue:
    page = _page(proposal_of(found.id), Refusal(f"editor.refused_{refused.rule}"))
    return page, 403 if refused.rule in ("role", "person") else 409


def _reasons(policy: str, judgement: Judgement) -> tuple[Text, ...]:
    if judgement.loaded is None or judgement.settings is None:
        return ()
    return needs_reason(judgement.loaded.policy, judgement.settings, last_before(policy))


def _page(found: Proposal, refusal: Refusal | None = None) -> str:
    judgement, active = judge(found.policy, found.text), active_text(found.policy)
    actions = {a.value for a in Action if can_act(found, a, name=who().name, role=acts_as(a))}
    return render_template(
        "editor_proposal.html", proposal=found, judgement=judgement, changes=judgement.changes, refusal=refusal,
        steps=STEPS, actions=actions, reasons=_reasons(found.policy, judgement),
        rows=text_difference(active or "", found.text), stale=_is_stale(found),
        versions=list(reversed(Proposals(database()).versions(found.id))),
        rehearsals=_rehearsals(found), unasked=_is_unasked(found), sent=request.form,
    )  # fmt: skip


def _is_stale(found: Proposal) -> bool:
    """Whether another version came into force since a proposal that is still on its way was begun."""
    on_its_way = found.state in (State.DRAFT, State.SUBMITTED, State.REHEARSED)
    return on_its_way and found.base != active_digest(found.policy)


def _is_unasked(found: Proposal) -> bool:
    """Whether an approved proposal waits for nobody: nothing asks the scheduler process to take it up."""
    asked = Requests(database()).where(Kind.ACTIVATE, str(found.id))
    waits = any(r.stand in (Stand.QUEUED, Stand.RUNNING) for r in asked)
    return found.state is State.APPROVED and not waits


def _rehearsals(found: Proposal) -> list[Request]:
    """The rehearsals of these bytes, the newest first."""
    asked = Requests(database()).where(Kind.REHEARSE, str(found.id))
    return [r for r in asked if (r.details or {}).get("digest") == found.digest]
