"""A policy's text as the parts of a form: every field with its value, its choices and what is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from publisher.policy.declarations import Settings
from publisher.policy.editing.fields import Choice, Control, Field
from publisher.policy.editing.form import field_at, shown
from publisher.policy.editing.options import codes_of, declared_columns, options_of
from publisher.policy.editing.places import Place, codes, entries, entries_at, find, pointer, scalar_at
from publisher.policy.editing.schema import inside, item_of
from publisher.release.model import Text

Wrong = Mapping[Place, tuple[str, ...]]
"""What is wrong at which place."""


@dataclass(frozen=True, slots=True)
class Part:
    """One field at its place.  `value`: what its control holds; `values`: codes of a list; `parts`: what lies in it.

    `addable`: a button may add something here.
    """

    field: Field
    place: Place
    present: bool
    label: Text
    value: str = ""
    values: tuple[str, ...] = ()
    options: tuple[Choice, ...] = ()
    parts: "tuple[Part, ...]" = ()
    wrong: tuple[str, ...] = ()
    addable: bool = False

    @property
    def name(self) -> str:
        """Its name in the form."""
        return pointer(self.place)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Makes the parts of one text."""

    root: Node
    settings: Settings | None
    wrong: Wrong

    def parts(self) -> tuple[Part, ...]:
        """The whole form."""
        return tuple(self.part(f, f.pattern) for f in inside(()))

    def part(self, field: Field, place: Place) -> Part:
        """One field with all that lies in it."""
        node = find(self.root, place)
        return Part(
            field, place, node is not None, field.label,
            value=shown(field, node),
            values=codes(node),
            options=self._options(field, place, node),
            parts=self._inside(field, place, node),
            wrong=self.wrong.get(place, ()),
            addable=_addable(field, node),
        )  # fmt: skip

    def _options(self, field: Field, place: Place, node: Node | None) -> tuple[Choice, ...]:
        """The choices, and the value that stands where it is none of them, so that it is not lost."""
        found = options_of(field, self.root, place, self.settings)
        if field.options == "parts" and scalar_at(self.root, (*place[:-1], "kind")) in ("sum", "quantile"):
            found = (*self._amounts(), *(found if place[-3] == "measures" else ()))
        stands = [str(node.value)] if isinstance(node, ScalarNode) else []
        if field.control is Control.CODES:
            stands = list(codes(node))
        return _with(found, stands) if field.control in (Control.CHOICE, Control.CODES) else found

    def _amounts(self) -> tuple[Choice, ...]:
        source = self.settings.sources.get(scalar_at(self.root, ("source",))) if self.settings else None
        return tuple(Choice(a.id, a.text) for a in source.amounts) if source else ()

    def _inside(self, field: Field, place: Place, node: Node | None) -> tuple[Part, ...]:
        match field.control:
            case Control.LIST:
                return tuple(self.part(item_of(field.pattern), (*place, e.name)) for e in entries(node)) if node else ()
            case Control.GROUP | Control.ONE_OF:
                inner = [f for f in inside(field.pattern) if self._stands(f, place, node, field.control)]
                return tuple(self.part(f, (*place, f.pattern[-1])) for f in inner)
            case Control.WEIGHTS | Control.CANDIDATES if isinstance(node, MappingNode):
                return tuple(self.part(f, (*place, f.pattern[-1])) for f in inside(field.pattern))
            case Control.BOTH:
                return tuple(self._inner((*place, language), name, ()) for language, name in _LANGUAGES)
        if field.control is Control.WHERE:
            return self._where(place)
        return self._bounds(place) if field.control is Control.BOUNDS else ()

    def _stands(self, field: Field, place: Place, node: Node | None, outer: Control) -> bool:
        """Whether a field is shown: it is there, or belongs there and could be filled in."""
        if node is None or find(node, (field.pattern[-1],)) is not None:
            return node is not None
        if outer is Control.ONE_OF:
            return False
        return not field.only or scalar_at(node, (field.beside,)) in field.only

    def _where(self, place: Place) -> tuple[Part, ...]:
        named = [e.name for e in entries_at(self.root, place)]
        found = _with(declared_columns(self.root, self.settings), named)
        return tuple(
            self._inner((*place, c.value), c.label, codes_of(c.value, self.root, self.settings)) for c in found
        )

    def _bounds(self, place: Place) -> tuple[Part, ...]:
        column = scalar_at(self.root, (*place[:-1], "column"))
        declared = codes_of(column, self.root, self.settings)
        found = _with(declared, [e.name for e in entries_at(self.root, place)])
        return tuple(self._inner((*place, c.value), c.label, ()) for c in found)

    def _inner(self, place: Place, label: Text, options: tuple[Choice, ...]) -> Part:
        """One language of a text, one column of `where`, one code of `bounds`."""
        node, field = find(self.root, place), field_at(place)
        if field is None:
            raise ValueError(f"{pointer(place)} is no field")
        return Part(
            field, place, node is not None, label, value=shown(field, node), values=codes(node),
            options=_with(options, codes(node)), wrong=self.wrong.get(place, ()),
        )  # fmt: skip


_LANGUAGES = (("sv", Text("svenska", "Swedish")), ("en", Text("engelska", "English")))


def _with(options: tuple[Choice, ...], values: Iterable[str]) -> tuple[Choice, ...]:
    """The options, and values that stand in the text and are none of them, so that they are not lost."""
    known = {c.value for c in options}
    return (*options, *(Choice(v, Text(v, v)) for v in values if v and v not in known))


def _addable(field: Field, node: Node | None) -> bool:
    composite = field.pattern[-1] in ("clamp", "candidates")
    word = field.control is Control.WEIGHTS and isinstance(node, ScalarNode)
    return word or field.control is Control.LIST or (composite and node is None)
