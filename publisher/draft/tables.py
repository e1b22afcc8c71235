"""Draft tables: protected numbers with everything that describes them, one period, then joined to earlier periods."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from publisher.draft.editions import join_areas
from publisher.draft.keys import table_cells
from publisher.draft.measures import describe_measure
from publisher.draft.notes import changed_rules_note, revision_note, table_notes
from publisher.errors import RunError
from publisher.geography.register import AreaIndex
from publisher.policy.declarations import REFERENCE_YEAR, Settings
from publisher.policy.joining import shown_categories
from publisher.policy.model import CategorySpec, Policy, Suppression, TableSpec
from publisher.relations import IntArray, KeySet
from publisher.release.model import (
    TOTAL,
    Area,
    Category,
    Cell,
    CellStatus,
    Dimension,
    Measure,
    NoiseFacts,
    SuppressionFacts,
    Table,
    Text,
)


@dataclass(frozen=True, slots=True, eq=False)
class ProtectedMeasure:
    """One measure over a whole key set, safe to publish.  Arrays of shape keys.shape.

    `values`, `lower`, `upper` in units of 10**-decimals; `status` holds CellStatus values.  Where the status withholds
    (suppressed, not applicable) the numbers are never looked at, nor where `numbered` (None: everywhere) says that a
    cell has none.  `lower`, `upper` are None for exact tables.
    """

    values: IntArray
    status: NDArray[np.object_]
    lower: IntArray | None
    upper: IntArray | None
    numbered: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a draft belongs.

    `edition`: of its areas; `breaks`: codes that mean another area in it than in the edition before.
    """

    period: str
    version: int
    edition: str
    types: Mapping[str, str]
    breaks: tuple[str, ...] = ()


_WITHOUT_NUMBER = (CellStatus.SUPPRESSED, CellStatus.NOT_APPLICABLE, CellStatus.MISSING)


def draft_table(
    spec: TableSpec, policy: Policy, *, keys: KeySet, index: AreaIndex, settings: Settings, place: Place,
    measures: Mapping[str, ProtectedMeasure], facts: SuppressionFacts | NoiseFacts,
) -> Table:  # fmt: skip
    """The table of one period, from protected measures by id."""
    flat, categories = table_cells(spec, keys)
    areas = tuple(a for v in keys.levels if v.level in spec.areas for a in index.describe(v))
    cells = _cells(flat, areas, categories, place, {m.id: measures[m.id] for m in spec.measures})
    populations = {k: p.text for k, p in settings.populations.items()}
    source, shown = settings.sources[policy.source], {a.code for a in areas}
    return Table(
        id=spec.id,
        title=spec.title,
        areas=areas,
        dimensions=_dimensions(spec, policy, keys, settings),
        measures=tuple(describe_measure(m, spec, source, populations.get(m.denominator)) for m in spec.measures),
        periods=(place.period,),
        cells=cells,
        notes=(*table_notes(policy, spec, keys, source), *revision_note(facts, place.version)),
        area_types={place.period: dict(place.types)},
        editions={place.period: place.edition},
        protection=facts,
        by_edition=policy.edition == REFERENCE_YEAR,
        breaks={place.edition: tuple(c for c in place.breaks if c in shown)} if place.breaks else {},
    )


def _dimensions(spec: TableSpec, policy: Policy, keys: KeySet, settings: Settings) -> tuple[Dimension, ...]:
    columns = {c.id: c for c in keys.columns}
    out = []
    for category in spec.categories:
        declared = settings.sources[policy.source].category(category.column)
        total = (Category(TOTAL, Text("Totalt", "Total")),) if category.total else ()
        shown = shown_categories(category, declared)
        kept = tuple(c for c in shown if c.code in columns[category.column].codes)
        out.append(Dimension(category.column, declared.text, (*total, *kept), personal=declared.personal))
    return tuple(out)


def _cells(
    flat: IntArray, areas: Sequence[Area], categories: Sequence[tuple[str, ...]], place: Place,
    measures: Mapping[str, ProtectedMeasure],
) -> tuple[Cell, ...]:  # fmt: skip
    columns = []
    for measure_id, m in measures.items():
        status = [CellStatus(s) for s in m.status.ravel()[flat.ravel()].tolist()]
        hidden = np.array([s in _WITHOUT_NUMBER for s in status], dtype=np.bool_)
        hidden |= False if m.numbered is None else ~m.numbered.ravel()[flat.ravel()]
        numbers = [_listed(a, flat, hidden) for a in (m.values, m.lower, m.upper)]
        columns.append([(measure_id, *row) for row in zip(*numbers, status, strict=True)])
    keys = product([a.code for a in areas], categories)
    return tuple(
        Cell(area, codes, place.period, measure, value, status, lower, upper, place.version)
        for (area, codes), *cell in zip(keys, *columns, strict=True)
        for measure, value, lower, upper, status in cell
    )


def _listed(numbers: IntArray | None, flat: IntArray, hidden: NDArray[np.bool_]) -> list[int | None]:
    if numbers is None:
        return [None] * flat.size
    out: list[int | None] = numbers.ravel()[flat.ravel()].tolist()
    for i in np.flatnonzero(hidden):
        out[i] = None
    return out


