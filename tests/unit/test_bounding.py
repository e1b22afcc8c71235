"""Collapsing and bounding, by example: what one person may add, and that nobody else decides it."""

import pickle
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from source_records import (
    BENEFIT,
    CANARY,
    CODES,
    GOOD,
    INDEX,
    KEY,
    SEX,
    Row,
    Where,
    declare,
    key_set,
    opened,
    write_parquet,
)

from publisher.bounding import BoundedCases, DistinctCases, bound_contributions, collapse
from publisher.cube import count_bounded, count_cases
from publisher.errors import PolicyError
from publisher.geography.placing import locate
from publisher.policy.declarations import CategoryDeclaration
from publisher.policy.model import ContributionBound
from publisher.relations import Column
from publisher.release.model import Category, Text

DAY = date(2022, 1, 1)


def case_counts(folder: Path, rows: list[Row]) -> tuple[NDArray[np.int64], int]:
    """Exact cases (leaf, benefit, sex), and the number of rows that were collapsed."""
    write_parquet(folder / "cases.parquet", rows)
    with opened(folder) as cases:
        distinct = collapse(locate(cases, INDEX, unknown_areas="refuse"))
        return count_cases(distinct, keys=key_set(BENEFIT, SEX)).cases, distinct.collapsed


def bounded_counts(
    folder: Path, rows: list[Row], most: int, *columns: Column, where: Where = (), key: bytes = KEY
) -> NDArray[np.int64]:
    """Bounded counts (leaf, codes...)."""
    write_parquet(folder / "cases.parquet", rows)
    with opened(folder, where=where) as cases:
        distinct = collapse(locate(cases, INDEX, unknown_areas="refuse"))
        bounded = bound_contributions(distinct, bound=ContributionBound(most, "last"), columns=columns, key=key)
        return count_bounded(bounded, keys=key_set(*columns)).counts


def test_a_case_that_stands_twice_counts_once(tmp_path: Path) -> None:
    counts, collapsed = case_counts(tmp_path, [GOOD, GOOD, GOOD._replace(case=2)])
    assert (counts.sum(), collapsed) == (2, 1)


def test_collapsing_twice_changes_nothing(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD, GOOD])
    with opened(tmp_path) as cases:
        located = locate(cases, INDEX, unknown_areas="refuse")
        first, second = collapse(located), collapse(located)
    assert (first.rows, first.collapsed) == (second.rows, second.collapsed) == (1, 1)


def test_the_same_case_id_of_two_persons_is_two_cases(tmp_path: Path) -> None:
    """Collapsing on the case alone would let one person's removal revive the other's row."""
    other = GOOD._replace(person="P02", area=CODES[1])
    both, _ = case_counts(tmp_path, [GOOD, other])
    for mine in (GOOD, other):
        alone, _ = case_counts(tmp_path, [mine])
        assert (both - alone).sum() == 1
        assert (both - alone).min() == 0


@pytest.mark.parametrize(("second", "kept"), [
    (GOOD._replace(day=date(2022, 6, 1), area=CODES[3], benefit="c"), (3, 2, 0)),
    (GOOD._replace(day=date(2022, 4, 1), area=CODES[3], benefit="c"), (0, 0, 0)),
    (GOOD._replace(area=CODES[3]), (0, 0, 0)),
    (GOOD._replace(benefit="c"), (0, 0, 0)),
    (GOOD._replace(sex="woman"), (0, 0, 0)),
])
def test_of_rows_that_differ_the_latest_stays_then_the_smallest(
    second: Row, kept: tuple[int, int, int], tmp_path: Path
) -> None:
    for rows in ([GOOD, second], [second, GOOD]):
        counts, collapsed = case_counts(tmp_path, rows)
        assert collapsed == 1
        assert tuple(int(i[0]) for i in counts.nonzero()) == kept


def test_a_person_is_counted_in_the_area_of_the_latest_record_with_all_combinations(tmp_path: Path) -> None:
    rows = [
        Row("P01", 1, CODES[0], date(2022, 1, 1), "a", "man"), Row("P01", 2, CODES[3], date(2022, 9, 1), "b", "woman"),
        Row("P01", 3, CODES[1], date(2022, 5, 1), "c", "man"),
    ]
    counts = bounded_counts(tmp_path, rows, 3, BENEFIT, SEX)
    assert counts[3].tolist() == [[0, 1], [0, 1], [0, 1]]
    assert counts.sum() == 3


def test_of_too_many_combinations_the_choice_is_keyed(tmp_path: Path) -> None:
    rows = [
        Row(f"P{n:02}", 3 * n + k, CODES[0], DAY, b, "man") for n in range(40) for k, b in enumerate("abc")
    ]
    one, again, other = (bounded_counts(tmp_path, rows, 1, BENEFIT, key=key) for key in (KEY, KEY, KEY[::-1]))
    assert one.sum() == 40
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert (one[0] > 5).all()  # about a third each


def test_the_filter_works_before_the_bound(tmp_path: Path) -> None:
    rows = [Row("P01", k, CODES[0], DAY, b, "man") for k, b in enumerate("abc")]
    counts = bounded_counts(tmp_path, rows, 1, BENEFIT, where=(("benefit", ("b",)),))
    assert counts[0].tolist() == [0, 1, 0]


