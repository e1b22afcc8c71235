"""Sealed folders as the secret side knows them: a record of each, and their verification file by file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from publisher.errors import ReleaseError
from publisher.files import read_folder
from publisher.release.codec import Manifest, check_file, verify_manifest


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """What the state file knows of a sealed release; its id is its run key, `sequence` that of its charge.

    Times are UTC text, empty for not yet.
    """

    release: str
    sequence: int
    policy: str
    agency: str
    period: str
    version: int
    tables: tuple[str, ...]
    publish_at: str
    sealed_at: str
    published_at: str
    withdrawn_at: str
    reason: str

    @property
    def state(self) -> str:
        """`sealed`, `published` or `withdrawn`."""
        return "withdrawn" if self.withdrawn_at else "published" if self.published_at else "sealed"


def holders(records: Sequence[ReleaseRecord], first: ReleaseRecord) -> list[ReleaseRecord]:
    """The releases that hold the cells which `first` sealed: itself, and later ones of its policy; no withdrawn one.

    `records`: in the order of sealing.  A later version of the same period ends the row: it holds other cells.
    """
    out = [first]
    for r in (r for r in records if r.policy == first.policy and r.sequence > first.sequence):
        if r.period == first.period:
            break
        out.append(r)
    return [r for r in out if not r.withdrawn_at]


def verify_folder(folder: Path, public_pem: bytes) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest and files of a sealed folder; ReleaseError for a file that is missing, changed or not listed."""
    if not folder.is_dir():
        raise ReleaseError(f"release {folder.name}: its folder is missing")
    files = read_folder(folder)
    manifest = verify_manifest(files.get("manifest.json", b""), files.get("manifest.sig", b""), public_pem)
    if manifest.id != folder.name:
        raise ReleaseError(f"release {folder.name}: the manifest is of {manifest.id}")
    listed = set(manifest.files) | {"manifest.json", "manifest.sig"}
    if set(files) != listed:
        raise ReleaseError(f"release {folder.name}: {len(set(files) ^ listed)} files are missing or were added")
    for name in manifest.files:
        check_file(manifest, name, files[name])
    return manifest, files
