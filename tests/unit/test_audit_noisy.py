"""The audit of a noisy table reads what is published and the policy, and finds what breaks them."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest

from publisher.audit.noisy import audit_noisy
from publisher.policy.model import WIDTH_OF_ERROR, ContributionBound, EstimateKind, Noise, Weights
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


PART, UNITS = "noisy/persons", 20_000_000


def found(
    made: Table, policy: Noise | None = None, charged: Mapping[str, int] | None = None,
    drawn: Mapping[str, int] | None = None,
) -> set[str]:  # fmt: skip
    charged = {PART: UNITS} if charged is None else charged
    report = audit_noisy(
        made, period="2022", charged=charged, drawn=charged if drawn is None else drawn, noise=policy or noise()
    )
    return {f.rule for f in report.findings}


def test_a_table_that_keeps_its_rules_passes() -> None:
    assert found(table()) == set()


def test_more_measured_than_charged_is_found() -> None:
    assert found(table(), drawn={PART: UNITS + 1}) == {
        "more privacy loss was measured than was charged",
        "the stated rho is less than what was measured",
    }
    assert found(table(), charged={PART: UNITS - 1}, drawn={PART: UNITS}) == {
        "more privacy loss was measured than was charged"
    }


@pytest.mark.parametrize("drawn", [{}, {PART: 0}])
def test_a_part_without_a_draw_is_found(drawn: dict[str, int]) -> None:
    assert found(table(), drawn=drawn) == {"a part was charged and not measured"}


def test_a_draw_without_a_charge_is_found() -> None:
    extra = {PART: UNITS - 5, "noisy/persons/x": 5}
    assert found(table(), charged={PART: UNITS - 5}, drawn=extra) == {"more privacy loss was measured than was charged"}


def test_every_part_is_judged_for_itself() -> None:
    """The sum over the parts is as charged, but one part drew what another was charged for."""
    charged, drawn = {f"{PART}/a": 6, f"{PART}/b": 4}, {f"{PART}/a": 4, f"{PART}/b": 6}
    assert found(table(), charged=charged, drawn=drawn) == {"more privacy loss was measured than was charged"}


@pytest.mark.parametrize("name", ["noisy/person", "noisy/persons2", "other/persons", "noisy"])
def test_a_measure_without_a_part_is_found(name: str) -> None:
    assert "nothing was measured" in found(table(), charged={name: UNITS})


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
        ({"value": 0, "lower": 0, "upper": 20}, "an uncertain estimate is not marked"),
        ({"version": 2}, "cells of one period have several versions"),
    ],
)
def test_a_cell_that_breaks_a_rule_is_found(changes: dict[str, object], rule: str) -> None:
    assert rule in found(edited(table(), "00", **changes))


def test_a_sum_of_rounded_parts_may_lie_beside_the_middle_of_its_interval() -> None:
    """A standard error of 17.6 tenths is 0.29 of 60; the value lies 2.5 tenths below the estimate that the interval is
    about, as a total over many codes does.  Held against the upper half of the interval alone it would be refused."""
    beside = {"value": 60, "lower": 28, "upper": 98}
    assert "an uncertain estimate is not marked" not in found(edited(table(), "T1", **beside))
    marked = {**beside, "lower": 20, "upper": 106}
    assert "an uncertain estimate is not marked" in found(edited(table(), "T1", **marked))


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


def test_of_releases_that_state_what_was_measured_every_total_is_the_exact_sum() -> None:
    facts = table().protection
    assert isinstance(facts, NoiseFacts)
    exact = {**VALUES, "00": 4001, "T0": 1001, "T1": 3000}
    stated = replace(facts, measured=(("persons", "0.02"),))
    assert found(replace(table(exact), protection=stated)) == set()
    for area, value in exact.items():
        if value > 50:  # the others are withheld
            off = replace(table({**exact, area: value + 1}), protection=stated)
            assert found(off) == {"a total is not the sum of its parts"}


def test_the_declared_width_is_held_against_the_published_interval() -> None:
    """Intervals here are 40 tenths wide; 990 x 0.04 is 39.6."""
    rule = noise(uncertain_width=Fraction("0.04"), uncertain_cv=Fraction("0.04") / WIDTH_OF_ERROR)
    assert found(table(), rule) == {"an uncertain estimate is not marked"}
    marked = table()
    for category in ("TOT", "x"):
        marked = edited(marked, "01T0", category, status=CellStatus.UNCERTAIN)
    assert found(marked, rule) == set()


def test_an_interval_that_ends_at_its_value_tells_nothing_of_the_standard_error() -> None:
    widened = edited(table(), "00", lower=0, value=4000, upper=4000)
    wide = edited(table(), "00", lower=0, value=4000, upper=8000)
    assert found(widened) == set()
    assert found(wide) == {"an uncertain estimate is not marked"}


def test_a_total_over_categories_is_checked_too() -> None:
    assert found(edited(table(), "01T1", value=3002)) == {"a total is not the sum of its parts"}


def test_a_rate_of_a_withheld_count_is_found() -> None:
    rate = Measure("rate", "rate", TEXT, TEXT, 0, False, True, "persons", 1000, "population")
    made = table()
    rates = (c._replace(measure="rate", value=3, lower=2, upper=4, status=CellStatus.PUBLISHED) for c in made.cells)
    cells = (*made.cells, *rates)
    both = replace(made, measures=(*made.measures, rate), cells=cells)
    assert found(both) == {"a rate is shown where a part of it is withheld"}


AMOUNTS = {"00": 40010, "01": 39900, "00X": 110, "T0": 10010, "T1": 30000, "01T0": 9900, "01T1": 30000}
"""Whole units, about 100 a person."""


def derived() -> Table:
    """The table with a sum, its mean a person, and the share of each category."""
    made = table()
    hidden = {(c.area, c.categories): c.value is None for c in made.cells}
    more = (
        Measure("amount", "sum", TEXT, TEXT, 0, True, True, "amount"),
        Measure("mean", "mean", TEXT, TEXT, 0, False, True, "amount"),
        Measure("share", "share", TEXT, TEXT, 1, False, True, "persons", 100, within="b"),
    )

    def other(c: Cell, measure: str, value: int, reach: int) -> Cell:
        if hidden[c.area, c.categories]:
            return c._replace(measure=measure)
        return c._replace(measure=measure, value=value, lower=value - reach, upper=value + reach)

    cells = [other(c, "amount", AMOUNTS[c.area], 30) for c in made.cells]
    cells += [other(c, "mean", 100, 5) for c in made.cells]
    cells += [other(c, "share", 1000, 0) for c in made.cells]
    return replace(made, measures=(*made.measures, *more), cells=(*made.cells, *cells))


CHARGES = {PART: 15_000_000, "noisy/amount": 5_000_000}


def changed(measure: str, area: str, category: str = "x", /, **changes: object) -> Table:
    made = derived()
    key = (measure, area, (category,))
    cells = tuple(c._replace(**changes) if (c.measure, c.area, c.categories) == key else c for c in made.cells)
    return replace(made, cells=cells)


WITHOUT: dict[str, object] = {"value": None, "lower": None, "upper": None}


def test_a_table_of_derived_measures_that_keeps_its_rules_passes() -> None:
    assert found(derived(), charged=CHARGES) == set()
    assert found(derived(), charged={PART: UNITS}) == {"nothing was measured"}


def test_the_count_and_the_sums_of_a_cell_are_withheld_together() -> None:
    shown = changed("amount", "00X", value=110, lower=100, upper=120, status=CellStatus.PUBLISHED)
    assert found(shown, charged=CHARGES) == {"a mask differs by measure"}
    hidden = changed("amount", "T0", **WITHOUT, status=CellStatus.SUPPRESSED)
    assert found(hidden, charged=CHARGES) == {
        "a mask differs by measure", "a mean is shown where a part of it is withheld",
    }  # fmt: skip


@pytest.mark.parametrize(("measure", "value"), [("mean", 100), ("share", 1000)])
def test_a_derived_number_of_a_withheld_part_is_found(measure: str, value: int) -> None:
    shown = changed(measure, "00X", value=value, lower=value, upper=value, status=CellStatus.PUBLISHED)
    assert found(shown, charged=CHARGES) == {f"a {measure} is shown where a part of it is withheld"}


@pytest.mark.parametrize(("measure", "value"), [("mean", 101), ("share", 999), ("share", 1001)])
def test_a_derived_number_that_is_not_the_ratio_of_its_parts_is_found(measure: str, value: int) -> None:
    other = changed(measure, "T1", value=value, lower=value - 9, upper=value + 9)
    assert found(other, charged=CHARGES) == {f"a {measure} is not the ratio of its parts"}


def test_a_derived_number_is_marked_where_a_part_is_uncertain() -> None:
    made = changed("amount", "T1", status=CellStatus.UNCERTAIN)
    assert found(made, charged=CHARGES) == {"a mean is not marked where a part of it is uncertain"}
    total = changed("persons", "T1", "TOT", status=CellStatus.UNCERTAIN)
    assert found(total, charged=CHARGES) == {
        "a share is not marked where a part of it is uncertain", "a mean is not marked where a part of it is uncertain",
    }  # fmt: skip


def test_an_uncertain_derived_cell_may_lose_its_numbers_but_none_is_withheld_alone() -> None:
    assert found(changed("mean", "T1", **WITHOUT, status=CellStatus.UNCERTAIN), charged=CHARGES) == set()
    alone = changed("mean", "T1", **WITHOUT, status=CellStatus.SUPPRESSED)
    assert found(alone, charged=CHARGES) == {"a mean is withheld although no part of it is"}
    rule = "status missing has no place here"
    assert found(changed("mean", "T1", **WITHOUT, status=CellStatus.MISSING), charged=CHARGES) == {rule}


def test_a_sum_is_checked_against_its_parts_and_for_its_marks() -> None:
    off = changed("amount", "01", "TOT", value=39950, lower=39900, upper=40000)
    assert "a total is not the sum of its parts" in found(off, charged=CHARGES)
    wide = changed("amount", "T1", value=30000, lower=0, upper=60000)
    assert found(wide, charged=CHARGES) == {"an uncertain estimate is not marked"}
    negative = changed("amount", "00", value=-30010, lower=-40000, upper=-20000)
    assert "an estimate below the declared limit is shown" not in found(negative, charged=CHARGES)


def distinct(*, additive: bool = False) -> Table:
    """Distinct persons by benefit and sex in one county: benefits do not add up, areas and sexes do."""
    benefits, sexes = ("TOT", "p", "q"), ("TOT", "m", "w")
    counts = {"p": 600, "q": 700, "TOT": 900}

    def number(area: str, benefit: str, sex: str) -> int:
        people = {"00": 3, "01": 2, "00X": 1}[area] * counts[benefit]
        return people if sex == "TOT" else people // 2

    cells = tuple(
        Cell(a, (b, s), "2022", "persons", n, CellStatus.PUBLISHED, n - 20, n + 20, 1)
        for a in ("00", "01", "00X")
        for b in benefits
        for s in sexes
        for n in (number(a, b, s),)
    )
    return replace(
        table(), areas=tuple(Area(lv, a, TEXT) for lv, a in AREAS[:3]), cells=cells,
        dimensions=tuple(
            Dimension(i, TEXT, tuple(Category(c, TEXT) for c in codes))
            for i, codes in (("b", benefits), ("s", sexes))
        ),
        measures=(Measure("persons", "persons_distinct", TEXT, TEXT, 1, additive, True),),
    )  # fmt: skip


DISTINCT = {"noisy/persons/b": 15_000_000, "noisy/persons/TOT": 5_000_000}


def test_distinct_persons_need_not_add_up_over_case_categories() -> None:
    assert found(distinct(), charged=DISTINCT) == set()
    assert found(distinct(additive=True), charged=DISTINCT) == {"a total is not the sum of its parts"}


@pytest.mark.parametrize(
    "key", [("00", ("p", "TOT")), ("00", ("TOT", "m")), ("01", ("q", "w")), ("00X", ("TOT", "TOT"))]
)
def test_distinct_persons_must_add_up_over_areas_and_personal_columns(key: tuple[str, tuple[str, str]]) -> None:
    made = distinct()
    cells = tuple(
        c._replace(value=(c.value or 0) + 3) if (c.area, c.categories) == key else c for c in made.cells
    )
    assert found(replace(made, cells=cells), charged=DISTINCT) == {"a total is not the sum of its parts"}


def test_what_is_additive_without_parts_by_column_is_checked_over_all_columns() -> None:
    assert found(distinct(), charged={PART: UNITS}) == {"a total is not the sum of its parts"}


def test_a_suppressed_table_is_refused() -> None:
    made = replace(table(), protection=SuppressionFacts(5, "persons", "published", "exact"))
    with pytest.raises(ValueError, match="not protected by noise"):
        found(made)
