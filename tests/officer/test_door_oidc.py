"""Login through an identity provider: what is not exactly what was asked for is refused."""

import hmac
import json
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from officer.conftest import BASE, START, Visitor
from requests import Response
from requests.adapters import BaseAdapter

from publisher.errors import SettingsError
from web.officer import create_app
from web.officer.oidc.provider import Provider
from web.officer.oidc.settings import FILE, OidcSettings, read_oidc
from web.officer.oidc.token import OidcError, name_in_token
from web.officer.oidc.views import COOKIE as WAY
from web.officer.site import Site

ISSUER, CLIENT, LOA3 = "https://idp.example.se", "the-desk", "http://id.example.se/loa3"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
KEYS = {"keys": [KEY.as_dict(private=False)]}
NOW = int(START.timestamp())
SETTINGS = OidcSettings(ISSUER, CLIENT, "the secret", ("RS256", "ES256", "PS256"), (LOA3,), "preferred_username")
CLAIMS = {
    "iss": ISSUER, "aud": CLIENT, "sub": "4711", "exp": NOW + 300, "iat": NOW, "nonce": "the nonce", "acr": LOA3,
    "preferred_username": "anna",
}  # fmt: skip


def signed(claims=CLAIMS, alg="RS256", key=KEY, **header) -> str:
    return jwt.encode({"alg": alg, "kid": "one", **header}, dict(claims), key, algorithms=[alg])


def read(token: str, **more) -> str:
    given = {"keys": KEYS, "settings": SETTINGS, "nonce": "the nonce", "access_token": "", "now": NOW, **more}
    return name_in_token(token, **given)


def part(value: dict) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_token_that_is_right_in_everything_gives_the_name():
    assert read(signed()) == "anna"
    assert read(signed(alg="PS256")) == "anna"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", ""])
def test_a_token_without_a_signature_is_refused(alg):
    for signature in ("", signed().split(".")[2]):
        with pytest.raises(OidcError):
            read(f"{part({'alg': alg, 'kid': 'one'})}.{part(CLAIMS)}.{signature}")


@pytest.mark.parametrize("public", [KEY.as_pem(private=False), json.dumps(KEYS).encode()])
def test_a_token_signed_with_the_public_key_as_a_shared_secret_is_refused(public):
    body = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(CLAIMS)}"
    signature = urlsafe_b64encode(hmac.digest(public, body.encode(), "sha256")).rstrip(b"=").decode()
    with pytest.raises(OidcError):
        read(f"{body}.{signature}")


def test_a_token_signed_with_the_clients_secret_is_refused_though_the_provider_lists_it_as_a_key():
    secret = OctKey.import_key(b"the secret" * 4, {"kid": "one"})
    with pytest.raises(OidcError):
        read(signed(alg="HS256", key=secret), keys={"keys": [secret.as_dict(private=True)]})


def test_a_token_by_another_key_or_with_its_own_key_in_the_header_is_refused():
    with pytest.raises(OidcError):
        read(signed(key=OTHER_KEY))
    with pytest.raises(OidcError):
        read(signed(key=OTHER_KEY, jwk=OTHER_KEY.as_dict(private=False)))


def test_a_signature_that_is_not_among_the_configured_ones_is_refused():
    pair = ECKey.generate_key("P-384", {"kid": "one"})
    with pytest.raises(OidcError):
        read(signed(alg="ES384", key=pair), keys={"keys": [pair.as_dict(private=False)]})
    with pytest.raises(OidcError):
        read(signed(alg="RS512"))


def test_claims_that_were_changed_after_the_signature_are_refused():
    head, _, tail = signed().split(".")
    with pytest.raises(OidcError):
        read(f"{head}.{part({**CLAIMS, 'preferred_username': 'david'})}.{tail}")


WRONG = {
    "another audience": {"aud": "another-desk"},
    "another audience for our party": {"aud": "another-desk", "azp": CLIENT},
    "two audiences and another party": {"aud": [CLIENT, "another-desk"], "azp": "another-desk"},
    "two audiences and no party": {"aud": [CLIENT, "another-desk"]},
    "another issuer": {"iss": "https://idp.example.se.evil.example"},
    "another nonce": {"nonce": "another"},
    "empty nonce": {"nonce": ""},
    "expired": {"exp": NOW - 61},
    "issued in the future": {"iat": NOW + 61},
    "not yet good": {"nbf": NOW + 61},
    "another acr": {"acr": "http://id.example.se/loa1"},
    "name is no text": {"preferred_username": ["anna"]},
    "exp is no number": {"exp": "never"},
    **{f"no {claim}": {claim: None} for claim in CLAIMS},
}


