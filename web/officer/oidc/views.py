"""The way to the identity provider and back."""

from flask import Blueprint, abort, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from publisher.desk.accounts import Account, Accounts
from publisher.desk.throttle import Throttle, of_address
from web.officer.access import hop
from web.officer.cookies import give, take
from web.officer.door import enter, wanted
from web.officer.oidc.provider import Provider
from web.officer.oidc.settings import FILE
from web.officer.oidc.token import OidcError
from web.officer.oidc.ways import LASTS, Way, Ways
from web.officer.site import Site
from web.officer.state import database, note, now, the_key

oidc = Blueprint("oidc", __name__)
COOKIE = "__Host-officer-way"
"""SameSite=Lax, for the way back is led by another site; it opens nothing but that way."""


@oidc.post("/oidc")
def begin() -> ResponseReturnValue:
    """Send somebody to the identity provider, where one is configured."""
    provider = _provider()
    if Throttle(database(), the_key()).take([of_address(request.remote_addr or "")], now=now()):
        abort(429)
    handle, way = Ways(database()).begin(wanted=request.form.get("next", ""), language=g.lang, now=now())
    try:
        answer = make_response(hop(provider.address(way.bound, back=_back())))
    except OidcError:
        return _refused("")
    give(answer, COOKIE, handle, seconds=int(LASTS.total_seconds()), samesite="Lax")
    return answer


@oidc.get("/oidc/back")
def back() -> ResponseReturnValue:
    """Let in whom the identity provider names, where an open account has that name."""
    provider, given = _provider(), request.args.get
    way = Ways(database()).end(request.cookies.get(COOKIE, ""), state=given("state", ""), now=now())
    if way is None or given("iss", provider.settings.issuer) != provider.settings.issuer:
        return _refused("")
    g.lang = way.language
    try:
        name = provider.name(given("code", ""), way.bound, back=_back(), now=now())
    except OidcError:
        return _refused("")
    account = Accounts(database()).find(name)
    if account is None or account.closed_at:
        return _refused(account.name if account else "")
    return _let_in(account, way)


def _let_in(account: Account, way: Way) -> ResponseReturnValue:
    Throttle(database(), the_key()).give_back(of_address(request.remote_addr or ""))
    note("login", account.name, by=account.name, detail="identity provider")
    enter(account)
    answer = make_response(hop(wanted(way.wanted)))
    take(answer, COOKIE)
    return answer


def _refused(name: str) -> ResponseReturnValue:
    note("failed-login", name, by="", detail="identity provider")
    return render_template("login.html", refused=True, elsewhere=True, next=""), 422


def _provider() -> Provider:
    provider: Provider | None = current_app.extensions["oidc"]
    return provider or abort(404, f"no {FILE}")


def _back() -> str:
    """Where the provider sends people back to; it is registered there, and has one language."""
    site: Site = current_app.extensions["site"]
    return f"{site.base_url or request.host_url.rstrip('/')}/sv/oidc/back"
