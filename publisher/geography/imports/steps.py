"""The steps of one import: each reads one input and gives the edition with what it brought."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from publisher.geography.imports.borders import Drawn, areas_of, read_borders
from publisher.geography.imports.changes import read_changes
from publisher.geography.imports.edition import EditionData
from publisher.geography.imports.fetching import Input, read_input
from publisher.geography.imports.matching import NAMED, Areas, Matched, listed
from publisher.geography.imports.model import ImportRequest, InputReport
from publisher.geography.imports.people import People, read_population, totals_of
from publisher.geography.imports.registers import read_deso_key, read_register
from publisher.geography.imports.types import read_types

_K = TypeVar("_K")
_V = TypeVar("_V")
Result = tuple[EditionData, InputReport]
Step = Callable[[EditionData], Result]


def steps_of(request: ImportRequest) -> dict[str, Step]:
    """The steps that are asked for, by kind of input, in an order in which each finds the areas that it needs."""
    year = request.year or 0
    every: list[tuple[str, str, Step]] = [
        ("register", request.register, lambda data: _register(data, request.register)),
        ("geometry", request.geometry, lambda data: _geometry(data, request.geometry)),
        ("deso_key", request.deso_key, lambda data: _deso(data, request.deso_key)),
        ("types", request.types, lambda data: _types(data, request.types, year)),
        ("population", request.population, lambda data: _population(data, request.population)),
        ("changes", request.changes, lambda data: _changes(data, request.changes)),
    ]
    return {kind: step for kind, source, step in every if source}


def _register(data: EditionData, source: str) -> Result:
    """The areas, and the types and population that stand beside them."""
    given = read_input(source)
    found = read_register(given, data.edition)
    years = sorted({year for _, year, _ in found.people})
    notes = [f"area types of {', '.join(map(str, found.types))}"] if found.types else []
    notes += [f"population of {', '.join(map(str, years))}"] if years else []
    types = {**data.types, **found.types}
    after = replace(data, areas=found.areas, types=types, population=merged(data.population, found.people))
    return after, _told("register", given, Matched(found.areas, len(found.areas)), notes)


def _geometry(data: EditionData, source: str) -> Result:
    """The borders, and the areas where no register has named them."""
    drawn, given = read_borders(source, data.edition)
    areas = data.areas or {a.code: a for a in areas_of(given, drawn)}
    codes = drawn.borders.codes
    unknown = sorted(set(codes) - set(areas))
    if unknown:
        raise given.fail(f"{len(unknown)} areas are not in the register of {data.edition}: {listed(unknown)}")
    notes = [f"{len(drawn.repaired)} polygons repaired: {listed(drawn.repaired)}"] if drawn.repaired else []
    renamed = _other_names(drawn, areas)
    notes += [f"{len(renamed)} polygons bear another name than the register: {listed(renamed)}"] if renamed else []
    found = Matched(dict.fromkeys(codes), len(codes), tuple(sorted(set(areas) - set(codes))))
    return replace(data, areas=areas, borders=drawn.borders), _told("geometry", given, found, notes)


def _other_names(drawn: Drawn, areas: Areas) -> list[str]:
    """Codes whose polygon has another name: it may be drawn for another edition."""
    pairs = zip(drawn.borders.codes, drawn.properties, strict=True)
    return [code for code, p in pairs if p.get("regsonamn") and str(p["regsonamn"]).strip() != areas[code].name]


def _deso(data: EditionData, source: str) -> Result:
    """The key from DeSO to RegSO."""
    given = read_input(source)
    found = read_deso_key(given, data.edition, data.areas)
    alone = sum(n == 1 for n in Counter(found.values.values()).values())
    notes = [f"{alone} RegSO are one single DeSO"]
    return replace(data, deso=dict(found.values)), _told("deso_key", given, found, notes)


def _types(data: EditionData, source: str, year: int) -> Result:
    """The area types of one year."""
    given = read_input(source)
    found = read_types(given, year, data.edition, data.areas)
    counts = Counter(found.values.values())
    notes = [f"{year}: type {kind}: {counts[kind]} areas" for kind in sorted(counts)]
    return replace(data, types={**data.types, year: dict(found.values)}), _told("types", given, found, notes)


def _population(data: EditionData, source: str) -> Result:
    """The population of the years that the file has."""
    given = read_input(source)
    found = read_population(given, data.edition, data.areas)
    totals: dict[int, int] = {}
    for (_, year, _), people in found.values.items():
        totals[year] = totals.get(year, 0) + people
    split = {year for _, year, sex in found.values if sex}
    notes = [f"{y}: {n} people{', by sex' if y in split else ''}" for y, n in sorted(totals.items())]
    return replace(data, population=merged(data.population, found.values)), _told("population", given, found, notes)


def _changes(data: EditionData, source: str) -> Result:
    """What changed since the edition before."""
    given = read_input(source)
    found = read_changes(given, data.edition, data.areas)
    rows = tuple(found.values.values())
    broken = {row[1] for row in rows if row[-1] == "no" and row[1]}
    return replace(data, changes=rows), _told("changes", given, found, [f"{len(broken)} areas cannot be compared"])


def merged(old: People, new: People) -> dict[tuple[str, int, str], int]:
    """Years that are new take the place of the same years, but for totals that only repeat the parts by sex."""
    before = totals_of(old)
    split = {year for _, year, sex in old if sex}
    years = {year for _, year, _ in new}
    fresh = totals_of(new)
    repeated = {
        year for year in years & split
        if not any(y == year and sex for _, y, sex in new)
        and {k: n for k, n in before.items() if k[1] == year} == {k: n for k, n in fresh.items() if k[1] == year}
    }  # fmt: skip
    kept = {k: n for k, n in old.items() if k[1] not in years - repeated}
    return kept | {k: n for k, n in new.items() if k[1] not in repeated}


def _told(kind: str, given: Input, found: Matched[_K, _V], notes: Sequence[str]) -> InputReport:
    return InputReport(
        kind, given.name, given.sha256, found.rows, len(found.values), len(found.unmatched), found.unmatched[:NAMED],
        tuple(notes),
    )  # fmt: skip
