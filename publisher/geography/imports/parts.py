"""Each kind of file, read into values.  Every function takes the input and what it is matched against."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from publisher.geography.imports.codes import COUNTIES, REGSO, deso_code, regso_code
from publisher.geography.imports.inputs import Input, Sheet, check_name, read_sheet, whole
from publisher.geography.register import RegisterArea

SEXES = {"män": "man", "men": "man", "1": "man", "kvinnor": "woman", "women": "woman", "2": "woman"}
BOTH = ("totalt", "total", "1+2", "tot")
_NAMED = re.compile(r"(?P<place>.+?) \((?P<name>.+)\)")
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_NONE = ("", "..", ".", "-")
NAME_ONLY = ("namnändrad (ej kodändrad)", "utvidgas till territorialvattnet", "oförändrad")
"""Changes after which a code still means the same people: a name, or water."""

Areas = Mapping[str, RegisterArea]


_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Matched(Generic[_K, _V]):
    """What an input gave: `values`, the number of `rows` read, and areas that it says nothing of (`unmatched`)."""

    values: Mapping[_K, _V]
    rows: int
    unmatched: tuple[str, ...] = ()


def read_register(given: Input, edition: str) -> tuple[dict[str, RegisterArea], Sheet]:
    """Areas by code, and the sheet, which may hold types and population too."""
    sheet = read_sheet(given, header=("regso", "regsokod", "regsokod_*"))
    at = [
        sheet.column(given, *names)
        for names in (("regso", "regsokod", "RegSOkod_2020", "RegSOkod_2025"), ("regso_name", "regsonamn"),
                      ("kommun", "kommunkod"), ("kommun_name", "kommunnamn"), ("lan", "lanskod"))
    ]  # fmt: skip
    lan_name = sheet.find("lan_name", "lansnamn")
    areas: dict[str, RegisterArea] = {}
    for line, row in sheet.rows:
        code = regso_code(given, row[at[0]], edition, line)
        if code in areas:
            raise given.fail(f"{code} stands twice", line)
        county = row[at[4]].strip()
        name = row[lan_name] if lan_name is not None else COUNTIES.get(county, county)
        names = [check_name(given, n, line) for n in (row[at[1]], row[at[3]], name)]
        areas[code] = RegisterArea(code, names[0], row[at[2]].strip(), names[1], county, names[2])
    return areas, sheet


def types_of_register(given: Input, sheet: Sheet) -> dict[int, dict[str, str]]:
    """Types that a register holds in columns such as `omradestyp_2022`."""
    out: dict[int, dict[str, str]] = {}
    code = sheet.column(given, "regso", "regsokod")
    for i, name in enumerate(sheet.header):
        match = re.fullmatch(r"(omradestyp|area_type)_([0-9]{4})", name)
        if match:
            found = {row[code]: _type(given, row[i], line) for line, row in sheet.rows}
            out[int(match[2])] = {c: t for c, t in found.items() if t}
    return out


def population_of_register(given: Input, sheet: Sheet) -> dict[tuple[str, int, str], int]:
    """Population that a register holds in columns such as `befolkning_2022` or `befolkning_2022_kvinnor`."""
    found: dict[tuple[str, int, str], int] = {}
    code = sheet.column(given, "regso", "regsokod")
    for i, name in enumerate(sheet.header):
        match = re.fullmatch(r"befolkning_([0-9]{4})(?:_(.+))?", name)
        if match:
            sex = SEXES[match[2]] if match[2] else ""
            found |= {(row[code], int(match[1]), sex): whole(given, row[i], line) for line, row in sheet.rows}
    return parts_only(found)


def parts_only(found: Mapping[tuple[str, int, str], int]) -> dict[tuple[str, int, str], int]:
    """Of each year the parts by sex where they are there, else the one total."""
    split = {year for _, year, sex in found if sex}
    return {key: n for key, n in found.items() if bool(key[2]) == (key[1] in split)}


def read_deso_key(given: Input, edition: str, areas: Areas) -> Matched[str, str]:
    """DeSO -> RegSO.  GeographyError for a DeSO that stands in two RegSO, or in one that the register does not have."""
    sheet = read_sheet(given, header=("deso", "deso_*", "desokod"))
    deso_at = next(i for i, h in enumerate(sheet.header) if h.casefold().startswith("deso"))
    regso_at = next((i for i, h in enumerate(sheet.header) if h.casefold().startswith("regsokod")), None)
    if regso_at is None:
        regso_at = sheet.column(given, "regso")
    key: dict[str, str] = {}
    for line, row in sheet.rows:
        deso = deso_code(given, row[deso_at], edition, line)
        regso = regso_code(given, row[regso_at], edition, line)
        if areas and regso not in areas:
            raise given.fail(f"{regso} is no area of the register of {edition}", line)
        if key.setdefault(deso, regso) != regso:
            raise given.fail(f"{deso} lies in two RegSO", line)
    return Matched(key, len(sheet.rows), tuple(sorted(set(areas) - set(key.values()))))


def read_types(given: Input, year: int, areas: Areas) -> Matched[str, str]:
    """Area types of a year, by code or by `Municipality (Name)`; areas without a type are left out.

    GeographyError for an area that the register does not have, or that stands twice, and for types other than 1-5.
    """
    sheet = read_sheet(given, header=(str(year), f"omradestyp_{year}", f"area_type_{year}"))
    column = sheet.column(given, str(year), f"omradestyp_{year}", f"area_type_{year}")
    names, types = _by_name(areas), dict[str, str]()
    rows, seen = 0, set[str]()
    for line, row in sheet.rows:
        if not _is_area(row[0], names):
            continue  # a footnote below the data
        code = _match(given, row[0], names, areas, line)
        if code in seen:
            raise given.fail(f"{row[0]} stands twice", line)
        seen.add(code)
        rows += 1
        kind = _type(given, row[column], line)
        if kind:
            types[code] = kind
    return Matched(types, rows, tuple(sorted(set(areas) - set(types))))


def _is_area(text: str, names: Mapping[tuple[str, str], str]) -> bool:
    """Whether the first cell of a row can be an area: a code, or a municipality of the register with a name."""
    match = _NAMED.fullmatch(text.strip())
    places = {place for place, _ in names}
    return bool(REGSO.match(text.strip())) or (match is not None and match["place"] in places)


def _by_name(areas: Areas) -> dict[tuple[str, str], str]:
    """(municipality, name) -> code; names repeat between municipalities, so that a name alone tells nothing."""
    found: dict[tuple[str, str], list[str]] = {}
    for code, area in areas.items():
        found.setdefault((area.municipality_name, _plain(area.name)), []).append(code)
    return {name: codes[0] for name, codes in found.items() if len(codes) == 1}


def _plain(name: str) -> str:
    """A name without what differs between SCB's files: blanks at its end, doubled ones, kinds of dashes."""
    return " ".join(name.replace("\u2013", "-").replace("\u2011", "-").split())


