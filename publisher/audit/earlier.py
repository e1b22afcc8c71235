"""Earlier versions of a period beside the one that is audited: what they withhold and what they have told (P4)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from publisher.audit.attacker import CellKey, Limits, ValueKey
from publisher.audit.form import cells_of
from publisher.audit.report import Finding
from publisher.opaque import Opaque
from publisher.release.model import Cell, CellStatus, Table


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """A sealed version of the same period, withdrawn or not: its release id, and its tables of that period."""

    release: str
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Past(Opaque):
    """What all earlier versions tell together, and what others have published about the same records.

    `withheld`: cells that one of them withholds; of these nobody knows that they are no zero now.  `told`: numbers that
    are withheld now although one of them shows them as they are.  `outside`: the tables of others.
    """

    releases: tuple[str, ...]
    withheld: frozenset[CellKey]
    told: Mapping[ValueKey, int]
    outside: tuple[Table, ...] = ()

    def limits(self, limits: Limits | None) -> Limits:
        """The limits that everybody knows, and what was told."""
        return {**(limits or {}), **{key: (n, n) for key, n in self.told.items()}}


NO_PAST = Past((), frozenset(), {})


def past_of(
    versions: Sequence[EarlierVersion], tables: Sequence[Table], *, period: str,
    truth: Mapping[ValueKey, int] | None, told: Collection[ValueKey] = (),
) -> Past:  # fmt: skip
    """What `versions` tell of `tables`.

    Which withheld numbers are still the same is seen from the truth; where it is not at hand, from `told`, which was
    remembered when it was.
    """
    hidden = {_value_key(t, c) for t in tables for c in cells_of(t, period) if c.status is CellStatus.SUPPRESSED}
    withheld: set[CellKey] = set()
    known: dict[ValueKey, int] = {}
    for version in versions:
        for table in version.tables:
            derived = {m.id for m in table.measures if m.derived}
            for cell in (c for c in cells_of(table, period) if c.measure not in derived):
                key = _value_key(table, cell)
                if cell.status is CellStatus.SUPPRESSED:
                    withheld.add((table.id, cell.area, cell.categories))
                elif cell.value is not None and key in hidden and _same(key, cell.value, truth, told):
                    known[key] = cell.value
    return Past(tuple(v.release for v in versions), frozenset(withheld), known)


def _same(key: ValueKey, shown: int, truth: Mapping[ValueKey, int] | None, told: Collection[ValueKey]) -> bool:
    return key in told if truth is None else truth.get(key) == shown


def check_kept(past: Past, withheld: Collection[CellKey]) -> Iterator[Finding]:
    """What was withheld once is withheld for ever."""
    for key in sorted(past.withheld - set(withheld)):
        yield Finding("a cell withheld in an earlier version is shown", *key)


def _value_key(table: Table, cell: Cell) -> ValueKey:
    return table.id, cell.measure, cell.area, cell.categories
