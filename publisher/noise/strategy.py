"""Which totals are measured, and with how much of the budget.  Declared knowledge only: no count is read here.

One query group for each area level and marginal of a table; every cell of a group gets the same noise.  The split of
the budget makes the summed variance of the measured cells smallest (sum of squared errors without least squares; Li,
Miklau, Hay, McGregor and Rastogi 2015 call it the choice of a strategy).  Least squares over all groups comes later,
in `publisher.noise.postprocess`.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, prod

from publisher.errors import PolicyError
from publisher.ledger import UNITS_PER_RHO
from publisher.policy.model import ContributionBound, Weights
from publisher.relations import Column, KeySet

_ROOT_BITS = 40


@dataclass(frozen=True, slots=True)
class QueryGroup:
    """The cells of one area level and one marginal, measured together.

    `kept`: for each column, whether the marginal keeps it (False: summed over).  `rho_units`: zCDP rho in units of
    1e-9.  `squared_sensitivity`: the square of the L2 distance that one person can make.  `cells`: how many numbers.
    """

    level: str
    kept: tuple[bool, ...]
    rho_units: int
    squared_sensitivity: int
    cells: int

    def __post_init__(self) -> None:
        if min(self.rho_units, self.squared_sensitivity, self.cells) < 1:
            raise ValueError(f"query group at {self.level}: rho, sensitivity and cells must be positive")

    @property
    def rho(self) -> Fraction:
        """The zCDP parameter of this group's draw."""
        return Fraction(self.rho_units, UNITS_PER_RHO)

    @property
    def sigma2(self) -> Fraction:
        """The squared scale of the noise: sensitivity squared / (2 rho) (Bun and Steinke 2016, proposition 1.6)."""
        return self.squared_sensitivity / (2 * self.rho)


@dataclass(frozen=True, slots=True)
class Strategy:
    """The query groups of one measurement, and the contribution bound that their sensitivities were computed from."""

    bound: ContributionBound
    groups: tuple[QueryGroup, ...]

    def __post_init__(self) -> None:
        names = [(g.level, g.kept) for g in self.groups]
        if not names or len(set(names)) != len(names):
            raise ValueError("a strategy needs query groups, each level and marginal once")

    @property
    def rho_units(self) -> int:
        """What the whole strategy spends, in units of 1e-9 (zCDP composes by addition)."""
        return sum(g.rho_units for g in self.groups)


def squared_sensitivity(
    columns: tuple[Column, ...], *, kept: tuple[bool, ...], bound: ContributionBound, most: int
) -> int:
    """The largest squared L2 change that adding or removing one person makes in a marginal, at any area level.

    One person counts in one area, with one value of each personal column, and adds at most `most`, up or down, in each
    of at most `bound.cells` combinations of the other columns' values.  The sum of squares is convex, so that the worst
    person fills one kept cell after the other: a kept cell holds as many combinations as the dropped columns have.
    """
    if most < 1:
        raise ValueError("a person adds at least one to a cell")
    sizes = [(len(c.codes), k) for c, k in zip(columns, kept, strict=True) if not c.personal]
    per_cell = prod(n for n, k in sizes if not k)
    combinations = min(bound.cells, prod(n for n, _ in sizes))
    full, rest = divmod(combinations, per_cell)
    return (full * per_cell**2 + rest**2) * most**2


def plan(keys: KeySet, *, rho_units: int, bound: ContributionBound, weights: Weights, most: int) -> Strategy:
    """Split `rho_units` (1e-9 rho) over every area level and marginal of `keys`; the parts sum to exactly that.

    `most`: the largest absolute number that a person adds to a cell.  Minimising the sum of w n s / rho_g, where a
    group has n cells of weight w and squared sensitivity s, gives rho_g in proportion to sqrt(w n s); w is 1 where all
    cells weigh alike and 1/n where all levels do.  Deterministic integer arithmetic.  PolicyError where the budget is
    too small to give every group one unit.
    """
    shapes = _shapes(keys, bound, most)
    shares = split(rho_units, [_root(s * n if weights is Weights.CELLS else s) for _, _, s, n in shapes])
    groups = [
        QueryGroup(level=level, kept=kept, rho_units=units, squared_sensitivity=s, cells=n)
        for (level, kept, s, n), units in zip(shapes, shares, strict=True)
    ]
    return Strategy(bound=bound, groups=tuple(groups))


def need(keys: KeySet, *, bound: ContributionBound, weights: Weights, most: int) -> int:
    """How much of a common budget the plan of `keys` needs beside others, as a relative number.

    A plan with budget r has a weighted error of (sum over groups of sqrt(w n s))**2 / 2r.  The sum of such errors over
    several plans is least where each has r in proportion to its sum of roots: as if all groups stood in one plan.
    """
    shapes = _shapes(keys, bound, most)
    return sum(_root(s * n if weights is Weights.CELLS else s) for _, _, s, n in shapes)


def split(total: int, needs: list[int]) -> list[int]:
    """Whole parts of `total` in proportion to `needs`; what rounding leaves goes to the first parts.

    PolicyError where a part would be nothing.
    """
    parts = [total * n // sum(needs) for n in needs]
    if min(parts) < 1:
        raise PolicyError(f"rho of {total} units of 1e-9 is too small for {len(parts)} query groups")
    left = total - sum(parts)
    return [part + (i < left) for i, part in enumerate(parts)]


def _shapes(keys: KeySet, bound: ContributionBound, most: int) -> list[tuple[str, tuple[bool, ...], int, int]]:
    """Level, kept columns, squared sensitivity and number of cells of every group."""
    return [
        (
            level.level,
            kept,
            squared_sensitivity(keys.columns, kept=kept, bound=bound, most=most),
            len(level.codes) * prod(len(c.codes) for c, k in zip(keys.columns, kept, strict=True) if k),
        )
        for level in keys.levels
        for kept in keys.marginals
    ]


def _root(square: int) -> int:
    """The square root in units of 2**-40."""
    return isqrt(square << (2 * _ROOT_BITS))
