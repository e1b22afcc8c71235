"""`noise plan`: what a policy will measure, from the policy and the register alone."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from homes import make_cases, make_home

from publisher.cli.main import publisher
from publisher.home import Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    policies = ("fk-ohalsa", "fk-ohalsa-forman", "fk-assistans")
    return make_home(tmp_path_factory.mktemp("plan") / "home", make_cases(persons=200), policies=policies)


def planned(home: Home, policy: str, *more: str) -> tuple[int, str, str]:
    at = ["--home", str(home.root), "noise", "plan", policy, "--period", "2022", *more]
    done = CliRunner().invoke(publisher, at)
    return done.exit_code, done.stdout, f"{done.stderr}{done.exception or ''}"


def test_the_plan_says_noise_and_error_of_every_group_and_how_far_the_limit_is(home: Home) -> None:
    code, out, _ = planned(home, "fk-ohalsa", "--json")
    plan = json.loads(out)
    assert code == 0
    assert {"policy", "period", "rho", "groups", "total_squared_error", "uniform_total_squared_error", "parts"} == set(
        plan
    )
    assert plan["rho"] == "0.05"
    levels = {g["area_level"] for g in plan["groups"]}
    assert levels == {"riket", "lan", "area_type", "lan_area_type"}
    assert len(plan["groups"]) == 4 * 4
    assert all(0 < g["rmse"] <= g["sigma"] * (1 + 1e-6) for g in plan["groups"])
    (part,) = plan["parts"]
    assert part["limit_is_tight"] is True
    assert 1 <= part["ratio_to_limit"] < 1.1
    assert part["weighted_squared_error"] == pytest.approx(part["ratio_to_limit"] * part["limit"], rel=1e-3)
    assert plan["total_squared_error"] < plan["uniform_total_squared_error"]


def test_the_parts_of_different_persons_are_planned_apart_and_sum_to_the_rho(home: Home) -> None:
    plan = json.loads(planned(home, "fk-ohalsa-forman", "--json")[1])
    assert [p["part"] for p in plan["parts"]] == ["fk-ohalsa-forman/persons/benefit", "fk-ohalsa-forman/persons/TOT"]
    assert sum(float(p["rho"]) for p in plan["parts"]) == pytest.approx(float(plan["rho"]))
    assert sum(p["total_squared_error"] for p in plan["parts"]) == pytest.approx(plan["total_squared_error"], rel=1e-4)


def test_the_plan_in_words_reads_no_record(home: Home) -> None:
    records = list((home.root / "data").glob("cases*"))
    assert records
    held = {f: f.read_bytes() for f in records}
    for file in records:
        file.unlink()
    try:
        code, out, _ = planned(home, "fk-ohalsa")
    finally:
        for file, data in held.items():
            Path(file).write_bytes(data)
    assert code == 0
    assert "times the least that any unbiased Gaussian mechanism has" in out
    assert "lan_area_type" in out


def test_a_suppressed_policy_has_nothing_to_plan(home: Home) -> None:
    code, _, err = planned(home, "fk-assistans")
    assert code != 0
    assert "no table that is protected by noise" in err
