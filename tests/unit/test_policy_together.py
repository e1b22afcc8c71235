"""Which tables of a policy can be measured together, and what is said of those that cannot."""

from dataclasses import replace
from fractions import Fraction

import pytest
from policytexts import settings
from sharedpolicies import FIRST, JOINED, OTHERWISE, SECOND, TEXT

from publisher.forecast import units_of_run
from publisher.policy import check_together
from publisher.policy.check import check_policies
from publisher.policy.check_together import order_of_agreement
from publisher.policy.editing.form import apply, changes
from publisher.policy.editing.places import read
from publisher.policy.editing.view import Viewer
from publisher.policy.loader import parse_policy
from publisher.policy.model import EstimateKind, Noise, Policy
from publisher.rehearsal.alternatives import alternatives_of


def problems(text: str) -> list[str]:
    loaded, found = parse_policy(text.encode(), "fk-delad.yaml")
    return [str(p) for p in (check_policies([loaded], settings()) if loaded else found)]


def policy(text: str = TEXT) -> Policy:
    loaded, found = parse_policy(text.encode(), "fk-delad.yaml")
    assert loaded, found
    return loaded.policy


def test_tables_that_share_a_measurement_have_its_terms_and_charge_it_once() -> None:
    assert problems(TEXT) == []
    made = policy()
    first, second = made.tables
    assert isinstance(second.protection, Noise)
    assert second.protection.together_with == FIRST
    assert second.protection.shared == first.protection.shared  # type: ignore[union-attr]
    assert (first.rho, second.rho, second.loss) == (Fraction(1, 20), 0, Fraction(1, 20))
    assert made.rho == Fraction(1, 20)
    assert units_of_run(made) == 50_000_000
    assert made.measured_together == ((first, second),)


LAN = """\
  - id: fk-delad-lan
    title: {sv: Personer efter län, en: Persons by county}
    measures: [{id: persons, kind: persons}]
    categories: [{column: benefit, total: true}, {column: sex, total: true}]
    areas: [riket, lan, area_type]
    protection:
      noise: {together_with: fk-delad-omrade, weights: all-cells-alike, uncertain_when: {interval_width: "1.2"}}
"""
TOGETHER = f"        together_with: {FIRST}\n"
SECONDS = """      - {id: persons, kind: persons}
    categories:
      - {column: benefit, total: true}
"""


COUNTED = f"its count must be that of {FIRST}, with the same id, kind and decimals: persons, persons, 0"
PAID = '      - {id: paid, kind: sum, of: amount, rho: "0.01", clamp: {all: "9000"}}\n'
COLUMNS = "    categories:\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{id: persons, kind: persons}\n    categories:\n", "{id: n, kind: persons}\n    categories:\n", COUNTED),
        ("kind: persons}\n    categories:\n", "kind: cases}\n    categories:\n", COUNTED),
        (COLUMNS, f"{PAID}{COLUMNS}", "put sums, quantiles and a second count into a table by itself"),
        (SECONDS, SECONDS.replace("      - {column: benefit, total: true}\n", ""),
         "persons count once in each combination of the case's columns, so that all tables need the same of those; "
         f"{FIRST} and this one differ in benefit"),
        ("{column: sex, total: true}", "{column: sex, total: false}", "show the total of column sex, which another"),
        ("areas: [riket, lan, kommun]", "areas: [lan, kommun]",
         f"{FIRST} and {SECOND} both add up to level riket; show it in {SECOND}"),
        ("areas: [riket, lan, kommun, regso, area_type]", "areas: [riket, kommun, regso, area_type]",
         f"{FIRST} and {SECOND} both add up to level lan; show it in {FIRST}"),
    ],
)  # fmt: skip
def test_what_cannot_be_joined_is_refused_at_its_table(old: str, new: str, message: str) -> None:
    head, found, tail = TEXT.rpartition(old)
    assert found
    start = f"fk-delad.yaml:{line_of(SECOND)}: table {SECOND}: together_with"
    assert [p for p in problems(head + new + tail) if p.startswith(start) and message in p]


