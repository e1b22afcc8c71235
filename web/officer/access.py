"""Every request is asked for its session and its role before anything of it is looked at."""

from collections.abc import Callable
from datetime import datetime
from hmac import compare_digest
from typing import Any

import sqlite_utils
from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.accounts import Account, Accounts
from publisher.desk.deputies import Deputies
from publisher.log import utc
from web.officer.permissions import PERMISSIONS
from web.officer.sessions import COOKIE, Sessions


def now() -> datetime:
    """The application's clock."""
    clock: Callable[[], datetime] = current_app.extensions["clock"]
    return clock()


def database() -> sqlite_utils.Database:
    """The officer's database, one connection a request."""
    if "db" not in g:
        g.held = current_app.extensions["desk"].open()
        g.db = g.held.__enter__()
    db: sqlite_utils.Database = g.db
    return db


def who() -> Account:
    """The account of this request; only behind a route that asks for a role."""
    account: Account = g.account
    return account


def drop_session(db: sqlite_utils.Database) -> None:
    """End the session of this request."""
    Sessions(db).end(g.session.id)


def guard(app: Flask) -> None:
    """Put the guard in front of every route of an application."""

    @app.before_request
    def check() -> ResponseReturnValue | None:
        if request.endpoint is None or request.endpoint not in PERMISSIONS:
            abort(404)
        roles = PERMISSIONS[request.endpoint]
        if roles is None:
            return None
        token = request.cookies.get(COOKIE, "")
        session = Sessions(database()).find(token, now=now()) if token else None
        account = Accounts(database()).find(session.name) if session else None
        if session is None or account is None:
            return redirect(url_for("door.login"))
        g.session, g.account = session, account
        if Deputies(database()).roles_of(account, at=utc(now())).isdisjoint(roles):
            abort(403)
        if request.method not in ("GET", "HEAD") and not compare_digest(
            request.form.get("csrf_token", ""), session.csrf
        ):
            abort(400)
        return None

    @app.teardown_appcontext
    def close(_error: Any) -> None:
        if "held" in g:
            g.held.__exit__(None, None, None)
