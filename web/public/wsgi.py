"""The thin layer in front of Flask: sealed bytes by their digests, and rendered pages until the catalogue changes."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from publisher.errors import ReleaseError
from publisher.release.codec import RELEASE_ID, TABLE_ID
from publisher.release.formats import gzip_bytes
from publisher.release.reader import Catalogue, NotPublishedError, OpenRelease, WithdrawnError
from web.public.http import (
    FOREVER,
    FRESH,
    Answer,
    ByteCache,
    Header,
    Representation,
    accepts_gzip,
    coded,
    matches,
    not_published,
    plain,
    problem,
    send,
    send_representation,
    tombstone,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_DATA = re.compile(
    rf"/data/(?P<table>{TABLE_ID.pattern})/(?P<release>latest|{RELEASE_ID.pattern})"
    r"\.(?P<form>csv|en\.csv|excel\.csv|manifest\.json|manifest\.sig)"
)
_FILES = {"csv": "data.csv", "en.csv": "data.en.csv", "excel.csv": "data.excel.csv"}
_LONGEST_ADDRESS = 2000
_STREAM_FROM = 8_000_000
_CACHE_BYTES = 64_000_000


class SealedLayer:
    """WSGI application: data and assets by itself, pages by `app` behind a cache.

    `prefix` is the path under which a reverse proxy publishes the site (empty or `/statistics`); `assets` maps paths
    under `/static/` to content type and bytes.
    """

    def __init__(
        self, app: "WSGIApplication", catalogue: Catalogue, *, prefix: str, assets: dict[str, tuple[str, bytes]]
    ) -> None:
        self._app, self._catalogue, self._prefix = app, catalogue, prefix
        self._assets = {path: (kind, data, gzip_bytes(data)) for path, (kind, data) in assets.items()}
        self._files, self._pages = ByteCache(_CACHE_BYTES), ByteCache(_CACHE_BYTES)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer GET and HEAD; refuse all else."""
        answer = self._answer(environ)
        head = environ["REQUEST_METHOD"] == "HEAD"
        if isinstance(answer, Answer):
            return send(start_response, answer, head=head)
        if matches(environ.get("HTTP_IF_NONE_MATCH", ""), answer.etag):
            kept = [(k, v) for k, v in answer.headers if k in ("Cache-Control", "Vary")]
            return send(start_response, Answer(304, (("ETag", answer.etag), *kept), b""), head=True)
        return send_representation(start_response, answer, head=head)

    def _answer(self, environ: "WSGIEnvironment") -> Answer | Representation:
        path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return problem(405, "Only GET and HEAD are answered here", headers=(("Allow", "GET, HEAD"),))
        if len(path) + len(query) > _LONGEST_ADDRESS:
            return problem(414, "The address is longer than 2000 characters")
        if self._prefix:
            if not path.startswith(f"{self._prefix}/"):
                return not_published()
            path = path[len(self._prefix) :]
        compressed = accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if path.startswith(("/data/", "/keys/", "/privacy/", "/static/")):
            return self._file(path, compressed=compressed)
        return self._page(environ, path, query, compressed=compressed)

    def _file(self, path: str, *, compressed: bool) -> Answer | Representation:
        try:
            if path.startswith("/data/"):
                return self._data(path, compressed=compressed)
            if path.startswith("/privacy/"):
                return self._privacy(path.removeprefix("/privacy/"))
            return self._asset(path, compressed=compressed)
        except WithdrawnError as error:
            return tombstone(error)
        except NotPublishedError:
            return not_published()
        except ReleaseError:
            # Which file it was stands in the log of `publisher verify`, not in an answer.
            again = (("Retry-After", "10"),)
            return problem(503, "What is published here could not be verified and is not shown", headers=again)

    def _data(self, path: str, *, compressed: bool) -> Representation:
        found = _DATA.fullmatch(path)
        if found is None:
            raise NotPublishedError
        named = None if found["release"] == "latest" else found["release"]
        opened = self._catalogue.resolve(found["table"], named)
        form = found["form"]
        if form in _FILES:
            return self._csv(opened, found["table"], form, compressed=compressed)
        data = opened.folder.manifest_bytes if form == "manifest.json" else opened.folder.signature
        kind = "application/json" if form == "manifest.json" else "application/octet-stream"
        return plain(kind, data, FRESH, file_name=f"{opened.facts.id}.{form}")

    def _csv(self, opened: OpenRelease, table_id: str, form: str, *, compressed: bool) -> Representation:
        path = f"tables/{table_id}/{_FILES[form]}{'.gz' if compressed else ''}"
        digest = opened.folder.manifest.files.get(path)
        if digest is None:
            raise NotPublishedError
        language = "en" if form == "en.csv" else "sv"
        headers = (
            ("Content-Type", "text/csv; charset=utf-8; header=present"),
            ("Content-Language", language),
            ("Content-Disposition", f'attachment; filename="{_file_name(opened, table_id, form)}"'),
            ("Cache-Control", FRESH),
            ("Vary", "Accept-Encoding"),
            *((("Content-Encoding", "gzip"),) if compressed else ()),
        )
        return Representation(f'"{digest.sha256[:32]}"', digest.size, headers, lambda: self._bytes(opened, path))

    def _bytes(self, opened: OpenRelease, path: str) -> Iterable[bytes]:
        if opened.folder.manifest.files[path].size > _STREAM_FROM:
            opened.folder.verified(path)
            return opened.folder.stream(path)
        key = (opened.facts.id, opened.folder.manifest.files[path].sha256, path)
        data = self._files.get(key)
        if data is None:
            data = opened.folder.read(path)
            self._files.put(key, data, len(data))
        return [data]

    def _privacy(self, name: str) -> Representation:
        """The account or the statement of the live catalogue, or what they are verified with, as it was sealed."""
        data = self._catalogue.snapshot().files.get(name)
        if data is None:
            raise NotPublishedError
        kind = "application/json" if name.endswith(".json") else "application/octet-stream"
        return plain(kind, data, FRESH)

    def _asset(self, path: str, *, compressed: bool) -> Representation:
        if path == "/keys/signing.pem":
            return plain("application/x-pem-file", self._catalogue.public_key_pem, FRESH)
        if path not in self._assets:
            raise NotPublishedError
        kind, data, packed = self._assets[path]
        cache = FOREVER if path.startswith("/static/") else FRESH
        return coded(kind, data, packed, cache, compressed=compressed)

    def _page(self, environ: "WSGIEnvironment", path: str, query: str, *, compressed: bool) -> Answer | Representation:
        key = (self._live(), path, query)
        kept: tuple[str, bytes, bytes] | None = self._pages.get(key) if key[0] else None
        if kept is None:
            answer = _run(self._app, environ, self._prefix, path)
            kind = dict(answer.headers).get("Content-Type", "")
            if answer.status != 200:
                return answer
            kept = (kind, answer.body, gzip_bytes(answer.body))
            self._pages.put(key, kept, len(kept[1]) + len(kept[2]))
        kind, plain_bytes, packed = kept
        return coded(kind, plain_bytes, packed, FRESH, compressed=compressed)

    def _live(self) -> str:
        """The name of the live catalogue, or empty where none verified; a page is kept under it."""
        try:
            return self._catalogue.snapshot().name
        except ReleaseError:
            return ""


def _run(app: "WSGIApplication", environ: "WSGIEnvironment", prefix: str, path: str) -> Answer:
    """What Flask answers to a GET, as a value."""
    started: list[tuple[str, list[Header]]] = []

    def start(status: str, headers: list[Header], exc_info: object = None) -> Callable[[bytes], object]:
        started.append((status, headers))
        return started.append  # type: ignore[return-value]

    inner = {**environ, "REQUEST_METHOD": "GET", "SCRIPT_NAME": prefix, "PATH_INFO": path}
    parts = app(inner, start)
    body = b"".join(parts)
    close = getattr(parts, "close", None)
    if close is not None:
        close()
    status, headers = started[0]
    wanted = ("Content-Type", "Location", "Cache-Control", "Retry-After", "Content-Language")
    return Answer(int(status[:3]), tuple((k, v) for k, v in headers if k in wanted), body)


def _file_name(opened: OpenRelease, table_id: str, form: str) -> str:
    """A telling name: table, period, version, form."""
    return f"{table_id}_{opened.facts.period}_v{opened.facts.version}.{form}"
