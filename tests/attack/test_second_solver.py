"""A second program, written apart: every leaf and every category an unknown of its own, dense, solved by scipy.

A third one solves the same rows by GLOP, so that no two of them share formulation and solver with the attack.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from unittest import mock

import numpy as np
import pytest
from glop import Glop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from tables import PERIOD, Country, Key, area_at, both, country, table_of, true_cells

from publisher.audit.attacker import AttackResult, CellKey, FeasibilityInterval, ValueKey, attack, bounds
from publisher.release.model import AREA_LEVELS, Cell, Measure, Table

REGSOS = ("0101R001", "0101R002", "0101R003", "0102R001", "0102R002", "0201R001", "0201R002")
Interval = tuple[int, int | None]
Shape = tuple[list[str], list[str], list[bool]]
Fall = tuple[int, int]
"""A seed, and how many cells of ten are withheld."""


class Dense:
    """Equations of published cells over all leaves and categories."""

    def __init__(self, where: Country, tables: Sequence[Table], least: int) -> None:
        self.where = where
        self.unknowns = list(product(where.leaves, product(*where.dimensions.values())))
        equal = [(self.row(t, c), c.value) for t in tables for c in t.cells if c.value is not None]
        least_rows = [(self.row(t, c), least) for t in tables for c in t.cells if c.value is None]
        self.a_eq = np.array([r for r, _ in equal]) if equal else None
        self.b_eq = np.array([v for _, v in equal]) if equal else None
        self.a_ub = -np.array([r for r, _ in least_rows])
        self.b_ub = -np.array([v for _, v in least_rows])

    def row(self, table: Table, cell: Cell) -> np.ndarray:
        level = {a.code: a.level for a in table.areas}[cell.area]
        ids = [d.id for d in table.dimensions]
        wanted = {d: c for d, c in zip(ids, cell.categories, strict=True) if c != "TOT"}
        names = list(self.where.dimensions)
        return np.array(
            [
                float(
                    area_at(level, leaf, self.where.types) == cell.area
                    and all(parts[names.index(d)] == c for d, c in wanted.items())
                )
                for leaf, parts in self.unknowns
            ]
        )

    def interval(self, table: Table, cell: Cell) -> Interval:
        cost, ends = self.row(table, cell), []
        for sign in (1, -1):
            found = linprog(sign * cost, self.a_ub, self.b_ub, self.a_eq, self.b_eq, method="highs-ds")
            ends.append(None if found.status == 3 else sign * found.fun)
        return int(np.ceil(ends[0] - 1e-6)), None if ends[1] is None else int(np.floor(ends[1] + 1e-6))


@st.composite
def linked_tables(draw: st.DrawFn) -> tuple[Country, list[Table]]:
    regsos = draw(st.lists(st.sampled_from(REGSOS), min_size=2, max_size=5, unique=True))
    types = {r: k for r in regsos if (k := draw(st.sampled_from(["", "1", "2"])))}
    where = country(regsos, types, **draw(st.sampled_from([{}, {"b": ("x", "y")}, {"b": ("x", "y"), "s": ("f", "m")}])))
    leaves = [*regsos, *draw(st.lists(st.sampled_from(where.leaves), max_size=2))]
    counts = {
        (leaf, parts): draw(st.integers(0, 7)) for leaf in leaves for parts in product(*where.dimensions.values())
    }
    shapes = [draw(_shape(where)) for _ in range(draw(st.integers(1, 3)))]
    seed, share = draw(st.integers(0, 2**16)), draw(st.integers(1, 9))
    return where, [_table(where, counts, shape, f"t{i}", (seed, share)) for i, shape in enumerate(shapes)]


def _shape(where: Country) -> st.SearchStrategy[Shape]:
    levels = st.lists(st.sampled_from(AREA_LEVELS), min_size=1, max_size=4, unique=True)
    dims = st.lists(st.sampled_from(sorted(where.dimensions)), unique=True) if where.dimensions else st.just([])
    return st.tuples(levels, dims, st.lists(st.booleans(), min_size=2, max_size=2))


def _table(where: Country, counts: Mapping[Key, int], shape: Shape, name: str, fall: Fall) -> Table:
    levels, dims, totals = shape[0], shape[1], shape[2][: len(shape[1])]
    cells = true_cells(where, counts, levels, totals, dims)
    hide = [k for k, n in cells.items() if n > 0 and _hidden(k, dims, fall)]
    return table_of(where, counts, levels, hide=hide, dims=dims, totals=totals, name=name)


def _hidden(key: Key, dims: Sequence[str], fall: Fall) -> bool:
    """The same cell falls alike in every table, whatever dimensions the table lacks."""
    shown = sorted((d, c) for d, c in zip(dims, key[1], strict=True) if c != "TOT")
    text = f"{fall[0]} {key[0]} {shown}"
    return sum(ord(c) * 31**i for i, c in enumerate(text)) % 1009 % 10 < fall[1]


def _compare(where: Country, tables: list[Table], result: AttackResult, attacker: int) -> None:
    dense = Dense(where, tables, attacker)
    by_key = {i.key: i for i in (result.a1 if attacker else result.a0)}
    for table in tables:
        for cell in table.cells:
            if cell.value is None:
                mine = by_key[table.id, cell.area, cell.categories]
                assert mine.certified
                assert (mine.lower, mine.upper) == dense.interval(table, cell)


@settings(max_examples=60, deadline=None)
@given(linked_tables())
def test_both_programs_find_the_same_intervals(drawn: tuple[Country, list[Table]]) -> None:
    where, tables = drawn
    result = attack(tables, period=PERIOD, zeros_published=True)
    assert result.consistent
    assert result.informed_consistent
    _compare(where, tables, result, 0)
    _compare(where, tables, result, 1)


@pytest.fixture(scope="module")
def glop() -> Iterator[Glop]:
    with Glop() as started:
        yield started


def intervals_by_glop(
    glop: Glop, where: Country, tables: Sequence[Table], limits: Mapping[ValueKey, tuple[int, int | None]]
) -> dict[CellKey, Interval]:
    """Of every withheld cell of the last measure, by the rows of `Dense`, each cell within its limits."""
    dense, measure = Dense(where, tables, 0), tables[0].measures[-1].id
    cells = [(t, c) for t in tables for c in t.cells if c.measure == measure]
    withheld = [(t, c) for t, c in cells if c.value is None]
    rows = [(dense.row(t, c), c.value, c.value) for t, c in cells if c.value is not None]
    rows += [(dense.row(t, c), *limits[t.id, c.measure, c.area, c.categories]) for t, c in withheld]
    found = glop.ends(rows, [dense.row(t, c) for t, c in withheld])
    whole = [
        (int(np.ceil((low or 0) - 1e-5)), None if high is None else int(np.floor(high + 1e-5))) for low, high in found
    ]
    return {(t.id, c.area, c.categories): ends for (t, c), ends in zip(withheld, whole, strict=True)}


def ours(found: Sequence[FeasibilityInterval]) -> dict[CellKey, tuple[int | None, int | None]]:
    return {i.key: (i.lower, i.upper) for i in found}


TOLERANT = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@TOLERANT
@given(drawn=linked_tables())
def test_a_third_program_finds_the_same_intervals_of_linked_counts(
    glop: Glop, drawn: tuple[Country, list[Table]]
) -> None:
    where, tables = drawn
    result = attack(tables, period=PERIOD, zeros_published=True)
    for found, least in ((result.a0, 0), (result.a1, 1)):
        limits = {i.value_key: (least, None) for i in found}
        assert ours(found) == intervals_by_glop(glop, where, tables, limits)


@TOLERANT
@given(drawn=linked_tables(), seed=st.integers(0, 2**16), reach=st.integers(1, 10**4))
def test_a_third_program_finds_the_same_intervals_of_linked_sums(
    glop: Glop, drawn: tuple[Country, list[Table]], seed: int, reach: int
) -> None:
    """Amounts, each within limits that everybody knows."""
    where, tables = drawn[0], [amounts_of(drawn[0], t, seed) for t in drawn[1]]
    cells = [(t, c) for t in tables for c in t.cells if c.measure == "paid"]
    limits = {(t.id, "paid", c.area, c.categories): limits_of(where, t, c, (seed, reach)) for t, c in cells}
    result = attack(tables, period=PERIOD, zeros_published=True, limits=limits)
    assert result.consistent
    expected = intervals_by_glop(glop, where, tables, limits)
    for found in (result.a0, result.a1):
        assert ours([i for i in found if i.measure == "paid"]) == expected


def amount(seed: int, leaf: str, parts: tuple[str, ...]) -> int:
    """What a leaf cell is paid: up to 10 000, by a sum over its codes."""
    text = f"{seed} {leaf} {parts}"
    return sum(ord(c) * 37**i for i, c in enumerate(text)) % 10_007


def true_amount(where: Country, table: Table, cell: Cell, seed: int) -> int:
    """A cell's amount, by the rows of the second program."""
    dense = Dense.__new__(Dense)
    dense.where, dense.unknowns = where, list(product(where.leaves, product(*where.dimensions.values())))
    row = dense.row(table, cell)
    return int(sum(amount(seed, *dense.unknowns[at]) for at in np.flatnonzero(row).tolist()))


