"""The editor: form and text in step by script and without, errors at their line, two officers at once, bombs."""

import html
import re
from time import process_time

import pytest
from editordesk import bring_to, draft, furnish, now_of
from policytexts import policy_texts

from publisher.desk.proposals import Proposals
from publisher.policy.proposals import State
from web.officer.texts.editor import EDITOR

TEXT = policy_texts()["fk-assistans"]
THRESHOLD = "/tables/0/protection/suppression/rules/0/threshold"


@pytest.fixture
def anna(desk, as_role):
    furnish(desk)
    draft(desk)
    return as_role("author")


def fields(page: str) -> dict[str, list[str]]:
    """What a browser would send of the editor's form, without a button."""
    form = page[page.index('<form class="editor"') :]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<(?:input|select|textarea)[^>]*>", form):
        name = re.search(r' name="([^"]+)"', tag)
        kind = (re.search(r' type="([^"]+)"', tag) or [None, "text"])[1]
        if name is None or (kind in ("radio", "checkbox") and " checked" not in tag):
            continue
        value = (re.search(r' value="([^"]*)"', tag) or [None, ""])[1]
        if tag.startswith("<select"):
            inner = form[form.index(tag) :].split("</select>")[0]
            chosen = re.search(r'<option value="([^"]*)" selected', inner) or re.search(r'value="([^"]*)"', inner)
            value = chosen[1]
        if tag.startswith("<textarea"):
            value = form[form.index(tag) + len(tag) + 1 :].split("</textarea>")[0]
        sent.setdefault(html.unescape(name[1]), []).append(html.unescape(value))
    return sent


def edited(officer, **changes: str) -> dict[str, list[str]]:
    sent = fields(officer.get("/sv/proposals/1/edit").text)
    return sent | {name: [value] for name, value in changes.items()}


def shown(page: str) -> str:
    """The text that the page shows beside the form."""
    return fields(page)["text"][0]


def said(answer, key: str) -> bool:
    return EDITOR[f"editor.{key}"].sv in answer.text


def test_the_form_is_shown_with_every_value_of_the_text_and_saving_it_untouched_changes_nothing(desk, anna):
    sent = fields(anna.get("/sv/proposals/1/edit").text)
    assert sent["text"] == sent["base"] == [TEXT]
    assert sent[THRESHOLD] == ["5"]
    assert sent["/tables/0/areas"] == ["", "riket", "lan", "kommun"]
    assert anna.post("/sv/proposals/1", **sent).status_code == 303
    assert (now_of(desk, 1).version, now_of(desk, 1).text) == (1, TEXT)


def test_a_field_of_the_form_is_saved_into_the_text_and_all_else_stays(desk, anna):
    answer = anna.post("/sv/proposals/1", **edited(anna, **{THRESHOLD: "10"}))
    assert answer.location == "/sv/proposals/1/edit?saved=2"
    assert now_of(desk, 1).text == TEXT.replace("threshold: 5", "threshold: 10")
    assert "Version 2 är sparad." in anna.get(answer.location).text


def test_a_text_is_saved_to_the_byte_and_windows_line_breaks_are_not(desk, anna):
    changed = TEXT.replace("# Few persons", "# Very few persons") + "# the end\n"
    anna.post("/sv/proposals/1", **edited(anna, text=changed.replace("\n", "\r\n"), base=TEXT.replace("\n", "\r\n")))
    assert now_of(desk, 1).text == changed


def test_without_script_the_buttons_show_each_side_as_the_other(desk, anna):
    as_text = anna.post("/sv/proposals/1", **edited(anna, **{THRESHOLD: "10", "do": "check"}))
    assert "threshold: 10" in shown(as_text.text)
    assert "Tröskelvärdet höjs från 5 till 10: celler med 5–9 blir känsliga." in as_text.text
    seven = TEXT.replace("threshold: 5", "threshold: 7")
    as_form = anna.post("/sv/proposals/1", **edited(anna, text=seven, do="check"))
    assert fields(as_form.text)[THRESHOLD] == ["7"]
    assert now_of(desk, 1).version == 1


