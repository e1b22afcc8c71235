"""What is asked for in an import, and what is told of it."""

import re
from dataclasses import dataclass, field

from publisher.errors import GeographyError

_EDITION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import into an edition: files or addresses, each empty where there is none; `year`: of `types`."""

    edition: str
    register: str = ""
    deso_key: str = ""
    types: str = ""
    year: int | None = None
    population: str = ""
    geometry: str = ""
    changes: str = ""

    def __post_init__(self) -> None:
        if not _EDITION.fullmatch(self.edition):
            raise GeographyError("an edition is named by small letters, digits and hyphens, such as regso-2025")
        if not any((self.register, self.deso_key, self.types, self.population, self.geometry, self.changes)):
            raise GeographyError("nothing to import: name at least one file")
        if bool(self.types) != (self.year is not None):
            raise GeographyError("--types and --year belong together")


@dataclass(frozen=True, slots=True)
class InputReport:
    """What became of one input.  `unmatched`: areas of the register that it says nothing of, the first few."""

    kind: str
    file: str
    sha256: str
    rows: int
    matched: int
    unmatched_count: int = 0
    unmatched: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The report of an import: its inputs, what changed since the last one, and what publisher.toml needs."""

    edition: str
    at: str
    areas: int
    inputs: tuple[InputReport, ...]
    changed: tuple[str, ...]
    settings: str = field(repr=False)
