"""A rehearsal that an officer asked for: what is kept of it, what it leaves alone, and that no value is in it."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from homes import CODES, NOW, ROOT, Case, area_type, make_cases, make_home

from publisher.cli.main import publisher
from publisher.desk.proposals import Proposals, digest_of
from publisher.desk.rehearsals import LIFETIME, expire, read_result, write_result
from publisher.desk.requests import Kind, Request, Requests, Stand
from publisher.errors import RequestError
from publisher.home import Home
from publisher.policy.proposals import Action, Proposal, Role, State
from publisher.rehearsal import comparison, request
from publisher.rehearsal.request import carry_out

AT = "2024-03-01T12:00:00Z"
CANARY = 143_211
"""Amounts from here on stand in three records of their own persons."""

Json = dict[str, Any]


def canaries() -> list[Case]:
    rows = make_cases(persons=1500)
    return [*rows, *(Case(900_000 + i, f"P9{i:08d}", None, r.date, "underhallsstod", r.sex, r.age_group, CANARY + i)
                     for i, r in enumerate(rows[:3]))]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    policies = ("fk-underhallsstod", "fk-assistans", "fk-ohalsa")
    return make_home(tmp_path_factory.mktemp("desk") / "home", canaries(), policies=policies)


def text_of(policy: str, *changes: str) -> str:
    """The project's policy with some of its text changed: `old => new`."""
    text = (ROOT / "policies" / f"{policy}.yaml").read_text(encoding="utf-8")
    for old, new in (change.split(" => ") for change in changes):
        assert old in text
        text = text.replace(old, new)
    return text


def proposed(home: Home, policy: str, text: str, *, submit: bool = True) -> Proposal:
    base = (home.active / f"{policy}.yaml").read_text(encoding="utf-8")
    with home.desk.open() as db:
        made = Proposals(db).begin(policy, text, base=digest_of(base), by="anna", at=AT)
        return Proposals(db).act(made.id, Action.SUBMIT, by="anna", role=Role.AUTHOR, at=AT) if submit else made


def asked(home: Home, proposal: Proposal, **details: str) -> Request:
    with home.desk.open() as db:
        whole = {"digest": proposal.digest, "period": "2022", **details}
        return Requests(db).ask(Kind.REHEARSE, str(proposal.id), by="anna", at=AT, details=whole)


def carried(home: Home, number: int) -> tuple[Request, Json]:
    carry_out(home, number, clock=lambda: NOW)
    with home.desk.open() as db:
        return Requests(db).get(number), read_result(home.desk, number, now=NOW) or {}


def state_of(home: Home, proposal: Proposal) -> State:
    with home.desk.open() as db:
        return Proposals(db).get(proposal.id).state


def rehearsed(home: Home, policy: str, text: str, *, submit: bool = True, **details: str) -> tuple[Request, Json]:
    return carried(home, asked(home, proposed(home, policy, text, submit=submit), **details).id)


HIGHER = "threshold: 5 => threshold: 10"


def test_a_suppressed_proposal_stands_beside_the_policy_in_force(home: Home) -> None:
    text = text_of("fk-underhallsstod", HIGHER)
    ended, found = rehearsed(home, "fk-underhallsstod", text, alternatives="threshold-3", areas="0114,0301")
    assert (ended.stand, ended.note) == (Stand.DONE, "")
    assert (found["policy"], found["period"], found["sensitive"]) == ("fk-underhallsstod", "2022", True)
    assert (found["made_at"], found["expires_at"]) == (AT, "2024-03-08T12:00:00Z")
    assert found["digest"] == digest_of(text)
    assert found["base"] == digest_of((home.active / "fk-underhallsstod.yaml").read_text(encoding="utf-8"))
    old, new = (found[side]["tables"][0] for side in ("current", "proposed"))
    assert old["published"] > new["published"]
    assert [found[side]["terms"]["threshold"] for side in ("current", "proposed")] == [5, 10]
    assert [a["name"] for a in found["alternatives"]] == ["threshold-3"]
    assert "alternatives" not in found["proposed"]
    assert {"threshold-3", "threshold-5", "areas-lan"} <= {a["name"] for a in found["available"]}
    assert found["titles"]["fk-underhallsstod-kommun"]["sv"]
    assert found["columns"]["sex"]["codes"]["woman"]["sv"] == "Kvinnor"


