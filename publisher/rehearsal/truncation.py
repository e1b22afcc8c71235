"""What the bound would leave out, seen on the synthetic country: no record is read, and nothing is charged.

The real loss is known only where it was measured under the budget.  On the synthetic country it says how the bound
compares with others, as far as a policy counts the benefits that are there.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from publisher.relations import Column
from publisher.synthetic.benefits import BENEFITS
from publisher.synthetic.cases import Oddities, make_cases
from publisher.synthetic.country import CountryShape, make_country
from publisher.synthetic.persons import make_persons
from publisher.synthetic.population import make_population

SEED, YEAR, SCALE = 20220428, 2022, 0.02

Json = dict[str, object]


def truncation(columns: Sequence[Column], bounds: Sequence[int]) -> Json:
    """The share of person-cells that each bound leaves out in a year of the synthetic country.

    `columns`: of the table.  Without case categories nobody has more than one cell.  `lost_per_cent` is empty, with the
    reason, where the case categories are others than the benefits of the synthetic country.
    """
    others = [c for c in columns if not c.personal]
    if not others:
        return _answer({str(b): 0.0 for b in bounds}, "every person has one cell, so that no bound leaves any out")
    names = [b.name for b in BENEFITS]
    if len(others) != 1 or others[0].id != "benefit" or not others[0].positions.keys() <= set(names):
        return _answer({}, "not known: the synthetic country has other categories, and no record is read")
    held = benefits_a_person({names.index(code): place for code, place in others[0].positions.items()})
    lost = {str(b): round(100 * float(1 - np.minimum(held, b).sum() / held.sum()), 2) for b in bounds}
    return _answer(lost, "of the synthetic country, which is like no agency's records; the real loss is not known")


def benefits_a_person(places: Mapping[int, int]) -> np.ndarray:
    """How many places each person of the synthetic country has in the year who has any.  `places`: of each benefit that
    counts, by its number; benefits that are joined have the same."""
    country = make_country(CountryShape(), SEED, (YEAR,))
    population = make_population(country, SEED, (YEAR,), SCALE)
    persons = make_persons(country, population, SEED)
    cases = make_cases(
        country, population, persons, seed=SEED, oddities=Oddities(heavy_persons=0), progress=lambda _: None
    )
    place_of = np.full(len(BENEFITS), -1, dtype=np.int64)
    place_of[list(places)] = list(places.values())
    place = place_of[cases.benefit]
    pairs = np.unique(np.stack([cases.person.astype(np.int64), place])[:, place >= 0], axis=1)
    return np.unique(pairs[0], return_counts=True)[1]


def _answer(lost: dict[str, float], basis: str) -> Json:
    return {"lost_per_cent": lost, "basis": basis}
