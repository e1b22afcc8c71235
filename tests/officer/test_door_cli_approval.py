"""Approval from the command line asks what the page asks."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from homes import ROOT, make_home

from publisher.cli.main import publisher
from publisher.desk.accounts import Accounts
from publisher.desk.proposals import Proposals
from publisher.home import Home
from publisher.policy.proposals import Action

POLICY, AT, PASSWORD = "fk-familj-bostad", "2024-01-01T00:00:00Z", "a long enough phrase"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home", (), policies=(POLICY,))


@pytest.fixture
def codes(home: Home) -> dict[str, list[str]]:
    """Recovery codes of an author and an approver, by name."""
    with home.desk.open() as db:
        return {
            name: list(Accounts(db).add(name, role=role, password=PASSWORD, by="cli", at=AT).recovery)
            for name, role in (("anna", "author"), ("bo", "approver"))
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
