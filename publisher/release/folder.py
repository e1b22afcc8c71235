"""A sealed folder, opened read-only and believed only as far as its manifest verifies."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from threading import Lock

from publisher.errors import ReleaseError
from publisher.release.cells import all_cells, open_cells
from publisher.release.codec import Manifest, check_file, is_safe_path, parse_canonical, verify_manifest
from publisher.release.facts import release_from_obj
from publisher.release.model import Release, Table

_MANIFEST_LIMIT = 4_000_000
_CHUNK = 1 << 18

Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class SealedFolder:
    """A folder whose manifest verified.  `checked` remembers which files were found whole, by inode, size and time."""

    root: Path
    manifest: Manifest
    manifest_bytes: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    checked: dict[str, Stamp] = field(default_factory=dict, repr=False)
    lock: Lock = field(default_factory=Lock, repr=False)

    def read(self, path: str) -> bytes:
        """The bytes of a file, checked against the manifest; ReleaseError otherwise."""
        data = _read(self.locate(path), None)
        check_file(self.manifest, path, data)
        return data

    def locate(self, path: str) -> Path:
        """Where a listed file lies; ReleaseError when the manifest lists none, or a link leads out of the folder."""
        if path not in self.manifest.files:
            raise ReleaseError(f"{self.manifest.id}: the manifest lists no file {path}")
        return locate_within(self.root, path)

    def verified(self, path: str) -> Path:
        """Where a listed file lies, its digest checked now or since the file last changed."""
        where = self.locate(path)
        stamp = _stamp(where)
        with self.lock:
            known = self.checked.get(path)
        if known != stamp:
            self._check_stream(where, path)
            with self.lock:
                self.checked[path] = stamp
        return where

    def stream(self, path: str) -> Iterator[bytes]:
        """The verified file in pieces, for files too large to keep in memory."""
        with self.verified(path).open("rb") as file:
            while piece := file.read(_CHUNK):
                yield piece

    def _check_stream(self, where: Path, path: str) -> None:
        try:
            with where.open("rb") as file:
                found = file_digest(file, "sha256").hexdigest()
        except OSError:
            raise ReleaseError(f"{self.manifest.id}: {path} cannot be read") from None
        if found != self.manifest.files[path].sha256:
            raise ReleaseError(f"{self.manifest.id}: {path} is not the file that was sealed")


def open_folder(root: Path, *, kind: str, public_key_pem: bytes) -> SealedFolder:
    """Verify signature, then manifest, then that kind and id are what the folder's place and name say."""
    manifest_bytes = _read(locate_within(root, "manifest.json"), _MANIFEST_LIMIT)
    signature = _read(locate_within(root, "manifest.sig"), 1024)
    manifest = verify_manifest(manifest_bytes, signature, public_key_pem)
    if manifest.kind != kind or manifest.id != root.name:
        raise ReleaseError(f"{root.name}: the manifest belongs to another folder")
    return SealedFolder(root, manifest, manifest_bytes, signature)


def read_facts(folder: SealedFolder) -> Release:
    """The release without cells; ReleaseError unless it is the release that the manifest names."""
    release = release_from_obj(parse_canonical(folder.read("release.json")))
    if release.id != folder.manifest.id or release.publish_at != folder.manifest.publish_at:
        raise ReleaseError(f"{folder.manifest.id}: release.json and the manifest name different releases")
    return release


def read_cells(folder: SealedFolder, table: Table) -> Table:
    """The table with all its cells."""
    connection = open_cells(folder.verified(cells_path(table.id)))
    try:
        cells = all_cells(connection, table)
    finally:
        connection.close()
    return Table(**{name: getattr(table, name) for name in Table.__slots__} | {"cells": cells})


def cells_path(table_id: str) -> str:
    """Where a table's cells lie in its release."""
    return f"tables/{table_id}/cells.sqlite"


def locate_within(root: Path, relative: str) -> Path:
    """`root / relative`, if that is a plain path and no symbolic link leads out of `root`; ReleaseError otherwise."""
    if not is_safe_path(relative):
        raise ReleaseError("a path is not a plain relative path")
    base = root.resolve()
    where = (base / relative).resolve()
    if not where.is_relative_to(base):
        raise ReleaseError("a path leads out of the public folder")
    return where


def _read(path: Path, limit: int | None) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(-1 if limit is None else limit + 1)
    except OSError:
        raise ReleaseError(f"{path.name} cannot be read") from None
    if limit is not None and len(data) > limit:
        raise ReleaseError(f"{path.name} is larger than such a file may be")
    return data


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        raise ReleaseError(f"{path.name} cannot be read") from None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
