"""The bytes of an input, from a file or an address, and the tables that they hold as text."""

import csv
import hashlib
import io
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from publisher.errors import GeographyError

MOST_BYTES = 400_000_000
TIMEOUT = 60
_FORMULA = tuple("=+-@\t\r")


@dataclass(frozen=True, slots=True)
class Input:
    """What was given: its name (file, or address without its query), its bytes."""

    name: str
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Digest of the bytes, hex."""
        return hashlib.sha256(self.data).hexdigest()

    def fail(self, message: str, line: int | None = None) -> GeographyError:
        """An error that names the input, and the line where there is one."""
        return GeographyError(f"{self.name}:{line}: {message}" if line else f"{self.name}: {message}")


def read_input(source: str) -> Input:
    """A file, or what an http(s) address answers; GeographyError where it cannot be had, or is too large."""
    if "://" in source:
        return _fetch(source)
    path = Path(source)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise GeographyError(f"{path.name}: is larger than {MOST_BYTES} bytes")
        return Input(path.name, path.read_bytes())
    except OSError as error:
        raise GeographyError(f"{path.name}: cannot be read: {error.strerror}") from None


def _fetch(address: str) -> Input:
    parts = urlsplit(address)
    name = f"{parts.hostname}{parts.path}"
    if parts.scheme not in ("http", "https"):
        raise GeographyError(f"{name}: only http and https addresses are fetched")
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:  # noqa: S310 - the scheme is checked
            data: bytes = answer.read(MOST_BYTES + 1)
    except (URLError, OSError, ValueError) as error:
        raise GeographyError(f"{name}: the address gave no answer ({type(error).__name__})") from None
    if len(data) > MOST_BYTES:
        raise GeographyError(f"{name}: the answer is larger than {MOST_BYTES} bytes")
    return Input(name, data)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of text with the line that each began on; the first is the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def column(self, given: Input, *names: str) -> int:
        """The place of the first of `names` that the header has (letters of any case)."""
        found = self.find(*names)
        if found is None:
            raise given.fail(f"has no column {' or '.join(names)}; it has {', '.join(filter(None, self.header))}")
        return found

    def find(self, *names: str) -> int | None:
        """The place of the first of `names`, or None."""
        folded = [h.casefold() for h in self.header]
        return next((folded.index(n.casefold()) for n in names if n.casefold() in folded), None)


def read_sheet(given: Input, *, header: Sequence[str]) -> Sheet:
    """CSV (UTF-8 with or without BOM, else ISO-8859-1) or a workbook's first sheet.

    The header is the first row that holds one of the texts in `header` (letters of any case, `*` at the end for a
    beginning); what stands above are titles.  A cell that a workbook holds as a number or date where codes belong is
    kept as it is written there, and refused where it is no code.
    """
    rows = _workbook_rows(given) if given.data[:4] == b"PK\x03\x04" else _csv_rows(given)
    for i, (_, cells) in enumerate(rows):
        if any(_is_header(c, header) for c in cells):
            width = len(cells)
            body = tuple((line, (*row, *[""] * (width - len(row)))) for line, row in rows[i + 1 :] if any(row))
            return Sheet(tuple(c.strip() for c in cells), body)
    raise given.fail(f"has no header with {' or '.join(header)}")


def _is_header(cell: str, names: Sequence[str]) -> bool:
    text = cell.strip().casefold()
    return any(text.startswith(n[:-1].casefold()) if n.endswith("*") else text == n.casefold() for n in names)


def _csv_rows(given: Input) -> list[tuple[int, tuple[str, ...]]]:
    try:
        text = given.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = given.data.decode("latin-1")
    if "\x00" in text:
        raise given.fail("is neither CSV nor a workbook")
    first = next((line for line in text.splitlines() if "," in line or ";" in line), "")
    reader = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
    out: list[tuple[int, tuple[str, ...]]] = []
    try:
        out.extend((reader.line_num, tuple(row)) for row in reader)
    except csv.Error:
        raise given.fail("is no proper CSV", reader.line_num) from None
    return out


def _workbook_rows(given: Input) -> list[tuple[int, tuple[str, ...]]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(given.data), read_only=True, data_only=True)
        rows = list(book.worksheets[0].iter_rows(values_only=True))
    except (InvalidFileException, KeyError, ValueError, OSError, IndexError):
        raise given.fail("is no readable workbook") from None
    return [(n, tuple("" if c is None else str(c) for c in row)) for n, row in enumerate(rows, 1)]


def check_name(given: Input, text: str, line: int | None = None) -> str:
    """A name without blanks at its ends; GeographyError for one that a spreadsheet would take for a formula."""
    name = text.strip()
    if not name or name.startswith(_FORMULA):
        raise given.fail("a name is empty or begins like a spreadsheet formula", line)
    return name


def whole(given: Input, text: str, line: int) -> int:
    """A whole number of people."""
    plain = text.strip().replace("\u00a0", "").replace(" ", "")
    if not plain.isdecimal() or len(plain) > 9:
        raise given.fail("a population is no whole number", line)
    return int(plain)
