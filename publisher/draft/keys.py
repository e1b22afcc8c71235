"""Which cells a policy's tables have, and where a table lies among the cells of all tables of its policy.

All tables of a policy are one linked system: its key set is the union of their area levels and columns.  A table that
leaves a column out shows the column's total.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from publisher.errors import PolicyError
from publisher.geography.register import AreaIndex
from publisher.policy.declarations import CategoryDeclaration, SourceDeclaration
from publisher.policy.joining import groups_of, shown_categories
from publisher.policy.model import Policy, TableSpec
from publisher.relations import Column, IntArray, KeySet
from publisher.release.model import AREA_LEVELS, TOTAL, Table


def policy_keys(
    policy: Policy, tables: Sequence[TableSpec], *, source: SourceDeclaration, index: AreaIndex, type_year: int
) -> KeySet:
    """The key set of `tables` together.  Codes come from the declaration, `where` and what the tables join, never from
    the records.  PolicyError where two of the tables show a column by other codes."""
    used = {c.column for t in tables for c in t.categories}
    kept = dict(policy.where)
    columns = tuple(_column(tables, c, kept.get(c.id, c.codes)) for c in source.categories if c.id in used)
    levels = tuple(v for v in AREA_LEVELS if any(v in t.areas for t in tables))
    totals = tuple(any(_shows_total(t, c.id) for t in tables) for c in columns)
    return KeySet(index.leaves, index.levels(levels, type_year), columns, totals)


def _column(tables: Sequence[TableSpec], declared: CategoryDeclaration, kept: Sequence[str]) -> Column:
    """A column as all tables that have it show it, with the codes of which records are kept."""
    specs = [c for t in tables for c in t.categories if c.column == declared.id]
    if len({groups_of(spec) for spec in specs}) > 1:
        raise PolicyError(f"column {declared.id}: two tables of one system join other codes of it")
    shown = [c for c in shown_categories(specs[0], declared) if set(c.joins or (c.code,)) & set(kept)]
    joined = tuple((c.code, c.joins) for c in shown if c.joins)
    return Column(declared.id, tuple(c.code for c in shown), declared.personal, joined)


def _shows_total(table: TableSpec, column: str) -> bool:
    return all(c.total for c in table.categories if c.column == column)


def table_cells(table: TableSpec, keys: KeySet) -> tuple[IntArray, tuple[tuple[str, ...], ...]]:
    """Where a table's cells lie in `keys`: flat indexes, shape (areas, category cells), and the category codes.

    Areas in the order of the key set's levels; categories with the total first, in the order of the table's columns.
    """
    areas = np.concatenate([np.arange(len(keys.area_codes))[_of_levels(table, keys)]])
    picks, codes = [], {}
    for column, total in zip(keys.columns, keys.totals, strict=True):
        spec = next((c for c in table.categories if c.column == column.id), None)
        last = len(column.codes)
        if spec is None:
            picks.append(np.array([last]))
            continue
        picks.append(np.array([*([last] if spec.total and total else []), *range(last)]))
        codes[column.id] = [*([TOTAL] if spec.total else []), *column.codes]
    flat = np.ravel_multi_index(np.ix_(areas, *picks), keys.shape)
    order = [k for k, c in enumerate(keys.columns) if c.id in codes]
    wanted = [c.column for c in table.categories]
    flat = np.moveaxis(flat, [1 + k for k in order], [1 + wanted.index(keys.columns[k].id) for k in order])
    return flat.reshape(len(areas), -1), _cross([codes[c] for c in wanted])


def keyed_cells(
    table: TableSpec, keys: KeySet, flat_values: NDArray[np.generic]
) -> list[tuple[tuple[str, str, tuple[str, ...]], int]]:
    """Table id, area and category codes of each of a table's cells, with its value among all cells of `keys`."""
    flat, categories = table_cells(table, keys)
    areas = [c for v in keys.levels if v.level in table.areas for c in v.codes]
    values = flat_values[flat].tolist()
    return [
        ((table.id, area, codes), value)
        for area, row in zip(areas, values, strict=True)
        for codes, value in zip(categories, row, strict=True)
    ]


def _of_levels(table: TableSpec, keys: KeySet) -> NDArray[np.bool_]:
    return np.concatenate([np.full(len(v.codes), v.level in table.areas, dtype=np.bool_) for v in keys.levels])


def _cross(codes: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    out: list[tuple[str, ...]] = [()]
    for part in codes:
        out = [(*before, code) for before in out for code in part]
    return tuple(out)


def shown_cells(tables: Sequence[TableSpec], keys: KeySet) -> NDArray[np.bool_]:
    """Which cells of the key set some table publishes, shape keys.shape."""
    shown = np.zeros(int(np.prod(keys.shape)), dtype=np.bool_)
    for table in tables:
        shown[table_cells(table, keys)[0]] = True
    return shown.reshape(keys.shape)


def forced_cells(tables: Sequence[TableSpec], keys: KeySet, levels: Sequence[str]) -> NDArray[np.bool_]:
    """The cells of area levels that must be published unless sensitive themselves, shape keys.shape."""
    areas = np.concatenate([np.full(len(v.codes), v.level in levels, dtype=np.bool_) for v in keys.levels])
    forced = areas.reshape(-1, *[1] * len(keys.columns))
    return np.asarray(shown_cells(tables, keys) & forced, dtype=np.bool_)


def joined_otherwise(tables: Sequence[Table], keys: KeySet) -> tuple[str, str] | None:
    """The first of some published tables, and its column, one of whose codes stands for others than in the keys.

    Codes alone do not tell: one that is joined anew keeps its name.  None where there is no such column.
    """
    columns = {c.id: c for c in keys.columns}
    for table in tables:
        for dimension in (d for d in table.dimensions if d.id in columns):
            known = {code: frozenset(columns[dimension.id].parts(code)) for code in columns[dimension.id].codes}
            shown = {c.code: frozenset(c.joins or (c.code,)) for c in dimension.categories}
            if any(known.get(code, parts) != parts for code, parts in shown.items()):
                return table.id, dimension.id
    return None