@pytest.mark.parametrize("why", WRONG)
def test_a_token_with_a_claim_that_is_wrong_or_missing_is_refused(why):
    changed = {k: v for k, v in {**CLAIMS, **WRONG[why]}.items() if v is not None}
    with pytest.raises(OidcError):
        read(signed(changed))


@pytest.mark.parametrize("token", ["", "a.b.c", "x", "." * 4, "é.é.é"])
def test_what_is_no_token_is_refused(token):
    with pytest.raises(OidcError):
        read(token)


@dataclass
class FakeProvider(BaseAdapter):
    """An identity provider without a network: answers by address, and remembers what it was asked."""

    claims: dict = field(default_factory=dict)
    metadata: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    down: bool = False

    def send(self, request, **_):
        self.asked.append((request.url, request.body))
        found = {
            "/.well-known/openid-configuration": {
                "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys", **self.metadata,
            },
            "/token": {"token_type": "Bearer", "access_token": "x", "id_token": signed({**CLAIMS, **self.claims})},
            "/keys": KEYS,
        }  # fmt: skip
        answer = Response()
        answer.status_code = 503 if self.down else 200
        answer._content = json.dumps(found[urlsplit(request.url).path]).encode()
        answer.request, answer.url = request, request.url
        return answer

    def close(self):
        pass


@pytest.fixture
def idp() -> FakeProvider:
    return FakeProvider()


@pytest.fixture
def browser(desk, clock, idp) -> Visitor:
    app = create_app(desk, clock=clock, site=Site(base_url=BASE), oidc=Provider(SETTINGS, adapter=idp))
    return Visitor(app.test_client(), clock)


def sent_to(browser, **fields) -> dict[str, str]:
    """The parameters that the browser is sent to the provider with."""
    page = browser.post("/sv/oidc", **fields).text
    address = re.search(r'href="(https://idp[^"]+)"', page).group(1).replace("&amp;", "&")
    return {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}


def there_and_back(browser, idp, **changed):
    sent = sent_to(browser, next="/en/sessions")
    idp.claims.setdefault("nonce", sent["nonce"])
    state = changed.get("state", sent["state"])
    return browser.get(f"/sv/oidc/back?code=the-code&state={state}{changed.get('more', '')}")


def test_the_way_there_asks_for_everything_that_is_checked_on_the_way_back(browser, idp):
    sent = sent_to(browser)
    assert sent["response_type"] == "code"
    assert sent["client_id"] == CLIENT
    assert sent["acr_values"] == LOA3
    assert sent["redirect_uri"] == f"{BASE}/sv/oidc/back"
    assert sent["code_challenge_method"] == "S256"
    assert len(sent["state"]) == len(sent["nonce"]) == 64
    assert sent_to(browser)["state"] != sent["state"]


def test_an_account_that_the_provider_names_is_let_in_and_led_on_by_ourselves(browser, idp, account, log_of):
    account("Anna")
    answer = there_and_back(browser, idp)
    assert (answer.status_code, "url=/en/sessions" in answer.text) == (200, True)
    assert browser.get("/en/sessions").status_code == 200
    assert log_of()[-1] == ("Anna", "login", "Anna", "identity provider")
    (asked,) = [parse_qs(body) for url, body in idp.asked if url.endswith("/token")]
    assert asked["code"] == ["the-code"]


def test_the_verifier_is_the_one_that_the_challenge_was_made_of(browser, idp, account):
    account("anna")
    sent = sent_to(browser)
    browser.get(f"/sv/oidc/back?code=c&state={sent['state']}")
    verifier = next(parse_qs(body)["code_verifier"][0] for url, body in idp.asked if url.endswith("/token"))
    assert urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode() == sent["code_challenge"]


REFUSED = {
    "no account": ({"preferred_username": "nobody"}, {}, {}),
    "closed account": ({"preferred_username": "erik"}, {}, {}),
    "another nonce": ({"nonce": "x"}, {}, {}),
    "low acr": ({"acr": "loa1"}, {}, {}),
    "another state": ({}, {}, {"state": "x"}),
    "no state": ({}, {}, {"state": ""}),
    "another issuer in the answer": ({}, {}, {"more": "&iss=https://evil.example"}),
    "metadata of another": ({}, {"issuer": "https://evil.example"}, {}),
    "keys without TLS": ({}, {"jwks_uri": "http://idp.example.se/keys"}, {}),
}


