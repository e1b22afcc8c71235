"""Cuts of single equations, the integer programme over them, and the choice that they make together."""

from dataclasses import replace
from itertools import combinations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse
from small_tables import SmallProblem, small_problems, small_sums

from publisher.policy.model import ProtectionLevel
from publisher.relations import LinkedSystem
from publisher.suppression.blocks import Graph
from publisher.suppression.cuts import SCALE, Demand, End, WholeCut
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.lower import demand_of_counts
from publisher.suppression.master import Master
from publisher.suppression.pattern import CountTerms, Layer, demands_of_sums, find_pattern
from publisher.suppression.reserve import reserve_of
from publisher.suppression.rows import insider_cuts, partner_cuts, row_cuts

SIGNS = st.sampled_from([(1,), (-1,), (1, -1)])


def demand_of(problem: SmallProblem) -> Demand:
    """What the problem's promise asks of any pattern."""
    if problem.sums is None:
        return demand_of_counts(problem.table.system, problem.layer, problem.terms)
    layer, (rise, fall) = problem.layer, problem.sums
    shown = problem.table.system.shown
    room, needs = demands_of_sums(shown, layer, np.zeros_like(rise), (rise, fall, None))
    always = ~shown | layer.sensitive | layer.withheld
    graph = layer.check(problem.table.system)
    return Demand(graph, shown, always, ~(always | layer.forced | layer.zeros), room, layer.top, needs)


def check_cuts(problem: SmallProblem) -> None:
    """Every pattern that breaks a cut of a single equation is unsafe."""
    demand = demand_of(problem)
    cuts = [*row_cuts(demand), *partner_cuts(demand, demand.always | demand.choices)]
    for pattern in problem.patterns():
        if any(cut.missing(pattern.astype(float)) > 1e-9 for cut in cuts):
            assert not problem.is_safe(pattern)


@settings(max_examples=60, deadline=None)
@given(small_problems(choices=8))
def test_every_safe_pattern_of_a_count_satisfies_the_cuts_of_single_equations(problem: SmallProblem) -> None:
    check_cuts(problem)


@settings(max_examples=40, deadline=None)
@given(small_sums(choices=8))
def test_every_safe_pattern_of_a_sum_satisfies_the_cuts_of_single_equations(problem: SmallProblem) -> None:
    check_cuts(problem)


def row_of(values: list[int], *, sensitive: list[int], level: ProtectionLevel, top: list[int] | None = None) -> Demand:
    """A published total and its parts; parts whose place is named are sensitive, with a threshold of 5."""
    whole = np.array([sum(values), *values])
    nothing = np.zeros(len(whole), dtype=np.int64)
    chosen = np.isin(np.arange(len(whole)), [1 + k for k in sensitive])
    layer = Layer(
        values=whole, sensitive=chosen, withheld=nothing.astype(bool), forced=np.arange(len(whole)) == 0,
        zeros=whole == 0, weights=nothing + 1, top=nothing + NO_TOP if top is None else np.array([NO_TOP, *top]),
    )  # fmt: skip
    system = LinkedSystem(sparse.csr_array([[1, *[-1] * len(values)]]), np.ones(len(whole), dtype=bool))
    return demand_of_counts(system, layer, CountTerms(level, 5, True, nothing))


def test_the_others_of_a_sum_must_be_able_to_fall_as_far_as_a_sensitive_cell_has_to_rise() -> None:
    demand = row_of([3, 1, 9, 7], sensitive=[0], level=ProtectionLevel.INTERVAL)
    # The cell of 3 falls by 3 at most: it must rise by 2, and another cell has to fall by as much.
    assert WholeCut((2, 3, 4), (1, 2, 2), 2, None) in set(row_cuts(demand))


def test_a_cell_that_is_withheld_anyway_counts_with_what_it_can_do() -> None:
    demand = row_of([1, 2, 9], sensitive=[0, 1], level=ProtectionLevel.INTERVAL)
    # The cell of 1 must rise by 4, and the cell of 2 falls by 2; that of 2 must rise by 3, and that of 1 falls by 1.
    assert set(row_cuts(demand)) == {WholeCut((3,), (2,), 2, None)}


def test_a_public_bound_on_a_rise_asks_others_to_rise_instead() -> None:
    free, bound = ([NO_TOP] * 3, [1, NO_TOP, NO_TOP])
    cuts = {
        name: set(row_cuts(row_of([4, 9, 9], sensitive=[0], level=ProtectionLevel.INTERVAL, top=top)))
        for name, top in (("free", free), ("bound", bound))
    }
    assert cuts["bound"] - cuts["free"]


