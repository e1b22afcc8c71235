"""Rates with a public denominator, in integers: nothing about a person is in the denominator."""

from fractions import Fraction

from publisher.relations import IntArray
from publisher.rounding import half_up


def rates(counts: IntArray, denominators: IntArray, *, per: int, decimals: int, count_decimals: int = 0) -> IntArray:
    """`counts` / `denominators` x `per`, rounded half up, in units of 10**-decimals.

    `counts` is in units of 10**-count_decimals.  Where a denominator is 0 the result is 0 and means nothing: the
    caller marks the cell as not applicable.
    """
    return half_up(counts, denominators, Fraction(per * 10**decimals, 10**count_decimals))
