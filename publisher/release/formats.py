"""Every published file of a release, from the release alone.  One writer a format; the same release, the same bytes."""

import gzip
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from publisher.errors import ReleaseError
from publisher.release.cells import canonical_order, write_cells
from publisher.release.codec import TABLE_ID, canonical_json
from publisher.release.facts import release_to_obj
from publisher.release.model import AREA_LEVELS, FORMULA, CellStatus, Release, Table, format_number

GZIP_LEVEL = 6


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """How a CSV is written: language of texts, separator between fields, decimal sign, and bytes in front."""

    language: str
    separator: str
    decimal: str
    prefix: bytes


DIALECTS = {
    "data.csv": CsvDialect("sv", ",", ".", b""),
    "data.en.csv": CsvDialect("en", ",", ".", b""),
    "data.excel.csv": CsvDialect("sv", ";", ",", b"\xef\xbb\xbf"),
}


def render_release(release: Release) -> dict[str, bytes]:
    """Relative path -> bytes of every published file (the manifest comes with the seal).

    `release.json`; and for each table `tables/{id}/`: the files of DIALECTS, each with a `.gz` beside it, and
    `cells.sqlite`.  ReleaseError where a text could be read as a formula by a spreadsheet, or a cell does not fit
    its table.
    """
    release = canonical(release)
    files = {"release.json": canonical_json(release_to_obj(release))}
    for table in release.tables:
        for name, dialect in DIALECTS.items():
            data = write_csv(table, dialect)
            files[f"tables/{table.id}/{name}"] = data
            files[f"tables/{table.id}/{name}.gz"] = gzip_bytes(data)
        files[f"tables/{table.id}/cells.sqlite"] = write_cells(table, table.cells)
    return files


def canonical(release: Release) -> Release:
    """The release with its cells in published order, each table checked: this is what reading it back gives."""
    for table in release.tables:
        check_table(table)
    return replace(release, tables=tuple(replace(t, cells=canonical_order(t)) for t in release.tables))


def check_table(table: Table) -> None:
    """ReleaseError unless codes are unique, texts are no formulas, and every cell has a place in the table."""
    if TABLE_ID.fullmatch(table.id) is None:
        raise ReleaseError("a table id holds a-z, 0-9 and - only")
    columns = csv_columns(table)
    if len(set(columns)) != len(columns):
        raise ReleaseError(f"table {table.id}: two columns of its CSV have the same name")
    areas = [(AREA_LEVELS.index(a.level), a.code) for a in table.areas]
    if areas != sorted(areas) or len({code for _, code in areas}) != len(areas):
        raise ReleaseError(f"table {table.id}: areas must be unique, ordered by level and code")
    for text in _texts(table):
        if text.startswith(FORMULA) or "\x00" in text:
            raise ReleaseError(f"table {table.id}: a text begins like a formula of a spreadsheet")
    _check_cells(table)


def _check_cells(table: Table) -> None:
    codes = [set(d.codes) for d in table.dimensions]
    areas, periods, measures = {a.code for a in table.areas}, set(table.periods), {m.id for m in table.measures}
    for cell in table.cells:
        placed = len(cell.categories) == len(codes) and all(c in k for c, k in zip(cell.categories, codes, strict=True))
        if not placed or cell.area not in areas or cell.period not in periods or cell.measure not in measures:
            raise ReleaseError(f"table {table.id}: a cell has a code that the table does not declare")
        shown = (cell.value, cell.lower, cell.upper)
        if cell.status not in (CellStatus.PUBLISHED, CellStatus.UNCERTAIN) and shown != (None, None, None):
            raise ReleaseError(f"table {table.id}: a withheld cell carries a number")
        if cell.status is CellStatus.PUBLISHED and cell.value is None:
            raise ReleaseError(f"table {table.id}: a published cell carries no number")


def _texts(table: Table) -> Iterator[str]:
    """Everything textual that a CSV of the table shows."""
    yield from (t for a in table.areas for t in (a.code, a.text.sv, a.text.en))
    yield from (t for names in table.renamed.values() for text in names.values() for t in (text.sv, text.en))
    yield from (*table.editions.values(),)
    yield from (t for d in table.dimensions for c in d.categories for t in (c.code, c.text.sv, c.text.en))
    yield from (d.id for d in table.dimensions)
    yield from (*table.periods, *(m.id for m in table.measures))


def csv_columns(table: Table) -> tuple[str, ...]:
    """Column names of the table's CSV; they stay the same for the life of a table id (MODEL.md)."""
    categories = [name for d in table.dimensions for name in (d.id, f"{d.id}_text")]
    interval = ("lower", "upper") if _has_intervals(table) else ()
    edition = ("edition",) if table.by_edition else ()
    head = ("area_level", "area", "area_text", *categories, "period", *edition, "measure", "value", "status")
    return (*head, *interval, "version")


def write_csv(table: Table, dialect: CsvDialect) -> bytes:
    """RFC 4180 with CRLF, one row a cell, in the order of `table.cells`."""
    out = io.StringIO(newline="")
    out.write(_line(csv_columns(table), dialect.separator))
    for row in _csv_rows(table, dialect):
        out.write(_line(row, dialect.separator))
    return dialect.prefix + out.getvalue().encode()


def _csv_rows(table: Table, dialect: CsvDialect) -> Iterator[Sequence[str]]:
    lang = dialect.language
    areas = {
        (p, a.code): (a.level, a.code, table.area_text(a, p).get(lang)) for a in table.areas for p in table.periods
    }
    categories = [{c.code: (c.code, c.text.get(lang)) for c in d.categories} for d in table.dimensions]
    decimals = {m.id: m.decimals for m in table.measures}
    intervals = _has_intervals(table)
    for cell in table.cells:
        texts = [t for code, known in zip(cell.categories, categories, strict=True) for t in known[code]]
        numbers = [
            "" if n is None else format_number(n, decimals[cell.measure], dialect.decimal)
            for n in (cell.value, cell.lower, cell.upper)
        ]
        interval = numbers[1:] if intervals else []
        edition = [table.editions[cell.period]] if table.by_edition else []
        head = (*areas[cell.period, cell.area], *texts, cell.period, *edition, cell.measure)
        yield (*head, numbers[0], cell.status.value, *interval, str(cell.version))


def _line(fields: Sequence[str], separator: str) -> str:
    quoted = [f'"{f.replace(chr(34), chr(34) * 2)}"' if _needs_quotes(f, separator) else f for f in fields]
    return separator.join(quoted) + "\r\n"


def _needs_quotes(field: str, separator: str) -> bool:
    return separator in field or '"' in field or "\n" in field or "\r" in field


def _has_intervals(table: Table) -> bool:
    return any(m.noisy for m in table.measures)


def gzip_bytes(data: bytes) -> bytes:
    """Compressed with nothing of the machine in it: fixed level, no name, time 0 (RFC 1952)."""
    return gzip.compress(data, compresslevel=GZIP_LEVEL, mtime=0)
