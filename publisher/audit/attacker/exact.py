"""Ends in exact arithmetic, from a vertex and multipliers that were found in floating point.

A vertex leads to an exact solution: its numbers at bounds are those bounds, and the others follow from the equations as
fractions, so that what it reaches can be reached.  Multipliers of the equations, whatever they are, bound every
solution once they are rounded to fractions (weak duality), so that nothing goes further.  Where both agree on the last
whole number, the solver need not be believed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import ceil, lcm

import numpy as np
from numpy.typing import NDArray

from publisher.audit.attacker.programme import Floats, Programme
from publisher.opaque import Opaque

_DENOMINATORS = (1, 2, 3, 4, 5, 6, 8, 12, 60)
"""Vertices are tried as multiples of one of these parts first."""

_MOST = 600
"""Up to so many equations are solved by elimination, and their multipliers rounded one by one."""

_FIRST = 5040
"""Multipliers are rounded to multiples of 1 / 5040 first: most have small denominators."""

_PARTS = 10**4, 10**6, 2**31
"""Where equations are few, also to fractions with denominators up to one of these."""

_COMMON = 2**40
"""So large a common denominator is computed with, at most."""

_SAFE = 2.0**62


def reached(programme: Programme, vertex: Floats, at: int) -> Fraction | None:
    """The value of one unknown in an exact solution at the vertex found last; None where none was found."""
    for parts in _DENOMINATORS:
        if (whole := _multiple(programme, vertex, parts)) is not None:
            return Fraction(int(whole[at]), parts)
    return _eliminated(programme, vertex, programme.basic(), at) if _few(programme) else None


def no_less(programme: Programme, at: int, sign: int) -> Fraction | None:
    """A bound that sign x the unknown does not fall below, from the multipliers found last; None without end."""
    multipliers = programme.multipliers()
    each = chain(_at_once(multipliers), _rounded(multipliers) if _few(programme) else ())
    found = [_bound(programme, at, sign, y) for y in each]
    return max((b for b in found if b is not None), default=None)


def _few(programme: Programme) -> bool:
    return len(programme.rhs) <= _MOST


def _multiple(programme: Programme, vertex: Floats, parts: int) -> NDArray[np.int64] | None:
    """The vertex in whole multiples of 1 / parts, where these are an exact solution."""
    largest = float(np.abs(vertex).max(initial=0.0)) + float(np.abs(programme.rhs).max(initial=0.0))
    if largest * parts * (programme.size + 1) >= _SAFE:
        return None
    whole = np.rint(vertex * parts).astype(np.int64)
    low, high = (_whole(b, parts) for b in (programme.lower, programme.upper))
    matrix = programme.matrix.astype(np.int64)
    fits = (whole >= low).all() and (whole <= high).all()
    return whole if fits and (matrix @ whole == programme.rhs.astype(np.int64) * parts).all() else None


def _whole(bounds: Floats, parts: int) -> NDArray[np.int64]:
    ends = np.nan_to_num(bounds, posinf=_SAFE / parts, neginf=-_SAFE / parts)
    return np.clip(ends, -_SAFE / parts, _SAFE / parts).astype(np.int64) * parts


def _eliminated(programme: Programme, vertex: Floats, basic: NDArray[np.bool_], at: int) -> Fraction | None:
    """The same by Gaussian elimination in fractions: what is not basic is at its nearer bound."""
    low, high = programme.lower, programme.upper
    nearer = np.where(np.abs(vertex - low) <= np.abs(vertex - high), low, high)
    if not np.isfinite(nearer[~basic]).all():
        return None
    values = {int(k): Fraction(int(nearer[k])) for k in np.flatnonzero(~basic)}
    solved: list[tuple[int, Row]] = []
    for row in _equations(programme, values):
        left = _reduced(row, solved)
        if left.coefficients:
            pivot = min(left.coefficients)
            solved.append((pivot, left.solved_for(pivot)))
        elif left.right:
            return None
    for pivot, row in reversed(solved):
        if any(k not in values for k in row.coefficients):
            return None
        values[pivot] = row.right - sum((c * values[k] for k, c in row.coefficients.items()), Fraction(0))
    inside = len(values) == programme.size and all(low[k] <= v <= high[k] for k, v in values.items())
    return values[at] if inside else None


@dataclass(frozen=True, slots=True, repr=False)
class Row(Opaque):
    """An equation: coefficients by unknown, and what they add up to."""

    coefficients: dict[int, Fraction]
    right: Fraction

    def less(self, factor: Fraction, other: "Row") -> "Row":
        """With a multiple of another one taken away."""
        out = dict(self.coefficients)
        for k, c in other.coefficients.items():
            out[k] = out.get(k, Fraction(0)) - factor * c
        return Row({k: c for k, c in out.items() if c}, self.right - factor * other.right)

    def solved_for(self, pivot: int) -> "Row":
        """One unknown = right - the others."""
        by = self.coefficients[pivot]
        return Row({k: c / by for k, c in self.coefficients.items() if k != pivot}, self.right / by)


def _reduced(row: Row, solved: Sequence[tuple[int, Row]]) -> Row:
    """An equation without the unknowns that others are solved for."""
    for pivot, other in solved:
        if factor := row.coefficients.get(pivot):
            rest = Row({k: c for k, c in row.coefficients.items() if k != pivot}, row.right)
            row = rest.less(factor, other)
    return row


def _equations(programme: Programme, known: Mapping[int, Fraction]) -> Iterator[Row]:
    """Each equation over what is not known, and what is left for it."""
    matrix = programme.matrix
    for r, right in enumerate(programme.rhs.tolist()):
        span = slice(matrix.indptr[r], matrix.indptr[r + 1])
        entries = dict(zip(matrix.indices[span].tolist(), (Fraction(int(d)) for d in matrix.data[span]), strict=True))
        rest = Fraction(int(right)) - sum((c * known[k] for k, c in entries.items() if k in known), Fraction(0))
        yield Row({k: c for k, c in entries.items() if k not in known}, rest)


def _at_once(multipliers: Floats) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Whole multipliers and their common denominator."""
    if float(np.abs(multipliers).max(initial=0.0)) < _COMMON / _FIRST:
        yield np.rint(multipliers * _FIRST).astype(np.int64), _FIRST


