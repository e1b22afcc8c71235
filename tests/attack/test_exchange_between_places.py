"""What places can take on from others is possible, and hides nothing that is too narrow; also of what is rare."""

import os
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from test_regions_of_components import Box

from publisher.audit.attacker import bounds, exchange
from publisher.audit.attacker.equations import NOWHERE
from publisher.audit.attacker.exchange import Exchange
from publisher.audit.attacker.places import Places
from publisher.audit.attacker.problem import given_system, ranges_of
from publisher.audit.attacker.programme import Programme
from publisher.audit.attacker.ranges import Ranges, unseen
from publisher.audit.attacker.reduce import ContradictionError, _places, _Work
from publisher.audit.attacker.regions import Region
from publisher.errors import AuditFailedError

WIDE, WHOLE = 5.0, 10**9
SHAPE = (9, 5, 4)
ACROSS = (SHAPE[1] + 1) * (SHAPE[2] + 1)


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Components count as large, and places take in small groups."""
    monkeypatch.setattr(bounds, "_LARGE", 20)
    monkeypatch.setattr(bounds, "_SMALL", 20)
    monkeypatch.setattr(exchange, "_EACH", 3)
    monkeypatch.setattr(exchange, "_MOST", 30)


def attack(box: Box, *, across: int, need: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ends of what is withheld; `across` 0: nobody says where cells stand."""
    nothing, at = np.zeros(len(box.values), dtype=np.int64), np.flatnonzero(box.withheld)
    system = given_system(box.matrix, box.values, box.withheld, (nothing, nothing + 2**62), across)
    found = ranges_of(system, least=0, at=at, need=np.full(len(at), need))
    assert found is not None
    low, high = found.whole()
    return low[at], high[at]


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize("seed", range(6))
def test_what_is_too_narrow_is_the_same_with_places_and_as_a_whole(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Box.of(300 + seed, SHAPE)
    low, high = attack(box, across=ACROSS, need=WIDE)
    monkeypatch.setattr(bounds, "_LARGE", WHOLE)
    least, most = attack(box, across=0, need=np.inf)
    assert (low >= least).all(), "no number is shown that no solution has"
    assert (high <= most).all()
    np.testing.assert_array_equal(high - low >= WIDE, most - least >= WIDE)


@pytest.mark.usefixtures("small_groups")
def test_ends_that_must_be_proved_are_not_left_to_places(monkeypatch: pytest.MonkeyPatch) -> None:
    box = Box.of(310, SHAPE)
    monkeypatch.setattr(Exchange, "settle", lambda self: pytest.fail("asked of places"))
    assert attack(box, across=ACROSS, need=np.inf)[0].shape == (box.size,)


PLACES, SPARE = 60, 4


def rare(*, spread: bool) -> Exchange:
    """A kind of which each place has one case at least, and few have more; another of which all have many.

    `spread`: at the point where the component is, what can be given away lies with all places alike.
    """
    size = 2 * PLACES
    kind, of = np.arange(size) % 2, np.arange(size) // 2
    matrix = sparse.csr_matrix(np.stack([kind == 0, kind == 1]).astype(np.float64))
    point = np.where(kind == 0, 1.0, 40.0)
    point[kind == 0] += SPARE / PLACES if spread else np.where(np.arange(PLACES) < SPARE, 1.0, 0.0)
    lower = np.ones(size)
    programme = Programme(matrix, matrix @ point, lower, np.full(size, np.inf))
    ranges, every = unseen(size), np.arange(size, dtype=np.int32)
    ranges.see(every, point)
    above = ((), *[(0,)] * PLACES)
    places = Places(of + 1, kind, above)
    return Exchange(programme, point, every, ranges, np.full(size, 1.0), places, np.random.default_rng(1))


def left(asked: Exchange) -> int:
    """How many are open after all rounds."""
    assert asked.programme.holds(asked.settle())
    return left_open(asked)


def test_what_is_rare_is_gathered_with_a_few_places_and_given_to_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "_MOST", 8)
    assert left(rare(spread=True)) == 0
    monkeypatch.setattr(Programme, "inside", lambda self, rising: rare(spread=True).inside)
    assert left(rare(spread=True)) > PLACES / 2, "what is spread thinly can be given to few"


