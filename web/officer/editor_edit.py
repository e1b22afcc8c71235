"""Editing a draft: the form and the text side by side, checked as they change, saved without overwriting anybody."""

from difflib import unified_diff

from flask import abort, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.proposals import ConflictError, Proposals
from publisher.log import utc
from publisher.policy.proposals import Action, Proposal, RefusedError, can_act
from web.officer.access import database, now, who
from web.officer.editor_desk import proposal_of
from web.officer.editor_sheet import Sheet, open_sheet, sent_sheet

_DIGITS = 9
"""Of the number of a version."""


def edit(number: int) -> ResponseReturnValue:
    """The editor of a draft."""
    proposal = proposal_of(number)
    if not can_act(proposal, Action.SAVE, name=who().name, role=who().role):
        return redirect(url_for("editor.proposal", number=number))
    return _page(proposal, open_sheet(proposal.policy, proposal.text), seen=proposal.version)


def save(number: int) -> ResponseReturnValue:
    """Keep what was written; or, for the editor's other buttons, show it again with both sides in step."""
    proposal, seen = proposal_of(number), request.form.get("seen", "")
    if not seen.isdecimal() or len(seen) > _DIGITS:
        abort(400)
    sheet = sent_sheet(proposal.policy, request.form)
    if request.form.get("do", "save") != "save" or sheet.torn or sheet.refused:
        return _page(proposal, sheet, seen=int(seen)), 422 if sheet.torn or sheet.refused else 200
    try:
        saved = Proposals(database()).save(
            number, proposal.policy, sheet.text, seen=int(seen), by=who().name, at=utc(now())
        )
    except ConflictError as conflict:
        return _conflict(conflict), 409
    except RefusedError:
        return render_template("editor_unsaved.html", proposal=proposal_of(number), text=sheet.text), 409
    return redirect(url_for("editor.edit", number=number, saved=saved.version), 303)


def check(number: int) -> ResponseReturnValue:
    """What the script puts in place while somebody types: the other side, what is wrong, what is different."""
    sheet = sent_sheet(proposal_of(number).policy, request.form)
    parts = render_template("_editor_form.html", sheet=sheet)
    return jsonify(
        text=sheet.text, form=parts, readable=sheet.parts is not None,
        problems=render_template("_editor_problems.html", sheet=sheet),
        changes=render_template("_editor_changes.html", changes=sheet.judgement.changes, judgement=sheet.judgement),
        lines=sorted({p.line for p in sheet.judgement.problems if p.line}),
    )  # fmt: skip


def text_difference(before: str, after: str) -> list[tuple[str, str]]:
    """A difference of two texts by lines: what a line is (`same`, `add`, `del`, `gap`), and the line."""
    kinds = {"+": "add", "-": "del", "@": "gap", " ": "same"}
    found = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3))[2:]
    return [(kinds.get(line[:1], "same"), "" if line.startswith("@") else line[1:]) for line in found]


def _page(proposal: Proposal, sheet: Sheet, *, seen: int) -> str:
    return render_template(
        "editor_edit.html", proposal=proposal, sheet=sheet, seen=seen, saved=request.args.get("saved", ""), lang=g.lang
    )


def _conflict(conflict: ConflictError) -> str:
    theirs = conflict.theirs
    rows = text_difference(theirs.text, conflict.mine)
    return render_template("editor_conflict.html", theirs=theirs, mine=conflict.mine, rows=rows)
