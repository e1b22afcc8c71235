"""Plain CSV files of the register and of public populations.  Public data: errors may quote them."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from publisher.errors import GeographyError
from publisher.geography.register import AreaIndex, RegisterArea
from publisher.policy.declarations import GeographyFiles, PopulationFile
from publisher.relations import IntArray, KeySet, fill_totals

_REGSO = re.compile(r"[0-9]{4}R[0-9]{3}")
_FORMULA = tuple("=+-@\t\r")
_REQUIRED = ("regso", "regso_name", "kommun", "lan")


def load_register(files: GeographyFiles, folder: Path) -> AreaIndex:
    """The areas of an edition.

    Columns: regso, regso_name, kommun, lan, and optionally kommun_name, lan_name; one column for each declared year of
    area types, `1`..`5` or empty.  GeographyError names file, line and rule.
    """
    path = folder / files.register
    rows = list(_rows(path))
    wanted = (*_REQUIRED, *files.area_types.values())
    missing = [c for c in wanted if rows and c not in rows[0][1]]
    if missing or not rows:
        raise GeographyError(f"{path.name}: the register is empty, or lacks columns: {', '.join(missing) or 'all'}")
    areas = [_area(path.name, line, row) for line, row in rows]
    types = {
        year: {row["regso"]: _type(path.name, line, row[column]) for line, row in rows if row[column]}
        for year, column in files.area_types.items()
    }
    return AreaIndex(files.edition, tuple(sorted(areas, key=lambda a: a.code)), types)


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, restval="", strict=True)
            for row in reader:
                yield reader.line_num, row
    except FileNotFoundError:
        raise GeographyError(f"{path.name}: the file is missing in {path.parent.name}") from None
    except (UnicodeDecodeError, csv.Error):
        raise GeographyError(f"{path.name}: not CSV in UTF-8") from None


def _area(file: str, line: int, row: Mapping[str, str]) -> RegisterArea:
    code, name = row["regso"], row["regso_name"]
    if not _REGSO.fullmatch(code):
        raise GeographyError(f"{file}:{line}: {code!r} is no RegSO code (four digits, R, three digits)")
    names = (name, row.get("kommun_name") or row["kommun"], row.get("lan_name") or row["lan"])
    for text in names:
        if not text or text.startswith(_FORMULA):
            raise GeographyError(f"{file}:{line}: a name is empty or begins like a spreadsheet formula")
    return RegisterArea(code, names[0], row["kommun"], names[1], row["lan"], names[2])


def _type(file: str, line: int, text: str) -> str:
    if text not in ("1", "2", "3", "4", "5"):
        raise GeographyError(f"{file}:{line}: area type {text!r} is not one of 1-5")
    return text


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """A public population: one row a RegSO, year and combination of codes; `columns` are those it is split by."""

    id: str
    columns: tuple[str, ...]
    rows: pd.DataFrame

    def denominators(self, keys: KeySet, year: int) -> IntArray:
        """People in each cell of `keys` at `year`, shape keys.shape; 0 where no area is stated.

        A code that joins others has the people of all of them.  A column that the population is not split by does not
        divide it: each of its codes has the whole population.
        """
        rows = self.rows[self.rows["year"] == str(year)]
        if rows.empty:
            raise GeographyError(f"population {self.id}: no rows for {year}")
        at = {leaf: i for i, leaf in enumerate(keys.leaves)}
        split = [c for c in keys.columns if c.id in self.columns]
        index = [rows["regso"].map(at)]
        index += [rows[c.id].map(c.positions) for c in split]
        known = np.logical_and.reduce([i.notna().to_numpy() for i in index])
        counts = np.zeros([len(keys.leaves), *[len(c.codes) for c in split]], dtype=np.int64)
        at_cell = tuple(i.to_numpy()[known].astype(np.int64) for i in index)
        np.add.at(counts, at_cell, rows["population"].to_numpy()[known].astype(np.int64))
        return _spread(counts, keys, [c in split for c in keys.columns])


def _spread(counts: IntArray, keys: KeySet, split: list[bool]) -> IntArray:
    """Sum to totals over the columns that split the population; repeat over the others."""
    columns = tuple(c for c, s in zip(keys.columns, split, strict=True) if s)
    totals = tuple(t for t, s in zip(keys.totals, split, strict=True) if s)
    part = fill_totals(counts, KeySet(keys.leaves, keys.levels, columns, totals))
    shape = [keys.shape[0], *[n if s else 1 for n, s in zip(keys.category_shape, split, strict=True)]]
    return np.ascontiguousarray(np.broadcast_to(part.reshape(shape), keys.shape))


def load_population(declared: PopulationFile, folder: Path) -> Population:
    """Read a population file: columns regso, year, population, and those declared; codes not in `only` do not count."""
    path = folder / declared.file
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError):
        raise GeographyError(f"{path.name}: the population file cannot be read as CSV in UTF-8") from None
    needed = ["regso", "year", "population", *declared.columns.values()]
    missing = [c for c in needed if c not in rows.columns]
    if missing:
        raise GeographyError(f"{path.name}: columns are missing: {', '.join(missing)}")
    if not rows["population"].str.fullmatch(r"[0-9]{1,9}").all():
        raise GeographyError(f"{path.name}: a population is no whole number")
    rows = rows.rename(columns={name: column for column, name in declared.columns.items()})
    for column, codes in declared.only.items():
        rows = rows[rows[column].isin(codes)]
    return Population(declared.id, tuple(declared.columns), rows)
