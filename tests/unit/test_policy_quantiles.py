"""Quantiles in policy files: what is read exactly, and one test a refusal."""

from fractions import Fraction
from pathlib import Path

import pytest
from test_policy_check import NOISE, SUPPRESSED, messages
from test_policy_loader import line_of, problems

from publisher.policy.loader import load_policy
from publisher.policy.model import MOST_CANDIDATES, MeasureSpec, check_candidates

RANGE = "{from: 0, to: 60000, step: 500}"
MEDIAN = f'      - {{id: median, kind: quantile, of: amount, q: "0.5", candidates: {RANGE}, rho: "0.01"}}'
LOW = '      - {id: low, kind: quantile, of: median, q: "0.25"}'
PLACE = "      - {id: persons, kind: persons}\n"
GOOD = NOISE.replace(PLACE, f"{PLACE}{MEDIAN}\n{LOW}\n")


def test_a_quantile_is_read_exactly_and_charged_beside_the_count(tmp_path: Path) -> None:
    path = tmp_path / "fk-ohalsa.yaml"
    path.write_text(GOOD, encoding="utf-8")
    table = load_policy(path).policy.tables[0]
    median, low = table.measures[1:3]
    assert (median.q, median.rho, low.q, low.rho) == (Fraction(1, 2), Fraction(1, 100), Fraction(1, 4), None)
    assert median.candidates == tuple(range(0, 60001, 500))
    assert table.quantiles == (median,)
    assert table.rho == Fraction(6, 100)
    assert messages(tmp_path, GOOD) == ""


def test_candidates_may_be_a_list_of_whole_numbers_negative_ones_too(tmp_path: Path) -> None:
    path = tmp_path / "fk-ohalsa.yaml"
    path.write_text(GOOD.replace(RANGE, '[-100, 0, "100", 5000]'), encoding="utf-8")
    assert load_policy(path).policy.tables[0].quantiles[0].candidates == (-100, 0, 100, 5000)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('q: "0.5"', "q: 0.5", "in quotes"),
        ('q: "0.5"', 'q: "0"', "q must be above 0"),
        ('q: "0.5"', 'q: "1"', "q must be above 0 and below 1"),
        ('q: "0.5"', 'q: "0.1234"', "at most three decimals"),
        (', q: "0.5"', "", "a quantile, which needs q"),
        ('rho: "0.01"', "rho: 0.01", "in quotes"),
        (', rho: "0.01"', "", "has a rho and candidates, or neither"),
        (f", candidates: {RANGE}", "", "has a rho and candidates, or neither"),
        (f', candidates: {RANGE}, rho: "0.01"', "", "must be of a quantile that has them"),
        ("step: 500", "step: 700", "in whole steps"),
        ("step: 500", "step: 0", "step must be at least 1"),
        ("step: 500", "step: 1", "at most 1000 numbers"),
        ("to: 60000", "to: 0", "in whole steps"),
        ("to: 60000", "to: 6e4", "a whole number without leading zeros or exponent"),
        ("from: 0, ", "", "from"),
        (RANGE, "[0]", "candidates must be 2 to"),
        (RANGE, "[0, 5, 5]", "rise strictly"),
        (RANGE, "[0, 1000000000001]", "none be beyond"),
        (RANGE, "[0, 0.5]", "a whole number without leading zeros"),
        (RANGE, "60000", "a list"),
        ("of: amount, ", "", "of belongs to a sum, quantile"),
        ('rho: "0.01"}', 'rho: "0.01", decimals: 1}', "no decimals"),
        ('rho: "0.01"}', 'rho: "0.01", per: 100}', "per belongs to a share or rate"),
        ('rho: "0.01"}', 'rho: "0.01", clamp: {all: "9"}}', "rho and clamp belong to a sum"),
        ("of: median", "of: persons", "must be of a quantile that has them"),
        ("of: median", "of: low", "must be of a quantile that has them"),
    ],
)
def test_a_quantile_that_cannot_be_meant_is_refused_with_its_line(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert GOOD.count(before) == 1
    found = problems(tmp_path, GOOD.replace(before, after))
    own = range(line_of(GOOD, "- id: fk-ohalsa-omradestyp"), line_of(GOOD, "of: median") + 1)
    assert [p for p in found if message in p and int(p.split(":")[0]) in own], found


def test_q_and_candidates_belong_to_quantiles() -> None:
    for changes in ({"q": Fraction(1, 2)}, {"candidates": (1, 2)}):
        with pytest.raises(ValueError, match="belong to a quantile"):
            MeasureSpec("n", "persons", **changes)  # type: ignore[arg-type]


def test_the_largest_number_of_candidates_is_the_one_declared() -> None:
    check_candidates(tuple(range(MOST_CANDIDATES)))
    with pytest.raises(ValueError, match=f"2 to {MOST_CANDIDATES}"):
        check_candidates(tuple(range(MOST_CANDIDATES + 1)))


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("of: amount", "of: weight", "amount weight is not declared"),
        (LOW, MEDIAN.replace("id: median", "id: other"), "measured twice"),
        ('rho: "0.05"', 'rho: "0.12"', "the cap is 0.125"),
    ],
)
def test_a_quantile_that_cannot_run_is_reported(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert GOOD.count(before) == 1
    assert message in messages(tmp_path, GOOD.replace(before, after))


def test_a_quantile_under_suppression_is_refused_with_the_reason(tmp_path: Path) -> None:
    place = "      - {id: cases, kind: cases}\n"
    assert SUPPRESSED.count(place) == 1
    found = messages(tmp_path, SUPPRESSED.replace(place, f"{place}{MEDIAN}\n"))
    assert "quantiles are published by noise only: an exact one is a person's own amount" in found
