"""Case records of the synthetic country, drawn as compact columns.

They hold what makes such records hard to publish: rates that depend on the area type, persons who come back, a few
with very many cases, persons who move or change age group, records without an area, doubled rows, extreme amounts.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from publisher.synthetic.benefits import BENEFITS, Benefit
from publisher.synthetic.country import Country, FloatArray, IntArray
from publisher.synthetic.persons import GROUPS_AN_AREA, Persons
from publisher.synthetic.population import Population

AnyInt = NDArray[np.integer]


RECURRENCE = 1.7
"""Exponent of the rank of a person within the group: above 1 some persons come back more than others."""

MOVE = 0.12
"""Chance that a person moves between two cases that follow each other; some 3 % then have two areas in a year."""

NO_REGSO, NO_MUNICIPALITY, NO_COUNTY = 0.02, 0.01, 0.01
"""Shares of the records that state the municipality only, the county only, nothing."""


@dataclass(frozen=True, slots=True)
class Oddities:
    """How many persons have very many cases (and how many each), doubled rows, and extreme amounts."""

    heavy_persons: int = 40
    heavy_cases: int = 150
    doubled_rows: int = 200
    extreme_amounts: int = 25
    extreme_factor: int = 500

    def __post_init__(self) -> None:
        counts = (self.heavy_persons, self.heavy_cases, self.doubled_rows, self.extreme_amounts)
        if min(counts) < 0 or self.extreme_factor < 1:
            raise ValueError("oddities are counts, and a factor of at least 1")


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Rows of case records as codes, each column of shape (rows,).

    `person`: index into Persons; `group`: that of the person; `year`: index; `day`: days since the first of the first
    year; `benefit`: index; `place`: index into the places, -1 for none stated; `amount`: SEK; `case`: the case id.
    """

    person: NDArray[np.int32]
    group: NDArray[np.int32]
    year: NDArray[np.int8]
    day: NDArray[np.int16]
    benefit: NDArray[np.int8]
    place: NDArray[np.int16]
    amount: FloatArray
    case: NDArray[np.int32]

    def __post_init__(self) -> None:
        columns = (self.group, self.year, self.day, self.benefit, self.place, self.amount, self.case)
        if any(len(c) != len(self.person) for c in columns):
            raise ValueError("all columns of cases must have the same length")

    def __len__(self) -> int:
        return len(self.person)


def places(country: Country) -> tuple[str, ...]:
    """What can stand in the area column: every RegSO, then every municipality, then every county."""
    municipalities = [m.code for m in country.municipalities]
    return (*country.codes, *municipalities, *dict.fromkeys(m[:2] for m in municipalities))


def make_cases(
    country: Country,
    population: Population,
    persons: Persons,
    *,
    seed: int,
    oddities: Oddities,
    progress: Callable[[str], None],
) -> Cases:
    """All case records, in an order that says nothing about person, area or date."""
    rng = np.random.default_rng([seed, 7])
    drawn = _with_heavy_persons(_draw(country, population, persons, rng), persons, population, oddities, rng)
    progress(f"{len(drawn)} cases drawn")
    placed = _without_area(_moved(drawn, persons, rng), country, rng)
    return _finish(placed, oddities, rng)


def expected_cases(country: Country, population: Population, year: int, benefit: Benefit) -> FloatArray:
    """Expected number of cases of a benefit in the year of index `year`; shape (areas, sexes, CASE_AGES)."""
    types = country.types_for(population.years[year])
    by_type = benefit.rate * np.exp(benefit.slope * (3 - types) + benefit.trend * year)
    by_group = np.outer([benefit.women, 2 - benefit.women], benefit.ages)
    return np.asarray(population.working[year] * by_type[:, None, None] * by_group)


def _draw(country: Country, population: Population, persons: Persons, rng: np.random.Generator) -> Cases:
    """Cases year by year and benefit by benefit."""
    parts = []
    for year in range(len(population.years)):
        for b, benefit in enumerate(BENEFITS):
            lam = expected_cases(country, population, year, benefit).ravel()
            counts = rng.poisson(np.where(np.diff(persons.first) > 0, lam, 0.0))
            group = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
            parts.append(_new_cases(group, _someone(group, persons, rng), year, b, population, rng))
    return _stack(parts)


def _someone(group: NDArray[np.int32], persons: Persons, rng: np.random.Generator) -> IntArray:
    """A person of each group given; those of low rank come back."""
    size = np.diff(persons.first)[group]
    rank = np.floor(rng.random(len(group)) ** RECURRENCE * size).astype(np.int64)
    return np.asarray(persons.first[group] + rank)


