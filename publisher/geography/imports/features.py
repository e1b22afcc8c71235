"""Features of areas as they are given: GeoJSON (a file, or a WFS answer in pages) or GeoPackage."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from publisher.geography.imports.fetching import MOST_BYTES, Input, is_address, read_input

MOST_PAGES = 1000
GEOJSON_CRS = "OGC:CRS84"
"""What the coordinates of GeoJSON are in where it says nothing (RFC 7946): WGS 84, longitude first."""

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """`crs`: what the coordinates are in; one shape and one set of attributes (names in small letters) a feature."""

    crs: str
    shapes: NDArray[np.object_]
    properties: tuple[Properties, ...]


def read_features(source: str) -> tuple[Features, Input]:
    """All features of a file or address, recognised by content; GeographyError where they are not whole."""
    given = read_input(source, most=MOST_BYTES)
    features = _geopackage(given) if given.data[:6] == b"SQLite" else _geojson(source, given)
    if not len(features.shapes) or shapely.is_missing(features.shapes).any():
        raise given.fail("has no features, or one without geometry")
    return features, given


def _geojson(source: str, given: Input) -> Features:
    pages = _pages(source, given)
    systems = {_crs_of(page) for page in pages}
    if len(systems) > 1:
        raise given.fail("its pages are in several systems of coordinates")
    features = [feature for page in pages for feature in page["features"]]
    try:
        shapes = shapely.from_geojson(np.array([json.dumps(f["geometry"]) for f in features], dtype=object))
        properties = tuple({str(k).casefold(): v for k, v in f["properties"].items()} for f in features)
    except (KeyError, TypeError, AttributeError, shapely.errors.GEOSException):
        raise given.fail("a feature has no geometry or attributes") from None
    return Features(systems.pop(), np.asarray(shapes), properties)


def _crs_of(page: Properties) -> str:
    stated = page.get("crs") or {}
    named = stated.get("properties") or {} if isinstance(stated, dict) else {}
    return str(named.get("name") or GEOJSON_CRS)


def _pages(source: str, given: Input) -> list[Properties]:
    """The collection, and where an address gives it in pages, all of them in order."""
    pages, room = [_collection(given)], MOST_BYTES - len(given.data)
    address, so_far = _next_page(given, source, pages), len(pages[0]["features"])
    while address:
        if len(pages) == MOST_PAGES:
            raise given.fail(f"the answer has more than {MOST_PAGES} pages")
        page = read_input(address, most=room)
        room -= len(page.data)
        pages.append(_collection(page))
        so_far += len(pages[-1]["features"])
        address = _next_page(given, source, pages) if pages[-1]["features"] else ""
    stated = {page["numberMatched"] for page in pages if isinstance(page.get("numberMatched"), int)}
    if stated and stated != {so_far}:
        raise given.fail(f"the answer says {max(stated)} features and gave {so_far}; ask again")
    return pages


def _collection(given: Input) -> Properties:
    try:
        data = json.loads(given.data)
    except ValueError:
        raise given.fail("is neither GeoJSON nor GeoPackage") from None
    if not isinstance(data, dict) or not isinstance(data.get("features"), list):
        raise given.fail("is no GeoJSON feature collection")
    return data


def _next_page(given: Input, source: str, pages: list[Properties]) -> str:
    """The address of the following page, on the same host; empty where there is none."""
    last = pages[-1]
    if not is_address(source):
        return ""
    links = last.get("links")
    following = [x.get("href") for x in links if isinstance(x, dict) and x.get("rel") == "next"] if links else []
    if following:
        address = urljoin(source, str(following[0]))
        if urlsplit(address)[:2] != urlsplit(source)[:2]:
            raise given.fail("the answer goes on at another host")
        return address
    so_far, matched = sum(len(page["features"]) for page in pages), last.get("numberMatched")
    if not isinstance(matched, int) or so_far >= matched:
        return ""
    parts = urlsplit(source)
    query = [(k, v) for k, v in parse_qsl(parts.query) if k.casefold() != "startindex"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("startIndex", str(so_far))])))


def _geopackage(given: Input) -> Features:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.gpkg"
        path.write_bytes(given.data)
        try:
            layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
            meta, _, shapes, columns = pyogrio.raw.read(path, layer=layers[0])
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, IndexError):
            raise given.fail("is no readable GeoPackage") from None
    if len(layers) > 1:
        raise given.fail(f"has {len(layers)} layers; keep the one with the areas")
    names = [str(field).casefold() for field in meta["fields"]]
    rows = zip(*columns, strict=True) if names else iter(() for _ in shapes)
    properties = tuple(dict(zip(names, row, strict=True)) for row in rows)
    return Features(str(meta["crs"] or ""), np.asarray(shapely.from_wkb(shapes)), properties)