def test_what_can_be_given_away_is_gathered_with_the_givers_and_known_of_each() -> None:
    asked = rare(spread=True)
    asked.places.of[asked.places.of == 30] = 31
    asked.places = Places(asked.places.of, asked.places.kind, asked.places.above)
    point = asked._gathered((31, 30, 17))
    of_kind = asked.places.kind == 0
    has = [float((point.numbers - 1)[of_kind & (asked.places.of == place)].sum()) for place in (31, 30, 17)]
    assert sum(has) > SPARE - 0.1
    assert has[1] == 0
    assert point.spare[:, 0].tolist() == pytest.approx(np.minimum(has, 2.0)), "more than 2 makes nobody better"
    assert asked.programme.holds(point.numbers)


def test_what_gives_at_one_point_takes_at_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "_EACH", 7)
    one, other = (set(point.givers) for point in rare(spread=True)._points())
    assert len(one) == len(other) == 9
    assert len(one & other) <= 1, "only of the last few"


def test_what_is_left_of_somebody_who_knows_more_is_asked_before_anything_is_gathered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That cells can be 0 too, say: it is nothing that others must give."""
    monkeypatch.setattr(exchange, "_MOST", 8)
    seen = rare(spread=True)
    seen.need = np.where(np.arange(2 * PLACES) % 2 == 0, 1.0, 20.0)
    seen.ranges.see(np.flatnonzero(np.arange(2 * PLACES) % 2 == 0).astype(np.int32), np.full(PLACES, 9.0))
    before = left_open(seen)
    assert 5 < before < 0.51 * 2 * PLACES
    monkeypatch.setattr(Exchange, "_points", lambda self: pytest.fail("gathered"))
    monkeypatch.setattr(exchange, "_MOSTLY", 0.51)
    np.testing.assert_array_equal(seen.settle(), seen.inside)
    assert left_open(seen) == 0
    monkeypatch.setattr(exchange, "_MOSTLY", 0.0)
    with pytest.raises(pytest.fail.Exception, match="gathered"):
        rare(spread=True).settle()


@pytest.mark.parametrize(("after", "asked"), [([0], 1), ([4, 2, 1, 0], 4), ([100, 90, 6, 4, 3], 4), ([4, 3, 0], 2)])
def test_rounds_end_where_little_is_open_unless_they_settle_most_of_it(
    after: list[int], asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    of, opened, asks = rare(spread=True), [120, *after], list[int]()
    monkeypatch.setattr(Exchange, "_left", lambda self: opened[len(asks)])
    monkeypatch.setattr(Exchange, "_round", lambda self, *asked: asks.append(1))
    point = of._at(of.inside, of._givers(0))
    of._rounds((point, (3, 0), 0.3) for _ in after)
    assert len(asks) == asked


def test_what_a_group_shows_of_large_sums_counts_less_by_what_it_may_be_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "_MOST", 8)
    monkeypatch.setattr(Programme, "off", property(lambda self: 0.5))
    monkeypatch.setattr(Region, "points", lambda self, random, worth: [self.here + 3.0])
    of = rare(spread=True)
    of._take(of._at(of.inside, of._givers(0)), of._groups[:1], (1, 0), 0.3)
    moved = of.ranges.high > of.inside + 0.1
    assert moved.any()
    np.testing.assert_allclose(of.ranges.high[moved], of.inside[moved] + 2.5)


def left_open(asked: Exchange) -> int:
    """How many unknowns are open."""
    return int(asked.ranges.wanting(asked.need).sum())


def test_givers_are_the_nearest_and_those_that_have_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "_EACH", 1)
    asked = rare(spread=False)
    above = ((), (0,), (0,), *[(1,)] * 30, *[(2,)] * 30)
    asked.places = Places(asked.places.of + 2, asked.places.kind, above)
    point = asked._gathered(tuple(range(3, 63)))
    point.spare[:] = 0.0
    point.spare[40, 0] = 2.0
    own = asked.places.way_up(3)
    assert own == {3, 1, 0}
    nearest, kinds = asked._chosen(point, own, np.array([0]), (2, 0)), np.array([0])
    assert len(nearest) == 2
    assert all(1 in asked.places.way_up(place) for place in nearest)
    assert asked._chosen(point, own, kinds, (0, 1)) == [43]
    assert asked._chosen(point, own, np.array([1]), (0, 1)) != [43], "it has most of another kind only"
    assert 3 not in asked._chosen(point, own, kinds, (60, 60))


@pytest.mark.usefixtures("small_groups")
def test_the_number_of_processors_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = list[tuple[NDArray[np.float64], NDArray[np.float64]]]()
    for processors in (1, 3):
        monkeypatch.setattr(os, "cpu_count", lambda n=processors: n)
        ends.append(attack(Box.of(320, SHAPE), across=ACROSS, need=WIDE))
    np.testing.assert_array_equal(*ends)


def test_places_lie_in_those_whose_numbers_are_the_sums_of_theirs() -> None:
    box = Box.of(1, (4, 1, 1))
    of, kind = np.divmod(np.arange(20), 4)
    places = Places.of_equations(box.matrix, of, kind)
    assert places.above == ((4,), (4,), (4,), (4,), ())
    assert places.innermost() == [0, 1, 2, 3]
    assert places.way_up(2) == {2, 4}
    assert places.unknowns([4, 0]).tolist() == [0, 1, 2, 3, 16, 17, 18, 19]
    assert places.groups([0, 1, 2, 3], 8) == [[0, 1], [2, 3]]
    assert places.at(np.array([5, 17])).of.tolist() == [1, 4]


def test_the_smallest_of_the_places_above_comes_first_and_what_stands_nowhere_is_in_none() -> None:
    """0 is the sum of all five, 1 of two of them; the last unknown is a slack."""
    rows = np.zeros((3, 8), dtype=np.int64)
    rows[0, [0, *range(2, 7)]] = 1, -1, -1, -1, -1, -1
    rows[1, [1, 2, 3, 7]] = 1, -1, -1, -1
    rows[2, [5, 6, 4]] = 1, 1, -1  # says of no place that it lies in another
    places = Places.of_equations(sparse.csr_matrix(rows), np.array([*range(7), NOWHERE]), np.zeros(8, dtype=np.int64))
    assert places.above == ((), (), (1, 0), (1, 0), (0,), (0,), (0,))
    assert places.groups(places.innermost(), 99) == [[4, 5, 6], [2, 3]]


def test_a_table_of_one_place_or_without_equations_has_no_places_above() -> None:
    none = sparse.csr_matrix((0, 3), dtype=np.int64)
    assert Places.of_equations(none, np.zeros(3, dtype=np.int64), np.arange(3)).above == ((),)


def test_unknowns_that_are_wanted_large_are_and_the_point_satisfies_the_equations() -> None:
    box = Box.of(330, SHAPE)
    matrix = sparse.csr_matrix(box.matrix[:, box.withheld]).astype(np.float64)
    truth = box.values[box.withheld].astype(np.float64)
    size = len(truth)
    programme = Programme(matrix, matrix @ truth, np.zeros(size), truth + 3)
    rising = np.arange(0, size, 9, dtype=np.int32)
    point, whole = programme.inside(rising), programme.extreme(rising, -np.ones(len(rising)))
    assert whole is not None
    assert programme.holds(point)
    assert point[rising].sum() > programme.inside()[rising].sum() + 1
    assert point[rising].sum() > 0.95 * whole[rising].sum()
    near = programme._onto(point + np.random.default_rng(1).normal(0, 1e-5, size))
    assert programme.holds(near)


def test_a_point_that_breaks_an_equation_is_not_taken_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = rare(spread=True)
    monkeypatch.setattr(Programme, "_onto", lambda self, point: point + 1.0)
    point = asked._gathered((1, 2, 3)).numbers
    assert np.abs(asked.programme.matrix @ point - asked.programme.rhs).max() < 1e-6


def test_where_numbers_are_large_a_point_is_seen_only_as_exactly_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums near 10^15 are given to the solver in units of ten millions: its points are off by hundreds."""
    asked, large = rare(spread=True), 1e13
    numbers = large * asked.inside
    programme = Programme(asked.programme.matrix, asked.programme.matrix @ numbers, 0 * numbers, 2 * numbers)
    assert programme.off > 10
    asked.programme, asked.inside, asked.ranges = programme, numbers, unseen(2 * PLACES)
    monkeypatch.setattr(exchange, "_ROUNDS", ())
    monkeypatch.setattr(Programme, "inside", lambda self, rising: numbers)
    asked.settle()
    np.testing.assert_array_equal(asked.ranges.low, numbers + programme.off)
    np.testing.assert_array_equal(asked.ranges.high, numbers - programme.off)


