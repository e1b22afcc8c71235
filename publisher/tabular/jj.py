"""The JJ format, in which tau-ARGUS and sdcTable hand a suppression problem to a solver, and get it back.

Line 1: 0.  Line 2: the number of cells.  Then one line a cell: index from 0, value, cost, status, lower bound, upper
bound, lower, upper and sliding protection level.  Then the number of equations, and one line each:
`0 3 : 0 (-1) 1 (1) 2 (1)` - right-hand side, number of cells, and each cell with its coefficient.  Statuses: `s` may be
suppressed, `z` is published, `u` is sensitive, `m` or `x` is suppressed besides.
Sources: tau-ARGUS 4.1, writer and reader of JJ files; sdcTable 0.32, writeJJFormat.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import ceil, floor, lcm

import numpy as np
from scipy import sparse

from publisher.errors import TableError
from publisher.opaque import Opaque
from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray
from publisher.tabular.rows import CsvFile

FREE, FIXED, SENSITIVE, SECONDARY, OTHER_SECONDARY = "s", "z", "u", "m", "x"
STATUSES = (FREE, FIXED, SENSITIVE, SECONDARY, OTHER_SECONDARY)

_TERM = re.compile(r"(\d{1,9})\s*\(\s*([-+]?[0-9.]{1,20})\s*\)")
_COST_STEPS = 1000
_LARGEST = 2**53
_MOST_DIGITS = 40


@dataclass(frozen=True, slots=True, repr=False)
class JJCell(Opaque):
    """One cell as it stands in a file: exact numbers, in the file's units."""

    value: Fraction
    cost: Fraction
    status: str
    lower: Fraction
    upper: Fraction
    levels: tuple[Fraction, Fraction, Fraction]

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"the status is one of {', '.join(STATUSES)}")
        if not self.lower <= self.value <= self.upper:
            raise ValueError("the value lies outside its bounds")
        if min(self.levels) < 0 or self.cost < 0:
            raise ValueError("a cost or a protection level is negative")


@dataclass(frozen=True, slots=True, repr=False)
class JJProblem(Opaque):
    """`equations @ values == 0`, integer coefficients; a solution is the same with other statuses."""

    cells: tuple[JJCell, ...]
    equations: sparse.csr_array

    @property
    def scale(self) -> int:
        """What values are multiplied by to be whole."""
        return lcm(*(c.value.denominator for c in self.cells))

    @property
    def values(self) -> IntArray:
        """Whole numbers: values x scale."""
        scale = self.scale
        return np.array([int(c.value * scale) for c in self.cells], dtype=np.int64)

    @property
    def bounds(self) -> tuple[IntArray, IntArray]:
        """Least and greatest whole numbers that everybody knows each value x scale to lie between."""
        scale = self.scale
        lower = [ceil(c.lower * scale) for c in self.cells]
        return np.array(lower, dtype=np.int64), np.array([floor(c.upper * scale) for c in self.cells], dtype=np.int64)

    @property
    def levels(self) -> tuple[IntArray, IntArray, IntArray]:
        """Lower, upper and sliding protection level x scale, rounded up; 0 for cells that are not sensitive."""
        scale = self.scale
        rows = [[ceil(x * scale) if c.status == SENSITIVE else 0 for x in c.levels] for c in self.cells]
        low, high, wide = np.array(rows, dtype=np.int64).T
        return low, high, wide

    @property
    def weights(self) -> IntArray:
        """Costs as whole numbers of at least 1."""
        most = 2**50
        return np.array([min(most, max(1, ceil(c.cost * _COST_STEPS))) for c in self.cells], dtype=np.int64)

    def has_status(self, *statuses: str) -> BoolArray:
        """Which cells have one of the statuses."""
        return np.array([c.status in statuses for c in self.cells], dtype=np.bool_)

    def solved(self, suppressed: BoolArray) -> "JJProblem":
        """The same with status `m` where a cell that might be suppressed is."""
        pairs = zip(self.cells, suppressed.tolist(), strict=True)
        cells = tuple(replace(c, status=SECONDARY) if s and c.status == FREE else c for c, s in pairs)
        return JJProblem(cells, self.equations)


def read_jj(file: CsvFile) -> JJProblem:
    """Read a problem or a solution; TableError names the line of what is wrong, and never a value."""
    lines = _Lines(file)
    line, first = next(lines, (1, ""))
    if first.strip() not in ("0", "0.0"):
        raise file.fail(line, "a JJ file begins with a line that holds 0")
    cells = tuple(lines.cell(k) for k in range(lines.count("cells")))
    if not cells:
        raise file.fail(2, "the problem has no cell")
    n = lines.count("equations")
    problem = JJProblem(cells, sparse.csr_array((0, len(cells)), dtype=np.int64))
    _check_size(file, problem)
    values = [c.value for c in cells]
    rows = [lines.equation(values) for _ in range(n)]
    for line, text in lines:
        if text.strip():
            raise file.fail(line, "nothing is expected after the last equation")
    entries = [(r, j, a) for r, row in enumerate(rows) for j, a in row]
    row, col, val = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    return JJProblem(cells, sparse.csr_array((val, (row, col)), shape=(n, len(cells))))


