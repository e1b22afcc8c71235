"""Places in a policy's text: what stands where, and from which character to which."""

from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from publisher.policy.yaml_nodes import Invalid, Problem, Reader

Place = tuple[str, ...]
"""The keys and numbers (from 0) that lead to a value: `("tables", "0", "id")`."""


class UnreadableError(Exception):
    """A text is not YAML of the kind that policies are written in; `problems` say where."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(str(p) for p in problems))


@dataclass(frozen=True, slots=True)
class Entry:
    """A value in a mapping or list: its key or number, where key (or dash) and value stand."""

    name: str
    key: Node | None
    value: Node


def read(text: str, file: str = "policy.yaml") -> Node:
    """The root of a text that is small, plain and one document; UnreadableError otherwise."""
    reader = Reader(file)
    try:
        return reader.document(text.encode("utf-8", "surrogatepass"))
    except Invalid:
        raise UnreadableError(sorted(reader.problems)) from None


def entries(node: Node) -> list[Entry]:
    """What stands directly in a mapping or list; nothing of a scalar."""
    if isinstance(node, MappingNode):
        return [Entry(str(k.value) if isinstance(k, ScalarNode) else "", k, v) for k, v in node.value]
    if isinstance(node, SequenceNode):
        return [Entry(str(i), None, v) for i, v in enumerate(node.value)]
    return []


def find(node: Node, place: Place) -> Node | None:
    """The value at a place, or None."""
    for name in place:
        inner = next((e.value for e in entries(node) if e.name == name), None)
        if inner is None:
            return None
        node = inner
    return node


def walk(node: Node, place: Place = ()) -> Iterator[tuple[Place, Node]]:
    """Every value with its place, the outer ones first."""
    yield place, node
    for entry in entries(node):
        yield from walk(entry.value, (*place, entry.name))


def scalar_at(node: Node, place: Place, default: str = "") -> str:
    """The text of the scalar at a place."""
    found = find(node, place)
    return str(found.value) if isinstance(found, ScalarNode) else default


def entries_at(node: Node, place: Place) -> list[Entry]:
    """What stands in the mapping or list at a place; nothing where there is none."""
    found = find(node, place)
    return entries(found) if found is not None else []


def codes(node: Node | None) -> tuple[str, ...]:
    """The scalars of a list."""
    return tuple(str(e.value.value) for e in entries(node) if isinstance(e.value, ScalarNode)) if node else ()


def is_flow(node: Node) -> bool:
    """Whether a mapping or list is written in braces or brackets."""
    return isinstance(node, CollectionNode) and bool(node.flow_style)


def is_empty(node: Node) -> bool:
    """Whether nothing at all is written where a value should be."""
    return isinstance(node, ScalarNode) and node.style is None and node.value == ""


def end_of(text: str, entry: Entry) -> int:
    """The character after the last one of an entry's value, comments and blank lines behind it not counted."""
    node = entry.value
    if is_empty(node):
        return text.index(":", entry.key.end_mark.index) + 1 if entry.key else int(node.start_mark.index)
    if isinstance(node, CollectionNode) and not is_flow(node):
        return end_of(text, entries(node)[-1])
    return len(text[: node.end_mark.index].rstrip())


def start_of(text: str, parent: Node, entry: Entry) -> int:
    """The first character of an entry: of its key; in a list of its dash, or of its value in brackets."""
    if entry.key is not None:
        return int(entry.key.start_mark.index)
    if is_flow(parent):
        return int(entry.value.start_mark.index)
    column, at = parent.start_mark.column, entry.value.start_mark.index
    line = text.rfind("\n", 0, at) + 1
    while not (text[line + column : line + column + 1] == "-" and not text[line : line + column].strip(" -")):
        line = text.rfind("\n", 0, line - 1) + 1
    return line + int(column)


def pointer(place: Place) -> str:
    """A place as one text (RFC 6901): `/tables/0/id`."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in place)


def place_of(written: str) -> Place:
    """The place that `pointer` wrote."""
    return tuple(name.replace("~1", "/").replace("~0", "~") for name in written.split("/")[1:])
