"""`geography import`: everything is read and checked first, then the whole folder is replaced at once."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from publisher.errors import GeographyError
from publisher.files import replace_folder
from publisher.geography.borders import Borders
from publisher.geography.imports.borders import Drawn, read_borders
from publisher.geography.imports.codes import COUNTIES, regso_code
from publisher.geography.imports.compare import differences
from publisher.geography.imports.edition import (
    BORDERS,
    BY_SEX,
    CHANGES,
    DESO,
    POPULATION,
    REGISTER,
    EditionData,
    load_edition,
)
from publisher.geography.imports.inputs import Input, check_name, read_input
from publisher.geography.imports.parts import (
    Matched,
    population_of_register,
    read_changes,
    read_deso_key,
    read_population,
    read_register,
    read_types,
    types_of_register,
)
from publisher.geography.register import AreaIndex, RegisterArea

_K = TypeVar("_K")
_V = TypeVar("_V")
REPORT = "import.json"
NAMED = 10
"""Codes that a report names of those that did not match."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import into an edition: files or addresses, each empty where there is none; `year`: of `types`."""

    edition: str
    register: str = ""
    deso_key: str = ""
    types: str = ""
    year: int | None = None
    population: str = ""
    geometry: str = ""
    changes: str = ""

    def __post_init__(self) -> None:
        if not any((self.register, self.deso_key, self.types, self.population, self.geometry, self.changes)):
            raise GeographyError("nothing to import: name at least one file")
        if bool(self.types) != (self.year is not None):
            raise GeographyError("--types and --year belong together")


