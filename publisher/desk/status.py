"""Status files: what the scheduler process tells the officer's site.  Each is one JSON object, written whole."""

import json
from pathlib import Path
from typing import Any

from publisher.desk.folder import Desk
from publisher.files import write_atomically

NAMES = ("scheduler", "policies", "runs", "releases", "account", "log", "sources", "geography")
"""scheduler: heartbeat, pauses, what runs, what comes next.  policies: in force.  account: of privacy loss."""


def write_status(desk: Desk, name: str, content: dict[str, Any]) -> bool:
    """Replace a status file where its content has changed; returns whether it had."""
    data = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1).encode()
    path = _path(desk, name)
    if path.exists() and path.read_bytes() == data:
        return False
    write_atomically(path, data, mode=0o600)
    return True


def read_status(desk: Desk, name: str) -> dict[str, Any]:
    """A status file; empty where the scheduler process has not written it yet."""
    try:
        content: dict[str, Any] = json.loads(_path(desk, name).read_bytes())
    except FileNotFoundError:
        return {}
    return content


def _path(desk: Desk, name: str) -> Path:
    if name not in NAMES:
        raise ValueError(f"no status file is named {name}")
    return desk.status / f"{name}.json"
