"""Policies against declarations and against each other."""

from dataclasses import replace
from pathlib import Path

import pytest

from publisher.errors import PolicyError
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
        ("edition: regso-2020", "edition: regso-2025", "edition regso-2025 is not declared"),
        ("type_year: same", 'type_year: "1999"', "no area types of 1999"),
        ("- {column: sex, total: true}", "- {column: shoe, total: true}", "column shoe is not declared"),
        ("denominator: population-16-66", "denominator: nobody", "population nobody is not declared"),
        ("timezone: Europe/Stockholm", "timezone: Europe/Atlantis", "timezone Europe/Atlantis"),
        (
            "weights: all-levels-alike",
            'weights: {base: all-levels-alike, groups: [{area: kommun, categories: [sex], times: "2"}]}',
            "kommun is not one of the table's areas",
        ),
        (
            "weights: all-levels-alike",
            'weights: {base: all-levels-alike, groups: [{area: riket, categories: [shoe], times: "2"}]}',
            "column shoe is not a column of the table",
        ),
        ('rho: "0.05"', 'rho: "0.2"', "the cap is 0.125"),
    ],
)
def test_a_noise_policy_that_cannot_run_is_reported(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert before in NOISE
    assert message in messages(tmp_path, NOISE.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("areas: [riket, lan, kommun,", "areas: [riket, kommun,", "need level lan too"),
        ("areas: [riket, lan, kommun, regso, area_type]", "areas: [riket, lan_area_type]", "need level lan too"),
        ("counted: persons ", "counted: cases ", "many cases can be one person's"),
        ("kind: cases}", "kind: persons_distinct}", "insiders: true is not available for persons_distinct"),
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
    small = NOISE.replace('rho: "0.05"', 'rho: "0.02"')
    assert messages(tmp_path, small, renamed(small, "fk-two", "fk-two-omradestyp")) == ""


def test_noise_policies_over_the_cap_together_are_refused(tmp_path: Path) -> None:
    large = NOISE.replace('rho: "0.05"', 'rho: "0.1"')
    both = messages(tmp_path, large, renamed(large, "fk-two", "fk-two-omradestyp"))
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


AMOUNTS = (ROOT / "policies" / "fk-underhallsstod.yaml").read_text(encoding="utf-8")
PERSONS = (ROOT / "policies" / "fk-assistans.yaml").read_text(encoding="utf-8")
MONTHLY = (ROOT / "policies" / "fk-sjukfall-manad.yaml").read_text(encoding="utf-8")
BOTH_BENEFITS = (ROOT / "policies" / "fk-ohalsa-forman.yaml").read_text(encoding="utf-8")


def test_all_policies_of_the_project_hold_together_in_one_account(tmp_path: Path) -> None:
    assert messages(tmp_path, NOISE, SUPPRESSED, AMOUNTS, PERSONS, MONTHLY, BOTH_BENEFITS) == ""


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("kind: sum, of: amount}", "kind: sum, of: money}", "amount money is not declared for source fk-cases"),
        ("{id: mean, kind: mean, of: amount}", "{id: again, kind: sum, of: amount}", "an amount is summed twice"),
        ("of: amount}\n      - {id: me", 'of: amount, rho: "0.01"}\n      - {id: me', "rho and clamp belong to noise"),
        (
            "          - {dominance: {n: 1, k: \"75\"}}\n          - {p_percent: \"10\"}\n", "",
            "sums need dominance or p_percent",
        ),
        (
            "      - {id: amount, kind: sum, of: amount}\n      - {id: mean, kind: mean, of: amount}\n", "",
            "are about sums; this table has none",
        ),
        ("- {min_contributors: 3}", "- {share: {persons: 20, having: 4}}", "about persons; this table counts none"),
    ],
)  # fmt: skip
def test_a_policy_of_amounts_that_cannot_be_meant_is_reported(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in AMOUNTS
    assert message in messages(tmp_path, AMOUNTS.replace(before, after))


NOISY_SUM = NOISE.replace(
    "      - {id: persons, kind: persons}\n",
    '      - {id: cases, kind: cases}\n      - {id: paid, kind: sum, of: amount, rho: "0.01", clamp: {all: "90000"}}\n',
).replace("of: persons", "of: cases")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("", "", ""),
        (', clamp: {all: "90000"}', "", "needs a rho and a clamp"),
        ('rho: "0.01", ', "", "needs a rho and a clamp"),
        ('{all: "90000"}', '{column: benefit, bounds: {vab: "9"}}', "clamp.column benefit is not a column"),
        ('{all: "90000"}', '{column: sex, bounds: {woman: "9"}}', "a number for every declared code of sex"),
    ],
)
def test_a_noisy_sum_needs_a_budget_and_a_clamp_of_its_own(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in NOISY_SUM
    found = messages(tmp_path, NOISY_SUM.replace(before, after))
    assert message in found if message else found == ""


def test_persons_are_bounded_by_a_declared_population_of_everyone(tmp_path: Path) -> None:
    settings = replace(SETTINGS, populations={k: replace(p, everyone=False) for k, p in SETTINGS.populations.items()})
    found = "\n".join(map(str, check_policies([loaded(tmp_path, PERSONS)], settings)))
    assert "declare one with everyone = true" in found


def test_a_person_counts_once_in_a_cell(tmp_path: Path) -> None:
    text = NOISE.replace("area: last}", "area: last, per_cell: 2}")
    assert "bound.per_cell is about cases" in messages(tmp_path, text)


def test_twelve_months_charge_the_account_of_a_year(tmp_path: Path) -> None:
    assert "charge rho 0.24 a year together" in messages(tmp_path, MONTHLY.replace('rho: "0.003"', 'rho: "0.02"'))


def test_the_reference_year_decides_the_edition_where_records_carry_codes_of_their_own_year(tmp_path: Path) -> None:
    text = NOISE.replace("edition: regso-2020", "edition: reference-year")
    assert "not that of source" in messages(tmp_path, text)
    source = replace(SETTINGS.sources["fk-cases"], edition="reference-year")
    found = check_policies([loaded(tmp_path, text)], replace(SETTINGS, sources={"fk-cases": source}))
    assert found == []
    found = check_policies([loaded(tmp_path, NOISE)], replace(SETTINGS, sources={"fk-cases": source}))
    assert "not that of source" in str(found[0])


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"placing": "deso"}, "declares no deso_key"),
        ({"placing": "coordinates", "area": "", "edition": "", "east": "e", "north": "n"}, "declares no geometry"),
    ],
)
def test_placing_needs_the_files_it_places_by(tmp_path: Path, changes: dict[str, str], what: str) -> None:
    source = replace(SETTINGS.sources["fk-cases"], **changes)
    bare = {name: replace(files, geometry="") for name, files in SETTINGS.geography.items()}
    settings = replace(SETTINGS, sources={"fk-cases": source}, geography=bare)
    found = check_policies([loaded(tmp_path, NOISE)], settings)
    assert [what in str(p) for p in found] == [True]


