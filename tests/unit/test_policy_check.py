"""Policies against declarations and against each other."""

from pathlib import Path

import pytest

from publisher.policy.check import check_policies, may_share_records
from publisher.policy.loader import LoadedPolicy, load_policy
from publisher.settings import load_settings

ROOT = Path(__file__).parents[2]
NOISE = (ROOT / "policies" / "fk-ohalsa.yaml").read_text(encoding="utf-8")
SUPPRESSED = (ROOT / "policies" / "fk-familj-bostad.yaml").read_text(encoding="utf-8")
SETTINGS = load_settings(ROOT / "publisher" / "demo.toml")


def loaded(tmp_path: Path, text: str) -> LoadedPolicy:
    name = text.split("policy: ")[1].split("\n", maxsplit=1)[0]
    path = tmp_path / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return load_policy(path)


def messages(tmp_path: Path, *texts: str) -> str:
    return "\n".join(map(str, check_policies([loaded(tmp_path, t) for t in texts], SETTINGS)))


def renamed(text: str, policy: str, table: str) -> str:
    return (
        text.replace("policy: fk-ohalsa", f"policy: {policy}")
        .replace("policy: fk-familj-bostad", f"policy: {policy}")
        .replace("id: fk-ohalsa-omradestyp", f"id: {table}")
        .replace("id: fk-familj-bostad-regso", f"id: {table}")
    )


def test_the_policies_of_the_project_hold_together(tmp_path: Path) -> None:
    assert messages(tmp_path, NOISE, SUPPRESSED) == ""


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("agency: forsakringskassan", "agency: polisen", "agency polisen is not declared"),
        ("source: fk-cases", "source: other", "source other is not declared"),
        ("where: {benefit: [sjukpenning,", "where: {benefit: [sjukpeng,", "code sjukpeng is not declared"),
        ("where: {benefit:", "where: {kommun:", "column kommun is not declared"),
        ("edition: regso-2020", "edition: regso-2025", "edition regso-2025 is not that of source"),
        ("type_year: same", 'type_year: "1999"', "no area types of 1999"),
        ("- {column: sex, total: true}", "- {column: shoe, total: true}", "column shoe is not declared"),
        ("denominator: population-16-66", "denominator: nobody", "population nobody is not declared"),
        ("timezone: Europe/Stockholm", "timezone: Europe/Atlantis", "timezone Europe/Atlantis"),
        ("estimate: unbiased", "estimate: non-negative-integers", "not available yet"),
        ("{id: persons, kind: persons}", "{id: persons, kind: cases}", "noise protects counts of persons"),
        ('rho: "0.1"', 'rho: "0.2"', "the cap is 0.125"),
    ],
)
def test_a_noise_policy_that_cannot_run_is_reported(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert before in NOISE
    assert message in messages(tmp_path, NOISE.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("{id: cases, kind: cases}", "{id: cases, kind: persons}", "persons under suppression are not available"),
        ("areas: [riket, lan, kommun,", "areas: [riket, kommun,", "need level lan too"),
        ("areas: [riket, lan, kommun, regso, area_type]", "areas: [riket, lan_area_type]", "need level lan too"),
        ("counted: persons ", "counted: cases ", "many cases can be one person's"),
        ("insiders: false", "insiders: true", "not available yet"),
        ("forced: [riket]", "forced: [lan_area_type]", "not one of the table's areas"),
    ],
)
def test_a_suppressed_policy_that_cannot_run_is_reported(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert before in SUPPRESSED
    assert message in messages(tmp_path, SUPPRESSED.replace(before, after))


def test_one_body_by_noise_and_by_suppression_is_refused_with_the_line_of_where(tmp_path: Path) -> None:
    other = SUPPRESSED.replace("[foraldrapenning,", "[sjukpenning, foraldrapenning,")
    found = messages(tmp_path, other, NOISE)
    assert "exact cells would bound the noisy ones" in found
    line = next(n for n, text in enumerate(NOISE.splitlines(), 1) if text.startswith("where:"))
    assert f"fk-ohalsa.yaml:{line}:" in found


def test_one_body_suppressed_in_two_policies_is_refused(tmp_path: Path) -> None:
    assert "protected together" in messages(tmp_path, SUPPRESSED, renamed(SUPPRESSED, "fk-two", "fk-two-regso"))


def test_two_noise_policies_of_one_body_are_allowed_within_the_cap(tmp_path: Path) -> None:
    small = NOISE.replace('rho: "0.1"', 'rho: "0.02"')
    assert messages(tmp_path, small, renamed(small, "fk-two", "fk-two-omradestyp")) == ""


def test_noise_policies_over_the_cap_together_are_refused(tmp_path: Path) -> None:
    both = messages(tmp_path, NOISE, renamed(NOISE, "fk-two", "fk-two-omradestyp"))
    assert "charge rho 0.2 a year together" in both


def test_a_table_id_belongs_to_one_policy(tmp_path: Path) -> None:
    two = renamed(SUPPRESSED, "fk-two", "fk-ohalsa-omradestyp")
    assert "table id fk-ohalsa-omradestyp is used by policy" in messages(tmp_path, NOISE, two)


def test_policies_share_records_unless_where_keeps_them_apart(tmp_path: Path) -> None:
    one = ("fk-cases", (("benefit", ("a", "b")),))
    assert not may_share_records(one, ("fk-cases", (("benefit", ("c",)),)))
    assert may_share_records(one, ("fk-cases", (("benefit", ("b", "c")),)))
    assert may_share_records(one, ("fk-cases", (("sex", ("woman",)),)))
    assert may_share_records(one, ("fk-copy", (("benefit", ("C",)),)))
