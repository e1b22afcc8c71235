"""`python -m web.public --public DIR --port N`: the public site under Granian."""

import argparse
import os
from functools import partial
from pathlib import Path

from flask import Flask
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server import Server

from publisher.lifeline import end_with_parent
from publisher.release.reader import Catalogue
from web.public import create_app

_HEADER_MILLISECONDS = 5000
_BACKPRESSURE = 256


def load(public: Path, key: Path | None, base_url: str, target: str = "") -> Flask:
    """The application of one worker process; `target` is Granian's name for it and is not used."""
    end_with_parent()
    pinned = None if key is None else key.read_bytes()
    return create_app(Catalogue(public, public_key_pem=pinned), base_url=base_url)


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m web.public", description="Serves a public folder of releases.")
    parser.add_argument("--public", type=Path, required=True, help="the folder with current, catalogues and releases")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--key", type=Path, help="PEM of the signing key; without it keys/signing.pem is believed")
    parser.add_argument("--base-url", default="", help="where readers reach the site; its path is the prefix")
    parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))
    return parser


def main() -> None:
    """Serve until stopped.  A client that is slow with its headers is cut off after five seconds."""
    given = arguments().parse_args()
    if not given.public.is_dir():
        raise SystemExit(f"{given.public} is not a folder; give the public folder of a home")
    server = Server(
        "web.public",
        address=given.host,
        port=given.port,
        interface=Interfaces.WSGI,
        workers=given.workers,
        blocking_threads=4,
        respawn_failed_workers=True,
        backpressure=_BACKPRESSURE,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS),
    )
    server.serve(target_loader=partial(load, given.public.resolve(), given.key, given.base_url))


if __name__ == "__main__":
    main()
