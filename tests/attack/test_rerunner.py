"""Who reruns the public search on every table that fits the published one, and keeps those that give its pattern.

Tables of 3 x 3 small counts under their totals, of which the whole is shown for certain: so small that all candidates
can be tried.  The rerunner knows that no withheld count is 0, every public size and the code; the key of the weights
either has leaked, which is not promised against, or could be any of sixteen, as far as is tried here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
import pytest
from plain_worlds import LEVELS, Asked, Cells, PlainWorld, counted, protected
from small_tables import SmallTable

from publisher.errors import SuppressionError
from publisher.policy.model import ProtectionLevel
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.pattern import CountTerms, Layer, find_pattern
from publisher.suppression.weights import public_weights

T, SIDE, KEYS, MOST = 5, 3, 16, 60
"""Threshold; rows and columns; keys tried by who has none; tables with more candidates are left out."""


@dataclass(frozen=True)
class Published:
    """A true table, the public sizes of its leaf cells, the level and the secret."""

    counts: np.ndarray
    sizes: np.ndarray
    level: ProtectionLevel
    secret: int

    @cached_property
    def table(self) -> SmallTable:
        return SmallTable("flat", self.counts)

    def pattern_of(self, counts: np.ndarray, key: int) -> np.ndarray | None:
        """What the public search withholds of other counts; None where it refuses."""
        table = SmallTable("flat", counts)
        values, nothing = table.values, np.zeros_like(table.values)
        no, whole = nothing.astype(np.bool_), nothing.astype(np.bool_)
        whole[-1] = True
        weights = public_weights(table.sums @ self.sizes.ravel(), key=key.to_bytes(16, "big"))
        layer = Layer(
            values=values, sensitive=(values > 0) & (values < T), withheld=no, forced=whole, zeros=values == 0,
            weights=weights, top=nothing + NO_TOP,
        )  # fmt: skip
        try:
            return find_pattern(table.system, layer, CountTerms(self.level, T, True, nothing)).suppressed
        except SuppressionError:
            return None

    @cached_property
    def pattern(self) -> np.ndarray | None:
        return self.pattern_of(self.counts, self.secret)

    @cached_property
    def candidates(self) -> list[np.ndarray]:
        """Every table with the shown numbers whose withheld ones are at least 1; MOST + 1 of them at most."""
        assert self.pattern is not None
        shown = ~self.pattern
        sums, out = self.table.sums, []
        for leaves in fitting(sums[shown], self.table.values[shown]):
            if np.all(sums[self.pattern] @ leaves >= 1):
                out.append(leaves.reshape(SIDE, SIDE))
            if len(out) > MOST:
                break
        return out

    def kept(self, keys: Sequence[int]) -> list[np.ndarray]:
        """The candidates that give the published pattern under one of these keys."""

        def gives_it(counts: np.ndarray, key: int) -> bool:
            pattern = self.pattern_of(counts, key)
            return pattern is not None and bool(np.all(pattern == self.pattern))

        return [c for c in self.candidates if any(gives_it(c, k) for k in keys)]

    def known(self, left: Sequence[np.ndarray]) -> np.ndarray:
        """Of the sensitive cells: how many there are, how many are known exactly, how many to be small."""
        values = self.table.values
        cells = np.flatnonzero((values > 0) & (values < T))
        seen = np.array([self.table.sums[cells] @ c.ravel() for c in left])
        low, high = seen.min(axis=0), seen.max(axis=0)
        return np.array([len(cells), np.sum(low == high), np.sum(high < T)])


def fitting(rows: np.ndarray, totals: np.ndarray, done: tuple[int, ...] = ()) -> Iterator[np.ndarray]:
    """All whole numbers, 0 or more, that give these totals; every unknown is in the last row."""
    at = len(done)
    if at == rows.shape[1]:
        if not totals.any():
            yield np.array(done)
        return
    inside = rows[:, at] > 0
    for value in range(int(totals[inside].min()) + 1):
        left = totals - rows[:, at] * value
        if not left[~rows[:, at + 1 :].any(axis=1)].any():
            yield from fitting(rows, left, (*done, value))


def published_tables(level: ProtectionLevel, tables: int = 12) -> Iterator[Published]:
    """Counts of 0 to 8; half of the tables with equal public sizes, half with unequal ones."""
    for seed in range(tables):
        draw = np.random.default_rng(seed)
        counts = draw.integers(0, 9, (SIDE, SIDE))
        unequal = np.outer(draw.integers(20, 400, SIDE), [5, 3, 2]) // 10
        sizes = unequal if seed % 2 else unequal * 0
        made = Published(counts, sizes, level, 1000 + seed)
        if made.pattern is not None and len(made.candidates) <= MOST:
            yield made


@pytest.mark.parametrize("level", list(ProtectionLevel))
def test_the_values_of_large_cells_do_not_show_in_the_pattern(level: ProtectionLevel) -> None:
    """Other numbers of 30 or more in their place leave the pattern as it is: it tells a rerunner nothing of them."""
    for seed in range(12):
        draw = np.random.default_rng(seed)
        small = draw.random((SIDE, SIDE)) < 0.4
        counts = np.where(small, draw.integers(0, T, (SIDE, SIDE)), draw.integers(30, 80, (SIDE, SIDE)))
        other = np.where(small, counts, draw.integers(30, 800, (SIDE, SIDE)))
        made = Published(counts, draw.integers(20, 400, (SIDE, SIDE)), level, seed)
        assert made.pattern is not None
        assert np.array_equal(made.pattern, made.pattern_of(other, seed))


@pytest.mark.parametrize("level", LEVELS)
def test_candidates_that_give_the_published_pattern_are_searched_with_the_same_weights(level: str) -> None:
    """Through `protect`, which takes its sizes from totals: from none that it withholds in the end."""
    compared = 0
    for seed in range(6):
        made, cells = protected(_as_world(np.random.default_rng(seed).integers(0, 9, (SIDE, SIDE))), Asked(level))
        for leaves in _fitting_cells(cells):
            other, again = protected(_as_world(leaves), Asked(level))
            if [k for k, v in again.items() if v is None] == [k for k, v in cells.items() if v is None]:
                assert np.array_equal(other.layer.weights, made.layer.weights)
                compared += 1
    assert compared > 6


def _as_world(counts: np.ndarray) -> PlainWorld:
    return counted({f"a{i}": row.tolist() for i, row in enumerate(counts)})


def _fitting_cells(cells: Cells, most: int = 4) -> list[np.ndarray]:
    """The first tables that a published one leaves possible."""
    world = _as_world(np.zeros((SIDE, SIDE), dtype=np.int64))
    adds = {k: np.bincount(i, minlength=SIDE * SIDE) for k, i in world.members.items()}
    shown = {k: v for k, v in cells.items() if v is not None}
    rows, totals = np.array([adds[k] for k in shown]), np.array([*shown.values()])
    held = np.array([adds[k] for k, v in cells.items() if v is None])
    possible = (x for x in fitting(rows, totals) if np.all(held @ x >= 1))
    return [x.reshape(SIDE, SIDE) for x in islice(possible, most)]


MEASURED = {
    ProtectionLevel.EXACT: (46, (0, 21), (9, 33), (2, 23)),
    ProtectionLevel.INTERVAL: (46, (0, 17), (0, 23), (0, 17)),
    ProtectionLevel.AMBIGUOUS: (31, (0, 0), (0, 5), (0, 0)),
}
"""Sensitive cells of the fixed tables, and how many of them are known (exactly, to be small): by the equations and the
inequalities alone, by a rerun with the key, by reruns with each of sixteen others.  What docs/limits.md states.
"""


@pytest.mark.slow
@pytest.mark.parametrize("level", list(ProtectionLevel))
def test_how_much_a_rerunner_learns_of_small_tables(level: ProtectionLevel) -> None:
    """Less than by each way of knowing is no failure; more is."""
    ways = np.zeros((3, 3), dtype=np.int64)
    for made in published_tables(level):
        assert any(np.array_equal(c, made.counts) for c in made.candidates)
        leaked, keyless = made.kept([made.secret]), made.kept(range(KEYS))
        # No key of his that gives the pattern leaves him where he was.
        ways += [made.known(left or made.candidates) for left in (made.candidates, leaked, keyless)]
    cells, *stated = MEASURED[level]
    assert ways[:, 0].tolist() == [cells] * 3
    assert np.all(ways[:, 1:] <= stated)
