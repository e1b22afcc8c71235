"""What the search holds for its proof, told to the audit: it is checked, and shows no more than is true."""

from dataclasses import replace

import numpy as np
import pytest
from breaks import ALL, PERIOD, ROW, ROW_COUNTS, SQUARE, audited, rules
from hypothesis import given, settings
from hypothesis import strategies as st
from patterns import count_pattern
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from tables import table_of

from publisher.audit.attacker import Means, NamedAlternatives, attack
from publisher.audit.attacker.alternatives import Alternatives
from publisher.audit.attacker.bodies import bodies_of
from publisher.audit.attacker.equations import NO_UPPER, SHOWN, build_system
from publisher.audit.attacker.integers import Witness
from publisher.audit.attacker.problem import given_system
from publisher.audit.attacker.ranges import Ranges, unseen
from publisher.audit.attacker.reduce import Reduced, reduce_system
from publisher.geography.register import AreaIndex, RegisterArea
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.relations import Column, KeySet, all_cells, linked_system
from publisher.release.model import TOTAL

# Two rows and two columns with their totals, row by row: the four cells inside are withheld.
SUMS = np.array([
    [1, 1, -1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, -1, 0, 0, 0], [0, 0, 0, 0, 0, 0, 1, 1, -1],
    [1, 0, 0, 1, 0, 0, -1, 0, 0], [0, 1, 0, 0, 1, 0, 0, -1, 0], [0, 0, 1, 0, 0, 1, 0, 0, -1],
])  # fmt: skip
VALUES = np.array([3, 4, 7, 2, 6, 8, 5, 10, 15])
INSIDE = np.array([1, 1, 0, 1, 1, 0, 0, 0, 0], dtype=np.bool_)
TURN = [1, -1, 0, -1, 1, 0, 0, 0, 0]


def reduced(
    values: np.ndarray = VALUES, withheld: np.ndarray = INSIDE, *, least: int = 1, most: int = NO_UPPER,
    sums: np.ndarray = SUMS,
) -> Reduced:  # fmt: skip
    ends = withheld.astype(np.int64) * least, np.where(withheld, most, NO_UPPER)
    return reduce_system(given_system(sparse.csr_matrix(sums), values, withheld, ends), least=min(least, 0))


def seen(found: Reduced, changes: list[list[int]], values: np.ndarray = VALUES) -> tuple[Ranges, Witness]:
    size = len(found.lower)
    ranges, witness = unseen(size), Witness.none(size)
    Alternatives(values, sparse.csr_matrix(np.array(changes, dtype=np.int64))).widen(found, ranges, witness)
    return ranges, witness


def range_of(found: Reduced, cell: int, ranges: Ranges) -> tuple[float, float]:
    column = found.column[np.flatnonzero(found.unknowns == cell)[0]]
    return float(ranges.low[column]), float(ranges.high[column])


def test_a_change_is_followed_to_the_bound_both_ways_and_no_further() -> None:
    found = reduced()
    ranges, witness = seen(found, [TURN])
    for told in (ranges, witness):
        assert range_of(found, 0, told) == (1, 4)  # the cell of 2 may fall by 1, the one of 3 by 2
    ranges, _ = seen(reduced(least=0, most=10), [TURN])
    assert range_of(reduced(least=0, most=10), 0, ranges) == (0, 5)


def test_a_multiple_of_a_change_goes_as_far_and_its_whole_steps_are_told_apart() -> None:
    found = reduced()
    ranges, witness = seen(found, [[3 * n for n in TURN]])
    assert range_of(found, 0, ranges) == (1, 4)
    assert range_of(found, 0, witness) == (3, 3)  # three at once do not fit


def three(values: list[int], change: list[int], most: int = NO_UPPER) -> list[tuple[float, float]]:
    """What is seen of three withheld parts of a total, at least one each."""
    sums, numbers = np.array([[1, 1, 1, -1]]), np.array([*values, sum(values)])
    found = reduced(numbers, np.array([1, 1, 1, 0], dtype=np.bool_), sums=sums, most=most)
    return [range_of(found, k, seen(found, [[*change, 0]], numbers)[0]) for k in range(3)]


