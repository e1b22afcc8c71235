"""Files of a source: that they are there and stay the same, their keyed digest, and text in any declared encoding."""

import codecs
import csv
import hashlib
import hmac
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from publisher.errors import SettingsError, SourceError

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells that a file is still the same one: device, inode, size in bytes, time of change in nanoseconds."""

    device: int
    inode: int
    size: int
    mtime_ns: int


def stamp_of(path: Path, file: str) -> Stamp:
    """The stamp of a file; SourceError if it is missing, no plain file, or empty."""
    try:
        found = os.stat(path)
    except OSError:
        found = None
    if found is None:
        raise SourceError(file=file, rule="is missing or cannot be read")
    if not stat.S_ISREG(found.st_mode):
        raise SourceError(file=file, rule="is no plain file")
    if not found.st_size:
        raise SourceError(file=file, rule="is empty")
    return Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def check_stamps(paths: Sequence[Path], files: Sequence[str], stamps: Sequence[Stamp]) -> None:
    """SourceError unless every file still has its stamp."""
    for path, file, stamp in zip(paths, files, stamps, strict=True):
        if stamp_of(path, file) != stamp:
            raise SourceError(file=file, rule="was changed while it was read")


def keyed_digest(paths: Sequence[Path], files: Sequence[str], stamps: Sequence[Stamp], key: bytes) -> str:
    """HMAC-SHA256 over the files in order, each as its length (8 bytes, big-endian) and its bytes; hex.

    Keyed, because a plain hash of records lets anyone check a guess (MODEL.md).
    """
    if len(key) < 16:
        raise ValueError("a key of fewer than 16 bytes protects nothing")
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for path, file, stamp in zip(paths, files, stamps, strict=True):
        digest.update(stamp.size.to_bytes(8, "big"))
        if _feed(digest, path) != stamp.size:
            raise SourceError(file=file, rule="was changed while it was read, or cannot be read to its end")
    return digest.hexdigest()


def _feed(digest: "hmac.HMAC", path: Path) -> int:
    """Feed a file; returns the number of bytes, or -1 where reading failed."""
    size = 0
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
                size += len(block)
    except OSError:
        return -1
    return size


def utf8_text(path: Path, file: str, encoding: str, copy: Path) -> Path:
    """A UTF-8 form of a text file: the file itself, or `copy` written from any other encoding, decoded strictly.

    DuckDB knows three encodings and is lenient on NUL, so everything is decoded here first, block by block.  Raises
    SettingsError for an unknown encoding, SourceError for bytes that do not belong to it and for NUL characters.
    """
    if _codec(encoding) in ("utf-8", "utf-8-sig"):
        _decode(path, file, "utf-8", None)
        return path
    _decode(path, file, encoding, copy)
    return copy


def _codec(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise SettingsError(f"encoding {encoding!r} is not known") from None


def _decode(path: Path, file: str, encoding: str, copy: Path | None) -> None:
    failure = ""
    try:
        failure = _pump(path, encoding, copy)
    except UnicodeError:  # its message shows a byte, its attributes the whole block
        failure = f"is not text in the declared encoding {encoding}"
    except LookupError:
        raise SettingsError(f"encoding {encoding!r} is not an encoding of text") from None
    except OSError as error:
        failure = f"cannot be decoded into the spill folder ({os.strerror(error.errno or 0)})"
    if failure:
        raise SourceError(file=file, rule=failure)


def _pump(path: Path, encoding: str, copy: Path | None) -> str:
    """Decode a file to its end; returns what is wrong with it, or nothing."""
    with path.open(encoding=encoding, newline="") as source:
        if copy is None:
            return _copy_text(source.read, lambda text: None)
        with copy.open("w", encoding="utf-8", newline="") as target:
            return _copy_text(source.read, target.write)


def _copy_text(read: Callable[[int], str], write: Callable[[str], object]) -> str:
    while text := read(_BLOCK):
        if "\0" in text:
            return "holds NUL characters"
        write(text)
    return ""


def read_header(path: Path, file: str, delimiter: str) -> tuple[str, ...]:
    """The column names in the first line of a UTF-8 CSV file (RFC 4180 quotes); SourceError if there is none."""
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise SettingsError("a delimiter is one character, not a quote and not an end of line")
    names: list[str] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            names = next(csv.reader(stream, delimiter=delimiter, strict=True), [])
    except (csv.Error, OSError, UnicodeError):
        names = []
    if not names:
        raise SourceError(file=file, rule="has no readable first line of column names")
    return tuple(names)
