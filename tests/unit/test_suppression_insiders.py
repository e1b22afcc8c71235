"""What the search's circulations show of insiders, and what they do not."""

import numpy as np
from test_suppression_parallel import search, swap

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
    protect_from_insiders(made, alone(size, 2), first(size))
    assert made.hidden[[0, 3, 4]].any()


def test_a_circulation_of_a_cell_that_is_published_again_shows_nothing() -> None:
    made = search()
    swap(made, np.array([1, 3]))
    made.hidden[3] = False
    size = len(made.hidden)
    shown_by = protect_from_insiders(made, alone(size, 2), first(size))
    assert made.hidden[[0, 3, 4]].any()
    assert all(made.hidden[made.evidence.moved[k]].all() for k in shown_by)
