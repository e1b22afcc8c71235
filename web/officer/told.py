"""What the scheduler process has told, as pages read it."""

from typing import Any

from publisher.desk.status import read_status
from publisher.log import utc
from web.officer.state import now, the_desk
from web.officer.waiting import SILENCE


def told(name: str) -> dict[str, Any]:
    """A status file; empty where it is not written yet."""
    return read_status(the_desk(), name)


def last_heard() -> str:
    """When the scheduler process last said that it lives; empty for never."""
    return str(told("scheduler").get("beat", ""))


def is_silent() -> bool:
    """Whether the scheduler process has not been heard of for so long that what is asked of it is not done now."""
    return last_heard() < utc(now() - SILENCE)
