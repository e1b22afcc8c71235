"""The people of the synthetic country and their case records."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from publisher.synthetic.benefits import BENEFITS
from publisher.synthetic.cases import Cases, Oddities, expected_cases, make_cases, places
from publisher.synthetic.country import Country, CountryShape, make_country
from publisher.synthetic.outline import County
from publisher.synthetic.persons import GROUPS_AN_AREA, Persons, make_persons
from publisher.synthetic.population import AGES, SEXES, Population, make_population

YEARS = (2020, 2021, 2022)
SMALL = CountryShape(
    counties=(
        County("01", "Första län", (12.0, 60.0), 4, 3.0),
        County("03", "Andra län", (14.0, 60.2), 3),
        County("09", "Tredje län", (16.0, 59.8), 1),
    ),
    outline=shapely.box(11.0, 59.0, 17.0, 61.0),
    areas=60,
    repeated_names=2,
)


def ignore(step: str) -> None:
    """Progress that nobody reads."""


@pytest.fixture(scope="module")
def country() -> Country:
    return make_country(SMALL, 7, (2021, 2022))


@pytest.fixture(scope="module")
def population(country: Country) -> Population:
    return make_population(country, 7, YEARS, 1.0)


@pytest.fixture(scope="module")
def persons(country: Country, population: Population) -> Persons:
    return make_persons(country, population, 7)


@pytest.fixture(scope="module")
def cases(country: Country, population: Population, persons: Persons) -> Cases:
    return make_cases(country, population, persons, seed=7, oddities=Oddities(), progress=ignore)


@pytest.fixture(scope="module")
def once(cases: Cases) -> pd.DataFrame:
    """The rows as a frame, doubled ones once."""
    columns = {n: getattr(cases, n) for n in Cases.__dataclass_fields__}
    return pd.DataFrame(columns).drop_duplicates("case")


def test_population_adds_up_and_is_that_of_the_country(country: Country, population: Population) -> None:
    assert population.counts.shape == (3, 60, 2, 7)
    assert (population.last_totals == country.inhabitants).all()
    assert population.working.sum() / population.counts.sum() == pytest.approx(0.63, abs=0.02)


def test_population_changes_little_from_year_to_year(population: Population) -> None:
    change = np.abs(np.diff(population.counts, axis=0))
    assert change.sum() > 0
    assert (change <= 1 + 0.05 * population.counts[1:]).all()


def test_population_is_scaled_as_the_cases_are(country: Country, population: Population) -> None:
    tenth = make_population(country, 7, YEARS, 0.1)
    assert tenth.counts.sum() == pytest.approx(population.counts.sum() / 10, rel=0.01)
    assert (tenth.last_totals == np.rint(country.inhabitants / 10)).all()


@pytest.mark.parametrize("scale", [0.0, -0.1, 1.01, float("nan")])
def test_scale_must_be_above_0_and_at_most_1(country: Country, scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        make_population(country, 7, YEARS, scale)


def test_smallest_scale_leaves_somebody_in_every_area(country: Country) -> None:
    assert make_population(country, 7, YEARS, 1e-9).counts.sum(axis=(2, 3)).min() == 1


@pytest.mark.parametrize(
    ("years", "shape", "value"),
    [((), (0, 1, 2, 7), 1), ((2020, 2022), (2, 1, 2, 7), 1), ((2020,), (1, 1, 2, 5), 1), ((2020,), (1, 1, 2, 7), -1)],
)
def test_population_that_cannot_be_is_refused(years: tuple[int, ...], shape: tuple[int, ...], value: int) -> None:
    with pytest.raises(ValueError, match=r"population|years"):
        Population(years, np.full(shape, value))


def test_everybody_of_working_age_is_a_person_once(population: Population, persons: Persons) -> None:
    total = int(population.working[0].sum())
    assert persons.first[-1] == total
    assert (np.sort(persons.label) == np.arange(total)).all()
    assert (np.diff(persons.first) == population.working[0].ravel()).all()


def test_labels_of_persons_say_nothing_about_their_area(persons: Persons) -> None:
    assert abs(np.corrcoef(persons.label, np.arange(len(persons.label)))[0, 1]) < 0.02


def test_small_share_of_persons_changes_age_group_each_year(persons: Persons) -> None:
    shares = np.bincount(persons.older_from[persons.older_from >= 0], minlength=3) / len(persons.label)
    assert shares[0] == 0
    assert shares[1:] == pytest.approx([0.03, 0.03], abs=0.003)


def test_second_area_lies_in_the_same_county(country: Country, persons: Persons) -> None:
    county = np.array([c[:2] for c in country.codes])
    town = np.array([c[:4] for c in country.codes])
    area = np.repeat(np.arange(60 * GROUPS_AN_AREA) // GROUPS_AN_AREA, np.diff(persons.first))
    assert (county[persons.second] == county[area]).all()
    assert 0.6 < (town[persons.second] == town[area]).mean() < 1


def test_number_of_cases_is_as_the_rates_say(country: Country, population: Population, once: pd.DataFrame) -> None:
    plain = once[once.groupby("person")["case"].transform("size") < 100]
    for b, benefit in enumerate(BENEFITS):
        for year in range(3):
            expected = expected_cases(country, population, year, benefit).sum()
            found = int(((plain.benefit == b) & (plain.year == year)).sum())
            assert abs(found - expected) < 5 * np.sqrt(expected) + 5


def test_rates_rise_towards_type_1_by_the_slope(country: Country, population: Population) -> None:
    types = country.types_for(2022)
    bostadsbidrag = next(b for b in BENEFITS if b.name == "bostadsbidrag")
    rate = expected_cases(country, population, 2, bostadsbidrag) / population.working[2]
    means = [rate[types == t].mean() for t in range(1, 6)]
    assert np.diff(np.log(means)) == pytest.approx([-0.45] * 4)


def test_few_persons_have_very_many_cases(once: pd.DataFrame) -> None:
    number = once.groupby("person").size()
    assert (number >= 150).sum() == 40
    assert (number >= 100).sum() == 40
    assert number.median() <= 2


def test_dates_lie_in_their_year(once: pd.DataFrame) -> None:
    days = np.datetime64("2020-01-01") + once.day.to_numpy().astype("timedelta64[D]")
    assert (days.astype("datetime64[Y]").astype(int) + 1970 == 2020 + once.year.astype(int)).all()
    assert (days.min(), days.max()) == (np.datetime64("2020-01-01"), np.datetime64("2022-12-31"))


def test_part_of_the_records_state_no_area(country: Country, once: pd.DataFrame) -> None:
    text = np.array([*places(country), ""])[once.place]
    share = pd.Series(text).str.len().value_counts(normalize=True)
    assert share[4] == pytest.approx(0.02, rel=0.15)
    assert share[2] == pytest.approx(0.01, rel=0.2)
    assert share[0] == pytest.approx(0.01, rel=0.2)


def test_what_a_record_states_without_an_area_is_true(country: Country, persons: Persons, once: pd.DataFrame) -> None:
    text = np.array([*places(country), ""])
    stated, home = text[once.place], text[once.group // GROUPS_AN_AREA]
    second = text[persons.second[once.person]]
    fits = [s in (h, h[:4], h[:2], t, t[:4], "") for s, h, t in zip(stated, home, second, strict=True)]
    assert all(fits)


def test_person_moves_at_most_once_and_stays(once: pd.DataFrame) -> None:
    rows = once[(once.place >= 0) & (once.place < 60)].sort_values(["person", "day", "case"])
    home = rows.group // GROUPS_AN_AREA == rows.place
    returned = home & ~home.groupby(rows.person).shift(1, fill_value=True)
    same_day = rows.groupby("person").day.diff() == 0
    assert not (returned & ~same_day).any()


def test_some_persons_have_two_areas_in_a_year_and_none_has_three(once: pd.DataFrame) -> None:
    rows = once[(once.place >= 0) & (once.place < 60)]
    areas = rows.groupby(["person", "year"]).place.nunique()
    assert areas.max() == 2
    assert 0.02 < (areas == 2).mean() < 0.04


def test_doubled_rows_are_whole_copies(cases: Cases) -> None:
    rows = pd.DataFrame({n: getattr(cases, n) for n in Cases.__dataclass_fields__})
    assert rows.duplicated().sum() == rows.duplicated("case").sum() == 200
    assert sorted(rows.case.unique()) == list(range(len(rows) - 200))


def test_few_amounts_are_extreme(once: pd.DataFrame) -> None:
    means = np.array([b.amount for b in BENEFITS])[once.benefit]
    assert 15 <= (once.amount > 50 * means).sum() <= 25
    assert (once.amount >= 0).all()
    assert np.allclose(once.amount * 100, np.rint(once.amount * 100), atol=1e-4)


@pytest.mark.parametrize("column", ["person", "group", "day", "place", "benefit"])
def test_order_of_the_rows_says_nothing(cases: Cases, column: str) -> None:
    values = getattr(cases, column).astype(float)
    assert abs(np.corrcoef(values, np.arange(len(values)))[0, 1]) < 0.02
    assert abs(np.corrcoef(values[1:], values[:-1])[0, 1]) < 0.02


def test_country_without_oddities_has_none(country: Country, population: Population, persons: Persons) -> None:
    none = Oddities(0, 0, 0, 0)
    cases = make_cases(country, population, persons, seed=7, oddities=none, progress=ignore)
    assert len(np.unique(cases.case)) == len(cases)
    assert np.bincount(cases.person).max() < 100


def test_country_with_hardly_anybody_has_cases_too(country: Country) -> None:
    few = make_population(country, 7, (2022,), 1e-9)
    cases = make_cases(country, few, make_persons(country, few, 7), seed=7, oddities=Oddities(), progress=ignore)
    assert len(cases) > 200


def test_country_where_nobody_has_a_case_is_empty(country: Country) -> None:
    nobody = Population((2022,), np.zeros((1, 60, len(SEXES), len(AGES)), dtype=np.int64))
    cases = make_cases(country, nobody, make_persons(country, nobody, 7), seed=7, oddities=Oddities(), progress=ignore)
    assert len(cases) == 0


def test_cases_with_columns_of_different_lengths_are_refused(cases: Cases) -> None:
    with pytest.raises(ValueError, match="same length"):
        replace(cases, day=cases.day[:-1])


@pytest.mark.parametrize("change", [{"heavy_persons": -1}, {"doubled_rows": -1}, {"extreme_factor": 0}])
def test_oddities_that_cannot_be_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="oddities"):
        replace(Oddities(), **change)
