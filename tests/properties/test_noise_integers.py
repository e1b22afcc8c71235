"""What is shown of noisy estimates: whole, non-negative where that was chosen, near the estimate, and adding up."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_noise_least_squares import counts_of, key_sets, level, measured

from publisher.noise import integers
from publisher.noise.integers import controlled_rounding
from publisher.noise.nonnegative import nonnegative
from publisher.noise.postprocess import estimate
from publisher.relations import AreaLevel, Column, KeySet, fill_totals


def hierarchies(seed: int, areas: int) -> tuple[AreaLevel, ...]:
    """Nation, counties and municipalities, types, and types within both, over `areas` leaves; some leaf in no area."""
    rng = np.random.default_rng(seed)
    municipality = np.sort(rng.integers(0, max(2, areas // 4), areas))
    county, kind = municipality // 3, rng.integers(0, 3, areas)
    members = {
        "riket": [0] * areas, "lan": county.tolist(), "kommun": municipality.tolist(),
        "regso": [k if k else -1 for k in range(areas)], "area_type": kind.tolist(),
        "lan_area_type": (3 * county + kind).tolist(), "kommun_area_type": (3 * municipality + kind).tolist(),
    }  # fmt: skip
    return tuple(level(name, member) for name, member in members.items())


@st.composite
def two_trees(draw: st.DrawFn) -> KeySet:
    areas = draw(st.integers(4, 24))
    levels = hierarchies(draw(st.integers(0, 2**32 - 1)), areas)
    chosen = draw(st.lists(st.sampled_from(range(7)), min_size=1, max_size=7, unique=True))
    columns = draw(st.sampled_from([(), (Column("c", ("p", "q"), False),), (Column("s", ("m", "w", "x"), True),)]))
    return KeySet(tuple(f"x{k}" for k in range(areas)), tuple(levels[k] for k in sorted(chosen)), columns,
                  (True,) * len(columns))  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(two_trees(), st.integers(0, 2**32 - 1), st.booleans())
def test_every_atom_and_every_area_of_both_hierarchies_is_rounded_up_or_down(
    keys: KeySet, seed: int, cut: bool
) -> None:
    rng = np.random.default_rng(seed)
    found = estimate(measured(keys, counts_of(keys, rng), rng))
    atoms = nonnegative(found) if cut else found.atoms
    whole = controlled_rounding(atoms, found.system)
    assert (whole == np.rint(whole)).all()
    assert np.abs(found.system.sums(whole) - found.system.sums(atoms)).max() < 1 + 1e-6
    assert np.abs(whole - atoms).max() < 1 + 1e-6


def test_a_rounding_that_the_hierarchies_tie_to_whole_numbers_is_still_found() -> None:
    """Halves in a cycle of areas and types: every sum is whole, and only two tables have them all."""
    levels = (level("kommun", [0, 0, 1, 1]), level("area_type", [0, 1, 0, 1]), level("regso", [0, 1, 2, 3]))
    keys = KeySet(tuple("abcd"), levels, (), ())
    system = estimate(measured(keys, np.array([1, 1, 1, 1]), None)).system
    whole = controlled_rounding(np.array([0.5, 0.5, 0.5, 0.5]), system)
    assert sorted(whole) == [0, 0, 1, 1]
    assert (system.sums(whole)[:4] == 1).all()


def test_a_sum_that_is_whole_but_for_floating_point_stays_as_it_is() -> None:
    """Ten tenths are 0.9999999999999999, and each is nearest to nothing."""
    levels = (level("riket", [0] * 10), level("regso", list(range(10))))
    keys = KeySet(tuple("abcdefghij"), levels, (), ())
    system = estimate(measured(keys, np.ones(10, dtype=np.int64), None)).system
    assert controlled_rounding(np.full(10, 0.1), system).sum() == 1


def test_of_all_roundings_the_nearest_one_is_taken() -> None:
    levels = (level("riket", [0] * 6), level("regso", list(range(6))))
    keys = KeySet(tuple("abcdef"), levels, (), ())
    system = estimate(measured(keys, np.ones(6, dtype=np.int64), None)).system
    whole = controlled_rounding(np.array([0.1, 2.9, 0.4, 0.55, 0.6, 0.45]), system)
    assert whole.tolist() == [0, 3, 0, 1, 1, 0]


def test_totals_of_many_small_numbers_are_not_all_rounded_down() -> None:
    """Every atom is nearest to nothing, and the nation to 47; 30 categories together are not 15 persons too few."""
    of = {"riket": [0] * 400, "kommun": [k // 20 for k in range(400)], "regso": list(range(400))}
    levels = tuple(level(name, member) for name, member in of.items())
    keys = KeySet(tuple(f"x{k}" for k in range(400)), levels, (), ())
    system = estimate(measured(keys, np.ones(400, dtype=np.int64), None)).system
    assert controlled_rounding(np.full(400, 0.117), system).sum() == 47
    many = np.random.default_rng(1).uniform(0.05, 0.2, (400, 30))
    assert abs(controlled_rounding(many, system).sum() - many.sum()) < 8


def test_what_an_area_is_rounded_up_in_some_categories_it_is_rounded_down_in_others() -> None:
    """Sixty combinations of four columns' codes, in each of which the larger half of the areas has 0.4 and the smaller
    0.3: by themselves all those of the larger are rounded up, and none of the others, 36 and 18 off in all."""
    levels = (
        level("riket", [0] * 100),
        level("kommun", [k // 10 for k in range(100)]),
        level("regso", list(range(100))),
    )
    keys = KeySet(tuple(f"x{k}" for k in range(100)), levels, (), ())
    system = estimate(measured(keys, np.ones(100, dtype=np.int64), None)).system
    atoms = np.where(np.arange(100) % 2 == 0, 0.4, 0.3)[:, None, None] * np.ones((100, 6, 10))
    off = controlled_rounding(atoms, system) - atoms
    assert np.abs(off.sum(axis=(1, 2))).max() < 4
    assert np.abs(off.sum(axis=1)).max() < 3
    assert np.abs(off.sum(axis=2)).max() < 3
    assert np.abs(off).max() < 1


def test_a_solver_that_finds_nothing_is_an_error_and_not_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        x = None

    monkeypatch.setattr(integers, "milp", lambda *_args, **_kw: Nothing())
    keys = KeySet(("a", "b"), (level("regso", [0, 1]), level("riket", [0, 0])), (), ())
    system = estimate(measured(keys, np.ones(2, dtype=np.int64), None)).system
    with pytest.raises(RuntimeError, match="no controlled rounding"):
        controlled_rounding(np.array([0.5, 0.5]), system)


CROSSED = KeySet(
    tuple("abcde"), (level("riket", [0] * 5), level("kommun", [0, 0, 0, 1, 1]), level("regso", [0, 0, 1, 1, 0])), (), ()
)


@settings(max_examples=100, deadline=None)
@given(key_sets(), st.integers(0, 2**32 - 1))
@example(CROSSED, 0)
def test_no_cell_is_negative_and_without_noise_nothing_moves(keys: KeySet, seed: int) -> None:
    """Where levels cross, so that single areas do not follow and least squares put some below 0, the steps end near
    what was counted and not at it."""
    rng = np.random.default_rng(seed)
    counts = counts_of(keys, rng) * (rng.random(len(keys.leaves)) < 0.5).reshape(-1, *[1] * len(keys.columns))
    found = estimate(measured(keys, counts, rng))
    assert nonnegative(found).min() >= 0
    exact, truth = estimate(measured(keys, counts, None)), fill_totals(counts, keys)
    near = nonnegative(exact)
    if exact.atoms.min() > -1e-6:
        assert np.array_equal(exact.cells(controlled_rounding(near, exact.system)), truth)
    assert (np.abs(exact.cells(near) - truth) < np.sqrt(exact.variances)).all()


def sparse_keys() -> KeySet:
    """90 areas in 15 municipalities and 3 types, four codes."""
    areas = np.arange(90)
    levels = (
        level("riket", [0] * 90), level("kommun", (areas // 6).tolist()), level("regso", areas.tolist()),
        level("area_type", (areas % 3).tolist()),
    )  # fmt: skip
    return KeySet(tuple(f"x{k}" for k in areas), levels, (Column("c", tuple("pqrs"), False),), (True,))


def test_where_most_cells_are_empty_totals_are_not_lifted() -> None:
    """300 people in 360 cells: cutting alone would add several hundred; totals stay within a tenth of their errors."""
    keys, rng = sparse_keys(), np.random.default_rng(5)
    counts = rng.poisson(0.8, (90, 4))
    lifts, plain = [], []
    for _ in range(20):
        found = estimate(measured(keys, counts, rng))
        errors = np.sqrt(found.variances)
        shown, cut = found.cells(nonnegative(found)), found.cells(np.maximum(found.atoms, 0))
        lifts.append(((shown - found.values) / errors)[[0, -3, -2, -1], -1])
        plain.append(((cut - found.values) / errors)[[0, -3, -2, -1], -1])
    assert np.abs(lifts).max() < 0.15
    assert np.mean(plain) > 2


def test_single_areas_are_nearer_to_the_truth_than_the_unbiased_estimate() -> None:
    keys, rng = sparse_keys(), np.random.default_rng(6)
    counts = rng.poisson(0.8, (90, 4))
    truth, squares = fill_totals(counts, keys), []
    for _ in range(20):
        found = estimate(measured(keys, counts, rng))
        squares.append([((v - truth) ** 2)[16:106].mean() for v in (found.values, found.cells(nonnegative(found)))])
    unbiased, whole = np.mean(squares, axis=0)
    assert whole < 0.4 * unbiased
