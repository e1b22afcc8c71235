"""Charge before draw: the account is never overspent, never lowered, never paid after the fact."""

import multiprocessing
import pickle
import sqlite3
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.chain import open_state
from publisher.errors import BudgetExceededError, LedgerError
from publisher.ledger import (
    Account,
    AlreadySealedError,
    Charge,
    Intent,
    PrivacyLedger,
    cap_units,
    format_units,
    rho_units,
)

ACCOUNT = Account("fk", 2022)


def intent(key: str = "p.2022.v1", rho: str = "0.05", *, again: bool = False, reason: str = "") -> Intent:
    return Intent(ACCOUNT, key, {"t/m": rho_units(Fraction(rho))}, Fraction("0.125"), reason, again)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def open_ledger(path: Path) -> PrivacyLedger:
    return PrivacyLedger(open_state(path))


def test_a_charge_is_on_disk_before_anything_can_be_drawn(path: Path) -> None:
    open_ledger(path).charge(intent(), at="now")
    assert open_ledger(path).spent(ACCOUNT) == 50_000_000


def test_a_charge_over_the_cap_is_refused_and_changes_nothing(path: Path) -> None:
    ledger = open_ledger(path)
    ledger.charge(intent("a.2022.v1", "0.1"), at="now")
    with pytest.raises(BudgetExceededError, match=r"0\.1 of 0\.125 rho is spent"):
        ledger.charge(intent("b.2022.v1", "0.025000001"), at="now")
    assert ledger.spent(ACCOUNT) == 100_000_000
    ledger.charge(intent("b.2022.v1", "0.025"), at="now")
    assert ledger.spent(ACCOUNT) == 125_000_000


def test_every_reference_year_has_its_own_account(path: Path) -> None:
    ledger = open_ledger(path)
    ledger.charge(intent("a.2022.v1", "0.125"), at="now")
    cap = Fraction("0.125")
    other = Intent(Account("fk", 2021), "a.2021.v1", {"t/m": rho_units(cap)}, cap, "", False)
    assert ledger.charge(other, at="now").sequence == 2


def test_a_key_that_was_charged_and_not_sealed_is_spent(path: Path) -> None:
    ledger = open_ledger(path)
    ledger.charge(intent(), at="now")
    with pytest.raises(LedgerError, match="that charge is spent"):
        ledger.charge(intent(), at="now")
    ledger.charge(intent(again=True, reason="the machine stopped"), at="now")
    assert ledger.spent(ACCOUNT) == 100_000_000


def test_another_try_needs_a_reason() -> None:
    with pytest.raises(LedgerError, match="needs a reason"):
        intent(again=True)


def test_a_sealed_key_is_given_back_and_never_charged_again(path: Path) -> None:
    ledger = open_ledger(path)
    ledger.charge(intent(), at="now")
    ledger.mark_sealed("p.2022.v1", at="now")  # a transaction of its own: nothing else is open
    with pytest.raises(AlreadySealedError) as raised:
        ledger.charge(intent(again=True, reason="again"), at="now")
    assert raised.value.release == "p.2022.v1"
    assert ledger.spent(ACCOUNT) == 50_000_000


def test_a_noise_table_cannot_be_charged_nothing() -> None:
    with pytest.raises(LedgerError, match="more than nothing"):
        intent(rho="0")


def test_a_cap_above_one_half_is_refused() -> None:
    with pytest.raises(LedgerError, match="cap must lie"):
        Intent(ACCOUNT, "k", {}, Fraction("0.6"), "", False)


def test_a_charge_allows_one_draw_of_each_measurement_it_paid_for(path: Path) -> None:
    charge = open_ledger(path).charge(intent(), at="now")
    with pytest.raises(LedgerError, match="nothing was charged"):
        charge.authorise("other", 1)
    with pytest.raises(LedgerError, match="50000001 units asked"):
        charge.authorise("t/m", 50_000_001)
    charge.authorise("t/m", 50_000_000)
    with pytest.raises(LedgerError, match="drawn already"):
        charge.authorise("t/m", 1)


def test_only_the_ledger_makes_a_charge() -> None:
    with pytest.raises(TypeError, match="receipt"):
        Charge(object(), account=ACCOUNT, run_key="k", sequence=1, parts={"t/m": 1})


def test_a_charge_cannot_be_copied_to_another_process(path: Path) -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(open_ledger(path).charge(intent(), at="now"))


@pytest.mark.parametrize("statement", ["UPDATE charges SET units = 0", "DELETE FROM charges"])
def test_rows_cannot_be_changed_or_removed(path: Path, statement: str) -> None:
    ledger = open_ledger(path)
    ledger.charge(intent(), at="now")
    with sqlite3.connect(path) as other, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)
    assert ledger.verify() == 1


