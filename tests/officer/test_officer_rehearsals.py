"""Rehearsals on the officer's site: asked for, watched, read by those who decide, and gone after a week."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Moved, Officer
from rehearsed_results import comparison, noisy, of, side, suppressed, thresholds

from publisher.desk.folder import Desk
from publisher.desk.proposals import Proposals, digest_of
from publisher.desk.rehearsals import write_result
from publisher.desk.requests import Kind, Request, Requests, Stand
from publisher.log import ActionLog, utc
from publisher.policy.proposals import Action, Proposal, Role
from web.officer.permissions import DECIDING, PERMISSIONS
from web.officer.rehearsal_places import EMPTY, SILENT, class_of, scale_of

As = Callable[[str], Officer]
AT = "2024-03-01T12:00:00Z"


@pytest.fixture
def proposal(desk: Desk) -> Proposal:
    with desk.open() as db:
        return Proposals(db).begin("fk-test", "policy: fk-test\n", base="", by="anna", at=AT)


def queued(desk: Desk, proposal: Proposal) -> Request:
    with desk.open() as db:
        return Requests(db).ask(Kind.REHEARSE, str(proposal.id), by="anna", at=AT, details={"areas": "0114"})


def ended(desk: Desk, request: Request, stand: Stand, note: str = "") -> None:
    with desk.open() as db:
        Requests(db).set(request.id, stand, at=AT, note=note)


@pytest.fixture
def shown(desk: Desk, proposal: Proposal, clock: Moved, as_role: As) -> Callable[..., str]:
    """The page of a result, in a language, as its words."""

    def page(found: dict[str, object], lang: str = "sv", role: str = "author") -> str:
        request = queued(desk, proposal)
        write_result(desk, request.id, {**found, "digest": found["digest"] or proposal.digest}, now=clock())
        ended(desk, request, Stand.DONE)
        answer = as_role(role).get(f"/{lang}/rehearsals/{request.id}")
        assert answer.status_code == 200
        return answer.text

    return page


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u202f", " ").replace("\u00a0", " ")


def rows(page: str, caption: str) -> list[list[str]]:
    """The body of the table with a caption."""
    table = next(t for t in re.findall(r"<table>.*?</table>", page, re.S) if f"<caption>{caption}" in t)
    found = re.findall(r"<tr>(.*?)</tr>", table.split("<tbody>")[1], re.S)
    return [[words(c).strip() for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)] for row in found]


def test_asking_queues_one_request_of_the_bytes_that_stand_there(desk: Desk, proposal: Proposal, as_role: As) -> None:
    anna = as_role("author")
    answer = anna.post(f"/sv/proposals/{proposal.id}/rehearse", period="2022", areas="0114, 0301",
                       alternatives=["threshold-3", "areas-kommun"])  # fmt: skip
    with desk.open() as db:
        (made,) = Requests(db).recent()
    assert answer.location.endswith(f"/sv/rehearsals/{made.id}")
    assert (made.kind, made.subject, made.by, made.stand) == (Kind.REHEARSE, str(proposal.id), "anna", Stand.QUEUED)
    assert made.details == {"digest": proposal.digest, "period": "2022", "areas": "0114,0301",
                            "alternatives": "threshold-3,areas-kommun"}  # fmt: skip
    anna.post(f"/sv/proposals/{proposal.id}/rehearse", period="2022", areas="0114 0301",
              alternatives=["threshold-3", "areas-kommun"])  # fmt: skip
    with desk.open() as db:
        assert len(Requests(db).recent()) == 1, "what waits already is not queued twice"


@pytest.mark.parametrize(
    ("field", "value"),
    [("period", "2022-01"), ("period", "<script>"), ("areas", "180"), ("areas", "0114,0301;drop"),
     ("areas", " ".join(["0114"] * 9))],
)  # fmt: skip
def test_what_is_written_wrong_is_said_beside_the_field_and_queues_nothing(
    desk: Desk, proposal: Proposal, as_role: As, field: str, value: str
) -> None:
    answer = as_role("author").post(f"/sv/proposals/{proposal.id}/rehearse", **{field: value})
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert f'<a href="#{field}">' in answer.text
    assert "<script>" not in answer.text
    with desk.open() as db:
        assert Requests(db).recent() == []


def test_what_is_not_open_or_not_there_cannot_be_rehearsed(desk: Desk, proposal: Proposal, as_role: As) -> None:
    assert as_role("author").post("/sv/proposals/99/rehearse").status_code == 404
    with desk.open() as db:
        Proposals(db).act(proposal.id, Action.DISCARD, by="anna", role=Role.AUTHOR, at=AT)
    assert as_role("author").post(f"/sv/proposals/{proposal.id}/rehearse").status_code == 409


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_only_those_who_decide_see_anything_of_a_rehearsal(
    desk: Desk, proposal: Proposal, as_role: As, clock: Moved, role: str
) -> None:
    request = queued(desk, proposal)
    write_result(desk, request.id, thresholds(), now=clock())
    ended(desk, request, Stand.DONE)
    somebody = as_role(role)
    for path in ("", f"/{request.id}", f"/{request.id}/progress"):
        answer = somebody.get(f"/sv/rehearsals{path}")
        assert answer.status_code == 403
        assert "Ostad" not in answer.text
    assert somebody.post(f"/sv/proposals/{proposal.id}/rehearse").status_code == 403
    assert {PERMISSIONS[e] for e in PERMISSIONS if e.startswith("rehearsal.")} == {DECIDING}
    with desk.open() as db:
        assert ActionLog(db).last("read-rehearsal", "fk-test") is None


def test_every_reading_of_a_result_stands_in_the_log(desk: Desk, shown: Callable[..., str]) -> None:
    shown(thresholds(), role="approver")
    with desk.open() as db:
        read = ActionLog(db).last("read-rehearsal", "fk-test")
        assert read is not None
        assert (read["actor"], read["at"], read["detail"]) == ("bo", AT, "request 1")
        assert ActionLog(db).verify() > 0


@pytest.mark.parametrize("path", ["", "/1", "/1/progress"])
def test_no_page_of_a_rehearsal_may_be_kept(desk: Desk, proposal: Proposal, as_role: As, path: str) -> None:
    queued(desk, proposal)
    assert as_role("author").get(f"/sv/rehearsals{path}").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("note", "sv"),
    [
        ("", "Startar."),
        ("proposed, fk-test 2022: count", "Förslaget: räknar"),
        ("in force, fk-test 2022M01: audit", "Policyn som gäller: granskar"),
        ("proposed, fk-test 2022: suppress, threshold-3 (1 of 2)",
         "Förslaget: söker vad som måste döljas, threshold-3 (1 of 2)"),
        ("proposed, fk-test 2022: rho-half", "Förslaget: provar rho-half"),
    ],
)  # fmt: skip
def test_what_is_being_done_is_said_in_words(
    desk: Desk, proposal: Proposal, as_role: As, clock: Moved, note: str, sv: str
) -> None:
    request = queued(desk, proposal)
    with desk.open() as db:
        Requests(db).set(request.id, Stand.RUNNING, note=note)
    clock.move(minutes=3)
    page = as_role("author").get(f"/sv/rehearsals/{request.id}")
    part = as_role("author").get(f"/sv/rehearsals/{request.id}/progress")
    for answer in (page, part):
        assert sv in answer.text
        assert "Det har gått 3 min" in answer.text
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert "<html" not in part.text


def test_what_waits_is_told_how_many_are_ahead(desk: Desk, proposal: Proposal, as_role: As) -> None:
    with desk.open() as db:
        Requests(db).ask(Kind.REPORT, "2022", by="bo", at=AT)
    request = queued(desk, proposal)
    assert "1 andra uppdrag" in as_role("author").get(f"/sv/rehearsals/{request.id}").text


def test_the_part_that_is_fetched_is_empty_when_the_rehearsal_has_ended(
    desk: Desk, proposal: Proposal, as_role: As
) -> None:
    request = queued(desk, proposal)
    ended(desk, request, Stand.REFUSED, "no")
    assert as_role("author").get(f"/sv/rehearsals/{request.id}/progress").status_code == 204


@pytest.mark.parametrize(("stand", "sv"), [(Stand.REFUSED, "nekades"), (Stand.FAILED, "misslyckades")])
def test_what_was_refused_or_failed_says_why(
    desk: Desk, proposal: Proposal, as_role: As, stand: Stand, sv: str
) -> None:
    request = queued(desk, proposal)
    ended(desk, request, stand, "line 3: <b>unknown</b>")
    page = as_role("author").get(f"/sv/rehearsals/{request.id}").text
    assert sv in page
    assert "line 3: &lt;b&gt;unknown&lt;/b&gt;" in page
    assert 'name="areas" value="0114"' in page, "it can be asked for again, mended"


def test_a_result_is_gone_after_a_week_though_its_file_is_there(
    desk: Desk, proposal: Proposal, as_role: As, clock: Moved
) -> None:
    request = queued(desk, proposal)
    write_result(desk, request.id, thresholds(digest=proposal.digest), now=clock())
    ended(desk, request, Stand.DONE)
    clock.move(days=7, seconds=-1)
    assert as_role("author").get(f"/sv/rehearsals/{request.id}").status_code == 200
    clock.move(seconds=1)
    answer = as_role("author").get(f"/sv/rehearsals/{request.id}")
    assert answer.status_code == 410
    assert "tas det bort efter sju dagar" in answer.text
    assert "39" not in words(answer.text)
    assert "borttagen" in as_role("author").get("/sv/rehearsals").text


def test_a_number_that_is_no_rehearsal_is_not_found(desk: Desk, as_role: As) -> None:
    with desk.open() as db:
        other = Requests(db).ask(Kind.REPORT, "2022", by="bo", at=AT)
    for number in (other.id, 99):
        assert as_role("author").get(f"/sv/rehearsals/{number}").status_code == 404


def test_the_list_names_what_was_asked_for_and_how_far_it_is(desk: Desk, proposal: Proposal, as_role: As) -> None:
    assert "Ingen provkörning är beställd" in as_role("author").get("/sv/rehearsals").text
    queued(desk, proposal)
    assert rows(as_role("author").get("/sv/rehearsals").text, "De senaste") == [
        ["fk-test", "väntar", "2024-03-01 13:00", "anna", "1"]
    ]


def test_the_finding_is_said_in_a_sentence(shown: Callable[..., str]) -> None:
    assert "Med tröskel 10 visas 61,0 % av cellerna på nivån RegSO, mot 74,0 % i dag." in words(shown(thresholds()))
    assert "With threshold 10, 61.0 % of the cells at level RegSO are shown, against 74.0 % today." in words(
        shown(thresholds(), "en")
    )


def test_it_is_marked_as_sensitive_and_says_when_it_is_removed(shown: Callable[..., str]) -> None:
    page = shown(thresholds())
    assert 'class="sensitive"' in page
    assert "Känsligt: som uppgifterna själva." in page
    assert "Den tas bort 2024-03-08 13:00" in words(page)
    assert 'class="sensitive"' not in shown(comparison(None, side(noisy(12.0))))


def test_both_sides_and_the_difference_stand_level_by_level(shown: Callable[..., str]) -> None:
    page = shown(thresholds())
    assert rows(page, "Celler som inte visas, % av dem") == [
        ["riket", "0,0", "0,0", "0"], ["kommun", "10,0", "18,5", "+8,5"], ["RegSO", "26,0", "39,0", "+13,0"],
        ["alla nivåer", "20,0", "20,0", "0"],
    ]  # fmt: skip
    value = rows(page, "Värde som inte visas")
    assert value[2] == ["RegSO", "..", "..", "–"], "too few numbers to tell a share of"


def test_noise_is_compared_by_errors_and_marks(shown: Callable[..., str]) -> None:
    page = shown(comparison(side(noisy(8.0)), side(noisy(12.0), terms={"rho": "0.01", "bound": 1}), base=""))
    assert "Med rho 0,01 väntas ett tal på nivån kommun slå fel med omkring 13,0, mot 9,0 i dag." in page
    assert rows(page, "Väntat fel i en cell") == [["riket", "17,0", "25,0", "+8,0"], ["kommun", "9,0", "13,0", "+4,0"]]
    assert rows(page, "Väntat fel i områdets total")[0] == ["riket", "16,0", "24,0", "+8,0"]
    assert rows(page, "Celler märkta som osäkra") == [["kommun", "0,4", "0,6", "+0,2"]]
    assert "antar att 5 % av invånarna räknas" in page
    assert "fel 12,0 på 617; osäkra 1 av 2" in page
    assert "Inte granskat: brus dras först" in page


def test_what_shrunken_numbers_may_be_off_by_stands_beside_the_expected_error(shown: Callable[..., str]) -> None:
    both = comparison(side(noisy(8.0)), side(noisy(12.0, shrunken=5.0)))
    page = shown(both)
    assert rows(page, "Simulerat fel i en cell") == [["riket", "–", "6,0", "–"], ["kommun", "–", "6,0", "–"]]
    assert rows(page, "Simulerat fel i områdets total")[1] == ["kommun", "–", "5,0", "–"]
    assert "Det simulerade felet är inget löfte" in words(page)
    assert "The simulated error is no promise" in words(shown(both, "en"))
    assert "Det simulerade felet" not in words(shown(comparison(None, side(noisy(12.0)))))


def test_another_kind_of_protection_is_told_in_its_own_words(shown: Callable[..., str]) -> None:
    old = side(suppressed({"riket": 0.0, "regso": 26.0}, {"0114": (1, 2)}))
    page = shown(comparison(old, side(noisy(12.0))))
    assert "Med förslaget väntas ett tal på nivån kommun slå fel med omkring 13,0." in page
    assert "I dag visas 74,0 % av cellerna på nivån RegSO." in words(page)
    assert ["RegSO", "26,0", "–", "–"] in rows(page, "Celler som inte visas, % av dem")


def test_a_policy_that_is_not_in_force_has_dashes_beside_it(shown: Callable[..., str]) -> None:
    page = shown(comparison(None, thresholds()["proposed"]))
    assert "Ingen version av policyn gäller i dag." in page
    assert ["kommun", "–", "18,5", "–"] in rows(page, "Celler som inte visas, % av dem")


WARNINGS = {
    "holes": ({}, "”Ärenden efter område” blir mest hål: 39,0 % av cellerna på nivån RegSO visas inte."),
    "refused": ({"refused": "forced levels are sensitive"}, "tabellerna kan inte skyddas"),
    "audit": ({"verdict": {"passed": False, "withheld": 9, "exact": 2, "narrow": 1, "findings": ["exact (t 0114)"],
                           "more": 0}}, "Granskningen underkände"),
}  # fmt: skip


@pytest.mark.parametrize("case", WARNINGS)
def test_warnings_come_before_the_figures(shown: Callable[..., str], case: str) -> None:
    changes, text = WARNINGS[case]
    new = suppressed({"riket": 0.0, "regso": 39.0}, {"0114": (1, 2)}, mostly=case == "holes")
    page = shown(comparison(None, side(new, **changes)))
    assert text in words(page)
    assert words(page).index(text) < words(page).index("Integritetskontot")
    for detail in ("forced levels are sensitive", "exact (t 0114)"):
        assert (detail in page) is (detail in json.dumps(changes))


def test_a_budget_that_runs_out_is_told_with_its_month(shown: Callable[..., str]) -> None:
    forecast = {"reference_year": 2024, "left_at_the_end": "0.001", "reached_in": "2024M09", "reached_by": "fk-manad",
                "reached_on": "2024-10-15", "refused": 4}  # fmt: skip
    page = words(shown(comparison(side(noisy(8.0)), side(noisy(12.0), forecast=forecast))))
    assert "körningen för september 2024 av fk-manad, den 2024-10-15, skulle nekas. Det gäller 4 körningar." in page
    assert "Det gäller även i dag" not in page
    both = words(shown(comparison(side(noisy(8.0), forecast=forecast), side(noisy(12.0), forecast=forecast))))
    assert "Det gäller även i dag" in both


def test_cells_of_one_area_are_warned_of(shown: Callable[..., str]) -> None:
    page = words(shown(comparison(None, side(noisy(12.0, lone=1137)))))
    assert "består 1 137 kombinationer av kommun och områdestyp av ett enda RegSO" in page


def test_areas_are_told_of_by_name_with_what_is_withheld_of_them(shown: Callable[..., str]) -> None:
    page = words(shown(thresholds()))
    assert "Ostad (mellanstort, angivet av dig, 12 345 invånare)" in page
    assert "5 av 48 celler visas inte, mot 5 i dag." in page
    assert "Kvinnor, 16–24 år visas inte; inom området döljs 3 av 12" in page
    assert "Ytterligare 2 uppgifter" in page


def test_what_one_side_withholds_nothing_of_is_said_to_be_shown(shown: Callable[..., str]) -> None:
    found = thresholds()
    for part, hidden in (("current", []), ("proposed", None)):
        example = found[part]["tables"][0]["examples"][0]
        example.update(more=0, withheld=0 if hidden == [] else 5, hidden=example["hidden"] if hidden is None else [])
    assert "Kvinnor, 16–24 år allt visas visas inte; inom området döljs 3 av 12" in words(shown(found))
    found["proposed"]["tables"][0]["examples"][0].update(withheld=0, hidden=[])
    assert "Allt visas." in shown(found)


@pytest.mark.parametrize(
    ("shares", "top"), [([], 5), ([4.9], 5), ([5.0], 5), ([5.1], 10), ([24.0], 25), ([26.0, 3.0], 50), ([100.0], 100)]
)
def test_five_classes_reach_the_largest_share(shares: list[float], top: int) -> None:
    assert scale_of(shares)[-1] == top
    assert len(scale_of(shares)) == 5


def area(marked: int, cells: int) -> dict[str, object]:
    return {"marked": marked, "cells": cells, "per_cent": 100 * marked / cells if cells else None}


@pytest.mark.parametrize(
    ("marked", "cells", "number"),
    [(0, 10, 1), (5, 100, 1), (6, 100, 2), (25, 100, 3), (26, 100, 4), (99, 100, 5), (10, 10, SILENT), (0, 0, EMPTY)],
)
def test_an_area_belongs_to_one_class_by_its_share(marked: int, cells: int, number: int) -> None:
    assert class_of(area(marked, cells), (5, 10, 25, 50, 100)) == number


@pytest.fixture
def shapes(desk: Desk) -> Path:
    paths = dict.fromkeys(("0114", "0180", "0301", "0509"), "M0,0l9,0 0,9z")
    content = {"width": 600, "height": 1500, "kommun": paths, "lan": {"01": "M0,0l9,0 0,9z"}}
    path = desk.status / "shapes-regso-2020.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.usefixtures("shapes")
def test_the_map_has_its_classes_its_words_and_the_same_numbers_as_a_table(shown: Callable[..., str]) -> None:
    page = shown(thresholds())
    assert rows(page, "Antal områden i varje klass") == [
        ["0–5 %", "2", "1"], ["5–10 %", "0", "0"], ["10–25 %", "0", "0"], ["25–50 %", "1", "1"],
        ["50–100 %", "0", "0"], ["Inget visas", "0", "1"], ["Inga celler", "1", "1"],
    ]  # fmt: skip
    assert page.count('role="img"') == 2
    for title in ("map-old-title", "map-new-title", "map-old-desc", "map-new-desc"):
        assert f'id="{title}"' in page
    assert len(re.findall(r'<use href="#a0301" class="map-area" fill="url\(#hatch\)"/>', page)) == 1
    assert '<use href="#a0114" class="map-area c4"/>' in page
    table = page.split("Samma tal som tabell")[2]
    assert re.search(r"Vestad.*100,0.*\+50,0.*Ostad.*45,0.*\+40,0.*Storstad.*0,0", table.split("</table>")[0], re.S)
    assert 'class="long" tabindex="0" role="region"' in page


def test_without_borders_the_numbers_stand_in_the_table_alone(shown: Callable[..., str]) -> None:
    page = shown(thresholds())
    assert "dess gränser är inte deklarerade" in page
    assert "<figure>" not in page
    assert "Vestad" in page


def test_the_charge_and_what_it_leaves_stand_side_by_side(shown: Callable[..., str]) -> None:
    old = side(noisy(8.0), rho="0.05", account={"cap": "0.125", "charged": "0.04", "left_after": "0.035"})
    page = shown(comparison(old, side(noisy(12.0))))
    assert rows(page, "rho, för referensåret 2022; taket är 0,125") == [
        ["En körning drar", "0,05", "0,02", "−0,03"],
        ["Draget hittills", "0,04", "0,04", "0"],
        ["Kvar efter körningen", "0,035", "0,065", "+0,03"],
        ["Kvar när alla planerade körningar är gjorda", "0,025", "0,025", "0"],
    ]
    assert "drar ingenting ur kontot" in shown(thresholds())


def test_the_verdict_of_the_audit_is_told(shown: Callable[..., str]) -> None:
    assert "Godkänd: ingen av de 1 234 dolda cellerna" in words(shown(thresholds()))


def test_alternatives_stand_beside_the_proposal_and_others_can_be_asked_for(shown: Callable[..., str]) -> None:
    new = suppressed({"riket": 0.0, "regso": 20.5}, {"0114": (1, 2)})
    tried = {**of("threshold-3"), "period": "2022", "check": [], "refused": "", "tables": [new]}
    lost = {**of("insiders-off"), "period": "2022", "check": ["needs insiders"], "refused": "", "tables": []}
    page = shown(thresholds(alternatives=[tried, lost]))
    table = words(page.split("Alternativ till förslaget</h2>")[1].split("</table>")[0])
    assert re.search(r"Förslaget som det är RegSO 39,0 20,0 nej", table)
    assert re.search(r"Mindre: threshold-3\. lovar mindre RegSO 20,5 20,0 nej", table)
    assert "kan inte fås: needs insiders" in table
    assert 'name="alternatives" value="areas-kommun"' in page
    assert 'name="alternatives" value="threshold-3"' not in page, "it was tried"
    assert 'name="areas" value="0114"' in page, "what was asked for stands there again"


def test_it_is_said_that_the_proposal_or_the_policy_in_force_is_another_by_now(
    desk: Desk, proposal: Proposal, shown: Callable[..., str]
) -> None:
    assert "Förslaget har ändrats" not in shown(thresholds())
    assert "Förslaget har ändrats" in shown(thresholds(digest="0" * 64))
    (desk.active / "fk-test.yaml").write_text("policy: fk-test\n", encoding="utf-8")
    assert "En annan version av policyn har börjat gälla" in shown(thresholds())
    same = digest_of("policy: fk-test\n")
    page = shown(thresholds(base=same, digest=same))
    assert "En annan version" not in page
    assert "samma text som den som gäller" in page


def test_an_approver_is_shown_the_way_to_approve(
    desk: Desk, proposal: Proposal, shown: Callable[..., str], clock: Moved
) -> None:
    with desk.open() as db:
        Proposals(db).act(proposal.id, Action.SUBMIT, by="anna", role=Role.AUTHOR, at=AT)
        Proposals(db).carried(proposal.id, Action.FINISH_REHEARSAL, digest=proposal.digest, at=utc(clock()))
    for role, text in (("author", "Till förslaget</a>"), ("approver", "för att godkänna")):
        page = shown(thresholds(), role=role)
        assert text in page
        assert f'href="/sv/proposals/{proposal.id}"' in page


def test_a_table_is_chosen_by_its_link_and_another_is_not_found(
    desk: Desk, proposal: Proposal, as_role: As, clock: Moved
) -> None:
    found = thresholds(digest=proposal.digest)
    for part in ("current", "proposed"):
        found[part]["tables"].append({**found[part]["tables"][0], "table": "t-two"})
        found[part]["divided"]["t-two"] = ["sex", "age_group"]
    found["titles"]["t-two"] = {"sv": "Andra tabellen", "en": "The other"}
    request = queued(desk, proposal)
    write_result(desk, request.id, found, now=clock())
    ended(desk, request, Stand.DONE)
    anna = as_role("author")
    page = anna.get(f"/sv/rehearsals/{request.id}?table=t-two").text
    assert '?table=t-two" aria-current="page"' in page
    assert anna.get(f"/sv/rehearsals/{request.id}?table=../x").status_code == 404


def test_no_page_has_a_script_or_style_within_it(shown: Callable[..., str]) -> None:
    page = shown(thresholds())
    assert "<style" not in page
    assert " style=" not in page
    assert re.findall(r"<script(?! src=)", page) == []


def test_the_page_of_a_proposal_has_a_button_that_asks_for_a_rehearsal(proposal: Proposal, as_role: As) -> None:
    action = f'action="/sv/proposals/{proposal.id}/rehearse"'
    shown_to = {role: action in as_role(role).get(f"/sv/proposals/{proposal.id}").text for role in Role}
    assert shown_to == {Role.AUTHOR: True, Role.APPROVER: True, Role.AUDITOR: False, Role.ADMIN: False}
