"""The public denominators: inhabitants by area, year, sex and age group, as whole numbers that add up."""

from dataclasses import dataclass

import numpy as np

from publisher.synthetic.country import Country, IntArray, apportion

SEXES = ("woman", "man")
CASE_AGES = ("16-24", "25-34", "35-44", "45-54", "55-66")
"""Age groups of persons who can have cases."""

AGES = ("0-15", *CASE_AGES, "67-")
AGE_SHARES = np.array([0.18, 0.10, 0.135, 0.13, 0.125, 0.14, 0.19])
WORKING = slice(1, 6)
"""Where CASE_AGES stand in AGES."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """`counts`: shape (years, areas, sexes, ages), already scaled; `years`: in order."""

    years: tuple[int, ...]
    counts: IntArray

    def __post_init__(self) -> None:
        if not self.years or self.counts.shape[:1] + self.counts.shape[2:] != (len(self.years), len(SEXES), len(AGES)):
            raise ValueError("a population has the shape (years, areas, sexes, ages), for at least one year")
        if list(self.years) != list(range(self.years[0], self.years[-1] + 1)):
            raise ValueError("years must follow each other")
        if self.counts.min(initial=0) < 0:
            raise ValueError("a population cannot be negative")

    @property
    def last_totals(self) -> IntArray:
        """Inhabitants of each area in the last year, shape (areas,)."""
        return np.asarray(self.counts[-1].sum(axis=(1, 2)))

    @property
    def working(self) -> IntArray:
        """Inhabitants who can have cases, shape (years, areas, sexes, CASE_AGES)."""
        return self.counts[..., WORKING]


def make_population(country: Country, seed: int, years: tuple[int, ...], scale: float) -> Population:
    """People of every area and year, `scale` times as many as the country has, at least one an area.

    An area grows or shrinks evenly over the years, and has its own mix of ages, so that two years of one group
    differ by little.  ValueError for a scale outside (0, 1].
    """
    if not 0 < scale <= 1:
        raise ValueError("scale must be above 0 and at most 1")
    rng = np.random.default_rng([seed, 5])
    areas = len(country.codes)
    growth = np.exp(rng.normal(0.006, 0.008, areas))
    mix = np.exp(rng.normal(0, 0.12, (areas, len(SEXES), len(AGES)))) * AGE_SHARES
    ahead = np.array(years) - years[-1]
    totals = np.maximum(1, np.rint(scale * country.inhabitants * growth ** ahead[:, None])).astype(np.int64)
    shares = np.broadcast_to(mix.reshape(areas, -1), (len(years), areas, len(SEXES) * len(AGES)))
    offset = np.broadcast_to(rng.random(areas), totals.shape)
    return Population(years=years, counts=apportion(shares, totals, offset).reshape(len(years), *mix.shape))
