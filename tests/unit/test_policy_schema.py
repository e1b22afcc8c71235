"""The form's schema against the loader: what one knows, the other knows."""

import pytest
from policytexts import policy_texts, settings

from publisher.policy.check import check_policies
from publisher.policy.editing.fields import LINKS, Control
from publisher.policy.editing.places import read, walk
from publisher.policy.editing.schema import SCHEMA, inside, pattern_of
from publisher.policy.loader import parse_policy
from publisher.policy.yaml_nodes import Reader

OPEN = {Control.WHERE, Control.BOUNDS}
"""Controls of mappings whose keys are columns or codes, which the loader does not know by name."""


@pytest.fixture(scope="module")
def known() -> set[tuple[str, ...]]:
    """Every key that the loader knows, as it says itself while it reads, with where it stands."""
    found: set[tuple[str, ...]] = set()
    with pytest.MonkeyPatch.context() as patch:
        for name, text in policy_texts().items():
            seen: list[tuple[object, tuple[str, ...]]] = []
            patch.setattr(Reader, "mapping", _watched(Reader.mapping, seen))
            root = read(text)
            patch.setattr("publisher.policy.yaml_nodes.Reader.document", lambda _self, _data, root=root: root)
            loaded, problems = parse_policy(text.encode(), f"{name}.yaml")
            assert loaded, problems
            patch.undo()
            places = {id(node): place for place, node in walk(root)}
            for node, keys in seen:
                found |= {_pattern((*places[id(node)], key)) for key in keys}
    return found


def _watched(mapping, seen):
    def watch(self, node, required, optional=()):
        seen.append((node, (*required, *optional)))
        return mapping(self, node, required, optional)

    return watch


def _pattern(place: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("*" if part.isdecimal() else part for part in place)


def test_every_key_that_the_loader_knows_stands_in_the_schema_and_no_other(known):
    described = {p for p in SCHEMA if p[-1] != "*"}
    described |= {(*p, lang) for p, f in SCHEMA.items() if f.control is Control.BOTH for lang in ("sv", "en")}
    assert known == described


def test_every_key_stands_in_some_text_of_these_tests(known):
    stand = {_pattern(place) for text in policy_texts().values() for place, _ in walk(read(text))}
    assert known <= stand


@pytest.mark.parametrize("name", policy_texts())
def test_every_value_of_a_policy_has_a_field(name):
    for place, _ in walk(read(policy_texts()[name])):
        field = next((SCHEMA[p] for n in range(len(place), 0, -1) if (p := pattern_of(place[:n]))), None)
        assert field is not None or not place
        if field and len(field.pattern) < len(place):
            assert field.control in {*OPEN, Control.BOTH, Control.CODES, Control.CANDIDATES}


def test_every_field_is_explained_in_both_languages_and_what_decides_protection_has_a_term_and_a_link():
    for field in SCHEMA.values():
        for language in ("sv", "en"):
            assert len(field.label.get(language)) >= 1
            assert field.help.get(language).endswith(".")
        assert field.help.sv != field.help.en
        if field.control is Control.NUMBER and field.pattern[-1] not in ("q", "times"):
            assert field.term, field.pattern
            assert field.link, field.pattern
    assert {f.link for f in SCHEMA.values()} == {"", *LINKS}


def test_every_choice_that_the_loader_refuses_to_leave_open_is_offered():
    for field in SCHEMA.values():
        if field.control in (Control.CHOICE, Control.CODES):
            assert bool(field.choices) != bool(field.options), field.pattern
        if field.control is Control.ONE_OF:
            assert {c.value for c in field.choices} <= {f.pattern[-1] for f in inside(field.pattern)}


def test_the_texts_of_these_tests_hold_against_the_declarations():
    texts = {n: t.replace("  window: rolling-year\n", "") for n, t in policy_texts().items()}  # has no sums
    loaded = [parse_policy(t.encode(), f"{n}.yaml")[0] for n, t in texts.items()]
    alone = [p for one in loaded for p in check_policies([one], settings())]
    assert alone == []
