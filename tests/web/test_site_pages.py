import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from publicfolder import REGSO_TABLE, TYPE_TABLE, Listed, entry, rendered, seal_catalogue, statement

import web.public.app
from publisher.release.codec import canonical_json
from publisher.release.documents import parse_statement
from publisher.release.model import Cell, CellStatus
from web.public.charts import Bar, bar_chart, scale_of, tick_values, wrap
from web.public.texts import FIELDS, LEVELS, LEVELS_SHORT, UI, WITHHELD
from web.public.words import decimal_text, interval, number, period_in, period_name

TYPE_RELEASE = "fk-sjukpenning.2022.v1"
PATHS = [
    "",
    "?q=regso",
    "about",
    "privacy",
    "accessibility",
    f"tables/{TYPE_TABLE}",
    f"tables/{REGSO_TABLE}",
    f"tables/{TYPE_TABLE}/releases/{TYPE_RELEASE}",
    f"tables/{TYPE_TABLE}/releases/fk-sjukpenning.2020.v1",
    f"tables/{TYPE_TABLE}?period=*&cat-sex=*&cat-age_group=*&measure=*",
    f"tables/{TYPE_TABLE}?area=01",
    f"tables/{TYPE_TABLE}?level=lan_area_type&measure=*&cat-sex=1",
    f"tables/{REGSO_TABLE}?level=regso",
    f"tables/{REGSO_TABLE}?cat-benefit=TOT",
    f"tables/{REGSO_TABLE}?period=*",
    f"tables/{REGSO_TABLE}?page=2",
    f"tables/{REGSO_TABLE}?sort=-sjuk&level=regso",
    f"tables/{REGSO_TABLE}?area=ingen+sådan",
]
VOID = {"meta", "link", "input", "br"}
OPTIONAL_END = {"td", "th", "tr"}


