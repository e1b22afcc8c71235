"""Who has read what: every reading of a log or a report is a row of the desk's log, one a visit."""

from datetime import timedelta

from publisher.log import utc
from web.officer.access import database, now, who
from web.officer.state import note

_VISIT = timedelta(minutes=15)
READINGS = ("read-", "export-")
"""How the actions begin that tell of a reading."""


def note_reading(action: str, subject: str = "") -> None:
    """Log that the reader of this request has read something, unless the same was logged for this visit already."""
    seen = database().execute(
        "SELECT 1 FROM log WHERE action = ? AND subject = ? AND actor = ? AND at > ? LIMIT 1",
        [action, subject, who().name, utc(now() - _VISIT)],
    ).fetchone()  # fmt: skip
    if seen is None:
        note(action, subject, by=who().name)
