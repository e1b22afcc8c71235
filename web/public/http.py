"""Answers over HTTP as values: representations with strong ETags, errors as problem+json, headers for safety.

As RFC 9110 and 9111 say; errors of data addresses as RFC 9457.  No cookie is ever set.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Any

from publisher.errors import ReleaseError
from publisher.release.reader import WithdrawnError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

FRESH = "public, max-age=10, must-revalidate"
FOREVER = "public, max-age=31536000, immutable"
SECURITY_HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), interest-cohort=()"),
)
REASONS = {
    200: "OK",
    301: "Moved Permanently",
    302: "Found",
    304: "Not Modified",
    308: "Permanent Redirect",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    410: "Gone",
    414: "URI Too Long",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Representation:
    """One form of one resource: its ETag (strong), length, headers, and how to get its bytes."""

    etag: str
    length: int
    headers: tuple[Header, ...]
    body: Callable[[], Iterable[bytes]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer without validation: an error, or a redirect."""

    status: int
    headers: tuple[Header, ...]
    body: bytes


@dataclass(slots=True)
class ByteCache:
    """Bytes by key, the least recently used thrown away first; safe between threads."""

    limit: int
    _held: OrderedDict[tuple[str, ...], Any] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: tuple[str, ...]) -> Any | None:
        """What is kept under the key, or None."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key][0]
            return None

    def put(self, key: tuple[str, ...], value: object, size: int) -> None:
        """Keep a value of that many bytes, if it fits at all."""
        with self._lock:
            if size > self.limit // 4 or key in self._held:
                return
            self._held[key] = (value, size)
            self._bytes += size
            while self._bytes > self.limit:
                self._bytes -= self._held.popitem(last=False)[1][1]


def problem(
    status: int, title: str, *, headers: tuple[Header, ...] = (), members: Mapping[str, str] | None = None
) -> Answer:
    """An error as problem+json.  Of equal kind, equal bytes: nothing of the address stands in it."""
    body = json.dumps({"type": "about:blank", "title": title, "status": status, **(members or {})}, ensure_ascii=False)
    own = (("Content-Type", "application/problem+json"), ("Cache-Control", FRESH))
    return Answer(status, (*own, *headers), body.encode() + b"\n")


def not_published() -> Answer:
    """The one 404 of data addresses: unknown, not yet public, guessed or malformed."""
    return problem(404, "Nothing is published at this address")


def tombstone(error: WithdrawnError) -> Answer:
    """The 410 of a withdrawn release: which, when, why."""
    entry = error.entry
    dated = {"withdrawn_at": entry.withdrawn_at} if entry.withdrawn_at else {}
    members = {"release": entry.release, "published_at": entry.published_at, **dated, "reason": entry.reason}
    return problem(410, "This release was withdrawn", members=members)


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding allows gzip (RFC 9110, 12.5.3): named or `*`, with a quality above zero."""
    weights = {}
    for part in header.lower().split(","):
        name, _, parameters = part.strip().partition(";")
        weights[name.strip()] = parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return weights.get("gzip", weights.get("*", False))


def matches(header: str, etag: str) -> bool:
    """Whether an If-None-Match lists the tag (weak comparison, RFC 9110, 13.1.2)."""
    return header.strip() == "*" or etag in [t.strip().removeprefix("W/") for t in header.split(",")]


def plain(kind: str, data: bytes, cache: str, *, file_name: str = "") -> Representation:
    """Bytes held in memory, in one form only."""
    named = (("Content-Disposition", f'attachment; filename="{file_name}"'),) if file_name else ()
    headers = (("Content-Type", kind), ("Cache-Control", cache), *named)
    return Representation(etag_of(data), len(data), headers, lambda: [data])


def coded(kind: str, data: bytes, packed: bytes, cache: str, *, compressed: bool) -> Representation:
    """Plain or gzip form of bytes held in memory, each with its own tag."""
    body = packed if compressed else data
    encoding = (("Content-Encoding", "gzip"),) if compressed else ()
    headers = (("Content-Type", kind), ("Cache-Control", cache), ("Vary", "Accept-Encoding"), *encoding)
    return Representation(etag_of(body), len(body), headers, lambda: [body])


def etag_of(data: bytes) -> str:
    """A strong tag: it depends on the bytes and on nothing else."""
    return f'"{sha256(data).hexdigest()[:32]}"'


def send(start_response: "StartResponse", answer: Answer, *, head: bool) -> Iterable[bytes]:
    """Start and give a complete answer."""
    length = () if answer.status == 304 else (("Content-Length", str(len(answer.body))),)
    start_response(f"{answer.status} {REASONS[answer.status]}", [*answer.headers, *length, *SECURITY_HEADERS])
    return [b"" if head else answer.body]


def send_representation(start_response: "StartResponse", found: Representation, *, head: bool) -> Iterable[bytes]:
    """Start and give a representation; it is read, and so verified, before the first header leaves."""
    try:
        body = found.body()
    except ReleaseError:
        return send(start_response, problem(503, "What is published here could not be verified"), head=head)
    own = [("ETag", found.etag), ("Content-Length", str(found.length)), ("Accept-Ranges", "none")]
    start_response("200 OK", [*found.headers, *own, *SECURITY_HEADERS])
    return [b""] if head else body
