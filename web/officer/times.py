"""Moments as officers read them: Swedish time, to the minute."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_HERE = ZoneInfo("Europe/Stockholm")


def read_utc(text: str) -> datetime:
    """A moment that was kept as UTC text."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def moment(text: str) -> str:
    """`2026-02-15T07:00:00Z` as `2026-02-15 08:00`."""
    return read_utc(text).astimezone(_HERE).strftime("%Y-%m-%d %H:%M")
