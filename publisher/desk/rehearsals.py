"""Results of rehearsals in the officer's folder: as sensitive as the records, for the owner alone, and soon gone."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from publisher.desk.folder import Desk
from publisher.files import write_atomically
from publisher.log import utc

LIFETIME = timedelta(days=7)


def write_result(desk: Desk, number: int, content: dict[str, Any], *, now: datetime) -> None:
    """Keep the result of a request until its time is over; `made_at` and `expires_at` are added."""
    whole = {"request": number, **content, "made_at": utc(now), "expires_at": utc(now + LIFETIME)}
    data = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
    write_atomically(_path(desk, number), data, mode=0o600)


def read_result(desk: Desk, number: int, *, now: datetime) -> dict[str, Any] | None:
    """The result of a request, or None where there is none, or none any more."""
    try:
        content: dict[str, Any] = json.loads(_path(desk, number).read_bytes())
    except FileNotFoundError:
        return None
    return content if utc(now) < content["expires_at"] else None


def expire(desk: Desk, now: datetime) -> list[int]:
    """Remove the results whose time is over, and what cannot be read; returns their requests."""
    gone = [int(p.stem) for p in sorted(desk.rehearsals.glob("[0-9]*.json")) if _is_over(p, now)]
    for number in gone:
        _path(desk, number).unlink(missing_ok=True)
    return gone


def _is_over(path: Path, now: datetime) -> bool:
    try:
        return bool(json.loads(path.read_bytes())["expires_at"] <= utc(now))
    except (ValueError, KeyError, TypeError):
        return True


def _path(desk: Desk, number: int) -> Path:
    return desk.rehearsals / f"{number:d}.json"
