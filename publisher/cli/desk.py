"""What the scheduler process starts as children of its own for the officer's desk; not for hands."""

from pathlib import Path

import click

from publisher.cli.common import home_option, now, the_home
from publisher.desk.requests import Stand
from publisher.rehearsal.request import carry_out


@click.group(hidden=True)
def desk() -> None:
    """Carry out what officers ask for."""


@desk.command("rehearse")
@click.argument("request_number", type=int)
@home_option
def rehearse_request(request_number: int, home_path: Path | None) -> None:
    """Rehearse the proposal of a request; the result is left on the desk."""
    stand = carry_out(the_home(home_path), request_number, clock=now)
    if stand is not Stand.DONE:
        raise click.exceptions.Exit(1)
