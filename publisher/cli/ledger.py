"""`ledger`: what was spent, and that nobody changed it."""

from fractions import Fraction
from pathlib import Path

import click

from publisher.cli.common import answer, home_option, json_option, now, the_home
from publisher.errors import LedgerError
from publisher.ledger import Account, rho_units
from publisher.log import utc
from publisher.statement import account_statement
from publisher.workspace import open_workspace


@click.group()
def ledger() -> None:
    """The account of privacy loss."""


@ledger.command("show")
@home_option
@json_option
def ledger_show(home_path: Path | None, as_json: bool) -> None:
    """Cap, charged and left for each agency and reference year, and the lifetime total."""
    with open_workspace(the_home(home_path), exclusive=False) as work:
        rows = work.ledger.rows()
        statement = account_statement(
            rows, agencies=work.settings.agencies, published={str(r["run_key"]) for r in rows}
        )
    answer(as_json, statement, _in_words(statement))


def _in_words(statement: dict[str, object]) -> str:
    accounts, lifetimes = statement["accounts"], statement["lifetimes"]
    if not isinstance(accounts, list) or not isinstance(lifetimes, list) or not accounts:
        return "nothing is charged"
    lines = [
        f"{a['agency']} {a['reference_year']}: rho {a['charged']} of {a['cap']} charged, {a['left']} left "
        f"(epsilon {a['epsilon']} at delta {statement['delta']})"
        for a in accounts
    ]
    lines += [f"{x['agency']} lifetime: rho {x['charged']} over {x['years']} years" for x in lifetimes]
    return "\n".join(lines)


@ledger.command("verify")
@home_option
@json_option
def ledger_verify(home_path: Path | None, as_json: bool) -> None:
    """Recompute the hash chains of the ledger and of the log."""
    with open_workspace(the_home(home_path), exclusive=False) as work:
        rows, actions = work.ledger.verify(), work.log.verify()
    answer(as_json, {"charges": rows, "log": actions, "ok": True}, f"{rows} charges and {actions} actions: whole")


@ledger.command("book")
@click.option("--agency", required=True)
@click.option("--year", type=int, required=True)
@click.option("--rho", required=True, help="The difference, such as 0.02; the larger of two doubtful totals counts.")
@click.option("--release", "releases", multiple=True, required=True, help="A release that the ledger is behind of.")
@click.option("--reason", required=True)
@home_option
def ledger_book(
    agency: str, year: int, rho: str, releases: tuple[str, ...], reason: str, home_path: Path | None
) -> None:
    """Book a difference after the ledger was restored or lost, so that runs may go on."""
    try:
        units = rho_units(Fraction(rho))
    except (ValueError, ZeroDivisionError):
        raise LedgerError("rho must be a plain number such as 0.02") from None
    with open_workspace(the_home(home_path), exclusive=True) as work:
        account, at = Account(agency, year), utc(now())
        work.ledger.book(account=account, units=units, releases=list(releases), at=at, reason=reason)
        work.log.write(at=at, actor="cli", action="book", subject=agency, detail=reason)
