"""Values written as YAML: scalars with quotes where they need them, collections on one line where they fit."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from publisher.policy.yaml_nodes import AMBIGUOUS

Value: TypeAlias = "str | int | bool | Sequence[Value] | Mapping[str, Value]"
"""What a policy's text can hold.  Numbers that decide privacy are texts: what looks like a number is quoted."""

WIDTH = 90
_PLAIN = re.compile(r"[^\W_]([\w .,;()/§%+='’–—:@-]*[\w.)§%])?")


def scalar(value: str | int | bool, *, flow: bool, style: str | None = None) -> str:
    """A scalar; a text in the quotes of `style`, or else in double ones where it cannot stand without."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f'"{value}"' if style else str(value)
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if style is None and _is_plain(value, flow=flow):
        return value
    return '"' + "".join(_escaped(c) for c in value) + '"'


def _is_plain(value: str, *, flow: bool) -> bool:
    return bool(
        _PLAIN.fullmatch(value)
        and not AMBIGUOUS.fullmatch(value)
        and ": " not in value
        and not (flow and ("," in value or value.endswith(":")))
    )


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def flow(value: Value) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k, flow=True)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, str | int):
        return scalar(value, flow=True)
    return "[" + ", ".join(flow(v) for v in value) + "]"


def entry(key: str, value: Value, indent: int) -> list[str]:
    """The lines of a key and its value in a block."""
    head = f"{' ' * indent}{scalar(key, flow=False)}:"
    if isinstance(value, str | int):
        return [f"{head} {scalar(value, flow=False)}"]
    if len(head) + len(flow(value)) < WIDTH:
        return [f"{head} {flow(value)}"]
    return [head, *_block(value, indent + 2)]


def item(value: Value, indent: int) -> list[str]:
    """The lines of an item of a block list; `indent`: of its dash."""
    if isinstance(value, str | int):
        return [f"{' ' * indent}- {scalar(value, flow=False)}"]
    if indent + len(flow(value)) < WIDTH:
        return [f"{' ' * indent}- {flow(value)}"]
    first, *rest = _block(value, indent + 2)
    return [f"{' ' * indent}- {first.lstrip()}", *rest]


def _block(value: Sequence[Value] | Mapping[str, Value], indent: int) -> list[str]:
    if isinstance(value, Mapping):
        return [line for k, v in value.items() for line in entry(k, v, indent)]
    return [line for v in value for line in item(v, indent)]


def value_of(node: Node) -> Value:
    """What a node holds, so that it can be written elsewhere; numbers without quotes and truth values stay so."""
    if isinstance(node, MappingNode):
        return {str(k.value): value_of(v) for k, v in node.value}
    if isinstance(node, SequenceNode):
        return [value_of(v) for v in node.value]
    if isinstance(node, ScalarNode) and node.style is None:
        if node.value in ("true", "false"):
            return bool(node.value == "true")
        if re.fullmatch(r"0|-?[1-9][0-9]{0,12}", node.value):
            return int(node.value)
    return str(node.value)
