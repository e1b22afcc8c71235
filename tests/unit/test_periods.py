"""Periods of a year, quarter or month, and the slots in which they are run."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.periods import Period
from publisher.policy.model import Schedule
from publisher.slots import publication_time, run_time

GRAINS = st.sampled_from(["year", "quarter", "month"])
DAYS = st.dates(date(1901, 1, 1), date(2098, 12, 31))


def monthly(day: int = 15) -> Schedule:
    return Schedule("month", None, day, "03:30", "08:00", "Europe/Stockholm")


@given(DAYS, GRAINS)
def test_every_day_lies_in_one_period_and_the_one_before_ends_where_it_begins(day: date, grain: str) -> None:
    period = Period.containing(day, grain)
    assert period.first <= day < period.end
    assert period.grain == grain
    assert period.before.end == period.first
    assert Period.parse(period.code) == period


@given(DAYS, DAYS, GRAINS, GRAINS)
def test_periods_overlap_where_a_day_lies_in_both(one: date, other: date, first: str, second: str) -> None:
    a, b = Period.containing(one, first), Period.containing(other, second)
    assert a.overlaps(b) == (max(a.first, b.first) < min(a.end, b.end)) == b.overlaps(a)


def test_a_month_lies_in_its_year_and_in_no_other() -> None:
    month = Period.parse("2022M12")
    assert month.overlaps(Period.parse("2022"))
    assert not month.overlaps(Period.parse("2023"))
    assert not month.overlaps(Period.parse("2022M11"))


@pytest.mark.parametrize(
    ("code", "due"),
    [("2022M01", "2022-02-15"), ("2022M12", "2023-01-15"), ("2024M02", "2024-03-15")],
)
def test_a_month_is_run_in_the_month_after_it(code: str, due: str) -> None:
    assert run_time(monthly(), Period.parse(code)).date().isoformat() == due


def test_a_quarter_is_run_in_the_month_after_it() -> None:
    schedule = Schedule("quarter", None, 20, "03:30", "08:00", "Europe/Stockholm")
    assert run_time(schedule, Period.parse("2022K4")).date().isoformat() == "2023-01-20"


def test_a_year_is_run_on_the_first_such_day_after_it() -> None:
    schedule = Schedule("year", 2, 15, "03:30", "08:00", "Europe/Stockholm")
    assert run_time(schedule, Period.parse("2022")).date().isoformat() == "2023-02-15"


def test_what_is_late_is_published_at_once() -> None:
    late = datetime(2023, 6, 1, tzinfo=UTC)
    assert publication_time(monthly(), Period.parse("2022M01"), late) == late


@pytest.mark.parametrize("every", ["week", "day"])
def test_other_rhythms_are_refused(every: str) -> None:
    with pytest.raises(ValueError, match=r"schedule\.every must be year, quarter, month"):
        Schedule(every, None, 15, "03:30", "08:00", "Europe/Stockholm")


def test_a_rolling_year_is_the_twelve_months_that_end_in_its_month() -> None:
    window = Period.parse("2022M03R12")
    assert (window.first, window.end, window.year, window.grain) == (
        date(2021, 4, 1), date(2022, 4, 1), 2022, "rolling-year",
    )  # fmt: skip
    assert window.before == Period.parse("2022M02R12")
    assert Period.parse("2022M01R12").before.code == "2021M12R12"
    december = Period.parse("2022M12R12")
    assert (december.first, december.end, december.year) == (date(2022, 1, 1), date(2023, 1, 1), 2022)
    assert december.overlaps(Period.parse("2022"))
    assert Period.containing(date(2022, 3, 31), "rolling-year") == window
    assert window.overlaps(Period.parse("2021M04R12"))
    assert not window.overlaps(Period.parse("2021M03R12"))


@pytest.mark.parametrize("code", ["2022R12", "2022M13R12", "2022M12R6", "2022K1R12", "2022M12R12 "])
def test_nothing_else_is_a_period(code: str) -> None:
    with pytest.raises(ValueError, match="is no period"):
        Period.parse(code)


def test_a_rolling_year_is_run_every_month() -> None:
    schedule = replace(monthly(), window="rolling-year")
    assert (schedule.grain, monthly().grain) == ("rolling-year", "month")
    assert run_time(schedule, Period.parse("2022M12R12")).date().isoformat() == "2023-01-15"
    with pytest.raises(ValueError, match="belongs to every: month"):
        replace(schedule, every="quarter")
    with pytest.raises(ValueError, match=r"schedule\.window must be rolling-year"):
        replace(schedule, window="rolling")
