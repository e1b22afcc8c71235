"""The JJ format: files in the style of both programs that write it, refusals by line, and solutions asked by an LP."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from publisher.errors import SuppressionError, TableError
from publisher.tabular.jj import FIXED, SECONDARY, SENSITIVE, JJProblem, read_jj, write_jj
from publisher.tabular.jj_search import Reach, audit, solve
from publisher.tabular.rows import CsvFile

# 3 x 3 with totals, row by row, as tau-ARGUS writes it: total -1, space before the parenthesis, decimals.
EQUATIONS = [(0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 1, 2), (3, 4, 5), (6, 7, 8)]
TAU = """0
9
0 100.50 100 z 0.00 200.00 0.00000 0.00000 0.00
1 60.00 60 s 0.00 200.00 0.00000 0.00000 0.00
2 40.50 40 s 0.00 200.00 0.00000 0.00000 0.00
3 50.25 50 s 0.00 200.00 0.00000 0.00000 0.00
4 45.25 45 s 0.00 200.00 0.00000 0.00000 0.00
5 5.00 5 u 0.00 200.00 2.50000 2.50500 0.00
6 50.25 50 s 0.00 200.00 0.00000 0.00000 0.00
7 14.75 14 s 0.00 200.00 0.00000 0.00000 0.00
8 35.50 35 s 0.00 200.00 0.00000 0.00000 0.00
6
0 3 : 0 (-1) 3 (1) 6 (1)
0 3 : 1 (-1) 4 (1) 7 (1)
0 3 : 2 (-1) 5 (1) 8 (1)
0 3 : 0 (-1) 1 (1) 2 (1)
0 3 : 3 (-1) 4 (1) 5 (1)
0 3 : 6 (-1) 7 (1) 8 (1)
"""
# The same numbers as R writes them: no space before the parenthesis, levels of 1 on every line, an exponent.
SDC = """0
9
0 1e+05 1e+05 s 0 150000 1 1 0
1 60000 60000 s 0 90000 1 1 0
2 40000 40000 s 0 60000 1 1 0
3 50000 50000 s 0 75000 1 1 0
4 49997 49997 s 0 74995.5 1 1 0
5 3 3 u 0 4.5 1 1 0
6 50000 50000 s 0 75000 1 1 0
7 10003 10003 s 0 15004.5 1 1 0
8 39997 39997 x 0 59995.5 1 1 0
6
0.0 3 : 0(-1) 3(1) 6(1)
0.0 3 : 1(-1) 4(1) 7(1)
0.0 3 : 2(-1) 5(1) 8(1)
0.0 3 : 0(-1) 1(1) 2(1)
0.0 3 : 3(-1) 4(1) 5(1)
0.0 3 : 6(-1) 7(1) 8(1)
"""


def parse(text: str) -> JJProblem:
    return read_jj(CsvFile("p.jj", text.encode()))


def test_a_problem_of_tau_argus_is_read_exactly_and_solved() -> None:
    problem = parse(TAU)
    assert problem.scale == 4
    assert problem.values.tolist() == [402, 240, 162, 201, 181, 20, 201, 59, 142]
    assert [a[5] for a in problem.levels] == [10, 11, 0]  # 2.5 and 2.505 in quarters, rounded up
    assert problem.equations.toarray()[0].tolist() == [1, 0, 0, -1, 0, 0, -1, 0, 0]
    solution = solve(problem)
    assert [c.status for c in solution.cells] == ["z", "s", "s", "s", "m", "u", "s", "m", "m"]
    report = audit(parse(write_jj(solution).decode()))
    assert (report.suppressed, report.exact, report.narrow) == (4, 0, 0)
    assert "withheld" in repr(problem)


def test_a_problem_of_sdctable_is_read_and_what_it_suppresses_stays() -> None:
    problem = parse(SDC)
    assert problem.values[0] == 100000
    assert [int(a.sum()) for a in problem.levels] == [1, 1, 0]  # levels count where a cell is sensitive
    assert problem.bounds[1][5] == 4
    solution = solve(problem)
    assert solution.cells[8].status == "x"
    assert audit(solution).safe


def test_tau_argus_finds_the_secondary_cells_of_a_solution() -> None:
    """It skips two lines, and takes the index that begins each later line with an m."""
    lines = write_jj(solve(parse(TAU))).decode().splitlines()[2:]
    assert [int(line.split()[0]) for line in lines if "m" in line] == [4, 7, 8]


@pytest.mark.parametrize("text", [TAU, SDC])
def test_what_is_written_is_read_as_the_same(text: str) -> None:
    problem = parse(text)
    again = parse(write_jj(problem).decode())
    assert again.cells == problem.cells
    assert (again.equations != problem.equations).nnz == 0


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("0\n9\n", "1\n9\n", 1, "begins with a line that holds 0"),
        ("0\n9\n", "0\nnine\n", 2, "number of cells"),
        ("5 5.00 5 u", "6 5.00 5 u", 8, "the first of them 5"),
        ("5 5.00 5 u", "5 5.00 5 w", 8, "the status is one of s, z, u, m, x"),
        ("5 5.00 5 u", "5 5,00 5 u", 8, "a decimal number"),
        ("5 5.00 5 u", "5 NaN 5 u", 8, "a decimal number"),
        ("5 5.00 5 u", "5 1e99 5 u", 8, "a decimal number"),
        ("5 5.00 5 u", "5 5.00 -5 u", 8, "a cost or a protection level is negative"),
        ("5 5.00 5 u 0.00", "5 5.00 5 u 6.00", 8, "outside its bounds"),
        ("5 5.00 5 u 0.00", "5 5.00 5 u", 8, "nine words"),
        ("5 5.00 5 u", "5 6.00 5 u", 15, "the values do not satisfy this equation"),
        ("0 3 : 3 (-1) 4 (1) 5 (1)", "0 4 : 3 (-1) 4 (1) 5 (1)", 17, "an equation is"),
        ("0 3 : 3 (-1) 4 (1) 5 (1)", "0 3 : 3 (-1) 4 (1) 5 (1) and", 17, "an equation is"),
        ("0 3 : 3 (-1) 4 (1) 5 (1)", "2 3 : 3 (-1) 4 (1) 5 (1)", 17, "a right-hand side other than 0"),
        ("0 3 : 3 (-1) 4 (1) 5 (1)", "0 3 : 9 (-1) 4 (1) 5 (1)", 17, "cells are those above"),
        ("0 3 : 3 (-1) 4 (1) 5 (1)", "0 3 : 3 (-0.5) 4 (1) 5 (1)", 17, "whole coefficients"),
        ("0 3 : 3 (-1) 4 (1) 5 (1)", "0 3 : 3 (-1) 4 (1) 4 (1)", 17, "each once"),
        ("0 3 : 6 (-1) 7 (1) 8 (1)\n", "0 3 : 6 (-1) 7 (1) 8 (1)\nmore\n", 19, "nothing is expected"),
        ("9\n0 100.50", "9\n0 100.5000000000000000001", 2, "more digits"),
    ],
)
def test_what_is_no_jj_file_is_refused_with_its_line(before: str, after: str, line: int, message: str) -> None:
    assert before in TAU
    with pytest.raises(TableError) as refused:
        parse(TAU.replace(before, after))
    assert str(refused.value).startswith(f"p.jj:{line}: ")
    assert message in str(refused.value)


def test_a_file_that_ends_too_early_is_refused() -> None:
    with pytest.raises(TableError, match="ends before its last cell"):
        parse(TAU[: TAU.index("7 14.75")])
    with pytest.raises(TableError, match="ends before its last equation"):
        parse(TAU[: TAU.index("0 3 : 6")])


def test_levels_beyond_the_bounds_are_capped_and_counted() -> None:
    reach = Reach.of(parse(TAU.replace("2.50000 2.50500 0.00", "7.00000 500.00000 1000.00")))
    assert (reach.fall[5], reach.rise[5], reach.width[5]) == (20, 780, 800)
    assert reach.capped == 1


def made(
    counts: list[int], levels: tuple[int, int, int], threshold: int = 10, slack: int = 200, hidden: int = 9
) -> JJProblem:
    """2 x 2 with totals.  `slack`: how far each cell can rise by its bounds.  `hidden`: suppressed from the start."""
    a, b, c, d = counts
    values = [a + b + c + d, a + c, b + d, a + b, a, b, c + d, c, d]
    rows = [
        f"{k} {v} {v + 1} {_status(v, threshold, k == hidden)} 0 {v + slack} "
        + ("{} {} {}".format(*levels) if 0 < v < threshold else "0 0 0")
        for k, v in enumerate(values)
    ]
    sums = [f"0 3 : {t} (-1) {x} (1) {y} (1)" for t, x, y in EQUATIONS]
    return parse("\n".join(["0", "9", *rows, "6", *sums]) + "\n")


def _status(value: int, threshold: int, hidden: bool) -> str:
    return "z" if value == 0 else "u" if value < threshold else "m" if hidden else "s"


COUNTS = st.lists(st.integers(0, 40), min_size=4, max_size=4).filter(sum)
LEVELS = st.tuples(st.integers(0, 4), st.integers(0, 8), st.integers(0, 12))


@settings(max_examples=150, deadline=None)
@given(counts=COUNTS, levels=LEVELS, slack=st.integers(3, 30), hidden=st.integers(1, 9))
def test_every_sensitive_cell_of_a_solution_keeps_its_levels(
    counts: list[int], levels: tuple[int, int, int], slack: int, hidden: int
) -> None:
    problem = made(counts, levels, slack=slack, hidden=hidden)
    try:
        solution = solve(problem)
    except SuppressionError:
        return
    values, reach = problem.values, Reach.of(problem)
    withheld = solution.has_status(SENSITIVE, SECONDARY)
    assert not (withheld & problem.has_status(FIXED)).any()
    bounds = [(0, float(c.upper)) if h else (v, v) for c, h, v in zip(problem.cells, withheld, values, strict=True)]
    matrix = np.zeros((6, 9))
    for r, (total, *parts) in enumerate(EQUATIONS):
        matrix[r, total], matrix[r, parts] = 1, -1
    for k in np.flatnonzero(withheld):
        low, high = (
            sign * linprog(sign * np.eye(9)[k], A_eq=matrix, b_eq=np.zeros(6), bounds=bounds).fun for sign in (1, -1)
        )
        assert high - low > 1e-6
        assert low <= values[k] - reach.fall[k] + 1e-6
        assert high >= values[k] + reach.rise[k] - 1e-6
        assert high - low >= reach.width[k] - 1e-6
    assert audit(solution).safe


@pytest.mark.parametrize(
    ("levels", "hidden", "exact", "narrow"),
    [
        ((0, 0, 0), (4,), 1, 0),
        ((0, 0, 0), (4, 5, 7, 8), 0, 0),
        ((3, 0, 0), (4, 5, 7, 8), 0, 0),
        ((4, 0, 0), (4, 5, 7, 8), 0, 1),
        ((0, 20, 0), (4, 5, 7, 8), 0, 0),
        ((0, 21, 0), (4, 5, 7, 8), 0, 1),
        ((0, 0, 23), (4, 5, 7, 8), 0, 0),
        ((0, 0, 24), (4, 5, 7, 8), 0, 1),
    ],
)
def test_the_audit_finds_a_cell_one_unit_below_its_level(
    levels: tuple[int, int, int], hidden: tuple[int, ...], exact: int, narrow: int
) -> None:
    """4 | 20 over 20 | 5 with 5 at least 2: where all four are hidden, the 4 lies between 1 and 24."""
    problem = made([4, 20, 20, 5], levels, threshold=5)
    cells = (*problem.cells[:8], replace(problem.cells[8], lower=Fraction(2)))
    problem = JJProblem(cells, problem.equations)
    found = audit(problem.solved(np.isin(np.arange(9), hidden)))
    assert (found.exact, found.narrow) == (exact, narrow)


def test_a_number_without_finite_decimals_is_not_written() -> None:
    problem = parse(TAU)
    cell = problem.cells[0]
    with pytest.raises(ValueError, match="finite decimals"):
        write_jj(JJProblem((replace(cell, cost=Fraction(1, 3)), *problem.cells[1:]), problem.equations))
