"""Cookies of the officer's site, and Flask's session over the sessions that are kept on the server.

Three cookies, each a random token that holds nothing, `__Host-` (this host alone, over TLS), HttpOnly, SameSite=Strict:
that of the session, made anew at every login; that of the door, which the login form is bound to; and that of a browser
that has signed an account in before.  What Flask-WTF binds forms to is the session's own secret.
"""

import secrets
from hmac import compare_digest
from typing import Any

from flask import Flask, Request, Response, g
from flask.sessions import SessionInterface, SessionMixin

from publisher.desk.secret_key import SecretKey
from publisher.desk.sessions import Sessions
from web.officer.state import database, now

COOKIE, DOOR, KNOWN = "__Host-officer", "__Host-officer-door", "__Host-officer-known"
_KNOWN_SECONDS = 90 * 24 * 3600


class DeskSession(dict[str, Any], SessionMixin):
    """What Flask calls the session: the secret that forms are bound to.  Nothing else is ever kept in it."""


class DeskSessions(SessionInterface):
    """Finds the session of a request (`g.session`, None without one), and hands cookies over with the answer."""

    def __init__(self, key: SecretKey) -> None:
        self._key = key

    def open_session(self, app: Flask, request: Request) -> DeskSession:
        """The session of the cookie, else that of the door."""
        token = "" if request.path.startswith(f"{app.static_url_path}/") else request.cookies.get(COOKIE, "")
        g.session = Sessions(database()).find(token, now=now(), seen=_somebody(request)) if token else None
        g.door = request.cookies.get(DOOR) or secrets.token_urlsafe(32)
        return DeskSession(csrf_token=g.session.csrf if g.session else self._key.digest("door", g.door))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Hand over what was begun, take back what was ended."""
        if g.get("handed"):
            give(response, COOKIE, g.handed)
            take(response, DOOR)
        elif g.get("ended"):
            take(response, COOKIE)
        elif g.get("asked") and g.session is None:
            give(response, DOOR, g.door)
        if g.get("known"):
            give(response, KNOWN, g.known, seconds=_KNOWN_SECONDS)


def hand_over(token: str) -> None:
    """Give the browser a session with this answer."""
    g.handed = token


def take_back() -> None:
    """Take the session's cookie from the browser with this answer."""
    g.ended = True


def form_is_shown() -> None:
    """A form stands on the page: before a login, it needs the cookie that it is bound to."""
    g.asked = True


def remember(key: SecretKey, name: str) -> None:
    """Mark the browser as one that has signed an account in; it does not say which."""
    device = secrets.token_urlsafe(16)
    g.known = f"{device}.{_mark(key, device, name)}"


def device_of(request: Request, key: SecretKey, name: str) -> str:
    """The device of a browser that has signed this account in before; empty for any other."""
    device, _, mark = request.cookies.get(KNOWN, "").partition(".")
    return device if compare_digest(mark.encode(), _mark(key, device, name).encode()) else ""


def _mark(key: SecretKey, device: str, name: str) -> str:
    return key.digest("device", f"{device}:{name.casefold()}")


def _somebody(request: Request) -> bool:
    """Whether a person asks: a script that only looks again would keep a session alive at an empty desk."""
    return request.method == "POST" or request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def give(
    response: Response, name: str, value: str, *, seconds: int | None = None, samesite: str = "Strict"
) -> None:
    """Set a cookie that this host alone reads, that no script reads, and that goes over TLS only."""
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite=samesite)


def take(response: Response, name: str) -> None:
    """Take a cookie from the browser."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="Strict")
