"""`run`, `rehearse` and `schedule`."""

from pathlib import Path
from typing import Any

import click

from publisher.activation import active_policy
from publisher.cli.common import Progress, answer, home_option, json_option, now, the_home
from publisher.errors import RunError
from publisher.ledger import format_units
from publisher.periods import Period
from publisher.pipeline import RunResult, run_release
from publisher.policy.check import check_policies
from publisher.policy.loader import load_policy
from publisher.policy.model import Policy
from publisher.preparation import RunRequest, prepare
from publisher.rehearsal import rehearse
from publisher.release.model import CellStatus
from publisher.scheduler import last_period, run_due
from publisher.workspace import Workspace, open_workspace


def _period(code: str | None, policy: Policy) -> Period:
    if code is None:
        return last_period(policy, now())
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
@home_option
@json_option
def run(
    policy_id: str, period: str | None, revise: bool, again: bool, reason: str, home_path: Path | None, as_json: bool
) -> None:
    """Seal a release of an active POLICY, or give back the one that is sealed already."""
    with Progress() as progress, open_workspace(the_home(home_path), exclusive=True) as work:
        policy = active_policy(work.home, work.log, policy_id, work.settings).policy
        request = RunRequest(policy_id, _period(period, policy), revise, again, reason)
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
@home_option
@json_option
def rehearse_command(policy_id: str, period: str | None, home_path: Path | None, as_json: bool) -> None:
    """What a run of POLICY (an active id, or a file) would give.  Seals and charges nothing; for officers' eyes."""
    with Progress() as progress, open_workspace(the_home(home_path), exclusive=True) as work:
        policy = _draft_or_active(work, policy_id)
        chosen = _period(period, policy)
        progress(f"{policy.id} {chosen.code}: rehearsal")
        result = rehearse(prepare(work, policy, chosen))
    answer(as_json, result, _in_words(result))


def _draft_or_active(work: Workspace, name: str) -> Policy:
    if not name.endswith(".yaml"):
        return active_policy(work.home, work.log, name, work.settings).policy
    loaded = load_policy(Path(name))
    problems = check_policies([loaded], work.settings)
    if problems:
        raise RunError("\n".join(map(str, problems)))
    return loaded.policy


def _in_words(result: dict[str, object]) -> str:
    lines = [f"{result['policy']} {result['period']}: rho {result['rho']}", str(result["sensitive"])]
    tables = result["tables"]
    for table in tables if isinstance(tables, list) else []:
        lines.append(f"{table['table']}: {table['cells']} cells")
        for level, share in table.get("by_level", {}).items():
            lines.append(f"  {level}: " + ", ".join(f"{k} {v}" for k, v in share.items()))
        lines += [f"  {_group_in_words(group)}" for group in table.get("groups", [])]
    warnings = result["warnings"]
    lines += [f"warning: {w}" for w in (warnings if isinstance(warnings, list) else [])]
    return "\n".join(line for line in lines if line)


def _group_in_words(group: dict[str, Any]) -> str:
    across = " x ".join([group["area_level"], *group["attributes"]])
    words = f"{group['measure']}, {across}: expected error {group['expected_error']}"
    codes = ", ".join(f"{code} {error}" for code, error in group.get("by_code", {}).items())
    return f"{words}, certain from {group['certain_from']}" + (f" ({codes})" if codes else "")


@click.command()
@click.option("--once", is_flag=True, required=True, help="Run what is due, publish what is due, and stop.")
@home_option
@json_option
def schedule(once: bool, home_path: Path | None, as_json: bool) -> None:
    """Run what is due by the active policies' schedules, and publish sealed releases whose time has come."""
    with Progress() as progress, open_workspace(the_home(home_path), exclusive=True) as work:
        outcomes = []
        for outcome in run_due(work, now=now()):
            progress(f"{outcome.action} {outcome.subject}: {outcome.error or 'done'}")
            outcomes.append(outcome)
    rows = [{"action": o.action, "subject": o.subject, "error": o.error} for o in outcomes]
    answer(as_json, {"outcomes": rows}, f"{len(rows)} done, {sum(bool(o.error) for o in outcomes)} failed")
    if any(o.error for o in outcomes):
        raise click.exceptions.Exit(1)
