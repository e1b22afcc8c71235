"""What the form's buttons do: put in another item, table or part with its defaults, or take one away."""

from collections.abc import Callable
from types import MappingProxyType

from ruamel.yaml.nodes import Node

from publisher.policy.declarations import Settings
from publisher.policy.editing import defaults
from publisher.policy.editing.edits import EditError, insert, put, remove
from publisher.policy.editing.fields import Control
from publisher.policy.editing.form import field_at
from publisher.policy.editing.places import Place, entries_at, find, read, scalar_at
from publisher.policy.editing.writing import Value

LAST = 10**6
"""Behind every item that a list can have."""


def add(text: str, place: Place, settings: Settings | None) -> str:
    """Put in what the form's button at a place adds; EditError where it adds nothing."""
    root, field = read(text), field_at(place)
    if field is not None and field.control is Control.WEIGHTS:
        word, group = scalar_at(root, place, "all-cells-alike"), defaults.new_group(root, place[:2])
        return put(text, place, {"base": word, "groups": [group]})
    if field is None or place[-1] not in _MAKERS:
        raise EditError("nothing can be added at this place")
    made = _MAKERS[place[-1]](root, place, settings)
    if field.control is not Control.LIST:
        return put(text, place, made)
    return put(text, place, [made]) if find(root, place) is None else insert(text, place, LAST, made)


def take_away(text: str, place: Place) -> str:
    """Take an item or an optional part away; where the last group of weights goes, the word beside it stays, and with
    the last joined code the whole join goes."""
    root, weights = read(text), place[:-2]
    if place[-2:-1] == ("join",) and len(entries_at(root, place[:-1])) == 1:
        return remove(text, place[:-1])
    if weights[-1:] == ("weights",) and len(entries_at(root, place[:-1])) == 1:
        return put(text, weights, scalar_at(root, (*weights, "base"), "all-cells-alike"))
    return remove(text, place)


_MAKERS: MappingProxyType[str, Callable[[Node, Place, Settings | None], Value]] = MappingProxyType(
    {
        "tables": lambda root, _place, _settings: defaults.new_table(root),
        "measures": lambda root, place, settings: defaults.new_measure(root, place[:2], settings),
        "categories": lambda root, place, settings: defaults.new_category(root, place[:2], settings),
        "join": lambda root, place, settings: defaults.new_join(root, place[:-1], settings),
        "groups": lambda root, place, _settings: defaults.new_group(root, place[:2]),
        "rules": lambda root, place, _settings: defaults.new_rule(root, place),
        "clamp": lambda root, place, settings: defaults.clamp("all", root, place[:2], settings),
        "candidates": lambda _root, _place, _settings: defaults.STEPS,
    }
)
