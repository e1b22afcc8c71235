"""What a published table is.  Standard library only: this module is shipped to the public site.

Numbers are exact: a cell's `value`, `lower` and `upper` are integers in units of 10**-decimals of its measure, so
that 12.5 with one decimal is 125.  No float is published, compared or stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

TOTAL = "TOT"
"""Category code of the total: the sum of the parts (MODEL.md)."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes a cell for a formula by, where it begins with it: no code or text of a table does."""

COUNT_KINDS = ("cases", "events", "persons", "persons_distinct")
DERIVED_KINDS = ("mean", "share", "rate")

AREA_LEVELS = ("riket", "lan", "kommun", "regso", "area_type", "lan_area_type", "kommun_area_type")


class CellStatus(StrEnum):
    """Why a cell shows no plain number.  A withheld cell has one status, whatever the reason."""

    PUBLISHED = ""
    SUPPRESSED = "suppressed"
    UNCERTAIN = "uncertain"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    sv: str
    en: str

    def __post_init__(self) -> None:
        if not self.sv or not self.en:
            raise ValueError("a text needs both languages")

    def get(self, language: str) -> str:
        """The text in `language` (`sv` or `en`)."""
        return self.sv if language == "sv" else self.en


@dataclass(frozen=True, slots=True)
class Area:
    """One area row: `level` is one of AREA_LEVELS; codes as MODEL.md writes them, unique over all levels."""

    level: str
    code: str
    text: Text

    def __post_init__(self) -> None:
        if self.level not in AREA_LEVELS:
            raise ValueError(f"unknown area level {self.level}")


@dataclass(frozen=True, slots=True)
class Category:
    """One value of a category dimension.  `joins`: of one that stands for several codes of the source, which."""

    code: str
    text: Text
    joins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dimension:
    """One category dimension; the first category is TOTAL where the table has the total.

    `personal`: it belongs to the person, who has one value of it; of any other a person may have several.
    """

    id: str
    text: Text
    categories: tuple[Category, ...]
    personal: bool = False

    @property
    def has_total(self) -> bool:
        """Whether the table shows the total over this dimension."""
        return bool(self.categories) and self.categories[0].code == TOTAL

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes in published order."""
        return tuple(c.code for c in self.categories)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of a table.

    `kind`: one of COUNT_KINDS, sum, quantile, mean, share or rate.  `additive`: a total equals the sum of its parts.
    `of`: the measure in the numerator of a mean, share or rate; for a sum or quantile, the id of the amount (for a
    second quantile of it, that of the first).  `per`: the multiplier of a share or rate (1000 = per 1 000).
    `denominator`: of a rate, the id of the public population.  `within`: the dimension whose total a share is a part
    of.  `noisy`: cells carry `lower` and `upper` (95 %).  `bounds`: for a sum, the public bounds (lower, upper) of one
    case's amount, by code of dimension `bounds_by`, or for the empty code where that is empty.  `q`: the level of a
    quantile, in plain decimals.
    """

    id: str
    kind: str
    text: Text
    unit: Text
    decimals: int
    additive: bool
    noisy: bool
    of: str = ""
    per: int = 1
    denominator: str = ""
    within: str = ""
    bounds_by: str = ""
    bounds: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    q: str = ""

    @property
    def counts(self) -> bool:
        """Whether the measure is a count of units."""
        return self.kind in COUNT_KINDS

    @property
    def derived(self) -> bool:
        """Whether the measure follows from others of its table."""
        return self.kind in DERIVED_KINDS

    def __post_init__(self) -> None:
        if not 0 <= self.decimals <= 6:
            raise ValueError(f"measure {self.id}: decimals out of range")


class Cell(NamedTuple):
    """One cell of one measure.  `categories` follows the table's dimensions; `version` is the version of its period."""

    area: str
    categories: tuple[str, ...]
    period: str
    measure: str
    value: int | None
    status: CellStatus
    lower: int | None
    upper: int | None
    version: int


