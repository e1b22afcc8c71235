"""What to do when something may have been disclosed: what is affected, withdraw, notify, write down."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from publisher.log import ActionLog, utc
from web.officer.access import database, who
from web.officer.releases.pages import releases
from web.officer.state import note
from web.officer.told import told

NOTE = "disclosure-note"
NOTIFY_WITHIN = timedelta(hours=72)
"""GDPR article 33: after the agency has become aware of it."""
_ZONE = ZoneInfo("Europe/Stockholm")
LONGEST = 2000


@releases.get("/disclosure")
def disclosure() -> str:
    """The steps, for the table or release that was chosen."""
    return _page()


def _page(*, wrong: str = "", text: str = "") -> str:
    everything: list[dict[str, Any]] = told("releases").get("releases", [])
    subject, known = request.values.get("subject", ""), _moment(request.values.get("known", ""))
    return render_template(
        "disclosure.html", affected=_affected(everything, subject), subject=subject, subjects=_subjects(everything),
        known=request.values.get("known", "") if known else "", deadline=utc(known + NOTIFY_WITHIN) if known else "",
        notes=_notes(), wrong=wrong, text=text, longest=LONGEST,
    )  # fmt: skip


def _subjects(everything: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What can be chosen: tables, and releases."""
    tables = {t["id"] for r in everything for t in r["tables"]}
    return {"tables": sorted(tables), "releases": [r["release"] for r in everything]}


def _affected(everything: list[dict[str, Any]], subject: str) -> list[dict[str, Any]]:
    """The releases that hold the cells of a release, or that have a table; the newest first."""
    chosen = next((r for r in everything if r["release"] == subject), None)
    if chosen is not None:
        held = {subject, *chosen["held_by"]}
        return [r for r in everything if r["release"] in held]
    return [r for r in everything if subject in {t["id"] for t in r["tables"]}]


def _moment(text: str) -> datetime | None:
    """A Swedish time from the form, in UTC so that hours are counted as they pass; None where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    plain = found.tzinfo is None and 1970 < found.year < 9000
    return found.replace(tzinfo=_ZONE).astimezone(UTC) if plain else None


def _notes() -> list[dict[str, Any]]:
    """What was written down, the newest first."""
    return [r for r in reversed(ActionLog(database()).rows()) if r["action"] == NOTE]


@releases.post("/disclosure")
def write_note() -> ResponseReturnValue:
    """Write a note into the desk's log."""
    subject, text = request.form.get("subject", ""), request.form.get("text", "").strip()
    subjects = _subjects(told("releases").get("releases", []))
    if not text or len(text) > LONGEST:
        return _page(wrong="text", text=text), 422
    if subject and subject not in (*subjects["tables"], *subjects["releases"]):
        return _page(wrong="subject", text=text), 422
    note(NOTE, subject or "-", by=who().name, detail=text)
    known = request.form.get("known", "")
    return redirect(url_for("releases.disclosure", subject=subject, known=known, _anchor="notes"))
