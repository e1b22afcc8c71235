"""From records to cubes: read, place, collapse, bound, count.  A source is refused before anything is charged."""

from collections.abc import Mapping
from dataclasses import dataclass

from publisher.bounding import DistinctCases, bound_contributions, collapse
from publisher.cube import BoundedCube, Cube, count_bounded, count_cases
from publisher.geography.placing import locate
from publisher.home import wipe
from publisher.opaque import Opaque
from publisher.policy.model import Noise
from publisher.preparation import Prepared
from publisher.source import open_cases


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Counted(Opaque):
    """The exact cubes of a run, and the HMAC of the snapshot of the records they were counted from.

    `whole`: for the suppressed tables together, or None.  `bounded`: for each noise table.
    """

    snapshot_hmac: str
    whole: Cube | None
    bounded: Mapping[str, BoundedCube]


def count(prepared: Prepared) -> Counted:
    """Count a period's cases; SourceError or GeographyError where the records are not as declared."""
    work, settings = prepared.work, prepared.work.settings
    source = settings.sources[prepared.policy.source]
    wipe(work.home.spill)
    try:
        with open_cases(
            source, folder=settings.folder, period=prepared.period, where=prepared.policy.where, spill=work.home.spill,
            memory_limit_mb=settings.memory_mb, threads=settings.threads,
            fingerprint_key=work.keys.derive("records-snapshot"),
        ) as cases:  # fmt: skip
            distinct = collapse(locate(cases, prepared.index, unknown_areas=source.unknown_areas))
            counted = Counted(cases.snapshot_hmac, _whole(prepared, distinct), _bounded(prepared, distinct))
            cases.check_unchanged()
            return counted
    finally:
        wipe(work.home.spill)


def _whole(prepared: Prepared, distinct: DistinctCases) -> Cube | None:
    tables = prepared.policy.suppressed_tables
    return count_cases(distinct, keys=prepared.keys(tables)) if tables else None


def _bounded(prepared: Prepared, distinct: DistinctCases) -> dict[str, BoundedCube]:
    order = prepared.work.keys.derive("contribution order")
    out = {}
    for table in prepared.policy.noise_tables:
        keys = prepared.keys((table,))
        if isinstance(table.protection, Noise):
            bound = table.protection.bound
            cases = bound_contributions(distinct, bound=bound, columns=keys.columns, key=order)
            out[table.id] = count_bounded(cases, keys=keys)
    return out
