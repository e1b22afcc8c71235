"""Every run that was ever due, and what became of it: a table of the home's state, one row a run key."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import MappingProxyType

import sqlite_utils

from publisher import chain
from publisher.errors import RunError
from publisher.periods import Period
from publisher.preparation import RunRequest


class RunState(StrEnum):
    """How far a run is (P5 of SAFETY.md)."""

    PLANNED = "planned"
    STARTED = "started"
    CHARGED = "charged"
    SEALED = "sealed"
    PUBLISHED = "published"
    FAILED = "failed"
    SKIPPED = "skipped"


NEXT: Mapping[RunState, frozenset[RunState]] = MappingProxyType({
    RunState.PLANNED: frozenset({RunState.STARTED, RunState.SKIPPED, RunState.SEALED}),
    RunState.STARTED: frozenset({RunState.CHARGED, RunState.SEALED, RunState.FAILED}),
    RunState.CHARGED: frozenset({RunState.SEALED, RunState.FAILED}),
    RunState.SEALED: frozenset({RunState.PUBLISHED}),
    RunState.PUBLISHED: frozenset(),
    RunState.FAILED: frozenset({RunState.PLANNED, RunState.SEALED}),
    RunState.SKIPPED: frozenset({RunState.PLANNED, RunState.SEALED}),
})  # fmt: skip
"""All ways there are.  What failed or was skipped is planned again by an officer's decision only."""
OPEN = (RunState.PLANNED, RunState.STARTED, RunState.CHARGED)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run: its key (policy, period, version of the release), its state and when it came to it.

    `again`: it was charged before, and a further charge was decided.  `detail`: why it failed or was skipped, or what
    it waits for.
    """

    policy: str
    period: str
    version: int
    state: RunState
    planned_at: str
    started_at: str = ""
    ended_at: str = ""
    detail: str = ""
    reason: str = ""
    again: bool = False

    @property
    def request(self) -> RunRequest:
        """What to run."""
        reason = self.reason if self.version > 1 or self.again else ""
        return RunRequest(
            self.policy, Period.parse(self.period), self.version > 1, self.again, reason, version=self.version
        )

    @property
    def key(self) -> str:
        """The id of the release that it makes."""
        return f"{self.policy}.{self.period}.v{self.version}"


class RunTable:
    """The runs of a home."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db
        text = ("policy", "period", "state", "planned_at", "started_at", "ended_at", "detail", "reason")
        shape = {**dict.fromkeys(text, str), "version": int, "again": int}
        db.table("runs").create(shape, pk=("policy", "period", "version"), not_null=set(shape), if_not_exists=True)

    def add(self, row: RunRow) -> bool:
        """Remember a run, unless its key is known; returns whether it was new."""
        values = {**asdict(row), "state": row.state.value, "again": int(row.again)}
        names, marks = ", ".join(values), ", ".join("?" for _ in values)
        with chain.immediate(self._db):
            found = self._db.conn.execute(
                f"INSERT OR IGNORE INTO runs ({names}) VALUES ({marks})", list(values.values())
            )
            return found.rowcount == 1

    def move(self, run: RunRow, state: RunState, **values: str | int) -> RunRow:
        """Bring a run to another state; RunError where there is no way from the one it is in now."""
        with chain.immediate(self._db):
            now = self.get(run)
            if state not in NEXT[now.state]:
                raise RunError(f"run {run.key} is {now.state} and cannot become {state}")
            columns = ", ".join(f"{c} = ?" for c in ("state", *values))
            self._db.conn.execute(
                f"UPDATE runs SET {columns} WHERE policy = ? AND period = ? AND version = ?",
                [state.value, *values.values(), run.policy, run.period, run.version],
            )
        return self.get(run)

    def note(self, run: RunRow, detail: str) -> None:
        """Say what a planned run waits for, or that it waits for nothing."""
        where = "policy = ? AND period = ? AND version = ? AND state = ?"
        self._db.conn.execute(
            f"UPDATE runs SET detail = ? WHERE {where}",
            [detail, run.policy, run.period, run.version, RunState.PLANNED.value],
        )

    def get(self, run: RunRow) -> RunRow:
        """A run as it is now."""
        where = "policy = ? AND period = ? AND version = ?"
        return _of(next(iter(self._db.table("runs").rows_where(where, [run.policy, run.period, run.version]))))

    def rows(self) -> list[RunRow]:
        """All runs, the first planned first."""
        return [_of(r) for r in self._db.table("runs").rows_where(order_by="planned_at, policy, period, version")]

    def open(self) -> list[RunRow]:
        """Runs that are planned or under way, the first planned first."""
        return [r for r in self.rows() if r.state in OPEN]


def _of(row: Mapping[str, str | int]) -> RunRow:
    return RunRow(**{**row, "state": RunState(str(row["state"])), "again": bool(row["again"])})  # type: ignore[arg-type]
