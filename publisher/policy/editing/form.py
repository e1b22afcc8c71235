"""What a sent form does to a policy's text.

A form is pairs of a pointer (`/tables/0/id`) and what was filled in there.  Only fields that differ from the text that
the form was made from are written; so what nobody touched stays as it is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ruamel.yaml.nodes import Node, ScalarNode, SequenceNode

from publisher.policy.declarations import Settings
from publisher.policy.editing import defaults
from publisher.policy.editing.edits import insert, put, remove
from publisher.policy.editing.fields import Control, Field
from publisher.policy.editing.options import codes_of, options_of
from publisher.policy.editing.places import Place, codes, entries, find, place_of, read, scalar_at
from publisher.policy.editing.schema import SCHEMA, pattern_of
from publisher.policy.editing.writing import Value

Sent = Mapping[str, Sequence[str]]
_COMMA = re.compile(r"\d+,\d+")
_WHOLE = re.compile(r"0|-?[1-9]\d{0,12}")


@dataclass(frozen=True, slots=True)
class Change:
    """A field that was filled in otherwise than the text has it."""

    place: Place
    field: Field
    values: tuple[str, ...]

    @property
    def value(self) -> str:
        """What was filled in, without blanks around it and without characters that no policy may hold."""
        return "".join(c for c in self.values[0] if c.isprintable()).strip() if self.values else ""


def changes(base: str, sent: Sent) -> tuple[Change, ...]:
    """What a form changes of the text that it was made from."""
    root = read(base)
    found = [_change(root, place_of(name), values) for name, values in sent.items() if name.startswith("/")]
    return tuple(c for c in found if c is not None)


def _change(root: Node, place: Place, values: Sequence[str]) -> Change | None:
    field = field_at(place)
    if field is None or field.control in (Control.KEPT, Control.GROUP, Control.LIST):
        return None
    made = Change(place, field, tuple(values))
    old = find(root, place)
    if field.control is Control.CODES:
        kept = tuple(v for v in values if v)
        return None if set(kept) == set(codes(old)) else Change(place, field, kept)
    return None if made.value == shown(field, old) else made


def field_at(place: Place) -> Field | None:
    """The field that a place is filled in by: of the schema, or one code or language of one."""
    pattern = pattern_of(place)
    if pattern:
        return SCHEMA[pattern]
    above = pattern_of(place[:-1])
    inner = {Control.BOTH: Control.TEXT, Control.WHERE: Control.CODES, Control.BOUNDS: Control.NUMBER}
    if not above or SCHEMA[above].control not in inner:
        return None
    outer = SCHEMA[above]
    optional = outer.control is not Control.BOTH
    return Field(above, inner[outer.control], outer.label, outer.help, required=not optional)


def shown(field: Field, node: Node | None) -> str:
    """What a form's control holds of a value: its text, the key that stands, or the numbers of a list."""
    if isinstance(node, ScalarNode):
        return str(node.value)
    if field.control is Control.ONE_OF and node is not None:
        keys = [e.name for e in entries(node)]
        return next((c.value for c in field.choices if c.value in keys), "")
    return ", ".join(codes(node)) if field.control is Control.CANDIDATES else ""


def apply(text: str, changed: Sequence[Change], settings: Settings | None) -> str:
    """The text with the changes; those inside a part that was itself exchanged, or is not there, are left out."""
    exchanged: list[Place] = []
    for one in changed:
        inside = any(one.place[: len(p)] == p for p in exchanged)
        if not inside and _belongs(one, read(text)):
            text = _write(text, one, settings)
        if one.field.control is Control.ONE_OF:
            exchanged.append(one.place)
    return text


def _write(text: str, one: Change, settings: Settings | None) -> str:
    root = read(text)
    whole = _exchanged(one, root, settings)
    if whole is not None:
        return put(text, *whole)
    if one.field.control is Control.CODES:
        return _write_codes(text, one, settings)
    if one.place == ("schedule", "every"):
        return _write_every(put(text, one.place, one.value))
    if not one.value and not one.field.required:
        return remove(text, one.place)
    return put(text, one.place, _scalar(one.field, one.value))


