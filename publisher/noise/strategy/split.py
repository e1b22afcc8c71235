"""The split of a budget over the query groups that makes the weighted error after least squares smallest.

For precisions w and budget sum(w s)/2 the error is homogeneous of degree -1, so that error x budget has no scale, and
is minimised over the logarithms of w (L-BFGS; Li, Miklau, Hay, McGregor and Rastogi 2015 for the problem, here with
level weights as the strategies).
"""

from collections.abc import Sequence
from math import isqrt, prod

import numpy as np
from scipy.optimize import Bounds, minimize

from publisher.errors import PolicyError
from publisher.ledger import UNITS_PER_RHO
from publisher.noise.area_system import FloatArray
from publisher.noise.strategy.error import cell_weights, group_sizes, objective_of
from publisher.noise.strategy.groups import QueryGroup, Strategy, squared_sensitivity
from publisher.noise.subspace_systems import Asked
from publisher.policy.model import ContributionBound, GroupWeight, Weights
from publisher.relations import KeySet
from publisher.threads import one_thread

_ROOT_BITS = 40
_SHARES, _LEAST = 10**5, 10
"""Shares of the budget are whole parts of so many: what differs between machines is far below.  None is smaller than
_LEAST of them, even where others make a group needless: least squares divide by it."""
_STEPS, _REACH = 300, 7.0
"""Logarithms of precisions stay within this of the start: a group that ends there has next to nothing, or most."""


def plan(
    keys: KeySet, *, rho_units: int, bound: ContributionBound, weights: Weights, most: int,
    times: Sequence[GroupWeight] = (),
) -> Strategy:  # fmt: skip
    """Split `rho_units` (1e-9 rho) over every area level and marginal of `keys`; the parts sum to exactly that.

    `most`: the largest absolute number that a person adds to a cell.  `weights`, `times`: what an error weighs in a
    cell (`error.cell_weights`).  Deterministic, and the same for every budget.  PolicyError where the budget is too
    small to give every group one unit.
    """
    return plan_weighted(keys, rho_units=rho_units, bound=bound, most=most, weighed=cell_weights(keys, weights, times))


def plan_weighted(
    keys: KeySet, *, rho_units: int, bound: ContributionBound, most: int, weighed: FloatArray
) -> Strategy:
    """As `plan`, over the groups that weigh something; `weighed`: an error in a cell of each group, shape (levels,
    marginals), 0 where nothing asks for the group."""
    squares = sensitivities(keys, bound, most)
    shares = best_shares(keys, squares, weighed)
    names = [(i, j) for i, j in np.ndindex(*weighed.shape) if weighed[i, j] > 0]
    units = split(rho_units, [max(_LEAST, round(_SHARES * float(shares[at]))) for at in names])
    sizes = group_sizes(keys).astype(int)
    groups = [
        QueryGroup(
            level=keys.levels[i].level, kept=keys.marginals[j], rho_units=own, squared_sensitivity=squares[j],
            cells=int(sizes[i, j]),
        )
        for (i, j), own in zip(names, units, strict=True)
    ]  # fmt: skip
    return Strategy(bound=bound, groups=tuple(groups))


def sensitivities(keys: KeySet, bound: ContributionBound, most: int) -> list[int]:
    """The squared sensitivity of each marginal, the same at every area level."""
    return [squared_sensitivity(keys.columns, kept=kept, bound=bound, most=most) for kept in keys.marginals]


def best_shares(keys: KeySet, squares: Sequence[int], weights: FloatArray) -> FloatArray:
    """The share of the budget of each group, shape (levels, marginals), that makes the weighted error smallest.

    `squares`: the squared sensitivity of each marginal; `weights`: of one cell of each group, 0 where it is not asked
    for and gets nothing.
    """
    objective, asked = objective_of(keys, weights), weights > 0
    prices = np.broadcast_to(np.array(squares, dtype=np.float64) / max(squares), weights.shape)  # no unit matters

    def scaled(logarithms: FloatArray) -> tuple[float, FloatArray]:
        precisions = _where(asked, np.exp(logarithms))
        error, slope = objective.error(precisions)
        spent = precisions * prices
        gradient = precisions * slope / error + spent / spent.sum()
        return float(np.log(error) + np.log(spent.sum())), gradient[asked]

    start = np.log(np.sqrt((weights * group_sizes(keys) / prices)[asked]))
    with one_thread():
        found = minimize(
            scaled, start, jac=True, method="L-BFGS-B", bounds=Bounds(start - _REACH, start + _REACH),
            options={"maxiter": _STEPS, "ftol": 1e-8, "gtol": 1e-6},
        )  # fmt: skip
    spent = _where(asked, np.exp(found.x)) * prices
    return np.asarray(spent / spent.sum())


def least_error(keys: KeySet, *, rho_units: int, bound: ContributionBound, most: int, weighed: FloatArray) -> float:
    """The weighted summed variance that the best plan has; arguments as of `plan_weighted`."""
    squares = np.array(sensitivities(keys, bound, most), dtype=np.float64)
    precisions = 2 * rho_units / UNITS_PER_RHO * best_shares(keys, squares.tolist(), weighed) / squares
    with one_thread():
        return objective_of(keys, weighed).error(precisions)[0]


def _where(asked: Asked, values: FloatArray) -> FloatArray:
    """The values where something is asked for, and 0 elsewhere."""
    out = np.zeros(asked.shape)
    out[asked] = values
    return out


def need(keys: KeySet, *, bound: ContributionBound, weights: Weights, most: int) -> int:
    """How much of a common budget the plan of `keys` needs beside others, as a relative number.

    Without least squares a plan with budget r has a weighted error of (sum over groups of sqrt(w n s))**2 / 2r at best.
    The sum of such errors over several plans is least where each has r in proportion to its sum of roots.  Whole
    numbers throughout: what is charged rests on it.
    """
    sizes = [len(v.codes) for v in keys.levels]
    out = 0
    for kept, square in zip(keys.marginals, sensitivities(keys, bound, most), strict=True):
        cells = prod(len(c.codes) for c, k in zip(keys.columns, kept, strict=True) if k)
        out += sum(_root(square * n * cells if weights is Weights.CELLS else square) for n in sizes)
    return out


def split(total: int, needs: list[int]) -> list[int]:
    """Whole parts of `total` in proportion to `needs`, each at least 1; what rounding leaves goes to the first parts.

    PolicyError where there are fewer units than parts.
    """
    beyond = total - len(needs)
    if beyond < 0:
        raise PolicyError(f"rho of {total} units of 1e-9 is too small for {len(needs)} query groups")
    parts = [1 + beyond * n // sum(needs) for n in needs]
    left = total - sum(parts)
    return [part + (i < left) for i, part in enumerate(parts)]


def _root(square: int) -> int:
    """The square root in units of 2**-40."""
    return isqrt(square << (2 * _ROOT_BITS))
