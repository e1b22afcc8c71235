"""What the privacy officer decides.  Frozen values, checked when they are made; nothing here reads a file.

Numbers that decide privacy are `Fraction` or `int`, never float.  Each class refuses what cannot be meant; what
concerns several policies or a source is checked in `publisher.policy.check`.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from publisher.release.model import AREA_LEVELS, Text


class ProtectionLevel(StrEnum):
    """How much a suppressed count must leave open (SUPPRESSION.md)."""

    EXACT = "exact"
    INTERVAL = "interval"
    AMBIGUOUS = "ambiguous"


class Zeros(StrEnum):
    """Whether true zeros are shown."""

    PUBLISHED = "published"
    PROTECTED = "protected"


class Weights(StrEnum):
    """Which error a noise strategy makes small: of every cell alike, or of every area level and marginal alike."""

    CELLS = "all-cells-alike"
    LEVELS = "all-levels-alike"


class EstimateKind(StrEnum):
    """Which estimate a noise table shows."""

    UNBIASED = "unbiased"
    NON_NEGATIVE_INTEGERS = "non-negative-integers"


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """Minimum frequency: a cell with 1 to threshold - 1 units is sensitive (handbook, section on frequency tables)."""

    threshold: int

    def __post_init__(self) -> None:
        if self.threshold < 2:
            raise ValueError("a threshold below 2 protects nobody; use 2 or more")


@dataclass(frozen=True, slots=True)
class Suppression:
    """Protection by withholding cells.  `forced`: area levels whose cells must be shown unless sensitive themselves."""

    rules: tuple[ThresholdRule, ...]
    zeros: Zeros
    level: ProtectionLevel
    counted: str
    insiders: bool
    forced: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.rules) != 1:
            raise ValueError("exactly one rule is supported here: one threshold")
        if self.counted not in ("persons", "cases"):
            raise ValueError("counted must be persons or cases")
        for level in self.forced:
            if level not in AREA_LEVELS:
                raise ValueError(f"unknown area level {level}")

    @property
    def threshold(self) -> int:
        """The minimum frequency t."""
        return self.rules[0].threshold


@dataclass(frozen=True, slots=True)
class ContributionBound:
    """At most `cells` values of the case categories for a person and period, all in one area.

    `area`: which area when a person has several; `last` is the area of the latest record.
    """

    cells: int
    area: str

    def __post_init__(self) -> None:
        if not 1 <= self.cells <= 1000:
            raise ValueError("bound.cells must be between 1 and 1000")
        if self.area != "last":
            raise ValueError("bound.area must be last")


@dataclass(frozen=True, slots=True)
class Noise:
    """Protection by zCDP noise.  `withhold_below`: estimates under it are not shown, decided from noisy values."""

    rho: Fraction
    bound: ContributionBound
    weights: Weights
    estimate: EstimateKind
    uncertain_cv: Fraction
    withhold_below: Fraction | None

    def __post_init__(self) -> None:
        if not Fraction(1, 10**9) <= self.rho <= 1:
            raise ValueError("rho must be at least 0.000000001 and at most 1")
        if not 0 < self.uncertain_cv <= 10:
            raise ValueError("coefficient_of_variation must be above 0 and at most 10")
        if self.withhold_below is not None and not 0 <= self.withhold_below <= 1000000:
            raise ValueError("withhold_below must be between 0 and 1000000")


@dataclass(frozen=True, slots=True)
class MeasureSpec:
    """One measure: `cases`, `persons`, or `rate` (`of` another measure, `per` so many of a public `denominator`)."""

    id: str
    kind: str
    of: str = ""
    denominator: str = ""
    per: int = 1
    decimals: int = 0

    def __post_init__(self) -> None:
        if self.kind not in ("cases", "persons", "rate"):
            raise ValueError(f"unknown kind of measure {self.kind}; known: cases, persons, rate")
        if (self.kind == "rate") != bool(self.of and self.denominator):
            raise ValueError("of and denominator belong to a rate, and a rate needs both")
        if self.per < 1 or not 0 <= self.decimals <= 6:
            raise ValueError("per must be at least 1, decimals between 0 and 6")


@dataclass(frozen=True, slots=True)
class CategorySpec:
    """A category column of the source, with or without its total."""

    column: str
    total: bool


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a policy."""

    id: str
    title: Text
    measures: tuple[MeasureSpec, ...]
    categories: tuple[CategorySpec, ...]
    areas: tuple[str, ...]
    protection: Suppression | Noise

    def __post_init__(self) -> None:
        if not self.measures or not self.areas:
            raise ValueError("a table needs at least one measure and one area level")
        if len(set(self.areas)) != len(self.areas) or any(a not in AREA_LEVELS for a in self.areas):
            raise ValueError(f"areas must be different ones of {', '.join(AREA_LEVELS)}")
        columns = [c.column for c in self.categories]
        if len(set(columns)) != len(columns):
            raise ValueError("a category column may stand once")
        ids = [m.id for m in self.measures]
        if len(set(ids)) != len(ids):
            raise ValueError("a measure id may stand once")
        if len(self.counted) != 1:
            raise ValueError("a table shows exactly one counted measure (cases or persons), and rates of it")
        for m in self.measures:
            if m.kind == "rate" and m.of != self.counted[0].id:
                raise ValueError(f"rate {m.id} must be of {self.counted[0].id}")

    @property
    def counted(self) -> tuple[MeasureSpec, ...]:
        """The measures that are counts."""
        return tuple(m for m in self.measures if m.kind != "rate")

    @property
    def count(self) -> MeasureSpec:
        """The one counted measure."""
        return self.counted[0]


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a period is run and published: local times in `timezone`, in the year after a yearly period."""

    every: str
    month: int
    day: int
    at: str
    publish_at: str
    timezone: str

    def __post_init__(self) -> None:
        if self.every != "year":
            raise ValueError("schedule.every must be year")
        if not (1 <= self.month <= 12 and 1 <= self.day <= 28):
            raise ValueError("schedule.month must be 1-12 and schedule.day 1-28")
        for name, clock in (("at", self.at), ("publish_at", self.publish_at)):
            if _clock(name, clock)[0] == 2:
                raise ValueError(f"schedule.{name} must not lie between 02:00 and 03:00, which summer time moves")


def _clock(name: str, text: str) -> tuple[int, int]:
    parts = text.split(":")
    well_formed = len(parts) == 2 and all(len(p) == 2 and p.isdecimal() for p in parts)
    if not well_formed or int(parts[0]) > 23 or int(parts[1]) > 59:
        raise ValueError(f"schedule.{name} must be HH:MM")
    return int(parts[0]), int(parts[1])


@dataclass(frozen=True, slots=True)
class Policy:
    """One statistical product, as its file says it.  `digest` is the SHA-256 of the file's exact bytes.

    `where`: pairs of a declared category column and the codes kept.  `type_year`: None means the period's own year.
    """

    id: str
    agency: str
    title: Text
    contact_name: str
    contact_email: str
    licence: str
    legal_basis: str
    source: str
    where: tuple[tuple[str, tuple[str, ...]], ...]
    edition: str
    type_year: int | None
    tables: tuple[TableSpec, ...]
    schedule: Schedule
    digest: str

    def __post_init__(self) -> None:
        if not self.tables:
            raise ValueError("a policy needs at least one table")
        ids = [t.id for t in self.tables]
        if len(set(ids)) != len(ids):
            raise ValueError("a table id may stand once")

    @property
    def noise_tables(self) -> tuple[TableSpec, ...]:
        """The tables protected by noise."""
        return tuple(t for t in self.tables if isinstance(t.protection, Noise))

    @property
    def suppressed_tables(self) -> tuple[TableSpec, ...]:
        """The tables protected by suppression."""
        return tuple(t for t in self.tables if isinstance(t.protection, Suppression))

    @property
    def rho(self) -> Fraction:
        """What one run charges: the sum over its noise tables (zCDP composes by addition)."""
        return sum((t.protection.rho for t in self.tables if isinstance(t.protection, Noise)), Fraction(0))
