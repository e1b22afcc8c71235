"""The editor and the pages of proposals: which address leads where."""

from flask import Blueprint

from publisher.policy.editing.fields import LINKS
from publisher.policy.editing.messages import in_language
from publisher.policy.editing.schema import SCHEMA
from publisher.policy.editing.view import Part
from web.officer import editor_edit, editor_list, editor_proposal

_RECORDS = ("source", "where", "geography", "unit")
editor = Blueprint("editor", __name__)

editor.get("/policies")(editor_list.policies)
editor.post("/policies/new")(editor_list.new)
editor.post("/policies/<policy>/begin")(editor_list.begin)
editor.post("/policies/<policy>/retire")(editor_list.retire)

editor.get("/proposals/<int:number>/edit")(editor_edit.edit)
editor.post("/proposals/<int:number>")(editor_edit.save)
editor.post("/proposals/<int:number>/check")(editor_edit.check)

editor.get("/proposals/<int:number>")(editor_proposal.proposal)
editor.get("/proposals/<int:number>/versions/<int:version>")(editor_proposal.version)
editor.post("/proposals/<int:number>/submit")(editor_proposal.submit)
editor.post("/proposals/<int:number>/discard")(editor_proposal.discard)
editor.post("/proposals/<int:number>/return")(editor_proposal.send_back)
editor.post("/proposals/<int:number>/approve")(editor_proposal.approve)
editor.post("/proposals/<int:number>/activate")(editor_proposal.activate)
editor.post("/proposals/<int:number>/rebase")(editor_proposal.rebase)

editor.add_app_template_filter(in_language, "message")


@editor.app_template_filter()
def digest_groups(digest: str) -> list[str]:
    """A digest in groups of eight digits, which two people can compare."""
    return [digest[n : n + 8] for n in range(0, len(digest), 8)]


@editor.app_template_test()
def holds_wrong(part: Part) -> bool:
    """Whether something is wrong with a part of the form or with what lies in it."""
    return bool(part.wrong) or any(map(holds_wrong, part.parts))


def sections(parts: tuple[Part, ...]) -> list[tuple[str, list[Part]]]:
    """The form's top level in four parts: what decides protection first."""
    names = {"tables": "tables", "schedule": "schedule", **dict.fromkeys(_RECORDS, "records")}
    order = ("tables", "records", "schedule", "policy")
    return [(one, [p for p in parts if names.get(p.place[0], "policy") == one]) for one in order]


@editor.context_processor
def known() -> dict[str, object]:
    """What the form's templates know beside their sheet: links, and what an item of each list is called."""
    items = {p[:-1]: f.label for p, f in SCHEMA.items() if p[-1] == "*"}
    return {"links": LINKS, "items": items, "sections": sections, "holds_wrong": holds_wrong}
