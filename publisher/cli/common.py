"""What all commands share: the home option before or after the command, JSON or words, progress, the clock."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from publisher.home import Home

_F = TypeVar("_F", bound=Callable[..., Any])
DEFAULT_HOME = Path("publisher-home")


def home_option(function: _F) -> _F:
    """`--home DIR` of a command; the one before the command, PUBLISHER_HOME or ./publisher-home otherwise."""
    return click.option(
        "--home", "home_path", type=click.Path(path_type=Path, file_okay=False), help="The folder that holds all state."
    )(function)


def json_option(function: _F) -> _F:
    """`--json`: one JSON object on standard output and nothing else."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(function)


def the_home(home_path: Path | None) -> Home:
    """The home that a command works on."""
    context = click.get_current_context()
    return Home((home_path or context.find_root().obj or DEFAULT_HOME).resolve())


def now() -> datetime:
    """The machine's clock, read here and nowhere else."""
    return datetime.now(UTC)


def say(message: str) -> None:
    """A line of progress on standard error."""
    click.echo(message, err=True)


def answer(as_json: bool, value: object, words: str) -> None:
    """The result on standard output: as JSON, or in words."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str) if as_json else words)


class Progress:
    """Messages of long work on standard error; a spinner beside them where that is a terminal."""

    def __init__(self) -> None:
        self._status = Console(stderr=True).status("") if sys.stderr.isatty() else None

    def __enter__(self) -> Callable[[str], None]:
        if self._status:
            self._status.start()
        return self._say

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def _say(self, message: str) -> None:
        say(message)
        if self._status:
            self._status.update(message)
