"""Every request is asked for its session and its role before anything of it is looked at."""

from flask import Flask, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.accounts import Account, Accounts
from publisher.desk.deputies import Deputies
from publisher.log import utc
from publisher.policy.proposals import ALLOWED, Action, Role
from web.officer.cookies import COOKIE
from web.officer.permissions import PERMISSIONS
from web.officer.state import database, now

__all__ = ["acts_as", "database", "guard", "hop", "now", "who"]


_MOST = 2**63 - 1
"""The largest number that the desk's database knows."""


def who() -> Account:
    """The account of this request; only behind a route that asks for a role."""
    account: Account = g.account
    return account


def acts_as(action: Action) -> Role:
    """The role in which the reader takes an action with a proposal: the own one, or an approver's who is away."""
    held = g.roles & ALLOWED.get(action, frozenset())
    return who().role if who().role in held or not held else next(iter(held))


def hop(address: str) -> ResponseReturnValue:
    """A page that goes on to another by itself.

    A browser gives no SameSite=Strict cookie to a page that another site led to; to one that we lead to it does.
    """
    return make_response(render_template("hop.html", address=address))


def guard(app: Flask) -> None:
    """Put the guard in front of every route of an application."""

    @app.before_request
    def check() -> ResponseReturnValue | None:
        found = Accounts(database()).find(g.session.name) if g.session else None
        g.account = found if found and not found.closed_at else None
        if request.routing_exception is not None:
            raise request.routing_exception
        endpoint = request.endpoint or ""
        if endpoint not in PERMISSIONS:
            abort(404)
        if any(isinstance(v, int) and v > _MOST for v in (request.view_args or {}).values()):
            abort(404)
        roles = PERMISSIONS[endpoint]
        if roles is None:
            return None
        if g.account is None:
            return _turn_away()
        g.roles = Deputies(database()).roles_of(g.account, at=utc(now()))
        if g.roles.isdisjoint(roles):
            abort(403)
        return None


def _turn_away() -> ResponseReturnValue:
    """To the way in, and from there to the page that was wanted; what was sent in a form is refused."""
    if request.method not in ("GET", "HEAD"):
        abort(401)
    if request.headers.get("Sec-Fetch-Site") == "cross-site" and COOKIE not in request.cookies:
        return hop(request.full_path.rstrip("?"))
    return redirect(url_for("door.login", next=None if request.endpoint == "door.home" else request.path))