@dataclass(frozen=True, slots=True)
class InputReport:
    """What became of one input.  `unmatched`: areas of the register that it says nothing of, the first few."""

    kind: str
    file: str
    sha256: str
    rows: int
    matched: int
    unmatched_count: int = 0
    unmatched: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The report of an import: its inputs, what changed since the last one, and what publisher.toml needs."""

    edition: str
    at: str
    areas: int
    inputs: tuple[InputReport, ...]
    changed: tuple[str, ...]
    settings: str = field(repr=False)


def import_geography(
    request: ImportRequest, folder: Path, *, at: str, say: Callable[[str], None]
) -> ImportReport:
    """Import into `folder` (HOME/geography); GeographyError where anything is wrong, and nothing is written then.

    What an import does not bring stays as it was.  A reader sees the whole old or the whole new folder.
    """
    target = folder / request.edition
    before = load_edition(request.edition, target)
    work = _Import(request, before, [])
    for step in (work.register, work.geometry, work.deso, work.types, work.population, work.changes):
        say(step.__name__)
        step()
    after = work.data
    if not after.areas:
        raise GeographyError(f"edition {request.edition} has no areas yet: import its register, or its geometry, first")
    AreaIndex(after.edition, tuple(a for _, a in sorted(after.areas.items())), after.types)  # its checks apply
    _check_whole(after)
    report = ImportReport(
        request.edition, at, len(after.areas), tuple(work.reports), tuple(differences(before, after)),
        _settings(after, folder.name),
    )  # fmt: skip
    content = after.files() | {REPORT: json.dumps(asdict(report), ensure_ascii=False, indent=1).encode()}
    folder.mkdir(parents=True, exist_ok=True)
    replace_folder(target, content)
    return report


@dataclass(slots=True)
class _Import:
    """One import in the making."""

    request: ImportRequest
    data: EditionData
    reports: list[InputReport]

    def register(self) -> None:
        """The areas, and the types and population that stand beside them."""
        if not self.request.register:
            return
        given = read_input(self.request.register)
        areas, sheet = read_register(given, self.data.edition)
        types, people = types_of_register(given, sheet), population_of_register(given, sheet)
        self.data = replace(
            self.data, areas=areas, types={**self.data.types, **types}, population=_merged(self.data.population, people)
        )
        notes = [f"area types of {', '.join(map(str, types))}"] if types else []
        notes += [f"population of {', '.join(map(str, sorted({y for _, y, _ in people})))}"] if people else []
        self._report("register", given, Matched(areas, len(sheet.rows)), notes)

    def geometry(self) -> None:
        """The borders, and the areas where no register has named them."""
        if not self.request.geometry:
            return
        drawn, given = read_borders(
            self.request.geometry, lambda source, code: regso_code(source, code, self.data.edition)
        )
        areas = dict(self.data.areas) or dict(_areas_of(given, drawn))
        unknown = sorted(set(drawn.codes) - set(areas))
        if unknown:
            raise given.fail(f"{len(unknown)} polygons are of no area of the register: {', '.join(unknown[:NAMED])}")
        self.data = replace(self.data, areas=areas, borders=Borders(drawn.codes, drawn.polygons))
        missing = tuple(sorted(set(areas) - set(drawn.codes)))
        notes = [f"{len(drawn.repaired)} polygons repaired: {', '.join(drawn.repaired[:NAMED])}"] * bool(drawn.repaired)
        self._report("geometry", given, Matched(dict.fromkeys(drawn.codes), len(drawn.codes), missing), notes)

    def deso(self) -> None:
        """The key from DeSO to RegSO."""
        if self.request.deso_key:
            given = read_input(self.request.deso_key)
            found = read_deso_key(given, self.data.edition, self.data.areas)
            self.data = replace(self.data, deso=dict(found.values))
            alone = sum(n == 1 for n in _counts(self.data.deso).values())
            self._report("deso_key", given, found, [f"{alone} RegSO are one single DeSO"])

    def types(self) -> None:
        """The area types of one year."""
        if self.request.types and self.request.year is not None:
            given = read_input(self.request.types)
            found = read_types(given, self.request.year, self.data.areas)
            types = {**self.data.types, self.request.year: dict(found.values)}
            self.data = replace(self.data, types=types)
            counts = _counts(types[self.request.year])
            self._report("types", given, found, [f"type {k}: {counts[k]} areas" for k in sorted(counts)])

    def population(self) -> None:
        """The population of the years that the file has."""
        if self.request.population:
            given = read_input(self.request.population)
            found = read_population(given, self.data.areas)
            people = found.values
            self.data = replace(self.data, population=_merged(self.data.population, people))
            totals = {year: sum(n for (_, y, _), n in people.items() if y == year) for _, year, _ in people}
            self._report("population", given, found, [f"{y}: {n} people" for y, n in sorted(totals.items())])

    def changes(self) -> None:
        """What changed since the edition before."""
        if self.request.changes:
            given = read_input(self.request.changes)
            found = read_changes(given, self.data.edition, self.data.areas)
            rows = tuple(found.values.values())
            self.data = replace(self.data, changes=rows)
            self._report("changes", given, found, [f"{sum(r[-1] == 'no' for r in rows)} codes cannot be compared"])

    def _report(self, kind: str, given: Input, found: Matched[_K, _V], notes: list[str]) -> None:
        self.reports.append(
            InputReport(kind, given.name, given.sha256, found.rows, len(found.values), len(found.unmatched),
                        found.unmatched[:NAMED], tuple(notes))
        )  # fmt: skip


def _areas_of(given: Input, drawn: Drawn) -> Iterator[tuple[str, RegisterArea]]:
    """Areas from the attributes of their polygons."""
    for code, properties in zip(drawn.codes, drawn.properties, strict=True):
        names = {str(k).casefold(): v for k, v in properties.items()}
        try:
            name, place = str(names["regsonamn"]), str(names["kommunnamn"])
        except KeyError as missing:
            raise given.fail(f"{code}: has no attribute {missing.args[0]}; import a register first") from None
        county = COUNTIES.get(code[:2], code[:2])
        yield code, RegisterArea(
            code, check_name(given, name), code[:4], check_name(given, place), code[:2], county
        )


def _merged(
    old: Mapping[tuple[str, int, str], int], new: Mapping[tuple[str, int, str], int]
) -> dict[tuple[str, int, str], int]:
    """Years that are new take the place of the same years."""
    years = {year for _, year, _ in new}
    return {**{k: n for k, n in old.items() if k[1] not in years}, **new}


def _check_whole(data: EditionData) -> None:
    """What stayed from an earlier import must fit a register that is new."""
    areas = set(data.areas)
    for kind, codes in (
        ("area types", {c for types in data.types.values() for c in types}), ("deso_key", set(data.deso.values())),
        ("population", {c for c, _, _ in data.population}),
        ("geometry", set(data.borders.codes if data.borders else ())),
    ):  # fmt: skip
        gone = sorted(codes - areas)
        if gone:
            raise GeographyError(
                f"edition {data.edition}: {kind} imported before has areas that the register has not: "
                f"{', '.join(gone[:NAMED])}; import it again together with the register"
            )


def _counts(values: Mapping[str, str]) -> dict[str, int]:
    out: dict[str, int] = {}
    for value in values.values():
        out[value] = out.get(value, 0) + 1
    return out


def _settings(data: EditionData, folder: str) -> str:
    """The lines of publisher.toml that the imported files need."""
    at = f"{folder}/{data.edition}"
    years = ", ".join(f'{y} = "area_type_{y}"' for y in sorted(data.types))
    lines = [f"[geography.{data.edition}]", f'register = "{at}/{REGISTER}"', f"area_types = {{{years}}}"]
    files: list[tuple[str, str, Any]] = [
        ("deso_key", DESO, data.deso), ("geometry", BORDERS, data.borders), ("changes", CHANGES, data.changes),
    ]  # fmt: skip
    lines += [f'{key} = "{at}/{name}"' for key, name, there in files if there]
    if data.population:
        lines += _population_lines("population", f"{at}/{POPULATION}", "")
    if any(sex for _, _, sex in data.population):
        lines += _population_lines("population-by-sex", f"{at}/{BY_SEX}", 'sex = "sex"')
    return "\n".join(lines)


def _population_lines(name: str, file: str, columns: str) -> list[str]:
    return [
        "", f"[populations.{name}]", 'text = {sv = "hela befolkningen", en = "the whole population"}',
        f'file = "{file}"', f"columns = {{{columns}}}", "everyone = true",
    ]  # fmt: skip
