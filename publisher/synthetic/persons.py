"""Everybody who can have cases: which group they start in, when they change age group, where they would move."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from publisher.synthetic.country import Country, IntArray
from publisher.synthetic.population import CASE_AGES, SEXES, Population

GROUPS_AN_AREA = len(SEXES) * len(CASE_AGES)

AGE_STEP = 0.03
"""Share of persons who enter the next age group at each turn of the year."""

WITHIN_MUNICIPALITY = 0.6
"""Share of the moves that end in the same municipality; the others end in the same county."""


@dataclass(frozen=True, slots=True, eq=False)
class Persons:
    """Everybody who can have cases.  A group is an area, sex and age group of the first year, in C order.

    `first`: shape (groups + 1,), the persons of group g are first[g] to first[g + 1] - 1; `label`: the number in
    the person's id, in no order; `older_from`: index of the year from which the next age group holds, or -1;
    `second`: the area that the person would move to.
    """

    first: IntArray
    label: NDArray[np.int32]
    older_from: NDArray[np.int8]
    second: NDArray[np.int16]


def make_persons(country: Country, population: Population, seed: int) -> Persons:
    """Everybody of 16-66 in the first year, so that rates per inhabitant come out right."""
    rng = np.random.default_rng([seed, 6])
    sizes = population.working[0].ravel()
    first = np.concatenate([[0], np.cumsum(sizes)])
    total = int(first[-1])
    turns = len(population.years) - 1
    turn = np.floor(rng.random(total, dtype=np.float32) / AGE_STEP).astype(np.int64)
    area = np.repeat(np.arange(len(sizes)) // GROUPS_AN_AREA, sizes)
    return Persons(
        first=first,
        label=rng.permutation(np.arange(total, dtype=np.int32)),
        older_from=np.where(turn < turns, turn + 1, -1).astype(np.int8),
        second=_second_area(country, area, rng),
    )


def _second_area(country: Country, area: IntArray, rng: np.random.Generator) -> NDArray[np.int16]:
    """An area of the same municipality or, less often, of the same county."""
    first = np.array([m.first for m in country.municipalities])
    size = np.array([m.size for m in country.municipalities])
    county = np.unique([m.code[:2] for m in country.municipalities], return_inverse=True)[1]
    county_size = np.bincount(county, weights=size).astype(np.int64)
    county_first = np.cumsum(county_size) - county_size
    town = country.home[area]
    near = rng.random(len(area), dtype=np.float32) < WITHIN_MUNICIPALITY
    start = np.where(near, first[town], county_first[county[town]])
    count = np.where(near, size[town], county_size[county[town]])
    return np.asarray(start + np.floor(rng.random(len(area)) * count), dtype=np.int16)
