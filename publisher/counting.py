"""From records to cubes: read, place, collapse, bound, count.  A source is refused before anything is charged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from publisher.bounding import (
    DistinctCases,
    DistinctEvents,
    Units,
    bound_contributions,
    collapse,
    distinct_events,
)
from publisher.cube import BoundedCube, Cube, Presence, count_bounded, count_cases, count_presence
from publisher.geography.placing import LocatedCases, locate, within
from publisher.home import wipe
from publisher.noise.parts import Part
from publisher.opaque import Opaque
from publisher.periods import Period
from publisher.policy.model import ContributionBound, Noise, Suppression, TableSpec
from publisher.preparation import Prepared
from publisher.source import CaseTable, Limits, open_cases


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Counted(Opaque):
    """The exact cubes of a run, and the HMAC of the snapshot of the records they were counted from.

    `whole`: for the suppressed tables together, or None.  `bounded`: for each measurement of a noise table, by name.
    `presence`: of the suppressed tables' units over the period (0) and the windows asked for (from 1), or None.
    """

    snapshot_hmac: str
    whole: Cube | None
    bounded: Mapping[str, BoundedCube]
    presence: Presence | None = None


def count(prepared: Prepared, windows: Sequence[Period] = ()) -> Counted:
    """Count a period's cases; SourceError or GeographyError where the records are not as declared.

    `windows`: earlier ones that share time with the period, whose units are counted with its own.
    """
    periods = (prepared.period, *windows)
    span = Period(min(p.first for p in periods), max(p.end for p in periods), prepared.period.code)
    work, settings = prepared.work, prepared.work.settings
    wipe(work.home.spill)
    try:
        with open_cases(
            prepared.source, folder=settings.folder, period=span, where=prepared.policy.where,
            spill=work.home.spill, limits=Limits(settings.memory_mb, settings.threads),
            fingerprint_key=work.keys.derive("records-snapshot"), checked=work.checked,
        ) as cases:  # fmt: skip
            counted = _count(prepared, cases, windows)
            cases.check_unchanged()
            return counted
    finally:
        wipe(work.home.spill)


def _count(prepared: Prepared, cases: CaseTable, windows: Sequence[Period]) -> Counted:
    located = locate(
        cases, prepared.index, places=prepared.places, unknown_areas=prepared.source.unknown_areas,
        amounts=prepared.amounts, others=prepared.others,
    )  # fmt: skip
    own = within(located, prepared.period) if windows else located
    events = distinct_events(own) if any(t.count.kind == "events" for t in prepared.policy.tables) else None
    distinct = collapse(own)
    return Counted(
        cases.snapshot_hmac, _whole(prepared, distinct, events), _bounded(prepared, distinct, events),
        _presence(prepared, (events or distinct, located), windows) if windows else None,
    )  # fmt: skip


def _presence(prepared: Prepared, records: tuple[Units, LocatedCases], windows: Sequence[Period]) -> Presence:
    """Who is in which window.  `records`: the units of the period, and the records of all windows."""
    own, located = records
    kind = prepared.policy.suppressed_tables[0].count.kind
    unit = distinct_events if kind == "events" else collapse
    units: list[Units] = [own, *(unit(within(located, p)) for p in windows)]
    return count_presence(units, keys=prepared.linked_keys, kind=kind)


def _whole(prepared: Prepared, distinct: DistinctCases, events: DistinctEvents | None) -> Cube | None:
    tables = prepared.policy.suppressed_tables
    if not tables:
        return None
    keys, placed = prepared.linked_keys, None
    if any(t.count.kind == "persons_distinct" for t in tables):
        order = prepared.work.keys.derive("contribution order")
        every = ContributionBound(prod(len(c.codes) for c in keys.columns if not c.personal), "last")
        placed = bound_contributions(distinct, bound=every, columns=keys.columns, key=order)
    insiders = any(isinstance(t.protection, Suppression) and t.protection.insiders for t in tables)
    return count_cases(
        distinct, keys=keys, amounts=prepared.amounts, events=events, placed=placed, insiders=insiders
    )


def _bounded(
    prepared: Prepared, distinct: DistinctCases, events: DistinctEvents | None
) -> dict[str, BoundedCube]:
    out: dict[str, BoundedCube] = {}
    for table in prepared.policy.noise_tables:
        if isinstance(table.protection, Noise):
            parts = prepared.parts(table)
            of_events = [p for p in parts if p.quantity.kind == "events"]
            if events is not None and of_events:
                out |= _measured(prepared, events, table, of_events)
            out |= _measured(prepared, distinct, table, [p for p in parts if p.quantity.kind != "events"])
    return out


def _measured(prepared: Prepared, units: Units, table: TableSpec, parts: Sequence[Part]) -> dict[str, BoundedCube]:
    """What persons add to each part of a table, bounded once for all parts that count the same units."""
    if not parts or not isinstance(table.protection, Noise):
        return {}
    cases = bound_contributions(
        units, bound=table.protection.bound, columns=prepared.keys((table,)).columns,
        key=prepared.work.keys.derive("contribution order"),
        detailed=any(not p.quantity.kind.startswith("persons") for p in parts),
    )  # fmt: skip
    return {part.name: count_bounded(cases, keys=part.keys, quantity=part.quantity) for part in parts}