@pytest.mark.parametrize(
    "statement",
    ["UPDATE charges SET units = 1 WHERE sequence = 1", "DELETE FROM charges WHERE sequence = 1",
     "UPDATE charges SET at = 'x' WHERE sequence = 2"],
)  # fmt: skip
def test_a_row_edited_behind_the_triggers_breaks_the_chain(path: Path, statement: str) -> None:
    ledger = open_ledger(path)
    ledger.charge(intent("a.2022.v1", "0.01"), at="now")
    ledger.charge(intent("b.2022.v1", "0.01"), at="now")
    with sqlite3.connect(path) as other:
        other.execute("DROP TRIGGER charges_no_update")
        other.execute("DROP TRIGGER charges_no_delete")
        other.execute(statement)
    with pytest.raises(LedgerError, match="chain is broken at row"):
        open_ledger(path).verify()


def test_a_booking_raises_the_account_and_needs_a_reason(path: Path) -> None:
    ledger = open_ledger(path)
    ledger.book(account=ACCOUNT, units=7, releases=["r"], at="now", reason="restored")
    assert ledger.spent(ACCOUNT) == 7
    assert ledger.booked() == {"r"}
    with pytest.raises(LedgerError, match="never lowers"):
        ledger.book(account=ACCOUNT, units=-1, releases=[], at="now", reason="x")


def _charge_many(path: str, worker: int, results: "multiprocessing.Queue[int]") -> None:
    ledger, done = open_ledger(Path(path)), 0
    for n in range(20):
        try:
            ledger.charge(intent(f"w{worker}-{n}.2022.v1", "0.005"), at="now")
            done += 1
        except BudgetExceededError:
            pass
    results.put(done)


def test_processes_that_charge_at_once_never_overspend(path: Path) -> None:
    open_ledger(path)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_charge_many, args=(str(path), w, results)) for w in range(3)]
    for w in workers:
        w.start()
    done = sum(results.get(timeout=60) for _ in workers)
    for w in workers:
        w.join()
    assert done == 25
    assert open_ledger(path).spent(ACCOUNT) == 125_000_000


class Overtaken(PrivacyLedger):
    """A ledger during whose look at the account somebody else tries to charge the same rest."""

    def check_cap(self, intent: Intent) -> None:
        super().check_cap(intent)
        self.other.start()
        self.other.join(timeout=0.5)
        self.waited = self.other.is_alive()


def test_of_two_that_race_for_the_rest_of_an_account_the_second_waits_and_is_refused(path: Path) -> None:
    open_ledger(path).charge(intent("a.2022.v1", "0.1"), at="now")
    first, told = Overtaken(open_state(path)), list[str]()

    def charge_the_same() -> None:
        try:
            open_ledger(path).charge(intent("c.2022.v1", "0.025"), at="now")
        except BudgetExceededError as error:
            told.append(str(error))

    first.other = threading.Thread(target=charge_the_same)
    first.charge(intent("b.2022.v1", "0.025"), at="now")
    first.other.join(timeout=60)
    assert first.waited, "nobody looks at the account between another's look and its charge"
    assert open_ledger(path).spent(ACCOUNT) == 125_000_000
    assert len(told) == 1
    assert "0.125 of 0.125 rho is spent" in told[0]


def test_a_refusal_says_in_one_line_what_is_spent_asked_and_allowed_and_what_helps(path: Path) -> None:
    ledger = open_ledger(path)
    ledger.charge(intent("a.2022.v1", "0.1"), at="now")
    asked = replace(intent("b.2022.v1", "0.03"), over_the_cap="Wait for 2023")
    with pytest.raises(BudgetExceededError) as refused:
        ledger.charge(asked, at="now")
    assert str(refused.value) == (
        "fk 2022: 0.1 of 0.125 rho is spent, and the run asks 0.03, which would exceed the cap; nothing was drawn. "
        "Wait for 2023"
    )


def test_a_cap_between_two_units_allows_the_lower() -> None:
    assert cap_units(Fraction("0.1250000009")) == 125_000_000
    assert rho_units(Fraction("0.1250000001")) == 125_000_001


@given(st.fractions(min_value=0, max_value=1))
def test_units_are_never_below_rho(rho: Fraction) -> None:
    assert 0 <= Fraction(rho_units(rho), 10**9) - rho < Fraction(1, 10**9)


@given(st.integers(min_value=0, max_value=10**10))
def test_units_in_words_are_exact(units: int) -> None:
    assert Fraction(format_units(units)) * 10**9 == units


def test_what_was_charged_and_drawn_is_told_for_each_table_apart(path: Path) -> None:
    parts = {"t/persons": 5, "t/amount": 7, "t-two/persons": 9}
    both = Intent(ACCOUNT, "k", parts, Fraction("0.125"), "", False)
    charge = open_ledger(path).charge(both, at="now")
    charge.authorise("t/amount", 6)
    assert charge.charged("t") == {"t/persons": 5, "t/amount": 7}
    assert charge.drawn("t") == {"t/amount": 6}
    assert charge.drawn("t-two") == {}
