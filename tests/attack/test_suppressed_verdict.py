"""What the verdict on suppressed tables refuses."""

from dataclasses import replace

import pytest
from breaks import ALL, ROW, ROW_COUNTS, SQUARE, audited, edit_facts, rules, truth_of
from tables import PERIOD, country, edit, release_of, table_of

from publisher.audit.earlier import NO_PAST, EarlierVersion, Past, past_of
from publisher.audit.inside import Secrets
from publisher.audit.verdict import SuppressionPromise, audit_suppressed
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.release.model import CellStatus


def test_a_rate_where_the_count_is_withheld_gives_the_count_back() -> None:
    table = table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE, rate=True)
    assert audited(table).passed
    shown = edit(table, "0101R001", ("a",), "rate", value=45, status=CellStatus.PUBLISHED)
    assert "a rate is shown where its count is withheld" in rules(audited(shown))


def test_a_rate_withheld_alone_is_another_mask() -> None:
    table = table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE, rate=True)
    alone = edit(table, "0101R001", ("c",), "rate", value=None, status=CellStatus.SUPPRESSED)
    assert "a mask differs by measure" in rules(audited(alone))


def test_a_sensitive_cell_that_is_shown_is_found() -> None:
    table = table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE)
    report = audited(table, sensitive=[("table", "0101R001", ("c",))])
    assert [(f.rule, f.area, f.categories) for f in report.findings] == [
        ("a sensitive cell is not withheld", "0101R001", ("c",))
    ]


@pytest.mark.parametrize(("forced", "found"), [(("regso",), True), (("kommun",), False), ((), False)])
def test_a_withheld_cell_of_a_level_that_must_be_published_is_found(forced: tuple[str, ...], found: bool) -> None:
    table = table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE)
    promise = SuppressionPromise(level=ProtectionLevel.EXACT, threshold=5, zeros=Zeros.PUBLISHED, forced=forced)
    known = {"period": PERIOD, "promise": promise, "secrets": Secrets(sensitive=())}
    report = audit_suppressed(release_of(table), **known)
    assert ("a cell that must be published is withheld" in rules(report)) is found
    kept = Past((), frozenset((table.id, c.area, c.categories) for c in table.cells if c.value is None), {})
    before = audit_suppressed(release_of(table), **known, past=kept)
    assert "a cell that must be published is withheld" not in rules(before), "an earlier release withheld it"


def test_a_shown_count_below_the_threshold_is_found() -> None:
    table = table_of(ROW, {**ROW_COUNTS, ("0101R001", ("c",)): 4}, ALL, hide=SQUARE)
    assert rules(audited(table)) == {"a count below the threshold is shown"}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"value": 9}, "a withheld cell carries a number"),
        ({"lower": 1}, "a cell of a suppressed table carries an interval"),
        ({"status": CellStatus.MISSING}, "status missing has no place in a suppressed table"),
        ({"status": CellStatus.UNCERTAIN}, "status uncertain has no place in a suppressed table"),
        ({"status": CellStatus.PUBLISHED}, "a shown cell carries no whole number, or a negative count"),
        ({"version": 2}, "cells of one period have several versions"),
        ({"area": "0101R009"}, "a cell is not declared"),
        ({"categories": ("b",)}, "a cell stands twice"),
    ],
)
def test_a_withheld_cell_that_differs_in_any_byte_is_found(changes: dict[str, object], rule: str) -> None:
    table = table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE)
    assert rule in rules(audited(edit(table, "0101R001", ("a",), **changes)))


@pytest.mark.parametrize(
    ("level", "spread", "passes"),
    [
        (ProtectionLevel.EXACT, 3, True),
        (ProtectionLevel.INTERVAL, 4, False),
        (ProtectionLevel.INTERVAL, 5, True),
        (ProtectionLevel.AMBIGUOUS, 5, False),
        (ProtectionLevel.AMBIGUOUS, 6, True),
    ],
)
def test_each_level_asks_for_the_width_that_it_promises(level: ProtectionLevel, spread: int, passes: bool) -> None:
    # Two withheld counts with sum `spread`: A0 sees 0..spread, A1 1..spread-1, so that `ambiguous` needs 6.
    counts = {("0101R001", ()): 1, ("0101R002", ()): spread - 1, ("0102R001", ()): 50}
    hide = [("0101R001", ()), ("0101R002", ())]
    place = country(["0101R001", "0101R002", "0102R001"])
    table = table_of(place, counts, ["riket", "regso", "lan"], hide=hide, level=level.value)
    report = audited(table, sensitive=[("table", *hide[0])], level=level)
    assert report.passed is passes
    assert report.narrow == (0 if passes else 1)


@pytest.mark.parametrize(
    ("level", "spread", "passes"), [("interval", 5, True), ("ambiguous", 4, False), ("ambiguous", 5, True)]
)
def test_where_zeros_are_protected_both_attackers_start_from_zero(level: str, spread: int, passes: bool) -> None:
    counts = {("0101R001", ()): spread, ("0101R002", ()): 0, ("0102R001", ()): 50}
    hide = [("0101R001", ()), ("0101R002", ())]
    place = country(["0101R001", "0101R002", "0102R001"])
    table = table_of(place, counts, ["riket", "regso", "lan"], hide=hide, level=level, zeros="protected")
    sensitive = [("table", *key) for key in hide]
    report = audited(table, sensitive=sensitive, level=ProtectionLevel(level), zeros=Zeros.PROTECTED)
    assert (report.passed, report.narrow) == (passes, 0 if passes else 2)


