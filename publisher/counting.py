"""From records to cubes: read, place, collapse, bound, count.  A source is refused before anything is charged."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from publisher.cube import BoundedCube, Cube, Presence, count_bounded, count_cases, count_presence, count_values
from publisher.geography.placing import LocatedCases, locate, within
from publisher.home import wipe
from publisher.noise.parts import Part
from publisher.noise.workloads import Workload
from publisher.opaque import Opaque
from publisher.periods import Period
from publisher.policy.model import ContributionBound, Suppression
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
    with _records(prepared, span) as cases:
        located = _located(cases, (prepared,))
        own = within(located, prepared.period) if windows else located
        distinct, events = _units(own, (prepared,))
        return Counted(
            cases.snapshot_hmac, _whole(prepared, distinct, events), _bounded(prepared, distinct, events),
            _presence(prepared, (events or distinct, located), windows) if windows else None,
        )  # fmt: skip


def count_each(several: Sequence[Prepared]) -> tuple[Counted, ...]:
    """Count the suppressed tables of several policies over the same records, which are read once.

    ValueError unless they are of one source, filter, edition of areas and period.
    """
    first = several[0]
    if len({(p.policy.source, p.policy.where, p.edition, p.period) for p in several}) != 1:
        raise ValueError("what is counted together must be of the same records")
    with _records(first, first.period) as cases:
        distinct, events = _units(_located(cases, several), several)
        return tuple(Counted(cases.snapshot_hmac, _whole(p, distinct, events), {}) for p in several)


def rows_of(prepared: Prepared, period: Period) -> int:
    """How many of the records that the policy takes lie in a period."""
    with _records(prepared, period) as cases:
        return cases.rows


@contextmanager
def _records(prepared: Prepared, period: Period) -> Iterator[CaseTable]:
    """The policy's records of a period; SourceError where they have changed when all is done."""
    work, settings = prepared.work, prepared.work.settings
    wipe(work.home.spill)
    try:
        with open_cases(
            prepared.source, folder=settings.folder, period=period, where=prepared.policy.where,
            spill=work.home.spill, limits=Limits(settings.memory_mb, settings.threads),
            fingerprint_key=work.keys.derive("records-snapshot"), checked=work.checked,
        ) as cases:  # fmt: skip
            yield cases
            cases.check_unchanged()
    finally:
        wipe(work.home.spill)


def _located(cases: CaseTable, several: Sequence[Prepared]) -> LocatedCases:
    """The records with their places, and every amount that one of the policies adds up."""
    first = several[0]
    return locate(
        cases, first.index, places=first.places, unknown_areas=first.source.unknown_areas,
        amounts=tuple(sorted({a for p in several for a in p.amounts})), others=first.others,
    )  # fmt: skip


def _units(
    located: LocatedCases, several: Sequence[Prepared]
) -> tuple[DistinctCases, DistinctEvents | None]:  # fmt: skip
    """What the tables of `several` count once: cases, and events where one of them counts those."""
    of_events = any(t.count.kind == "events" for p in several for t in p.policy.tables)
    events = distinct_events(located) if of_events else None
    return collapse(located), events


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
    for workload in prepared.workloads:
        of_events = [p for p in workload.parts if p.quantity.kind == "events"]
        if events is not None and of_events:
            out |= _measured(prepared, events, workload, of_events)
        out |= _measured(prepared, distinct, workload, [p for p in workload.parts if p.quantity.kind != "events"])
    return out


def _measured(
    prepared: Prepared, units: Units, workload: Workload, parts: Sequence[Part]
) -> dict[str, BoundedCube]:
    """What persons add to each part of a workload, bounded once for all parts that count the same units: over the
    columns of all its tables together."""
    if not parts:
        return {}
    cases = bound_contributions(
        units, bound=workload.noise.bound, columns=workload.keys.columns,
        key=prepared.work.keys.derive("contribution order"),
        detailed=any(not p.quantity.kind.startswith("persons") for p in parts),
    )  # fmt: skip
    how = {p.name: count_values if p.quantity.kind == "values" else count_bounded for p in parts}
    return {part.name: how[part.name](cases, keys=part.keys, quantity=part.quantity) for part in parts}
