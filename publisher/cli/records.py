"""`source`: does what is declared fit the files."""

from pathlib import Path

import click

from publisher.cli.common import answer, home_option, json_option, now, the_home
from publisher.periods import Period
from publisher.standing.checks import check_source
from publisher.workspace import open_workspace


@click.group()
def source() -> None:
    """Sources of case records."""


@source.command("check")
@click.argument("name")
@click.option("--period", help="The period whose rows are placed (default: last year).")
@home_option
@json_option
def source_check(name: str, period: str | None, home_path: Path | None, as_json: bool) -> None:
    """Open a source, compare it with its declaration, count rows and how they can be placed.  Prints no value."""
    try:
        chosen = Period.parse(period or str(now().year - 1))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--period") from None
    with open_workspace(the_home(home_path), exclusive=True) as work:
        result = check_source(work, name, chosen)
    counts = [f"  {kind}: {n}" for kind, n in {**result["placed"], **result["duplicates"]}.items()]
    answer(as_json, result, "\n".join([f"{name}: {result['rows']} rows", *counts]))
