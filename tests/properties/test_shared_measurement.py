"""Tables that are measured together: one estimate, seen from each, against dense least squares; whole numbers that
agree; and errors that no separate measurement of the same rho beats."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noisetables import no_noise, seeded, terms
from sharedtables import counts_of, groups, keys_of, measured, published, table, together, workload_of
from test_noise_least_squares import level as level_of
from test_noise_least_squares import measured as least_squares_of

from publisher.errors import PolicyError
from publisher.noise import agreement, workloads
from publisher.noise.agreement import shared_estimates, shared_variances
from publisher.noise.mechanism import exact_counts
from publisher.noise.parts import parts_of
from publisher.noise.postprocess import estimate, estimates_of, variances_of
from publisher.noise.strategy import QueryGroup, cell_weights, plan_weighted
from publisher.noise.subspace_systems import group_numbers
from publisher.noise.workloads import Workload
from publisher.policy.model import ContributionBound, EstimateKind, Weights
from publisher.relations import KeySet, fill_totals

SEEDS = st.integers(0, 2**32 - 1)


def design(keys: KeySet, level: str, kept: tuple[bool, ...]) -> np.ndarray:
    """One group over leaves x codes, written out."""
    area = next(v for v in keys.levels if v.level == level)
    out = np.array([area.member == k for k in range(len(area.codes))], dtype=float)
    for column, keep in zip(keys.columns, kept, strict=True):
        out = np.kron(out, np.eye(len(column.codes)) if keep else np.ones((1, len(column.codes))))
    return out


def cells_of(workload: Workload, table_: int) -> np.ndarray:
    """Every cell of one table over leaves x codes of all tables together: rows in the order of its own cells."""
    keys, view = workload.keys, workload.parts[0].views[table_]
    size = int(np.prod([len(keys.leaves), *[len(c.codes) for c in keys.columns]]))
    units = np.eye(size, dtype=np.int64).reshape(size, len(keys.leaves), *[len(c.codes) for c in keys.columns])
    return np.stack([fill_totals(u, keys).ravel()[view.cells.ravel()] for u in units], axis=1)


@settings(max_examples=6, deadline=None)
@given(groups(), SEEDS)
def test_every_view_is_that_of_dense_least_squares_over_all_that_was_measured(tables, seed) -> None:
    workload = workload_of(tables)
    rng, keys = np.random.default_rng(seed), workload.keys
    seen = measured(workload, counts_of(keys, rng), seeded(rng))
    rows = np.vstack([design(keys, m.group.level, m.group.kept) / m.scale for m in seen.groups])
    values = np.concatenate([m.values.ravel() / m.scale for m in seen.groups])
    inverse = np.linalg.pinv(rows, rcond=1e-10)
    for n, found in enumerate(estimates_of(seen, workload.parts[0].views)):
        cells = cells_of(workload, n)
        assert np.allclose(found.values.ravel(), cells @ inverse @ values, rtol=1e-6, atol=1e-6)
        assert np.allclose(found.variances.ravel(), ((cells @ inverse) ** 2).sum(axis=1), rtol=1e-6)


@settings(max_examples=40, deadline=None)
@given(groups(), SEEDS)
def test_tables_show_the_same_number_of_the_same_cell_and_all_add_up(tables, seed) -> None:
    workload = workload_of(tables)
    rng = np.random.default_rng(seed)
    found = shared_estimates(measured(workload, counts_of(workload.keys, rng), seeded(rng)), workload)
    for name in ("values", "centre", "variances"):
        shown = published({t: getattr(e, name) for t, e in found.items()}, tables)
        assert all(len(set(numbers)) == 1 for numbers in shown.values()), name
    for t in tables:
        keys, values = keys_of((t,)), found[t.id].values
        assert np.array_equal(values, np.rint(values))
        if workload.noise.estimate is EstimateKind.NON_NEGATIVE_INTEGERS:
            assert values.min() >= 0
        for axis, (column, total) in enumerate(zip(keys.columns, keys.totals, strict=True), start=1):
            if total:
                codes = np.arange(len(column.codes))
                assert np.array_equal(values.take(codes, axis=axis).sum(axis=axis), values.take(-1, axis=axis))


@settings(max_examples=20, deadline=None)
@given(groups(), SEEDS)
def test_areas_add_up_within_each_table(tables, seed) -> None:
    """Whole numbers of the smallest places from which every area cell of every level follows, in every column."""
    workload = workload_of(tables)
    rng = np.random.default_rng(seed)
    found = shared_estimates(measured(workload, counts_of(workload.keys, rng), seeded(rng)), workload)
    for t in tables:
        keys = keys_of((t,))
        member = np.vstack([[v.member == k for k in range(len(v.codes))] for v in keys.levels]).astype(float)
        flat = found[t.id].values.reshape(len(member), -1)
        places = np.linalg.lstsq(member, flat, rcond=None)[0]
        assert np.abs(member @ places - flat).max() < 1e-6


@settings(max_examples=15, deadline=None)
@given(groups(), SEEDS)
def test_without_noise_every_table_is_the_exact_one(tables, seed) -> None:
    workload = workload_of(tables)
    counts = counts_of(workload.keys, np.random.default_rng(seed))
    found = shared_estimates(measured(workload, counts, no_noise), workload)
    exact = fill_totals(counts, workload.keys).ravel()
    for t, view in zip(tables, workload.parts[0].views, strict=True):
        assert np.array_equal(found[t.id].values, exact[view.cells])


@settings(max_examples=12, deadline=None)
@given(groups(), st.sampled_from(list(Weights)), st.integers(1, 9))
def test_no_table_has_a_larger_error_than_by_itself_with_an_equal_share_of_the_rho(tables, weights, tenths) -> None:
    """And together, each over what it would have with all of the rho, they have none larger than with any shares."""
    tables = tuple(replace(t, protection=replace(t.protection, weights=weights)) for t in tables)
    workload, size = workload_of(tables), len(tables)
    joint = {t: weighed(tables[n], v) for n, (t, v) in enumerate(shared_variances(workload).items())}
    alone = {t.id: apart(workload, n, Fraction(1)) for n, t in enumerate(tables)}
    assert all(joint[t] <= size * alone[t] * (1 + 1e-3) for t in joint)
    shares = [Fraction(tenths, 10), *[Fraction(10 - tenths, 10 * (size - 1))] * (size - 1)]
    split = sum(apart(workload, n, share) / alone[tables[n].id] for n, share in enumerate(shares))
    assert sum(joint[t] / alone[t] for t in joint) <= split * (1 + 1e-3)


def weighed(t, spread: np.ndarray) -> float:
    """The weighted summed variance of a table's cells."""
    keys = keys_of((t,))
    weights = cell_weights(keys, t.protection.weights, ())
    total, first = 0.0, 0
    for i, level in enumerate(keys.levels):
        for j, kept in enumerate(keys.marginals):
            pick = [slice(len(c.codes)) if k else len(c.codes) for c, k in zip(keys.columns, kept, strict=True)]
            total += weights[i, j] * float(spread[(slice(first, first + len(level.codes)), *pick)].sum())
        first += len(level.codes)
    return total


