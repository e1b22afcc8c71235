"""Means and shares of noisy estimates: their numbers, their intervals, and when they are not shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from publisher import rounding
from publisher.draft.rates import rates
from publisher.noise.publish import marked
from publisher.noise.ratios import NORMAL_975, Term, mean_cells, share_cells
from publisher.relations import AreaLevel, Column, KeySet
from publisher.release.model import CellStatus

S = CellStatus


def keys_of(areas: int, codes: int = 0) -> KeySet:
    names = tuple(f"x{k}" for k in range(areas))
    columns = (Column("benefit", tuple("pqrs"[:codes]), False),) if codes else ()
    return KeySet(names, (AreaLevel("regso", names, np.arange(areas)),), columns, (True,) * len(columns))


def term(
    values: object, errors: object, *, signed: bool = False, decimals: int = 0, status: Sequence[CellStatus] = ()
) -> Term:
    estimate = np.array(values, dtype=np.float64)
    shape = estimate.shape
    marks = np.array(status or [S.PUBLISHED] * estimate.size, dtype=object).reshape(shape)
    value = np.rint(estimate * 10**decimals).astype(np.int64)
    return Term(estimate, np.broadcast_to(errors, shape).astype(np.float64), value, marks, decimals, signed)


@dataclass(frozen=True)
class Shown:
    status: CellStatus
    numbers: tuple[int, int, int] | None = None


def mean(above: Term, below: Term, decimals: int = 0) -> list[Shown]:
    cells = mean_cells(keys_of(len(above.value)), above, below, decimals=decimals)
    rows = zip(cells.status, cells.numbered, cells.lower, cells.value, cells.upper, strict=True)
    return [Shown(s, (int(lo), int(v), int(up)) if n else None) for s, n, lo, v, up in rows]


def share(count: Term, per: int = 100, decimals: int = 0) -> list[list[Shown]]:
    areas, codes = count.value.shape
    cells = share_cells(keys_of(areas, codes - 1), count, axis=1, per=per, decimals=decimals)
    arrays = (cells.status, cells.numbered, cells.lower, cells.value, cells.upper)
    return [
        [Shown(s, (int(lo), int(v), int(up)) if n else None) for s, n, lo, v, up in zip(*rows, strict=True)]
        for rows in zip(*arrays, strict=True)
    ]


def test_two_intervals_of_z_hold_together_in_95_cases_of_100() -> None:
    assert 2 * norm.sf(NORMAL_975) <= 0.025 < 2 * norm.sf(NORMAL_975 - 2e-6)


def test_a_mean_by_hand_spans_the_corners_of_the_box() -> None:
    z = NORMAL_975
    (shown,) = mean(term([1000.0], 100, signed=True), term([20.0], 2), decimals=1)
    low, high = (1000 - 100 * z) / (20 + 2 * z), (1000 + 100 * z) / (20 - 2 * z)
    assert shown == Shown(S.PUBLISHED, (floor(low * 10), 500, floor(high * 10) + 1))


def test_the_corners_of_a_negative_numerator_are_the_other_ones() -> None:
    z = NORMAL_975
    (shown,) = mean(term([-1000.0], 100, signed=True), term([20.0], 2))
    low, high = (-1000 - 100 * z) / (20 - 2 * z), (-1000 + 100 * z) / (20 + 2 * z)
    assert shown == Shown(S.PUBLISHED, (floor(low), -50, floor(high) + 1))


@pytest.mark.parametrize(("value", "error"), [(0.0, 1.0), (4.0, 2.0), (-10.0, 1.0), (0.4, 0.001)])
def test_a_denominator_that_may_be_nothing_gives_no_number(value: float, error: float) -> None:
    """Its interval of 97.5 % reaches 0; or it is published as 0."""
    assert mean(term([50.0], 1, signed=True), term([value], error)) == [Shown(S.UNCERTAIN)]


def test_bounds_that_64_bits_do_not_hold_give_no_number() -> None:
    below = replace(term([1.0], 1e-9), centre=np.array([1e-9]), errors=np.array([1e-10]))
    assert mean(term([1e9], 1, signed=True), below, decimals=6) == [Shown(S.UNCERTAIN)]


def test_the_interval_of_a_ratio_holds_the_ratio_of_what_is_published() -> None:
    """Rounded parts: 2.49 is published as 2, far from its own narrow interval, which therefore reaches to 2."""
    assert mean(term([100.0], 0.01, signed=True), term([2.49], 0.01)) == [Shown(S.PUBLISHED, (39, 50, 51))]
    assert mean(term([100.0], 0.01, signed=True), term([2.49], 0.01, decimals=2)) == [Shown(S.PUBLISHED, (39, 40, 41))]


def test_a_mean_is_withheld_or_uncertain_where_a_part_is() -> None:
    marks = [S.PUBLISHED, S.UNCERTAIN, S.SUPPRESSED]
    pairs = [(a, b) for a in marks for b in marks]
    above = term([100.0] * 9, 1, signed=True, status=[a for a, _ in pairs])
    below = term([50.0] * 9, 1, status=[b for _, b in pairs])
    for (a, b), shown in zip(pairs, mean(above, below), strict=True):
        worst = S.SUPPRESSED if S.SUPPRESSED in (a, b) else S.UNCERTAIN if S.UNCERTAIN in (a, b) else S.PUBLISHED
        assert shown.status is worst
        assert (shown.numbers is None) == (worst is S.SUPPRESSED)


@given(
    st.floats(-1e6, 1e6), st.floats(1, 1e4), st.floats(-10, 1e5), st.floats(1, 1e3), st.integers(0, 3),
    st.floats(-1, 1), st.floats(-1, 1),
)  # fmt: skip
def test_whatever_both_parts_are_within_their_intervals_their_ratio_is_within_its_own(
    above: float, error: float, below: float, spread: float, decimals: int, a: float, b: float
) -> None:
    (shown,) = mean(term([above], error, signed=True), term([below], spread), decimals)
    if shown.numbers is not None:
        lower, value, upper = shown.numbers
        denominator = max(below + b * NORMAL_975 * spread, 0)
        true = (above + a * NORMAL_975 * error) / denominator * 10**decimals
        assert lower - 1e-6 * abs(lower) <= true <= upper + 1e-6 * abs(upper)
        assert lower <= value <= upper


def test_a_share_is_of_the_total_of_its_column_and_the_totals_own_share_is_all() -> None:
    ((p, q, total),) = share(term([[30.0, 70.0, 100.0]], 1), decimals=1)
    assert [c.numbers[1] for c in (p, q, total) if c.numbers] == [300, 700, 1000]
    assert total == Shown(S.PUBLISHED, (1000, 1000, 1000))
    assert p.numbers is not None
    z = NORMAL_975
    assert p.numbers[0] == floor((30 - z) / (100 + z) * 1000)
    assert p.numbers[2] == floor((30 + z) / (100 - z) * 1000) + 1


def test_no_share_lies_below_nothing_or_above_all() -> None:
    ((low, high, _),) = share(term([[-4.0, 106.0, 100.0]], 3))
    assert low.numbers is not None
    assert low.numbers[:2] == (0, 0)
    assert high.numbers is not None
    assert high.numbers[1:] == (100, 100)


def test_a_share_is_withheld_where_its_total_is() -> None:
    status = [S.PUBLISHED, S.UNCERTAIN, S.SUPPRESSED, S.PUBLISHED, S.SUPPRESSED, S.UNCERTAIN]
    first, second = share(term([[30.0, 20.0, 50.0], [30.0, 20.0, 50.0]], 1, status=status))
    assert [c.status for c in first] == [S.SUPPRESSED] * 3
    assert [c.status for c in second] == [S.UNCERTAIN, S.SUPPRESSED, S.UNCERTAIN]
    assert [c.numbers is None for c in second] == [False, True, False]


def test_a_share_of_what_may_be_nobody_has_no_number() -> None:
    ((p, total),) = share(term([[1.0, 1.0]], 3))
    assert p == total == Shown(S.UNCERTAIN)


def test_a_share_of_a_total_that_is_published_as_nothing_has_no_number() -> None:
    ((p, total),) = share(term([[0.4, 0.4]], 0.001))
    assert p == total == Shown(S.UNCERTAIN)


def test_withheld_goes_before_uncertain() -> None:
    yes, no = np.array([True, True, False, False]), np.array([True, False, True, False])
    assert marked(yes, no).tolist() == [S.SUPPRESSED, S.SUPPRESSED, S.UNCERTAIN, S.PUBLISHED]


pairs_of_numbers = st.tuples(st.integers(-(10**13), 10**13), st.integers(-5, 10**9))


@given(st.lists(pairs_of_numbers, min_size=1, max_size=5), st.fractions(Fraction(1, 10**6), 10**4))
def test_ratios_are_rounded_exactly_whatever_their_size(pairs: list[tuple[int, int]], factor: Fraction) -> None:
    above, below = (np.array([p[k] for p in pairs], dtype=np.int64) for k in (0, 1))
    exact = [Fraction(a, b) * factor if b > 0 else Fraction(0) for a, b in pairs]
    if max(abs(e) for e in exact) < 2**62:
        assert rounding.half_up(above, below, factor).tolist() == [floor(e + Fraction(1, 2)) for e in exact]
        assert rounding.down(above, below, factor).tolist() == [floor(e) for e in exact]
        assert rounding.up(above, below, factor).tolist() == [-floor(-e) for e in exact]


def test_halves_are_rounded_upwards_and_a_result_beyond_64_bits_is_refused() -> None:
    above, below = np.array([1, -1, 3, -3]), np.array([2, 2, 2, 2])
    assert rounding.half_up(above, below).tolist() == [1, 0, 2, -1]
    with pytest.raises(OverflowError):
        rounding.half_up(np.array([2**62]), np.array([1]), 4)
    with pytest.raises(ValueError, match="positive"):
        rounding.half_up(above, below, 0)


def test_rates_are_those_ratios() -> None:
    counts, people = np.array([25, 7, 3]), np.array([800, 0, 9])
    assert rates(counts, people, per=1000, decimals=1).tolist() == [313, 0, 3333]
    assert rates(counts, people, per=1000, decimals=1, count_decimals=2).tolist() == [3, 0, 33]
