"""The folder that holds all state of an installation, laid out as MODEL.md says, and its keys."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import sqlite_utils
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from publisher.chain import open_state
from publisher.desk.folder import Desk
from publisher.errors import SealError, SettingsError
from publisher.files import write_atomically
from publisher.opaque import Opaque
from publisher.policy.declarations import Settings
from publisher.settings import load_settings

FOLDERS = ("keys", "policies/active", "policies/sealed", "vault", "withdrawn", "memory", "spill", "officer",
           "public/releases", "public/catalogues", "public/keys")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Home:
    """Paths of a home folder.  Nothing but `public` is ever opened by the public site."""

    root: Path

    @property
    def settings_file(self) -> Path:
        """`publisher.toml`."""
        return self.root / "publisher.toml"

    @property
    def active(self) -> Path:
        """The policies in force, exact bytes as approved."""
        return self.root / "policies" / "active"

    @property
    def sealed_policies(self) -> Path:
        """The policies that something was sealed by, exact bytes, each in a folder named by their digest."""
        return self.root / "policies" / "sealed"

    @property
    def work_lock(self) -> Path:
        """Held by whoever reads records: for as long as a run takes."""
        return self.root / "lock"

    @property
    def store_lock(self) -> Path:
        """Held by whoever changes what is sealed or public: for a moment, so that publishing waits for no run."""
        return self.root / "store.lock"

    @property
    def orders_lock(self) -> Path:
        """Held by whoever carries out what officers ask to be done at once."""
        return self.root / "orders.lock"

    @property
    def scheduler_lock(self) -> Path:
        """Held by the scheduler process for as long as it lives."""
        return self.root / "scheduler.lock"

    @property
    def desk(self) -> Desk:
        """What the officer's site opens."""
        return Desk(self.root / "officer")

    @property
    def vault(self) -> Path:
        """Sealed releases that are not public yet."""
        return self.root / "vault"

    @property
    def withdrawn(self) -> Path:
        """Releases that were public once and are not any more: kept for the memory of suppression."""
        return self.root / "withdrawn"

    @property
    def memory(self) -> Path:
        """Which cells of each sealed release are sensitive: what a later audit needs to know.  Secret."""
        return self.root / "memory"

    @property
    def spill(self) -> Path:
        """Temporary data of runs; wiped."""
        return self.root / "spill"

    @property
    def public(self) -> Path:
        """The only folder that the public site opens."""
        return self.root / "public"

    def create(self) -> None:
        """Make the folders and keys that are missing; the home itself is for its owner alone."""
        self.root.mkdir(parents=True, exist_ok=True)
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o711)  # others may pass through to `public`, and see nothing else
        self.desk.create()
        for secret in ("keys", "policies", "vault", "withdrawn", "memory", "spill", "officer"):
            (self.root / secret).chmod(0o700)
        if not (self.root / "keys" / "signing.pem").exists():
            self._make_keys()

    def _make_keys(self) -> None:
        if any(any(p.iterdir()) for p in (self.vault, self.withdrawn, self.public / "releases")):
            raise SealError("keys/signing.pem is lost though releases are sealed with it; restore it from the backup")
        private = Ed25519PrivateKey.generate()
        secret = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_atomically(self.root / "keys" / "hmac.key", secrets.token_bytes(32), mode=0o600)
        write_atomically(self.public / "keys" / "signing.pem", _public_pem(private))
        write_atomically(self.root / "keys" / "signing.pem", secret, mode=0o600)

    def settings(self) -> Settings:
        """What `publisher.toml` says."""
        return load_settings(self.settings_file)

    def state(self) -> sqlite_utils.Database:
        """The state file: ledger, log, runs and releases."""
        if not self.root.is_dir():
            raise SettingsError(f"no home folder {self.root.name}; `publisher demo` makes one, or see the README")
        (self.root / "state.db").touch(mode=0o600)
        return open_state(self.root / "state.db")

    def keys(self) -> "Keys":
        """The signing key and the HMAC key; SealError where one is missing or readable by others."""
        return Keys(self.root / "keys")


class Keys(Opaque):
    """The two secrets of a home: an Ed25519 signing key, and a key for HMACs of what depends on records."""

    __slots__ = ("_hmac", "_signing", "public_pem")

    def __init__(self, folder: Path) -> None:
        key = serialization.load_pem_private_key(_secret(folder / "signing.pem"), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise SealError("keys/signing.pem is no Ed25519 key")
        self._signing, self._hmac, self.public_pem = key, _secret(folder / "hmac.key"), _public_pem(key)

    def sign(self, data: bytes) -> bytes:
        """Ed25519 signature, 64 bytes."""
        return self._signing.sign(data)

    def hmac(self, purpose: str, data: bytes) -> str:
        """HMAC-SHA256 in hex; the purpose keeps the HMACs of different things apart."""
        return hmac.new(self._hmac, purpose.encode() + b"\0" + data, hashlib.sha256).hexdigest()

    def derive(self, purpose: str) -> bytes:
        """A key of its own for one purpose, 32 bytes."""
        return hmac.new(self._hmac, b"derive\0" + purpose.encode(), hashlib.sha256).digest()


def _public_pem(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _secret(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise SealError(f"keys/{path.name} may be read by others; run chmod 600 on it")
        return path.read_bytes()
    except FileNotFoundError:
        raise SealError(f"keys/{path.name} is missing; restore it from the backup") from None


def wipe(folder: Path) -> None:
    """Remove everything below a folder, not the folder itself."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else os.unlink(path)