def amounts_of(where: Country, table: Table, seed: int) -> Table:
    """The table with amounts beside its counts, withheld in the same cells."""
    paid = Measure("paid", "sum", both("p"), both("kr"), 0, True, False, "amount", bounds={"": (0, 10**9)})
    cells = tuple(
        c._replace(measure="paid", value=None if c.value is None else true_amount(where, table, c, seed))
        for c in table.cells
    )
    return replace(table, measures=(*table.measures, paid), cells=(*table.cells, *cells))


def limits_of(where: Country, table: Table, cell: Cell, drawn: tuple[int, int]) -> tuple[int, int | None]:
    """Around the true amount; some cells have no upper limit, some not even a lower one."""
    seed, reach = drawn
    true, kind = true_amount(where, table, cell, seed), amount(seed + 1, cell.area, cell.categories) % 3
    return (0 if kind == 0 else max(0, true - reach), None if kind < 2 else true + 2 * reach)


@settings(max_examples=60, deadline=None)
@given(linked_tables(), st.integers(1, 6), st.sampled_from([0, 1000]))
def test_a_width_that_suffices_gives_intervals_inside_the_proved_ones(
    drawn: tuple[Country, list[Table]], need: int, few: int
) -> None:
    tables = drawn[1]
    proved = attack(tables, period=PERIOD, zeros_published=True)
    # As if a component of two unknowns were large, so that municipalities and counties are bounded by themselves.
    with mock.patch.object(bounds, "_SMALL", 1), mock.patch.object(bounds, "_FEW", few):
        quick = attack(tables, period=PERIOD, zeros_published=True, need=need)
    for full, some in zip((*proved.a0, *proved.a1), (*quick.a0, *quick.a1), strict=True):
        assert full.lower <= some.lower
        assert full.upper is None or (some.upper is not None and some.upper <= full.upper)
        assert some.at_least(need) or (some.certified and (some.lower, some.upper) == (full.lower, full.upper))
