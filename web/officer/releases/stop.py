"""The emergency stop: pause a policy or everything, let it go on, withdraw a release; and what is stopped now."""

from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.requests import Kind, Request, Requests
from publisher.log import utc
from web.officer.access import database, now, who
from web.officer.releases.pages import releases
from web.officer.told import is_silent, last_heard, told

_KINDS = {
    "pause": (Kind.PAUSE_ALL, Kind.PAUSE),
    "resume": (Kind.RESUME_ALL, Kind.RESUME),
}
"""For everything, and for one policy."""
_STOPS = (Kind.PAUSE, Kind.PAUSE_ALL, Kind.RESUME, Kind.RESUME_ALL, Kind.WITHDRAW)
RECENT = 20


@dataclass(frozen=True, slots=True)
class Stopped:
    """What is stopped now: a policy, or everything where `policy` is empty.  `asked`: the request, if known."""

    policy: str
    title: dict[str, str]
    by: str
    at: str
    reason: str
    asked: Request | None


@releases.get("/stop")
def stop() -> str:
    """What is stopped, and how to stop more or less."""
    return _page()


def _page(*, wrong: str = "", reason: str = "") -> str:
    queue = Requests(database())
    document = told("policies")
    policies: list[dict[str, Any]] = document.get("policies", [])
    public = [r for r in told("releases").get("releases", []) if r["state"] != "withdrawn"]
    return render_template(
        "stop.html", stopped=_stopped(document, queue), policies=policies, releases=public, silent=is_silent(),
        heard=last_heard(), waiting=[r for r in queue.waiting() if r.kind in _STOPS],
        recent=[r for r in queue.recent(200) if r.kind in _STOPS][:RECENT], wrong=wrong, reason=reason,
    )  # fmt: skip


def _stopped(document: dict[str, Any], queue: Requests) -> list[Stopped]:
    """Everything that is paused, all policies first."""
    everything: dict[str, Any] = {"policy": "", "title": {}, "paused": document.get("paused_all")}
    paused = [p for p in (everything, *document.get("policies", [])) if p["paused"]]
    return [Stopped(p["policy"], p["title"], **p["paused"], asked=_last(queue, p["policy"])) for p in paused]


def _last(queue: Requests, policy: str) -> Request | None:
    """The request that paused it."""
    asked = queue.where(Kind.PAUSE if policy else Kind.PAUSE_ALL, policy)
    return next((r for r in asked if r.ended_at), None)


@releases.get("/stop/withdraw")
def choose() -> ResponseReturnValue:
    """To the page of the release that was chosen, where it is withdrawn with a reason."""
    chosen = request.args.get("release", "")
    if chosen not in {r["release"] for r in told("releases").get("releases", [])}:
        abort(404)
    return redirect(url_for("releases.release", release=chosen, _anchor="withdraw"))


@releases.post("/stop/pause")
def pause() -> ResponseReturnValue:
    """Pause a policy, or everything where none is named."""
    return _ask("pause")


@releases.post("/stop/resume")
def resume() -> ResponseReturnValue:
    """Let a policy, or everything, go on."""
    return _ask("resume")


def _ask(action: str) -> ResponseReturnValue:
    policy, reason = request.form.get("policy", ""), request.form.get("reason", "").strip()
    if policy and policy not in {p["policy"] for p in told("policies").get("policies", [])}:
        abort(404)
    if not reason:
        return _page(wrong=f"{action}-{policy}"), 422
    kind = _KINDS[action][bool(policy)]
    Requests(database()).ask(kind, policy, by=who().name, at=utc(now()), reason=reason)
    return redirect(url_for("releases.stop"))
