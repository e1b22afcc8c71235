"""Changes of a policy's text.  Only the characters of what is changed are touched: comments, order, quotes, braces and
line breaks of all else stay.

A text is composed by the policies' own reader, which refuses what is large, deep or indirect; the marks of its nodes
say which characters to exchange.
"""

from collections.abc import Sequence

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from publisher.policy.editing.places import (
    Entry,
    Place,
    end_of,
    entries,
    find,
    is_empty,
    is_flow,
    read,
    start_of,
)
from publisher.policy.editing.writing import WIDTH, Value, entry, flow, item, scalar


class EditError(ValueError):
    """A text cannot be changed in this way; it must be changed by hand."""


def put(text: str, place: Place, value: Value) -> str:
    """Write a value at a place: in the stead of what stands there, or as a new key of its mapping."""
    root = read(text)
    parent, old = _parent(root, place), find(root, place)
    if old is None:
        return _add_key(text, parent, place[-1], value)
    at = next(e for e in entries(parent) if e.name == place[-1])
    if is_empty(old):
        end = end_of(text, at)
        return text[:end] + f" {flow(value)}" + text[end:]
    if isinstance(old, ScalarNode) and isinstance(value, str | int):
        written = scalar(value, flow=is_flow(parent), style=_quotes(old, value))
        return _exchange(text, int(old.start_mark.index), end_of(text, at), written)
    if is_flow(parent) or (_fits(old, value) and (is_flow(old) or isinstance(old, ScalarNode))):
        return _exchange(text, int(old.start_mark.index), end_of(text, at), flow(value))
    return _exchange_block(text, parent, at, value)


def remove(text: str, place: Place) -> str:
    """Take a key or an item away; a list or mapping whose last one goes is left empty, in brackets or braces."""
    parent = _parent(read(text), place)
    siblings = entries(parent)
    number = next((i for i, e in enumerate(siblings) if e.name == place[-1]), None)
    if number is None:
        return text
    if len(siblings) == 1 and len(place) > 1 and not is_flow(parent):
        return put(text, place[:-1], [] if isinstance(parent, SequenceNode) else {})
    return (_cut_flow if is_flow(parent) else _cut_block)(text, parent, siblings, number)


def insert(text: str, place: Place, number: int, value: Value) -> str:
    """Put an item into the list at a place, before the one that has this number now, or at its end."""
    node = find(read(text), place)
    if not isinstance(node, SequenceNode):
        raise EditError("there is no list at this place")
    if not node.value:
        return put(text, place, [value])
    at = entries(node)
    if is_flow(node):
        if number >= len(at):
            end = end_of(text, at[-1])
            return text[:end] + ", " + flow(value) + text[end:]
        start = start_of(text, node, at[number])
        return text[:start] + flow(value) + ", " + text[start:]
    lines = item(value, node.start_mark.column)
    if number >= len(at):
        return _after_line(text, end_of(text, at[-1]), lines)
    return _before_line(text, start_of(text, node, at[number]), lines)


def _parent(root: Node, place: Place) -> Node:
    parent = find(root, place[:-1])
    if not isinstance(parent, MappingNode | SequenceNode):
        raise EditError("there is no mapping or list at this place")
    return parent


def _quotes(old: ScalarNode, value: str | int) -> str | None:
    """The quotes that a scalar keeps; a truth value has none, and a text over several lines gets its own."""
    return None if isinstance(value, bool) or old.style not in ("'", '"') else str(old.style)


def _fits(old: Node, value: Value) -> bool:
    return bool(old.start_mark.column + len(flow(value)) < WIDTH)


def _exchange(text: str, start: int, end: int, written: str) -> str:
    return text[:start] + written + text[end:]


def _exchange_block(text: str, parent: Node, at: Entry, value: Value) -> str:
    """A value over several lines in the stead of another, with its key or dash."""
    start, end = start_of(text, parent, at), end_of(text, at)
    column = start - (text.rfind("\n", 0, start) + 1)
    lines = entry(at.name, value, column) if at.key is not None else item(value, column)
    if not is_flow(at.value) and not isinstance(at.value, ScalarNode):
        end = _line_end(text, end)  # a comment behind its last line was about what goes
    return _exchange(text, start, end, "\n".join(lines).lstrip())


def _add_key(text: str, parent: Node, key: str, value: Value) -> str:
    if not isinstance(parent, MappingNode):
        raise EditError("there is no mapping at this place")
    at = entries(parent)
    if is_flow(parent):
        written = f"{scalar(key, flow=True)}: {flow(value)}"
        end = end_of(text, at[-1]) if at else int(parent.start_mark.index) + 1
        return text[:end] + (", " if at else "") + written + text[end:]
    return _after_line(text, end_of(text, at[-1]), entry(key, value, _column(at[0])))


def _cut_flow(text: str, parent: Node, siblings: Sequence[Entry], number: int) -> str:
    start, end = start_of(text, parent, siblings[number]), end_of(text, siblings[number])
    if number > 0:
        start = end_of(text, siblings[number - 1])
    elif len(siblings) > 1:
        end = start_of(text, parent, siblings[1])
    return text[:start] + text[end:]


def _cut_block(text: str, parent: Node, siblings: Sequence[Entry], number: int) -> str:
    start, end = start_of(text, parent, siblings[number]), end_of(text, siblings[number])
    line = text.rfind("\n", 0, start) + 1
    if not text[line:start].strip():
        return text[:line] + text[_line_end(text, end) + 1 :]
    if number + 1 == len(siblings):
        raise EditError("change this in the text")
    return text[:start] + text[start_of(text, parent, siblings[number + 1]) :]


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _after_line(text: str, at: int, lines: list[str]) -> str:
    end = _line_end(text, at)
    return text[:end] + "\n" + "\n".join(lines) + text[end:]


def _before_line(text: str, at: int, lines: list[str]) -> str:
    start = text.rfind("\n", 0, at) + 1
    if text[start:at].strip():
        raise EditError("change this in the text")
    return text[:start] + "\n".join(lines) + "\n" + text[start:]


def _column(at: Entry) -> int:
    return int(at.key.start_mark.column) if at.key is not None else 0
