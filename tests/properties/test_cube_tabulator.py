"""Source, bounding and cube against a plain tabulator, on random records; and what one person can change."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from source_records import (
    BENEFIT,
    BENEFITS,
    CODES,
    INDEX,
    KEY,
    SEX,
    SEXES,
    Row,
    bounded_cells,
    declare,
    distinct_rows,
    key_set,
    leaf_of,
    named_after_first_cells,
    opened,
    write_csv,
    write_parquet,
)

from publisher.bounding import bound_contributions, collapse
from publisher.cube import Cube, count_bounded, count_cases
from publisher.geography.placing import locate
from publisher.policy.model import ContributionBound
from publisher.relations import Column

PLACES = (*CODES, "0180", "0181X", "22", "01X", "00", None)
rows_of = st.lists(
    st.builds(
        Row,
        person=st.sampled_from(["P01", "P02", "P03", "P04"]), case=st.integers(1, 5), area=st.sampled_from(PLACES),
        day=st.integers(0, 3).map(lambda n: date(2022, 1, 1) + timedelta(n)),
        benefit=st.sampled_from(BENEFITS), sex=st.sampled_from(SEXES),
    ),
    min_size=1, max_size=25,
)
few = settings(max_examples=20, deadline=None)


def every_bounded_counts(
    rows: Sequence[Row], most: int, *tables: tuple[Column, ...]
) -> list[NDArray[np.int64]]:
    """Counts of several tables after the whole way, each of shape (leaves, codes...)."""
    bound, counts = ContributionBound(most, "last"), []
    with TemporaryDirectory() as folder:
        write_parquet(Path(folder) / "cases.parquet", rows)
        with opened(Path(folder)) as cases:
            distinct = collapse(locate(cases, INDEX, unknown_areas="refuse"))
            for columns in tables:
                bounded = bound_contributions(distinct, bound=bound, columns=columns, key=KEY)
                cube = count_bounded(bounded, keys=key_set(*columns))
                assert cube.bound == bound
                counts.append(cube.counts)
    return counts


def bounded_counts(rows: Sequence[Row], most: int, *columns: Column) -> NDArray[np.int64]:
    """Counts of one table."""
    return every_bounded_counts(rows, most, columns)[0]


def exact_cube(rows: Sequence[Row], *columns: Column) -> Cube:
    """The exact cube after the whole way."""
    with TemporaryDirectory() as folder:
        write_parquet(Path(folder) / "cases.parquet", rows)
        with opened(Path(folder)) as cases:
            distinct = collapse(locate(cases, INDEX, unknown_areas="refuse"))
            placed = bound_contributions(distinct, bound=ContributionBound(9, "last"), columns=columns, key=KEY)
            return count_cases(distinct, keys=key_set(*columns), placed=placed, insiders=True)


def dense(cells: Counter[tuple[int, str, str]]) -> NDArray[np.int64]:
    """Reference counts as an array (leaves, benefits, sexes)."""
    out = np.zeros((len(INDEX.leaves), len(BENEFITS), len(SEXES)), dtype=np.int64)
    for (leaf, benefit, sex), n in cells.items():
        out[leaf, BENEFITS.index(benefit), SEXES.index(sex)] = n
    return out


@few
@given(rows_of, st.integers(1, 3))
def test_the_bounded_cube_is_that_of_a_plain_tabulator(rows: list[Row], most: int) -> None:
    assert np.array_equal(bounded_counts(rows, most, BENEFIT, SEX), dense(bounded_cells(rows, most)))


@few
@given(rows_of)
def test_columns_may_be_left_out_and_put_in_any_order(rows: list[Row]) -> None:
    full, turned, one, own, none = every_bounded_counts(
        rows, 3, (BENEFIT, SEX), (SEX, BENEFIT), (BENEFIT,), (SEX,), ()
    )
    assert np.array_equal(turned, full.transpose(0, 2, 1))
    assert np.array_equal(one, full.sum(axis=2))
    assert own.sum() == none.sum() == len({r.person for r in rows})


@few
@given(rows_of)
def test_the_exact_cube_is_that_of_a_plain_tabulator(rows: list[Row]) -> None:
    cube, distinct = exact_cube(rows, BENEFIT, SEX), distinct_rows(rows)
    cases = Counter((leaf_of(r), str(r.benefit), str(r.sex)) for r in distinct)
    found = {(leaf_of(r), str(r.benefit), str(r.sex), r.person) for r in distinct}
    persons = Counter((leaf, b, s) for leaf, b, s, _ in found)
    assert np.array_equal(cube.cases, dense(cases))
    assert np.array_equal(cube.persons, dense(persons))
    assert cube.contributors("cases")[0, -1, -1] == len(distinct)


@few
@given(rows_of)
def test_contributors_are_distinct_persons_within_every_cell(rows: list[Row]) -> None:
    keys, distinct = key_set(BENEFIT, SEX), distinct_rows(rows)
    cube, expected = exact_cube(rows, BENEFIT, SEX), np.zeros(keys.shape, dtype=np.int64)
    everybody: list[set[str]] = []
    cells = [(level.member, i) for level in keys.levels for i in range(len(level.codes))]
    for a, (member, i) in enumerate(cells):
        for k, (benefit, sex) in enumerate(keys.category_keys):
            inside = {
                r.person for r in distinct
                if member[leaf_of(r)] == i and benefit in (r.benefit, "TOT") and sex in (r.sex, "TOT")
            }
            expected[a].flat[k] = len(inside)
            everybody.append({str(person) for person in inside})
    assert np.array_equal(cube.contributors("persons"), expected)
    assert cube.alone["persons"].tolist() == named_after_first_cells(everybody)


@few
@given(rows_of, st.integers(1, 3))
def test_removing_a_person_takes_one_off_at_most_k_cells_of_one_leaf_and_leaves_all_else(
    rows: list[Row], most: int
) -> None:
    others = [r for r in rows if r.person != "P01"]
    if not others:
        return
    change = bounded_counts(rows, most, BENEFIT, SEX) - bounded_counts(others, most, BENEFIT, SEX)
    leaves, _, sexes = np.nonzero(change)
    assert set(np.unique(change)) <= {0, 1}
    assert change.sum() <= most
    assert len(set(leaves)) <= 1
    assert len(set(sexes)) <= 1


@pytest.mark.parametrize("ids", [["P01", "P02"], ["x-1", "P02"], ["190101-0101", "190101-0102"]])
def test_the_choice_of_combinations_depends_on_no_other_person(ids: list[str]) -> None:
    """A second person whose id has another shape makes the engine compare text: the first one's choice stays."""
    def own(person: str) -> list[Row]:
        return [Row(person, k, CODES[0], date(2022, 1, k + 1), b, "man") for k, b in enumerate(BENEFITS)]

    for most in (1, 2):
        alone = [bounded_counts(own(p), most, BENEFIT) for p in ids]
        assert np.array_equal(bounded_counts([*own(ids[0]), *own(ids[1])], most, BENEFIT), alone[0] + alone[1])


