"""An edition of areas as one value: what the plain files of its folder hold."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from publisher.geography.borders import Borders, load_borders
from publisher.geography.changes import COLUMNS as CHANGE_COLUMNS
from publisher.geography.imports.borders import borders_bytes
from publisher.geography.imports.people import totals_of
from publisher.geography.register import RegisterArea

REGISTER, DESO, CHANGES, BORDERS = "register.csv", "deso.csv", "changes.csv", "borders.gpkg"
POPULATION, BY_SEX = "population.csv", "population_by_sex.csv"
"""Every year as a total, and the years that are known by sex."""

_AREA = ("regso", "regso_name", "kommun", "kommun_name", "lan", "lan_name")
_TYPE = "area_type_"


@dataclass(frozen=True, slots=True)
class EditionData:
    """Everything that was imported of an edition.

    `types`: year -> RegSO -> `1`..`5`.  `deso`: DeSO -> RegSO.  `population`: (RegSO, year, sex or empty) -> people.
    `changes`: rows of CHANGE_COLUMNS.
    """

    edition: str
    areas: Mapping[str, RegisterArea] = field(default_factory=dict)
    types: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    deso: Mapping[str, str] = field(default_factory=dict)
    population: Mapping[tuple[str, int, str], int] = field(default_factory=dict)
    changes: tuple[tuple[str, ...], ...] = ()
    borders: Borders | None = None

    def files(self) -> dict[str, bytes]:
        """The plain files, by name; nothing for what there is not."""
        out = {REGISTER: self._register()}
        if self.deso:
            out[DESO] = _csv(("deso", "regso"), sorted(self.deso.items()))
        if self.population:
            out |= self._population()
        if self.changes:
            out[CHANGES] = _csv(CHANGE_COLUMNS, self.changes)
        if self.borders is not None:
            out[BORDERS] = borders_bytes(self.borders)
        return out

    def _register(self) -> bytes:
        years = sorted(self.types)
        rows = [
            (a.code, a.name, a.municipality, a.municipality_name, a.county, a.county_name,
             *(self.types[y].get(a.code, "") for y in years))
            for _, a in sorted(self.areas.items())
        ]  # fmt: skip
        return _csv((*_AREA, *(f"{_TYPE}{y}" for y in years)), rows)

    def _population(self) -> dict[str, bytes]:
        rows = [(c, str(y), str(n)) for (c, y), n in sorted(totals_of(self.population).items())]
        out = {POPULATION: _csv(("regso", "year", "population"), rows)}
        split = [(c, str(y), s, str(n)) for (c, y, s), n in sorted(self.population.items()) if s]
        return out | ({BY_SEX: _csv(("regso", "year", "sex", "population"), split)} if split else {})


def load_edition(edition: str, folder: Path) -> EditionData:
    """What an earlier import wrote into the folder; an empty edition where there is none."""
    if not (folder / REGISTER).exists():
        return EditionData(edition)
    rows = _rows(folder / REGISTER)
    areas = {r["regso"]: RegisterArea(*(r[c] for c in _AREA)) for r in rows}
    years = [c.removeprefix(_TYPE) for c in (rows[0] if rows else {}) if c.startswith(_TYPE)]
    return EditionData(
        edition, areas,
        types={int(y): {r["regso"]: r[f"{_TYPE}{y}"] for r in rows if r[f"{_TYPE}{y}"]} for y in years},
        deso={r["deso"]: r["regso"] for r in _rows(folder / DESO)},
        population=_load_population(folder),
        changes=tuple(tuple(r[c] for c in CHANGE_COLUMNS) for r in _rows(folder / CHANGES)),
        borders=load_borders(folder / BORDERS) if (folder / BORDERS).exists() else None,
    )  # fmt: skip


def _load_population(folder: Path) -> dict[tuple[str, int, str], int]:
    """Years by sex where they are known so, the others as totals."""
    split = {(r["regso"], int(r["year"]), r["sex"]): int(r["population"]) for r in _rows(folder / BY_SEX)}
    years = {year for _, year, _ in split}
    rows = [(r["regso"], int(r["year"]), int(r["population"])) for r in _rows(folder / POPULATION)]
    return split | {(code, year, ""): n for code, year, n in rows if year not in years}


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()
