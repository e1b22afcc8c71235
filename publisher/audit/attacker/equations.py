"""The published form of a release as one sparse system of equations over numbered cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.audit.attacker.bodies import Body, is_withheld
from publisher.audit.attacker.labels import Leaf, check_areas, leaves_of, name_of
from publisher.audit.attacker.margins import AREA_ATTRIBUTES, Resolution, cliques_with_margins, covers
from publisher.errors import AuditFailedError
from publisher.opaque import Opaque
from publisher.release.model import TOTAL, Table

Ints = NDArray[np.int64]
LATENT, WITHHELD, SHOWN, KEPT = 0, 1, 2, 3

NOWHERE = -1
"""In place of the place of an unknown that stands at none."""

NO_UPPER = 2**62
"""In place of an upper bound where there is none."""

Limits = Mapping[tuple[str, str, str, tuple[str, ...]], tuple[int, int | None]]
"""What is publicly known of cells beforehand: (table, measure, area, categories) -> least and most (None: no end)."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Numbers for cells: an area name and one code a dimension (the total where a table lacks the dimension)."""

    leaves: tuple[Leaf, ...]
    names: dict[str, int]
    dimensions: tuple[str, ...]
    codes: tuple[dict[str, int], ...]

    @property
    def width(self) -> int:
        """Cells of one area."""
        return prod(len(c) for c in self.codes)

    @property
    def size(self) -> int:
        """Cells in all, most of which may belong to no published resolution."""
        return len(self.names) * self.width

    def number(self, area: str, categories: dict[str, str]) -> int:
        """The number of a cell; `categories` by dimension id, absent = total.  KeyError for a name that it lacks."""
        return self.names[area] * self.width + self.place(categories)

    def place(self, categories: dict[str, str]) -> int:
        """Where a combination of codes stands among the cells of an area, as in `number`."""
        at = 0
        for dimension, codes in zip(self.dimensions, self.codes, strict=True):
            at = at * len(codes) + codes[categories.get(dimension, TOTAL)]
        return at

    def describe(self, number: int) -> tuple[str, tuple[str, ...]]:
        """Area and categories (in the order of `dimensions`) of a cell."""
        area, at = divmod(number, self.width)
        found: list[str] = []
        for codes in reversed(self.codes):
            at, i = divmod(at, len(codes))
            found.append(list(codes)[i])
        return list(self.names)[area], tuple(reversed(found))


@dataclass(frozen=True, slots=True, repr=False)
class System(Opaque):
    """`matrix @ x = 0` over all cells, and further unknowns behind them; `state` is LATENT, WITHHELD, SHOWN or KEPT.

    KEPT: withheld, though possibly 0, because an earlier release withholds it.
    `values` holds where SHOWN; elsewhere an unknown is at least `lower`, and at most `upper` (NO_UPPER: without end).
    `agree`: False where two tables show different numbers for one cell.
    `standing`: for each cell its place, or NOWHERE, and which others are of its kind at other places; None: not known.
    """

    grid: Grid
    matrix: sparse.csr_matrix
    state: NDArray[np.int8]
    values: Ints
    lower: Ints
    upper: Ints
    agree: bool
    standing: tuple[Ints, Ints] | None = None

    @property
    def size(self) -> int:
        """Cells and further unknowns."""
        return len(self.state)


def build_grid(tables: Sequence[Table], period: str) -> Grid:
    """Numbers for every cell that some resolution of the tables has."""
    check_areas(tables)
    leaves = leaves_of(tables, period)
    codes: dict[str, tuple[str, ...]] = {}
    for table in tables:
        for dimension in table.dimensions:
            parts = tuple(sorted(set(dimension.codes) - {TOTAL}))
            if codes.setdefault(dimension.id, parts) != parts:
                raise AuditFailedError(f"table {table.id}: {dimension.id} has other categories than in another table")
    areas = {r & AREA_ATTRIBUTES for group in cliques_with_margins(tables) for r in group}
    names = sorted({name_of(leaf, a) for a in areas for leaf in leaves})
    by_dimension = tuple({c: i for i, c in enumerate((TOTAL, *codes[d]))} for d in sorted(codes))
    return Grid(leaves, {n: i for i, n in enumerate(names)}, tuple(sorted(codes)), by_dimension)


def build_system(body: Body, period: str, limits: Limits) -> System:
    """The equations behind the published tables of a body, rebuilt from their labels.

    `limits`: what is publicly known of cells, by key.  Raises AuditFailedError where labels contradict each other or
    name an area of which no part is known.
    """
    grid = build_grid(body.tables, period)
    matrix = equations(grid, body.tables)
    matrix = matrix if body.additive else inequalities(matrix, _over_cases(grid, matrix, body.tables))
    size = matrix.shape[1]
    state, values = np.zeros(size, dtype=np.int8), np.zeros(size, dtype=np.int64)
    lower, upper = np.full(size, body.least, dtype=np.int64), np.full(size, NO_UPPER, dtype=np.int64)
    lower[grid.size :] = 0  # slacks
    agree = True
    for table in body.tables:
        for number, cell in zip(cell_numbers(grid, table, body, period), body.cells(table, period), strict=True):
            low, high = limits.get((table.id, cell.measure, cell.area, cell.categories), (body.least, None))
            lower[number] = max(lower[number], low)
            upper[number] = upper[number] if high is None else min(upper[number], high)
            if is_withheld(cell):
                state[number] = max(state[number], WITHHELD)
                continue
            shown = int(cell.value or 0)
            agree = agree and (state[number] != SHOWN or values[number] == shown)
            state[number], values[number] = SHOWN, shown
    return System(grid, matrix, state, values, lower, upper, agree, _standing(grid, size))


