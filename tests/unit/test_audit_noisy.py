"""The audit of a noisy table reads what is published and the policy, and finds what breaks them."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest

from publisher.audit.noisy import audit_noisy
from publisher.policy.model import ContributionBound, EstimateKind, Noise, Weights
from publisher.release.model import (
    Area,
    Category,
    Cell,
    CellStatus,
    Dimension,
    Measure,
    NoiseFacts,
    SuppressionFacts,
    Table,
    Text,
)

TEXT = Text("t", "t")
AREAS = (("riket", "00"), ("lan", "01"), ("lan", "00X"), ("area_type", "T0"), ("area_type", "T1"),
         ("lan_area_type", "01T0"), ("lan_area_type", "01T1"))  # fmt: skip
VALUES = {"00": 4000, "01": 3990, "00X": 11, "T0": 1000, "T1": 3001, "01T0": 990, "01T1": 3000}
"""Tenths: each rounded by itself, so that sums are off by a tenth here and there."""


def noise(**changes: object) -> Noise:
    made = Noise(
        rho=Fraction("0.02"), bound=ContributionBound(4, "last"), weights=Weights.CELLS, estimate=EstimateKind.UNBIASED,
        uncertain_cv=Fraction("0.3"), withhold_below=Fraction(5),
    )  # fmt: skip
    return replace(made, **changes)


def cell(area: str, category: str, value: int) -> Cell:
    """A shown value with sigma 1, in tenths; the total and its one part are the same."""
    if value < 50:
        return Cell(area, (category,), "2022", "persons", None, CellStatus.SUPPRESSED, None, None, 1)
    return Cell(area, (category,), "2022", "persons", value, CellStatus.PUBLISHED, value - 20, value + 20, 1)


def table(values: Mapping[str, int] = VALUES) -> Table:
    cells = tuple(cell(a, c, values[a]) for _, a in AREAS for c in ("TOT", "x"))
    return Table(
        id="noisy", title=TEXT, areas=tuple(Area(lv, a, TEXT) for lv, a in AREAS),
        dimensions=(Dimension("b", TEXT, (Category("TOT", TEXT), Category("x", TEXT))),),
        measures=(Measure("persons", "persons", TEXT, TEXT, 1, True, True),), periods=("2022",), cells=cells, notes=(),
        area_types={"2022": {"0101R001": "1"}}, editions={"2022": "regso-2020"},
        protection=NoiseFacts("0.02", "1e-7", "1", TEXT, TEXT, TEXT, TEXT, TEXT),
    )  # fmt: skip


def edited(made: Table, area: str, category: str = "x", /, **changes: object) -> Table:
    cells = tuple(c._replace(**changes) if (c.area, c.categories) == (area, (category,)) else c for c in made.cells)
    return replace(made, cells=cells)


def found(made: Table, policy: Noise | None = None, charged: int = 20_000_000, measured: int = 20_000_000) -> set[str]:
    report = audit_noisy(
        made, period="2022", rho_charged_units=charged, rho_measured_units=measured, noise=policy or noise()
    )
    return {f.rule for f in report.findings}


def test_a_table_that_keeps_its_rules_passes() -> None:
    assert found(table()) == set()


def test_more_measured_than_charged_is_found() -> None:
    assert found(table(), measured=20_000_001) == {
        "more privacy loss was measured than was charged",
        "the stated rho is less than what was measured",
    }
    assert found(table(), charged=19_999_999) == {"more privacy loss was measured than was charged"}
    assert found(table(), measured=0) == {"nothing was measured"}


def test_a_stated_rho_that_is_too_small_or_no_number_is_found() -> None:
    facts = table().protection
    assert isinstance(facts, NoiseFacts)
    less, none = (replace(table(), protection=replace(facts, rho=r)) for r in ("0.01", "little"))
    assert found(less) == {"the stated rho is less than what was measured"}
    assert found(none) == {"the stated rho is no number"}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"value": 4021}, "a value lies outside its interval"),
        ({"lower": 4001}, "a value lies outside its interval"),
        ({"lower": None}, "a shown noisy cell lacks its value or its interval"),
        ({"value": None}, "a shown noisy cell lacks its value or its interval"),
        ({"status": CellStatus.SUPPRESSED}, "a withheld cell carries a number"),
        ({"status": CellStatus.MISSING}, "a withheld cell carries a number"),
        ({"value": 49, "lower": 30}, "an estimate below the declared limit is shown"),
        ({"value": 100, "lower": 0, "upper": 200}, "an uncertain estimate is not marked"),
        ({"version": 2}, "cells of one period have several versions"),
    ],
)
def test_a_cell_that_breaks_a_rule_is_found(changes: dict[str, object], rule: str) -> None:
    assert rule in found(edited(table(), "00", **changes))


def test_withholding_needs_a_rule() -> None:
    assert found(table(), noise(withhold_below=None)) == {"a cell is withheld although no rule withholds"}


def test_a_marked_cell_may_keep_or_lose_its_numbers() -> None:
    uncertain = edited(table(), "01T0", value=990, status=CellStatus.UNCERTAIN)
    assert found(uncertain) == set()
    assert found(edited(uncertain, "01T0", value=None, lower=None, upper=None)) == set()


@pytest.mark.parametrize(("area", "off"), [("00", 3), ("T1", 2), ("T1", 3), ("01", 2)])
def test_a_total_off_by_more_than_rounding_is_found_in_both_hierarchies(area: str, off: int) -> None:
    values = {**VALUES, area: VALUES[area] + off}
    assert found(table(values)) == {"a total is not the sum of its parts"}


def test_a_total_over_categories_is_checked_too() -> None:
    assert found(edited(table(), "01T1", value=3002)) == {"a total is not the sum of its parts"}


def test_a_rate_of_a_withheld_count_is_found() -> None:
    rate = Measure("rate", "rate", TEXT, TEXT, 0, False, True, "persons", 1000, "population")
    made = table()
    rates = (c._replace(measure="rate", value=3, lower=2, upper=4, status=CellStatus.PUBLISHED) for c in made.cells)
    cells = (*made.cells, *rates)
    both = replace(made, measures=(*made.measures, rate), cells=cells)
    assert found(both) == {"a rate is shown where its count is withheld"}


def test_a_suppressed_table_is_refused() -> None:
    made = replace(table(), protection=SuppressionFacts(5, "persons", "published", "exact"))
    with pytest.raises(ValueError, match="not protected by noise"):
        found(made)