@pytest.mark.parametrize("why", REFUSED)
def test_who_comes_back_otherwise_than_sent_is_refused_and_it_is_logged(browser, idp, account, desk, log_of, why):
    from publisher.desk.accounts import Accounts

    account("anna")
    account("erik")
    with desk.open() as db:
        Accounts(db).close("erik", by="david", at="2024-03-01T12:00:00Z", reason="left")
    idp.claims, metadata, changed = dict(REFUSED[why][0]), REFUSED[why][1], REFUSED[why][2]
    sent = sent_to(browser)
    idp.metadata = metadata
    idp.claims.setdefault("nonce", sent["nonce"])
    answer = browser.get(f"/sv/oidc/back?code=c&state={changed.get('state', sent['state'])}{changed.get('more', '')}")
    assert answer.status_code == 422
    assert browser.get("/sv/").status_code == 302
    assert log_of()[-1] == ("", "failed-login", "erik" if why == "closed account" else "", "identity provider")


def test_an_answer_is_taken_once_within_ten_minutes_and_by_the_browser_that_asked(browser, idp, account, clock, desk):
    account("anna")
    first = sent_to(browser)
    idp.claims["nonce"] = first["nonce"]
    thief = Visitor(browser.client.application.test_client(), clock)
    assert thief.get(f"/sv/oidc/back?code=c&state={first['state']}").status_code == 422
    assert browser.get(f"/sv/oidc/back?code=c&state={first['state']}").status_code == 200
    assert browser.get(f"/sv/oidc/back?code=c&state={first['state']}").status_code == 422
    late = Visitor(browser.client.application.test_client(), clock)
    sent = sent_to(late)
    idp.claims |= {"nonce": sent["nonce"], "exp": NOW + 3600}
    clock.move(minutes=10, seconds=1)
    assert late.get(f"/sv/oidc/back?code=c&state={sent['state']}").status_code == 422


def test_the_cookie_of_the_way_is_lax_and_goes_when_it_was_used(browser, idp, account):
    account("anna")
    (given,) = [c for c in browser.post("/sv/oidc").headers.getlist("Set-Cookie") if c.startswith(WAY)]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(given.split("; "))
    there_and_back(browser, idp)
    assert browser.client.get_cookie(WAY, domain="desk.example.se", path="/") is None


def test_a_provider_that_does_not_answer_lets_nobody_in(browser, idp, account):
    account("anna")
    idp.down = True
    assert browser.post("/sv/oidc").status_code == 422
    idp.down = False
    sent = sent_to(browser)
    idp.down = True
    assert browser.get(f"/sv/oidc/back?code=c&state={sent['state']}").status_code == 422


def test_the_button_stands_where_a_provider_is_configured_and_nowhere_else(browser, visitor):
    assert "myndighetens inloggning" in browser.get("/sv/login").text
    assert "myndighetens inloggning" not in visitor().get("/sv/login").text
    assert visitor().post("/sv/oidc").status_code == 404
    assert visitor().get("/sv/oidc/back").status_code == 404


TOML = """
issuer = "https://idp.example.se"
client_id = "the-desk"
client_secret = "the secret"
algorithms = ["RS256", "ES256", "PS256"]
acr = ["http://id.example.se/loa3"]
claim = "preferred_username"
"""


def written(folder, text: str, mode: int = 0o600):
    (folder / FILE).write_text(text, encoding="utf-8")
    (folder / FILE).chmod(mode)
    return folder


def test_the_settings_are_read_from_the_desks_folder(tmp_path):
    assert read_oidc(tmp_path) is None
    assert read_oidc(written(tmp_path, TOML)) == SETTINGS
    assert "the secret" not in repr(SETTINGS)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"RS256", ', '"HS256", ', "algorithms must be some of"),
        ('"RS256", ', '"none", ', "algorithms must be some of"),
        ('["RS256", "ES256", "PS256"]', "[]", "algorithms must be some of"),
        ('["http://id.example.se/loa3"]', "[]", "may not be empty"),
        ("https://idp", "http://idp", "https://"),
        ('claim = "preferred_username"', "", "claim must be a text"),
        ('claim = "preferred_username"', 'claim = "a"\nleeway = "9"', "leeway: unknown"),
        ('client_id = "the-desk"', "client_id = 7", "client_id must be a text"),
        ('client_id = "the-desk"', "client_id", "not TOML"),
        ("acr = [", "acr = [1, ", "list of texts"),
    ],
)
def test_settings_that_would_not_be_safe_are_refused(tmp_path, old, new, said):
    with pytest.raises(SettingsError, match=said):
        read_oidc(written(tmp_path, TOML.replace(old, new)))


def test_settings_that_others_may_read_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="chmod 600"):
        read_oidc(written(tmp_path, TOML, 0o644))


def test_the_clock_of_the_site_decides_whether_a_token_has_expired(browser, idp, account, clock):
    account("anna")
    sent = sent_to(browser)
    idp.claims["nonce"] = sent["nonce"]
    clock.now = START.astimezone(UTC) + timedelta(minutes=7)
    assert browser.get(f"/sv/oidc/back?code=c&state={sent['state']}").status_code == 422
