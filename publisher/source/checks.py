"""Whether the rows of a file are what was declared: counted by the engine, told as column, rule and number of rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from publisher.errors import SettingsError, SourceError
from publisher.periods import Period
from publisher.policy.declarations import AmountDeclaration, SourceDeclaration
from publisher.source.columns import SourceFile, date_sql, millimetres_sql, missing_sql, text_sql, whole_sql
from publisher.source.engine import Engine, named, quoted
from publisher.source.identifiers import IdKey, IdShape
from publisher.source.layout import Where

_BLANK = quoted(r"[\s\pZ\pC]*")
_EDGES = quoted(r"[^\s\pZ\pC]([^\pC]*[^\s\pZ\pC])?")
_REJECTED = {
    "MISSING COLUMNS": "has rows with too few columns",
    "TOO MANY COLUMNS": "has rows with too many columns",
    "UNQUOTED VALUE": "has rows with a quote that is not closed, or stands inside a value",
    "LINE SIZE OVER MAXIMUM": "has rows that are too long",
}
_UNREADABLE = "cannot be read to its end: broken or half-written"


@dataclass(frozen=True, slots=True)
class Check:
    """A rule on one column: `broken` is the SQL condition of the rows that break it."""

    column: str
    rule: str
    broken: str


def check_pattern(engine: Engine, declaration: SourceDeclaration) -> None:
    """SettingsError if `person_pattern` is no regular expression of RE2's syntax."""
    try:
        engine.rows(f"SELECT regexp_full_match('', {quoted(declaration.person_pattern)})")
    except SourceError:  # the pattern is the agency's own, no record has been read
        raise SettingsError(f"source {declaration.id}: person_pattern is no regular expression (RE2 syntax)") from None


def find_keys(
    engine: Engine, files: Sequence[SourceFile], declaration: SourceDeclaration
) -> tuple[IdKey, IdKey]:
    """How person ids and case ids look, guessed from one row a file; `check_file` finds out whether all do."""
    person = _guess(engine, files, declaration.person_id)
    stated = IdShape.of_pattern(declaration.person_pattern) if person.as_text else None
    return (replace(person, shape=stated or person.shape), _guess(engine, files, declaration.case_id))


def _guess(engine: Engine, files: Sequence[SourceFile], column: str) -> IdKey:
    if not any(f.is_text(column) for f in files):
        return IdKey(column, None, as_text=False, wide=any(f.types[column] == "UBIGINT" for f in files))
    shapes = []
    for file in files:
        sql = f"SELECT {text_sql(file, column)} FROM {file.relation} LIMIT 1"
        shapes += [IdShape.of(row[0]) for row in engine.rows(sql, file=file.name, rule=_UNREADABLE)]
    patterns = {None if s is None else s.pattern for s in shapes}
    return IdKey(column, shapes[0] if len(patterns) == 1 else None, as_text=True)


def check_file(
    engine: Engine, file: SourceFile, declaration: SourceDeclaration, keys: tuple[IdKey, IdKey], selected: str
) -> tuple[int, tuple[IdKey, IdKey]]:
    """Check all rows of a file, those outside the period too, in one pass, or two where ids have no common shape.

    Returns the number of rows for which `selected` (SQL) holds, and the keys, without the shapes that do not hold.
    Raises SourceError for the first rule that is broken, in the order of `declared_columns`.
    """
    checks = _row_checks(file, declaration, keys[0])
    total, chosen, *counts = _count(
        engine, file, [selected, *(k.misfit_sql(file) for k in keys), *(c.broken for c in checks)]
    )
    _refuse_rejected(engine, file, declaration)
    if total == 0:
        raise SourceError(file=file.name, rule="has no rows")
    misfits, broken = counts[: len(keys)], counts[len(keys) :]
    closer = [c for n, key in zip(misfits, keys, strict=True) if n for c in _id_checks(file, key.column)]
    if closer:
        _refuse(file, closer, _count(engine, file, [c.broken for c in closer])[1:])
    _refuse(file, checks, broken)
    person, case = (replace(k, shape=None) if n else k for n, k in zip(misfits, keys, strict=True))
    return chosen, (person, case)


def count_selected(engine: Engine, file: SourceFile, selected: str) -> int:
    """The number of rows for which `selected` (SQL) holds, of a file that was checked."""
    return _count(engine, file, [selected])[1]


def selected_sql(file: SourceFile, declaration: SourceDeclaration, period: Period, where: Where) -> str:
    """SQL condition of the rows that belong to the period by their date and that the filter lets through."""
    day = date_sql(file, declaration.date)
    parts = [f"{day} >= DATE '{period.first.isoformat()}'", f"{day} < DATE '{period.end.isoformat()}'"]
    for name, codes in where:
        parts.append(f"{text_sql(file, declaration.category(name).column)} IN ({', '.join(map(quoted, codes))})")
    return " AND ".join(parts)


def _count(engine: Engine, file: SourceFile, conditions: list[str]) -> list[int]:
    """The number of rows, and of those for which each condition holds."""
    counts = ", ".join(["count(*)", *(f"count(*) FILTER ({c})" for c in conditions)])
    return [int(n) for n in engine.rows(f"SELECT {counts} FROM {file.relation}", file=file.name, rule=_UNREADABLE)[0]]


def _refuse(file: SourceFile, checks: Sequence[Check], counts: Sequence[int]) -> None:
    for check, rows in zip(checks, counts, strict=True):
        if rows:
            raise SourceError(file=file.name, column=check.column, rule=check.rule, rows=rows)


