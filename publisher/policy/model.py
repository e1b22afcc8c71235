"""What the privacy officer decides.  Frozen values, checked when they are made; nothing here reads a file.

Numbers that decide privacy are `Fraction` or `int`, never float.  Each class refuses what cannot be meant; what
concerns several policies or a source is checked in `publisher.policy.check`.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

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
    """

    rho: Fraction
    bound: ContributionBound
    weights: Weights
    estimate: EstimateKind
    uncertain_cv: Fraction
    withhold_below: Fraction | None
    times: tuple[GroupWeight, ...] = ()
    uncertain_width: Fraction | None = None

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


COUNTS = ("cases", "events", "persons", "persons_distinct")
DERIVED = ("mean", "share", "rate")
MEASURE_KINDS = (*COUNTS, "sum", "quantile", *DERIVED)
MOST_CANDIDATES = 1000


@dataclass(frozen=True, slots=True)
class Clamp:
    """What one person can add to one cell of a noisy sum, in whole units, for each code of `column` (empty: for all).

    `bounds`: pairs of a code (empty where `column` is) and the largest absolute sum.
    """

    column: str
    bounds: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        codes = [code for code, _ in self.bounds]
        if not codes or len(set(codes)) != len(codes) or (not self.column and codes != [""]):
            raise ValueError("clamp needs one number, or one for each code of a column")
        if not all(1 <= bound <= 10**9 for _, bound in self.bounds):
            raise ValueError("clamp: numbers must be between 1 and 1000000000")

    def of(self, code: str) -> int:
        """The bound of cells with this code."""
        return dict(self.bounds)[code if self.column else ""]


def check_candidates(candidates: tuple[int, ...]) -> None:
    """ValueError unless they are 2 to MOST_CANDIDATES whole numbers in rising order, none beyond 10**12."""
    if not 2 <= len(candidates) <= MOST_CANDIDATES:
        raise ValueError(f"candidates must be 2 to {MOST_CANDIDATES} numbers")
    if any(a >= b for a, b in pairwise(candidates)) or max(map(abs, candidates)) > 10**12:
        raise ValueError("candidates must rise strictly, and none be beyond 1000000000000")


