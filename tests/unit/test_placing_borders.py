"""Borders and keys: of the same areas as the register, read whole, and asked alike by one thread or several."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from source_records import CODES, GOOD, INDEX, NAMES, declare, opened

from publisher.errors import GeographyError, SourceError
from publisher.geography.borders import LAYER, SWEREF99TM, Borders, load_borders
from publisher.geography.places import BY_CODE, Places, load_places
from publisher.geography.placing import TELLING, LocatedCases, Placed, locate
from publisher.policy.declarations import GeographyFiles, SourceDeclaration

X, Y = 500_000.0, 6_600_000.0
BY_DESO = declare(placing="deso")
BY_POINT = declare(placing="coordinates", area="", edition="", east="east", north="north")
KEY = {f"{code[:4]}A00{n}0": code for n, code in enumerate(CODES, 1)}


def squares(codes: Sequence[str] = CODES) -> Borders:
    """Squares of 100 m in a row, each touching the next."""
    shapes = [shapely.box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(len(codes))]
    return Borders(tuple(codes), np.array(shapes, dtype=object))


SQUARES = Places({}, squares())
INSIDE, OUTSIDE, SWAPPED, NOWHERE = (X + 50, Y + 50), (X + 50, Y + 500), (Y + 50, X + 50), (None, None)


def write(path: Path, points: Sequence[tuple[float | None, float | None]]) -> None:
    """One good record a point."""
    base = {name: [value] * len(points) for name, value in zip(NAMES, GOOD, strict=True)}
    base |= {"cid": list(range(len(points)))}
    columns = {"east": [p[0] for p in points], "north": [p[1] for p in points]}
    pq.write_table(pa.table({**base, **{k: pa.array(v, pa.float64()) for k, v in columns.items()}}), path)


def placed(
    folder: Path, declaration: SourceDeclaration = BY_POINT, *, places: Places = SQUARES, unknown: str = "refuse"
) -> Placed:
    with opened(folder, declaration) as cases:
        located: LocatedCases = locate(cases, INDEX, unknown_areas=unknown, places=places)
        return located.placed


# Points.

corners = st.tuples(st.integers(0, 6), st.integers(0, 6))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(corners, st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=6), st.data())
def test_a_point_has_the_smallest_code_of_the_areas_that_touch_it(
    boxes: list[tuple[tuple[int, int], int, int]], data: st.DataObject
) -> None:
    """Boxes that overlap, touch and leave gaps, and points on half steps, so that many lie on borders."""
    shapes = [shapely.box(w, s, w + dx, s + dy) for (w, s), dx, dy in boxes]
    borders = Borders(tuple(f"0180R{n:03}" for n in range(len(shapes))), np.array(shapes, dtype=object))
    points = data.draw(st.lists(st.tuples(st.integers(-1, 21), st.integers(-1, 21)), min_size=1, max_size=30))
    east, north = (np.array(axis) / 2 for axis in zip(*points, strict=True))
    expected = [
        next((n for n, ((w, s), dx, dy) in enumerate(boxes) if w <= e <= w + dx and s <= y <= s + dy), -1)
        for e, y in zip(east, north, strict=True)
    ]
    assert borders.find(east, north).tolist() == expected


def test_areas_with_holes_and_parts_are_areas() -> None:
    ring = shapely.Polygon(shapely.box(0, 0, 10, 10).exterior, [shapely.box(4, 4, 6, 6).exterior])
    parts = shapely.MultiPolygon([shapely.box(4, 4, 6, 6), shapely.box(20, 0, 30, 10)])
    borders = Borders(CODES[:2], np.array([ring, parts], dtype=object))
    assert borders.find(np.array([1.0, 5, 25, 15, 4]), np.array([1.0, 5, 5, 5, 5])).tolist() == [0, 1, 1, -1, 0]


def test_no_points_have_no_areas() -> None:
    assert squares().find(np.array([]), np.array([])).tolist() == []


def test_threads_that_ask_together_get_what_one_gets() -> None:
    """Polygons of many corners, whose prepared form builds an index: every thread begins with fresh ones."""
    rng = np.random.default_rng(1)
    angles = np.linspace(0, 2 * np.pi, 400, endpoint=False)

    def star(n: int) -> shapely.Polygon:
        radius = 40 + 15 * rng.random(len(angles))
        return shapely.Polygon(np.column_stack([100 * n + radius * np.cos(angles), radius * np.sin(angles)]))

    shapes = [star(n) for n in range(40)]
    east, north = rng.uniform(-60, 4000, 20_000), rng.uniform(-60, 60, 20_000)
    inside = [shapely.covers(s, shapely.points(east, north)) for s in shapes]
    expected = np.where(np.any(inside, axis=0), np.argmax(inside, axis=0), -1)
    for _ in range(5):
        borders = Borders(tuple(f"0180R{n:03}" for n in range(40)), np.array([*shapes], dtype=object))
        with ThreadPoolExecutor(4) as pool:
            found = [pool.submit(borders.find, east, north) for _ in range(4)]
        assert all((f.result() == expected).all() for f in found)


@pytest.mark.parametrize("unknown", ["refuse", "no-area-stated", "municipality"])
@pytest.mark.parametrize("first_file_good", [True, False])
def test_swapped_axes_are_refused_whatever_is_declared(tmp_path: Path, unknown: str, first_file_good: bool) -> None:
    """Each file is judged by itself: many good files do not hide one that is swapped."""
    points = [SWAPPED] * TELLING + [NOWHERE] * 300 + [INSIDE] * (TELLING - 1)
    declaration = BY_POINT
    write(tmp_path / "cases.parquet", points)
    if first_file_good:
        declaration = declare(
            placing="coordinates", area="", edition="", east="east", north="north",
            files=("good.parquet", "cases.parquet"),
        )  # fmt: skip
        write(tmp_path / "good.parquet", [INSIDE] * 1000)
    with pytest.raises(SourceError, match="are east and north swapped, or in another projection") as caught:
        placed(tmp_path, declaration, unknown=unknown)
    assert (caught.value.file, caught.value.rows) == ("cases.parquet", TELLING)


@pytest.mark.parametrize("points", [
    [OUTSIDE] * (TELLING - 1), [OUTSIDE] * TELLING + [INSIDE] * TELLING,
])  # fmt: skip
def test_few_points_in_the_sea_or_the_half_of_them_are_placed_as_declared(
    tmp_path: Path, points: list[tuple[float, float]]
) -> None:
    write(tmp_path / "cases.parquet", points)
    assert placed(tmp_path, unknown="no-area-stated").unknown == points.count(OUTSIDE)


@pytest.mark.parametrize("names", [("place0", "place1"), ("place1", "place0"), ("leaf", "point")])
def test_columns_of_coordinates_may_have_any_names(tmp_path: Path, names: tuple[str, str]) -> None:
    base = dict(zip(NAMES, ([value] for value in GOOD), strict=True))
    pq.write_table(pa.table({**base, names[0]: [X + 150], names[1]: [Y + 50]}), tmp_path / "cases.parquet")
    declaration = declare(placing="coordinates", area="", edition="", east=names[0], north=names[1])
    with opened(tmp_path, declaration) as cases:
        located = locate(cases, INDEX, unknown_areas="refuse", places=SQUARES)
        assert cases.engine.rows(f"SELECT leaf FROM {located.table}") == [(1,)]


def test_records_at_one_point_are_records_of_their_own(tmp_path: Path) -> None:
    write(tmp_path / "cases.parquet", [INSIDE, OUTSIDE, INSIDE, NOWHERE, NOWHERE, (X + 150, Y + 50), INSIDE])
    found = placed(tmp_path, unknown="no-area-stated")
    assert (found.regso, found.unknown, found.not_stated) == (4, 1, 2)


@pytest.mark.parametrize("far", [1e9, -1e17, 1e30])
def test_a_coordinate_that_is_no_length_on_earth_is_refused(tmp_path: Path, far: float) -> None:
    write(tmp_path / "cases.parquet", [INSIDE, (X, far)])
    with pytest.raises(SourceError, match=r"column north: is no plain finite number \(1 rows\)"):
        placed(tmp_path)


# Files of borders and keys.


def geopackage(path: Path, codes: Sequence[str] = CODES, *, crs: str = SWEREF99TM, layer: str = LAYER) -> None:
    shapes = shapely.to_wkb(squares(sorted(codes)).polygons)
    pyogrio.raw.write(
        path, shapes, [np.array(codes, dtype=object)], ["regso"], layer=layer, driver="GPKG", geometry_type="Polygon",
        crs=crs,
    )  # fmt: skip


def load(folder: Path) -> Places:
    return load_places(BY_POINT, GeographyFiles("e2020", "register.csv", {}, geometry="b.gpkg"), folder)


def test_borders_are_read_in_order_of_code_each_with_its_own_polygon(tmp_path: Path) -> None:
    geopackage(tmp_path / "b.gpkg", CODES[::-1])
    borders = load(tmp_path).borders
    assert borders is not None
    assert borders.codes == CODES
    assert borders.find(np.array([X + 50, X + 350]), np.array([Y + 50] * 2)).tolist() == [3, 0]


@pytest.mark.parametrize(("options", "message"), [
    ({"crs": "EPSG:4326"}, "must be in SWEREF 99 TM"), ({"layer": "areas"}, "not a GeoPackage with layer regso"),
])
def test_borders_of_another_form_are_refused(tmp_path: Path, options: dict[str, str], message: str) -> None:
    geopackage(tmp_path / "b.gpkg", **options)  # type: ignore[arg-type]
    with pytest.raises(GeographyError, match=message):
        load(tmp_path)


def test_borders_that_are_broken_or_missing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GeographyError, match=r"b\.gpkg: the file is missing"):
        load(tmp_path)
    (tmp_path / "b.gpkg").write_bytes(b"no database")
    with pytest.raises(GeographyError, match=r"b\.gpkg: not a GeoPackage"):
        load_borders(tmp_path / "b.gpkg")


@pytest.mark.parametrize("shape", [None, shapely.Point(1, 1), shapely.Polygon(), shapely.LineString([(0, 0), (1, 1)])])
def test_an_area_without_a_polygon_is_refused(shape: shapely.Geometry | None) -> None:
    with pytest.raises(GeographyError, match="0180R002 has no polygon"):
        Borders(CODES[:2], np.array([shapely.box(0, 0, 1, 1), shape], dtype=object))


def test_borders_out_of_order_or_doubled_are_refused() -> None:
    shapes = squares(CODES[:2]).polygons
    for codes in (CODES[1::-1], (CODES[0], CODES[0]), CODES[:1]):
        with pytest.raises(GeographyError, match="unique and in order"):
            Borders(codes, shapes)


MORE = (*CODES, "2280R002")


@pytest.mark.parametrize(("declaration", "places", "counts"), [
    (BY_POINT, Places({}, squares(CODES[:3])), "1 are in the register alone, 0 are not in it"),
    (BY_POINT, Places({}, squares(MORE)), "0 are in the register alone, 1 are not in it"), (BY_POINT, BY_CODE, "4 are"),
    (BY_DESO, Places(dict(list(KEY.items())[1:]), None), "1 are in the register alone, 0 are not in it"),
    (BY_DESO, Places(KEY | {"2280A0050": MORE[-1]}, None), "0 are in the register alone, 1 are not in it"),
    (BY_DESO, BY_CODE, "4 are in the register alone"),
])  # fmt: skip
def test_what_places_records_must_be_of_the_very_areas_of_the_register(
    tmp_path: Path, declaration: SourceDeclaration, places: Places, counts: str
) -> None:
    """Else an area would have no record, and its zeros would look like any other."""
    write(tmp_path / "cases.parquet", [INSIDE])
    with pytest.raises(GeographyError, match=counts):
        placed(tmp_path, declaration, places=places)


def test_a_source_that_has_codes_is_not_placed_by_borders(tmp_path: Path) -> None:
    write(tmp_path / "cases.parquet", [OUTSIDE])
    assert placed(tmp_path, declare(), places=SQUARES).regso == 1