def cut_by_hand(demand: Demand, cell: int, attacker: int, far: int, ends: list[End]) -> WholeCut | None:
    """What the multipliers say, entry by entry, in integers that do not overflow."""
    rows, weights = demand.graph.by_row.toarray(), dict[int, int]()
    for end in ends:
        for j in range(rows.shape[1]):
            gain = sum(int(y) * int(rows[i, j]) for i, y in zip(end.equations, end.multipliers, strict=True))
            gain += end.sign * SCALE * (j == cell)
            reach = int(demand.top[j] if gain > 0 else demand.room[attacker][j])
            if gain and (demand.always[j] or demand.choices[j]):
                weights[j] = weights.get(j, 0) + abs(gain) * reach
    need = SCALE * far - sum(w for j, w in weights.items() if demand.always[j] or j == cell)
    chosen = {j: min(w, need) for j, w in weights.items() if w > 0 and not demand.always[j] and j != cell}
    of = cell if demand.choices[cell] else None
    return WholeCut(tuple(chosen), tuple(chosen.values()), need, of) if need > 0 else None


@settings(max_examples=100, deadline=None)
@given(small_problems(choices=8), st.data())
def test_a_cut_of_many_equations_says_what_their_multipliers_do(problem: SmallProblem, data: st.DataObject) -> None:
    check_multipliers(demand_of(problem), data, st.integers(1, 12))


@settings(max_examples=60, deadline=None)
@given(small_sums(choices=8), st.data())
def test_a_cut_of_sums_as_large_as_any_says_what_its_multipliers_do(problem: SmallProblem, data: st.DataObject) -> None:
    check_multipliers(demand_of(problem), data, st.sampled_from([1, 2**40, 2**48, 2**51, 2**53 - 1]))


def check_multipliers(demand: Demand, data: st.DataObject, far: st.SearchStrategy[int]) -> None:
    """Any multipliers, against any cell that may be withheld; mostly such that its own rise is made up for."""
    assume(demand.movable.any())
    rows = demand.graph.by_row.toarray()
    multipliers = st.lists(st.sampled_from([-SCALE, -1, 0, 0, 1, 2, SCALE]), min_size=len(rows), max_size=len(rows))
    cell, asked = data.draw(st.sampled_from(np.flatnonzero(demand.movable).tolist())), data.draw(far)
    own, ends = int(np.argmax(np.abs(rows[:, cell]))), list[End]()
    for sign in data.draw(SIGNS):
        y = np.array(data.draw(multipliers))
        y[own] -= (y @ rows[:, cell] + sign * SCALE) * rows[own, cell] * data.draw(st.integers(0, 4).map(bool))
        ends.append(End(sign, np.arange(len(rows)), y))
    for attacker in (0, 1):
        by_hand, found = cut_by_hand(demand, cell, attacker, asked, ends), demand.cut(cell, attacker, asked, ends)
        assert (found is None) == (by_hand is None)
        if found is not None and by_hand is not None:
            assert (found.need, found.of) == (by_hand.need, by_hand.of)
            assert dict(zip(found.cells, found.weights, strict=True)) == dict(
                zip(by_hand.cells, by_hand.weights, strict=True)
            )


def test_what_a_cell_can_do_by_itself_is_not_asked_of_others() -> None:
    demand = row_of([3, 9, 7], sensitive=[0], level=ProtectionLevel.INTERVAL, top=[5, 2, 2])
    cut = demand.cut(2, 0, 3, [End(1, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))])
    assert cut is not None
    assert (cut.need, cut.of) == (SCALE, 2), "it rises by two of the three"


def test_what_moves_for_the_rise_of_a_cell_and_for_its_fall_counts_with_both() -> None:
    demand = row_of([3, 1, 9, 7], sensitive=[0], level=ProtectionLevel.INTERVAL, top=[5, 2, 2, 2])
    ends = [End(sign, np.array([0]), np.array([sign * SCALE])) for sign in (1, -1)]
    assert demand.cut(1, 0, 9, ends) == WholeCut((2, 3, 4), (3 * SCALE, 9 * SCALE, 9 * SCALE), 9 * SCALE, None)