def test_who_changes_both_sides_is_asked_which_one_counts_and_loses_neither(desk, anna):
    both = edited(anna, **{THRESHOLD: "10", "text": TEXT.replace("day: 15", "day: 16")})
    answer = anna.post("/sv/proposals/1", **both)
    assert (answer.status_code, said(answer, "torn")) == (422, True)
    torn = fields(answer.text)
    assert (torn[THRESHOLD], "day: 16" in torn["text"][0], torn["base"]) == (["10"], True, [TEXT])
    assert now_of(desk, 1).version == 1
    form = anna.post("/sv/proposals/1", **{**torn, "side": "form"})
    assert shown(form.text) == TEXT.replace("threshold: 5", "threshold: 10")
    text = anna.post("/sv/proposals/1", **{**torn, "side": "text"})
    assert shown(text.text) == TEXT.replace("day: 15", "day: 16")


def test_buttons_add_and_take_away_and_a_forged_one_does_nothing(anna):
    added = anna.post("/sv/proposals/1", **edited(anna, do="add:/tables/0/categories"))
    assert "- {column: benefit, total: true}" in shown(added.text)
    removed = anna.post("/sv/proposals/1", **edited(anna, do="remove:/tables/0/measures/2"))
    assert "id: rate" not in shown(removed.text)
    for forged in ("add:/policy", "add:/nowhere", "remove:/tables/0/measures/9/id", "add:", "remove:/a/b/c"):
        answer = anna.post("/sv/proposals/1", **edited(anna, do=forged))
        assert answer.status_code in (200, 422)
        assert shown(answer.text) == TEXT


def test_an_error_is_told_at_the_top_at_its_line_and_beside_its_field(anna):
    wrong = TEXT.replace("counted: persons", "counted: people").replace("threshold: 5", "threshold: 1")
    page = anna.post("/sv/proposals/1", **edited(anna, text=wrong, do="check")).text
    line = wrong[: wrong.index("people")].count("\n") + 1
    assert f'data-line="{line}">Rad {line}</a>: people finns inte här; det som finns: persons, cases' in page
    assert '<code class="at">counted: people</code>' in page
    beside = re.search(r'data-at="/tables/0/protection/suppression/counted"><p class="wrong">([^<]+)', page)
    assert beside[1].startswith("people finns inte här")
    rule = re.search(r'data-at="/tables/0/protection/suppression/rules/0"><p class="wrong">([^<]+)', page)
    assert rule[1] == "ett tröskelvärde under 2 skyddar ingen; skriv 2 eller mer"


def test_an_error_of_the_check_stands_beside_what_it_is_about_too(anna):
    wrong = TEXT.replace("denominator: population,", "denominator: nobody,").replace("agency: fors", "agency: fars")
    page = anna.post("/sv/proposals/1", **edited(anna, text=wrong, do="check")).text
    assert re.search(r'data-at="/tables/0/measures/2"><p class="wrong">[^<]*befolkningen nobody', page)
    assert re.search(r'data-at="/agency"><p class="wrong">[^<]*farsakringskassan', page)
    assert "Rad 3" in page


def test_a_text_that_cannot_be_read_keeps_its_place_and_can_be_saved(desk, anna):
    broken = TEXT.replace("tables:", "tables: [")
    page = anna.post("/sv/proposals/1", **edited(anna, text=broken, do="check"))
    assert said(page, "no_form")
    assert shown(page.text) == broken
    assert anna.post("/sv/proposals/1", **{**fields(page.text), "do": "save"}).status_code == 303
    assert now_of(desk, 1).text == broken


def test_the_check_answers_with_the_other_side_the_errors_and_the_differences(anna):
    answer = anna.post("/en/proposals/1/check", **edited(anna, **{THRESHOLD: "4", "side": "form"})).json
    assert answer["text"] == TEXT.replace("threshold: 5", "threshold: 4")
    assert "Threshold lowered from 5 to 4: cells of 4 are no longer sensitive." in answer["changes"]
    assert (answer["lines"], answer["readable"]) == ([], True)
    broken = anna.post("/en/proposals/1/check", side="text", base=TEXT, text="a: [").json
    assert (broken["readable"], broken["lines"]) == (False, [1])
    assert "Line 1" in broken["problems"]


