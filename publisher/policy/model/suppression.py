"""What the privacy officer decides of a table protected by suppression."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from publisher.release.model import AREA_LEVELS


class ProtectionLevel(StrEnum):
    """How much a suppressed count must leave open (SUPPRESSION.md)."""

    EXACT = "exact"
    INTERVAL = "interval"
    AMBIGUOUS = "ambiguous"


class Zeros(StrEnum):
    """Whether true zeros are shown."""

    PUBLISHED = "published"
    PROTECTED = "protected"


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """Minimum frequency: a cell with 1 to threshold - 1 units is sensitive (handbook, section on frequency tables)."""

    threshold: int

    def __post_init__(self) -> None:
        if self.threshold < 2:
            raise ValueError("a threshold below 2 protects nobody; use 2 or more")


@dataclass(frozen=True, slots=True)
class DominanceRule:
    """(n, k): a sum is sensitive where its n largest contributors make more than k % of it (handbook 4.2.2)."""

    n: int
    k: Fraction

    def __post_init__(self) -> None:
        if not 1 <= self.n <= MOST_CONTRIBUTORS:
            raise ValueError(f"dominance.n must be between 1 and {MOST_CONTRIBUTORS}")
        if not 0 < self.k < 100:
            raise ValueError("dominance.k is a percentage above 0 and below 100")


@dataclass(frozen=True, slots=True)
class PPercentRule:
    """A sum is sensitive where the second contributor can estimate the largest within p % (handbook 4.2.2)."""

    p: Fraction

    def __post_init__(self) -> None:
        if not 0 < self.p <= 100:
            raise ValueError("p_percent is above 0 and at most 100")


@dataclass(frozen=True, slots=True)
class ContributorsRule:
    """A sum is sensitive where fewer than `least` persons contribute to it."""

    least: int

    def __post_init__(self) -> None:
        if self.least < 2:
            raise ValueError("min_contributors below 2 protects nobody; use 2 or more")


@dataclass(frozen=True, slots=True)
class ShareRule:
    """A count of persons is shown only among more than `persons` people of whom more than `having` are counted, and
    unless nearly all are: SCB's older published rule for shares by area, and group disclosure."""

    persons: int
    having: int

    def __post_init__(self) -> None:
        if self.persons < 2 or self.having < 1:
            raise ValueError("share.persons must be at least 2 and share.having at least 1")


MOST_CONTRIBUTORS = 5
"""The largest n of a dominance rule: so many largest contributions are kept of each cell."""

Rule = ThresholdRule | DominanceRule | PPercentRule | ContributorsRule | ShareRule


@dataclass(frozen=True, slots=True)
class Suppression:
    """Protection by withholding cells.  `forced`: area levels whose cells must be shown unless sensitive themselves.

    `rules`: one threshold, and at most one of each other kind.
    """

    rules: tuple[Rule, ...]
    zeros: Zeros
    level: ProtectionLevel
    counted: str
    insiders: bool
    forced: tuple[str, ...]

    def __post_init__(self) -> None:
        kinds = [type(r) for r in self.rules]
        if len(set(kinds)) != len(kinds):
            raise ValueError("a kind of rule may stand once")
        if ThresholdRule not in kinds:
            raise ValueError("rules need a threshold: every table shows counts")
        if self.counted not in ("persons", "cases"):
            raise ValueError("counted must be persons or cases")
        for level in self.forced:
            if level not in AREA_LEVELS:
                raise ValueError(f"unknown area level {level}")

    @property
    def threshold(self) -> int:
        """The minimum frequency t."""
        return next(r.threshold for r in self.rules if isinstance(r, ThresholdRule))

    @property
    def sum_rules(self) -> tuple[DominanceRule | PPercentRule | ContributorsRule, ...]:
        """The rules that are about sums."""
        return tuple(r for r in self.rules if isinstance(r, DominanceRule | PPercentRule | ContributorsRule))

    @property
    def share_rule(self) -> ShareRule | None:
        """The rule about how many of a public population are counted, if there is one."""
        return next((r for r in self.rules if isinstance(r, ShareRule)), None)
