"""The areas of the synthetic country."""

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.synthetic.country import Country, CountryShape, Municipality, apportion, make_country
from publisher.synthetic.names import area_names, every_area_name, every_municipality_name, municipality_names
from publisher.synthetic.outline import COUNTIES, County
from publisher.synthetic.tessellation import GRID, divide, lay_on_grid, scatter

REAL_REGISTER = Path(__file__).parents[3] / "shared" / "data" / "scb" / "regso2020_register.csv"
HORSESHOE = shapely.Polygon([(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)])


@pytest.fixture(scope="module")
def country() -> Country:
    return make_country(CountryShape(), 20220428, (2022, 2021))


def test_country_has_the_shape_of_the_real_one(country: Country) -> None:
    sizes = [m.size for m in country.municipalities]
    assert (len({m.county.code for m in country.municipalities}), len(sizes), len(country.codes)) == (21, 290, 3363)
    assert Counter(country.last_types.tolist()) == {1: 160, 2: 289, 3: 855, 4: 1770, 5: 289}
    assert sizes.count(1) >= 3
    assert 100 <= max(sizes) <= 130
    assert np.median(sizes) < 0.7 * np.mean(sizes)
    assert 650 <= country.inhabitants.min() <= 800
    assert 9_000 < country.inhabitants.max() <= 20_000
    assert 10.0e6 < country.inhabitants.sum() < 11.0e6


def test_codes_nest_and_the_three_cities_stand_out(country: Country) -> None:
    for m in country.municipalities:
        assert m.code[:2] == m.county.code
        assert all(c.startswith(f"{m.code}R") for c in country.codes[m.first : m.first + m.size])
    largest = sorted(country.municipalities, key=lambda m: -m.size)[:3]
    assert {m.code for m in largest} == {"0180", "1280", "1480"}


def test_types_are_dated_and_move_at_most_one_step(country: Country) -> None:
    assert list(country.types) == [2021, 2022]
    moved = np.abs(country.types[2022] - country.types[2021])
    assert moved.max() == 1
    assert 0.01 < moved.mean() < 0.10


def test_types_move_at_most_one_step_where_a_type_has_few_areas_too() -> None:
    shape = CountryShape(counties=COUNTIES[:2], areas=200, type_shares=(90, 1, 1, 107, 1))
    types = list(make_country(shape, 1, tuple(range(2011, 2023))).types.values())
    steps = np.abs(np.diff(np.array(types), axis=0))
    assert steps.max() == 1


def test_types_in_force_are_those_of_the_latest_type_year_up_to_the_year(country: Country) -> None:
    for year, expected in ((2019, 2021), (2021, 2021), (2022, 2022), (2030, 2022)):
        assert country.types_for(year) is country.types[expected]


def test_areas_of_one_municipality_are_more_alike_than_areas_of_different_ones(country: Country) -> None:
    types = country.last_types.astype(float)
    means = np.bincount(country.home, types) / np.bincount(country.home)
    within = ((types - means[country.home]) ** 2).mean()
    assert within < 0.85 * types.var()


def test_borders_tile_the_outline_on_the_grid_without_gap_or_overlap(country: Country) -> None:
    polygons = np.array(country.polygons)
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    assert not shapely.union_all(polygons).difference(CountryShape().outline.buffer(2 * GRID)).area
    assert shapely.area(polygons).sum() == pytest.approx(CountryShape().outline.area, rel=1e-4)
    corners = shapely.get_coordinates(polygons) / GRID
    assert np.abs(corners - np.rint(corners)).max() < 1e-6


def test_every_area_municipality_and_county_hangs_together(country: Country) -> None:
    polygons = np.array(country.polygons)
    assert {p.geom_type for p in polygons} == {"Polygon"}
    for groups in (country.home, np.unique([c[:2] for c in country.codes], return_inverse=True)[1]):
        dissolved = [shapely.union_all(polygons[groups == g]) for g in range(groups.max() + 1)]
        assert {g.geom_type for g in dissolved} == {"Polygon"}


def test_areas_of_the_cities_are_small(country: Country) -> None:
    size = shapely.area(np.array(country.polygons))
    south = np.array([c.startswith("0180") for c in country.codes])
    north = np.array([c.startswith("25") for c in country.codes])
    assert np.median(size[south]) < np.median(size[north]) / 10


def test_area_names_are_unique_in_a_municipality_and_a_few_repeat_between_them(country: Country) -> None:
    for m in country.municipalities:
        assert len(set(country.names[m.first : m.first + m.size])) == m.size
    repeated = [n for n, k in Counter(country.names).items() if k > 1]
    assert len(repeated) == 16
    assert len({m.name for m in country.municipalities}) == 290


def test_no_name_that_can_be_made_is_that_of_a_real_municipality() -> None:
    if not REAL_REGISTER.exists():
        pytest.skip("the real register is not at hand")
    with REAL_REGISTER.open(encoding="utf-8-sig", newline="") as file:
        real = {row["kommunnamn"] for row in csv.DictReader(file)}
    assert len(real) == 290
    assert real.isdisjoint(every_municipality_name())
    assert real.isdisjoint(every_area_name())