def test_two_officers_at_once_the_second_sees_both_versions_and_nothing_is_lost(desk, anna, as_role):
    eva = as_role("author", "eva")
    hers, mine = edited(eva, **{THRESHOLD: "7"}), edited(anna, **{THRESHOLD: "10"})
    assert eva.post("/sv/proposals/1", **hers).status_code == 303
    answer = anna.post("/sv/proposals/1", **mine)
    assert answer.status_code == 409
    assert said(answer, "conflict_title")
    assert "threshold: 7" in answer.text
    assert "threshold: 10" in answer.text
    assert now_of(desk, 1).text == TEXT.replace("threshold: 5", "threshold: 7")
    again = fields(answer.text)
    assert again["seen"] == ["2"]
    assert anna.post("/sv/proposals/1", **again, do="save").status_code == 303
    assert now_of(desk, 1).text == TEXT.replace("threshold: 5", "threshold: 10")
    with desk.open() as db:
        kept = [(v["by"], "threshold: 7" in str(v["text"])) for v in Proposals(db).versions(1)]
    assert kept == [("anna", False), ("eva", True), ("anna", False)]


def test_what_was_written_while_the_draft_was_submitted_is_shown_to_be_copied(desk, anna):
    mine = edited(anna, **{THRESHOLD: "10"})
    bring_to(desk, now_of(desk, 1), State.SUBMITTED)
    answer = anna.post("/sv/proposals/1", **mine)
    assert (answer.status_code, said(answer, "unsaved_title")) == (409, True)
    assert "threshold: 10" in answer.text
    assert now_of(desk, 1).text == TEXT
    assert anna.get("/sv/proposals/1/edit").location == "/sv/proposals/1"


BOMBS = ("[" * 60_000, "- " * 30_000, "a: &a [b]\nc: [*a, *a]", "!!python/object:x y", "a\n---\nb", "# " + "x" * 70_000,
         'a: "\\ud800"', 'a: "\\U00110000"', "", "\x00", "<<: {a: b}")  # fmt: skip


@pytest.mark.parametrize("number", range(len(BOMBS)))
def test_a_yaml_bomb_is_told_of_quickly_by_the_check_and_by_the_page(desk, anna, number):
    sent = edited(anna, side="text", text=BOMBS[number])
    began = process_time()
    answer = anna.post("/sv/proposals/1/check", **sent)
    assert process_time() - began < 5
    assert answer.status_code == 200
    assert "problems" in answer.json["problems"]
    assert anna.post("/sv/proposals/1", **sent).status_code in (200, 303)
    assert anna.get("/sv/proposals/1").status_code == 200
    assert anna.get("/sv/proposals/1/edit").status_code == 200


def test_a_bomb_behind_the_form_is_not_unpacked_either(anna):
    for bomb in BOMBS:
        sent = edited(anna, side="form", base=bomb, **{THRESHOLD: "9"})
        assert anna.post("/sv/proposals/1/check", **sent).status_code == 200


@pytest.mark.parametrize("name", [n for n in policy_texts() if n.startswith("fk-")])
@pytest.mark.parametrize("lang", ["sv", "en"])
def test_every_policy_of_the_project_can_be_opened_and_is_saved_as_it_is(desk, as_role, name, lang):
    furnish(desk)
    draft(desk, name)
    anna = as_role("author")
    page = anna.get(f"/{lang}/proposals/1/edit").text
    assert anna.post("/sv/proposals/1", **fields(page)).status_code == 303
    assert now_of(desk, 1).text == policy_texts()[name]


def test_a_version_number_that_is_none_is_refused(anna):
    assert anna.post("/sv/proposals/1", **edited(anna, seen="x")).status_code == 400
    assert anna.post("/sv/proposals/9", **edited(anna)).status_code == 404
