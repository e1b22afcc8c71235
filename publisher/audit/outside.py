"""Numbers published elsewhere beside the tables that are audited: what of them is withheld here."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from publisher.audit.attacker import CellKey, ValueKey
from publisher.audit.form import cells_of
from publisher.release.model import TOTAL, Cell, CellStatus, Table

Place = tuple[str, frozenset[tuple[str, str]]]
"""An area, and the categories of all columns but those at their total."""


def told_elsewhere(
    tables: Sequence[Table], outside: Sequence[Table], period: str, sensitive: Collection[CellKey]
) -> Mapping[ValueKey, int]:
    """Counts that are withheld here and known from elsewhere, sensitive ones left out: they must be judged."""
    known = {place: c.value for t in outside for place, c in _placed(t, period) if c.value is not None}
    out: dict[ValueKey, int] = {}
    for table in tables:
        for place, cell in _placed(table, period):
            key = (table.id, cell.area, cell.categories)
            if cell.status is CellStatus.SUPPRESSED and place in known and key not in sensitive:
                out[table.id, cell.measure, cell.area, cell.categories] = known[place]
    return out


def _placed(table: Table, period: str) -> Iterator[tuple[Place, Cell]]:
    ids, count = [d.id for d in table.dimensions], table.count.id
    for cell in cells_of(table, period):
        if cell.measure == count:
            pairs = zip(ids, cell.categories, strict=True)
            yield (cell.area, frozenset((d, c) for d, c in pairs if c != TOTAL)), cell
