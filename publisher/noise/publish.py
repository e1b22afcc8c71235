"""From an estimate to what is published: integers, 95 % intervals, and marks.

Decided from noisy values and known variances only; the exact counts are out of reach here, so that a withheld or an
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

NORMAL_95 = 1.959964
LEAST_WIDTH = 2
"""No interval is narrower than this many standard errors of the unbiased estimate."""
_MINT = object()
_SHOWN = (CellStatus.PUBLISHED, CellStatus.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class ProtectedCell:
    """One cell: integers in units of 10**-decimals, or none at all where the status says so."""

    status: CellStatus
    value: int | None = None
    lower: int | None = None
    upper: int | None = None

    def __post_init__(self) -> None:
        numbers = (self.lower, self.value, self.upper)
        if self.status not in _SHOWN and numbers != (None, None, None):
            raise ValueError(f"a cell that is {self.status} shows no number")
        if self.status in _SHOWN and not _ordered(*numbers):
            raise ValueError("a shown cell has lower <= value <= upper")


def _ordered(lower: int | None, value: int | None, upper: int | None) -> bool:
    return lower is not None and value is not None and upper is not None and lower <= value <= upper


@dataclass(frozen=True, slots=True, eq=False)
class ProtectedCells:
    """Every cell of `keys` in flat order, ready to be published; receipt of this module."""

    mint: InitVar[object]
    keys: KeySet
    decimals: int
    cells: tuple[ProtectedCell, ...] = field(repr=False)

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "ProtectedCells")
        if len(self.cells) != int(np.prod(self.keys.shape)):
            raise ValueError("protected cells are as many as the key set has")


def protect(estimate: Estimate, *, noise: Noise, decimals: int) -> ProtectedCells:
    """Round an estimate and mark its cells as the policy says.

    Withheld (`suppressed`, no numbers) below `noise.withhold_below`; `uncertain` where the standard error is above
    `noise.uncertain_cv` times the estimate; else published.  The value is rounded half to even, each cell for itself:
    totals add up to within rounding.  The bounds are the estimate -+ 1.959964 standard errors, rounded outwards.
    """
    if not 0 <= decimals <= 6:
        raise ValueError("decimals must be between 0 and 6")
    if estimate.kind is not noise.estimate:
        raise ValueError(f"the policy publishes the {noise.estimate} estimate, not the {estimate.kind} one")
    values, errors = estimate.values.ravel(), np.sqrt(estimate.variances.ravel())
    lower, value, upper = _scaled(values, errors, 10**decimals)
    withheld, uncertain = _marks(values, errors, noise)
    cells = tuple(
        _cell(*numbers)
        for numbers in zip(withheld, uncertain, value.tolist(), lower.tolist(), upper.tolist(), strict=True)
    )
    return ProtectedCells(mint=_MINT, keys=estimate.keys, decimals=decimals, cells=cells)


def rate_cells(
    protected: ProtectedCells, denominators: IntArray, *, per: int, decimals: int, count_decimals: int
) -> ProtectedCells:
    """Rates `per` so many of a public population, shape keys.shape: exact arithmetic on what is published of the count.

    Units of 10**-decimals.  The value is rounded half up, the bounds outwards.  Where the population is 0 a rate is
    `not_applicable`; a withheld count has a withheld rate, an uncertain one an uncertain rate.  ValueError for
    negative populations or another shape.
    """
    if denominators.shape != protected.keys.shape or (denominators < 0).any():
        raise ValueError("populations must be at least 0, one a cell")
    if protected.decimals != count_decimals:
        raise ValueError("count_decimals is not that of the protected counts")
    factor = Fraction(per * 10**decimals, 10**count_decimals)
    pairs = zip(protected.cells, denominators.ravel().tolist(), strict=True)
    cells = tuple(_rate(cell, population, factor) for cell, population in pairs)
    return ProtectedCells(mint=_MINT, keys=protected.keys, decimals=decimals, cells=cells)


def _scaled(values: FloatArray, errors: FloatArray, unit: int) -> tuple[IntArray, IntArray, IntArray]:
    """Lower bound, value and upper bound in integer units.

    Counts are never negative, so a lower bound below 0 is cut at 0, or at the value where that is negative (an
    unbiased estimate may be); the upper bound then makes up for a width of less than two standard errors.
    """
    value = np.rint(values * unit)
    lower = np.minimum(np.maximum(np.floor((values - NORMAL_95 * errors) * unit), 0), value)
    upper = np.maximum(np.ceil((values + NORMAL_95 * errors) * unit), np.ceil(lower + LEAST_WIDTH * errors * unit))
    upper = np.maximum(upper, value)
    return lower.astype(np.int64), value.astype(np.int64), upper.astype(np.int64)


def _marks(values: FloatArray, errors: FloatArray, noise: Noise) -> tuple[list[bool], list[bool]]:
    """Which cells are withheld, and which are uncertain.

    Least squares is exact to about 1e-6 only: estimates are compared without the digits below.
    """
    values = np.round(values, 6)
    withheld: NDArray[np.bool_] = np.zeros(len(values), dtype=np.bool_)
    if noise.withhold_below is not None:
        withheld = values < float(noise.withhold_below)
    return withheld.tolist(), (errors > float(noise.uncertain_cv) * values).tolist()


def _cell(withheld: bool, uncertain: bool, value: int, lower: int, upper: int) -> ProtectedCell:
    if withheld:
        return ProtectedCell(CellStatus.SUPPRESSED)
    return ProtectedCell(CellStatus.UNCERTAIN if uncertain else CellStatus.PUBLISHED, value, lower, upper)


def _rate(cell: ProtectedCell, population: int, factor: Fraction) -> ProtectedCell:
    if population == 0:
        return ProtectedCell(CellStatus.NOT_APPLICABLE)
    if cell.value is None or cell.lower is None or cell.upper is None:
        return ProtectedCell(cell.status)
    up, down = factor.numerator, factor.denominator * population
    return ProtectedCell(
        cell.status,
        value=(2 * cell.value * up + down) // (2 * down),
        lower=cell.lower * up // down,
        upper=-(-cell.upper * up // down),
    )
