"""The cells of one table as an indexed SQLite file, and selections from it.  Selects and counts rows; never adds.

Columns hold positions, not codes: `area` the position in the table's areas, `c0`, `c1`... in each dimension's
categories, `period` and `measure` in theirs, `level` in AREA_LEVELS.  Rows lie in published order.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from publisher.errors import ReleaseError
from publisher.release.model import AREA_LEVELS, Cell, CellStatus, Table

_FACTS = ("value", "status", "lower", "upper", "version")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which cells to show: positions kept on each axis, None for all.  `categories` has one entry a dimension."""

    areas: tuple[int, ...] | None
    categories: tuple[tuple[int, ...] | None, ...]
    periods: tuple[int, ...] | None
    measures: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Layout:
    """How a selection is laid out in rows.  `column`: the axis that runs across; the other axes make the rows.

    `sort`: position on `column` whose value orders the rows within an area level (None: by code), `descending` or not.
    """

    column: str
    page: int
    page_rows: int
    sort: int | None = None
    descending: bool = False

    def __post_init__(self) -> None:
        if self.page < 1 or not 1 <= self.page_rows <= 1000:
            raise ValueError("pages count from 1 and hold 1 to 1000 rows")


@dataclass(frozen=True, slots=True)
class Page:
    """`rows`: the cells of each row, in order of the column axis; `total_rows`: rows of the whole selection."""

    rows: tuple[tuple[Cell, ...], ...]
    total_rows: int


def axes(table: Table) -> tuple[str, ...]:
    """Names of the axes, outermost first: `area`, one `c0`, `c1`... a dimension, `period`, `measure`."""
    return ("area", *(f"c{i}" for i in range(len(table.dimensions))), "period", "measure")


def canonical_order(table: Table) -> tuple[Cell, ...]:
    """The cells in published order: area level, area code, categories, period, measure, each by code.

    ReleaseError where two cells have the same key.
    """
    levels = {a.code: AREA_LEVELS.index(a.level) for a in table.areas}
    keyed = sorted((levels[c.area], c[:4], i) for i, c in enumerate(table.cells))
    if any(a[1] == b[1] for a, b in pairwise(keyed)):
        raise ReleaseError(f"table {table.id}: a cell stands twice")
    return tuple(table.cells[i] for _, _, i in keyed)


def write_cells(table: Table, cells: Sequence[Cell]) -> bytes:
    """The bytes of the SQLite file; the same cells give the same bytes under one version of SQLite."""
    names = ("level", *axes(table))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        columns = ", ".join(f"{n} INTEGER NOT NULL" for n in names)
        connection.execute(
            f"CREATE TABLE cells ({columns}, value INTEGER, status TEXT NOT NULL, lower INTEGER, upper INTEGER,"
            " version INTEGER NOT NULL) STRICT"
        )
        marks = ", ".join("?" * (len(names) + len(_FACTS)))
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO cells VALUES ({marks})", _rows(table, cells))
        connection.execute("CREATE INDEX by_view ON cells (measure, period, area)")
        connection.execute("CREATE INDEX by_area ON cells (area)")
        connection.execute("COMMIT")
        return bytes(connection.serialize())


def _rows(table: Table, cells: Sequence[Cell]) -> Iterator[tuple[object, ...]]:
    areas = {a.code: (AREA_LEVELS.index(a.level), i) for i, a in enumerate(table.areas)}
    categories = [{code: i for i, code in enumerate(d.codes)} for d in table.dimensions]
    periods = {p: i for i, p in enumerate(table.periods)}
    measures = {m.id: i for i, m in enumerate(table.measures)}
    for cell in cells:
        where = [at[code] for at, code in zip(categories, cell.categories, strict=True)]
        key = (*areas[cell.area], *where, periods[cell.period], measures[cell.measure])
        yield (*key, cell.value, cell.status.value, cell.lower, cell.upper, cell.version)