def test_joined_codes_of_a_proposal_have_their_words_and_coarser_ones_are_offered(home: Home) -> None:
    young = 'join: [{code: "16-34", text: {sv: Unga, en: Young}, of: ["16-24", "25-34"]}]'
    text = text_of(
        "fk-underhallsstod", "{column: sex, => {column: age_group,",
        f"{{column: age_group, total: true}} => {{column: age_group, total: true, {young}}}",
        "[riket, lan, kommun, area_type] => [riket, lan]",
    )  # fmt: skip
    ended, found = rehearsed(home, "fk-underhallsstod", text, areas="0114")
    assert (ended.stand, ended.note) == (Stand.DONE, "")
    codes = found["columns"]["age_group"]["codes"]
    assert (codes["16-34"], codes["16-24"]["en"]) == ({"sv": "Unga", "en": "Young"}, "16–24")
    coarser = next(a for a in found["available"] if a["name"] == "coarser-age_group")
    assert coarser["text"]["en"] == "Coarser age_group: 16-44, 45-66."


def test_both_policies_are_audited_and_the_verdict_is_told(home: Home) -> None:
    _, found = rehearsed(home, "fk-underhallsstod", text_of("fk-underhallsstod", HIGHER), areas="0180")
    for side in ("current", "proposed"):
        verdict = found[side]["verdict"]
        assert verdict["passed"]
        assert verdict["findings"] == []
        measures = len(found[side]["tables"][0]["measures"])
        assert verdict["withheld"] == found[side]["tables"][0]["primary"] + found[side]["tables"][0]["secondary"]
        assert measures


