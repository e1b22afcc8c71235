"""Rates with a public denominator, in integers: nothing about a person is in the denominator."""

import numpy as np

from publisher.relations import IntArray


def rates(counts: IntArray, denominators: IntArray, *, per: int, decimals: int, count_decimals: int = 0) -> IntArray:
    """`counts` / `denominators` x `per`, rounded half up, in units of 10**-decimals.

    `counts` is in units of 10**-count_decimals.  Where a denominator is 0 the result is 0 and means nothing: the
    caller marks the cell as not applicable.
    """
    scale = 10**count_decimals
    below = np.where(denominators > 0, denominators, 1) * scale
    above = counts * (per * 10**decimals)
    return np.where(denominators > 0, (2 * above + below) // (2 * below), 0)
