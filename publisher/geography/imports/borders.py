"""Polygons of areas from GeoJSON (a file, or a WFS answer in pages) or GeoPackage, as SWEREF 99 TM."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from publisher.errors import GeographyError
from publisher.geography.borders import LAYER, SWEREF99TM, Borders
from publisher.geography.imports.inputs import Input, read_input

LOST = 0.001
"""Share of its area that repairing a polygon may take away."""

MOST_PAGES = 1000
_CODE = ("regsokod", "regso", "regso_kod")

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Polygons as given, in SWEREF 99 TM, with their attributes; `repaired`: codes whose polygon was not valid."""

    codes: tuple[str, ...]
    polygons: NDArray[np.object_]
    properties: tuple[Properties, ...]
    repaired: tuple[str, ...]


def read_borders(source: str, check_code: Callable[[Input, str], str]) -> tuple[Drawn, Input]:
    """All polygons of a file or address; GeographyError for doubled codes, other geometries, or unknown coordinates."""
    given = read_input(source)
    crs, shapes, properties = _geopackage(given) if given.data[:6] == b"SQLite" else _geojson(source, given)
    codes = [check_code(given, _code_of(given, p)) for p in properties]
    if len(set(codes)) != len(codes):
        doubled = next(c for c in codes if codes.count(c) > 1)
        raise given.fail(f"{doubled} has two polygons; one area is one feature")
    projected = _project(given, crs, shapes)
    valid, repaired = _repaired(given, projected, codes)
    order = sorted(range(len(codes)), key=lambda i: codes[i])
    return Drawn(
        tuple(codes[i] for i in order), valid[order], tuple(properties[i] for i in order),
        tuple(codes[i] for i in repaired),
    ), given  # fmt: skip


def _code_of(given: Input, properties: Properties) -> str:
    folded = {str(k).casefold(): v for k, v in properties.items()}
    code = next((folded[name] for name in _CODE if name in folded), None)
    if not isinstance(code, str):
        raise given.fail(f"a feature has no text attribute {' or '.join(_CODE)}")
    return code


def _geojson(source: str, given: Input) -> tuple[str, NDArray[np.object_], list[Properties]]:
    """A feature collection, and where an address gives it in pages, all of them."""
    features: list[Any] = []
    page, crs = _collection(given), ""
    for _ in range(MOST_PAGES):
        features += page["features"]
        crs = str(page.get("crs", {}).get("properties", {}).get("name", "")) or crs
        following = _next_page(source, page, len(features))
        if not following or not page["features"]:
            break
        page = _collection(read_input(following))
    matched = page.get("numberMatched")
    if isinstance(matched, int) and matched != len(features):
        raise given.fail(f"the answer says {matched} features and gave {len(features)}")
    try:
        texts = [json.dumps(f["geometry"]) for f in features]
        shapes = shapely.from_geojson(np.array(texts, dtype=object))
        properties = [dict(f["properties"]) for f in features]
    except (KeyError, TypeError, shapely.errors.GEOSException):
        raise given.fail("a feature has no geometry or attributes") from None
    if not len(shapes):
        raise given.fail("has no features")
    return crs or "urn:ogc:def:crs:OGC:1.3:CRS84", np.asarray(shapes), properties


def _collection(given: Input) -> dict[str, Any]:
    try:
        data = json.loads(given.data)
    except ValueError:
        raise given.fail("is neither GeoJSON nor GeoPackage") from None
    if not isinstance(data, dict) or not isinstance(data.get("features"), list):
        raise given.fail("is no GeoJSON feature collection")
    return data


def _next_page(source: str, page: dict[str, Any], so_far: int) -> str:
    """The address of the following page, on the same host; empty where there is none."""
    if "://" not in source:
        return ""
    links = page.get("links") or []
    address = next((str(x.get("href")) for x in links if isinstance(x, dict) and x.get("rel") == "next"), "")
    if address:
        if urlsplit(address).netloc != urlsplit(source).netloc:
            raise GeographyError(f"{urlsplit(source).hostname}: the answer goes on at another host")
        return address
    matched = page.get("numberMatched")
    if not isinstance(matched, int) or so_far >= matched:
        return ""
    parts = urlsplit(source)
    query = [(k, v) for k, v in parse_qsl(parts.query) if k.casefold() != "startindex"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("startIndex", str(so_far))])))


def _geopackage(given: Input) -> tuple[str, NDArray[np.object_], list[Properties]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.gpkg"
        path.write_bytes(given.data)
        try:
            layers = pyogrio.list_layers(path)
            meta, _, shapes, columns = pyogrio.raw.read(path, layer=str(layers[0][0]))
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, IndexError):
            raise given.fail("is no readable GeoPackage") from None
    if len(layers) > 1:
        raise given.fail(f"has {len(layers)} layers; keep the one with the areas")
    names = [str(f) for f in meta["fields"]]
    rows = zip(*columns, strict=True) if names else []
    return str(meta["crs"]), np.asarray(shapely.from_wkb(shapes)), [dict(zip(names, r, strict=True)) for r in rows]


def _project(given: Input, crs: str, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    if not np.isin(shapely.get_type_id(shapes), [3, 6]).all():
        raise given.fail("a feature is no polygon")
    try:
        known = CRS.from_user_input(crs.replace("urn:ogc:def:crs:EPSG::", "EPSG:"))
    except CRSError:
        raise given.fail(f"the coordinates are in {crs[:60]}, which is not known") from None
    out = shapes
    if known != CRS.from_user_input(SWEREF99TM):
        turn = Transformer.from_crs(known, SWEREF99TM, always_xy=True)
        out = shapely.transform(shapes, lambda p: np.column_stack(turn.transform(p[:, 0], p[:, 1])))
    west, south, east, north = shapely.total_bounds(out)
    if not (200_000 < west < east < 1_000_000 and 6_000_000 < south < north < 7_800_000):
        raise given.fail("the polygons do not lie in Sweden: their coordinates are in another system than stated")
    return np.asarray(out)


def _repaired(
    given: Input, shapes: NDArray[np.object_], codes: list[str]
) -> tuple[NDArray[np.object_], list[int]]:
    broken = np.flatnonzero(~shapely.is_valid(shapes))
    out = shapes.copy()
    for i in broken.tolist():
        made = shapely.make_valid(shapes[i])
        parts = [p for p in shapely.get_parts(made) if p.geom_type in ("Polygon", "MultiPolygon")]
        out[i] = shapely.union_all(parts)
        hull = shapely.area(shapely.buffer(shapes[i], 0)) or shapely.area(shapes[i])
        if abs(shapely.area(out[i]) - hull) > LOST * max(hull, 1.0):
            raise given.fail(f"{codes[i]}: its polygon is not valid, and repairing it would change its area")
    return out, broken.tolist()


def borders_bytes(borders: Borders) -> bytes:
    """A GeoPackage with layer `regso` and column regso, EPSG:3006."""
    shapes = shapely.to_wkb(shapely.force_2d(np.array([_multi(p) for p in borders.polygons], dtype=object)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "borders.gpkg"
        pyogrio.raw.write(
            path, np.asarray(shapes, dtype=object), [np.array(borders.codes, dtype=object)], ["regso"],
            layer=LAYER, driver="GPKG", geometry_type="MultiPolygon", crs=SWEREF99TM,
        )  # fmt: skip
        return path.read_bytes()


def _multi(shape: shapely.Geometry) -> shapely.Geometry:
    return shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])
