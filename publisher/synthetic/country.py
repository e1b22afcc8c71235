"""The areas of the synthetic country: how many, where, what they are called, how hard the conditions are.

The shape follows what is public about the real areas: 21 counties, 290 municipalities with a skewed number of RegSO
(some have one), 3 363 RegSO of 650 to 20 000 inhabitants, and five area types with few areas at the ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from publisher.synthetic.names import area_names, municipality_names
from publisher.synthetic.outline import COUNTIES, PLANE, County, Points, outline
from publisher.synthetic.tessellation import Place, divide, lay_on_grid, scatter

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

MAIN_CODE = "80"
"""Last digits of the municipality with the county town, as in the real codes."""


@dataclass(frozen=True, slots=True)
class CountryShape:
    """What a country looks like before chance has its say.  `type_shares`: areas of type 1 to 5, in proportion."""

    counties: tuple[County, ...] = COUNTIES
    outline: Place = field(default_factory=outline)
    areas: int = 3363
    largest: int = 130
    type_shares: tuple[int, int, int, int, int] = (160, 289, 855, 1770, 289)
    repeated_names: int = 16

    def __post_init__(self) -> None:
        codes = [c.code for c in self.counties]
        if not codes or codes != sorted(set(codes)):
            raise ValueError("county codes must be unique and in order")
        municipalities = sum(c.municipalities for c in self.counties)
        if not municipalities <= self.areas <= municipalities * min(self.largest, 999):
            raise ValueError("every municipality needs at least one area, and at most `largest` of them")
        if min(self.type_shares) < 0 or sum(self.type_shares) < 1:
            raise ValueError("type_shares must be counts")
        if not all(shapely.contains_xy(self.outline, *c.centre) for c in self.counties):
            raise ValueError("a county centre lies outside the outline")


@dataclass(frozen=True, slots=True, eq=False)
class Municipality:
    """A municipality: `first` and `size` are its run of areas in the order of codes."""

    code: str
    name: str
    county: County
    first: int
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Country:
    """All areas in order of code.  Arrays have shape (areas,).

    `home`: index of the municipality; `types[year]`: 1 to 5; `inhabitants`: unscaled, in the last year asked for;
    `polygons`: in degrees.
    """

    municipalities: tuple[Municipality, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    home: IntArray
    types: Mapping[int, IntArray]
    inhabitants: IntArray
    polygons: tuple[Place, ...]

    def __post_init__(self) -> None:
        lengths = {len(x) for x in (self.codes, self.names, self.home, self.inhabitants, self.polygons)}
        lengths |= {len(t) for t in self.types.values()}
        if lengths != {sum(m.size for m in self.municipalities)}:
            raise ValueError("the columns of a country must have one entry an area")
        if list(self.codes) != sorted(set(self.codes)):
            raise ValueError("area codes must be unique and in order")

    @property
    def last_types(self) -> IntArray:
        """Types of the last type year."""
        return self.types[max(self.types)]

    def types_for(self, year: int) -> IntArray:
        """Types in force in `year`: those of the latest type year up to it, or of the first where there is none."""
        earlier = [y for y in self.types if y <= year]
        return self.types[max(earlier) if earlier else min(self.types)]


def make_country(shape: CountryShape, seed: int, type_years: tuple[int, ...]) -> Country:
    """The country of `seed`; the same whatever is drawn about its people.  ValueError for no or doubled type years."""
    if not type_years or len(set(type_years)) != len(type_years):
        raise ValueError("type_years must be different years, at least one")
    municipalities = plan_municipalities(shape, np.random.default_rng([seed, 1]))
    sizes = [m.size for m in municipalities]
    home = np.repeat(np.arange(len(municipalities)), sizes)
    polygons, offset = _place(shape, municipalities, np.random.default_rng([seed, 2]))
    rng = np.random.default_rng([seed, 3])
    scores = _scores(rng, home, offset)
    return Country(
        municipalities=municipalities,
        codes=tuple(f"{m.code}R{j:03d}" for m in municipalities for j in range(1, m.size + 1)),
        names=area_names(np.random.default_rng([seed, 4]), sizes, shape.repeated_names),
        home=home,
        types=_dated_types(rng, scores, shape.type_shares, type_years),
        inhabitants=np.clip(rng.lognormal(np.log(2850), 0.42, len(home)), 650, 20000).astype(np.int64),
        polygons=polygons,
    )


def plan_municipalities(shape: CountryShape, rng: np.random.Generator) -> tuple[Municipality, ...]:
    """Codes, names and numbers of areas, in order of code; the main one of a county comes last in it."""
    county = [c for c in shape.counties for _ in range(c.municipalities)]
    codes = [c.code + two for c in shape.counties for two in _two_digits(c.municipalities)]
    names = municipality_names(rng, len(codes))
    sizes = 1 + apportion(_weights(shape, rng), shape.areas - len(codes))
    first = np.cumsum(sizes) - sizes
    columns = zip(codes, names, county, first.tolist(), sizes.tolist(), strict=True)
    return tuple(Municipality(*row) for row in columns)


def _two_digits(count: int) -> list[str]:
    return [*(f"{k:02d}" for k in range(1, count)), MAIN_CODE]


def _weights(shape: CountryShape, rng: np.random.Generator) -> FloatArray:
    """A heavy tail, so that most municipalities are small; the largest weight of a county goes to its main one."""
    counts = [c.municipalities for c in shape.counties]
    parts = np.split(np.clip(rng.lognormal(-0.4, 1.0, sum(counts)) - 0.08, 0.0, 4.0), np.cumsum(counts)[:-1])
    for part, county in zip(parts, shape.counties, strict=True):
        top = int(part.argmax())
        part[[top, -1]] = part[[-1, top]]
        part[-1] = (part[-1] + 0.5) * county.pull
    weights = np.concatenate(parts)
    rest = shape.areas - sum(counts)
    for _ in range(60):  # a cap shifts what is above it to the others, who may then reach it too
        weights = np.minimum(weights, weights.sum() * (shape.largest - 2) / max(rest, 1))
    return weights


def apportion(weights: FloatArray, total: int | IntArray, offset: float | FloatArray = 0.5) -> IntArray:
    """`total` in whole parts proportional to `weights` along the last axis: cumulative sums are rounded.

    `total` and `offset` have the shape of `weights` without its last axis.  Parts are within 1 of their exact share and
    add up.  A random offset within [0, 1) makes them right on average too (systematic sampling), however small.
    """
    edges = np.cumsum(weights, axis=-1)
    scaled = edges / edges[..., -1:] * np.asarray(total)[..., None] + np.asarray(offset)[..., None]
    parts: IntArray = np.diff(np.floor(scaled).astype(np.int64), axis=-1, prepend=0)
    return parts


def _place(
    shape: CountryShape, municipalities: tuple[Municipality, ...], rng: np.random.Generator
) -> tuple[tuple[Place, ...], Points]:
    """Polygons in degrees, and each area's place relative to its municipality's centre (in its own spread)."""
    whole = shapely.transform(shape.outline, lambda p: p * PLANE)
    centres = np.array([c.centre for c in shape.counties]) * PLANE
    parts: list[Place] = []
    offsets: list[Points] = []
    for county, place, centre in zip(shape.counties, divide(whole, centres), centres, strict=True):
        members = [m for m in municipalities if m.county.code == county.code]
        around = scatter(rng, place, len(members) - 1, centre, 0.35 * np.sqrt(place.area))
        seeds = np.concatenate([around, centre[None, :]])
        for member, land, seed in zip(members, divide(place, seeds), seeds, strict=True):
            polygons, offset = _place_areas(rng, member, land, seed)
            parts += polygons
            offsets.append(offset)
    return tuple(lay_on_grid(list(shapely.transform(np.array(parts), lambda p: p / PLANE)))), np.concatenate(offsets)


def _place_areas(
    rng: np.random.Generator, member: Municipality, land: Place, seed: Points
) -> tuple[list[Place], Points]:
    """The areas of one municipality, nearest to its centre first."""
    spread = 0.01 + 0.006 * np.sqrt(member.size)
    points = scatter(rng, land, member.size, seed, spread)
    points = points[np.argsort(np.hypot(*(points - seed).T), kind="stable")]
    return divide(land, points), (points - seed) / spread


def _scores(rng: np.random.Generator, home: IntArray, offset: Points) -> FloatArray:
    """Conditions of each area, low is hard: alike within a municipality, and better to one side of it."""
    tilt = rng.normal(0, 0.55, home.max() + 1)[home]
    slope = rng.normal(0, 0.6, (home.max() + 1, 2))[home]
    near = offset / np.maximum(1.0, np.hypot(offset[:, 0], offset[:, 1]))[:, None]
    return np.asarray(tilt + (slope * near).sum(axis=1) + rng.normal(0, 0.55, len(home)))


def _dated_types(
    rng: np.random.Generator, scores: FloatArray, shares: tuple[int, ...], years: tuple[int, ...]
) -> dict[int, IntArray]:
    """Types by year, from the last year backwards: most areas keep theirs, the others move one step."""
    out: dict[int, IntArray] = {}
    later = _cut(scores, shares)
    for year in sorted(years, reverse=True):
        out[year] = later
        scores = scores + rng.normal(0, 0.06, len(scores))
        later = np.clip(_cut(scores, shares), later - 1, later + 1)
    return dict(sorted(out.items()))


def _cut(scores: FloatArray, shares: tuple[int, ...]) -> IntArray:
    """Type 1 for the lowest scores, and so on, in the proportions of `shares`."""
    counts = apportion(np.array(shares, dtype=np.float64), len(scores))
    types = np.empty(len(scores), dtype=np.int64)
    types[np.argsort(scores, kind="stable")] = np.repeat(np.arange(1, len(shares) + 1), counts)
    return types