def test_the_unknown_that_comes_to_its_end_first_ends_the_change_for_all() -> None:
    assert three([3, 4, 13], [2, -1, -1]) == [(1, 9), (1, 5), (10, 14)]
    assert three([3, 4, 13], [2, -1, -1], most=14) == [(1, 9), (1, 5), (10, 14)]
    assert three([3, 4, 13], [-1, -1, 2], most=15) == [(2, 9), (3, 10), (1, 15)]
    assert three([4, 4, 13], [2, -1, -1]) == [(1, 10), (1, 5), (10, 14)]  # the first falls by 3: one and a half times


def test_of_two_ends_that_floating_point_does_not_tell_apart_neither_is_passed() -> None:
    """The first unknown would fall one unit further by its own end than by that of the second."""
    near = 2**29
    assert three([near + 1, near + 2, 2**39], [1 - near, -near, 2 * near - 1])[0][0] >= 2


def test_a_change_whose_steps_are_too_large_to_be_exact_is_not_followed() -> None:
    most = 2**33 + 10
    found = three([10, 2**33 + 1, 2**33 + 1], [6 * 2**30, -3 * 2**30, -3 * 2**30], most=most)
    assert all(1 <= low <= high <= most for low, high in found)


@pytest.mark.parametrize(
    "change",
    [
        [1, -1, 0, -1, 2, 0, 0, 0, 0],  # a column no longer adds up
        [-1, 1, 0, 1, -2, 0, 0, 0, 0],
        [1, 0, 1, -1, 0, -1, 0, 0, 0],  # totals that are published move
        [2**41 * n for n in TURN],  # too large to be added exactly
        [2**40, *[-n for n in TURN[1:]]],
        [0] * 9,
    ],
)
def test_a_change_that_breaks_an_equation_or_moves_what_is_published_shows_nothing(change: list[int]) -> None:
    ranges, witness = seen(reduced(), [change])
    assert (ranges.low == ranges.high).all()
    assert (witness.low == witness.high).all()
    assert not ranges.certified.any()


@pytest.mark.parametrize("values", [VALUES + 1, VALUES + 5 * np.array(TURN), VALUES * 0])
def test_values_that_do_not_fit_show_nothing(values: np.ndarray) -> None:
    ranges, witness = seen(reduced(), [TURN], values)
    assert np.isinf(ranges.low).all()
    assert np.isinf(witness.low).all()


def test_cells_that_are_one_move_alike_or_show_nothing() -> None:
    sums = np.vstack([np.hstack([SUMS, np.zeros((6, 1), np.int64)]), [1, 0, 0, 0, 0, 0, 0, 0, 0, -1]])
    values, withheld = np.append(VALUES, VALUES[0]), np.append(INSIDE, True)
    found = reduced(values, withheld, sums=sums)
    ranges, _ = seen(found, [[*TURN, 1]], values)
    assert range_of(found, 9, ranges) == (1, 4)
    ranges, _ = seen(found, [[*TURN, 0]], values)
    assert range_of(found, 9, ranges) == (3, 3)
    for other in (0, 9):
        ranges, _ = seen(found, [[*TURN, 1]], values + np.eye(10, dtype=np.int64)[other])
        assert np.isinf(ranges.low).all()


def test_where_nothing_ends_a_change_it_is_followed_once() -> None:
    sums, values = np.array([[1, -1, 1]]), np.array([5, 7, 2])
    found = reduced(values, np.array([True, True, False]), sums=sums, least=-(10**15))
    ranges, _ = seen(found, [[1, 1, 0]], values)
    assert [range_of(found, k, ranges) for k in (0, 1)] == [(4, 6), (6, 8)]


