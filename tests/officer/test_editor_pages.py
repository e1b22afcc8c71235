"""The pages of policies and proposals: begun, saved, submitted, returned, approved, retired, by whom and when not."""

import pytest
from editordesk import AT, asked, bring_to, draft, furnish, now_of
from policytexts import policy_texts

from publisher.desk.proposals import Proposals, digest_of
from publisher.policy.proposals import State
from web.officer.texts.editor_pages import EDITOR_PAGES

SCRIPT = "<script>alert(1)</script>"
TEN = ("threshold: 5", "threshold: 10")


@pytest.fixture
def furnished(desk):
    furnish(desk)
    return desk


def said(answer, key: str) -> bool:
    return EDITOR_PAGES[f"editor.{key}"].sv in answer.text


def test_the_list_shows_what_is_in_force_and_what_is_on_its_way_to_each_role_what_it_may_do(furnished, as_role):
    draft(furnished)
    for role in ("author", "approver", "auditor", "admin"):
        page = as_role(role).get("/sv/policies").text
        assert "Personer med assistansersättning efter kommun" in page
        assert "Förslag 1: fk-assistans" in page
        assert ("/policies/fk-assistans/begin" in page) is (role == "author")
        assert ("/policies/fk-assistans/retire" in page) is (role == "approver")
    assert "Persons with assistance allowance by municipality" in as_role("author").get("/en/policies").text


def test_a_change_begins_from_the_exact_bytes_in_force(furnished, as_role):
    anna = as_role("author")
    answer = anna.post("/sv/policies/fk-assistans/begin")
    assert (answer.status_code, answer.location) == (303, "/sv/proposals/1/edit")
    made = now_of(furnished, 1)
    assert (made.text, made.base) == (policy_texts()["fk-assistans"], digest_of(policy_texts()["fk-assistans"]))
    assert anna.get("/sv/proposals/1/edit").status_code == 200


def test_a_new_policy_begins_from_a_text_that_has_no_error(furnished, as_role):
    anna = as_role("author")
    assert anna.post("/sv/policies/new", policy="fk-new").status_code == 303
    assert (now_of(furnished, 1).base, now_of(furnished, 1).policy) == ("", "fk-new")
    page = anna.get("/en/proposals/1").text
    assert "New policy: “New policy” publishes fk-new-1 once a year." in page


@pytest.mark.parametrize("name", ["", "Fk", "a--b", "../x", "fk assistans", "å", "a" * 61, "fk-assistans", "-a"])
def test_an_id_that_is_none_or_is_taken_is_refused(furnished, as_role, name):
    answer = as_role("author").post("/sv/policies/new", policy=name)
    assert answer.status_code == 422
    assert said(answer, "taken_id" if name == "fk-assistans" else "bad_id")


@pytest.mark.parametrize(
    "name", ["..%2f..%2fpublisher", "%2e%2e", "..", "fk-assistans%2f..", "fk-assistans.yaml", "fk-assistans%00", "FK"]
)
def test_no_name_leads_out_of_the_folder_of_policies(furnished, as_role, name):
    (furnished.root / "secret.yaml").write_text(policy_texts()["fk-assistans"])
    assert as_role("author").post(f"/sv/policies/{name}/begin").status_code in (404, 405)
    assert as_role("approver").post(f"/sv/policies/{name}/retire", reason="x").status_code in (404, 405)
    with furnished.open() as db:
        assert Proposals(db).all() == []
    assert asked(furnished) == []


def test_a_proposal_shows_where_it_stands_what_it_changes_its_digest_and_its_versions(furnished, as_role):
    made = draft(furnished, "fk-assistans", TEN)
    page = as_role("auditor").get("/en/proposals/1").text
    assert 'aria-current="step">draft' in page
    assert "Threshold raised from 5 to 10: cells of 5-9 become sensitive." in page
    assert all(f"<code>{made.digest[n : n + 8]}</code>" in page for n in range(0, 64, 8))
    assert "/en/proposals/1/versions/1" in page
    assert "<form" in page.split("<main")[0]
    assert "<form" not in page.split("<main")[1], "an auditor reads"
    version = as_role("auditor").get("/en/proposals/1/versions/1")
    assert "threshold: 10" in version.text
    for path in ("/en/proposals/1/versions/2", "/en/proposals/2", "/en/proposals/x"):
        assert as_role("auditor").get(path).status_code == 404


