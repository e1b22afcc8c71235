"""YAML 1.2 read as nodes with line numbers, scalars converted here and nowhere else.

A general YAML loader decides what `0114` or `1e-400` means before we can ask; and takes the last of two equal keys.
So nodes are composed (ruamel.yaml) and each scalar is read as the one type that its key asks for.  Every problem of a
file is collected with its line, not only the first.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from publisher.release.model import Text

MAX_BYTES = 65536
MAX_DEPTH = 16
_T = TypeVar("_T")
AMBIGUOUS = re.compile(
    r"[-+]?[0-9][0-9a-fxo._e+:-]*|[-+]?\.(inf|nan)|~|null|true|false|yes|no|on|off|", re.IGNORECASE
)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_INTEGER = re.compile(r"0|[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, where, and what to do.  `column` counts from 0; -1 where only the line is known."""

    file: str
    line: int
    message: str
    column: int = field(default=-1, compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class Invalid(Exception):  # noqa: N818 - not an error of the program: the reader's way to leave a node
    """A node cannot be used; what is wrong is in the reader's problems."""


@dataclass(slots=True)
class Reader:
    """Reads one file's nodes and collects its problems."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def fail(self, node: Node | int, message: str) -> Invalid:
        """Note a problem at a node (or line); returns the exception to raise."""
        line, column = (node, -1) if isinstance(node, int) else (node.start_mark.line + 1, node.start_mark.column)
        self.problems.append(Problem(self.file, line, message, column))
        return Invalid()

    def document(self, data: bytes) -> Node:
        """The one document of a file, without aliases, anchors or tags, and not too deep."""
        if len(data) > MAX_BYTES:
            raise self.fail(1, f"the file is larger than {MAX_BYTES} bytes")
        try:
            text = data.decode("utf-8")
            self._refuse_indirections(text)
            node: Node | None = YAML(typ="safe", pure=True).compose(text)
        except UnicodeDecodeError:
            raise self.fail(1, "the file is not UTF-8") from None
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise self.fail(line, f"not YAML: {error.problem or error.context}") from None
        except (YAMLError, ValueError, OverflowError):  # the parser's own checks have holes: "\U00110000"
            raise self.fail(1, "not YAML") from None
        if node is None:
            raise self.fail(1, "the file is empty")
        return node

    def _refuse_indirections(self, text: str) -> None:
        documents = depth = 0
        for event in YAML(typ="safe", pure=True).parse(text):
            documents += isinstance(event, DocumentStartEvent)
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            line = event.start_mark.line + 1
            if depth > MAX_DEPTH:  # composing goes one call deeper a level, and scanning gets slow
                raise self.fail(line, f"lists and mappings may lie at most {MAX_DEPTH} deep in each other")
            if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
                raise self.fail(line, "aliases and anchors are not allowed; write the value out")
            if getattr(event, "tag", None):
                raise self.fail(line, "tags are not allowed")
            if isinstance(event, ScalarEvent) and _UNPRINTABLE.search(event.value):
                raise self.fail(line, "control characters and halves of characters are not allowed")
        if documents > 1:
            raise self.fail(1, "one file holds one policy; found several documents")

    def mapping(self, node: Node, required: Collection[str], optional: Collection[str] = ()) -> "Fields":
        """The fields of a mapping; unknown, doubled and missing keys are noted."""
        if not isinstance(node, MappingNode):
            raise self.fail(node, "a mapping (key: value) is expected here")
        found: dict[str, Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else ""
            if name in found:
                self.fail(key, f"key {name} stands twice")
            elif name not in required and name not in optional:
                self.fail(key, f"unknown key {name}; known here: {', '.join([*required, *optional])}")
            found.setdefault(name, value)
        for name in required:
            if name not in found:
                self.fail(node, f"key {name} is missing")
        return Fields(self, node, found)

    def sequence(self, node: Node, item: Callable[[Node], _T], *, empty: bool = False) -> tuple[_T, ...]:
        """Every item of a list."""
        if not isinstance(node, SequenceNode) or not (node.value or empty):
            raise self.fail(node, "a list of at least one item is expected here")
        return tuple(self.each(node.value, item))

    def each(self, nodes: Sequence[Node], item: Callable[[Node], _T]) -> list[_T]:
        """Read every node, noting the problems of all; Invalid if any had one."""
        out, bad = [], False
        for node in nodes:
            try:
                out.append(item(node))
            except Invalid:
                bad = True
        if bad:
            raise Invalid
        return out

    def text(self, node: Node) -> str:
        """A text or a code.  What YAML could take for a number, a date or a truth value must be quoted."""
        if not isinstance(node, ScalarNode):
            raise self.fail(node, "a text is expected here")
        if node.style is None and AMBIGUOUS.fullmatch(node.value):
            raise self.fail(node, "quote this text: it could be read as a number, a date or a truth value")
        if not node.value.strip():
            raise self.fail(node, "an empty text is not allowed")
        return str(node.value)

    def choice(self, node: Node, allowed: Sequence[str]) -> str:
        """One of the allowed words."""
        value = self.text(node)
        if value not in allowed:
            raise self.fail(node, f"{value} is not known here; known: {', '.join(allowed)}")
        return value

    def integer(self, node: Node) -> int:
        """A plain non-negative decimal integer, quoted or not."""
        if not isinstance(node, ScalarNode) or not _INTEGER.fullmatch(node.value):
            raise self.fail(node, "a whole number without sign, leading zeros or exponent is expected here")
        return int(node.value)

    def fraction(self, node: Node) -> Fraction:
        """An exact decimal number in quotes."""
        if not isinstance(node, ScalarNode) or not _DECIMAL.fullmatch(node.value):
            raise self.fail(node, 'a number such as "0.02" is expected here (no sign, no exponent)')
        if node.style is None:
            raise self.fail(node, f'write "{node.value}" in quotes: it decides privacy and is read exactly')
        return Fraction(node.value)

    def boolean(self, node: Node) -> bool:
        """`true` or `false`, unquoted."""
        if not isinstance(node, ScalarNode) or node.style is not None or node.value not in ("true", "false"):
            raise self.fail(node, "true or false is expected here")
        return bool(node.value == "true")

    def both_languages(self, node: Node) -> Text:
        """A mapping with sv and en."""
        fields = self.mapping(node, ("sv", "en"))
        return fields.build(Text, sv=fields.read("sv", self.text), en=fields.read("en", self.text))


@dataclass(slots=True)
class Fields:
    """The fields of one mapping.  `read` notes a problem and goes on, `build` gives up where there was one."""

    reader: Reader
    node: Node
    found: dict[str, Node]
    broken: bool = False

    def has(self, key: str) -> bool:
        """Whether the key stands in the mapping."""
        return key in self.found

    def line(self, key: str) -> int:
        """The line of a key's value."""
        return int(self.found[key].start_mark.line) + 1

    def read(self, key: str, parse: Callable[[Node], _T]) -> _T | None:
        """The field's value, or None after its problem was noted."""
        if key not in self.found:
            self.broken = True
            return None
        try:
            return parse(self.found[key])
        except Invalid:
            self.broken = True
            return None

    def optional(self, key: str, parse: Callable[[Node], _T], default: _T) -> _T | None:
        """The field's value, or the default where it does not stand."""
        return self.read(key, parse) if key in self.found else default

    def build(self, make: Callable[..., _T], **values: object) -> _T:
        """Make the value from fields already read; what its constructor refuses is a problem at this mapping."""
        if self.broken:
            raise Invalid
        try:
            return make(**values)
        except ValueError as error:
            raise self.reader.fail(self.node, str(error)) from None