@pytest.mark.parametrize("times", [50, 500])
def test_what_many_at_their_bound_lack_together_is_no_rounding(times: int) -> None:
    """a + b = C, and with many more that are not negative one less: a least-squares step spreads it thinly."""
    large = 1e13
    rows = np.ones((2, 2 + times))
    rows[0, 2:] = 0
    programme = Programme(
        sparse.csr_matrix(rows), np.array([large, large - 1]), np.zeros(2 + times), np.full(2 + times, np.inf)
    )
    with pytest.raises(ContradictionError):
        programme.inside()


@pytest.mark.parametrize("error", [AuditFailedError("no answer"), ContradictionError()])
def test_where_nothing_can_be_gathered_the_point_is_the_one_that_is_known(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: Programme, rising: NDArray[np.int32]) -> None:
        raise error

    asked = rare(spread=True)
    monkeypatch.setattr(Programme, "inside", fails)
    np.testing.assert_array_equal(asked._gathered((1, 2)).numbers, asked.inside)


def test_where_hardly_anything_is_open_nothing_is_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    """An audit that was told what the search holds has little left to ask."""
    asked = rare(spread=True)
    asked.ranges.certified[5:] = True
    monkeypatch.setattr(Exchange, "_gathered", lambda self, givers: pytest.fail("gathered"))
    np.testing.assert_array_equal(asked.settle(), asked.inside)


