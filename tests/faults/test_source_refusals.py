"""Rows and columns that are not as declared are refused by file, column, rule and rows, and by no value."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from source_records import (
    CANARY,
    CSV,
    GOOD,
    INDEX,
    NAMES,
    Where,
    declare,
    opened,
    refusal,
    with_canary,
    write_csv,
    write_parquet,
)

from publisher.errors import GeographyError, PolicyError
from publisher.geography.placing import locate
from publisher.periods import Period

CODE = "has no value, or a code that is not declared"
EDGES = "has blanks at its ends, or control characters"
PATTERN = "does not match person_pattern"
VALUES = {
    "undeclared code": ("benefit", CANARY, {}, "benefit_col", CODE),
    "missing code": ("sex", None, {}, "sex_col", CODE),
    "code with a blank": ("benefit", "a ", {}, "benefit_col", CODE),
    "code in capitals": ("benefit", "A", {}, "benefit_col", CODE),
    "missing person": ("person", None, {}, "pid", "is empty"),
    "blank person": ("person", " \t", {}, "pid", "is empty"),
    "blank before": ("person", f" {CANARY}", {}, "pid", EDGES),
    "no-break blank": ("person", f"{CANARY}\u00a0", {}, "pid", EDGES),
    "zero-width": ("person", f"{CANARY}\u200b", {}, "pid", EDGES),
    "NUL inside": ("person", f"{CANARY}\0x", {}, "pid", EDGES),
    "broken pattern": ("person", CANARY, {"person_pattern": r"P\d\d"}, "pid", PATTERN),
    "broken alternatives": ("person", CANARY, {"person_pattern": r"P01|P1"}, "pid", PATTERN),
    "a part of it matches": ("person", f"P1{CANARY}P01", {"person_pattern": "P01|P1"}, "pid", PATTERN),
    "longer than the pattern": ("person", "P011", {"person_pattern": "P[0-9]{2}"}, "pid", PATTERN),
    "missing date": ("day", None, {}, "day", "is empty"),
    "early date": ("day", date(1800, 1, 1), {}, "day", "lies outside 1900-2100"),
    "late date": ("day", date(2101, 1, 1), {}, "day", "lies outside 1900-2100"),
}


@pytest.mark.parametrize("case", VALUES)
def test_a_bad_value_is_refused_with_file_column_rule_and_rows(case: str, tmp_path: Path) -> None:
    field, value, changes, column, rule = VALUES[case]
    write_parquet(tmp_path / "cases.parquet", with_canary(field, value))
    error = refusal(tmp_path, declare(**changes))
    assert (error.file, error.column, error.rule, error.rows) == ("cases.parquet", column, rule, 2)
    assert str(error) == f"cases.parquet: column {column}: {rule} (2 rows)"


TEXT_VALUES = {
    "no date": ("day", CANARY, "day", "is no date (YYYY-MM-DD)"),
    "no such day": ("day", "2022-02-30", "day", "is no date (YYYY-MM-DD)"),
    "short form": ("day", "2022-1-5", "day", "is no date (YYYY-MM-DD)"),
    "never": ("day", "infinity", "day", "is no date (YYYY-MM-DD)"),
    "empty case": ("case", None, "cid", "is empty"),
    "empty code": ("benefit", None, "benefit_col", CODE),
}


@pytest.mark.parametrize("case", TEXT_VALUES)
def test_a_bad_text_is_refused_alike(case: str, tmp_path: Path) -> None:
    field, value, column, rule = TEXT_VALUES[case]
    write_csv(tmp_path / "cases.csv", with_canary(field, value))
    error = refusal(tmp_path, CSV)
    assert (error.file, error.column, error.rule, error.rows) == ("cases.csv", column, rule, 2)


def test_missing_integer_ids_are_refused(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD, GOOD], pid=[1, None], cid=[1, 2])
    assert refusal(tmp_path).rule == "is empty"


def test_rows_outside_the_period_are_checked_too(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD, GOOD._replace(day=date(2019, 1, 1), benefit=CANARY)])
    assert refusal(tmp_path).rows == 1


TYPES = {
    "person": ("pid", [1.5], "must be text or integer, and is DOUBLE"),
    "case": ("cid", [Decimal("1.5")], "must be text or integer, and is DECIMAL"),
    "code": ("sex_col", [True], "must be text or integer, and is BOOLEAN"),
    "area": ("place", [180], "must be text, and is BIGINT"),
    "date": ("day", [20220501], "must be a date, a timestamp without time zone or text, and is BIGINT"),
    "zoned": (
        "day", [datetime(2022, 5, 1, tzinfo=UTC)],
        "must be a date, a timestamp without time zone or text, and is TIMESTAMP WITH TIME ZONE",
    ),
    "bytes": ("pid", [CANARY.encode()], "must be text or integer, and is BLOB"),
}


@pytest.mark.parametrize("case", TYPES)
def test_a_column_of_another_type_is_refused(case: str, tmp_path: Path) -> None:
    column, values, rule = TYPES[case]
    write_parquet(tmp_path / "cases.parquet", [GOOD], **{column: values})
    error = refusal(tmp_path)
    assert (error.column, error.rule) == (column, rule)


@pytest.mark.parametrize("name", NAMES)
def test_a_renamed_column_is_refused_by_its_declared_name(name: str, tmp_path: Path) -> None:
    write_csv(tmp_path / "cases.csv", [GOOD])
    text = (tmp_path / "cases.csv").read_text()
    (tmp_path / "cases.csv").write_text(text.replace(name, name.upper(), 1))
    error = refusal(tmp_path, CSV)
    assert (error.column, error.rule) == (name, "is declared and not in the file")


def test_reordered_columns_are_read_by_name(tmp_path: Path) -> None:
    table = pa.table({name: [GOOD[i]] for i, name in reversed(list(enumerate(NAMES)))})
    pq.write_table(table, tmp_path / "cases.parquet")
    with opened(tmp_path) as cases:
        assert cases.rows == 1


@pytest.mark.parametrize(("extra", "column", "rule"), [
    ("pid", "pid", "stands twice in the file"),
    ("PID", "pid", "stands twice in the file"),
    ("other,Other", "", "columns number 7 and 8 have the same name"),
])
def test_doubled_names_are_refused(extra: str, column: str, rule: str, tmp_path: Path) -> None:
    text = ",".join(map(str, GOOD))
    fields = extra.split(",")
    (tmp_path / "cases.csv").write_text(f"{','.join(NAMES)},{extra}\n{text}{f',{CANARY}' * len(fields)}\n")
    columns = [pa.array([v]) for v in GOOD] + [pa.array([CANARY])] * len(fields)
    pq.write_table(pa.Table.from_arrays(columns, [*NAMES, *fields]), tmp_path / "cases.parquet")
    for declaration in (CSV, declare()):
        error = refusal(tmp_path, declaration)
        assert (error.column, error.rule) == (column, rule)


def test_nested_columns_do_not_count_as_doubled(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD], extra=[{"pid": 1, "inner": {"cid": 2}}], more=[[1]])
    with opened(tmp_path) as cases:
        assert cases.rows == 1


def test_names_of_a_file_without_a_line_of_names_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text(f"{CANARY},1,0180R001,2022-05-01,a,man\n")
    assert refusal(tmp_path, CSV).column == "pid"


@pytest.mark.parametrize("where", [
    (("nothing", ("a",)),), (("benefit", ("z",)),), (("benefit", ()),), (("benefit", ("a",)), ("benefit", ("b",))),
])
def test_a_filter_on_what_is_not_declared_is_refused(where: Where, tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD])
    with pytest.raises(PolicyError, match="where"), opened(tmp_path, where=where):
        pass


def test_an_unknown_area_is_refused_with_the_number_of_rows(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", with_canary("area", CANARY))
    error = refusal(tmp_path, place=True)
    assert str(error) == "cases.parquet: column place: is no area of edition e2020 (2 rows)"


def test_areas_of_another_edition_are_refused(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD])
    with pytest.raises(GeographyError, match="e2025"), opened(tmp_path, declare(edition="e2025")) as cases:
        locate(cases, INDEX, unknown_areas="refuse")


def test_a_period_without_rows_is_not_refused(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD])
    with opened(tmp_path, period=Period.parse("2021")) as cases:
        assert cases.rows == 0
