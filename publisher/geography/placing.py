"""Puts every record at a leaf of the register: its RegSO, or "no area stated" in municipality, county or nation.

A record's leaf depends on that record and on public geography alone.
"""

from collections.abc import Sequence
from dataclasses import InitVar, dataclass
from datetime import date

import numpy as np

from publisher.errors import GeographyError, SourceError
from publisher.geography.borders import Borders
from publisher.geography.codebook import STRAYS, UNKNOWN, CodeBook, code_book
from publisher.geography.places import BY_CODE, Places
from publisher.geography.points import POINTS, place_points, points_to_leaves
from publisher.geography.register import AreaIndex
from publisher.opaque import Opaque, require_mint
from publisher.periods import Period
from publisher.policy.declarations import REFERENCE_YEAR, UNKNOWN_AREAS
from publisher.relations import IntArray
from publisher.source.cases import CaseTable
from publisher.source.checks import amount_sql, category_type, selected_sql
from publisher.source.columns import SourceFile, date_sql, millimetres_sql, text_sql
from publisher.source.engine import Engine
from publisher.source.layout import Layout

_MINT = object()

_DAY_NOUGHT = date(1900, 1, 1)
"""What `day` counts from."""

TELLING = 100
"""Points in no area that say something of the axes, where they are most of a file's: fewer may lie there by chance."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Numbers of records by where they were put: counts of rows, for `source check`, not for publication.

    `other_edition`, `named`, `unknown`: the place is an area of another edition, the name of an area, or something
    else that the edition does not have; those records were put where the source's declaration says.
    """

    regso: int
    municipality: int
    county: int
    not_stated: int
    unknown: int
    other_edition: int
    named: int

    @property
    def strays(self) -> int:
        """Records whose place the edition does not have."""
        return self.unknown + self.other_edition + self.named


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


def locate(
    cases: CaseTable, index: AreaIndex, *, unknown_areas: str, places: Places = BY_CODE,
    amounts: tuple[str, ...] = (), others: Sequence[AreaIndex] = (),
) -> LocatedCases:  # fmt: skip
    """Place the records of the period.

    Codes: `0180` and `0180X` go to leaf `0180X`, `01` and `01X` to `01X`; `00`, `00X` and nothing to `00X`; a DeSO to
    its RegSO.  A code may end in `_` and its edition as SCB's interface writes it (`0180R001_RegSO2025`).
    Coordinates: the area that they lie in; nothing to `00X`.

    `unknown_areas`, for what the edition does not have: `refuse` raises SourceError with the number of rows;
    `no-area-stated` puts them in `00X`; `municipality` in the municipality that a code begins with, or
    that alone has an area of that name, else in `00X`.
    `amounts`: ids of those that are needed.  `others`: editions that a foreign code may belong to.
    GeographyError if the index is of another edition than the source declares, or `places` of other areas than the
    index.  Whatever is declared, SourceError where most points lie in no area: those are no points of SWEREF 99 TM.
    """
    if unknown_areas not in UNKNOWN_AREAS:
        raise ValueError(f"unknown_areas must be one of {', '.join(UNKNOWN_AREAS)}")
    declaration = cases.declaration
    if declaration.edition not in ("", REFERENCE_YEAR, index.edition):
        raise GeographyError(f"the source has areas of {declaration.edition}, the register is {index.edition}")
    places.check_fits(declaration.placing, index)
    needed = tuple(a for a in declaration.amounts if a.id in amounts)
    layout = Layout(declaration.categories, cases.where, index.leaves, cases.keys[0].shape, needed)
    by_deso = declaration.placing == "deso"
    book = code_book(index, places.deso, others, by_deso=by_deso)
    by_point = declaration.placing == "coordinates"
    work = _Placing(cases, layout, index, places.borders if by_point else None, book)
    table, rows = cases.engine.new_name("located"), np.zeros(book.strays.end, dtype=np.int64)
    for number, file in enumerate(cases.files):
        work.place(file, table, first=number == 0)
        before, rows = rows, work.rows(table)
        work.check_strays(file, rows - before, refuse=unknown_areas == "refuse")
    cases.check_unchanged()
    _check_complete(cases, table, layout)
    placed = work.summary(rows)
    if placed.strays:
        work.settle(table, by_municipality=unknown_areas == "municipality")
    return LocatedCases(_MINT, cases.engine, table, layout, cases.rows, placed)


