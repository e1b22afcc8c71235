import gzip
import json

import pytest
from publicfolder import (
    REGSO_TABLE,
    TYPE_TABLE,
    Listed,
    entry,
    public_key,
    release,
    rendered,
    seal_catalogue,
    seal_release,
)

from publisher.errors import ReleaseError
from publisher.release.codec import check_file, verify_manifest
from publisher.release.reader import Catalogue
from web.public import create_app
from web.public.http import accepts_gzip, etag_of, matches

LATEST = f"/data/{TYPE_TABLE}/latest.csv"
NAMED = f"/data/{TYPE_TABLE}/fk-sjukpenning.2022.v1.csv"
WITHDRAWN = f"/data/{REGSO_TABLE}/fk-ersattning.2022.v1"
GZIP = {"Accept-Encoding": "gzip"}


def sealed(name: str) -> bytes:
    return rendered("2022", 1, "fk-sjukpenning")[1][f"tables/{TYPE_TABLE}/{name}"]


@pytest.mark.parametrize(
    ("form", "name"), [("csv", "data.csv"), ("en.csv", "data.en.csv"), ("excel.csv", "data.excel.csv")]
)
def test_sealed_bytes_are_served_as_they_are(site, form, name):
    for address in (f"/data/{TYPE_TABLE}/latest.{form}", f"/data/{TYPE_TABLE}/fk-sjukpenning.2022.v1.{form}"):
        answer = site.get(address)
        assert answer.status_code == 200
        assert answer.data == sealed(name)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{TYPE_TABLE}_2022_v1.{form}"'
        assert answer.headers["Cache-Control"] == "public, max-age=10, must-revalidate"
        assert answer.headers["Vary"] == "Accept-Encoding"
        packed = site.get(address, headers=GZIP)
        assert packed.data == sealed(f"{name}.gz")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert int(packed.headers["Content-Length"]) == len(packed.data)


def test_each_representation_has_a_strong_tag_of_its_own(site):
    tags = [
        site.get(f"/data/{TYPE_TABLE}/latest.{form}", headers=h).headers["ETag"]
        for form in ("csv", "en.csv", "excel.csv")
        for h in ({}, GZIP)
    ]
    assert len(set(tags)) == 6
    assert all(t.startswith('"') for t in tags)


@pytest.mark.parametrize("address", [LATEST, NAMED, "/sv/", f"/en/tables/{TYPE_TABLE}", "/keys/signing.pem"])
@pytest.mark.parametrize("headers", [{}, GZIP])
def test_a_matching_tag_gives_304_with_the_tag_and_no_body(site, address, headers):
    tag = site.get(address, headers=headers).headers["ETag"]
    for header in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        answer = site.get(address, headers={**headers, "If-None-Match": header})
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == tag
        assert answer.headers["Cache-Control"] == "public, max-age=10, must-revalidate"
        assert "Content-Length" not in answer.headers
    assert site.get(address, headers={**headers, "If-None-Match": '"other"'}).status_code == 200


def test_a_tag_of_the_plain_form_does_not_match_the_gzip_form(site):
    tag = site.get(LATEST).headers["ETag"]
    assert site.get(LATEST, headers={**GZIP, "If-None-Match": tag}).status_code == 200


