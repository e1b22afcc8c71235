"""What an agency declares of its records in `publisher.toml`: columns, codes, texts, and how bad rows are handled.

Declarations are made before any record is read.  They are the only place where keys come from: a code that is not
declared is refused, never discovered.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from publisher.errors import SettingsError
from publisher.release.model import TOTAL, Category, Text


@dataclass(frozen=True, slots=True)
class CategoryDeclaration:
    """A category column: its id in policies, its name in the file, its codes with texts.

    `personal`: a property of the person (sex, age group), of which each person has one value a period; otherwise a
    property of the case (benefit), of which a person may have several.
    """

    id: str
    column: str
    text: Text
    personal: bool
    categories: tuple[Category, ...]

    def __post_init__(self) -> None:
        codes = self.codes
        if not codes or len(set(codes)) != len(codes) or TOTAL in codes or "" in codes:
            raise ValueError(f"category {self.id}: codes must be different, not empty and not {TOTAL}")

    @property
    def codes(self) -> tuple[str, ...]:
        """Declared codes, in published order."""
        return tuple(c.code for c in self.categories)


PLACINGS = ("regso", "deso", "coordinates")
UNKNOWN_AREAS = ("refuse", "no-area-stated", "municipality")
REFERENCE_YEAR = "reference-year"
"""In place of an edition: the one that is valid in the reference year."""

MOST_AMOUNT = 10**12
"""Amounts beyond this, in whole units, are no amounts; sums of 10**6 of them still fit 64 bits."""


@dataclass(frozen=True, slots=True)
class AmountDeclaration:
    """An amount of each case: its id in policies, its column, unit, and public bounds.

    Amounts are read as whole units (a fraction is rounded, half away from zero).  `by`: the category that `bounds`
    belong to, or empty; `bounds`: code -> (lower, upper) in whole units, the code empty where `by` is.  `outside`: what
    happens to an amount beyond its bounds: `refuse`, or `clamp` (the bound takes its place, and the notes say so).
    """

    id: str
    column: str
    text: Text
    unit: Text
    by: str
    bounds: Mapping[str, tuple[int, int]]
    outside: str

    def __post_init__(self) -> None:
        if self.outside not in ("refuse", "clamp"):
            raise ValueError(f"amount {self.id}: outside must be refuse or clamp")
        if not self.bounds or (not self.by and set(self.bounds) != {""}):
            raise ValueError(f"amount {self.id}: bounds must be one pair, or one for each code of the category `by`")
        for lower, upper in self.bounds.values():
            if not -MOST_AMOUNT <= lower < upper <= MOST_AMOUNT:
                raise ValueError(f"amount {self.id}: bounds must be lower < upper, within {MOST_AMOUNT}")

    def bound_of(self, codes: Iterable[str]) -> tuple[int, int]:
        """The bounds of a case that has one of these codes of the category `by`: the widest that any of them has."""
        pairs = [self.bounds[code if self.by else ""] for code in codes]
        return min(low for low, _ in pairs), max(high for _, high in pairs)


@dataclass(frozen=True, slots=True)
class SourceDeclaration:
    """One source of case records.

    `files`: paths relative to the folder of publisher.toml; `format`: parquet or csv; `encoding`: of CSV.
    `case_id`, `person_id`, `date`: names of those columns in the file.  `person_pattern`: a regular expression
    that a whole person id must match (empty: any text without blanks at its ends), so that one person does not pass
    under several spellings.

    `placing` says what a record's place is: `regso`, column `area` holds a RegSO code; `deso`, a DeSO code; in both, a
    municipality or county code or nothing where no more is stated; `coordinates`, columns `east` and `north` hold
    metres in SWEREF 99 TM, or nothing.  `edition`: that of the codes, or REFERENCE_YEAR where each period's records
    have the codes of the edition valid then; empty for coordinates, which belong to no edition.
    `unknown_areas`, for a place that the edition does not have: `refuse`; `no-area-stated` (counted, and put in
    `00X`); `municipality` (put in the municipality that the code begins with, or that alone has an
    area of that name; else in `00X`).
    """

    id: str
    agency: str
    files: tuple[str, ...]
    format: str
    encoding: str
    delimiter: str
    case_id: str
    person_id: str
    person_pattern: str
    date: str
    area: str
    edition: str
    unknown_areas: str
    categories: tuple[CategoryDeclaration, ...]
    placing: str = "regso"
    east: str = ""
    north: str = ""
    amounts: tuple[AmountDeclaration, ...] = ()

    def __post_init__(self) -> None:
        if self.format not in ("parquet", "csv"):
            raise ValueError(f"source {self.id}: format must be parquet or csv")
        if self.unknown_areas not in UNKNOWN_AREAS:
            raise ValueError(f"source {self.id}: unknown_areas must be {', '.join(UNKNOWN_AREAS)}")
        if not self.files:
            raise ValueError(f"source {self.id}: names no file")
        self._check_placing()
        names = [self.case_id, self.person_id, self.date, *self.place_columns, *(c.column for c in self.categories)]
        names += [a.column for a in self.amounts]
        if len(set(names)) != len(names):
            raise ValueError(f"source {self.id}: a column stands for two things")
        self._check_amounts()

    def _check_placing(self) -> None:
        if self.placing not in PLACINGS:
            raise ValueError(f"source {self.id}: placing must be {', '.join(PLACINGS)}")
        by_point = self.placing == "coordinates"
        if by_point != bool(self.east and self.north) or by_point == bool(self.area):
            raise ValueError(f"source {self.id}: coordinates need columns east and north; codes need column area")
        if by_point == bool(self.edition):
            raise ValueError(f"source {self.id}: codes need an edition, coordinates have none")

    def _check_amounts(self) -> None:
        categories = {c.id: set(c.codes) for c in self.categories}
        for amount in self.amounts:
            if amount.by and categories.get(amount.by) != set(amount.bounds):
                raise ValueError(f"source {self.id}: amount {amount.id} needs bounds for every code of {amount.by}")

    @property
    def place_columns(self) -> tuple[str, ...]:
        """Names of the columns that say where a record belongs."""
        return (self.east, self.north) if self.placing == "coordinates" else (self.area,)

    def amount(self, amount_id: str) -> AmountDeclaration:
        """The declaration of an amount; KeyError if there is none."""
        for a in self.amounts:
            if a.id == amount_id:
                return a
        raise KeyError(amount_id)

    def category(self, category_id: str) -> CategoryDeclaration:
        """The declaration of a category; KeyError if there is none."""
        for c in self.categories:
            if c.id == category_id:
                return c
        raise KeyError(category_id)


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency: its name, and the cap of its privacy account (rho a reference year; above 0.125 with a reason)."""

    id: str
    name: Text
    cap: Fraction
    cap_reason: str

    def __post_init__(self) -> None:
        if not 0 < self.cap <= Fraction("0.5"):
            raise ValueError("cap must be above 0 and at most 0.5")
        if self.cap > Fraction("0.125") and not self.cap_reason:
            raise ValueError("a cap above 0.125 needs cap_reason: why it can be defended")


