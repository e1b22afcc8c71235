"""The editor's sheet: form and text of one policy, always in step.

What is sent holds three things: `base`, the text that the form was shown with; the form's fields; and `text`, the text
as it stands beside it.  From these it is clear which side was changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict

from publisher.policy.declarations import Settings
from publisher.policy.editing import buttons, form
from publisher.policy.editing.edits import EditError
from publisher.policy.editing.places import UnreadableError, place_of, read
from publisher.policy.editing.placing import wrong
from publisher.policy.editing.view import Part, Viewer
from web.officer.editor_desk import Judgement, declarations, judge


@dataclass(frozen=True, slots=True)
class Sheet:
    """One state of the editor.  `parts`: the form, None where the text cannot be read.

    `torn`: both sides were changed, and somebody must say which one counts.  `refused`: a button could not do it.
    """

    policy: str
    text: str
    base: str
    judgement: Judgement
    parts: tuple[Part, ...] | None
    torn: bool = False
    refused: bool = False


def open_sheet(policy: str, text: str) -> Sheet:
    """The sheet of a text."""
    judgement = judge(policy, text)
    return Sheet(policy, text, text, judgement, _parts(text, judgement))


def sent_sheet(policy: str, sent: MultiDict[str, str]) -> Sheet:
    """The sheet as what was sent makes it: the side that was changed is followed by the other."""
    base, text = _lines(sent.get("base", "")), _lines(sent.get("text", ""))
    fields, settings = {n: v for n, v in sent.lists() if n.startswith("/")}, declarations()
    side = sent.get("side", "")
    written = _apply(base, fields, settings)
    if not side and base not in (text, written):
        return _torn(policy, text, base, written)
    chosen = written if side == "form" or (side != "text" and written != base) else text
    try:
        return open_sheet(policy, _pressed(chosen, sent.get("do", ""), settings))
    except (EditError, UnreadableError):
        return replace(open_sheet(policy, chosen), refused=True)


def _torn(policy: str, text: str, base: str, written: str) -> Sheet:
    """Both sides as they were left; the form still belongs to the text that it was shown with."""
    judgement = judge(policy, text)
    return Sheet(policy, text, base, judgement, _parts(written, judge(policy, written)), torn=True)


def _apply(base: str, fields: Mapping[str, list[str]], settings: Settings | None) -> str:
    try:
        return form.apply(base, form.changes(base, fields), settings)
    except (UnreadableError, EditError):
        return base


def _pressed(text: str, do: str, settings: Settings | None) -> str:
    """The text after a button of the form: `add:` or `remove:` and a pointer."""
    action, _, where = do.partition(":")
    if action == "add":
        return buttons.add(text, place_of(where), settings)
    return buttons.take_away(text, place_of(where)) if action == "remove" else text


def _parts(text: str, judgement: Judgement) -> tuple[Part, ...] | None:
    try:
        return Viewer(read(text), judgement.settings, wrong(judgement.problems)).parts()
    except UnreadableError:
        return None


def _lines(text: str) -> str:
    """A text as it is kept: browsers send every line break as two characters."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