def _exchanged(one: Change, root: Node, settings: Settings | None) -> tuple[Place, Value] | None:
    """What a choice puts in the stead of more than its own scalar, and where."""
    if one.field.control is Control.ONE_OF:
        return one.place, _one_of(one, root, settings)
    if one.field.control is Control.CANDIDATES:
        return one.place, [_scalar(one.field, v.strip()) for v in one.value.split(",")]
    if one.field.pattern[-3:] == ("measures", "*", "kind"):
        return one.place[:-1], _measure(one, root, settings)
    if one.field.pattern[-2:] == ("noise", "together_with"):
        return one.place[:-1], defaults.measured(one.value, root, one.place[:-1])
    if one.field.pattern[-2:] == ("clamp", "column"):
        numbers = dict.fromkeys((c.value for c in codes_of(one.value, root, settings)), "10000")
        return one.place[:-1], {"column": one.value, "bounds": numbers}
    return None


def _belongs(one: Change, root: Node) -> bool:
    """Whether a key is there, or may be written: not where its mapping or the kind beside it has gone meanwhile."""
    above = find(root, one.place[:-1])
    beside = scalar_at(root, (*one.place[:-1], one.field.beside)) if one.field.beside else ""
    there = find(root, one.place) is not None
    return above is not None and (there or not one.field.only or beside in one.field.only)


def _scalar(field: Field, value: str) -> str | int | bool:
    if field.control is Control.BOOLEAN:
        return value == "true"
    if field.control in (Control.INTEGER, Control.CANDIDATES) and _WHOLE.fullmatch(value):
        return int(value)
    return value.replace(",", ".") if field.control is Control.NUMBER and _COMMA.fullmatch(value) else value


def _one_of(one: Change, root: Node, settings: Settings | None) -> Value:
    table = one.place[:2]
    match one.field.pattern[-1]:
        case "protection":
            return {one.value: defaults.protection(one.value, root, table)}
        case "uncertain_when":
            return {one.value: defaults.UNCERTAIN[one.value]}
        case "clamp":
            return defaults.clamp(one.value, root, table, settings)
    return {one.value: defaults.RULES[one.value]}


def _measure(one: Change, root: Node, settings: Settings | None) -> Value:
    """A measure of another kind keeps its id alone: what belongs to a kind has other meanings in another."""
    own = defaults.measure_keys(one.value, root, one.place[:2], settings)
    return {"id": scalar_at(root, (*one.place[:-1], "id")), "kind": one.value, **own}


def _write_every(text: str) -> str:
    every = scalar_at(read(text), ("schedule", "every"))
    if every != "month":
        text = remove(text, ("schedule", "window"))
    if every != "year":
        return remove(text, ("schedule", "month"))
    missing = find(read(text), ("schedule", "month")) is None
    return put(text, ("schedule", "month"), 2) if missing else text


def _write_codes(text: str, one: Change, settings: Settings | None) -> str:
    """Take away and put in single codes, each at its place in the order of the options."""
    if one.field.pattern == ("where",) and not one.values:
        return remove(text, one.place)
    old = find(read(text), one.place)
    if not isinstance(old, SequenceNode):
        return put(text, one.place, list(one.values))
    for number, code in reversed(list(enumerate(codes(old)))):
        if code not in one.values:
            text = remove(text, (*one.place, str(number)))
    return _put_codes_in(text, one, set(one.values) - set(codes(old)), settings)


def _put_codes_in(text: str, one: Change, new: set[str], settings: Settings | None) -> str:
    root = read(text)
    column = one.place[-1] if one.field.pattern == ("where",) else ""
    order = codes_of(column, root, settings) if column else options_of(one.field, root, one.place, settings)
    rank = {c.value: n for n, c in enumerate(order)}
    for code in sorted(new, key=lambda c: (rank.get(c, len(rank)), c)):
        now = codes(find(read(text), one.place))
        after = (n for n, c in enumerate(now) if rank.get(c, -1) > rank.get(code, len(rank)))
        text = insert(text, one.place, next(after, len(now)), code)
    return text
