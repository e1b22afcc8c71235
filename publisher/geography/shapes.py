"""Municipalities and counties as small SVG paths, for maps of the whole country: dissolved from the borders of RegSO.

The paths share one system of whole numbers, y downwards; areas are simplified together, so that neighbours keep a
common border.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from publisher.desk.folder import Desk
from publisher.desk.shapes import read_shapes, shapes_path
from publisher.files import write_atomically
from publisher.geography.borders import Borders, load_borders
from publisher.policy.declarations import Settings

HEIGHT = 1500
"""Units from the southernmost to the northernmost point."""
SIMPLER = 1.4
"""Units of detail that are given up: half a hairline on a phone, one on a desk."""
SMALLEST = 4.0
"""Square units that an island or a hole has; smaller ones are left out, but for the largest part of an area."""

Shapes = NDArray[np.object_]
Drawn = dict[str, object]


def write_shapes(desk: Desk, settings: Settings) -> tuple[str, ...]:
    """Draw each edition whose borders are declared and there, and have changed; returns the editions drawn anew."""
    drawn = []
    for edition, files in settings.geography.items():
        path = settings.folder / files.geometry
        if not files.geometry or not path.is_file():
            continue
        stat = path.stat()
        made_from = [stat.st_size, stat.st_mtime_ns]
        if read_shapes(desk, edition).get("made_from") != made_from:
            content = {"made_from": made_from, **draw(load_borders(path))}
            data = json.dumps(content, separators=(",", ":")).encode()
            write_atomically(shapes_path(desk, edition), data, mode=0o600)
            drawn.append(edition)
    return tuple(drawn)


def draw(borders: Borders) -> Drawn:
    """`width`, `height`, and a path of each municipality (`kommun`) and county (`lan`) by its code."""
    municipalities = _dissolved(dict(zip(borders.codes, borders.polygons, strict=True)), 4)
    west, south, east, north = shapely.total_bounds(np.array(list(municipalities.values())))
    scale = HEIGHT / (north - south)
    units = [
        shapely.transform(p, lambda xy: np.column_stack([(xy[:, 0] - west) * scale, (north - xy[:, 1]) * scale]))
        for p in municipalities.values()
    ]
    simple = dict(zip(municipalities, shapely.coverage_simplify(np.array(units), SIMPLER), strict=True))
    return {
        "width": int(np.ceil((east - west) * scale)),
        "height": HEIGHT,
        "kommun": {code: path_of(shape) for code, shape in simple.items()},
        "lan": {code: path_of(shape) for code, shape in _dissolved(simple, 2, grid=1.0).items()},
    }


def _dissolved(
    shapes: Mapping[str, shapely.Geometry], digits: int, grid: float | None = None
) -> dict[str, shapely.Geometry]:
    """The shapes of one code of so many digits as one; on a grid, which closes gaps that simplifying has left."""
    parts: dict[str, list[shapely.Geometry]] = {}
    for code, shape in sorted(shapes.items()):
        parts.setdefault(code[:digits], []).append(shape)
    return {code: shapely.union_all(of_code, grid_size=grid) for code, of_code in parts.items()}


def path_of(shape: shapely.Geometry) -> str:
    """An SVG path in whole numbers: each ring from its first point by steps, closed; the smallest islands left out."""
    parts = sorted(shapely.get_parts(shape), key=shapely.area, reverse=True)
    kept = [p for i, p in enumerate(parts) if i == 0 or shapely.area(p) >= SMALLEST]
    rings = [r for p in kept for r in (p.exterior, *(h for h in p.interiors if shapely.Polygon(h).area >= SMALLEST))]
    return "".join(_ring(np.rint(shapely.get_coordinates(r)).astype(int).tolist()) for r in rings)


def _ring(points: Sequence[Sequence[int]]) -> str:
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points[:-1])]
    return f"M{points[0][0]},{points[0][1]}l{' '.join(f'{x},{y}' for x, y in steps if (x, y) != (0, 0))}z"