def open_cells(path: Path) -> sqlite3.Connection:
    """A read-only connection; SQLite takes no lock and writes nothing beside a sealed file (`immutable`)."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True, isolation_level=None)


def all_cells(connection: sqlite3.Connection, table: Table) -> tuple[Cell, ...]:
    """Every cell, in published order."""
    names = ", ".join((*axes(table), *_FACTS))
    return tuple(_decoded(table, connection.execute(f"SELECT {names} FROM cells ORDER BY rowid")))


def select_cells(connection: sqlite3.Connection, table: Table, selection: Selection, *, limit: int) -> tuple[Cell, ...]:
    """At most `limit` cells of a selection, by area position, categories, period and measure."""
    names = ", ".join(axes(table))
    condition, values = _where(selection)
    query = f"SELECT {names}, {', '.join(_FACTS)} FROM cells WHERE {condition} ORDER BY {names} LIMIT ?"
    return tuple(_decoded(table, connection.execute(query, (*values, limit))))


def select_page(connection: sqlite3.Connection, table: Table, selection: Selection, layout: Layout) -> Page:
    """One page of a selection laid out by `layout`.  A row is a key of the row axes, whole on one page."""
    if layout.column not in axes(table):
        raise ValueError("the column axis is not one of the table's")
    keys = [a for a in axes(table) if a != layout.column]
    names, (condition, values) = ", ".join(keys), _where(selection)
    total = connection.execute(
        f"SELECT count(*) FROM (SELECT DISTINCT {names} FROM cells WHERE {condition})", values
    ).fetchone()[0]
    order = f"level, {names}"
    if layout.sort is not None:
        order = f"level, s IS NULL, s {'DESC' if layout.descending else 'ASC'}, {names}"
    shown = ", ".join((*axes(table), *_FACTS))
    # max() over the one cell of a row and column: SQL needs an aggregate there, and of one value it is that value.
    query = f"""
        WITH keys AS (
            SELECT level, {names}, max(CASE WHEN {layout.column} = ? THEN value END) AS s FROM cells
            WHERE {condition} GROUP BY level, {names} ORDER BY {order} LIMIT ? OFFSET ?)
        SELECT {shown} FROM keys JOIN cells USING (level, {names}) WHERE {condition}
        ORDER BY {order}, {layout.column}"""
    sort = -1 if layout.sort is None else layout.sort
    window = (layout.page_rows, (layout.page - 1) * layout.page_rows)
    found = _decoded(table, connection.execute(query, (sort, *values, *window, *values)))
    return Page(_grouped(found, layout.column), total)


def _grouped(cells: Iterator[Cell], column: str) -> tuple[tuple[Cell, ...], ...]:
    rows: dict[tuple[object, ...], list[Cell]] = {}
    for cell in cells:
        rows.setdefault(_row_key(cell, column), []).append(cell)
    return tuple(tuple(row) for row in rows.values())


def _row_key(cell: Cell, column: str) -> tuple[object, ...]:
    """The cell's key without its place on the column axis."""
    fixed = {"area": 0, "period": 2, "measure": 3}
    if column in fixed:
        return tuple(part for i, part in enumerate(cell[:4]) if i != fixed[column])
    at = int(column[1:])
    return (cell.area, cell.categories[:at] + cell.categories[at + 1 :], cell.period, cell.measure)


def _where(selection: Selection) -> tuple[str, tuple[int, ...]]:
    kept = [("area", selection.areas), ("period", selection.periods), ("measure", selection.measures)]
    kept += [(f"c{i}", positions) for i, positions in enumerate(selection.categories)]
    parts = ["1"]
    values: list[int] = []
    for name, positions in kept:
        if positions is not None:
            parts.append(f"{name} IN ({', '.join('?' * len(positions))})")
            values += positions
    return " AND ".join(parts), tuple(values)


def _decoded(table: Table, rows: sqlite3.Cursor) -> Iterator[Cell]:
    areas, periods = [a.code for a in table.areas], table.periods
    measures, codes = [m.id for m in table.measures], [d.codes for d in table.dimensions]
    n = len(codes)
    for row in rows:
        categories = tuple(c[i] for c, i in zip(codes, row[1 : n + 1], strict=True))
        value, status, lower, upper, version = row[n + 3 :]
        key = (areas[row[0]], categories, periods[row[n + 1]], measures[row[n + 2]])
        yield Cell(*key, value, CellStatus(status), lower, upper, version)
