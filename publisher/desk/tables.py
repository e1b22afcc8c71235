"""Tables of the officer's database, made once by whichever process comes first."""

from collections.abc import Mapping

import sqlite_utils

from publisher import chain


def ensure(db: sqlite_utils.Database, name: str, shape: Mapping[str, type], *, pk: str | tuple[str, ...]) -> None:
    """Make a table if it is missing.

    The lock is taken before it is asked again whether it is: of two that look first and lock then, SQLite refuses one.
    """
    if not db.table(name).exists():
        with chain.immediate(db):
            db.table(name).create(dict(shape), pk=pk, not_null=set(shape), if_not_exists=True)