def join_periods(earlier: Table | None, new: Table) -> Table:
    """A cumulative table: earlier periods cell by cell, the new period in place of one of the same code.

    An area that one period has and another has not (a county without a type that year; an area of another edition) gets
    cells that are not applicable there, so that every period has every row.  RunError where dimensions or measures
    changed: that would be another table (MODEL.md, CSV); or where two editions would be joined without a column that
    says so.
    """
    if earlier is None:
        return new
    if form_of(earlier) != form_of(new):
        raise RunError(f"table {new.id}: its form changed; give the changed table a new id")
    period = new.periods[0]
    editions = {**{p: e for p, e in earlier.editions.items() if p != period}, **new.editions}
    if len(set(editions.values())) > 1 and not new.by_edition:
        raise RunError(f"table {new.id}: a series never joins two editions of areas silently; give it a new id")
    joined = replace(
        new,
        periods=tuple(sorted({*earlier.periods, period})),
        cells=(*(c for c in earlier.cells if c.period != period), *new.cells),
        area_types={**earlier.area_types, **new.area_types},
        editions=dict(sorted(editions.items())),
        breaks={**earlier.breaks, **new.breaks},
        other_rules=_other_rules(earlier, new),
    )
    joined = replace(joined, notes=(*new.notes, *changed_rules_note(joined.other_rules)))
    joined = join_areas(earlier, new, joined)
    return replace(joined, cells=_in_order((*joined.cells, *_not_applicable(joined)), joined))


def _other_rules(earlier: Table, new: Table) -> dict[str, SuppressionFacts | NoiseFacts]:
    """What earlier periods were protected by, where that is not what the new one is: a later period must not state of
    an earlier one more or less than it was sealed with."""
    promised = {p: earlier.promised(p) for p in earlier.periods if p != new.periods[0]}
    return {p: facts for p, facts in promised.items() if facts != new.protection}


class Form(NamedTuple):
    """What must not change within a table's life.  `columns`: the codes of each, and which others a code joins.
    `suppressed`: protected by suppression, not by noise.  `together`: the tables that it is measured with, itself among
    them."""

    columns: tuple[tuple[str, frozenset[tuple[str, frozenset[str]]]], ...]
    measures: tuple[tuple[object, ...], ...]
    areas: frozenset[str]
    by_edition: bool
    suppressed: bool
    together: frozenset[str]


def form_of(table: Table) -> Form:
    """The form of a published table."""
    columns = tuple((d.id, frozenset((c.code, frozenset(c.joins)) for c in d.categories)) for d in table.dimensions)
    levels = frozenset(a.level for a in table.areas)
    together = frozenset(table.protection.together if isinstance(table.protection, NoiseFacts) else ())
    return Form(columns, _measures(table.measures), levels, table.by_edition, not table.noisy, together)


def planned_form(spec: TableSpec, policy: Policy, keys: KeySet, measures: Sequence[Measure]) -> Form:
    """The form that a table of a policy will have, before anything is counted."""
    columns = tuple((c.column, _planned_codes(c, keys)) for c in spec.categories)
    suppressed = isinstance(spec.protection, Suppression)
    partners = policy.partners(spec)
    together = frozenset(t.id for t in partners) if len(partners) > 1 else frozenset()
    by_edition = policy.edition == REFERENCE_YEAR
    return Form(columns, _measures(measures), frozenset(spec.areas), by_edition, suppressed, together)


def _planned_codes(spec: CategorySpec, keys: KeySet) -> frozenset[tuple[str, frozenset[str]]]:
    column = next(c for c in keys.columns if c.id == spec.column)
    joins = dict(column.joined)
    codes = (*column.codes, *([TOTAL] if spec.total else []))
    return frozenset((code, frozenset(joins.get(code, ()))) for code in codes)


def _measures(measures: Sequence[Measure]) -> tuple[tuple[object, ...], ...]:
    return tuple((m.id, m.kind, m.decimals, m.noisy, m.of, m.per, m.denominator, m.within, m.q) for m in measures)


def _not_applicable(table: Table) -> Iterator[Cell]:
    """Cells of the areas that a period has not."""
    present = {(c.period, c.area): c.version for c in table.cells}
    versions = {c.period: c.version for c in table.cells}
    keys = [*product(*(d.codes for d in table.dimensions))]
    for period, area in product(table.periods, [a.code for a in table.areas]):
        if (period, area) not in present:
            for codes, measure in product(keys, table.measures):
                yield Cell(
                    area, codes, period, measure.id, None, CellStatus.NOT_APPLICABLE, None, None, versions[period]
                )


def _in_order(cells: Sequence[Cell], table: Table) -> tuple[Cell, ...]:
    at = {a.code: i for i, a in enumerate(table.areas)}
    category = [{c: i for i, c in enumerate(d.codes)} for d in table.dimensions]
    measure = {m.id: i for i, m in enumerate(table.measures)}

    def position(cell: Cell) -> tuple[object, ...]:
        codes = tuple(order[code] for order, code in zip(category, cell.categories, strict=True))
        return at[cell.area], codes, cell.period, measure[cell.measure]

    return tuple(sorted(cells, key=position))
