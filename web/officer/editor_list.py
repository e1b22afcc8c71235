"""The policies in force, the open proposals, and the beginning of new ones."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.proposals import OPEN, Proposals, digest_of
from publisher.desk.requests import Kind, Requests
from publisher.log import utc
from publisher.policy.editing.template import new_policy
from web.officer.access import database, now, who
from web.officer.editor_desk import active_text, declarations, in_force, is_id


def policies() -> str:
    """What is in force and what is on its way."""
    return _page()


def begin(policy: str) -> ResponseReturnValue:
    """A new draft from the version in force."""
    text = active_text(policy)
    if text is None:
        abort(404)
    return _begun(policy, text, base=digest_of(text))


def new() -> ResponseReturnValue:
    """A new draft of a policy that is not there yet."""
    policy = request.form.get("policy", "").strip()
    wrong = _wrong_id(policy)
    if wrong:
        return _page(wrong=wrong, wanted=policy), 422
    return _begun(policy, new_policy(policy, declarations()), base="")


def retire(policy: str) -> ResponseReturnValue:
    """Ask the scheduler process to take a policy out of force."""
    if active_text(policy) is None:
        abort(404)
    reason = request.form.get("reason", "").strip()
    if not reason:
        return _page(unreasoned=policy), 422
    Requests(database()).ask(Kind.RETIRE, policy, by=who().name, at=utc(now()), reason=reason)
    return redirect(url_for("editor.policies"), 303)


def _wrong_id(policy: str) -> str:
    """The key of what is wrong with the id of a new policy, or nothing."""
    if not is_id(policy):
        return "editor.bad_id"
    open_ids = {p.policy for p in Proposals(database()).all() if p.state in OPEN}
    return "editor.taken_id" if policy in open_ids or active_text(policy) is not None else ""


def _begun(policy: str, text: str, *, base: str) -> ResponseReturnValue:
    made = Proposals(database()).begin(policy, text, base=base, by=who().name, at=utc(now()))
    return redirect(url_for("editor.edit", number=made.id), 303)


def _page(*, wrong: str = "", wanted: str = "", unreasoned: str = "") -> str:
    found = Proposals(database()).all()
    leaving = {r.subject for r in Requests(database()).waiting() if r.kind is Kind.RETIRE}
    return render_template(
        "editor_policies.html", active=in_force(), proposals=[p for p in found if p.state in OPEN],
        ended=[p for p in found if p.state not in OPEN][:20], leaving=leaving, wrong=wrong, wanted=wanted,
        unreasoned=unreasoned,
    )  # fmt: skip
