"""What is counted once: cases (one row a person and case) and events (one row a record of a case)."""

from dataclasses import InitVar, dataclass

import numpy as np
from numpy.typing import NDArray

from publisher.geography.placing import LocatedCases
from publisher.opaque import Opaque, require_mint
from publisher.source.engine import Engine
from publisher.source.layout import Layout

_MINT = object()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DistinctCases(Opaque):
    """The receipt of `collapse`: one row a person and case.

    `collapsed`: number of rows that fell away; `conflicting`: how many of those had another place than the one kept.
    """

    mint: InitVar[object]
    engine: Engine
    table: str
    layout: Layout
    rows: int
    collapsed: int
    conflicting: int

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "DistinctCases")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DistinctEvents(Opaque):
    """The receipt of `distinct_events`: one row an event: a record that differs from all others."""

    mint: InitVar[object]
    engine: Engine
    table: str
    layout: Layout
    rows: int

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "DistinctEvents")


Units = DistinctCases | DistinctEvents
"""Rows that are counted once."""


def distinct_events(located: LocatedCases) -> DistinctEvents:
    """Every record once, at its own place: equal in person, case, day, place, codes and amounts is the same event.

    To be called before `collapse`, which takes the other records of a case away.
    """
    engine, table = located.engine, located.engine.new_name("events")
    engine.rows(f"CREATE TABLE {table} AS SELECT DISTINCT * FROM {located.table}")
    rows = int(engine.rows(f"SELECT count(*) FROM {table}")[0][0])
    return DistinctEvents(_MINT, engine, table, located.layout, rows)


def collapse(located: LocatedCases) -> DistinctCases:
    """Keep one row a person and case.  Never one a case alone: else one person's removal would revive another's row.

    Where the rows of a person and case differ, the one with the latest date stays, then the one with the smallest leaf,
    then with the smallest codes in declared order, then with the smallest amounts.  Only what lies in the period and
    filter is compared.  Other rows leave the engine's table for good: only `distinct_events` may come before, and doing
    this twice changes nothing.
    """
    engine, table = located.engine, located.table
    hashes = "(hash(person, kase) & 4294967295)::UINTEGER"
    seen = engine.arrays(f"SELECT {hashes} AS h FROM {table}")["h"]
    seen.sort()
    repeated = np.unique(seen[1:][seen[1:] == seen[:-1]])
    del seen
    conflicting = _delete_repeated(located, hashes, repeated) if len(repeated) else 0
    rows = int(engine.rows(f"SELECT count(*) FROM {table}")[0][0])
    return DistinctCases(_MINT, engine, table, located.layout, rows, located.rows - rows, conflicting)


def _delete_repeated(located: LocatedCases, hashes: str, repeated: NDArray[np.uint32]) -> int:
    """Delete what stands twice among rows whose hash does; returns how many of them had another place.

    Equal hashes of different ids only cost a comparison.
    """
    engine, table, layout = located.engine, located.table, located.layout
    lent, doubled = engine.new_name("repeated"), engine.new_name("doubled")
    values = [f"c{j}" for j in range(len(layout.categories))] + [f"a{j}" for j in range(len(layout.amounts))]
    window = f"(PARTITION BY person, kase ORDER BY {', '.join(['day DESC', 'leaf', *values])})"
    engine.lend(lent, {"h": repeated})
    engine.rows(
        f"CREATE TABLE {doubled} AS SELECT * FROM (SELECT rowid AS r, leaf, row_number() OVER {window} AS n, "
        f"first_value(leaf) OVER {window} AS kept FROM {table} WHERE {hashes} IN (SELECT h FROM {lent})) WHERE n > 1"
    )
    engine.take_back(lent)
    conflicting = int(engine.rows(f"SELECT count(*) FROM {doubled} WHERE leaf <> kept")[0][0])
    engine.rows(f"DELETE FROM {table} WHERE rowid IN (SELECT r FROM {doubled})")
    engine.rows(f"DROP TABLE {doubled}")
    return conflicting