def test_a_table_that_agrees_with_several_and_with_none_in_all_is_refused() -> None:
    text = TEXT.replace("schedule:", f"{LAN}schedule:")
    (found,) = problems(text)
    assert f"it has cells in common with several of {FIRST}, {SECOND}, and with none of them all of these" in found


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (f'{TOGETHER}        rho: "0.05"\n', "rho is that of the table named by together_with; leave it out here"),
        (f"        together_with: {SECOND}\n", f"{SECOND} is not known here; known: {FIRST}"),
    ],
)
def test_terms_of_its_own_and_tables_that_do_not_stand_above_are_refused_at_their_line(new: str, message: str) -> None:
    text = TEXT.replace(TOGETHER, new)
    line = text[: text.rindex(new.rstrip().rsplit("\n", 1)[-1])].count("\n") + 1
    assert problems(text) == [f"fk-delad.yaml:{line}: {message}"]


def test_distinct_persons_are_not_joined() -> None:
    text = TEXT.replace("kind: persons}", "kind: persons_distinct}")
    assert any("together_with is for tables that count persons, cases, events" in p for p in problems(text))


def test_estimates_that_cannot_be_made_to_agree_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_together, "ESTIMATES", (EstimateKind.UNBIASED,))
    found = problems(TEXT)
    assert len(found) == 2
    assert all("together_with is for the estimates unbiased; take one, or" in p for p in found)


def line_of(table: str) -> int:
    return TEXT[: TEXT.index(f"- id: {table}")].count("\n") + 1


def test_shrunken_estimates_are_refused_at_every_table() -> None:
    assert problems(TEXT.replace("estimate: non-negative-integers", "estimate: shrunken")) == [
        f"fk-delad.yaml:{line_of(table)}: table {table}: together_with is for the estimates unbiased and "
        "non-negative-integers; take one, or measure this by itself"
        for table in (FIRST, SECOND)
    ]


def test_a_column_is_joined_alike_in_all_tables() -> None:
    assert problems(JOINED) == []
    assert problems(OTHERWISE) == [
        f"fk-delad.yaml:{line_of(SECOND)}: table {SECOND}: together_with: {FIRST} shows column benefit by other codes; "
        "write the same join in both, or measure this by itself"
    ]


def test_coarser_codes_as_an_alternative_are_coarser_in_all_tables() -> None:
    by_benefit, by_age = "{column: benefit, total: true}", "{column: age_group, total: true}"
    both, source = policy(TEXT.replace(f"[{by_benefit}]", f"[{by_benefit}, {by_age}]")), settings().sources["fk-cases"]
    (coarser,) = (a for a in alternatives_of(both, source) if a.name.startswith("coarser"))
    first, second = coarser.policy.tables
    assert list(check_together.check_together((first, second), ["sex", "age_group"])) == []
    assert first.categories[-1].join == second.categories[-1].join != ()


def test_other_words_for_a_joined_code_are_no_other_join() -> None:
    head, found, tail = JOINED.rpartition("en: Compensation")
    assert found
    assert problems(f"{head}en: Other{tail}") == []
    assert problems(f"{head}en: Other{tail}".replace("benefit, total: true", "benefit, total: false")) == []


def test_the_order_of_agreement_begins_with_the_terms_and_follows_what_tables_have_in_common() -> None:
    tables = policy(TEXT.replace("schedule:", f"{LAN.replace(', area_type', '')}schedule:")).tables
    assert order_of_agreement(tables) == [(2, 0), (1, 2)] or order_of_agreement(tables) == [(1, 0), (2, 1)]
    assert order_of_agreement(tables[:2]) == [(1, 0)]


def test_a_policy_whose_tables_share_other_terms_than_they_have_cannot_be_made() -> None:
    made = policy()
    first, second = made.tables
    for change in ({"rho": Fraction(1, 10)}, {"together_with": SECOND}, {"together_with": "x"}):
        with pytest.raises(ValueError, match="names a table under noise that has terms of its own"):
            replace(made, tables=(first, replace(second, protection=replace(second.protection, **change))))


def edited(text: str, name: str, value: str) -> str:
    return apply(text, changes(text, {name: [value]}), settings())


def test_the_form_takes_over_and_gives_back_the_terms() -> None:
    where = "/tables/1/protection/noise/together_with"
    alone = edited(TEXT, where, "")
    assert problems(alone) == []
    assert policy(alone).rho == Fraction("0.06")
    again = edited(alone, where, FIRST)
    assert replace(policy(again), digest="") == replace(policy(), digest="")
    parts = {p.name: p for p in _all(Viewer(read(TEXT), settings(), {}).parts())}
    assert [o.value for o in parts[where].options] == ["", FIRST]
    assert "/tables/0/protection/noise/rho" in parts
    assert "/tables/1/protection/noise/rho" not in parts


def _all(parts):
    for part in parts:
        yield part
        yield from _all(part.parts)
