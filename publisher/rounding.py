"""Ratios of whole numbers, rounded exactly: what a derived measure is, wherever it is computed."""

from fractions import Fraction
from typing import cast

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
_SMALL = 2**61


def half_up(above: IntArray, below: IntArray, factor: Fraction | int = 1) -> IntArray:
    """`above` / `below` x `factor`, rounded to the nearest integer, a half upwards (towards plus infinity).

    `factor` is positive.  Where `below` is 0 or less the result is 0 and means nothing: the caller marks the cell.
    Exact whatever the size; OverflowError where a result does not fit 64 bits.
    """
    over, under = _scaled(above, below, factor)
    return _whole((2 * over + under) // (2 * under), below)


def down(above: IntArray, below: IntArray, factor: Fraction | int = 1) -> IntArray:
    """As `half_up`, rounded down."""
    over, under = _scaled(above, below, factor)
    return _whole(over // under, below)


def up(above: IntArray, below: IntArray, factor: Fraction | int = 1) -> IntArray:
    """As `half_up`, rounded up."""
    over, under = _scaled(above, below, factor)
    return _whole(-(-over // under), below)


def _scaled(above: IntArray, below: IntArray, factor: Fraction | int) -> tuple[IntArray, IntArray]:
    """Numerator and positive denominator; as arrays of Python's integers where 64 bits could be too few."""
    times = Fraction(factor)
    if times <= 0:
        raise ValueError("the factor of a ratio is positive")
    over, under = np.asarray(above, dtype=np.int64), np.where(below > 0, below, 1).astype(np.int64)
    largest = max(_largest(over) * times.numerator, _largest(under) * times.denominator)
    if 2 * largest >= _SMALL:
        exact = over.astype(object) * times.numerator, under.astype(object) * times.denominator
        return cast(tuple[IntArray, IntArray], exact)
    return over * times.numerator, under * times.denominator


def _largest(numbers: IntArray) -> int:
    return max(abs(int(numbers.max(initial=0))), abs(int(numbers.min(initial=0))))


def _whole(numbers: IntArray, below: IntArray) -> IntArray:
    return np.where(below > 0, numbers, 0).astype(np.int64)
