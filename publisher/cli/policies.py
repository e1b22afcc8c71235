"""`policy`: check policy files, alone and together."""

from collections.abc import Sequence
from pathlib import Path

import click

from publisher.cli.common import answer, home_option, json_option, the_home
from publisher.errors import SettingsError
from publisher.policy.check import check_policies
from publisher.policy.loader import LoadedPolicy, read_policy
from publisher.policy.yaml_nodes import Problem
from publisher.settings import load_settings


@click.group()
def policy() -> None:
    """Policies: what is published, and how it is protected."""


@policy.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--settings", type=click.Path(path_type=Path), help="publisher.toml to check against (default: home's).")
@home_option
@json_option
def check(files: tuple[Path, ...], settings: Path | None, home_path: Path | None, as_json: bool) -> None:
    """Print every problem of policy files as file:line: message; exit 1 if there is any.

    Without FILE: all of ./policies.  All files are checked together with each other.
    """
    paths = files or tuple(sorted(Path("policies").glob("*.yaml")))
    if not paths:
        raise SettingsError("no policy files in ./policies; name the files to check")
    problems, loaded = _read_all(paths)
    problems += check_policies(loaded, load_settings(settings or the_home(home_path).settings_file))
    _report(sorted(set(problems)), len(paths), as_json)
    if problems:
        raise click.exceptions.Exit(1)


def _read_all(paths: Sequence[Path]) -> tuple[list[Problem], list[LoadedPolicy]]:
    problems, loaded = [], []
    for path in paths:
        one, found = read_policy(path)
        problems += found
        if one is not None:
            loaded.append(one)
    return problems, loaded


def _report(problems: Sequence[Problem], files: int, as_json: bool) -> None:
    words = "\n".join(map(str, problems)) or f"{files} policies, no problem"
    rows = [{"file": p.file, "line": p.line, "message": p.message} for p in problems]
    answer(as_json, {"files": files, "problems": rows}, words)
