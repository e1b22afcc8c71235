"""What is told to the audit speaks against insiders too: it is checked, and shows no more than is true."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse
from test_insiders import margins

from publisher.audit.attacker import circulations
from publisher.audit.attacker.alternatives import Alternatives
from publisher.audit.attacker.equations import NO_UPPER
from publisher.audit.attacker.insiders import EVERYBODY, insider_problem

ROWS, COLUMNS = 3, 3
TURNS = [
    (i * COLUMNS + j, i * COLUMNS + n, k * COLUMNS + j, k * COLUMNS + n)
    for (i, k), (j, n) in product(combinations(range(ROWS), 2), combinations(range(COLUMNS), 2))
]


def turned(*turns: int, by: int = 1) -> np.ndarray:
    """A change of the inner cells that keeps all margins, which stand behind them."""
    change = np.zeros(ROWS * COLUMNS + ROWS + COLUMNS, dtype=np.int64)
    for k in turns:
        change[list(TURNS[k])] += [by, -by, -by, by]
    return change


def ask(
    counts: np.ndarray, hidden: np.ndarray, groups: np.ndarray, told: Alternatives | None, least: int = 1,
    targets: np.ndarray | None = None,
) -> tuple[tuple[int, int], ...] | None:  # fmt: skip
    values = with_margins(counts)
    every = np.concatenate([hidden, np.zeros(ROWS + COLUMNS, dtype=np.bool_)])
    labels = np.concatenate([groups, np.full(ROWS + COLUMNS, -1)])
    bounds = np.where(every, least, 0), np.full(len(values), NO_UPPER)
    asked = np.flatnonzero(every) if targets is None else targets
    return insider_problem(margins(ROWS, COLUMNS), values, every, bounds, groups=labels, targets=asked, told=told)


def with_margins(counts: np.ndarray) -> np.ndarray:
    square = counts.reshape(ROWS, COLUMNS)
    return np.concatenate([counts, square.sum(axis=1), square.sum(axis=0)])


def of(values: np.ndarray, *changes: np.ndarray) -> Alternatives:
    return Alternatives(values, sparse.csr_matrix(np.array(changes, dtype=np.int64)))


@pytest.fixture
def no_programmes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a programme was made")

    monkeypatch.setattr(circulations, "_Part", refuse)


EVERYTHING = np.ones(ROWS * COLUMNS, dtype=np.bool_)
PLENTY = np.full(ROWS * COLUMNS, 5, dtype=np.int64)
ONE = np.array([7] + [-1] * (ROWS * COLUMNS - 1))


@pytest.mark.usefixtures("no_programmes")
def test_changes_that_leave_an_insider_alone_settle_a_cell_without_any_programme() -> None:
    away = [k for k, cells in enumerate(TURNS) if 0 not in cells]
    told = of(with_margins(PLENTY), *(turned(k) for k in (*away, 0, 1, 2, 3)))
    # What lies in the insider's row or column moves by a turn without his cell too; his own is not another's.
    assert ask(PLENTY, EVERYTHING, ONE, told) == ()


@pytest.mark.usefixtures("no_programmes")
def test_changes_that_all_move_the_insiders_cell_do_not_settle_the_others() -> None:
    through = [k for k, cells in enumerate(TURNS) if 0 in cells]
    told = of(with_margins(PLENTY), *(turned(k) for k in through))
    with pytest.raises(AssertionError, match="a programme was made"):
        ask(PLENTY, EVERYTHING, ONE, told)


@pytest.mark.usefixtures("no_programmes")
def test_a_change_that_no_cell_can_follow_does_not_settle_the_others() -> None:
    counts = PLENTY.copy()
    counts[[0, 1]] = 1  # one of them falls whichever way the turn goes
    told = of(with_margins(counts), turned(0))
    with pytest.raises(AssertionError, match="a programme was made"):
        ask(counts, EVERYTHING, ONE[::-1], told, targets=np.array([4]))
    assert ask(PLENTY, EVERYTHING, ONE[::-1], of(with_margins(PLENTY), turned(0)), targets=np.array([4])) == ()


def test_a_change_counts_as_one_even_where_it_falls_apart() -> None:
    """Two turns that share no cell, told as one change, speak for neither against who stands in the other."""
    counts, hidden = np.array([1, 3, 9, 4, 2, 9, 9, 9, 9]), np.zeros(9, dtype=np.bool_)
    hidden[[0, 1, 3, 4]] = True
    told = of(with_margins(counts), turned(0), turned(0, 8))
    assert ask(counts, hidden, ONE, told) == ask(counts, hidden, ONE, None) == ((1, 7), (3, 7), (4, 7))


def test_a_change_that_no_cell_can_follow_settles_nothing() -> None:
    """Four ones of which none is 0: everybody computes them, whatever is told."""
    counts, hidden = np.array([1, 1, 9, 1, 1, 9, 9, 9, 9]), np.zeros(9, dtype=np.bool_)
    hidden[[0, 1, 3, 4]] = True
    told = of(with_margins(counts), turned(0), turned(0, by=1000))
    assert ask(counts, hidden, ONE, told) == tuple((cell, EVERYBODY) for cell in (0, 1, 3, 4))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts, which are withheld, and who is alone where one stands."""
    counts = np.array(draw(st.lists(st.integers(1, 4), min_size=9, max_size=9)), dtype=np.int64)
    hidden = np.array(draw(st.lists(st.booleans(), min_size=9, max_size=9)), dtype=np.bool_)
    label = np.array(draw(st.lists(st.integers(-1, 2), min_size=9, max_size=9)), dtype=np.int64)
    return counts, hidden, np.where(hidden, label, -1)


