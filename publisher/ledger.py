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


@dataclass(frozen=True, slots=True)
class Account:
    """Whose loss is counted: an agency's persons in one reference year."""

    agency: str
    year: int


@dataclass(frozen=True, slots=True)
class Intent:
    """What a run wants to charge: rho for each noise table (none for suppression), under the account's cap.

    `again`: it is meant as another try of a key that was charged and not sealed; needs a reason.
    """

    account: Account
    run_key: str
    tables: Mapping[str, Fraction]
    cap: Fraction
    reason: str
    again: bool

    def __post_init__(self) -> None:
        if not 0 < self.cap <= HIGHEST_CAP:
            raise LedgerError(f"agency {self.account.agency}: the cap must lie between 0 and {float(HIGHEST_CAP)}")
        if self.again and not self.reason:
            raise LedgerError(f"run {self.run_key}: another try needs a reason")
        if any(u <= 0 for u in self.units.values()):
            raise LedgerError(f"run {self.run_key}: a noise table must charge more than nothing")

    @property
    def units(self) -> dict[str, int]:
        """Units of each table."""
        return {t: rho_units(rho) for t, rho in self.tables.items()}


class AlreadySealedError(LedgerError):
    """The run key is sealed; `release` is its id, which is the same.  The caller gives back those same bytes."""

    def __init__(self, release: str) -> None:
        self.release = release
        super().__init__(f"release {release} is sealed already; use --revise --reason TEXT for a new version")


class Charge(Opaque):
    """Receipt of a charge: what may be drawn, table by table, each once.  Only the ledger makes it."""

    __slots__ = ("_drawn", "_tables", "account", "run_key", "sequence")

    def __init__(
        self, mint: object, *, account: Account, run_key: str, sequence: int, tables: Mapping[str, int]
    ) -> None:
        require_mint(mint, _MINT, "Charge")
        self.account, self.run_key, self.sequence = account, run_key, sequence
        self._tables, self._drawn = dict(tables), dict[str, int]()

    def authorise(self, table: str, units: int) -> None:
        """Allow one draw of `units` for `table`; LedgerError if not charged, too much, or drawn already."""
        if table not in self._tables:
            raise LedgerError(f"table {table}: nothing was charged for it")
        if table in self._drawn:
            raise LedgerError(f"table {table}: its charge is drawn already; another draw is another charge")
        if not 0 < units <= self._tables[table]:
            raise LedgerError(f"table {table}: {units} units asked, {self._tables[table]} charged")
        self._drawn[table] = units

    def charged(self, table: str) -> int:
        """Units charged for a table; 0 for none."""
        return self._tables.get(table, 0)

    def drawn(self, table: str) -> int:
        """Units that a draw of the table was authorised for; 0 before it."""
        return self._drawn.get(table, 0)


class PrivacyLedger:
    """The accounts in a home's state file."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        chain.create_chain(db, "charges", _COLUMNS)
        db.table("sealed").create({"run_key": str, "at": str}, pk="run_key", if_not_exists=True)

    def charge(self, intent: Intent, *, at: str) -> Charge:
        """Write what a run will spend, before it draws; raises what `check` raises, in the same transaction."""
        account, units = intent.account, intent.units
        with chain.immediate(self._db):
            self.check(intent)
            row: chain.Row = {
                "at": at, "kind": "charge", "agency": account.agency, "year": account.year, "run_key": intent.run_key,
                "units": sum(units.values()), "tables": json.dumps(units, sort_keys=True), "reason": intent.reason,
            }  # fmt: skip
            sequence = chain.append(self._db, "charges", row)
        return Charge(_MINT, account=account, run_key=intent.run_key, sequence=sequence, tables=units)

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
        self._check_cap(intent)

    def _check_cap(self, intent: Intent) -> None:
        units, account = sum(intent.units.values()), intent.account
        spent, allowed = self.spent(account), intent.cap.numerator * UNITS_PER_RHO // intent.cap.denominator
        if units and spent + units > allowed:
            raise BudgetExceededError(
                f"{account.agency} {account.year}: {format_units(spent)} of {format_units(allowed)} rho is spent, "
                f"{format_units(units)} more would exceed the cap; nothing was drawn"
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
