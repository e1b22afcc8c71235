"""Tables so small that every pattern can be tried, and an attacker of their own who knows no equations but sums."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from publisher.policy.model import ProtectionLevel
from publisher.relations import IntArray, LinkedSystem
from publisher.suppression.blocks import BoolArray
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.pattern import CountTerms, Layer

TREES = {
    "flat": [(0, (1, 2, 3))],
    "nested": [(0, (1, 2)), (1, (3, 4)), (2, (5, 6))],
    "crossed": [(0, (1, 2)), (0, (3, 4)), (1, (5, 6)), (2, (7, 8)), (3, (5, 7)), (4, (6, 8))],
}
"""Areas: parents with their children; every area without children is a leaf."""


@dataclass(frozen=True)
class SmallTable:
    """Leaf counts, shape (leaves, codes), under one of the TREES; columns have a total."""

    tree: str
    counts: IntArray

    @property
    def sums(self) -> IntArray:
        """Which leaf counts every cell adds up, shape (cells, leaves x codes); the whole table's total comes last."""
        splits = TREES[self.tree]
        areas = 1 + max(child for _, children in splits for child in children)
        leaves = [a for a in range(areas) if all(a != parent for parent, _ in splits)]
        of = np.zeros((areas, len(leaves)), dtype=np.int64)
        of[leaves, np.arange(len(leaves))] = 1
        for parent, children in reversed(splits):
            of[parent] = of[list(children)].sum(axis=0)
        codes = self.counts.shape[1]
        return np.kron(of[::-1], np.concatenate([np.eye(codes, dtype=np.int64), np.ones((1, codes), dtype=np.int64)]))

    @property
    def values(self) -> IntArray:
        return np.asarray(self.sums @ self.counts.ravel(), dtype=np.int64)

    @property
    def system(self) -> LinkedSystem:
        splits, codes = TREES[self.tree], self.counts.shape[1]
        areas = 1 + max(child for _, children in splits for child in children)
        tree = np.zeros((len(splits), areas), dtype=np.int64)
        for row, (parent, children) in enumerate(splits):
            tree[row, parent] = 1
            tree[row, list(children)] = -1
        total = np.array([[*[-1] * codes, 1]])
        rows = [np.kron(tree[:, ::-1], np.eye(codes + 1)), np.kron(np.eye(areas), total)]
        return LinkedSystem(sparse.csr_array(np.concatenate(rows)), np.ones(areas * (codes + 1), dtype=np.bool_))


@dataclass(frozen=True)
class SmallProblem:
    """A table and what is asked of its patterns; `sums`: (rise, fall) of a sum's sensitive cells, None for counts."""

    table: SmallTable
    layer: Layer
    terms: CountTerms
    sums: tuple[IntArray, IntArray] | None = None

    @property
    def choices(self) -> IntArray:
        layer = self.layer
        return np.flatnonzero(~(layer.sensitive | layer.withheld | layer.forced | layer.zeros))

    def patterns(self) -> Iterator[BoolArray]:
        """Every pattern in which no equation leaves one withheld cell alone, those with fewest cells first."""
        settled = self.layer.sensitive | self.layer.withheld
        k = len(self.choices)
        bits = np.arange(2**k)
        chosen = (bits[:, None] >> np.arange(k)) & 1
        withheld = np.tile(settled, (len(bits), 1))
        withheld[:, self.choices] = chosen == 1
        alone = withheld @ (abs(self.table.system.equations.toarray()) > 0).T.astype(np.int64) == 1
        left = np.flatnonzero(~alone.any(axis=1))
        yield from withheld[left[np.argsort(chosen[left].sum(axis=1), kind="stable")]]

    def secondary(self, pattern: BoolArray) -> int:
        return int(pattern[self.choices].sum())

    def is_safe(self, pattern: BoolArray) -> bool:
        """Whether the pattern keeps the promise, by two linear programs a cell and attacker, bounds rounded inward."""
        settled = self.layer.sensitive | self.layer.withheld
        cells = np.concatenate([np.flatnonzero(pattern & settled), np.flatnonzero(pattern & ~settled)])
        return all(self._holds(int(c), pattern) for c in cells)

    def _holds(self, cell: int, pattern: BoolArray) -> bool:
        sensitive, level, t = self.layer.sensitive[cell], self.terms.level, self.terms.threshold
        down1, up1 = self._reach(cell, pattern, informed=True)
        if up1 + down1 < 1:
            return False
        if not sensitive:
            return True
        down0, up0 = self._reach(cell, pattern, informed=False)
        if self.sums is not None:
            rise, fall = self.sums
            return bool(min(up0, up1) >= rise[cell] and min(down0, down1) >= fall[cell])
        if min(down0, down1) < self.terms.fall[cell]:
            return False
        if level is not ProtectionLevel.EXACT and up0 + down0 < t:
            return False
        return level is not ProtectionLevel.AMBIGUOUS or up1 + down1 >= t - 1

    def _reach(self, cell: int, pattern: BoolArray, *, informed: bool) -> tuple[float, float]:
        """How far the cell falls and rises, in whole numbers."""
        sums, values = self.table.sums, self.table.values
        least = np.zeros_like(values) if self.terms.lower is None else self.terms.lower
        least = np.maximum(least, int(informed and self.terms.known_zeros))
        bounded = pattern & (self.layer.top < NO_TOP)
        program = {
            "A_eq": sums[~pattern], "b_eq": values[~pattern],
            "A_ub": np.concatenate([-sums[pattern], sums[bounded]]),
            "b_ub": np.concatenate([-least[pattern], (values + self.layer.top)[bounded]]),
            "bounds": (None, None), "method": "highs",
        }
        low, high = linprog(sums[cell], **program), linprog(-sums[cell], **program)
        bottom = -np.inf if low.status in (3, 4) else low.fun
        top = np.inf if high.status in (3, 4) else -high.fun
        return float(values[cell] - np.ceil(bottom - 1e-6)), float(np.floor(top + 1e-6) - values[cell])


