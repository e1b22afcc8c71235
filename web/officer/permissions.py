"""Who may open what.  A route that does not stand here is closed to all, and a test asks that none is missing."""

from types import MappingProxyType

from publisher.policy.proposals import Role

EVERYBODY = frozenset(Role)
DECIDING = frozenset({Role.AUTHOR, Role.APPROVER})
ADMIN = frozenset({Role.ADMIN})
ANSWERING = frozenset({Role.AUDITOR, Role.ADMIN})
"""Who answers for what others have read."""
AUTHOR = frozenset({Role.AUTHOR})
APPROVER = frozenset({Role.APPROVER})
NO_SESSION: frozenset[Role] | None = None
"""The way in, and what a page is drawn with."""

PERMISSIONS = MappingProxyType(
    {
        "static": NO_SESSION,
        "root": NO_SESSION,
        "door.login": NO_SESSION,
        "door.sign_in": NO_SESSION,
        "oidc.begin": NO_SESSION,
        "oidc.back": NO_SESSION,
        "door.home": EVERYBODY,
        "door.logout": EVERYBODY,
        "door.sessions": EVERYBODY,
        "door.end_session": EVERYBODY,
        "door.end_others": EVERYBODY,
        "door.password": EVERYBODY,
        "door.change_password": EVERYBODY,
        "running.form": APPROVER,
        "running.ask": APPROVER,
        "editor.policies": EVERYBODY,
        "editor.proposal": EVERYBODY,
        "editor.version": EVERYBODY,
        "editor.new": AUTHOR,
        "editor.begin": AUTHOR,
        "editor.edit": AUTHOR,
        "editor.save": AUTHOR,
        "editor.check": AUTHOR,
        "editor.submit": AUTHOR,
        "editor.discard": AUTHOR,
        "editor.rebase": AUTHOR,
        "editor.send_back": DECIDING,
        "editor.approve": APPROVER,
        "editor.activate": APPROVER,
        "editor.retire": APPROVER,
        "people.accounts": ADMIN,
        "people.account": ADMIN,
        "people.end_sessions": ADMIN,
        "people.close_account": ADMIN,
        "rehearsal.ask": DECIDING,
        "rehearsal.listing": DECIDING,
        "rehearsal.progress": DECIDING,
        "rehearsal.result": DECIDING,
        "releases.releases": EVERYBODY,
        "releases.release": EVERYBODY,
        "releases.withdraw": frozenset({Role.APPROVER}),
        "releases.stop": EVERYBODY,
        "releases.choose": EVERYBODY,
        "releases.pause": frozenset({Role.APPROVER, Role.ADMIN}),
        "releases.resume": frozenset({Role.APPROVER}),
        "releases.disclosure": EVERYBODY,
        "releases.write_note": EVERYBODY,
        "account.account": EVERYBODY,
        "log.log": EVERYBODY,
        "log.export_log": EVERYBODY,
        "log.access": ANSWERING,
        "log.export_access": ANSWERING,
        "log.runs": EVERYBODY,
        "reports.reports": EVERYBODY,
        "reports.ask": EVERYBODY,
        "reports.file": EVERYBODY,
        "deputies.deputies": EVERYBODY,
        "deputies.name": frozenset({Role.APPROVER}),
        "deputies.end": frozenset({Role.APPROVER, Role.ADMIN}),
        "sources.sources": EVERYBODY,
        "sources.check": frozenset({Role.AUTHOR, Role.APPROVER, Role.ADMIN}),
    }
)
"""Endpoint -> the roles that may open it."""
