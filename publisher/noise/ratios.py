"""Means and shares: ratios of two noisy estimates of one table, with an interval that holds however they depend.

Numerator and denominator each lie within their interval of 97.5 %, so that both do with 95 % at least (Bonferroni);
the ratio's interval spans the corners of that box.  Nothing is measured for a ratio: it costs no budget.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from publisher.noise.area_system import FloatArray
from publisher.noise.postprocess import Estimate
from publisher.noise.publish import _MINT, BoolArray, ProtectedCells, StatusArray, marked
from publisher.relations import IntArray, KeySet
from publisher.release.model import CellStatus
from publisher.rounding import half_up

NORMAL_975 = 2.241403
"""Two-sided 97.5 % point of the normal distribution, rounded up."""
_LARGEST = 2.0**53


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """Numerator or denominator.  Arrays of one shape: the unbiased estimate, its errors, and what is published.

    `value`: published, in units of 10**-decimals.  `signed`: it may be negative; a count never is.
    """

    centre: FloatArray
    errors: FloatArray
    value: IntArray
    status: StatusArray
    decimals: int
    signed: bool

    @property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Its interval of 97.5 %, which holds the published value."""
        value = self.value / 10**self.decimals
        lower, upper = (self.centre + sign * NORMAL_975 * self.errors for sign in (-1, 1))
        if not self.signed:
            lower = np.maximum(lower, 0)
        return np.minimum(lower, value), np.maximum(upper, value)

    def total(self, axis: int) -> "Term":
        """For every cell, the term's total along an axis, where it is the last."""
        shape, last = self.value.shape, [-1]
        return Term(
            np.broadcast_to(self.centre.take(last, axis=axis), shape),
            np.broadcast_to(self.errors.take(last, axis=axis), shape),
            np.broadcast_to(self.value.take(last, axis=axis), shape),
            np.broadcast_to(self.status.take(last, axis=axis), shape),
            self.decimals,
            self.signed,
        )


def term_of(estimate: Estimate, cells: ProtectedCells, *, signed: bool) -> Term:
    """A measured measure as a term."""
    return Term(estimate.centre, np.sqrt(estimate.variances), cells.value, cells.status, cells.decimals, signed)


def mean_cells(keys: KeySet, above: Term, below: Term, *, decimals: int) -> ProtectedCells:
    """A sum a counted unit, in units of 10**-decimals.

    The value is the ratio of the two published numbers, rounded half up; the bounds are rounded outwards.  Withheld
    where a part is, uncertain where a part is; uncertain and without a number where the denominator's interval reaches
    0 or the value does not lie in the interval.
    """
    value, lower, upper, usable = _ratio(above, below, 10**decimals)
    return _protected(keys, decimals, (above, below), (value, lower, upper), usable)


def share_cells(keys: KeySet, count: Term, *, axis: int, per: int, decimals: int) -> ProtectedCells:
    """The share, `per` so many, of a count in its total along `axis` (which has a total), in units of 10**-decimals.

    As `mean_cells`; value and bounds are cut at nothing and at all, for no share lies beyond.  Noise may have put an
    estimate there.  The total's own share is all, exactly.
    """
    whole, all_of_it = count.total(axis), per * 10**decimals
    value, lower, upper, usable = _ratio(count, whole, all_of_it)
    numbers = [np.clip(n, 0, all_of_it) for n in (value, lower, upper)]
    for n in numbers:
        np.moveaxis(n, axis, -1)[..., -1] = all_of_it
    return _protected(keys, decimals, (count, whole), (numbers[0], numbers[1], numbers[2]), usable)


def _ratio(above: Term, below: Term, unit: int) -> tuple[IntArray, IntArray, IntArray, BoolArray]:
    """Value and bounds of above / below x unit, and where they mean something: a positive denominator for certain, and
    bounds that 64 bits hold."""
    (low, high), (least, greatest) = above.bounds, below.bounds
    usable = (least > 0) & (below.value > 0)
    small, large = np.where(usable, least, 1.0), np.where(usable, greatest, 1.0)
    lower = np.floor(np.minimum(low / small, low / large) * unit)
    upper = np.ceil(np.maximum(high / small, high / large) * unit)
    usable &= (np.abs(lower) < _LARGEST) & (np.abs(upper) < _LARGEST)
    below_value = np.where(usable, below.value, 0)
    value = half_up(above.value, below_value, Fraction(unit * 10**below.decimals, 10**above.decimals))
    bounds = [np.where(usable, b, 0.0).astype(np.int64) for b in (lower, upper)]
    return value, bounds[0], bounds[1], usable


def _protected(
    keys: KeySet, decimals: int, terms: tuple[Term, Term], numbers: tuple[IntArray, IntArray, IntArray],
    usable: BoolArray,
) -> ProtectedCells:  # fmt: skip
    value, lower, upper = numbers
    inside = usable & (lower <= value) & (value <= upper)
    withheld = np.logical_or(*[t.status == CellStatus.SUPPRESSED for t in terms])
    uncertain = np.logical_or(*[t.status == CellStatus.UNCERTAIN for t in terms]) | ~inside
    return ProtectedCells(
        mint=_MINT, keys=keys, decimals=decimals, status=marked(withheld, uncertain), numbered=inside & ~withheld,
        value=value, lower=lower, upper=upper,
    )  # fmt: skip
