"""Borders of areas, and which area a point lies in."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from publisher.errors import GeographyError

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int64]

LAYER = "regso"
SWEREF99TM = "EPSG:3006"
_AREAL = (3, 6)
"""Type numbers of polygons and of several polygons."""


@dataclass(frozen=True, slots=True, eq=False)
class Borders:
    """Polygons of areas in SWEREF 99 TM (metres), in order of code."""

    codes: tuple[str, ...]
    polygons: NDArray[np.object_]
    tree: STRtree = field(init=False)
    one_at_a_time: threading.Lock = field(init=False, repr=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if list(self.codes) != sorted(set(self.codes)) or len(self.codes) != len(self.polygons):
            raise GeographyError("borders: codes must be unique and in order, each with its polygon")
        areal = np.isin(shapely.get_type_id(self.polygons), _AREAL) & ~shapely.is_empty(self.polygons)
        if not areal.all():
            raise GeographyError(f"borders: {self.codes[int(np.argmin(areal))]} has no polygon")
        shapely.prepare(self.polygons)
        object.__setattr__(self, "tree", STRtree(self.polygons))

    def find(self, east: FloatArray, north: FloatArray) -> IndexArray:
        """The number of the area of each point, or -1 for none; arrays of one shape.

        A point on a border belongs to the area with the smallest code of those that touch it.  The engine asks from
        several threads, and prepared polygons do not promise to bear that: one is served at a time.
        """
        with self.one_at_a_time:
            at, area = self.tree.query(shapely.points(east, north))  # by boxes; the polygons are asked next, prepared
            inside = shapely.intersects_xy(self.polygons[area], east[at], north[at])
        found = np.full(len(east), len(self.codes), dtype=np.int64)
        np.minimum.at(found, at[inside], area[inside])
        found[found == len(self.codes)] = -1
        return found


def load_borders(path: Path) -> Borders:
    """Read the layer that `geography import --geometry` writes; GeographyError where it is not that."""
    if not path.is_file():
        raise GeographyError(f"{path.name}: the file is missing in {path.parent.name}")
    try:
        info = pyogrio.read_info(path, layer=LAYER)
        _, _, shapes, (codes,) = pyogrio.raw.read(path, layer=LAYER, columns=["regso"])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError):
        raise GeographyError(f"{path.name}: not a GeoPackage with layer {LAYER} and column regso") from None
    if info["crs"] != SWEREF99TM:
        raise GeographyError(f"{path.name}: borders must be in SWEREF 99 TM ({SWEREF99TM})")
    order = np.argsort(codes.astype(str))
    return Borders(tuple(str(codes[i]) for i in order), shapely.from_wkb(shapes)[order])
