"""SCB's file of what changed between two editions."""

import re
from datetime import date

from publisher.geography.imports.codes import REGSO, regso_code
from publisher.geography.imports.fetching import Input
from publisher.geography.imports.matching import Areas, Matched, listed
from publisher.geography.imports.sheets import check_name, read_sheet

SAME_PEOPLE = ("namnändrad (ej kodändrad)", "utvidgas till territorialvattnet", "oförändrad")
"""Changes after which a code still means the same people: a name, or water.  Every other word means another area."""

_OLD, _NEW = ("old_code", "gammal_kod"), ("new_code", "ny_kod")


def read_changes(given: Input, edition: str, areas: Areas) -> Matched[int, tuple[str, ...]]:
    """Rows (old code, new code, what changed, when, yes or no): whether the new code means the same as the old one.

    GeographyError for a new code that the register does not have.
    """
    sheet = read_sheet(given, header=(*_OLD, *_NEW))
    old_at, new_at = sheet.column(given, *_OLD), sheet.column(given, *_NEW)
    change_at, day_at = sheet.column(given, "change", "forandring", "förändring"), sheet.column(given, "date", "datum")
    rows: dict[int, tuple[str, ...]] = {}
    for line, row in sheet.rows:
        old, new = _old_code(given, row[old_at], line), row[new_at].strip()
        new = new and regso_code(given, new, edition, line)
        change = check_name(given, row[change_at], line)
        same = old == new and " ".join(change.casefold().split()) in SAME_PEOPLE
        rows[len(rows)] = (old, new, change, _day(given, row[day_at], line), "yes" if same else "no")
    unknown = sorted({row[1] for row in rows.values() if row[1]} - set(areas)) if areas else []
    if unknown:
        raise given.fail(f"{len(unknown)} areas are not in the register of {edition}: {listed(unknown)}")
    return Matched(rows, len(sheet.rows))


def _old_code(given: Input, text: str, line: int) -> str:
    """A code of the edition before, with or without that edition's name; empty where the area is new."""
    code = re.sub(r"_RegSO[0-9]{4}$", "", text.strip())
    if code and not REGSO.fullmatch(code):
        raise given.fail(f"{code[:20]!r} is no RegSO code", line)
    return code


def _day(given: Input, text: str, line: int) -> str:
    """A day; a workbook writes midnight behind it."""
    day = text.strip().removesuffix(" 00:00:00")
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        raise given.fail("a date is not written as 2025-01-31", line) from None