def test_who_submits_says_what_for_and_asks_for_a_rehearsal_of_these_bytes(furnished, as_role):
    made, anna = draft(furnished, "fk-assistans", TEN), as_role("author")
    answer = anna.post("/sv/proposals/1/submit", summary=" ")
    assert answer.status_code == 422
    assert said(answer, "refused_summary")
    assert anna.post("/sv/proposals/1/submit", summary="Fler skyddas").status_code == 303
    assert now_of(furnished, 1).state is State.SUBMITTED
    assert now_of(furnished, 1).reason == "Fler skyddas"
    assert asked(furnished) == [("rehearse", "1", {"digest": made.digest, "alternatives": ""})]
    assert anna.post("/sv/proposals/1/submit", summary="igen").status_code == 409


def test_what_has_errors_is_not_submitted(furnished, as_role):
    draft(furnished, "fk-assistans", ("threshold: 5", "threshold: 1"))
    answer = as_role("author").post("/sv/proposals/1/submit", summary="x")
    assert (answer.status_code, said(answer, "refused_problems")) == (422, True)
    assert now_of(furnished, 1).state is State.DRAFT


def test_what_is_returned_says_why_and_can_be_edited_again(furnished, as_role):
    bring_to(furnished, draft(furnished, "fk-assistans", TEN), State.REHEARSED)
    bo = as_role("approver")
    assert bo.post("/sv/proposals/1/return", reason="").status_code == 422
    assert bo.post("/sv/proposals/1/return", reason="Tio är för mycket").status_code == 303
    assert now_of(furnished, 1).state is State.DRAFT
    assert "Tio är för mycket" in as_role("author").get("/sv/proposals/1").text


def test_approval_is_of_the_bytes_that_were_shown_and_asks_for_them_to_be_taken_up(furnished, as_role):
    made = bring_to(furnished, draft(furnished, "fk-assistans", TEN), State.REHEARSED)
    bo = as_role("approver")
    answer = bo.post("/sv/proposals/1/approve", digest="0" * 64)
    assert (answer.status_code, said(answer, "refused_bytes")) == (409, True)
    assert f'name="digest" value="{made.digest}"' in bo.get("/sv/proposals/1").text
    assert bo.post("/sv/proposals/1/approve", digest=made.digest).status_code == 303
    assert (now_of(furnished, 1).state, now_of(furnished, 1).approver) == (State.APPROVED, "bo")
    assert asked(furnished) == [("activate", "1", {"digest": made.digest})]
    assert bo.post("/sv/proposals/1/approve", digest=made.digest).status_code == 409


def test_nobody_approves_what_they_wrote_in_whatever_their_role_is_now(furnished, as_role):
    made = bring_to(furnished, draft(furnished, "fk-assistans", TEN, by="bo"), State.REHEARSED)
    bo = as_role("approver")
    assert "/approve" not in bo.get("/sv/proposals/1").text
    assert said(bo.get("/sv/proposals/1"), "own")
    answer = bo.post("/sv/proposals/1/approve", digest=made.digest)
    assert (answer.status_code, said(answer, "refused_person")) == (403, True)
    assert now_of(furnished, 1).state is State.REHEARSED
    assert asked(furnished) == []


def test_a_proposal_from_a_version_that_is_no_longer_in_force_is_refused_returned_and_begun_anew(furnished, as_role):
    made = bring_to(furnished, draft(furnished, "fk-assistans", TEN), State.REHEARSED)
    newer = policy_texts()["fk-assistans"].replace("day: 15", "day: 16")
    (furnished.active / "fk-assistans.yaml").write_text(newer, encoding="utf-8")
    bo, anna = as_role("approver"), as_role("author")
    assert said(bo.get("/sv/proposals/1"), "stale")
    answer = bo.post("/sv/proposals/1/approve", digest=made.digest)
    assert (answer.status_code, said(answer, "refused_base")) == (409, True)
    assert anna.post("/sv/proposals/1/rebase").status_code == 409
    bo.post("/sv/proposals/1/return", reason="nytt")
    assert anna.post("/sv/proposals/1/rebase").status_code == 303
    assert (now_of(furnished, 1).base, now_of(furnished, 1).text) == (digest_of(newer), made.text)
    assert not said(anna.get("/sv/proposals/1"), "stale")


