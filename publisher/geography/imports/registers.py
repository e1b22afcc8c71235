"""Registers of areas, with the types and population that may stand beside them, and the key from DeSO."""

import re
from dataclasses import dataclass

from publisher.errors import GeographyError
from publisher.geography.imports.codes import COUNTIES, deso_code, regso_code
from publisher.geography.imports.fetching import Input
from publisher.geography.imports.matching import Areas, Matched, is_nothing, listed
from publisher.geography.imports.people import SEXES, People, whole_years
from publisher.geography.imports.sheets import Row, Sheet, check_name, read_sheet, whole
from publisher.geography.imports.types import area_type
from publisher.geography.register import RegisterArea

_CODE = ("regso", "regsokod", "regsokod_*")
_TYPE = re.compile(r"(omradestyp|områdestyp|area_type)_(?P<year>[0-9]{4})")
_PEOPLE = re.compile(r"(befolkning|population)_(?P<year>[0-9]{4})(_(?P<sex>.+))?")


@dataclass(frozen=True, slots=True)
class Register:
    """What a register holds.  `types`: year -> RegSO -> type; `people`: (RegSO, year, sex or empty) -> number."""

    areas: Areas
    types: dict[int, dict[str, str]]
    people: People


def read_register(given: Input, edition: str) -> Register:
    """A register; GeographyError for doubled codes, names like formulas, and what does not fit together."""
    sheet = read_sheet(given, header=_CODE)
    at, areas = sheet.column(given, *_CODE), dict[str, RegisterArea]()
    lines = [(line, regso_code(given, row[at], edition, line), row) for line, row in sheet.rows]
    columns = _columns(given, sheet)
    for line, code, row in lines:
        if code in areas:
            raise given.fail(f"{code} stands twice", line)
        areas[code] = _area(given, code, [row[c] if c is not None else "" for c in columns], line)
    if not areas:
        raise given.fail("has no areas")
    _check_places(given, areas)
    return Register(areas, _types(given, sheet, lines), _people(given, sheet, lines))


def _columns(given: Input, sheet: Sheet) -> list[int | None]:
    return [
        sheet.column(given, "regso_name", "regsonamn"),
        sheet.column(given, "kommun", "kommunkod"),
        sheet.column(given, "kommun_name", "kommunnamn"),
        sheet.column(given, "lan", "lanskod", "län", "länskod"),
        sheet.find("lan_name", "lansnamn", "länsnamn", "lannamn"),
    ]


def _area(given: Input, code: str, cells: list[str], line: int) -> RegisterArea:
    place, county = cells[1].strip(), cells[3].strip()
    names = [check_name(given, n, line) for n in (cells[0], cells[2], cells[4] or COUNTIES.get(county, county))]
    try:
        return RegisterArea(code, names[0], place, names[1], county, names[2])
    except GeographyError as error:
        raise given.fail(f"{error} (codes are text: 0114, not 114)", line) from None


def _check_places(given: Input, areas: Areas) -> None:
    """A municipality or county has one name."""
    names: dict[str, str] = {}
    for area in areas.values():
        for code, name in ((area.municipality, area.municipality_name), (area.county, area.county_name)):
            if names.setdefault(code, name) != name:
                raise given.fail(f"{code} has two names")


def _types(given: Input, sheet: Sheet, lines: list[tuple[int, str, Row]]) -> dict[int, dict[str, str]]:
    out: dict[int, dict[str, str]] = {}
    for i, name in enumerate(sheet.header):
        match = _TYPE.fullmatch(name.casefold())
        if match:
            found = {code: area_type(given, row[i], line) for line, code, row in lines}
            out[int(match["year"])] = {c: t for c, t in found.items() if t}
    return {year: types for year, types in out.items() if types}


def _people(given: Input, sheet: Sheet, lines: list[tuple[int, str, Row]]) -> People:
    found: dict[tuple[str, int, str], int] = {}
    for i, name in enumerate(sheet.header):
        match = _PEOPLE.fullmatch(name.casefold())
        if match and (match["sex"] or "") not in ("", *SEXES):
            raise given.fail(f"column {name}: sex is none of män, kvinnor")
        if match:
            sex = SEXES[match["sex"]] if match["sex"] else ""
            rows = [(line, code, row[i]) for line, code, row in lines if not is_nothing(row[i])]
            found |= {(code, int(match["year"]), sex): whole(given, text, line) for line, code, text in rows}
    return whole_years(given, found)


def read_deso_key(given: Input, edition: str, areas: Areas) -> Matched[str, str]:
    """DeSO -> RegSO.

    GeographyError for a DeSO in two RegSO or in another municipality than its RegSO, for a RegSO that the register
    does not have, and for one of the register without a DeSO: its records could not be placed.
    """
    sheet = read_sheet(given, header=("deso", "desokod", "deso_*", "desokod_*"))
    deso_at = sheet.column(given, "deso", "desokod", "deso_*", "desokod_*")
    regso_at = sheet.column(given, "regsokod", "regsokod_*", "regso")
    key: dict[str, str] = {}
    for line, row in sheet.rows:
        deso, regso = deso_code(given, row[deso_at], edition, line), regso_code(given, row[regso_at], edition, line)
        if deso[:4] != regso[:4]:
            raise given.fail(f"{deso} is of another municipality than {regso}", line)
        if key.setdefault(deso, regso) != regso:
            raise given.fail(f"{deso} lies in two RegSO", line)
    if areas:
        _check_same(given, edition, set(key.values()), set(areas))
    return Matched(key, len(sheet.rows))


def _check_same(given: Input, edition: str, found: set[str], areas: set[str]) -> None:
    for these, what in ((found - areas, "are not in the register"), (areas - found, "of the register have no DeSO")):
        if these:
            raise given.fail(f"edition {edition}: {len(these)} areas {what}: {listed(sorted(these))}")