def apart(workload: Workload, n: int, share: Fraction) -> float:
    """The weighted error of one of the tables, measured by itself with that share of the rho: of the same bounded
    numbers, since a bound over fewer columns of the case would count less of a person."""
    (part,), spec = workload.parts, workload.tables[n]
    view = part.views[n]
    plan = plan_weighted(
        part.keys, rho_units=int(part.rho_units * share), bound=workload.noise.bound, most=part.quantity.most,
        weighed=view.spread(cell_weights(view.keys, spec.protection.weights, ())),
    )  # fmt: skip
    return weighed(spec, variances_of(plan, [view])[0])


def test_what_no_table_asks_for_is_not_measured() -> None:
    tables = together(
        table("a", ("riket", "lan", "kommun", "area_type", "lan_area_type", "regso"), ("benefit",), terms()),
        table("b", ("riket", "lan", "kommun"), ("benefit", "sex"), terms()),
    )
    workload = workload_of(tables)
    (part,) = workload.parts
    names = set(group_numbers(part.keys))
    assert part.groups == {(level, kept) for level, kept in names if level in ("riket", "lan", "kommun") or not kept[1]}
    assert {(g.level, g.kept) for g in workload.plan(part).groups} == part.groups != names
    assert workload.plan(part).rho_units == part.rho_units == 10**8


