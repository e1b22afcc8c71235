"""Edits of a policy's text: an edit and its inverse give back the same bytes; the loader reads what the form wrote."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from policytexts import policy_texts
from policytexts import settings as declarations
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from publisher.policy.editing.buttons import LAST, add, take_away
from publisher.policy.editing.edits import EditError, insert, put, remove
from publisher.policy.editing.fields import Control
from publisher.policy.editing.form import apply, changes
from publisher.policy.editing.places import find, pointer, read, walk
from publisher.policy.editing.schema import SCHEMA, pattern_of
from publisher.policy.editing.template import new_policy
from publisher.policy.editing.view import Part, Viewer
from publisher.policy.editing.writing import scalar, value_of
from publisher.policy.loader import parse_policy

TEXTS = st.sampled_from(sorted(policy_texts().values()))
LETTERS = (
    st.text(alphabet="abcåäöABC 129.", min_size=1, max_size=30)
    .map(str.strip)
    .filter(lambda t: t and scalar(t, flow=True) == t)
)
ANY = st.text(max_size=40).filter(lambda t: all(c.isprintable() or c in "\t\n" for c in t))
SCALARS = st.one_of(ANY, st.integers(0, 10**6), st.booleans())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "c-d"]), inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)

REFUSED = (
    ["a category column may stand once"],
    ["weights: a group of cells may stand once"],
    ["a quantile has a rho and candidates, or neither where it is of another; and no decimals"],
)
"""What cannot be added to tables that have all there is; the officer is told."""


def places(text: str, kind: type) -> list[tuple[str, ...]]:
    return [place for place, node in walk(read(text)) if isinstance(node, kind) and place]


def controls(parts: tuple[Part, ...]) -> list[Part]:
    """Every part of a form, the outer ones first."""
    return [p for part in parts for p in (part, *controls(part.parts))]


def form_of(text: str) -> dict[str, list[str]]:
    """What a browser would send of an untouched form."""
    outer = (Control.GROUP, Control.LIST, Control.BOTH, Control.WHERE, Control.BOUNDS)
    sent: dict[str, list[str]] = {}
    for part in controls(Viewer(read(text), declarations(), {}).parts()):
        divided = bool(part.parts) and part.field.control in (Control.WEIGHTS, Control.CANDIDATES)
        if part.field.control is Control.CODES:
            sent[part.name] = ["", *part.values]
        elif part.field.control not in outer and not divided:
            sent[part.name] = [part.value]
    return sent


@settings(max_examples=40, deadline=None)
@given(TEXTS, LETTERS, st.data())
def test_a_scalar_set_and_set_back_gives_the_same_bytes(text, value, data):
    place = data.draw(st.sampled_from(places(text, ScalarNode)))
    old = value_of(find(read(text), place))
    new = value if isinstance(old, str) else data.draw(st.integers(0, 999).filter(lambda n: n != old))
    edited = put(text, place, new)
    assert value_of(find(read(edited), place)) == new
    assert put(edited, place, old) == text


@settings(max_examples=40, deadline=None)
@given(TEXTS, SCALARS, st.data())
def test_any_scalar_that_is_written_is_read_as_it_was_meant(text, value, data):
    place = data.draw(st.sampled_from(places(text, ScalarNode)))
    old = find(read(text), place)
    edited = put(text, place, value)
    written = find(read(edited), place)
    assert written.value == (str(value).lower() if isinstance(value, bool) else str(value))
    if isinstance(value, str) and scalar(value, flow=False) != value:
        assert written.style in ("'", '"')
    assert find(read(put(edited, place, value_of(old))), place).value == old.value


@settings(max_examples=40, deadline=None)
@given(TEXTS, VALUES, st.data())
def test_an_item_put_in_and_taken_out_gives_the_same_bytes(text, value, data):
    place = data.draw(st.sampled_from(places(text, SequenceNode)))
    length = len(find(read(text), place).value)
    number = data.draw(st.integers(0, length))
    try:
        edited = insert(text, place, number, value)
    except EditError:
        return
    assert len(find(read(edited), place).value) == length + 1
    assert remove(edited, (*place, str(number))) == text


@settings(max_examples=40, deadline=None)
@given(TEXTS, VALUES, st.data())
def test_a_key_put_in_and_taken_out_gives_the_same_bytes(text, value, data):
    place = data.draw(st.sampled_from([(), *places(text, MappingNode)]))
    edited = put(text, (*place, "new-key"), value)
    assert remove(edited, (*place, "new-key")) == text


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.data())
def test_what_is_taken_away_leaves_every_other_value_and_every_comment(text, data):
    place = data.draw(st.sampled_from([p for p in places(text, object) if len(p) > 1]))
    edited = remove(text, place)
    expected = value_of(read(text))
    outer = expected
    for name in place[:-1]:
        outer = outer[int(name)] if isinstance(outer, list) else outer[name]
    del outer[int(place[-1]) if isinstance(outer, list) else place[-1]]
    assert value_of(read(edited)) == expected
    kept = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in edited.splitlines() if line.lstrip().startswith("#")] == kept


@pytest.mark.parametrize("name", policy_texts())
def test_an_untouched_form_changes_no_byte(name):
    text = policy_texts()[name]
    changed = changes(text, form_of(text))
    assert changed == ()
    assert apply(text, changed, declarations()) == text


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.data())
def test_a_field_of_the_form_changed_and_changed_back_gives_the_same_bytes(text, data):
    form = form_of(text)
    exchanging = ("/kind", "/every", "/clamp", "/column", "/protection", "/uncertain_when", "/groups/0/area")
    exchanging += ("/type_year",)  # a year is quoted, and `same` keeps its quotes
    exchanging += ("/together_with",)  # a table has its terms from the one that it is measured with
    names = [n for n in form if not n.endswith(exchanging) and n.split("/")[-2] != "rules"]
    name = data.draw(st.sampled_from(names))
    part = next(p for p in controls(Viewer(read(text), declarations(), {}).parts()) if p.name == name)
    other = _other(part, data)
    edited = _sent(text, {**form, name: other})
    assert set(form_of(edited)[name]) == set(other)
    assert _sent(edited, {**form_of(edited), name: form[name]}) == text


def _sent(text: str, form: dict[str, list[str]]) -> str:
    return apply(text, changes(text, form), declarations())


def _other(part: Part, data) -> list[str]:
    """Something else that an officer could fill in."""
    control, values = part.field.control, [c.value for c in part.options]
    if control is Control.CODES:
        return ["", *(data.draw(st.lists(st.sampled_from(values), min_size=1, unique=True)) if values else [])]
    if control in (Control.CHOICE, Control.WEIGHTS) and values:
        return [data.draw(st.sampled_from([v for v in values if v or not part.present]))]
    whole = st.integers(1, 999).map(str)
    strategies = {
        Control.BOOLEAN: st.just("false" if part.value == "true" else "true"),
        Control.NUMBER: st.integers(1, 10**6 - 1).map(lambda n: f"0.{n:06d}"),
        Control.INTEGER: whole,
        Control.CANDIDATES: whole,
        Control.KEPT: st.just(part.value),
    }
    return [data.draw(strategies.get(control, LETTERS))]


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.fractions(0, 1, max_denominator=10**6), st.data())
def test_numbers_that_decide_privacy_stay_quoted(text, value, data):
    found = [p for p in places(text, ScalarNode) if (q := pattern_of(p)) and SCHEMA[q].control is Control.NUMBER]
    assume(found)
    place = data.draw(st.sampled_from(found))
    written = f"{float(value):.6f}"
    edited = _sent(text, {pointer(place): [written.replace(".", ",")]})
    node = find(read(edited), place)
    assert (node.value, node.style) == (written, '"')


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(policy_texts())), st.data())
def test_the_loader_reads_what_the_buttons_wrote(name, data):
    text = policy_texts()[name]
    parts = {p.name: p for p in controls(Viewer(read(text), declarations(), {}).parts())}
    part = parts[data.draw(st.sampled_from([n for n, p in parts.items() if p.addable and "rules" not in p.place]))]
    edited = add(text, part.place, declarations())
    loaded, problems = parse_policy(edited.encode(), f"{name}.yaml")
    assert loaded or [p.message for p in problems] in REFUSED
    if part.field.control is Control.LIST:
        number = len(find(read(edited), part.place).value) - 1
        assert take_away(edited, (*part.place, str(number))) == text


@pytest.mark.parametrize("name", policy_texts())
@pytest.mark.parametrize("kind", ["noise", "suppression"])
def test_a_table_switched_to_another_protection_is_read_by_the_loader_and_all_else_stays(name, kind):
    text = policy_texts()[name]
    form = form_of(text)
    switched = _sent(text, {**form, "/tables/0/protection": [kind]})
    loaded, problems = parse_policy(switched.encode(), f"{name}.yaml")
    assert loaded, problems
    assert type(loaded.policy.tables[0].protection).__name__.lower() == kind
    before, after = value_of(read(text)), value_of(read(switched))
    del before["tables"][0]["protection"], after["tables"][0]["protection"]
    assert before == after
    assert [c for c in text.splitlines() if c.startswith("#")] == [
        c for c in switched.splitlines() if c.startswith("#")
    ]


@pytest.mark.parametrize("kind", ["cases", "sum", "mean", "share", "rate", "quantile"])
def test_a_measure_of_another_kind_gets_the_keys_that_it_needs(kind):
    text = policy_texts()["all-noise"]
    changed = _sent(text, {**form_of(text), "/tables/0/measures/5/kind": [kind]})
    loaded, problems = parse_policy(changed.encode(), "all-noise.yaml")
    if kind == "cases":
        assert "exactly one count" in problems[0].message
    else:
        assert loaded, problems
        assert loaded.policy.tables[0].measures[5].kind == kind


@pytest.mark.parametrize("every", ["year", "quarter", "month"])
@pytest.mark.parametrize("name", ["fk-sjukfall-manad", "all-rules", "fk-ohalsa"])
def test_a_schedule_of_another_rhythm_has_the_keys_that_belong_to_it(name, every):
    text = policy_texts()[name]
    changed = _sent(text, {**form_of(text), "/schedule/every": [every]})
    loaded, problems = parse_policy(changed.encode(), f"{name}.yaml")
    assert loaded, problems
    assert loaded.policy.schedule.every == every


@pytest.mark.parametrize("rule", ["threshold", "share", "p_percent", "dominance", "min_contributors"])
def test_a_rule_of_another_kind_is_written_with_its_usual_parameters(rule):
    text = policy_texts()["fk-underhallsstod"]
    changed = _sent(text, {**form_of(text), "/tables/0/protection/suppression/rules/0": [rule]})
    rules = value_of(find(read(changed), ("tables", "0", "protection", "suppression", "rules")))
    assert list(rules[0]) == [rule]
    assert len(rules) == 4


def test_weights_get_groups_and_lose_them_again():
    text = policy_texts()["fk-ohalsa"]
    place = ("tables", "0", "protection", "noise", "weights")
    more = add(add(text, place, declarations()), (*place, "groups"), declarations())
    groups = find(read(more), (*place, "groups"))
    assert len(groups.value) == 2
    less = take_away(take_away(more, (*place, "groups", "1")), (*place, "groups", "0"))
    assert less == text


@settings(max_examples=40, deadline=None)
@given(st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True))
def test_a_new_policy_begins_from_a_text_that_the_loader_reads(name):
    for declared in (None, declarations()):
        loaded, problems = parse_policy(new_policy(name, declared).encode(), f"{name}.yaml")
        assert loaded, problems


@pytest.mark.parametrize("name", policy_texts())
def test_what_stood_in_quotes_stays_in_them(name):
    text = policy_texts()[name]
    quoted = [p for p, node in walk(read(text)) if isinstance(node, ScalarNode) and node.style == '"']
    assert quoted
    for place in quoted:
        edited = put(text, place, "other")
        assert find(read(edited), place).style == '"'
        assert put(edited, place, str(find(read(text), place).value)) == text


def test_nothing_is_put_behind_the_last_item_by_another_number():
    assert LAST > 65536
