"""Tables that are measured together: the noise drawn is the noise claimed, the best attacker who sees all draws learns
what the one rho allows, and errors and intervals are those that were announced."""

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from noisetables import charge_for, cube_of, seeded, terms
from sharedtables import counts_of, measured, table, together, workload_of
from test_noise_draws import ALARM, CERTAIN, bound_of, variance_p

from publisher.errors import PolicyError
from publisher.noise.agreement import shared_estimates, shared_variances
from publisher.noise.mechanism import check_measurable, discrete_gaussian, exact_counts, measure
from publisher.noise.publish import protect
from publisher.noise.workloads import Workload
from publisher.policy.check_together import ESTIMATES
from publisher.policy.model import ContributionBound, EstimateKind, TableSpec
from publisher.relations import IntArray

AREAS = ("riket", "lan", "kommun", "regso", "area_type", "lan_area_type")


def tables_of(**changes: object) -> tuple[TableSpec, ...]:
    """Areas by benefit, and municipalities by benefit, sex and age."""
    noise = terms(bound=ContributionBound(2, "last"), **changes)
    return together(
        table("areas", AREAS, ("benefit",), noise), table("groups", AREAS[:3], ("benefit", "sex", "age"), noise)
    )


def test_the_noise_of_both_tables_has_the_claimed_scale_and_three_tenths_off_is_rejected() -> None:
    """Every group's residuals over the scale that follows from its rho and what a person can move there."""
    workload = workload_of(tables_of(rho=Fraction(1, 100)))
    (part,), rng = workload.parts, np.random.default_rng(4)
    counts = counts_of(workload.keys, rng)
    plan = workload.plan(part)
    exact = [exact_counts(counts, part.keys, g) for g in plan.groups]
    cube, residuals = cube_of(part.keys, counts, workload.noise.bound, part.quantity), []
    for _ in range(25):
        seen = measure(cube, part, strategy=plan, charge=charge_for([part]))
        for group, right, drawn in zip(plan.groups, exact, seen.groups, strict=True):
            claimed = sqrt(group.squared_sensitivity / (2 * group.rho))
            residuals.append(((drawn.values - right) / claimed).ravel())
    pooled = np.concatenate(residuals)
    assert len(pooled) > 5000
    assert variance_p(pooled, 1.0) > ALARM
    assert variance_p(pooled, 1 / 0.7) < CERTAIN
    assert variance_p(pooled, 1 / 1.3) < CERTAIN


def scores(workload: Workload, moved: IntArray, inside: bool, draws: int) -> np.ndarray:
    """The best attacker's statistic (Neyman and Pearson) on `draws` measurements of both tables."""
    (part,), out = workload.parts, np.zeros(draws)
    for group in workload.plan(part).groups:
        own = exact_counts(moved, part.keys, group).ravel()
        own = own[own != 0]
        scale = sqrt(group.sigma2)
        noisy = discrete_gaussian(np.tile(own * inside, draws), scale).reshape(draws, -1)
        out += noisy @ own / scale**2
    return out


def person(workload: Workload, benefits: int) -> IntArray:
    """Somebody in one area, of one sex and age, with so many benefits."""
    shape = (len(workload.keys.leaves), *[len(c.codes) for c in workload.keys.columns])
    out = np.zeros(shape, dtype=np.int64)
    out[0, :benefits, 0, 0] = 1
    return out


@pytest.mark.slow
def test_the_best_attacker_on_both_tables_learns_no_more_than_the_one_rho() -> None:
    """At rho 1 (mu = 1.414).  The planted fault is a bound for each table: a person with two benefits in one and
    another in the other."""
    workload, mu, draws = workload_of(tables_of(rho=Fraction(1))), sqrt(2), 8_000
    sound, fault = (
        bound_of(*(scores(workload, person(workload, n), inside, draws) for inside in (True, False))) for n in (2, 3)
    )
    assert mu - 0.25 < sound <= mu < fault


@pytest.mark.slow
@pytest.mark.parametrize("kind", ESTIMATES)
def test_errors_are_those_announced_and_intervals_hold(kind: EstimateKind) -> None:
    """60 seeded draws.  A variance claimed 1.1 times too small or large on the whole is seen."""
    workload = workload_of(tables_of(rho=Fraction(1, 2), estimate=kind))
    rng = np.random.default_rng(8)
    counts, source = counts_of(workload.keys, rng, mean=40), seeded(rng)
    truth = shared_estimates(measured(workload, counts, lambda exact, _: exact), workload)
    spread, ratios, held = shared_variances(workload), [], []
    for _ in range(60):
        for name, found in shared_estimates(measured(workload, counts, source), workload).items():
            right = truth[name].values
            ratios.append(float(((found.centre - right) ** 2 / spread[name]).mean()))
            nothing = np.zeros(right.shape, dtype=bool)
            cells = protect(found, noise=workload.noise, decimals=0, withheld=nothing)
            held.append(float(((cells.lower <= right) & (right <= cells.upper)).mean()))
    assert abs(np.mean(ratios) - 1) < 0.1
    assert np.mean(held) >= 0.94


def test_the_cube_of_another_bound_is_not_measured() -> None:
    workload = workload_of(tables_of())
    (part,) = workload.parts
    cube = cube_of(part.keys, counts_of(part.keys, np.random.default_rng(1)), ContributionBound(4, "last"))
    with pytest.raises(PolicyError, match="another contribution bound"):
        check_measurable(cube, part, workload.plan(part))
