"""What a zCDP rho means: epsilon at a delta, and what the best attacker can do.  To be shown, not to decide by."""

from fractions import Fraction
from math import log, log1p, sqrt

from scipy.optimize import minimize_scalar
from scipy.stats import norm

DELTA = Fraction(1, 10**7)


def epsilon(rho: Fraction, delta: Fraction = DELTA) -> float:
    """The smallest epsilon at `delta` that follows from `rho`-zCDP (Canonne, Kamath and Steinke 2020, prop. 12).

    ValueError unless rho > 0 and 0 < delta < 1.
    """
    if rho <= 0 or not 0 < delta < 1:
        raise ValueError("rho must be above 0, and delta between 0 and 1")

    def at(log_excess: float) -> float:
        excess = 10**log_excess
        order = 1 + excess
        return order * float(rho) + (-log(delta) - log(excess) + order * (log(excess) - log1p(excess))) / excess

    return max(0.0, float(minimize_scalar(at, bounds=(-6, 9), method="bounded", options={"xatol": 1e-10}).fun))


def gaussian_mu(rho: Fraction) -> float:
    """The parameter of the trade-off curve of a Gaussian mechanism with that rho (Dong, Roth and Su 2022)."""
    return sqrt(2 * rho)


def best_auc(rho: Fraction) -> float:
    """Area under the curve of the best attacker on whether one person is in the data: Phi(sqrt(rho))."""
    return float(norm.cdf(sqrt(rho)))


def best_true_positive_rate(rho: Fraction, false_positive_rate: float = 0.001) -> float:
    """Share of members that the best attacker finds while that share of non-members is accused wrongly."""
    return float(norm.cdf(norm.ppf(false_positive_rate) + gaussian_mu(rho)))
