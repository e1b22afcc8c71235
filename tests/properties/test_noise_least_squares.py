"""The estimate against a dense solution that shares none of its algebra, on random small key sets."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import PolicyError
from publisher.noise.area_system import area_system
from publisher.noise.measurement import _MINT, MeasuredGroup, Measurement
from publisher.noise.mechanism import exact_counts, scale_of
from publisher.noise.parts import Part
from publisher.noise.postprocess import estimate, expected_rmse, variances
from publisher.noise.strategy import Strategy, plan
from publisher.policy.model import ContributionBound, Weights
from publisher.quantity import Quantity
from publisher.relations import AreaLevel, Column, KeySet, fill_totals
from publisher.release.model import AREA_LEVELS

BOUND = ContributionBound(2, "last")


def level(name: str, cells: list[int]) -> AreaLevel:
    """A level with the given cell of each leaf, -1 for none, cells numbered anew so that each has a leaf."""
    used = sorted({c for c in cells if c >= 0})
    member = np.array([used.index(c) if c >= 0 else -1 for c in cells], dtype=np.int64)
    return AreaLevel(name, tuple(f"{name}{k}" for k in range(len(used))), member)


@st.composite
def key_sets(draw: st.DrawFn) -> KeySet:
    leaves = draw(st.integers(1, 6))
    members = st.lists(st.integers(-1, 3), min_size=leaves, max_size=leaves).filter(lambda m: max(m) >= 0)
    levels = [level(AREA_LEVELS[k], m) for k, m in enumerate(draw(st.lists(members, min_size=1, max_size=4)))]
    sizes = draw(st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.booleans()), max_size=3))
    columns = tuple(Column(f"c{k}", tuple("abc"[:n]), personal) for k, (n, personal, _) in enumerate(sizes))
    return KeySet(tuple(f"x{k}" for k in range(leaves)), tuple(levels), columns, tuple(t for _, _, t in sizes))


def strategy_of(keys: KeySet, weights: Weights = Weights.CELLS) -> Strategy:
    return plan(keys, rho_units=10**8, bound=BOUND, weights=weights, most=1)


def measured(keys: KeySet, counts: np.ndarray, rng: np.random.Generator | None) -> Measurement:
    """A measurement of `counts`, with seeded noise or with none."""
    strategy = strategy_of(keys)
    groups = []
    for group in strategy.groups:
        values, scale = exact_counts(counts, keys, group), scale_of(group)
        if rng is not None:
            values = values + np.rint(rng.normal(0, scale, values.shape)).astype(np.int64)
        groups.append(MeasuredGroup(group=group, values=values, scale=scale))
    part = Part("t/n", "n", Quantity("persons", 1), keys, 10**8)
    return Measurement(mint=_MINT, part=part, strategy=strategy, groups=tuple(groups))


def counts_of(keys: KeySet, rng: np.random.Generator) -> np.ndarray:
    return rng.poisson(30, (len(keys.leaves), *[len(c.codes) for c in keys.columns]))


def rows(keys: KeySet, area: np.ndarray, kept: tuple[bool, ...]) -> np.ndarray:
    """The design of one group over leaves x codes, written out."""
    out = area
    for column, keep in zip(keys.columns, kept, strict=True):
        out = np.kron(out, np.eye(len(column.codes)) if keep else np.ones((1, len(column.codes))))
    return out


def dense(measurement: Measurement, keys: KeySet) -> tuple[np.ndarray, np.ndarray]:
    """Generalised least squares with every matrix in full: values and variances of all published cells, flat."""
    areas = {v.level: np.array([v.member == k for k in range(len(v.codes))], dtype=float) for v in keys.levels}
    design = np.vstack([rows(keys, areas[m.group.level], m.group.kept) for m in measurement.groups])
    seen = np.concatenate([m.values.ravel() for m in measurement.groups])
    root = np.repeat([1 / m.scale for m in measurement.groups], [m.values.size for m in measurement.groups])
    inverse = np.linalg.pinv(design * root[:, None], rcond=1e-10)
    units = np.eye(design.shape[1], dtype=np.int64)
    sizes = [len(c.codes) for c in keys.columns]
    published = np.array([fill_totals(u.reshape(len(keys.leaves), *sizes), keys).ravel() for u in units]).T
    return published @ inverse @ (seen * root), ((published @ inverse) ** 2).sum(axis=1)


@settings(max_examples=120, deadline=None)
@given(key_sets(), st.integers(0, 2**32 - 1))
def test_values_and_variances_are_those_of_dense_generalised_least_squares(keys: KeySet, seed: int) -> None:
    """To a small part of a count: levels that overlap at random can need each other at weights 10 000 times apart."""
    rng = np.random.default_rng(seed)
    measurement = measured(keys, counts_of(keys, rng), rng)
    result = estimate(measurement)
    values, spread = dense(measurement, keys)
    assert np.allclose(result.values.ravel(), values, rtol=1e-6, atol=1e-5)
    assert np.allclose(result.variances.ravel(), spread, rtol=1e-6)
    assert np.allclose(variances(measurement.strategy, keys), result.variances, rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(key_sets(), st.integers(0, 2**32 - 1))
def test_without_noise_the_estimate_is_the_exact_table(keys: KeySet, seed: int) -> None:
    counts = counts_of(keys, np.random.default_rng(seed))
    assert np.allclose(estimate(measured(keys, counts, None)).values, fill_totals(counts, keys), atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(key_sets(), st.integers(0, 2**32 - 1))
def test_the_estimate_adds_up_over_columns_and_over_nested_areas(keys: KeySet, seed: int) -> None:
    rng = np.random.default_rng(seed)
    whole = AreaLevel("regso", keys.leaves, np.arange(len(keys.leaves)))
    nested = KeySet(keys.leaves, (*[v for v in keys.levels if v.level != "regso"], whole), keys.columns, keys.totals)
    values = estimate(measured(nested, counts_of(nested, rng), rng)).values
    leaves, first = values[-len(keys.leaves) :], 0
    for v in nested.levels:
        for k in range(len(v.codes)):
            assert np.allclose(values[first + k], leaves[v.member == k].sum(axis=0), atol=1e-6)
        first += len(v.codes)
    for axis, total in enumerate(nested.totals, start=1):
        if total:
            parts, summed = np.split(values, [values.shape[axis] - 1], axis=axis)
            assert np.allclose(parts.sum(axis=axis, keepdims=True), summed, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(key_sets())
def test_least_squares_never_does_worse_than_the_measured_group_itself(keys: KeySet) -> None:
    strategy = strategy_of(keys)
    error = expected_rmse(variances(strategy, keys), keys)
    for group in strategy.groups:
        assert error[group.level, group.kept] ** 2 <= float(group.sigma2) * (1 + 1e-9)


def test_levels_that_do_not_tell_every_area_still_give_every_published_cell() -> None:
    """Nation, county and area type without their cross: 2 x 2 atoms, of which the cells tell three dimensions."""
    leaves = tuple("abcd")
    levels = (level("riket", [0, 0, 0, 0]), level("lan", [0, 0, 1, 1]), level("area_type", [0, 1, 0, 1]))
    keys = KeySet(leaves, levels, (Column("c", ("a", "b"), True),), (True,))
    assert (area_system(levels).atoms, area_system(levels).rank) == (4, 3)
    rng = np.random.default_rng(1)
    measurement = measured(keys, counts_of(keys, rng), rng)
    values, spread = dense(measurement, keys)
    result = estimate(measurement)
    assert np.allclose(result.values.ravel(), values)
    assert np.allclose(result.variances.ravel(), spread)


@pytest.mark.parametrize(
    "cells",
    [
        {"riket": [-1, 0, -1, 1], "lan": [0, 1, 0, 2], "kommun": [0, 0, -1, 0]},
        {"riket": [-1, 0, -1, 1], "lan": [0, 1, 0, 2], "kommun": [0, 0, 1, 0]},
        {"riket": [0, 0, -1, 0], "lan": [-1, 0, -1, 0], "kommun": [0, 1, 0, 1]},
        {"riket": [0, 0, 1], "lan": [1, 0, 1], "kommun": [-1, 0, 0], "regso": [-1, 1, 0]},
    ],
)
def test_a_level_whose_cells_others_have_all_does_not_make_the_rest_inexact(cells: dict[str, list[int]]) -> None:
    """It is given next to no budget.  One of these could not be planned at all, the others were off by up to 2e-5."""
    keys = KeySet(tuple("abcd"[: len(cells["riket"])]), tuple(level(n, c) for n, c in cells.items()), (), ())
    rng = np.random.default_rng(0)
    measurement = measured(keys, counts_of(keys, rng), rng)
    values, spread = dense(measurement, keys)
    result = estimate(measurement)
    assert np.allclose(result.values.ravel(), values, rtol=1e-6, atol=1e-6)
    assert np.allclose(result.variances.ravel(), spread, rtol=1e-6)


def test_a_measurement_of_other_keys_is_refused() -> None:
    keys = KeySet(("a", "b"), (level("riket", [0, 0]), level("lan", [0, 1])), (), ())
    fewer = KeySet(("a", "b"), (level("riket", [0, 0]),), (), ())
    measurement = measured(keys, np.array([3, 4]), None)
    other = Measurement(
        mint=_MINT, part=replace(measurement.part, keys=fewer), strategy=measurement.strategy, groups=measurement.groups
    )
    with pytest.raises(PolicyError, match="not those of the part's keys"):
        estimate(other)
    with pytest.raises(PolicyError, match="not those of the part's keys"):
        variances(measurement.strategy, fewer)


def test_weights_move_the_error_to_the_cells_that_weigh_less() -> None:
    members = list(range(30))
    keys = KeySet(tuple(f"x{k}" for k in members), (level("riket", [0] * 30), level("regso", members)), (), ())
    cells, levels = (expected_rmse(variances(strategy_of(keys, w), keys), keys) for w in Weights)
    assert cells["regso", ()] < levels["regso", ()]
    assert cells["riket", ()] > levels["riket", ()]


def test_the_marginals_of_expected_error_are_those_of_the_key_set() -> None:
    columns = (Column("s", ("m", "w"), True), Column("b", ("p",), False))
    keys = KeySet(("a",), (level("riket", [0]),), columns, (True, False))
    error = expected_rmse(variances(strategy_of(keys), keys), keys)
    assert list(error) == list(product(["riket"], keys.marginals))
