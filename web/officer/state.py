"""What a request works with: the clock, the desk's database and key, and its log."""

from collections.abc import Callable
from datetime import datetime

import sqlite_utils
from flask import Flask, current_app, g

from publisher.desk.folder import Desk
from publisher.desk.secret_key import SecretKey
from publisher.log import ActionLog, utc


def now() -> datetime:
    """The application's clock."""
    clock: Callable[[], datetime] = current_app.extensions["clock"]
    return clock()


def the_desk() -> Desk:
    """The officer's folder."""
    desk: Desk = current_app.extensions["desk"]
    return desk


def the_key() -> SecretKey:
    """The desk's key."""
    key: SecretKey = current_app.extensions["key"]
    return key


def database() -> sqlite_utils.Database:
    """The officer's database, one connection a request."""
    if "db" not in g:
        g.held = the_desk().open()
        g.db = g.held.__enter__()
    db: sqlite_utils.Database = g.db
    return db


def note(action: str, subject: str, *, by: str, detail: str = "") -> None:
    """Write what somebody did into the desk's chained log."""
    ActionLog(database()).write(at=utc(now()), actor=by, action=action, subject=subject, detail=detail)


def close_with(app: Flask) -> None:
    """Close what a request opened, however it ended."""

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        if "held" in g:
            g.held.__exit__(None, None, None)
