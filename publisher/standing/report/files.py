"""The files of a report, in both languages and both forms."""

from collections.abc import Iterator
from datetime import datetime

from publisher.errors import RequestError
from publisher.files import write_atomically
from publisher.standing.report.html import to_html
from publisher.standing.report.paper import Paper
from publisher.standing.report.pdf import to_pdf
from publisher.standing.report.processing import impact_assessment, record_of_processing
from publisher.standing.report.yearly import yearly_report
from publisher.workspace import Workspace


def write_reports(work: Workspace, year: str, *, now: datetime) -> list[str]:
    """Write the report of a year, and both extracts as they stand, into the officer's folder; returns the names.

    RequestError for what is no year, or one that has not begun.
    """
    if not (year.isascii() and year.isdecimal() and 1900 <= int(year) <= now.year):
        raise RequestError("a report is of a year that has begun, such as 2024")
    names = []
    for name, paper in _papers(work, int(year), now):
        for form, data in (("html", to_html(paper)), ("pdf", to_pdf(paper))):
            write_atomically(work.home.desk.reports / f"{name}.{paper.lang}.{form}", data, mode=0o600)
            names.append(f"{name}.{paper.lang}.{form}")
    return names


def _papers(work: Workspace, year: int, now: datetime) -> Iterator[tuple[str, Paper]]:
    for lang in ("sv", "en"):
        yield str(year), yearly_report(work, year, lang, now=now)
        yield "record-of-processing", record_of_processing(work, lang, now=now)
        yield "impact-assessment", impact_assessment(work, lang, now=now)
