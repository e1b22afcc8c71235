"""A source held against its declaration: every row read, rows counted, and how they can be placed.  Says no value."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from publisher.bounding import collapse
from publisher.errors import PublisherError, SettingsError
from publisher.files import write_atomically
from publisher.geography.files import load_register
from publisher.geography.places import load_places
from publisher.geography.placing import locate
from publisher.home import wipe
from publisher.log import utc
from publisher.periods import Period
from publisher.policy.declarations import REFERENCE_YEAR, Settings, SourceDeclaration
from publisher.source import Limits, open_cases
from publisher.workspace import Workspace

_FILE = "checks.json"


def check_source(work: Workspace, name: str, period: Period) -> dict[str, Any]:
    """Counts of rows of a period: all, by how they were placed, and those that stand more than once.

    The workspace must be exclusive.  SettingsError for a source that is not declared; else what reading it raises.
    """
    settings = work.settings
    if name not in settings.sources:
        raise SettingsError(f"source {name} is not declared; declared: {', '.join(settings.sources) or 'none'}")
    declared = settings.sources[name]
    edition = settings.edition_of(declared.edition or REFERENCE_YEAR, period.year)
    files = settings.geography[edition]
    others = [load_register(g, settings.folder) for e, g in settings.geography.items() if e != edition]
    wipe(work.home.spill)
    with open_cases(
        declared, folder=settings.folder, period=period, where=(), spill=work.home.spill,
        limits=Limits(settings.memory_mb, settings.threads), fingerprint_key=work.keys.derive("records-snapshot"),
    ) as cases:  # fmt: skip
        located = locate(
            cases, load_register(files, settings.folder), places=load_places(declared, files, settings.folder),
            unknown_areas=declared.unknown_areas, others=others,
        )  # fmt: skip
        distinct = collapse(located)
        cases.check_unchanged()
    wipe(work.home.spill)
    return {
        "source": name,
        "period": period.code,
        "edition": edition,
        "rows": located.rows,
        "placed": asdict(located.placed),
        "duplicates": {"same case again": distinct.collapsed, "of those in another place": distinct.conflicting},
    }


def check_and_keep(work: Workspace, name: str, *, now: datetime) -> dict[str, Any]:
    """Check a source for its last year and keep the result for the officer's site; what is wrong is kept as `error`.

    SettingsError for a source that is not declared: there is nothing to keep it under.
    """
    if name not in work.settings.sources:
        return check_source(work, name, Period.parse(str(now.year - 1)))
    period = _last_year(work.settings, work.settings.sources[name], now)
    try:
        found = {**check_source(work, name, period), "error": ""}
    except PublisherError as error:  # only these are known to hold no value
        wipe(work.home.spill)
        found = {"source": name, "period": period.code, "error": str(error)}
    kept = {**kept_checks(work), name: {**found, "at": utc(now)}}
    write_atomically(work.home.desk.status / _FILE, json.dumps(kept, sort_keys=True).encode(), mode=0o600)
    return kept[name]


def _last_year(settings: Settings, source: SourceDeclaration, now: datetime) -> Period:
    """Last year, or the latest one before it that the source's edition of areas is declared for."""
    editions = settings.geography.values()
    declared = [g.last_year for g in editions if source.edition in (g.edition, REFERENCE_YEAR, "")]
    return Period.parse(str(min([*sorted(declared)[-1:], now.year - 1])))


def kept_checks(work: Workspace) -> Mapping[str, dict[str, Any]]:
    """The last kept check of each source that was ever checked."""
    try:
        found: dict[str, dict[str, Any]] = json.loads((work.home.desk.status / _FILE).read_bytes())
    except FileNotFoundError:
        return {}
    return found
