"""`python -m web.officer --officer HOME/officer --port N`: the officer's site under Granian."""

import argparse
import ipaddress
import logging
import sys
from functools import partial
from pathlib import Path

from flask import Flask
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server import Server

from publisher.desk.folder import Desk
from publisher.errors import SettingsError
from publisher.lifeline import end_with_parent
from web.officer import create_app
from web.officer.oidc.provider import Provider
from web.officer.oidc.settings import read_oidc
from web.officer.site import Site

_HEADER_MILLISECONDS = 5000
_BACKPRESSURE = 64


def load(officer: Path, site: Site, target: str = "") -> Flask:
    """The application of the worker process; `target` is Granian's name for it and is not used."""
    end_with_parent()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = read_oidc(officer)
    return create_app(Desk(officer), site=site, oidc=Provider(settings) if settings else None)


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m web.officer", description="Serves the officer's site.")
    parser.add_argument("--officer", type=Path, required=True, help="the folder officer of a home")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at; others than this machine's need TLS")
    parser.add_argument("--base-url", default="", help="https://HOST where officers reach the site, through your proxy")
    parser.add_argument("--host-name", action="append", default=[], help="another host name of the site; repeatable")
    parser.add_argument("--proxies", type=int, default=0, help="how many proxies of yours stand in front of it")
    return parser


def checked(given: argparse.Namespace) -> Site:
    """How the site is reached; SettingsError where that is not safe, or the folder is none."""
    if not given.officer.is_dir():
        raise SettingsError(f"{given.officer.name} is not a folder; give the folder officer of a home")
    if not is_loopback(given.host) and not given.base_url:
        raise SettingsError("passwords go over TLS: listen at 127.0.0.1, or give --base-url https://HOST of your proxy")
    try:
        return Site(given.base_url, tuple(given.host_name), given.proxies)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def main() -> None:
    """Serve until stopped.  A client that is slow with its headers is cut off after five seconds."""
    given = arguments().parse_args()
    try:
        site = checked(given)
    except SettingsError as error:
        raise SystemExit(f"error: {error}") from None
    server = Server(
        "web.officer",
        address=given.host,
        port=given.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        respawn_failed_workers=True,
        backpressure=_BACKPRESSURE,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS),
    )
    server.serve(target_loader=partial(load, given.officer.resolve(), site))


if __name__ == "__main__":
    main()
