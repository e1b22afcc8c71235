"""Two versions of a policy compared in words: nothing that the model holds can change without a sentence."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from fractions import Fraction

import pytest
from policytexts import policy_texts, settings

from publisher.policy.declarations import Settings
from publisher.policy.editing.differences import About, Effect, differences, needs_reason
from publisher.policy.loader import parse_policy
from publisher.policy.model import (
    CategorySpec,
    Clamp,
    ContributionBound,
    ContributorsRule,
    DominanceRule,
    GroupWeight,
    JoinedCode,
    MeasureSpec,
    Noise,
    Policy,
    PPercentRule,
    Schedule,
    ShareRule,
    Suppression,
    TableSpec,
    ThresholdRule,
)
from publisher.release.model import Text


def policy(name: str, *changes: tuple[str, str]) -> Policy:
    text = policy_texts()[name]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    loaded, problems = parse_policy(text.encode(), f"{name}.yaml")
    assert loaded, problems
    return loaded.policy


def english(before: Policy | None, after: Policy | None) -> list[str]:
    return [c.text.en for c in differences(before, after)]


def effects(before: Policy, after: Policy) -> set[Effect]:
    return {c.effect for c in differences(before, after)}


def forced(value: object, name: str, new: object) -> object:
    """A copy with one field exchanged, whatever its own checks would say of it."""
    copy = object.__new__(type(value))
    for f in fields(value):
        object.__setattr__(copy, f.name, new if f.name == name else getattr(value, f.name))
    return copy


def other(value: object) -> object:
    """Another value of the same kind."""
    if isinstance(value, Enum):
        return next(v for v in type(value) if v is not value)
    if isinstance(value, Text):
        return Text(value.sv + "x", value.en)
    if isinstance(value, tuple):
        return value[:-1]
    if isinstance(value, str):
        return f"{value}x"
    return not value if isinstance(value, bool) else (value or 0) + 1


SPECIAL: dict[tuple[str, str], object] = {
    ("Schedule", "every"): "quarter",
    ("MeasureSpec", "kind"): "events",
    ("MeasureSpec", "rho"): Fraction(1, 7),
    ("MeasureSpec", "q"): Fraction(1, 4),
    ("MeasureSpec", "clamp"): Clamp(column="", bounds=(("", 7),)),
    ("MeasureSpec", "candidates"): (1, 2, 4),
    ("Suppression", "counted"): "cases",
    ("Noise", "bound"): ContributionBound(cells=7, area="last"),
    ("Noise", "withhold_below"): Fraction(77),
    ("Noise", "times"): (GroupWeight("lan", (), Fraction(3)),),
    ("Noise", "uncertain_width"): Fraction(7),
    ("GroupWeight", "categories"): ("sex",),
    ("TableSpec", "protection"): None,
    ("Policy", "schedule"): Schedule("quarter", None, 1, "00:00", "00:00", "UTC"),
    ("Policy", "tables"): (),
}


def derived(value: object, name: str) -> bool:
    """Whether a field follows from another, which is changed in its stead: a table that is measured with another has
    its terms."""
    if isinstance(value, Noise) and value.together_with and name in ("rho", "bound", "estimate"):
        return True
    return name == "uncertain_cv" and isinstance(value, Noise) and value.uncertain_width is not None


def leaves(value: object, put: Callable[[object], object]) -> Iterator[tuple[str, object]]:
    """Every field of a value and of what lies in it, each with the whole policy in which it alone is another."""
    for f in fields(value):
        inner = getattr(value, f.name)
        into = lambda new, name=f.name: put(forced(value, name, new))  # noqa: E731
        name = (type(value).__name__, f.name)
        if derived(value, f.name):
            continue
        if name in SPECIAL and SPECIAL[name] is not None:
            yield ".".join(name), into(SPECIAL[name])
        elif (not is_dataclass(inner) or isinstance(inner, Text)) and inner != ():
            yield ".".join(name), into(other(inner))
        if is_dataclass(inner) and not isinstance(inner, Text):
            yield from leaves(inner, into)
        if isinstance(inner, tuple):
            for n, item in enumerate(inner):
                if is_dataclass(item) and not isinstance(item, Text):
                    yield from leaves(item, lambda new, n=n, t=inner, i=into: i((*t[:n], new, *t[n + 1 :])))


@pytest.mark.parametrize("name", policy_texts())
def test_no_field_of_the_model_changes_without_a_sentence(name):
    before = policy(name)
    silent = [field for field, after in leaves(before, lambda new: new) if not differences(before, after)]
    assert silent == []


def test_every_field_of_every_class_of_the_model_was_changed():
    seen = {field for name in policy_texts() for field, _ in leaves(policy(name), lambda new: new)}
    classes = (
        Policy, Schedule, TableSpec, CategorySpec, JoinedCode, MeasureSpec, Clamp, Noise, ContributionBound,
        GroupWeight, Suppression, ThresholdRule, DominanceRule, PPercentRule, ContributorsRule, ShareRule,
    )  # fmt: skip
    expected = {f"{c.__name__}.{f.name}" for c in classes for f in fields(c)}
    assert expected - seen == {"TableSpec.protection"}, "which a test of its own exchanges"


def test_the_sentence_of_a_threshold_says_which_cells_become_sensitive():
    before, after = policy("fk-assistans"), policy("fk-assistans", ("threshold: 5", "threshold: 10"))
    (change,) = differences(before, after)
    assert change.text == Text(
        "Tröskelvärdet höjs från 5 till 10: celler med 5–9 blir känsliga.",
        "Threshold raised from 5 to 10: cells of 5-9 become sensitive.",
    )
    assert (change.effect, change.about, change.table) == (Effect.STRONGER, About.PROTECTION, "fk-assistans-kommun")
    (back,) = differences(after, before)
    assert back.text.en == "Threshold lowered from 10 to 5: cells of 5-9 are no longer sensitive."
    assert back.effect is Effect.WEAKER
    assert english(before, policy("fk-assistans", ("threshold: 5", "threshold: 6"))) == [
        "Threshold raised from 5 to 6: cells of 5 become sensitive."
    ]


@pytest.mark.parametrize(
    ("name", "weak", "strong"),
    [
        ("fk-assistans", "threshold: 4", "threshold: 5"),
        ("fk-assistans", "level: exact", "level: interval"),
        ("fk-assistans", "level: interval", "level: ambiguous"),
        ("fk-assistans", "level: exact", "level: ambiguous"),
        ("fk-assistans", "insiders: false", "insiders: true"),
        ("fk-assistans", "zeros: published", "zeros: protected"),
        ("fk-assistans", "counted: cases", "counted: persons"),
        ("fk-assistans", "persons: 20, having: 4", "persons: 30, having: 4"),
        ("fk-assistans", "persons: 20, having: 4", "persons: 20, having: 5"),
        ("fk-assistans", "[{threshold: 5}]", "[{threshold: 5}, {share: {persons: 20, having: 4}}]"),
        ("fk-underhallsstod", 'n: 1, k: "75"', 'n: 1, k: "70"'),
        ("fk-underhallsstod", 'n: 1, k: "75"', 'n: 2, k: "75"'),
        ("fk-underhallsstod", 'p_percent: "10"', 'p_percent: "15"'),
        ("fk-underhallsstod", "min_contributors: 3", "min_contributors: 4"),
        ("fk-ohalsa", 'rho: "0.06"', 'rho: "0.05"'),
        ("fk-sjukfall-manad", 'rho: "0.0031"', 'rho: "0.003"'),
    ],
)
def test_weaker_and_stronger_are_told_apart_and_weaker_needs_a_reason(name, weak, strong):
    known = {
        "[{threshold: 5}]": "[{threshold: 5}, {share: {persons: 20, having: 4}}]",
        "level: exact": "level: ambiguous", "level: interval": "level: ambiguous",
    }  # fmt: skip
    text = policy_texts()[name]
    stands = strong if strong in text else weak if weak in text else known[weak]
    one, two = policy(name, (stands, weak)), policy(name, (stands, strong))
    assert effects(one, two) == {Effect.STRONGER}
    assert effects(two, one) == {Effect.WEAKER}
    assert needs_reason(one, settings(), two)
    if weak not in ("threshold: 4", "level: exact"):
        assert needs_reason(two, settings(), one) == ()


def test_rules_that_pull_both_ways_are_neither():
    before = policy("fk-underhallsstod")
    after = policy("fk-underhallsstod", ('n: 1, k: "75"', 'n: 2, k: "90"'))
    assert effects(before, after) == {Effect.OTHER}


def test_what_leaves_the_promise_as_it_is_says_so():
    before = policy("fk-ohalsa")
    for change in (("cells: 4", "cells: 5"), ("estimate: unbiased", "estimate: non-negative-integers"),
                   ("estimate: unbiased", "estimate: shrunken"),
                   ('withhold_below: "5"', 'withhold_below: "4"')):  # fmt: skip
        (told,) = differences(before, policy("fk-ohalsa", change))
        assert told.effect is Effect.OTHER
        assert "the promise in rho is the same" in told.text.en


def test_more_runs_a_year_charge_more_and_that_is_weaker():
    before = policy("fk-ohalsa")
    after = policy("fk-ohalsa", ("every: year, month: 2", "every: month"))
    charge = next(c for c in differences(before, after) if c.about is About.CHARGE)
    assert charge.text.en == "The charge to the privacy account is raised from rho 0.05 to 0.6 a year."
    assert charge.text.sv == "Belastningen av integritetskontot höjs från rho 0,05 till 0,6 om året."
    assert charge.effect is Effect.WEAKER
    assert [r.en for r in needs_reason(after, settings())] == [
        "The policy charges the account rho 0.6 a year; the default is at most 0.125."
    ]


def test_a_table_that_changes_its_kind_of_protection_is_neither_and_needs_a_reason():
    before, noisy = policy("fk-assistans"), policy("fk-ohalsa").tables[0].protection
    after = replace(before, tables=(replace(before.tables[0], protection=noisy),))
    first = differences(before, after)[0]
    assert first.effect is Effect.OTHER
    assert "cannot be compared" in first.text.en
    reasons = [r.en for r in needs_reason(after, settings(), before)]
    assert f"fk-assistans-kommun: {first.text.en}" in reasons


def test_what_decides_protection_comes_first_and_what_are_words_last():
    before = policy("fk-assistans")
    after = policy(
        "fk-assistans", ("licence: CC0-1.0", "licence: CC-BY-4.0"), ("day: 15", "day: 16"),
        ("[riket, lan, kommun]", "[riket, lan]"), ("threshold: 5", "threshold: 6"), ("assistansersattning]", "vab]"),
    )  # fmt: skip
    order = [c.about for c in differences(before, after)]
    assert order == sorted(order)
    assert set(order) == {About.PROTECTION, About.RECORDS, About.SHOWN, About.TIME, About.WORDS}


def test_a_new_a_retired_and_an_unchanged_policy_are_told_of():
    one = policy("fk-ohalsa")
    assert english(None, one)[0].startswith("New policy: “Persons with sickness benefit")
    assert english(one, None)[0].startswith("The policy is retired")
    assert differences(one, one) == ()
    assert differences(None, None) == ()
    assert english(one, policy("fk-ohalsa", ("# Persons", "# All persons"))) == [
        "Only comments or layout are changed; the policy means the same."
    ]


def test_tables_and_measures_that_come_go_and_move_are_named():
    before = policy("all-noise")
    fewer = replace(before, tables=before.tables[:1])
    assert "The table All is no longer published; what is published stays." in english(before, fewer)
    assert any(s.startswith("New table, All: noise, rho 0.003") for s in english(fewer, before))
    assert "The tables stand in another order." in english(before, replace(before, tables=before.tables[::-1]))
    table = before.tables[0]
    less = replace(before, tables=(replace(table, measures=table.measures[:-1]), *before.tables[1:]))
    assert english(before, less) == ["The measure mean is no longer shown."]
    assert english(less, before) == ["New measure: mean (mean)."]


def test_a_table_that_is_measured_with_another_says_so_once():
    before = policy("all-noise")
    first, shared = before.tables[2:]
    assert isinstance(shared.protection, Noise)
    alone = replace(shared, protection=replace(shared.protection, together_with=""))
    apart = replace(before, tables=(*before.tables[:3], alone))
    said = english(apart, before)
    assert any(s.startswith("The table is now measured together with all-noise-first") for s in said)
    assert any(s.startswith("The charge to the privacy account is lowered") for s in said)
    assert any("no longer measured together with all-noise-first" in s for s in english(before, apart))
    more = [replace(t, protection=replace(t.protection, rho=Fraction(1, 500))) for t in (first, shared)]
    told = english(before, replace(before, tables=(*before.tables[:2], *more)))
    assert len([s for s in told if s.startswith("Rho of the table's counts")]) == 1


def test_a_cap_above_the_default_needs_a_reason_of_noise_alone():
    raised = {k: replace(a, cap=Fraction(1, 4), cap_reason="why") for k, a in settings().agencies.items()}
    declared: Settings = replace(settings(), agencies=raised)
    assert [r.en for r in needs_reason(policy("fk-ohalsa"), declared)] == [
        "The agency's cap is rho 0.25 a year; the default is at most 0.125."
    ]
    assert needs_reason(policy("fk-assistans"), declared) == ()


@pytest.mark.parametrize("name", [n for n in policy_texts() if n.startswith("fk-")])
def test_the_policies_of_the_project_need_no_reason(name):
    assert needs_reason(policy(name), settings()) == ()
    assert needs_reason(policy(name), settings(), policy(name)) == ()


def test_a_new_policy_below_the_defaults_needs_a_reason_for_each_of_them():
    below = policy("fk-assistans", ("threshold: 5", "threshold: 4"), ("level: ambiguous", "level: exact"))
    assert [r.en for r in needs_reason(below, settings())] == [
        "fk-assistans-kommun: the threshold 4 is below 5.",
        "fk-assistans-kommun: the protection level is weaker than interval.",
    ]
