"""Everybody's accounts, for an administrator."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.accounts import Account, Accounts
from publisher.desk.sessions import Sessions
from publisher.errors import AccountError
from publisher.log import utc
from web.officer.access import who
from web.officer.state import database, note, now

people = Blueprint("people", __name__)


@people.get("/accounts")
def accounts() -> str:
    """Every account, and how many sessions it has."""
    counted = [(a, len(Sessions(database()).of(a.name, now=now()))) for a in Accounts(database()).all()]
    return render_template("accounts.html", accounts=counted)


@people.get("/accounts/<name>")
def account(name: str) -> str:
    """One account and its sessions."""
    return _account_page(_found(name))


@people.post("/accounts/<name>/end-sessions")
def end_sessions(name: str) -> ResponseReturnValue:
    """End every session of an account."""
    found = _found(name)
    ended = Sessions(database()).end_all(found.name)
    note("session-ended", found.name, by=who().name, detail=f"{ended} sessions")
    return redirect(url_for("people.account", name=found.name))


@people.post("/accounts/<name>/close")
def close_account(name: str) -> ResponseReturnValue:
    """Close an account, with a reason; its sessions end at once."""
    found = _found(name)
    reason = request.form.get("reason", "").strip()
    if not reason:
        return _account_page(found, wrong="reason"), 422
    try:
        Accounts(database()).close(found.name, by=who().name, at=utc(now()), reason=reason)
    except AccountError:
        return _account_page(found, wrong="own"), 409
    return redirect(url_for("people.account", name=found.name))


def _found(name: str) -> Account:
    found = Accounts(database()).find(name)
    return found or abort(404)


def _account_page(found: Account, wrong: str = "") -> str:
    return render_template(
        "account_of.html", one=found, sessions=Sessions(database()).of(found.name, now=now()), wrong=wrong
    )
