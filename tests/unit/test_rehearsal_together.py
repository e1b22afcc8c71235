"""What is told before a run of tables that are measured together: the plan, the expected errors, the budget."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from homes import make_cases
from sharedpolicies import FIRST, SECOND, shared_home

from publisher.cli.main import publisher
from publisher.home import Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return shared_home(tmp_path_factory.mktemp("together"), make_cases(persons=150))


def told(home: Home, *command: str) -> str:
    done = CliRunner().invoke(publisher, ["--home", str(home.root), *command, "--period", "2022"])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_plan_is_one_part_of_both_tables_with_every_group_that_one_of_them_shows(home: Home) -> None:
    plan = json.loads(told(home, "noise", "plan", "fk-delad", "--json"))
    (part,) = plan["parts"]
    assert (part["part"], part["tables"], part["rho"]) == (f"{FIRST}/persons", [FIRST, SECOND], "0.05")
    assert len(plan["groups"]) == 5 * 2 + 3 * 6
    assert 1 <= part["ratio_to_limit"] < 1.3
    assert sum(float(g["rho"]) for g in plan["groups"]) == pytest.approx(0.05)
    assert {g["area_level"] for g in plan["groups"] if "sex" in g["attributes"]} == {"riket", "lan", "kommun"}
    words = told(home, "noise", "plan", "fk-delad")
    assert f"Measured once, and shown by {FIRST}, {SECOND}: the rho is that of all of them." in words


def test_a_rehearsal_tells_one_charge_and_the_errors_that_each_table_has(home: Home) -> None:
    found = json.loads(told(home, "rehearse", "fk-delad", "--json"))
    assert (found["rho"], found["account"]["left_after"]) == ("0.05", "0.075")
    assert [t["table"] for t in found["tables"]] == [FIRST, SECOND]
    assert all(t["together"] == [FIRST, SECOND] for t in found["tables"])
    assert all(t["parts"] == [{"part": f"{FIRST}/persons", "rho": "0.05"}] for t in found["tables"])
    errors = [{(g["area_level"], *g["attributes"]): g["expected_error"] for g in t["groups"]} for t in found["tables"]]
    both = errors[0].keys() & errors[1].keys()
    assert len(both) == 3 * 2
    assert all(errors[0][k] == errors[1][k] for k in both)
    assert f"once for {FIRST}, {SECOND}" in " ".join(told(home, "rehearse", "fk-delad").split())


def test_every_table_by_itself_is_an_alternative_with_larger_errors_at_the_same_rho(home: Home) -> None:
    found = json.loads(told(home, "rehearse", "fk-delad", "--alternative", "apart", "--json"))
    (apart,) = found["alternatives"]
    assert (apart["name"], apart["refused"], apart["rho"]) == ("apart", "", "0.05")
    for own, alone in zip(found["tables"], apart["tables"], strict=True):
        assert alone["together"] == []
        assert squares(own) < squares(alone)


def squares(table: dict) -> float:
    return sum(g["cells"] * g["expected_error"] ** 2 for g in table["groups"])


def test_the_plan_reads_no_record(home: Home, tmp_path: Path) -> None:
    (records,) = (home.root / "data").glob("cases*")
    held = records.read_bytes()
    records.unlink()
    try:
        assert FIRST in told(home, "noise", "plan", "fk-delad")
    finally:
        records.write_bytes(held)