def test_a_plan_without_a_group_that_a_table_shows_is_refused() -> None:
    first = table("a", ("riket", "lan"), ("sex",), terms())
    workload = workload_of(together(first, table("b", ("riket",), (), terms())))
    seen = measured(workload, counts_of(workload.keys, np.random.default_rng(1)), no_noise)
    other = workload_of(together(first, table("b", ("riket", "lan"), ("age",), terms())))
    with pytest.raises(PolicyError, match="query groups"):
        estimates_of(seen, other.parts[0].views)


def moves(workload: Workload, groups: Sequence[QueryGroup], person: np.ndarray) -> list[int]:
    """The squared distance that a person makes in every group that is measured."""
    return [int((exact_counts(person, workload.keys, g) ** 2).sum()) for g in groups]


def with_combinations(workload: Workload, held: tuple[tuple[int, ...], ...]) -> np.ndarray:
    """Somebody in one area with these combinations of the case columns, of one sex and age."""
    keys = workload.keys
    out = np.zeros((len(keys.leaves), *[len(c.codes) for c in keys.columns]), dtype=np.int64)
    for combination in held:
        codes = iter(combination)
        out[(0, *[0 if c.personal else next(codes) for c in keys.columns])] = workload.parts[0].quantity.most
    return out


@pytest.mark.parametrize("cells", [1, 2, 3, 4])
def test_the_worst_person_over_all_columns_moves_every_group_exactly_as_far_as_claimed(cells: int) -> None:
    """Cases by benefit in one table, by form and sex in the other: the bound is over both.  The planted fault, a bound
    for each of the two tables, is seen in some group."""
    noise = terms(bound=ContributionBound(cells, "last", per_cell=3))
    first = table("a", ("riket", "lan", "kommun"), ("benefit",), noise, "cases")
    workload = workload_of(together(first, table("b", ("riket", "lan"), ("form", "sex"), noise, "cases")))
    every = list(product(range(3), range(2)))
    groups = workload.plan(workload.parts[0]).groups

    def worst(size: int) -> np.ndarray:
        held = [with_combinations(workload, h) for h in combinations(every, size)]
        return np.max([moves(workload, groups, person) for person in held], axis=0)

    claimed = [g.squared_sensitivity for g in groups]
    assert worst(cells).tolist() == claimed
    assert (worst(min(2 * cells, 6)) > claimed).any()


def test_a_table_that_shares_a_measurement_has_no_parts_of_its_own() -> None:
    _, second = together(table("a", ("riket",), ("sex",), terms()), table("b", ("riket",), ("age",), terms()))
    with pytest.raises(PolicyError, match="table b is measured with a, and has no parts of its own"):
        parts_of(second, keys_of((second,)))


def test_tables_whose_columns_have_too_many_cells_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = together(table("a", ("riket",), ("sex",), terms()), table("b", ("riket",), ("age",), terms()))
    monkeypatch.setattr(workloads, "MOST_CELLS", 9 * 2 * 2 - 1)
    with pytest.raises(PolicyError, match="have 36 cells together, more than 35; measure the one with most columns"):
        workload_of(tables)


def test_tables_of_other_terms_are_not_measured_together() -> None:
    first, second = together(table("a", ("riket",), ("sex",), terms()), table("b", ("riket",), ("age",), terms()))
    with pytest.raises(PolicyError, match="another rho, bound or estimate"):
        workload_of((first, replace(second, protection=terms(rho=Fraction(1, 5)))))


def test_a_rare_category_of_one_table_is_not_rounded_down_in_every_area_of_what_both_show() -> None:
    """One in each of 400 areas in common, of whom few are of a category that one table tells apart, 30 times over:
    nearest in single areas, 16 persons of it would be missing."""
    of = {"riket": [0] * 400, "kommun": [k // 20 for k in range(400)], "regso": list(range(400))}
    keys = KeySet(tuple(f"x{k}" for k in range(400)), tuple(level_of(n, member) for n, member in of.items()), (), ())
    found = estimate(least_squares_of(keys, np.ones(400, dtype=np.int64), None))
    common = agreement.Given(found.system.cells, found.system.level_of, found.values)
    off = 0.0
    for rare in np.random.default_rng(1).uniform(0.05, 0.2, (30, 400)):
        atoms = np.stack([1 - rare, rare], axis=1)
        whole = agreement._fitted(atoms, found, common, (found.system.cells @ np.ones(400), False))
        assert np.array_equal(whole.sum(axis=1), np.ones(400))
        off += whole[:, 1].sum() - rare.sum()
    assert abs(off) < 8
