"""A category whose code is a star is a category: it can be chosen, and is not taken for all of them."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from publicfolder import (
    BENEFIT,
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

from publisher.release.model import Cell
from publisher.release.reader import Catalogue
from web.public import create_app

STARS = {"aktivitet": "*", "sjuk": "**"}
TEXTS = {c.code: c.text.sv for c in BENEFIT.categories}


def starred(cell: Cell) -> Cell:
    return cell._replace(categories=tuple(STARS.get(c, c) for c in cell.categories))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Pages of a table of which two codes are stars."""
    root: Path = tmp_path_factory.mktemp("stars") / "public"
    (root / "keys").mkdir(parents=True)
    (root / "keys" / "signing.pem").write_bytes(public_key())
    plain = release("2022", policy="fk-ersattning")
    table = plain.tables[0]
    benefit = replace(BENEFIT, categories=tuple(replace(c, code=STARS.get(c.code, c.code)) for c in BENEFIT.categories))
    cells = tuple(sorted((starred(c) for c in table.cells), key=lambda c: (c.area, c.categories)))
    made = replace(plain, tables=(replace(table, dimensions=(benefit,), cells=cells),))
    files = render_release(made)
    seal(root, manifest_of("release", made.id, files, made.publish_at), files)
    seal_catalogue(root, 7, (Listed(REGSO_TABLE, "fk-ersattning", made.id, (entry(made),)),))
    site = create_app(Catalogue(root)).test_client()
    return lambda query: site.get(f"/sv/tables/{REGSO_TABLE}{query}").text


def headings(text: str) -> list[str]:
    return re.findall(r'<th scope="col" class="n"[^>]*><a[^>]*>([^<]*?)(?: <span|</a>)', text)


def caption(text: str) -> str:
    return html.unescape(re.findall("<caption>(.*?)</caption>", text)[-1]).casefold()


def test_the_form_can_choose_every_code_and_all(page: Callable[[str], str]) -> None:
    menu = re.search(r'<select id="cat-benefit".*?</select>', page(""), re.DOTALL)[0]
    values = re.findall(r'<option value="([^"]*)"', menu)
    assert values == ["*", "TOT", "**", "***", "sjukpenning"]
    assert [v for v in values if f'value="{v}" selected' in menu] == ["*"]
    for value, code in zip(values[1:], BENEFIT.codes, strict=True):
        shown = page(f"?cat-benefit={value}")
        assert len(headings(shown)) == 1
        assert TEXTS[code].casefold() in caption(shown)
        assert re.search(rf'value="{re.escape(value)}" selected>{TEXTS[code]}<', shown)
    assert headings(page("?cat-benefit=*")) == headings(page("")) == list(TEXTS.values())


@pytest.mark.parametrize("value", ["****", "aktivitet", ""])
def test_a_code_that_the_table_does_not_have_is_refused(page: Callable[[str], str], value: str) -> None:
    assert "<caption>" not in page(f"?cat-benefit={value}")


def test_links_of_the_page_keep_the_choice(page: Callable[[str], str]) -> None:
    shown = page("?cat-benefit=**&level=regso")
    links = [html.unescape(q) for q in re.findall(r'href="[^"]*?(\?[^"#]*)#numbers"', shown)]
    assert links
    assert all(TEXTS["aktivitet"].casefold() in caption(page(link)) for link in links)


def test_a_column_of_a_star_can_be_sorted_by(page: Callable[[str], str]) -> None:
    down, up = page("?sort=-*&level=kommun"), page("?sort=*&level=kommun")
    assert 'aria-sort="descending"' in down
    order = [re.findall(r"<small>(\d{4})", text) for text in (down, up)]
    assert order[0] == order[1][::-1] != sorted(order[0])
