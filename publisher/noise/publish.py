"""From an estimate to what is published: integers, 95 % intervals, and marks.

Decided from noisy values and known variances only; the exact numbers are out of reach here, so that a withheld or an
uncertain cell tells nothing beyond the measurement.
"""

from dataclasses import InitVar, dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from publisher.errors import PolicyError
from publisher.noise.postprocess import Estimate
from publisher.noise.sizes import LARGEST
from publisher.opaque import require_mint
from publisher.policy.model import Noise
from publisher.relations import IntArray, KeySet
from publisher.release.model import CellStatus
from publisher.rounding import down, half_up, up

BoolArray = NDArray[np.bool_]
StatusArray = NDArray[np.object_]

NORMAL_95 = 1.959964
LEAST_WIDTH = 2
"""No interval is narrower than this many standard errors of the unbiased estimate."""
_WHOLE = 2.0**-40
_MARKS = np.array(
    [CellStatus.PUBLISHED, CellStatus.UNCERTAIN, CellStatus.SUPPRESSED, CellStatus.NOT_APPLICABLE], dtype=object
)
_MINT = object()


@dataclass(frozen=True, slots=True, eq=False)
class ProtectedCells:
    """One measure over every cell of `keys`, ready to be published; receipt of this module and of `ratios`.

    Arrays of shape keys.shape: `status` (CellStatus), and `value`, `lower`, `upper` (int64, units of 10**-decimals)
    where `numbered`; elsewhere the cell shows no number.
    """

    mint: InitVar[object]
    keys: KeySet
    decimals: int
    status: StatusArray = field(repr=False)
    numbered: BoolArray = field(repr=False)
    value: IntArray = field(repr=False)
    lower: IntArray = field(repr=False)
    upper: IntArray = field(repr=False)

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "ProtectedCells")
        if not 0 <= self.decimals <= 6:
            raise ValueError("decimals must be between 0 and 6")
        if any(a.shape != self.keys.shape for a in (self.status, self.numbered, self.value, self.lower, self.upper)):
            raise ValueError("protected cells are as many as the key set has")
        shown, uncertain = self.status == CellStatus.PUBLISHED, self.status == CellStatus.UNCERTAIN
        if (self.numbered & ~shown & ~uncertain).any() or (shown & ~self.numbered).any():
            raise ValueError("a published cell shows its number, an uncertain one may, and no other does")
        if (self.numbered & ~((self.lower <= self.value) & (self.value <= self.upper))).any():
            raise ValueError("a shown cell has lower <= value <= upper")


def withheld_cells(count: Estimate, noise: Noise) -> BoolArray:
    """Which cells the policy withholds, whatever the measure: those whose noisy count lies below `withhold_below`."""
    if noise.withhold_below is None:
        return np.zeros(count.values.shape, dtype=np.bool_)
    return np.asarray(count.values < float(noise.withhold_below))


def protect(
    estimate: Estimate, *, noise: Noise, decimals: int, withheld: BoolArray, signed: bool = False
) -> ProtectedCells:
    """Mark the cells of an estimate as the policy says, and give each its interval.

    `suppressed`, without numbers, where `withheld`; `uncertain` where the standard error is above `noise.uncertain_cv`
    times the (absolute) value, or the interval is wider than `noise.uncertain_width` times; else published.  The bounds
    are the unbiased estimate -+ 1.959964 standard errors, rounded outwards, and further where the value lies beyond
    them; what is never negative has its interval cut at 0 unless `signed`.  ValueError where the estimate is not of the
    policy's kind, or not whole in units of `decimals`; PolicyError where a number is too large in these (`sizes`).
    """
    if estimate.kind is not noise.estimate and not signed:
        raise ValueError(f"the policy publishes the {noise.estimate} estimate, not the {estimate.kind} one")
    values, errors = estimate.values, np.sqrt(estimate.variances)
    lower, value, upper = _scaled(estimate, 10**decimals, signed)
    if np.abs(values * 10**decimals - value).max(initial=0) > _WHOLE * max(1.0, np.abs(value).max(initial=0)):
        raise ValueError("an estimate is whole in units of its decimals before it is published")
    size = np.abs(values) if signed else values
    uncertain = errors > float(noise.uncertain_cv) * size
    if noise.uncertain_width is not None:
        uncertain = (upper - lower) > float(noise.uncertain_width) * size * 10**decimals
    return ProtectedCells(
        mint=_MINT, keys=estimate.keys, decimals=decimals, status=marked(withheld, uncertain), numbered=~withheld,
        value=value, lower=lower, upper=upper,
    )  # fmt: skip


def rate_cells(protected: ProtectedCells, denominators: IntArray, *, per: int, decimals: int) -> ProtectedCells:
    """Rates `per` so many of a public population, shape keys.shape: exact arithmetic on what is published of a count
    or sum.

    Units of 10**-decimals.  The value is rounded half up, the bounds outwards.  Where the population is 0 a rate is
    `not_applicable`; a withheld count has a withheld rate, an uncertain one an uncertain rate.  ValueError for
    negative populations or another shape.
    """
    if denominators.shape != protected.keys.shape or (denominators < 0).any():
        raise ValueError("populations must be at least 0, one a cell")
    factor, nobody = Fraction(per * 10**decimals, 10**protected.decimals), denominators == 0
    status = np.where(nobody, _MARKS[3:], protected.status)
    return ProtectedCells(
        mint=_MINT, keys=protected.keys, decimals=decimals, status=status, numbered=protected.numbered & ~nobody,
        value=half_up(protected.value, denominators, factor),
        lower=down(protected.lower, denominators, factor),
        upper=up(protected.upper, denominators, factor),
    )  # fmt: skip


def marked(withheld: BoolArray, uncertain: BoolArray) -> StatusArray:
    """The status of every cell: withheld goes before uncertain."""
    return _MARKS[np.where(withheld, 2, np.where(uncertain, 1, 0))]


def _scaled(estimate: Estimate, unit: int, signed: bool) -> tuple[IntArray, IntArray, IntArray]:
    """Lower bound, value and upper bound in integer units.

    Unless `signed`, a lower bound below 0 is cut at 0, and the upper bound makes up for a width of less than two
    standard errors.  An interval always holds its value, which can lie beyond the plain one: a non-negative or rounded
    number, or an unbiased one below 0.
    """
    value, errors = np.rint(estimate.values * unit), np.sqrt(estimate.variances)
    lower = np.floor((estimate.centre - NORMAL_95 * errors) * unit)
    upper = np.ceil((estimate.centre + NORMAL_95 * errors) * unit)
    lower = lower if signed else np.maximum(lower, 0)
    upper = np.maximum(upper, np.ceil(lower + LEAST_WIDTH * errors * unit))
    lower, upper = np.minimum(lower, value), np.maximum(upper, value)
    if max(np.abs(lower).max(initial=0), np.abs(upper).max(initial=0)) >= LARGEST:
        raise PolicyError("a number in units of its decimals is too large to add up exactly; publish fewer decimals")
    return lower.astype(np.int64), value.astype(np.int64), upper.astype(np.int64)
