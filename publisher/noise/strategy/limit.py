"""How small the error of any unbiased Gaussian mechanism can be: the lower bound that a strategy is measured by.

The matrix mechanism (Li, Miklau, Hay, McGregor and Rastogi 2015; Edmonds, Nikolov and Ullman 2020): with X the
precision that the measurements give, the error is tr(W X^-1) and the privacy v'Xv <= 2 rho for everything v that one
person can add.  Any weights m on persons give a lower bound by weak duality, h(m)^2 / (8 rho sum(m)), where h sums
2 tr sqrt(D W D) over the subspaces of the columns, D the root of what the weighted persons put on the diagonal.
Persons of areas that all levels treat alike weigh alike; the weights of the others are improved step by step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np

from publisher.noise.area_system import FloatArray
from publisher.noise.strategy.error import Objective, cell_weights, objective_of
from publisher.noise.subspaces import Held, Subspace, subspaces
from publisher.policy.model import ContributionBound, GroupWeight, Weights
from publisher.relations import Column, IntArray, KeySet
from publisher.threads import one_thread

_STEPS = 8
_GAIN = 1e-5
"""Steps end when one raises the bound by a smaller part than this."""


@dataclass(frozen=True, slots=True)
class Limit:
    """No unbiased Gaussian mechanism has a smaller weighted summed variance.  `tight`: the dual of the very problem,
    whose best value some mechanism reaches; otherwise a bound from some of the persons only, which none may reach."""

    value: float
    tight: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Classes:
    """Classes of atoms that no coarse cell tells apart.  A vector over a class is its mean and what is beyond, of which
    the coarse cells see nothing.  `sizes`: atoms in each; `cells`: the coarse cells over the normed means; `alone`: 1
    where the atoms are alone in their cells at the finest level."""

    sizes: IntArray
    cells: FloatArray
    alone: FloatArray


def limit_of(
    keys: KeySet, *, rho: Fraction, bound: ContributionBound, weights: Weights, most: int,
    times: Sequence[GroupWeight] = (),
) -> Limit:  # fmt: skip
    """The bound for the workload of `keys` at `rho`, in squared units; arguments as of `split.plan`."""
    return limit_weighted(keys, rho=rho, bound=bound, most=most, weighed=cell_weights(keys, weights, times))


def limit_weighted(
    keys: KeySet, *, rho: Fraction, bound: ContributionBound, most: int, weighed: FloatArray
) -> Limit:
    """As `limit_of`, for the groups that weigh something; arguments as of `split.plan_weighted`."""
    objective = objective_of(keys, weighed)
    shares = [most**2 * person_share(keys.columns, bound.cells, s) for s in subspaces(keys)]
    with one_thread():
        value = _best(objective, shares) / float(8 * rho)
    return Limit(value, _tight(keys.columns, bound.cells, most))


def person_share(columns: Sequence[Column], cells: int, subspace: Subspace) -> float:
    """The squared length in a subspace of what a person with `cells` combinations adds, one in each.

    A personal column has one value.  The combinations of the others are taken at random, on average: with one such
    column all choices are alike by symmetry.
    """
    own = [(len(c.codes), part) for c, part in zip(columns, subspace, strict=True) if c.personal]
    others = [(len(c.codes), part) for c, part in zip(columns, subspace, strict=True) if not c.personal]
    out = prod(part.dimensions(n) / n for n, part in own)
    number = prod(n for n, _ in others)
    held = min(cells, number)
    together = held * (held - 1) / (number * (number - 1)) if number > 1 else 0.0
    apart = held / number - together
    size = prod(part.dimensions(n) for n, part in others)
    in_mean = all(part is not Held.REMAINDER for _, part in others)
    return out * (apart * size + (together * number if in_mean else 0.0))


def _tight(columns: Sequence[Column], cells: int, most: int) -> bool:
    """Whether the persons looked at are the worst: 0/1 in at most half of the codes of at most one case column."""
    others = [len(c.codes) for c in columns if not c.personal]
    return most == 1 and (not others or (len(others) == 1 and (2 * cells <= others[0] or others[0] == 1)))


def _best(objective: Objective, shares: Sequence[float]) -> float:
    """The largest h(m)^2 / sum(m) that was found."""
    classes = _classes(objective)
    persons, best = np.ones(len(classes.sizes)), 0.0
    for _ in range(_STEPS):
        roots = _roots(objective, classes, shares, persons)
        value = float(2 * roots.sum()) ** 2 / float(classes.sizes @ persons)
        if value <= best * (1 + _GAIN):
            return max(value, best)
        best = value
        worth = roots / (classes.sizes * persons)
        persons = persons * (worth / worth.mean()) ** 2
    return best


def _classes(objective: Objective) -> _Classes:
    system = objective.system
    member = np.vstack([system.cells[system.coarse].toarray(), system.alone[None, :]])
    classes, sizes = np.unique(member.T, axis=0, return_counts=True)
    return _Classes(sizes, classes[:, :-1].T * np.sqrt(sizes), classes[:, -1].astype(np.float64))


def _roots(
    objective: Objective, classes: _Classes, shares: Sequence[float], persons: FloatArray
) -> FloatArray:
    """The diagonal of sqrt(D W D), summed over subspaces and the atoms of each class: shape (classes,)."""
    system, root = objective.system, np.sqrt(persons)
    out = np.zeros(len(persons))
    for load, share in zip(objective.loads, shares, strict=True):
        seen = np.sqrt(load[system.coarse_level])[:, None] * classes.cells * root
        single = load[system.finest] * classes.alone
        values, vectors = np.linalg.eigh(seen.T @ seen + np.diag(single * persons))
        of_means = (vectors**2) @ np.sqrt(np.maximum(values, 0))
        out += np.sqrt(share) * (of_means + (classes.sizes - 1) * np.sqrt(single * persons))
    return out
