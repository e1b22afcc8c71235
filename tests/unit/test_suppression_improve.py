"""The choice of secondary cells as an integer programme whose rows come from the attacker's duals."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from publisher.suppression.master import Cut, Master
from publisher.suppression.programs import ReachProgram

ROWS, COLUMNS = 3, 4


def square() -> sparse.csr_array:
    """Equations of a table of 3 x 4 cells whose totals are all published: rows and columns of changes add up to 0."""
    rows = sparse.kron(sparse.eye_array(ROWS), np.ones((1, COLUMNS)))
    columns = sparse.kron(np.ones((1, ROWS)), sparse.eye_array(COLUMNS))
    return sparse.csr_array(sparse.vstack([rows, columns]))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_cut_bounds_the_distance_under_every_other_choice_of_cells(data: st.DataObject) -> None:
    size = ROWS * COLUMNS
    choice = st.lists(st.booleans(), min_size=size, max_size=size).map(np.array)
    limit = np.array(data.draw(st.lists(st.integers(0, 9), min_size=size, max_size=size)), dtype=float)
    first, other = data.draw(choice), data.draw(choice)
    cell, sign = data.draw(st.integers(0, size - 1)), data.draw(st.sampled_from([1, -1]))
    program = ReachProgram(square())
    program.limit(limit * np.where(first, 1.0, 1e-4), limit * np.where(first, 1.0, 1e-4))
    learnt = program.furthest(cell, sign)
    program.limit(limit * other, limit * other)
    there = program.furthest(cell, sign)
    assert learnt is not None
    assert there is not None
    assert there.distance <= learnt.weights(limit * other, limit * other).sum() + 1e-6


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_master_finds_the_cheapest_choice_that_satisfies_every_cut(data: st.DataObject) -> None:
    costs = np.array(data.draw(st.lists(st.integers(1, 9), min_size=5, max_size=5)), dtype=float)
    weights = st.lists(st.integers(0, 3), min_size=5, max_size=5).map(np.array)
    cuts = []
    for given_weights in data.draw(st.lists(weights, min_size=1, max_size=4)):
        of = data.draw(st.sampled_from([None, 0, 1]))
        others = np.where(np.arange(5) == of, 0, given_weights).astype(float)
        cuts.append(Cut.strengthened(others, 2.0, of))

    def holds(chosen: tuple[int, ...]) -> bool:
        for cut in cuts:
            have = sum(w for c, w in zip(cut.cells, cut.weights, strict=True) if c in chosen)
            if have < cut.need * (cut.of is None or cut.of in chosen):
                return False
        return True

    every = [c for n in range(6) for c in combinations(range(5), n) if holds(c)]
    found = Master(costs, cuts).solve()
    if not every:
        assert found is None
    else:
        assert found is not None
        least = min(costs[list(c)].sum() for c in every)
        assert holds(tuple(found[0]))
        assert costs[list(found[0])].sum() <= least * 1.021
        assert found[1] <= least + 1e-6


def test_a_cut_is_no_stronger_than_its_need() -> None:
    cut = Cut.strengthened(np.array([7.0, 0.0, 1.0]), 3.0, None)
    assert cut.cells == (0, 2)
    assert cut.weights == pytest.approx((3.0, 1.0))
