"""Everything of a home that a command works with, opened together and closed together."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import sqlite_utils

from publisher.bodies import BodyRegister
from publisher.checked import CheckedFiles
from publisher.home import Home, Keys
from publisher.ledger import PrivacyLedger
from publisher.locks import locked
from publisher.log import ActionLog
from publisher.policy.declarations import Settings
from publisher.store import ReleaseStore

_PATIENCE = 1.0
"""Seconds: who only looks whether the lock is held holds it for a moment."""


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
        with work_lock(home) if exclusive else nullcontext():
            work = Workspace(
                home, settings, keys, db, ActionLog(db), PrivacyLedger(db), ReleaseStore(home, db, keys),
                BodyRegister(db), CheckedFiles(db),
            )  # fmt: skip
            if exclusive:
                verify(work)
            yield work
    finally:
        db.close()


def verify(work: Workspace) -> None:
    """LedgerError where the ledger, the log or the register of bodies was edited, naming the row."""
    for kept in (work.ledger, work.log, work.bodies):
        kept.verify()


def work_lock(home: Home) -> AbstractContextManager[None]:
    """The lock of everything that reads records: one run or rehearsal at a time."""
    refusal = "another publisher process works in this home; wait until it is done"
    return locked(home.work_lock, refusal=refusal, patience=_PATIENCE)
