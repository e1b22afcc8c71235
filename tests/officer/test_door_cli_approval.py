"""Approval from the command line asks what the page asks."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from homes import ROOT, make_home

from publisher.activation import retire
from publisher.cli.main import publisher
from publisher.desk.accounts import Accounts
from publisher.desk.deputies import Deputies
from publisher.desk.proposals import Proposals
from publisher.home import Home
from publisher.log import utc
from publisher.policy.proposals import Action
from publisher.workspace import open_workspace

POLICY, AT, PASSWORD = "fk-familj-bostad", "2024-01-01T00:00:00Z", "a long enough phrase"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home", (), policies=(POLICY,))


@pytest.fixture
def codes(home: Home) -> dict[str, list[str]]:
    """Recovery codes of an author, an approver and an auditor, by name."""
    with home.desk.open() as db:
        return {
            name: list(Accounts(db).add(name, role=role, password=PASSWORD, by="cli", at=AT).recovery)
            for name, role in (("anna", "author"), ("bo", "approver"), ("disa", "auditor"))
        }


def say(home: Home, code: str, *arguments: str) -> Result:
    given = ["--password", PASSWORD, "--code", code, "--home", str(home.root)]
    return CliRunner().invoke(publisher, [*arguments, *given])


def test_a_weaker_policy_is_approved_with_a_reason_and_under_the_names_of_the_accounts(
    home: Home, codes: dict[str, list[str]], tmp_path: Path
) -> None:
    text = (ROOT / "policies" / f"{POLICY}.yaml").read_text(encoding="utf-8")
    assert "threshold: 5" in text
    file = tmp_path / f"{POLICY}.yaml"
    file.write_text(text.replace("threshold: 5", "threshold: 4"), encoding="utf-8")
    digest = say(home, codes["anna"].pop(), "policy", "submit", str(file), "--as", "ANNA").output.strip()
    with home.desk.open() as desk:
        Proposals(desk).carried(1, Action.FINISH_REHEARSAL, digest=digest, at=AT)
    approve = ("policy", "approve", POLICY, "--digest", digest, "--as", "Bo")
    assert "approve it with --reason TEXT" in str(say(home, codes["bo"].pop(), *approve).exception)
    assert b"threshold: 5" in (home.active / f"{POLICY}.yaml").read_bytes()
    assert "is in force" in say(home, codes["bo"].pop(), *approve, "--reason", "agreed with the board").output
    with home.desk.open() as desk:
        made = Proposals(desk).get(1)
    assert (made.editors, made.approver, made.reason) == (frozenset({"anna"}), "bo", "agreed with the board")


def proposed(home: Home, codes: dict[str, list[str]], file: Path) -> str:
    """A policy file, proposed by Anna and rehearsed; its digest."""
    digest = say(home, codes["anna"].pop(), "policy", "submit", str(file), "--as", "anna").output.strip()
    with home.desk.open() as desk:
        number = max(p.id for p in Proposals(desk).all())
        Proposals(desk).carried(number, Action.FINISH_REHEARSAL, digest=digest, at=AT)
    return digest


def test_a_deputy_approves_while_the_time_lasts_and_not_before(
    home: Home, codes: dict[str, list[str]], tmp_path: Path
) -> None:
    file = tmp_path / f"{POLICY}.yaml"
    file.write_text((ROOT / "policies" / f"{POLICY}.yaml").read_text("utf-8").replace("day: 15", "day: 16"), "utf-8")
    approve = ("policy", "approve", POLICY, "--digest", proposed(home, codes, file), "--as", "disa")
    assert "account disa has not the role approver" in str(say(home, codes["disa"].pop(), *approve).exception)
    today = datetime.now(ZoneInfo("Europe/Stockholm")).date().isoformat()
    with home.desk.open() as desk:
        accounts = Accounts(desk)
        bo = accounts.find("bo")
        assert bo
        Deputies(desk).name("disa", by=bo, first=today, last=today, reason="away", at=utc(datetime.now(UTC)))
    assert "is in force" in say(home, codes["disa"].pop(), *approve).output
    with home.desk.open() as desk:
        assert Proposals(desk).get(1).approver == "disa"


def test_a_retired_policy_that_comes_back_weaker_needs_a_reason(
    home: Home, codes: dict[str, list[str]], tmp_path: Path
) -> None:
    text, file = (ROOT / "policies" / f"{POLICY}.yaml").read_text("utf-8"), tmp_path / f"{POLICY}.yaml"
    file.write_text(text.replace("threshold: 5", "threshold: 9"), "utf-8")
    approve = ("policy", "approve", POLICY, "--as", "bo", "--digest")
    assert "is in force" in say(home, codes["bo"].pop(), *approve, proposed(home, codes, file)).output
    with open_workspace(home, exclusive=True) as work:
        retire(POLICY, home=home, log=work.log, by="bo", at=AT, reason="a pause")
    file.write_text(text.replace("threshold: 5", "threshold: 8"), "utf-8")
    digest = proposed(home, codes, file)
    assert "approve it with --reason TEXT" in str(say(home, codes["bo"].pop(), *approve, digest).exception)
    assert "is in force" in say(home, codes["bo"].pop(), *approve, digest, "--reason", "agreed").output
