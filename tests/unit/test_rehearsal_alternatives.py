"""What else a policy could be: pure functions of it, named, and refused where there is none."""

from dataclasses import replace
from fractions import Fraction

import pytest
from homes import ROOT
from policytexts import settings

from publisher.errors import RunError
from publisher.periods import Period
from publisher.policy.check_table import check_table
from publisher.policy.joining import check_joins, shown_categories
from publisher.policy.loader import load_policy
from publisher.policy.model import (
    CategorySpec,
    Clamp,
    GroupWeight,
    JoinedCode,
    MeasureSpec,
    Noise,
    Policy,
    Suppression,
    ThresholdRule,
    Weights,
)
from publisher.rehearsal.alternative import Alternative, Kind
from publisher.rehearsal.alternatives import alternatives_of, choose
from publisher.release.model import Text

SOURCE = settings().sources["fk-cases"]


def read(name: str) -> Policy:
    """A policy of the project; if it is suppressed, without insiders, whatever its file says of them."""
    policy = load_policy(ROOT / "policies" / f"{name}.yaml").policy
    tables = [
        replace(t, protection=replace(t.protection, insiders=False)) if isinstance(t.protection, Suppression) else t
        for t in policy.tables
    ]
    return replace(policy, tables=tuple(tables))


FAMILY, AMOUNTS, PERSONS = (read(f"fk-{n}") for n in ("familj-bostad", "underhallsstod", "assistans"))


def derived(policy: Policy, name: str) -> Policy:
    (one,) = choose(policy, SOURCE, [name], every=False)
    assert one.name == name
    return one.policy


def rule_of(policy: Policy) -> Suppression:
    rule = policy.tables[0].protection
    assert isinstance(rule, Suppression)
    return rule


def test_a_policy_by_regso_has_these_alternatives_and_these_promise_less() -> None:
    every = alternatives_of(FAMILY, SOURCE)
    assert [a.name for a in every] == [
        "threshold-3", "threshold-10", "without-benefit", "areas-kommun", "areas-kommun-type", "level-exact",
        "level-interval", "insiders-on",
    ]  # fmt: skip
    assert [a.name for a in every if a.weaker] == ["threshold-3", "level-exact", "level-interval"]
    assert all(a.text.sv and a.text.en and a.text.sv != a.text.en for a in every)


def test_each_alternative_changes_one_thing_of_a_copy() -> None:
    before, rule = read("fk-familj-bostad"), rule_of(FAMILY)
    threes = rule_of(derived(FAMILY, "threshold-3"))
    assert threes == replace(rule, rules=(ThresholdRule(3),))
    assert rule_of(derived(FAMILY, "level-exact")) == replace(rule, level="exact")
    assert rule_of(derived(FAMILY, "insiders-on")) == replace(rule, insiders=True)
    assert derived(FAMILY, "areas-kommun").tables[0].areas == ("riket", "lan", "kommun", "area_type")
    typed = derived(FAMILY, "areas-kommun-type").tables[0]
    assert set(typed.areas) == {"riket", "lan", "kommun", "area_type", "kommun_area_type"}
    assert derived(FAMILY, "without-benefit").tables[0].categories == ()
    assert before == FAMILY


def test_other_rules_stay_where_the_threshold_changes() -> None:
    rules = rule_of(derived(AMOUNTS, "threshold-10")).rules
    assert rules == (ThresholdRule(10), *rule_of(AMOUNTS).rules[1:])


def test_shares_within_a_column_go_with_it() -> None:
    table = derived(PERSONS, "without-sex").tables[0]
    assert [m.id for m in table.measures] == ["persons", "rate"]


def test_the_next_level_above_municipalities_is_the_county_and_what_is_forced_goes_with_its_level() -> None:
    assert derived(PERSONS, "areas-lan").tables[0].areas == ("riket", "lan")
    rule = replace(rule_of(FAMILY), forced=("riket", "regso"))
    forced = replace(FAMILY, tables=(replace(FAMILY.tables[0], protection=rule),))
    assert rule_of(derived(forced, "areas-kommun")).forced == ("riket",)


def test_a_table_keeps_a_level() -> None:
    only = replace(FAMILY.tables[0], areas=("regso",), protection=replace(rule_of(FAMILY), forced=()))
    names = [a.name for a in alternatives_of(replace(FAMILY, tables=(only,)), SOURCE)]
    assert "areas-kommun" not in names
    assert "areas-kommun-type" in names


