"""The register of what was published how: a protection chosen for a period holds for every period that overlaps it."""

from dataclasses import replace

import pytest
import sqlite_utils
from homes import ROOT

from publisher.bodies import BodyRegister, protection_of
from publisher.errors import RunError
from publisher.policy.loader import load_policy
from publisher.policy.model import Policy

NOON = "2024-01-01T12:00:00Z"
BY_NOISE = load_policy(ROOT / "policies" / "fk-sjukfall-manad.yaml").policy
SUPPRESSED = load_policy(ROOT / "policies" / "fk-familj-bostad.yaml").policy
SAME_RECORDS = replace(SUPPRESSED, where=BY_NOISE.where)


@pytest.fixture
def bodies() -> BodyRegister:
    return BodyRegister(sqlite_utils.Database(memory=True))


def test_the_two_policies_are_protected_in_two_ways_and_share_records_only_where_a_test_says_so() -> None:
    assert (protection_of(BY_NOISE), protection_of(SUPPRESSED)) == ("noise", "suppression")
    assert SAME_RECORDS.source == BY_NOISE.source
    assert set(dict(SUPPRESSED.where)["benefit"]).isdisjoint(dict(BY_NOISE.where)["benefit"])


@pytest.mark.parametrize(
    ("first", "sealed", "second", "asked"),
    [
        (BY_NOISE, "2022M03", SAME_RECORDS, "2022"),
        (BY_NOISE, "2022M03", SAME_RECORDS, "2022K1"),
        (BY_NOISE, "2022M03", SAME_RECORDS, "2022M03"),
        (SAME_RECORDS, "2022", BY_NOISE, "2022M12"),
        (SAME_RECORDS, "2022", SAME_RECORDS, "2022K4"),
        (SAME_RECORDS, "2022M06R12", SAME_RECORDS, "2022"),
        (SAME_RECORDS, "2022", SAME_RECORDS, "2022M06R12"),
        (SAME_RECORDS, "2022M06R12", replace(SAME_RECORDS, where=()), "2022M07R12"),
    ],
)
def test_an_overlapping_period_of_the_same_records_keeps_the_first_protection(
    bodies: BodyRegister, first: Policy, sealed: str, second: Policy, asked: str
) -> None:
    bodies.add(first, sealed, at=NOON)
    with pytest.raises(RunError, match="permanent for a period"):
        bodies.check(second, asked)


@pytest.mark.parametrize(
    ("first", "sealed", "second", "asked"),
    [
        (BY_NOISE, "2022M03", SAME_RECORDS, "2021"),
        (BY_NOISE, "2022M03", SAME_RECORDS, "2022K2"),
        (BY_NOISE, "2022M03", BY_NOISE, "2022"),
        (BY_NOISE, "2022M03", SUPPRESSED, "2022"),
        (SAME_RECORDS, "2022", SAME_RECORDS, "2022"),
        (SAME_RECORDS, "2022M06R12", SAME_RECORDS, "2022M07R12"),
    ],
)
def test_another_time_noise_twice_other_records_rolling_years_and_the_same_run_again_are_free(
    bodies: BodyRegister, first: Policy, sealed: str, second: Policy, asked: str
) -> None:
    bodies.add(first, sealed, at=NOON)
    bodies.check(second, asked)


def test_a_table_id_belongs_to_one_policy_in_every_period(bodies: BodyRegister) -> None:
    bodies.add(BY_NOISE, "2022M03", at=NOON)
    with pytest.raises(RunError, match="belongs to policy fk-sjukfall-manad"):
        bodies.check(replace(BY_NOISE, id="another"), "2019")