def _match(
    given: Input, text: str, names: Mapping[tuple[str, str], str], areas: Areas, line: int
) -> str:
    code = text.strip().partition("_")[0]
    if code in areas:
        return code
    match = _NAMED.fullmatch(text.strip())
    found = names.get((match["place"], _plain(match["name"]))) if match else None
    if found is None:
        raise given.fail(f"{text.strip()!r} is no area of the register", line)
    return found


def _type(given: Input, text: str, line: int) -> str:
    kind = text.strip()
    if kind in _NONE:
        return ""
    if kind not in ("1", "2", "3", "4", "5"):
        raise given.fail(f"area type {kind[:20]!r} is not one of 1-5", line)
    return kind


def read_population(given: Input, areas: Areas) -> Matched[tuple[str, int, str], int]:
    """(RegSO, year, sex) -> people, from SCB's CSV or JSON-stat 2.  Ages must be totals: parts by age have no place."""
    found, rows = _json_stat(given, areas) if given.data.lstrip()[:1] == b"{" else _population_csv(given, areas)
    kept = parts_only(found)
    known = {code for code, _, _ in kept}
    return Matched(kept, rows, tuple(sorted(set(areas) - known)))


def _population_csv(given: Input, areas: Areas) -> tuple[dict[tuple[str, int, str], int], int]:
    sheet = read_sheet(given, header=("region", "regso"))
    region, sex, age = sheet.column(given, "region", "regso"), sheet.find("kön", "sex"), sheet.find("ålder", "age")
    years = [(i, int(h)) for i, h in enumerate(sheet.header) if _YEAR.fullmatch(h)]
    if not years:
        raise given.fail("has no column of a year, such as 2022")
    names = _by_name(areas)
    found: dict[tuple[str, int, str], int] = {}
    for line, row in sheet.rows:
        if not _is_area(row[region], names):
            continue
        if age is not None and row[age].strip().casefold() not in BOTH:
            raise given.fail("is split by age; ask for the total of all ages", line)
        code = _match(given, row[region], names, areas, line)
        for i, year in years:
            key = (code, year, _sex(given, row[sex] if sex is not None else "totalt", line))
            if key in found:
                raise given.fail(f"{row[region]} stands twice", line)
            found[key] = whole(given, row[i], line)
    return found, len(sheet.rows)


