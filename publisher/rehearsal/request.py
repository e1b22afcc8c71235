"""An officer's request for a rehearsal, carried out: from the queue to a result on the desk.

What is written meanwhile names policies, periods and alternatives.
"""

from collections.abc import Callable
from datetime import datetime

from publisher.desk import errands
from publisher.desk.folder import Desk
from publisher.desk.proposals import Proposals, digest_of
from publisher.desk.rehearsals import write_result
from publisher.desk.requests import Kind, Request, Requests, Stand
from publisher.errors import ProposalError, RequestError
from publisher.home import Home
from publisher.log import utc
from publisher.policy.proposals import Action, Proposal, State
from publisher.rehearsal.comparison import Asked, compare
from publisher.workspace import open_workspace

Clock = Callable[[], datetime]


def carry_out(home: Home, number: int, *, clock: Clock) -> Stand:
    """Rehearse what request `number` asks for, keep the result, and say how it ended."""
    return errands.carry_out(home.desk, number, Kind.REHEARSE, lambda r: _rehearse(home, r, clock), clock=clock)


def _rehearse(home: Home, request: Request, clock: Clock) -> str:
    """Compare and keep the result; returns what is to be noted of it."""
    desk, details = home.desk, dict(request.details or {})
    with desk.open() as db:
        proposal = _proposal(Proposals(db), request)
        text = _text(Proposals(db), proposal, details.get("digest") or proposal.digest)
    asked = Asked(
        proposal.policy, text, details.get("period", ""), _listed(details, "alternatives"), _listed(details, "areas")
    )
    with open_workspace(home, exclusive=True) as work:
        found = compare(work, asked, now=clock(), say=lambda step: _say(desk, request.id, step))
    write_result(desk, request.id, {"proposal": proposal.id, **found}, now=clock())
    with desk.open() as db:
        return _finish(Proposals(db), proposal.id, digest_of(text), utc(clock()))


def _proposal(proposals: Proposals, request: Request) -> Proposal:
    if not request.subject.isdecimal():
        raise RequestError(f"request {request.id} names no proposal")
    return proposals.get(int(request.subject))


def _text(proposals: Proposals, proposal: Proposal, digest: str) -> str:
    """The bytes that were asked about, which need not be the last ones."""
    kept = [proposal.text, *(str(v["text"]) for v in proposals.versions(proposal.id))]
    for text in kept:
        if digest_of(text) == digest:
            return text
    raise RequestError(f"proposal {proposal.id} never had the bytes that were asked about")


def _listed(details: dict[str, str], key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(details.get(key, "").replace(",", " ").split()))


def _say(desk: Desk, number: int, step: str) -> None:
    with desk.open() as db:
        Requests(db).set(number, Stand.RUNNING, note=step)


def _finish(proposals: Proposals, number: int, digest: str, at: str) -> str:
    """A submitted proposal of these very bytes is rehearsed now; any other is left as it is."""
    now = proposals.get(number)
    if now.digest != digest:
        return "changed meanwhile"
    if now.state is State.SUBMITTED:
        try:
            proposals.carried(number, Action.FINISH_REHEARSAL, digest=digest, at=at)
        except ProposalError:  # returned to its author between the two
            return "changed meanwhile"
    return ""
