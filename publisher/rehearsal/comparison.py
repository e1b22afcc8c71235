"""A proposed policy beside the one in force: both rehearsed for the same period, for the officer's desk.

The answer is one JSON-able object (docs/rehearsal.md, "At the desk").  It is as sensitive as the records where one of
the two is suppressed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from publisher.activation import active_policies
from publisher.errors import PolicyError, RunError, SettingsError
from publisher.forecast import units_of_run
from publisher.ledger import format_units
from publisher.periods import Period
from publisher.policy.check import check_policies
from publisher.policy.loader import LoadedPolicy, parse_policy
from publisher.policy.model import Policy, Suppression
from publisher.preparation import Prepared, prepare
from publisher.rehearsal.alternatives import alternatives_of
from publisher.rehearsal.answer import rehearse
from publisher.rehearsal.trials import Beside, Say
from publisher.release.model import Text
from publisher.slots import last_period
from publisher.workspace import Workspace

Json = dict[str, object]
EVERY = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an officer wants compared.

    `text`: of the proposed policy; `period`: empty for the latest one; `names`: alternatives of the proposed policy,
    or `all`; `areas`: municipalities to tell of by name.
    """

    policy: str
    text: str
    period: str = ""
    names: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


def compare(work: Workspace, asked: Asked, *, now: datetime, say: Say) -> Json:
    """Rehearse the proposed policy and the one in force.

    PolicyError where the proposed one cannot be read, or does not pass the policy check together with all others in
    force; RunError for a period, an alternative or an area that there is not.
    """
    active = active_policies(work.home, work.log)
    current = next((p for p in active if p.policy.id == asked.policy), None)
    proposed = _checked(work, asked, [p for p in active if p.policy.id != asked.policy])
    prepared = prepare(work, proposed.policy, _period(work, proposed.policy, asked.period, now))
    new = rehearse(
        prepared, now=now, say=lambda step: say(f"proposed, {step}"), beside=Beside(asked.areas, audit=True),
        names=[n for n in asked.names if n != EVERY], every=EVERY in asked.names,
    )  # fmt: skip
    others = new.pop("alternatives")
    if current is None or current.data == proposed.data:
        old = new if current else None
    else:
        period = _same_period(work, current.policy, prepared.period, now)
        old = rehearse(
            prepare(work, current.policy, period), now=now, say=lambda step: say(f"in force, {step}"),
            beside=Beside(asked.areas, audit=True),
        )  # fmt: skip
        del old["alternatives"]
    return {
        "policy": asked.policy,
        "digest": hashlib.sha256(asked.text.encode()).hexdigest(),
        "base": hashlib.sha256(current.data).hexdigest() if current else "",
        "period": prepared.period.code,
        "edition": prepared.edition,
        "sensitive": bool(new["sensitive"] or (old and old["sensitive"])),
        "titles": {t.id: _both(t.title) for p in (current, proposed) if p for t in p.policy.tables},
        "columns": _columns(prepared, [p.policy for p in (current, proposed) if p]),
        "current": old | _terms(current.policy) if current and old else None,
        "proposed": new | _terms(proposed.policy),
        "alternatives": others,
        "available": [
            {"name": a.name, "kind": a.kind.value, "text": _both(a.text), "weaker": a.weaker}
            for a in alternatives_of(proposed.policy, prepared.source)
        ],
    }


def _checked(work: Workspace, asked: Asked, others: Sequence[LoadedPolicy]) -> LoadedPolicy:
    """The proposed policy, in the place of its namesake among all in force."""
    loaded, problems = parse_policy(asked.text.encode(), f"{asked.policy}.yaml")
    if loaded is not None:
        problems = check_policies([*others, loaded], work.settings)
    if loaded is None or problems:
        raise PolicyError("\n".join(map(str, problems)))
    return loaded


def _period(work: Workspace, policy: Policy, code: str, now: datetime) -> Period:
    """The period asked for; else the latest whose slot has come, or where no areas are declared for it (the demo's
    records are of the past) the one that was sealed last."""
    if code:
        return _parsed(code, policy)
    latest = last_period(policy.schedule, now)
    try:
        work.settings.edition_of(policy.edition, latest.year)
    except SettingsError:
        sealed = sorted(p for r in work.store.records() for p in [Period.parse(r.period)]
                        if r.policy == policy.id and p.grain == policy.schedule.grain)  # fmt: skip
        if not sealed:
            raise
        return sealed[-1]
    return latest


def _parsed(code: str, policy: Policy) -> Period:
    try:
        period = Period.parse(code)
    except ValueError as error:
        raise RunError(str(error)) from None
    if period.grain != policy.schedule.grain:
        raise RunError(f"{period.code} is no {policy.schedule.grain}, which the proposed policy is published by")
    return period


def _same_period(work: Workspace, policy: Policy, period: Period, now: datetime) -> Period:
    """The same period for the policy in force, or its own latest one where it is published by others."""
    return period if period.grain == policy.schedule.grain else _period(work, policy, "", now)


def _terms(policy: Policy) -> Json:
    """What the protection of a policy is, in the numbers that officers change, and how its tables are divided."""
    own, divided = policy.tables[0].protection, {t.id: [c.column for c in t.categories] for t in policy.tables}
    if isinstance(own, Suppression):
        terms: Json = {"threshold": own.threshold, "level": own.level.value, "insiders": own.insiders}
        return {"protection": "suppression", "terms": terms, "divided": divided}
    terms = {"rho": format_units(units_of_run(policy)), "bound": own.bound.cells}
    return {"protection": "noise", "terms": terms, "divided": divided}


def _columns(prepared: Prepared, policies: Sequence[Policy]) -> Json:
    """The texts of the source's categories and of what the policies join of them, by column and code."""
    own = [c for p in policies for t in p.tables for c in t.categories]
    joined = {c.column: {j.code: _both(j.text) for s in own if s.column == c.column for j in s.join} for c in own}
    return {
        c.id: {
            "text": _both(c.text),
            "codes": {code.code: _both(code.text) for code in c.categories} | joined.get(c.id, {}),
        }
        for c in prepared.source.categories
    }


def _both(text: Text) -> dict[str, str]:
    return {"sv": text.sv, "en": text.en}