def test_the_worst_person_moves_the_cube_by_exactly_the_square_root_of_k() -> None:
    other = Row("P02", 9, CODES[3], date(2022, 3, 1), "a", "man")
    worst = [
        Row("P01", 10 * k + j, CODES[k], date(2022, 1, k + 1), b, SEXES[k % 2])
        for k in range(4) for j, b in enumerate(BENEFITS)
    ]
    for most in (1, 2, 3):
        change = bounded_counts([other, *worst], most, BENEFIT, SEX) - bounded_counts([other], most, BENEFIT, SEX)
        assert (change**2).sum() == most
        assert change[3].sum() == most  # the area of the latest record


def test_every_key_has_a_cell_whatever_the_records_hold() -> None:
    one = [Row("P01", 1, CODES[0], date(2022, 1, 1), "a", "man")]
    two = [*one, Row("P02", 2, CODES[3], date(2022, 1, 1), "c", "woman")]
    assert bounded_counts(one, 1, BENEFIT).shape == bounded_counts(two, 1, BENEFIT).shape == (len(INDEX.leaves), 3)
    assert exact_cube(one, BENEFIT).contributors("persons").shape == key_set(BENEFIT).shape


def test_csv_and_parquet_give_the_same_cube(tmp_path: Path) -> None:
    rows = [Row(f"P{n:02}", n, CODES[n % 4], date(2022, 1, 1 + n), BENEFITS[n % 3], SEXES[n % 2]) for n in range(20)]
    write_csv(tmp_path / "cases.csv", rows, "utf-16", ";")
    declaration = declare(files=("cases.csv",), format="csv", encoding="utf-16", delimiter=";")
    with opened(tmp_path, declaration) as cases:
        cube = count_cases(collapse(locate(cases, INDEX, unknown_areas="refuse")), keys=key_set(BENEFIT, SEX))
    assert np.array_equal(cube.cases, exact_cube(rows, BENEFIT, SEX).cases)
