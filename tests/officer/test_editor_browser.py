"""The editor in a real browser: the text follows the form and the form the text; axe finds nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from editordesk import bring_to, draft, furnish, now_of
from officer.conftest import PASSWORD, QUICK, SECRET
from officer.test_door_process import browser, found, served
from policytexts import policy_texts

from publisher.desk.accounts import Accounts
from publisher.desk.folder import Desk
from publisher.desk.sessions import Sessions
from publisher.log import utc
from publisher.policy.proposals import State
from web.officer.cookies import COOKIE

__all__ = ["browser"]
TEXT = policy_texts()["fk-assistans"]
THRESHOLD = '[name="/tables/0/protection/suppression/rules/0/threshold"]'
WEAK = ("threshold: 5", "threshold: 3")


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Desk:
    made = Desk(tmp_path_factory.mktemp("editor") / "officer")
    made.create()
    furnish(made)
    with made.open() as db:
        for name, role in (("anna", "author"), ("bo", "approver")):
            Accounts(db, hasher=QUICK).add(
                name, role=role, password=PASSWORD, secret=SECRET, by="test", at=utc(datetime.now(UTC))
            )
    return made


@pytest.fixture(scope="module")
def address(desk) -> Iterator[str]:
    """A running process over the desk."""
    with served(desk) as running:
        yield running


@pytest.fixture
def visit(browser, desk, address):
    """Opens a page as somebody; what the browser complains of must be nothing in the end."""
    contexts, said = [], []

    def go(name: str, path: str, **options: object):
        with desk.open() as db:
            token = Sessions(db).begin(name, now=datetime.now(UTC)).token
        context = browser.new_context(viewport={"width": 1300, "height": 900}, **options)
        contexts.append(context)
        cookie = {"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True}
        context.add_cookies([cookie])
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda m: said.append(m.text) if "favicon" not in str(m.location) else None)
        page.goto(address + path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert said == []


def edit_path(desk: Desk, *changes: tuple[str, str]) -> str:
    return f"/en/proposals/{draft(desk, 'fk-assistans', *changes).id}/edit"


def text_has(page, part: str) -> None:
    page.wait_for_function("part => document.getElementById('yaml').value.includes(part)", arg=part)


def test_who_types_in_the_form_sees_the_text_and_the_difference_follow_and_keeps_the_focus(visit, desk):
    page = visit("anna", edit_path(desk))
    page.locator(THRESHOLD).fill("10")
    text_has(page, "threshold: 10")
    assert page.locator("#yaml").input_value() == TEXT.replace("threshold: 5", "threshold: 10")
    page.get_by_text("Threshold raised from 5 to 10: cells of 5-9 become sensitive.").wait_for()
    assert page.evaluate("document.activeElement.name") == THRESHOLD[7:-2]
    page.locator(THRESHOLD).fill("1")
    page.locator(".field.bad, .wrong").first.wait_for()
    assert "protects nobody" in page.locator("#problems").inner_text()
    assert page.locator(".gutter .bad").count() == 1


def test_who_types_in_the_text_sees_the_form_follow_and_the_error_at_its_line(visit, desk):
    page = visit("anna", edit_path(desk))
    page.locator("#yaml").fill(TEXT.replace("threshold: 5", "threshold: 8"))
    page.wait_for_function("q => document.querySelector(q)?.value === '8'", arg=THRESHOLD)
    wrong = TEXT.replace("zeros: published", "zeros: hidden")
    page.locator("#yaml").fill(wrong)
    line = wrong[: wrong.index("hidden")].count("\n") + 1
    page.locator(f'#problems a[data-line="{line}"]').wait_for()
    assert page.locator(".gutter .bad").inner_text() == f"● {line}"
    page.locator(f'#problems a[data-line="{line}"]').click()
    selected = "e => e.value.slice(e.selectionStart, e.selectionEnd).trim()"
    assert page.locator("#yaml").evaluate(selected) == "zeros: hidden"
    page.locator("#yaml").fill("tables: [")
    page.get_by_text("The form cannot be shown").wait_for()
    page.locator("#yaml").fill(TEXT)
    page.locator(THRESHOLD).wait_for()


def test_a_protection_is_switched_a_measure_added_and_taken_away_and_all_is_saved(visit, desk):
    path = edit_path(desk)
    page = visit("anna", path)
    page.locator('[id="f/tables/0/protection=noise"]').check()
    text_has(page, "noise:")
    page.locator('[name="/tables/0/protection/noise/rho"]').fill("0.002")
    text_has(page, 'rho: "0.002"')
    page.locator('button[value="add:/tables/0/measures"]').click()
    text_has(page, "id: rate-2")
    page.locator('[id="i/tables/0/measures/3"] summary').click()
    page.locator('button[value="remove:/tables/0/measures/3"]').click()
    page.wait_for_function("() => !document.getElementById('yaml').value.includes('rate-2')")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Version 2 is saved.").wait_for()
    number = int(path.split("/")[3])
    assert 'rho: "0.002"' in now_of(desk, number).text
    assert "threshold" not in now_of(desk, number).text


def test_what_is_typed_last_and_saved_at_once_is_what_is_saved(visit, desk):
    path = edit_path(desk)
    page = visit("anna", path)
    page.locator(THRESHOLD).fill("9")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Version 2 is saved.").wait_for()
    assert now_of(desk, int(path.split("/")[3])).text == TEXT.replace("threshold: 5", "threshold: 9")


def test_without_script_both_ways_are_there(visit, desk):
    page = visit("anna", edit_path(desk), java_script_enabled=False)
    page.locator(THRESHOLD).fill("10")
    page.get_by_role("button", name="Show the form as text").click()
    assert "threshold: 10" in page.locator("#yaml").input_value()
    page.locator("#yaml").fill(TEXT.replace("threshold: 5", "threshold: 7"))
    page.get_by_role("button", name="Show the text as form").click()
    assert page.locator(THRESHOLD).input_value() == "7"
    page.get_by_role("button", name="Save", exact=True).click()
    assert "Version 2 is saved." in page.locator("main").inner_text()


def test_the_pages_have_no_fault_that_axe_finds_and_none_scrolls_sideways_on_a_phone(visit, desk):
    path = edit_path(desk, ("zeros: published", "zeros: hidden"), WEAK)
    rehearsed = bring_to(desk, draft(desk, "fk-assistans", WEAK), State.REHEARSED).id
    pages = {
        "anna": [path, path.removesuffix("/edit"), "/sv/policies"],
        "bo": [f"/sv/proposals/{rehearsed}", "/en/policies", f"/sv/proposals/{rehearsed}/versions/1"],
    }
    for name, paths in pages.items():
        for one in paths:
            page = visit(name, one)
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
            assert found(page) == [], one
            page.set_viewport_size({"width": 400, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, one
