"""What everybody knows of a cell beforehand: how many people live there, and what a case can amount to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from publisher.opaque import Opaque
from publisher.policy.declarations import AmountDeclaration
from publisher.relations import Column, IntArray, KeySet
from publisher.suppression.evidence import NO_TOP


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bounds(Opaque):
    """The least and the most that each cell can be; NONE in `upper` where nothing bounds it."""

    NONE: ClassVar[int] = NO_TOP
    lower: IntArray
    upper: IntArray

    def shaped(self, shape: tuple[int, ...]) -> "Bounds":
        """The same in another shape."""
        return Bounds(self.lower.reshape(shape), self.upper.reshape(shape))

    def within(self, other: "Bounds") -> "Bounds":
        """What both say together."""
        return Bounds(np.maximum(self.lower, other.lower), np.minimum(self.upper, other.upper))

    def top(self, values: IntArray) -> IntArray:
        """How far each cell can rise."""
        return np.where(self.upper < NO_TOP, self.upper - values, NO_TOP)

    def widened(self, size: int) -> "Bounds":
        """The same over `size` cells, flat; nothing is known of further ones than that they are at least 0."""
        beyond = size - self.lower.size
        least, most = np.zeros(beyond, dtype=np.int64), np.full(beyond, NO_TOP, dtype=np.int64)
        return Bounds(np.concatenate([self.lower, least]), np.concatenate([self.upper, most]))


def population_bounds(counts: IntArray, everyone: IntArray | None, keys: KeySet, kind: str) -> Bounds:
    """Counts of persons are at most the population of their cell.

    Person-cells that are summed over a column that belongs to cases can hold a person once for each of its codes.
    Where a count is larger than the population (movers, another register) that is no bound: nobody can rely on it.
    """
    lower = np.zeros(counts.shape, dtype=np.int64)
    if everyone is None:
        return Bounds(lower, np.full(counts.shape, NO_TOP, dtype=np.int64))
    most = everyone.astype(np.int64)
    for axis, (column, total) in enumerate(zip(keys.columns, keys.totals, strict=True), start=1):
        if total and kind == "persons" and not column.personal:
            times = np.ones(counts.shape[axis], dtype=np.int64)
            times[-1] = len(column.codes)
            most = most * times.reshape([-1 if a == axis else 1 for a in range(counts.ndim)])
    return Bounds(lower, np.where((most > 0) & (counts <= most), most, NO_TOP))


def amount_bounds(
    amount: AmountDeclaration, columns: Sequence[Column], kept: Mapping[str, tuple[str, ...]]
) -> tuple[IntArray, IntArray]:
    """Lower and upper bound of one case's amount, shaped to be multiplied with (leaves, codes...).

    Where the category that the bounds go by is no column of the tables, the widest of the codes that are kept hold.
    """
    at = next((i for i, c in enumerate(columns) if c.id == amount.by), None)
    shape = [1] * (len(columns) + 1)
    if at is None:
        low, high = amount.bound_of(kept.get(amount.by, tuple(amount.bounds)))
        return np.full(shape, low, dtype=np.int64), np.full(shape, high, dtype=np.int64)
    shape[at + 1] = len(columns[at].codes)
    low, high = np.array([amount.bound_of(columns[at].parts(c)) for c in columns[at].codes], dtype=np.int64).T
    return low.reshape(shape), high.reshape(shape)


def of_cells(bound: IntArray, keys: KeySet, *, widest: np.ufunc) -> IntArray:
    """A bound by leaf and code (`amount_bounds`) for every cell, shape (1, *keys.category_shape).

    `widest`: np.minimum or np.maximum, which takes the bound of a total from those of its codes.
    """
    for axis, (column, total) in enumerate(zip(keys.columns, keys.totals, strict=True), start=1):
        whole = np.broadcast_to(bound, [*bound.shape[:axis], len(column.codes), *bound.shape[axis + 1 :]])
        bound = np.concatenate([whole, widest.reduce(whole, axis=axis, keepdims=True)], axis=axis) if total else whole
    return bound


def counts_by_sums(sums: IntArray, lower: IntArray, upper: IntArray, kind: str) -> Bounds:
    """What somebody knows of counts who knows the sum of every cell, and that a case lies between `lower` and `upper`.

    Each person of a cell has at least one case in it; events are counted elsewhere than their case.  All arrays
    broadcast together; returns arrays of the shape of `sums`.
    """
    none, end = np.zeros_like(sums), np.full_like(sums, NO_TOP)
    if kind == "events":
        return Bounds(none, end)
    per = np.broadcast_to(np.where(sums > 0, upper, lower), sums.shape)
    least = np.where(sums == 0, none, -(-np.abs(sums) // np.abs(np.where(sums == 0, 1, per))))
    nearest = np.where(lower > 0, lower, np.where(upper < 0, -upper, 0))
    most = np.where(nearest > 0, np.abs(sums) // np.maximum(nearest, 1), end)
    return Bounds(least if kind == "cases" else none, most)
