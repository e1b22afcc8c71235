"""A hand-drawn outline with the look of Sweden, and where its counties lie.  Degrees, WGS 84, roughly true.

Drawn for the synthetic country: no national border or coastline should be read from it.  The plane used for
distances halves the longitudes, which at these latitudes is close enough to kilometres being alike both ways.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Coordinates, shape (n, 2): longitude and latitude in degrees, or x and y in the plane."""

PLANE = np.array([0.5, 1.0])
"""Degrees to the plane: x = longitude / 2, y = latitude."""

WEST_COAST = (
    (11.15, 58.98), (11.25, 58.60), (11.22, 58.35), (11.45, 58.10), (11.68, 57.85), (11.86, 57.64), (11.98, 57.38),
    (12.18, 57.12), (12.48, 56.88), (12.75, 56.62), (12.90, 56.44), (12.62, 56.41), (12.50, 56.28), (12.78, 56.20),
    (12.62, 56.05), (12.86, 55.80), (12.98, 55.60), (12.86, 55.41), (13.18, 55.34),
)  # fmt: skip
SOUTH_AND_EAST_COAST = (
    (13.80, 55.42), (14.20, 55.39), (14.35, 55.56), (14.24, 55.85), (14.60, 56.02), (14.88, 56.14), (15.35, 56.14),
    (15.78, 56.11), (16.02, 56.12), (16.12, 56.45), (16.34, 56.70), (16.48, 57.05), (16.65, 57.40), (16.68, 57.75),
    (16.76, 58.10), (16.88, 58.42), (17.20, 58.66), (17.62, 58.78), (18.02, 58.93), (18.42, 59.14), (18.82, 59.36),
    (19.02, 59.72), (18.82, 60.02), (18.60, 60.22), (18.18, 60.40), (17.72, 60.60), (17.26, 60.70), (17.22, 61.02),
    (17.14, 61.40), (17.22, 61.75), (17.46, 62.10), (17.40, 62.36), (17.78, 62.56), (18.06, 62.76), (18.62, 63.06),
    (19.04, 63.24), (19.52, 63.45), (20.24, 63.66), (20.52, 63.86), (20.94, 64.12), (21.32, 64.40), (21.42, 64.72),
    (21.38, 65.02), (21.62, 65.30), (22.12, 65.52), (22.62, 65.76), (23.30, 65.80), (24.14, 65.80),
)  # fmt: skip
NORTH_AND_WEST_BORDER = (
    (23.86, 66.20), (23.70, 66.60), (23.96, 67.10), (23.52, 67.46), (23.60, 67.92), (22.82, 68.26), (21.92, 68.50),
    (20.92, 68.90), (20.56, 69.05), (20.10, 68.54), (19.90, 68.36), (18.42, 68.54), (18.14, 68.18), (17.30, 68.10),
    (16.72, 67.90), (16.40, 67.52), (16.12, 67.20), (16.36, 67.02), (15.48, 66.30), (15.40, 66.08), (14.54, 65.70),
    (14.58, 65.30), (14.32, 65.08), (13.94, 64.50), (14.12, 64.20), (13.20, 64.02), (12.70, 63.92), (12.16, 63.60),
    (12.02, 63.30), (12.20, 63.02), (12.12, 62.60), (12.28, 62.24), (12.16, 61.72), (12.84, 61.36), (12.32, 61.02),
    (12.60, 60.54), (12.50, 60.20), (11.86, 59.86), (11.72, 59.50), (11.76, 59.10), (11.46, 58.90),
)  # fmt: skip
ISLAND = (
    (18.16, 56.92), (18.40, 57.12), (18.76, 57.30), (18.84, 57.48), (18.92, 57.72), (19.30, 57.96), (18.88, 57.92),
    (18.40, 57.72), (18.16, 57.56), (18.10, 57.28),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class County:
    """A county: real code and name (public facts), a centre in degrees, how many municipalities, and its weight.

    `pull`: how many times the usual number of areas its main municipality has room for, so that three cities stand out.
    """

    code: str
    name: str
    centre: tuple[float, float]
    municipalities: int
    pull: float = 1.0

    def __post_init__(self) -> None:
        if len(self.code) != 2 or not self.code.isdecimal():
            raise ValueError("a county code is two digits")
        if not 1 <= self.municipalities <= 80 or not self.pull > 0:
            raise ValueError(f"county {self.code}: between 1 and 80 municipalities, and a pull above 0")


COUNTIES = (
    County("01", "Stockholms län", (18.05, 59.35), 26, 4.0),
    County("03", "Uppsala län", (17.65, 60.05), 8),
    County("04", "Södermanlands län", (16.75, 59.05), 9),
    County("05", "Östergötlands län", (15.65, 58.35), 13),
    County("06", "Jönköpings län", (14.25, 57.60), 13),
    County("07", "Kronobergs län", (14.60, 56.80), 8),
    County("08", "Kalmar län", (16.20, 56.85), 12),
    County("09", "Gotlands län", (18.60, 57.50), 1),
    County("10", "Blekinge län", (14.95, 56.30), 5),
    County("12", "Skåne län", (13.55, 55.85), 33, 3.0),
    County("13", "Hallands län", (12.75, 56.95), 6),
    County("14", "Västra Götalands län", (12.55, 58.10), 49, 3.5),
    County("17", "Värmlands län", (13.15, 59.80), 16),
    County("18", "Örebro län", (15.00, 59.35), 12),
    County("19", "Västmanlands län", (16.25, 59.70), 10),
    County("20", "Dalarnas län", (14.30, 60.95), 15),
    County("21", "Gävleborgs län", (16.50, 61.30), 10),
    County("22", "Västernorrlands län", (17.40, 63.00), 7),
    County("23", "Jämtlands län", (14.30, 63.30), 8),
    County("24", "Västerbottens län", (18.00, 64.90), 15),
    County("25", "Norrbottens län", (20.50, 67.00), 14),
)


def outline() -> shapely.MultiPolygon:
    """The mainland and one island, in degrees."""
    mainland = shapely.Polygon([*WEST_COAST, *SOUTH_AND_EAST_COAST, *NORTH_AND_WEST_BORDER])
    return shapely.MultiPolygon([mainland, shapely.Polygon(ISLAND)])