@st.composite
def small_problems(draw: st.DrawFn, choices: int = 12) -> SmallProblem:
    """Counts with a threshold of 3; so many cells are forced, besides the table's total, that `choices` are left."""
    tree = draw(st.sampled_from(sorted(TREES)))
    shape = ({"flat": 3, "nested": 4, "crossed": 4}[tree], draw(st.integers(2, 3)))
    counts = draw(st.lists(st.integers(0, 7), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    table = SmallTable(tree, np.array(counts, dtype=np.int64).reshape(shape))
    values, published = table.values, draw(st.booleans())
    size, nothing = len(values), np.zeros(len(values), dtype=np.int64)
    sensitive = (values >= int(published)) & (values < 3)
    zeros = (values == 0) & published
    forced = nothing.astype(np.bool_)
    forced[-1] = True
    free = [c for c in range(size) if not (sensitive[c] or zeros[c] or forced[c])]
    forced[draw(st.permutations(free))[choices:]] = True
    withheld = np.zeros(size, dtype=np.bool_)
    if free and draw(st.booleans()):
        withheld[draw(st.sampled_from(free))] = True
    known = np.minimum(values, draw(st.sampled_from([0, 0, 1])))
    top = np.where(draw(st.lists(st.booleans(), min_size=size, max_size=size)), NO_TOP, draw(st.integers(2, 6)))
    fall = np.where(sensitive & (values >= 2), draw(st.sampled_from([0, 0, 1])), 0)
    layer = Layer(
        values=values, sensitive=sensitive, withheld=withheld, forced=forced, zeros=zeros,
        weights=nothing + 1, top=top.astype(np.int64),
    )  # fmt: skip
    level = draw(st.sampled_from(list(ProtectionLevel)))
    return SmallProblem(table, layer, CountTerms(level, 3, published, fall.astype(np.int64), known))


@st.composite
def small_sums(draw: st.DrawFn, choices: int = 12) -> SmallProblem:
    """Sums of which some inner cells need a rise and a fall; the attacker knows that none is below 0."""
    tree = draw(st.sampled_from(sorted(TREES)))
    shape = ({"flat": 3, "nested": 4, "crossed": 4}[tree], draw(st.integers(2, 3)))
    amounts = draw(st.lists(st.integers(0, 900), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    table = SmallTable(tree, np.array(amounts, dtype=np.int64).reshape(shape))
    values = table.values
    size, nothing = len(values), np.zeros(len(values), dtype=np.int64)
    sensitive = np.array(draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))) == 0
    rise = np.where(sensitive, draw(st.integers(1, 60)), 0)
    fall = np.minimum(np.where(sensitive, draw(st.integers(0, 60)), 0), values)
    forced = nothing.astype(np.bool_)
    forced[-1] = True
    free = [c for c in range(size) if not (sensitive[c] or forced[c])]
    forced[draw(st.permutations(free))[choices:]] = True
    layer = Layer(
        values=values, sensitive=sensitive, withheld=nothing.astype(np.bool_), forced=forced,
        zeros=nothing.astype(np.bool_), weights=nothing + 1, top=nothing + NO_TOP,
    )  # fmt: skip
    terms = CountTerms(ProtectionLevel.EXACT, 2, False, nothing, nothing)
    return SmallProblem(table, layer, terms, (rise.astype(np.int64), fall.astype(np.int64)))