def test_an_audit_that_fails_is_told_and_not_hidden(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that withholds the sensitive cells and nothing to protect them."""
    from publisher.rehearsal import trials

    honest = trials.suppress_tables

    def careless(*args: Any, **kwargs: Any) -> Any:
        found = honest(*args, **kwargs)
        found.pattern.suppressed.flags.writeable = True
        found.pattern.suppressed[:] = found.pattern.sensitive
        return found

    monkeypatch.setattr(trials, "suppress_tables", careless)
    _, found = rehearsed(home, "fk-underhallsstod", text_of("fk-underhallsstod", HIGHER), areas="0302")
    assert found["proposed"]["tables"][0]["secondary"] == 0
    assert not found["proposed"]["verdict"]["passed"]
    assert found["proposed"]["verdict"]["findings"]


def test_areas_are_told_of_by_name_and_by_public_size(home: Home) -> None:
    text = text_of("fk-underhallsstod", HIGHER)
    _, found = rehearsed(home, "fk-underhallsstod", text, areas="0301 0114", alternatives="without-sex")
    table = found["proposed"]["tables"][0]
    why = {e["code"]: e["why"] for e in table["examples"]}
    assert why == {"0180": ["largest"], "0114": ["middling", "asked"], "0509": ["small"], "0301": ["fewest", "asked"]}
    sizes = [e["inhabitants"] for e in table["examples"]]
    assert sizes[0] == max(sizes)
    for example in table["examples"]:
        assert set(example) == {"code", "name", "why", "inhabitants", "non_zero", "withheld", "hidden", "more"}
        for hidden in example["hidden"]:
            assert hidden["categories"][0] in ("TOT", "woman", "man")
            assert hidden["withheld"] <= hidden["non_zero"]
    assert sum(e["withheld"] for e in table["examples"]) > 0
    on_map = {a["code"]: a for a in table["map"]["areas"]}
    assert table["map"]["level"] == "kommun"
    assert set(on_map) == {"0114", "0180", "0301", "0302", "0509"}
    for example in table["examples"]:
        area = on_map[example["code"]]
        assert (area["cells"], area["marked"]) == (example["non_zero"], example["withheld"])


def test_a_noise_proposal_stands_beside_the_policy_in_force_with_all_its_alternatives(home: Home) -> None:
    text = text_of("fk-ohalsa", 'rho: "0.05" => rho: "0.02"')
    ended, found = rehearsed(home, "fk-ohalsa", text, alternatives="all", areas="0180")
    assert (ended.stand, found["sensitive"]) == (Stand.DONE, False)
    assert [found[side]["rho"] for side in ("current", "proposed")] == ["0.05", "0.02"]
    errors = [found[side]["tables"][0]["groups"][0]["expected_error"] for side in ("current", "proposed")]
    assert errors[1] > errors[0]
    assert {"rho-half", "rho-double", "without-sex"} <= {a["name"] for a in found["alternatives"]}
    table = found["proposed"]["tables"][0]
    assert table["map"]["level"] == "lan"
    assert {a["code"] for a in table["map"]["areas"]} == {"01", "03", "05"}
    assert table["marks"]["assumed_in_places"] == 0.05
    asked_for = next(e for e in table["examples"] if "asked" in e["why"])
    assert asked_for["code"] == "01"
    total = next(r for r in asked_for["rows"] if not r["attributes"])
    assert (total["cells"], total["size"]) == (1, round(0.05 * asked_for["inhabitants"], 1))
    assert found["proposed"]["account"]["left_after"]
    assert found["proposed"]["forecast"]["rho_to_come"]


def test_cells_of_type_and_municipality_that_are_one_area_are_counted_from_the_register(home: Home) -> None:
    _, plain = rehearsed(home, "fk-ohalsa", text_of("fk-ohalsa"), areas="0302")
    assert plain["proposed"]["tables"][0]["of_one_area"] is None
    areas = "[riket, lan, area_type, lan_area_type] => [riket, lan, kommun, kommun_area_type]"
    _, found = rehearsed(home, "fk-ohalsa", text_of("fk-ohalsa", areas))
    pairs = Counter((code[:4], area_type(code, 2022)) for code in CODES)
    assert found["proposed"]["tables"][0]["of_one_area"] == sum(n == 1 for n in pairs.values()) == 7


def test_the_same_bytes_are_rehearsed_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    called = []
    honest = comparison.rehearse
    monkeypatch.setattr(comparison, "rehearse", lambda *a, **k: called.append(1) or honest(*a, **k))
    _, found = rehearsed(home, "fk-underhallsstod", text_of("fk-underhallsstod"))
    assert called == [1]
    assert found["current"] == found["proposed"]


def test_a_policy_that_is_not_in_force_has_nothing_beside_it(home: Home) -> None:
    text = text_of("fk-underhallsstod", "policy: fk-underhallsstod => policy: fk-stod", "id: fk-under => id: fk-u",
                   "benefit: [underhallsstod] => benefit: [bostadsbidrag]")  # fmt: skip
    with home.desk.open() as db:
        made = Proposals(db).begin("fk-stod", text, base="", by="anna", at=AT)
    ended, found = carried(home, asked(home, made).id)
    assert (ended.stand, ended.note) == (Stand.DONE, "")
    assert (found["current"], found["base"]) == (None, "")
    assert found["proposed"]["tables"]


def test_a_submitted_proposal_of_these_bytes_is_rehearsed_then_and_a_draft_stays_one(home: Home) -> None:
    text = text_of("fk-ohalsa", 'rho: "0.05" => rho: "0.03"')
    submitted, draft = (proposed(home, "fk-ohalsa", text, submit=s) for s in (True, False))
    for one in (submitted, draft):
        assert carried(home, asked(home, one).id)[0].stand is Stand.DONE
    assert state_of(home, submitted) is State.REHEARSED
    assert state_of(home, draft) is State.DRAFT


@pytest.mark.parametrize("state", [State.SUBMITTED, State.DRAFT])
def test_a_proposal_changed_meanwhile_keeps_its_state_and_the_result_is_of_the_bytes_asked_about(
    home: Home, state: State
) -> None:
    first, second = (text_of("fk-ohalsa", f'rho: "0.05" => rho: "0.0{n}"') for n in (3, 4))
    draft = proposed(home, "fk-ohalsa", first, submit=False)
    waiting = asked(home, draft)
    with home.desk.open() as db:
        Proposals(db).save(draft.id, draft.policy, second, seen=1, by="anna", at=AT)
        if state is State.SUBMITTED:
            Proposals(db).act(draft.id, Action.SUBMIT, by="anna", role=Role.AUTHOR, at=AT)
    ended, found = carried(home, waiting.id)
    assert (ended.stand, ended.note) == (Stand.DONE, "changed meanwhile")
    assert (found["digest"], found["proposed"]["rho"]) == (digest_of(first), "0.03")
    assert state_of(home, draft) is state


REFUSED = {
    "no policy": ("tables:", "tabels:", "unknown key tabels"),
    "undeclared": ("source: fk-cases", "source: other", "source other is not declared"),
    "overspent": ('rho: "0.05"', 'rho: "0.9"', "a year together; the cap is 0.125"),
    "two protections": ("sjukpenning, sjukersattning", "underhallsstod, sjukersattning", "may hold the same records"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_policy_that_does_not_pass_the_check_is_refused_with_the_reason(home: Home, case: str) -> None:
    old, new, reason = REFUSED[case]
    proposal = proposed(home, "fk-ohalsa", text_of("fk-ohalsa", f"{old} => {new}"))
    ended, found = carried(home, asked(home, proposal).id)
    assert ended.stand is Stand.REFUSED
    assert reason in ended.note
    assert found == {}
    assert state_of(home, proposal) is State.SUBMITTED


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({"alternatives": "threshold-4"}, "has no alternative threshold-4"),
        ({"areas": "9999"}, "no municipality with the code 9999"),
        ({"areas": ",".join(f"{n:04d}" for n in range(9))}, "at most 8"),
        ({"period": "2022M13"}, "is no period"),
        ({"period": "2022M01"}, "is no year"),
        ({"digest": "0" * 64}, "never had the bytes"),
    ],
)
def test_what_there_is_not_is_refused(home: Home, details: Mapping[str, str], reason: str) -> None:
    ended, _ = rehearsed(home, "fk-ohalsa", text_of("fk-ohalsa"), **details)
    assert ended.stand is Stand.REFUSED
    assert reason in ended.note


def test_what_cannot_be_protected_has_a_result_that_says_so(home: Home) -> None:
    text = text_of("fk-underhallsstod", "forced: [riket] => forced: [riket, lan, kommun]", HIGHER)
    ended, found = rehearsed(home, "fk-underhallsstod", text)
    assert ended.stand is Stand.DONE
    assert "forced levels" in found["proposed"]["refused"]
    assert found["proposed"]["verdict"] is None
    assert found["current"]["tables"]


def test_an_error_that_is_not_ours_is_named_by_its_kind_alone(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError(f"record {CANARY}")

    monkeypatch.setattr(request, "compare", fails)
    ended, _ = rehearsed(home, "fk-ohalsa", text_of("fk-ohalsa"), areas="0114")
    assert (ended.stand, ended.note) == (Stand.FAILED, "ValueError")


def test_without_a_period_the_latest_sealed_one_is_taken_where_the_latest_has_no_areas(home: Home) -> None:
    from publisher.periods import Period
    from publisher.pipeline import run_release
    from publisher.preparation import RunRequest
    from publisher.workspace import open_workspace

    later = datetime(2026, 3, 1, tzinfo=UTC)
    proposal = proposed(home, "fk-ohalsa", text_of("fk-ohalsa", 'rho: "0.05" => rho: "0.01"'), submit=False)
    first = asked(home, proposal, period="")
    carry_out(home, first.id, clock=lambda: later)
    with home.desk.open() as db:
        assert "not valid in 2025" in Requests(db).get(first.id).note
    with open_workspace(home, exclusive=True) as work:
        run_release(work, RunRequest("fk-ohalsa", Period.parse("2021")), now=NOW)
    second = asked(home, proposal, period="")
    carry_out(home, second.id, clock=lambda: later)
    assert (read_result(home.desk, second.id, now=later) or {})["period"] == "2021"


def test_no_value_of_a_record_is_in_the_result_the_notes_or_the_log(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []
    honest = Requests.set
    monkeypatch.setattr(Requests, "set", lambda *a, **k: notes.append(k.get("note", "")) or honest(*a, **k))
    lower = "threshold: 5 => threshold: 3"
    for policy, others in (("fk-underhallsstod", "without-sex"), ("fk-assistans", "")):
        rehearsed(home, policy, text_of(policy, lower), areas="0509", alternatives=others)
    step = r"((proposed|in force), [a-z-]+ 2022: (count|audit|suppress, [a-z0-9 -]+( \(\d+ of \d+\))?))?"
    assert all(re.fullmatch(step, note) for note in notes), notes
    assert {"proposed, fk-assistans 2022: count", "in force, fk-underhallsstod 2022: audit"} <= set(notes)
    for path in (*home.desk.rehearsals.glob("*.json"), home.desk.root / "officer.db"):
        data = path.read_bytes()
        for canary in range(CANARY, CANARY + 3):
            assert str(canary).encode() not in data
        assert b"P90000000" not in data


def test_the_result_is_for_the_owner_alone_and_expires(home: Home) -> None:
    ended, _ = rehearsed(home, "fk-ohalsa", text_of("fk-ohalsa"), areas="0302")
    path = home.desk.rehearsals / f"{ended.id}.json"
    assert path.stat().st_mode & 0o777 == 0o600
    last = NOW + LIFETIME - timedelta(seconds=1)
    assert expire(home.desk, last) == []
    assert read_result(home.desk, ended.id, now=last)
    assert read_result(home.desk, ended.id, now=NOW + LIFETIME) is None, "though the file is still there"
    assert ended.id in expire(home.desk, NOW + LIFETIME)
    assert not path.exists()


def test_a_torn_result_is_removed_and_other_files_are_left(home: Home) -> None:
    write_result(home.desk, 777, {}, now=NOW)
    (home.desk.rehearsals / "778.json").write_text("{", encoding="utf-8")
    (home.desk.rehearsals / "notes.txt").write_text("", encoding="utf-8")
    assert expire(home.desk, NOW) == [778]
    assert (home.desk.rehearsals / "777.json").exists()
    assert (home.desk.rehearsals / "notes.txt").exists()


def test_the_command_carries_out_a_request_once(home: Home) -> None:
    waiting = asked(home, proposed(home, "fk-ohalsa", text_of("fk-ohalsa")), areas="0509")
    at = ["--home", str(home.root), "desk", "rehearse", str(waiting.id)]
    assert CliRunner().invoke(publisher, at).exit_code == 0
    again = CliRunner().invoke(publisher, at)
    assert isinstance(again.exception, RequestError)
    refused = asked(home, proposed(home, "fk-ohalsa", "policy: fk-ohalsa"))
    assert CliRunner().invoke(publisher, [*at[:-1], str(refused.id)]).exit_code == 1
    assert "desk" not in CliRunner().invoke(publisher, ["--help"]).output


def test_a_request_of_another_kind_is_not_touched(home: Home) -> None:
    with home.desk.open() as db:
        other = Requests(db).ask(Kind.PAUSE_ALL, "", by="bo", at=AT, reason="a test")
    with pytest.raises(RequestError, match="is no rehearse"):
        carry_out(home, other.id, clock=lambda: NOW)


def test_records_that_cannot_be_read_are_a_refusal_by_file_and_rule(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", make_cases(persons=50), policies=("fk-underhallsstod",))
    (home.root / "data" / "cases.parquet").write_bytes(b"PAR1 torn")
    ended, _ = rehearsed(home, "fk-underhallsstod", text_of("fk-underhallsstod"))
    assert ended.stand is Stand.REFUSED
    assert "cases.parquet" in ended.note


def documented() -> set[str]:
    text = (ROOT / "docs" / "rehearsal.md").read_text(encoding="utf-8")
    section = text.split("## At the desk\n")[1].split("\n## ")[0]
    return {key for line in section.splitlines() if line.startswith("| `")
            for key in re.findall(r"`([^`]+)`", line.split("|")[1])}  # fmt: skip


def test_every_key_of_a_comparison_is_documented(home: Home) -> None:
    ended, found = rehearsed(home, "fk-ohalsa", text_of("fk-ohalsa"), areas="0114 0180")
    plain = json.loads((home.desk.rehearsals / f"{ended.id}.json").read_bytes())
    keys = set(plain) | {f"available[].{k}" for k in plain["available"][0]}
    keys |= {"proposed.protection", "proposed.terms", "proposed.divided"} & {f"proposed.{k}" for k in found["proposed"]}
    assert keys == documented()
