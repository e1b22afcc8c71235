"""The lower bound on the number of secondary cells: no safe pattern has fewer, whatever was left out to find it."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from small_tables import SmallProblem, SmallTable, small_problems, small_sums

from publisher.errors import SuppressionError
from publisher.policy.model import ProtectionLevel
from publisher.suppression.cuts import Demand, DistanceProgram, WholeCut
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.lower import FINE, LowerBound, demand_of_counts, lower_bound, lower_bound_of_sums
from publisher.suppression.pattern import CountTerms, Layer, find_pattern


def bound_of(problem: SmallProblem) -> LowerBound | None:
    """The certificate; None where it is proved that there is no pattern."""
    system, layer = problem.table.system, problem.layer
    try:
        if problem.sums is None:
            return lower_bound(system, layer, problem.terms)
        rise, fall = problem.sums
        return lower_bound_of_sums(system, layer, lower=np.zeros_like(rise), rise=rise, fall=fall)
    except SuppressionError:
        return None


def optimum(problem: SmallProblem) -> int | None:
    """The least number of secondary cells of all safe patterns, by trying all; None where there is none."""
    return next((problem.secondary(p) for p in problem.patterns() if problem.is_safe(p)), None)


def check_bound(problem: SmallProblem) -> None:
    best, bound = optimum(problem), bound_of(problem)
    if bound is None:
        assert best is None, "a pattern exists although it was proved that there is none"
    elif best is not None:
        assert bound.secondary <= best


@settings(max_examples=80, deadline=None)
@given(small_problems())
def test_no_safe_pattern_of_a_count_has_fewer_secondary_cells_than_the_bound(problem: SmallProblem) -> None:
    check_bound(problem)


@settings(max_examples=60, deadline=None)
@given(small_sums())
def test_no_safe_pattern_of_a_sum_has_fewer_secondary_cells_than_the_bound(problem: SmallProblem) -> None:
    check_bound(problem)


@settings(max_examples=60, deadline=None)
@given(small_problems(choices=8), st.data())
def test_every_safe_pattern_satisfies_a_cut_from_any_neighbourhood(problem: SmallProblem, data: st.DataObject) -> None:
    """Equations that leave the neighbourhood hold although its program does not have the cells outside."""
    demand = demand_of_counts(problem.table.system, problem.layer, problem.terms)
    cells = np.flatnonzero(demand.movable)
    assume(len(cells) > 1)
    cells = cells[data.draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells)).map(np.array))]
    assume(len(cells))
    cuts = [c for attacker in (0, 1) for p in range(len(cells)) for c in cuts_of(demand, cells, p, attacker, data)]
    for pattern in problem.patterns():
        if any(cut.missing(pattern.astype(float)) > 1e-9 for cut in cuts):
            assert not problem.is_safe(pattern)


def cuts_of(demand: Demand, cells: np.ndarray, position: int, attacker: int, data: st.DataObject) -> list[WholeCut]:
    """Of the width that the level asks for, from shares of cells that are drawn."""
    cell = int(cells[position])
    far = max(int(demand.needs.width[attacker][cell]), int(attacker == 1))
    if not far:
        return []
    program = DistanceProgram(demand.graph, cells)
    shares = np.array(data.draw(st.lists(st.sampled_from([1e-4, 0.5, 1.0]), min_size=len(cells), max_size=len(cells))))
    program.limit(np.minimum(demand.top[cells] / far, 1) * shares, np.minimum(demand.room[attacker][cells] / far, 1))
    ends = [program.furthest(position, sign) for sign in (1, -1)]
    cut = demand.cut(cell, attacker, far, [end[1] for end in ends if end is not None])
    return [] if cut is None else [cut]


@settings(max_examples=150, deadline=None)
@given(small_problems(choices=8), st.data())
def test_what_falls_short_is_what_both_directions_together_say(problem: SmallProblem, data: st.DataObject) -> None:
    """By another solver, with limits that were set before and with others: nothing old is believed."""
    demand = demand_of_counts(problem.table.system, problem.layer, problem.terms)
    cells = np.flatnonzero(demand.movable)
    assume(len(cells))
    program = DistanceProgram(demand.graph, cells)
    shares = st.sampled_from([0.5, 1.0, 0.0])
    first = data.draw(st.lists(shares, min_size=2 * len(cells), max_size=2 * len(cells)))
    for _ in range(3):
        limits = np.array(data.draw(st.permutations(first)))
        program.limit(limits[: len(cells)], limits[len(cells) :])
        position = data.draw(st.integers(0, len(cells) - 1))
        way = {sign: moved(demand.graph.by_row[:, cells].toarray(), limits, position, sign) for sign in (1, -1)}
        for signs, enough in product([(1,), (-1,), (1, -1)], [0.01, 0.3, 0.7, 1.2]):
            ends = program.falls_short(position, signs, enough)
            assert (ends is None) == (sum(way[sign] for sign in signs) > enough)
            assert ends is None or [end.sign for end in ends] == list(signs)


def moved(equations: np.ndarray, limits: np.ndarray, position: int, sign: int) -> float:
    """How far a cell rises (falls), rises and falls of all cells being limited, as scipy's linprog says."""
    costs, n = np.zeros(2 * equations.shape[1]), equations.shape[1]
    costs[position], costs[n + position] = -sign, sign
    both = np.hstack([equations, -equations])
    return -linprog(costs, A_eq=both, b_eq=np.zeros(len(both)), bounds=list(zip(0 * limits, limits, strict=True))).fun


