"""The sites and the scheduler as processes beside each other: what becomes of one does nothing to the others."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

from publisher.errors import RunError
from publisher.home import Home

_LOOK, _EARLY = 0.3, 5.0
"""Seconds between two looks, and how soon after its start an end is taken for a start that failed."""


def commands(home: Home, *, port: int, officer_port: int) -> dict[str, list[str]]:
    """What is run for a home, by name."""
    python, root = [sys.executable, "-m"], str(home.root)
    return {
        "the public site": [*python, "web.public", "--public", str(home.public), "--port", str(port)],
        "the officer's site": [*python, "web.officer", "--officer", str(home.desk.root), "--port", str(officer_port)],
        "the scheduler": [*python, "publisher", "--home", root, "schedule"],
    }


def serve(started: Mapping[str, Sequence[str]], *, say: Callable[[str], None]) -> None:
    """Run commands until all have ended or the user stops them; none outlives this process.

    RunError where one ends right after its start: then its port is taken.
    """
    signal.signal(signal.SIGTERM, _interrupted)
    begun = time.monotonic()
    running = {name: subprocess.Popen(command) for name, command in started.items()}  # noqa: S603 - our own modules
    try:
        while running:
            for name, process in list(running.items()):
                if process.poll() is not None:
                    del running[name]
                    _ended(name, process.returncode, early=time.monotonic() - begun < _EARLY, say=say)
            time.sleep(_LOOK)
    except KeyboardInterrupt:
        return
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait()


def _ended(name: str, code: int, *, early: bool, say: Callable[[str], None]) -> None:
    if early and code > 0:
        raise RunError(f"{name} stopped with exit code {code}; is its port taken? Give another")
    say(f"{name} has ended (exit code {code}); the others go on")


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    """Being told to end is as good as Ctrl-C."""
    raise KeyboardInterrupt