def test_names_that_can_be_made_are_different() -> None:
    for pool in (every_municipality_name(), every_area_name()):
        assert len(set(pool)) == len(pool)


def test_more_names_than_can_be_made_are_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="municipalities can be named"):
        municipality_names(rng, 577)
    with pytest.raises(ValueError, match="areas can be named"):
        area_names(rng, [20_000], 0)


def test_seed_decides_the_country() -> None:
    shape = CountryShape(counties=COUNTIES[:2], areas=60)
    one, same, other = (make_country(shape, s, (2022,)) for s in (1, 1, 2))
    assert one.names == same.names
    assert one.polygons == same.polygons
    assert one.names != other.names
    assert one.polygons != other.polygons


@pytest.mark.parametrize("years", [(), (2022, 2022)])
def test_type_years_must_be_different_and_at_least_one(years: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="type_years"):
        make_country(CountryShape(counties=COUNTIES[:1], areas=40), 1, years)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"counties": ()}, "county codes"),
        ({"counties": COUNTIES[1::-1]}, "county codes"),
        ({"areas": 289}, "at least one area"),
        ({"areas": 290 * 130 + 1}, "at most"),
        ({"type_shares": (1, 1, 1, 1, -1)}, "type_shares"),
        ({"type_shares": (0, 0, 0, 0, 0)}, "type_shares"),
        ({"outline": shapely.box(11, 55, 12, 56)}, "outside the outline"),
    ],
)
def test_shape_that_cannot_be_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        replace(CountryShape(), **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(("code", "towns", "pull"), [("1", 3, 1.0), ("0a", 3, 1.0), ("01", 0, 1.0), ("01", 3, 0.0)])
def test_county_that_cannot_be_is_refused(code: str, towns: int, pull: float) -> None:
    with pytest.raises(ValueError, match="county"):
        County(code, "name", (15.0, 60.0), towns, pull)


def test_country_with_columns_of_different_lengths_or_codes_out_of_order_is_refused() -> None:
    town = Municipality("0180", "name", COUNTIES[0], 0, 2)
    two = np.array([0, 0])
    box = shapely.box(0, 0, 1, 1)
    good = Country((town,), ("0180R001", "0180R002"), ("a", "b"), two, {2022: two}, two, (box, box))
    with pytest.raises(ValueError, match="one entry an area"):
        replace(good, names=("a",))
    with pytest.raises(ValueError, match="in order"):
        replace(good, codes=("0180R002", "0180R001"))


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=30), st.integers(0, 10_000), st.floats(0, 0.99))
def test_apportioned_parts_add_up_and_are_within_one_of_their_share(
    weights: list[float], total: int, offset: float
) -> None:
    parts = apportion(np.array(weights), total, offset)
    exact = np.array(weights) / sum(weights) * total
    assert parts.sum() == total
    assert parts.min() >= 0
    assert np.abs(parts - exact).max() < 1 + 1e-6


def test_apportioned_parts_are_right_on_average() -> None:
    weights = np.tile([0.1, 0.2, 0.7], (20_000, 1))
    parts = apportion(weights, np.ones(20_000, dtype=np.int64), np.random.default_rng(1).random(20_000))
    assert parts.mean(axis=0) == pytest.approx([0.1, 0.2, 0.7], abs=0.01)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 25))
def test_division_of_a_place_with_a_bay_covers_it_in_parts_that_hang_together(seed: int, count: int) -> None:
    seeds = scatter(np.random.default_rng(seed), HORSESHOE, count, np.array([0.5, 2.0]), 0.4)
    parts = divide(HORSESHOE, seeds)
    assert len(parts) == count
    assert all(p.buffer(1e-9).contains(shapely.Point(s)) for p, s in zip(parts, seeds, strict=True))
    assert sum(p.area for p in parts) == pytest.approx(HORSESHOE.area)
    assert shapely.union_all(parts).area == pytest.approx(HORSESHOE.area)
    assert {p.geom_type for p in parts} == {"Polygon"}


def test_piece_that_a_bay_cuts_off_goes_to_the_neighbour_it_touches() -> None:
    seeds = np.array([[0.5, 2.9], [0.5, 0.5], [2.9, 0.5]])
    assert [p.geom_type for p in divide(HORSESHOE, seeds)] == ["Polygon"] * 3


def test_island_without_a_seed_stays_with_the_nearest_seed() -> None:
    place = shapely.MultiPolygon([shapely.box(0, 0, 2, 1), shapely.box(1.5, 2, 2, 3)])
    left, right = divide(place, np.array([[0.5, 0.5], [1.5, 0.5]]))
    assert left.geom_type == "Polygon"
    assert right.area == pytest.approx(1.5)


def test_area_smaller_than_the_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        lay_on_grid([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 1 + GRID / 10, 1)])
