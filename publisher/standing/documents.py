"""All documents for the officer's site, by the names of their status files."""

from datetime import datetime

from publisher.desk.status import read_status
from publisher.standing.account import account_document
from publisher.standing.geography import geography_document
from publisher.standing.log import log_document
from publisher.standing.policies import Pauses, policies_document, policies_in_force
from publisher.standing.releases import releases_document
from publisher.standing.sources import sources_document
from publisher.workspace import Workspace


def documents(work: Workspace, *, now: datetime, pauses: Pauses) -> dict[str, dict[str, object]]:
    """Every document but those that the scheduler process alone knows (`scheduler`, `runs`).

    What was read of sealed releases and public files for the last documents is not read again.
    """
    desk, in_force = work.home.desk, policies_in_force(work)
    return {
        "policies": policies_document(work, in_force, pauses=pauses),
        "releases": releases_document(work, before=read_status(desk, "releases")),
        "account": account_document(work, in_force, now=now),
        "log": log_document(work),
        "sources": sources_document(work),
        "geography": geography_document(work, in_force, now=now, before=read_status(desk, "geography")),
    }
