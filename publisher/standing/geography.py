"""Editions of areas, their types and the populations: what is there, who uses it, and what expires.

Public files are read only where they have changed since the last document.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from publisher.errors import SettingsError
from publisher.policy.declarations import REFERENCE_YEAR, GeographyFiles, PopulationFile, Settings
from publisher.policy.model import Policy
from publisher.slots import next_period, run_time
from publisher.standing.files import file_state
from publisher.standing.policies import InForce
from publisher.standing.protection import plain
from publisher.workspace import Workspace

Document = Mapping[str, Any]


def geography_document(work: Workspace, in_force: InForce, *, now: datetime, before: Document) -> dict[str, object]:
    """`before`: the last such document, or empty."""
    settings = work.settings
    populations = [
        _population(p, settings, _known(before, "populations", p.id)) for p in settings.populations.values()
    ]
    years = {str(p["id"]): {int(y) for y in p["years"]} for p in populations}
    return {
        "editions": [_edition(g, settings, _known(before, "editions", g.edition)) for g in settings.geography.values()],
        "populations": populations,
        "uses": [_uses(p, settings) for p in in_force.readable],
        "expires": [*_over(settings, now), *_wanting(in_force.readable, settings, years, now)],
    }


def _known(before: Document, kind: str, name: str) -> Document:
    return next((e for e in before.get(kind, ()) if e["id"] == name), {})


def _edition(files: GeographyFiles, settings: Settings, known: Document) -> dict[str, Any]:
    register = file_state(settings.folder, files.register)
    others = [name for name in (files.deso_key, files.geometry, files.changes) if name]
    same = bool(register["stamp"]) and known.get("register", {}).get("stamp") == register["stamp"]
    return {
        "id": files.edition,
        "first_year": files.first_year,
        "last_year": files.last_year,
        "type_years": sorted(files.area_types),
        "register": register,
        "areas": known["areas"] if same else len(_column(settings.folder / files.register, "regso")),
        "others": [file_state(settings.folder, name) for name in others],
        "outside": files.outside,
    }


def _population(declared: PopulationFile, settings: Settings, known: Document) -> dict[str, Any]:
    file = file_state(settings.folder, declared.file)
    same = bool(file["stamp"]) and known.get("file", {}).get("stamp") == file["stamp"]
    years = known["years"] if same else sorted(set(_column(settings.folder / declared.file, "year")))
    return {
        "id": declared.id, "text": plain(declared.text), "file": file, "years": years, "everyone": declared.everyone,
    }  # fmt: skip


def _column(path: Path, name: str) -> list[str]:
    """One column of a public CSV file; what is no such file has none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream)
            at = next(rows, []).index(name)
            return [row[at] for row in rows]
    except (OSError, ValueError, IndexError, csv.Error):
        return []


def _uses(policy: Policy, settings: Settings) -> dict[str, object]:
    return {
        "policy": policy.id,
        "edition": "" if policy.edition == REFERENCE_YEAR else policy.edition,
        "types": policy.uses_types,
        "type_year": policy.type_year,
        "populations": _populations(policy, settings),
    }


def _populations(policy: Policy, settings: Settings) -> list[str]:
    """Those whose numbers a run needs: of its rates, and of all who live in an area where numbers are withheld."""
    wanted = {m.denominator for t in policy.tables for m in t.measures if m.denominator}
    wanted |= {settings.everyone} if settings.everyone and policy.suppressed_tables else set()
    return sorted(wanted)


def _over(settings: Settings, now: datetime) -> Iterator[dict[str, object]]:
    """Editions whose last year is over, and that no later one follows."""
    last = max((g.last_year for g in settings.geography.values()), default=now.year)
    for g in settings.geography.values():
        if g.last_year < now.year and g.last_year == last:
            yield {"what": "edition", "name": g.edition, "year": g.last_year, "policy": "", "period": "", "due": ""}


def _wanting(
    policies: Sequence[Policy], settings: Settings, years: Mapping[str, set[int]], now: datetime
) -> Iterator[dict[str, object]]:
    """What the next run of each policy will ask for and not find."""
    for policy in policies:
        period = next_period(policy.schedule, now)
        due = {"policy": policy.id, "period": period.code, "due": run_time(policy.schedule, period).date().isoformat()}
        try:
            files = settings.geography[settings.edition_of(policy.edition, period.year)]
        except (SettingsError, KeyError):
            yield {"what": "no-edition", "name": policy.edition, "year": period.year, **due}
            continue
        wanted = policy.type_year or period.year
        if policy.uses_types and wanted not in files.area_types:
            yield {"what": "types", "name": files.edition, "year": wanted, **due}
        for name in _populations(policy, settings):
            if period.year not in years.get(name, set()):
                yield {"what": "population", "name": name, "year": period.year, **due}
