"""What a run of a noise policy would do to its account: whether it fits, and what the schedules charge after it."""

from datetime import datetime

from publisher.activation import active_policies
from publisher.errors import BudgetExceededError
from publisher.forecast import (
    Forecast,
    Run,
    charged_runs,
    forecast_document,
    foresee,
    in_words,
    next_after,
    runs_to_come,
    units_of_run,
)
from publisher.ledger import Account, cap_units
from publisher.preparation import Prepared, RunRequest, intent_of

Json = dict[str, object]


def budget_of(prepared: Prepared, *, now: datetime) -> Json:
    """`refused` (as the ledger would say it, or empty), the next possible run where it is, and the forecast."""
    refused = _refusal(prepared)
    cap = _cap(prepared)
    rows = prepared.work.ledger.rows()
    following = next_after(prepared.policy, prepared.period, cap=cap, rows=rows) if refused else None
    return {
        "refused": refused,
        "next_period": following.period.code if following else "",
        "next_date": following.date if following else "",
        "forecast": forecast_document(forecast_with(prepared, now=now)),
    }


def budget_warnings(prepared: Prepared, *, now: datetime) -> list[str]:
    """A sentence where the run would be refused, or where it fits and one to come does not."""
    refused, forecast = _refusal(prepared), forecast_with(prepared, now=now)
    if refused:
        return [f"the run would be refused: {refused}"]
    return [in_words(forecast)] if forecast.reached else []


def forecast_with(prepared: Prepared, *, now: datetime) -> Forecast:
    """The account with the rehearsed run charged first and the active policies' runs to come after it.

    The rehearsed policy takes the place of the active one with its id.
    """
    work, policy = prepared.work, prepared.policy
    account, rows = Account(policy.agency, prepared.period.year), work.ledger.rows()
    others = [p.policy for p in active_policies(work.home, work.log) if p.policy.id != policy.id]
    own = Run(policy.id, prepared.period, units_of_run(policy), now)
    rest = runs_to_come([*others, policy], account, charged=charged_runs(rows), now=now)
    runs = (own, *(r for r in rest if r.key != own.key))
    return foresee(account, runs, cap=_cap(prepared), spent=work.ledger.spent(account))


def _cap(prepared: Prepared) -> int:
    return cap_units(prepared.work.settings.agencies[prepared.policy.agency].cap)


def _refusal(prepared: Prepared) -> str:
    """What the ledger would say to the run, without its saying anything of the key: a rehearsal charges none."""
    request = RunRequest(prepared.policy.id, prepared.period)
    try:
        prepared.work.ledger.check_cap(intent_of(prepared, "rehearsal", request))
    except BudgetExceededError as error:
        return str(error)
    return ""