def test_the_bound_is_mostly_the_optimum() -> None:
    draw = np.random.default_rng(1)
    equal, tables = 0, 20
    for _ in range(tables):
        problem = random_count(draw, ProtectionLevel.INTERVAL)
        best, bound = optimum(problem), bound_of(problem)
        if bound is None or best is None:
            assert best is None
            equal += bound is None
        else:
            assert bound.secondary <= best
            equal += bound.secondary == best
    assert equal >= 0.8 * tables


def random_count(draw: np.random.Generator, level: ProtectionLevel) -> SmallProblem:
    table = SmallTable("flat", draw.integers(0, 9, size=(3, 3)))
    values = table.values
    nothing = np.zeros_like(values)
    forced = nothing.astype(np.bool_)
    forced[-1] = True
    layer = Layer(
        values=values, sensitive=(values > 0) & (values < 3), withheld=nothing.astype(np.bool_), forced=forced,
        zeros=values == 0, weights=nothing + 1, top=nothing + NO_TOP,
    )  # fmt: skip
    return SmallProblem(table, layer, CountTerms(level, 3, True, nothing))


def corner_table(counts: list[list[int]]) -> SmallProblem:
    """Cells of 1 and 2 are sensitive, all totals are published."""
    table = SmallTable("flat", np.array(counts))
    values = table.values
    nothing = np.zeros_like(values)
    codes = len(counts[0]) + 1
    forced = np.array([c % codes == codes - 1 or c >= codes * 3 for c in range(len(values))])
    sensitive = (values > 0) & (values < 3) & ~forced
    layer = Layer(
        values=values, sensitive=sensitive, withheld=nothing.astype(np.bool_), forced=forced, zeros=values == 0,
        weights=nothing + 1, top=nothing + NO_TOP,
    )  # fmt: skip
    return SmallProblem(table, layer, CountTerms(ProtectionLevel.EXACT, 3, True, nothing))


def test_a_single_sensitive_cell_needs_three_others() -> None:
    bound = lower_bound(*arguments(corner_table([[2, 9, 9], [9, 9, 9], [9, 9, 9]])))
    assert bound.secondary == 3


def test_what_each_attacker_knows_decides_what_its_own_needs_cost() -> None:
    """Four small cells protect each other from A0, who thinks that each may be 0, but not from A1."""
    problem = corner_table([[2, 1, 9], [1, 2, 9], [9, 9, 9]])
    nothing_more = problem.layer.sensitive
    for level, safe in ((ProtectionLevel.INTERVAL, True), (ProtectionLevel.AMBIGUOUS, False)):
        asked = replace(problem, terms=replace(problem.terms, level=level))
        assert asked.is_safe(nothing_more) is safe
        assert (lower_bound(*arguments(asked)).secondary == 0) is safe


def test_a_cell_that_can_only_be_alone_is_proved_to_have_no_pattern() -> None:
    with pytest.raises(SuppressionError, match="no pattern"):
        lower_bound(*arguments(corner_table([[2, 0, 0], [9, 9, 9], [9, 9, 9]])))


def test_without_effort_single_equations_alone_give_a_bound() -> None:
    problem = corner_table([[2, 9, 9], [9, 9, 9], [9, 9, 9]])
    assert lower_bound(*arguments(problem), effort=-1).secondary == 2
    assert lower_bound(*arguments(problem)).secondary == 3


def arguments(problem: SmallProblem) -> tuple:
    return problem.table.system, problem.layer, problem.terms


@pytest.mark.parametrize("level", list(ProtectionLevel))
def test_what_the_search_finds_is_no_less_than_the_bound(level: ProtectionLevel) -> None:
    draw = np.random.default_rng(2)
    for _ in range(10):
        problem = random_count(draw, level)
        try:
            found = find_pattern(*arguments(problem))
        except SuppressionError:
            continue
        assert lower_bound(*arguments(problem)).secondary <= found.secondary_count


def test_the_certificate_is_added_up_in_whole_numbers() -> None:
    """Of x + y >= 1, y + z >= 1, x + z >= 1 one half each shows 3/2, hence 2; more of each shows no more."""
    cuts = tuple(WholeCut(cells, (1, 1), 1, None) for cells in ((0, 1), (1, 2), (0, 2)))
    assert LowerBound(cuts, (FINE // 2,) * 3).secondary == 2
    assert LowerBound(cuts, (FINE,) * 3).secondary == 0
    assert LowerBound(cuts, (FINE // 3,) * 3).secondary == 1
    assert LowerBound((), ()).secondary == 0


def test_a_cut_that_depends_on_a_cell_counts_only_where_that_cell_is_withheld() -> None:
    """x >= 1 and y >= x show 2, by one half more of the first; y >= x alone shows nothing."""
    first, second = WholeCut((0,), (1,), 1, None), WholeCut((1,), (1,), 1, 0)
    assert LowerBound((first, second), (2 * FINE, FINE)).secondary == 2
    assert LowerBound((second,), (FINE,)).secondary == 0


def test_a_certificate_takes_nothing_from_a_cut() -> None:
    cut = WholeCut((0,), (1,), 1, None)
    with pytest.raises(ValueError, match="multiplier"):
        LowerBound((cut,), (-1,))
    with pytest.raises(ValueError, match="multiplier"):
        LowerBound((cut,), ())


def test_a_value_below_what_everybody_knows_is_refused() -> None:
    problem = corner_table([[2, 9, 9], [9, 9, 9], [9, 9, 9]])
    terms = replace(problem.terms, lower=np.full_like(problem.layer.values, 5))
    with pytest.raises(ValueError, match="below"):
        lower_bound(problem.table.system, problem.layer, terms)
    broken = replace(problem.layer, values=problem.layer.values + 1)
    with pytest.raises(ValueError, match="equations"):
        lower_bound(problem.table.system, broken, problem.terms)
