"""The loader reads YAML strictly: one test a refusal, each with its line."""

from fractions import Fraction
from pathlib import Path

import pytest

from publisher.errors import PolicyError
from publisher.policy.loader import load_policy, read_policy
from publisher.policy.model import (
    ContributorsRule,
    DominanceRule,
    Noise,
    PPercentRule,
    ShareRule,
    Suppression,
    ThresholdRule,
)

POLICIES = Path(__file__).parents[2] / "policies"
NOISE = (POLICIES / "fk-ohalsa.yaml").read_text(encoding="utf-8")
SUPPRESSED = (POLICIES / "fk-familj-bostad.yaml").read_text(encoding="utf-8")


def problems(tmp_path: Path, text: str, name: str = "fk-ohalsa.yaml") -> list[str]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return [f"{p.line}: {p.message}" for p in read_policy(path)[1]]


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def test_numbers_that_decide_privacy_are_read_exactly() -> None:
    policy = load_policy(POLICIES / "fk-ohalsa.yaml").policy
    noise = policy.tables[0].protection
    assert isinstance(noise, Noise)
    assert noise.rho == Fraction(1, 20)
    assert policy.rho == Fraction(1, 20)


def test_a_suppressed_policy_keeps_its_rule_and_codes() -> None:
    policy = load_policy(POLICIES / "fk-familj-bostad.yaml").policy
    rule = policy.tables[0].protection
    assert isinstance(rule, Suppression)
    assert rule.threshold == 5
    assert dict(policy.where)["benefit"][1] == "vab"
    assert policy.rho == 0


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('rho: "0.05"', "rho: 0.05", "in quotes"),
        ('rho: "0.05"', 'rho: "0"', "rho must be at least"),
        ('rho: "0.05"', 'rho: "-0.05"', "a number such as"),
        ('rho: "0.05"', 'rho: ".nan"', "a number such as"),
        ('rho: "0.05"', 'rho: "1e-400"', "a number such as"),
        ("cells: 4", "cells: 04", "whole number"),
        ("cells: 4", "cells: 0", "between 1 and 1000"),
        ("area: last", "area: first", "bound.area must be last"),
        ("- {column: sex, total: true}", "- {column: sex, total: yes}", "true or false"),
        ("licence: CC0-1.0", "licence: 0114", "quote this text"),
        ("agency: forsakringskassan", "agency: Försäkringskassan", "small letters"),
        ("type_year: same", "type_year: 2022", "quote this text"),
        ("areas: [riket,", "areas: [riket, riket,", "different ones"),
        ("kind: persons", "kind: people", "not known here"),
        ("of: persons", "of: cases", "must be of persons"),
        ('publish_at: "08:00"', 'publish_at: "02:10"', "summer time"),
        ("day: 15", "day: 31", "1-28"),
        ("every: year", "every: month", "belongs to every: year"),
        ("email: statistik@example.se", "email: statistik", "no e-mail"),
        ("person: person_id", "person: name", "not known here"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert before in NOISE
    found = problems(tmp_path, NOISE.replace(before, after))
    assert len(found) == 1
    assert message in found[0]


def test_a_problem_names_its_line(tmp_path: Path) -> None:
    found = problems(tmp_path, NOISE.replace('rho: "0.05"', "rho: 0.05"))
    assert found[0].startswith(f"{line_of(NOISE, 'rho:')}: ")


def test_every_problem_of_a_file_is_reported_at_once(tmp_path: Path) -> None:
    text = NOISE.replace('rho: "0.05"', "rho: 0.05").replace("cells: 4", "cells: x").replace("agency:", "agenci:")
    assert len(problems(tmp_path, text)) == 4  # the unknown key, the missing one, rho and cells


def test_a_doubled_key_is_refused(tmp_path: Path) -> None:
    assert "stands twice" in problems(tmp_path, NOISE + "\nagency: other\n")[0]


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    assert "unknown key colour" in problems(tmp_path, NOISE + "\ncolour: red\n")[0]


def test_an_alias_is_refused(tmp_path: Path) -> None:
    assert "aliases and anchors" in problems(tmp_path, NOISE + "\nx: &a [1]\ny: *a\n")[0]


def test_an_alias_bomb_is_refused_before_it_is_unfolded(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\n" + "\n".join(f"{c}: &{c} [*{p}, *{p}]" for p, c in zip("abcdefgh", "bcdefghi", strict=True))
    assert "aliases and anchors" in problems(tmp_path, bomb)[0]


def test_a_tag_is_refused(tmp_path: Path) -> None:
    assert "tags" in problems(tmp_path, NOISE + "\nx: !!python/object:os.system {}\n")[0]


def test_two_documents_are_refused(tmp_path: Path) -> None:
    assert "several documents" in problems(tmp_path, NOISE + "\n---\na: b\n")[0]


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    assert "larger than" in problems(tmp_path, NOISE + "#" * 70000)[0]


def test_a_file_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    assert problems(tmp_path, "policy: [a\nagency: b\n")[0].startswith("2: not YAML")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "empty" in problems(tmp_path, "")[0]


def test_the_id_is_the_name_of_the_file(tmp_path: Path) -> None:
    assert "must stand in a file named fk-ohalsa.yaml" in problems(tmp_path, NOISE, "other.yaml")[0]


def test_a_table_has_exactly_one_protection(tmp_path: Path) -> None:
    text = SUPPRESSED.replace("      suppression:", "      noise: {}\n      suppression:")
    found = problems(tmp_path, text, "fk-familj-bostad.yaml")
    assert "exactly one of noise and suppression" in found[0]


def test_a_threshold_below_two_is_refused(tmp_path: Path) -> None:
    found = problems(tmp_path, SUPPRESSED.replace("{threshold: 5}", "{threshold: 1}"), "fk-familj-bostad.yaml")
    assert "protects nobody" in found[0]


def test_load_policy_raises_with_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "fk-ohalsa.yaml"
    path.write_text(NOISE.replace('rho: "0.05"', "rho: 0.05"), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"fk-ohalsa\.yaml:\d+: .*in quotes"):
        load_policy(path)


AMOUNTS = (POLICIES / "fk-underhallsstod.yaml").read_text(encoding="utf-8")


def test_every_rule_is_read_exactly() -> None:
    rule = load_policy(POLICIES / "fk-underhallsstod.yaml").policy.tables[0].protection
    assert isinstance(rule, Suppression)
    rules = (ThresholdRule(5), DominanceRule(1, Fraction(75)), PPercentRule(Fraction(10)), ContributorsRule(3))
    assert rule.rules == rules
    assert rule.sum_rules == rules[1:]
    share = load_policy(POLICIES / "fk-assistans.yaml").policy.tables[0].protection
    assert isinstance(share, Suppression)
    assert share.share_rule == ShareRule(20, 4)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("- {threshold: 5}", "- {threshold: 5, p_percent: \"5\"}", "a rule has one key"),
        ("- {threshold: 5}\n", "- {p_percent: \"5\"}\n", "a kind of rule may stand once"),
        ("          - {threshold: 5}\n", "", "rules need a threshold"),
        ('k: "75"', "k: 75", "in quotes"),
        ('k: "75"', 'k: "100"', "above 0 and below 100"),
        ("n: 1", "n: 9", "dominance.n must be between 1 and 5"),
        ('p_percent: "10"', 'p_percent: "0"', "p_percent is above 0"),
        ("min_contributors: 3", "min_contributors: 1", "protects nobody"),
        ("of: amount}\n      - {id: mean", "of: amount, within: sex}\n      - {id: mean", "within belongs to a share"),
        ("kind: mean, of: amount}", "kind: mean, of: cases}", "must be of amount"),
        ("kind: mean, of: amount}", "kind: share, of: cases, within: age_group}", "the total of column age_group"),
        ("kind: mean, of: amount}", "kind: rate, of: cases}", "denominator belongs to a rate"),
        ("kind: mean, of: amount}", "kind: mean, of: amount, per: \"10\"}", "per belongs to a share or rate"),
        ("{id: cases, kind: cases}", "{id: cases, kind: events}", "a table of events has no mean"),
        ("{id: cases, kind: cases}", "{id: cases, kind: cases, of: amount}", "of belongs to a sum"),
        ("of: amount}\n      - {id: mean", "of: amount, clamp: {}}\n      - {id: mean", "clamp has `all`"),
        (
            "of: amount}\n      - {id: mean", "of: amount, clamp: {all: \"0.5\"}}\n      - {id: mean",
            "a whole number in quotes",
        ),
        ("month: 2, day", "day", "schedule.month belongs to every: year"),
    ],
)  # fmt: skip
def test_measures_and_rules_that_cannot_be_meant_are_refused(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in AMOUNTS
    assert message in "\n".join(problems(tmp_path, AMOUNTS.replace(before, after), "fk-underhallsstod.yaml"))


def test_a_window_is_a_rolling_year_or_refused(tmp_path: Path) -> None:
    every = "schedule: {every: year, month: 2,"
    assert every in NOISE
    found = problems(tmp_path, NOISE.replace(every, 'schedule: {every: month, window: "12",'))
    assert any("rolling-year" in p for p in found)
    found = problems(tmp_path, NOISE.replace(every, f"{every} window: rolling-year,"))
    assert any("belongs to every: month" in p for p in found)
