"""Outlines of municipalities and counties: small, joined without gaps, drawn anew only where the borders changed."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import shapely
from homes import NOW, ROOT

from publisher.demo import DemoRequest, run_demo
from publisher.desk.folder import Desk
from publisher.desk.shapes import read_shapes, shapes_path
from publisher.errors import RunError
from publisher.geography.borders import Borders
from publisher.geography.files import load_register
from publisher.geography.imports.borders import borders_bytes, read_borders
from publisher.geography.shapes import HEIGHT, draw, path_of, write_shapes
from publisher.home import Home
from publisher.policy.declarations import Settings
from publisher.settings import load_settings
from publisher.synthetic.country import CountryShape, make_country
from publisher.synthetic.files import write_areas_geojson

KM = 1000.0


def square(east: float, north: float, side: float = 10) -> shapely.Polygon:
    return shapely.box(east * KM, north * KM, (east + side) * KM, (north + side) * KM)


def borders(**shapes: shapely.Geometry) -> Borders:
    codes = sorted(shapes)
    return Borders(tuple(c.removeprefix("c") for c in codes), np.array([shapes[c] for c in codes], dtype=object))


FOUR = borders(c0101R001=square(0, 0), c0101R002=square(10, 0), c0102R001=square(0, 10), c0201R001=square(10, 10))


def rings_of(path: str) -> list[shapely.Polygon]:
    """The rings of a path, walked from their first points."""
    found = []
    for ring in re.findall(r"M([^z]*)z", path):
        points = [[int(n) for n in point.split(",")] for point in ring.replace("l", " ").split()]
        found.append(shapely.Polygon(np.cumsum(np.array(points), axis=0)))
    return found


def area_of(path: str) -> float:
    """The area of a path's rings, added up."""
    return sum(ring.area for ring in rings_of(path))


def test_regso_are_dissolved_into_municipalities_and_counties_in_one_plane() -> None:
    drawn = draw(FOUR)
    assert (drawn["width"], drawn["height"]) == (HEIGHT, HEIGHT)
    kommun, lan = drawn["kommun"], drawn["lan"]
    assert set(kommun) == {"0101", "0102", "0201"}
    assert set(lan) == {"01", "02"}
    assert area_of(kommun["0101"]) == HEIGHT**2 / 2
    assert area_of(lan["01"]) == 3 * HEIGHT**2 / 4
    assert rings_of(kommun["0102"])[0].bounds == (0, 0, HEIGHT / 2, HEIGHT / 2), "north is up"


def test_small_islands_are_left_out_but_never_a_whole_area() -> None:
    island = shapely.MultiPolygon([shapely.box(0, 0, 50, 50), shapely.box(100, 100, 101, 101)])
    assert path_of(island).count("M") == 1
    assert path_of(shapely.box(0, 0, 1, 1)).count("M") == 1
    ring = shapely.Polygon(shapely.box(0, 0, 50, 50).exterior.coords, [shapely.box(9, 9, 20, 20).exterior.coords])
    assert path_of(ring).count("M") == 2


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The borders of the synthetic country as the demo declares them."""
    path = tmp_path_factory.mktemp("country") / "regso.geojson"
    write_areas_geojson(path, make_country(CountryShape(), 20220428, (2022,)))
    return borders_bytes(read_borders(str(path), "regso-2020")[0].borders)


@pytest.fixture
def settings(tmp_path: Path, country: bytes) -> Settings:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "borders.gpkg").write_bytes(country)
    (tmp_path / "publisher.toml").write_bytes((ROOT / "publisher" / "demo.toml").read_bytes())
    return load_settings(tmp_path / "publisher.toml")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "officer")
    made.create()
    return made


def test_a_whole_country_is_small_and_every_municipality_has_its_outline(desk: Desk, settings: Settings) -> None:
    assert write_shapes(desk, settings) == ("regso-2020",)
    path = shapes_path(desk, "regso-2020")
    assert path.stat().st_size < 300_000
    assert path.stat().st_mode & 0o777 == 0o600
    shapes = read_shapes(desk, "regso-2020")
    assert (len(shapes["kommun"]), len(shapes["lan"])) == (290, 21)
    form = r"(M\d+,\d+l(-?\d+,-?\d+ ?)+z)+"
    assert all(re.fullmatch(form, p) for p in (*shapes["kommun"].values(), *shapes["lan"].values()))
    points = [p.count(" ") for p in shapes["kommun"].values()]
    assert max(points) < 100
    covered = sum(area_of(p) for p in shapes["kommun"].values())
    assert covered == pytest.approx(sum(area_of(p) for p in shapes["lan"].values()), rel=0.01)


def test_the_demo_declares_its_borders_so_that_it_has_a_map(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with pytest.raises(RunError, match="no policy files"):  # the country is made before policies are looked for
        run_demo(home, DemoRequest(0.001, 20220428, tmp_path), now=NOW, say=lambda _: None)
    assert write_shapes(home.desk, home.settings()) == ("regso-2020",)
    register = load_register(home.settings().geography["regso-2020"], home.root)
    assert set(read_shapes(home.desk, "regso-2020")["kommun"]) == set(register.municipalities)


def test_outlines_are_drawn_anew_only_where_the_declared_file_changed(desk: Desk, settings: Settings) -> None:
    write_shapes(desk, settings)
    before = shapes_path(desk, "regso-2020").read_bytes()
    assert write_shapes(desk, settings) == ()
    (settings.folder / "data" / "borders.gpkg").write_bytes(borders_bytes(FOUR))
    assert write_shapes(desk, settings) == ("regso-2020",)
    assert shapes_path(desk, "regso-2020").read_bytes() != before
    assert set(json.loads(shapes_path(desk, "regso-2020").read_bytes())["kommun"]) == {"0101", "0102", "0201"}


def test_borders_that_are_not_there_are_no_error(desk: Desk, settings: Settings) -> None:
    (settings.folder / "data" / "borders.gpkg").unlink()
    assert write_shapes(desk, settings) == ()
    assert read_shapes(desk, "regso-2020") == {}


@pytest.mark.parametrize("edition", ["../publisher", "", "a/b", ".x"])
def test_an_edition_leads_nowhere_else(desk: Desk, edition: str) -> None:
    with pytest.raises(ValueError, match="no name of an edition"):
        read_shapes(desk, edition)
