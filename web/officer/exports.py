"""Rows as files to take away: CSV for spreadsheets, JSON lines for programs."""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from flask import Response

_FORMULA = tuple("=+-@\t\r\n")
_NUMBER = re.compile(r"-[0-9]+([.,][0-9]+)?")
FORMS = ("csv", "jsonl")

Row = Mapping[str, str | int]


def export(rows: Iterable[Row], columns: Sequence[str], *, name: str, form: str) -> Response:
    """The rows as a file of one of FORMS, to be kept and not shown."""
    data = to_csv(rows, columns) if form == "csv" else to_lines(rows, columns)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/jsonl; charset=utf-8"
    answer = Response(data, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def to_csv(rows: Iterable[Row], columns: Sequence[str]) -> str:
    """RFC 4180, with a mark that tells spreadsheets of UTF-8.  No cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_plain(row[c]) for c in columns] for row in rows)
    return "\ufeff" + out.getvalue()


def to_lines(rows: Iterable[Row], columns: Sequence[str]) -> str:
    """One JSON object a line."""
    return "".join(json.dumps({c: row[c] for c in columns}, ensure_ascii=False) + "\n" for row in rows)


def _plain(value: str | int) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
