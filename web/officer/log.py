"""The logs, searched and verified where they are read; who has read what; and the runs."""

from itertools import groupby
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from publisher.log import ActionLog
from web.officer.access import database, who
from web.officer.exports import FORMS, export
from web.officer.readings import READINGS, note_reading
from web.officer.rows import COLUMNS, PLACES, LogRow, Raw, Search, found, merged, verdict
from web.officer.shown import helpers
from web.officer.state import note
from web.officer.told import told

log = Blueprint("log", __name__)
log.context_processor(helpers)
PAGE = 200


@log.get("/log", endpoint="log")
def show() -> str:
    """All rows that are looked for, the newest first, and whether the chains are whole."""
    note_reading("read-log")
    chains = _chains()
    everything = merged(chains)
    search = _search(request.args)
    rows = found(everything, search)
    page = min(max(1, request.args.get("page", 1, type=int)), 1 + (len(rows) - 1) // PAGE) if rows else 1
    return render_template(
        "log.html", rows=rows[(page - 1) * PAGE : page * PAGE], found=len(rows), page=page,
        pages=-(-len(rows) // PAGE), search=search, verdicts=[verdict(p, chains[p]) for p in PLACES], places=PLACES,
        actors=_names(r.actor for r in everything), actions=_names(r.action for r in everything), forms=FORMS,
    )  # fmt: skip


def _names(values: Any) -> list[str]:
    return sorted(set(values) - {""})


def _chains() -> dict[str, Raw]:
    """The rows of each place, the oldest first."""
    document = told("log")
    return {
        "desk": ActionLog(database()).rows(), "home": document.get("log", []), "ledger": document.get("ledger", []),
    }  # fmt: skip


def _search(values: "MultiDict[str, str]") -> Search:
    names = {"text": "q", "actor": "actor", "action": "action", "place": "place", "first": "from", "last": "to"}
    return Search(**{field: values.get(name, "").strip() for field, name in names.items()})


@log.post("/log/export")
def export_log() -> ResponseReturnValue:
    """The rows that are looked for, as a file; that they were taken is logged."""
    rows = found(merged(_chains()), _search(request.form))
    return _exported(rows, "log")


def _exported(rows: list[LogRow], name: str) -> ResponseReturnValue:
    form = request.form.get("form", "")
    if form not in FORMS:
        abort(400)
    note(f"export-{name}", form, by=who().name, detail=f"{len(rows)} rows")
    return export((r.as_object() for r in rows), COLUMNS, name=name, form=form)


@log.get("/log/access")
def access() -> str:
    """Who has read or taken what, person by person."""
    note_reading("read-access")
    rows, search = _readings()
    by_person = groupby(sorted(rows, key=lambda r: r.actor), key=lambda r: r.actor)
    return render_template(
        "access.html", people=[(name, list(group)) for name, group in by_person], search=search, forms=FORMS,
        found=len(rows),
    )  # fmt: skip


def _readings() -> tuple[list[LogRow], Search]:
    """The rows of the desk's log that tell of a reading, and what was looked for."""
    rows = merged({"desk": ActionLog(database()).rows(), "home": [], "ledger": []})
    search = _search(request.values)
    return [r for r in found(rows, search) if r.action.startswith(READINGS)], search


@log.post("/log/access/export")
def export_access() -> ResponseReturnValue:
    """The access report as a file."""
    return _exported(_readings()[0], "access")


@log.get("/runs")
def runs() -> str:
    """Every run, the last planned first; searched by state and words."""
    state, text = request.args.get("state", ""), request.args.get("q", "").strip()
    everything: list[dict[str, Any]] = told("runs").get("runs", [])
    states = _names(r["state"] for r in everything)
    rows = [r for r in everything if state in ("", r["state"]) and text in f"{r['policy']} {r['period']}"]
    return render_template("runs.html", runs=rows[:PAGE], found=len(rows), states=states, state=state, q=text)