def test_the_year_stands_in_place_of_shorter_periods_only() -> None:
    monthly = replace(FAMILY, schedule=replace(FAMILY.schedule, every="month", month=None))
    (year,) = choose(monthly, SOURCE, ["year"], every=False)
    assert (year.kind, year.policy.schedule.every) == (Kind.PERIOD, "year")
    assert year.period(Period.parse("2022M03")) == Period.parse("2022")
    (other,) = choose(monthly, SOURCE, ["threshold-3"], every=False)
    assert other.period(Period.parse("2022M03")) == Period.parse("2022M03")


def test_insiders_can_be_left_out_where_they_are_in() -> None:
    inside = replace(FAMILY, tables=(replace(FAMILY.tables[0], protection=replace(rule_of(FAMILY), insiders=True)),))
    off = next(a for a in alternatives_of(inside, SOURCE) if a.kind is Kind.INSIDERS)
    assert (off.name, off.weaker, rule_of(off.policy).insiders) == ("insiders-off", True, False)


def test_nothing_is_chosen_unasked_and_everything_at_once() -> None:
    assert choose(FAMILY, SOURCE, [], every=False) == ()
    every = alternatives_of(FAMILY, SOURCE)
    assert choose(FAMILY, SOURCE, [], every=True) == choose(FAMILY, SOURCE, ["threshold-3"], every=True) == every
    assert choose(read("fk-ohalsa"), SOURCE, [], every=False) == ()


def test_an_alternative_that_a_policy_has_not_is_refused_with_those_it_has() -> None:
    with pytest.raises(RunError, match="has no alternative year; it has threshold-3, threshold-10, without-benefit"):
        choose(FAMILY, SOURCE, ["threshold-3", "year"], every=False)


def noise_of(policy: Policy) -> Noise:
    noise = policy.tables[0].protection
    assert isinstance(noise, Noise)
    return noise


def test_a_noise_policy_has_alternatives_of_its_own() -> None:
    plain = read("fk-ohalsa")
    assert [a.name for a in alternatives_of(plain, SOURCE)] == [
        "rho-half", "rho-double", "cells-half", "cells-double", "weights-all-cells-alike",
        "coarser-age_group", "without-sex", "without-age_group",
    ]  # fmt: skip
    assert noise_of(derived(plain, "rho-half")).rho == noise_of(plain).rho / 2
    assert noise_of(derived(plain, "cells-double")).bound.cells == 2 * noise_of(plain).bound.cells
    assert noise_of(derived(plain, "weights-all-cells-alike")).weights is Weights.CELLS
    assert [a.weaker for a in alternatives_of(plain, SOURCE)] == [False, True, *[False] * 6]


def test_a_column_that_goes_takes_the_weights_of_its_groups_with_it() -> None:
    plain = read("fk-ohalsa")
    times = (GroupWeight("lan", ("sex",), Fraction(3)), GroupWeight("lan", (), Fraction(2)))
    table = replace(plain.tables[0], protection=replace(noise_of(plain), times=times))
    without = derived(replace(plain, tables=(table,)), "without-sex")
    assert noise_of(without).times == (GroupWeight("lan", (), Fraction(3)),)


def test_the_rho_of_sums_changes_with_that_of_the_count() -> None:
    plain = read("fk-ohalsa")
    amount = MeasureSpec("amount", "sum", of="amount", rho=Fraction(1, 50), clamp=Clamp("", (("", 1000),)))
    table = replace(plain.tables[0], measures=(*plain.tables[0].measures, amount))
    halved = derived(replace(plain, tables=(table,)), "rho-half")
    assert halved.tables[0].rho == table.rho / 2


def test_what_the_account_cannot_charge_is_named_as_not_possible() -> None:
    plain, unit = read("fk-ohalsa"), Fraction(1, 10**9)
    for rho, possible in ((unit, False), (unit * 3 / 2, False), (2 * unit, True)):
        table = replace(plain.tables[0], protection=replace(noise_of(plain), rho=rho))
        (half,) = choose(replace(plain, tables=(table,)), SOURCE, ["rho-half"], every=False)
        assert bool(half.refused) is not possible
        assert noise_of(half.policy).rho == (rho / 2 if possible else rho)
    amount = MeasureSpec("amount", "sum", of="amount", rho=unit, clamp=Clamp("", (("", 1000),)))
    table = replace(plain.tables[0], measures=(*plain.tables[0].measures, amount))
    (half,) = choose(replace(plain, tables=(table,)), SOURCE, ["rho-half"], every=False)
    assert half.refused == "rho in 2 parts leaves less than 0.000000001, the least that the account can charge"


def test_tables_measured_together_with_one_unit_cannot_have_a_share_each() -> None:
    plain, unit = read("fk-ohalsa"), Fraction(1, 10**9)
    for rho, possible in ((unit, False), (2 * unit, True)):
        first = replace(plain.tables[0], protection=replace(noise_of(plain), rho=rho))
        second = replace(first, id="second", protection=replace(noise_of(plain), rho=rho, together_with=first.id))
        (apart,) = choose(replace(plain, tables=(first, second)), SOURCE, ["apart"], every=False)
        assert bool(apart.refused) is not possible