@dataclass(frozen=True, slots=True)
class MeasureSpec:
    """One measure of a table.

    Counts: `cases` (persons' cases), `events` (records of cases), `persons` (person-cells, whose total is a sum),
    `persons_distinct` (different persons, whose total is not).  `cases` with a `rho` of its own stand beside `persons`,
    under noise, as a second count of the same persons under one bound.  `sum`: `of` an amount of the source; under
    noise with a `rho` and a `clamp` of its own.  `quantile` (under noise only): level `q` of what persons add up to in
    a cell, `of` an amount with a `rho` and `candidates` (whole numbers, the only ones it can be), or `of` such a
    quantile, from the same measurement.  Derived, from what the same table shows: `mean` (`of` a sum, a counted unit),
    `share` (`of` the count, in the total of column `within`), `rate` (`of` the count or a sum, of a public
    `denominator`).  `per`: a share or rate is of so many (100 = per cent).
    """

    id: str
    kind: str
    of: str = ""
    denominator: str = ""
    within: str = ""
    per: int = 1
    decimals: int = 0
    rho: Fraction | None = None
    clamp: Clamp | None = None
    q: Fraction | None = None
    candidates: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self._check_quantile()
        if self.kind not in MEASURE_KINDS:
            raise ValueError(f"unknown kind of measure {self.kind}; known: {', '.join(MEASURE_KINDS)}")
        if bool(self.of) != (self.kind not in COUNTS):
            raise ValueError("of belongs to a sum, quantile, mean, share or rate, and each of them needs it")
        if (self.kind == "rate") != bool(self.denominator):
            raise ValueError("denominator belongs to a rate, and a rate needs it")
        if (self.kind == "share") != bool(self.within):
            raise ValueError("within belongs to a share, and a share needs it")
        if self.kind != "sum" and (self.clamp or (self.rho is not None and self.kind not in ("quantile", "cases"))):
            raise ValueError("rho and clamp belong to a sum, rho to a quantile and to cases beside persons too")
        if self.per < 1 or not 0 <= self.decimals <= 6:
            raise ValueError("per must be at least 1, decimals between 0 and 6")
        if self.per > 1 and self.kind not in ("share", "rate"):
            raise ValueError("per belongs to a share or rate")

    def _check_quantile(self) -> None:
        if (self.kind == "quantile") != (self.q is not None) or (self.candidates and self.kind != "quantile"):
            raise ValueError("q and candidates belong to a quantile, which needs q")
        if self.q is not None and not (0 < self.q < 1 and 1000 % self.q.denominator == 0):
            raise ValueError("q must be above 0 and below 1, with at most three decimals")
        if self.candidates:
            check_candidates(self.candidates)
        if self.kind == "quantile" and ((self.rho is None) != (not self.candidates) or self.decimals):
            raise ValueError("a quantile has a rho and candidates, or neither where it is of another; and no decimals")

    @property
    def derived(self) -> bool:
        """Whether the measure follows from others of its table."""
        return self.kind in DERIVED


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
        counts = [m for m in self.measures if m.kind in COUNTS]
        if len([m for m in counts if m.rho is None]) != 1:
            raise ValueError(f"a table shows exactly one count ({', '.join(COUNTS)}), and others beside it")
        if len(counts) > 1 and (self.count.kind != "persons" or counts[0] != self.count or len(counts) > 2):
            raise ValueError("one second count, cases with a rho, may stand behind persons")
        for m in self.measures:
            self._check_parts(m)

    def _check_parts(self, m: MeasureSpec) -> None:
        """A derived measure follows from measures of its own table: it shows nothing that they do not."""
        sums, quantiles = [s.id for s in self.sums], [s.id for s in self.quantiles]
        parts = {"mean": sums, "share": [self.count.id], "rate": [self.count.id, *sums]}
        if m.kind == "quantile" and not m.candidates and m.of not in quantiles:
            raise ValueError(f"quantile {m.id} needs a rho and candidates, or must be of a quantile that has them")
        if m.kind in parts and m.of not in parts[m.kind]:
            raise ValueError(f"{m.kind} {m.id} must be of {' or '.join(parts[m.kind]) or 'a sum of the same table'}")
        if m.kind == "share" and CategorySpec(m.within, total=True) not in self.categories:
            raise ValueError(f"share {m.id}: the table needs the total of column {m.within}")
        if m.kind == "mean" and self.count.kind == "events":
            raise ValueError(f"mean {m.id}: amounts are of cases; a table of events has no mean of them")

    @property
    def count(self) -> MeasureSpec:
        """The counted measure, which decides what is withheld."""
        return next(m for m in self.measures if m.kind in COUNTS and m.rho is None)

    @property
    def beside(self) -> tuple[MeasureSpec, ...]:
        """The second count, of the cases of the persons counted, if there is one."""
        return tuple(m for m in self.measures if m.kind in COUNTS and m.rho is not None)

    @property
    def added_up(self) -> tuple[MeasureSpec, ...]:
        """What is estimated for every cell: the count, the one beside it, and the sums."""
        return (self.count, *self.beside, *self.sums)

    @property
    def sums(self) -> tuple[MeasureSpec, ...]:
        """The sums of amounts."""
        return tuple(m for m in self.measures if m.kind == "sum")

    @property
    def quantiles(self) -> tuple[MeasureSpec, ...]:
        """The quantiles that are measured; others are of one of them."""
        return tuple(m for m in self.measures if m.kind == "quantile" and m.candidates)

    @property
    def rho(self) -> Fraction:
        """What one run of the table charges: its counts, its sums and its quantiles; 0 under suppression."""
        if isinstance(self.protection, Suppression):
            return Fraction(0)
        own = (*self.beside, *self.sums, *self.quantiles)
        return self.protection.rho + sum((m.rho or Fraction(0) for m in own), Fraction(0))


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a period is run and published: local times in `timezone`.

    `every` year: on `day` of `month`, first after the period's end; every quarter or month: on `day` of the month after
    its end, and `month` is None.  `window`: `rolling-year` where each month's period is the twelve months that end in
    it; else empty.
    """

    every: str
    month: int | None
    day: int
    at: str
    publish_at: str
    timezone: str
    window: str = ""

    def __post_init__(self) -> None:
        if self.window not in ("", *WINDOWS) or (self.window and self.every != "month"):
            raise ValueError(f"schedule.window must be {', '.join(WINDOWS)}, and belongs to every: month")
        if self.every not in RUNS_A_YEAR:
            raise ValueError(f"schedule.every must be {', '.join(RUNS_A_YEAR)}")
        if (self.every == "year") != (self.month is not None):
            raise ValueError("schedule.month belongs to every: year, which needs it")
        if not (1 <= (self.month or 1) <= 12 and 1 <= self.day <= 28):
            raise ValueError("schedule.month must be 1-12 and schedule.day 1-28")
        for name, clock in (("at", self.at), ("publish_at", self.publish_at)):
            if _clock(name, clock)[0] == 2:
                raise ValueError(f"schedule.{name} must not lie between 02:00 and 03:00, which summer time moves")

    @property
    def runs_a_year(self) -> int:
        """How many periods of a reference year are run."""
        return RUNS_A_YEAR[self.every]

    @property
    def grain(self) -> str:
        """What kind of period is run: `year`, `quarter`, `month` or `rolling-year`."""
        return self.window or self.every


RUNS_A_YEAR = {"year": 1, "quarter": 4, "month": 12}
WINDOWS = ("rolling-year",)


def _clock(name: str, text: str) -> tuple[int, int]:
    parts = text.split(":")
    well_formed = len(parts) == 2 and all(len(p) == 2 and p.isdecimal() for p in parts)
    if not well_formed or int(parts[0]) > 23 or int(parts[1]) > 59:
        raise ValueError(f"schedule.{name} must be HH:MM")
    return int(parts[0]), int(parts[1])


@dataclass(frozen=True, slots=True)
class Policy:
    """One statistical product, as its file says it.  `digest` is the SHA-256 of the file's exact bytes.

    `where`: pairs of a declared category column and the codes kept.  `edition`: of areas, or REFERENCE_YEAR: the one
    that is valid in the period's year.  `type_year`: None means the period's own year.
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
        return sum((t.rho for t in self.tables), Fraction(0))
