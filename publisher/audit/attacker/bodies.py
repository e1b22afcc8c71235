"""Which tables show the same thing: one count, or the sums of one amount.  Each body is attacked by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from publisher.errors import AuditFailedError
from publisher.release.model import Cell, CellStatus, Measure, Table

LEAST_SUM = -(10**15)
"""In place of a lower bound for sums of amounts that may be negative."""


@dataclass(frozen=True, slots=True)
class Body:
    """Tables that show one measure of the same records.  `measures`: for each table, the id of that measure.

    `additive`: a total equals the sum of its parts; otherwise it is at least the largest of them and at most their sum.
    `least`: what every cell is at least, whatever is known of it.  `counts`: whole numbers of units, not amounts.
    """

    tables: tuple[Table, ...]
    measures: Mapping[str, str]
    additive: bool
    least: int
    counts: bool

    def cells(self, table: Table, period: str) -> Iterator[Cell]:
        """The body's cells of one table and period, in published order."""
        measure = self.measures[table.id]
        return (c for c in table.cells if c.period == period and c.measure == measure)


def bodies_of(tables: Sequence[Table]) -> Iterator[Body]:
    """Every body of the tables of one release: counts by kind, sums by amount.

    AuditFailedError where a table has no count or several, or a measure's label contradicts its kind.
    """
    kinds: dict[str, list[tuple[Table, Measure]]] = {}
    for table in tables:
        counts = [m for m in table.measures if m.counts]
        if len(counts) != 1:
            raise AuditFailedError(f"table {table.id}: exactly one count can be attacked")
        kinds.setdefault(counts[0].kind, []).append((table, counts[0]))
        for measure in table.measures:
            if measure.kind == "sum":
                kinds.setdefault(f"sum {measure.of}", []).append((table, measure))
    for kind, members in kinds.items():
        yield _body(kind, members)


def _body(kind: str, members: Sequence[tuple[Table, Measure]]) -> Body:
    additive = kind != "persons_distinct"
    for table, measure in members:
        if measure.additive != additive:
            raise AuditFailedError(f"table {table.id}: measure {measure.id} adds up, or not, against its kind")
    ends = [pair for _, m in members for pair in m.bounds.values()]
    negative = kind.startswith("sum") and (not ends or min(low for low, _ in ends) < 0)
    measures = {t.id: m.id for t, m in members}
    return Body(
        tuple(t for t, _ in members), measures, additive, LEAST_SUM if negative else 0, not kind.startswith("sum")
    )


def is_withheld(cell: Cell) -> bool:
    """Whether a cell of a suppressed table shows no number."""
    return cell.value is None or cell.status is CellStatus.SUPPRESSED