@st.composite
def grids(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Values and withheld cells of a table of rows x columns with totals, and changes of which some are wrong."""
    rows, columns = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    inner = np.array(draw(st.lists(st.integers(0, 9), min_size=rows * columns, max_size=rows * columns)))
    full = np.pad(inner.reshape(rows, columns), ((0, 1), (0, 1)))
    full[-1, :], full[:, -1] = full.sum(axis=0), full.sum(axis=1)
    full[-1, -1] = full[-1, :-1].sum()
    hide = np.array(draw(st.lists(st.booleans(), min_size=full.size, max_size=full.size)), dtype=np.bool_)
    least = draw(st.integers(0, 1))
    hide &= full.ravel() >= least
    changes = [draw(moves(rows, columns)) for _ in range(draw(st.integers(1, 6)))]
    return full, hide, np.array(changes), least


@st.composite
def moves(draw: st.DrawFn, rows: int, columns: int) -> np.ndarray:
    """Some rectangles that turn, some parts that do not add up, and now and then a number too much."""
    change = np.zeros((rows + 1, columns + 1), dtype=np.int64)
    for _ in range(draw(st.integers(1, 3))):
        (a, b), (c, d) = (draw(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))) for n in (rows, columns))
        part, times = np.zeros((rows, columns), dtype=np.int64), draw(st.integers(1, 3))
        part[a, c], part[b, d], part[a, d], part[b, c] = times, times, -times, -times
        part[a, c] += draw(st.integers(0, 4)) == 0
        change[:rows, :columns] += part
    change[-1, :], change[:, -1] = change.sum(axis=0), change.sum(axis=1)
    change[-1, -1] = change[-1, :-1].sum()
    change[draw(st.integers(0, rows)), draw(st.integers(0, columns))] += draw(st.integers(0, 4)) == 0
    return change.ravel()


def sums_of(rows: int, columns: int) -> np.ndarray:
    by_row = np.kron(np.eye(rows + 1), np.append(np.ones(columns), -1))
    by_column = np.kron(np.append(np.ones(rows), -1), np.eye(columns + 1))
    return np.vstack([by_row, by_column]).astype(np.int64)


@settings(max_examples=150, deadline=None)
@given(grids())
def test_nothing_is_seen_that_another_solver_does_not_reach(
    grid: tuple[np.ndarray, np.ndarray, np.ndarray, int],
) -> None:
    """Ends of the relaxation by scipy; of whole numbers a solution that has the number."""
    full, hide, changes, least = grid
    sums, values = sums_of(*(n - 1 for n in full.shape)), full.ravel()
    if not hide.any():
        return
    found = reduced(values, hide, sums=sums, least=least)
    ranges, witness = seen(found, changes.tolist(), values)
    low, high = np.where(hide, least, values), np.where(hide, np.inf, values)
    for cell, column in zip(found.unknowns, found.column, strict=True):
        if column >= 0:
            ends = [ends_of(sums, (low, high), cell, sign) for sign in (1, -1)]
            assert ends[0] - 1e-6 <= ranges.low[column] <= ranges.high[column] <= ends[1] + 1e-6
            for number in {witness.low[column], witness.high[column]}:
                assert fits(sums, (low, high), cell, number)


def ends_of(sums: np.ndarray, ends: tuple[np.ndarray, np.ndarray], cell: int, sign: int) -> float:
    aim = sign * np.eye(len(ends[0]))[cell]
    found = linprog(aim, A_eq=sums, b_eq=np.zeros(len(sums)), bounds=list(zip(*ends, strict=True)))
    return float(sign * found.fun) if found.status != 3 else sign * -np.inf


def fits(sums: np.ndarray, ends: tuple[np.ndarray, np.ndarray], cell: int, number: float) -> bool:
    low, high = (np.where(np.arange(len(end)) == cell, number, end) for end in ends)
    nothing, whole = np.zeros(len(sums)), np.ones(len(low))
    return milp(whole * 0, integrality=whole, bounds=Bounds(low, high),
                constraints=LinearConstraint(sums, nothing, nothing)).success  # fmt: skip


def country_of(types: str = "1213") -> KeySet:
    codes = [f"01{m}R00{k}" for m in ("01", "02") for k in (1, 2)]
    areas = tuple(RegisterArea(c, c, c[:4], c[:4], c[:2], c[:2]) for c in codes)
    index = AreaIndex("test", areas, {2022: dict(zip(codes, types, strict=True))})
    columns = (Column("benefit", ("a", "b", "c"), False), Column("sex", ("m", "w"), True))
    return KeySet(index.leaves, index.levels((*ALL, "area_type"), 2022), columns, (True, True))


@pytest.mark.parametrize("level", ProtectionLevel)
def test_what_a_search_holds_for_its_proof_leaves_nothing_to_ask(level: ProtectionLevel) -> None:
    keys, draw = country_of(), np.random.default_rng(3)
    system = linked_system(keys)
    places = np.array([len(x) == 8 for x in keys.leaves])
    leaves = draw.poisson(6, size=(len(keys.leaves), 3, 2)) * places[:, None, None]
    values = all_cells(leaves, keys)
    sensitive = (values > 0) & (values < 5) & system.shown
    pattern = count_pattern(
        system, values=values, sensitive=sensitive, forced=np.zeros(len(values), np.bool_),
        weights=np.ones(len(values), dtype=np.int64) + values, level=level, threshold=5, zeros=Zeros.PUBLISHED,
    )  # fmt: skip
    assert pattern.circulations is not None
    widths = {"exact": (1, 1), "interval": (5, 1), "ambiguous": (5, 4)}[level.value]
    withheld = pattern.suppressed | ~system.shown
    for least, width in zip((0, 1), widths, strict=True):
        bounds = pattern.suppressed * np.int64(least), np.full(len(values), NO_UPPER)
        found = reduce_system(given_system(sparse.csr_matrix(system.equations), values, withheld, bounds), least=0)
        ranges = unseen(len(found.lower))
        told = Alternatives(values, sparse.csr_matrix(pattern.circulations))
        told.widen(found, ranges, Witness.none(len(found.lower)))
        free = found.column >= 0
        wide = (ranges.high - ranges.low)[found.column[free]]
        cells = found.unknowns[free]
        assert (wide[sensitive[cells]] >= width).all()
        assert (wide[pattern.suppressed[cells]] >= 1).all()


def named(change: dict[tuple[str, str], int], **edits: object) -> NamedAlternatives:
    """A change of the cells of ROW, and their true values, told in an order of its own."""
    areas, codes = ("0101R002", "0101R001", "0101", "01", "00", "0101X", "01X", "00X"), ("c", TOTAL, "a", "b")
    leaves = {**{(r, b): ROW_COUNTS.get((r, (b,)), 0) for r in areas for b in "abc"}}
    for r in areas:
        if r in ("0101", "01", "00"):
            leaves.update({(r, b): sum(ROW_COUNTS[x, (b,)] for x in areas[:2]) for b in "abc"})
        leaves[r, TOTAL] = sum(leaves[r, b] for b in "abc")
    cells = [(a, c) for a in areas for c in codes]
    told = NamedAlternatives(
        areas=areas, dimensions=("benefit",), categories=tuple((c,) for c in codes),
        values=np.array([leaves[c] for c in cells]),
        changes=sparse.csr_matrix(np.array([[change.get(c, 0) for c in cells]], dtype=np.int64)),
    )  # fmt: skip
    return replace(told, **edits)


RING = {("0101R001", "a"): 1, ("0101R001", "b"): -1, ("0101R002", "a"): -1, ("0101R002", "b"): 1}


def test_names_find_the_cells_of_the_published_form() -> None:
    table = table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE)
    system = build_system(next(bodies_of([table])), PERIOD, {})
    told = named(RING).of(system)
    assert not (system.matrix @ told.values).any()
    assert not (system.matrix @ told.changes.T).nnz
    moved = {system.grid.describe(int(n)): int(v) for n, v in zip(told.changes.indices, told.changes.data, strict=True)}
    assert moved == {(area, (code,)): n for (area, code), n in RING.items()}
    shown = system.state == SHOWN
    assert (told.values[shown] == system.values[shown]).all()


def test_names_that_the_published_form_lacks_are_left_out() -> None:
    table = table_of(ROW, ROW_COUNTS, ALL)
    system = build_system(next(bodies_of([table])), PERIOD, {})
    strange = named(RING, areas=("9999R001", *named(RING).areas[1:])).of(system)
    assert strange.changes.nnz == 2  # the other two are in an area that is not there
    other = named(RING, dimensions=("sex",)).of(system)
    assert not other.changes.nnz
    assert other.values.any()  # totals have their names whatever the dimension is called


def test_a_break_is_found_whatever_is_told() -> None:
    """The cell beside the withheld one is published: what the search had proved with it proves nothing any more."""
    table = table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE[:3])
    result = attack([table], period=PERIOD, zeros_published=True, need=1, means=Means(told=named(RING)))
    assert all(i.exact for i in result.a0)
    assert rules(audited(table)) == {"a withheld cell can be computed"}
