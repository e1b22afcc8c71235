"""Tables as text, from CSV as SCB writes it or from a workbook."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from publisher.geography.imports.fetching import Input

_FORMULA = tuple("=+-@\t\r")
NOTHING = ("", "..", ".", "-")
"""How SCB writes that there is no value."""

Row = tuple[str, ...]
Lines = list[tuple[int, Row]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of text with the line that each ends on; `header` are the names of the columns."""

    header: Row
    rows: tuple[tuple[int, Row], ...]

    def column(self, given: Input, *names: str) -> int:
        """The place of the first of `names` that the header has (letters of any case)."""
        found = self.find(*names)
        if found is None:
            raise given.fail(f"has no column {' or '.join(names)}; it has {', '.join(filter(None, self.header))}")
        return found

    def find(self, *names: str) -> int | None:
        """The place of the first of `names` that the header has, or None; `*` at the end stands for any ending."""
        for name in names:
            for at, head in enumerate(self.header):
                if _is_called(head, name):
                    return at
        return None


def read_sheet(given: Input, *, header: Sequence[str]) -> Sheet:
    """CSV (UTF-8 with or without BOM, else Windows-1252; comma, semicolon or tab) or a workbook's first sheet.

    The header is the first row that holds one of the texts in `header` (letters of any case, `*` at the end for any
    ending); what stands above are titles.  Cells are text as they stand: what a workbook holds as a number is never
    given its zeros back, so that a code that lost them is refused where it is read.
    """
    workbook = given.data[:4] == b"PK\x03\x04"
    for rows in [_workbook_rows(given)] if workbook else (_csv_rows(given, mark) for mark in ",;\t"):
        for i, (_, cells) in enumerate(rows):
            if any(_is_called(c, name) for c in cells for name in header):
                return _sheet(given, cells, rows[i + 1 :])
    raise given.fail(f"has no header with {' or '.join(header)}")


def _sheet(given: Input, header: Row, rows: Lines) -> Sheet:
    names = tuple(c.strip() for c in header)
    stated = [n.casefold() for n in names if n]
    if len(set(stated)) != len(stated):
        raise given.fail("a column stands twice in the header")
    body = tuple((line, (*row, *[""] * (len(names) - len(row)))) for line, row in rows if any(row))
    return Sheet(names, body)


def _is_called(cell: str, name: str) -> bool:
    text = cell.strip().casefold()
    return text.startswith(name[:-1].casefold()) if name.endswith("*") else text == name.casefold()


def _csv_rows(given: Input, mark: str) -> Lines:
    reader = csv.reader(io.StringIO(_decoded(given), newline=""), delimiter=mark, strict=True)
    out: Lines = []
    try:
        out.extend((reader.line_num, tuple(row)) for row in reader)
    except csv.Error:
        raise given.fail("is no proper CSV", reader.line_num) from None
    return out


def _decoded(given: Input) -> str:
    """SCB's database writes Windows-1252 and calls it ISO-8859-1: the same letters, and dashes beside."""
    for encoding in ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = given.data.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    if "\x00" in text:
        raise given.fail("is neither CSV nor a workbook")
    return text


def _workbook_rows(given: Input) -> Lines:
    try:
        book = openpyxl.load_workbook(io.BytesIO(given.data), read_only=True, data_only=True)
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, IndexError):
        raise given.fail("is no readable workbook") from None
    return [(n, tuple("" if c is None else str(c) for c in row)) for n, row in enumerate(rows, 1)]


def check_name(given: Input, text: str, line: int | None = None) -> str:
    """A name without blanks at its ends; GeographyError for one that a spreadsheet would take for a formula."""
    name = text.strip(" \u00a0")
    if not name or name.startswith(_FORMULA) or not name.isprintable():
        raise given.fail("a name is empty, begins like a spreadsheet formula or has control characters", line)
    return name


def whole(given: Input, text: str, line: int | None) -> int:
    """A whole number of people."""
    plain = text.strip().replace("\u00a0", "").replace(" ", "")
    if not (plain.isascii() and plain.isdecimal()) or len(plain) > 9:
        raise given.fail("a population is no whole number", line)
    return int(plain)
