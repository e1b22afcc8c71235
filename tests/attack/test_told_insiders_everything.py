"""What is told of insiders, right or wrong, in tables so small that every one that fits can be listed.

With cells that no table shows, that two tables show (one unknown, several groups), that were withheld before, and that
must move further than by one.  Of two dimensions, where linear and whole-number intervals agree.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
from scipy import sparse

from publisher.audit.attacker.alternatives import Alternatives
from publisher.audit.attacker.equations import KEPT, LATENT, SHOWN, WITHHELD, Ints, System
from publisher.audit.attacker.insiders import EVERYBODY, insiders_of
from publisher.audit.attacker.problem import NO_GRID

CASES = 150
"""Of each shape."""


class Shape(NamedTuple):
    """`twice`: so many of the inner cells stand in a second table; `most`: the largest inner count."""

    rows: int
    columns: int
    twice: int
    most: int

    @property
    def inner(self) -> int:
        return self.rows * self.columns

    def equations(self) -> np.ndarray:
        """Inner cells, totals of rows and of columns, the total, and the cells that stand twice."""
        across, down, one = np.eye(self.rows, dtype=int), np.eye(self.columns, dtype=int), np.ones((1, self.inner), int)
        sums = [np.kron(across, np.ones((1, self.columns), int)), np.kron(np.ones((1, self.rows), int), down), one]
        parts = np.concatenate([*sums, np.eye(self.inner, dtype=int)[: self.twice]])
        return np.hstack([parts, -np.eye(len(parts), dtype=int)])

    def tables(self) -> np.ndarray:
        """Every table, one a row."""
        inner = np.array(list(product(range(self.most + 1), repeat=self.inner)), dtype=np.int64)
        return np.hstack([inner, inner @ self.equations()[:, : self.inner].T])


class Case(NamedTuple):
    """A table with what is known of it; `lower`, `upper`: also of what no table shows."""

    truth: Ints
    state: np.ndarray
    lower: Ints
    upper: Ints
    groups: Ints
    targets: Ints
    width: Ints
    least: int

    @property
    def held(self) -> np.ndarray:
        return np.isin(self.state, (WITHHELD, KEPT))

    def possible(self, tables: np.ndarray) -> np.ndarray:
        """Those of the tables that fit what everybody knows."""
        lower = np.where(self.state == WITHHELD, np.maximum(self.lower, self.least), self.lower)
        fits = np.where(self.state == SHOWN, tables == self.truth, (tables >= lower) & (tables <= self.upper))
        return tables[fits.all(axis=1)]

    def computed(self, possible: np.ndarray) -> tuple[tuple[int, int], ...]:
        """Target and group that knows it, by the tables that are possible."""
        out = []
        for cell in self.targets[self.held[self.targets]].tolist():
            moves = np.abs(possible[:, cell] - self.truth[cell]) >= self.width[cell]
            if not moves.any():
                out.append((cell, EVERYBODY))
                continue
            for group in np.unique(self.groups[self.groups >= 0]).tolist():
                own = self.groups == group
                if not own[cell] and not (moves & (possible[:, own] == self.truth[own]).all(axis=1)).any():
                    out.append((cell, group))
        return tuple(out)

    def ask(self, equations: np.ndarray, told: Alternatives | None) -> tuple[tuple[int, int], ...] | None:
        shown = np.where(self.state == SHOWN, self.truth, 0)
        matrix = sparse.csr_matrix(equations)
        system = System(NO_GRID, matrix, self.state.copy(), shown, self.lower, self.upper, agree=True)
        return insiders_of(
            system, np.where(self.held, self.truth, -99), least=self.least, groups=self.groups, targets=self.targets,
            width=self.width, told=told,
        )  # fmt: skip


def drawn(random: np.random.Generator, shape: Shape, tables: np.ndarray) -> Case:
    """A table of which much is withheld, some of it by an earlier release, and some shown nowhere."""
    truth, size, inner = tables[random.integers(len(tables))], tables.shape[1], shape.inner
    state = random.choice([LATENT, WITHHELD, SHOWN], p=[0.2, 0.65, 0.15], size=size).astype(np.int8)
    if random.random() < 0.6:
        state[inner : size - shape.twice] = SHOWN
    state[random.integers(inner)] = LATENT
    least = int(random.integers(2))
    state[(state == WITHHELD) & ((truth < least) | (random.random(size) < 0.1))] = KEPT
    upper = np.where(random.random(size) < 0.1, truth, shape.most * inner)
    upper[:inner] = shape.most
    groups = np.where(np.isin(state, (WITHHELD, KEPT)) & (random.random(size) < 0.3), random.integers(0, 3, size), -1)
    width, targets = random.choice([1, 1, 1, 2], size=size), np.flatnonzero(random.random(size) < 0.7)
    lower = np.where(random.random(size) < 0.1, np.minimum(truth, 1), 0)
    return Case(truth, state, lower, upper, groups, targets, width, least)


def elsewhere(random: np.random.Generator, case: Case, possible: np.ndarray) -> Ints:
    """The truth, or numbers that differ where no table shows them, adding up or not, or anywhere."""
    alike = possible[(possible[:, case.held] == case.truth[case.held]).all(axis=1)]
    way = alike[random.integers(len(alike))] - case.truth
    off = np.eye(len(way), dtype=np.int64)[random.choice(np.flatnonzero(case.state == LATENT))]
    other = possible[random.integers(len(possible))] - case.truth
    return case.truth + (0, 0, way, way * 9, off, other)[random.integers(6)]


def invented(random: np.random.Generator, case: Case, possible: np.ndarray) -> Alternatives:
    """Values and changes, true and false: of another table that fits or does not, too large, in pieces, of no move."""
    size, values = len(case.truth), elsewhere(random, case, possible)
    picks = possible[random.integers(len(possible), size=(2, 4))]
    changes = (picks[0] - np.where(random.random((4, 1)) < 0.5, picks[1], case.truth)) * random.choice([1, 2, 3, 2**41])
    strays = np.where(random.random((4, size)) < 0.05, 1, 0) * (random.random((4, 1)) < 0.4)
    split = random.integers(-3, 4, size=changes.shape)
    pieces = [sparse.csr_matrix(part) for part in (changes + strays - split, split)]
    where = [np.repeat(np.arange(4), np.diff(p.indptr)) for p in pieces]
    order = np.argsort(np.concatenate(where), kind="stable")
    data, cells = (np.concatenate(parts)[order] for parts in ([p.data for p in pieces], [p.indices for p in pieces]))
    return Alternatives(values, sparse.csr_matrix((data, cells, pieces[0].indptr + pieces[1].indptr), (4, size)))


@pytest.mark.parametrize("shape", [Shape(2, 3, 1, 3), Shape(3, 3, 2, 2), Shape(2, 2, 3, 4)], ids=str)
def test_whatever_is_told_the_cells_are_those_of_every_table_that_fits(shape: Shape) -> None:
    random, equations, tables = np.random.default_rng(5), shape.equations(), shape.tables()
    answers = set()
    for _ in range(CASES):
        case = drawn(random, shape, tables)
        possible = case.possible(tables)
        expected, told = case.computed(possible), invented(random, case, possible)
        assert case.ask(equations, told) == expected
        answers |= {group for _, group in expected}
    assert answers == {EVERYBODY, 0, 1, 2}
