"""Files that are declared: whether they are there, how large, and when they were changed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from publisher.log import utc


def file_state(folder: Path, declared: str) -> dict[str, Any]:
    """A declared file as it stands; `stamp` tells whether it is still the same, and is empty where it is missing."""
    try:
        found = (folder / declared).stat()
    except OSError:
        return {"file": declared, "present": False, "size": 0, "changed_at": "", "stamp": ""}
    changed = utc(datetime.fromtimestamp(found.st_mtime, UTC))
    stamp = f"{found.st_ino}-{found.st_size}-{found.st_mtime_ns}"
    return {"file": declared, "present": True, "size": found.st_size, "changed_at": changed, "stamp": stamp}
