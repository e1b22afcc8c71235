"""Random tables linked by two hierarchies: nobody who solves over their leaves comes nearer than was promised."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_worlds import (
    LEVELS,
    Asked,
    PlainWorld,
    broken,
    broken_sums,
    our_attack,
    overdone,
    protected,
    reach_of,
    refused_rightly,
    without,
)

from publisher.errors import SuppressionError

COUNT = st.one_of(st.integers(0, 4), st.integers(0, 60)).map(lambda n: (1,) * n)
AMOUNTS = st.one_of(
    st.lists(st.integers(1, 900), max_size=5), st.lists(st.integers(1, 9), max_size=3), st.just([700, 1])
).map(lambda n: tuple(sorted(n, reverse=True)))  # fmt: skip


@st.composite
def linked_worlds(draw: st.DrawFn, contributions: st.SearchStrategy[tuple[int, ...]] = COUNT) -> PlainWorld:
    """Areas in municipalities (perhaps in counties), and across them in kinds, of which some areas have none."""
    areas = tuple(f"a{i}" for i in range(draw(st.integers(3, 6))))
    categories = tuple("pqr"[: draw(st.integers(1, 3))])
    kommun = {a: f"k{draw(st.integers(0, 2))}" for a in areas}
    lan = {a: "x" if k == "k0" else "y" for a, k in kommun.items()}
    kind = {a: draw(st.sampled_from(["t1", "t2", ""])) for a in areas}
    place = draw(st.sampled_from([("kommun",), ("kommun", "lan")]))
    forced = draw(st.sampled_from([(), ({},), ({}, {"area": "kommun", "category": "total"})]))
    leaves = {(a, c): draw(contributions) for a in areas for c in categories}
    above = {"kommun": kommun, "lan": lan, "kind": kind}
    return PlainWorld(above, (place, ("kind",)), leaves, areas, categories, forced)


@pytest.mark.parametrize("zeros", ["published", "protected"])
@pytest.mark.parametrize("level", LEVELS)
@settings(max_examples=12)
@given(world=linked_worlds())
def test_no_outsider_meets_a_level_of_counts(level: str, zeros: str, world: PlainWorld) -> None:
    asked = Asked(level, zeros)
    try:
        _, cells = protected(world, asked)
    except SuppressionError:
        assert refused_rightly(world, asked)
        return
    assert broken(world, asked, cells) == []
    assert overdone(world, asked, cells) == []
    assert our_attack(world, asked, cells).reasons == ()


@settings(max_examples=30)
@given(linked_worlds(AMOUNTS))
def test_no_outsider_comes_nearer_to_a_sum_than_dominance_and_p_per_cent_allow(world: PlainWorld) -> None:
    asked = Asked(sums=True)
    must = world.must_be_shown()
    try:
        _, cells = protected(world, asked)
    except SuppressionError:
        sensitive = {k for k in world.truth if reach_of(world.persons(k)) is not None}
        most = without(world, {k for k, v in world.truth.items() if v and (k in sensitive or k not in must)})
        assert any(f.startswith(str(k)) for k in sensitive for f in broken_sums(world, most))
        return
    assert broken_sums(world, cells) == []
    assert all(cells[k] is not None or reach_of(world.persons(k)) is not None for k in must)
    assert our_attack(world, asked, cells).reasons == ()


@pytest.mark.parametrize("level", LEVELS)
@settings(max_examples=25)
@given(world=linked_worlds(), data=st.data())
def test_our_attack_calls_a_table_safe_just_where_the_programme_over_its_leaves_does(
    level: str, world: PlainWorld, data: st.DataObject
) -> None:
    """Any cells withheld, so that most tables are broken, and not always by much.

    None of them had to be shown, which the attack would report too.  Both know that counts are whole numbers.
    """
    world, asked, truth = replace(world, forced=()), Asked(level), world.truth
    some = [k for k in sorted(truth) if truth[k]]
    sensitive = {k for k in some if truth[k] < 5}
    drawn = data.draw(st.sets(st.sampled_from(some))) if some else set()
    cells = without(world, sensitive | drawn)
    assert bool(our_attack(world, asked, cells).reasons) == bool(broken(world, asked, cells, whole=True))


@pytest.mark.parametrize("sums", [False, True])
def test_most_such_tables_are_protected_and_not_refused(sums: bool) -> None:
    """Without this the properties above could hold of nothing."""
    draw = np.random.default_rng(1)
    assert sum(_is_protected(_some_world(draw, sums=sums), Asked("ambiguous", sums=sums)) for _ in range(10)) >= 8


def _some_world(draw: np.random.Generator, *, sums: bool) -> PlainWorld:
    areas, kinds = tuple(f"a{i}" for i in range(6)), ["t1", "t2", "t1", "t2", "", "t1"]
    above = {"kommun": {a: f"k{i // 2}" for i, a in enumerate(areas)}, "kind": dict(zip(areas, kinds, strict=True))}
    leaves = {
        (a, c): tuple(sorted(draw.choice([1, 5, 900], 3).tolist(), reverse=True)) if sums
        else (1,) * int(draw.choice([0, 1, 2, 3, 4, 8, 20, 30, 50]))
        for a in areas for c in "pqr"
    }  # fmt: skip
    return PlainWorld(above, (("kommun",), ("kind",)), leaves, areas, ("p", "q", "r"), ())


def _is_protected(world: PlainWorld, asked: Asked) -> bool:
    try:
        _, cells = protected(world, asked)
    except SuppressionError:
        return False
    return None in cells.values()
