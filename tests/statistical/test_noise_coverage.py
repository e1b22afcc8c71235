"""Whether the error bars hold: by simulation with a seeded source, so that the figures are the same every time."""

from fractions import Fraction

import numpy as np
import pytest

from publisher import cube as cube_module
from publisher import ledger as ledger_module
from publisher.cube import BoundedCube
from publisher.ledger import Account, Charge
from publisher.noise.mechanism import measure
from publisher.noise.postprocess import Estimate, estimate
from publisher.noise.publish import protect
from publisher.noise.strategy import plan
from publisher.policy.model import ContributionBound, EstimateKind, Noise, Weights
from publisher.relations import AreaLevel, Column, KeySet, fill_totals

TABLES = 100
BOUND = ContributionBound(2, "last")
RHO = Fraction(1, 10)
PLAIN = Noise(
    rho=RHO, bound=BOUND, weights=Weights.CELLS, estimate=EstimateKind.UNBIASED, uncertain_cv=Fraction(10),
    withhold_below=None,
)  # fmt: skip


def keys() -> KeySet:
    leaves = tuple(f"x{k:02d}" for k in range(24))
    member = np.arange(24)
    levels = (
        AreaLevel("riket", ("00",), member * 0),
        AreaLevel("lan", tuple("abcd"), member // 6),
        AreaLevel("regso", leaves, member),
        AreaLevel("area_type", ("T1", "T2", "T3"), member % 3),
    )
    columns = (Column("benefit", tuple("pqr"), False), Column("sex", ("m", "w"), True))
    return KeySet(leaves, levels, columns, (True, True))


def simulate(tables: int) -> tuple[np.ndarray, list[Estimate]]:
    """The exact table, most of its cells small or empty, and that many estimates of it."""
    rng = np.random.default_rng(20220428)
    cube = BoundedCube(cube_module._MINT, keys(), rng.poisson(rng.gamma(0.3, 60, (24, 3, 2))), BOUND)
    strategy = plan(cube.keys, rho_units=10**8, bound=BOUND, weights=Weights.CELLS)
    out = []
    for k in range(tables):
        charge = Charge(
            ledger_module._MINT, account=Account("a", 2022), run_key=str(k), sequence=k, tables={"t": 10**8}
        )
        noise = lambda exact, scale: exact + np.rint(rng.normal(0, scale, exact.shape)).astype(np.int64)  # noqa: E731
        out.append(estimate(measure(cube, strategy=strategy, charge=charge, table="t", noise=noise), cube.keys))
    return fill_totals(cube.counts, cube.keys), out


@pytest.fixture(scope="module")
def simulated() -> tuple[np.ndarray, list[Estimate]]:
    return simulate(TABLES)


def test_estimates_are_unbiased_and_their_variances_are_the_claimed_ones(
    simulated: tuple[np.ndarray, list[Estimate]],
) -> None:
    truth, estimates = simulated
    errors = np.array([(e.values - truth) / np.sqrt(e.variances) for e in estimates])
    assert np.abs(errors.mean(axis=0)).max() < 6 / np.sqrt(TABLES)
    assert np.abs((errors**2).mean(axis=0) - 1).max() < 6 * np.sqrt(2 / TABLES)
    assert abs((errors**2).mean() - 1) < 0.03


def test_intervals_cover_the_truth_at_least_94_times_in_100_in_every_class_of_true_size(
    simulated: tuple[np.ndarray, list[Estimate]],
) -> None:
    truth, estimates = simulated
    flat, hits = truth.ravel(), np.zeros(truth.size)
    for e in estimates:
        cells = protect(e, noise=PLAIN, decimals=0).cells
        lower, upper = np.array([c.lower for c in cells]), np.array([c.upper for c in cells])
        hits += (lower <= flat) & (flat <= upper)
    classes = np.digitize(flat, [1, 4, 11, 100])
    covered = [hits[classes == k].mean() / TABLES for k in range(5)]
    assert min(covered) >= 0.94
    assert hits.min() / TABLES > 0.85
