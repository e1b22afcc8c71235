"""From an estimate to what is published: integers, 95 % intervals, and marks.

Decided from noisy values and known variances only; the exact numbers are out of reach here, so that a withheld or an
uncertain cell tells nothing beyond the measurement.
"""

from dataclasses import InitVar, dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from publisher.noise.area_system import FloatArray
from publisher.noise.postprocess import Estimate
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
_LARGEST = 2.0**62
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
    """Which cells the policy withholds, whatever the measure: those whose noisy count lies below `withhold_below`.

    Least squares is exact to about 1e-6 only: estimates are compared without the digits below.
    """
    if noise.withhold_below is None:
        return np.zeros(count.values.shape, dtype=np.bool_)
    return np.asarray(np.round(count.values, 6) < float(noise.withhold_below))


def protect(
    estimate: Estimate, *, noise: Noise, decimals: int, withheld: BoolArray, signed: bool = False
) -> ProtectedCells:
    """Round an estimate and mark its cells as the policy says.

    `suppressed`, without numbers, where `withheld`; `uncertain` where the standard error is above `noise.uncertain_cv`
    times the (absolute) estimate; else published.  The value is rounded half to even, each cell for itself: totals add
    up to within rounding.  The bounds are the estimate -+ 1.959964 standard errors, rounded outwards; a count is never
    negative, so that its interval is cut at 0 unless `signed`.
    """
    if estimate.kind is not noise.estimate:
        raise ValueError(f"the policy publishes the {noise.estimate} estimate, not the {estimate.kind} one")
    values, errors = estimate.values, np.sqrt(estimate.variances)
    lower, value, upper = _scaled(values, errors, 10**decimals, signed)
    size = np.round(np.abs(values) if signed else values, 6)
    uncertain = errors > float(noise.uncertain_cv) * size
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


def _scaled(values: FloatArray, errors: FloatArray, unit: int, signed: bool) -> tuple[IntArray, IntArray, IntArray]:
    """Lower bound, value and upper bound in integer units.

    Unless `signed`, a lower bound below 0 is cut at 0, or at the value where that is negative (an unbiased estimate may
    be); the upper bound then makes up for a width of less than two standard errors.
    """
    value = np.rint(values * unit)
    lower = np.floor((values - NORMAL_95 * errors) * unit)
    if not signed:
        lower = np.minimum(np.maximum(lower, 0), value)
    upper = np.maximum(np.ceil((values + NORMAL_95 * errors) * unit), np.ceil(lower + LEAST_WIDTH * errors * unit))
    if max(np.abs(lower).max(initial=0), np.abs(upper).max(initial=0)) >= _LARGEST:
        raise ValueError("an estimate in units of its decimals does not fit 64 bits; publish fewer decimals")
    return lower.astype(np.int64), value.astype(np.int64), upper.astype(np.int64)
