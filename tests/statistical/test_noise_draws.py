"""Whether the noise drawn is the noise claimed, and whether an attacker with the best test gets what rho allows."""

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from noisetables import Person, count, sum_of, table_of, terms
from scipy.stats import beta, chi2, norm
from scipy.stats import chisquare as pearson

from publisher.noise.mechanism import discrete_gaussian, exact_counts, scale_of
from publisher.noise.parts import parts_of, plan_of
from publisher.noise.strategy import Strategy, plan
from publisher.policy.model import Clamp, ContributionBound, MeasureSpec, TableSpec, Weights
from publisher.relations import AreaLevel, Column, KeySet

DRAWS = 5000
ALARM = 1e-9
"""Probability that a sound mechanism fails one test by chance."""
CERTAIN = 1e-20


def variance_p(noise: np.ndarray, scale: float) -> float:
    """Two-sided p of the sum of squares under the claimed scale: about chi-squared for scales of 3 and more."""
    statistic = float((noise.astype(float) ** 2).sum()) / scale**2
    return 2 * float(min(chi2.cdf(statistic, len(noise)), chi2.sf(statistic, len(noise))))


@pytest.mark.parametrize("scale", [3.0, 17.5, 4000.0])
def test_the_claimed_scale_is_accepted_and_three_tenths_off_is_rejected(scale: float) -> None:
    """Power: a source of 0.7 (1.3) times the claimed scale gives a sum of squares about 33 (15) of its standard
    deviations beyond where p = 1e-20 is reached, so that either is missed with a probability below 1e-45."""
    noise = discrete_gaussian(np.full(DRAWS, 12345), scale) - 12345
    assert variance_p(noise, scale) > ALARM
    assert variance_p(noise, scale / 0.7) < CERTAIN
    assert variance_p(noise, scale / 1.3) < CERTAIN
    assert abs(noise.mean()) < 6.1 * scale / sqrt(DRAWS)


def test_the_shape_is_the_discrete_gaussian() -> None:
    scale, far = 1.5, 5
    noise = np.clip(discrete_gaussian(np.zeros(4 * DRAWS, dtype=np.int64), scale), -far, far)
    support = np.arange(-60, 61)
    mass = np.exp(-(support**2) / (2 * scale**2))
    mass /= mass.sum()
    expected = [mass[np.clip(support, -far, far) == k].sum() * len(noise) for k in range(-far, far + 1)]
    assert pearson([(noise == k).sum() for k in range(-far, far + 1)], expected).pvalue > ALARM


def test_draws_of_one_vector_are_not_correlated() -> None:
    noise = discrete_gaussian(np.zeros(4 * DRAWS, dtype=np.int64), 100.0).astype(float)
    for lag in (1, 2, 3):
        assert abs(np.corrcoef(noise[:-lag], noise[lag:])[0, 1]) < 6.1 / sqrt(len(noise))


LEAVES = ("a", "b")
KEYS = KeySet(
    LEAVES,
    (AreaLevel("riket", ("00",), np.array([0, 0])), AreaLevel("regso", LEAVES, np.array([0, 1]))),
    (Column("benefit", ("p", "q", "r"), False),),
    (True,),
)
BOUND = ContributionBound(2, "last")
WITHOUT = np.array([[0, 3, 1], [2, 0, 5]], dtype=np.int64)
PERSON = np.array([[1, 1, 0], [0, 0, 0]], dtype=np.int64)


def scores(counts: np.ndarray, strategy: Strategy, draws: int) -> np.ndarray:
    """The best attacker's statistic (Neyman and Pearson) on `draws` independent measurements of `counts`."""
    out = np.zeros(draws)
    for group in strategy.groups:
        exact, scale = exact_counts(counts, KEYS, group).ravel(), scale_of(group)
        noisy = discrete_gaussian(np.tile(exact, draws), scale).reshape(draws, -1)
        moved = exact_counts(PERSON, KEYS, group).ravel()
        base = exact_counts(WITHOUT, KEYS, group).ravel()
        out += (noisy - base) @ moved / scale**2
    return out


def lower_bound_of_mu(strategy: Strategy, person: np.ndarray, draws: int) -> float:
    """Of what the best attacker learns of one measurement."""
    return bound_of(scores(WITHOUT + person, strategy, draws), scores(WITHOUT, strategy, draws))


