"""How often something may be tried: a few times at once, and then after delays that double.

An attempt is counted before it is judged, so that many at once do not all slip through.  What is counted is kept under
keyed digests: neither names that do not exist (people type passwords there) nor addresses stand in the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network

import sqlite_utils

from publisher import chain
from publisher.desk.secret_key import SecretKey
from publisher.desk.tables import ensure

FIRST_DELAY, LONGEST_DELAY = 30, 3600
"""Seconds to wait after the first attempt that is one too many, and at most."""

FORGOTTEN = 24 * 3600
"""Seconds after which attempts that were followed by none are forgotten."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What is counted, and how many attempts are free of delay."""

    kind: str
    what: str
    free: int


def of_account(name: str) -> Limit:
    """Attempts on an account, from wherever they come, whether or not there is one of that name."""
    return Limit("account", name.casefold(), 5)


def of_address(address: str) -> Limit:
    """Attempts from a network address, on whatever account; of IPv6 the network of 64 bits that one customer has."""
    try:
        found = ip_address(address)
    except ValueError:
        return Limit("address", address, 20)
    network = ip_network(f"{found}/64", strict=False) if found.version == 6 else found
    return Limit("address", str(network), 20)


def of_device(device: str) -> Limit:
    """Attempts from a browser that has signed the same account in before: strangers' failures do not keep it out."""
    return Limit("device", device, 5)


class Throttle:
    """The counts of a desk."""

    def __init__(self, db: sqlite_utils.Database, key: SecretKey) -> None:
        self._db, self._key = db, key
        shape = {"id": str, "count": int, "last": int, "free_at": int}
        ensure(db, "attempts", shape, pk="id")

    def take(self, limits: Iterable[Limit], *, now: datetime) -> int:
        """Count one attempt under every limit.  Where one of them says to wait: the seconds, and nothing is counted."""
        at = int(now.timestamp())
        with chain.immediate(self._db):
            self._db.conn.execute("DELETE FROM attempts WHERE last < ?", [at - FORGOTTEN])
            rows = {limit: self._row(limit) for limit in limits}
            wait = max(free_at - at for _, free_at in rows.values())
            if wait > 0:
                return wait
            for limit, (count, _) in rows.items():
                self._db.conn.execute(
                    "INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?)",
                    [self._id(limit), count + 1, at, at + delay(count + 1, free=limit.free)],
                )
        return 0

    def give_back(self, limit: Limit) -> None:
        """The last attempt was a good one: it does not count."""
        with chain.immediate(self._db):
            count = max(self._row(limit)[0] - 1, 0)
            self._db.conn.execute(
                "UPDATE attempts SET count = ?, free_at = last + ? WHERE id = ?",
                [count, delay(count, free=limit.free), self._id(limit)],
            )

    def forget(self, limit: Limit) -> None:
        """Begin to count anew."""
        self._db.conn.execute("DELETE FROM attempts WHERE id = ?", [self._id(limit)])

    def _row(self, limit: Limit) -> tuple[int, int]:
        found = self._db.conn.execute(
            "SELECT count, free_at FROM attempts WHERE id = ?", [self._id(limit)]
        ).fetchone()
        return (int(found[0]), int(found[1])) if found else (0, 0)

    def _id(self, limit: Limit) -> str:
        return self._key.digest("attempts", f"{limit.kind}:{limit.what}")


def delay(count: int, *, free: int) -> int:
    """Seconds until another attempt after so many: none while they are free, then 30, 60, 120, … up to an hour."""
    over = count - free
    return 0 if over < 0 else int(min(FIRST_DELAY * 2 ** min(over, 20), LONGEST_DELAY))
