"""Breaks of measures beyond plain counts, each caught: public bounds, distinct persons, sums, derived numbers."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from breaks import rules
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import PERIOD, Country, both, country, release_of, table_of
from test_second_solver import Dense, linked_tables

from publisher.audit.attacker import AttackResult, attack
from publisher.audit.inside import Secrets
from publisher.audit.report import AuditReport
from publisher.audit.verdict import SuppressionPromise, audit_suppressed
from publisher.errors import AuditFailedError
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.release.model import Cell, CellStatus, Measure, Table

TWO = country(["0101R001", "0101R002", "0102R001"])
LEVELS = ["riket", "lan", "kommun", "regso"]
COUNTS = {("0101R001", ()): 7, ("0101R002", ()): 5, ("0102R001", ()): 50}
PAIR = [("0101R001", ()), ("0101R002", ())]


def ends(result: AttackResult, area: str, measure: str = "persons") -> list[tuple[int | None, int | None]]:
    return [
        (i.lower, i.upper)
        for found in (result.a0, result.a1)
        for i in found
        if (i.area, i.measure) == (area, measure) and i.categories in ((), ("a",))
    ]


def test_what_everybody_knows_of_the_population_narrows_an_interval() -> None:
    table = table_of(TWO, COUNTS, LEVELS, hide=PAIR)
    limits = {("table", "persons", r, ()): (0, most) for r, most in (("0101R001", 8), ("0101R002", 5))}
    assert ends(attack([table], period=PERIOD, zeros_published=True), "0101R001") == [(0, 12), (1, 11)]
    known = attack([table], period=PERIOD, zeros_published=True, limits=limits)
    assert ends(known, "0101R001") == [(7, 8), (7, 8)]
    full = {("table", "persons", r, ()): (0, most) for r, most in (("0101R001", 7), ("0101R002", 5))}
    assert ends(attack([table], period=PERIOD, zeros_published=True, limits=full), "0101R001") == [(7, 7), (7, 7)]


def test_numbers_beyond_what_is_publicly_known_are_a_contradiction() -> None:
    table = table_of(TWO, COUNTS, LEVELS, hide=PAIR)
    limits = {("table", "persons", "0102R001", ()): (0, 49)}
    assert not attack([table], period=PERIOD, zeros_published=True, limits=limits).consistent


@settings(max_examples=40, deadline=None)
@given(linked_tables(), st.integers(0, 4), st.randoms(use_true_random=False))
def test_both_programs_find_the_same_intervals_under_public_bounds(
    drawn: tuple[Country, list[Table]], slack: int, random: object
) -> None:
    where, tables = drawn
    proved = attack(tables, period=PERIOD, zeros_published=True)
    limits = {i.value_key: (0, None if i.upper is None else max(i.lower or 0, i.upper - slack)) for i in proved.a1}
    bounded = attack(tables, period=PERIOD, zeros_published=True, limits=limits)
    dense = Dense(where, tables, 0)
    rows = [(dense.row(t, c), limits[t.id, c.measure, c.area, c.categories][1]) for t in tables for c in t.cells
            if c.value is None]  # fmt: skip
    above = [(r, n) for r, n in rows if n is not None]
    if above:
        dense.a_ub = np.vstack([dense.a_ub, *(r for r, _ in above)])
        dense.b_ub = np.concatenate([dense.b_ub, [n for _, n in above]])
    by_key = {i.key: i for i in bounded.a0}
    for table, cell in ((t, c) for t in tables for c in t.cells if c.value is None and bounded.consistent):
        mine = by_key[table.id, cell.area, cell.categories]
        assert (mine.lower, mine.upper) == dense.interval(table, cell)


# Distinct persons: no sums, but a total is at least each part and at most all of them.

BENEFITS = country(["0101R001"], benefit=("a", "b"))


def marked(value: int | None) -> CellStatus:
    return CellStatus.SUPPRESSED if value is None else CellStatus.PUBLISHED


def distinct_table(values: Mapping[str, int | None]) -> Table:
    """One nation, two benefits and their total, of different persons; None: withheld."""
    made = table_of(BENEFITS, {}, ["riket"], counted="persons")
    measure = replace(made.measures[0], id="persons", kind="persons_distinct", additive=False)
    cells = tuple(Cell("00", (code,), PERIOD, "persons", n, marked(n), None, None, 1) for code, n in values.items())
    return replace(made, measures=(measure,), cells=cells)


@pytest.mark.parametrize(
    ("values", "interval"),
    [
        ({"TOT": 10, "a": None, "b": 4}, (6, 10)),
        ({"TOT": 10, "a": None, "b": 10}, (0, 10)),
        ({"TOT": 10, "a": None, "b": 0}, (10, 10)),
        ({"TOT": None, "a": 3, "b": 4}, None),
    ],
)
def test_a_distinct_total_bounds_its_parts(values: dict[str, int | None], interval: tuple[int, int] | None) -> None:
    result = attack([distinct_table(values)], period=PERIOD, zeros_published=False)
    assert [(i.lower, i.upper) for i in result.a0] == [interval or (4, 7)]


@pytest.mark.parametrize("values", [{"TOT": 5, "a": 6, "b": 1}, {"TOT": 8, "a": 6, "b": 1}])
def test_a_distinct_total_below_a_part_or_above_all_of_them_is_a_contradiction(values: dict[str, int | None]) -> None:
    assert not attack([distinct_table(values)], period=PERIOD, zeros_published=False).consistent


def test_different_persons_of_each_sex_add_up_since_nobody_has_two() -> None:
    table = distinct_table({"TOT": 10, "a": None, "b": 4})
    own = replace(table, dimensions=(replace(table.dimensions[0], personal=True),))
    assert [(i.lower, i.upper) for i in attack([own], period=PERIOD, zeros_published=False).a0] == [(6, 6)]
    assert not attack(
        [replace(own, cells=distinct_table({"TOT": 10, "a": 7, "b": 4}).cells)], period=PERIOD, zeros_published=False
    ).consistent


def test_different_persons_of_areas_add_up_since_each_is_counted_at_one_place() -> None:
    made = table_of(TWO, COUNTS, LEVELS, hide=[("0101R001", ())])
    own = replace(made, measures=(replace(made.measures[0], kind="persons_distinct", additive=False),))
    assert ends(attack([own], period=PERIOD, zeros_published=False), "0101R001") == [(7, 7)] * 2


def test_a_measure_whose_label_contradicts_its_kind_is_not_attacked() -> None:
    table = distinct_table({"TOT": 5, "a": 3, "b": 2})
    wrong = replace(table, measures=(replace(table.measures[0], additive=True),))
    with pytest.raises(AuditFailedError, match="against its kind"):
        attack([wrong], period=PERIOD, zeros_published=True)


# Sums and what follows from them.


Values = Mapping[str, int | None]


def amounts_table(cases: Values, sums: Values, *, low: int = 0, means: Values | None = None) -> Table:
    """One municipality with RegSO 1 and 2, the municipality and the county; None: withheld."""
    made = table_of(TWO, {}, ["kommun", "regso"], counted="cases")
    count = replace(made.measures[0], id="cases", kind="cases")
    paid = Measure("paid", "sum", both("p"), both("kr"), 0, True, False, "amount", bounds={"": (low, 10**9)})
    mean = Measure("mean", "mean", both("m"), both("kr"), 0, False, False, "paid")
    shown = {"cases": cases, "paid": sums, **({"mean": means} if means is not None else {})}
    cells = tuple(
        Cell(area.code, (), PERIOD, m, values.get(area.code, 0), marked(values.get(area.code, 0)), None, None, 1)
        if m != "mean" or area.code in values
        else Cell(area.code, (), PERIOD, m, None, CellStatus.NOT_APPLICABLE, None, None, 1)
        for area, (m, values) in product(made.areas, shown.items())
    )
    facts = replace(made.protection, counted="persons", rules=("p_percent 10",))
    return replace(made, measures=(count, paid, mean)[: len(shown)], cells=cells, protection=facts)


CASES = {"0101": 30, "0101R001": None, "0101R002": None, "0102": 9, "0102R001": 9}
SUMS = {"0101": 10**12, "0101R001": None, "0101R002": None, "0102": 900, "0102R001": 900}
TRUTH = {"cases": {"0101R001": 20, "0101R002": 10}, "paid": {"0101R001": 6 * 10**11, "0101R002": 4 * 10**11}}


def test_large_sums_are_bounded_exactly() -> None:
    result = attack([amounts_table(CASES, SUMS)], period=PERIOD, zeros_published=True)
    assert ends(result, "0101R001", "paid") == [(0, 10**12)] * 2
    limits = {("table", "paid", "0101R002", ()): (4 * 10**11 - 3, 4 * 10**11 + 5)}
    known = attack([amounts_table(CASES, SUMS)], period=PERIOD, zeros_published=True, limits=limits)
    assert ends(known, "0101R001", "paid") == [(6 * 10**11 - 5, 6 * 10**11 + 3)] * 2
    alone = attack([amounts_table(CASES, {**SUMS, "0101R002": 4 * 10**11})], period=PERIOD, zeros_published=True)
    assert [i.exact for i in alone.a0 if i.measure == "paid"] == [True]


def test_sums_that_may_be_negative_have_no_least_value() -> None:
    result = attack([amounts_table(CASES, SUMS, low=-5)], period=PERIOD, zeros_published=True)
    assert ends(result, "0101R001", "paid") == [(None, None)] * 2


def audit(table: Table, reach: int, **limits: tuple[int, int]) -> AuditReport:
    """Both cells are sensitive; the interval of the first sum must go `reach` to either side."""
    promise = SuppressionPromise(level=ProtectionLevel.EXACT, threshold=5, zeros=Zeros.PUBLISHED)
    truth = {
        ("table", c.measure, c.area, ()): TRUTH.get(c.measure, {}).get(c.area, c.value)
        for c in table.cells if c.measure != "mean"
    }  # fmt: skip
    return audit_suppressed(
        release_of(table), period=PERIOD, promise=promise,
        secrets=Secrets(
            sensitive=[("table", *key) for key in PAIR], truth=truth,  # type: ignore[arg-type]
            reaches={("table", "paid", "0101R001", ()): (reach, reach)},
        ),
        limits={("table", "paid", code.replace("_", ""), ()): pair for code, pair in limits.items()},
    )  # fmt: skip


def test_the_interval_of_a_sensitive_sum_must_go_as_far_as_its_rule_says() -> None:
    table = amounts_table(CASES, SUMS)
    near = (4 * 10**11 - 50, 4 * 10**11 + 50)
    assert audit(table, 50, _0101R002=near).passed
    assert rules(audit(table, 51, _0101R002=near)) == {"the interval of a sensitive number ends too near to it"}


def test_a_sum_withheld_where_its_count_is_shown_is_another_mask() -> None:
    table = amounts_table({**CASES, "0101R001": 20, "0101R002": 10}, SUMS)
    assert "a mask differs by measure" in rules(audit(table, 1))


def test_a_mean_is_shown_only_where_its_sum_is() -> None:
    means = {"0101": 33333333333, "0101R001": 5, "0101R002": None, "0102": 100, "0102R001": 100}
    assert "a mean is shown where its count is withheld" in rules(audit(amounts_table(CASES, SUMS, means=means), 1))


def test_a_mean_that_does_not_follow_from_the_numbers_shown_is_found() -> None:
    means = {"0101": 33333333333, "0101R001": None, "0101R002": None, "0102": 100, "0102R001": 100}
    assert audit(amounts_table(CASES, SUMS, means=means), 1).passed
    wrong = audit(amounts_table(CASES, SUMS, means={**means, "0102": 101}), 1)
    assert rules(wrong) == {"a mean is not what follows from the numbers shown"}


def shares_table(shown: Mapping[str, int | None], shares: Mapping[str, int | None]) -> Table:
    made = table_of(BENEFITS, {}, ["riket"], counted="cases")
    share = Measure("share", "share", both("s"), both("%"), 0, False, False, "cases", 100, within="benefit")
    cells = tuple(
        Cell("00", (code,), PERIOD, m, values[code], marked(values[code]), None, None, 1)
        for code, (m, values) in product(("TOT", "a", "b"), (("cases", shown), ("share", shares)))
    )  # fmt: skip
    facts = replace(made.protection, counted="persons")
    return replace(made, measures=(*made.measures, share), cells=cells, protection=facts)


def judged(table: Table) -> set[str]:
    promise = SuppressionPromise(level=ProtectionLevel.EXACT, threshold=5, zeros=Zeros.PUBLISHED)
    return rules(audit_suppressed(release_of(table), period=PERIOD, promise=promise, secrets=Secrets(sensitive=[])))


def test_a_share_that_would_give_a_withheld_total_back_is_found() -> None:
    shown = {"TOT": None, "a": 30, "b": None}
    assert judged(shares_table(shown, {"TOT": None, "a": None, "b": None})) == set()
    found = judged(shares_table(shown, {"TOT": None, "a": 60, "b": None}))
    assert found == {"a share is shown where its denominator is withheld"}


def test_a_share_follows_from_the_counts_of_its_table() -> None:
    shown = {"TOT": 50, "a": 30, "b": 20}
    assert judged(shares_table(shown, {"TOT": 100, "a": 60, "b": 40})) == set()
    assert judged(shares_table(shown, {"TOT": 100, "a": 61, "b": 40})) == {
        "a share is not what follows from the numbers shown"
    }
