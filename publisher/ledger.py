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


class AlreadySealedError(LedgerError):
    """The run key has a sealed release; `release` is its id.  The caller gives back those same bytes."""

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
        self._tables, self._drawn = dict(tables), set[str]()

    def authorise(self, table: str, units: int) -> None:
        """Allow one draw of `units` for `table`; LedgerError if not charged, too much, or drawn already."""
        if table not in self._tables:
            raise LedgerError(f"table {table}: nothing was charged for it")
        if table in self._drawn:
            raise LedgerError(f"table {table}: its charge is drawn already; another draw is another charge")
        if not 0 < units <= self._tables[table]:
            raise LedgerError(f"table {table}: {units} units asked, {self._tables[table]} charged")
        self._drawn.add(table)


class PrivacyLedger:
    """The accounts in a home's state file."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        chain.create_chain(db, "charges", _COLUMNS)
        db.table("sealed").create({"run_key": str, "release": str, "at": str}, pk="run_key", if_not_exists=True)

    def charge(
        self, *, account: Account, run_key: str, tables: Mapping[str, Fraction], cap: Fraction, at: str, reason: str
    ) -> Charge:
        """Write what a run will spend, before it draws.

        Raises AlreadySealedError where the key is sealed; LedgerError where it was charged and not sealed and no reason
        is given (that charge is spent: another try is another charge); BudgetExceededError over the cap.
        """
        units = {t: rho_units(rho) for t, rho in tables.items()}
        if any(u <= 0 for u in units.values()):
            raise LedgerError(f"run {run_key}: a noise table must charge more than nothing")
        with chain.immediate(self._db):
            self._check_key(run_key, reason)
            self._check_cap(account, sum(units.values()), cap)
            row: chain.Row = {
                "at": at, "kind": "charge", "agency": account.agency, "year": account.year, "run_key": run_key,
                "units": sum(units.values()), "tables": json.dumps(units, sort_keys=True), "reason": reason,
            }  # fmt: skip
            sequence = chain.append(self._db, "charges", row)
        return Charge(_MINT, account=account, run_key=run_key, sequence=sequence, tables=units)

    def _check_key(self, run_key: str, reason: str) -> None:
        release = self.sealed(run_key)
        if release is not None:
            raise AlreadySealedError(release)
        tried = self._db.conn.execute("SELECT count(*) FROM charges WHERE run_key = ?", [run_key]).fetchone()[0]
        if tried and not reason:
            raise LedgerError(
                f"run {run_key} was charged and not sealed; that charge is spent. Try again with --again --reason TEXT"
            )

    def _check_cap(self, account: Account, units: int, cap: Fraction) -> None:
        if not 0 < cap <= HIGHEST_CAP:
            raise LedgerError(f"agency {account.agency}: the cap must lie between 0 and {float(HIGHEST_CAP)}")
        spent, allowed = self.spent(account), cap.numerator * UNITS_PER_RHO // cap.denominator
        if units and spent + units > allowed:
            raise BudgetExceededError(
                f"{account.agency} {account.year}: {format_units(spent)} of {format_units(allowed)} rho is spent, "
                f"{format_units(units)} more would exceed the cap; nothing was drawn"
            )

    def sealed(self, run_key: str) -> str | None:
        """The release that a run key was sealed as, or None."""
        row = self._db.conn.execute("SELECT release FROM sealed WHERE run_key = ?", [run_key]).fetchone()
        return str(row[0]) if row else None

    def mark_sealed(self, charge: Charge, *, release: str, at: str) -> None:
        """Remember that a charged run was sealed."""
        with chain.immediate(self._db):
            self._db.conn.execute("INSERT INTO sealed VALUES (?, ?, ?)", [charge.run_key, release, at])

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
