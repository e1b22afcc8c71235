"""One's own sessions and password, on the blueprint of the door."""

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from publisher.desk.accounts import Accounts
from publisher.desk.passwords import OWN, SHORTEST, check_password
from publisher.desk.sessions import Sessions
from publisher.desk.throttle import Limit, Throttle
from publisher.errors import AccountError
from publisher.log import utc
from publisher.policy.proposals import Role
from web.officer.access import who
from web.officer.cookies import hand_over, take_back
from web.officer.door import door
from web.officer.state import database, note, now, the_key

__all__ = ["door"]

@door.get("/sessions")
def sessions() -> str:
    """Your own sessions: begun, last seen."""
    return render_template(
        "sessions.html", sessions=Sessions(database()).of(who().name, now=now()),
        left=Accounts(database()).recovery_left(who().name), done=request.args.get("done", ""),
    )  # fmt: skip


@door.post("/sessions/end")
def end_session() -> ResponseReturnValue:
    """End one session: your own, or, for an administrator, anybody's."""
    found = Sessions(database()).get(request.form.get("session", ""), now=now())
    if found is None or (found.name != who().name and who().role is not Role.ADMIN):
        abort(404)
    Sessions(database()).end(found.id)
    note("session-ended", found.name, by=who().name)
    if found.id == g.session.id:
        take_back()
        return redirect(url_for("door.login", out=1))
    if found.name == who().name:
        return redirect(url_for("door.sessions", done="ended"))
    return redirect(url_for("people.account", name=found.name))


@door.post("/sessions/end-others")
def end_others() -> ResponseReturnValue:
    """End every session of yours but this one."""
    ended = Sessions(database()).end_all(who().name, but=g.session.id)
    note("session-ended", who().name, by=who().name, detail=f"{ended} others")
    return redirect(url_for("door.sessions", done="ended"))


@door.get("/password")
def password() -> str:
    """The form for a new password."""
    return _password_form({})


@door.post("/password")
def change_password() -> ResponseReturnValue:
    """Change your password; your other sessions end, and this one goes on under a new token."""
    given = request.form.get
    wrong = _wrong(given("password", ""), given("new", ""), given("again", ""))
    if wrong:
        return _password_form(wrong), 422
    token = Sessions(database()).begin(who().name, now=now()).token
    hand_over(token or "")
    return redirect(url_for("door.sessions", done="password"))


def _wrong(present: str, new: str, again: str) -> dict[str, str]:
    """What is wrong with a change of password, by field; nothing where it is done."""
    if new != again:
        return {"again": "door.wrong_again"}
    try:
        check_password(new, name=who().name)
    except AccountError:
        return {"new": "door.wrong_new"}
    limit, throttle = Limit("password", who().name, 5), Throttle(database(), the_key())
    if throttle.take([limit], now=now()):
        return {"password": "door.wrong_wait"}
    try:
        Accounts(database()).change_password(who().name, password=present, new=new, at=utc(now()))
    except AccountError:
        return {"password": "door.wrong_present"}
    throttle.forget(limit)
    return {}


def _password_form(wrong: dict[str, str]) -> str:
    return render_template("password.html", wrong=wrong, shortest=SHORTEST, own=OWN)
