"""The application factory of the officer's site."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect, generate_csrf
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix

from publisher.desk.accounts import Accounts
from publisher.desk.deputies import Deputies
from publisher.desk.folder import Desk
from publisher.desk.proposals import Proposals
from publisher.desk.requests import Requests
from publisher.desk.secret_key import SecretKey
from publisher.desk.throttle import Throttle
from web.officer.access import guard
from web.officer.account import account
from web.officer.cookies import DeskSessions, form_is_shown
from web.officer.deputies import deputies
from web.officer.editor import editor
from web.officer.home import door
from web.officer.log import log
from web.officer.oidc import views as oidc_views
from web.officer.oidc.provider import Provider
from web.officer.oidc.ways import Ways
from web.officer.people import people
from web.officer.permissions import PERMISSIONS
from web.officer.rehearsal import rehearsal
from web.officer.releases import releases
from web.officer.reports import reports
from web.officer.running import running
from web.officer.said import noted, said
from web.officer.shield import shield
from web.officer.site import Site
from web.officer.sources import sources
from web.officer.state import close_with
from web.officer.texts import say
from web.officer.times import moment

_HERE = Path(__file__).parent
LANGUAGES = ("sv", "en")
MENU = (
    ("door.home", "common.nav_home"),
    ("editor.policies", "common.nav_policies"),
    ("rehearsal.listing", "rehearsal.nav"),
    ("releases.releases", "common.nav_releases"),
    ("account.account", "common.nav_account"),
    ("log.log", "common.nav_log"),
    ("sources.sources", "common.nav_sources"),
    ("releases.stop", "releases.nav_stop"),
    ("people.accounts", "people.nav_accounts"),
)
BLUEPRINTS = (
    door, editor, rehearsal, releases, running, account, log, reports, deputies, sources, people, oidc_views.oidc,
)  # fmt: skip


def _machine_clock() -> datetime:
    return datetime.now(UTC)


def create_app(
    desk: Desk, *, clock: Callable[[], datetime] = _machine_clock, site: Site | None = None,
    oidc: Provider | None = None,
) -> Flask:  # fmt: skip
    """The officer's site over a desk; `clock` is for tests that move it.

    `site`: how it is reached; from this machine alone where nothing is said.  `oidc`: the agency's identity provider,
    where it has one.  Every page stands below `/sv` or `/en`.
    """
    here, site = str(_HERE), site or Site()
    app = Flask(
        "web.officer", root_path=here, instance_path=here, template_folder=str(_HERE / "templates"),
        static_folder=str(_HERE / "static"), static_url_path="/static",
    )  # fmt: skip
    key = SecretKey.of(desk.root)
    _prepare(desk, key)
    app.extensions.update(desk=desk, clock=clock, key=key, site=site, oidc=oidc)
    shield(app, site)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["moment"] = moment
    app.add_url_rule("/", "root", _root)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix="/<any(sv, en):lang>")
    _add_languages(app)
    close_with(app)
    guard(app)
    _bind_forms(app, key)
    if site.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=site.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    return app


def _prepare(desk: Desk, key: SecretKey) -> None:
    """Make the tables that are missing, before many requests find so at once."""
    with desk.open() as db:
        Accounts(db), Throttle(db, key), Ways(db), Proposals(db), Requests(db), Deputies(db)


def _root() -> ResponseReturnValue:
    """To the desk, in the language of the browser."""
    return redirect(url_for("door.home", lang=request.accept_languages.best_match(LANGUAGES) or "sv"))


def _bind_forms(app: Flask, key: SecretKey) -> None:
    """Bind every form to the session that it was shown in, or before a login to the door's cookie (Flask-WTF).

    The token lasts as long as the session does.  Pages tell other pages no referrer, so that none can be asked for;
    the shield asks `Sec-Fetch-Site` in its place.
    """
    app.config.update(SECRET_KEY=key.derive("forms"), WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    app.session_interface = DeskSessions(key)
    CSRFProtect(app)


def _add_languages(app: Flask) -> None:
    @app.url_value_preprocessor
    def take(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.lang = (values or {}).pop("lang", "en" if request.path.startswith("/en/") else "sv")

    @app.url_defaults
    def give(endpoint: str, values: dict[str, Any]) -> None:
        if app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values.setdefault("lang", g.get("lang", "sv"))

    app.jinja_env.globals.update(said=said, noted=noted)

    @app.context_processor
    def common() -> dict[str, object]:
        other = LANGUAGES[1 - LANGUAGES.index(g.lang)]
        account, roles = g.get("account"), g.get("roles", frozenset())
        return {
            "lang": g.lang,
            "other": other,
            "twin": _twin(other),
            "account": account,
            "menu": [m for m in MENU if account and not roles.isdisjoint(PERMISSIONS[m[0]] or ())],
            "roles": roles,
            "t": lambda key, **values: say(key, g.lang, **values),
            "csrf_field": _csrf_field,
            "oidc": app.extensions["oidc"] is not None,
        }


def _twin(other: str) -> str:
    """The same page in the other language; home for what is no page."""
    if request.method != "GET" or request.endpoint in (None, "root", "static"):
        return url_for("door.home", lang=other)
    return url_for(request.endpoint or "", **{**(request.view_args or {}), "lang": other})


def _csrf_field() -> Markup:
    """The hidden field of every form that changes something."""
    form_is_shown()
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())
