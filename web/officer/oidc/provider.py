"""The identity provider: where to send somebody, and what it then says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from requests import RequestException
from requests.adapters import BaseAdapter

from web.officer.oidc.settings import OidcSettings
from web.officer.oidc.token import OidcError, name_in_token

_SECONDS = 10
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one attempt is bound to: the way there and back, the token, and the code."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """One identity provider.  `adapter` is what answers in tests; else the network does."""

    def __init__(self, settings: OidcSettings, *, adapter: BaseAdapter | None = None) -> None:
        self.settings, self._adapter = settings, adapter

    def address(self, bound: Secrets, *, back: str) -> str:
        """Where to send somebody; OidcError where the provider does not answer.  `back`: where it sends them then."""
        with self._session(back) as session:
            place = self._metadata(session)["authorization_endpoint"]
            made, _ = session.create_authorization_url(
                place, state=bound.state, nonce=bound.nonce, code_verifier=bound.verifier,
                acr_values=" ".join(self.settings.acr),
            )  # fmt: skip
        return str(made)

    def name(self, code: str, bound: Secrets, *, back: str, now: datetime) -> str:
        """The name that the provider gives for a code; OidcError where it gives none that can be believed."""
        with self._session(back) as session:
            metadata = self._metadata(session)
            try:
                answer = session.fetch_token(
                    metadata["token_endpoint"], grant_type="authorization_code", code=code,
                    code_verifier=bound.verifier, timeout=_SECONDS,
                )  # fmt: skip
            except (AuthlibBaseError, RequestException, ValueError) as error:
                raise OidcError(f"the identity provider gave no token ({type(error).__name__})") from None
            keys = list(_json(session, metadata["jwks_uri"]).get("keys", ()))
        return name_in_token(
            str(answer.get("id_token", "")), keys={"keys": keys}, settings=self.settings,
            nonce=bound.nonce, access_token=str(answer.get("access_token", "")), now=int(now.timestamp()),
        )  # fmt: skip

    def _metadata(self, session: OAuth2Session) -> Mapping[str, Any]:
        """What the provider tells of itself; it must be the one that is configured, and all of it over TLS."""
        found = _json(session, f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.settings.issuer:
            raise OidcError("the identity provider says that it is another one")
        if not all(str(found.get(key, "")).startswith("https://") for key in _ENDPOINTS):
            raise OidcError("the identity provider names no addresses, or some without TLS")
        return found

    def _session(self, back: str) -> OAuth2Session:
        session = OAuth2Session(
            self.settings.client_id, self.settings.client_secret, scope="openid profile", redirect_uri=back,
            code_challenge_method="S256",
        )  # fmt: skip
        if self._adapter is not None:
            session.mount("https://", self._adapter)
        return session


def _json(session: OAuth2Session, address: str) -> Mapping[str, Any]:
    try:
        answer = session.get(address, withhold_token=True, timeout=_SECONDS, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except (RequestException, ValueError) as error:
        raise OidcError(f"the identity provider does not answer ({type(error).__name__})") from None
    if not isinstance(found, dict):
        raise OidcError("the identity provider's answer is no object")
    return found
