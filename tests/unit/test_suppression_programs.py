"""Search programmes in which cells that can only move together are one."""

import numpy as np
from scipy import sparse

from publisher.suppression.evidence import NO_TOP
from publisher.suppression.programs import Merged, Need, SearchProgram

CHAIN = sparse.csr_array(np.array([[1, -1, 0, 0, 0], [0, 1, -1, 0, 0], [0, 0, 1, -1, -1], [1, 0, 0, -1, -1]]))
"""Three equal cells, and twice over that they are the sum of two more."""


def test_equal_cells_are_one_and_equations_that_say_the_same_stand_once() -> None:
    merged = Merged.of(CHAIN)
    assert merged.label[0] == merged.label[1] == merged.label[2]
    assert len(set(merged.label.tolist())) == 3
    assert merged.equations.shape == (1, 3)
    assert merged.least(np.array([7, 4, 9, 5, 6]))[merged.label].tolist() == [4, 4, 4, 5, 6]


def test_the_tightest_of_equal_cells_limits_them_and_all_of_them_are_paid_for() -> None:
    """The sum can rise by 4 at most, by the second of the equal cells, and its parts make up for that."""
    top = np.array([NO_TOP, 4, NO_TOP, NO_TOP, NO_TOP])
    program = SearchProgram(CHAIN, np.full(5, 3), top, 20)
    costs = np.array([1.0, 1.0, 1.0, 1.0, 5.0])
    found = program.cheapest(0, Need(width=7, rise=0, fall=0), costs)
    assert found is not None
    rising, falling = found
    assert rising.tolist() == [4, 4, 4, 4, 0]
    assert falling.tolist() == [-3, -3, -3, -3, 0]
    assert program.cheapest(0, Need(width=8, rise=0, fall=0), costs) is None


def test_cells_that_make_up_for_each_other_are_not_one() -> None:
    assert len(set(Merged.of(sparse.csr_array(np.array([[1, 1]]))).label.tolist())) == 2
