"""What an agency declares of its records in `publisher.toml`: columns, codes, texts, and how bad rows are handled.

Declarations are made before any record is read.  They are the only place where keys come from: a code that is not
declared is refused, never discovered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class SourceDeclaration:
    """One source of case records.

    `files`: paths relative to the folder of publisher.toml; `format`: parquet or csv; `encoding`: of CSV.
    `case_id`, `person_id`, `date`, `area`: names of those columns in the file.  `person_pattern`: a regular expression
    that a whole person id must match (empty: any text without blanks at its ends), so that one person does not pass
    under several spellings.  The area column holds a RegSO code of `edition`, or a municipality or county code, or
    nothing, where no RegSO is stated.  `unknown_areas`: `refuse`, or `no-area-stated` (counted, and put in `00X`).
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

    def __post_init__(self) -> None:
        if self.format not in ("parquet", "csv"):
            raise ValueError(f"source {self.id}: format must be parquet or csv")
        if self.unknown_areas not in ("refuse", "no-area-stated"):
            raise ValueError(f"source {self.id}: unknown_areas must be refuse or no-area-stated")
        if not self.files:
            raise ValueError(f"source {self.id}: names no file")
        names = [self.case_id, self.person_id, self.date, self.area, *(c.column for c in self.categories)]
        if len(set(names)) != len(names):
            raise ValueError(f"source {self.id}: a column stands for two things")

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
    """The register of an edition: its file, and which column of it holds the area type of which year."""

    edition: str
    register: str
    area_types: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class PopulationFile:
    """A public population: file, the category columns that it is split by, and the codes that count."""

    id: str
    text: Text
    file: str
    columns: Mapping[str, str]
    only: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that `publisher.toml` says.

    `folder` is where the file stands; `digest` the SHA-256 of all that decides what is counted and what may be spent.
    """

    folder: Path
    digest: str
    memory_mb: int
    threads: int
    agencies: Mapping[str, Agency]
    geography: Mapping[str, GeographyFiles]
    populations: Mapping[str, PopulationFile]
    sources: Mapping[str, SourceDeclaration]