def test_documents_about_privacy_are_the_sealed_bytes_and_verify(site, sealed_public):
    folder = sealed_public / "catalogues/c000007"
    for name in ("statement.sv.json", "statement.en.json", "account.json", "manifest.json", "manifest.sig"):
        answer = site.get(f"/privacy/{name}")
        assert answer.data == (folder / name).read_bytes()
        assert answer.headers["Cache-Control"] == "public, max-age=10, must-revalidate"
        assert site.get(f"/privacy/{name}", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    manifest = verify_manifest(
        site.get("/privacy/manifest.json").data, site.get("/privacy/manifest.sig").data, public_key()
    )
    for name in ("statement.sv.json", "account.json"):
        check_file(manifest, name, site.get(f"/privacy/{name}").data)


@pytest.mark.parametrize("name", ["", "catalogue.json", "statement.json", "../catalogue.json", "statement.sv.json/x"])
def test_nothing_else_of_the_catalogue_is_served(site, name):
    assert site.get(f"/privacy/{name}").status_code == 404


@pytest.mark.parametrize(
    "address", [LATEST, "/sv/", "/en/privacy", "/nothing", f"/data/{TYPE_TABLE}/x.csv", f"{WITHDRAWN}.csv"]
)
@pytest.mark.parametrize("headers", [{}, GZIP])
def test_head_gives_the_headers_of_get_and_no_body(site, address, headers):
    get, head = site.get(address, headers=headers), site.head(address, headers=headers)
    assert head.data == b""
    assert (head.status_code, head.headers) == (get.status_code, get.headers)


@pytest.mark.parametrize("address", [LATEST, "/sv/", "/nothing"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_other_methods_are_refused(site, address, method):
    answer = site.open(address, method=method)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("", False),
        ("gzip;q=0", False),
        ("br", False),
        ("*, gzip;q=0", False),
        ("GZIP", True),
        ("identity", False),
        ("gzip; q=0.0", False),
    ],
)
def test_gzip_is_sent_only_where_it_is_accepted(header, answer):
    assert accepts_gzip(header) is answer


def test_an_empty_condition_matches_nothing():
    assert not matches("", '"a"')


def test_range_is_answered_with_the_whole(site):
    answer = site.get(LATEST, headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.data) == (200, sealed("data.csv"))
    assert answer.headers["Accept-Ranges"] == "none"


GUESSED = [
    f"/data/{TYPE_TABLE}/fk-sjukpenning.2023.v1.csv",
    f"/data/{TYPE_TABLE}/fk-sjukpenning.2022.v2.csv",
    f"/data/{TYPE_TABLE}/fk-ersattning.2022.v2.csv",
    "/data/other/latest.csv",
    f"/data/{TYPE_TABLE}/latest.parquet",
    f"/data/{TYPE_TABLE}/../../keys/signing.pem",
    f"/data/{TYPE_TABLE}/%2e%2e/current",
    f"/data/{TYPE_TABLE}/latest.csv/",
    f"/data/{TYPE_TABLE}/LATEST.csv",
    f"/data/{TYPE_TABLE}/latest.csv%00",
    f"/data/{TYPE_TABLE}/latest.csv%0a",
    "/data/",
    "/keys/",
    "/keys/../current",
    "/static/",
    "/static/../app.py",
    "/data/..%2f..%2fcurrent",
]


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("headers", [{}, GZIP, {"Range": "bytes=0-1"}, {"If-None-Match": "*"}])
def test_everything_that_is_not_published_gives_one_and_the_same_404(public, client, method, headers):
    seal_release(public, "2022", 2)  # on the host, not in the catalogue
    answers = [getattr(client, method)(address, headers=headers) for address in GUESSED]
    assert {a.status_code for a in answers} == {404}
    assert len({a.data for a in answers}) == 1
    assert len({str(sorted(a.headers)) for a in answers}) == 1
    assert answers[0].headers["Content-Type"] == "application/problem+json"


def test_pages_that_are_not_published_give_one_and_the_same_404_a_language(public, client):
    seal_release(public, "2022", 2)
    for lang in ("sv", "en"):
        addresses = [
            f"/{lang}/tables/other",
            f"/{lang}/tables/{TYPE_TABLE}/releases/fk-sjukpenning.2022.v2",
            f"/{lang}/tables/{TYPE_TABLE}/releases/fk-sjukpenning.2023.v1",
            f"/{lang}/nothing",
            f"/{lang}/tables/{TYPE_TABLE}/releases/..",
            f"/{lang}/tables/../privacy2",
        ]
        answers = [client.get(a) for a in addresses]
        assert {a.status_code for a in answers} == {404}
        assert len({a.data for a in answers}) == 1
        assert len({str(sorted(a.headers)) for a in answers}) == 1


@pytest.mark.parametrize("form", ["csv", "en.csv", "excel.csv", "manifest.json", "manifest.sig"])
def test_a_withdrawn_release_gives_410_with_its_tombstone(site, form):
    answer = site.get(f"{WITHDRAWN}.{form}")
    assert answer.status_code == 410
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.data) == {
        "type": "about:blank",
        "title": "This release was withdrawn",
        "status": 410,
        "release": "fk-ersattning.2022.v1",
        "published_at": "2023-02-15T07:00:00Z",
        "withdrawn_at": "2023-02-15T09:12:00Z",
        "reason": "Fel indelning i områden",
    }


def test_a_withdrawn_release_gives_410_although_its_bytes_were_cached(public, client, clock):
    assert client.get(NAMED).status_code == 200
    assert client.get(f"/sv/tables/{TYPE_TABLE}/releases/fk-sjukpenning.2022.v1").status_code == 200
    made = [release(p) for p in ("2021", "2022")]
    taken = entry(made[1], status="withdrawn", reason="fel")
    seal_catalogue(public, 8, (Listed(TYPE_TABLE, "fk-sjukpenning", made[0].id, (entry(made[0]), taken)),))
    clock.tick()
    tag = f'"{"0" * 32}"'
    assert client.get(NAMED, headers={"If-None-Match": tag}).status_code == 410
    assert client.get(NAMED, headers={"If-None-Match": "*"}).status_code == 410
    assert client.get(f"/sv/tables/{TYPE_TABLE}/releases/fk-sjukpenning.2022.v1").status_code == 410
    assert client.get(LATEST).headers["Content-Disposition"].endswith('_2021_v1.csv"')
    assert "År 2021 fanns det" in client.get(f"/sv/tables/{TYPE_TABLE}").text


