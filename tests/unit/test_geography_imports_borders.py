"""Imports of borders: GeoJSON, GeoPackage and the answers of a geodata service, in SWEREF 99 TM and checked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer
from scb_files import BOXES, CODES, Imports, boxes, collection, feature, register, ring

from publisher.errors import GeographyError
from publisher.geography.borders import Borders, load_borders
from publisher.geography.imports import fetching

Answer = Callable[[str, dict[str, str]], tuple[int, dict[str, str], bytes]]


@pytest.fixture
def known(tmp_path: Path) -> Imports:
    imports = Imports(tmp_path)
    imports.run(register=register())
    return imports


def borders_of(imports: Imports, edition: str = "regso-2020") -> Borders:
    return load_borders(imports.folder / edition / "borders.gpkg")


def centres() -> tuple[Any, Any]:
    middle = np.array([((w + e) / 2, (s + n) / 2) for w, s, e, n in BOXES.values()])
    return middle[:, 0], middle[:, 1]


def geopackage(path: Path, crs: str = "EPSG:3006", layers: tuple[str, ...] = ("regso",), **columns: list[str]) -> bytes:
    shapes = shapely.to_wkb(shapely.box(*np.array(list(BOXES.values())).T))
    columns = columns or {"regsokod": list(CODES)}
    for n, layer in enumerate(layers):
        pyogrio.raw.write(
            path, shapes, [np.array(c, dtype=object) for c in columns.values()], list(columns), layer=layer,
            driver="GPKG", geometry_type="Polygon", crs=crs, append=n > 0,
        )  # fmt: skip
    return path.read_bytes()


# files


def test_polygons_in_metres_are_taken_as_they_are(known: Imports) -> None:
    known.run(geometry=collection(boxes(*reversed(CODES))))
    borders = borders_of(known)
    assert borders.codes == CODES
    assert [tuple(map(float, p.bounds)) for p in borders.polygons] == [tuple(map(float, b)) for b in BOXES.values()]


def test_longitude_and_latitude_become_metres(known: Imports) -> None:
    turn = Transformer.from_crs("EPSG:3006", "OGC:CRS84", always_xy=True)
    drawn = [feature(c, [[list(turn.transform(*p)) for p in ring(*box)]]) for c, box in BOXES.items()]
    for crs in ("urn:ogc:def:crs:OGC:1.3:CRS84", ""):  # GeoJSON that says nothing is in WGS 84
        known.run(geometry=collection(drawn, crs))
        bounds = shapely.bounds(borders_of(known).polygons)
        assert np.abs(bounds - np.array(list(BOXES.values()))).max() < 0.001


def test_a_geopackage_is_read_whatever_it_is_called(known: Imports, tmp_path: Path) -> None:
    known.run(geometry=geopackage(tmp_path / "scb.gpkg"))
    east, north = centres()
    assert borders_of(known).find(east, north).tolist() == [0, 1, 2, 3]


def test_codes_of_the_own_edition_lose_their_suffix(tmp_path: Path) -> None:
    imports = Imports(tmp_path)
    names = {"regsonamn": "A", "kommunnamn": "B"}
    drawn = [feature(f"{c}_RegSO2025", [ring(*BOXES[c])], **names) for c in CODES]
    imports.run("regso-2025", geometry=collection(drawn))
    assert borders_of(imports, "regso-2025").codes == CODES
    with pytest.raises(GeographyError, match="another edition"):
        imports.run("regso-2020", geometry=collection(drawn))


def test_areas_can_be_named_by_their_polygons(tmp_path: Path) -> None:
    imports = Imports(tmp_path)
    drawn = [feature(c, [ring(*BOXES[c])], regsonamn=f"Namn {c}", kommunnamn=f"Kommun {c[:4]}") for c in CODES]
    imports.run("regso-2025", geometry=collection(drawn))
    assert imports.lines("register.csv", "regso-2025")[3] == (
        "2480R001,Namn 2480R001,2480,Kommun 2480,24,Västerbottens län"
    )
    with pytest.raises(GeographyError, match="has no attributes regsonamn and kommunnamn; import a register first"):
        imports.run("regso-2026", geometry=collection(boxes()))
    drawn[0]["properties"]["regsonamn"] = "=1+1"
    with pytest.raises(GeographyError, match="spreadsheet formula"):
        imports.run("regso-2026", geometry=collection(drawn))


def test_areas_without_a_polygon_and_polygons_with_another_name_are_reported(known: Imports) -> None:
    drawn = [feature("0114R001", [ring(*BOXES["0114R001"])], regsonamn="Annat"), *boxes(*CODES[1:3])]
    report = known.run(geometry=collection(drawn))
    assert report.inputs[0].unmatched == ("2480R001",)
    assert report.inputs[0].notes == ("1 polygons bear another name than the register: 0114R001",)


def test_borders_that_moved_are_reported(known: Imports) -> None:
    assert known.run(geometry=collection(boxes())).changed == ("borders: 4 areas, new",)
    assert known.run(geometry=collection(boxes())).changed == ()
    west, south, east, north = BOXES["0180R001"]
    moved = feature("0180R001", [ring(west, south, east, north + 5)])
    report = known.run(geometry=collection([*boxes(*CODES[:2]), moved]))
    assert report.changed == ("borders changed: 2 (0180R001, 2480R001)",)


def test_a_small_flaw_is_repaired_and_reported(known: Imports) -> None:
    west, south, east, north = BOXES["0114R001"]
    spike = [*ring(west, south, east, north)[:3], [east, north + 400], [east, north], [west, north], [west, south]]
    report = known.run(geometry=collection([feature("0114R001", [spike]), *boxes(*CODES[1:])]))
    assert report.inputs[0].notes == ("1 polygons repaired: 0114R001",)
    polygon = borders_of(known).polygons[0]
    assert polygon.is_valid
    assert polygon.area == pytest.approx((east - west) * (north - south))


def test_a_flaw_whose_repair_would_change_the_area_is_refused(known: Imports) -> None:
    west, south, east, north = BOXES["0114R001"]
    bow = [[west, south], [east, north], [east, south], [west, north], [west, south]]
    with pytest.raises(GeographyError, match="0114R001: its polygon is not valid, and repairing it would change"):
        known.run(geometry=collection([feature("0114R001", [bow]), *boxes(*CODES[1:])]))
    lobe = [[west, south], [east, south], [east, north], [west + 300, north], [west, north + 300], [west, north - 200],
            [west + 300, north + 300], [west, south]]  # fmt: skip
    assert not shapely.Polygon(lobe).is_valid
    with pytest.raises(GeographyError, match="repairing it would change"):
        known.run(geometry=collection([feature("0114R001", [lobe]), *boxes(*CODES[1:])]))


def point(code: str) -> dict[str, Any]:
    return feature(code, []) | {"geometry": {"type": "Point", "coordinates": [660_000, 6_600_000]}}


def swapped(code: str) -> dict[str, Any]:
    return feature(code, [[[n, e] for e, n in ring(*BOXES[code])]])


BOX = [ring(*BOXES["0180R001"])]


@pytest.mark.parametrize(("content", "rule"), [
    (collection([*boxes(), *boxes("0180R001")]), "0180R001 has two polygons"),
    (collection([feature("0180R077", BOX)]), "1 areas are not in the register of regso-2020: 0180R077"),
    (collection([point("0180R001")]), "a feature is no polygon"),
    (collection([feature("0180R001", [])]), "a feature is no polygon"),
    (collection([swapped("0180R001")]), "do not lie in Sweden"),
    (collection(boxes(), "EPSG:4326"), "do not lie in Sweden"),
    (collection(boxes(), "EPSG:99999"), "EPSG:99999, which is not known"),
    (collection([]), "has no features"),
    (collection([feature("180R001", BOX)]), "no RegSO code"),
    (collection([feature("0180R001", BOX) | {"properties": {"a": "b"}}]), "no text attribute"),
    (collection([feature("0180R001", BOX) | {"geometry": None}]), "geometry"),
    (collection([feature("0180R001", BOX) | {"properties": None}]), "or attributes"),
    (collection(boxes(), numberMatched=9), "the answer says 9 features and gave 4"),
    ({"type": "Feature"}, "is no GeoJSON feature collection"),
    ("regsokod,x", "is neither GeoJSON nor GeoPackage"),
    (b"SQLite format 3\x00rubbish", "is no readable GeoPackage"),
])  # fmt: skip
def test_borders_that_do_not_fit_are_refused(known: Imports, content: Any, rule: str) -> None:
    before = known.everything()
    with pytest.raises(GeographyError, match=rule):
        known.run(geometry=content)
    assert known.everything() == before


def test_a_geopackage_of_several_layers_is_refused(known: Imports, tmp_path: Path) -> None:
    with pytest.raises(GeographyError, match="has 2 layers"):
        known.run(geometry=geopackage(tmp_path / "two.gpkg", layers=("a", "b")))


# addresses


@contextmanager
def service(answer: Answer) -> Iterator[str]:
    """A local service; its address, to which the answer may refer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            code, headers, body = answer(parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()})
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def page(features: list[dict[str, Any]], **more: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps(collection(features, **more)).encode()


def test_an_answer_in_one_page_is_read(known: Imports) -> None:
    with service(lambda path, query: page(boxes(), numberMatched=4, numberReturned=4)) as address:
        report = known.run(geometry=f"{address}/geoserver/wfs?request=GetFeature&key=hidden")
    assert report.inputs[0].file == "127.0.0.1/geoserver/wfs"
    assert "hidden" not in known.text("import.json")
    assert borders_of(known).codes == CODES


def test_an_answer_in_pages_is_read_by_start_index(known: Imports) -> None:
    asked = []

    def answer(path: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        asked.append(query)
        start = int(query.get("startIndex", 0))
        return page(boxes()[start : start + 2], numberMatched=4)

    with service(answer) as address:
        known.run(geometry=f"{address}/wfs?typeName=stat:RegSO")
    assert asked == [{"typeName": "stat:RegSO"}, {"typeName": "stat:RegSO", "startIndex": "2"}]
    assert borders_of(known).codes == CODES


def test_an_answer_in_pages_is_read_by_its_links(known: Imports) -> None:
    def answer(path: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        at = int(path.removeprefix("/page"))
        return page(boxes()[at : at + 1], links=[{"rel": "next", "href": f"/page{at + 1}"}] if at < 3 else [])

    with service(answer) as address:
        known.run(geometry=f"{address}/page0")
    assert borders_of(known).codes == CODES


@pytest.mark.parametrize(("answer", "rule"), [
    (lambda path, query: page(boxes()[:2], numberMatched=4), "has two polygons"),
    (lambda path, query: page([] if "startIndex" in query else boxes()[:2], numberMatched=4), "4 features and gave 2"),
    (lambda path, query: page(boxes(), links=[{"rel": "next", "href": "http://other.invalid/x"}]), "another host"),
    (lambda path, query: page(boxes(), links=[{"rel": "next", "href": "file:///etc/passwd"}]), "another host"),
    (lambda path, query: page(boxes(), links=[{"rel": "next", "href": "/x"}]), "more than 3 pages"),
    (lambda path, query: (302, {"Location": "http://other.invalid/x"}, b""), "sends on to another host"),
    (lambda path, query: (302, {"Location": "ftp://127.0.0.1/x"}, b""), "gave no answer"),
    (lambda path, query: (500, {}, b"no"), r"gave no answer \(HTTPError\)"),
    (lambda path, query: (200, {"Content-Length": "100"}, b"{}"), "broke off"),
    (lambda path, query: (200, {}, b"x" * 100_001), "larger than 100000 bytes"),
    (lambda path, query: (200, {}, b"<ServiceException/>"), "is neither GeoJSON nor GeoPackage"),
    (lambda path, query: page(boxes(), crs="EPSG:3006" if query else "EPSG:3021",
                              links=[] if query else [{"rel": "next", "href": "?x=1"}]), "several systems"),
])  # fmt: skip
def test_an_answer_that_is_not_whole_or_not_its_own_is_refused(
    known: Imports, monkeypatch: pytest.MonkeyPatch, answer: Answer, rule: str
) -> None:
    monkeypatch.setattr("publisher.geography.imports.features.MOST_PAGES", 3)
    monkeypatch.setattr("publisher.geography.imports.features.MOST_BYTES", 100_000)
    with service(answer) as address, pytest.raises(GeographyError, match=rule):
        known.run(geometry=f"{address}/wfs")
    assert "borders.gpkg" not in known.everything()


def test_a_service_that_is_silent_is_given_up(known: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TIMEOUT", 0.2)
    done = threading.Event()

    def answer(path: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        done.wait(5)
        return page(boxes())

    with service(answer) as address:
        with pytest.raises(GeographyError, match="gave no answer"):
            known.run(geometry=f"{address}/wfs")
        done.set()


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_other_kinds_of_addresses_are_refused(known: Imports, address: str) -> None:
    with pytest.raises(GeographyError, match="only http and https"):
        known.run(geometry=address)


def test_nobody_who_answers_is_not_there(known: Imports) -> None:
    with service(lambda path, query: page(boxes())) as address:
        pass
    with pytest.raises(GeographyError, match="gave no answer"):
        known.run(geometry=f"{address}/wfs")
