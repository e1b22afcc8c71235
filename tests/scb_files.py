"""Small files of the shapes that SCB gives, of four made-up areas, and an import of them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from publisher.geography.imports import ImportReport, ImportRequest, import_geography

AT = "2026-01-01T00:00:00Z"
HEADER = "regsokod,regsonamn,kommunkod,kommunnamn,lanskod,lansnamn"
AREAS = (
    "0114R001,Centrum,0114,Upplands Väsby,01,Stockholms län",
    "0114R002,Norra,0114,Upplands Väsby,01,Stockholms län",
    "0180R001,Centrum,0180,Stockholm,01,Stockholms län",
    "2480R001,Ersboda (östra),2480,Umeå,24,Västerbottens län",
)
CODES = tuple(row[:8] for row in AREAS)
NAMES = ("Upplands Väsby (Centrum)", "Upplands Väsby (Norra)", "Stockholm (Centrum)", "Umeå (Ersboda (östra))")
BOXES = {code: (660_000 + 2_000 * i, 6_600_000, 662_000 + 2_000 * i, 6_602_000) for i, code in enumerate(CODES)}
"""West, south, east, north of each area, EPSG:3006."""


def register(*rows: str, header: str = HEADER) -> str:
    return "\r\n".join([header, *(rows or AREAS)]) + "\r\n"


class Imports:
    """Files given by content, and imports of them into one folder."""

    def __init__(self, root: Path) -> None:
        self.given, self.folder = root / "given", root / "geography"
        self.given.mkdir(parents=True)

    def file(self, name: str, content: str | bytes | dict[str, Any]) -> str:
        data = json.dumps(content) if isinstance(content, dict) else content
        (self.given / name).write_bytes(data if isinstance(data, bytes) else data.encode())
        return str(self.given / name)

    def run(self, edition: str = "regso-2020", *, year: int | None = None, **content: Any) -> ImportReport:
        """An import of files of these contents; one that begins with http is an address."""
        sources = {
            kind: c if isinstance(c, str) and c.startswith(("http", "ftp", "file")) else self.file(f"{kind}.given", c)
            for kind, c in content.items()
        }
        request = ImportRequest(edition, year=year, **sources)
        return import_geography(request, self.folder, at=AT, say=lambda _: None)

    def text(self, name: str, edition: str = "regso-2020") -> str:
        return (self.folder / edition / name).read_text(encoding="utf-8")

    def lines(self, name: str, edition: str = "regso-2020") -> list[str]:
        return self.text(name, edition).splitlines()[1:]

    def everything(self, edition: str = "regso-2020") -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in sorted((self.folder / edition).iterdir())}


def ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(code: str, rings: Sequence[Sequence[Sequence[float]]], **properties: str) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": rings}
    return {"type": "Feature", "properties": {"regsokod": code, **properties}, "geometry": geometry}


def collection(features: Sequence[dict[str, Any]], crs: str = "EPSG:3006", **more: Any) -> dict[str, Any]:
    stated = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    return {"type": "FeatureCollection", **stated, **more, "features": list(features)}


def boxes(*codes: str) -> list[dict[str, Any]]:
    return [feature(code, [ring(*BOXES[code])]) for code in codes or CODES]
