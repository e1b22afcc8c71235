"""Decisions near a tolerance: what the solver's last digits say is not believed, in neither direction."""

from collections.abc import Sequence

import numpy as np
import pytest
from highspy import Highs
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from publisher.audit.attacker import bounds, exact
from publisher.audit.attacker.equations import NO_UPPER, SHOWN, WITHHELD, System
from publisher.audit.attacker.insiders import EVERYBODY, insider_problem
from publisher.audit.attacker.integers import Witness
from publisher.audit.attacker.problem import NO_GRID, ranges_of
from publisher.audit.attacker.programme import Floats, Programme
from publisher.audit.attacker.ranges import Ranges, unseen

LARGE = [10**6, 10**9, 10**12, 10**13, 10**14]


def ranges(
    rows: Sequence[Sequence[int]], values: Sequence[int | None], need: float, least: Sequence[int],
    seen: Ranges | None = None,
) -> Ranges:  # fmt: skip
    """What an outsider knows of the withheld cells (None); `need`: of the first of them, others 1."""
    state = np.array([WITHHELD if v is None else SHOWN for v in values], dtype=np.int8)
    shown = np.array([v or 0 for v in values], dtype=np.int64)
    lower = np.array(least, dtype=np.int64)
    matrix = sparse.csr_matrix(np.array(rows, dtype=np.int64))
    system = System(NO_GRID, matrix, state, shown, lower, np.full(len(values), NO_UPPER), agree=True)
    at = np.flatnonzero(state == WITHHELD)
    found = ranges_of(system, least=0, at=at, need=np.where(at == at[0], need, 1.0), seen=seen)
    assert found is not None
    return found


def verdict(found: Ranges, cell: int, need: int) -> tuple[bool, bool]:
    """Whether a cell is seen to be wide enough, and whether that is decided."""
    low, high = found.whole()
    return bool(high[cell] - low[cell] >= need), bool(found.certified[cell] or high[cell] - low[cell] >= need)


@pytest.fixture(params=[0.0, 0.2, -0.2])
def _last_digits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The solver's numbers are off by a part of what its tolerance allows for numbers of their size."""
    right = Programme._point

    def off(self: Programme, solver: Highs) -> Floats:
        return np.asarray(right(self, solver) + request.param * 1e-6 * (self.scale if self.scale > 1 else 0))

    monkeypatch.setattr(Programme, "_point", off)


@pytest.mark.usefixtures("_last_digits")
@pytest.mark.parametrize("rest", [0, 1, 2])
@pytest.mark.parametrize("third", LARGE)
def test_a_third_of_a_large_amount_is_wide_enough_or_one_unit_short(third: int, rest: int) -> None:
    """Three equal cells and another one are 3 x third + rest: each is at most a third."""
    total = 3 * third + rest
    for need in (third - 1, third, third + 1):
        found = ranges([[1, -3, -1]], [total, None, None], need, [0, 0, 0])
        assert verdict(found, 1, need) == (need <= third, True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10**14), min_size=4, max_size=4), st.integers(-1, 1))
def test_two_by_two_large_amounts_are_judged_as_by_hand(inner: list[int], short: int) -> None:
    a, b, c, d = inner
    width = min(a + b, a + c) - max(0, a - d)
    sums = [[-1, -1, 0, 0], [0, 0, -1, -1], [-1, 0, -1, 0], [0, -1, 0, -1]]
    rows = np.hstack([np.eye(4, dtype=np.int64), sums]).tolist()
    need = max(1, width + short)
    found = ranges(rows, [a + b, c + d, a + c, b + d, None, None, None, None], need, [0] * 8)
    assert verdict(found, 4, need) == (width >= need, True)


def halves(steps: int) -> tuple[list[list[int]], list[int | None], list[int]]:
    """x + e[steps] = 5, and each e is half of the one before, of which the first is at least 1."""
    links = [[0, 0, *[0] * i, 1, -2, *[0] * (steps - 1 - i)] for i in range(steps)]
    return [[1, -1, *[0] * steps, -1], *links], [5, *[None] * (steps + 2)], [0, 0, 1, *[0] * steps]


