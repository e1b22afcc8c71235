"""The bytes of an input, from a file or from an http(s) address."""

import hashlib
import http.client
import urllib.request
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from publisher.errors import GeographyError

MOST_BYTES = 400_000_000
TIMEOUT = 60
"""Seconds that an address may be silent."""


@dataclass(frozen=True, slots=True)
class Input:
    """What was given: its name (file, or address without its query), its bytes."""

    name: str
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Digest of the bytes, hex."""
        return hashlib.sha256(self.data).hexdigest()

    def fail(self, message: str, line: int | None = None) -> GeographyError:
        """An error that names the input, and the line where there is one."""
        return GeographyError(f"{self.name}:{line}: {message}" if line else f"{self.name}: {message}")


def is_address(source: str) -> bool:
    """Whether a source is an address and not a file."""
    return "://" in source


def read_input(source: str, *, most: int = MOST_BYTES) -> Input:
    """A file, or what an http(s) address answers; GeographyError where it cannot be had, or is larger than `most`."""
    if is_address(source):
        return _fetch(source, most)
    path = Path(source)
    try:
        if path.stat().st_size > most:
            raise GeographyError(f"{path.name}: is larger than {most} bytes")
        return Input(path.name, path.read_bytes())
    except OSError as error:
        raise GeographyError(f"{path.name}: cannot be read: {error.strerror}") from None


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows an answer to another page of the same host, and to no other: who was asked is who answers."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).hostname != urlsplit(req.full_url).hostname:
            raise GeographyError(f"{urlsplit(req.full_url).hostname}: sends on to another host; give its address")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _fetch(address: str, most: int) -> Input:
    parts = urlsplit(address)
    name = f"{parts.hostname}{parts.path}"
    if parts.scheme not in ("http", "https"):
        raise GeographyError(f"{name}: only http and https addresses are fetched")
    opener = urllib.request.build_opener(_SameHost())
    try:
        with opener.open(address, timeout=TIMEOUT) as answer:
            data: bytes = answer.read(most + 1)
            stated = answer.headers.get("Content-Length")
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise GeographyError(f"{name}: the address gave no answer ({type(error).__name__})") from None
    if len(data) > most:
        raise GeographyError(f"{name}: the answer is larger than {most} bytes")
    if stated is not None and stated != str(len(data)):
        raise GeographyError(f"{name}: the answer broke off")
    return Input(name, data)
