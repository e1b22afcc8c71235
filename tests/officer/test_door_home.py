"""The start page: what waits for whom, and what everybody must know."""

import re
from datetime import timedelta

import pytest
from officer.conftest import START

from publisher.desk.accounts import Accounts
from publisher.desk.proposals import Proposals
from publisher.desk.requests import Kind, Requests
from publisher.desk.status import write_status
from publisher.log import ActionLog, utc
from publisher.policy.proposals import Action, Role
from web.officer.waiting import alerts, failures_since_last_login, happened

AT = utc(START)
ALIVE = {"beat": AT, "paused": {"all": None, "policies": {}}, "running": [], "next": []}


def ago(**by: float) -> str:
    return utc(START - timedelta(**by))


def section(page: str, title: str) -> str:
    """What stands below a heading."""
    return page.split(f"{title}</h2>")[1].split("<h2", maxsplit=1)[0]


@pytest.fixture
def proposal(desk, account):
    """Makes a proposal by somebody and takes it as far as is said."""

    def make(policy: str, *actions: Action, by: str = "anna", reason: str = "") -> int:
        with desk.open() as db:
            proposals = Proposals(db)
            made = proposals.begin(policy, policy, base="", by=by, at=AT)
            for action in actions:
                if action is Action.FINISH_REHEARSAL:
                    proposals.carried(made.id, action, digest=made.digest, at=AT)
                else:
                    proposals.act(made.id, action, by=by, role=Role.AUTHOR, at=AT, reason=reason)
        return made.id

    return make


def test_an_author_sees_what_was_returned_first_with_its_reason_and_then_the_drafts(as_role, proposal):
    proposal("fk-draft")
    proposal("fk-back", Action.SUBMIT, Action.RETURN, reason="why so low?")
    waits = section(as_role("author").get("/en/").text, "Waits for you")
    assert re.findall(r"fk-\w+", waits) == ["fk-back", "fk-draft"]
    assert "why so low?" in waits
    assert "fk-" not in section(as_role("approver").get("/en/").text, "Waits for you")


def test_an_approver_sees_what_is_rehearsed_and_that_the_own_must_wait_for_another(as_role, proposal):
    number = proposal("fk-theirs", Action.SUBMIT, Action.FINISH_REHEARSAL)
    proposal("fk-own", Action.SUBMIT, Action.FINISH_REHEARSAL, by="bo")
    proposal("fk-early", Action.SUBMIT)
    page = as_role("approver").get("/en/").text
    waits = section(page, "Waits for you")
    assert re.findall(r"fk-\w+", waits) == ["fk-theirs", "fk-own"]
    assert f'href="/en/proposals/{number}"' in waits
    assert waits.index("read and approve") < waits.index("another must approve")
    assert re.findall(r"fk-\w+", section(page, "Under way")) == ["fk-early"]
    assert "fk-theirs" in section(as_role("auditor").get("/en/").text, "Under way")


def test_with_nothing_to_do_the_page_says_so(as_role, desk):
    write_status(desk, "scheduler", ALIVE)
    page = as_role("auditor").get("/sv/").text
    for words in ("Inget väntar på dig", "Inget är på gång", "Det finns inga förslag"):
        assert words in page
    assert "behöver någon se till" not in page


def test_requests_runs_and_what_comes_are_under_way(as_role, desk, proposal):
    number = proposal("fk-x")
    coming = {"policy": "fk-y", "period": "2024M02", "run_at": AT, "publish_at": AT}
    running = {"what": "fk-z.2023.v1", "since": AT}
    write_status(desk, "scheduler", {**ALIVE, "running": [running], "next": [coming]})
    with desk.open() as db:
        Requests(db).ask(Kind.REHEARSE, str(number), by="anna", at=AT)
        Requests(db).ask(Kind.PAUSE, "fk-w", by="bo", at=AT, reason="a question")
    part = section(as_role("author").get("/en/").text, "Under way")
    assert "fk-x, proposal 1" in part
    assert "fk-w" in part
    assert "fk-z.2023.v1" in part
    assert "fk-y for 2024M02, 2024-03-01 13:00" in part
    assert part.count("queued") == 2


@pytest.mark.parametrize(
    ("scheduler", "keys"),
    [
        ({}, ["home.never"]),
        ({**ALIVE, "beat": ago(seconds=31)}, ["home.silent"]),
        ({**ALIVE, "beat": ago(seconds=29)}, []),
        ({**ALIVE, "trouble": ["policy fk-x cannot be read"]}, ["home.trouble"]),
        (
            {**ALIVE, "paused": {"all": {"by": "bo", "at": AT, "reason": "x"}, "policies": {
                "fk-x": {"by": "bo", "at": AT, "reason": "y"}}}},
            ["home.paused_all", "home.paused"],
        ),
    ],
)  # fmt: skip
def test_a_scheduler_that_is_silent_paused_or_in_trouble_is_told(scheduler, keys):
    assert [a.key for a in alerts(scheduler, [], [], now=START)] == keys


