"""Script in everything that somebody can write into a release: shown by the public site, never run."""

from dataclasses import replace
from pathlib import Path

import pytest
from publicfolder import (
    REGSO_TABLE,
    Listed,
    entry,
    manifest_of,
    public_key,
    release,
    render_release,
    seal,
    seal_catalogue,
)

from publisher.release.model import Text
from publisher.release.reader import Catalogue
from web.public import create_app

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'


def hostile(text: Text) -> Text:
    return Text(f"{SCRIPT}{text.sv}{IMAGE}", f"{SCRIPT}{text.en}{IMAGE}")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every page of a site whose one release is hostile in its titles, notes, names, texts, reason and contact."""
    root: Path = tmp_path_factory.mktemp("hostile") / "public"
    (root / "keys").mkdir(parents=True)
    (root / "keys" / "signing.pem").write_bytes(public_key())
    plain = release("2022", policy="fk-ersattning", reason=f"{SCRIPT}reason{IMAGE}")
    table = plain.tables[0]
    dimensions = tuple(
        replace(d, text=hostile(d.text), categories=tuple(replace(c, text=hostile(c.text)) for c in d.categories))
        for d in table.dimensions
    )
    made = replace(
        plain, title=hostile(plain.title), contact_name=f"{SCRIPT}contact{IMAGE}", source=hostile(plain.source),
        tables=(replace(
            table, title=hostile(table.title), notes=tuple(map(hostile, table.notes)), dimensions=dimensions,
            areas=tuple(replace(a, text=hostile(a.text)) for a in table.areas),
            measures=tuple(replace(m, text=hostile(m.text), unit=hostile(m.unit)) for m in table.measures),
        ),),
    )  # fmt: skip
    files = render_release(made)
    seal(root, manifest_of("release", made.id, files, made.publish_at), files)
    gone = entry(release("2021", policy="fk-ersattning"), status="withdrawn", reason=f"{SCRIPT}gone{IMAGE}",
                 withdrawn_at="2023-02-15T09:12:00Z")  # fmt: skip
    seal_catalogue(root, 7, (Listed(REGSO_TABLE, "fk-ersattning", made.id, (gone, entry(made))),))
    site = create_app(Catalogue(root)).test_client()
    table_page = f"tables/{REGSO_TABLE}"
    own = [f"{table_page}/releases/{name}" for name in (made.id, "fk-ersattning.2021.v1")]
    paths = ("", "about", "privacy", table_page, f"{table_page}?level=regso&measure=*", *own)
    return {f"/{lang}/{p}": site.get(f"/{lang}/{p}").text for lang in ("sv", "en") for p in paths}


def test_what_was_written_is_shown_as_text(pages: dict[str, str]) -> None:
    shown = {path for path, page in pages.items() if "&lt;script&gt;alert(1)" in page}
    assert {p.split("/", 2)[2].split("/")[0].split("?")[0] for p in shown} >= {"", "privacy", "tables"}
    assert len(shown) >= 10


def test_no_script_and_no_handler_of_theirs_stands_in_a_page(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        assert "<script" not in page, path
