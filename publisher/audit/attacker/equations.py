"""The published form of a release as one sparse system of equations over numbered cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.audit.attacker.labels import Leaf, check_areas, leaves_of, name_of
from publisher.audit.attacker.margins import AREA_ATTRIBUTES, Resolution, cliques_with_margins, covers
from publisher.errors import AuditFailedError
from publisher.opaque import Opaque
from publisher.release.model import TOTAL, Cell, CellStatus, Measure, Table

Ints = NDArray[np.int64]
LATENT, WITHHELD, SHOWN = 0, 1, 2


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
        """The number of a cell; `categories` by dimension id, absent = total."""
        at = 0
        for dimension, codes in zip(self.dimensions, self.codes, strict=True):
            at = at * len(codes) + codes[categories.get(dimension, TOTAL)]
        return self.names[area] * self.width + at

    def areas(self, numbers: Ints) -> list[str]:
        """The area names of cells."""
        names = list(self.names)
        return [names[i] for i in (numbers // self.width).tolist()]

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
    """`matrix @ x = 0` over all cells; `state` is LATENT, WITHHELD or SHOWN; `values` holds where SHOWN.

    `agree`: False where two tables show different numbers for one cell.
    """

    grid: Grid
    matrix: sparse.csr_matrix
    state: NDArray[np.int8]
    values: Ints
    agree: bool


def counted(table: Table) -> Measure:
    """The one counted measure of a table; AuditFailedError where it has another number, or where it does not add up."""
    found = [m for m in table.measures if m.kind in ("cases", "persons")]
    if len(found) != 1:
        raise AuditFailedError(f"table {table.id}: exactly one counted measure can be attacked")
    if not found[0].additive:
        raise AuditFailedError(f"table {table.id}: measure {found[0].id} does not add up, and cannot be attacked so")
    return found[0]


def counted_cells(table: Table, period: str) -> Iterator[Cell]:
    """The cells of the counted measure in one period, in published order."""
    measure = counted(table).id
    return (c for c in table.cells if c.period == period and c.measure == measure)


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


def build_system(tables: Sequence[Table], period: str) -> System:
    """The equations behind the published tables, rebuilt from their labels; all tables count the same records.

    Raises AuditFailedError where labels contradict each other or name an area of which no part is known.
    """
    grid = build_grid(tables, period)
    state = np.zeros(grid.size, dtype=np.int8)
    values = np.zeros(grid.size, dtype=np.int64)
    agree = True
    for table in tables:
        numbers = cell_numbers(grid, table, period)
        for number, cell in zip(numbers, counted_cells(table, period), strict=True):
            if cell.value is None or cell.status is CellStatus.SUPPRESSED:
                state[number] = max(state[number], WITHHELD)
                continue
            agree = agree and (state[number] != SHOWN or values[number] == cell.value)
            state[number], values[number] = SHOWN, cell.value
    return System(grid, equations(grid, tables), state, values, agree)


def cell_numbers(grid: Grid, table: Table, period: str) -> list[int]:
    """The number of each counted cell of the table, in published order."""
    ids = [d.id for d in table.dimensions]
    known = {a.code for a in table.areas}
    numbers: list[int] = []
    for cell in counted_cells(table, period):
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
