"""Policies in force: whose they are, who approved them, what they publish and how that is protected."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from publisher.activation import active_policies
from publisher.errors import PublisherError
from publisher.forecast import units_of_run
from publisher.ledger import format_units
from publisher.policy.declarations import SourceDeclaration
from publisher.policy.loader import read_policy
from publisher.policy.model import Policy, TableSpec
from publisher.standing.protection import of_spec, plain
from publisher.workspace import Workspace

Pauses = Mapping[str, Mapping[str, str]]
"""By, at and reason of every pause, by policy; the empty name stands for all policies."""
_APPROVED = re.compile(r"author (?P<author>.+); declarations [0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class InForce:
    """The policies in the active folder.

    `readable`: all that can be read; `run`: those that are run, which is none where an approval does not hold, as
    `problem` says then.
    """

    readable: tuple[Policy, ...]
    run: tuple[Policy, ...]
    problem: str


def policies_in_force(work: Workspace) -> InForce:
    """Read the active folder, once for all documents."""
    try:
        run = tuple(p.policy for p in active_policies(work.home, work.log))
    except PublisherError as error:
        found = (read_policy(path)[0] for path in sorted(work.home.active.glob("*.yaml")))
        return InForce(tuple(loaded.policy for loaded in found if loaded), (), str(error))
    return InForce(run, run, "")


def policies_document(work: Workspace, in_force: InForce, *, pauses: Pauses) -> dict[str, object]:
    """Every policy in force, what is paused, and why nothing is run where the approvals do not hold (`problem`)."""
    return {
        "policies": [policy_object(work, p, pauses=pauses) for p in in_force.readable],
        "paused_all": dict(pauses[""]) if "" in pauses else None,
        "problem": in_force.problem,
    }


def copies(work: Workspace) -> dict[str, bytes]:
    """What the officer's site reads as it is: `publisher.toml`, and `active/` with each policy's exact bytes."""
    active = {f"active/{path.name}": path.read_bytes() for path in sorted(work.home.active.glob("*.yaml"))}
    return {"publisher.toml": work.home.settings_file.read_bytes(), **active}


def approval_of(work: Workspace, policy: str, digest: str, *, before: str = "") -> dict[str, str]:
    """Author, approver and time of the approval of these bytes (the last one, up to a time); empty texts for none."""
    rows = work.db.table("log").rows_where(
        "action = 'approve' AND subject = ? AND digest = ? AND (? = '' OR at <= ?)", [policy, digest, before, before],
        order_by="sequence desc", limit=1,
    )  # fmt: skip
    for row in rows:
        match = _APPROVED.fullmatch(str(row["detail"]))
        return {
            "author": match["author"] if match else "", "approver": str(row["actor"]), "approved_at": str(row["at"]),
        }  # fmt: skip
    return {"author": "", "approver": "", "approved_at": ""}


def policy_object(work: Workspace, policy: Policy, *, pauses: Pauses) -> dict[str, Any]:
    """One policy: whose it is, who approved its bytes, what it publishes."""
    return {
        "policy": policy.id,
        "digest": policy.digest,
        **approval_of(work, policy.id, policy.digest),
        "title": plain(policy.title),
        "agency": policy.agency,
        "contact": {"name": policy.contact_name, "email": policy.contact_email},
        "legal_basis": policy.legal_basis,
        "source": policy.source,
        "where": _where(policy, work.settings.sources.get(policy.source)),
        "tables": [_table(t) for t in policy.tables],
        "rho": format_units(units_of_run(policy)) if policy.noise_tables else "",
        "grain": policy.schedule.grain,
        "paused": dict(pauses[policy.id]) if policy.id in pauses else None,
    }


def _where(policy: Policy, source: SourceDeclaration | None) -> list[dict[str, object]]:
    """The columns and codes that are kept, in the declaration's words; a name that is not declared stays a name."""
    columns = {c.id: c for c in source.categories} if source else {}
    out: list[dict[str, object]] = []
    for column, codes in policy.where:
        declared = columns.get(column)
        texts = {c.code: plain(c.text) for c in declared.categories} if declared else {}
        named = plain(declared.text) if declared else {"sv": column, "en": column}
        out.append({"column": named, "codes": [texts.get(code, {"sv": code, "en": code}) for code in codes]})
    return out


def _table(table: TableSpec) -> dict[str, object]:
    return {
        "id": table.id,
        "title": plain(table.title),
        "areas": list(table.areas),
        "measures": [m.kind for m in table.measures],
        "protection": of_spec(table),
    }
