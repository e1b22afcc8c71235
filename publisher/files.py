"""Files that are whole or not there: written beside, synced, renamed, and the folder synced after."""

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from publisher.errors import SealError


def write_atomically(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace `path` by `data`; a reader sees the old bytes or the new ones, a crash leaves one of them."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        _write(beside, data, mode)
        os.rename(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Make a new folder holding `files` (relative path -> bytes), visible only when it is whole.

    SealError if it is there already: a sealed folder is never edited.
    """
    if path.exists():
        raise SealError(f"{path.name} is there already and is never edited")
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    folders = {beside, *((beside / name).parent for name in files)}
    for folder in sorted({p for f in folders for p in (f, *f.parents) if p == beside or beside in p.parents}):
        folder.mkdir()
    for name, data in files.items():
        _write(beside / name, data, 0o644)
    for folder in sorted({(beside / name).parent for name in files} | {beside}, reverse=True):
        sync_folder(folder)
    os.rename(beside, path)
    sync_folder(path.parent)


def replace_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder of other files in the place of `path`: whoever opens it sees all of the old or all of the new one.

    `path` becomes a link to a hidden folder beside it, which alone is changed by a rename; the folder before last is
    removed, so that who has just opened the last one can read on.  SealError where `path` is a plain folder.
    """
    if path.exists() and not path.is_symlink():
        raise SealError(f"{path.name} is a folder that was made by hand; move it away first")
    last = path.resolve().name if path.is_symlink() else ""
    made = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    write_folder(made, files)
    link = path.with_name(f"{made.name}.link")
    try:
        link.symlink_to(made.name)
        os.replace(link, path)
    finally:
        link.unlink(missing_ok=True)
    sync_folder(path.parent)
    for old in (*path.parent.glob(f".{path.name}.*"), *path.parent.glob(f"..{path.name}.*")):  # two dots: half written
        if old.is_symlink():  # left by a crash before its rename
            old.unlink()
        elif old.name not in (made.name, last):
            shutil.rmtree(old)


def read_folder(path: Path) -> dict[str, bytes]:
    """Every file below a folder by relative path; links are refused."""
    out = {}
    for file in sorted(path.rglob("*")):
        if file.is_symlink():
            raise SealError(f"{path.name} holds a link; a sealed folder has plain files only")
        if file.is_file():
            out[file.relative_to(path).as_posix()] = file.read_bytes()
    return out


def sync_folder(path: Path) -> None:
    """Make a rename inside the folder durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
