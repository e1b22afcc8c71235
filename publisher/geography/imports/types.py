"""Area types of a year."""

from publisher.geography.imports.fetching import Input
from publisher.geography.imports.matching import Areas, Matched, is_nothing, make_finder
from publisher.geography.imports.sheets import read_sheet


def read_types(given: Input, year: int, edition: str, areas: Areas) -> Matched[str, str]:
    """Area types of a year, by code or by `Municipality (Name)`; areas without a type are left out.

    GeographyError for an area that the register does not have, or that stands twice, and for types other than 1-5.
    """
    names = (str(year), f"omradestyp_{year}", f"områdestyp_{year}", f"area_type_{year}")
    sheet = read_sheet(given, header=names)
    column = sheet.column(given, *names)
    found: dict[str, str] = {}
    for line, code, row in make_finder(given, edition, areas).rows(sheet, 0, (column,)):
        if code in found:
            raise given.fail(f"{code} stands twice", line)
        found[code] = area_type(given, row[column], line)
    types = {code: kind for code, kind in found.items() if kind}
    if not types:
        raise given.fail(f"has no area type of {year}")
    return Matched(types, len(found), tuple(sorted(set(areas) - set(types))))


def area_type(given: Input, text: str, line: int) -> str:
    """`1`..`5`, or empty where there is none."""
    kind = text.strip()
    if is_nothing(kind):
        return ""
    if kind not in ("1", "2", "3", "4", "5"):
        raise given.fail(f"area type {kind[:20]!r} is not one of 1-5", line)
    return kind
