"""The two cubes: declared keys only, read-only, and never one for the other."""

import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from source_records import BENEFIT, CODES, GOOD, INDEX, KEY, LEVELS, SEX, declare, key_set, opened, write_parquet

from publisher.bounding import BoundedCases, DistinctCases, bound_contributions, collapse
from publisher.cube import BoundedCube, Cube, count_bounded, count_cases
from publisher.errors import PolicyError
from publisher.geography.placing import locate
from publisher.geography.register import AreaIndex
from publisher.opaque import Opaque
from publisher.policy.declarations import CategoryDeclaration
from publisher.policy.model import ContributionBound
from publisher.relations import Column, KeySet
from publisher.release.model import Category, Text


@pytest.fixture
def stages(tmp_path: Path) -> Iterator[tuple[DistinctCases, BoundedCases]]:
    """Three persons, one of them in two municipalities of two counties."""
    rows = [GOOD, GOOD._replace(person="P02", case=2), GOOD._replace(person="P03", case=3),
            GOOD._replace(person="P03", case=4, area=CODES[3], benefit="b")]
    write_parquet(tmp_path / "cases.parquet", rows)
    with opened(tmp_path) as cases:
        distinct = collapse(locate(cases, INDEX, unknown_areas="refuse"))
        bound = ContributionBound(2, "last")
        yield distinct, bound_contributions(distinct, bound=bound, columns=(BENEFIT,), key=KEY)


Stages = tuple[DistinctCases, BoundedCases]


def test_a_person_in_two_areas_is_one_person_in_the_nation(stages: Stages) -> None:
    cube = count_cases(stages[0], keys=key_set(BENEFIT))
    areas, persons = list(cube.keys.area_codes), cube.contributors("persons")
    total = [persons[areas.index(a), -1] for a in ("00", "01", "22", "0180", "0180R001", "2280R001")]
    assert total == [3, 3, 1, 3, 3, 1]
    assert cube.contributors("cases")[areas.index("00"), -1] == 4
    assert cube.persons.sum() == 4


def test_contributors_are_persons_or_cases(stages: Stages) -> None:
    with pytest.raises(ValueError, match="persons or cases"):
        count_cases(stages[0], keys=key_set(BENEFIT)).contributors("rows")


def test_keys_without_totals_have_no_totals(stages: Stages) -> None:
    cube = count_cases(stages[0], keys=key_set(BENEFIT, total=False))
    assert cube.contributors("persons")[0].tolist() == [3, 1, 0]
    assert cube.contributors("persons").shape == cube.keys.shape


def test_a_level_that_leaves_areas_out_is_counted_right(stages: Stages) -> None:
    keys = KeySet(INDEX.leaves, INDEX.levels(("kommun_area_type", "riket"), 2022), (BENEFIT,), (True,))
    cube = count_cases(stages[0], keys=keys)
    areas = list(keys.area_codes)
    assert cube.contributors("persons")[areas.index("0180T1")].tolist() == [3, 0, 0, 3]
    assert cube.contributors("persons")[areas.index("00")].tolist() == [3, 1, 0, 3]


def test_keys_of_other_areas_or_columns_are_refused(stages: Stages) -> None:
    distinct, bounded = stages
    fewer = AreaIndex("e2020", INDEX.areas[:3], {})
    other = KeySet(fewer.leaves, fewer.levels(LEVELS[:3], 2022), (BENEFIT,), (True,))
    foreign = key_set(Column("benefit", ("a", "b", "x"), personal=False))
    for keys in (other, foreign):
        with pytest.raises(PolicyError):
            count_cases(distinct, keys=keys)
        with pytest.raises(PolicyError):
            count_bounded(bounded, keys=keys)


@pytest.mark.parametrize("columns", [(SEX,), (BENEFIT, SEX), (SEX, BENEFIT)])
def test_bounded_persons_are_counted_by_columns_that_they_were_bounded_for(
    columns: tuple[Column, ...], stages: Stages
) -> None:
    """A finer table of the same persons has another sensitivity."""
    with pytest.raises(PolicyError, match="other columns"):
        count_bounded(stages[1], keys=key_set(*columns))


def test_a_table_too_large_to_hold_is_refused(tmp_path: Path) -> None:
    def many(name: str) -> CategoryDeclaration:
        texts = tuple(Category(f"{i}", Text("x", "x")) for i in range(3000))
        return CategoryDeclaration(name, f"{name}_col", Text("x", "x"), personal=False, categories=texts)

    declaration = declare(categories=(many("benefit"), many("sex")))
    write_parquet(tmp_path / "cases.parquet", [GOOD._replace(benefit="1", sex="2")])
    columns = tuple(Column(c.id, c.codes, personal=False) for c in declaration.categories)
    with opened(tmp_path, declaration) as cases:
        distinct = collapse(locate(cases, INDEX, unknown_areas="refuse"))
        with pytest.raises(PolicyError, match="more than"):
            count_cases(distinct, keys=key_set(*columns))


def test_an_empty_period_gives_zeros_in_every_cell(tmp_path: Path) -> None:
    write_parquet(tmp_path / "cases.parquet", [GOOD])
    with opened(tmp_path, where=(("benefit", ("c",)),)) as cases:
        distinct = collapse(locate(cases, INDEX, unknown_areas="refuse"))
        cube = count_cases(distinct, keys=key_set(BENEFIT, SEX))
        bound = ContributionBound(1, "last")
        bounded = bound_contributions(distinct, bound=bound, columns=(BENEFIT,), key=KEY)
        noisy = count_bounded(bounded, keys=key_set(BENEFIT))
    assert (cube.cases.sum(), cube.contributors("persons").sum(), noisy.counts.sum()) == (0, 0, 0)
    assert cube.contributors("persons").shape == cube.keys.shape


def test_neither_cube_can_be_written_printed_pickled_or_made_of_the_other(stages: Stages) -> None:
    distinct, bounded = stages
    exact, noisy = count_cases(distinct, keys=key_set(BENEFIT)), count_bounded(bounded, keys=key_set(BENEFIT))
    receipts: tuple[Opaque, ...] = (exact, noisy)
    for cube in receipts:
        assert repr(cube) == f"<{type(cube).__name__}: withheld>"
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(cube)
    for array in (exact.cases, exact.persons, exact.distinct_persons, noisy.counts):
        assert array.dtype == np.int64
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    assert not issubclass(Cube, BoundedCube)
    assert not issubclass(BoundedCube, Cube)
    with pytest.raises(ValueError, match="mint"):
        replace(noisy, counts=exact.cases)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="receipt"):
        BoundedCube(object(), exact.keys, exact.cases, noisy.bound, noisy.quantity)
    with pytest.raises(TypeError, match="receipt"):
        Cube(object(), noisy.keys, noisy.counts, None, noisy.counts, {}, {}, noisy.counts, None)
