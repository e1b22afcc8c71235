"""What waits for somebody, and what everybody must know first.  Pure: documents and proposals in, lines out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from publisher.desk.proposals import OPEN
from publisher.log import utc
from publisher.policy.proposals import Action, Proposal, Role, State, can_act

SILENCE = timedelta(seconds=30)
FEW_CODES = 3
_SHOWN_FAILURES = timedelta(days=30)
_QUIET = ("login", "logout", "failed-login", "session-ended", "read-", "export-")
"""Actions of the log that change nothing in what is published."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that is not as it should be: the text's key and values, and the page that tells more."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    endpoint: str = ""
    times: tuple[str, ...] = ()
    """Names of the values that are UTC times."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A proposal that waits for who reads the page, and for what."""

    key: str
    proposal: Proposal


def alerts(
    scheduler: Mapping[str, Any], runs: Iterable[Mapping[str, Any]], accounts: Iterable[Mapping[str, Any]], *,
    now: datetime,
) -> list[Alert]:  # fmt: skip
    """What everybody must know, the gravest first."""
    return [
        *_silence(scheduler, now), *_pauses(scheduler.get("paused") or {}), *_trouble(scheduler), *_failures(runs, now),
        *_budgets(accounts),
    ]  # fmt: skip


def waits(proposals: Iterable[Proposal], name: str, roles: Iterable[str]) -> list[Wait]:
    """What an officer can go on with, and what another must: what was returned and what can be approved first."""
    found = [wait for p in proposals if (wait := _wait(p, name, frozenset(roles)))]
    order = ("home.wait_returned", "home.wait_approve", "home.wait_draft", "home.wait_other")
    return sorted(found, key=lambda w: order.index(w.key))


def under_way(proposals: Iterable[Proposal], *, but: Iterable[Wait]) -> list[Proposal]:
    """Proposals that wait for somebody or something else than their author, and not for who reads the page."""
    own = {wait.proposal.id for wait in but}
    return [p for p in proposals if p.state in OPEN and p.state is not State.DRAFT and p.id not in own]


def happened(rows: Sequence[Mapping[str, Any]], number: int) -> list[Mapping[str, Any]]:
    """The latest rows of the log that tell of a change, the newest first."""
    told = [r for r in rows if not str(r["action"]).startswith(_QUIET)]
    return told[: -number - 1 : -1]


def failures_since_last_login(rows: Sequence[Mapping[str, Any]], name: str) -> int:
    """How often somebody failed to log in to an account between its last two logins."""
    own = [r["action"] for r in rows if r["subject"] == name and r["action"] in ("login", "failed-login")]
    logins = [n for n, action in enumerate(own) if action == "login"]
    begin = logins[-2] + 1 if len(logins) > 1 else 0
    return own[begin : logins[-1]].count("failed-login") if logins else 0


def _wait(proposal: Proposal, name: str, roles: frozenset[str]) -> Wait | None:
    if proposal.state is State.DRAFT and Role.AUTHOR in roles:
        return Wait("home.wait_returned" if proposal.reason else "home.wait_draft", proposal)
    if proposal.state is State.REHEARSED and Role.APPROVER in roles:
        own = not can_act(proposal, Action.APPROVE, name=name, role=Role.APPROVER)
        return Wait("home.wait_other" if own else "home.wait_approve", proposal)
    return None


def _silence(scheduler: Mapping[str, Any], now: datetime) -> Iterable[Alert]:
    beat = str(scheduler.get("beat", ""))
    if not beat:
        yield Alert("home.never")
    elif beat < utc(now - SILENCE):
        yield Alert("home.silent", {"at": beat}, times=("at",))


def _pauses(paused: Mapping[str, Any]) -> Iterable[Alert]:
    everything = {"": paused["all"]} if paused.get("all") else {}
    for policy, pause in {**everything, **(paused.get("policies") or {})}.items():
        values = {"policy": policy, "by": pause["by"], "at": pause["at"], "reason": pause["reason"]}
        yield Alert("home.paused" if policy else "home.paused_all", values, "releases.stop", ("at",))


def _trouble(scheduler: Mapping[str, Any]) -> Iterable[Alert]:
    for words in scheduler.get("trouble") or ():
        yield Alert("home.trouble", {"words": words})


def _failures(runs: Iterable[Mapping[str, Any]], now: datetime) -> Iterable[Alert]:
    """Periods of a policy whose last run has failed, of the last month.  `runs`: the newest first."""
    last: dict[tuple[str, str], Mapping[str, Any]] = {}
    for run in runs:
        last.setdefault((run["policy"], run["period"]), run)
    for run in last.values():
        if run["state"] == "failed" and run["ended_at"] >= utc(now - _SHOWN_FAILURES):
            values = {k: run[k] for k in ("policy", "period", "detail")}
            yield Alert("home.failed", {**values, "at": run["ended_at"]}, "log.runs", ("at",))


def _budgets(accounts: Iterable[Mapping[str, Any]]) -> Iterable[Alert]:
    """Accounts that the schedules will empty before they have run all that they have to."""
    for account in accounts:
        forecast = account.get("forecast") or {}
        if forecast.get("reached_on"):
            values = {
                "agency": account["agency"], "year": account["year"], "policy": forecast["reached_by"],
                "on": forecast["reached_on"], "refused": forecast["refused"],
            }  # fmt: skip
            yield Alert("home.budget", values, "account.account")
