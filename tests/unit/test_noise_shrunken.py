"""Shrunken estimates: what they are made of, what they leave alone, and what is said of them."""

from collections.abc import Mapping
from dataclasses import replace

import alikeareas
import numpy as np
import pytest
from alikeareas import CELLS, KEYS, LEVELS, SHRUNKEN, SIZES, UNBIASED, WHOLE, alike, measured, population, shown, table
from noisetables import measure_all, seeded, sum_of, table_of

from publisher.draft import notes
from publisher.draft.noisy import noise_facts, workload_measures
from publisher.noise import shrinkage
from publisher.noise.combine import estimates
from publisher.noise.measurement import Measurement
from publisher.noise.nonnegative import nonnegative
from publisher.noise.parts import parts_of
from publisher.noise.postprocess import _MINT, Unbiased, estimate
from publisher.noise.publish import protect
from publisher.noise.shrinkage import shrunken
from publisher.noise.workloads import Workload, workloads
from publisher.policy.model import Clamp, MeasureSpec, TableSpec
from publisher.relations import AreaLevel, Column, IntArray, KeySet, fill_totals

COUNTS = alike(np.random.default_rng(3))


def one_draw(counts: IntArray = COUNTS) -> Mapping[str, Measurement]:
    return measured(counts, table(), 1)[0]


def unbiased(counts: IntArray = COUNTS) -> Unbiased:
    (one,) = one_draw(counts).values()
    return estimate(one)


def test_areas_that_are_alike_are_drawn_together_and_the_same_twice() -> None:
    first, second = (shown(one_draw(), SHRUNKEN, table()) for _ in range(2))
    whole, truth = shown(one_draw(), WHOLE, table()), fill_totals(COUNTS, KEYS)
    assert first.kind is SHRUNKEN
    assert first.values.tobytes() == second.values.tobytes()
    rows = slice(81, 81 + alikeareas.LEAVES)
    error, before = (np.sqrt(((e.values - truth)[rows, :6] ** 2).mean()) for e in (first, whole))
    assert error < 0.8 * before


def test_all_that_is_used_is_what_was_measured() -> None:
    """The same noisy numbers of two countries that have nothing in common give the same table."""
    drawn: list[IntArray] = []
    noise = seeded(np.random.default_rng(2))

    def first(exact: IntArray, scale: float) -> IntArray:
        drawn.append(noise(exact, scale))
        return drawn[-1]

    spec = table()
    (part,) = parts_of(spec, KEYS)
    one = measure_all(spec, KEYS, {part.name: COUNTS}, first)
    again = iter(drawn)
    other = measure_all(spec, KEYS, {part.name: COUNTS[::-1] * 7}, lambda exact, scale: next(again))
    assert shown(one, SHRUNKEN, spec).values.tobytes() == shown(other, SHRUNKEN, spec).values.tobytes()


def test_less_noise_draws_less_and_without_noise_the_truth_remains() -> None:
    found, truth = unbiased(), COUNTS[np.lexsort([m.member for m in reversed(KEYS.levels)])].astype(float)
    apart = []
    for factor in (1.0, 1e-2, 1e-10):
        atoms = truth + (found.atoms - truth) * factor**0.5
        less = Unbiased(_MINT, KEYS, found.system, atoms, found.variances * factor, found.precisions / factor)
        apart.append(np.sqrt(((shrunken(less) - truth) ** 2).mean()))
    assert apart[0] > 5 * apart[1]
    assert apart[2] < 1e-3


