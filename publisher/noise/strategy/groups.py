"""Query groups: the cells of one area level and one marginal, all with the same noise; and what one person moves."""

from dataclasses import dataclass
from fractions import Fraction
from math import prod

from publisher.ledger import UNITS_PER_RHO
from publisher.policy.model import ContributionBound
from publisher.relations import Column


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
