"""Declared sources: their files, columns and codes, when a run last read them, and their last check."""

from typing import Any

from publisher.policy.declarations import REFERENCE_YEAR, SourceDeclaration
from publisher.standing.checks import kept_checks
from publisher.standing.files import file_state
from publisher.standing.protection import plain
from publisher.workspace import Workspace


def sources_document(work: Workspace) -> dict[str, object]:
    """Every declared source.  No file of records is opened for it."""
    checks, read = kept_checks(work), _last_read(work)
    return {
        "sources": [
            {**_declared(work, s), "last_read": read.get(s.id), "check": checks.get(s.id)}
            for s in work.settings.sources.values()
        ]
    }


def _last_read(work: Workspace) -> dict[str, dict[str, Any]]:
    """The last run that sealed something of each source."""
    return {
        str(r["source"]): {"policy": r["policy"], "period": r["period"], "at": r["at"]} for r in work.bodies.rows()
    }


def _declared(work: Workspace, source: SourceDeclaration) -> dict[str, object]:
    return {
        "source": source.id,
        "agency": source.agency,
        "format": source.format,
        "files": [file_state(work.settings.folder, name) for name in source.files],
        "placing": source.placing,
        "edition": "" if source.edition == REFERENCE_YEAR else source.edition,
        "unknown_areas": source.unknown_areas,
        "columns": _columns(source),
        "categories": [
            {
                "id": c.id,
                "column": c.column,
                "text": plain(c.text),
                "personal": c.personal,
                "codes": [{"code": one.code, "text": plain(one.text)} for one in c.categories],
            }
            for c in source.categories
        ],
        "amounts": [
            {"id": a.id, "column": a.column, "text": plain(a.text), "unit": plain(a.unit)} for a in source.amounts
        ],
    }


def _columns(source: SourceDeclaration) -> list[dict[str, str]]:
    """What stands for the case, the person, the day and the place."""
    places = ("east", "north") if source.placing == "coordinates" else ("area",)
    roles = ("case_id", "person_id", "date", *places)
    return [{"role": role, "column": str(getattr(source, role))} for role in roles]
