"""Whether suppressed tables are those of the records: what they show is exact, and what they withhold is possible."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from publisher.audit.attacker import AttackResult, CellKey, Limits, ValueKey, attack
from publisher.audit.earlier import Past
from publisher.audit.form import cells_of
from publisher.audit.report import Finding
from publisher.policy.model import Zeros
from publisher.release.model import Cell, CellStatus, Table


def check_truth(
    tables: Sequence[Table],
    period: str,
    terms: tuple[Zeros, Past],
    attacked: tuple[AttackResult, Limits | None],
    truth: Mapping[ValueKey, int],
) -> Iterator[Finding]:
    """The exact numbers are what is shown, add up, and are possible for every attacker.

    `terms`: whether zeros are shown, and what earlier versions tell.  `attacked`: what the attackers found, and the
    limits that they knew.
    """
    result, limits = attacked
    zeros, past = terms
    counted = {t.id: {m.id for m in t.measures if not m.derived} for t in tables}
    for table in tables:
        counts = {m.id for m in table.measures if m.counts}
        for cell in cells_of(table, period):
            if cell.measure in counted[table.id]:
                key = (table.id, cell.measure, cell.area, cell.categories)
                yield from _check_true_cell(key, cell, truth)
                if cell.measure in counts and truth.get(key) == 0 and (table.id, *key[2:]) not in past.withheld:
                    yield from _check_zero(cell, zeros, (table.id, *key[2:]))
    full = [_with_truth(t, period, counted[t.id], truth) for t in tables]
    if not attack([*full, *past.outside], period=period, zeros_published=False, limits=limits).consistent:
        yield Finding("the exact numbers do not add up, or lie beyond what is publicly known of them")
    yield from check_possible(result, truth)


def check_possible(result: AttackResult, truth: Mapping[ValueKey, int]) -> Iterator[Finding]:
    """No exact number lies beyond what an attacker has proved."""
    for interval in (*result.a0, *result.a1):
        exact = truth.get(interval.value_key)
        if exact is not None and interval.certified and not interval.holds(exact, exact):
            yield Finding("an exact number lies outside the interval of its cell", *interval.key)


def _check_true_cell(key: ValueKey, cell: Cell, truth: Mapping[ValueKey, int]) -> Iterator[Finding]:
    where = (key[0], *key[2:])
    exact = truth.get(key)
    if exact is None:
        yield Finding("a cell has no exact number to compare with", *where)
    elif cell.value is not None and cell.value != exact:
        yield Finding("a shown number is not the exact one", *where)


def _check_zero(cell: Cell, zeros: Zeros, key: CellKey) -> Iterator[Finding]:
    if cell.value is None and zeros is Zeros.PUBLISHED:
        yield Finding("a zero is withheld, although zeros are shown", *key)
    elif cell.value is not None and zeros is Zeros.PROTECTED:
        yield Finding("a zero is shown, although zeros are protected", *key)


def _with_truth(table: Table, period: str, measures: Collection[str], truth: Mapping[ValueKey, int]) -> Table:
    """The table with nothing withheld; it never leaves the audit."""
    cells = (c for c in cells_of(table, period) if c.measure in measures)
    exact = ((c, truth.get((table.id, c.measure, c.area, c.categories), -1)) for c in cells)
    return replace(table, cells=tuple(c._replace(value=n, status=CellStatus.PUBLISHED) for c, n in exact))
