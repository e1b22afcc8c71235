"""Everything of a home that a command works with, opened together and closed together."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlite_utils

from publisher.bodies import BodyRegister
from publisher.checked import CheckedFiles
from publisher.errors import RunError
from publisher.home import Home, Keys
from publisher.ledger import PrivacyLedger
from publisher.log import ActionLog
from publisher.policy.declarations import Settings
from publisher.store import ReleaseStore


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open home."""

    home: Home
    settings: Settings
    keys: Keys
    db: sqlite_utils.Database
    log: ActionLog
    ledger: PrivacyLedger
    store: ReleaseStore
    bodies: BodyRegister
    checked: CheckedFiles


@contextmanager
def open_workspace(home: Home, *, exclusive: bool) -> Iterator[Workspace]:
    """Open a home; `exclusive` takes the lock of everything that writes, and RunError says so where it is taken.

    Nothing is written to a home whose ledger, log or register of bodies was edited: LedgerError names the row.
    """
    settings, keys, db = home.settings(), home.keys(), home.state()
    try:
        with _lock(home.root / "lock", exclusive):
            log, ledger, bodies = ActionLog(db), PrivacyLedger(db), BodyRegister(db)
            if exclusive:
                for kept in (ledger, log, bodies):
                    kept.verify()
            store = ReleaseStore(home, db, keys)
            yield Workspace(home, settings, keys, db, log, ledger, store, bodies, CheckedFiles(db))
    finally:
        db.close()


@contextmanager
def _lock(path: Path, exclusive: bool) -> Iterator[None]:
    if not exclusive:
        yield
        return
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunError("another publisher process works in this home; wait until it is done") from None
        yield
