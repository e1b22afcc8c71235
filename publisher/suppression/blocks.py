"""Neighbourhoods of cells in the graph of equations: where a circulation is looked for first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from publisher.relations import IntArray
from publisher.suppression.distinct import distinct

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

SHORT, LONG = 30, 150
"""Equations of up to SHORT cells are always crossed when a block grows, of more than LONG never."""

SMALL = 16
"""A circulation of so few cells is not split."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Cells that may move together, sorted, and every equation that touches one of them, restricted to them.

    `near`: for each of the equations, whether blocks grow over it (Graph).
    """

    cells: IntArray
    equations: sparse.csr_array
    near: BoolArray

    def position(self, cell: int) -> int | None:
        """Where a cell of the system stands in the block; None where it is not in it."""
        at = int(np.searchsorted(self.cells, cell))
        return at if at < len(self.cells) and self.cells[at] == cell else None

    def parts(self, moves: IntArray) -> list[IntArray]:
        """Split a circulation of the block into smaller ones: positions in the block, one array for each part.

        Cells that share no near equation are apart; parts that another equation ties stay together.
        """
        moving = np.flatnonzero(moves)
        if len(moving) <= SMALL:
            return [moving] if len(moving) else []
        at = np.full(len(moves), -1, dtype=np.int64)
        at[moving] = np.arange(len(moving))
        row, place = np.repeat(np.arange(len(self.near)), np.diff(self.equations.indptr)), at[self.equations.indices]
        row, place, data = (a[place >= 0] for a in (row, place, self.equations.data))
        tied, shape = self.near[row], (len(self.near), len(moving))
        label = np.unique(_components(row[tied], place[tied], shape)[1], return_inverse=True)[1]
        if not label.any():
            return [moving]
        shape = (int(label.max()) + 1, len(self.near))
        by_part = sparse.csr_array((data * moves[moving][place], (label[place], row)), shape=shape)
        alone = abs(by_part).sum(axis=1) == 0
        parts = [moving[label == k] for k in np.flatnonzero(alone)] + [moving[~alone[label]]]
        return [part for part in parts if len(part)]


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Cells and equations of a linked system; integer entries, both orders.

    `crossed`: for each entry of `by_cell`, whether a block that holds the cell grows over the equation.
    `near`: equations that are crossed from most of their cells.
    """

    by_row: sparse.csr_array
    by_cell: sparse.csc_array
    crossed: BoolArray
    near: BoolArray

    @classmethod
    def of(cls, equations: sparse.csr_array) -> "Graph":
        """The graph of `equations`; ValueError where an entry is not an integer."""
        whole = sparse.csr_array(equations).astype(np.int64)
        if np.any(whole.data != equations.data):
            raise ValueError("equations have integer entries")
        whole.eliminate_zeros()
        by_cell = sparse.csc_array(whole)
        lengths = np.diff(whole.indptr)
        crossed = _crossed(by_cell, lengths)
        near = 2 * np.bincount(by_cell.indices, weights=crossed, minlength=len(lengths)) > lengths
        return cls(by_row=whole, by_cell=by_cell, crossed=crossed, near=near)

    def grow(self, cells: IntArray, allowed: BoolArray) -> IntArray:
        """`cells`, and the allowed cells that share with them an equation that is crossed; sorted."""
        entries = _entries(self.by_cell.indptr, cells)
        rows = distinct(self.by_cell.indices[entries[self.crossed[entries]]])
        reached = self.by_row.indices[_entries(self.by_row.indptr, rows)]
        return distinct(cells, reached[allowed[reached]])

    def inner(self, cells: IntArray, allowed: BoolArray, inside: BoolArray) -> BoolArray:
        """Which of `cells` lie in `inside` with every allowed cell one step from them (`grow`)."""
        lengths = self.by_cell.indptr[cells + 1] - self.by_cell.indptr[cells]
        entries, of = _entries(self.by_cell.indptr, cells), np.repeat(np.arange(len(cells)), lengths)
        rows, at = np.unique(self.by_cell.indices[entries].astype(np.int64), return_inverse=True)
        reached, lengths = self.entries(rows)[0], self.by_row.indptr[rows + 1] - self.by_row.indptr[rows]
        out = _any_of(np.repeat(np.arange(len(rows)), lengths), allowed[reached] & ~inside[reached], len(rows))
        return inside[cells] & ~_any_of(of, self.crossed[entries] & out[at], len(cells))

    def entries(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Cells and their signs of these equations, one after the other."""
        at = _entries(self.by_row.indptr, rows)
        return self.by_row.indices[at].astype(np.int64), self.by_row.data[at]

    @property
    def far(self) -> BoolArray:
        """Equations over the whole country, so to speak: of more than LONG cells."""
        return np.asarray(np.diff(self.by_row.indptr) > LONG)

    def families(self) -> IntArray:
        """A label for each cell: the innermost cells that equations of up to LONG cells tie (those of one municipality)
        have the same, and so has every total whose parts all have it; totals of several families are families among
        themselves.
        """
        size, near = self.by_row.shape[1], self.by_row[~self.far].tocsr()
        row = np.repeat(np.arange(near.shape[0]), np.diff(near.indptr))
        total, label = near.data > 0, np.full(size, -1, dtype=np.int64)
        left = np.ones(size, dtype=np.bool_)
        while left.any():
            inner = left.copy()
            inner[near.indices[total & _any_of(row, ~total & left[near.indices], near.shape[0])[row]]] = False
            if not inner.any():
                inner = left.copy()
            cells = np.flatnonzero(inner)
            label[cells] = label.max() + 1 + components_of(near[:, cells].tocsr())[1]
            left &= label < 0
            _label_totals(near, row, label)
            left &= label < 0
        return label

    def block(self, cells: IntArray) -> Block:
        """The block of `cells`, without those that cannot move because an equation leaves them alone."""
        held = distinct(cells)
        entries = _entries(self.by_cell.indptr, held)
        rows, row = np.unique(self.by_cell.indices[entries], return_inverse=True)
        column = np.repeat(np.arange(len(held)), self.by_cell.indptr[held + 1] - self.by_cell.indptr[held])
        moves, left = np.ones(len(held), dtype=np.bool_), np.ones(len(row), dtype=np.bool_)
        while True:
            lengths = np.bincount(row[left], minlength=len(rows))
            stuck = column[left & (lengths[row] == 1)]
            if not len(stuck):
                break
            moves[stuck] = False
            left = moves[column]
        kept, number = np.flatnonzero(lengths), np.cumsum(lengths > 0) - 1
        start = np.append(0, np.cumsum(np.bincount(column[left], minlength=len(held))[moves]))
        data, shape = self.by_cell.data[entries[left]], (len(kept), len(start) - 1)
        place, start = (a.astype(self.by_cell.indices.dtype) for a in (number[row[left]], start))
        equations = sparse.csc_array((data, place, start), shape=shape).tocsr()
        return Block(held[moves], equations, self.near[rows[kept]])

    def touching(self, cells: IntArray) -> tuple[IntArray, sparse.csr_array]:
        """The equations that touch one of `cells`, and those restricted to the cells.

        No step looks at all equations: there are hundreds of thousands, and blocks are asked for as often.
        """
        entries = _entries(self.by_cell.indptr, cells)
        rows, at = np.unique(self.by_cell.indices[entries], return_inverse=True)
        start = np.append(0, np.cumsum(self.by_cell.indptr[cells + 1] - self.by_cell.indptr[cells]))
        columns = sparse.csc_array((self.by_cell.data[entries], at, start), shape=(len(rows), len(cells)))
        return rows.astype(np.int64), columns.tocsr()


def _any_of(row: IntArray, entries: BoolArray, rows: int) -> BoolArray:
    """Which rows have one of the `entries`."""
    return np.asarray(np.bincount(row[entries], minlength=rows) > 0)


def _label_totals(near: sparse.csr_array, row: IntArray, label: IntArray) -> None:
    """Give a total without a label that of its parts, where all have one and it is the same."""
    of, total = label[near.indices], near.data > 0
    least, most = np.full(near.shape[0], np.iinfo(np.int64).max), np.full(near.shape[0], -1, dtype=np.int64)
    np.minimum.at(least, row[~total], of[~total])
    np.maximum.at(most, row[~total], of[~total])
    agreed = total & (of < 0) & (least >= 0)[row] & (least == most)[row]
    label[near.indices[agreed]] = most[row[agreed]]


def components_of(rows: sparse.csr_array) -> tuple[IntArray, IntArray]:
    """Labels of rows and of columns: the same where entries that are not zero lead from one to the other."""
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    return _components(row, rows.indices.astype(np.int64), rows.shape)


def _components(row: IntArray, column: IntArray, shape: tuple[int, int]) -> tuple[IntArray, IntArray]:
    """`row` is sorted."""
    size = sum(shape)
    start = np.append(0, np.bincount(row, minlength=size).cumsum())
    ties = sparse.csr_array((np.ones(len(row)), column + shape[0], start), shape=(size, size))
    label = np.asarray(connected_components(ties, directed=False)[1], dtype=np.int64)
    return label[: shape[0]], label[shape[0] :]


def connected(rows: sparse.csr_array, cells: IntArray) -> list[IntArray]:
    """`cells` (the columns of `rows`) by connected part."""
    return by_label(components_of(rows)[1], np.arange(len(cells)), cells)


def by_label(label: IntArray, at: IntArray, cells: IntArray | None = None) -> list[IntArray]:
    """`cells` (or their indices `at`) with the same label, for each label."""
    order = at[np.argsort(label[at], kind="stable")]
    found = order if cells is None else cells[order]
    return [part for part in np.split(found, np.flatnonzero(np.diff(label[order])) + 1) if len(part)]


def _entries(start: NDArray[np.int32], which: IntArray) -> IntArray:
    """Positions of the entries of every row (or column) in `which` of a compressed matrix, in that order."""
    lengths = start[which + 1] - start[which]
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.repeat(start[which] - before, lengths) + np.arange(int(lengths.sum())), dtype=np.int64)


def _crossed(by_cell: sparse.csc_array, lengths: IntArray) -> BoolArray:
    """Short equations; also, up to LONG, those whose total the cell is and the two shortest that it is a part of.

    A small area belongs to a municipality and, in a linked table, to the nation's areas of one type.  Its circulations
    are looked for in the municipality first.
    """
    cell = np.repeat(np.arange(by_cell.shape[1]), np.diff(by_cell.indptr))
    length, total = lengths[by_cell.indices], by_cell.data > 0
    order = np.lexsort((length, total, cell))
    rank = np.empty(len(cell), dtype=np.int64)
    rank[order] = np.arange(len(cell)) - by_cell.indptr[cell[order]]
    return np.asarray((length <= SHORT) | ((length <= LONG) & (total | (rank < 2))), dtype=np.bool_)
