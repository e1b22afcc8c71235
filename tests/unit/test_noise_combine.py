"""From measured parts to a table's measures: without noise they are the exact bounded table, with it the error bars are
those of the parts put together, and every measure of a cell is shown or not by the same rules."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from noisetables import Person, count, measure_all, no_noise, seeded, sum_of, table_of, terms

from publisher.draft.noisy import noise_facts, noisy_measures
from publisher.draft.tables import ProtectedMeasure
from publisher.errors import PolicyError
from publisher.noise.combine import estimates as estimates_of
from publisher.noise.combine import expected_variances
from publisher.noise.measurement import Measurement
from publisher.noise.parts import parts_of
from publisher.noise.postprocess import Estimate
from publisher.noise.workloads import workloads
from publisher.policy.model import Clamp, ContributionBound, EstimateKind, MeasureSpec, Noise, TableSpec
from publisher.relations import AreaLevel, Column, KeySet
from publisher.release.model import CellStatus, NoiseFacts

S = CellStatus
LEAVES = ("a", "b", "c", "d")
LEVELS = (
    AreaLevel("riket", ("00",), np.array([0, 0, 0, 0])),
    AreaLevel("regso", ("a", "b", "c"), np.array([0, 1, 2, -1])),
    AreaLevel("area_type", ("T1", "T2"), np.array([0, 1, 0, -1])),
)
SEX = Column("sex", ("m", "w"), True)
BENEFIT = Column("benefit", ("p", "q", "r"), False)
FORM = Column("form", ("x", "y"), False)
KEYS = KeySet(LEAVES, LEVELS, (BENEFIT, SEX, FORM), (True, True, False))
CLAMP = Clamp("benefit", (("p", 1024), ("q", 64), ("r", 2**15)))
BOUND = ContributionBound(3, "last", per_cell=2)


def people(n: int = 60, seed: int = 4, least: int = -40000) -> list[Person]:
    """Bounded persons; amounts are multiples of a unit, so that nothing is lost by rounding to units."""
    rng = np.random.default_rng(seed)
    combinations = list(product(range(3), range(2)))
    out = []
    for _ in range(n):
        held = rng.permutation(6)[: rng.integers(1, 4)]
        adds = {combinations[k]: (int(rng.integers(1, 4)), int(rng.integers(least, 40000))) for k in held}
        out.append(Person(int(rng.integers(4)), (int(rng.integers(2)),), adds))
    return out


SIGNED = frozenset({"amount"})
WHOLE = EstimateKind.NON_NEGATIVE_INTEGERS


def estimates(
    measured: Mapping[str, Measurement], spec: TableSpec, keys: KeySet, kind: EstimateKind = EstimateKind.UNBIASED
) -> dict[str, Estimate]:
    return estimates_of(measured, spec, keys, kind=kind, signed=SIGNED)


def spec_of(kind: str, *more: MeasureSpec, noise: Noise | None = None) -> TableSpec:
    return table_of(KEYS, [MeasureSpec("n", kind), *more], noise or terms(bound=BOUND))


def facts_of(spec: TableSpec, keys: KeySet) -> NoiseFacts:
    return noise_facts(spec, workloads([(spec,)], lambda _: keys)[0])


def counts_of(spec: TableSpec, persons: list[Person]) -> Mapping[str, np.ndarray]:
    return {p.name: count(persons, p) for p in parts_of(spec, KEYS)}


def expected(spec: TableSpec, persons: list[Person]) -> Mapping[str, np.ndarray]:
    """The bounded table, cell by cell and person by person."""
    out = {m.id: np.zeros(KEYS.shape) for m in (spec.count, *spec.sums)}
    rows = [(k, v) for v in LEVELS for k in range(len(v.codes))]
    for cell in np.ndindex(*KEYS.shape):
        number, level = rows[cell[0]]
        for person in persons:
            if level.member[person.leaf] != number or cell[2] not in (person.own[0], 2):
                continue
            inside = [v for (b, f), v in _adds(person) if cell[1] in (b, 3) and cell[3] == f]
            kind = spec.count.kind
            numbers = [1 if kind.startswith("persons") else min(n, 2) for n, _ in inside]
            out["n"][cell] += bool(inside) if kind == "persons_distinct" else sum(numbers)
            for m in spec.sums:
                out[m.id][cell] += sum(a for _, a in inside)
    return out


def _adds(person: Person) -> list[tuple[tuple[int, int], tuple[int, float]]]:
    """Each combination with its number and its amount, clamped by benefit."""
    limits = [bound for _, bound in CLAMP.bounds]
    return [(c, (n, max(-limits[c[0]], min(limits[c[0]], a)))) for c, (n, a) in person.adds.items()]


@pytest.mark.parametrize("kind", ["cases", "events", "persons", "persons_distinct"])
def test_without_noise_every_measure_is_the_exact_bounded_table(kind: str) -> None:
    noise = terms(bound=replace(BOUND, per_cell=1 if kind.startswith("persons") else 2))
    spec, persons = spec_of(kind, sum_of(CLAMP), noise=noise), people()
    for shown in EstimateKind:
        found = estimates(measure_all(spec, KEYS, counts_of(spec, persons), no_noise), spec, KEYS, shown)
        assert found.keys() == {"n", "amount"}
        for measure, truth in expected(spec, persons).items():
            assert np.allclose(found[measure].centre, truth, atol=1e-5)
            assert (found[measure].values == np.rint(truth)).all()


def test_sums_with_one_clamp_keep_all_their_measured_totals() -> None:
    spec = spec_of("cases", sum_of(Clamp("", (("", 2**15),))))
    persons = people()
    found = estimates(measure_all(spec, KEYS, counts_of(spec, persons), no_noise), spec, KEYS)["amount"]
    leaf_sum = counts_of(spec, persons)["t/amount"].sum() * 2**15 / 2**20
    nation = found.values[0, 3, 2].sum()
    assert nation == pytest.approx(leaf_sum, abs=len(LEAVES) * 6 / 2)  # each atom and combination is rounded


@pytest.mark.parametrize("kind", ["cases", "persons_distinct"])
def test_the_error_bars_are_the_spread_of_many_draws(kind: str) -> None:
    """250 draws: the observed variance of each cell is within 6 of its standard deviations of the claimed one."""
    noise = terms(bound=replace(BOUND, per_cell=1), rho=Fraction(1, 50))
    spec, draws = spec_of(kind, sum_of(CLAMP), noise=noise), 250
    counts, source = counts_of(spec, people()), seeded(np.random.default_rng(7))
    found = [estimates(measure_all(spec, KEYS, counts, source), spec, KEYS) for _ in range(draws)]
    planned = expected_variances(spec, KEYS, noise)
    for measure in ("n", "amount"):
        values = np.array([f[measure].centre for f in found])
        claimed = found[0][measure].variances
        assert np.allclose(claimed, planned[measure], rtol=1e-6)
        assert np.abs(values.var(axis=0, ddof=1) / claimed - 1).max() < 6 * np.sqrt(2 / draws)


def test_totals_of_a_sum_over_the_clamps_column_add_up_and_so_do_their_variances() -> None:
    spec = spec_of("cases", sum_of(CLAMP))
    source = seeded(np.random.default_rng(3))
    found = estimates(measure_all(spec, KEYS, counts_of(spec, people()), source), spec, KEYS)["amount"]
    assert np.allclose(found.values[:, :3].sum(axis=1), found.values[:, 3])
    assert np.allclose(found.variances[:, :3].sum(axis=1), found.variances[:, 3])
    errors = np.sqrt(found.variances[0, :3, 2, 0])
    assert np.allclose(errors / errors[0], np.array([1024, 64, 2**15]) / 1024)


def test_distinct_persons_add_up_over_areas_and_personal_columns_but_not_over_benefits() -> None:
    spec = spec_of("persons_distinct")
    source = seeded(np.random.default_rng(3))
    values = estimates(measure_all(spec, KEYS, counts_of(spec, people()), source), spec, KEYS)["n"].values
    assert (values[:, :, :2].sum(axis=2) == values[:, :, 2]).all()
    assert (values[1, 0] + values[3, 0] == values[4, 0]).all()
    assert not np.allclose(values[:, :3].sum(axis=1), values[:, 3])


def test_what_was_measured_must_be_the_parts_of_the_table() -> None:
    spec = spec_of("persons_distinct")
    measured = measure_all(spec, KEYS, counts_of(spec, people()), no_noise)
    for wrong in ({}, dict(list(measured.items())[1:]), {**measured, "t/other": next(iter(measured.values()))}):
        with pytest.raises(PolicyError, match="not what its parts are"):
            estimates(wrong, spec, KEYS)


MEASURES = (
    sum_of(CLAMP, decimals=1),
    MeasureSpec("mean", "mean", of="amount", decimals=2),
    MeasureSpec("share", "share", of="n", within="benefit", per=100, decimals=1),
    MeasureSpec("rate", "rate", of="n", denominator="pop", per=1000, decimals=1),
    MeasureSpec("per-head", "rate", of="amount", denominator="pop", decimals=1),
)


def published(noise: Noise, persons: list[Person], source: object = no_noise) -> dict[str, ProtectedMeasure]:
    spec = spec_of("cases", *MEASURES, noise=noise)
    measured = measure_all(spec, KEYS, counts_of(spec, persons), source)  # type: ignore[arg-type]
    people_ = np.full(KEYS.shape, 1000)
    people_[-1] = 0
    return noisy_measures(measured, spec, KEYS, noise=noise, populations={"pop": people_}, signed=SIGNED)


GENEROUS = terms(bound=BOUND, rho=Fraction(1), uncertain_cv=Fraction(10))


def test_every_measure_of_a_table_is_there_and_derived_ones_are_ratios_of_what_is_published() -> None:
    found = published(GENEROUS, people(4000))
    assert list(found) == ["n", "amount", "mean", "share", "rate", "per-head"]
    n, amount = found["n"].values, found["amount"].values
    everywhere = found["mean"].numbered
    assert everywhere is not None
    assert everywhere.all()
    assert np.allclose(found["mean"].values / 100, amount / 10 / n, atol=0.006)
    assert np.allclose(found["share"].values / 10, 100 * n / n[:, 3:], atol=0.06)
    assert np.allclose(found["rate"].values[:-1] / 10, n[:-1], atol=0.06)
    assert np.allclose(found["per-head"].values[:-1] / 10, amount[:-1] / 10 / 1000, atol=0.06)
    assert (found["rate"].status[-1] == S.NOT_APPLICABLE).all()
    assert (found["per-head"].status[-1] == S.NOT_APPLICABLE).all()


def test_intervals_of_sums_reach_below_nothing_and_those_of_counts_do_not() -> None:
    found = published(GENEROUS, people(400))
    amount, n = found["amount"], found["n"]
    assert amount.lower is not None
    assert n.lower is not None
    assert (amount.values < 0).any()
    assert (amount.lower < amount.values).all()
    assert (n.lower >= np.minimum(n.values, 0)).all()


def test_a_cell_with_a_small_noisy_count_is_withheld_in_every_measure_and_in_shares_of_it() -> None:
    found = published(replace(GENEROUS, withhold_below=Fraction(150)), people(800))
    withheld = found["n"].status == S.SUPPRESSED
    assert 0 < withheld.sum() < withheld.size
    for measure in ("amount", "mean"):
        assert ((found[measure].status == S.SUPPRESSED) == withheld).all()
    there = np.s_[:-1]
    for measure in ("rate", "per-head"):
        assert ((found[measure].status[there] == S.SUPPRESSED) == withheld[there]).all()
    in_total = np.broadcast_to(withheld[:, 3:], withheld.shape)
    assert ((found["share"].status == S.SUPPRESSED) == (withheld | in_total)).all()
    for measure in found.values():
        assert measure.numbered is not None
        assert not measure.numbered[measure.status == S.SUPPRESSED].any()


def test_a_measure_is_uncertain_where_a_part_of_it_is() -> None:
    noise = replace(GENEROUS, uncertain_cv=Fraction(2, 10), rho=Fraction(1, 10))
    found = published(noise, people(800, least=0), seeded(np.random.default_rng(5)))
    count, amount = (found[m].status == S.UNCERTAIN for m in ("n", "amount"))
    assert 0 < count.sum() < count.size
    assert 0 < amount.sum() < amount.size
    assert ((found["mean"].status == S.UNCERTAIN) >= (count | amount)).all()
    assert ((found["share"].status == S.UNCERTAIN) >= (count | count[:, 3:])).all()
    assert ((found["rate"].status == S.UNCERTAIN) == count)[:-1].all()
    assert ((found["per-head"].status == S.UNCERTAIN) == amount)[:-1].all()


def test_the_facts_state_all_the_rho_and_what_is_bounded() -> None:
    noise = terms(bound=BOUND, rho=Fraction("0.02"), withhold_below=Fraction(5))
    facts = facts_of(spec_of("cases", *MEASURES, noise=noise), KEYS)
    assert facts.rho == "0.12"
    assert facts.bound.en == (
        "at most 2 cases in each of 3 combinations of categories a person and period, in one area (the latest); "
        "amount: at most 1024 (p), 64 (q), 32768 (r) a person in each of them"
    )
    assert "small estimates are not shown" in facts.postprocessing.en
    assert "ratios of two estimates" in facts.postprocessing.en


def test_the_facts_state_how_far_one_person_moves_what_is_measured_and_what_each_measure_costs() -> None:
    """Three combinations of benefit and form with two cases in each; without benefit all three lie in one cell."""
    noise = terms(bound=BOUND, rho=Fraction("0.02"))
    facts = facts_of(spec_of("cases", *MEASURES, noise=noise), KEYS)
    assert facts.measured == (("n", "0.02"), ("amount", "0.1"))
    assert facts.sensitivity is not None
    assert facts.sensitivity.en.endswith("categories: n: √12 to 6; amount: √3 times the bound of the amount")
    assert facts.sensitivity.sv.endswith("kategorier: n: √12 till 6; amount: √3 gånger beloppets gräns")
    distinct = facts_of(spec_of("persons_distinct", noise=noise), KEYS)
    assert distinct.measured == (("n", "0.02"),)
    assert distinct.sensitivity is not None
    assert distinct.sensitivity.en.endswith("n: √2 to √3")


def test_the_facts_of_distinct_persons_say_where_parts_add_up() -> None:
    noise = terms(bound=replace(BOUND, per_cell=1))
    facts = facts_of(spec_of("persons_distinct", noise=noise), KEYS)
    assert facts.bound.en == "at most 3 a person and period, in one area (the latest)"
    assert "over areas and the person's own categories" in facts.postprocessing.en
    assert "not shown" not in facts.postprocessing.en
    only = KeySet(LEAVES, LEVELS, (SEX,), (True,))
    facts = facts_of(table_of(only, [MeasureSpec("n", "persons")], noise), only)
    assert facts.bound.en.startswith("at most 1 a person")


def sparse_people() -> list[Person]:
    """Mostly alone in their area, so that noise alone would break what ties different persons."""
    rng = np.random.default_rng(8)
    combinations = list(product(range(3), range(2)))
    return [
        Person(int(rng.integers(4)), (int(rng.integers(2)),), {combinations[k]: (1, 0) for k in rng.permutation(6)[:2]})
        for _ in range(12)
    ]


def test_different_persons_as_integers_are_no_fewer_than_in_any_category_and_no_more_than_in_all_together() -> None:
    """At every area, over each of two case categories; the unbiased estimates break it."""
    both = KeySet(LEAVES, LEVELS, (BENEFIT, SEX, FORM), (True, True, True))
    noise = terms(bound=replace(BOUND, per_cell=1))
    spec = table_of(both, [MeasureSpec("n", "persons_distinct")], noise)
    counts = {p.name: count(sparse_people(), p) for p in parts_of(spec, both)}
    broken = 0
    for seed in range(10):
        measured = measure_all(spec, both, counts, seeded(np.random.default_rng(seed)))
        for axis, codes in ((1, 3), (3, 2)):
            values = np.moveaxis(estimates(measured, spec, both, WHOLE)["n"].values, axis, -1)
            assert (values[..., :codes].max(axis=-1) <= values[..., codes]).all()
            assert (values[..., codes] <= values[..., :codes].sum(axis=-1)).all()
            plain = np.moveaxis(estimates(measured, spec, both)["n"].values, axis, -1)
            broken += int((plain[..., :codes].max(axis=-1) > plain[..., codes]).sum())
    assert broken > 0
