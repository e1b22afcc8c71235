"""Case records of invented people on a register that was imported: the real areas, in proportion to who lives there.

    from real_country import write_cases_on
    write_cases_on(home.root / "geography" / "regso-2020", folder / "cases.parquet", rows=100_000, seed=1)
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from homes import AGES, BENEFITS
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

MOVED = 0.03
"""Share of records at another place than where the person otherwise lives."""

PER_PERSON = 1.6
"""Records a person, on average."""

MOST_TRIES = 2_000


def write_cases_on(register_folder: Path, out: Path, *, rows: int, seed: int, year: int = 2022) -> None:
    """Write `rows` cases of one year to the Parquet file `out`.

    Columns: case_id, person_id, regso, deso (one of the RegSO's), east and north (metres, EPSG:3006: a point in that
    RegSO and in no other), date, benefit, sex, age_group, amount_sek.  deso is missing where the folder has no
    deso.csv, east and north where it has no borders.gpkg.  The same folder and seed give the same file.
    """
    rng = np.random.default_rng(seed)
    codes, people = _population(register_folder, year)
    persons = max(1, round(rows / PER_PERSON))
    home = rng.choice(len(codes), size=persons, p=people / people.sum())
    person = rng.integers(0, persons, rows)
    moved = rng.random(rows) < MOVED
    area = np.where(moved, rng.choice(len(codes), size=rows, p=people / people.sum()), home[person])
    benefit, days = rng.integers(0, len(BENEFITS), rows), rng.integers(0, 365, rows)
    sex, age = rng.integers(0, 2, persons), rng.integers(0, len(AGES), persons)
    east, north = _points(register_folder, codes, area, rng)
    pq.write_table(pa.table({
        "case_id": pa.array(rng.permutation(rows).astype(np.int64)),
        "person_id": pa.array([f"P{p:09d}" for p in person]),
        "regso": _take(codes, area),
        "deso": _deso(register_folder, codes, area, rng),
        "east": east,
        "north": north,
        "date": pa.array(np.datetime64(f"{year}-01-01") + days),
        "benefit": _take(BENEFITS, benefit),
        "sex": _take(("woman", "man"), sex[person]),
        "age_group": _take(AGES, age[person]),
        "amount_sek": pa.array(np.round(rng.lognormal(9.5, 1.0, rows), 2)),
    }), out)  # fmt: skip


def _take(codes: Sequence[str], at: IntArray) -> pa.Array:
    return pa.array(codes).take(pa.array(at))


def _population(folder: Path, year: int) -> tuple[tuple[str, ...], FloatArray]:
    """Codes in order, and who lives there; every area alike where the year is not known."""
    with (folder / "register.csv").open(encoding="utf-8", newline="") as stream:
        codes = tuple(sorted(row["regso"] for row in csv.DictReader(stream)))
    known: dict[str, float] = {}
    if (folder / "population.csv").exists():
        with (folder / "population.csv").open(encoding="utf-8", newline="") as stream:
            known = {r["regso"]: float(r["population"]) for r in csv.DictReader(stream) if r["year"] == str(year)}
    return codes, np.array([known.get(c, 0.0 if known else 1.0) for c in codes])


def _deso(folder: Path, codes: Sequence[str], area: IntArray, rng: np.random.Generator) -> pa.Array:
    """A DeSO of each record's RegSO, each of them as likely."""
    if not (folder / "deso.csv").exists():
        return pa.nulls(len(area), pa.string())
    with (folder / "deso.csv").open(encoding="utf-8", newline="") as stream:
        pairs = sorted((r["regso"], r["deso"]) for r in csv.DictReader(stream))
    regso = np.array([p[0] for p in pairs])
    first, last = (np.searchsorted(regso, np.array(codes), side) for side in ("left", "right"))
    at = first[area] + rng.integers(0, (last - first)[area])
    return _take([p[1] for p in pairs], at)


def _points(
    folder: Path, codes: Sequence[str], area: IntArray, rng: np.random.Generator
) -> tuple[pa.Array, pa.Array]:
    """A point a record, on whole millimetres, drawn in the box of its polygon until that polygon alone has it."""
    if not (folder / "borders.gpkg").exists():
        return pa.nulls(len(area), pa.float64()), pa.nulls(len(area), pa.float64())
    polygons = _polygons(folder, codes)
    tree, box = shapely.STRtree(polygons), shapely.bounds(polygons)
    found, left = np.zeros((len(area), 2)), np.arange(len(area))
    for _ in range(MOST_TRIES):
        if not len(left):
            return pa.array(found[:, 0]), pa.array(found[:, 1])
        west_south, east_north = box[area[left], :2], box[area[left], 2:]
        drawn = np.round(west_south + rng.random((len(left), 2)) * (east_north - west_south), 3)
        own = shapely.contains_xy(polygons[area[left]], drawn[:, 0], drawn[:, 1])
        at, _ = tree.query(shapely.points(drawn[own]), predicate="intersects")
        own[own] = np.bincount(at, minlength=int(own.sum())) == 1
        found[left[own]], left = drawn[own], left[~own]
    raise ValueError(f"no points found in {codes[int(area[left[0]])]}: its polygon lies under others")


def _polygons(folder: Path, codes: Sequence[str]) -> NDArray[np.object_]:
    _, _, shapes, (names,) = pyogrio.raw.read(folder / "borders.gpkg", layer="regso", columns=["regso"])
    at = {str(name): i for i, name in enumerate(names)}
    polygons = np.asarray(shapely.from_wkb(shapes))[[at[c] for c in codes]]
    shapely.prepare(polygons)
    return polygons
