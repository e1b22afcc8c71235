"""What rho means, against OpenDP's conversion."""

import math
from fractions import Fraction

import opendp.prelude as dp
import pytest

from publisher.noise.accounting import DELTA, best_auc, best_true_positive_rate, epsilon, gaussian_mu


def opendp_epsilon(rho: Fraction, delta: Fraction) -> float:
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    draw = space >> dp.m.then_gaussian(scale=math.sqrt(1 / (2 * rho)))
    return float(dp.c.make_zCDP_to_approxDP(draw).map(1.0).epsilon(float(delta)))


@pytest.mark.parametrize("rho", ["0.000001", "0.015", "0.1", "0.125", "0.5", "1", "10"])
@pytest.mark.parametrize("delta", ["0.01", "0.0000001", "0.000000000001"])
def test_epsilon_agrees_with_opendp(rho: str, delta: str) -> None:
    ours, theirs = epsilon(Fraction(rho), Fraction(delta)), opendp_epsilon(Fraction(rho), Fraction(delta))
    assert ours == pytest.approx(theirs, rel=1e-4, abs=1e-6)


def test_the_figures_of_the_default_cap() -> None:
    assert round(epsilon(Fraction("0.1"), DELTA), 2) == 2.35
    assert round(epsilon(Fraction("0.125"), DELTA), 2) == 2.65
    assert gaussian_mu(Fraction("0.125")) == 0.5
    assert round(best_auc(Fraction("0.125")), 2) == 0.64
    assert round(best_auc(Fraction("1.25")), 2) == 0.87
    assert round(best_true_positive_rate(Fraction("0.125")), 4) == 0.0048


@pytest.mark.parametrize(("rho", "delta"), [("0", "0.1"), ("-1", "0.1"), ("1", "0"), ("1", "1")])
def test_what_means_nothing_is_refused(rho: str, delta: str) -> None:
    with pytest.raises(ValueError, match="rho must be above 0"):
        epsilon(Fraction(rho), Fraction(delta))
