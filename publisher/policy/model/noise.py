"""What the privacy officer decides of a table protected by noise."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from publisher.release.model import AREA_LEVELS


class Weights(StrEnum):
    """Which error a noise strategy makes small: of every cell alike, or of every area level and marginal alike."""

    CELLS = "all-cells-alike"
    LEVELS = "all-levels-alike"


@dataclass(frozen=True, slots=True)
class GroupWeight:
    """An error in a cell of one area level and set of category columns weighs `times` as much as it would."""

    area: str
    categories: tuple[str, ...]
    times: Fraction

    def __post_init__(self) -> None:
        if self.area not in AREA_LEVELS:
            raise ValueError(f"weights: unknown area level {self.area}")
        if len(set(self.categories)) != len(self.categories):
            raise ValueError("weights: a category column may stand once")
        if not Fraction(1, 10**6) <= self.times <= 10**6:
            raise ValueError("weights: times must be between 0.000001 and 1000000")


class EstimateKind(StrEnum):
    """Which estimate a noise table shows.  The shrunken one is whole and never negative too."""

    UNBIASED = "unbiased"
    NON_NEGATIVE_INTEGERS = "non-negative-integers"
    SHRUNKEN = "shrunken"


@dataclass(frozen=True, slots=True)
class ContributionBound:
    """At most `cells` values of the case categories for a person and period, all in one area.

    `area`: which area when a person has several; `last` is the area of the latest record.  `per_cell`: at most so many
    cases or events of a person in one of those cells (1 where persons are counted).
    """

    cells: int
    area: str
    per_cell: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.cells <= 1000:
            raise ValueError("bound.cells must be between 1 and 1000")
        if not 1 <= self.per_cell <= 1000:
            raise ValueError("bound.per_cell must be between 1 and 1000")
        if self.area != "last":
            raise ValueError("bound.area must be last")


WIDTH_OF_ERROR = Fraction("3.919928")
"""How many standard errors an interval of 95 % is wide."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Protection by zCDP noise.

    `uncertain_cv`: the largest standard error of a number that is not marked uncertain, over the number.
    `uncertain_width`: where the rule is about the published interval instead, the largest width over the number;
    `uncertain_cv` is then what that comes to for an interval of 95 % that is not cut.
    `weights`, `times`: which errors the strategy makes small, and groups of cells where they weigh more or less.
    `withhold_below`: estimates under it are not shown, decided from noisy values.
    `together_with`: the table of the same policy whose measurement this one shares: `rho`, `bound` and `estimate` are
    that table's, and hold for all tables that share it together.
    """

    rho: Fraction
    bound: ContributionBound
    weights: Weights
    estimate: EstimateKind
    uncertain_cv: Fraction
    withhold_below: Fraction | None
    times: tuple[GroupWeight, ...] = ()
    uncertain_width: Fraction | None = None
    together_with: str = ""

    def __post_init__(self) -> None:
        if self.uncertain_width is not None and self.uncertain_cv != self.uncertain_width / WIDTH_OF_ERROR:
            raise ValueError("interval_width and the coefficient of variation that it stands for do not agree")
        named = [(t.area, frozenset(t.categories)) for t in self.times]
        if len(set(named)) != len(named):
            raise ValueError("weights: a group of cells may stand once")
        if not Fraction(1, 10**9) <= self.rho <= 1:
            raise ValueError("rho must be at least 0.000000001 and at most 1")
        if not 0 < self.uncertain_cv <= 10:
            raise ValueError("coefficient_of_variation must be above 0 and at most 10")
        if self.withhold_below is not None and not 0 <= self.withhold_below <= 1000000:
            raise ValueError("withhold_below must be between 0 and 1000000")

    @property
    def shared(self) -> tuple[Fraction, ContributionBound, EstimateKind]:
        """What tables that are measured together have in common."""
        return self.rho, self.bound, self.estimate