def run(state: str, *, period: str = "2024M01", ended: str = AT) -> dict[str, str]:
    return {"policy": "fk-x", "period": period, "state": state, "ended_at": ended, "detail": "no source"}


def test_a_run_that_failed_is_told_until_a_later_one_of_its_period_did_not():
    def told(*runs):
        return [a.values["period"] for a in alerts(ALIVE, runs, [], now=START)]

    assert told(run("failed")) == ["2024M01"]
    assert told(run("published"), run("failed")) == []
    assert told(run("failed"), run("failed")) == ["2024M01"]
    assert told(run("published", period="2024M02"), run("failed")) == ["2024M01"]
    assert told(run("failed", ended=ago(days=31))) == []


def test_a_budget_that_will_run_out_is_told():
    forecast = {"reached_on": "2024-09-15", "reached_by": "fk-x", "refused": 3}
    years = [{"agency": "fk", "year": 2024, "forecast": forecast}, {"agency": "fk", "year": 2023, "forecast": {}}]
    (found,) = alerts(ALIVE, [], years, now=START)
    assert (found.key, found.endpoint, found.values["refused"]) == ("home.budget", "account.account", 3)


def test_what_is_told_stands_on_the_page_in_words_and_leads_on(as_role, desk):
    write_status(desk, "scheduler", {**ALIVE, "beat": ago(minutes=5)})
    write_status(desk, "runs", {"runs": [run("failed")]})
    page = as_role("auditor").get("/sv/").text
    assert "Schemaläggaren har inte hörts av sedan 2024-03-01 12:55" in page
    assert "Körningen av fk-x för 2024M01 misslyckades 2024-03-01 13:00: no source" in page
    assert 'href="/sv/runs"' in page


def rows(*actions: str, subject: str = "anna") -> list[dict[str, str]]:
    return [{"action": a, "subject": subject} for a in actions]


def test_failed_logins_are_told_that_came_between_the_last_two_logins():
    assert failures_since_last_login(rows("login", "failed-login", "failed-login", "login"), "anna") == 2
    assert failures_since_last_login(rows("failed-login", "login", "login"), "anna") == 0
    assert failures_since_last_login(rows("failed-login", "login"), "anna") == 1
    assert failures_since_last_login(rows("failed-login"), "anna") == 0
    assert failures_since_last_login(rows("login", "failed-login", "login", subject="bo"), "anna") == 0


def test_who_was_guessed_at_is_told_on_the_next_visit(visitor, account, clock):
    account("anna")
    visitor("203.0.113.1").login("anna", code="000000")
    anna = visitor()
    anna.login("anna")
    assert "Ett misslyckat försök att logga in med ditt namn" in anna.get("/sv/").text


def test_who_has_few_recovery_codes_left_is_told(visitor, account, desk, clock):
    codes = account("anna")
    anna = visitor()
    with desk.open() as db:
        for code in codes[:6]:
            Accounts(db).sign_in("anna", password="tre gamla ekor vid bryggan", code=code, now=START)
    anna.login("anna", code=codes[6])
    assert "Du har 3 reservkoder kvar" in anna.get("/sv/").text


def test_what_changed_is_told_newest_first_and_logins_are_no_change(as_role, desk):
    with desk.open() as db:
        log = ActionLog(db)
        for action in ("account-made", "login", "submit", "read-log", "approve", "export-log", "session-ended"):
            log.write(at=AT, actor="bo", action=action, subject="fk-x", detail="")
        assert [r["action"] for r in happened(log.rows(), 8)] == ["approve", "submit", "account-made"]
        assert [r["action"] for r in happened(log.rows(), 1)] == ["approve"]
    part = section(as_role("auditor").get("/sv/").text, "Det senaste")
    assert part.index("godkände: fk-x") < part.index("lämnade in: fk-x")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{ 7*7 }}", "{0}", '"><img src=x>'])
def test_what_somebody_wrote_is_shown_as_it_is_and_never_run(as_role, proposal, text):
    proposal("fk-back", Action.SUBMIT, Action.RETURN, reason=text)
    page = as_role("author").get("/sv/").text
    assert "<script>" not in page
    assert "<img" not in page
    assert "49" not in section(page, "Väntar på dig")