def test_tables_by_deso_are_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="1 754 RegSO are one DeSO"):
        loaded(tmp_path, SUPPRESSED.replace("kommun, regso, area_type]", "kommun, deso]"))


ROLLING = (
    SUPPRESSED.replace("type_year: same", 'type_year: "2022"')
    .replace("every: year, month: 2", "every: month, window: rolling-year")
    .replace("insiders: true", "insiders: false")
)
MONTHLY_NOISE = NOISE.replace("every: year, month: 2", "every: month, window: rolling-year")


def test_rolling_years_of_counts_under_suppression_are_allowed(tmp_path: Path) -> None:
    assert messages(tmp_path, ROLLING) == ""


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('type_year: "2022"', "type_year: same", "rolling years need one type_year"),
        ("edition: regso-2020", "edition: reference-year", "rolling years need one edition"),
        ("kind: cases}", "kind: persons_distinct}", "different persons of a window do not add up"),
        ("zeros: published", "zeros: protected", "rolling years need zeros: published"),
        ("insiders: false", "insiders: true", "insiders are not protected from each other"),
        ("{threshold: 5}", "{threshold: 5}, {share: {persons: 20, having: 4}}", "share is not available for rolling"),
        ("{id: cases, kind: cases}", "{id: cases, kind: cases}\n      - {id: paid, kind: sum, of: amount}",
         "rolling years of sums cannot be protected jointly"),
    ],
)  # fmt: skip
def test_rolling_years_that_cannot_be_protected_jointly_are_refused(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in ROLLING
    assert message in messages(tmp_path, ROLLING.replace(before, after))


def test_rolling_years_under_noise_are_refused_since_each_would_charge_every_year_it_touches(tmp_path: Path) -> None:
    assert MONTHLY_NOISE != NOISE
    assert "each would charge every reference year" in messages(tmp_path, MONTHLY_NOISE)
