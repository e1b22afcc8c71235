"""From a seed to the files of a synthetic country."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from publisher.synthetic.cases import Oddities, make_cases
from publisher.synthetic.country import CountryShape, make_country
from publisher.synthetic.files import (
    write_areas,
    write_areas_geojson,
    write_cases,
    write_outline_geojson,
    write_population,
)
from publisher.synthetic.persons import make_persons
from publisher.synthetic.population import make_population


@dataclass(frozen=True, slots=True)
class CountrySummary:
    """What was written.  `rows`: of case records, doubled ones included; `persons`: who have cases."""

    areas: int
    municipalities: int
    inhabitants: int
    persons: int
    rows: int
    files: tuple[str, ...]

    def __post_init__(self) -> None:
        if min(self.areas, self.municipalities, self.inhabitants, self.persons, self.rows) < 0 or not self.files:
            raise ValueError("a summary holds counts and the names of files")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides every byte of the files: the shape of the country, what is drawn, and for which years."""

    scale: float
    seed: int
    years: range
    type_years: tuple[int, ...]
    shape: CountryShape
    oddities: Oddities

    def __post_init__(self) -> None:
        if not 0 < self.scale <= 1:
            raise ValueError("scale must be above 0 and at most 1")
        if self.seed < 0:
            raise ValueError("seed must not be negative")
        if self.years.step != 1 or not 1 <= len(self.years) <= 60 or self.years.start < 1900:
            raise ValueError("years must follow each other, at least one and at most 60, from 1900 on")
        if not self.type_years or len(set(self.type_years)) != len(self.type_years):
            raise ValueError("type_years must be different years, at least one")


def write_country(
    out: Path,
    *,
    scale: float,
    seed: int,
    years: range,
    type_years: tuple[int, ...] = (2021, 2022),
    progress: Callable[[str], None],
    csv: bool = False,
) -> CountrySummary:
    """Write the synthetic country of `seed` into the folder `out`, made where it is missing.

    `scale`: share of the country's people who are there; populations are scaled as the cases are, so that rates hold.
    `type_years`: years that have area types.  `progress` is told each step.  `csv`: cases.csv beside cases.parquet.
    Two calls with the same arguments and versions write the same bytes.  ValueError for arguments out of range.
    """
    recipe = Recipe(scale, seed, years, type_years, CountryShape(), Oddities())
    return write_recipe(out, recipe, progress, csv=csv)


def write_recipe(out: Path, recipe: Recipe, progress: Callable[[str], None], *, csv: bool = False) -> CountrySummary:
    """As `write_country`, for a country of any shape."""
    out.mkdir(parents=True, exist_ok=True)
    country = make_country(recipe.shape, recipe.seed, recipe.type_years)
    population = make_population(country, recipe.seed, tuple(recipe.years), recipe.scale)
    progress(f"{len(country.codes)} areas drawn")
    write_areas(out / "areas.csv", country, population)
    write_population(out / "population.csv", country, population)
    write_areas_geojson(out / "regso.geojson", country)
    write_outline_geojson(out / "outline.geojson", recipe.shape.outline)
    progress("areas, population and borders written")
    persons = make_persons(country, population, recipe.seed)
    cases = make_cases(country, population, persons, seed=recipe.seed, oddities=recipe.oddities, progress=progress)
    names = ["cases.parquet", "cases.csv"] if csv else ["cases.parquet"]
    for name in names:
        write_cases(out / name, cases, country, population, persons)
        progress(f"{name} written")
    return CountrySummary(
        areas=len(country.codes),
        municipalities=len(country.municipalities),
        inhabitants=int(population.last_totals.sum()),
        persons=int(np.count_nonzero(np.bincount(cases.person))),
        rows=len(cases),
        files=("areas.csv", "population.csv", "regso.geojson", "outline.geojson", *names),
    )
