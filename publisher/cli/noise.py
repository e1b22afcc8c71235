"""`noise plan`: what a noise policy will measure, and how good that will be."""

from io import StringIO
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from publisher.cli.common import Progress, answer, home_option, json_option, the_home
from publisher.cli.grids import grid
from publisher.cli.running import draft_or_active, period_of
from publisher.errors import RunError
from publisher.preparation import prepare
from publisher.rehearsal.plan import noise_plan
from publisher.workspace import open_workspace

WIDTH = 120


@click.group()
def noise() -> None:
    """Plan tables protected by noise."""


@noise.command()
@click.argument("policy_id", metavar="POLICY")
@click.option("--period", help="Default: the latest whose slot has come.")
@home_option
@json_option
def plan(policy_id: str, period: str | None, home_path: Path | None, as_json: bool) -> None:
    """Strategy and expected error of POLICY (an active id, or a file), before any budget.  Reads no record."""
    with Progress() as progress, open_workspace(the_home(home_path), exclusive=False) as work:
        policy = draft_or_active(work, policy_id)
        if not policy.noise_tables:
            raise RunError(f"policy {policy.id} has no table that is protected by noise; rehearse it instead")
        chosen = period_of(period, policy)
        progress(f"{policy.id} {chosen.code}: plan")
        result = noise_plan(prepare(work, policy, chosen))
    answer(as_json, result, _in_words(result))


def _in_words(result: dict[str, Any]) -> str:
    out = Console(file=StringIO(), width=WIDTH, highlight=False, markup=False)
    out.print(f"{result['policy']} {result['period']}: rho {result['rho']} a run")
    for part in result["parts"]:
        reached = "that some mechanism reaches" if part["limit_is_tight"] else "that none may reach"
        out.print(f"\n{part['part']}: rho {part['rho']}, errors in {part['unit']}")
        if len(part["tables"]) > 1:
            out.print(f"Measured once, and shown by {', '.join(part['tables'])}: the rho is that of all of them.")
        out.print(
            f"The weighted error is {part['ratio_to_limit']} times the least that any unbiased Gaussian mechanism has "
            f"(a bound {reached}); an even split without least squares has "
            f"{part['uniform_total_squared_error'] / part['total_squared_error']:.2f} times the summed squared error."
        )
        table = grid(["area level", "categories"], ["cells", "rho", "noise", "error"])
        for g in (g for g in result["groups"] if g["part"] == part["part"]):
            across = " x ".join(g["attributes"]) or "total"
            table.add_row(g["area_level"], across, str(g["cells"]), g["rho"], f"{g['sigma']:g}", f"{g['rmse']:g}")
        out.print(table)
    text = out.file.getvalue() if isinstance(out.file, StringIO) else ""
    return "\n".join(line.rstrip() for line in text.splitlines())
