"""What an identity provider's token must say before it is believed."""

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from publisher.errors import AccountError
from web.officer.oidc.settings import OidcSettings

LEEWAY = 60
"""Seconds that the clocks of the two may differ."""


class OidcError(AccountError):
    """The identity provider did not say who this is, or not in a way that can be believed."""


def name_in_token(
    token: str, *, keys: KeySetSerialization, settings: OidcSettings, nonce: str, access_token: str, now: int
) -> str:
    """The account's name that an ID token gives; OidcError unless every claim is as it must be.

    `keys`: the provider's public keys as a JWK set.  `now`: seconds since 1970.
    """
    options = {
        "iss": {"essential": True, "value": settings.issuer},
        "aud": {"essential": True, "value": settings.client_id},
        "nonce": {"essential": True, "value": nonce},
        "acr": {"essential": True, "values": list(settings.acr)},
        settings.claim: {"essential": True},
    }
    try:
        found = jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(settings.algorithms))
        params = {"nonce": nonce, "client_id": settings.client_id, "access_token": access_token}
        claims = CodeIDToken(found.claims, found.header, options, params)
        claims.validate(now=now, leeway=LEEWAY)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise OidcError(f"the ID token is not to be believed ({type(error).__name__})") from None
    name = claims[settings.claim]
    if not isinstance(name, str):
        raise OidcError("the claim that holds the account's name is no text")
    return name
