"""Whoever is alone in a withheld cell: tables reasoned out by hand, and every whole-number table of small ones."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from publisher.audit.attacker.equations import LATENT, NO_UPPER, SHOWN, WITHHELD, System
from publisher.audit.attacker.insiders import EVERYBODY, insider_problem, insiders_of
from publisher.audit.attacker.problem import NO_GRID


def margins(rows: int, columns: int) -> sparse.csr_matrix:
    """Row totals, then column totals: the cells come first, row by row."""
    inner = np.zeros((rows + columns, rows * columns), dtype=np.int64)
    for i, j in product(range(rows), range(columns)):
        inner[[i, rows + j], i * columns + j] = 1
    return sparse.csr_matrix(np.hstack([inner, -np.eye(rows + columns, dtype=np.int64)]))


def ask(counts, withheld, alone, least=1, targets=None):
    """Attack a table whose margins are shown.  `alone`: place -> contributor."""
    counts = np.array(counts, dtype=np.int64)
    values = np.concatenate([counts.ravel(), counts.sum(axis=1), counts.sum(axis=0)])
    hidden, groups = np.zeros(len(values), dtype=bool), np.full(len(values), -1)
    hidden[list(withheld)] = True
    for place, label in alone.items():
        groups[place] = label
    low, top = np.where(hidden, least, 0), np.full(len(values), NO_UPPER)
    asked = np.flatnonzero(hidden) if targets is None else np.array(targets)
    return insider_problem(margins(*counts.shape), values, hidden, (low, top), groups=groups, targets=asked)


SQUARE = [[1, 3, 9], [4, 2, 9], [9, 9, 9]]
"""Places 0, 1, 3, 4 withheld: what leaves one of them leaves all."""


def test_who_is_alone_in_a_square_of_four_computes_the_other_three() -> None:
    assert ask(SQUARE, (0, 1, 3, 4), {0: 7}) == ((1, 7), (3, 7), (4, 7))


def test_only_targets_are_judged() -> None:
    assert ask(SQUARE, (0, 1, 3, 4), {0: 7}, targets=[4]) == ((4, 7),)


def test_nobody_is_an_insider_where_nobody_is_alone() -> None:
    assert ask(SQUARE, (0, 1, 3, 4), {}) == ()


def test_two_cells_of_one_contributor_are_not_another_cell_to_him() -> None:
    assert ask([[1, 3, 9], [4, 1, 9], [9, 9, 9]], (0, 1, 3, 4), {0: 7, 4: 7}) == ((1, 7), (3, 7))


def test_a_second_square_protects_what_does_not_need_the_first() -> None:
    """Three rows of two: the cells of the lower two rows move without the one who is alone in the first."""
    assert ask([[1, 3], [4, 2], [5, 3]], range(6), {0: 7}) == ((1, 7),)


def test_a_cell_that_is_the_same_number_as_his_is_known_to_him() -> None:
    """Two withheld cells of one row and of one column: the equations make cells equal before any programme."""
    matrix = sparse.csr_matrix(np.array([[1, -1, 0, 0, 0], [0, 1, 1, 1, -1]]))
    values, hidden = np.array([1, 1, 2, 3, 6]), np.array([True, True, True, True, False])
    bounds = hidden.astype(np.int64), np.full(5, NO_UPPER)
    groups = np.array([7, -1, -1, -1, -1])
    assert insider_problem(matrix, values, hidden, bounds, groups=groups, targets=np.arange(4)) == ((1, 7),)
    groups[1] = 8
    found = insider_problem(matrix, values, hidden, bounds, groups=groups, targets=np.arange(4))
    assert found == ((0, 8), (1, 7))


def test_what_everybody_computes_needs_no_insider() -> None:
    assert ask([[1, 3, 9], [4, 2, 9], [9, 9, 9]], (0, 1, 3, 4, 8), {0: 7})[-1] == (8, EVERYBODY)
    assert ask([[1, 1, 9], [4, 2, 9], [9, 9, 9]], (0, 1, 3, 4), {0: 7}) == tuple((c, EVERYBODY) for c in (0, 1, 3, 4))


def test_the_informed_insider_computes_what_the_plain_one_does_not() -> None:
    """The row 1 + 1 + 2 = 4: told one of the ones, 3 is left for two, which are 1 and 2 unless one may be 0."""
    counts, withheld = [[1, 1, 1], [5, 6, 7], [8, 8, 8]], range(9)
    assert ask(counts, withheld, {0: 7}, least=0) == ()
    assert set(ask(counts, withheld, {0: 7}, least=1)) == {(c, EVERYBODY) for c in (0, 1, 2)}


def test_a_truth_that_does_not_add_up_is_no_pass() -> None:
    low, top = np.zeros(3, dtype=np.int64), np.full(3, NO_UPPER)
    matrix, groups = sparse.csr_matrix(np.array([[1, 1, -1]])), np.array([7, -1, -1])
    hidden = np.array([True, True, False])
    asked = {"groups": groups, "targets": np.arange(2)}
    assert insider_problem(matrix, np.array([1, 2, 3]), hidden, (low, top), **asked) == ((1, 7),)
    assert insider_problem(matrix, np.array([1, 3, 3]), hidden, (low, top), **asked) is None


def test_cells_that_no_table_shows_may_be_anything_that_fits() -> None:
    """a + b = 9 with b latent: what a is nobody knows; that a = c does follow."""
    matrix = sparse.csr_matrix(np.array([[1, 1, 0, 0, -1], [1, 0, 1, 1, -1]]))
    state = np.array([WITHHELD, LATENT, WITHHELD, WITHHELD, SHOWN], dtype=np.int8)
    low, top = np.zeros(5, dtype=np.int64), np.full(5, NO_UPPER)
    system = System(NO_GRID, matrix, state, np.array([0, 0, 0, 0, 9]), low, top, agree=True)
    truth, targets = np.array([1, -5, 3, 5, 9]), np.array([0, 2, 3])
    assert insiders_of(system, truth, least=1, groups=np.array([7, -1, -1, -1, -1]), targets=targets) == ()
    groups = np.array([7, -1, 7, -1, -1])
    assert insiders_of(system, truth, least=1, groups=groups, targets=targets) == ((3, 7),)


def computed(counts, withheld, alone, least):
    """By enumeration of the whole-number tables of two rows with these margins."""
    counts = np.array(counts)
    columns, flat = counts.sum(axis=0), counts.ravel()
    pairs = [np.array([*top, *(columns - top)]) for top in product(*(range(n + 1) for n in columns))]
    hidden = np.isin(np.arange(len(flat)), sorted(withheld))
    possible = np.array([
        t for t in pairs
        if t[:3].sum() == counts[0].sum() and (t[~hidden] == flat[~hidden]).all() and (t[hidden] >= least).all()
    ])  # fmt: skip
    for cell in sorted(withheld):
        if len(set(possible[:, cell])) == 1:
            yield cell, EVERYBODY
            continue
        for label in sorted(set(alone.values())):
            own = [place for place, who in alone.items() if who == label]
            left = possible[(possible[:, own] == counts.ravel()[own]).all(axis=1)]
            if cell not in own and len(set(left[:, cell])) == 1:
                yield cell, label


@st.composite
def tables(draw):
    least = draw(st.sampled_from([0, 1]))
    counts = draw(st.lists(st.integers(1, 3), min_size=6, max_size=6))
    withheld = draw(st.sets(st.integers(0, 5), min_size=2))
    ones = [k for k in sorted(withheld) if counts[k] == 1]
    alone = {k: draw(st.integers(0, 2)) for k in ones}
    return np.reshape(counts, (2, 3)), withheld, alone, least


@given(tables())
@settings(max_examples=60, deadline=None)
def test_the_same_cells_as_by_enumerating_every_table(case) -> None:
    """Of two dimensions, where linear and whole-number intervals agree."""
    assert list(ask(*case)) == list(computed(*case))


@pytest.mark.parametrize("size", [18])
def test_near_a_cell_and_in_the_whole_component_the_answer_is_the_same(size: int) -> None:
    """More unknowns than are tried near a cell; every insider moves with others, but for one square apart."""
    random = np.random.default_rng(3)
    counts = random.integers(1, 5, size=(size, size))
    far = np.full((size + 2, size + 2), 9)
    far[:size, :size] = counts
    far[size:, size:] = [[1, 2], [3, 4]]
    width = size + 2
    square = [size * width + size, size * width + size + 1, (size + 1) * width + size, (size + 1) * width + size + 1]
    withheld = [i * width + j for i, j in product(range(size), range(size))] + square
    alone = {k: k for k in withheld if far.ravel()[k] == 1}
    assert ask(far, withheld, alone) == tuple((k, square[0]) for k in square[1:])
