"""Quantiles from persons by amount: what is measured, what is read from it, and what is marked."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noisetables import Person, count, measure_all, no_noise, seeded, table_of, terms
from valuetables import count_values, median_of, nearest, true_quantiles

from publisher.draft.noisy import noisy_measures
from publisher.draft.tables import ProtectedMeasure
from publisher.errors import PolicyError
from publisher.ledger import rho_units
from publisher.noise import quantiles as module
from publisher.noise.combine import estimates
from publisher.noise.measurement import Measurement
from publisher.noise.mechanism import NoiseSource
from publisher.noise.parts import parts_of, plan_of
from publisher.noise.postprocess import estimate
from publisher.noise.quantiles import find_quantiles, quantiles
from publisher.policy.model import ContributionBound, EstimateKind, MeasureSpec, Noise, TableSpec
from publisher.quantity import Quantity, value_class, value_columns
from publisher.relations import AreaLevel, Column, IntArray, KeySet
from publisher.release.model import CellStatus

KEYS = KeySet(
    ("a", "b", "c"),
    (AreaLevel("riket", ("00",), np.array([0, 0, 0])), AreaLevel("regso", ("a", "b"), np.array([0, 1, -1]))),
    (Column("sex", ("m", "w"), True), Column("benefit", ("p", "q", "r"), False)),
    (True, True),
)
CANDIDATES = (-20, 0, 10, 50, 51, 1000, 4000)
COUNT = MeasureSpec("n", "persons")
QUARTILE = MeasureSpec("low", "quantile", of="median", q=Fraction(1, 4))


def spec_of(*measures: MeasureSpec, noise: Noise | None = None) -> TableSpec:
    return table_of(KEYS, [COUNT, *(measures or (median_of(CANDIDATES), QUARTILE))], noise or terms())


def people(seed: int, many: int) -> list[Person]:
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(many):
        held = rng.permutation(3)[: rng.integers(1, 3)]
        adds = {(int(b),): (1, int(rng.integers(-30, 5000) // rng.choice([1, 100]))) for b in held}
        out.append(Person(int(rng.integers(3)), (int(rng.integers(2)),), adds))
    return out


def drawn(persons: list[Person], spec: TableSpec, source: NoiseSource = no_noise) -> dict[str, Measurement]:
    counts: dict[str, IntArray] = {
        p.name: (count_values if p.quantity.kind == "values" else count)(persons, p) for p in parts_of(spec, KEYS)
    }
    return measure_all(spec, KEYS, counts, source)


def shown(persons: list[Person], spec: TableSpec, source: NoiseSource = no_noise) -> dict[str, ProtectedMeasure]:
    assert isinstance(spec.protection, Noise)
    return noisy_measures(drawn(persons, spec, source), spec, KEYS, noise=spec.protection, populations={}, signed=())


@given(st.lists(st.integers(-100, 6000), min_size=1), st.sets(st.integers(-50, 5000), min_size=2, max_size=9))
def test_an_amount_counts_at_the_nearest_candidate_and_of_two_at_the_larger(amounts: list[int], some: set[int]) -> None:
    candidates = tuple(sorted(some))
    found = value_class(np.array(amounts, dtype=np.int64), candidates).tolist()
    assert found == [nearest(a, candidates) for a in amounts]
    assert value_class(np.array([-6, -5, 5, 15, 16]), (-10, 0, 10, 20)).tolist() == [0, 1, 2, 3, 3]


@pytest.mark.parametrize("many", [2, 3, 4, 5, 16, 17, 121, 999, 1000])
def test_every_candidate_has_a_class_and_groups_are_about_as_many_as_their_classes(many: int) -> None:
    outer, inner = (len(c.codes) for c in value_columns(tuple(range(many))))
    assert (outer - 1) * inner < many <= outer * inner
    assert 2 <= inner <= many**0.5 + 2 or many < 4


def test_with_nothing_added_the_quantiles_are_those_of_the_amounts_at_every_level_and_total() -> None:
    """Budget to infinity: the exact counts come back, least squares and all, and what is read is the true quantile."""
    for seed in range(8):
        persons, spec = people(seed, 60), spec_of()
        measured = drawn(persons, spec)
        for part in parts_of(spec, KEYS):
            if part.quantity.kind == "values":
                made = estimate(measured[part.name])
                found = find_quantiles(made.values, made.variances, candidates=len(CANDIDATES), q=Fraction(1, 2))
                assert found.value.shape == part.keys.shape[:-2]
        for m, q in (("median", Fraction(1, 2)), ("low", Fraction(1, 4))):
            assert (shown(persons, spec)[m].values == true_quantiles(persons, KEYS, CANDIDATES, q)).all()


def test_a_median_of_one_half_is_the_lower_of_two_middle_amounts() -> None:
    persons = [Person(0, (0,), {(0,): (1, a)}) for a in (0, 10, 1000, 4000)]
    assert shown(persons, spec_of())["median"].values[0, 2, 3] == 10


def test_a_total_over_categories_is_of_what_a_person_has_in_all_of_them() -> None:
    persons = [Person(0, (0,), {(0,): (1, 10), (1,): (1, 990)})] * 3
    median = shown(persons, spec_of())["median"].values
    assert median[0, 0].tolist() == [10, 1000, -20, 1000]


def test_parts_keep_each_set_of_case_categories_and_spend_the_quantile_rho_exactly() -> None:
    rho = Fraction(12_345_679, 10**9)
    parts = [p for p in parts_of(spec_of(median_of(CANDIDATES, rho)), KEYS) if p.quantity.kind == "values"]
    assert [p.name for p in parts] == ["t/median/benefit", "t/median/TOT"]
    assert sum(p.rho_units for p in parts) == rho_units(rho) == 12_345_679
    for part in parts:
        assert plan_of(part, terms()).rho_units == part.rho_units
        assert [c.id for c in part.keys.columns[-2:]] == ["(value group)", "(value in group)"]


def test_a_second_level_of_an_amount_costs_nothing() -> None:
    one, both = (parts_of(spec_of(*m), KEYS) for m in ((median_of(CANDIDATES),), (median_of(CANDIDATES), QUARTILE)))
    assert [(p.name, p.rho_units) for p in one] == [(p.name, p.rho_units) for p in both]
    assert spec_of().rho == terms().rho + Fraction(1, 10)


@pytest.mark.parametrize(("cells", "several"), [(1, 1), (2, 2), (3, 3), (9, 3)])
def test_a_person_is_charged_for_one_class_in_each_of_k_cells_and_in_one_where_categories_are_dropped(
    cells: int, several: int
) -> None:
    noise = terms(bound=ContributionBound(cells, "last"))
    by_benefit, total = parts_of(spec_of(noise=noise), KEYS)[1:]
    assert {g.squared_sensitivity for g in plan_of(by_benefit, noise).groups} == {several}
    assert {g.squared_sensitivity for g in plan_of(total, noise).groups} == {1}


def test_the_worst_person_changes_every_group_by_no_more_than_its_claimed_distance() -> None:
    persons = people(3, 30)
    worst = Person(1, (1,), {(0,): (1, 10), (2,): (1, 4000)})
    spec = spec_of()
    seen = set()
    with_all, without = drawn([*persons, worst], spec), drawn(persons, spec)
    for name, measured in with_all.items():
        for more, less in zip(measured.groups, without[name].groups, strict=True):
            changed = np.abs(more.values - less.values)
            assert (changed**2).sum() <= more.group.squared_sensitivity
            if name != "t/n":
                assert changed.max() <= 1
                seen.add((name, int(changed.sum()), more.group.squared_sensitivity))
    assert seen == {("t/median/benefit", 2, 2), ("t/median/TOT", 1, 1)}


@pytest.mark.parametrize("candidates", [5, 6])
def test_the_error_of_a_score_is_that_of_its_weights_and_the_covariance(candidates: int) -> None:
    """Two groups of three classes and their totals, whose covariance is written out; places beyond have no weight."""
    mean, rest, q = 2.0, 5.0, Fraction(3, 10)
    inside = mean * np.ones((3, 3)) / 3 + rest * (np.eye(3) - np.ones((3, 3)) / 3)
    covariance = np.kron(np.eye(2), inside)
    variances = np.array([[*np.diag(inside), 3 * mean]] * 2)
    values = np.arange(8.0).reshape(2, 4)
    scores, errors = module._scores(values[None], variances[None], candidates, q)
    flat = values[:, :3].ravel()
    for last in range(candidates - 1):
        weights = np.array([(0.7 if i <= last else -0.3) * (i < candidates) for i in range(6)])
        assert scores[0, last] == pytest.approx(weights @ flat)
        assert errors[0, last] == pytest.approx(np.sqrt(weights @ covariance @ weights))
    number = np.array([[1.0 * (i < candidates) for i in range(6)]])
    assert module._errors(variances[None], number)[0, 0] == pytest.approx(np.sqrt(number @ covariance @ number.T))


def test_classes_with_errors_of_different_size_are_refused() -> None:
    variances = np.array([[1.0, 1.0, 1.01, 3.0]])
    with pytest.raises(ValueError, match="errors of different size"):
        find_quantiles(np.full((1, 4), 9.0), variances, candidates=3, q=Fraction(1, 2))


def test_the_claimed_errors_of_scores_are_those_of_many_draws() -> None:
    """At every cell, with the areas and totals that least squares ties together."""
    persons, spec = people(5, 40), spec_of(median_of(CANDIDATES))
    part = parts_of(spec, KEYS)[1]
    rng, many = np.random.default_rng(11), 300

    def scores(source: NoiseSource) -> tuple[np.ndarray, np.ndarray]:
        found = estimate(drawn(persons, spec, source)[part.name])
        shape = (-1, *found.values.shape[-2:])
        return module._scores(found.values.reshape(shape), found.variances.reshape(shape), 7, Fraction(1, 2))

    truth, errors = scores(no_noise)
    off = np.array([(scores(seeded(rng))[0] - truth) / errors for _ in range(many)])
    assert np.abs(off.mean(axis=0)).max() < 6 / np.sqrt(many)
    assert np.abs((off**2).mean(axis=0) - 1).max() < 6 * np.sqrt(2 / many)


def test_the_interval_is_all_candidates_that_two_tests_leave_and_reaches_the_value() -> None:
    """One group of four classes whose errors are independent of variance 1: S is -2, 1.9 and 2.1 by hand."""
    classes = np.array([3.0, 3.9, 0.2, 2.9])
    values, variances = np.array([[*classes, classes.sum()]]), np.array([[1.0] * 4 + [4.0]])
    for factor, expected in ((1.2, (1, 0, 3, False)), (1.0, (1, 1, 2, True)), (0.9, (1, 1, 1, True))):
        found = find_quantiles(values, factor * variances, candidates=4, q=Fraction(1, 2))
        assert (found.value, found.lower, found.upper, found.known) == expected


@pytest.mark.parametrize(("persons", "known"), [(-900.0, False), (7.9, False), (8.1, True)])
def test_where_fewer_persons_than_four_of_their_standard_errors_are_estimated_no_quantile_is_known(
    persons: float, known: bool
) -> None:
    """Four classes of variance 1: the standard error of all is 2."""
    values, variances = np.array([[0.0, persons, 0.0, 0.0, persons]]), np.array([[1.0, 1.0, 1.0, 1.0, 4.0]])
    assert find_quantiles(values, variances, candidates=4, q=Fraction(1, 2)).known == known


def test_cells_that_are_wide_are_marked_and_those_of_which_nothing_is_known_show_no_number() -> None:
    persons = [Person(0, (0,), {(0,): (1, a)}) for a in (900, 1000, 4000) for _ in range(100)]
    spec = spec_of(median_of(CANDIDATES), noise=terms(rho=Fraction(1), uncertain_cv=Fraction(1, 10)))
    made = shown(persons, spec)["median"]
    assert made.numbered is not None
    assert made.status[0, 2, 3] == CellStatus.PUBLISHED
    empty = made.status[2]
    assert (empty == CellStatus.UNCERTAIN).all()
    assert not made.numbered[2].any()


def test_the_noisy_count_withholds_the_quantile_too() -> None:
    persons = [Person(0, (0,), {(0,): (1, 1000)}) for _ in range(100)]
    spec = spec_of(noise=terms(withhold_below=Fraction(5)))
    made = shown(persons, spec)
    for m in ("median", "low"):
        assert ((made[m].status == CellStatus.SUPPRESSED) == (made["n"].status == CellStatus.SUPPRESSED)).all()
        assert made[m].status[2, 0, 0] == CellStatus.SUPPRESSED
    all_ = shown(persons, spec_of(noise=terms(withhold_below=Fraction(10**6))))["median"]
    assert (all_.status == CellStatus.SUPPRESSED).all()
    assert all_.numbered is not None
    assert not all_.numbered.any()


@settings(max_examples=300)
@given(st.lists(st.floats(-9, 9), min_size=6, max_size=6), st.integers(4, 6), st.sampled_from([0.1, 0.5, 0.9]))
def test_whatever_the_noise_the_estimate_lies_in_its_interval(
    classes: list[float], candidates: int, q: float
) -> None:
    values = np.array([[*classes[:3], sum(classes[:3])], [*classes[3:], sum(classes[3:])]])
    found = find_quantiles(values, np.full((2, 4), 1.0), candidates=candidates, q=Fraction(str(q)))
    assert 0 <= found.lower <= found.value <= found.upper < candidates


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_what_is_published_is_a_candidate_in_its_interval_and_levels_are_in_order(seed: int) -> None:
    spec = spec_of(noise=terms(rho=Fraction(1, 100)))
    made = shown(people(seed, 200), spec, seeded(np.random.default_rng(seed)))
    low, median = made["low"], made["median"]
    assert low.numbered is not None
    assert median.numbered is not None
    for m in (low, median):
        assert m.lower is not None
        assert m.upper is not None
        assert set(m.values[m.numbered].tolist()) <= set(CANDIDATES)
        assert ((m.lower <= m.values) & (m.values <= m.upper))[m.numbered].all()
    assert (low.values <= median.values)[low.numbered & median.numbered].all()


def test_blocks_of_cells_give_what_all_cells_together_give(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_of()
    whole = shown(people(1, 200), spec, seeded(np.random.default_rng(1)))["median"].values
    monkeypatch.setattr(module, "_BLOCK", 30)
    assert (shown(people(1, 200), spec, seeded(np.random.default_rng(1)))["median"].values == whole).all()


def test_a_part_without_a_rho_or_a_level_is_refused() -> None:
    spec = spec_of()
    broken = replace(spec, measures=(COUNT, median_of(CANDIDATES)))
    object.__setattr__(broken.measures[1], "rho", None)
    with pytest.raises(PolicyError, match="needs a rho under noise"):
        parts_of(broken, KEYS)
    plain = spec_of(median_of(CANDIDATES))
    measured = drawn(people(0, 5), plain)
    object.__setattr__(plain.measures[1], "q", None)
    exact = estimates(measured, plain, KEYS, kind=EstimateKind.UNBIASED, signed=())["n"]
    with pytest.raises(PolicyError, match="needs a level q"):
        quantiles(measured, plain, KEYS, noise=terms(), count=exact)


@pytest.mark.parametrize(
    ("quantity", "message"),
    [
        ({"most": 2}, "just one"), ({"candidates": ()}, "candidates belong to values"),
        ({"amount": ""}, "an amount belongs"), ({"candidates": (3, 3)}, "rise strictly"),
        ({"kind": "persons", "amount": ""}, "candidates belong to values"),
    ],
)  # fmt: skip
def test_what_is_no_quantity_of_values_is_refused(quantity: dict[str, object], message: str) -> None:
    good: dict[str, object] = {"kind": "values", "most": 1, "amount": "amount", "candidates": CANDIDATES}
    Quantity(**good)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=message):
        Quantity(**(good | quantity))  # type: ignore[arg-type]