@pytest.mark.parametrize("method", ["get", "head"])
def test_data_that_was_changed_is_not_served(public, client, method):
    path = public / "releases/fk-sjukpenning.2022.v1/tables" / TYPE_TABLE / "data.csv"
    path.write_bytes(path.read_bytes().replace(b"riket", b"Riket", 1))
    answer = getattr(client, method)(LATEST)
    assert answer.status_code == 503
    assert "ETag" not in answer.headers


def test_large_files_are_streamed_and_checked(public, client, monkeypatch):
    monkeypatch.setattr("web.public.wsgi._STREAM_FROM", 1000)
    assert client.get(LATEST).data == sealed("data.csv")
    path = public / "releases/fk-sjukpenning.2022.v1/tables" / TYPE_TABLE / "data.csv"
    path.write_bytes(path.read_bytes().replace(b"riket", b"Riket", 1))
    assert client.get(LATEST).status_code == 503


def test_the_site_answers_503_while_nothing_verifies(tmp_path):
    client = create_app(Catalogue(tmp_path)).test_client()
    for address in ("/sv/", "/healthz", LATEST, "/keys/signing.pem"):
        answer = client.get(address)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "10"
        assert str(tmp_path) not in answer.text


def test_what_was_served_stays_served_when_the_new_catalogue_does_not_verify(public, client, clock):
    before = client.get(LATEST).data
    (public / "current").write_text("c000099\n")
    clock.tick()
    assert client.get(LATEST).data == before
    assert client.get("/healthz").text == "ok c000007\n"


EVERYWHERE = [
    "/",
    "/sv/",
    "/en/privacy",
    LATEST,
    "/nothing",
    "/data/x",
    f"{WITHDRAWN}.csv",
    "/keys/signing.pem",
    "/robots.txt",
    "/healthz",
    f"/sv/tables/{TYPE_TABLE}?page=x",
]


@pytest.mark.parametrize("address", EVERYWHERE)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_answer_is_strict_and_sets_no_cookie(site, address, method):
    answer = site.open(address, method=method, headers={"Cookie": "session=x"})
    assert "Set-Cookie" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_an_address_longer_than_the_limit_is_refused(site):
    assert site.get(f"/sv/?q={'x' * 2000}").status_code == 414


def test_outsiders_can_verify_a_download_with_what_the_site_gives(site):
    base = f"/data/{TYPE_TABLE}/fk-sjukpenning.2022.v1"
    key = site.get("/keys/signing.pem").data
    assert key == public_key()
    manifest = verify_manifest(site.get(f"{base}.manifest.json").data, site.get(f"{base}.manifest.sig").data, key)
    data = site.get(f"{base}.csv").data
    check_file(manifest, f"tables/{TYPE_TABLE}/data.csv", data)
    with pytest.raises(ReleaseError):
        check_file(manifest, f"tables/{TYPE_TABLE}/data.csv", data + b"\r\n")


def test_static_files_carry_their_digest_and_never_change(site):
    page = site.get("/sv/").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = site.get(address, headers=GZIP)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(answer.data) == site.get(address).data


def test_pages_are_compressed_where_that_is_accepted(site):
    address = f"/sv/tables/{TYPE_TABLE}"
    plain, packed = site.get(address), site.get(address, headers=GZIP)
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]


def test_behind_a_prefix_every_link_carries_it(sealed_public):
    client = create_app(Catalogue(sealed_public), base_url="https://statistik.example.se/omraden/").test_client()
    page = client.get(f"/omraden/sv/tables/{TYPE_TABLE}").text
    links = [part.split('"')[0] for part in page.split('href="')[1:]]
    assert all(link.startswith(("/omraden/", "#", "mailto:")) for link in links)
    assert f"https://statistik.example.se/omraden/sv/tables/{TYPE_TABLE}/releases/" in page
    assert client.get("/omraden/").headers["Location"] == "/omraden/sv/"
    assert client.get("/sv/").status_code == 404
    inside = [link.split("#")[0].replace("&amp;", "&") for link in links if link.startswith("/omraden/")]
    assert {client.get(link).status_code for link in inside if link} == {200}


def test_a_tag_depends_on_the_bytes_and_not_on_their_number():
    assert etag_of(b"12") != etag_of(b"21")
    assert etag_of(b"12") == etag_of(b"12")
