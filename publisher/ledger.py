"""The account of privacy loss: charged before anything is drawn, never lowered, never overspent.

Protocol P1 of SAFETY.md.  zCDP rho composes by addition (Bun and Steinke 2016, lemma 1.7); it is kept in integer units
of 1e-9, rounded up.  One account for each agency and reference year: the unit is all rows of one person in one year.
Every run is written here before it measures anything, suppression with zero units, so that no run key is used twice.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import sqlite_utils

from publisher import chain
from publisher.errors import BudgetExceededError, LedgerError
from publisher.opaque import Opaque, require_mint

UNITS_PER_RHO = 10**9
DEFAULT_CAP = Fraction("0.125")
HIGHEST_CAP = Fraction("0.5")
_MINT = object()
_COLUMNS = {"at": str, "kind": str, "agency": str, "year": int, "run_key": str, "units": int, "tables": str,
            "reason": str}  # fmt: skip


def rho_units(rho: Fraction) -> int:
    """Rho in units of 1e-9, rounded up: the account never shows less than what is spent."""
    return -((-rho.numerator * UNITS_PER_RHO) // rho.denominator)


def cap_units(cap: Fraction) -> int:
    """A cap in units of 1e-9 rho, rounded down: no more than it may ever be spent."""
    return cap.numerator * UNITS_PER_RHO // cap.denominator


@dataclass(frozen=True, slots=True)
class Account:
    """Whose loss is counted: an agency's persons in one reference year."""

    agency: str
    year: int


@dataclass(frozen=True, slots=True)
class Intent:
    """What a run wants to charge: units of rho for each measurement (none for suppression), under the account's cap.

    `again`: it is meant as another try of a key that was charged and not sealed; needs a reason.  `over_the_cap`: what
    a refusal adds for whoever reads it, where the cap does not allow the run: what helps, and when the next one can be.
    """

    account: Account
    run_key: str
    parts: Mapping[str, int]
    cap: Fraction
    reason: str
    again: bool
    over_the_cap: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.cap <= HIGHEST_CAP:
            raise LedgerError(f"agency {self.account.agency}: the cap must lie between 0 and {float(HIGHEST_CAP)}")
        if self.again and not self.reason:
            raise LedgerError(f"run {self.run_key}: another try needs a reason")
        if any(u <= 0 for u in self.parts.values()):
            raise LedgerError(f"run {self.run_key}: a measurement must charge more than nothing")


class AlreadySealedError(LedgerError):
    """The run key is sealed; `release` is its id, which is the same.  The caller gives back those same bytes."""

    def __init__(self, release: str) -> None:
        self.release = release
        super().__init__(f"release {release} is sealed already; use --revise --reason TEXT for a new version")


class Charge(Opaque):
    """Receipt of a charge: what may be drawn, measurement by measurement, each once.  Only the ledger makes it.

    Measurements are named `TABLE/MEASURE`, with more behind a second slash where a measure needs several.
    """

    __slots__ = ("_drawn", "_parts", "account", "run_key", "sequence")

    def __init__(
        self, mint: object, *, account: Account, run_key: str, sequence: int, parts: Mapping[str, int]
    ) -> None:
        require_mint(mint, _MINT, "Charge")
        self.account, self.run_key, self.sequence = account, run_key, sequence
        self._parts, self._drawn = dict(parts), dict[str, int]()

    def authorise(self, part: str, units: int) -> None:
        """Allow one draw of `units` for `part`; LedgerError if not charged, too much, or drawn already."""
        if part not in self._parts:
            raise LedgerError(f"measurement {part}: nothing was charged for it")
        if part in self._drawn:
            raise LedgerError(f"measurement {part}: its charge is drawn already; another draw is another charge")
        if not 0 < units <= self._parts[part]:
            raise LedgerError(f"measurement {part}: {units} units asked, {self._parts[part]} charged")
        self._drawn[part] = units

    def charged(self, table: str) -> dict[str, int]:
        """Units charged for each measurement of a table."""
        return {name: units for name, units in self._parts.items() if name.startswith(f"{table}/")}

    def drawn(self, table: str) -> dict[str, int]:
        """Units that draws of a table's measurements were authorised for."""
        return {name: units for name, units in self._drawn.items() if name.startswith(f"{table}/")}