@dataclass(frozen=True, slots=True)
class GeographyFiles:
    """The files of an edition, and the reference years that it is valid for.

    `register`: plain CSV; `area_types`: which column of it holds the area type of which year.  Empty where there is
    none: `deso_key`, plain CSV of DeSO and RegSO codes; `geometry`, borders (GeoPackage, EPSG:3006); `changes`, plain
    CSV of what changed since the edition before.  `first_year`, `last_year`: inclusive.  `outside`: why a policy may
    use the edition for other years too; empty: it may not.
    """

    edition: str
    register: str
    area_types: Mapping[int, str]
    deso_key: str = ""
    geometry: str = ""
    changes: str = ""
    first_year: int = 1900
    last_year: int = 2100
    outside: str = ""

    def __post_init__(self) -> None:
        if self.edition == REFERENCE_YEAR or not 1900 <= self.first_year <= self.last_year <= 2100:
            raise ValueError(f"geography {self.edition}: first_year and last_year must lie in order in 1900-2100")

    def is_valid(self, year: int) -> bool:
        """Whether the edition is the one of a reference year."""
        return self.first_year <= year <= self.last_year


@dataclass(frozen=True, slots=True)
class PopulationFile:
    """A public population: file, the category columns that it is split by, and the codes that count.

    `everyone`: it is all who live in an area, so that no count of persons there can be larger.
    """

    id: str
    text: Text
    file: str
    columns: Mapping[str, str]
    only: Mapping[str, tuple[str, ...]]
    everyone: bool = False

    def __post_init__(self) -> None:
        if self.everyone and self.only:
            raise ValueError(f"population {self.id}: a part of the population is not everyone")


@dataclass(frozen=True, slots=True)
class OutsideFile:
    """A table that was published elsewhere about records of `source`: everybody knows its numbers.

    `file`, `sha256`: where its CSV stands, and the digest of its bytes, which an approval binds with the rest.  `kind`:
    which count it shows; `measure`: the id of that count where the file has a column of them.  `where`: the codes that
    it keeps of some columns, as in a policy.
    """

    id: str
    source: str
    file: str
    sha256: str
    kind: str
    measure: str
    where: tuple[tuple[str, tuple[str, ...]], ...]

    def __post_init__(self) -> None:
        if self.kind not in ("cases", "events", "persons"):
            raise ValueError(f"outside {self.id}: kind must be cases, events or persons")
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise ValueError(f"outside {self.id}: sha256 must be 64 digits 0-9 a-f; sha256sum prints it")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that `publisher.toml` says.

    `folder` is where the file stands; `digest` the SHA-256 of all that decides what is counted and what may be spent.
    `run_minutes`: how long the scheduler lets a run or a rehearsal take.
    """

    folder: Path
    digest: str
    memory_mb: int
    threads: int
    agencies: Mapping[str, Agency]
    geography: Mapping[str, GeographyFiles]
    populations: Mapping[str, PopulationFile]
    sources: Mapping[str, SourceDeclaration]
    outside: Mapping[str, OutsideFile] = field(default_factory=dict)
    run_minutes: int = 120

    @property
    def everyone(self) -> str | None:
        """The id of the population of all who live in an area, if one is declared."""
        return next((p.id for p in self.populations.values() if p.everyone), None)

    def edition_of(self, edition: str, year: int) -> str:
        """The edition that `edition` means in a reference year.

        SettingsError where none is valid then, or a named one is not and publisher.toml does not allow it.
        """
        if edition == REFERENCE_YEAR:
            for files in self.geography.values():
                if files.is_valid(year):
                    return files.edition
            raise SettingsError(f"publisher.toml: no edition of areas is declared as valid in {year}")
        files = self.geography[edition]
        if not files.is_valid(year) and not files.outside:
            raise SettingsError(
                f"publisher.toml: edition {edition} is not valid in {year}; if it may be used all the same, "
                f"geography.{edition}.outside says why"
            )
        return edition