def test_few_areas_tell_too_little_and_stay_as_they_are() -> None:
    """A table of nation, counties of which there are 8, and 5 types: the non-negative estimate."""
    member = np.arange(alikeareas.LEAVES)
    levels = (KEYS.levels[0], AreaLevel("lan", tuple(f"{k + 1:02}" for k in range(8)), member // 45), KEYS.levels[4])
    keys = replace(KEYS, levels=levels)
    one = measured(COUNTS, table(), 1, key_set=keys)[0]
    (found,) = (estimate(m) for m in one.values())
    assert np.allclose(shrunken(found), nonnegative(found), atol=0.05)


def areas_of(own: np.ndarray) -> shrinkage._Areas:
    """Areas of one level that are all expected to have 10, with noise of variance 4 and no bounds."""
    return shrinkage._Areas(
        expected=np.full(own.shape, 10.0), apart=own, moved=np.zeros(own.shape), variance=np.full((len(own), 1), 4.0),
        passed=np.ones(own.shape), shared=np.zeros(own.shape), drawable=np.ones((len(own), 1)),
    )  # fmt: skip


def test_the_trial_that_is_kept_is_the_one_of_least_estimated_risk() -> None:
    """Two codes of 200 areas: in one areas are alike, in the other they differ by far more than the noise."""
    rng = np.random.default_rng(1)
    truth = np.stack([np.zeros(200), rng.normal(0, 40, 200)], axis=1)
    noise = rng.normal(0, 2, truth.shape)
    left = truth + noise + areas_of(truth + noise).drawn().shift - truth
    before, after = (noise**2).mean(axis=0), (left**2).mean(axis=0)
    assert after[0] < 0.1 * before[0]
    assert after[1] < 1.02 * before[1]


def test_an_odd_area_among_areas_that_are_alike_follows_them_by_two_standard_errors_and_no_more() -> None:
    own = np.random.default_rng(1).normal(0, 2, (200, 1))
    own[7] = 30
    drawn = areas_of(own).drawn().shift
    assert drawn[7] == -4
    assert np.abs(drawn + own)[:7].max() < np.abs(own)[:7].max()


def test_an_odd_area_of_a_table_stays_odd() -> None:
    """One area has 300 of what all others have none or one of: 3.04 standard errors in all, over all steps."""
    counts = COUNTS.copy()
    counts[:, 5] = np.arange(alikeareas.LEAVES) % 2
    counts[100, 5] = 300
    found = [shown(one, SHRUNKEN, table()) for one in measured(counts, table(), 10)]
    assert np.mean([f.values[181, 5] for f in found]) > 300 - 3.2 * np.sqrt(found[0].variances[181, 5])


def with_unstated() -> KeySet:
    """The last area of each municipality is where none is stated."""
    codes = [f"{code[:-1]}X" if k % 6 == 5 else code for k, code in enumerate(KEYS.leaves)]
    levels = tuple(replace(v, codes=tuple(codes)) if v.level == "regso" else v for v in KEYS.levels)
    return KeySet(tuple(codes), levels, KEYS.columns, KEYS.totals)


@pytest.mark.parametrize("by_population", [False, True])
@pytest.mark.parametrize("there", [0, 40])
def test_where_no_area_is_stated_nothing_is_drawn(there: int, by_population: bool) -> None:
    """Those places have no population, and need not be like the areas beside them: nobody at all, or more than there
    are elsewhere."""
    keys, counts = with_unstated(), COUNTS.copy()
    counts[5::6] = there
    people = population(keys).copy() if by_population else None
    if people is not None:
        people[81 : 81 + alikeareas.LEAVES][5::6] = 0
    means = {SHRUNKEN: 0.0, WHOLE: 0.0}
    for one in measured(counts, table(LEVELS), 4, key_set=keys):
        for kind in means:
            values = shown(one, kind, table(LEVELS), people, key_set=keys).values
            means[kind] += float(values[81 : 81 + alikeareas.LEAVES][5::6, :6].mean()) / 4
    assert abs(means[SHRUNKEN] - means[WHOLE]) < 1


def test_sizes_are_those_of_the_population_and_of_its_parts() -> None:
    """Areas with nothing but their size in common: with their population they are nearly known."""
    counts = np.random.default_rng(1).poisson(0.03 * SIZES[:, None] * np.array([0.4, 0.2, 0.2, 0.1, 0.06, 0.04]))
    truth, rows = fill_totals(counts, KEYS), slice(81, 81 + alikeareas.LEAVES)
    spec = table(LEVELS)
    (one,) = measured(counts, spec, 1)
    plain, sized = (shown(one, SHRUNKEN, spec, people).values for people in (None, population()))
    assert np.square(sized - truth)[rows, 6].mean() < 0.5 * np.square(plain - truth)[rows, 6].mean()


def test_a_population_that_is_split_by_sex_gives_each_sex_its_own_size() -> None:
    keys = alikeareas.keys((alikeareas.BENEFIT, Column("sex", ("m", "w"), True)))
    men = np.random.default_rng(5).integers(10, 90, alikeareas.LEAVES) / 100
    by_sex = np.round(np.stack([SIZES * men, SIZES * (1 - men)], axis=1)).astype(np.int64)
    people = np.broadcast_to(
        fill_totals(by_sex, replace(keys, columns=keys.columns[1:], totals=(True,)))[:, None], keys.shape
    )
    shares = np.array([0.4, 0.2, 0.2, 0.1, 0.06, 0.04])
    counts = np.random.default_rng(1).poisson(0.03 * by_sex[:, None] * shares[:, None])
    truth, spec = fill_totals(counts, keys), table_of(keys, [MeasureSpec("n", "persons")], CELLS)
    (part,) = parts_of(spec, keys)
    one = measure_all(spec, keys, {part.name: counts}, seeded(np.random.default_rng(1)))
    rows = slice(81, 81 + alikeareas.LEAVES)
    plain, sized = (
        np.square(shown(one, SHRUNKEN, spec, people, keys).values - truth)[rows, 6, :2].mean()
        for people in (np.broadcast_to(people[:, :, 2:], keys.shape), people)
    )
    assert sized < 0.8 * plain


def test_a_population_that_counts_nobody_in_a_code_or_nobody_at_all_tells_nothing() -> None:
    (one,) = measured(COUNTS, table(), 1)
    for people in (population() * (np.arange(7) != 2), population() * 0):
        values = shown(one, SHRUNKEN, table(), people).values
        assert values.min() >= 0
        assert abs(values[0] - shown(one, WHOLE, table()).values[0]).max() < 40
    assert (values == shown(one, WHOLE, table()).values).mean() > 0.9  # no area has a size, so that none is drawn


def test_sums_that_may_be_negative_stay_unbiased() -> None:
    clamp = Clamp("benefit", tuple((code, 1000) for code in "abcdef"))
    spec = table_of(KEYS, [MeasureSpec("n", "persons"), sum_of(clamp)], CELLS)
    counts = {p.name: COUNTS * (1 if p.measure == "n" else 1000) for p in parts_of(spec, KEYS)}
    one = measure_all(spec, KEYS, counts, seeded(np.random.default_rng(1)))
    for signed in ((), ("amount",)):
        found = estimates(one, spec, KEYS, kind=SHRUNKEN, signed=signed)
        assert found["n"].kind is SHRUNKEN
        assert found["amount"].kind is (UNBIASED if signed else SHRUNKEN)
        assert (found["amount"].values.min() < 0) == bool(signed)
    assert (found["amount"].values == estimates(one, spec, KEYS, kind=UNBIASED, signed=())["amount"].values).all()


def test_intervals_are_those_of_the_unbiased_estimate_made_wider_where_they_do_not_hold_the_number() -> None:
    one, nothing = one_draw(), np.zeros(KEYS.shape, dtype=np.bool_)
    plain = protect(shown(one, UNBIASED, table()), noise=CELLS, decimals=0, withheld=nothing, signed=True)
    drawn = protect(
        shown(one, SHRUNKEN, table()), noise=replace(CELLS, estimate=SHRUNKEN), decimals=0, withheld=nothing
    )
    assert (drawn.lower == np.minimum(np.maximum(plain.lower, 0), drawn.value)).all()
    assert (drawn.upper >= plain.upper).all()
    assert (drawn.value < plain.lower).any() or (drawn.value > plain.upper).any()


def alone(spec: TableSpec) -> Workload:
    """A table that is measured by itself."""
    return workloads([(spec,)], lambda _: KEYS)[0]


def test_a_table_says_that_its_small_areas_are_drawn() -> None:
    """In the facts of its protection, and in its notes; of other estimates nothing of it."""
    for kind, said in ((SHRUNKEN, True), (WHOLE, False), (UNBIASED, False)):
        noise = replace(CELLS, estimate=kind)
        facts = noise_facts(table(noise), alone(table(noise))).postprocessing
        assert ("drawn towards what the areas around them let expect" in facts.en) is said
        assert ("dras mot vad områdena omkring dem ger skäl att vänta" in facts.sv) is said
        assert ("no number is below zero" in facts.en) is (kind is not UNBIASED)
        noted = list(notes._noise(noise, table(noise), 1))
        assert any("can look more ordinary than it is" in note.en for note in noted) is said
        assert any("kan se mer vanligt ut än det är" in note.sv for note in noted) is said


def test_the_note_names_the_population_where_a_rate_gives_it() -> None:
    noise = replace(CELLS, estimate=SHRUNKEN)
    rate = MeasureSpec("rate", "rate", of="n", denominator="pop", per=1000, decimals=1)
    for more, said in (((), False), ((rate,), True)):
        spec = table_of(KEYS, [MeasureSpec("n", "persons"), *more], noise)
        assert any("and by their population" in note.en for note in notes._noise(noise, spec, 1)) is said


def test_a_table_with_rates_is_drawn_by_the_population_of_the_first() -> None:
    """The count that is published is the estimate by that population."""
    noise = replace(CELLS, estimate=SHRUNKEN)
    rate = MeasureSpec("rate", "rate", of="n", denominator="pop", per=1000, decimals=1)
    spec = table_of(KEYS, [MeasureSpec("n", "persons"), rate], noise)
    (one,) = measured(COUNTS, spec, 1)
    published = workload_measures(
        one, alone(spec), populations=lambda _: {"pop": population()}, signed=lambda _: ()
    )[spec.id]
    sized, plain = (shown(one, SHRUNKEN, spec, people).values for people in (population(), None))
    assert (published["n"].values == sized).all()
    assert (published["n"].values != plain).any()
