"""Sources and geography: what is there, what was last found, what expires."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.requests import Kind, Requests
from publisher.log import utc
from web.officer.access import database, now, who
from web.officer.releases.pages import is_open
from web.officer.shown import helpers
from web.officer.told import is_silent, told

sources = Blueprint("sources", __name__)
sources.context_processor(helpers)


@sources.get("/sources", endpoint="sources")
def show() -> str:
    """Every declared source, edition and population."""
    queue = Requests(database())
    declared = [{**s, "asked": queue.where(Kind.CHECK_SOURCE, s["source"])} for s in told("sources").get("sources", [])]
    return render_template(
        "sources.html", sources=declared, geography=told("geography"), is_open=is_open, silent=is_silent()
    )


@sources.post("/sources/<path:source>/check")
def check(source: str) -> ResponseReturnValue:
    """Ask the scheduler process to hold a source against its declaration."""
    if source not in {s["source"] for s in told("sources").get("sources", [])}:
        abort(404)
    Requests(database()).ask(Kind.CHECK_SOURCE, source, by=who().name, at=utc(now()))
    return redirect(url_for("sources.sources"))