def _sex(given: Input, text: str, line: int | None) -> str:
    plain = text.strip().casefold()
    if plain in BOTH:
        return ""
    if plain not in SEXES:
        raise given.fail("sex is none of män, kvinnor, totalt", line)
    return SEXES[plain]


def _json_stat(given: Input, areas: Areas) -> tuple[dict[tuple[str, int, str], int], int]:
    """JSON-stat 2: dimensions Region, Tid, and Kon and Alder where they are there; values in row-major order."""
    try:
        data = json.loads(given.data)
        ids = [i.casefold() for i in data["id"]]
        codes = [_codes(data["dimension"][i]["category"]["index"]) for i in data["id"]]
        values = data["value"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise given.fail("is no JSON-stat 2 dataset") from None
    if "region" not in ids or "tid" not in ids:
        raise given.fail("needs the dimensions Region and Tid")
    for name, kept in zip(ids, codes, strict=True):
        if name not in ("region", "tid", "kon", "alder", "contentscode") or (
            name in ("alder", "contentscode") and len(kept) > 1
        ):
            raise given.fail(f"dimension {name} must have one value, such as a total")
    found: dict[tuple[str, int, str], int] = {}
    sizes = [len(c) for c in codes]
    total = 1
    for size in sizes:
        total *= size
    for flat in range(total):
        cell, left = {}, flat
        for name, kept in reversed(list(zip(ids, codes, strict=True))):
            left, at = divmod(left, len(kept))
            cell[name] = kept[at]
        value = values.get(str(flat)) if isinstance(values, dict) else values[flat]
        if value is None:
            continue
        code = cell["region"].partition("_")[0]
        if code not in areas:
            raise given.fail(f"{cell['region']!r} is no area of the register")
        found[code, int(cell["tid"]), _sex(given, cell.get("kon", "totalt"), None)] = int(value)
    return found, total


def _codes(index: object) -> list[str]:
    if isinstance(index, dict):
        return [str(c) for c in sorted(index, key=lambda c: index[c])]
    return [str(c) for c in index] if isinstance(index, list) else []


def read_changes(given: Input, edition: str, areas: Areas) -> Matched[int, tuple[str, ...]]:
    """Rows of SCB's change file: old code, new code, what changed, when, and whether the new code means the same.

    GeographyError for a new code that the register does not have.
    """
    sheet = read_sheet(given, header=("old_code", "gammal_kod", "new_code"))
    old, new = sheet.column(given, "old_code", "gammal_kod"), sheet.column(given, "new_code", "ny_kod")
    change, day = sheet.column(given, "change", "forandring"), sheet.column(given, "date", "datum")
    rows: dict[int, tuple[str, ...]] = {}
    for line, row in sheet.rows:
        codes = [row[at].strip().partition("_")[0] for at in (old, new)]
        if areas and codes[1] and codes[1] not in areas:
            raise given.fail(f"{codes[1]} is no area of the register of {edition}", line)
        same = codes[0] == codes[1] and row[change].strip().casefold() in NAME_ONLY
        rows[len(rows)] = (*codes, check_name(given, row[change], line), row[day].strip(), "yes" if same else "no")
    return Matched(rows, len(sheet.rows))
