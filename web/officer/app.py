"""The application factory of the officer's site."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, g, request, url_for
from markupsafe import Markup

from publisher.desk.folder import Desk
from web.officer.access import guard
from web.officer.account import account
from web.officer.deputies import deputies
from web.officer.door import door
from web.officer.log import log
from web.officer.permissions import PERMISSIONS
from web.officer.releases import releases
from web.officer.reports import reports
from web.officer.sources import sources
from web.officer.texts import say

_HERE = Path(__file__).parent
LANGUAGES = ("sv", "en")
MENU = (
    ("door.home", "common.nav_home"),
    ("releases.releases", "common.nav_releases"),
    ("account.account", "common.nav_account"),
    ("log.log", "common.nav_log"),
    ("sources.sources", "common.nav_sources"),
    ("releases.stop", "releases.nav_stop"),
)
BLUEPRINTS = (door, releases, account, log, reports, deputies, sources)


def _machine_clock() -> datetime:
    return datetime.now(UTC)


def create_app(desk: Desk, *, clock: Callable[[], datetime] = _machine_clock) -> Flask:
    """The officer's site over a desk; `clock` is for tests that move it.

    Every page stands below `/sv` or `/en`.
    """
    here = str(_HERE)
    app = Flask(
        "web.officer", root_path=here, instance_path=here, template_folder=str(_HERE / "templates"),
        static_folder=str(_HERE / "static"), static_url_path="/static",
    )  # fmt: skip
    app.extensions["desk"], app.extensions["clock"] = desk, clock
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix="/<any(sv, en):lang>")
    _add_languages(app)
    guard(app)
    return app


def _add_languages(app: Flask) -> None:
    @app.url_value_preprocessor
    def take(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.lang = (values or {}).pop("lang", "sv")

    @app.url_defaults
    def give(endpoint: str, values: dict[str, Any]) -> None:
        if app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values.setdefault("lang", g.get("lang", "sv"))

    @app.context_processor
    def common() -> dict[str, object]:
        other = LANGUAGES[1 - LANGUAGES.index(g.lang)]
        account = g.get("account")
        return {
            "lang": g.lang,
            "other": other,
            "twin": url_for(request.endpoint, **{**(request.view_args or {}), "lang": other})
            if request.endpoint and request.method == "GET"
            else url_for("door.home", lang=other),
            "account": account,
            "menu": [m for m in MENU if account and account.role in (PERMISSIONS[m[0]] or ())],
            "t": lambda key, **values: say(key, g.lang, **values),
            "csrf_field": _csrf_field,
        }


def _csrf_field() -> Markup:
    """The hidden field of every form that changes something."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(g.session.csrf if "session" in g else "")