class PrivacyLedger:
    """The accounts in a home's state file."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        chain.create_chain(db, "charges", _COLUMNS)
        db.table("sealed").create({"run_key": str, "at": str}, pk="run_key", if_not_exists=True)

    def charge(self, intent: Intent, *, at: str) -> Charge:
        """Write what a run will spend, before it draws; raises what `check` raises, in the same transaction."""
        account, units = intent.account, dict(intent.parts)
        with chain.immediate(self._db):
            self.check(intent)
            row: chain.Row = {
                "at": at, "kind": "charge", "agency": account.agency, "year": account.year, "run_key": intent.run_key,
                "units": sum(units.values()), "tables": json.dumps(units, sort_keys=True), "reason": intent.reason,
            }  # fmt: skip
            sequence = chain.append(self._db, "charges", row)
        return Charge(_MINT, account=account, run_key=intent.run_key, sequence=sequence, parts=units)

    def check(self, intent: Intent) -> None:
        """Whether a run could be charged now.

        Raises AlreadySealedError where the key is sealed; LedgerError where it was charged and not sealed and it is not
        meant as another try (that charge is spent: another try is another charge); BudgetExceededError over the cap.
        """
        if self.is_sealed(intent.run_key):
            raise AlreadySealedError(intent.run_key)
        tried = self._db.conn.execute("SELECT count(*) FROM charges WHERE run_key = ?", [intent.run_key]).fetchone()[0]
        if tried and not intent.again:
            raise LedgerError(
                f"run {intent.run_key} was charged and not sealed; that charge is spent. Try again with "
                "--again --reason TEXT: it is another charge"
            )
        self.check_cap(intent)

    def check_cap(self, intent: Intent) -> None:
        """BudgetExceededError where the account has no room for the run: what is spent, asked and allowed."""
        units, account = sum(intent.parts.values()), intent.account
        spent, allowed = self.spent(account), cap_units(intent.cap)
        if units and spent + units > allowed:
            raise BudgetExceededError(
                f"{account.agency} {account.year}: {format_units(spent)} of {format_units(allowed)} rho is spent, and "
                f"the run asks {format_units(units)}, which would exceed the cap; nothing was drawn"
                + (f". {intent.over_the_cap}" if intent.over_the_cap else "")
            )

    def is_sealed(self, run_key: str) -> bool:
        """Whether a run was sealed; its release has the run key as id."""
        return self._db.conn.execute("SELECT 1 FROM sealed WHERE run_key = ?", [run_key]).fetchone() is not None

    def mark_sealed(self, run_key: str, *, at: str) -> None:
        """Remember, inside the caller's transaction, that a charged run was sealed."""
        self._db.conn.execute("INSERT OR IGNORE INTO sealed VALUES (?, ?)", [run_key, at])

    def book(self, *, account: Account, units: int, releases: list[str], at: str, reason: str) -> int:
        """Book a difference after a rollback (P3): `units` more are spent, and `releases` are accounted for."""
        if units < 0 or not reason:
            raise LedgerError("a booking needs a reason and never lowers the account")
        row: chain.Row = {
            "at": at, "kind": "book", "agency": account.agency, "year": account.year, "run_key": "", "units": units,
            "tables": json.dumps(sorted(releases)), "reason": reason,
        }  # fmt: skip
        with chain.immediate(self._db):
            return chain.append(self._db, "charges", row)

    def spent(self, account: Account) -> int:
        """Units spent of an account, whatever became of the runs."""
        query = "SELECT coalesce(sum(units), 0) FROM charges WHERE agency = ? AND year = ?"
        return int(self._db.conn.execute(query, [account.agency, account.year]).fetchone()[0])

    def parts(self, run_key: str) -> dict[str, int]:
        """Units that a run's last charge held for each measurement; empty where the ledger has none."""
        query = "SELECT tables FROM charges WHERE run_key = ? AND kind = 'charge' ORDER BY sequence DESC LIMIT 1"
        row = self._db.conn.execute(query, [run_key]).fetchone()
        units: dict[str, int] = json.loads(row[0]) if row else {}
        return units

    def head(self) -> tuple[int, str]:
        """Sequence and hash of the last row (the hash does not leave the secret side)."""
        return chain.head(self._db, "charges")

    def hash_at(self, sequence: int) -> str | None:
        """The hash of a row, or None where the ledger does not reach so far."""
        return chain.hash_at(self._db, "charges", sequence)

    def booked(self) -> frozenset[str]:
        """Releases that a booking has accounted for."""
        rows = self._db.conn.execute("SELECT tables FROM charges WHERE kind = 'book'").fetchall()
        return frozenset(r for row in rows for r in json.loads(row[0]))

    def rows(self) -> list[dict[str, str | int]]:
        """All rows, oldest first."""
        return [dict(r) for r in self._db.table("charges").rows_where(order_by="sequence")]

    def verify(self) -> int:
        """Verify the chain; returns the number of rows, raises LedgerError at the first broken one."""
        return chain.verify_chain(self._db, "charges")


def format_units(units: int) -> str:
    """Units of 1e-9 as plain decimal rho: 20000000 is 0.02."""
    text = f"{units // UNITS_PER_RHO}.{units % UNITS_PER_RHO:09d}".rstrip("0")
    return text.removesuffix(".")