def _standing(grid: Grid, size: int) -> tuple[Ints, Ints]:
    """Of each cell its area, and its categories; slacks stand nowhere."""
    area, categories = np.divmod(np.arange(size), max(1, grid.width))
    return np.where(np.arange(size) < grid.size, area, NOWHERE), categories


def _over_cases(grid: Grid, matrix: sparse.csr_matrix, tables: Sequence[Table]) -> NDArray[np.bool_]:
    """Which equations add up, also, a dimension of which one person can have several categories.

    Areas and what belongs to the person add up for different persons too: each is at one place, of one sex.
    """
    personal = {d.id for t in tables for d in t.dimensions if d.personal}
    codes = np.unravel_index(matrix.indices % grid.width, [len(c) for c in grid.codes] or [1])
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    out = np.zeros(matrix.shape[0], dtype=np.bool_)
    for dimension, code in zip(grid.dimensions, codes, strict=False):
        if dimension not in personal:
            least, most = np.full(len(out), len(grid.names) + grid.size), np.full(len(out), -1)
            np.minimum.at(least, row, code)
            np.maximum.at(most, row, code)
            out |= least != most
    return out


def inequalities(matrix: sparse.csr_matrix, loose: NDArray[np.bool_]) -> sparse.csr_matrix:
    """For measures that do not add up: each total is at most the sum of its parts, and at least each of them.

    Written as equations with unknowns that are not negative: total - parts + slack = 0, total - part - slack = 0.
    `loose`: the equations that this is true of; the others hold as they are, and so does a total of one part.
    """
    loose = loose & (np.diff(matrix.indptr) > 2)
    single, many = sparse.csr_matrix(matrix[~loose]), sparse.csr_matrix(matrix[loose])
    total, parts = sparse.csr_matrix(many.maximum(0)), sparse.coo_matrix((-many).maximum(0))
    n, pairs, cells = many.shape[0], len(parts.row), matrix.shape[1]
    ones, order = np.ones(pairs, dtype=np.int64), np.arange(pairs)
    part = sparse.csr_matrix((ones, (order, parts.col)), shape=(pairs, cells))
    below = sparse.csr_matrix(total[parts.row] - part)
    slack, gap = (sparse.identity(k, dtype=np.int64, format="csr") for k in (n, pairs))
    return sparse.csr_matrix(sparse.bmat([[single, None, None], [many, slack, None], [below, None, -gap]]))


def cell_numbers(grid: Grid, table: Table, body: Body, period: str) -> list[int]:
    """The number of each of the body's cells in the table, in published order."""
    ids = [d.id for d in table.dimensions]
    known = {a.code for a in table.areas}
    numbers: list[int] = []
    for cell in body.cells(table, period):
        if cell.area not in grid.names or cell.area not in known:
            raise AuditFailedError(f"table {table.id}: area {cell.area} has no parts that the labels tell of")
        try:
            numbers.append(grid.number(cell.area, dict(zip(ids, cell.categories, strict=True))))
        except (KeyError, ValueError):
            raise AuditFailedError(f"table {table.id}: a cell of area {cell.area} has undeclared categories") from None
    return numbers


def equations(grid: Grid, tables: Sequence[Table]) -> sparse.csr_matrix:
    """`parent - sum of its parts`, a row each, over all cells of the grid: shape (equations, grid.size), integers."""
    blocks: list[sparse.csr_matrix] = []
    done: set[tuple[Resolution, Resolution]] = set()
    for resolutions in cliques_with_margins(tables):
        for coarse in resolutions:
            for fine in covers(resolutions, coarse):
                if (coarse, fine) not in done:
                    done.add((coarse, fine))
                    blocks.append(_sums(grid, coarse, fine))
    return sparse.csr_matrix(sparse.vstack(blocks, format="csr")) if blocks else sparse.csr_matrix((0, grid.size))


def _sums(grid: Grid, coarse: Resolution, fine: Resolution) -> sparse.csr_matrix:
    """Rows `parent - sum of its parts`: every cell of `coarse` against the cells of `fine` that it is made of."""
    areas = sorted({(name_of(x, coarse), name_of(x, fine)) for x in grid.leaves})
    categories = [_category_pair(grid, combo, coarse) for combo in _combinations(grid, fine)]
    n, width = len(categories), grid.width
    parent_of = np.array([p for p, _ in categories], dtype=np.int64)
    child_of = np.array([c for _, c in categories], dtype=np.int64)
    up = np.repeat([grid.names[p] for p, _ in areas], n) * width + np.tile(parent_of, len(areas))
    down = np.repeat([grid.names[c] for _, c in areas], n) * width + np.tile(child_of, len(areas))
    parents, row = np.unique(up, return_inverse=True)
    shape = (len(parents), grid.size)
    left = sparse.csr_matrix((np.ones(len(parents), dtype=np.int64), (np.arange(len(parents)), parents)), shape=shape)
    right = sparse.csr_matrix((np.ones(len(down), dtype=np.int64), (row, down)), shape=shape)
    difference = sparse.csr_matrix(left - right)
    difference.eliminate_zeros()
    return difference


def _combinations(grid: Grid, resolution: Resolution) -> Iterator[tuple[int, ...]]:
    """Category indices (0 = total) of a resolution: every part of each shown dimension, the total of the others."""
    shown = zip(grid.dimensions, grid.codes, strict=True)
    return product(*(range(1, len(codes)) if d in resolution else (0,) for d, codes in shown))


def _category_pair(grid: Grid, combo: tuple[int, ...], coarse: Resolution) -> tuple[int, int]:
    parent = child = 0
    for dimension, codes, i in zip(grid.dimensions, grid.codes, combo, strict=True):
        child = child * len(codes) + i
        parent = parent * len(codes) + (i if dimension in coarse else 0)
    return parent, child
