"""What is told of one suppressed table: by area level, by rule, of its totals, and where it is hit hardest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from publisher.rehearsal.cells import TableCells
from publisher.rehearsal.effects import Effect, effect_of
from publisher.rehearsal.holes import Holes, holes_of
from publisher.rehearsal.places import Place, inside
from publisher.rehearsal.shares import Group, group_of, per_cent, value_per_cent
from publisher.suppression.blocks import BoolArray

HARDEST = 10
"""Areas named of each level."""

PLACES = ("riket", "lan", "kommun")
"""Levels whose category totals are counted."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Cells withheld for one reason: how many, their share of all cells, and of the value (None: too few to tell)."""

    cells: int
    cells_per_cent: float
    value_per_cent: int | None


@dataclass(frozen=True, slots=True)
class MeasureLevel:
    """A measure at one area level, or at all: the share of its value that is withheld, and for which reasons.

    `reasons`: by the rule's name, and `secondary`.  A cell can fall under several rules, and may be sensitive by a rule
    for another measure only.
    """

    value_per_cent: int | None
    reasons: Mapping[str, Reason]


@dataclass(frozen=True, slots=True)
class MeasureFigures:
    """A count or a sum, at all levels together and at each."""

    measure: str
    overall: MeasureLevel
    by_level: Mapping[str, MeasureLevel]


@dataclass(frozen=True, slots=True)
class Totals:
    """The category totals of one level: how many there are, are sensitive themselves, and are withheld for others."""

    cells: int
    primary: int
    secondary: int


@dataclass(frozen=True, slots=True)
class AreaHit:
    """An area with all rows that lie in it: cells that are not zero, how many of them are withheld, and shares."""

    code: str
    name: str
    non_zero: int
    withheld: int
    non_zero_per_cent: float
    value_per_cent: int | None


@dataclass(frozen=True, slots=True)
class Areas:
    """The areas of one level: how many have a cell that is not zero, how many have one withheld, how many have all of
    them withheld; and the hardest hit."""

    areas: int
    touched: int
    silent: int
    hardest: tuple[AreaHit, ...]


@dataclass(frozen=True, slots=True)
class TableFigures:
    """One table.  `forced`: cells of levels that must be shown; `alone`: cells in which one person stands alone, None
    where the policy does not protect from such persons; `derived`: withheld numbers of measures that follow; `effect`:
    on areas by name."""

    table: str
    group: Group
    forced: int
    alone: int | None
    by_level: Mapping[str, Group]
    totals: Mapping[str, Totals]
    measures: tuple[MeasureFigures, ...]
    derived: Mapping[str, int]
    areas: Mapping[str, Areas]
    holes: Holes
    effect: Effect


def figures_of(
    cells: TableCells, names: Mapping[str, str], *, forced: tuple[str, ...], insiders: bool, derived: Mapping[str, int],
    places: Sequence[Place] = (),
) -> TableFigures:  # fmt: skip
    """Everything told of a table.  `names`: of counties and municipalities, by code; `forced`: area levels; `places`:
    areas to tell of by name."""
    levels = tuple(dict.fromkeys(cells.levels))
    parts = {level: cells.at(level) for level in levels}
    return TableFigures(
        cells.table, _group(cells),
        forced=sum(parts[v].withheld.size for v in levels if v in forced),
        alone=int(cells.alone.sum()) if insiders else None,
        by_level={level: _group(part) for level, part in parts.items()},
        totals={level: _totals(parts[level]) for level in PLACES if level in parts and cells.total.any()},
        measures=tuple(
            MeasureFigures(m, _measure(cells, m), {level: _measure(part, m) for level, part in parts.items()})
            for m in cells.values
        ),
        derived=derived,
        areas={level: areas_of(cells, level, names) for level in ("lan", "kommun") if level in parts},
        holes=holes_of(cells), effect=effect_of(cells, names, places),
    )  # fmt: skip


def _group(cells: TableCells) -> Group:
    return group_of(cells.values[cells.count], cells.withheld, cells.sensitive)


def _totals(part: TableCells) -> Totals:
    withheld, sensitive = part.withheld[:, part.total], part.sensitive[:, part.total]
    return Totals(withheld.size, int(sensitive.sum()), int((withheld & ~sensitive).sum()))


def _measure(part: TableCells, measure: str) -> MeasureLevel:
    values, secondary = part.values[measure], part.withheld & ~part.sensitive
    reasons = {rule: where & part.withheld for rule, where in part.reasons[measure].items()} | {"secondary": secondary}
    return MeasureLevel(
        value_per_cent(values, part.withheld),
        {
            reason: Reason(int(where.sum()), per_cent(int(where.sum()), where.size), value_per_cent(values, where))
            for reason, where in reasons.items()
        },
    )


def areas_of(cells: TableCells, level: str, names: Mapping[str, str]) -> Areas:
    """The areas of a level, each with all rows that lie in it, and those of which most is withheld."""
    within = inside(cells.levels, cells.areas, level)
    codes = sorted({str(code) for code in within} & set(names))
    hits = [_hit(cells.rows(within == code), code, names[code]) for code in codes]
    return Areas(
        areas=sum(h.non_zero > 0 for h in hits), touched=sum(h.withheld > 0 for h in hits),
        silent=sum(0 < h.withheld == h.non_zero for h in hits),
        hardest=tuple(sorted((h for h in hits if h.withheld), key=_rank)[:HARDEST]),
    )  # fmt: skip


def _hit(part: TableCells, code: str, name: str) -> AreaHit:
    counts = part.values[part.count]
    there: BoolArray = counts != 0
    non_zero, gone = int(there.sum()), int((there & part.withheld).sum())
    return AreaHit(code, name, non_zero, gone, per_cent(gone, non_zero), value_per_cent(counts, part.withheld))


def _rank(hit: AreaHit) -> tuple[float, int, str]:
    """Hardest first: by the larger of both shares, then by the number of cells withheld, then by code."""
    return (-max(hit.non_zero_per_cent, hit.value_per_cent or 0), -hit.withheld, hit.code)
