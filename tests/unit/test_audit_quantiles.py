"""What the audit of a noisy table finds wrong with quantiles, from published numbers and the policy."""

from dataclasses import replace
from fractions import Fraction

import pytest
from test_audit_noisy import PART, TEXT, WITHOUT, noise, table

from publisher.audit.noisy import audit_noisy
from publisher.release.model import Cell, CellStatus, Measure, Table

CANDIDATES = (0, 100, 200, 300, 400, 1000)
CHARGES = {PART: 15_000_000, "noisy/median/b": 4_000_000, "noisy/median/TOT": 1_000_000}
MEDIAN = Measure("median", "quantile", TEXT, TEXT, 0, False, True, "amount", q="0.5")
LOW = Measure("low", "quantile", TEXT, TEXT, 0, False, True, "median", q="0.25")
NUMBERS = {"median": (400, 300, 400), "low": (300, 300, 300)}


def made(**changes: object) -> Table:
    """The noisy table with a median and a lower quartile, the same everywhere; `changes` at the nation's total."""
    plain = table()
    cells = []
    for measure in (MEDIAN, LOW):
        value, lower, upper = NUMBERS[measure.id]
        for c in plain.cells:
            cell = c._replace(measure=measure.id)
            cells.append(cell if c.value is None else cell._replace(value=value, lower=lower, upper=upper))
    at = cells.index(next(c for c in cells if c.area == "00" and c.categories == ("TOT",)))
    cells[at] = cells[at]._replace(**changes)
    return replace(plain, measures=(*plain.measures, MEDIAN, LOW), cells=(*plain.cells, *cells))


def found(of: Table, charged: dict[str, int] | None = None, candidates: tuple[int, ...] = CANDIDATES) -> set[str]:
    charged = charged or CHARGES
    report = audit_noisy(
        of, period="2022", charged=charged, drawn=charged, noise=noise(uncertain_cv=Fraction("0.1")),
        candidates={"median": candidates},
    )  # fmt: skip
    return {f.rule for f in report.findings}


def test_quantiles_that_keep_the_rules_pass_although_totals_are_no_sums() -> None:
    assert found(made()) == set()


def test_a_quantile_needs_a_part_of_its_own_and_a_second_one_the_part_of_the_first() -> None:
    assert found(made(), {PART: 20_000_000}) == {"nothing was measured"}
    assert found(made(), {PART: 15_000_000, "noisy/low": 5_000_000}) == {"nothing was measured"}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"value": 399}, "a quantile is no declared candidate"),
        ({"lower": 301}, "a quantile is no declared candidate"),
        ({"upper": 401}, "a quantile is no declared candidate"),
        ({"lower": 200}, "an uncertain quantile is not marked"),
        ({"lower": 0, "upper": 1000, "status": CellStatus.UNCERTAIN}, "a quantile is shown of which nothing is known"),
        ({"value": 200, "lower": 200, "upper": 200}, "quantiles of one amount are out of order"),
        ({"value": 300, "lower": 400, "upper": 400}, "a value lies outside its interval"),
        ({**WITHOUT, "status": CellStatus.SUPPRESSED}, "a mask differs by measure"),
        ({"value": None}, "a shown noisy cell lacks its value or its interval"),
        ({**WITHOUT, "status": CellStatus.MISSING}, "status missing has no place here"),
    ],
)
def test_a_quantile_that_breaks_a_rule_is_found(changes: dict[str, object], rule: str) -> None:
    assert rule in found(made(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"lower": 200, "status": CellStatus.UNCERTAIN},
        {**WITHOUT, "status": CellStatus.UNCERTAIN},
    ],
)
def test_an_uncertain_quantile_may_keep_or_lose_its_numbers(changes: dict[str, object]) -> None:
    assert found(made(**changes)) == set()


def test_without_the_candidates_of_a_policy_no_quantile_passes() -> None:
    assert found(made(), candidates=()) == {"a quantile is no declared candidate"}


def test_a_quantile_of_an_amount_that_has_the_name_of_its_measure_is_its_own_base() -> None:
    own = replace(MEDIAN, of="median")
    cells = tuple(c for c in made().cells if c.measure != "low")
    assert found(replace(made(), measures=(*table().measures, own), cells=cells)) == set()


def test_the_cells_of_a_count_are_judged_as_before() -> None:
    off: tuple[Cell, ...] = tuple(
        c._replace(value=(c.value or 0) + 3) if (c.area, c.measure) == ("00", "persons") else c for c in made().cells
    )
    assert found(replace(made(), cells=off)) == {"a total is not the sum of its parts"}
