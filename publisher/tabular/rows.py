"""CSV in UTF-8 as rows with line numbers.  Errors name file, line and column, and never what stands there."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from publisher.errors import TableError

Row = tuple[int, tuple[str, ...]]
"""Line number, and the values of the columns that were asked for."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file in memory, by name."""

    name: str
    data: bytes

    @classmethod
    def read(cls, path: Path) -> "CsvFile":
        """TableError where the file cannot be read."""
        try:
            return cls(path.name, path.read_bytes())
        except OSError as error:
            raise TableError(f"{path.name}: the file cannot be read: {error.strerror}") from None

    def fail(self, line: int, message: str) -> TableError:
        """What is wrong at a line."""
        return TableError(f"{self.name}:{line}: {message}")

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Every row's values in `columns`; other columns are left alone.  TableError for what is not CSV."""
        try:
            reader = csv.reader(io.StringIO(self.data.decode("utf-8-sig"), newline=""), strict=True)
            header = next(reader, [])
            at = self._positions(header, columns)
            for row in reader:
                if len(row) != len(header):
                    raise self.fail(reader.line_num, f"{len(row)} values under {len(header)} columns")
                yield reader.line_num, tuple(row[k] for k in at)
        except (UnicodeDecodeError, csv.Error):
            raise TableError(f"{self.name}: not CSV in UTF-8") from None

    def _positions(self, header: list[str], columns: Sequence[str]) -> list[int]:
        if len(set(header)) != len(header):
            raise self.fail(1, "two columns have the same name")
        missing = [c for c in columns if c not in header]
        if missing:
            raise self.fail(1, f"columns are missing: {', '.join(missing)}")
        return [header.index(c) for c in columns]

    def number(self, line: int, column: str, text: str) -> int:
        """A whole number, 0 or more."""
        if not (text.isascii() and text.isdecimal() and len(text) <= 15):
            raise self.fail(line, f"column {column}: a whole number of at most 15 digits is expected, 0 or more")
        return int(text)
