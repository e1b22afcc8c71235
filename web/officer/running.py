"""A run asked for by hand: one that failed or was missed, an earlier period, or a revision."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.requests import Kind, Request, Requests
from publisher.log import utc
from publisher.periods import Period
from web.officer.access import database, now, who
from web.officer.told import told

running = Blueprint("running", __name__)
WAYS = ("first", "again", "revise")
"""As a run of its schedule; another try of one that was charged and not sealed; a new version of a sealed period."""
_SHOWN = 10


@running.get("/runs/new")
def form() -> str:
    """Ask for a run, and what became of those that were asked for."""
    return _page({})


@running.post("/runs/new")
def ask() -> ResponseReturnValue:
    """Ask the scheduler process for a run."""
    given = {name: request.form.get(name, "").strip() for name in ("policy", "period", "way", "reason")}
    if wrong := _wrong(given):
        return _page(given, wrong), 422
    details = {"period": given["period"], **({given["way"]: "yes"} if given["way"] != "first" else {})}
    Requests(database()).ask(
        Kind.RUN, given["policy"], by=who().name, at=utc(now()), reason=given["reason"], details=details
    )
    return redirect(url_for("running.form"))


def _page(given: dict[str, str], wrong: tuple[str, ...] = ()) -> str:
    asked = [r for r in Requests(database()).recent(200) if r.kind is Kind.RUN][:_SHOWN]
    runs = {(r["policy"], r["period"]): r for r in told("runs").get("runs", [])}
    return render_template(
        "run.html", policies=_policies(), given=given, wrong=wrong, ways=WAYS,
        asked=[(r, _became(r, runs)) for r in asked],
    )  # fmt: skip


def _policies() -> list[dict[str, Any]]:
    policies: list[dict[str, Any]] = told("policies").get("policies", [])
    return policies


def _became(asked: Request, runs: dict[tuple[str, str], dict[str, Any]]) -> dict[str, Any] | None:
    """The latest run of the policy and period that were asked for."""
    return runs.get((asked.subject, (asked.details or {}).get("period", "")))


def _wrong(given: dict[str, str]) -> tuple[str, ...]:
    """Names of the fields that need mending."""
    found = []
    if given["policy"] not in {p["policy"] for p in _policies()}:
        found.append("policy")
    try:
        Period.parse(given["period"])
    except ValueError:
        found.append("period")
    if given["way"] not in WAYS:
        found.append("way")
    if not given["reason"]:
        found.append("reason")
    return tuple(found)