def _refuse_rejected(engine: Engine, file: SourceFile, declaration: SourceDeclaration) -> None:
    """SourceError if the engine left out rows that are no proper CSV."""
    if declaration.format != "csv":
        return
    sql = (
        "SELECT min(error_type)::VARCHAR, count(DISTINCT line) FROM reject_errors "
        f"JOIN reject_scans USING (scan_id, file_id) WHERE file_path = {quoted(file.path)}"
    )
    kind, rows = engine.rows(sql)[0]
    if rows:
        rule = _REJECTED.get(kind, "is no proper CSV")
        raise SourceError(file=file.name, rule=rule, rows=int(rows))


def _id_checks(file: SourceFile, column: str) -> list[Check]:
    name = named(column)
    if not file.is_text(column):
        return [Check(column, "is empty", f"{name} IS NULL")]
    text = text_sql(file, column)
    return [
        Check(column, "is empty", f"coalesce(regexp_full_match({text}, {_BLANK}), true)"),
        Check(column, "has blanks at its ends, or control characters", f"NOT regexp_full_match({text}, {_EDGES})"),
    ]


def _row_checks(file: SourceFile, declaration: SourceDeclaration, person: IdKey) -> list[Check]:
    pattern = _pattern_check(file, declaration, person)
    return [*pattern, *_date_checks(file, declaration), *_code_checks(file, declaration),
            *_amount_checks(file, declaration), *_coordinate_checks(file, declaration)]  # fmt: skip


def _pattern_check(file: SourceFile, declaration: SourceDeclaration, key: IdKey) -> list[Check]:
    column, stated = declaration.person_id, IdShape.of_pattern(declaration.person_pattern)
    if not declaration.person_pattern:
        return []
    if stated is not None and key.shape is not None and stated.pattern == key.shape.pattern:
        broken = key.misfit_sql(file)  # the same condition as that of the shape, which the engine computes once
    else:
        pattern = quoted(declaration.person_pattern)
        broken = f"NOT coalesce(regexp_full_match({text_sql(file, column)}, {pattern}), false)"
    return [Check(column, "does not match person_pattern", broken)]


def _date_checks(file: SourceFile, declaration: SourceDeclaration) -> list[Check]:
    column, day = declaration.date, date_sql(file, declaration.date)
    return [
        Check(column, "is empty", f"{named(column)} IS NULL"),
        Check(column, "is no date (YYYY-MM-DD)", f"{named(column)} IS NOT NULL AND {day} IS NULL"),
        Check(column, "lies outside 1900-2100", f"{day} < DATE '1900-01-01' OR {day} >= DATE '2101-01-01'"),
    ]


def _code_checks(file: SourceFile, declaration: SourceDeclaration) -> list[Check]:
    """A missing value is not declared either: the empty text cannot be, so a source must write a code for it."""
    rule = "has no value, or a code that is not declared"
    return [
        Check(c.column, rule, f"TRY_CAST({text_sql(file, c.column)} AS {category_type(j)}) IS NULL")
        for j, c in enumerate(declaration.categories)
    ]


def _amount_checks(file: SourceFile, declaration: SourceDeclaration) -> list[Check]:
    checks = []
    for amount in declaration.amounts:
        number = whole_sql(file, amount.column)
        checks.append(Check(amount.column, "has no value, or none that is a plain finite number", f"{number} IS NULL"))
        if amount.outside == "refuse":
            low, high = amount_bounds_sql(file, declaration, amount)
            broken = f"{number} < {low} OR {number} > {high}"
            checks.append(Check(amount.column, "lies outside its declared bounds", broken))
    return checks


def amount_bounds_sql(file: SourceFile, declaration: SourceDeclaration, amount: AmountDeclaration) -> tuple[str, str]:
    """SQL of the lower and the upper bound of a row's amount."""
    if not amount.by:
        low, high = amount.bounds[""]
        return str(low), str(high)
    code = text_sql(file, declaration.category(amount.by).column)
    ends = [
        " ".join(f"WHEN {quoted(k)} THEN {pair[end]}::BIGINT" for k, pair in amount.bounds.items()) for end in (0, 1)
    ]
    return f"(CASE {code} {ends[0]} END)", f"(CASE {code} {ends[1]} END)"


def amount_sql(file: SourceFile, declaration: SourceDeclaration, amount: AmountDeclaration) -> str:
    """SQL of an amount in whole units, half away from zero, within its bounds; to be used on checked rows.

    NULL where there is no number, so that a second reading that finds none is noticed: `greatest` and `least` pass
    over NULL, and would make it a bound.
    """
    low, high = amount_bounds_sql(file, declaration, amount)
    number = whole_sql(file, amount.column)
    return f"(CASE WHEN {number} IS NOT NULL THEN greatest({low}, least({high}, {number}))::BIGINT END)"


def _coordinate_checks(file: SourceFile, declaration: SourceDeclaration) -> list[Check]:
    """Both coordinates are finite numbers, or both are missing."""
    if declaration.placing != "coordinates":
        return []
    empty = {c: f"({missing_sql(file, c)})" for c in declaration.place_columns}
    east, north = declaration.place_columns
    checks = [
        Check(c, "is no plain finite number", f"NOT {missing} AND {millimetres_sql(file, c)} IS NULL")
        for c, missing in empty.items()
    ]
    return [*checks, Check(north, "is missing where the other coordinate is not", f"{empty[east]} <> {empty[north]}")]


def create_category_types(engine: Engine, declaration: SourceDeclaration) -> None:
    """Make an enumeration of the declared codes of each category, in their order."""
    for j, category in enumerate(declaration.categories):
        engine.rows(f"CREATE TYPE {category_type(j)} AS ENUM ({', '.join(map(quoted, category.codes))})")


def category_type(j: int) -> str:
    """The name of the enumeration of category number j."""
    return f"category{j}"
