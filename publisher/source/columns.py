"""The columns of one file: that the declared ones are there, once, of a type that can hold them; how to read them.

Names in a file are never shown: in a file without a first line of names they are a record.
"""

from dataclasses import dataclass
from pathlib import Path

from publisher.errors import SourceError
from publisher.policy.declarations import SourceDeclaration
from publisher.source.engine import Engine, named, quoted
from publisher.source.files import read_header, utf8_text

_TEXT = frozenset({"VARCHAR", "ENUM", "NULL"})  # NULL: a column that holds nothing
_INTEGER = frozenset({f"{sign}{size}" for sign in ("", "U") for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")})
_PLAIN = "'-?[0-9]{1,18}(\\.[0-9]{1,18})?'"
_NUMBER = _INTEGER | frozenset({"DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "UHUGEINT"})
_DATE = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
_MUST = {"date": "a date, a timestamp without time zone or text", "area": "text", "amount": "a number or text",
         "coordinate": "a number or text"}  # fmt: skip
_BROKEN = "is no readable Parquet file: broken, half-written, or of another format"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file as the engine reads it.

    `name`: as declared.  `path`: of what is read, which may be a transcoded copy.  `relation`: SQL of its rows.
    `types`: the engine's type of each column.
    """

    name: str
    path: str
    relation: str
    types: dict[str, str]

    def is_text(self, column: str) -> bool:
        """Whether ids or codes in that column are text, not integers."""
        return self.types[column] in _TEXT


def open_file(
    engine: Engine, path: Path, name: str, declaration: SourceDeclaration, *, copy: Path
) -> SourceFile:
    """A file whose declared columns can be read; SourceError that names what is not as declared.

    `copy`: where CSV in another encoding than UTF-8 is transcoded to.
    """
    if declaration.format == "csv":
        readable = utf8_text(path, name, declaration.encoding, copy)
        columns = read_header(readable, name, declaration.delimiter)
        check_names(columns, name, declaration)
        relation = _csv_sql(readable, columns, declaration.delimiter)
        return SourceFile(name, str(readable), relation, dict.fromkeys(columns, "VARCHAR"))
    relation = f"read_parquet({quoted(str(path))}, hive_partitioning = false)"
    columns = _parquet_names(engine, path, name)
    check_names(columns, name, declaration)
    described = engine.rows(f"DESCRIBE SELECT * FROM {relation}", file=name, rule=_BROKEN)
    types = {str(row[0]): str(row[1]).partition("(")[0].strip('"') for row in described}
    check_types(types, name, declaration)
    return SourceFile(name, str(path), relation, types)


def _csv_sql(path: Path, columns: tuple[str, ...], delimiter: str) -> str:
    """Everything stated, nothing guessed from the data; rows that are no CSV are counted, not shown."""
    types = ", ".join(f"{quoted(c)}: 'VARCHAR'" for c in columns)
    return (
        f"read_csv({quoted(str(path))}, auto_detect = false, header = true, delim = {quoted(delimiter)}, "
        f"quote = '\"', escape = '\"', columns = {{{types}}}, strict_mode = true, null_padding = false, "
        "compression = 'none', hive_partitioning = false, store_rejects = true)"
    )


def _parquet_names(engine: Engine, path: Path, name: str) -> tuple[str, ...]:
    """Names of the top columns as the file has them: DESCRIBE would rename doubled ones."""
    sql = f"SELECT name, coalesce(num_children, 0) FROM parquet_schema({quoted(str(path))})"
    rows = engine.rows(sql, file=name, rule=_BROKEN)
    names, inside = [], 0
    for column, children in rows[1:]:  # depth first, the root before all
        if not inside:
            names.append(str(column))
        inside += int(children) - (1 if inside else 0)
    return tuple(names)


def check_names(columns: tuple[str, ...], file: str, declaration: SourceDeclaration) -> None:
    """SourceError for doubled names (the engine does not tell case apart) and for a declared column that is missing."""
    folded = [c.lower() for c in columns]
    for column in declared_columns(declaration):
        if column not in columns:
            raise SourceError(file=file, column=column, rule="is declared and not in the file")
        if folded.count(column.lower()) > 1:
            raise SourceError(file=file, column=column, rule="stands twice in the file")
    if len(set(folded)) != len(folded):
        second = next(i for i, c in enumerate(folded) if c in folded[:i])
        first = folded.index(folded[second])
        raise SourceError(file=file, rule=f"columns number {first + 1} and {second + 1} have the same name")


def check_types(types: dict[str, str], file: str, declaration: SourceDeclaration) -> None:
    """SourceError for a declared column whose type cannot hold what it is declared to be."""
    for column, kind in declared_columns(declaration).items():
        allowed = _ALLOWED[kind]
        if types[column] not in allowed:
            rule = f"must be {_MUST.get(kind, 'text or integer')}, and is {types[column]}"
            raise SourceError(file=file, column=column, rule=rule)


def declared_columns(declaration: SourceDeclaration) -> dict[str, str]:
    """Column name -> what it is (a key of _ALLOWED), in the order that errors are reported in."""
    ids = {declaration.person_id: "id", declaration.case_id: "id", declaration.date: "date"}
    place = "coordinate" if declaration.placing == "coordinates" else "area"
    ids |= dict.fromkeys(declaration.place_columns, place) | {c.column: "code" for c in declaration.categories}
    return ids | {a.column: "amount" for a in declaration.amounts}


_ALLOWED = {
    "id": _TEXT | _INTEGER, "code": _TEXT | _INTEGER, "date": _TEXT | _DATE, "area": _TEXT,
    "amount": _TEXT | _NUMBER, "coordinate": _TEXT | _NUMBER,
}  # fmt: skip


def whole_sql(file: SourceFile, column: str) -> str:
    """SQL of a number in whole units, half away from zero, as BIGINT.

    NULL where text is no plain decimal, or the number is missing, not finite, or beyond 64 bits.  Rounded once, from
    all digits that the file has.
    """
    if file.types[column] in _INTEGER:
        return f"TRY_CAST({named(column)} AS BIGINT)"
    number = named(column)
    if file.is_text(column):
        text = text_sql(file, column)
        number = f"CASE WHEN regexp_full_match({text}, {_PLAIN}) THEN TRY_CAST({text} AS DECIMAL(38,18)) END"
    return f"TRY_CAST(round({number}) AS BIGINT)"


def millimetres_sql(file: SourceFile, column: str) -> str:
    """SQL of metres as millimetres, BIGINT; NULL as of `whole_sql`, or beyond 10**9 metres."""
    number = named(column)
    if file.is_text(column):
        text = text_sql(file, column)
        number = f"CASE WHEN regexp_full_match({text}, {_PLAIN}) THEN {text} END"
    return f"round(TRY_CAST({number} AS DECIMAL(15,6)) * 1000)::BIGINT"


def missing_sql(file: SourceFile, column: str) -> str:
    """SQL condition of the rows that hold nothing in a column; blank text is nothing."""
    name = named(column)
    return f"coalesce(trim({text_sql(file, column)}), '') = ''" if file.is_text(column) else f"{name} IS NULL"


def date_sql(file: SourceFile, column: str) -> str:
    """SQL of a date; NULL where text is not `YYYY-MM-DD` or no day of the calendar."""
    name = named(column)
    if file.types[column] == "DATE":
        return name
    if not file.is_text(column):
        return f"TRY_CAST({name} AS DATE)"
    text, day = text_sql(file, column), "'[0-9]{4}-[0-9]{2}-[0-9]{2}'"
    return f"(CASE WHEN regexp_full_match({text}, {day}) THEN TRY_CAST({text} AS DATE) END)"


def text_sql(file: SourceFile, column: str) -> str:
    """SQL of a column's text; integers in plain digits."""
    return named(column) if file.types[column] == "VARCHAR" else f"CAST({named(column)} AS VARCHAR)"
