"""Canonical bytes, the manifest of a sealed folder, and its verification.  The private key is never here.

The written specification, for those who verify without this code, is docs/manifest.md.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from publisher.errors import ReleaseError, SealError

FORMAT = "sealed-folder/1"
KINDS = ("release", "catalogue")
RELEASE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}\.(?:19|20)\d\d(?:K[1-4]|M(?:0[1-9]|1[0-2])(?:R12)?)?\.v[1-9]\d{0,3}")
CATALOGUE_ID = re.compile(r"c\d{6,9}")
TABLE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

_PATH = re.compile(r"[a-z0-9][A-Za-z0-9._-]*(?:/[a-z0-9][A-Za-z0-9._-]*)*")
_HEX = re.compile(r"(?:[0-9a-f]{64})?")
_DIGESTS = ("policy_digest", "records_hmac", "audit_hmac", "log_head_hmac")
_KEYS = frozenset({"format", "kind", "id", "files", "publish_at", "ledger", "versions", *_DIGESTS})


def canonical_json(obj: object) -> bytes:
    """The one way to write `obj`: UTF-8, keys sorted, no spaces, a newline at the end.

    TypeError for a float (two machines may write it differently) and for a key that is not text.
    """
    _refuse_floats(obj)
    text = json.dumps(obj, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"


def parse_canonical(data: bytes) -> Any:
    """What `canonical_json` wrote; ReleaseError for any other bytes, so that one content has one form only."""
    try:
        obj = json.loads(data, parse_float=_no_float, parse_constant=_no_float)
        same = canonical_json(obj) == data
    except (ValueError, TypeError, RecursionError):
        raise ReleaseError("a document is not canonical JSON") from None
    if not same:
        raise ReleaseError("a document is not canonical JSON")
    return obj


def sha256_hex(data: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def is_safe_path(path: str) -> bool:
    """Whether `path` is a relative path of plain names: no `..`, no hidden file, no backslash, no empty part."""
    return len(path) <= 300 and _PATH.fullmatch(path) is not None


@dataclass(frozen=True, slots=True)
class FileDigest:
    """SHA-256 (hexadecimal) and length in bytes of one file."""

    sha256: str
    size: int

    def __post_init__(self) -> None:
        if not isinstance(self.sha256, str) or len(self.sha256) != 64 or not _HEX.fullmatch(self.sha256):
            raise SealError("a file digest must be 64 hexadecimal digits")
        _check_count(self.size, "the length of a file")

    @classmethod
    def of(cls, data: bytes) -> "FileDigest":
        """The digest of `data`."""
        return cls(sha256_hex(data), len(data))


@dataclass(frozen=True, slots=True)
class LedgerMark:
    """Where the ledger stood at sealing: last sequence number, cumulative rho in units of 1e-9, keyed head (hex)."""

    sequence: int
    rho_units: int
    head_hmac: str

    def __post_init__(self) -> None:
        _check_count(self.sequence, "ledger.sequence")
        _check_count(self.rho_units, "ledger.rho_units")
        _check_hex(self.head_hmac, "ledger.head_hmac")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the signature binds.  `files`: relative path -> digest; keyed digests are hexadecimal, empty for none.

    SealError on construction when a field has not the form that docs/manifest.md gives it.
    """

    kind: str
    id: str
    files: Mapping[str, FileDigest]
    publish_at: str
    policy_digest: str
    ledger: LedgerMark
    records_hmac: str
    audit_hmac: str
    log_head_hmac: str
    versions: Mapping[str, str]

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SealError("manifest: kind must be release or catalogue")
        pattern = RELEASE_ID if self.kind == "release" else CATALOGUE_ID
        if not _matches(pattern, self.id):
            raise SealError("manifest: the id has not the form of its kind")
        if not _matches(TIME, self.publish_at):
            raise SealError("manifest: publish_at must be UTC, like 2024-02-15T07:00:00Z")
        for path in self.files:
            if not is_safe_path(path):
                raise SealError("manifest: a path leaves the folder or is not plain")
        for name in _DIGESTS:
            _check_hex(getattr(self, name), name)
        if any(not isinstance(t, str) for pair in self.versions.items() for t in pair):
            raise SealError("manifest: versions must be texts")

    def to_bytes(self) -> bytes:
        """Canonical JSON: what is signed and stored as manifest.json."""
        return canonical_json(
            {
                "format": FORMAT,
                "kind": self.kind,
                "id": self.id,
                "files": {p: {"sha256": d.sha256, "bytes": d.size} for p, d in self.files.items()},
                "publish_at": self.publish_at,
                "policy_digest": self.policy_digest,
                "ledger": {
                    "sequence": self.ledger.sequence,
                    "rho_units": self.ledger.rho_units,
                    "head_hmac": self.ledger.head_hmac,
                },
                "records_hmac": self.records_hmac,
                "audit_hmac": self.audit_hmac,
                "log_head_hmac": self.log_head_hmac,
                "versions": dict(self.versions),
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "Manifest":
        """Parse strictly: unknown, missing or doubled keys and any other than the canonical form are ReleaseError."""
        obj = parse_canonical(data)
        _require_keys(obj, _KEYS)
        if obj["format"] != FORMAT:
            raise ReleaseError("manifest: unknown format")
        try:
            return cls(
                files=_files(obj["files"]),
                ledger=_ledger(obj["ledger"]),
                **{name: obj[name] for name in _KEYS - {"format", "files", "ledger"}},
            )
        except (SealError, TypeError, AttributeError):
            raise ReleaseError("manifest: a field has not the form that the specification gives it") from None


def verify_manifest(manifest_bytes: bytes, signature: bytes, public_key_pem: bytes) -> Manifest:
    """The manifest, if `signature` (64 bytes, Ed25519, RFC 8032) is the key's over exactly these bytes.

    Nothing is parsed before the signature holds.  ReleaseError otherwise.
    """
    try:
        key = load_pem_public_key(public_key_pem)
    except (ValueError, UnsupportedAlgorithm):
        raise ReleaseError("the public key cannot be read; it must be PEM, Ed25519") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ReleaseError("the public key is not an Ed25519 key")
    try:
        key.verify(signature, manifest_bytes)
    except InvalidSignature:
        raise ReleaseError("the signature of a manifest does not verify") from None
    return Manifest.from_bytes(manifest_bytes)


def check_file(manifest: Manifest, path: str, data: bytes) -> None:
    """ReleaseError unless `data` is exactly the file that the manifest lists at `path`."""
    digest = manifest.files.get(path)
    if digest is None:
        raise ReleaseError(f"{manifest.id}: the manifest lists no file {path}")
    if FileDigest.of(data) != digest:
        raise ReleaseError(f"{manifest.id}: {path} is not the file that was sealed")


def _files(obj: Any) -> dict[str, FileDigest]:
    for entry in obj.values():
        _require_keys(entry, frozenset({"sha256", "bytes"}))
    return {path: FileDigest(e["sha256"], e["bytes"]) for path, e in obj.items()}


def _ledger(obj: Any) -> LedgerMark:
    _require_keys(obj, frozenset({"sequence", "rho_units", "head_hmac"}))
    return LedgerMark(**obj)


def _require_keys(obj: Any, keys: frozenset[str]) -> None:
    if not isinstance(obj, dict) or obj.keys() != keys:
        raise ReleaseError("manifest: unknown or missing keys")


def _check_hex(text: object, name: str) -> None:
    if not _matches(_HEX, text):
        raise SealError(f"manifest: {name} must be 64 hexadecimal digits, or empty")


def _matches(pattern: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and pattern.fullmatch(text) is not None


def _check_count(value: object, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise SealError(f"manifest: {name} must be a whole number, zero or more")


def _no_float(text: str) -> NoReturn:
    raise ValueError(text)


def _refuse_floats(obj: object) -> None:
    if isinstance(obj, float):
        raise TypeError("no float in a canonical document")
    if isinstance(obj, Mapping):
        if any(not isinstance(k, str) for k in obj):
            raise TypeError("keys of a canonical document are texts")
        for value in obj.values():
            _refuse_floats(value)
    elif isinstance(obj, list | tuple):
        for value in obj:
            _refuse_floats(value)
