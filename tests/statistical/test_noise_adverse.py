"""Tables as far from what smoothing hopes for as can be: nobody anywhere, everybody in one place, a category that all
but one county lack.  Intervals hold all the same, and no level's error grows without limit.

Seeded draws; power: a class of 300 cells or more and 12 draws has some 3 600 intervals, so that a share of 95 % has a
standard deviation of half a per cent.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from alikeareas import (
    CELLS,
    KEYS,
    LEAVES,
    LEVELS,
    SHRUNKEN,
    UNBIASED,
    WHOLE,
    independent,
    measured,
    rmse,
    shown,
    table,
)

from publisher.noise import publish
from publisher.noise.area_system import FloatArray
from publisher.noise.publish import protect
from publisher.policy.model import EstimateKind, Noise
from publisher.relations import IntArray, fill_totals

pytestmark = pytest.mark.slow  # some thousand tables are estimated

DRAWS = 12
COUNTY = 18
"""Areas of the first county."""
Made = Callable[[np.random.Generator], IntArray]


def nobody(_: np.random.Generator) -> IntArray:
    return np.zeros((LEAVES, 6), dtype=np.int64)


def all_in_one_area(_: np.random.Generator) -> IntArray:
    out = np.zeros((LEAVES, 6), dtype=np.int64)
    out[COUNTY - 1] = 100_000
    return out


def one_category_in_one_county_only(rng: np.random.Generator) -> IntArray:
    out = rng.poisson(30, (LEAVES, 6))
    out[COUNTY:, 0] = 0
    return out


def all_in_one_county(rng: np.random.Generator) -> IntArray:
    out = rng.poisson(20, (LEAVES, 6))
    out[COUNTY:] = 0
    return out


ADVERSE: tuple[Made, ...] = (
    nobody, all_in_one_area, one_category_in_one_county_only, all_in_one_county, independent,
)  # fmt: skip


def covered(make: Made, noise: Noise) -> FloatArray:
    """The share of intervals that hold, of each class of true size that has 300 cells or more."""
    counts, spec = make(np.random.default_rng(3)), table(noise)
    truth, nothing, held = fill_totals(counts, KEYS), np.zeros(KEYS.shape, dtype=np.bool_), np.zeros(KEYS.shape)
    for one in measured(counts, spec, DRAWS):
        cells = protect(shown(one, noise.estimate, spec), noise=noise, decimals=0, withheld=nothing)
        held += ((cells.lower <= truth) & (truth <= cells.upper)) / DRAWS
    classes = np.digitize(truth, [1, 4, 11, 100])
    return np.array([held[classes == k].mean() for k in range(5) if (classes == k).sum() >= 300])


@pytest.mark.parametrize("kind", [UNBIASED, WHOLE, SHRUNKEN], ids=lambda kind: kind.value)
@pytest.mark.parametrize("rho", ["0.00001", "0.1", "1"])
@pytest.mark.parametrize("make", ADVERSE, ids=lambda make: make.__name__)
def test_intervals_hold_whatever_the_table_and_the_budget(make: Made, rho: str, kind: EstimateKind) -> None:
    assert covered(make, replace(CELLS, rho=Fraction(rho), estimate=kind)).min() >= 0.94


def test_intervals_a_fifth_too_narrow_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "NORMAL_95", 0.8 * publish.NORMAL_95)
    monkeypatch.setattr(publish, "LEAST_WIDTH", 0)
    assert covered(independent, replace(CELLS, estimate=WHOLE))[-1] < 0.94


@pytest.mark.parametrize("kind", [WHOLE, SHRUNKEN], ids=lambda kind: kind.value)
@pytest.mark.parametrize("noise", [CELLS, LEVELS], ids=lambda noise: noise.weights.value)
@pytest.mark.parametrize("make", ADVERSE, ids=lambda make: make.__name__)
def test_no_level_has_more_than_twice_the_unbiased_error(make: Made, noise: Noise, kind: EstimateKind) -> None:
    """1.9 times in totals of counties where one of twenty has everything (limits, noise 5), 1.5 where one area has."""
    counts, spec = make(np.random.default_rng(3)), table(noise)
    draws = measured(counts, spec, DRAWS)
    plain, drawn = (rmse(draws, of, spec, counts) for of in (UNBIASED, kind))
    assert max(drawn[group] / plain[group] for group in plain) < 2
