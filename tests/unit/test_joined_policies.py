"""Codes that a policy joins: what the loader and the check refuse, with line, rule and what to do; words; the form."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from homes import ROOT
from policytexts import policy_texts, settings

from publisher.draft.keys import joined_otherwise
from publisher.policy.check import check_policies
from publisher.policy.editing.buttons import add, take_away
from publisher.policy.editing.differences import About, Effect, differences, needs_reason
from publisher.policy.editing.fields import Control
from publisher.policy.editing.form import apply, changes
from publisher.policy.editing.messages import in_swedish
from publisher.policy.editing.places import read
from publisher.policy.editing.view import Part, Viewer
from publisher.policy.joining import shown_categories
from publisher.policy.loader import parse_policy
from publisher.policy.model import CategorySpec, JoinedCode, Policy
from publisher.relations import AreaLevel, Column, KeySet
from publisher.release.model import Category, Dimension, Table, Text

NOISE = (ROOT / "policies" / "fk-ohalsa.yaml").read_text("utf-8")
ALONE = "- {column: age_group, total: true}"
YOUNG = '{code: "16-34", text: {sv: 16–34 år, en: 16–34}, of: ["16-24", "25-34"]}'
REST = '{code: "35-66", text: {sv: 35–66 år, en: 35–66}, of: ["35-44", "45-54", "55-66"]}'
AGES = settings().sources["fk-cases"].category("age_group")


def joining(*items: str, text: str = NOISE) -> str:
    """The policy with these joined codes, each on a line of its own."""
    assert ALONE in text
    lines = "".join(f"\n          - {item}" for item in items)
    return text.replace(ALONE, f"- column: age_group\n        total: true\n        join:{lines}")


def problems(text: str, name: str = "fk-ohalsa") -> list[str]:
    loaded, found = parse_policy(text.encode(), f"{name}.yaml")
    return [str(p) for p in (check_policies([loaded], settings()) if loaded else found)]


def policy(text: str, name: str = "fk-ohalsa") -> Policy:
    loaded, found = parse_policy(text.encode(), f"{name}.yaml")
    assert loaded, found
    return loaded.policy


def test_a_policy_with_joined_codes_is_read_and_checks_clean() -> None:
    text = joining(YOUNG, REST)
    assert problems(text) == []
    assert policy(text).tables[0].categories[1] == CategorySpec(
        "age_group", total=True,
        join=(JoinedCode("16-34", Text("16–34 år", "16–34"), ("16-24", "25-34")),
              JoinedCode("35-66", Text("35–66 år", "35–66"), ("35-44", "45-54", "55-66"))),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("items", "line", "message"),
    [
        ([], 0, "a list of at least one item is expected here"),
        ([YOUNG.replace(", of:", ", off:")], 0, "unknown key off; known here: code, text, of"),
        ([YOUNG.replace(', of: ["16-24", "25-34"]', "")], 0, "key of is missing"),
        ([YOUNG.replace(", en: 16–34", "")], 0, "key en is missing"),
        ([YOUNG.replace('"16-34"', "16-34")], 0, "quote this text"),
        ([YOUNG, REST.replace('"35-44"', "35-44")], 1, "quote this text"),
        ([YOUNG.replace('"16-34"', "TOT")], 0, "join: a code may not be empty or TOT"),
        ([YOUNG.replace(', "25-34"', "")], 0, "join: code 16-34 must be of at least two codes"),
        ([YOUNG.replace('"25-34"', '"16-24"')], 0, "join: code 16-34 must be of at least two codes, each named once"),
        ([YOUNG.replace('"16-34"', '"-34"')], 0, "may not begin like a formula of a spreadsheet"),
        ([YOUNG.replace("en: 16–34", 'en: "=16"')], 0, "may not begin like a formula of a spreadsheet"),
        ([YOUNG.replace('"16-34"', '"\\t=1"')], 0, "may not begin like a formula of a spreadsheet"),
        ([YOUNG.replace("en: 16–34", 'en: "\\t16"')], 0, "may not begin like a formula of a spreadsheet"),
        ([YOUNG, YOUNG.replace('["16-24", "25-34"]', '["35-44", "45-54"]')], -3, "code of age_group may stand once"),
        ([YOUNG, REST.replace('"35-44"', '"25-34"')], -3, "a code of age_group may be joined into one code only"),
    ],
)  # fmt: skip
def test_what_the_loader_refuses_is_told_at_its_line(items: list[str], line: int, message: str) -> None:
    """`line`: from the first item; -3 is that of the column."""
    text = joining(*items)
    first = next(n for n, content in enumerate(text.splitlines(), 1) if content.strip() == "join:") + 1
    found = problems(text)
    told = next(f for f in found if message in f)
    assert told.startswith(f"fk-ohalsa.yaml:{first + line}:") or not items
    assert in_swedish(told.split(": ", 1)[1])


WHERE = ("where: {benefit: [", 'where: {age_group: ["16-24", "25-34", "35-44"], benefit: [')
SUM = (
    "      - {id: persons, kind: persons}\n",
    "      - {id: persons, kind: persons}\n      - {id: paid, kind: sum, of: amount, rho: \"0.01\", clamp: {column: "
    'age_group, bounds: {"16-24": "1", "25-34": "1", "35-44": "1", "45-54": "1", "55-66": "1"}}}\n',
)


@pytest.mark.parametrize(
    ("items", "change", "message"),
    [
        ([YOUNG.replace('"25-34"', '"25-35"')], None, "age_group declares no code 25-35; its codes are 16-24, 25-34"),
        ([YOUNG.replace('"16-34"', '"35-44"')], None, "declares code 35-44, which would mean two things; give the"),
        ([YOUNG.replace('"16-34"', '"16-24"')], None, "declares code 16-24, which would mean two things"),
        ([REST], WHERE, "where leaves out code 45-54, so that 35-66 would say more than it counts; join what where"),
        ([YOUNG.replace('34"]', '34", "35-44", "45-54", "55-66"]')], None, "has one code left, which is its total"),
        ([YOUNG], SUM, "clamp needs a number for every code that the table shows of age_group: 16-34, 35-44, 45-54"),
    ],
)  # fmt: skip
def test_what_the_check_refuses_names_the_table_the_codes_and_what_to_do(
    items: list[str], change: tuple[str, str] | None, message: str
) -> None:
    text = joining(*items)
    found = problems(text.replace(*change) if change else text)
    about = [f for f in found if "join" in f or "clamp" in f]
    assert about
    assert any(message in f for f in about)
    line = next(n for n, content in enumerate(text.splitlines(), 1) if "id: fk-ohalsa-omradestyp" in content)
    assert about[0].startswith(f"fk-ohalsa.yaml:{line}: table fk-ohalsa-omradestyp: ") or change
    assert all(in_swedish(f.split(": ", 1)[1]) for f in about)


def test_a_declared_code_like_a_formula_is_refused_where_a_table_shows_it_before_anything_is_charged() -> None:
    """Writing a release refuses it too, and that is after the charge."""
    known = settings()
    source = known.sources["fk-cases"]
    for found in (replace(AGES.categories[0], code="-24"), replace(AGES.categories[0], text=Text("+24", "24"))):
        ages = replace(AGES, categories=(found, *AGES.categories[1:]))
        categories = tuple(ages if c.id == "age_group" else c for c in source.categories)
        changed = replace(known, sources={**known.sources, "fk-cases": replace(source, categories=categories)})
        for join, shown in ((), True), ((YOUNG.replace("16-24", found.code),), False):
            text = joining(*join) if join else NOISE
            loaded, wrong = parse_policy(text.encode(), "fk-ohalsa.yaml")
            assert loaded, wrong
            told = [str(p) for p in check_policies([loaded], changed) if "like a formula" in str(p)]
            assert bool(told) == shown
            assert all(f"column age_group: code {found.code} or its text begins" in t for t in told)
            assert all(in_swedish(t.split(": ", 1)[1]) for t in told)


def test_joined_codes_stand_where_the_first_of_theirs_stood_whatever_the_order_in_the_file() -> None:
    odd = JoinedCode("x", Text("x", "y"), ("55-66", "25-34"))
    shown = shown_categories(CategorySpec("age_group", total=True, join=(odd,)), AGES)
    assert [c.code for c in shown] == ["16-24", "x", "35-44", "45-54"]
    assert shown[1] == Category("x", Text("x", "y"), ("25-34", "55-66"))
    assert shown[0] == AGES.categories[0]


@pytest.mark.parametrize(
    ("codes", "joined", "message"),
    [
        (("x", "c"), (("y", ("a", "b")),), "none of its codes"),
        (("x", "c"), (("x", ("a", "b")), ("x", ("d", "e"))), "stands twice"),
        (("x", "c"), (("x", ("a", "c")),), "stands in two of its codes"),
        (("x", "y"), (("x", ("a", "b")), ("y", ("b", "c"))), "stands in two of its codes"),
    ],
)
def test_a_column_counts_a_declared_code_in_one_place(codes: tuple[str, ...], joined: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Column("c", codes, personal=True, joined=joined)  # type: ignore[arg-type]


def keys_of(*joined: tuple[str, tuple[str, ...]]) -> KeySet:
    level = AreaLevel("riket", ("00",), np.zeros(1, dtype=np.int64))
    return KeySet(("00",), (level,), (Column("age", ("x", "y", "e"), personal=True, joined=joined),), (True,))


def test_codes_that_keep_their_names_and_stand_for_others_are_seen() -> None:
    keys = keys_of(("x", ("a", "b")), ("y", ("c", "d")))
    words = Text("a", "b")
    e = Category("e", words)

    def said(*categories: Category) -> tuple[str, str] | None:
        table = object.__new__(Table)
        object.__setattr__(table, "id", "t")
        object.__setattr__(table, "dimensions", (Dimension("age", words, (Category("TOT", words), *categories)),))
        return joined_otherwise([table], keys)

    assert said(Category("x", words, ("b", "a")), Category("y", words, ("c", "d")), e) is None
    assert said(Category("x", words, ("a", "c")), Category("y", words, ("b", "d")), e) == ("t", "age")
    assert said(Category("x", words), Category("y", words, ("c", "d")), e) == ("t", "age")
    assert said(Category("e", words, ("e", "f"))) == ("t", "age")


# What an officer sees.


def english(before: str, after: str) -> list[str]:
    return [c.text.en for c in differences(policy(before), policy(after))]


def test_what_is_joined_and_what_is_taken_apart_is_told_and_asks_for_no_reason() -> None:
    both = joining(YOUNG, REST)
    assert english(NOISE, both) == [
        "Codes 16-24, 25-34 of age_group are shown as one, 16-34: cells get larger.",
        "Codes 35-44, 45-54, 55-66 of age_group are shown as one, 35-66: cells get larger.",
    ]
    assert english(both, joining(YOUNG)) == [
        "Code 35-66 of age_group (35-44, 45-54, 55-66) is no longer shown; 35-44, 45-54, 55-66 are shown by "
        "themselves: cells get smaller."
    ]
    assert english(both, joining(REST, YOUNG)) == ["Joined codes of age_group stand in another order."]
    smaller = REST.replace(', "55-66"', "")
    assert english(joining(REST), joining(smaller)) == [
        "Code 35-66 of age_group is 35-44, 45-54 now in place of 35-44, 45-54, 55-66."
    ]
    (named,) = differences(policy(both), policy(joining(YOUNG.replace("en: 16–34", "en: Young"), REST)))
    assert named.text.en == "Code 16-34 of age_group is called “Young” now (16–34 år)."
    assert (named.about, named.effect, named.table) == (About.WORDS, Effect.OTHER, "fk-ohalsa-omradestyp")
    for before, after in ((NOISE, both), (both, NOISE)):
        assert needs_reason(policy(after), settings(), policy(before)) == (), "the promise is the same"


def parts(text: str) -> list[Part]:
    def all_of(found: tuple[Part, ...]) -> list[Part]:
        return [p for part in found for p in (part, *all_of(part.parts))]

    return all_of(Viewer(read(text), settings(), {}).parts())


def test_the_form_offers_a_join_where_there_is_none_and_its_button_writes_one_that_checks_clean() -> None:
    at = "/tables/0/categories/1/join"
    empty = next(p for p in parts(NOISE) if p.name == at)
    assert (empty.present, empty.addable, empty.parts, empty.field.control) == (False, True, (), Control.LIST)
    place = ("tables", "0", "categories", "1", "join")
    one = add(NOISE, place, settings())
    assert policy(one).tables[0].categories[1].join == (
        JoinedCode("16-34", Text("16–34 år", "16–34"), ("16-24", "25-34")),
    )
    two = add(one, place, settings())
    assert [j.code for j in policy(two).tables[0].categories[1].join] == ["16-34", "35-54"]
    assert problems(two) == []
    codes = next(p for p in parts(two) if p.name == f"{at}/0/of")
    assert codes.values == ("16-24", "25-34")
    assert [c.value for c in codes.options] == list(AGES.codes)


def test_the_last_joined_code_that_goes_takes_the_join_with_it() -> None:
    place = ("tables", "0", "categories", "1", "join")
    two = add(add(NOISE, place, settings()), place, settings())
    one = take_away(two, (*place, "0"))
    assert [j.code for j in policy(one).tables[0].categories[1].join] == ["35-54"]
    none = policy(take_away(one, (*place, "0")))
    assert none == replace(policy(NOISE), digest=none.digest)


def test_a_code_ticked_in_the_form_is_written_in_the_order_of_the_declaration() -> None:
    text = joining(YOUNG.replace('["16-24", "25-34"]', '["16-24", "35-44"]'))
    sent = {"/tables/0/categories/1/join/0/of": ["", "16-24", "25-34", "35-44"]}
    written = apply(text, changes(text, sent), settings())
    assert 'of: ["16-24", "25-34", "35-44"]' in written
    assert policy(written).tables[0].categories[1].join[0].of == ("16-24", "25-34", "35-44")


def test_a_new_join_of_a_column_that_nobody_declares_can_still_be_read(tmp_path: Path) -> None:
    text = policy_texts()["fk-ohalsa"].replace("column: age_group", "column: shoe")
    added = add(text, ("tables", "0", "categories", "1", "join"), settings())
    assert [j.code for j in policy(added).tables[0].categories[1].join] == ["code_code-2"]
