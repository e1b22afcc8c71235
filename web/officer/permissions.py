"""Who may open what.  A route that does not stand here is closed to all, and a test asks that none is missing."""

from types import MappingProxyType

from publisher.policy.proposals import Role

EVERYBODY = frozenset(Role)
DECIDING = frozenset({Role.AUTHOR, Role.APPROVER})
NO_SESSION: frozenset[Role] | None = None
"""The way in, and what a page is drawn with."""

PERMISSIONS = MappingProxyType(
    {
        "static": NO_SESSION,
        "door.login": NO_SESSION,
        "door.home": EVERYBODY,
        "door.logout": EVERYBODY,
        "rehearsal.ask": DECIDING,
        "rehearsal.listing": DECIDING,
        "rehearsal.progress": DECIDING,
        "rehearsal.result": DECIDING,
    }
)
"""Endpoint -> the roles that may open it."""
