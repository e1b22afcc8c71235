"""Locks between processes, by files: given back by the system when a process ends, however it ends."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from publisher.errors import RunError

_EVERY = 0.05


@contextmanager
def locked(path: Path, *, refusal: str, patience: float = 0.0) -> Iterator[None]:
    """Hold a lock; RunError with `refusal` where another process still holds it after `patience` seconds."""
    with path.open("a") as handle:
        until = time.monotonic() + patience
        while not _taken(handle.fileno()):
            if time.monotonic() >= until:
                raise RunError(refusal)
            time.sleep(_EVERY)
        yield


def is_held(path: Path) -> bool:
    """Whether some process holds the lock now."""
    with path.open("a") as handle:
        return not _taken(handle.fileno())


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
