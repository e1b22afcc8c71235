"""Which records were published in which way: the choice of a protection is permanent for a period (MODEL.md).

A body is what one policy counts of one source in one period.  Every sealed one is remembered in a chained table, so
that a policy that is changed, renamed or removed does not open the records for another protection.
"""

import json

import sqlite_utils

from publisher import chain
from publisher.errors import RunError
from publisher.periods import Period
from publisher.policy.check import may_share_records
from publisher.policy.model import Policy

_COLUMNS = {"at": str, "agency": str, "period": str, "policy": str, "source": str, "kept": str, "protection": str,
            "tables": str}  # fmt: skip


class BodyRegister:
    """The bodies that were sealed."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        chain.create_chain(db, "bodies", _COLUMNS)

    def check(self, policy: Policy, period: str) -> None:
        """RunError where the policy would protect in another way, or apart, what was published of this period."""
        for row in self._db.table("bodies").rows_where("agency = ?", [policy.agency]):
            taken = sorted({t.id for t in policy.tables} & set(json.loads(row["tables"])))
            if row["policy"] != policy.id and taken:
                raise RunError(f"policy {policy.id}: table id {taken[0]} belongs to policy {row['policy']}")
            if Period.parse(row["period"]).overlaps(Period.parse(period)) and self._conflict(policy, period, row):
                raise RunError(
                    f"policy {policy.id}: records of {period} that it may count were published by {row['protection']} "
                    f"under policy {row['policy']} for {row['period']} already; the choice is permanent for a period"
                )

    @staticmethod
    def _conflict(policy: Policy, period: str, row: dict[str, str]) -> bool:
        kept = tuple((column, tuple(codes)) for column, codes in json.loads(row["kept"]))
        if not may_share_records((policy.source, policy.where), (row["source"], kept)):
            return False
        if protection_of(policy) == row["protection"] == "noise":
            return False
        same = (row["policy"], row["source"], kept) == (policy.id, policy.source, policy.where)
        together = row["period"] == period or _are_rolling(row["period"], period)
        return not (same and together and protection_of(policy) == row["protection"])

    def add(self, policy: Policy, period: str, *, at: str) -> None:
        """Remember a body, before it is sealed."""
        row: chain.Row = {
            "at": at, "agency": policy.agency, "period": period, "policy": policy.id, "source": policy.source,
            "kept": json.dumps(policy.where), "protection": protection_of(policy),
            "tables": json.dumps([t.id for t in policy.tables]),
        }  # fmt: skip
        with chain.immediate(self._db):
            chain.append(self._db, "bodies", row)

    def rows(self) -> list[dict[str, str | int]]:
        """All rows, oldest first."""
        return [dict(r) for r in self._db.table("bodies").rows_where(order_by="sequence")]

    def verify(self) -> int:
        """Verify the chain; returns the number of rows."""
        return chain.verify_chain(self._db, "bodies")


def _are_rolling(*periods: str) -> bool:
    """Rolling years of one policy are protected jointly (`publisher.rolling`); other periods that overlap are not."""
    return all(Period.parse(p).grain == "rolling-year" for p in periods)


def protection_of(policy: Policy) -> str:
    """`noise` or `suppression`."""
    return "noise" if policy.noise_tables else "suppression"