def within(located: LocatedCases, period: Period) -> LocatedCases:
    """Those of the records that belong to a shorter period; `located` stays as it is."""
    engine, table = located.engine, located.engine.new_name("within")
    first, end = ((day - _DAY_NOUGHT).days for day in (period.first, period.end))
    engine.rows(f"CREATE TABLE {table} AS SELECT * FROM {located.table} WHERE day >= {first} AND day < {end}")
    rows = int(engine.rows(f"SELECT count(*) FROM {table}")[0][0])
    return LocatedCases(_MINT, engine, table, located.layout, rows, located.placed)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Placing(Opaque):
    """One placing of a period's records; strays keep their numbers until they are settled."""

    cases: CaseTable
    layout: Layout
    index: AreaIndex
    borders: Borders | None
    book: CodeBook

    def place(self, file: SourceFile, table: str, *, first: bool) -> None:
        """Write a file's records of the period into the table."""
        declaration = self.cases.declaration
        if self.borders is None:
            places = [text_sql(file, declaration.area)]
            leaf, join = self.book.place(self.cases.engine, "record.place0")
        else:
            places = [millimetres_sql(file, c) for c in declaration.place_columns]
            leaf, join = self._place_points(self.borders, self._chosen_sql(file, places))
        hidden = ", ".join(f"place{n}" for n in range(len(places)))
        records = self._chosen_sql(file, places, *self._columns(file))
        into = f"CREATE TABLE {table} AS" if first else f"INSERT INTO {table}"
        placed = f"SELECT record.* EXCLUDE ({hidden}), {leaf} AS leaf FROM ({records}) AS record {join}"
        self.cases.engine.rows(f"{into} {placed}", file=file.name)
        if self.borders is not None:
            self.cases.engine.rows(f"DROP TABLE {POINTS}")

    def _place_points(self, borders: Borders, points: str) -> tuple[str, str]:
        strays = self.book.strays
        numbers = {code: i for i, code in enumerate(self.layout.leaves)}
        batch = points_to_leaves(borders, numbers, strays.number(UNKNOWN, ""))
        return place_points(self.cases.engine, points, batch, nation=strays.leaves - 1)

    def _columns(self, file: SourceFile) -> list[str]:
        """SQL of what a record has beside its place: ids, day since 1900-01-01, code numbers, amounts."""
        declaration, (person, case) = self.cases.declaration, self.cases.keys
        columns = [
            f"{person.value_sql(file)} AS person",
            f"{case.value_sql(file)} AS kase",
            f"({date_sql(file, declaration.date)} - DATE '1900-01-01')::INTEGER AS day",
        ]
        for j, category in enumerate(declaration.categories):
            value = f"enum_code(TRY_CAST({text_sql(file, category.column)} AS {category_type(j)}))"
            columns.append(f"{value}::{'UTINYINT' if len(category.codes) < 256 else 'UINTEGER'} AS c{j}")
        return columns + [f"{amount_sql(file, declaration, a)} AS a{j}" for j, a in enumerate(self.layout.amounts)]

    def _chosen_sql(self, file: SourceFile, places: Sequence[str], *columns: str) -> str:
        """SQL of a file's records of the period: place0, place1, ..., and further columns.

        A query of its own, so that no name of the file meets a name of what it is joined with.
        """
        chosen = selected_sql(file, self.cases.declaration, self.cases.period, self.cases.where)
        numbered = [f"{place} AS place{n}" for n, place in enumerate(places)]
        return f"SELECT {', '.join([*numbered, *columns])} FROM {file.relation} WHERE {chosen}"

    def rows(self, table: str) -> IntArray:
        """Number of records at each leaf and of each stray."""
        found = self.cases.engine.arrays(f"SELECT leaf, count(*) AS n FROM {table} GROUP BY leaf")
        rows = np.zeros(self.book.strays.end, dtype=np.int64)
        rows[found["leaf"]] = found["n"]
        return rows

    def check_strays(self, file: SourceFile, rows: IntArray, *, refuse: bool) -> None:
        """SourceError for a file's places that the edition does not have, the most telling kind first.

        Without `refuse`, only where that many points are strays that the coordinates must be others than declared.
        """
        leaves, column = self.book.strays.leaves, self.cases.declaration.place_columns[0]
        kinds = rows[leaves:].reshape(len(STRAYS), -1).sum(axis=1)
        kind = int(np.flatnonzero(kinds)[-1]) if kinds.any() else UNKNOWN
        rule = _RULES[kind].format(edition=self.index.edition)
        if self.borders is not None:
            mostly = 2 * kinds[kind] > rows.sum() - rows[leaves - 1]
            refuse, rule = refuse or (mostly and kinds[kind] >= TELLING), _MOSTLY_OUTSIDE if mostly else _OUTSIDE
        if refuse and kinds[kind]:
            raise SourceError(file=file.name, column=column, rule=rule, rows=int(kinds[kind]))

    def settle(self, table: str, *, by_municipality: bool) -> None:
        """Give strays their leaf: that of their municipality, where it is known and asked for, else the nation's."""
        strays, nation = self.book.strays, self.book.strays.leaves - 1
        leaf = str(nation)
        if by_municipality:
            at, first = f"(leaf - {strays.leaves}) % {strays.width}", len(self.index.areas)
            leaf = f"CASE WHEN {at} < {strays.width - 1} THEN {first} + {at} ELSE {nation} END"
        self.cases.engine.rows(f"UPDATE {table} SET leaf = {leaf} WHERE leaf >= {strays.leaves}")

    def summary(self, rows: IntArray) -> Placed:
        """Sum up rows by kind of leaf, and strays by kind."""
        sizes = [len(self.index.areas), len(self.index.municipalities), len(self.index.counties), 1]
        ends = np.cumsum([*sizes, *[self.book.strays.width] * (len(STRAYS) - 1)])
        return Placed(*(int(part.sum()) for part in np.split(rows, ends)))


_RULES = ("is no area of edition {edition}", "is an area of another edition than {edition}",
          "is the name of an area, not its code")  # fmt: skip
_OUTSIDE = "lies in no area"
_MOSTLY_OUTSIDE = (
    "lies in no area, as more than half of the points do; are east and north swapped, or in another projection?"
)


def _check_complete(cases: CaseTable, table: str, layout: Layout) -> None:
    """SourceError unless the second reading gave the rows that the first one had checked, each whole."""
    columns = ["person", "kase", "day", "leaf", *(f"c{j}" for j in range(len(layout.categories)))]
    columns += [f"a{j}" for j in range(len(layout.amounts))]
    counts = ", ".join(f"count({column})" for column in columns)
    if set(cases.engine.rows(f"SELECT count(*), {counts} FROM {table}")[0]) != {cases.rows}:
        raise SourceError(file=cases.declaration.files[0], rule="gave other rows when it was read again")