def _rounded(multipliers: Floats) -> Iterator[tuple[NDArray[np.int64], int]]:
    """The same, each rounded by itself."""
    for parts in _PARTS:
        found = [Fraction(float(y)).limit_denominator(parts) for y in multipliers]
        common = lcm(*{f.denominator for f in found})
        if common * max((abs(f) for f in found), default=0) < _COMMON >= common:
            yield np.array([int(f * common) for f in found], dtype=np.int64), common


def _bound(programme: Programme, at: int, sign: int, rounded: tuple[NDArray[np.int64], int]) -> Fraction | None:
    """sign x unknown = multipliers @ rhs + gains @ x for every solution x; the least of it within the bounds of x."""
    multipliers, common = rounded
    gains = -(programme.matrix.T.astype(np.int64) @ multipliers)
    gains[at] += sign * common
    moved = np.flatnonzero(gains)
    ends = np.where(gains > 0, programme.lower, programme.upper)[moved]
    if not np.isfinite(ends).all():
        return None
    least = sum(int(y) * int(b) for y, b in zip(multipliers.tolist(), programme.rhs.tolist(), strict=True) if y)
    least += sum(g * int(e) for g, e in zip(gains[moved].tolist(), ends.tolist(), strict=True))
    return Fraction(least, common)


def whole_end(programme: Programme, vertex: Floats, at: int, sign: int) -> tuple[int | None, int | None]:
    """The last whole number (from sign x unknown downward) that is reached for certain, and that can be."""
    value, bound = reached(programme, vertex, at), no_less(programme, at, sign)
    return (None if value is None else sign * ceil(sign * value)), (None if bound is None else sign * ceil(bound))
