"""Only exact circulations are evidence, and only of whole units towards the truth."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from patterns import count_pattern
from scipy import sparse

from publisher.errors import SuppressionError
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.relations import LinkedSystem
from publisher.suppression.blocks import Block, Graph
from publisher.suppression.evidence import A0, A1, NO_TOP, UNBOUNDED, Evidence, exact_moves, furthest, whole_multiple
from publisher.suppression.needs import reach_needs
from publisher.suppression.pattern import SuppressionPattern
from publisher.suppression.search import Search

# A row of four cells: 0 = 1 + 2 + 3.
GRAPH = Graph.of(sparse.csr_array(np.array([[1, -1, -1, -1]])))
BLOCK = GRAPH.block(np.arange(4))
ALL = (np.ones(4, dtype=np.bool_), np.ones(4, dtype=np.bool_))


def evidence(values: list[int]) -> Evidence:
    room = np.array(values, dtype=np.int64)
    return Evidence(room=(room, room - 1), top=np.full(4, NO_TOP), droppable=np.array([True, True, False, False]))


def test_fractions_become_their_smallest_whole_multiple() -> None:
    found = whole_multiple(np.array([0.5, -0.75, 0.0]))
    assert found is not None
    assert found.tolist() == [2, -3, 0]
    assert whole_multiple(np.array([0.123456])) is None


def test_steps_of_what_nothing_bounds_do_not_overflow() -> None:
    free = np.full(2, NO_TOP)
    assert furthest(np.array([10**13, 10**13]), np.array([5, 5]), free).tolist() == [UNBOUNDED, UNBOUNDED]
    assert furthest(np.array([1, 10**13]), np.array([5, 5]), np.array([10**12, NO_TOP])).tolist() == [10**12, UNBOUNDED]
    assert 2 * UNBOUNDED < 2**63


def test_steps_further_than_a_cell_can_go_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.suppression.evidence.furthest", lambda moves, *_: 100 * moves)
    made = evidence([9, 9, 9, 9])
    with pytest.raises(SuppressionError, match="further than a cell can go"):
        made.record(BLOCK, np.array([0, 1, -1, 0]), (ALL[0], ALL[1]))


def test_a_multiple_too_large_to_add_up_is_none() -> None:
    assert whole_multiple(np.array([2.0**47 + 0.5])) is None
    assert whole_multiple(np.array([2.0**46 + 0.5])) is not None
    assert exact_moves(BLOCK, np.array([0.0, 2.0**50, -(2.0**50), 0.0])) is None


def test_fractions_of_different_denominators_have_a_common_multiple() -> None:
    found = whole_multiple(np.array([1 / 7, 2 / 11, -5 / 13, 3.0]))
    assert found is not None
    assert found.tolist() == [143, 182, -385, 3003]
    primes = np.array([101, 103, 107, 109, 113], dtype=np.float64)
    assert whole_multiple(1 / primes) is None, "no common multiple is small enough"


def test_moves_that_break_an_equation_are_no_circulation() -> None:
    assert exact_moves(BLOCK, np.array([0.0, 1.0, -1.0, 1.0])) is None
    assert exact_moves(BLOCK, np.array([0.0, 1.0, -1.0, 0.0])) is not None


def test_steps_end_where_the_first_cell_is_used_up_and_are_rounded_towards_the_truth() -> None:
    steps = furthest(np.array([2, -3, 1]), np.array([9, 5, 9]), np.full(3, NO_TOP))
    assert steps.tolist() == [3, -5, 1]
    assert furthest(np.array([1, 1]), np.array([0, 0]), np.full(2, NO_TOP)).tolist() == [UNBOUNDED, UNBOUNDED]


def test_a_circulation_proves_moves_both_ways_within_each_attackers_bounds() -> None:
    known = evidence([9, 4, 3, 2])
    known.record(BLOCK, np.array([0, 1, -1, 0]), ALL)
    assert known.up[A0].tolist() == [0, 3, 4, 0]
    assert known.down[A0].tolist() == [0, 4, 3, 0]
    assert known.up[A1].tolist() == [0, 2, 3, 0]
    assert known.down[A1].tolist() == [0, 3, 2, 0]


def pairs(far: list[int]) -> Block:
    """Twenty cells, tied in pairs by near equations, and by one more that is not near."""
    rows = np.kron(np.eye(10, dtype=np.int64), np.ones((1, 2), dtype=np.int64))
    near = np.array([True] * 10 + [False])
    return Block(np.arange(20), sparse.csr_array(np.vstack([rows, far])), near)


def test_a_circulation_is_split_into_those_that_stand_alone() -> None:
    moves = np.tile([1, -1], 10)
    parts = pairs([1] * 20).parts(moves)
    assert [p.tolist() for p in parts] == [[2 * k, 2 * k + 1] for k in range(10)]


def test_parts_that_an_equation_farther_away_ties_are_not_split() -> None:
    moves = np.tile([1, -1, -1, 1], 5)
    tied = pairs([1, 0] * 8 + [1, 1] * 2)
    parts = [p.tolist() for p in tied.parts(moves)]
    assert parts == [[16, 17], [18, 19], list(range(16))]


def test_what_a_published_cell_proved_is_forgotten_and_can_be_recalled() -> None:
    known = evidence([9, 4, 3, 2])
    known.record(BLOCK, np.array([0, 1, -1, 0]), ALL)
    memory = known.forget([1])
    assert not known.up.any()
    assert not known.down.any()
    known.recall(memory)
    assert known.up[A0].tolist() == [0, 3, 4, 0]
    assert known.rests_on(np.array([False, True, False, False]))
    assert not known.rests_on(np.array([True, False, False, False]))


def test_everything_that_a_published_cell_proved_is_forgotten() -> None:
    """Of two cells, and both circulations of the first."""
    known = evidence([9, 4, 3, 2])
    for moves in ([0, 1, -1, 0], [0, 1, 0, -1], [1, 0, 0, 1]):
        known.record(BLOCK, np.array(moves), ALL)
    assert known.up[A0].all()
    known.forget([1, 0])
    assert not known.up.any()
    assert not known.down.any()
    assert (known.up_by == -1).all()


def test_what_was_not_forgotten_is_seen_although_nobody_is_said_to_use_it() -> None:
    known = evidence([9, 4, 3, 2])
    known.record(BLOCK, np.array([0, 1, -1, 0]), ALL)
    known.users.clear()
    assert known.rests_on(np.array([False, True, False, False]))
    assert not known.rests_on(np.array([True, False, False, True]))
    known.up_by[:] = known.down_by[:] = -1
    assert known.rests_on(np.zeros(4, dtype=np.bool_)), "moves are left that nothing proves"


def test_what_proves_something_against_insiders_is_checked_too() -> None:
    known, published = evidence([9, 4, 3, 2]), np.array([False, False, False, True])
    known.record(BLOCK, np.array([0, 1, -1, 0]), ALL)
    known.remember(np.array([1, 3]), np.array([1, -1]))
    assert not known.rests_on(published)
    assert known.rests_on(published, also=[1])


def test_evidence_does_not_print() -> None:
    assert repr(evidence([9, 4, 3, 2])) == "<Evidence: withheld>"


def test_a_public_bound_stops_a_rise_as_zero_stops_a_fall() -> None:
    room, top = np.array([100, 100]), np.array([7, NO_TOP])
    assert furthest(np.array([2, -1]), room, top).tolist() == [7, -3]
    assert furthest(np.array([-2, 1]), room, top).tolist() == [-100, 50]


def test_steps_of_large_sums_are_exact() -> None:
    large = np.array([3 * 10**9, -10**9])
    steps = furthest(large, np.array([0, 10**13 + 1]), np.array([NO_TOP, NO_TOP]))
    assert steps.tolist() == [3 * (10**13 + 1), -(10**13 + 1)]


def test_steps_of_what_only_others_bound_are_exact() -> None:
    """What is not bounded goes beyond 64 bits where what is goes a million steps."""
    room = np.array([5, 5])
    assert furthest(np.array([1, 2**43]), room, np.array([2**20 + 1, NO_TOP])).tolist() == [2**20 + 1, UNBOUNDED]


def test_where_floating_point_takes_another_cell_for_the_first_nothing_is_claimed() -> None:
    nothing = np.zeros(2, dtype=np.int64)
    assert furthest(np.array([1, 1]), nothing, np.array([2**60 + 1, 2**60])).tolist() == [0, 0]
    assert furthest(np.array([1, 1]), nothing, np.array([2**60, 2**60 + 1])).tolist() == [2**60, 2**60]


SIZES = st.one_of(st.integers(0, 9), st.integers(0, 2**40))
CELLS = st.tuples(SIZES, st.sampled_from([1, -1]), SIZES, st.one_of(SIZES, st.just(NO_TOP)))


@given(st.lists(CELLS, min_size=1, max_size=6))
def test_steps_are_what_pythons_integers_say(cells: list[tuple[int, int, int, int]]) -> None:
    """The largest multiple of the circulation that every cell can follow, each cell rounded towards the truth."""
    moves, room, top = [size * sign for size, sign, _, _ in cells], [c[2] for c in cells], [c[3] for c in cells]
    ends = [(r if m < 0 else t, abs(m)) for m, r, t in zip(moves, room, top, strict=True) if m]
    first = min((e for e in ends if e[0] < NO_TOP), key=lambda e: Fraction(*e), default=None)
    steps = furthest(*(np.array(a, dtype=np.int64) for a in (moves, room, top))).tolist()
    if first is None:
        assert steps == [UNBOUNDED if m > 0 else 0 for m in moves]
    elif any(steps):  # nothing is claimed where floating point takes another cell for the first
        assert [abs(s) for s in steps] == [min(abs(m) * first[0] // first[1], UNBOUNDED) for m in moves]
        assert all(s * m >= 0 for s, m in zip(steps, moves, strict=True))


def test_a_search_whose_evidence_moves_a_published_cell_is_refused() -> None:
    known, nothing = evidence([9, 4, 3, 2]), np.zeros(4, dtype=np.int64)
    known.droppable[:] = True
    known.record(BLOCK, np.array([0, 1, -1, 0]), ALL)
    search = Search(
        graph=GRAPH, shown=np.ones(4, dtype=np.bool_), allowed=np.ones(4, dtype=np.bool_),
        hidden=np.array([False, True, True, False]), costs=np.ones(4), evidence=known,
        needs=reach_needs(nothing, nothing, nothing), reach=10, draw=np.random.default_rng(0),
    )  # fmt: skip
    search.check()
    search.hidden[1] = False  # published again, and what it proved was not forgotten
    with pytest.raises(SuppressionError, match="published cell"):
        search.check()


def test_a_pattern_of_which_something_is_not_proved_in_the_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a cell were published again, and what it proves forgotten."""
    values, system = np.array([59, 4, 30, 25]), LinkedSystem(GRAPH.by_row, ALL[0])

    def found() -> SuppressionPattern:
        return count_pattern(
            system, values=values, sensitive=values < 5, forced=~ALL[0], weights=values,
            level=ProtectionLevel.INTERVAL, threshold=5, zeros=Zeros.PUBLISHED,
        )  # fmt: skip

    assert found().secondary_count == 1
    monkeypatch.setattr("publisher.suppression.pattern.prune", lambda search, _: search.evidence.forget(range(4)))
    with pytest.raises(SuppressionError, match="cannot be protected"):
        found()


def test_a_pattern_whose_proof_against_insiders_moves_a_published_cell_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def proves_by_what_is_published(search: Search, *_: object) -> list[int]:
        search.evidence.remember(np.flatnonzero(~search.hidden)[:1], np.array([1]))
        return [len(search.evidence.moved) - 1]

    monkeypatch.setattr("publisher.suppression.pattern.protect_from_insiders", proves_by_what_is_published)
    values, system = np.array([59, 4, 30, 25]), LinkedSystem(GRAPH.by_row, ALL[0])
    with pytest.raises(SuppressionError, match="published cell"):
        count_pattern(
            system, values=values, sensitive=values < 5, forced=~ALL[0], weights=values,
            level=ProtectionLevel.INTERVAL, threshold=5, zeros=Zeros.PUBLISHED, insiders=np.full(4, -1),
        )  # fmt: skip
