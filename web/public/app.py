"""The application factory."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, request

from publisher.errors import ReleaseError
from publisher.release.reader import Catalogue, NotPublishedError, WithdrawnError
from web.public import words
from web.public.selection import ChoiceError
from web.public.texts import FIELDS, LANGUAGES, LEVELS, LEVELS_SHORT, SECTIONS, UI, UNCERTAIN
from web.public.views import language_of, page, pages
from web.public.wsgi import SealedLayer

_HERE = Path(__file__).parent
_TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".md": "text/markdown; charset=utf-8"}


def create_app(catalogue: Catalogue, *, base_url: str = "") -> Flask:
    """The public site over a catalogue.

    `base_url`: where readers reach it, such as `https://statistics.example.se/small-areas`; its path is stripped
    from requests, and citations begin with it.  Empty: addresses begin with `/`.
    """
    # Every path is said: Flask would otherwise look for them by the name of the package.
    here, templates = str(_HERE), str(_HERE / "templates")
    app = Flask("web.public", static_folder=None, root_path=here, instance_path=here, template_folder=templates)
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["catalogue"] = catalogue
    static = _static_files()
    app.register_blueprint(pages)
    _add_words(app, {name: path for path, (name, _, _) in static.items()}, base_url.rstrip("/"))
    _add_errors(app)
    assets = {path: (kind, data) for path, (_, kind, data) in static.items()}
    prefix = urlsplit(base_url).path.rstrip("/")
    app.wsgi_app = SealedLayer(app.wsgi_app, catalogue, prefix=prefix, assets=assets)  # type: ignore[method-assign]
    return app


def _static_files() -> dict[str, tuple[str, str, bytes]]:
    """Path -> file name, content type, bytes.  Style and icon carry their digest in the path and never change."""
    found = {}
    for file in sorted((_HERE / "static").iterdir()):
        data = file.read_bytes()
        digest = hashlib.sha256(data).hexdigest()[:12]
        path = f"/static/{file.stem}.{digest}{file.suffix}"
        if file.suffix == ".md":
            path = f"/keys/{file.name}"
        found[path] = (file.name, _TYPES[file.suffix], data)
    return found


def _add_words(app: Flask, static: dict[str, str], base_url: str) -> None:
    @app.context_processor
    def common() -> dict[str, object]:
        lang = language_of(request.path)
        return {
            "lang": lang,
            "other": LANGUAGES[1 - LANGUAGES.index(lang)],
            "t": {key: text.get(lang) for key, text in UI.items()},
            "levels": {key: text.get(lang) for key, text in LEVELS.items()},
            "levels_short": {key: text.get(lang) for key, text in LEVELS_SHORT.items()},
            "uncertain_words": UNCERTAIN.get(lang),
            "sections": {key: text.get(lang) for key, text in SECTIONS.items()},
            "fields": {key: text.get(lang) for key, text in FIELDS.items()},
            "words": words,
            "static": static,
            "root": request.script_root,
            "base_url": base_url,
        }


def _add_errors(app: Flask) -> None:
    def answer(title: str, text: str, status: int, detail: str = "") -> tuple[str, int, dict[str, str]]:
        lang = language_of(request.path)
        body = page("error.html", title=UI[title].get(lang), text=UI[text].get(lang), detail=detail)
        return body, status, {"Cache-Control": "public, max-age=10, must-revalidate"}

    @app.errorhandler(404)
    @app.errorhandler(NotPublishedError)
    def nothing(error: Exception) -> tuple[str, int, dict[str, str]]:
        return answer("not_found_title", "not_found", 404)

    @app.errorhandler(ChoiceError)
    def bad_choice(error: ChoiceError) -> tuple[str, int, dict[str, str]]:
        return answer("bad_choice_title", "bad_choice", 400, error.name)

    @app.errorhandler(WithdrawnError)
    def gone(error: WithdrawnError) -> tuple[str, int, dict[str, str]]:
        return page("withdrawn.html", entry=error.entry), 410, {"Cache-Control": "public, max-age=10, must-revalidate"}

    @app.errorhandler(ReleaseError)
    def unverified(error: ReleaseError) -> tuple[str, int, dict[str, str]]:
        body, status, headers = answer("busy_title", "busy", 503)
        return body, status, {**headers, "Retry-After": "10"}

    @app.errorhandler(500)
    def broken(error: Exception) -> tuple[str, int, dict[str, str]]:
        return answer("broken_title", "broken", 500)
