"""What officers ask and is done at once: policies put in force and taken out, releases withdrawn, pauses, runs asked
for.

The site has asked who may; this process asks again, and believes neither a state nor a role that does not stand in the
officer's database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlite_utils

from publisher.activation import active_digest, active_policies, put_in_force, retire
from publisher.desk.accounts import Accounts
from publisher.desk.deputies import Deputies
from publisher.desk.proposals import Proposals
from publisher.desk.requests import URGENT, Kind, Request, Requests, Stand
from publisher.errors import PolicyError, PublisherError, RequestError
from publisher.locks import locked
from publisher.log import utc
from publisher.periods import Period
from publisher.policy.loader import LoadedPolicy, parse_policy
from publisher.policy.proposals import Action, Proposal, Role, State
from publisher.preparation import RunRequest, check_request, next_version
from publisher.scheduler.pauses import EVERYTHING, Pauses
from publisher.scheduler.publish import told
from publisher.scheduler.runs import RunRow, RunState, RunTable
from publisher.workspace import Workspace, verify

_PATIENCE = 60.0
"""Seconds: what is done at once takes a few at most."""
_APPROVER = frozenset({Role.APPROVER})
MAY_ASK: Mapping[Kind, frozenset[Role]] = {
    Kind.ACTIVATE: _APPROVER,
    Kind.RETIRE: _APPROVER,
    Kind.WITHDRAW: _APPROVER,
    Kind.RUN: _APPROVER,
    Kind.PAUSE: frozenset({Role.APPROVER, Role.ADMIN}),
    Kind.PAUSE_ALL: frozenset({Role.APPROVER, Role.ADMIN}),
    Kind.RESUME: _APPROVER,
    Kind.RESUME_ALL: _APPROVER,
}
"""The roles that may ask for what is done at once."""


@dataclass(frozen=True, slots=True)
class Order:
    """A request with what it is carried out with."""

    work: Workspace
    desk: sqlite_utils.Database
    request: Request
    now: datetime

    @property
    def at(self) -> str:
        """Now, as text."""
        return utc(self.now)


def carry_out(work: Workspace, desk: sqlite_utils.Database, *, now: datetime) -> int:
    """Carry out all requests that are done at once, the most urgent first; returns how many there were.

    One process at a time does so: what another has begun and not ended is lost, and carried out again.
    """
    requests = Requests(desk)
    if not _asked(requests):
        return 0
    verify(work)
    refusal = "another publisher process carries out what officers ask; try again"
    with locked(work.home.orders_lock, refusal=refusal, patience=_PATIENCE):
        found = _asked(requests)
        for request in found:
            requests.set(request.id, Stand.RUNNING)
            requests.set(request.id, *_carried(Order(work, desk, request, now)), at=utc(now))
    return len(found)


def _asked(requests: Requests) -> list[Request]:
    found = [r for r in requests.waiting() if r.kind in URGENT]
    return sorted(found, key=lambda r: (URGENT.index(r.kind), r.id))


def _carried(order: Order) -> tuple[Stand, str]:
    """How a request ended, and what is to be said of it; whatever goes wrong, the next one is not to wait for it."""
    try:
        _require_role(order)
        return Stand.DONE, _WAYS[order.request.kind](order)
    except PublisherError as error:
        return Stand.REFUSED, str(error)
    except Exception as error:
        return Stand.FAILED, told(error)


def _require_role(order: Order) -> None:
    if not _may(order, order.request.by):
        words = f"{order.request.by} may not {order.request.kind}"
        if order.request.kind is Kind.ACTIVATE:
            _give_back(order, words)
        raise RequestError(words)


def _may(order: Order, name: str) -> bool:
    """Whether somebody may ask for what is asked."""
    account, may = Accounts(order.desk).find(name), MAY_ASK[order.request.kind]
    if account is None or account.closed_at:
        return False
    return not Deputies(order.desk).roles_of(account, at=order.at).isdisjoint(may)


def _give_back(order: Order, words: str) -> None:
    """An approved proposal that is not taken up goes back to its authors; nobody else could bring it further."""
    proposals = Proposals(order.desk)
    proposal = proposals.get(int(order.request.subject))
    approver = proposal.approver
    if proposal.state is State.APPROVED and (approver == order.request.by or not _may(order, approver)):
        proposals.carried(proposal.id, Action.REFUSE, digest=proposal.digest, at=order.at, reason=words)


def _activate(order: Order) -> str:
    proposals, digest = Proposals(order.desk), (order.request.details or {}).get("digest", "")
    proposal = proposals.get(int(order.request.subject))
    told_of = proposal.digest == digest and proposal.approver == order.request.by
    if told_of and proposal.state is State.ACTIVE:  # a process that was lost then could not say so any more
        return f"{proposal.policy} is in force"
    if not told_of and not _may(order, proposal.approver):
        _give_back(order, f"{proposal.approver} may not approve any more")
    if not told_of or proposal.state is not State.APPROVED:
        raise RequestError(f"proposal {proposal.id} was not approved in these bytes by {order.request.by}")
    try:
        _take_up(order, proposal)
    except PublisherError as error:
        _give_back(order, told(error))
        raise
    for other in proposals.all():
        if other.policy == proposal.policy and other.state is State.ACTIVE:
            proposals.carried(other.id, Action.SUPERSEDE, digest=other.digest, at=order.at)
    proposals.carried(proposal.id, Action.TAKE_UP, digest=digest, at=order.at)
    return f"{proposal.policy} is in force"


def _take_up(order: Order, proposal: Proposal) -> None:
    home = order.work.home
    if active_digest(home, proposal.policy) not in (proposal.base, proposal.digest):
        raise PolicyError(f"another version of {proposal.policy} came into force since the proposal was begun")
    put_in_force(
        _read(proposal), home=home, log=order.work.log, authors=proposal.editors, approver=proposal.approver,
        at=order.at,
    )  # fmt: skip


def _read(proposal: Proposal) -> LoadedPolicy:
    loaded, problems = parse_policy(proposal.text.encode(), f"{proposal.policy}.yaml")
    if loaded is None:
        raise PolicyError("\n".join(map(str, problems)))
    return loaded


def _retire(order: Order) -> str:
    policy, home, reason = order.request.subject, order.work.home, order.request.reason
    proposals = Proposals(order.desk)
    own = [p for p in proposals.all() if p.policy == policy and p.state is State.ACTIVE]
    if active_digest(home, policy) or not own:  # else a process that was lost then had taken the file away
        retire(policy, home=home, log=order.work.log, by=order.request.by, at=order.at, reason=reason)
    for one in own:
        proposals.carried(one.id, Action.SUPERSEDE, digest=one.digest, at=order.at, reason=reason)
    return f"{policy} is not in force any more"


def _withdraw(order: Order) -> str:
    store, release = order.work.store, order.request.subject
    only = (order.request.details or {}).get("only") == "yes"
    names = store.withdraw_cells(
        release, only=only, reason=order.request.reason, actor=order.request.by, now=order.now,
        agencies=list(order.work.settings.agencies.values()),
    )  # fmt: skip
    return ", ".join(names) + (" is" if len(names) == 1 else " are") + " withdrawn"


def _run(order: Order) -> str:
    """Plan a run by hand: one that failed or was skipped, an earlier period, or a revision."""
    details, work = order.request.details or {}, order.work
    policies = {p.policy.id: p.policy for p in active_policies(work.home, work.log)}
    if order.request.subject not in policies:
        raise RequestError(f"policy {order.request.subject} is not active")
    try:
        period = Period.parse(details.get("period", ""))
    except ValueError as error:
        raise RequestError(str(error)) from None
    revise, again = details.get("revise") == "yes", details.get("again") == "yes"
    reason = order.request.reason if revise or again else ""
    request = RunRequest(order.request.subject, period, revise, again, reason)
    check_request(work, policies[request.policy], request, order.now)
    row = RunRow(
        request.policy, period.code, next_version(work, request), RunState.PLANNED, order.at, again=again, reason=reason
    )
    runs = RunTable(work.db)
    if not runs.add(row):
        runs.move(row, RunState.PLANNED, planned_at=order.at, detail="", again=int(again), reason=reason)
    work.log.write(at=order.at, actor=order.request.by, action="plan", subject=row.key, detail=order.request.reason)
    return f"{row.key} is planned"


def _pause(order: Order) -> str:
    subject = _paused_subject(order)
    Pauses(order.work.db).pause(subject, by=order.request.by, at=order.at, reason=order.request.reason)
    return f"{subject or 'everything'} is paused"


def _resume(order: Order) -> str:
    subject = _paused_subject(order)
    Pauses(order.work.db).resume(subject, by=order.request.by, at=order.at, reason=order.request.reason)
    return f"{subject or 'everything'} goes on"


def _paused_subject(order: Order) -> str:
    if order.request.kind in (Kind.PAUSE_ALL, Kind.RESUME_ALL):
        return EVERYTHING
    known = {r.policy for r in order.work.store.records()} | {p.stem for p in order.work.home.active.glob("*.yaml")}
    if order.request.subject not in known:
        raise RequestError(f"policy {order.request.subject} is not known")
    return order.request.subject


_WAYS: Mapping[Kind, Callable[[Order], str]] = {
    Kind.ACTIVATE: _activate,
    Kind.RETIRE: _retire,
    Kind.WITHDRAW: _withdraw,
    Kind.RUN: _run,
    Kind.PAUSE: _pause,
    Kind.PAUSE_ALL: _pause,
    Kind.RESUME: _resume,
    Kind.RESUME_ALL: _resume,
}
