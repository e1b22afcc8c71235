"""What the schedules will still charge to an account, and when its cap is reached.

Pure: from policies, the ledger's rows and a moment.  An account is an agency's persons in one reference year and never
refills (MODEL.md, "The privacy account"), so that a run over the cap can only be made up for in another year.  Periods
are calendar periods: rolling years are not published by noise.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from publisher.errors import PolicyError
from publisher.ledger import HIGHEST_CAP, Account, cap_units, format_units, rho_units
from publisher.periods import Period
from publisher.policy.model import Noise, Policy
from publisher.release.codec import RELEASE_ID
from publisher.slots import last_period, run_time

LedgerRow = Mapping[str, str | int]
_CODES = {
    "year": ("",),
    "quarter": ("K1", "K2", "K3", "K4"),
    "month": tuple(f"M{month:02d}" for month in range(1, 13)),
}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a noise policy: what it would charge, in units of 1e-9 rho, and when its schedule makes it due."""

    policy: str
    period: Period
    units: int
    due: datetime

    def __post_init__(self) -> None:
        if self.units < 1:
            raise ValueError(f"run {self.policy} {self.period.code}: a run under noise charges more than nothing")

    @property
    def key(self) -> tuple[str, str]:
        """Policy id and period code."""
        return self.policy, self.period.code

    @property
    def date(self) -> str:
        """The local day on which it is due."""
        return self.due.date().isoformat()


@dataclass(frozen=True, slots=True)
class Forecast:
    """An account when its runs to come were charged in this order; units of 1e-9 rho.

    `refused`: those of `runs` that the ledger would refuse.  One that is refused does not stop a smaller one after it.
    """

    account: Account
    cap: int
    spent: int
    runs: tuple[Run, ...]
    refused: tuple[Run, ...]

    @property
    def to_come(self) -> int:
        """What all the runs ask."""
        return sum(r.units for r in self.runs)

    @property
    def left(self) -> int:
        """What would be left at the end."""
        return max(0, self.cap - self.spent - self.to_come + sum(r.units for r in self.refused))

    @property
    def reached(self) -> Run | None:
        """The first run that the cap would refuse, if there is one."""
        return self.refused[0] if self.refused else None


def units_of_run(policy: Policy) -> int:
    """What one run charges, in units of 1e-9 rho: every measured measure of every noise table, rounded up apart; tables
    that are measured together once."""
    units = 0
    for table in policy.tables:
        if isinstance(table.protection, Noise) and not table.protection.together_with:
            units += rho_units(table.protection.rho)
            units += sum(rho_units(m.rho) for m in table.measures if m.rho is not None)
    return units


def periods_of_year(grain: str, year: int) -> tuple[Period, ...]:
    """The calendar periods of a reference year, in order; PolicyError for rolling years, which noise does not have."""
    if grain not in _CODES:
        raise PolicyError(f"schedule: {grain} has no calendar periods; rolling years are not published by noise")
    return tuple(Period.parse(f"{year}{code}") for code in _CODES[grain])


def charged_runs(rows: Sequence[LedgerRow]) -> frozenset[tuple[str, str]]:
    """Policy id and period code of everything that was ever charged or booked: no schedule charges it a second time."""
    names: list[str] = []
    for row in rows:
        names += json.loads(str(row["tables"])) if row["kind"] == "book" else [str(row["run_key"])]
    return frozenset((n.split(".")[0], n.split(".")[1]) for n in names if RELEASE_ID.fullmatch(n))


def runs_to_come(
    policies: Sequence[Policy], account: Account, *, charged: Collection[tuple[str, str]], now: datetime
) -> tuple[Run, ...]:
    """The runs that schedules will still start for an account, in the order in which they are due.

    Those are the period whose slot came last, and all later ones.  Earlier ones that were missed are run by hand, one
    decision each, and so are revisions and further tries: they are not foreseen.
    """
    found = [r for p in policies if p.agency == account.agency for r in _runs(p, account.year, now)]
    return tuple(sorted((r for r in found if r.key not in charged), key=lambda r: (r.due, r.policy)))


def _runs(policy: Policy, year: int, now: datetime) -> Iterator[Run]:
    units = units_of_run(policy)
    if not units:
        return
    latest = last_period(policy.schedule, now)
    for period in periods_of_year(policy.schedule.grain, year):
        if period.first >= latest.first:
            yield Run(policy.id, period, units, run_time(policy.schedule, period))


def foresee(account: Account, runs: Sequence[Run], *, cap: int, spent: int) -> Forecast:
    """Charge the runs one after the other, as the ledger would; units of 1e-9 rho."""
    total, refused = spent, []
    for run in runs:
        if total + run.units > cap:
            refused.append(run)
        else:
            total += run.units
    return Forecast(account, cap, spent, tuple(runs), tuple(refused))