CHANGES = st.lists(st.tuples(st.lists(st.integers(0, len(TURNS) - 1), min_size=1, max_size=3), st.integers(1, 3)))


@given(worlds(), CHANGES, st.booleans(), st.integers(0, len(TURNS) - 1), st.integers(0, 14), st.integers(0, 1))
@example((PLENTY, EVERYTHING, ONE), [([0], 1)], True, 0, 14, 1)
@example((np.array([1, 3, 2, 4, 2, 2, 2, 2, 2]), EVERYTHING, ONE), [([8], 1), ([0], 1)], True, 0, 14, 1)
@settings(max_examples=300, deadline=None)
def test_what_is_told_right_or_wrong_changes_no_answer(
    world: tuple[np.ndarray, np.ndarray, np.ndarray], changes: list[tuple[list[int], int]], elsewhere: bool, turn: int,
    stray: int, least: int,
) -> None:  # fmt: skip
    """Changes of the truth or of another table with the same margins, one of them with a cell that it must not move."""
    counts, hidden, groups = world
    told = [turned(*turns, by=by) for turns, by in changes]
    if told:
        told[0] = told[0].copy()
        told[0][stray] += stray % 2
    values = with_margins(counts) + (turned(turn) if elsewhere else 0)
    alternatives = of(values, *told) if told else Alternatives(values, sparse.csr_matrix((0, len(values)), dtype=int))
    assert ask(counts, hidden, groups, alternatives, least) == ask(counts, hidden, groups, None, least)


def test_a_change_that_only_another_table_can_follow_settles_nothing() -> None:
    """Who knows the 3 knows all: the ones beside it cannot fall, though in a table with the same margins one can."""
    counts, hidden = np.array([3, 1, 1, 3, 4, 4, 9, 9, 9]), np.arange(9) < 6
    apart = next(k for k, cells in enumerate(TURNS) if cells == (1, 2, 4, 5))
    expected = tuple((cell, 7) for cell in (1, 2, 3, 4, 5))
    assert ask(counts, hidden, ONE, None) == expected
    for k in range(len(TURNS)):
        assert ask(counts, hidden, ONE, of(with_margins(counts) + turned(k, by=-1), turned(apart))) == expected


def test_a_cell_that_half_a_step_moves_is_not_left_alone() -> None:
    """x = y + z - 1, y = z + 1, and x is 3 to 5: a step of x takes half a step of the others, which rounds to none."""
    matrix = sparse.csr_matrix(np.array([[1, -1, -1, 1, 0], [0, 1, -1, 0, -1]]))
    values, hidden = np.array([4, 3, 2, 1, 1]), np.array([True, True, True, False, False])
    bounds = np.where(hidden, [3, 1, 1, 0, 0], 0), np.where(hidden, [5, 9, 9, 9, 9], NO_UPPER)
    told = of(values, np.array([2, 1, 1, 0, 0]))
    for alone in (1, 2):
        asked = {"groups": np.where(np.arange(5) == alone, 7, -1), "targets": np.arange(3)}
        found = insider_problem(matrix, values, hidden, bounds, **asked, told=told)
        assert found == insider_problem(matrix, values, hidden, bounds, **asked)
        assert found == ((0, 7), (1, EVERYBODY), (2, EVERYBODY))


def test_what_must_move_further_is_not_settled_by_a_change_that_ends_before() -> None:
    """Two cells that are one number between 1 and 3: the first must move by one, the second by two."""
    matrix = sparse.csr_matrix(np.array([[1, -1, 0, 0, 0, 0], [0, 1, 1, 1, 0, -1], [1, 0, 0, 0, 1, -1]]))
    values, hidden = np.array([2, 2, 1, 3, 4, 6]), np.array([True] * 5 + [False])
    bounds = np.where(hidden, [1, 1, 1, 1, 1, 0], 0), np.where(hidden, [3, 3, 9, 9, 9, 9], NO_UPPER)
    told = of(values, np.array([1, 1, 0, -1, -1, 0]), np.array([1, 1, -1, 0, -1, 0]))
    alone, width = np.array([-1, -1, 7, -1, -1, -1]), np.array([1, 2, 1, 1, 1, 1])
    asked = {"groups": alone, "targets": np.arange(2), "width": width}
    found = insider_problem(matrix, values, hidden, bounds, **asked, told=told)
    assert found == insider_problem(matrix, values, hidden, bounds, **asked) == ((1, EVERYBODY),)