def test_nothing_can_be_sealed_by_a_derived_policy() -> None:
    assert all(a.policy.digest == "" for a in alternatives_of(FAMILY, SOURCE))
    one = alternatives_of(FAMILY, SOURCE)[0]
    with pytest.raises(ValueError, match="has no digest"):
        Alternative(one.name, one.kind, one.text, one.weaker, FAMILY)


def by_age(policy: Policy, *joins: JoinedCode) -> Policy:
    """The policy with ages beside what it has."""
    ages = CategorySpec("age_group", total=True, join=joins)
    return replace(policy, tables=tuple(replace(t, categories=(*t.categories, ages)) for t in policy.tables))


def codes_of(policy: Policy) -> list[str]:
    spec = next(c for c in policy.tables[0].categories if c.column == "age_group")
    return [c.code for c in shown_categories(spec, SOURCE.category("age_group"))]


def test_coarser_ages_join_neighbours_in_pairs_and_name_them_in_both_languages() -> None:
    coarser = derived(by_age(FAMILY), "coarser-age_group")
    (_, spec) = coarser.tables[0].categories
    assert spec.join == (
        JoinedCode("16-34", Text("16–34 år", "16–34"), ("16-24", "25-34")),
        JoinedCode("35-54", Text("35–54 år", "35–54"), ("35-44", "45-54")),
    )
    assert codes_of(coarser) == ["16-34", "35-54", "55-66"]
    (told,) = choose(by_age(FAMILY), SOURCE, ["coarser-age_group"], every=False)
    assert (told.kind, told.weaker) == (Kind.CATEGORIES, False)
    assert told.text == Text(
        "Grövre uppdelning efter age_group: 16-34, 35-54, 55-66.", "Coarser age_group: 16-34, 35-54, 55-66."
    )


def test_what_is_joined_already_is_joined_further_and_what_stays_alone_keeps_its_join() -> None:
    once = derived(by_age(FAMILY), "coarser-age_group")
    twice = derived(once, "coarser-age_group")
    assert codes_of(twice) == ["16-54", "55-66"]
    assert "coarser-age_group" not in [a.name for a in alternatives_of(twice, SOURCE)], "a pair of two is the total"
    old = JoinedCode("45-66", Text("45–66 år", "45–66"), ("45-54", "55-66"))
    kept = derived(by_age(replace(FAMILY, where=()), old), "coarser-age_group")
    assert codes_of(kept) == ["16-34", "35-66"]
    last = JoinedCode("35-66", Text("Äldre", "Older"), ("35-44", "45-54", "55-66"))
    assert last in derived(by_age(FAMILY, last), "coarser-age_group").tables[0].categories[1].join


def test_only_what_the_policy_keeps_is_joined_and_only_ranges_that_follow_each_other() -> None:
    ages = ("16-24", "25-34", "35-44")
    some = replace(by_age(FAMILY), where=(("age_group", ages),))
    assert derived(some, "coarser-age_group").tables[0].categories[1].join == (
        JoinedCode("16-34", Text("16–34 år", "16–34"), ("16-24", "25-34")),
    )
    for gap in (("16-24", "35-44", "55-66"), ages[:2]):
        names = [a.name for a in alternatives_of(replace(by_age(FAMILY), where=(("age_group", gap),)), SOURCE)]
        assert "coarser-age_group" not in names
        assert "without-age_group" in names
    assert "coarser-benefit" not in [a.name for a in alternatives_of(FAMILY, SOURCE)]


def test_a_clamp_by_a_column_follows_its_codes() -> None:
    """A person has one age, so that the larger clamp is enough for two of them."""
    plain, ages = read("fk-ohalsa"), ("16-24", "25-34", "35-44", "45-54", "55-66")
    clamp = Clamp("age_group", tuple((age, 1000 * (n + 1)) for n, age in enumerate(ages)))
    amount = MeasureSpec("amount", "sum", of="amount", rho=Fraction(1, 50), clamp=clamp)
    table = replace(plain.tables[0], measures=(*plain.tables[0].measures, amount))
    coarser = derived(replace(plain, tables=(table,)), "coarser-age_group").tables[0]
    assert coarser.sums[0].clamp == Clamp("age_group", (("16-34", 2000), ("35-54", 4000), ("55-66", 5000)))
    assert list(check_table(coarser, SOURCE, settings())) == []
    assert list(check_joins(coarser, plain, SOURCE)) == []
