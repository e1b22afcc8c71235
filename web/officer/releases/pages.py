"""Releases: what is public, what is in each, who answers for it; and how one is withdrawn."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.requests import Kind, Request, Requests, Stand
from publisher.log import utc
from web.officer.access import database, now, who
from web.officer.shown import helpers
from web.officer.told import is_silent, told

releases = Blueprint("releases", __name__)
releases.context_processor(helpers)
STATES = ("published", "sealed", "withdrawn")
PAGE = 200


@releases.get("/releases", endpoint="releases")
def list_all() -> str:
    """Every release, the newest first; searched by words and state."""
    text, state = request.args.get("q", "").strip(), request.args.get("state", "")
    everything: list[dict[str, Any]] = told("releases").get("releases", [])
    rows = [r for r in everything if state in ("", r["state"]) and text.casefold() in _spoken(r)]
    return render_template(
        "releases.html", releases=rows[:PAGE], found=len(rows), all=len(everything), q=text, state=state,
        states=STATES, waiting=_waiting(),
    )  # fmt: skip


def _spoken(release: dict[str, Any]) -> str:
    """All words of a release that a search looks in."""
    titles = [t["title"] for t in (release, *release["tables"])]
    plain = [release["release"], release["approver"], release["author"], release["reason"], release["why"]]
    return " ".join([*plain, *(t[lang] for t in titles for lang in ("sv", "en"))]).casefold()


def _waiting() -> frozenset[str]:
    """Releases whose withdrawal is asked for and not done."""
    return frozenset(r.subject for r in Requests(database()).waiting() if r.kind is Kind.WITHDRAW)


@releases.get("/releases/<release>", endpoint="release")
def show(release: str) -> str:
    """One release, and the way to withdraw it."""
    return _page(release)


def _page(release: str, *, wrong: str = "", reason: str = "") -> str:
    everything: list[dict[str, Any]] = told("releases").get("releases", [])
    by_name = {r["release"]: r for r in everything}
    if release not in by_name:
        abort(404)
    one = by_name[release]
    asked = Requests(database()).where(Kind.WITHDRAW, release)
    return render_template(
        "release.html", one=one, holders=[by_name[h] for h in one["held_by"]], after=_after(everything, one),
        asked=asked, open=is_open(asked), silent=is_silent(), wrong=wrong, reason=reason,
    )  # fmt: skip


def is_open(asked: list[Request]) -> bool:
    """Whether one of the requests is not carried out yet."""
    return any(r.stand in (Stand.QUEUED, Stand.RUNNING) for r in asked)


def _after(everything: list[dict[str, Any]], one: dict[str, Any]) -> dict[str, Any] | None:
    """The release that readers are shown once `one`, and those that hold its cells, are gone."""
    kept = [r for r in everything if r["policy"] == one["policy"] and r["state"] == "published"]
    return next((r for r in kept if r["release"] not in one["held_by"]), None)


@releases.post("/releases/<release>/withdraw")
def withdraw(release: str) -> ResponseReturnValue:
    """Ask the scheduler process to withdraw a release and those that hold its cells; a reason is needed."""
    one = next((r for r in told("releases").get("releases", []) if r["release"] == release), None)
    if one is None:
        abort(404)
    reason = request.form.get("reason", "").strip()
    if not reason:
        return _page(release, wrong="reason"), 422
    if one["state"] == "withdrawn":
        return _page(release, wrong="gone", reason=reason), 409
    Requests(database()).ask(
        Kind.WITHDRAW, release, by=who().name, at=utc(now()), reason=reason, details={"only": ""}
    )
    return redirect(url_for("releases.release", release=release, _anchor="asked"))
