"""The privacy account: cap, charged, to come and left for each agency and reference year, and what that means."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from publisher.forecast import (
    Forecast,
    Run,
    charged_runs,
    forecast_document,
    foresee,
    next_after,
    runs_to_come,
    years_in_question,
)
from publisher.ledger import DEFAULT_CAP, Account, cap_units, format_units
from publisher.periods import Period
from publisher.policy.declarations import Agency
from publisher.policy.model import Policy
from publisher.sealed import ReleaseRecord
from publisher.standing.policies import InForce
from publisher.standing.protection import plain
from publisher.statement import account_statement, meaning
from publisher.workspace import Workspace

Row = Mapping[str, str | int]


def account_document(work: Workspace, in_force: InForce, *, now: datetime) -> dict[str, Any]:
    """Every account that was charged or will be, and the lifetime of each agency.  `no_forecast`: why there is none."""
    rows, states = work.ledger.rows(), {r.release: r for r in work.store.records()}
    statement: dict[str, Any] = account_statement(rows, agencies=work.settings.agencies, published=())
    accounts = [
        _account(agency, year, in_force.run, rows, states, now=now)
        for agency in work.settings.agencies.values()
        for year in reversed(years_in_question(in_force.run, agency.id, rows, now))
    ]
    return {
        "delta": statement["delta"],
        "false_positive_per_cent": statement["false_positive_per_cent"],
        "cap_default": statement["cap_default"],
        "accounts": accounts,
        "lifetimes": statement["lifetimes"],
        "agencies": {a.id: plain(a.name) for a in work.settings.agencies.values()},
        "no_forecast": in_force.problem,
    }


def _account(
    agency: Agency, year: int, policies: Sequence[Policy], rows: Sequence[Row], states: Mapping[str, ReleaseRecord], *,
    now: datetime,
) -> dict[str, object]:  # fmt: skip
    account, cap = Account(agency.id, year), cap_units(agency.cap)
    own = [r for r in rows if (r["agency"], r["year"]) == (agency.id, year) and r["units"]]
    spent = sum(int(r["units"]) for r in own)
    runs = runs_to_come(policies, account, charged=charged_runs(rows), now=now)
    forecast = foresee(account, runs, cap=cap, spent=spent)
    return {
        "agency": agency.id,
        "year": year,
        "cap": format_units(cap),
        "cap_reason": agency.cap_reason if agency.cap > DEFAULT_CAP else "",
        "charged": format_units(spent),
        "left": format_units(max(0, cap - spent)),
        "meaning": meaning(spent) if spent else None,
        "meaning_at_cap": meaning(cap),
        "charges": [_charge(r, states) for r in own],
        "forecast": _forecast(forecast, policies, rows),
    }


def _charge(row: Row, states: Mapping[str, ReleaseRecord]) -> dict[str, object]:
    release = states.get(str(row["run_key"]))
    return {
        "release": row["run_key"],
        "kind": row["kind"],
        "rho": format_units(int(row["units"])),
        "at": row["at"],
        "reason": row["reason"],
        "state": release.state if release else "",
    }


def _forecast(forecast: Forecast, policies: Sequence[Policy], rows: Sequence[Row]) -> dict[str, object]:
    """The forecast with every run, and for the first that has no room the next one that has."""
    return {
        **forecast_document(forecast),
        "each": [{**_run(r), "refused": r in forecast.refused} for r in forecast.runs],
        "next_possible": _next(forecast, policies, rows),
    }


def _next(forecast: Forecast, policies: Sequence[Policy], rows: Sequence[Row]) -> dict[str, str] | None:
    reached = forecast.reached
    if reached is None:
        return None
    policy = next(p for p in policies if p.id == reached.policy)
    found = next_after(policy, Period.parse(reached.period.code), cap=forecast.cap, rows=rows)
    return _run(found) if found else None


def _run(run: Run) -> dict[str, str]:
    return {"policy": run.policy, "period": run.period.code, "date": run.date, "rho": format_units(run.units)}
