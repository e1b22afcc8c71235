"""How times, numbers and sizes are written, and what a page may offer to who reads it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import g

from web.officer.permissions import PERMISSIONS
from web.officer.texts import TEXTS, say
from web.officer.times import moment, read_utc

_HERE = ZoneInfo("Europe/Stockholm")


def clock(at: str) -> str:
    """A UTC time as Swedish day and minute; empty for none."""
    return moment(at) if at else ""


def exact(at: str) -> str:
    """A UTC time as Swedish day and second; empty for none."""
    return _local(at).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def day_of(at: str) -> str:
    """The Swedish day of a UTC time."""
    return _local(at).date().isoformat()


def number(text: str) -> str:
    """Decimal text with the language's decimal sign."""
    return text.replace(".", ",") if g.lang == "sv" else text


def whole(count: int) -> str:
    """A whole number, thousands by a thin space, or by a comma in English."""
    return f"{count:,}".replace(",", "\u202f" if g.lang == "sv" else ",")


def size(count: int) -> str:
    """Bytes as kB or MB."""
    return f"{whole(-(-count // 1000))}\u00a0kB" if count < 10**6 else f"{number(f'{count / 10**6:.1f}')}\u00a0MB"


def lasted(begin: str, end: str) -> str:
    """How long something took, in seconds, minutes or hours; empty where it has not ended."""
    if not (begin and end):
        return ""
    seconds = int((_local(end) - _local(begin)).total_seconds())
    if seconds < 120:
        return f"{seconds}\u00a0s"
    return f"{seconds // 60}\u00a0min" if seconds < 7200 else f"{number(f'{seconds / 3600:.1f}')}\u00a0h"


def words(prefix: str, name: str) -> str:
    """What a name that programs use is called here; the name itself where it is called nothing else."""
    key = f"{prefix}_{name}"
    return say(key, g.lang) if key in TEXTS else name


def may(endpoint: str) -> bool:
    """Whether the reader's role, or one that the reader stands in for, opens a page."""
    return not roles().isdisjoint(PERMISSIONS[endpoint] or ())


def roles() -> frozenset[str]:
    """The reader's role, and an approver's while the reader stands in for one."""
    held: frozenset[str] = g.roles
    return held


def helpers() -> dict[str, object]:
    """What the templates of these pages use, by name."""
    own = (clock, exact, day_of, number, whole, size, lasted, words, may)
    return {function.__name__: function for function in own}


def _local(at: str) -> datetime:
    return read_utc(at).astimezone(_HERE)
