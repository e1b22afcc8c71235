"""`run`, `rehearse` and `schedule`."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from publisher.activation import active_policy
from publisher.cli.common import Progress, answer, home_option, json_option, now, say, the_home
from publisher.cli.rehearsed import in_words
from publisher.desk.requests import Requests, Stand
from publisher.errors import RunError
from publisher.home import Home
from publisher.ledger import format_units
from publisher.periods import Period
from publisher.pipeline import RunResult, run_release
from publisher.policy.check import check_policies
from publisher.policy.loader import load_policy
from publisher.policy.model import Policy
from publisher.preparation import RunRequest, prepare
from publisher.rehearsal import rehearse
from publisher.release.model import CellStatus
from publisher.scheduler.children import launcher
from publisher.scheduler.conductor import Conductor
from publisher.scheduler.pauses import Pauses
from publisher.scheduler.process import only_one, run_process
from publisher.scheduler.publish import Outcome, run_due
from publisher.slots import last_period
from publisher.workspace import Workspace, open_workspace

_STEP = 0.2
"""Seconds between two looks at a child process."""


def period_of(code: str | None, policy: Policy) -> Period:
    """The period of an option, or the latest whose slot has come."""
    if code is None:
        return last_period(policy.schedule, now())
    try:
        return Period.parse(code)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--period") from None


@click.command()
@click.argument("policy_id", metavar="POLICY")
@click.option("--period", help="Default: the latest whose slot has come.")
@click.option("--revise", is_flag=True, help="A new version of a sealed period; noise is charged anew.")
@click.option("--again", is_flag=True, help="Another try of a run that was charged and not sealed; charged anew.")
@click.option("--reason", default="", help="Why; published with the release.")
@click.option("--version", default=0, hidden=True, help="The version that was planned; no other is made.")
@home_option
@json_option
def run(
    policy_id: str, period: str | None, revise: bool, again: bool, reason: str, version: int, home_path: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Seal a release of an active POLICY, or give back the one that is sealed already."""
    with Progress() as progress, open_workspace(the_home(home_path), exclusive=True) as work:
        policy = active_policy(work.home, work.log, policy_id, work.settings).policy
        if Pauses(work.db).holds(policy_id):
            raise RunError(f"policy {policy_id} is paused; an approver lets it go on, on the officer's site")
        request = RunRequest(policy_id, period_of(period, policy), revise, again, reason, version)
        progress(f"{policy_id} {request.period.code}: count, protect, audit, seal")
        result = run_release(work, request, now=now())
        answer(as_json, run_summary(work, result), f"{result.release.id} is {result.record.state}")


def run_summary(work: Workspace, result: RunResult) -> dict[str, object]:
    """The JSON of `run` (CONTRACT.md); cells are those of the period that was run."""
    tables = []
    for table in result.release.tables:
        status = [c.status for c in table.cells if c.period == result.release.period]
        counts = {s.value: status.count(s) for s in (CellStatus.SUPPRESSED, CellStatus.UNCERTAIN)}
        tables.append({"table": table.id, "cells": len(status), **counts})
    return {
        "release": result.release.id,
        "tables": tables,
        "path": str(work.store.folder(result.record)),
        "rho": format_units(result.rho_units),
        "ledger": result.ledger_sequence,
        "seconds": round(result.seconds, 2),
    }


@click.command("rehearse")
@click.argument("policy_id", metavar="POLICY")
@click.option("--period", help="Default: the latest whose slot has come.")
@click.option("--alternative", "names", metavar="NAME", multiple=True, help="Also try this one; may be repeated.")
@click.option("--alternatives", type=click.Choice(["all"]), help="Also try every alternative that the policy has.")
@home_option
@json_option
def rehearse_command(
    policy_id: str, period: str | None, names: tuple[str, ...], alternatives: str | None, home_path: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """What a run of POLICY (an active id, or a file) would give.  Seals and charges nothing; for officers' eyes.

    Alternatives of a suppressed policy (docs/rehearsal.md) are counted and suppressed like the policy itself, and
    shown side by side with it.
    """
    with Progress() as progress, open_workspace(the_home(home_path), exclusive=True) as work:
        policy = draft_or_active(work, policy_id)
        chosen = period_of(period, policy)
        progress(f"{policy.id} {chosen.code}: rehearsal")
        result = rehearse(
            prepare(work, policy, chosen), now=now(), say=progress, names=names, every=alternatives is not None
        )
    answer(as_json, result, in_words(result))


def draft_or_active(work: Workspace, name: str) -> Policy:
    """An active policy by its id, or one in a file, which must pass the policy check."""
    if not name.endswith(".yaml"):
        return active_policy(work.home, work.log, name, work.settings).policy
    loaded = load_policy(Path(name))
    problems = check_policies([loaded], work.settings)
    if problems:
        raise RunError("\n".join(map(str, problems)))
    return loaded.policy


@click.command()
@click.option("--once", is_flag=True, help="Do what is due and what is asked, and stop.")
@home_option
@json_option
def schedule(once: bool, home_path: Path | None, as_json: bool) -> None:
    """The scheduler process: runs at their slot, releases at their minute, officers' requests at once."""
    home = the_home(home_path)
    if not once:
        run_process(home, clock=now, say=say)
        return
    with only_one(home), Progress() as progress:
        outcomes = [*_pass(home, progress), *_asked(home)]
    rows = [{"action": o.action, "subject": o.subject, "error": o.error} for o in outcomes]
    answer(as_json, {"outcomes": rows}, f"{len(rows)} done, {sum(bool(o.error) for o in outcomes)} failed")
    if any(o.error for o in outcomes):
        raise click.exceptions.Exit(1)


def _pass(home: Home, progress: Callable[[str], None]) -> Iterator[Outcome]:
    with open_workspace(home, exclusive=True) as work:
        for outcome in run_due(work, now=now()):
            progress(f"{outcome.action} {outcome.subject}: {outcome.error or 'done'}")
            yield outcome


def _asked(home: Home) -> Iterator[Outcome]:
    """What officers had asked by now, until nothing of it is left that could be done."""
    conductor = Conductor(home, clock=now, launch=launcher(home))
    conductor.recover()
    with home.desk.open() as desk:
        asked = [r.id for r in Requests(desk).waiting()]
    while not conductor.is_idle():
        conductor.tick()
        time.sleep(_STEP)
    conductor.reread()
    with home.desk.open() as desk:
        for done in (Requests(desk).get(number) for number in asked):
            yield Outcome(done.kind.value, done.subject, "" if done.stand is Stand.DONE else done.note or "it waits")