@dataclass(frozen=True, slots=True)
class NoiseFacts:
    """What the public is told of a table protected by noise, for each period; numbers are decimal texts.

    `together`: ids of the tables that were measured as one, this one among them: `rho` is what all of them cost once.
    `measured`: what each measured measure is charged of `rho`.  `sensitivity`: how far one person can move what is
    measured.  Releases of before they were told (`release/1`) lack both.
    """

    rho: str
    delta: str
    epsilon: str
    unit: Text
    bound: Text
    mechanism: Text
    postprocessing: Text
    unprotected: Text
    sensitivity: Text | None = None
    measured: tuple[tuple[str, str], ...] = ()
    together: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SuppressionFacts:
    """What the public is told of a table protected by suppression.  It names rules, never which cell fell to which.

    `rules`: those beside the threshold, as words and numbers: `dominance 1 75`, `p_percent 10`, `min_contributors 3`,
    `share 20 5`.  `insiders`: whether nobody who stands alone in a cell can work out another sensitive one.
    """

    threshold: int
    counted: str
    zeros: str
    level: str
    rules: tuple[str, ...] = ()
    insiders: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table over several periods, as published.

    `areas`: every area row, ordered by level and code.  `cells`: one a (area, categories, period, measure), ordered by
    those.  `area_types`: for each period and RegSO code, the code `1`..`5` of the area type that it counted as
    (public; areas without a type are absent).  `editions`: the area edition of each period.  `protection` is a
    SuppressionFacts or NoiseFacts.

    `by_edition`: whether the table can hold several editions, so that its CSV has a column `edition`; a code means an
    area only together with its edition.  `renamed`: for each edition, names of areas that differ from those in `areas`.
    `absent`: for each edition, codes of `areas` that it does not have.  `breaks`: for each edition, codes that do not
    mean the same area as in the edition before.  `other_rules`: periods that were protected by other terms
    than `protection` says, and these.
    """

    id: str
    title: Text
    areas: tuple[Area, ...]
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    periods: tuple[str, ...]
    cells: tuple[Cell, ...] = field(repr=False)
    notes: tuple[Text, ...]
    area_types: Mapping[str, Mapping[str, str]] = field(repr=False)
    editions: Mapping[str, str]
    protection: SuppressionFacts | NoiseFacts
    by_edition: bool = False
    renamed: Mapping[str, Mapping[str, Text]] = field(default_factory=dict, repr=False)
    absent: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    breaks: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    other_rules: Mapping[str, SuppressionFacts | NoiseFacts] = field(default_factory=dict)

    def promised(self, period: str) -> "SuppressionFacts | NoiseFacts":
        """What a period was sealed with."""
        return self.other_rules.get(period, self.protection)

    def area_text(self, area: Area, period: str) -> Text:
        """The name of an area in the edition of a period."""
        return self.renamed.get(self.editions[period], {}).get(area.code, area.text)

    @property
    def count(self) -> Measure:
        """The one counted measure."""
        return next(m for m in self.measures if m.counts)

    @property
    def noisy(self) -> bool:
        """Whether the table is protected by noise."""
        return isinstance(self.protection, NoiseFacts)

    def measure(self, measure_id: str) -> Measure:
        """The measure with that id; KeyError if the table has none."""
        for m in self.measures:
            if m.id == measure_id:
                return m
        raise KeyError(measure_id)


@dataclass(frozen=True, slots=True)
class Release:
    """What one run seals: all tables of a policy together, cumulative over periods.  Times are UTC, ISO 8601, `Z`."""

    policy: str
    agency: str
    period: str
    version: int
    publish_at: str
    title: Text
    contact_name: str
    contact_email: str
    licence: str
    source: Text
    tables: tuple[Table, ...]
    reason: str = ""

    @property
    def id(self) -> str:
        """`{policy}.{period}.v{n}`."""
        return f"{self.policy}.{self.period}.v{self.version}"

    def table(self, table_id: str) -> Table:
        """The table with that id; KeyError if the release has none."""
        for t in self.tables:
            if t.id == table_id:
                return t
        raise KeyError(table_id)


def format_number(scaled: int, decimals: int, separator: str = ".") -> str:
    """`scaled` / 10**decimals in plain digits: (-5, 1) is -0.5."""
    if decimals == 0:
        return str(scaled)
    sign, digits = ("-" if scaled < 0 else ""), str(abs(scaled)).rjust(decimals + 1, "0")
    return f"{sign}{digits[:-decimals]}{separator}{digits[-decimals:]}"
