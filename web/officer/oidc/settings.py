"""`officer/oidc.toml`: the identity provider, and what its tokens must say."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from publisher.errors import SettingsError

FILE = "oidc.toml"
KNOWN_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
"""Signatures by a key pair only: with a shared secret, or none, whoever reads the public key could write tokens."""


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """`acr`: the levels of assurance of which a token must name one.  `claim`: what holds the account's name."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    algorithms: tuple[str, ...]
    acr: tuple[str, ...]
    claim: str

    def __post_init__(self) -> None:
        if not self.issuer.startswith("https://"):
            raise SettingsError(f"{FILE}: issuer must begin with https://")
        if not self.algorithms or not set(self.algorithms) <= KNOWN_ALGORITHMS:
            raise SettingsError(f"{FILE}: algorithms must be some of {', '.join(sorted(KNOWN_ALGORITHMS))}")
        if not (self.client_id and self.client_secret and self.claim and self.acr and all(self.acr)):
            raise SettingsError(f"{FILE}: client_id, client_secret, claim and acr may not be empty")


def read_oidc(folder: Path) -> OidcSettings | None:
    """The provider that a desk's folder names; None where it names none, SettingsError where it cannot be used."""
    path = folder / FILE
    if not path.exists():
        return None
    if path.stat().st_mode & 0o077:
        raise SettingsError(f"{FILE} holds a secret and may be read by others than its owner; chmod 600")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise SettingsError(f"{FILE} is not TOML") from None
    made = OidcSettings(
        issuer=_text(content, "issuer"), client_id=_text(content, "client_id"),
        client_secret=_text(content, "client_secret"), algorithms=_texts(content, "algorithms"),
        acr=_texts(content, "acr"), claim=_text(content, "claim"),
    )  # fmt: skip
    if content:
        raise SettingsError(f"{FILE}: {', '.join(sorted(content))}: unknown")
    return made


def _text(content: dict[str, Any], key: str) -> str:
    value = content.pop(key, None)
    if not isinstance(value, str):
        raise SettingsError(f"{FILE}: {key} must be a text")
    return value


def _texts(content: dict[str, Any], key: str) -> tuple[str, ...]:
    value = content.pop(key, None)
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise SettingsError(f"{FILE}: {key} must be a list of texts")
    return tuple(value)