@pytest.mark.parametrize("steps", [3, 17, 20])
def test_a_count_that_lacks_the_millionth_part_of_a_unit_lacks_a_unit(steps: int) -> None:
    rows, values, least = halves(steps)
    assert verdict(ranges(rows, values, 5, least), 1, 5) == (False, True)
    assert verdict(ranges(rows, values, 4, least), 1, 4) == (True, True)


def test_what_was_seen_wide_enough_for_somebody_who_needs_less_is_decided_as_exactly() -> None:
    """One of 1 to 5.999995 units; two others are the rest."""
    rows, values, least = [[-1, 200003, 1, 1]], [6 * 200003 - 1, None, None, None], [0, 1, 0, 0]
    seen = ranges(rows, values, 1, least)
    assert seen.high[1] > 6 - 1e-5
    assert not verdict(ranges(rows, values, 5, least, seen), 1, 5)[0]


def test_an_end_for_which_nothing_exact_is_found_is_not_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "whole_end", lambda *_: (None, None))
    found = ranges([[1, -3, -1]], [3 * 10**13, None, None], 10**13, [0, 0, 0])
    assert verdict(found, 1, 10**13) == (False, False)
    assert found.integer[1]


@pytest.mark.parametrize("steps", [26, 30, 34])
def test_a_lack_below_what_the_solver_sees_does_not_pass(steps: int) -> None:
    rows, values, least = halves(steps)
    assert not verdict(ranges(rows, values, 5, least), 1, 5)[0]


def programme(total: int) -> Programme:
    """3 a + b = total."""
    ends = np.zeros(2), np.full(2, float(total))
    return Programme(sparse.csr_matrix(np.array([[3.0, 1.0]])), np.array([float(total)]), *ends)


def test_a_solution_beyond_a_bound_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a were at its upper bound, where b is negative; at its lower bound it shows what b can be."""
    made = programme(10)
    monkeypatch.setattr(Programme, "basic", lambda _: np.array([False, True]))
    assert exact.reached(made, np.array([9.9, 0.2]), 1) is None
    assert exact.reached(made, np.array([0.1, 9.8]), 1) == 10


def test_large_numbers_that_are_no_exact_solution_are_seen_short_of_what_they_say() -> None:
    total = 3 * 10**14 + 2
    seen = unseen(2)
    asked = np.ones(2), np.zeros(2, np.bool_)
    part = bounds._Component.of(np.arange(2, dtype=np.int32), programme(total), (seen, Witness.none(2)), asked)
    part._see(np.array([10.0**14 + 1, 0.0]))
    assert seen.high[0] < 10**14
    part._see(np.array([10.0**14 + 0.01, 2.01]))
    assert seen.high[0] == 10**14


@pytest.mark.parametrize("third", LARGE)
@pytest.mark.parametrize("rest", [2, 3])
def test_large_amounts_that_can_move_by_two_thirds_are_computed_by_everybody(third: int, rest: int) -> None:
    """Six totals of three equal cells, each at least a third, and of one cell in all of them, which holds the rest."""
    cells, one = np.arange(6), np.eye(6, dtype=np.int64)
    matrix = sparse.csr_matrix(np.hstack([one, -3 * one, -np.ones((6, 1), dtype=np.int64)]))
    values = np.array([3 * third + rest] * 6 + [third] * 6 + [rest])
    withheld = np.arange(13) >= 6
    low = np.array([0] * 6 + [third] * 6 + [0])
    found = insider_problem(
        matrix, values, withheld, (low, np.full(13, NO_UPPER)), groups=np.full(13, -1), targets=cells + 6
    )
    assert found == (tuple((cell + 6, EVERYBODY) for cell in cells.tolist()) if rest < 3 else ())


def test_outer_bounds_alone_settle_nothing() -> None:
    """Seen are 2 and 3 of 1 to 4: no more than that is known until both ends are reached."""
    seen, all_ = unseen(1), np.zeros(1, dtype=np.int32)
    for point in (2.0, 3.0):
        seen.see(all_, np.array([point]))
    seen.agree(all_, np.array([1.0]), np.array([4.0]))
    assert (seen.low[0], seen.high[0], seen.certified[0]) == (2, 3, False)
    for point in (1.0, 4.0):
        seen.see(all_, np.array([point]))
    seen.agree(all_, np.array([1.0]), np.array([4.0]))
    assert seen.certified[0]
