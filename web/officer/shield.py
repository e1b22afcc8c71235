"""What stands around every answer: the host that was asked for, headers, errors that tell nothing, a line of log."""

import logging
import traceback
from time import perf_counter
from types import MappingProxyType

from flask import Flask, Response, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, HTTPException

from publisher.errors import RequestError
from web.officer.site import Site
from web.officer.texts import TEXTS

LARGEST = 1024 * 1024
"""Bytes of a request, and of a form in it."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
_NOT_USED = ("camera", "display-capture", "geolocation", "microphone", "payment", "publickey-credentials-get", "usb")
HEADERS = MappingProxyType(
    {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in _NOT_USED),
    }
)
"""On every answer, errors and static files too."""

_FOR_TWO_YEARS = "max-age=63072000; includeSubDomains"
_LOG = logging.getLogger("web.officer")


def shield(app: Flask, site: Site) -> None:
    """Put the shield around an application; before everything else that asks about a request."""
    app.config.update(MAX_CONTENT_LENGTH=LARGEST, MAX_FORM_MEMORY_SIZE=LARGEST, PROVIDE_AUTOMATIC_OPTIONS=False)
    _check_host(app, site)
    _add_headers(app, site)
    app.register_error_handler(HTTPException, _error_page)
    app.register_error_handler(RequestError, lambda _: _error_page(BadRequest()))
    app.register_error_handler(Exception, _failed)


def _check_host(app: Flask, site: Site) -> None:
    @app.before_request
    def check() -> None:
        g.begun = perf_counter()
        host = request.host if request.host.endswith("]") else request.host.rpartition(":")[0] or request.host
        if host.lower() not in site.hosts:
            abort(400)
        # A form comes from a page of ours: browsers say so, and pages cannot make them say otherwise.
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            abort(400)


def _add_headers(app: Flask, site: Site) -> None:
    @app.after_request
    def add(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        if site.public:
            response.headers["Strict-Transport-Security"] = _FOR_TWO_YEARS
        taken = (perf_counter() - g.get("begun", perf_counter())) * 1000
        _LOG.info("%s %s %d %.0f ms", request.method, request.endpoint or "-", response.status_code, taken)
        return response


def _error_page(error: HTTPException) -> ResponseReturnValue:
    """A page that says what kind of error it was and what to do, and nothing of what was asked or why."""
    code = error.code or 500
    if code < 400:
        return error.get_response()
    kind = code if f"door.error_{code}" in TEXTS else "other"
    headers = [h for h in error.get_headers() if h[0] in ("Allow", "Retry-After")]
    return render_template("error.html", kind=kind, code=code), code, headers


def _failed(error: Exception) -> ResponseReturnValue:
    """The page of a fault of ours.  The log has its type and its place; its words might carry what was sent."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    _LOG.error("%s in %s, line %s", type(error).__name__, frame.name, frame.lineno)
    g.session = g.account = None  # they may be what failed
    return render_template("error.html", kind=500, code=500), 500
