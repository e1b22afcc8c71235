"""`ledger`: what was spent, and that nobody changed it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from publisher.activation import active_policies
from publisher.cli.common import answer, home_option, json_option, now, the_home
from publisher.errors import LedgerError, PublisherError
from publisher.forecast import (
    Forecast,
    charged_runs,
    forecast_document,
    foresee,
    in_words,
    runs_to_come,
    years_in_question,
)
from publisher.ledger import Account, cap_units, rho_units
from publisher.log import utc
from publisher.statement import account_statement
from publisher.workspace import Workspace, open_workspace


@click.group()
def ledger() -> None:
    """The account of privacy loss."""


@ledger.command("show")
@home_option
@json_option
def ledger_show(home_path: Path | None, as_json: bool) -> None:
    """Cap, charged and left for each agency and reference year, the lifetime total, and what is still to come."""
    with open_workspace(the_home(home_path), exclusive=False) as work:
        rows = work.ledger.rows()
        statement = account_statement(
            rows, agencies=work.settings.agencies, published={str(r["run_key"]) for r in rows}
        )
        forecasts, missing = _forecasts(work, now=now())
    documents = [{"agency": f.account.agency, **forecast_document(f)} for f in forecasts]
    words = [*_in_words(statement), *map(in_words, forecasts), *([f"no forecast: {missing}"] if missing else [])]
    answer(
        as_json, {**statement, "forecasts": documents, "no_forecast": missing},
        "\n".join(words) or "nothing is charged, and no schedule charges",
    )  # fmt: skip


def _forecasts(work: Workspace, *, now: datetime) -> tuple[list[Forecast], str]:
    """Every account that was charged, or that a schedule charges until the end of the year; why there is none."""
    try:
        policies = [p.policy for p in active_policies(work.home, work.log)]
    except PublisherError as error:  # the account is shown whatever became of the policies
        return [], str(error)
    rows, found = work.ledger.rows(), []
    for agency in work.settings.agencies.values():
        for year in years_in_question(policies, agency.id, rows, now):
            account = Account(agency.id, year)
            runs = runs_to_come(policies, account, charged=charged_runs(rows), now=now)
            found.append(foresee(account, runs, cap=cap_units(agency.cap), spent=work.ledger.spent(account)))
    return found, ""


def _in_words(statement: dict[str, Any]) -> Iterator[str]:
    delta, false = statement["delta"], statement["false_positive_per_cent"]

    def meaning(entry: Mapping[str, str]) -> str:
        return (
            f"epsilon {entry['epsilon']} at delta {delta}, mu {entry['mu']}, AUC {entry['auc']}, "
            f"{entry['true_positive_per_cent']} % true positives at {false} % false ones"
        )

    for a in statement["accounts"]:
        yield (
            f"{a['agency']} {a['reference_year']}: rho {a['charged']} of {a['cap']} charged, {a['left']} left "
            f"({meaning(a)})"
        )
    for x in statement["lifetimes"]:
        yield f"{x['agency']} lifetime: rho {x['charged']} over {x['years']} years ({meaning(x)})"


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
