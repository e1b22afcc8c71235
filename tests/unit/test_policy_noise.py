"""The terms of noise in a policy file: weights of groups of cells, and by what a number is marked uncertain."""

from fractions import Fraction
from pathlib import Path

import pytest

from publisher.policy.editing.schema import SCHEMA
from publisher.policy.loader import read_policy
from publisher.policy.model import WIDTH_OF_ERROR, EstimateKind, GroupWeight, Noise, Weights

NOISE = (Path(__file__).parents[2] / "policies" / "fk-ohalsa.yaml").read_text(encoding="utf-8")
WEIGHTS, UNCERTAIN = "weights: all-levels-alike", 'uncertain_when: {coefficient_of_variation: "0.3"}'
GROUP = '{area: lan, categories: [sex], times: "2.5"}'


def read(tmp_path: Path, before: str, after: str) -> tuple[Noise | None, list[str]]:
    assert before in NOISE
    path = tmp_path / "fk-ohalsa.yaml"
    path.write_text(NOISE.replace(before, after), encoding="utf-8")
    loaded, problems = read_policy(path)
    noise = loaded.policy.tables[0].protection if loaded else None
    assert noise is None or isinstance(noise, Noise)
    return noise, [f"{p.line}: {p.message}" for p in problems]


def test_one_word_weighs_all_groups_and_a_mapping_some_of_them_more(tmp_path: Path) -> None:
    plain, _ = read(tmp_path, WEIGHTS, WEIGHTS)
    assert plain is not None
    assert (plain.weights, plain.times) == (Weights.LEVELS, ())
    some, problems = read(tmp_path, WEIGHTS, f"weights: {{base: all-cells-alike, groups: [{GROUP}]}}")
    assert not problems
    assert some is not None
    assert some.weights is Weights.CELLS
    assert some.times == (GroupWeight("lan", ("sex",), Fraction(5, 2)),)


@pytest.mark.parametrize("kind", list(EstimateKind))
def test_each_kind_of_estimate_is_read_and_can_be_chosen_on_the_officers_site(
    tmp_path: Path, kind: EstimateKind
) -> None:
    noise, problems = read(tmp_path, "estimate: unbiased", f"estimate: {kind.value}")
    assert not problems
    assert noise is not None
    assert noise.estimate is kind
    field = SCHEMA[("tables", "*", "protection", "noise", "estimate")]
    assert kind.value in [choice.value for choice in field.choices]


def test_an_interval_width_stands_for_the_coefficient_of_variation_of_a_plain_interval(tmp_path: Path) -> None:
    noise, _ = read(tmp_path, UNCERTAIN, 'uncertain_when: {interval_width: "1.2"}')
    assert noise is not None
    assert noise.uncertain_width == Fraction(6, 5)
    assert noise.uncertain_cv == Fraction(6, 5) / WIDTH_OF_ERROR


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (WEIGHTS, "weights: mine", "not known here"),
        (WEIGHTS, "weights: {base: all-cells-alike}", "key groups is missing"),
        (WEIGHTS, f"weights: {{groups: [{GROUP}]}}", "key base is missing"),
        (WEIGHTS, "weights: {base: all-cells-alike, groups: []}", "at least one item"),
        (WEIGHTS, f"weights: {{base: all-cells-alike, groups: [{GROUP}, {GROUP}]}}", "may stand once"),
        (WEIGHTS, f"weights: {{base: all-cells-alike, groups: [{GROUP.replace('2.5', '0')}]}}", "times must be"),
        (WEIGHTS, f"weights: {{base: all-cells-alike, groups: [{GROUP.replace('lan', 'town')}]}}", "not known here"),
        (WEIGHTS, f"weights: {{base: all-cells-alike, groups: [{GROUP.replace('[sex]', '[sex, sex]')}]}}",
         "a category column may stand once"),
        (UNCERTAIN, 'uncertain_when: {interval_width: "1.2", coefficient_of_variation: "0.3"}', "has one key"),
        (UNCERTAIN, "uncertain_when: {}", "has one key"),
        (UNCERTAIN, "uncertain_when: {interval_width: 1.2}", "in quotes"),
        (UNCERTAIN, 'uncertain_when: {interval_width: "0"}', "must be above 0"),
    ],
)  # fmt: skip
def test_terms_that_cannot_be_meant_are_refused_with_their_line(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    noise, problems = read(tmp_path, before, after)
    assert noise is None
    assert any(message in p and int(p.split(":")[0]) > 20 for p in problems), problems
