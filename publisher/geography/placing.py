"""Puts every record at a leaf of the register: its RegSO, or "no area stated" in municipality, county or nation."""

from dataclasses import InitVar, dataclass

import numpy as np

from publisher.errors import GeographyError, SourceError
from publisher.geography.register import AreaIndex
from publisher.opaque import Opaque, require_mint
from publisher.source.cases import CaseTable
from publisher.source.checks import category_type, selected_sql
from publisher.source.columns import SourceFile, date_sql, text_sql
from publisher.source.engine import Engine, quoted
from publisher.source.layout import Layout

_MINT = object()
_AREA_TYPE = "area"


@dataclass(frozen=True, slots=True)
class Placed:
    """Numbers of records by where they were put: counts of rows, for `source check`, not for publication.

    `unknown`: the area column held something that the edition does not have, and the record counts in `00X`.
    """

    regso: int
    municipality: int
    county: int
    not_stated: int
    unknown: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LocatedCases(Opaque):
    """The receipt of `locate`: one row a record of the period, in the engine's table `table`, as `layout` says."""

    mint: InitVar[object]
    engine: Engine
    table: str
    layout: Layout
    rows: int
    placed: Placed

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "LocatedCases")


def locate(cases: CaseTable, index: AreaIndex, *, unknown_areas: str) -> LocatedCases:
    """Place the records of the period.

    `0180` and `0180X` go to leaf `0180X`, `01` and `01X` to `01X`; `00`, `00X` and nothing to `00X`.

    `unknown_areas`: `refuse` raises SourceError with the number of rows, `no-area-stated` counts them and puts them in
    `00X`.  GeographyError if the index is of another edition than the source declares.
    """
    if unknown_areas not in ("refuse", "no-area-stated"):
        raise ValueError("unknown_areas must be refuse or no-area-stated")
    if index.edition != cases.declaration.edition:
        raise GeographyError(f"the source has areas of {cases.declaration.edition}, the register is {index.edition}")
    layout = Layout(cases.declaration.categories, cases.where, index.leaves, cases.keys[0].shape)
    table = cases.engine.new_name("located")
    _create_area_type(cases.engine, index)
    for number, file in enumerate(cases.files):
        cases.engine.rows(f"{_into(table, number)} {_select_sql(cases, file, index)}", file=file.name)
        unknown = _count_unknown(cases.engine, table, len(layout.leaves))
        if unknown and unknown_areas == "refuse":
            rule = f"is no area of edition {index.edition}"
            raise SourceError(file=file.name, column=cases.declaration.area, rule=rule, rows=unknown)
    cases.check_unchanged()
    _check_complete(cases, table)
    placed = _summary(cases.engine, table, index)
    if placed.unknown:
        unknown_leaf, nation = len(layout.leaves), len(layout.leaves) - 1
        cases.engine.rows(f"UPDATE {table} SET leaf = {nation} WHERE leaf = {unknown_leaf}")
    return LocatedCases(_MINT, cases.engine, table, layout, cases.rows, placed)


def _create_area_type(engine: Engine, index: AreaIndex) -> None:
    """An enumeration of everything that the area column may hold: the leaves in order, then the same places without X.

    So the number of a code is its leaf, and that of a bare `0180` is the number of `0180X` and the number of X leaves.
    """
    bare = [leaf[:-1] for leaf in index.leaves[len(index.areas) :]]
    codes = ", ".join(quoted(code) for code in (*index.leaves, *bare))
    engine.rows(f"DROP TYPE IF EXISTS {_AREA_TYPE}")
    engine.rows(f"CREATE TYPE {_AREA_TYPE} AS ENUM ({codes})")


def _into(table: str, number: int) -> str:
    return f"INSERT INTO {table}" if number else f"CREATE TABLE {table} AS"


def _select_sql(cases: CaseTable, file: SourceFile, index: AreaIndex) -> str:
    """One row a record: ids, day since 1900-01-01, leaf (or the number of leaves, where unknown), code numbers."""
    declaration, (person, case) = cases.declaration, cases.keys
    area, leaves = text_sql(file, declaration.area), len(index.leaves)
    code = f"enum_code(TRY_CAST({area} AS {_AREA_TYPE}))::INTEGER"
    shift = leaves - len(index.areas)
    blank = f"CASE WHEN coalesce(trim({area}), '') = '' THEN {leaves - 1} ELSE {leaves} END"
    leaf = f"coalesce(CASE WHEN {code} >= {leaves} THEN {code} - {shift} ELSE {code} END, {blank})"
    columns = [
        f"{person.value_sql(file)} AS person",
        f"{case.value_sql(file)} AS kase",
        f"({date_sql(file, declaration.date)} - DATE '1900-01-01')::INTEGER AS day",
        f"{leaf} AS leaf",
    ]
    for j, category in enumerate(declaration.categories):
        value = f"enum_code(TRY_CAST({text_sql(file, category.column)} AS {category_type(j)}))"
        columns.append(f"{value}::{'UTINYINT' if len(category.codes) < 256 else 'UINTEGER'} AS c{j}")
    chosen = selected_sql(file, declaration, cases.period, cases.where)
    return f"SELECT {', '.join(columns)} FROM {file.relation} WHERE {chosen}"


def _count_unknown(engine: Engine, table: str, leaves: int) -> int:
    return int(engine.rows(f"SELECT count(*) FROM {table} WHERE leaf = {leaves}")[0][0])


def _check_complete(cases: CaseTable, table: str) -> None:
    """SourceError unless the second reading gave the rows that the first one had checked, each whole."""
    columns = ["person", "kase", "day", "leaf", *(f"c{j}" for j in range(len(cases.declaration.categories)))]
    counts = ", ".join(f"count({column})" for column in columns)
    if set(cases.engine.rows(f"SELECT count(*), {counts} FROM {table}")[0]) != {cases.rows}:
        raise SourceError(file=cases.declaration.files[0], rule="gave other rows when it was read again")


def _summary(engine: Engine, table: str, index: AreaIndex) -> Placed:
    """Count rows by kind of leaf."""
    found = engine.arrays(f"SELECT leaf, count(*) AS n FROM {table} GROUP BY leaf")
    rows = np.zeros(len(index.leaves) + 1, dtype=np.int64)
    rows[found["leaf"]] = found["n"]
    first = np.cumsum([len(index.areas), len(index.municipalities), len(index.counties), 1])
    return Placed(*(int(part.sum()) for part in np.split(rows, first)))