@pytest.mark.parametrize(
    "change",
    [
        ("threshold: 5", "threshold: 4"),
        ("level: ambiguous", "level: exact"),
        ("insiders: true", "insiders: false"),
        ('per: "10000"', 'per: "1000"'),
    ],
)
def test_what_protects_less_is_approved_with_a_reason_in_writing_only(furnished, as_role, change):
    made = bring_to(furnished, draft(furnished, "fk-assistans", change), State.REHEARSED)
    bo = as_role("approver")
    weaker = "per:" not in change[0]
    assert said(bo.get("/sv/proposals/1"), "reasons") is weaker
    answer = bo.post("/sv/proposals/1/approve", digest=made.digest, reason="  ")
    assert answer.status_code == (422 if weaker else 303)
    if weaker:
        assert said(answer, "refused_unreasoned")
        assert now_of(furnished, 1).state is State.REHEARSED
        assert bo.post("/sv/proposals/1/approve", digest=made.digest, reason="Beslut 7").status_code == 303
        assert now_of(furnished, 1).reason == "Beslut 7"


@pytest.mark.parametrize("weaker", [True, False])
def test_a_retired_policy_that_is_proposed_again_is_compared_with_what_was_in_force_last(furnished, as_role, weaker):
    strong = bring_to(furnished, draft(furnished, "fk-assistans", ("threshold: 5", "threshold: 9")), State.RETIRED)
    (furnished.active / "fk-assistans.yaml").unlink()
    text = strong.text.replace("threshold: 9", "threshold: 8") if weaker else strong.text
    with furnished.open() as db:
        again = Proposals(db).begin("fk-assistans", text, base="", by="anna", at=AT)
    again = bring_to(furnished, again, State.REHEARSED)
    bo = as_role("approver")
    answer = bo.post(f"/sv/proposals/{again.id}/approve", digest=again.digest)
    assert answer.status_code == (422 if weaker else 303)
    assert said(answer, "refused_unreasoned") is weaker


def test_what_no_longer_holds_with_the_others_in_force_is_not_approved(furnished, as_role):
    made = bring_to(furnished, draft(furnished, "fk-assistans", TEN), State.REHEARSED)
    other = policy_texts()["fk-ohalsa"].replace("benefit: [", "benefit: [assistansersattning, ")
    (furnished.active / "fk-ohalsa.yaml").write_text(other, encoding="utf-8")
    answer = as_role("approver").post("/sv/proposals/1/approve", digest=made.digest)
    assert (answer.status_code, said(answer, "refused_problems")) == (422, True)
    assert now_of(furnished, 1).state is State.REHEARSED


def test_an_approval_whose_request_was_lost_can_be_asked_for_again(furnished, as_role):
    made = bring_to(furnished, draft(furnished, "fk-assistans", TEN), State.APPROVED)
    bo = as_role("approver")
    assert said(bo.get("/sv/proposals/1"), "unasked")
    assert bo.post("/sv/proposals/1/activate").status_code == 303
    assert asked(furnished) == [("activate", "1", {"digest": made.digest})]
    assert not said(bo.get("/sv/proposals/1"), "unasked")
    draft(furnished)
    assert bo.post("/sv/proposals/2/activate").status_code == 409


def test_a_policy_is_retired_with_a_reason(furnished, as_role):
    bo = as_role("approver")
    assert bo.post("/sv/policies/fk-assistans/retire", reason=" ").status_code == 422
    assert bo.post("/sv/policies/no-such/retire", reason="x").status_code == 404
    assert bo.post("/sv/policies/fk-assistans/retire", reason="Ersatt").status_code == 303
    assert asked(furnished) == [("retire", "fk-assistans", {})]
    assert said(bo.get("/sv/policies"), "leaving")


