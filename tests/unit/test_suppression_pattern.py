"""The receipt, what is refused, and determinism."""

import pickle
import re

import numpy as np
import pytest
from patterns import count_pattern
from scipy import sparse

from publisher.errors import SuppressionError
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.relations import LinkedSystem
from publisher.suppression.pattern import SuppressionPattern


def grid(inner: list[list[int]]) -> tuple[LinkedSystem, np.ndarray]:
    """A two-way table with totals as a system, and its values: rows of the table with their total, then the totals."""
    table = np.array(inner, dtype=np.int64)
    full = np.concatenate([table, table.sum(axis=0, keepdims=True)])
    full = np.concatenate([full, full.sum(axis=1, keepdims=True)], axis=1)
    at = np.arange(full.size).reshape(full.shape)
    lines = [*at, *at.T]
    rows = np.zeros((len(lines), full.size))
    for k, line in enumerate(lines):
        rows[k, line] = -1
        rows[k, line[-1]] = 1
    return LinkedSystem(sparse.csr_array(rows), np.ones(full.size, dtype=np.bool_)), full.ravel()


def protect(inner: list[list[int]], **changes: object) -> SuppressionPattern:
    system, values = grid(inner)
    given = {
        "values": values, "sensitive": (values > 0) & (values < 5), "forced": np.zeros(len(values), dtype=np.bool_),
        "weights": 10 + np.arange(len(values), dtype=np.int64), "level": ProtectionLevel.INTERVAL, "threshold": 5,
        "zeros": Zeros.PUBLISHED,
    }
    return count_pattern(system, **(given | changes))  # type: ignore[arg-type]


LARGE = [[2, 30, 40], [20, 50, 60], [70, 80, 90]]


def test_one_sensitive_cell_takes_three_others_with_it() -> None:
    pattern = protect(LARGE)
    assert pattern.primary_count == 1
    assert pattern.secondary_count == 3
    assert pattern.suppressed[0]


def test_a_table_without_sensitive_cells_is_published_whole() -> None:
    assert not protect([[20, 30], [40, 50]]).suppressed.any()


def test_the_receipt_is_made_by_the_search_only_prints_nothing_and_does_not_travel() -> None:
    pattern = protect(LARGE)
    assert repr(pattern) == str(pattern) == f"{pattern}" == "<SuppressionPattern: withheld>"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(pattern)
    with pytest.raises(TypeError, match="that step only"):
        SuppressionPattern(pattern.suppressed, pattern.sensitive, object())
    with pytest.raises(ValueError, match="read-only"):
        pattern.suppressed[0] = False
    with pytest.raises(ValueError, match="read-only"):
        pattern.sensitive[0] = False


def test_the_same_input_gives_the_same_pattern() -> None:
    rng = np.random.default_rng(5)
    inner = rng.integers(0, 12, (12, 7)).tolist()
    assert np.array_equal(protect(inner).suppressed, protect(inner).suppressed)


def test_a_forced_cell_is_published_and_a_sensitive_one_is_withheld_although_forced() -> None:
    forced = np.zeros(16, dtype=np.bool_)
    cheapest = np.flatnonzero(protect(LARGE).suppressed)[1]
    forced[[0, cheapest]] = True
    pattern = protect(LARGE, forced=forced)
    assert pattern.suppressed[0]
    assert not pattern.suppressed[cheapest]


def test_a_published_zero_is_never_withheld_however_cheap() -> None:
    inner = [[9, 0, 40], [0, 60, 50], [70, 80, 90]]
    values = grid(inner)[1]
    weights = np.where(values == 0, 1, 1000).astype(np.int64)
    sensitive = np.arange(16) == 0
    pattern = protect(inner, weights=weights, sensitive=sensitive)
    assert not np.any(pattern.suppressed & (values == 0))
    taken = protect(inner, weights=weights, sensitive=sensitive | (values == 0), zeros=Zeros.PROTECTED)
    assert np.all(taken.suppressed[values == 0])


def test_forced_cells_that_leave_no_room_fail_loudly_with_the_number_and_indexes_of_cells() -> None:
    forced = np.ones(16, dtype=np.bool_)
    with pytest.raises(SuppressionError, match=r"^1 sensitive .*linked system: 0$") as caught:
        protect(LARGE, forced=forced)
    assert not re.search(r"\b2\b", str(caught.value))


def test_cells_that_can_move_but_not_far_enough_fail_loudly_too() -> None:
    forced = np.ones(9, dtype=np.bool_)
    forced[[0, 1, 3, 4]] = False
    with pytest.raises(SuppressionError, match=r"linked system: 0, 1, 3, 4$"):
        protect([[1, 1], [1, 1]], sensitive=~forced, forced=forced)


def test_many_cells_are_counted_and_twenty_named() -> None:
    inner = np.full((5, 5), 2).tolist()
    with pytest.raises(SuppressionError, match=r"^at least 21 .*(\d+, ){20}\.\.\.$"):
        protect(inner, forced=np.ones(36, dtype=np.bool_), sensitive=grid(inner)[1] == 2, threshold=40)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"values": np.ones(16, dtype=np.int64)}, "do not satisfy"),
        ({"values": -np.ones(16, dtype=np.int64)}, "negative"),
        ({"weights": np.zeros(16, dtype=np.int64)}, "not positive"),
        ({"weights": np.ones(16)}, "int64"),
        ({"forced": np.zeros(15, dtype=np.bool_)}, "16 cells"),
        ({"threshold": 1}, "threshold"),
    ],
)
def test_input_that_does_not_fit_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        protect(LARGE, **changes)


def test_a_sensitive_zero_is_refused_where_zeros_are_published() -> None:
    with pytest.raises(ValueError, match="value 0"):
        protect([[0, 30], [40, 50]], sensitive=np.arange(9) == 0)


def test_equations_with_fractions_are_refused() -> None:
    system = LinkedSystem(sparse.csr_array(np.array([[1.0, -0.5]])), np.ones(2, dtype=np.bool_))
    two = np.ones(2, dtype=np.int64)
    with pytest.raises(ValueError, match="integer entries"):
        count_pattern(
            system, values=two, sensitive=two > 0, forced=two > 1, weights=two, level=ProtectionLevel.EXACT,
            threshold=5, zeros=Zeros.PUBLISHED,
        )
