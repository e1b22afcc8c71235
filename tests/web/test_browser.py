"""The site as a browser shows it: Chromium, without a screen, against a real server process over a sealed folder."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path

import pytest
from publicfolder import REGSO_TABLE, TYPE_TABLE

REQUIRED = "PUBLISHER_REQUIRE_BROWSER"
ROOT = Path(__file__).parents[2]
LANGUAGES = ("sv", "en")
NARROW = {"width": 320, "height": 640}
LEAST_CONTRAST = 4.5

GOOD = (
    "",
    "?q=zzz",
    "about",
    "privacy",
    "accessibility",
    f"tables/{TYPE_TABLE}",
    f"tables/{TYPE_TABLE}?measure=*&area=12",
    f"tables/{TYPE_TABLE}?area=nowhere",
    f"tables/{TYPE_TABLE}/releases/fk-sjukpenning.2021.v1",
    f"tables/{REGSO_TABLE}",
    f"tables/{REGSO_TABLE}?cat-benefit=*&level=regso&page=2",
)
BAD = ("nothing-here", f"tables/{TYPE_TABLE}?period=1066", f"tables/{REGSO_TABLE}/releases/fk-ersattning.2022.v1")
PAGES = tuple(f"/{lang}/{path}" for lang in LANGUAGES for path in (*GOOD, *BAD))

# What a page is asked, in one go: lists of what is wrong, so that an empty list is good.
SURVEY = """() => {
  const all = (css) => [...document.querySelectorAll(css)];
  const brief = (e) => e.outerHTML.slice(0, 90);
  const byIds = (e) => (e.getAttribute('aria-labelledby') || '').split(/\\s+/).filter(Boolean)
    .map((id) => document.getElementById(id)?.textContent.trim() || '').join(' ').trim();
  const named = (e) => byIds(e) || (e.getAttribute('aria-label') || '').trim();
  const image = (e) => e.tagName === 'IMG' ? e.getAttribute('alt')
    : e.getAttribute('role') === 'img' && (named(e) || e.querySelector(':scope > title')?.textContent.trim());
  const labelled = (e) => named(e) || [...(e.labels || [])].some((l) => l.textContent.trim());
  const symbols = all('table.data td').filter((e) => ['..', '.'].includes(e.textContent.trim()));
  all('details').forEach((e) => { e.open = true; });
  return {
    h1: all('h1').length,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    images: all('img, svg').length,
    unnamedImages: all('img, svg').filter((e) => !image(e)).map(brief),
    tables: all('table').length,
    unnamedTables: all('table').filter((e) => !(e.caption?.textContent.trim() || named(e)
      || named(e.closest('[role=region]') || document.createElement('b')))).map(brief),
    scopeless: all('th').filter((e) => !['row', 'col', 'rowgroup', 'colgroup'].includes(e.scope)).map(brief),
    controls: all('input, select, textarea').length,
    unlabelled: all('input:not([type=hidden]), select, textarea').filter((e) => !labelled(e)).map(brief),
    withheld: symbols.length,
    unexplained: symbols.filter((e) => !(e.title.length > 10)).map(brief),
  };
}"""

# Elements with text of their own, their colour and the first opaque background behind them (WCAG 2.2, 1.4.3);
# of those alike in tag, class and colours only one.
COLOURS = """() => {
  const parse = (c) => { const n = c.match(/[\\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
  const behind = (e) => { for (let a = e; a; a = a.parentElement) {
    const c = parse(getComputedStyle(a).backgroundColor); if (c[3] === 1) return c; } return null; };
  const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  const of = (e) => parse(e.closest('svg') ? getComputedStyle(e).fill : getComputedStyle(e).color);
  const found = new Map();
  for (const e of document.body.querySelectorAll('*')) {
    if (!own(e) || !e.checkVisibility() || e.matches('option, title, desc')) continue;
    const seen = {tag: e.tagName, text: of(e), paper: behind(e)};
    found.set(JSON.stringify([e.className, seen]), {what: e.outerHTML.slice(0, 90), ...seen});
  }
  return [...found.values()];
}"""


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser's path; without it these tests are skipped, or fail where the environment demands them."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found and find_spec("playwright"):
        return found
    reason = "chromium or the package playwright is not installed; the pages are not tried in a browser"
    if os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def address(chromium, sealed_public) -> Iterator[str]:
    """A running server over the sealed folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "web.public", "--public", str(sealed_public), "--port", str(port)]
    with subprocess.Popen(
        [*command, "--workers", "1"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _await(server, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


def _await(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(200):
        if server.poll() is not None:
            pytest.fail(f"the server ended with {server.returncode}")
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/sv/")
            return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    pytest.fail("the server did not answer in twenty seconds")


@pytest.fixture(scope="module")
def browser(chromium):
    from playwright.sync_api import sync_playwright  # only where it is installed

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def visits(browser, address):
    """What each page said and asked for, each loaded once at 320 px."""
    context = browser.new_context(viewport=NARROW)
    yield {path: _visit(context, address, path) for path in PAGES}
    context.close()


def _visit(context, address: str, path: str) -> dict[str, object]:
    page, said, asked = context.new_page(), [], []
    page.on("console", partial(_console, said))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    status = page.goto(address + path).status
    colours = {}
    facts = page.evaluate(SURVEY)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours[scheme] = page.evaluate(COLOURS)
    page.close()
    return {**facts, "status": status, "said": said, "asked": asked, "colours": colours}


def _console(said: list[str], message) -> None:
    # A page that is an error by its status is reported by Chromium itself; anything else counts.
    own = message.text.startswith("Failed to load resource") and message.location["url"] == message.page.url
    if message.type in ("error", "warning") and not own:
        said.append(message.text)


def wrong(visits, name: str) -> dict[str, object]:
    """The pages where `name` is not empty or zero."""
    return {path: seen[name] for path, seen in visits.items() if seen[name]}


def luminance(rgb: list[float]) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    parts = [c / 255 for c in rgb[:3]]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(text: list[float], paper: list[float]) -> float:
    """Contrast of a text, laid over its background where it is not opaque."""
    seen = [t * text[3] + p * (1 - text[3]) for t, p in zip(text[:3], paper[:3], strict=True)]
    dark, light = sorted((luminance(seen), luminance(paper)))
    return (light + 0.05) / (dark + 0.05)


def test_every_page_loads_in_both_languages_and_an_error_page_says_it_is_one(visits):
    for lang in LANGUAGES:
        assert [visits[f"/{lang}/{path}"]["status"] for path in GOOD] == [200] * len(GOOD)
        assert [visits[f"/{lang}/{path}"]["status"] for path in BAD] == [404, 400, 410]


def test_no_page_makes_the_browser_complain(visits):
    assert wrong(visits, "said") == {}


def test_no_page_asks_another_host_for_anything(visits, address):
    assert {url for seen in visits.values() for url in seen["asked"] if not url.startswith(f"{address}/")} == set()
    assert all(any("/static/site." in url for url in seen["asked"]) for seen in visits.values())


def test_no_page_scrolls_sideways_at_320_pixels(visits):
    assert wrong(visits, "overflow") == {}


def test_every_page_has_one_first_heading(visits):
    assert {path: seen["h1"] for path, seen in visits.items() if seen["h1"] != 1} == {}


def test_every_picture_has_a_name(visits):
    assert wrong(visits, "unnamedImages") == {}
    assert visits[f"/sv/tables/{TYPE_TABLE}"]["images"] == 1


def test_every_table_has_a_name_and_its_heads_a_scope(visits):
    assert wrong(visits, "unnamedTables") == {}
    assert wrong(visits, "scopeless") == {}
    assert visits[f"/sv/tables/{TYPE_TABLE}"]["tables"] == 4


def test_every_control_has_a_label(visits):
    assert wrong(visits, "unlabelled") == {}
    assert visits[f"/sv/tables/{TYPE_TABLE}"]["controls"] == 6


def test_every_withheld_cell_says_in_words_why(visits):
    assert wrong(visits, "unexplained") == {}
    for lang in LANGUAGES:
        assert visits[f"/{lang}/tables/{REGSO_TABLE}?cat-benefit=*&level=regso&page=2"]["withheld"] > 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_links_stand_out_from_their_background(visits, scheme):
    texts = [t for seen in visits.values() for t in seen["colours"][scheme]]
    assert {"A", "P", "TD", "TH", "BUTTON", "text", "SUMMARY"} <= {t["tag"] for t in texts}
    faint = {t["what"]: t for t in texts if contrast(t["text"], t["paper"]) < LEAST_CONTRAST}
    assert faint == {}


def test_the_dark_page_is_dark_and_the_light_one_light(visits):
    colours = visits["/sv/"]["colours"]
    assert luminance(colours["light"][0]["paper"]) > 0.9
    assert luminance(colours["dark"][0]["paper"]) < 0.05


def test_contrast_agrees_with_the_known_extremes():
    assert contrast([0, 0, 0, 1], [255, 255, 255, 1]) == pytest.approx(21)
    assert contrast([119, 119, 119, 1], [255, 255, 255, 1]) == pytest.approx(4.48, abs=0.01)
    assert contrast([0, 0, 0, 0], [255, 255, 255, 1]) == pytest.approx(1)


@pytest.fixture
def page(browser, address):
    """A page of a browser whose scripts are switched off."""
    context = browser.new_context(base_url=address, java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", ["/sv/", f"/en/tables/{TYPE_TABLE}", "/en/privacy", "/sv/nothing-here"])
def test_the_first_tab_reaches_the_skip_link_and_it_leads_to_the_content(page, path):
    page.goto(path)
    page.keyboard.press("Tab")
    skip = page.locator("a.skip:focus")
    assert skip.bounding_box()["x"] >= 0
    assert skip.get_attribute("href") == "#main"
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    assert page.locator("main#main").count() == 1


def rows(page) -> list[str]:
    return page.locator("table.data tbody tr:not(.g) th").all_inner_texts()


def test_the_filter_changes_the_table_without_scripts(page):
    page.goto(f"/sv/tables/{TYPE_TABLE}")
    everything = rows(page)
    page.get_by_label("Områdesnivå").select_option("lan_area_type")
    page.get_by_label("Område", exact=True).fill("Skåne")
    page.get_by_role("button", name="Visa").click()
    chosen = rows(page)
    assert 0 < len(chosen) < len(everything)
    assert all(text.startswith("Skåne län: ") for text in chosen)
    assert page.get_by_label("Områdesnivå").input_value() == "lan_area_type"


def test_the_period_the_category_and_the_measure_change_the_table_without_scripts(page):
    page.goto(f"/en/tables/{TYPE_TABLE}")
    before = page.locator("table.data caption").inner_text()
    page.get_by_label("Period", exact=True).select_option("2020")
    page.get_by_label("Age", exact=True).select_option("16-29")
    page.get_by_label("Measure", exact=True).select_option("persons")
    page.get_by_role("button", name="Show").click()
    after = page.locator("table.data caption").inner_text()
    assert before != after
    assert "2020" in after
    assert "16-29 years" in after


def test_sorting_and_paging_are_links_without_scripts(page):
    page.goto(f"/sv/tables/{REGSO_TABLE}?level=regso")
    first = rows(page)
    page.locator("a[rel=next]").click()
    assert set(rows(page)).isdisjoint(first)
    page.locator("table.data thead a").first.click()
    assert page.locator("th[aria-sort=descending]").count() == 1
    assert rows(page) != first
