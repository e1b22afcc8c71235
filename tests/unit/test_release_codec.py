import dataclasses
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import ReleaseError, SealError
from publisher.release.codec import (
    FileDigest,
    LedgerMark,
    Manifest,
    canonical_json,
    check_file,
    is_safe_path,
    parse_canonical,
    verify_manifest,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
DATA = b"area,value\r\n"


def pem(key) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def manifest(**changes) -> Manifest:
    values = {
        "kind": "release",
        "id": "fk-sjuk.2022.v1",
        "files": {"release.json": FileDigest.of(b"{}\n"), "tables/t-1/data.csv.gz": FileDigest.of(DATA)},
        "publish_at": "2023-02-15T07:00:00Z",
        "policy_digest": "a" * 64,
        "ledger": LedgerMark(3, 20_000_000, "b" * 64),
        "records_hmac": "c" * 64,
        "audit_hmac": "d" * 64,
        "log_head_hmac": "",
        "versions": {"publisher": "0.1.0"},
    }
    return Manifest(**{**values, **changes})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_canonical_json_is_read_back_and_has_one_form(obj):
    data = canonical_json(obj)
    assert parse_canonical(data) == obj
    assert canonical_json(parse_canonical(data)) == data
    assert data.endswith(b"\n")


@pytest.mark.parametrize("obj", [1.0, {"a": [1, {"b": 0.5}]}, float("nan"), {1: "a"}, (2.5,)])
def test_canonical_json_refuses_floats_and_keys_that_are_no_text(obj):
    with pytest.raises(TypeError):
        canonical_json(obj)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}\n',
        b'{"a": 1}\n',
        b'{"b":1,"a":1}\n',
        b'{"a":1}',
        b'{"a":1.0}\n',
        b'{"a":NaN}\n',
        b"\xff\n",
        b'{"a":"\\u00e5"}\n',
        b"[" * 100_000,
    ],
)
def test_any_other_form_of_a_document_is_refused(data):
    with pytest.raises(ReleaseError):
        parse_canonical(data)


def test_a_manifest_is_read_back_from_its_bytes():
    assert Manifest.from_bytes(manifest().to_bytes()) == manifest()


def test_a_signed_manifest_verifies_and_gives_its_content():
    data = manifest().to_bytes()
    assert verify_manifest(data, KEY.sign(data), pem(KEY)) == manifest()


def test_a_manifest_changed_after_signing_is_refused():
    data = manifest().to_bytes()
    signature = KEY.sign(data)
    for at in range(0, len(data), 7):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(ReleaseError, match="signature"):
            verify_manifest(changed, signature, pem(KEY))


def test_a_signature_by_another_key_or_of_another_length_is_refused():
    data = manifest().to_bytes()
    other = Ed25519PrivateKey.generate()
    for signature in (other.sign(data), b"", KEY.sign(data)[:-1], KEY.sign(data) + b"\n"):
        with pytest.raises(ReleaseError, match="signature"):
            verify_manifest(data, signature, pem(KEY))


def test_nothing_is_parsed_before_the_signature_holds():
    with pytest.raises(ReleaseError, match="signature"):
        verify_manifest(b"not json at all", KEY.sign(b"something else"), pem(KEY))


@pytest.mark.parametrize("key", [b"", b"no key", pem(generate_private_key(SECP256R1()))])
def test_a_key_of_another_kind_is_refused(key):
    data = manifest().to_bytes()
    with pytest.raises(ReleaseError, match="key"):
        verify_manifest(data, KEY.sign(data), key)


def mutated(change) -> bytes:
    obj = json.loads(manifest().to_bytes())
    change(obj)
    return canonical_json(obj)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.pop("versions"),
        lambda m: m.update(extra="x"),
        lambda m: m.update(format="sealed-folder/2"),
        lambda m: m.update(kind="draft"),
        lambda m: m.update(id="../x.2022.v1"),
        lambda m: m.update(id="c000001"),
        lambda m: m.update(publish_at="2023-02-15"),
        lambda m: m.update(policy_digest="A" * 64),
        lambda m: m.update(files=[]),
        lambda m: m["files"].update({"../x": m["files"]["release.json"]}),
        lambda m: m["files"]["release.json"].update(more=1),
        lambda m: m["files"]["release.json"].update(bytes=True),
        lambda m: m["files"]["release.json"].update(bytes=-1),
        lambda m: m["files"]["release.json"].update(sha256="0"),
        lambda m: m["ledger"].update(sequence="3"),
        lambda m: m["ledger"].pop("rho_units"),
        lambda m: m.update(versions={"publisher": 1}),
        lambda m: m.update(records_hmac=None),
    ],
)
def test_a_signed_manifest_of_another_form_is_refused(change):
    data = mutated(change)
    with pytest.raises(ReleaseError):
        verify_manifest(data, KEY.sign(data), pem(KEY))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "..",
        "../a",
        "a/../b",
        "/etc/passwd",
        "a//b",
        "a/",
        ".hidden",
        "a/.b",
        "a\\b",
        "a\x00b",
        "C:",
        "å",
        "a\n",
        "a/" * 200 + "a",
    ],
)
def test_a_path_that_is_not_plain_is_refused_in_a_manifest(path):
    assert not is_safe_path(path)
    with pytest.raises(SealError):
        manifest(files={path: FileDigest.of(b"")})


def test_a_file_is_accepted_only_as_it_was_sealed():
    check_file(manifest(), "release.json", b"{}\n")
    with pytest.raises(ReleaseError, match="not the file"):
        check_file(manifest(), "release.json", b"{}\n\n")
    with pytest.raises(ReleaseError, match="lists no file"):
        check_file(manifest(), "other.json", b"{}\n")


def test_a_manifest_and_a_digest_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        manifest().id = "x"
    with pytest.raises(SealError):
        FileDigest("0" * 63, 1)
    with pytest.raises(SealError):
        LedgerMark(-1, 0, "")