def _check_size(file: CsvFile, problem: JJProblem) -> None:
    scale = problem.scale
    if max(max(abs(c.lower), abs(c.upper), *c.levels) for c in problem.cells) * scale >= _LARGEST:
        raise file.fail(2, "values and bounds have more digits than a solver holds exactly")


class _Lines(Iterator[tuple[int, str]]):
    """The lines of a JJ file, one after the other, and what can stand on them."""

    def __init__(self, file: CsvFile) -> None:
        self._file = file
        try:
            self._lines = iter(enumerate(file.data.decode("ascii").splitlines(), 1))
        except UnicodeDecodeError:
            raise TableError(f"{file.name}: a JJ file is ASCII") from None

    def __next__(self) -> tuple[int, str]:
        return next(self._lines)

    def _next(self, what: str) -> tuple[int, str]:
        found = next(self._lines, None)
        if found is None:
            raise TableError(f"{self._file.name}: the file ends before its {what}")
        return found

    def count(self, what: str) -> int:
        """A line that holds a number of things."""
        line, text = self._next(f"number of {what}")
        return self._file.number(line, f"number of {what}", text.strip())

    def cell(self, k: int) -> JJCell:
        """The line of cell k."""
        line, text = self._next("last cell")
        words = text.split()
        if len(words) != 9 or words[0] != str(k):
            raise self._file.fail(line, f"nine words are expected, the first of them {k}: the cell's index from 0")
        value, cost, lower, upper, *levels = (self._number(line, w) for w in (*words[1:3], *words[4:]))
        try:
            return JJCell(value, cost, words[3], lower, upper, (levels[0], levels[1], levels[2]))
        except ValueError as error:
            raise self._file.fail(line, str(error)) from None

    def equation(self, values: list[Fraction]) -> list[tuple[int, int]]:
        """An equation, as cells and coefficients; a total of parts has the coefficient 1, its parts -1."""
        line, text = self._next("last equation")
        head, _, tail = text.partition(":")
        words, terms = head.split(), _TERM.findall(tail)
        if len(words) != 2 or not words[1].isdecimal() or int(words[1]) != len(terms) or _TERM.sub("", tail).strip():
            raise self._file.fail(line, "an equation is `0 n :` and n terms `cell (coefficient)`")
        if self._number(line, words[0]):
            raise self._file.fail(line, "a right-hand side other than 0 is not supported")
        row = [(int(j), self._number(line, a)) for j, a in terms]
        if any(j >= len(values) or a.denominator != 1 or not a for j, a in row) or len({j for j, _ in row}) != len(row):
            raise self._file.fail(line, "cells are those above, each once, with whole coefficients other than 0")
        if sum(a * values[j] for j, a in row):
            raise self._file.fail(line, "the values do not satisfy this equation")
        sign = -1 if sum(a < 0 for _, a in row) == 1 else 1
        return [(j, sign * int(a)) for j, a in row]

    def _number(self, line: int, word: str) -> Fraction:
        try:
            found = Decimal(word)
            if not found.is_finite() or len(word) > _MOST_DIGITS or not -_MOST_DIGITS < found.adjusted() <= 18:
                raise InvalidOperation
        except InvalidOperation:
            raise self._file.fail(line, "a decimal number is expected here, of at most 18 digits") from None
        return Fraction(found)


def write_jj(problem: JJProblem) -> bytes:
    """The bytes of a JJ file, as tau-ARGUS writes it."""
    lines = ["0", str(len(problem.cells))]
    for k, c in enumerate(problem.cells):
        numbers = [_decimal(x) for x in (c.value, c.cost, c.lower, c.upper, *c.levels)]
        lines.append(" ".join([str(k), *numbers[:2], c.status, *numbers[2:]]))
    matrix = problem.equations
    lines.append(str(matrix.shape[0]))
    for a, b in zip(matrix.indptr, matrix.indptr[1:], strict=False):
        terms = zip(matrix.indices[a:b].tolist(), matrix.data[a:b].tolist(), strict=True)
        lines.append(f"0 {b - a} : " + " ".join(f"{j} ({-int(v)})" for j, v in terms))
    return ("\n".join(lines) + "\n").encode("ascii")


def _decimal(number: Fraction) -> str:
    """Exactly, without an exponent.  ValueError for what has no finite decimals."""
    digits = next((k for k in range(_MOST_DIGITS) if 10**k % number.denominator == 0), None)
    if digits is None:
        raise ValueError("a number has no finite decimals")
    whole, rest = divmod(abs(number.numerator) * 10**digits // number.denominator, 10**digits)
    sign = "-" if number < 0 else ""
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"
