"""Which area of the register a row of a file is about: by code, or by municipality and name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from publisher.geography.imports.codes import REGSO, regso_code
from publisher.geography.imports.fetching import Input
from publisher.geography.imports.sheets import NOTHING, Row, Sheet
from publisher.geography.register import RegisterArea

NAMED = 10
"""Codes that a report or an error names of those that did not match."""

_NAMED = re.compile(r"(?P<place>.+?) \((?P<name>.+)\)")
_K = TypeVar("_K")
_V = TypeVar("_V")

Areas = Mapping[str, RegisterArea]


@dataclass(frozen=True, slots=True)
class Matched(Generic[_K, _V]):
    """What an input gave: `values`, the number of `rows` read, and areas that it says nothing of (`unmatched`)."""

    values: Mapping[_K, _V]
    rows: int
    unmatched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds areas of a register.  `names`: (municipality, name) -> codes: names repeat, a name alone tells nothing."""

    given: Input
    edition: str
    areas: Areas
    names: Mapping[tuple[str, str], tuple[str, ...]]

    def find(self, text: str, line: int | None = None) -> str | None:
        """The code of an area written as a code or as `Municipality (Name)`; None where the register has no such area.

        GeographyError for a code of another edition, and for a name that several areas of a municipality have.
        """
        if REGSO.match(text.strip()):
            code = regso_code(self.given, text, self.edition, line)
            return code if code in self.areas else None
        match = _NAMED.fullmatch(text.strip())
        found = self.names.get((_plain(match["place"]), _plain(match["name"])), ()) if match else ()
        if len(found) > 1:
            raise self.given.fail(f"{text.strip()[:60]!r} is the name of {len(found)} areas: give codes", line)
        return found[0] if found else None

    def rows(self, sheet: Sheet, at: int, values: Sequence[int]) -> Iterator[tuple[int, str, Row]]:
        """Line, area and cells of each row about an area.  A row without any value, of no area, is a footnote.

        GeographyError, with their count, for rows with values that are of no area of the register.
        """
        strangers: dict[str, int] = {}
        for line, row in sheet.rows:
            code = self.find(row[at], line)
            if code is not None:
                yield line, code, row
            elif any(row[v].strip() for v in values):
                strangers.setdefault(row[at].strip()[:60], line)
        self.check_known(strangers)

    def check_known(self, strangers: Mapping[str, int | None]) -> None:
        """GeographyError where there are any."""
        if strangers:
            first = next(iter(strangers.values()))
            raise self.given.fail(
                f"{len(strangers)} areas are not in the register of {self.edition}: {listed(list(strangers))}", first
            )


def make_finder(given: Input, edition: str, areas: Areas) -> Finder:
    """The finder of an edition's areas; GeographyError where it has none."""
    if not areas:
        raise given.fail(f"edition {edition} has no areas yet: import its register, or its geometry, first")
    names: dict[tuple[str, str], tuple[str, ...]] = {}
    for code, area in areas.items():
        key = (_plain(area.municipality_name), _plain(area.name))
        names[key] = (*names.get(key, ()), code)
    return Finder(given, edition, areas, names)


def _plain(name: str) -> str:
    """A name without what differs between SCB's files: blanks at its end, doubled ones, kinds of dashes."""
    return " ".join(name.replace("\u2013", "-").replace("\u2011", "-").split())


def listed(codes: Sequence[str]) -> str:
    """The first few of some codes."""
    return ", ".join(codes[:NAMED]) + (", ..." if len(codes) > NAMED else "")


def is_nothing(text: str) -> bool:
    """Whether a cell says that there is no value."""
    return text.strip() in NOTHING
