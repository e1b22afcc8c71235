"""Polygons of areas as SWEREF 99 TM: projected, repaired where they must be, and written as a GeoPackage."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from publisher.geography.borders import LAYER, SWEREF99TM, Borders
from publisher.geography.imports.codes import COUNTIES, regso_code
from publisher.geography.imports.features import Properties, read_features
from publisher.geography.imports.fetching import Input
from publisher.geography.imports.sheets import check_name
from publisher.geography.register import RegisterArea

LOST = 0.001
"""Share of its area that repairing a polygon may add or take away."""

SWEDEN = (200_000.0, 6_000_000.0, 1_000_000.0, 7_800_000.0)
"""West, south, east, north in SWEREF 99 TM, with room for the sea: tells swapped or other coordinates."""

_CODE = ("regsokod", "regso", "regso_kod")
_WRITTEN = "2000-01-01T00:00:00.000Z"
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Polygons in order of code, in SWEREF 99 TM, with their attributes; `repaired`: codes whose polygon was broken."""

    borders: Borders
    properties: tuple[Properties, ...]
    repaired: tuple[str, ...]


def read_borders(source: str, edition: str) -> tuple[Drawn, Input]:
    """All polygons of a file or address; GeographyError for doubled codes, other geometries, or unknown coordinates."""
    features, given = read_features(source)
    _check_version(given, edition, features.properties)
    codes = [regso_code(given, _code_of(given, p), edition) for p in features.properties]
    doubled = [code for code, n in Counter(codes).items() if n > 1]
    if doubled:
        raise given.fail(f"{doubled[0]} has two polygons; one area is one feature")
    shapes, repaired = _repaired(given, _project(given, features.crs, features.shapes), codes)
    order = np.argsort(np.array(codes))
    borders = Borders(tuple(codes[i] for i in order), shapes[order])
    return Drawn(borders, tuple(features.properties[i] for i in order), tuple(sorted(repaired))), given


def _check_version(given: Input, edition: str, properties: Iterable[Properties]) -> None:
    """Borders state their edition as 2025_v1: many codes are the same in the next one, and mean another area."""
    year = edition[-4:]
    stated = {str(p.get("version") or "").partition("_")[0] for p in properties}
    others = sorted(v for v in stated if v.isdecimal() and len(v) == 4 and v != year)
    if others and year.isdecimal():
        raise given.fail(f"its attribute version says {others[0]}, which is not edition {edition}")


def _code_of(given: Input, properties: Properties) -> str:
    code = next((properties[name] for name in _CODE if name in properties), None)
    if not isinstance(code, str):
        raise given.fail(f"a feature has no text attribute {' or '.join(_CODE)}")
    return code


def areas_of(given: Input, drawn: Drawn) -> Iterator[RegisterArea]:
    """Areas from the attributes of their polygons, where there is no register."""
    for code, properties in zip(drawn.borders.codes, drawn.properties, strict=True):
        if not {"regsonamn", "kommunnamn"} <= set(properties):
            raise given.fail(f"{code} has no attributes regsonamn and kommunnamn; import a register first")
        names = [check_name(given, str(properties[key] or "")) for key in ("regsonamn", "kommunnamn")]
        yield RegisterArea(code, names[0], code[:4], names[1], code[:2], COUNTIES.get(code[:2], code[:2]))


def _project(given: Input, crs: str, shapes: Shapes) -> Shapes:
    if not np.isin(shapely.get_type_id(shapes), [3, 6]).all() or shapely.is_empty(shapes).any():
        raise given.fail("a feature is no polygon")
    try:
        known = CRS.from_user_input(crs.replace("urn:ogc:def:crs:EPSG::", "EPSG:"))
    except CRSError:
        raise given.fail(f"the coordinates are in {crs[:60] or 'no system'}, which is not known") from None
    turn = Transformer.from_crs(known, SWEREF99TM, always_xy=True)
    same = known == CRS.from_user_input(SWEREF99TM)
    flat = shapely.force_2d(shapes)
    out = flat if same else shapely.transform(flat, lambda p: np.column_stack(turn.transform(p[:, 0], p[:, 1])))
    west, south, east, north = shapely.bounds(out).T
    inside = (west > SWEDEN[0]) & (south > SWEDEN[1]) & (east < SWEDEN[2]) & (north < SWEDEN[3])
    if not inside.all():  # false for what is no number, too
        raise given.fail("the polygons do not lie in Sweden: their coordinates are in another system than stated")
    return np.asarray(out)


def _repaired(given: Input, shapes: Shapes, codes: list[str]) -> tuple[Shapes, list[str]]:
    broken, out = np.flatnonzero(~shapely.is_valid(shapes)).tolist(), shapes.copy()
    for i in broken:
        parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shapes[i])))
        out[i] = shapely.union_all(parts[shapely.get_type_id(parts) == 3])
        stated = shapely.area(shapes[i])
        if abs(shapely.area(out[i]) - stated) > LOST * stated or shapely.is_empty(out[i]):
            raise given.fail(f"{codes[i]}: its polygon is not valid, and repairing it would change its area")
    return out, [codes[i] for i in broken]


def borders_bytes(borders: Borders) -> bytes:
    """A GeoPackage with layer `regso` and column regso, EPSG:3006; the same borders give the same bytes."""
    shapes = shapely.to_wkb(np.array([as_multi(p) for p in borders.polygons], dtype=object))
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _WRITTEN})
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "borders.gpkg"
            pyogrio.raw.write(
                path, np.asarray(shapes, dtype=object), [np.array(borders.codes, dtype=object)], ["regso"],
                layer=LAYER, driver="GPKG", geometry_type="MultiPolygon", crs=SWEREF99TM,
            )  # fmt: skip
            return path.read_bytes()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def as_multi(shape: shapely.Geometry) -> shapely.Geometry:
    """A polygon as one of several polygons, which is how it is written."""
    return shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])
