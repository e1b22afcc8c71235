"""A child process for everything that reads records: one at a time, with a time limit, and nothing shared with it."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO, Protocol

from publisher.home import Home
from publisher.scheduler.runs import RunRow

_GRACE = 5.0
"""Seconds between being asked to end and being ended."""
_OURS = "\nerror: "


class Child(Protocol):
    """A process that was started."""

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""

    def stop(self) -> None:
        """End it; returns when it has ended."""

    def words(self) -> str:
        """Why it refused, in the words of our own errors; empty for whatever else it said."""


Launch = Callable[[Sequence[str]], Child]
"""Starts a command of `publisher`, given its arguments."""


@dataclass(frozen=True, slots=True)
class Process:
    """A command of `publisher` in a process of its own; what it says goes to a file without a name."""

    popen: subprocess.Popen[bytes]
    said: IO[bytes] = field(repr=False)

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        return self.popen.poll()

    def stop(self) -> None:
        """Ask it to end, and end it where it does not."""
        self.popen.terminate()
        try:
            self.popen.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def words(self) -> str:
        """What stands behind the last `error: `: the command says so of our own errors, which hold no value.

        A traceback ends in the words of somebody else's, which may quote a record.
        """
        self.said.seek(0)
        _, ours, words = f"\n{self.said.read().decode(errors='replace')}".rpartition(_OURS)
        return words.strip() if ours else ""


def launcher(home: Home) -> Launch:
    """Starts commands on a home, with this interpreter."""

    def launch(arguments: Sequence[str]) -> Process:
        said = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        command = [sys.executable, "-m", "publisher", "--home", str(home.root), *arguments]
        popen = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, stdin=subprocess.DEVNULL)  # noqa: S603
        return Process(popen, said)

    return launch


@dataclass(frozen=True, slots=True)
class Running:
    """What runs now: a run or a request's number, since when, and for how long it may.

    `charges`: how many charges its run key had before.
    """

    subject: RunRow | int
    child: Child
    since: datetime
    limit: timedelta
    charges: int

    def is_over(self, now: datetime) -> bool:
        """Whether it has used up its time."""
        return now - self.since > self.limit
