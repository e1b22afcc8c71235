"""The cells of a table: an array over its dimensions, and the linked system that ties them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from scipy import sparse

from publisher.errors import TableError
from publisher.relations import IntArray, LinkedSystem, area_equations
from publisher.suppression.blocks import BoolArray
from publisher.tabular.hierarchies import Axis
from publisher.tabular.spec import Forced

MOST_CELLS = 20_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Every cell of a table, C order over the axes.

    `members`: for each axis the 0/1 matrix (its cells, its leaves).  `equations`: for each axis, over its cells.  There
    are no latent cells: the finest level has a cell for every leaf.
    """

    axes: tuple[Axis, ...]
    members: tuple[sparse.csr_array, ...]
    equations: tuple[sparse.csr_array, ...]

    @classmethod
    def of(cls, axes: Sequence[Axis]) -> "Cells":
        """TableError for more cells than fit."""
        made = [_axis_system(a) for a in axes]
        cells = cls(tuple(axes), tuple(m for m, _ in made), tuple(e for _, e in made))
        if cells.size > MOST_CELLS:
            raise TableError(f"the table has more than {MOST_CELLS} cells")
        return cells

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of cells of each axis."""
        return tuple(m.shape[0] for m in self.members)

    @property
    def size(self) -> int:
        """Number of cells."""
        return prod(self.shape)

    def system(self) -> LinkedSystem:
        """The equations of every axis, for every combination of cells of the other axes; the first stands for areas."""
        rows = []
        for k, own in enumerate(self.equations):
            before, after = prod(self.shape[:k]), prod(self.shape[k + 1 :])
            inner = sparse.kron(own, sparse.eye_array(after, format="csr"), format="csr")
            rows.append(sparse.kron(sparse.eye_array(before, format="csr"), inner, format="csr"))
        across = prod(self.shape[1:])
        return LinkedSystem(sparse.csr_array(sparse.vstack(rows, format="csr")), np.ones(self.size, np.bool_), across)

    def add_up(self, leaves: IntArray) -> IntArray:
        """Sums of leaf values (shape: leaves of each axis) in every cell, flat."""
        out = leaves
        for k, member in enumerate(self.members):
            rest = np.moveaxis(out, k, 0)
            sums = member @ rest.reshape(rest.shape[0], -1)
            out = np.moveaxis(np.asarray(sums, dtype=np.int64).reshape(-1, *rest.shape[1:]), 0, k)
        return out.ravel()

    def largest(self, leaves: IntArray) -> IntArray:
        """The largest of leaf contributions in every cell: (leaves of each axis..., k) -> (cells, k), descending."""
        out, n = leaves, leaves.shape[-1]
        for k, member in enumerate(self.members):
            rest = np.moveaxis(out, k, 0)
            groups = np.split(member.indices, member.indptr[1:-1])
            merged = [_top(rest[group], n) for group in groups]
            out = np.moveaxis(np.stack(merged), 0, k)
        return out.reshape(-1, n)

    def codes_at(self, cell: int) -> tuple[str, ...]:
        """The codes of a cell."""
        return tuple(a.codes[int(i)] for a, i in zip(self.axes, np.unravel_index(cell, self.shape), strict=True))

    def at_levels(self, forced: Sequence[Forced]) -> BoolArray:
        """The cells that any of `forced` names, flat."""
        found = [self._at_level(f) for f in forced]
        return np.asarray(np.any(found or [np.zeros(self.size, dtype=np.bool_)], axis=0))

    def _at_level(self, forced: Forced) -> BoolArray:
        """The cells at the named levels, flat."""
        out = np.ones((), dtype=np.bool_)
        for axis in self.axes:
            wanted = forced.get(axis.column)
            out = np.logical_and.outer(out, [wanted in (None, level) for level in axis.level_of])
        return np.asarray(out.ravel())


def _axis_system(axis: Axis) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Which leaves each cell of the axis has, and the equations among its cells."""
    equations, latent = area_equations(axis.levels)
    if latent:
        raise TableError(f"dimension {axis.column}: its finest level lacks a leaf")
    member = sparse.vstack([v.matrix for v in axis.levels], format="csr")
    return sparse.csr_array(member).astype(np.int64), equations


def _top(values: IntArray, n: int) -> IntArray:
    """The n largest over the first and last axis together: (m, ..., n) -> (..., n), descending."""
    stacked = np.moveaxis(values, 0, -2)
    flat = stacked.reshape(*stacked.shape[:-2], -1)
    return -np.sort(-flat, axis=-1)[..., :n]
