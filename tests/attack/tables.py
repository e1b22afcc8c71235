"""Published tables built by hand: true leaf counts in, a table with holes out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from publisher.release.model import (
    AREA_LEVELS,
    Area,
    Category,
    Cell,
    CellStatus,
    Dimension,
    Measure,
    Release,
    SuppressionFacts,
    Table,
    Text,
)

PERIOD = "2022"
Key = tuple[str, tuple[str, ...]]


def both(text: str) -> Text:
    """One text for both languages."""
    return Text(text, text)


def area_at(level: str, leaf: str, types: Mapping[str, str]) -> str | None:
    """Where a leaf counts at a level, written out case by case: the tests' own reading of the labels."""
    municipality = leaf[:4] if len(leaf) >= 5 else None
    county = leaf[:2] if leaf != "00X" else None
    kind = "T" + types.get(leaf, "0")
    return {
        "riket": "00",
        "lan": county or leaf,
        "kommun": municipality or (leaf if county else None),
        "regso": leaf if municipality else None,
        "area_type": kind,
        "lan_area_type": county + kind if county else None,
        "kommun_area_type": municipality + kind if municipality else None,
    }[level]


@dataclass(frozen=True)
class Country:
    """Leaves (RegSO and `...X`), the types of RegSOs, and the parts of each category dimension."""

    leaves: tuple[str, ...]
    types: Mapping[str, str] = field(default_factory=dict)
    dimensions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def country(regsos: Iterable[str], types: Mapping[str, str] | None = None, **dimensions: tuple[str, ...]) -> Country:
    """A country of these RegSOs and every `no area stated` that goes with them."""
    codes = sorted(regsos)
    unstated = sorted({c[:4] + "X" for c in codes}) + sorted({c[:2] + "X" for c in codes}) + ["00X"]
    return Country((*codes, *unstated), types or {}, dimensions)


def true_cells(
    where: Country, counts: Mapping[Key, int], levels: Sequence[str], totals: Sequence[bool], dims: Sequence[str]
) -> dict[Key, int]:
    """Every cell of a table with its true count, in published order; `counts` by leaf and all dimensions' parts."""
    parts = [(("TOT",) if t else ()) + where.dimensions[d] for d, t in zip(dims, totals, strict=True)]
    ordered = [lv for lv in AREA_LEVELS if lv in levels]
    codes = {lv: sorted({a for x in where.leaves if (a := area_at(lv, x, where.types))}) for lv in ordered}
    cells = {(a, c): 0 for lv in ordered for a in codes[lv] for c in product(*parts)}
    at = [list(where.dimensions).index(d) for d in dims]
    for (leaf, categories), count in counts.items():
        options = [(categories[i], "TOT") if t else (categories[i],) for i, t in zip(at, totals, strict=True)]
        for lv in ordered:
            area = area_at(lv, leaf, where.types)
            for c in product(*options) if area else ():
                cells[area, c] += count
    return cells


def table_of(
    where: Country,
    counts: Mapping[Key, int],
    levels: Sequence[str],
    *,
    hide: Collection[Key] = (),
    dims: Sequence[str] | None = None,
    totals: Sequence[bool] | None = None,
    name: str = "table",
    counted: str = "persons",
    rate: bool = False,
    zeros: str = "published",
    threshold: int = 5,
    level: str = "exact",
) -> Table:
    """The published table: every cell of `hide` withheld, in all measures."""
    dims = list(where.dimensions) if dims is None else dims
    totals = [True] * len(dims) if totals is None else totals
    cells = true_cells(where, counts, levels, totals, dims)
    missing = set(hide) - set(cells)
    if missing:
        raise ValueError(f"no such cells: {sorted(missing)}")
    return Table(
        id=name,
        title=both("t"),
        areas=_area_rows(where, levels),
        dimensions=tuple(_dimension(d, where.dimensions[d], t) for d, t in zip(dims, totals, strict=True)),
        measures=_measures(counted, rate),
        periods=(PERIOD,),
        cells=tuple(_cell(k, v, m, k in hide) for k, v in cells.items() for m in _measures(counted, rate)),
        notes=(),
        area_types={PERIOD: dict(where.types)},
        editions={PERIOD: "regso-2020"},
        protection=SuppressionFacts(threshold, counted, zeros, level),
    )


def release_of(*tables: Table) -> Release:
    """One release of these tables."""
    return Release(
        policy="p", agency="a", period=PERIOD, version=1, publish_at="2023-02-15T07:00:00Z", title=both("r"),
        contact_name="n", contact_email="e", licence="CC0-1.0", source=both("s"), tables=tables,
    )  # fmt: skip


def edit(table: Table, area: str, categories: tuple[str, ...] = (), measure: str = "", /, **changes: object) -> Table:
    """The table with one cell changed (every measure of it, unless one is named)."""
    chosen = [c.area == area and c.categories == categories and measure in ("", c.measure) for c in table.cells]
    cells = tuple(c._replace(**changes) if hit else c for hit, c in zip(chosen, table.cells, strict=True))
    return Table(**{n: cells if n == "cells" else getattr(table, n) for n in Table.__slots__})


def _area_rows(where: Country, levels: Sequence[str]) -> tuple[Area, ...]:
    rows: list[Area] = []
    for lv in AREA_LEVELS:
        codes = {area_at(lv, leaf, where.types) for leaf in where.leaves} if lv in levels else set()
        rows += [Area(lv, code, both(code)) for code in sorted(c for c in codes if c)]
    return tuple(rows)


def _dimension(name: str, parts: tuple[str, ...], total: bool) -> Dimension:
    codes = ("TOT", *parts) if total else parts
    return Dimension(name, both(name), tuple(Category(c, both(c)) for c in codes))


def _measures(counted: str, rate: bool) -> tuple[Measure, ...]:
    count = Measure(counted, counted, both(counted), both("n"), 0, True, False)
    per = Measure("rate", "rate", both("rate"), both("n"), 1, False, False, counted, 1000, "population")
    return (count, per) if rate else (count,)


def _cell(key: Key, value: int, measure: Measure, hidden: bool) -> Cell:
    status = CellStatus.SUPPRESSED if hidden else CellStatus.PUBLISHED
    return Cell(key[0], key[1], PERIOD, measure.id, None if hidden else value, status, None, None, 1)
