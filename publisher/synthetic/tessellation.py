"""Nested polygons: a place is divided among seeds, each part again, and all borders are laid on one grid.

A part is the Voronoi cell of its seed within the place.  Where a bay cuts a cell in two, the piece without the seed
goes to the neighbour with the longest common border, so that parts hang together unless they are islands.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import shapely

from publisher.synthetic.outline import Points

Place: TypeAlias = shapely.Polygon | shapely.MultiPolygon

GRID = 1e-4
"""Borders lie on a grid of this many degrees: four decimals, about 11 m."""


def scatter(rng: np.random.Generator, place: Place, count: int, centre: Points, spread: float) -> Points:
    """`count` points within `place`, shape (count, 2): most of them around `centre` (shape (2,)), some anywhere.

    `spread`: standard deviation of the crowd around the centre, in units of the plane.
    """
    shapely.prepare(place)
    found: list[Points] = []
    total = 0
    while total < count:
        draws = _mixture(rng, place, 4 * count + 16, centre, spread)
        inside = draws[shapely.contains_xy(place, draws[:, 0], draws[:, 1])]
        found.append(inside)
        total += len(inside)
    return _apart(np.concatenate(found), count) if found else np.empty((0, 2))


def _mixture(rng: np.random.Generator, place: Place, count: int, centre: Points, spread: float) -> Points:
    low_x, low_y, high_x, high_y = place.bounds
    anywhere = rng.uniform((low_x, low_y), (high_x, high_y), (count, 2))
    crowd = rng.normal(centre, spread, (count, 2))
    return np.where(rng.random((count, 1)) < 0.6, crowd, anywhere)


def _apart(points: Points, count: int) -> Points:
    """`count` of `points`: those that are not too close to an earlier one come first, in order."""
    gap = np.sqrt(np.prod(np.ptp(points, axis=0)) / max(len(points), 1)) / 6
    cell = np.floor(points / max(gap, 1e-3)).astype(np.int64)
    _, first = np.unique(cell, axis=0, return_index=True)
    crowded = np.ones(len(points), dtype=np.bool_)
    crowded[first] = False
    return points[np.argsort(crowded, kind="stable")[:count]]


def divide(place: Place, seeds: Points) -> list[Place]:
    """`place` divided among `seeds` (shape (n, 2), all within it), in their order; the parts cover it exactly."""
    if len(seeds) == 1:
        return [place]
    cells = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=place, ordered=True)
    pieces = [_pieces(cell, place, seed) for cell, seed in zip(cells.geoms, seeds, strict=True)]
    loose = [(own, piece) for own, rest in enumerate(pieces) for piece in rest[1:]]
    return _join([p[0] for p in pieces], loose)


def _pieces(cell: shapely.Polygon, place: Place, seed: Points) -> list[shapely.Polygon]:
    """The polygons of the cell within the place, that with the seed first."""
    within = [g for g in shapely.get_parts(shapely.intersection(cell, place)) if g.area > 0]
    return sorted(within, key=lambda g: (g.distance(shapely.Point(seed)), -g.area))


def _join(parts: list[Place], loose: list[tuple[int, shapely.Polygon]]) -> list[Place]:
    """Give each loose piece, named with its own part, to the part that it shares most border with.

    A piece may touch other loose pieces only: it waits until one of them has a part.  On an island without a part
    each stays with its own.
    """
    waiting = loose
    while waiting:
        apart = []
        for own, piece in waiting:
            shared = shapely.length(shapely.intersection(shapely.buffer(piece, 1e-7), shapely.boundary(parts)))
            best = int(np.argmax(shared))
            if shared[best] > 1e-6:
                parts[best] = shapely.union(parts[best], piece)
            else:
                apart.append((own, piece))
        if len(apart) == len(waiting):
            return [shapely.union_all([part, *(p for k, p in apart if k == own)]) for own, part in enumerate(parts)]
        waiting = apart
    return parts


def lay_on_grid(parts: Sequence[Place]) -> list[Place]:
    """`parts`, in degrees, with every corner on the grid and neighbours sharing their corners exactly.

    All borders together are snapped and noded at once; the faces between them go to the part that they lie in.
    """
    lines = shapely.union_all(shapely.boundary(parts), grid_size=GRID)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    points = shapely.point_on_surface(faces)
    face, part = shapely.STRtree(parts).query(points, predicate="intersects")
    owner = np.full(len(faces), -1, dtype=np.int64)
    owner[face[::-1]] = part[::-1]
    return [_whole(faces[owner == i]) for i in range(len(parts))]


def _whole(faces: Sequence[shapely.Polygon]) -> Place:
    if len(faces) == 0:
        raise ValueError("an area is too small for the grid of its borders")
    return faces[0] if len(faces) == 1 else shapely.union_all(faces, grid_size=GRID)
