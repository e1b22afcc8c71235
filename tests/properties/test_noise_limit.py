"""The strategy's error, gradient and limit against dense algebra that shares nothing with them, on random key sets."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from test_noise_least_squares import key_sets, level, rows

from publisher.noise.strategy import limit_of, plan
from publisher.noise.strategy.error import cell_weights, objective_of
from publisher.policy.model import ContributionBound, Weights
from publisher.relations import Column, KeySet

BOUND = ContributionBound(2, "last")


def designs(keys: KeySet) -> list[np.ndarray]:
    """The cells of each group over leaves x codes, level by level and marginal by marginal."""
    areas = [np.array([v.member == k for k in range(len(v.codes))], dtype=float) for v in keys.levels]
    return [rows(keys, area, kept) for area in areas for kept in keys.marginals]


def dense_error(keys: KeySet, precisions: np.ndarray, weights: np.ndarray) -> float:
    """Weighted summed variance of least squares, every matrix in full."""
    groups = designs(keys)
    root = [np.sqrt(p) * d for p, d in zip(precisions.ravel(), groups, strict=True)]
    inverse = np.linalg.pinv(np.vstack(root), rcond=1e-9)
    return sum(w * float(((d @ inverse) ** 2).sum()) for w, d in zip(weights.ravel(), groups, strict=True))


@settings(max_examples=80, deadline=None)
@given(key_sets(), st.integers(0, 2**32 - 1), st.sampled_from(list(Weights)))
def test_the_error_is_that_of_dense_least_squares_and_its_gradient_that_of_small_steps(
    keys: KeySet, seed: int, weights: Weights
) -> None:
    rng = np.random.default_rng(seed)
    weigh = cell_weights(keys, weights, ())
    precisions = np.exp(rng.normal(0, 1, weigh.shape))
    error, slope = objective_of(keys, weigh).error(precisions)
    assert np.isclose(error, dense_error(keys, precisions, weigh), rtol=1e-7)
    for at in np.ndindex(*weigh.shape):
        step = np.zeros(weigh.shape)
        step[at] = 1e-4 * precisions[at]
        up, down = (dense_error(keys, precisions + s * step, weigh) for s in (1, -1))
        assert np.isclose(slope[at], (up - down) / (2 * step[at]), rtol=1e-4, atol=1e-7 * error / precisions[at])


@settings(max_examples=60, deadline=None)
@given(key_sets(), st.sampled_from(list(Weights)))
def test_no_plan_has_an_error_below_the_limit(keys: KeySet, weights: Weights) -> None:
    made = plan(keys, rho_units=10**9, bound=BOUND, weights=weights, most=1)
    precisions = np.array([1 / float(g.sigma2) for g in made.groups])
    weigh = cell_weights(keys, weights, ())
    error = objective_of(keys, weigh).error(precisions.reshape(weigh.shape))[0]
    limit = limit_of(keys, rho=Fraction(1), bound=BOUND, weights=weights, most=1)
    assert 0 < limit.value <= error * (1 + 1e-9)


def people(keys: KeySet, cells: int) -> np.ndarray:
    """Everybody whom the bound allows, as rows over leaves x codes; one column of case categories at most."""
    leaves = np.eye(len(keys.leaves))
    choices = []
    for column in keys.columns:
        units = np.eye(len(column.codes))
        if column.personal:
            choices.append(list(units))
        else:
            held = range(1, min(cells, len(column.codes)) + 1)
            choices.append([units[list(c)].sum(axis=0) for n in held for c in combinations(range(len(units)), n)])
    out = []
    for leaf, *codes in product(leaves, *choices):
        row = leaf
        for code in codes:
            row = np.kron(row, code)
        out.append(row)
    return np.array(out)


def best_of_all_mechanisms(keys: KeySet, cells: int) -> float:
    """The smallest summed variance of any unbiased Gaussian mechanism at rho 1, by search over all precisions X = BB'.

    The error tr(W X^-1) has degree -1 and the loss max v'Xv / 2 degree 1, so that their product is minimised; the
    maximum as a norm of high order, and then exactly.
    """
    workload = np.vstack(designs(keys))
    gram, persons, rng = workload.T @ workload, people(keys, cells), np.random.default_rng(0)
    n = len(gram)

    def product_(flat: np.ndarray, order: float | None) -> float:
        root = flat.reshape(n, n)
        x = root @ root.T
        loss = np.einsum("pi,ij,pj->p", persons, x, persons) / 2
        worst = loss.max() if order is None else np.linalg.norm(loss, order)
        return float(np.log(np.trace(np.linalg.solve(x, gram)) * worst))

    start = np.eye(n) + 0.1 * rng.normal(size=(n, n))
    found = start.ravel()
    for order in (8, 64, 512):
        found = minimize(product_, found, args=(order,), method="L-BFGS-B", options={"maxiter": 300}).x
    return float(np.exp(product_(found, None)))


def test_a_tight_limit_is_reached_by_the_best_of_all_mechanisms() -> None:
    """Nation and three areas by a column of four codes of which a person has two: nine in ten of a percent at most."""
    leaves = ("a", "b", "c")
    levels = (level("riket", [0, 0, 0]), level("regso", [0, 1, 2]))
    keys = KeySet(leaves, levels, (Column("c", ("p", "q", "r", "s"), False),), (True,))
    limit = limit_of(keys, rho=Fraction(1), bound=BOUND, weights=Weights.CELLS, most=1)
    best = best_of_all_mechanisms(keys, 2)
    assert limit.tight
    assert 0.99 * best < limit.value <= best


def test_the_limit_is_tight_only_where_the_persons_looked_at_are_the_worst() -> None:
    levels = (level("riket", [0, 0]), level("regso", [0, 1]))
    few, many = Column("c", ("p", "q", "r"), False), Column("d", ("p", "q", "r", "s"), False)
    own = Column("s", ("m", "w"), True)
    cases = (((many, own), 1, True), ((few,), 1, False), ((many, few), 1, False), ((many,), 2, False))
    for columns, most, tight in cases:
        keys = KeySet(("a", "b"), levels, columns, (True,) * len(columns))
        found = limit_of(keys, rho=Fraction(1), bound=BOUND, weights=Weights.CELLS, most=most)
        assert found.tight is tight