class Reader(HTMLParser):
    """Collects tags and ids, and checks that what is opened is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.ids, self.tags, self.attributes = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        while self.open[-1] != tag and self.open[-1] in OPTIONAL_END:
            self.open.pop()
        assert self.open.pop() == tag


def without_charts(page: str) -> str:
    return re.sub(r"<svg class=\"chart\".*?</svg>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_light_whole_and_without_script(site, lang, path):
    answer = site.get(f"/{lang}/{path}")
    assert answer.status_code == 200
    assert len(without_charts(answer.text).encode()) < 60_000
    reader = Reader()
    reader.feed(answer.text)
    assert not reader.open
    assert len(set(reader.ids)) == len(reader.ids)
    assert "script" not in reader.tags
    assert not [a for a in reader.attributes if a == "style" or a.startswith("on")]
    assert reader.tags.count("h1") == 1
    assert f'<html lang="{lang}">' in answer.text
    assert 'class="skip" href="#main"' in answer.text
    assert "http" not in re.sub(r"mailto:\S+", "", answer.text)


@pytest.mark.parametrize("path", PATHS)
def test_the_other_language_is_one_link_away(site, path):
    page = site.get(f"/sv/{path}").text
    twin = page.split('hreflang="en" href="')[1].split('"')[0].replace("&amp;", "&")
    assert twin.startswith("/en/")
    assert site.get(twin).text.split('hreflang="sv" href="')[1].startswith("/sv/")


def test_the_start_is_swedish(site):
    assert site.get("/").headers["Location"] == "/sv/"


def test_every_link_of_a_page_leads_somewhere(site):
    seen = set()
    for start in ("/sv/", f"/sv/tables/{TYPE_TABLE}", f"/en/tables/{REGSO_TABLE}", "/en/privacy", "/sv/about"):
        links = [part.split('"')[0].replace("&amp;", "&") for part in site.get(start).text.split('href="')[1:]]
        seen |= {link.split("#")[0] for link in links if link.startswith("/")}
    assert {link: site.get(link).status_code for link in seen} == dict.fromkeys(seen, 200)


def test_texts_stand_in_both_languages_everywhere():
    for texts in (UI, LEVELS, LEVELS_SHORT, WITHHELD):
        assert all(text.sv and text.en for text in texts.values())
    templates = Path(web.public.app.__file__).parent / "templates"
    used = {m for f in templates.glob("*.html") for m in re.findall(r"\bt\.([a-z_]+)", f.read_text("utf-8"))}
    assert used <= UI.keys()


def test_the_sentence_at_the_top_says_the_published_figure(site):
    made, _ = rendered("2022", 1, "fk-sjukpenning")
    cells = {c[:4]: c for c in made.tables[0].cells}
    count = cells["00", ("TOT", "TOT"), "2022", "persons"]
    rate = cells["00", ("TOT", "TOT"), "2022", "rate"]
    page = site.get(f"/sv/tables/{TYPE_TABLE}").text.replace("\u2060", "")
    assert f"År 2022 fanns det i riket {number(count.value, 0, 'sv')} personer" in page
    assert (
        f"(95 %-intervall {interval(count, 0, 'sv')}), eller {number(rate.value, 1, 'sv')} per 1\u202f000 inv" in page
    )
    english = site.get(f"/en/tables/{TYPE_TABLE}?period=2021&area=12").text
    assert re.search(r"In 2021 there were [\d,]+ persons .* in Skåne län, or \d+\.\d per 1,000 inhabitants\.", english)


def test_withheld_cells_show_two_points_with_the_reason_in_words_and_no_number(site):
    page = site.get(f"/sv/tables/{REGSO_TABLE}?level=regso").text
    made, _ = rendered("2022", 2, "fk-ersattning", "Rättad indelning i områden")
    hidden = [c for c in made.tables[0].cells if c.period == "2022" and c.status is CellStatus.SUPPRESSED]
    shown_rows = page.count('<th scope="row">') - 3 - 3 - 2
    marks = page.count('<td class="s" title="Uppgiften visas inte, för att skydda enskilda">..')
    assert shown_rows == 150
    assert 0 < marks <= len(hidden)
    assert "<dt>..</dt><dd>Uppgiften visas inte, för att skydda enskilda</dd>" in page


def test_uncertain_cells_are_marked_and_explained(site):
    page = site.get(f"/sv/tables/{TYPE_TABLE}?level=area_type").text
    assert '<td class="u" title="Osäker uppgift' in page
    assert '<dt class="u">' in page


def test_the_chart_has_the_numbers_of_the_table_beside_it(site):
    page = site.get(f"/sv/tables/{TYPE_TABLE}").text
    svg = re.search(r"<svg.*?</svg>", page, re.DOTALL)[0]
    details = page.split("<details>")[1].split("</details>")[0]
    values = re.findall(r'class="value"[^>]*>([^<]+)<', svg)
    assert len(values) == 6
    assert all(f">{v}<" in details for v in values)
    assert "<title" in svg
    assert "<desc" in svg
    assert svg.count('class="whisker"') == 18


def test_the_chart_leaves_a_gap_for_what_is_withheld():
    bars = [
        Bar("A", 10, None, None, "10", "t1", uncertain=False),
        Bar("B", None, None, None, "..", "t2", uncertain=False),
    ]
    svg = str(bar_chart(bars, [], title="T", description="D"))
    assert svg.count("<rect") == 1
    assert 'class="gap"' in svg


def test_the_chart_escapes_what_it_is_given():
    bar = Bar("<b>&", 1, None, None, '"><script>', "t1", uncertain=False)
    svg = str(bar_chart([bar], [], title="<i>", description="</desc>"))
    assert "<b>" not in svg
    assert "<script" not in svg
    assert "<i>" not in svg
    assert svg.count("</desc>") == 1


@pytest.mark.parametrize(("low", "high"), [(0, 0), (0, 7), (0, 93), (0, 12345), (-40, 100), (0, 10**12)])
def test_ticks_are_few_and_round(low, high):
    bar = Bar("A", high, low, high, "", "plain", uncertain=False)
    ticks = tick_values(scale_of([bar]))
    assert ticks[0] == 0
    assert len(ticks) <= 5
    assert scale_of([bar]).at(high) <= 70


def test_labels_are_broken_between_words():
    lines = wrap("Områden med mycket goda socioekonomiska förutsättningar")
    assert lines == ("Områden med mycket goda", "socioekonomiska förutsättningar")


def test_a_rate_and_its_count_are_of_the_chosen_county_in_the_chart(site):
    page = site.get(f"/sv/tables/{TYPE_TABLE}?area=skåne+län").text
    assert "Skåne län. Per 1 000 invånare" in page
    assert len(re.findall('class="value"', page)) == 6


@pytest.mark.parametrize(
    "query",
    [
        "level=nation",
        "period=1999",
        "measure=x",
        "cat-sex=9",
        "page=0",
        "page=-1",
        "page=x",
        "page=²",
        "sort=zzz",
        "area=" + "x" * 101,
        "page=100001",
    ],
)
def test_a_choice_that_the_table_lacks_is_named_and_not_shown(site, query):
    answer = site.get(f"/sv/tables/{TYPE_TABLE}?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0] in answer.text
    assert query.split("=")[1] not in re.sub(r"<[^>]*>", "", answer.text) or query.startswith("page")


def test_what_the_reader_writes_is_escaped(site):
    page = site.get(f"/sv/tables/{TYPE_TABLE}", query_string={"area": '"><script>x'}).text
    assert "<script" not in page
    assert "<script" not in site.get("/sv/", query_string={"q": '"><script>x'}).text


def test_sorting_turns_on_the_second_click_and_ends_on_the_third(site):
    def link(query: str) -> str:
        page = site.get(f"/sv/tables/{REGSO_TABLE}?{query}").text
        return re.search(r'<th scope="col" class="n"[^>]*><a href="([^"]*)"', page)[1]

    assert "sort=-TOT" in link("")
    assert "sort=TOT" in link("sort=-TOT")
    assert "sort" not in link("sort=TOT")


def test_search_finds_tables_by_words_in_either_language(site):
    assert REGSO_TABLE in site.get("/sv/?q=RegSO+personer").text
    assert TYPE_TABLE not in site.get("/sv/?q=RegSO+personer").text
    assert TYPE_TABLE in site.get("/sv/?q=area+type").text
    assert "Ingen tabell" in site.get("/sv/?q=fiske").text


def test_an_older_release_says_so_and_leads_to_the_latest(site):
    page = site.get(f"/sv/tables/{TYPE_TABLE}/releases/fk-sjukpenning.2020.v1").text
    assert "äldre utgåva" in page
    assert "År 2020 fanns" in page
    assert "äldre utgåva" not in site.get(f"/sv/tables/{TYPE_TABLE}/releases/{TYPE_RELEASE}").text


def test_a_withdrawn_release_has_a_page_that_says_when_and_why(site):
    answer = site.get(f"/sv/tables/{REGSO_TABLE}/releases/fk-ersattning.2022.v1")
    assert answer.status_code == 410
    assert "Fel indelning i områden" in answer.text
    assert "15 februari 2023 kl. 10.12" in answer.text


def test_the_privacy_page_shows_the_account_and_what_is_not_promised(site):
    for lang, rho, words in (("sv", "0,105", "Vad som inte lovas"), ("en", "0.105", "What is not promised")):
        page = site.get(f"/{lang}/privacy").text
        assert rho in page
        assert words in page
        assert f'id="{TYPE_TABLE}"' in page
        assert f'id="{REGSO_TABLE}"' in page


def test_the_privacy_page_shows_the_whole_statement_of_a_noisy_table_in_both_languages(site):
    for lang, heading in (("sv", "Hela integritetsdeklarationen"), ("en", "The whole privacy statement")):
        page = html.unescape(site.get(f"/{lang}/privacy").text)
        assert page.count(heading) == 1, "one noisy table"
        for fields in parse_statement(canonical_json(statement(lang)), lang)[0].sections.values():
            for name, value in fields.items():
                assert FIELDS[name].get(lang) in page
                assert decimal_text(value, lang) in page or value in page
        for name in ("statement.sv.json", "statement.en.json", "account.json", "manifest.json", "manifest.sig"):
            assert f'href="/privacy/{name}"' in page


def test_the_privacy_page_says_what_a_loss_means_for_a_year_and_over_the_years(site):
    page = site.get("/sv/privacy").text
    for figure in ("1,15", "0,20", "0,56", "0,19\u00a0%", "1,63", "0,28", "0,58", "0,25\u00a0%"):
        assert f'<td class="n">{figure}</td>' in page


def test_a_page_is_rendered_anew_when_the_catalogue_changes(public, client, clock):
    assert TYPE_TABLE in client.get("/sv/").text
    made, _ = rendered("2021", 1, "fk-ersattning")
    seal_catalogue(public, 8, (Listed(REGSO_TABLE, "fk-ersattning", made.id, (entry(made),)),))
    assert TYPE_TABLE in client.get("/sv/").text
    clock.tick()
    assert TYPE_TABLE not in client.get("/sv/").text


def test_the_mark_of_official_statistics_is_not_claimed(site):
    assert "Sveriges officiella statistik" not in "".join(site.get(f"/sv/{p}").text for p in PATHS)


def test_numbers_are_written_as_the_language_does():
    assert number(1234567, 0, "sv") == "1\u202f234\u202f567"
    assert number(12345, 1, "sv") == "1\u202f234,5"
    assert number(12345, 1, "en") == "1,234.5"
    assert number(-5, 1, "sv") == "\u22120,5"
    cell = Cell("00", (), "2022", "m", 1, CellStatus.PUBLISHED, -3, 5, 1)
    assert interval(cell, 0, "sv") == "\u22123 till 5"


def test_periods_are_written_in_words():
    assert period_in("2022", "sv") == "År 2022"
    assert period_in("2022K1", "sv") == "Första kvartalet 2022"
    assert period_in("2022M01", "en") == "In January 2022"
    assert period_in("2022M12R12", "sv") == "De tolv månaderna till och med december 2022"
    assert period_name("2022M01", "sv") == "Januari 2022"
    assert period_name("2022K2", "en") == "Second quarter of 2022"


def test_the_specification_that_is_served_is_the_one_in_the_documents(site):
    root = Path(web.public.app.__file__).parents[2]
    assert site.get("/keys/manifest.md").data == (root / "docs/manifest.md").read_bytes()
