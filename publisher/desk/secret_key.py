"""The key of a desk: one file beside its database, which what must not be read from the database alone is kept under.

Who copies the database without the key has no second factor, no recovery code and no token of it.
"""

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

import sqlite_utils
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from publisher.errors import SettingsError
from publisher.files import sync_folder
from publisher.opaque import Opaque

FILE = "secret.key"
_SIZE, _NONCE = 32, 12


class SecretKey(Opaque):
    """32 random bytes, and what is made with them; each purpose has a key of its own."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) != _SIZE:
            raise SettingsError(f"{FILE} does not hold a key; put the desk's own one back from a backup")
        self._key = key

    @classmethod
    def of(cls, folder: Path) -> "SecretKey":
        """The key of an officer's folder, made where there is none yet; SettingsError where others may read it."""
        path = folder / FILE
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"{FILE} may be read by others than its owner; chmod 600, and reset every officer")
        return cls(path.read_bytes())

    @classmethod
    def beside(cls, db: sqlite_utils.Database) -> "SecretKey":
        """The key that lies beside an open database."""
        file: str = db.conn.execute("PRAGMA database_list").fetchone()[2]
        return cls.of(Path(file).parent)

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose, that tell nothing of those for another."""
        return hmac.digest(self._key, purpose.encode(), "sha256")

    def digest(self, purpose: str, text: str) -> str:
        """A keyed digest: the same for the same text, and of no use without the key."""
        return hmac.digest(self.derive(purpose), text.encode(), "sha256").hex()

    def seal(self, text: str, *, owner: str) -> str:
        """Encrypt a text for one owner (AES-256-GCM): moved to another one's row, it does not open."""
        nonce = os.urandom(_NONCE)
        return (nonce + AESGCM(self.derive("seal")).encrypt(nonce, text.encode(), owner.encode())).hex()

    def open(self, sealed: str, *, owner: str) -> str | None:
        """What was sealed; None where it is not this owner's, was changed, or was sealed under another key."""
        raw = bytes.fromhex(sealed)
        try:
            return AESGCM(self.derive("seal")).decrypt(raw[:_NONCE], raw[_NONCE:], owner.encode()).decode()
        except InvalidTag:
            return None


def _make(path: Path) -> None:
    """Write a new key; of two processes that do so at once, one's key stays and both use it."""
    beside = path.with_name(f".{FILE}.{secrets.token_hex(6)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(secrets.token_bytes(_SIZE))
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink()
    sync_folder(path.parent)
