"""Outlines of municipalities and counties for the officer's maps, as the scheduler process leaves them."""

import json
import re
from pathlib import Path
from typing import Any

from publisher.desk.folder import Desk

_EDITION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}")


def shapes_path(desk: Desk, edition: str) -> Path:
    """Where the outlines of an edition of areas stand; ValueError for what is no name of one."""
    if not _EDITION.fullmatch(edition):
        raise ValueError("this is no name of an edition")
    return desk.status / f"shapes-{edition}.json"


def read_shapes(desk: Desk, edition: str) -> dict[str, Any]:
    """`width`, `height`, and by `kommun` and `lan` an SVG path of each code; empty where there are none."""
    try:
        content: dict[str, Any] = json.loads(shapes_path(desk, edition).read_bytes())
    except FileNotFoundError:
        return {}
    return content
