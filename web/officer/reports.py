"""Reports as files: what there is, to ask for one, and to take one away."""

import re
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.requests import Kind, Request, Requests
from publisher.log import utc
from web.officer.access import database, now, who
from web.officer.shown import helpers
from web.officer.state import note, the_desk
from web.officer.told import told

reports = Blueprint("reports", __name__)
reports.context_processor(helpers)
_NAME = re.compile(r"((?:19|20)[0-9]{2}|record-of-processing|impact-assessment)\.(sv|en)\.(html|pdf)", re.ASCII)
_TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
_SAFE = {
    "Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}  # fmt: skip


@reports.get("/reports", endpoint="reports")
def show() -> str:
    """The reports that there are, by year, and the extracts."""
    return _page()


def _page(*, wrong: str = "") -> str:
    by_name: dict[str, list[str]] = {}
    for name in sorted(p.name for p in _folder().glob("*.*")):
        if match := _NAME.fullmatch(name):
            by_name.setdefault(match[1], []).append(name)
    years = sorted((n for n in by_name if n.isdecimal()), reverse=True)
    extracts = [n for n in by_name if not n.isdecimal()]
    return render_template(
        "reports.html", by_name=by_name, years=years, extracts=extracts, choices=_choices(), wrong=wrong,
        asked=_asked(), made=_made,
    )  # fmt: skip


def _folder() -> Path:
    return the_desk().reports


def _made(name: str) -> str:
    """When a file was written."""
    return utc(datetime.fromtimestamp((_folder() / name).stat().st_mtime, UTC))


def _choices() -> list[str]:
    """Years that a report can be asked for: those in which something was published, and this one."""
    times = [r["published_at"] for r in told("releases").get("releases", []) if r["published_at"]]
    return sorted({at[:4] for at in times} | {str(now().year)}, reverse=True)


def _asked() -> list[Request]:
    return [r for r in Requests(database()).recent(200) if r.kind is Kind.REPORT][:5]


@reports.post("/reports")
def ask() -> ResponseReturnValue:
    """Ask the scheduler process for the report of a year, with the extracts as they stand then."""
    year = request.form.get("year", "")
    if year not in _choices():
        return _page(wrong="year"), 422
    Requests(database()).ask(Kind.REPORT, year, by=who().name, at=utc(now()))
    return redirect(url_for("reports.reports"))


@reports.get("/reports/<name>")
def file(name: str) -> ResponseReturnValue:
    """One file, to be kept and not shown here; only names of reports are looked for.  That it was taken is logged."""
    match = _NAME.fullmatch(name)
    path = _folder() / name
    if match is None or path.is_symlink() or not path.is_file():
        abort(404)
    note("read-report", name, by=who().name)
    answer = Response(path.read_bytes(), content_type=_TYPES[match[3]])
    answer.headers.update(_SAFE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
