"""The files of the synthetic country.  Each is written beside its place and moved there when it is whole."""

import csv
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from publisher.synthetic.benefits import BENEFITS
from publisher.synthetic.cases import Cases, places, take
from publisher.synthetic.country import Country
from publisher.synthetic.persons import GROUPS_AN_AREA, Persons
from publisher.synthetic.population import AGES, CASE_AGES, SEXES, Population
from publisher.synthetic.tessellation import Place

ROWS_A_GROUP = 262_144
"""Rows of a parquet row group: what is held as text at a time."""

CASE_SCHEMA = pa.schema(
    [
        ("case_id", pa.int64()),
        ("person_id", pa.string()),
        ("regso", pa.string()),
        ("date", pa.date32()),
        ("benefit", pa.string()),
        ("sex", pa.string()),
        ("age_group", pa.string()),
        ("amount_sek", pa.float64()),
    ]
)
CSV_OPTIONS = arrow_csv.WriteOptions(quoting_header="none")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes the place of `path` when all went well."""
    beside = path.with_name(f".{path.name}.part")
    try:
        yield beside
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def write_areas(path: Path, country: Country, population: Population) -> None:
    """One row a RegSO; `area_type` is that of the last type year, `population` that of the last year, scaled."""
    years = list(country.types)
    with whole(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        place = ["regso", "regso_name", "kommun", "kommun_name", "lan", "lan_name"]
        out.writerow([*place, "area_type", *(f"area_type_{y}" for y in years), "population"])
        for i, code in enumerate(country.codes):
            town = country.municipalities[country.home[i]]
            types = [int(country.types[y][i]) for y in years]
            names = [code, country.names[i], town.code, town.name, town.county.code, town.county.name]
            out.writerow([*names, int(country.last_types[i]), *types, int(population.last_totals[i])])


def write_population(path: Path, country: Country, population: Population) -> None:
    """One row an area, year, sex and age group, in the order of these; counts are scaled as the cases are."""
    counts = np.moveaxis(population.counts, 1, 0)
    index = [a.ravel() for a in np.indices(counts.shape)]
    columns = {
        "regso": _texts(country.codes, index[0]),
        "year": pa.array(np.array(population.years)[index[1]]),
        "sex": _texts(SEXES, index[2]),
        "age_group": _texts(AGES, index[3]),
        "population": pa.array(counts.ravel()),
    }
    with whole(path) as beside:
        arrow_csv.write_csv(pa.table(columns), beside, CSV_OPTIONS)


def write_cases(path: Path, cases: Cases, country: Country, population: Population, persons: Persons) -> None:
    """Case records, row group by row group: parquet, or CSV where the file is named so."""
    with whole(path) as beside, _case_writer(beside, path.suffix == ".csv") as out:
        edges = [*range(0, len(cases), ROWS_A_GROUP), len(cases)]
        for start, stop in pairwise(edges):
            out.write_table(_case_table(take(cases, slice(start, stop)), country, population, persons))


def _case_writer(path: Path, as_csv: bool) -> Any:
    if as_csv:
        return arrow_csv.CSVWriter(path, CASE_SCHEMA, write_options=CSV_OPTIONS)
    repeating = ["regso", "date", "benefit", "sex", "age_group"]
    return parquet.ParquetWriter(path, CASE_SCHEMA, compression="zstd", use_dictionary=repeating)


def _case_table(cases: Cases, country: Country, population: Population, persons: Persons) -> pa.Table:
    """Codes to texts.  A person keeps the sex of the group, and moves at most one age group up."""
    start = (np.datetime64(f"{population.years[0]}-01-01") - np.datetime64("1970-01-01")).astype(np.int32)
    within = cases.group % GROUPS_AN_AREA
    turn = persons.older_from[cases.person]
    older = (turn >= 0) & (cases.year >= turn)
    columns = [
        pa.array(cases.case.astype(np.int64)),
        _person_ids(persons.label[cases.person]),
        _texts(places(country), cases.place),
        pa.array(cases.day + start, type=pa.int32()).cast(pa.date32()),
        _texts([b.name for b in BENEFITS], cases.benefit),
        _texts(SEXES, within // len(CASE_AGES)),
        _texts(CASE_AGES, np.minimum(within % len(CASE_AGES) + older, len(CASE_AGES) - 1)),
        pa.array(cases.amount),
    ]
    return pa.table(columns, schema=CASE_SCHEMA)


def _person_ids(labels: Any) -> Any:
    """P and nine digits."""
    return pc.binary_join_element_wise("P", pc.utf8_lpad(pa.array(labels).cast(pa.string()), 9, "0"), "")


def _texts(texts: Any, codes: Any) -> Any:
    """The text of each code; none for code -1."""
    return pa.array(list(texts), type=pa.string()).take(pa.array(codes, mask=codes < 0))


def write_areas_geojson(path: Path, country: Country) -> None:
    """Polygons of the areas, WGS 84 (RFC 7946), with the codes that they belong to."""
    towns = [country.municipalities[h] for h in country.home]
    features = [
        _feature(polygon, {"regso": code, "kommun": town.code, "lan": town.county.code})
        for polygon, code, town in zip(country.polygons, country.codes, towns, strict=True)
    ]
    _write_geojson(path, features)


def write_outline_geojson(path: Path, outline: Place) -> None:
    """The outline of the country, WGS 84 (RFC 7946)."""
    _write_geojson(path, [_feature(outline, {})])


def _feature(place: Place, properties: dict[str, str]) -> dict[str, Any]:
    """Exterior rings run anticlockwise, as RFC 7946 section 3.1.6 asks."""
    parts = [_rings(p) for p in shapely.get_parts(place)]
    geometry = {"type": "Polygon", "coordinates": parts[0]}
    if len(parts) > 1:
        geometry = {"type": "MultiPolygon", "coordinates": parts}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _rings(part: shapely.Polygon) -> list[list[list[float]]]:
    turned = shapely.orient_polygons(part)
    rings = [turned.exterior, *turned.interiors]
    return [[[round(x, 4), round(y, 4)] for x, y in shapely.get_coordinates(r).tolist()] for r in rings]


def _write_geojson(path: Path, features: list[dict[str, Any]]) -> None:
    with whole(path) as beside:
        text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
        beside.write_text(text + "\n", encoding="utf-8")