@settings(max_examples=60, deadline=None)
@given(small_problems(choices=8), st.data())
def test_cells_inside_are_those_around_which_nothing_that_may_move_lies_outside(
    problem: SmallProblem, data: st.DataObject
) -> None:
    graph, size = Graph.of(problem.table.system.equations), problem.table.system.size
    marks = st.lists(st.booleans(), min_size=size, max_size=size)
    every = len(graph.crossed)
    graph = replace(graph, crossed=np.array(data.draw(st.lists(st.booleans(), min_size=every, max_size=every))))
    allowed, inside = (np.array(data.draw(marks)) for _ in range(2))
    cells = np.flatnonzero(data.draw(marks))
    one_by_one = [bool(inside[graph.grow(np.array([cell]), allowed)].all()) for cell in cells]
    assert graph.inner(cells, allowed, inside).tolist() == one_by_one


def test_nothing_that_is_chosen_stands_alone_in_an_equation() -> None:
    demand = row_of([9, 8, 7], sensitive=[], level=ProtectionLevel.EXACT)
    hidden = np.array([False, True, False, False])
    assert list(partner_cuts(demand, hidden)) == [WholeCut((2, 3), (1, 1), 1, 1)]
    assert list(partner_cuts(demand, np.array([False, True, True, False]))) == []


def test_one_contributor_may_not_know_all_the_other_withheld_cells_of_an_equation() -> None:
    demand = row_of([3, 1, 9], sensitive=[0, 1], level=ProtectionLevel.EXACT)
    sensitive = np.array([False, True, True, False])
    alone = np.array([-1, -1, 7, -1])
    assert list(insider_cuts(demand, alone, sensitive)) == [WholeCut((3,), (1,), 1, None)]
    assert list(insider_cuts(demand, np.array([-1, 7, 7, -1]), sensitive)) == [], "both cells are his own"
    assert list(insider_cuts(demand, np.full(4, -1), sensitive)) == []


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_the_master_satisfies_every_cut_and_costs_little_more_than_the_best_choice(data: st.DataObject) -> None:
    costs = np.array(data.draw(st.lists(st.integers(1, 9), min_size=6, max_size=6)), dtype=float) / 4
    cuts = []
    for _ in range(data.draw(st.integers(1, 5))):
        cells = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True))
        weights = data.draw(st.lists(st.integers(1, 3), min_size=len(cells), max_size=len(cells)))
        of = data.draw(st.sampled_from([None, *(c for c in range(6) if c not in cells)]))
        cuts.append(WholeCut(tuple(cells), tuple(weights), 3, of))
    master = Master(costs)
    master.add(cuts)

    def holds(chosen: tuple[int, ...]) -> bool:
        shares = np.isin(np.arange(6), chosen).astype(float)
        return all(cut.missing(shares) <= 1e-9 for cut in master.cuts)

    every = [c for n in range(7) for c in combinations(range(6), n) if holds(c)]
    found = tuple(np.flatnonzero(master.solve()).tolist())
    if every:
        assert holds(found)
        cheapest = min(costs[list(c)].sum() for c in every)
        assert costs[list(found)].sum() <= cheapest + costs.max() + 1e-9


def test_the_master_mostly_finds_the_best_choice() -> None:
    draw, exact = np.random.default_rng(1), 0
    for _ in range(100):
        costs = draw.integers(2, 12, size=8) / 6
        cuts = [
            WholeCut(tuple(np.sort(draw.choice(8, size=3, replace=False)).tolist()), (1, 1, 2), 2, None)
            for _ in range(6)
        ]
        master = Master(costs)
        master.add(cuts)
        shares = (np.arange(256)[:, None] >> np.arange(8) & 1).astype(float)
        best = min(float(costs @ s) for s in shares if all(cut.missing(s) <= 1e-9 for cut in cuts))
        exact += bool(costs @ master.solve() <= best + 1e-9)
    assert exact >= 85


def test_what_the_relaxation_chooses_in_part_is_still_chosen_in_whole_cells_afterwards() -> None:
    master = Master(np.ones(4))
    master.add([WholeCut(pair, (1, 1), 1, None) for pair in ((0, 1), (1, 2), (0, 2))] + [WholeCut((3,), (1,), 1, None)])
    assert np.flatnonzero(master.likely()).tolist() == [3]  # half of each other cell
    assert master.solve().tolist().count(True) == 3


def test_a_cut_that_no_choice_satisfies_is_left_out_and_a_known_one_is_not_added_twice() -> None:
    master = Master(np.ones(3))
    assert master.add([WholeCut((0,), (1,), 2, None), WholeCut((0, 1), (1, 1), 2, None)]) == 1
    assert master.add([WholeCut((0, 1), (1, 1), 2, None)]) == 0
    assert master.solve().tolist() == [True, True, False]


