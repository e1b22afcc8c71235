"""Append-only tables whose rows are chained by hash, in the SQLite file of a home.

Each row holds the hash of the row before it, so that a changed, removed or reordered row is seen.  The hashes stay on
the secret side; what leaves it is an HMAC of a hash (MODEL.md, "What is hashed, keyed and signed").
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlite_utils

from publisher.errors import LedgerError

Row = Mapping[str, str | int]
GENESIS = "0" * 64


def open_state(path: Path) -> sqlite_utils.Database:
    """Open the state file with a rollback journal and every write synced (P1; WAL is avoided, SAFETY.md)."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA recursive_triggers = ON")  # else INSERT OR REPLACE removes rows unseen
    return sqlite_utils.Database(connection)


@contextmanager
def immediate(db: sqlite_utils.Database) -> Iterator[None]:
    """A write transaction that takes the lock before anything is read, so that two processes cannot both decide."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.conn.execute("ROLLBACK")
        raise
    db.conn.execute("COMMIT")


def create_chain(db: sqlite_utils.Database, table: str, columns: Mapping[str, type]) -> None:
    """Create a chained table if it is missing; updates and deletes are refused by triggers."""
    if db.table(table).exists():
        return
    shape = {"sequence": int, **columns, "previous": str, "hash": str}
    with immediate(db):  # the lock first: of two processes that look first and lock then, SQLite refuses one
        db.table(table).create(shape, pk="sequence", not_null=set(shape), if_not_exists=True)
        _refuse_changes(db, table)


def _refuse_changes(db: sqlite_utils.Database, table: str) -> None:
    for action in ("UPDATE", "DELETE"):
        db.conn.execute(
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{action.lower()} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def append(db: sqlite_utils.Database, table: str, row: Row) -> int:
    """Append a row inside the caller's transaction; returns its sequence number."""
    sequence, previous = head(db, table)
    content = {"sequence": sequence + 1, **row, "previous": previous}
    db.conn.execute(*_insert(table, {**content, "hash": _hash(content)}))
    return sequence + 1


def _insert(table: str, row: Row) -> tuple[str, list[str | int]]:
    names, marks = ", ".join(f"[{n}]" for n in row), ", ".join("?" for _ in row)
    return f"INSERT INTO [{table}] ({names}) VALUES ({marks})", list(row.values())


def _hash(content: Row) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def head(db: sqlite_utils.Database, table: str) -> tuple[int, str]:
    """Sequence and hash of the last row; (0, GENESIS) of an empty table."""
    row = db.conn.execute(f"SELECT sequence, hash FROM [{table}] ORDER BY sequence DESC LIMIT 1").fetchone()
    return (int(row[0]), str(row[1])) if row else (0, GENESIS)


def hash_at(db: sqlite_utils.Database, table: str, sequence: int) -> str | None:
    """The hash of a row, GENESIS for 0, None where the table does not reach so far."""
    if sequence == 0:
        return GENESIS
    row = db.conn.execute(f"SELECT hash FROM [{table}] WHERE sequence = ?", [sequence]).fetchone()
    return str(row[0]) if row else None


class BrokenChainError(LedgerError):
    """A row is not the one that was written.  `row` counts from 1."""

    def __init__(self, table: str, row: int) -> None:
        self.row = row
        super().__init__(f"{table}: the chain is broken at row {row}; restore a backup and book the difference")


def verify_rows(table: str, rows: Iterable[Row]) -> int:
    """Recompute every hash of rows in order of sequence; returns their number, or raises BrokenChainError.

    Rows that were cut off at the end are not seen: what is sealed holds how far the chain had reached.
    """
    previous, count = GENESIS, 0
    for row in rows:
        content = {k: v for k, v in row.items() if k != "hash"}
        count += 1
        expected = (count, previous, _hash(content))
        if (row.get("sequence"), row.get("previous"), row.get("hash")) != expected:
            raise BrokenChainError(table, count)
        previous = str(row["hash"])
    return count


def verify_chain(db: sqlite_utils.Database, table: str) -> int:
    """`verify_rows` of a whole table."""
    return verify_rows(table, db.table(table).rows_where(order_by="sequence"))
