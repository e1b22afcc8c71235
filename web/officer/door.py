"""The way in and out."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from publisher.desk.accounts import Account, Accounts
from publisher.desk.sessions import Sessions
from publisher.desk.throttle import Throttle
from publisher.errors import AccountError
from web.officer.cookies import device_of, hand_over, remember, take_back
from web.officer.entrance import Attempt, TooManyError, let_in
from web.officer.permissions import PERMISSIONS
from web.officer.state import database, note, now, the_key

door = Blueprint("door", __name__)


@door.get("/login")
def login() -> ResponseReturnValue:
    """The form for name, password and code."""
    if g.account:
        return redirect(wanted(request.args.get("next", "")))
    return render_template("login.html", next=request.args.get("next", ""), out="out" in request.args)


@door.post("/login")
def sign_in() -> ResponseReturnValue:
    """Let in who shows both factors."""
    name, given = request.form.get("name", "").strip(), request.form.get
    attempt = Attempt(
        name=name, password=given("password", ""), code=given("code", ""), address=request.remote_addr or "",
        device=device_of(request, the_key(), name),
    )  # fmt: skip
    try:
        account = let_in(
            attempt, accounts=Accounts(database()), throttle=Throttle(database(), the_key()), now=now()
        )
    except TooManyError as error:
        return _again(429, wait=error.seconds)
    except AccountError:
        return _again(422)
    remember(the_key(), account.name)
    enter(account)
    return redirect(wanted(given("next", "")))


@door.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session."""
    Sessions(database()).end(g.session.id)
    note("logout", g.account.name, by=g.account.name)
    take_back()
    return redirect(url_for("door.login", out=1))


def enter(account: Account) -> None:
    """Begin a session, under a new token; the one that the browser had, if any, ends."""
    if g.session:
        Sessions(database()).end(g.session.id)
    token = Sessions(database()).begin(account.name, now=now()).token
    hand_over(token or "")


def wanted(path: str) -> str:
    """The page that was wanted before the login, made anew from the route that it is; home where it is none of ours."""
    try:
        endpoint, values = current_app.url_map.bind("").match(urlsplit(path).path, method="GET")
    except (HTTPException, RequestRedirect, ValueError):
        return url_for("door.home")
    return url_for(endpoint, **values) if PERMISSIONS.get(endpoint) else url_for("door.home")


def _again(status: int, wait: int = 0) -> Response:
    """The form again, with the same words whatever was wrong."""
    page = render_template(
        "login.html", next=request.form.get("next", ""), name=request.form.get("name", ""), refused=True, wait=wait
    )
    answer = make_response(page, status)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer
