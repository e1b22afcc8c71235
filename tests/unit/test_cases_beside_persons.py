"""Persons and their cases in one noise table: two measurements, one bound, and numbers that fit together."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from homes import ROOT, make_cases, make_home, put_in_force
from noisetables import count, measure_all, no_noise, seeded, table_of, terms
from test_noise_combine import KEYS, people

from publisher.noise.combine import estimates
from publisher.noise.parts import parts_of
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.policy.check import check_policies
from publisher.policy.loader import load_policy, read_policy
from publisher.policy.model import ContributionBound, EstimateKind, MeasureSpec, TableSpec
from publisher.preparation import RunRequest
from publisher.settings import load_settings
from publisher.workspace import open_workspace

PERSONS, CASES = MeasureSpec("persons", "persons"), MeasureSpec("cases", "cases", rho=Fraction(1, 20))
TERMS = terms(bound=ContributionBound(3, "last", per_cell=2))
NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
OHALSA = (ROOT / "policies" / "fk-ohalsa.yaml").read_text(encoding="utf-8")


def spec() -> TableSpec:
    return table_of(KEYS, [PERSONS, CASES], TERMS)


def test_each_count_has_a_measurement_of_its_own_under_one_bound() -> None:
    persons, cases = parts_of(spec(), KEYS)
    assert (persons.quantity.kind, persons.quantity.most) == ("persons", 1)
    assert (cases.quantity.kind, cases.quantity.most, cases.rho_units) == ("cases", 2, 50_000_000)
    assert persons.keys is cases.keys
    assert spec().rho == TERMS.rho + Fraction(1, 20)


def test_without_noise_both_are_the_bounded_counts() -> None:
    counts = {p.name: count(people(), p) for p in parts_of(spec(), KEYS)}
    for kind in EstimateKind:
        found = estimates(measure_all(spec(), KEYS, counts, no_noise), spec(), KEYS, kind=kind, signed=())
        assert found["persons"].values[0, 3, 2].sum() == counts["t/persons"][:].sum()
        assert found["cases"].values[0, 3, 2].sum() == counts["t/cases"][:].sum()


def test_as_integers_nobody_is_counted_without_a_case_and_no_case_without_a_person() -> None:
    """In every cell: persons <= cases <= as many as count of a person; unbiased estimates break it."""
    few = people(15)
    counts, broken = {p.name: count(few, p) for p in parts_of(spec(), KEYS)}, 0
    for seed in range(10):
        measured = measure_all(spec(), KEYS, counts, seeded(np.random.default_rng(seed)))
        whole = estimates(measured, spec(), KEYS, kind=EstimateKind.NON_NEGATIVE_INTEGERS, signed=())
        persons, cases = whole["persons"].values, whole["cases"].values
        assert (persons <= cases).all()
        assert (cases <= 2 * persons).all()
        plain = estimates(measured, spec(), KEYS, kind=EstimateKind.UNBIASED, signed=())
        broken += int((plain["persons"].values > plain["cases"].values).sum())
    assert broken > 0


@pytest.mark.parametrize(
    "measures",
    [
        [CASES, PERSONS],
        [PERSONS, CASES, replace(CASES, id="more")],
        [PERSONS, replace(CASES, rho=None)],
        [MeasureSpec("persons", "persons_distinct"), CASES],
        [MeasureSpec("events", "events"), CASES],
    ],
)
def test_another_pair_of_counts_is_refused(measures: list[MeasureSpec]) -> None:
    with pytest.raises(ValueError, match="count"):
        table_of(KEYS, measures, TERMS)


def test_a_rho_of_its_own_belongs_to_no_other_count() -> None:
    for kind in ("events", "persons", "persons_distinct"):
        with pytest.raises(ValueError, match="cases beside persons"):
            MeasureSpec("n", kind, rho=Fraction(1, 20))


def with_cases(text: str) -> str:
    text = text.replace(
        "      - {id: persons, kind: persons}\n",
        '      - {id: persons, kind: persons}\n      - {id: cases, kind: cases, rho: "0.02"}\n',
    )
    return text.replace("bound: {cells: 4, area: last}", "bound: {cells: 4, area: last, per_cell: 3}")


def test_a_policy_with_both_runs_is_audited_and_says_what_is_bounded(tmp_path: Path) -> None:
    file = tmp_path / "fk-ohalsa.yaml"
    file.write_text(
        with_cases(OHALSA).replace("estimate: unbiased", "estimate: non-negative-integers"), encoding="utf-8"
    )
    home = make_home(tmp_path / "home", make_cases(persons=400), policies=())
    put_in_force(home, [file])
    with open_workspace(home, exclusive=True) as work:
        made = run_release(work, RunRequest("fk-ohalsa", Period.parse("2022")), now=NOW)
    (table,) = made.release.tables
    assert [m.id for m in table.measures] == ["persons", "cases", "rate"]
    values = {(c.area, c.categories, c.measure): c.value for c in table.cells}
    pairs = [(v, values[area, codes, "cases"]) for (area, codes, m), v in values.items() if m == "persons"]
    assert all(p is None or (c is not None and p <= c <= 3 * p) for p, c in pairs)
    assert table.measure("cases").text.en == "Cases"
    assert made.rho_units == 70_000_000
    assert "cases: at most 3 cases a person in each of them" in table.protection.bound.en  # type: ignore[union-attr]


def test_a_second_count_under_suppression_or_with_decimals_is_refused(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", make_cases(persons=100), policies=())
    settings = load_settings(home.settings_file)
    assist = (ROOT / "policies" / "fk-assistans.yaml").read_text(encoding="utf-8")
    for name, text, message in (
        ("fk-assistans", with_cases(assist), "a second count belongs to noise"),
        ("fk-ohalsa", with_cases(OHALSA).replace('kind: cases, rho: "0.02"', 'kind: cases, decimals: 1, rho: "0.02"'),
         "without decimals"),
    ):  # fmt: skip
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        assert read_policy(path)[1] == []
        assert any(message in p.message for p in check_policies([load_policy(path)], settings))
