"""What the schedules will still charge, where the cap is reached, and when the next run is possible."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from homes import ROOT

from publisher.errors import PolicyError
from publisher.forecast import (
    Forecast,
    Run,
    charged_runs,
    forecast_document,
    foresee,
    in_words,
    next_possible,
    over_the_cap,
    periods_of_year,
    runs_to_come,
    units_of_run,
    years_in_question,
)
from publisher.ledger import Account, cap_units
from publisher.periods import Period
from publisher.policy.loader import load_policy
from publisher.policy.model import Noise, Policy, Schedule

FK = Account("forsakringskassan", 2022)
CAP = cap_units(Fraction("0.125"))
MARCH = datetime(2022, 3, 1, tzinfo=UTC)
Row = dict[str, str | int]


def policy(every: str, rho: str, *, name: str = "", day: int = 15) -> Policy:
    """The yearly policy of the project, on another schedule and with another rho."""
    made = load_policy(ROOT / "policies" / "fk-ohalsa.yaml").policy
    table = made.tables[0]
    assert isinstance(table.protection, Noise)
    schedule = Schedule(every, 2 if every == "year" else None, day, "03:30", "08:00", "Europe/Stockholm")
    noisy = replace(table, protection=replace(table.protection, rho=Fraction(rho)))
    return replace(made, id=name or f"fk-{every}", schedule=schedule, tables=(noisy,))


def row(key: str, units: int, *, kind: str = "charge", tables: str = "{}") -> Row:
    year = int(key.split(".")[1][:4]) if key else 2022
    return {"agency": FK.agency, "year": year, "run_key": key, "units": units, "kind": kind, "tables": tables}


def foreseen(policies: Sequence[Policy], rows: Sequence[Row] = (), now: datetime = MARCH) -> Forecast:
    runs = runs_to_come(policies, FK, charged=charged_runs(rows), now=now)
    return foresee(FK, runs, cap=CAP, spent=sum(int(r["units"]) for r in rows if r["year"] == FK.year))


def codes(runs: Sequence[Run]) -> list[str]:
    return [r.period.code for r in runs]


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ("month", [f"2022M{m:02d}" for m in range(1, 13)]),
        ("quarter", ["2022K1", "2022K2", "2022K3", "2022K4"]),
        ("year", ["2022"]),
    ],
)
def test_every_period_of_the_year_is_to_come_where_none_was_charged(every: str, expected: list[str]) -> None:
    forecast = foreseen([policy(every, "0.01")])
    assert codes(forecast.runs) == expected
    assert forecast.to_come == 10_000_000 * len(expected)
    assert forecast.left == CAP - forecast.to_come
    assert forecast.reached is None


def test_runs_stand_in_the_order_in_which_they_are_due() -> None:
    three = [policy("year", "0.01"), policy("quarter", "0.01", day=14), policy("month", "0.001")]
    runs = foreseen(three).runs
    assert codes(runs)[:4] == ["2022M01", "2022M02", "2022K1", "2022M03"]
    assert [r.date for r in runs][:4] == ["2022-02-15", "2022-03-15", "2022-04-14", "2022-04-15"]
    assert codes(runs)[-3:] == ["2022K4", "2022M12", "2022"]
    assert runs[-1].date == "2023-02-15"


def test_the_cap_is_reached_in_the_first_period_that_does_not_fit() -> None:
    forecast = foreseen([policy("month", "0.015")])
    assert forecast.reached is not None
    assert forecast.reached.period.code == "2022M09"
    assert codes(forecast.refused) == ["2022M09", "2022M10", "2022M11", "2022M12"]
    assert forecast.left == 5_000_000
    document = forecast_document(forecast)
    assert (document["reached_in"], document["reached_by"], document["reached_on"]) == (
        "2022M09", "fk-month", "2022-10-15",
    )  # fmt: skip
    assert document["rho_to_come"] == "0.18"
    assert document["left_at_the_end"] == "0.005"
    assert "would be reached in 2022M09" in in_words(forecast)


def test_a_smaller_run_still_fits_after_a_larger_one_that_does_not() -> None:
    forecast = foreseen([policy("quarter", "0.05"), policy("month", "0.001")])
    assert codes(forecast.refused) == ["2022K3", "2022K4"]
    assert forecast.left == CAP - 100_000_000 - 12_000_000


def test_what_fills_the_account_exactly_is_not_refused() -> None:
    forecast = foreseen([policy("quarter", "0.03125")])
    assert (forecast.left, forecast.reached) == (0, None)
    assert foreseen([policy("quarter", "0.031250001")]).refused[0].period.code == "2022K4"


def test_a_charged_period_is_not_to_come_and_its_revision_is_spent() -> None:
    rows = [row("fk-month.2022M01.v1", 15_000_000), row("fk-month.2022M01.v2", 15_000_000)]
    forecast = foreseen([policy("month", "0.015")], rows)
    assert codes(forecast.runs)[0] == "2022M02"
    assert forecast.spent == 30_000_000
    assert forecast.reached is not None
    assert forecast.reached.period.code == "2022M08", "a revision has taken the room of one month"


def test_another_try_is_spent_twice_and_not_to_come() -> None:
    rows = [row("fk-month.2022M01.v1", 15_000_000)] * 2
    forecast = foreseen([policy("month", "0.015")], rows)
    assert forecast.spent == 30_000_000
    assert "2022M01" not in codes(forecast.runs)


def test_a_release_that_was_booked_after_a_loss_is_not_to_come() -> None:
    booked = row("", 15_000_000, kind="book", tables='["c000003", "fk-month.2022M01.v1"]')
    assert charged_runs([booked]) == {("fk-month", "2022M01")}
    assert codes(foreseen([policy("month", "0.015")], [booked]).runs)[0] == "2022M02"


def test_periods_that_were_missed_are_not_foreseen() -> None:
    runs = foreseen([policy("month", "0.001")], now=datetime(2022, 7, 20, tzinfo=UTC)).runs
    assert codes(runs) == [f"2022M{m:02d}" for m in range(6, 13)]
    assert foreseen([policy("month", "0.001")], now=datetime(2024, 3, 1, tzinfo=UTC)).runs == ()


def test_suppressed_policies_and_other_agencies_ask_nothing() -> None:
    suppressed = load_policy(ROOT / "policies" / "fk-familj-bostad.yaml").policy
    assert units_of_run(suppressed) == 0
    assert foreseen([suppressed, replace(policy("month", "0.01"), agency="other")]).runs == ()


def test_every_measured_measure_of_a_table_asks_its_own_rho() -> None:
    base = policy("year", "0.01")
    table = base.tables[0]
    amount = replace(table.measures[0], id="amount", kind="sum", of="amount", rho=Fraction("0.0200000001"))
    both = replace(base, tables=(replace(table, measures=(*table.measures, amount)),))
    assert units_of_run(both) == 30_000_001
    assert both.rho == Fraction("0.0300000001")


def test_rolling_years_have_no_forecast() -> None:
    with pytest.raises(PolicyError, match="rolling years are not published by noise"):
        periods_of_year("rolling-year", 2022)


def test_a_run_that_charges_nothing_is_no_run() -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        Run("p", Period.parse("2022"), 0, MARCH)


@pytest.mark.parametrize(
    ("every", "after", "code", "date"),
    [
        ("month", "2022M09", "2023M01", "2023-02-15"),
        ("quarter", "2022K2", "2023K1", "2023-04-15"),
        ("year", "2022", "2023", "2024-02-15"),
    ],
)
def test_the_next_possible_run_is_the_first_slot_of_the_next_year(every: str, after: str, code: str, date: str) -> None:
    following = next_possible(policy(every, "0.05"), Period.parse(after), cap=CAP, spent={2022: CAP}, charged=())
    assert following is not None
    assert (following.period.code, following.date) == (code, date)


def test_a_year_without_room_and_charged_periods_are_passed_over() -> None:
    month = policy("month", "0.05")
    rows = {2022: CAP, 2023: CAP - 49_999_999, 2024: 50_000_000}
    charged = {("fk-month", "2024M01"), ("fk-month", "2024M02"), ("fk-other", "2024M03")}
    following = next_possible(month, Period.parse("2022M09"), cap=CAP, spent=rows, charged=charged)
    assert following is not None
    assert following.period.code == "2024M03"


def test_a_run_larger_than_the_cap_is_possible_in_no_year() -> None:
    large = policy("year", "0.2")
    assert next_possible(large, Period.parse("2022"), cap=CAP, spent={}, charged=()) is None
    text = over_the_cap(large, Period.parse("2022"), cap=CAP, rows=[], anew=False)
    assert "no later year has room for this rho either" in text
    assert "a cap raised by decision" in text


def test_a_refusal_names_only_what_can_help() -> None:
    def told(rho: str, spent: str, cap: str, *, anew: bool = False) -> str:
        rows = [row("fk-year.2022.v1", int(Fraction(spent) * 10**9))]
        period = Period.parse("2022")
        return over_the_cap(policy("year", rho), period, cap=cap_units(Fraction(cap)), rows=rows, anew=anew)

    some = told("0.1", "0.1", "0.125", anew=True)
    assert "The account of 2022 never refills: 2022 can never be published anew under this cap with this rho" in some
    assert "only a smaller rho, a coarser table that needs less, or a cap raised by decision helps" in some
    assert "the next period with room is 2023, which can be run from 2024-02-15" in some
    assert "only a cap raised by decision helps" in told("0.1", "0.125", "0.125")
    assert "only a smaller rho or a coarser table that needs less helps" in told("0.3", "0.3", "0.5")
    assert "nothing helps" in told("0.3", "0.5", "0.5")


def test_the_years_in_question_are_those_charged_and_those_that_a_schedule_charges() -> None:
    rows = [row("fk-year.2019.v1", 5), row("fk-exact.2018.v1", 0)]
    now = datetime(2024, 1, 20, tzinfo=UTC)
    assert years_in_question([policy("month", "0.01")], FK.agency, rows, now) == [2019, 2023, 2024]
    assert years_in_question([policy("year", "0.01")], FK.agency, rows, now) == [2019, 2022, 2023, 2024]
    assert years_in_question([], FK.agency, rows, now) == [2019]
