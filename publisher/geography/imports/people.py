"""Population by RegSO, year and sex: SCB's CSV and JSON-stat 2."""

import re
from collections.abc import Iterator, Mapping

from publisher.geography.imports.fetching import Input
from publisher.geography.imports.jsonstat import Category, read_json_stat
from publisher.geography.imports.matching import Areas, Finder, Matched, is_nothing, listed, make_finder
from publisher.geography.imports.sheets import read_sheet, whole

SEXES = {"män": "man", "men": "man", "1": "man", "man": "man",
         "kvinnor": "woman", "women": "woman", "2": "woman", "woman": "woman"}  # fmt: skip
BOTH = ("totalt", "total", "totals", "1+2", "tot", "tota")
YEAR = re.compile(r"(19|20)[0-9]{2}")

People = Mapping[tuple[str, int, str], int]
"""(RegSO, year, sex or empty for both) -> people."""


def read_population(given: Input, edition: str, areas: Areas) -> Matched[tuple[str, int, str], int]:
    """(RegSO, year, sex) -> people.  GeographyError for parts by age, unknown areas, doubled cells."""
    finder = make_finder(given, edition, areas)
    is_json = given.data.lstrip()[:1] == b"{"
    found: dict[tuple[str, int, str], int] = {}
    rows = 0
    for line, key, people in _json_cells(finder) if is_json else _csv_cells(finder):
        if key in found:
            raise given.fail(f"{key[0]} stands twice", line)
        found[key] = people
        rows += 1
    kept = whole_years(given, found)
    if not kept:
        raise given.fail("has no population")
    return Matched(kept, rows, tuple(sorted(set(areas) - {code for code, _, _ in kept})))


def whole_years(given: Input, found: People) -> People:
    """Each year by sex where every area of it is known so, else as the totals.

    GeographyError where an area has one sex and no total, or parts that do not add up to its total: a year that lacks
    people would pass for the whole population.
    """
    out: dict[tuple[str, int, str], int] = {}
    for year in sorted({year for _, year, _ in found}):
        cells: dict[str, dict[str, int]] = {}
        for (code, y, sex), people in found.items():
            if y == year:
                cells.setdefault(code, {})[sex] = people
        for code, parts in _one_form(given, year, cells).items():
            out |= {(code, year, sex): n for sex, n in parts.items()}
    return out


def _one_form(given: Input, year: int, cells: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    split = {code: {s: n for s, n in parts.items() if s} for code, parts in cells.items()}
    halves = sorted(c for c, parts in split.items() if len(parts) == 1 and "" not in cells[c])
    if halves:
        raise given.fail(f"{year}: {len(halves)} areas have one sex and no total: {listed(halves)}")
    uneven = sorted(c for c, p in split.items() if len(p) == 2 and sum(p.values()) != cells[c].get("", sum(p.values())))
    if uneven:
        raise given.fail(f"{year}: in {len(uneven)} areas women and men are not the total: {listed(uneven)}")
    if all(len(parts) == 2 for parts in split.values()):
        return split
    return {code: {"": parts[""] if "" in parts else sum(parts.values())} for code, parts in cells.items()}


def totals_of(people: People) -> dict[tuple[str, int], int]:
    """(RegSO, year) -> people of both sexes."""
    out: dict[tuple[str, int], int] = {}
    for (code, year, _), n in people.items():
        out[code, year] = out.get((code, year), 0) + n
    return out


def _csv_cells(finder: Finder) -> Iterator[tuple[int | None, tuple[str, int, str], int]]:
    given = finder.given
    sheet = read_sheet(given, header=("region", "regso"))
    region, sex, age = sheet.column(given, "region", "regso"), sheet.find("kön", "sex"), sheet.find("ålder", "age")
    years = [(i, int(h)) for i, h in enumerate(sheet.header) if YEAR.fullmatch(h)]
    if not years:
        raise given.fail("has no column of a year, such as 2022")
    for line, code, row in finder.rows(sheet, region, [i for i, _ in years]):
        check_total(given, row[age] if age is not None else "totalt", line)
        of = sex_of(given, row[sex] if sex is not None else "totalt", line)
        for i, year in years:
            if not is_nothing(row[i]):
                yield line, (code, year, of), whole(given, row[i], line)


def _json_cells(finder: Finder) -> Iterator[tuple[int | None, tuple[str, int, str], int]]:
    """Of an area written by code, or by its label where the code is none of RegSO."""
    given, cube = finder.given, read_json_stat(finder.given)
    codes = {r.code: finder.find(r.code) or finder.find(r.label) for r in cube.dimensions["region"]}
    finder.check_known({code: None for code, found in codes.items() if found is None})
    for age in cube.dimensions.get("age", ()):
        check_total(given, age.code if age.code.casefold() in BOTH else age.label, None)
    if any(not YEAR.fullmatch(t.code) for t in cube.dimensions["time"]):
        raise given.fail("Tid must hold years, such as 2022")
    sexes = {s.code: _sex_of_category(given, s) for s in cube.dimensions.get("sex", ())}
    for place, people in cube.cells():
        code = codes[place["region"].code]
        if code is not None:
            yield None, (code, int(place["time"].code), sexes[place["sex"].code] if sexes else ""), people


def _sex_of_category(given: Input, sex: Category) -> str:
    """By its code where that is known, else by its label."""
    known = sex.code.casefold() in {*SEXES, *BOTH}
    return sex_of(given, sex.code if known else sex.label, None)


def check_total(given: Input, age: str, line: int | None) -> None:
    """GeographyError for a part of the ages: it would pass for everybody."""
    if age.strip().casefold() not in BOTH:
        raise given.fail("is split by age; ask for the total of all ages", line)


def sex_of(given: Input, text: str, line: int | None) -> str:
    """`woman`, `man`, or empty for both."""
    plain = text.strip().casefold()
    if plain in BOTH:
        return ""
    if plain not in SEXES:
        raise given.fail("sex is none of män, kvinnor, totalt", line)
    return SEXES[plain]
