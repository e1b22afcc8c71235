"""TABLE.csv: one column a dimension, `value` (empty where suppressed), `status`."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray
from publisher.tabular.rows import CsvFile

PUBLISHED, SUPPRESSED = "published", "suppressed"


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A published table: the codes of every cell, and its value, None where it is suppressed."""

    columns: tuple[str, ...]
    cells: dict[tuple[str, ...], int | None]


def write_table(
    columns: Sequence[str], codes: Sequence[Sequence[str]], values: IntArray, suppressed: BoolArray
) -> bytes:
    """The bytes of TABLE.csv.  `values`, `suppressed`: over the product of the codes of all dimensions, C order."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*columns, "value", "status"])
    for key, value, hidden in zip(product(*codes), values.tolist(), suppressed.tolist(), strict=True):
        writer.writerow([*key, "" if hidden else value, SUPPRESSED if hidden else PUBLISHED])
    return stream.getvalue().encode("utf-8")


def read_table(file: CsvFile, columns: Sequence[str]) -> PlainTable:
    """Read TABLE.csv; TableError names the line of a doubled cell, another status, or a value that does not fit it."""
    cells: dict[tuple[str, ...], int | None] = {}
    for line, (*codes, value, status) in file.rows((*columns, "value", "status")):
        key = tuple(codes)
        if key in cells:
            raise file.fail(line, "this cell stands in the table before")
        if status not in (PUBLISHED, SUPPRESSED):
            raise file.fail(line, f"the status is {PUBLISHED} or {SUPPRESSED}, nothing else")
        if (status == SUPPRESSED) != (value == ""):
            raise file.fail(line, "a suppressed cell has no value, and a published one has")
        cells[key] = None if status == SUPPRESSED else file.number(line, "value", value)
    return PlainTable(tuple(columns), cells)