def test_the_truth_is_compared_with_what_is_shown_and_with_every_interval() -> None:
    table, truth = table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE), truth_of(ROW, ROW_COUNTS, ALL)
    assert audited(table, truth=truth).passed
    shown, withheld = (("table", "persons", "0101R001", (b,)) for b in "ca")
    assert "a shown number is not the exact one" in rules(audited(table, truth={**truth, shown: 21}))
    broken = rules(audited(table, truth={**truth, withheld: 8}))
    assert "the exact numbers do not add up, or lie beyond what is publicly known of them" in broken
    assert "a zero is withheld, although zeros are shown" in rules(audited(table, truth={**truth, withheld: 0}))
    alone = table_of(ROW, ROW_COUNTS, ALL, hide=[withheld[2:]])
    outside = rules(audited(alone, truth={**truth, withheld: 8}))
    assert "an exact number lies outside the interval of its cell" in outside
    missing = {k: n for k, n in truth.items() if k != withheld}
    assert "a cell has no exact number to compare with" in rules(audited(table, truth=missing))


@pytest.mark.parametrize("zeros", Zeros)
def test_a_zero_that_is_shown_although_zeros_are_protected_is_found(zeros: Zeros) -> None:
    table = edit_facts(table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE), zeros=zeros.value)
    found = rules(audited(table, truth=truth_of(ROW, ROW_COUNTS, ALL), zeros=zeros))
    assert found == ({"a zero is shown, although zeros are protected"} if zeros is Zeros.PROTECTED else set())


def test_the_table_states_the_promise_of_its_policy() -> None:
    table = table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE)
    assert rules(audited(table, threshold=6)) == {"the table states another promise than its policy"}
    assert rules(audited(table, zeros=Zeros.PROTECTED)) == {"the table states another promise than its policy"}


SMALL = {**ROW_COUNTS, ("0101R001", ("a",)): 2, ("0101R001", ("b",)): 3}
ONE, CORNER = ("table", "0101R001", ("a",)), ("0101R001", ("a",))


@pytest.mark.parametrize(("other", "passes"), [(3, False), (4, True)])
def test_a_cell_that_may_be_zero_because_it_was_withheld_must_reach_the_threshold_all_the_same(
    other: int, passes: bool
) -> None:
    """It is 0 to 4, as wide as 1 to 5, and everybody knows that it is small."""
    table = table_of(ROW, {**SMALL, ("0101R001", ("b",)): other}, ALL, hide=SQUARE, level="ambiguous")
    past = Past(("first",), frozenset([ONE]), {})
    report = audited(table, sensitive=[ONE], level=ProtectionLevel.AMBIGUOUS, past=past)
    assert report.passed == passes
    assert passes or rules(report) == {"a sensitive cell lies in too narrow an interval"}


def test_what_an_earlier_version_shows_as_it_is_is_known_and_what_has_changed_is_not() -> None:
    """Three of the four corners were shown once: two of them protect nothing, and the third has changed since."""
    now, then = table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE), {**ROW_COUNTS, ("0101R002", ("b",)): 8}
    before = EarlierVersion("first", (table_of(ROW, then, ALL, hide=[CORNER]),))
    truth = truth_of(ROW, ROW_COUNTS, ALL)
    past = past_of([before], [now], period="2022", truth=truth)
    assert {k[2:] for k in past.told} == {("0101R001", ("b",)), ("0101R002", ("a",))}
    report = audited(now, past=past)
    assert {(f.area, f.categories) for f in report.findings} == {CORNER, ("0101R002", ("b",))}
    assert report.checked_jointly_with == ("table", "first")


def test_a_cell_withheld_before_and_shown_now_is_found() -> None:
    before = EarlierVersion("first", (table_of(ROW, ROW_COUNTS, ALL, hide=SQUARE),))
    now = table_of(ROW, ROW_COUNTS, ALL)
    past = past_of([before], [now], period="2022", truth=truth_of(ROW, ROW_COUNTS, ALL))
    assert {(f.rule, f.area, f.categories) for f in audited(now, past=past).findings} == {
        ("a cell withheld in an earlier version is shown", *key) for key in SQUARE
    }


def test_what_others_show_by_a_column_that_this_table_does_not_have_is_known_to_every_attacker() -> None:
    """Two withheld areas; elsewhere one of them stands by sex, which gives its total and so the other's."""
    place = country(["0101R001", "0101R002", "0102R001"], sex=("m", "w"))
    counts = {("0101R001", ("m",)): 3, ("0101R002", ("m",)): 5, ("0101R002", ("w",)): 6, ("0102R001", ("w",)): 50}
    table = table_of(place, counts, ALL, dims=[], hide=[("0101R001", ()), ("0101R002", ())])
    whole = table_of(place, counts, ["regso"], dims=["sex"], totals=[False], name="outside-others")
    cells = tuple(c for c in whole.cells if c.area == "0101R002")
    areas = tuple(a for a in whole.areas if a.code == "0101R002")
    sensitive = [("table", "0101R001", ())]
    assert audited(table, sensitive=sensitive).passed
    past = replace(NO_PAST, outside=(replace(whole, cells=cells, areas=areas),))
    report = audited(table, sensitive=sensitive, past=past)
    assert "a withheld cell can be computed" in rules(report)
    assert "outside-others" in report.checked_jointly_with