def test_a_draft_is_put_away_and_kept(furnished, as_role):
    draft(furnished)
    assert as_role("author").post("/sv/proposals/1/discard").status_code == 303
    assert now_of(furnished, 1).state is State.DISCARDED
    assert said(as_role("author").get("/sv/policies"), "ended")


def test_a_rehearsal_of_these_bytes_is_linked_for_those_who_may_read_it(furnished, as_role):
    draft(furnished, "fk-assistans", TEN)
    as_role("author").post("/sv/proposals/1/submit", summary="x")
    assert "/sv/rehearsals/1" in as_role("approver").get("/sv/proposals/1").text
    assert "/sv/rehearsals/1" not in as_role("auditor").get("/sv/proposals/1").text


def test_script_in_titles_notes_reasons_and_texts_is_shown_and_not_run(furnished, as_role):
    draft(furnished, "fk-assistans", ("sv: Personer med assistansersättning efter kommun\n", f'sv: "{SCRIPT}"\n'))
    anna, bo = as_role("author"), as_role("approver")
    pages = [anna.get("/sv/proposals/1").text, anna.get("/sv/proposals/1/edit").text]
    anna.post("/sv/proposals/1/submit", summary=f"{SCRIPT}")
    pages.append(bo.get("/sv/proposals/1").text)
    bo.post("/sv/proposals/1/return", reason=f"{SCRIPT}")
    pages += [anna.get("/sv/proposals/1").text, anna.get("/sv/proposals/1/versions/1").text]
    answer = anna.post("/sv/policies/new", policy=f'"><{SCRIPT}')
    pages.append(answer.text)
    checked = anna.post("/sv/proposals/1/check", side="text", base="", text=f"policy: {SCRIPT}\n{SCRIPT}: 1").json
    pages += [checked["form"], checked["problems"], checked["changes"]]
    for page in pages:
        assert SCRIPT not in page
    assert all("&lt;script&gt;" in page for page in pages[:6])


def test_script_in_joined_codes_and_in_the_name_of_another_table_is_shown_and_not_run(furnished, as_role):
    image, plain = "<img src=x onerror=alert(1)>", "{column: age_group, total: true}"
    codes = f'{{code: "{SCRIPT}", text: {{sv: "{SCRIPT}", en: "{image}"}}, of: ["16-24", "25-34"]}}'
    parts = f'{{code: "{image}", text: {{sv: x, en: y}}, of: ["35-44", "{SCRIPT}"]}}'
    joined = [f"{{column: age_group, total: true, join: [{items}]}}" for items in (codes, f"{codes}, {parts}")]
    draft(furnished, "fk-ohalsa", (plain, joined[0]))
    anna, bo = as_role("author"), as_role("approver")
    pages = [anna.get("/sv/proposals/1").text, anna.get("/sv/proposals/1/edit").text, bo.get("/en/proposals/1").text]
    known, other = policy_texts()["fk-ohalsa"], policy_texts()["all-noise"]
    texts = [*(known.replace(plain, j) for j in joined), other.replace("with: all-noise-first", f'with: "{SCRIPT}"')]
    for text in texts:
        checked = anna.post("/sv/proposals/1/check", side="text", base="", text=text).json
        pages += [checked["form"] + checked["changes"], checked["problems"] + checked["form"]]
    for page in pages:
        assert SCRIPT not in page
        assert image not in page
        assert "&lt;script&gt;" in page


def test_a_desk_without_declarations_says_so_and_approves_nothing(desk, as_role):
    furnish(desk)
    desk.declarations.unlink()
    made = bring_to(desk, draft(desk, "fk-assistans", TEN), State.REHEARSED)
    bo = as_role("approver")
    assert "deklarationerna (publisher.toml)" in bo.get("/sv/proposals/1").text
    assert bo.post("/sv/proposals/1/approve", digest=made.digest).status_code == 422
