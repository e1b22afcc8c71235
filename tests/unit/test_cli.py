"""The commands: JSON on standard output and nothing else, exit codes, home before or after."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from homes import ROOT, make_cases, make_home

from publisher.desk.proposals import Proposals
from publisher.home import Home
from publisher.policy.proposals import Action


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make_home(tmp_path_factory.mktemp("cli") / "home", make_cases(persons=250))


def call(*args: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "publisher", *args]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=env)


def test_the_commands_of_one_period_from_check_to_withdrawal(home: Home) -> None:
    at = ("--home", str(home.root))
    checked = call("source", "check", "fk-cases", "--period", "2022", "--json", *at)
    assert json.loads(checked.stdout)["rows"] > 250
    assert call("policy", "check", *at).returncode == 0
    rehearsal = json.loads(call("rehearse", "fk-ohalsa", "--period", "2022", "--json", *at).stdout)
    assert rehearsal["rho"] == "0.05"
    assert rehearsal["account"]["left_after"] == "0.075"
    holes = json.loads(call("rehearse", "fk-familj-bostad", "--period", "2022", "--json", *at).stdout)
    assert holes["tables"][0]["primary"] > 0
    assert any("would be withheld" in w for w in holes["warnings"])

    for policy in ("fk-ohalsa", "fk-familj-bostad"):
        ran = json.loads(call(*at, "run", policy, "--period", "2022", "--json").stdout)
        assert ran["release"] == f"{policy}.2022.v1"
        assert set(ran) == {"release", "tables", "path", "rho", "ledger", "seconds"}
        audited = call("audit", ran["release"], "--json", *at)
        assert audited.returncode == 0
        assert json.loads(audited.stdout)["verdict"] == "passed"

    shown = json.loads(call("ledger", "show", "--json", *at).stdout)
    assert shown["accounts"][0]["charged"] == "0.05"
    assert call("ledger", "verify", *at).returncode == 0
    assert json.loads(call("verify", "--json", *at).stdout)["ok"] is True
    assert json.loads(call("schedule", "--once", "--json", *at).stdout)["outcomes"]
    listed = json.loads(call("release", "list", "--json", *at).stdout)["releases"]
    assert {r["state"] for r in listed} == {"published"}
    assert json.loads(call("release", "show", "fk-ohalsa.2022.v1", "--json", *at).stdout)["contents"][0]["cells"] > 100
    assert call("release", "withdraw", "fk-ohalsa.2022.v1", "--reason", "a test", *at).returncode == 0


def test_what_is_refused_has_exit_code_1_and_one_reason(home: Home) -> None:
    answer = call("run", "nobody", "--home", str(home.root))
    assert answer.returncode == 1
    assert answer.stderr.strip().endswith("policy nobody is not active; active: fk-familj-bostad, fk-ohalsa")
    assert "Traceback" not in answer.stderr


def test_wrong_usage_has_exit_code_2(home: Home) -> None:
    assert call("run").returncode == 2
    assert call("run", "fk-ohalsa", "--period", "2022-01", "--home", str(home.root)).returncode == 2


def test_every_problem_of_a_policy_is_printed_as_file_and_line(home: Home, tmp_path: Path) -> None:
    text = (ROOT / "policies" / "fk-ohalsa.yaml").read_text(encoding="utf-8")
    bad = tmp_path / "fk-ohalsa.yaml"
    bad.write_text(text.replace('rho: "0.05"', "rho: 0.05").replace("agency:", "agenci:"), encoding="utf-8")
    answer = call("policy", "check", str(bad), "--home", str(home.root))
    assert answer.returncode == 1
    assert [line.split(": ")[0] for line in answer.stdout.splitlines()] == [f"{bad}:2", f"{bad}:3", f"{bad}:28"]


def test_a_policy_is_put_in_force_by_two_people(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", make_cases(persons=50))
    at = ("--home", str(home.root))
    secret = {"PUBLISHER_PASSWORD": "a long enough phrase", "PATH": ""}
    codes = {}
    for name, role in (("anna", "author"), ("bo", "approver"), ("cleo", "author")):
        made = call("officer", "add", name, "--role", role, "--json", *at, env=secret)
        codes[name] = json.loads(made.stdout)["recovery"]
    file = tmp_path / "fk-ohalsa.yaml"
    text = (ROOT / "policies" / "fk-ohalsa.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace('rho: "0.05"', 'rho: "0.05"'), encoding="utf-8")
    submit = ("policy", "submit", str(file), "--as", "anna", *at)
    assert "no open account" in call(*submit, env={**secret, "PUBLISHER_CODE": "123456"}).stderr
    digest = call(*submit, env={**secret, "PUBLISHER_CODE": codes["anna"].pop()}).stdout.strip()
    assert len(digest) == 64

    def approve(name: str, given: str, password: str = "a long enough phrase") -> str:
        done = call(
            "policy", "approve", "fk-ohalsa", "--digest", given, "--as", name, *at,
            env={**secret, "PUBLISHER_PASSWORD": password, "PUBLISHER_CODE": codes[name].pop()},
        )  # fmt: skip
        return done.stdout + done.stderr

    assert "anna has not the role approver" in approve("anna", digest)
    assert "no open account" in approve("bo", digest, "another long phrase")
    assert "nothing with digest" in approve("bo", "0" * 64)
    assert "a proposal that is submitted has no way to approve" in approve("bo", digest)
    with home.desk.open() as desk:
        Proposals(desk).carried(1, Action.FINISH_REHEARSAL, digest=digest, at="2024-01-01T00:00:00Z")
    assert "is in force" in approve("bo", digest)
    assert b'rho: "0.05"' in (home.active / "fk-ohalsa.yaml").read_bytes()


def test_an_author_does_not_approve_the_own_policy(tmp_path: Path) -> None:
    from publisher.activation import activate
    from publisher.errors import PolicyError
    from publisher.log import ActionLog

    home = make_home(tmp_path / "home", make_cases(persons=50))
    db = home.state()
    policy = home.active / "fk-ohalsa.yaml"
    with pytest.raises(PolicyError, match="must not be the author"):
        activate(policy, home=home, log=ActionLog(db), author="anna", approver="anna", at="now")
    db.close()


def test_a_weak_password_is_refused(home: Home) -> None:
    weak = {"PUBLISHER_PASSWORD": "aaaaaaaaaaaaaaaaaaaa", "PATH": ""}
    answer = call("officer", "add", "dan", "--role", "author", "--home", str(home.root), env=weak)
    assert answer.returncode == 1
    assert "at least 15 characters" in answer.stderr
