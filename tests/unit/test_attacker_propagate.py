"""Bounds from one equation at a time: never closer than the linear relaxation, and its ends where no way leads back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from publisher.audit.attacker.bodies import LEAST_SUM
from publisher.audit.attacker.equations import NO_UPPER
from publisher.audit.attacker.propagate import tightened, without_cycles

Small = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@st.composite
def systems(draw: st.DrawFn) -> Small:
    """Equations with a solution: matrix, right-hand side, lower and upper bounds, some of them without end."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(2, 6))
    entry = st.sampled_from([-2, -1, -1, 0, 0, 0, 1, 1, 1])
    matrix = np.array(draw(st.lists(st.lists(entry, min_size=columns, max_size=columns), min_size=rows, max_size=rows)))
    true = np.array(draw(st.lists(st.integers(0, 9), min_size=columns, max_size=columns)))
    room = np.array(draw(st.lists(st.integers(0, 9), min_size=columns, max_size=columns)))
    low = np.where(room == 9, LEAST_SUM, true - np.minimum(true, room % 4))
    high = np.where(room == 8, NO_UPPER, true + room)
    return matrix, matrix @ true, low, high


def ends(system: Small, column: int) -> tuple[float, float]:
    """Least and greatest value of one unknown in the linear relaxation, by a solver of another library."""
    matrix, rhs, low, high = system
    bounds = [(None if a <= LEAST_SUM else a, None if b >= NO_UPPER else b) for a, b in zip(low, high, strict=True)]
    cost, found = np.zeros(len(low)), []
    cost[column] = 1
    for sign in (1, -1):
        answer = linprog(sign * cost, A_eq=matrix, b_eq=rhs, bounds=bounds, method="highs")
        found.append(-sign * np.inf if answer.status == 3 else sign * answer.fun)
    return found[0], found[1]


def run(system: Small) -> tuple[np.ndarray, np.ndarray, bool]:
    matrix, rhs, low, high = system
    return tightened(sparse.csr_matrix(matrix), rhs, low.astype(np.int64), high.astype(np.int64))


@settings(max_examples=60, deadline=None)
@given(systems())
def test_bounds_hold_for_the_relaxation_and_are_its_ends_without_cycles(system: Small) -> None:
    least, most, still = run(system)
    tree = without_cycles(sparse.csr_matrix(system[0]))
    for column in range(len(least)):
        low, high = ends(system, column)
        outer_low = least[column] if least[column] > LEAST_SUM else -np.inf
        outer_high = most[column] if most[column] < NO_UPPER else np.inf
        assert outer_low <= low + 1e-6
        assert outer_high >= high - 1e-6
        if still and tree[column]:
            assert (low, high) == (pytest.approx(outer_low), pytest.approx(outer_high))


def test_two_equations_between_the_same_unknowns_are_a_way_back() -> None:
    """x + y = 4 and x - y = 0 leave one point, which bounds of one equation at a time do not find."""
    matrix = sparse.csr_matrix(np.array([[1, 1, 0], [1, -1, 0], [0, 0, 1]]))
    assert without_cycles(matrix).tolist() == [False, False, True]
    least, most, still = tightened(matrix, np.array([4, 0, 3]), np.zeros(3, np.int64), np.full(3, NO_UPPER))
    assert (least.tolist(), most.tolist(), still) == ([0, 0, 3], [4, 4, 3], True)


def test_numbers_too_large_to_add_up_exactly_bound_nothing() -> None:
    large = 2**52
    matrix = sparse.csr_matrix(np.array([[1, 1, 1]]))
    least, most, _ = tightened(matrix, np.array([large + 1]), np.array([0, large, 0]), np.array([large] * 3))
    assert least.tolist() == [0, large, 0]
    assert most.tolist() == [large] * 3


def test_bounds_that_cross_say_that_no_numbers_fit() -> None:
    matrix = sparse.csr_matrix(np.array([[1, 1]]))
    least, most, _ = tightened(matrix, np.array([9]), np.zeros(2, np.int64), np.full(2, 4))
    assert (least > most).any()


def test_half_numbers_are_rounded_outward() -> None:
    """2 x + y = 3 with y up to 2: x lies between a half and one and a half, and the relaxation knows no more."""
    matrix = sparse.csr_matrix(np.array([[2, 1]]))
    least, most, _ = tightened(matrix, np.array([3]), np.zeros(2, np.int64), np.array([9, 2]))
    assert (int(least[0]), int(most[0])) == (0, 2)
