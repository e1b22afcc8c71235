"""The split of the budget, and the sensitivities that it rests on."""

from fractions import Fraction
from itertools import chain, combinations, product

import numpy as np
import pytest

from publisher.errors import PolicyError
from publisher.noise.mechanism import exact_counts
from publisher.noise.postprocess import expected_rmse, variances
from publisher.noise.strategy import QueryGroup, Strategy, plan, squared_sensitivity
from publisher.noise.strategy.error import cell_weights, objective_of
from publisher.noise.strategy.split import sensitivities
from publisher.policy.model import ContributionBound, GroupWeight, Weights
from publisher.relations import AreaLevel, Column, KeySet

LEAVES = ("a", "b", "c")
LEVELS = (
    AreaLevel("riket", ("00",), np.array([0, 0, 0])),
    AreaLevel("regso", ("a", "b"), np.array([0, 1, -1])),
)
SEX = Column("sex", ("m", "w"), True)
BENEFIT = Column("benefit", ("p", "q", "r"), False)
FORM = Column("form", ("x", "y"), False)


def keys_of(*columns: Column) -> KeySet:
    return KeySet(LEAVES, LEVELS, columns, (True,) * len(columns))


def bound(cells: int) -> ContributionBound:
    return ContributionBound(cells, "last")


def persons(keys: KeySet, cells: int) -> list[np.ndarray]:
    """The counts of every person that the bound allows, alone: one leaf, one sex, up to `cells` other combinations."""
    sizes = [len(c.codes) for c in keys.columns]
    personal = [range(n) for n, c in zip(sizes, keys.columns, strict=True) if c.personal]
    others = list(product(*[range(n) for n, c in zip(sizes, keys.columns, strict=True) if not c.personal]))
    chosen = chain.from_iterable(combinations(others, r) for r in range(1, cells + 1))
    out = []
    for leaf, own, taken in product(range(len(keys.leaves)), list(product(*personal)), list(chosen)):
        counts = np.zeros((len(keys.leaves), *sizes), dtype=np.int64)
        for combination in taken:
            values = iter(combination), iter(own)
            counts[(leaf, *[next(values[c.personal]) for c in keys.columns])] += 1
        out.append(counts)
    return out


@pytest.mark.parametrize("columns", [(), (SEX,), (BENEFIT,), (SEX, BENEFIT), (BENEFIT, FORM), (FORM, SEX, BENEFIT)])
@pytest.mark.parametrize("cells", [1, 2, 3, 4])
def test_the_worst_person_moves_every_group_by_exactly_its_sensitivity(columns: tuple[Column, ...], cells: int) -> None:
    keys = keys_of(*columns)
    everybody = persons(keys, cells)
    background = np.arange(everybody[0].size).reshape(everybody[0].shape)
    for group in plan(keys, rho_units=10**8, bound=bound(cells), weights=Weights.CELLS, most=1).groups:
        before = exact_counts(background, keys, group)
        moves = [int(((exact_counts(background + p, keys, group) - before) ** 2).sum()) for p in everybody]
        assert max(moves) == group.squared_sensitivity


def test_a_person_who_adds_more_to_a_cell_moves_every_group_as_many_times_farther() -> None:
    columns = (SEX, BENEFIT, FORM)
    for kept, cells in product(product((True, False), repeat=3), range(1, 8)):
        one, many = (squared_sensitivity(columns, kept=kept, bound=bound(cells), most=m) for m in (1, 2**20))
        assert many == 2**40 * one
    with pytest.raises(ValueError, match="at least one"):
        squared_sensitivity(columns, kept=(True,) * 3, bound=bound(1), most=0)


def test_sensitivities_of_the_usual_marginals() -> None:
    columns = (SEX, Column("benefit", tuple("abcdefgh"), False))
    known = {(True, True): 4, (False, True): 4, (True, False): 16, (False, False): 16}
    for kept, square in known.items():
        assert squared_sensitivity(columns, kept=kept, bound=bound(4), most=1) == square
    assert squared_sensitivity(columns, kept=(True, False), bound=bound(100), most=1) == 64
    assert squared_sensitivity((SEX,), kept=(True,), bound=bound(4), most=1) == 1


def test_every_level_and_marginal_has_one_group_and_the_units_sum_exactly() -> None:
    keys = keys_of(SEX, BENEFIT)
    for units in (10**8, 123_456_789, 17):
        for weights in Weights:
            strategy = plan(keys, rho_units=units, bound=bound(2), weights=weights, most=1)
            assert strategy.rho_units == units
            assert [(g.level, g.kept) for g in strategy.groups] == list(product(["riket", "regso"], keys.marginals))
            assert strategy == plan(keys, rho_units=units, bound=bound(2), weights=weights, most=1)


@pytest.mark.parametrize("weights", list(Weights))
def test_no_other_split_that_was_tried_has_a_smaller_weighted_error(weights: Weights) -> None:
    """Shares are whole parts of 100 000: at the best point the error is flat, and 1 in 10 000 covers the rounding."""
    keys, rng = keys_of(SEX, BENEFIT), np.random.default_rng(3)
    weigh = cell_weights(keys, weights, ())
    objective = objective_of(keys, weigh)
    squares = np.array(sensitivities(keys, bound(2), 1))

    def error(shares: np.ndarray) -> float:
        return objective.error(2 * shares / shares.sum() / squares)[0]

    best = plan(keys, rho_units=10**9, bound=bound(2), weights=weights, most=1)
    own = np.array([g.rho_units for g in best.groups], dtype=float).reshape(weigh.shape)
    others = [own * np.exp(rng.normal(0, scale, own.shape)) for scale in (0.01, 0.1, 1, 3) for _ in range(50)]
    assert min(map(error, others)) > error(own) * (1 - 1e-4)
    assert error(own) < error(np.ones(own.shape)) / 1.02


def test_a_group_that_weighs_more_gets_less_error() -> None:
    keys = keys_of(BENEFIT)
    errors = []
    for times in ((), (GroupWeight("riket", (), Fraction(50)),), (GroupWeight("regso", ("benefit",), Fraction(50)),)):
        made = plan(keys, rho_units=10**9, bound=bound(2), weights=Weights.CELLS, most=1, times=times)
        errors.append(expected_rmse(variances(made, keys), keys))
    plain, nation, areas = errors
    assert nation["riket", (False,)] < 0.9 * plain["riket", (False,)]
    assert areas["regso", (True,)] < plain["regso", (True,)] < nation["regso", (True,)]


def test_sigma_squared_is_an_exact_fraction_of_sensitivity_and_rho() -> None:
    group = QueryGroup(level="riket", kept=(True,), rho_units=3, squared_sensitivity=5, cells=7)
    assert group.sigma2 == Fraction(5 * 10**9, 6)


def test_a_budget_too_small_for_its_groups_is_refused() -> None:
    with pytest.raises(PolicyError, match="too small"):
        plan(keys_of(SEX, BENEFIT), rho_units=7, bound=bound(2), weights=Weights.CELLS, most=1)


def test_groups_without_budget_and_strategies_without_groups_or_with_doubled_ones_are_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        QueryGroup(level="riket", kept=(), rho_units=0, squared_sensitivity=1, cells=1)
    group = QueryGroup(level="riket", kept=(), rho_units=1, squared_sensitivity=1, cells=1)
    for groups in ((), (group, group)):
        with pytest.raises(ValueError, match="each level and marginal once"):
            Strategy(bound=bound(1), groups=groups)