@pytest.mark.parametrize("codes", [("b",), ("c", "b"), ("b", "a")])
def test_a_column_may_hold_fewer_codes_where_the_filter_keeps_fewer(codes: tuple[str, ...], tmp_path: Path) -> None:
    rows = [Row("P01", k, CODES[0], DAY, b, "man") for k, b in enumerate("abc")]
    counts = bounded_counts(tmp_path, rows, 2, Column("benefit", codes, personal=False), where=(("benefit", ("b",)),))
    assert counts[0].tolist() == [int(c == "b") for c in codes]


def test_personal_columns_may_be_in_another_order(tmp_path: Path) -> None:
    column = Column("sex", ("woman", "man"), personal=True)
    assert bounded_counts(tmp_path, [GOOD], 1, column)[0].tolist() == [0, 1]


@pytest.mark.parametrize("column", [
    Column("nothing", ("a",), personal=False), Column("benefit", ("a", "b"), personal=False),
    Column("benefit", ("a", "b", "c", "d"), personal=False), Column("benefit", ("a", "b", "c"), personal=True),
    Column("sex", ("man", "woman"), personal=False),
])
def test_columns_other_than_declared_are_refused(column: Column, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="column"):
        bounded_counts(tmp_path, [GOOD], 1, column)


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="16 to 64 bytes"):
        bounded_counts(tmp_path, [GOOD], 1, BENEFIT, key=b"short")


def wide(count: int) -> CategoryDeclaration:
    """A case category with many codes."""
    texts = tuple(Category(f"{i:04}", Text("x", "x")) for i in range(count))
    return CategoryDeclaration("benefit", "benefit_col", Text("x", "x"), personal=False, categories=texts)


@pytest.mark.parametrize("count", [64, 65, 300])
def test_many_combinations_are_bounded_alike(count: int, tmp_path: Path) -> None:
    declaration = replace(declare(), categories=(wide(count), declare().categories[1]))
    codes = declaration.categories[0].codes
    rows = [Row(f"P{n % 5:02}", n, CODES[n % 4], DAY, codes[-1 - n * n % count], "man") for n in range(60)]
    write_parquet(tmp_path / "cases.parquet", rows)
    column = Column("benefit", codes, personal=False)
    with opened(tmp_path, declaration) as cases:
        distinct = collapse(locate(cases, INDEX, unknown_areas="refuse"))
        for most in (2, 1000):
            bounded = bound_contributions(distinct, bound=ContributionBound(most, "last"), columns=(column,), key=KEY)
            counts = count_bounded(bounded, keys=key_set(column)).counts
            own = [{r.benefit for r in rows if r.person == p} for p in {r.person for r in rows}]
            assert counts.sum() == sum(min(most, len(o)) for o in own)
    assert [codes[i] for i in np.flatnonzero(counts.sum(axis=0))] == sorted(set().union(*own))  # type: ignore[type-var]


def test_too_many_combinations_are_refused(tmp_path: Path) -> None:
    declaration = replace(declare(), categories=(wide(4097), declare().categories[1]))
    write_parquet(tmp_path / "cases.parquet", [GOOD._replace(benefit="0000")])
    column = Column("benefit", declaration.categories[0].codes, personal=False)
    with opened(tmp_path, declaration) as cases:
        distinct = collapse(locate(cases, INDEX, unknown_areas="refuse"))
        with pytest.raises(PolicyError, match="4097 combinations"):
            bound_contributions(distinct, bound=ContributionBound(1, "last"), columns=(column,), key=KEY)


def test_nobody_has_more_than_k_combinations_in_the_receipt(tmp_path: Path) -> None:
    rows = [
        Row(f"P{n:02}", 10 * n + k, CODES[n % 4], DAY, b, "man") for n, (k, b) in product(range(9), enumerate("abc"))
    ]
    write_parquet(tmp_path / "cases.parquet", rows)
    with opened(tmp_path) as cases:
        distinct = collapse(locate(cases, INDEX, unknown_areas="refuse"))
        bounded = bound_contributions(distinct, bound=ContributionBound(2, "last"), columns=(BENEFIT,), key=KEY)
    assert bounded.persons.sum() == 9
    assert (np.bitwise_count(bounded.words).sum(axis=1) == 2).all()


def test_receipts_neither_print_nor_pickle_nor_can_be_changed(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD._replace(person=CANARY)])
    with opened(tmp_path) as cases:
        distinct = collapse(locate(cases, INDEX, unknown_areas="refuse"))
        bounded = bound_contributions(distinct, bound=ContributionBound(1, "last"), columns=(BENEFIT,), key=KEY)
        for receipt in (distinct, bounded):
            assert repr(receipt) == f"<{type(receipt).__name__}: withheld>"
            with pytest.raises(TypeError, match="not pickled"):
                pickle.dumps(receipt)
        with pytest.raises(ValueError, match="mint"):
            replace(bounded, bound=ContributionBound(9, "last"))  # type: ignore[call-arg]
        with pytest.raises(TypeError, match="receipt"):
            DistinctCases(object(), distinct.engine, distinct.table, distinct.layout, 1, 0, 0)
        with pytest.raises(TypeError, match="receipt"):
            BoundedCases(
                object(), bounded.layout, bounded.columns, bounded.bound, bounded.places, bounded.words,
                bounded.persons, None,
            )  # fmt: skip
