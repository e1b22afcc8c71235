"""Every release that was ever sealed: its state and times, what is in it, who answers for it, and who holds its cells.

What a sealed release says of itself never changes, so that it is read and verified once; after that it is taken over
from the document of before.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from publisher.errors import ReleaseError
from publisher.ledger import format_units
from publisher.release.folder import open_folder, read_facts
from publisher.release.model import Table
from publisher.sealed import ReleaseRecord, holders
from publisher.standing.policies import approval_of
from publisher.standing.protection import of_facts, plain
from publisher.workspace import Workspace

_STATED = ("title", "tables", "why", "policy_digest", "author", "approver", "approved_at", "problem")


def releases_document(work: Workspace, *, before: Mapping[str, Any]) -> dict[str, Any]:
    """All releases, the newest first.  `before`: the last such document, or empty."""
    known = {r["release"]: r for r in before.get("releases", ()) if not r["problem"]}
    records, charged = work.store.records(), _charged(work)
    out = [_release(work, r, records, charged.get(r.release, 0), known.get(r.release)) for r in reversed(records)]
    return {"releases": out}


def _charged(work: Workspace) -> dict[str, int]:
    units: dict[str, int] = {}
    for row in work.ledger.rows():
        units[str(row["run_key"])] = units.get(str(row["run_key"]), 0) + int(row["units"])
    return units


def _release(
    work: Workspace, record: ReleaseRecord, records: Sequence[ReleaseRecord], units: int,
    known: Mapping[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    stated = {name: known[name] for name in _STATED} if known else stated_of(work, record)
    return {
        "release": record.release,
        "policy": record.policy,
        "agency": record.agency,
        "period": record.period,
        "version": record.version,
        "state": record.state,
        "publish_at": record.publish_at,
        "sealed_at": record.sealed_at,
        "published_at": record.published_at,
        "withdrawn_at": record.withdrawn_at,
        "reason": record.reason,
        "rho": format_units(units) if units else "",
        "held_by": [r.release for r in holders(records, record)],
        **stated,
    }


def stated_of(work: Workspace, record: ReleaseRecord) -> dict[str, object]:
    """What a sealed release says of itself; `problem` where its folder does not verify."""
    try:
        folder = open_folder(work.store.folder(record), kind="release", public_key_pem=work.keys.public_pem)
        release = read_facts(folder)
    except ReleaseError as error:
        blank: dict[str, object] = dict.fromkeys(_STATED, "")
        tables: list[dict[str, object]] = [
            {"id": t, "title": _name(t), "periods": [], "protection": None} for t in record.tables
        ]
        return {**blank, "title": _name(record.policy), "tables": tables, "problem": str(error)}
    digest = folder.manifest.policy_digest
    return {
        "title": plain(release.title),
        "tables": [_table(t) for t in release.tables],
        "why": release.reason,
        "policy_digest": digest,
        **approval_of(work, record.policy, digest, before=record.sealed_at),
        "problem": "",
    }


def _name(name: str) -> dict[str, str]:
    return {"sv": name, "en": name}


def _table(table: Table) -> dict[str, object]:
    return {
        "id": table.id,
        "title": plain(table.title),
        "periods": list(table.periods),
        "protection": of_facts(table.protection),
        "other_rules": [{"period": p, **of_facts(facts)} for p, facts in sorted(table.other_rules.items())],
    }
