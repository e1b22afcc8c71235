"""The receipt, what is refused, and determinism."""

import pickle
import re

import numpy as np
import pytest
from patterns import count_pattern
from scipy import sparse
from scipy.optimize import linprog

from publisher.errors import SuppressionError
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.relations import LinkedSystem
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.pattern import (
    CountTerms,
    Layer,
    SuppressionPattern,
    common_pattern,
    find_pattern,
    find_sum_pattern,
)
from publisher.suppression.search import Search


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


def test_what_is_withheld_for_insiders_is_no_point_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the circulations that insiders need moved a cell less far than by one."""

    def withhold_the_last(search: Search, *_: object) -> list[int]:
        search.hidden[10] = True
        return []

    monkeypatch.setattr("publisher.suppression.pattern.protect_from_insiders", withhold_the_last)
    suppressed = protect(LARGE, insiders=np.full(16, -1)).suppressed.reshape(4, 4)
    assert suppressed[2, 2]
    assert suppressed[2].sum() > 1
    assert suppressed[:, 2].sum() > 1


def test_a_table_without_sensitive_cells_is_published_whole() -> None:
    assert not protect([[20, 30], [40, 50]]).suppressed.any()


def test_the_receipt_is_made_by_the_search_only_prints_nothing_and_does_not_travel() -> None:
    pattern = protect(LARGE)
    assert repr(pattern) == str(pattern) == f"{pattern}" == "<SuppressionPattern: withheld>"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(pattern)
    with pytest.raises(TypeError, match="that step only"):
        SuppressionPattern(pattern.suppressed, pattern.sensitive, None, object())
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
    with pytest.raises(SuppressionError, match=r"^25 .*(\d+, ){20}\.\.\.$"):
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


# What is known besides the tables, other measures of the same cells, and sums.

NOTHING = np.zeros(16, dtype=np.int64)


def layer_of(values: np.ndarray, sensitive: list[int], **changes: object) -> Layer:
    n = len(values)
    given = {
        "values": values, "sensitive": np.isin(np.arange(n), sensitive), "withheld": np.zeros(n, dtype=np.bool_),
        "forced": np.zeros(n, dtype=np.bool_), "zeros": values == 0, "weights": 10 + np.arange(n, dtype=np.int64),
        "top": np.full(n, NO_TOP),
    }
    return Layer(**(given | changes))  # type: ignore[arg-type]


def interval(
    system: LinkedSystem, layer: Layer, pattern: SuppressionPattern, cell: int, lower: np.ndarray
) -> list[int]:
    """What an outsider solves for who knows the bounds of every cell."""
    unit = max(1, int(np.abs(layer.values).max()) // 10**4)
    hidden, n = pattern.suppressed, len(layer.values)
    known = [(v / unit, v / unit) for v in layer.values]
    ends = zip(lower, layer.values, layer.top, strict=True)
    free = [(least / unit, None if top >= NO_TOP else (value + top) / unit) for least, value, top in ends]
    cost = np.arange(n) == cell
    rows = {"A_eq": system.equations.toarray(), "b_eq": np.zeros(system.equations.shape[0])}
    bounds = [free[i] if hidden[i] else known[i] for i in range(n)]
    low, high = (linprog(sign * cost, bounds=bounds, **rows) for sign in (1.0, -1.0))
    assert low.status == 0
    return [round(low.fun * unit), 10**18 if high.status == 3 else round(-high.fun * unit)]


def test_cells_that_cannot_rise_do_not_protect_others() -> None:
    system, values = grid(LARGE)
    free = find_pattern(system, layer_of(values, [0]), CountTerms(ProtectionLevel.AMBIGUOUS, 5, True, NOTHING))
    partners = np.flatnonzero(free.suppressed)[1:]
    top = np.full(16, NO_TOP)
    top[partners] = 1
    told = layer_of(values, [0], top=top)
    low, high = interval(system, told, free, 0, np.ones(16))
    assert high - low < 4, "the pattern of a search that does not know the bounds"
    pattern = find_pattern(system, told, CountTerms(ProtectionLevel.AMBIGUOUS, 5, True, NOTHING))
    low, high = interval(system, told, pattern, 0, np.ones(16))
    assert high >= 5
    assert high - low >= 4


def test_cells_that_are_known_to_be_no_less_do_not_protect_others_either() -> None:
    system, values = grid(LARGE)
    free = find_pattern(system, layer_of(values, [0]), CountTerms(ProtectionLevel.AMBIGUOUS, 5, True, NOTHING))
    lower = NOTHING.copy()
    lower[np.flatnonzero(free.suppressed)] = values[np.flatnonzero(free.suppressed)] - 1
    terms = CountTerms(ProtectionLevel.AMBIGUOUS, 5, True, NOTHING, lower)
    pattern = find_pattern(system, layer_of(values, [0]), terms)
    low, high = interval(system, layer_of(values, [0]), pattern, 0, np.maximum(lower, 1))
    assert high >= 5
    assert high - low >= 4


def test_what_another_measure_withholds_stays_withheld_and_is_no_point() -> None:
    system, values = grid(LARGE)
    withheld = np.arange(16) == 5
    layer = layer_of(values, [], withheld=withheld)
    pattern = find_pattern(system, layer, CountTerms(ProtectionLevel.AMBIGUOUS, 5, True, NOTHING))
    assert pattern.suppressed[5]
    assert pattern.primary_count == 0
    assert pattern.secondary_count == 4
    low, high = interval(system, layer, pattern, 5, np.ones(16))
    assert low < high


def test_a_cell_that_has_to_be_able_to_fall_can() -> None:
    system, values = grid([[98, 30, 40], [20, 2, 60], [70, 80, 90]])
    fall = np.where(np.arange(16) == 0, 60, 0)
    pattern = find_pattern(system, layer_of(values, [0]), CountTerms(ProtectionLevel.AMBIGUOUS, 5, True, fall))
    assert interval(system, layer_of(values, [0]), pattern, 0, np.ones(16))[0] <= 38


@pytest.mark.parametrize("size", [1, 10**3, 10**9])
def test_the_interval_of_a_sum_reaches_as_far_as_its_rule_asks(size: int) -> None:
    system, values = grid([[1500, 6979, 8000], [3100, 9000, 7300], [5200, 4400, 6100]])
    values = values * size
    top = np.full(16, 9000 * size)
    top[[1, 4]] = 21 * size
    layer = layer_of(values, [0], top=top)
    reach = np.where(np.arange(16) == 0, 150 * size, 0)
    lower = np.maximum(values - 9000 * size, 0)
    pattern = find_sum_pattern(system, layer, lower=lower, rise=reach, fall=reach)
    low, high = interval(system, layer, pattern, 0, lower)
    assert low <= values[0] - reach[0]
    assert high >= values[0] + reach[0]


def test_sums_may_be_negative_within_their_bounds() -> None:
    system, values = grid([[-1500, 700, 800], [300, -900, 730], [520, 440, 610]])
    reach = np.where(np.arange(16) == 0, 150, 0)
    lower = values - 400
    pattern = find_sum_pattern(system, layer_of(values, [0], zeros=NOTHING > 0), lower=lower, rise=reach, fall=reach)
    low, high = interval(system, layer_of(values, [0]), pattern, 0, lower)
    assert low <= -1650
    assert high >= -1350


def test_a_sum_that_cannot_go_as_far_as_its_rule_asks_is_refused() -> None:
    system, values = grid(LARGE)
    reach = np.where(np.arange(16) == 0, 10, 0)
    with pytest.raises(SuppressionError, match=r"linked system: 0$"):
        find_sum_pattern(system, layer_of(values, [0]), lower=values - 5, rise=reach, fall=reach)


def test_a_value_beyond_its_public_bound_is_refused() -> None:
    system, values = grid(LARGE)
    with pytest.raises(ValueError, match="below its public bound"):
        find_sum_pattern(system, layer_of(values, []), lower=values + 1, rise=NOTHING, fall=NOTHING)
    terms = CountTerms(ProtectionLevel.EXACT, 5, True, NOTHING, values + 1)
    with pytest.raises(ValueError, match="below its public bound"):
        find_pattern(system, layer_of(values, []), terms)
    with pytest.raises(ValueError, match="above its public bound"):
        find_sum_pattern(system, layer_of(values, [], top=NOTHING - 1), lower=NOTHING, rise=NOTHING, fall=NOTHING)


def test_two_measures_with_different_masks_have_no_common_pattern() -> None:
    system, values = grid(LARGE)
    terms = CountTerms(ProtectionLevel.AMBIGUOUS, 5, True, NOTHING)
    one, other = (find_pattern(system, layer_of(values, [cell]), terms) for cell in (0, 10))
    both, shown = one.suppressed | other.suppressed, system.shown
    with pytest.raises(ValueError, match="different places"):
        common_pattern(both, one.sensitive, [one, other], [shown, shown])
    assert common_pattern(one.suppressed, one.sensitive, [one], [shown]).secondary_count == 3