def test_parts_of_the_choice_that_share_no_cell_do_not_disturb_each_other() -> None:
    master = Master(np.array([1.0, 2.0, 2.0, 1.0]))
    master.add([WholeCut((0, 1), (1, 1), 1, None)])
    assert np.flatnonzero(master.solve()).tolist() == [0]
    master.add([WholeCut((2, 3), (1, 1), 1, None)])
    assert np.flatnonzero(master.solve()).tolist() == [0, 3]
    master.give(np.array([False, True, False, False]))
    assert 1 in np.flatnonzero(master.solve())


def test_what_costs_nothing_any_more_is_chosen_although_it_was_not_before() -> None:
    """What was chosen for parts of the cuts is known, but not of other costs."""
    master = Master(np.array([1.0, 1.5, 1.0]))
    master.add([WholeCut((0, 1), (1, 1), 1, None), WholeCut((1, 2), (1, 1), 1, None)])
    assert np.flatnonzero(master.likely()).tolist() == [1]
    master.give(np.array([True, False, True]))
    assert np.flatnonzero(master.likely()).tolist() == [0, 2]


def nation(types: int, towns: int = 160) -> tuple[LinkedSystem, Layer]:
    """Municipalities of two areas each x 3 codes; in each the types of the areas differ, and the nation is
    published by type: equations so long that blocks do not grow over them tie all municipalities."""
    draw = np.random.default_rng(1)
    codes = 3
    areas = 2 * towns
    counts = draw.integers(5, 30, size=(areas, codes))
    counts[:2, 0] = 3
    kind = np.arange(areas) % types
    town = np.kron(np.eye(towns, dtype=np.int64), np.ones((1, 2), dtype=np.int64))
    of_type = (kind == np.arange(types)[:, None]).astype(np.int64)
    levels = np.concatenate([np.eye(areas, dtype=np.int64), town, of_type])
    values = np.concatenate([levels @ counts, (levels @ counts).sum(axis=1, keepdims=True)], axis=1)
    total = np.array([[*[-1] * codes, 1]])
    above = np.concatenate([-town, -of_type])
    tree = np.concatenate([above, np.eye(towns + types, dtype=np.int64)], axis=1)
    rows = [np.kron(tree, np.eye(codes + 1)), np.kron(np.eye(len(levels)), total)]
    flat = values.ravel()
    nothing = np.zeros(len(flat), dtype=np.int64)
    forced = (np.arange(len(flat)) // (codes + 1) >= areas) | (np.arange(len(flat)) % (codes + 1) == codes)
    layer = Layer(
        values=flat, sensitive=(flat < 5) & ~forced, withheld=nothing.astype(bool), forced=forced, zeros=flat == 0,
        weights=nothing + 32, top=nothing + NO_TOP,
    )  # fmt: skip
    return LinkedSystem(sparse.csr_array(np.concatenate(rows)), np.ones(len(flat), dtype=bool)), layer


def test_what_an_equation_over_the_whole_country_holds_still_is_made_up_for_elsewhere() -> None:
    system, layer = nation(2)
    pattern = find_pattern(system, layer, CountTerms(ProtectionLevel.INTERVAL, 5, True, np.zeros_like(layer.values)))
    # Both areas of the one town need a second code; the other town makes up for what that moves between the types.
    assert pattern.primary_count == 2
    assert pattern.secondary_count <= 8


def test_the_reserve_holds_one_town_for_each_direction_in_which_long_equations_can_move() -> None:
    """Towns have areas of types 0 and 1, or of types 2 and 3; ten towns withhold two codes of both areas."""
    system, _ = nation(4, towns=320)
    graph, across = Graph.of(system.equations), 4
    withheld = [np.array([(2 * k + side) * across + code for side in (0, 1) for code in (0, 1)]) for k in range(10)]
    able = np.ones(system.size, dtype=np.bool_)
    reserve = reserve_of(graph, withheld, able)
    types = {int(cell) // across % 4 for cell in reserve}
    assert len(reserve) == 8
    assert types == {0, 1, 2, 3}
    able[withheld[0][:1]] = False
    assert withheld[0][0] not in reserve_of(graph, withheld, able)
    assert not len(reserve_of(graph, withheld, ~np.ones(system.size, dtype=np.bool_)))
