"""Amounts as whole units: rounded once, exactly, from whatever type the file has; and only those that are asked for."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_records import CANARY, CSV, GOOD, INDEX, NAMES, Row, declare, everything_said, opened

from publisher.errors import SourceError
from publisher.geography.placing import locate
from publisher.policy.declarations import MOST_AMOUNT, AmountDeclaration, SourceDeclaration
from publisher.release.model import Text


def amount(name: str, outside: str = "refuse", low: int = -MOST_AMOUNT, high: int = MOST_AMOUNT) -> AmountDeclaration:
    return AmountDeclaration(name, f"{name}_col", Text(name, name), Text("kr", "kr"), "", {"": (low, high)}, outside)


PAID, HOURS = amount("paid"), amount("hours")
WITH_PAID = declare(amounts=(PAID,))


def write(folder: Path, **columns: Sequence[object] | pa.Array) -> None:
    """One good record for each value of the columns given, numbered."""
    n = len(next(iter(columns.values())))
    base = {name: [value] * n for name, value in zip(NAMES, GOOD, strict=True)} | {"cid": list(range(n))}
    pq.write_table(pa.table({**base, **columns}), folder / "cases.parquet")


def whole(folder: Path, declaration: SourceDeclaration = WITH_PAID, *amounts: str) -> list[tuple[int, ...]]:
    """What stands in the engine for the amounts of each record."""
    with opened(folder, declaration) as cases:
        located = locate(cases, INDEX, unknown_areas="refuse", amounts=amounts or ("paid",))
        names = ", ".join(f"a{j}" for j in range(len(located.layout.amounts)))
        return cases.engine.rows(f"SELECT {names} FROM {located.table} ORDER BY kase")


def half_away(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.decimals(-(10**11), 10**11, allow_nan=False, places=9), min_size=1, max_size=40))
def test_text_is_rounded_half_away_from_zero_from_all_its_digits(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[Decimal]
) -> None:
    folder = tmp_path_factory.mktemp("amounts")
    write(folder, paid_col=[f"{n:f}" for n in numbers])
    assert whole(folder) == [(half_away(n),) for n in numbers]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1e11, 1e11) | st.sampled_from([0.5, -0.5, 2.5, 0.49999999999999994, -0.0]), min_size=1))
def test_a_float_is_rounded_half_away_from_zero_as_the_number_that_it_is(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float]
) -> None:
    folder = tmp_path_factory.mktemp("amounts")
    write(folder, paid_col=numbers)
    assert whole(folder) == [(half_away(Decimal(n)),) for n in numbers]


@pytest.mark.parametrize("column", [
    ["2.4999996", "-2.5", "0007.50", "0"], [2.4999996, -2.5, 7.5, 0.0],
    pa.array([Decimal("2.4999996"), Decimal("-2.5"), Decimal("7.5"), Decimal(0)], pa.decimal128(30, 10)),
    pa.array([2.25, -2.5, 7.5, 0.0], pa.float32()), pa.array(["2.4", "-3", "7.5", "0"]).dictionary_encode(),
])  # fmt: skip
def test_the_same_amounts_in_any_type_are_the_same(tmp_path: Path, column: Sequence[object]) -> None:
    write(tmp_path, paid_col=column)
    assert whole(tmp_path) == [(2,), (-3,), (8,), (0,)]


@pytest.mark.parametrize("kind", [pa.int8(), pa.int32(), pa.int64(), pa.uint16(), pa.uint64(), pa.decimal128(5, 0)])
def test_whole_numbers_of_any_size_are_amounts(tmp_path: Path, kind: pa.DataType) -> None:
    write(tmp_path, paid_col=pa.array([0, 7, 100], kind))
    assert whole(tmp_path) == [(0,), (7,), (100,)]


@pytest.mark.parametrize("value", [
    f"{CANARY}", "1,5", "+1", ".5", "5.", "1e3", " 1", "0x10", "", "9" * 19, "٣", "1_000", float("-inf"), 1e30, 1e308,
])
def test_what_is_no_plain_number_is_refused_in_every_way_and_counted(tmp_path: Path, value: object) -> None:
    for outside in ("refuse", "clamp"):
        write(tmp_path, paid_col=["5", value] if isinstance(value, str) else [5.0, value])
        with pytest.raises(SourceError) as caught:
            whole(tmp_path, declare(amounts=(amount("paid", outside),)))
        rule = "has no value, or none that is a plain finite number (1 rows)"
        assert str(caught.value) == f"cases.parquet: column paid_col: {rule}"
        assert CANARY not in everything_said(caught.value)


def test_an_integer_beyond_64_bits_is_refused(tmp_path: Path) -> None:
    write(tmp_path, paid_col=pa.array([2**64 - 1, 5], pa.uint64()))
    with pytest.raises(SourceError, match="plain finite number"):
        whole(tmp_path)


def test_a_csv_file_has_amounts_too(tmp_path: Path) -> None:
    lines = [",".join([*NAMES, "paid_col"]), *(",".join([*map(str, GOOD), text]) for text in ("2.5", "-1.49"))]
    (tmp_path / "cases.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    with opened(tmp_path, replace(CSV, amounts=(PAID,))) as cases:
        located = locate(cases, INDEX, unknown_areas="refuse", amounts=("paid",))
        assert cases.engine.rows(f"SELECT a0 FROM {located.table} ORDER BY a0") == [(-1,), (3,)]


def test_a_bound_takes_the_place_of_an_amount_beyond_it_after_rounding(tmp_path: Path) -> None:
    write(tmp_path, paid_col=[-0.4, -0.6, 100.4, 100.6, 1e15])
    declared = declare(amounts=(amount("paid", "clamp", 0, 100),))
    assert whole(tmp_path, declared) == [(0,), (0,), (100,), (100,), (100,)]
    write(tmp_path, paid_col=[-0.4, 100.4])
    assert whole(tmp_path, declare(amounts=(amount("paid", "refuse", 0, 100),))) == [(0,), (100,)]


def test_only_the_amounts_that_are_asked_for_are_placed_in_declared_order(tmp_path: Path) -> None:
    write(tmp_path, paid_col=[1], hours_col=[2])
    both = declare(amounts=(HOURS, PAID))
    assert whole(tmp_path, both, "paid") == [(1,)]
    assert whole(tmp_path, both, "paid", "hours") == [(2, 1)]
    with opened(tmp_path, both) as cases:
        located = locate(cases, INDEX, unknown_areas="refuse")
        assert located.layout.amounts == ()
        assert "a0" not in [row[0] for row in cases.engine.rows(f"DESCRIBE {located.table}")]


def test_an_amount_that_nobody_asks_for_is_checked_all_the_same(tmp_path: Path) -> None:
    write(tmp_path, paid_col=[1.0, None])
    with pytest.raises(SourceError, match=r"column paid_col: has no value"), opened(tmp_path, WITH_PAID):
        pass


def test_amounts_of_rows_outside_the_period_are_checked_too(tmp_path: Path) -> None:
    old = Row(*GOOD)._replace(day=GOOD.day.replace(year=2019))  # type: ignore[attr-defined]
    columns = {name: [a, b] for name, a, b in zip(NAMES, GOOD, old, strict=True)}
    write(tmp_path, **columns, paid_col=[1.0, float("nan")])
    with pytest.raises(SourceError, match=r"plain finite number \(1 rows\)"), opened(tmp_path, WITH_PAID):
        pass