def years_in_question(policies: Sequence[Policy], agency: str, rows: Sequence[LedgerRow], now: datetime) -> list[int]:
    """Reference years of an agency that anything was charged to, or that a schedule charges until the year's end."""
    charged = {int(r["year"]) for r in rows if r["agency"] == agency and r["units"]}
    latest = [last_period(p.schedule, now).year for p in policies if p.agency == agency and p.noise_tables]
    return sorted(charged | (set(range(min(latest), now.year + 1)) if latest else set()))


def next_possible(
    policy: Policy, after: Period, *, cap: int, spent: Mapping[int, int], charged: Collection[tuple[str, str]]
) -> Run | None:
    """The first period of a later reference year that has room for a run, or None where no year has.

    `cap`, `spent` (by reference year): units of 1e-9 rho.  Periods that were charged already are passed over.
    """
    units = units_of_run(policy)
    if not 0 < units <= cap:
        return None
    year = after.year
    while True:  # beyond the last year that was charged every account is empty
        year += 1
        free = [p for p in periods_of_year(policy.schedule.grain, year) if (policy.id, p.code) not in charged]
        if free and spent.get(year, 0) + units <= cap:
            return Run(policy.id, free[0], units, run_time(policy.schedule, free[0]))


def next_after(policy: Policy, period: Period, *, cap: int, rows: Sequence[LedgerRow]) -> Run | None:
    """`next_possible` by the rows of the ledger."""
    spent: dict[int, int] = {}
    for row in rows:
        if row["agency"] == policy.agency:
            spent[int(row["year"])] = spent.get(int(row["year"]), 0) + int(row["units"])
    return next_possible(policy, period, cap=cap, spent=spent, charged=charged_runs(rows))


def over_the_cap(policy: Policy, period: Period, *, cap: int, rows: Sequence[LedgerRow], anew: bool) -> str:
    """What can be done where a run does not fit: sentences that a refusal adds.  `anew`: it would be a revision."""
    spent = sum(int(r["units"]) for r in rows if (r["agency"], r["year"]) == (policy.agency, period.year))
    following = next_after(policy, period, cap=cap, rows=rows)
    hope = (
        f"the next period with room is {following.period.code}, which can be run from {following.date}"
        if following
        else "no later year has room for this rho either"
    )
    return (
        f"The account of {period.year} never refills: {period.code} can never be published{' anew' if anew else ''} "
        f"under this cap with this rho; {_what_helps(cap, spent, units_of_run(policy))}; {hope}"
    )


def _what_helps(cap: int, spent: int, units: int) -> str:
    smaller, raised = spent < cap, spent + units <= cap_units(HIGHEST_CAP)
    if smaller and raised:
        return "only a smaller rho, a coarser table that needs less, or a cap raised by decision helps"
    if smaller:
        return "only a smaller rho or a coarser table that needs less helps"
    return "only a cap raised by decision helps" if raised else "nothing helps"


def forecast_document(forecast: Forecast) -> dict[str, object]:
    """A forecast as JSON: rho as decimal text; `reached_*` are empty where the cap is not reached."""
    reached = forecast.reached
    policies = dict.fromkeys(r.policy for r in forecast.runs)
    return {
        "reference_year": forecast.account.year,
        "runs": [_of_policy(p, [r for r in forecast.runs if r.policy == p]) for p in policies],
        "rho_to_come": format_units(forecast.to_come),
        "left_at_the_end": format_units(forecast.left),
        "reached_in": reached.period.code if reached else "",
        "reached_by": reached.policy if reached else "",
        "reached_on": reached.date if reached else "",
        "refused": len(forecast.refused),
    }


def _of_policy(policy: str, runs: Sequence[Run]) -> dict[str, object]:
    return {
        "policy": policy,
        "number": len(runs),
        "rho": format_units(sum(r.units for r in runs)),
        "first": runs[0].period.code,
        "last": runs[-1].period.code,
    }


def in_words(forecast: Forecast) -> str:
    """A forecast as one sentence."""
    account, reached, asked = forecast.account, forecast.reached, format_units(forecast.to_come)
    head = f"{account.agency} {account.year}: {len(forecast.runs)} runs to come ask rho {asked}"
    if reached is None:
        return f"{head}; {format_units(forecast.left)} of {format_units(forecast.cap)} would be left"
    return (
        f"{head}; the cap of {format_units(forecast.cap)} would be reached in {reached.period.code}: that run of "
        f"{reached.policy}, due {reached.date}, would be refused ({len(forecast.refused)} runs in all)"
    )