def bound_of(inside: np.ndarray, outside: np.ndarray) -> float:
    """mu >= Phi^-1(TPR lower) - Phi^-1(FPR upper), Clopper-Pearson at 1e-5 each; a tenth chooses the event."""
    first = len(inside) // 10
    rest = len(inside) - first
    threshold = float(np.median(np.concatenate([inside[:first], outside[:first]])))
    hits, false = int((inside[first:] > threshold).sum()), int((outside[first:] > threshold).sum())
    lower = beta.ppf(1e-5, hits, rest - hits + 1)
    upper = beta.ppf(1 - 1e-5, false + 1, rest - false)
    return float(norm.ppf(lower) - norm.ppf(upper))


@pytest.mark.slow
def test_the_best_attacker_learns_no_more_than_rho_and_planted_faults_are_caught() -> None:
    """Attack 13: on the raw measurements, at rho 1 (mu = 1.414), 100 000 draws.

    Caught when planted: a sensitivity 1.05 times too small (a scale 1.05 times too small), and a person who counts
    twice.  The bound is about 0.04 below the truth, 5 % of mu is 0.07.
    """
    mu, draws = sqrt(2), 100_000
    sound = plan(KEYS, rho_units=10**9, bound=BOUND, weights=Weights.LEVELS, most=1)
    assert mu - 0.08 < lower_bound_of_mu(sound, PERSON, draws) <= mu
    loud = plan(KEYS, rho_units=round(1.05**2 * 10**9), bound=BOUND, weights=Weights.LEVELS, most=1)
    assert lower_bound_of_mu(loud, PERSON, draws) > mu
    assert lower_bound_of_mu(sound, 2 * PERSON, 20_000) > mu


SMALL = KeySet(
    LEAVES, (AreaLevel("regso", LEAVES, np.array([0, 1])),), (Column("benefit", ("p", "q"), False),), (True,)
)
CLAMP = Clamp("benefit", (("p", 300), ("q", 20_000)))


def table_scores(spec: TableSpec, planned: TableSpec, inside: bool, draws: int) -> np.ndarray:
    """The best attacker's statistic on `draws` measurements of all parts of `spec`, whose noise is that of `planned`.

    The person has both benefits and amounts beyond the clamps; everybody else adds up to numbers that do not matter.
    """
    person, out = Person(0, (), {(0,): (1, 10**6), (1,): (1, -(10**6))}), np.zeros(draws)
    for part, plans in zip(parts_of(spec, SMALL), parts_of(planned, SMALL), strict=True):
        alone = count([person], part)
        for group in plan_of(plans, terms(bound=BOUND)).groups:
            moved, scale = exact_counts(alone, part.keys, group).ravel(), scale_of(group)
            noisy = discrete_gaussian(np.tile(moved * inside, draws), scale).reshape(draws, -1)
            out += noisy @ (moved / scale**2)
    return out


def small_table(rho: Fraction) -> TableSpec:
    measures = [MeasureSpec("n", "persons_distinct"), sum_of(CLAMP, rho)]
    return table_of(SMALL, measures, terms(rho=rho, bound=BOUND))


@pytest.mark.slow
def test_over_all_parts_of_a_table_the_best_attacker_learns_no_more_than_its_rho() -> None:
    """Attack 13 on distinct persons and a clamped sum together, at rho 1; noise 1.05 times too small is caught."""
    mu, draws = sqrt(2), 100_000
    sound, loud = small_table(Fraction(1, 2)), small_table(Fraction(1, 2) * Fraction(105, 100) ** 2)
    assert sound.rho == 1
    seen = [
        bound_of(*(table_scores(sound, planned, inside, draws) for inside in (True, False)))
        for planned in (sound, loud)
    ]
    assert mu - 0.08 < seen[0] <= mu < seen[1]


def test_membership_is_guessed_no_better_than_rho_allows() -> None:
    """Attack 12: the best attacker's AUC at rho 0.125 over 4 000 tables with and 4 000 without the person."""
    draws = 4000
    strategy = plan(KEYS, rho_units=125_000_000, bound=BOUND, weights=Weights.CELLS, most=1)
    inside, outside = scores(WITHOUT + PERSON, strategy, draws), scores(WITHOUT, strategy, draws)
    ranks = np.searchsorted(np.sort(outside), inside) / draws
    monte_carlo = 6 * sqrt(1 / (6 * draws))
    assert 0.5 < ranks.mean() < norm.cdf(sqrt(0.125)) + monte_carlo