def test_a_place_that_the_others_cannot_give_anything_stays_open() -> None:
    """One case in each place, and no more in all: everybody knows that each has one."""
    asked = rare(spread=False)
    of_kind = asked.places.kind == 0
    asked.inside[of_kind] = 1.0
    asked.programme = Programme(
        asked.programme.matrix, asked.programme.matrix @ asked.inside, asked.programme.lower, asked.programme.upper
    )
    asked.ranges = Ranges(*(asked.inside.copy() for _ in range(2)), *(np.zeros(2 * PLACES, dtype=bool),))
    asked.ranges.integer = np.zeros(2 * PLACES, dtype=bool)
    asked.settle()
    np.testing.assert_array_equal(asked.ranges.wanting(asked.need), of_kind)


@pytest.mark.usefixtures("small_groups")
def test_numbers_that_cannot_all_be_true_are_refused_with_places_too() -> None:
    box = Box.of(340, SHAPE)
    values = box.values.copy()
    values[~box.withheld] += np.arange(int((~box.withheld).sum())) % 2
    nothing, at = np.zeros(len(values), dtype=np.int64), np.flatnonzero(box.withheld)
    system = given_system(box.matrix, values, box.withheld, (nothing, nothing + 2**62), ACROSS)
    assert ranges_of(system, least=0, at=at, need=np.full(len(at), WIDE)) is None


def test_equal_cells_stand_at_the_innermost_place_and_are_of_the_kind_that_most_are_of() -> None:
    """Place 0 is the sum of 1 and 2; kinds 0 and 1.  Three cells are equal, two others are, one is fixed."""
    matrix = sparse.csr_matrix(np.array([[1, 0, -1, 0, -1, 0], [0, 1, 0, -1, 0, -1]]))
    nothing = np.zeros(6, dtype=np.int64)
    system = given_system(matrix, nothing, np.ones(6, dtype=bool), (nothing, nothing), 2)
    unknowns = np.array([0, 3, 2, 5, 1, 4])
    work = SimpleNamespace(column=np.array([0, 0, 0, 1, 1, -1]), lower=np.zeros(2))
    found = _places(system, unknowns, cast(_Work, work))
    assert found is not None
    assert found.of.tolist() == [1, 2], "not the whole"
    assert found.kind.tolist() == [1, 1], "three unknowns are of kind 1, two of kind 0"
    system = replace(system, standing=None)
    assert _places(system, unknowns, cast(_Work, work)) is None
