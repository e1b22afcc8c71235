"""What the search's circulations show of insiders, and what they do not."""

import numpy as np
from test_suppression_parallel import ACROSS, TABLES, search, swap

from publisher.suppression.evidence import A1
from publisher.suppression.insiders import protect_from_insiders

PARTS = np.array([1, 2])
"""The first two parts of the first table, which are withheld."""


def alone(size: int, *cells: int) -> np.ndarray:
    labels = np.full(size, -1, dtype=np.int64)
    labels[list(cells)] = 7
    return labels


def first(size: int) -> np.ndarray:
    """The first part is sensitive."""
    return np.arange(size) == 1


def test_what_a_circulation_of_withheld_cells_shows_needs_no_more_cells() -> None:
    made = search()
    swap(made, np.array([1, 3]))
    before, size = made.hidden.copy(), len(made.hidden)
    shown_by = protect_from_insiders(made, alone(size, 2), first(size))
    assert np.array_equal(made.hidden, before)
    assert [made.evidence.moved[k].tolist() for k in shown_by] == [[1, 3]]


def test_a_circulation_that_moves_the_insiders_cell_shows_nothing() -> None:
    made = search()
    swap(made, PARTS)
    size = len(made.hidden)
    shown_by = protect_from_insiders(made, alone(size, 2), first(size))
    assert made.hidden[[0, 3, 4]].any()
    assert any(1 in made.evidence.moved[k] and 2 not in made.evidence.moved[k] for k in shown_by)


def test_a_circulation_of_a_cell_that_is_published_again_shows_nothing() -> None:
    made = search()
    swap(made, np.array([1, 3]))
    made.hidden[3] = False
    size = len(made.hidden)
    shown_by = protect_from_insiders(made, alone(size, 2), first(size))
    assert made.hidden[[0, 3, 4]].any()
    assert all(made.hidden[made.evidence.moved[k]].all() for k in shown_by)


def test_circulations_that_move_different_insiders_need_no_more_cells() -> None:
    made = search()
    swap(made, np.array([1, 3, 1, 4]))
    before, labels = made.hidden.copy(), alone(len(made.hidden), 3)
    labels[4] = 8
    assert len(protect_from_insiders(made, labels, first(len(labels)))) == 2
    assert np.array_equal(made.hidden, before)


def test_a_circulation_that_nobody_can_follow_who_knows_that_no_cell_is_0_shows_nothing() -> None:
    made = search()
    swap(made, np.array([1, 3]))
    made.evidence.room[A1][[1, 3]] = 0
    protect_from_insiders(made, alone(len(made.hidden), 2), first(len(made.hidden)))
    assert made.hidden[[0, 4]].any()


def test_a_sum_that_a_circulation_moves_less_than_its_rules_ask_is_not_shown() -> None:
    """The first part rises by 9, by as much as the other can fall; 10 need another cell."""
    for width, more in ((9, False), (10, True)):
        made = search()
        swap(made, np.array([1, 3]))
        size = len(made.hidden)
        protect_from_insiders(made, alone(size, 2), first(size), np.full(size, width))
        assert made.hidden[[0, 4]].any() == more


def test_a_cell_of_the_insider_that_is_withheld_from_now_on_is_his_too() -> None:
    made, size = search(), TABLES * ACROSS
    made.costs[[0, 4]] = 50
    protect_from_insiders(made, alone(size, 2, 3), first(size))
    assert made.hidden[[0, 4]].any()
