"""Neighbourhoods of cells: sorted sets, and blocks without what an equation leaves alone."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import sparse

from publisher.suppression.blocks import Graph
from publisher.suppression.distinct import distinct

SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 8))
MATRICES = arrays.arrays(np.int64, SHAPES, elements=st.sampled_from([-1, 0, 1]))
NUMBERS = arrays.arrays(np.int64, st.integers(0, 12), elements=st.integers(-3, 9))


@given(st.lists(NUMBERS, min_size=1, max_size=3))
def test_the_different_numbers_of_arrays_are_sorted_and_each_there_once(parts: list[np.ndarray]) -> None:
    found = distinct(*parts)
    assert found.dtype == np.int64
    assert found.tolist() == sorted({int(n) for part in parts for n in part})


@settings(max_examples=500, deadline=None)
@given(MATRICES, st.data())
def test_a_block_has_the_cells_that_no_equation_leaves_alone_and_their_equations(
    matrix: np.ndarray, data: st.DataObject
) -> None:
    every = list(range(matrix.shape[1]))
    chosen = data.draw(st.one_of(st.just(every), st.lists(st.sampled_from(every), max_size=10)))
    near = np.array(data.draw(st.lists(st.booleans(), min_size=len(matrix), max_size=len(matrix))))
    graph = replace(Graph.of(sparse.csr_array(matrix)), near=near)
    block = graph.block(np.array(chosen, dtype=np.int64))
    cells = moving(matrix, set(chosen))
    assert block.cells.tolist() == cells
    rows = [r for r in range(len(matrix)) if matrix[r, cells].any()]
    assert block.equations.toarray().tolist() == matrix[np.ix_(rows, cells)].tolist()
    assert block.equations.indices.dtype == graph.by_cell.indices.dtype, "no more memory than it takes"
    assert block.near.tolist() == graph.near[rows].tolist()


def moving(matrix: np.ndarray, cells: set[int]) -> list[int]:
    """Those of the cells that are left when, again and again, each that is alone in an equation is taken away."""
    while alone := {only[0] for row in matrix if len(only := [c for c in cells if row[c]]) == 1}:
        cells = cells - alone
    return sorted(cells)