def _new_cases(
    group: AnyInt, person: AnyInt, year: int, benefit: int | AnyInt, population: Population, rng: np.random.Generator
) -> Cases:
    """Cases of one year, in the area of the group, on any day of the year."""
    start = np.datetime64(f"{population.years[0]}-01-01")
    edges = [int((np.datetime64(f"{population.years[0] + year + k}-01-01") - start).astype(int)) for k in (0, 1)]
    kinds = np.broadcast_to(np.asarray(benefit, dtype=np.int8), group.shape)
    means = np.array([b.amount for b in BENEFITS])[kinds]
    return Cases(
        person=person.astype(np.int32),
        group=group.astype(np.int32),
        year=np.full(len(group), year, dtype=np.int8),
        day=rng.integers(edges[0], edges[1], len(group), dtype=np.int16),
        benefit=kinds,
        place=(group // GROUPS_AN_AREA).astype(np.int16),
        amount=np.round(rng.gamma(1.6, 1 / 1.6, len(group)) * means, 2),
        case=np.zeros(len(group), dtype=np.int32),
    )


def _stack(parts: list[Cases]) -> Cases:
    names = Cases.__dataclass_fields__
    return Cases(**{n: np.concatenate([getattr(p, n) for p in parts]) for n in names})


def take(cases: Cases, rows: AnyInt | slice) -> Cases:
    """The given rows, in the given order."""
    return Cases(**{n: getattr(cases, n)[rows] for n in Cases.__dataclass_fields__})


def _with_heavy_persons(
    cases: Cases, persons: Persons, population: Population, oddities: Oddities, rng: np.random.Generator
) -> Cases:
    """More cases for a few persons, spread over the years, of benefits as common as among the others."""
    people = len(persons.label)
    chosen = np.sort(rng.choice(people, min(oddities.heavy_persons, people), replace=False))
    group = np.searchsorted(persons.first, chosen, side="right") - 1
    years = len(population.years)
    parts = [cases]
    for year in range(years):
        times = oddities.heavy_cases // years + (year < oddities.heavy_cases % years)
        kinds = rng.choice(cases.benefit, times * len(chosen)) if len(cases) else 0
        parts.append(_new_cases(np.repeat(group, times), np.repeat(chosen, times), year, kinds, population, rng))
    return _stack(parts)


def _moved(cases: Cases, persons: Persons, rng: np.random.Generator) -> Cases:
    """Some persons move, once, between two of their cases: the later cases are in the second area."""
    order = np.argsort(cases.person * np.int64(1 << 16) + cases.day, kind="stable")
    person = cases.person[order]
    same = np.zeros(len(order), dtype=np.bool_)
    same[1:] = person[1:] == person[:-1]
    moves = np.cumsum(rng.random(len(order), dtype=np.float32) < MOVE)
    start = np.flatnonzero(~same)
    before = np.repeat(moves[start], np.diff(np.append(start, len(order))))
    gone = order[moves > before]
    place = cases.place.copy()
    place[gone] = persons.second[cases.person[gone]]
    return replace(cases, place=place)


def _without_area(cases: Cases, country: Country, rng: np.random.Generator) -> Cases:
    """Some records state less than the area; which ones does not depend on anything."""
    towns = len(country.municipalities)
    counties = np.unique([m.code[:2] for m in country.municipalities], return_inverse=True)[1]
    town = country.home[cases.place]
    draw = rng.random(len(cases))
    place = cases.place.astype(np.int64)
    edges = np.cumsum([NO_REGSO, NO_MUNICIPALITY, NO_COUNTY])
    choices = [len(country.codes) + town, len(country.codes) + towns + counties[town], np.full(len(cases), -1)]
    place = np.select([draw < e for e in edges], choices, place)
    return replace(cases, place=place.astype(np.int16))


def _finish(cases: Cases, oddities: Oddities, rng: np.random.Generator) -> Cases:
    """Shuffled and numbered, then a few amounts made extreme, and a few rows doubled, case id and all."""
    rows = len(cases)
    amount = cases.amount.copy()
    amount[rng.choice(rows, min(oddities.extreme_amounts, rows), replace=False)] *= oddities.extreme_factor
    numbered = np.arange(rows, dtype=np.int32)
    shuffled = replace(take(replace(cases, amount=np.round(amount, 2)), rng.permutation(numbered)), case=numbered)
    doubled = rng.choice(rows, min(oddities.doubled_rows, rows), replace=False)
    beside = rng.integers(0, max(rows, 1), len(doubled))
    return take(shuffled, np.insert(numbered, beside, doubled))
