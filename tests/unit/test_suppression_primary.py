"""The minimum frequency rule on hand-made cells."""

import numpy as np
import pytest

from publisher.policy.model import ThresholdRule, Zeros
from publisher.suppression.primary import sensitive_cells

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
