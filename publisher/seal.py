"""Sealing: an audited release becomes a folder of files under one signed manifest (P2 of SAFETY.md).

Everything that depends on records leaves as an HMAC under a key that stays with the records: a plain hash would let
anyone check guesses about them (MODEL.md).  The digests in the manifest are those of published files.
"""

import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from publisher.draft.audits import AuditedRelease
from publisher.files import write_folder
from publisher.home import Keys
from publisher.opaque import Opaque, require_mint
from publisher.release.codec import FileDigest, LedgerMark, Manifest
from publisher.release.formats import render_release

_MINT = object()
_LIBRARIES = ("duckdb", "highspy", "numpy", "opendp", "pandas", "scipy")


@dataclass(frozen=True, slots=True)
class Binding:
    """What a release is bound to.  `ledger_head` and `log_head` are hashes, `snapshot_hmac` an HMAC already."""

    policy_digest: str
    ledger_sequence: int
    ledger_head: str
    rho_units: int
    log_head: str
    snapshot_hmac: str


class SealedRelease(Opaque):
    """Receipt of a seal: the release's id and folder."""

    __slots__ = ("folder", "id")

    def __init__(self, mint: object, *, release_id: str, folder: Path) -> None:
        require_mint(mint, _MINT, "SealedRelease")
        self.id, self.folder = release_id, folder


def seal_release(audited: AuditedRelease, *, binding: Binding, keys: Keys, vault: Path) -> SealedRelease:
    """Write an audited release into the vault.  SealError if it is there already: a sealed folder is never edited."""
    release = audited.release
    files = render_release(release)
    manifest = Manifest(
        kind="release",
        id=release.id,
        files={name: FileDigest.of(data) for name, data in files.items()},
        publish_at=release.publish_at,
        policy_digest=binding.policy_digest,
        ledger=LedgerMark(
            sequence=binding.ledger_sequence,
            rho_units=binding.rho_units,
            head_hmac=keys.hmac("ledger-head", binding.ledger_head.encode()),
        ),
        # Under a purpose of its own for each release: that two releases saw the same records is not told either.
        records_hmac=keys.hmac(f"records {release.id}", binding.snapshot_hmac.encode()),
        audit_hmac=keys.hmac(f"audit {release.id}", audited.report.summary_bytes()),
        log_head_hmac=keys.hmac("log-head", binding.log_head.encode()),
        versions=versions(),
    )
    folder = vault / release.id
    write_folder(folder, {**files, **signed(manifest, keys)})
    return SealedRelease(_MINT, release_id=release.id, folder=folder)


def signed(manifest: Manifest, keys: Keys) -> dict[str, bytes]:
    """The manifest and its signature as files."""
    data = manifest.to_bytes()
    return {"manifest.json": data, "manifest.sig": keys.sign(data)}


def versions() -> dict[str, str]:
    """Versions of what made a release."""
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}
