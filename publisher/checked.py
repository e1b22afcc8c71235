"""Which files were checked row by row before: the same bytes under the same declaration need no second check."""

import json
from collections.abc import Mapping

import sqlite_utils


class CheckedFiles:
    """A table of the home's state; keys are HMACs, so that nothing can be learned or guessed from it elsewhere."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        db.table("checked").create({"key": str, "found": str}, pk="key", if_not_exists=True)

    def get(self, key: str) -> Mapping[str, bool] | None:
        """What was found when files with that key were checked; None where they were not."""
        row = self._db.conn.execute("SELECT found FROM checked WHERE key = ?", [key]).fetchone()
        if row is None:
            return None
        found: dict[str, bool] = json.loads(row[0])
        return found

    def put(self, key: str, found: Mapping[str, bool]) -> None:
        """Remember a check that passed."""
        self._db.conn.execute("INSERT OR REPLACE INTO checked VALUES (?, ?)", [key, json.dumps(dict(found))])
        self._db.conn.commit()
