"""What others have published about the same records: plain CSV files of numbers that everybody knows.

Public data: errors name file and line.  They hold no value all the same, since a reader may take one for a record's.
"""

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from publisher.errors import SettingsError
from publisher.geography.register import AreaIndex
from publisher.periods import Period
from publisher.policy.declarations import OutsideFile, SourceDeclaration
from publisher.release.model import TOTAL

_PLAIN = {"area_level", "area_text", "status", "version", "edition", "lower", "upper"}
"""Columns of MODEL.md's CSV that say nothing more of a number."""

_LEVELS = (
    ("riket", "00"), ("lan", r"(?!00)\d\d|00X"), ("kommun", r"(?!00)\d{4}|(?!00)\d\dX"),
    ("regso", r"(?!00)\d{4}(R\d{3}|X)"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KnownNumber:
    """One published number: where it stands, its area and level, and a code for each column of the file."""

    line: int
    level: str
    area: str
    categories: tuple[str, ...]
    value: int


@dataclass(frozen=True, slots=True)
class KnownNumbers:
    """The numbers of one file for one period.  `columns`: ids of the categories that it is split by; `sha256`: of the
    file.  `remembered`: it was declared when an earlier version of the period was sealed, and is not any more."""

    id: str
    file: str
    sha256: str
    kind: str
    columns: tuple[str, ...]
    rows: tuple[KnownNumber, ...]
    remembered: bool = False

    @property
    def table(self) -> str:
        """Its id among tables; two files can have stood under one name, one after the other."""
        return f"outside-{self.id}-{self.sha256[:8]}" if self.remembered else f"outside-{self.id}"

    @property
    def levels(self) -> tuple[str, ...]:
        """The area levels that it has numbers of."""
        return tuple(level for level, _ in _LEVELS if any(r.level == level for r in self.rows))


def load_outside(
    declared: OutsideFile, folder: Path, *, source: SourceDeclaration, index: AreaIndex, period: Period
) -> KnownNumbers:
    """The numbers of a declared file that are of the period; rows without a value (withheld there) are left out.

    Columns: area, period, value, and ids of categories of the source (absent or `TOT`: their total); with a column
    `measure`, only rows of the declared one.  SettingsError names file, line and rule: bytes that are not the declared
    ones, a column, code or area that is not known, a value that is no whole number, a cell that stands twice, a period
    that shares time with this one and is another.
    """
    data = _bytes(declared, folder)
    reader = csv.DictReader(data.decode("utf-8-sig").splitlines(keepends=True), restval="", strict=True)
    columns = _columns(declared, reader.fieldnames or (), source)
    codes = {c.id: {TOTAL, *c.codes} for c in source.categories}
    codes |= {f"level {n}": {c for v in index.levels((n,), 0) for c in v.codes} for n, _ in _LEVELS}
    rows: dict[tuple[str, tuple[str, ...]], KnownNumber] = {}
    for line, row in _of_period(declared, reader, period):
        number = _number((declared.file, line), row, columns, codes)
        if number is not None and rows.setdefault((number.area, number.categories), number) is not number:
            raise _wrong(declared.file, line, "this cell stands twice")
    return KnownNumbers(declared.id, declared.file, declared.sha256, declared.kind, columns, tuple(rows.values()))


def _bytes(declared: OutsideFile, folder: Path) -> bytes:
    try:
        data = (folder / declared.file).read_bytes()
    except OSError:
        raise SettingsError(f"{declared.file}: the file of outside table {declared.id} cannot be read") from None
    if hashlib.sha256(data).hexdigest() != declared.sha256:
        raise SettingsError(
            f"{declared.file}: is not the file that outside.{declared.id}.sha256 names in publisher.toml; declare and "
            "approve it again"
        )
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{declared.file}: not CSV in UTF-8") from None
    return data


def _columns(declared: OutsideFile, names: object, source: SourceDeclaration) -> tuple[str, ...]:
    found = list(names) if isinstance(names, list) else []
    categories = {c.id for c in source.categories}
    texts = {f"{c}_text" for c in categories}
    missing = {"area", "period", "value"} - set(found)
    unknown = set(found) - {"area", "period", "value", "measure"} - categories - texts - _PLAIN
    if missing or unknown or len(set(found)) != len(found):
        what = ("lacks", missing) if missing else ("has unknown or doubled columns", unknown)
        raise SettingsError(f"{declared.file}:1: outside table {declared.id} {what[0]} {', '.join(sorted(what[1]))}")
    if ("measure" in found) != bool(declared.measure):
        raise SettingsError(f"{declared.file}:1: a column measure and outside.{declared.id}.measure belong together")
    return tuple(c.id for c in source.categories if c.id in found)


def _of_period(
    declared: OutsideFile, reader: "csv.DictReader[str]", period: Period
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line and row of every number of the period."""
    try:
        for row in reader:
            if declared.measure and row["measure"] != declared.measure:
                continue
            try:
                other = Period.parse(row["period"])
            except ValueError:
                raise _wrong(declared.file, reader.line_num, "this is no period") from None
            if (other.first, other.end) == (period.first, period.end):
                yield reader.line_num, row
            elif other.overlaps(period):
                rule = f"{other.code} shares time with {period.code}, and only numbers of the same period can be used"
                raise _wrong(declared.file, reader.line_num, rule)
    except csv.Error:
        raise _wrong(declared.file, reader.line_num, "this is no CSV") from None


def _number(
    where: tuple[str, int], row: Mapping[str, str], columns: tuple[str, ...], codes: Mapping[str, set[str]]
) -> KnownNumber | None:
    if row["value"] == "":
        return None
    area = row["area"]
    level = next((name for name, form in _LEVELS if re.fullmatch(form, area)), None)
    if level is None or area not in codes[f"level {level}"]:
        raise _wrong(*where, "this is no area of the edition; area types are not taken")
    for column in columns:
        if row[column] not in codes[column]:
            raise _wrong(*where, f"column {column} has a code that is not declared")
    if not re.fullmatch(r"[0-9]{1,12}", row["value"]):
        raise _wrong(*where, "a value is no whole number, or negative")
    return KnownNumber(where[1], level, area, tuple(row[c] for c in columns), int(row["value"]))


def _wrong(file: str, line: int, rule: str) -> SettingsError:
    return SettingsError(f"{file}:{line}: {rule}")
