"""The rules of primary suppression on hand-made cells."""

from fractions import Fraction

import numpy as np
import pytest

from publisher.policy.model import ContributorsRule, DominanceRule, PPercentRule, ShareRule, ThresholdRule, Zeros
from publisher.suppression.primary import (
    Amounts,
    dominated,
    estimable,
    few_contributors,
    protection_levels,
    sensitive_cells,
    sensitive_sums,
    shares,
)

FIVE = ThresholdRule(5)


def test_one_to_four_contributors_are_too_few_and_a_published_zero_is_not() -> None:
    counts = np.array([[0, 1, 2], [4, 5, 60]], dtype=np.int64)
    found = sensitive_cells(counts, rule=FIVE, zeros=Zeros.PUBLISHED)
    assert found.tolist() == [[False, True, True], [True, False, False]]
    assert found.dtype == np.bool_


def test_a_protected_zero_is_sensitive_too() -> None:
    counts = np.array([0, 1, 4, 5], dtype=np.int64)
    assert sensitive_cells(counts, rule=FIVE, zeros=Zeros.PROTECTED).tolist() == [True, True, True, False]


def test_the_rule_follows_its_threshold() -> None:
    counts = np.arange(12, dtype=np.int64)
    assert int(sensitive_cells(counts, rule=ThresholdRule(10), zeros=Zeros.PUBLISHED).sum()) == 9


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer than no"):
        sensitive_cells(np.array([-1], dtype=np.int64), rule=FIVE, zeros=Zeros.PUBLISHED)


# Sums: the rules of the handbook, section 4.2.2, on cells made by hand.


def cells(*contributions: list[int]) -> Amounts:
    """One cell for each list of what its persons contribute; as a cube has it: absolute, five largest."""
    ranked = [sorted((abs(n) for n in one), reverse=True) for one in contributions]
    largest = np.array([(r + [0] * 5)[:5] for r in ranked], dtype=np.int64)
    total = np.array([sum(r) for r in ranked], dtype=np.int64)
    return Amounts(largest, total, np.array([len(r) for r in ranked], dtype=np.int64))


NK, P10 = DominanceRule(1, Fraction(75)), PPercentRule(Fraction(10))
NONE = np.zeros(1, dtype=np.bool_)


@pytest.mark.parametrize(
    ("contributions", "rule", "sensitive"),
    [
        ([75, 25], NK, False),
        ([76, 24], NK, True),
        ([50, 30, 15, 5], DominanceRule(2, Fraction(80)), False),
        ([51, 30, 14, 5], DominanceRule(2, Fraction(80)), True),
        ([40, 30, 20, 5, 4, 1], DominanceRule(5, Fraction(99)), False),
        ([40, 30, 20, 5, 4], DominanceRule(5, Fraction(99)), True),
    ],
)
def test_a_cell_is_dominated_where_the_n_largest_make_more_than_k_per_cent(
    contributions: list[int], rule: DominanceRule, sensitive: bool
) -> None:
    assert dominated(cells(contributions), rule).tolist() == [sensitive]


@pytest.mark.parametrize(
    ("contributions", "sensitive"),
    [([1000, 500, 100], False), ([1000, 500, 99], True), ([1000, 500], True), ([1000], True), ([0, 0, 0], False)],
)
def test_the_second_largest_may_not_estimate_the_largest_within_p_per_cent(
    contributions: list[int], sensitive: bool
) -> None:
    assert estimable(cells(contributions), P10).tolist() == [sensitive]


def test_negative_contributions_count_by_their_size() -> None:
    assert dominated(cells([-800, 150, 50]), NK).tolist() == [True]
    assert estimable(cells([-1000, 500, -99]), P10).tolist() == [True]
    assert estimable(cells([-1000, 500, -100]), P10).tolist() == [False]


def test_few_contributors_are_those_of_fewer_persons_and_not_of_none() -> None:
    found = few_contributors(cells([], [1], [1, 1], [0, 0, 0]), ContributorsRule(3))
    assert found.tolist() == [False, True, True, False]


def test_any_rule_makes_a_sum_sensitive() -> None:
    amounts = cells([800, 100, 100], [50, 50], [30, 30, 30, 30], [40, 30, 30, 30])
    assert sensitive_sums(amounts, (NK,)).tolist() == [True, False, False, False]
    assert sensitive_sums(amounts, (NK, P10)).tolist() == [True, True, False, False]
    assert sensitive_sums(amounts, (NK, P10, ContributorsRule(5))).tolist() == [True] * 4
    assert not sensitive_sums(amounts, ()).any()


@pytest.mark.parametrize(
    ("contributions", "rules", "few", "level"),
    [
        ([1000, 500, 30, 20], (P10,), False, 50),
        ([1001, 500, 50], (P10,), False, 51),
        ([800, 100, 50], (NK,), False, 117),
        ([800, 100, 5], (NK, P10), False, 162),
        ([1000, 900, 5], (NK, P10), False, 95),
        ([1000, 900, 50, 40], (), True, 100),
        ([1005, 900, 50, 40], (PPercentRule(Fraction(5)),), True, 51),
        ([1000, 500, 30, 20], (P10,), True, 100),
        ([400, 300, 300], (ContributorsRule(5),), False, 40),
        ([3, 2], (NK,), True, 1),
        ([0, 0], (P10,), True, 1),
        ([-1000, 500, 30, 20], (P10,), False, 50),
    ],
)
def test_the_interval_reaches_as_far_as_the_handbooks_formula_rounded_up(
    contributions: list[int], rules: tuple[DominanceRule | PPercentRule | ContributorsRule, ...], few: bool, level: int
) -> None:
    assert protection_levels(cells(contributions), rules, few=NONE | few).tolist() == [level]


def test_rules_and_levels_are_exact_where_products_leave_64_bits() -> None:
    huge = 4 * 10**17
    amounts = cells([3 * huge, huge], [3 * huge + 1, huge])
    assert dominated(amounts, NK).tolist() == [False, True]
    near = cells([huge, huge // 2, huge // 10], [huge, huge // 2, huge // 10 - 1])
    assert estimable(near, P10).tolist() == [False, True]
    assert protection_levels(amounts, (NK,), few=NONE).tolist()[1] == 1
    assert protection_levels(cells([huge]), (P10,), few=NONE).tolist() == [huge // 10]


@pytest.mark.parametrize(
    ("persons", "population", "sensitive"),
    [
        (10, 101, False), (3, 101, True), (10, 100, True), (97, 101, True), (96, 101, False), (0, 101, False),
        (10, 0, False), (3, 0, True), (110, 101, False),
    ],
)  # fmt: skip
def test_a_share_is_shown_among_enough_people_of_whom_enough_but_not_nearly_all_are_counted(
    persons: int, population: int, sensitive: bool
) -> None:
    found = shares(np.array([persons]), np.array([population]), rule=ShareRule(100, 3), threshold=5)
    assert found.tolist() == [sensitive]
