"""What the scheduler process starts as children of its own for the officer's desk; not for hands."""

from collections.abc import Callable
from pathlib import Path

import click

from publisher.cli.common import home_option, now, the_home
from publisher.desk.errands import carry_out
from publisher.desk.requests import Kind, Request, Stand
from publisher.errors import RequestError
from publisher.home import Home
from publisher.rehearsal.request import carry_out as rehearse
from publisher.standing.checks import check_and_keep
from publisher.standing.report.files import write_reports
from publisher.workspace import Workspace, open_workspace


@click.group(hidden=True)
def desk() -> None:
    """Carry out what officers ask for."""


@desk.command("rehearse")
@click.argument("request_number", type=int)
@home_option
def rehearse_request(request_number: int, home_path: Path | None) -> None:
    """Rehearse the proposal of a request; the result is left on the desk."""
    _end(rehearse(the_home(home_path), request_number, clock=now))


@desk.command("report")
@click.argument("request_number", type=int)
@home_option
def report_request(request_number: int, home_path: Path | None) -> None:
    """Write the reports of a year; they are left on the desk."""

    def write(work: Workspace, request: Request) -> str:
        return ", ".join(write_reports(work, request.subject, now=now()))

    _end(_carried(the_home(home_path), request_number, Kind.REPORT, write))


@desk.command("check-source")
@click.argument("request_number", type=int)
@home_option
def check_request(request_number: int, home_path: Path | None) -> None:
    """Check a source against its declaration; what was found is left on the desk."""

    def check(work: Workspace, request: Request) -> str:
        if error := check_and_keep(work, request.subject, now=now())["error"]:
            raise RequestError(error)
        return ""

    _end(_carried(the_home(home_path), request_number, Kind.CHECK_SOURCE, check))


def _carried(home: Home, number: int, kind: Kind, do: Callable[[Workspace, Request], str]) -> Stand:
    def with_home(request: Request) -> str:
        with open_workspace(home, exclusive=True) as work:
            return do(work, request)

    return carry_out(home.desk, number, kind, with_home, clock=now)


def _end(stand: Stand) -> None:
    if stand is not Stand.DONE:
        raise click.exceptions.Exit(1)
