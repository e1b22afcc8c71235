"""Problems of a text, each at the line and the field that it is about."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ruamel.yaml.nodes import MappingNode, Node

from publisher.policy.editing.places import Place, entries, entries_at, find, scalar_at, walk
from publisher.policy.editing.schema import pattern_of
from publisher.policy.yaml_nodes import Problem

_TABLE = re.compile(r"table (\S+): (.*)")
_MEASURE = re.compile(r"measure (\S+?):? ")
_ABOUT: Mapping[str, Place] = {
    "agency": ("agency",),
    "source": ("source",),
    "where:": ("where",),
    "geography:": ("geography",),
    "schedule:": ("schedule",),
    "schedule.window:": ("schedule", "window"),
}
_ABOUT_TABLE: Mapping[str, Place] = {
    "column": ("categories",),
    "join:": ("categories",),
    "weights:": ("protection", "noise", "weights"),
    "together_with:": ("protection", "noise", "together_with"),
    "together_with": ("protection", "noise", "together_with"),
    "bound.per_cell": ("protection", "noise", "bound"),
    "counted": ("protection", "suppression", "counted"),
    "insiders": ("protection", "suppression", "insiders"),
    "insiders:": ("protection", "suppression", "insiders"),
    "forced": ("protection", "suppression", "forced"),
    "sums": ("protection", "suppression", "rules"),
    "dominance,": ("protection", "suppression", "rules"),
    "amount": ("measures",),
}
"""The first word of a problem of several parts, and what it is about."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A problem with its place.  `line`: in the text, or 0 where it is about another policy's file."""

    line: int
    place: Place
    message: str
    file: str


def placed(problems: Iterable[Problem], root: Node | None, file: str) -> tuple[Placed, ...]:
    """The problems of a text at their places, the first line first; `root` is None where the text is not readable."""
    found = [_placed(p, root, file) for p in problems]
    return tuple(sorted(found, key=lambda p: (p.line == 0, p.line)))


def wrong(found: Iterable[Placed]) -> dict[Place, tuple[str, ...]]:
    """What is wrong at which field of the form."""
    out: dict[Place, tuple[str, ...]] = {}
    for one in found:
        place = one.place
        while place and pattern_of(place) is None and pattern_of(place[:-1]) is None:
            place = place[:-1]
        out[place] = (*out.get(place, ()), one.message)
    return out


def _placed(problem: Problem, root: Node | None, file: str) -> Placed:
    if problem.file != file:
        return Placed(0, (), problem.message, problem.file)
    if root is None:
        return Placed(problem.line, (), problem.message, file)
    place = _by_mark(problem, root) if problem.column >= 0 else _by_words(problem.message, root)
    node = find(root, place) if place else None
    line = problem.line if problem.column >= 0 or node is None else int(node.start_mark.line) + 1
    return Placed(line, place, problem.message, file)


def _by_mark(problem: Problem, root: Node) -> Place:
    """The value, or the key, that begins where the problem was seen."""
    mark = (problem.line - 1, problem.column)
    found: Place = ()
    for place, node in walk(root):
        if (node.start_mark.line, node.start_mark.column) == mark:
            found = place
        if isinstance(node, MappingNode):
            keys = [e.name for e in entries(node) if e.key and (e.key.start_mark.line, e.key.start_mark.column) == mark]
            begins = (node.start_mark.line, node.start_mark.column) == mark
            found = (*place, keys[0]) if keys and not begins else found
    return found


def _by_words(message: str, root: Node) -> Place:
    """The field that a problem is about whose line alone is known, by the words that it begins with."""
    told = _TABLE.match(message)
    if told is None:
        return _ABOUT.get(message.split(" ", 1)[0], ())
    tables = [scalar_at(e.value, ("id",)) for e in entries_at(root, ("tables",))]
    if told.group(1) not in tables:
        return ()
    table = ("tables", str(tables.index(told.group(1))))
    measure = _MEASURE.match(told.group(2))
    measures = [scalar_at(e.value, ("id",)) for e in entries_at(root, (*table, "measures"))]
    if measure and measure.group(1) in measures:
        return (*table, "measures", str(measures.index(measure.group(1))))
    place = (*table, *_ABOUT_TABLE.get(told.group(2).split(" ", 1)[0], ()))
    return place if find(root, place) is not None else table
