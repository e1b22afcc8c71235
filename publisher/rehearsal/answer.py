"""The rehearsal as one JSON-able object; docs/rehearsal.md says what every key means."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from fractions import Fraction

from publisher.errors import PolicyError, PublisherError
from publisher.ledger import UNITS_PER_RHO, Account, cap_units, format_units
from publisher.noise.accounting import epsilon
from publisher.policy.model import Policy
from publisher.preparation import Prepared
from publisher.rehearsal.advice import advice_of
from publisher.rehearsal.alternative import Alternative
from publisher.rehearsal.alternatives import choose
from publisher.rehearsal.budget import budget_of, budget_warnings
from publisher.rehearsal.effects import AreaEffect
from publisher.rehearsal.figures import MeasureLevel, TableFigures
from publisher.rehearsal.noise import charge_of, noise_tables
from publisher.rehearsal.places import check_asked, of_one_area
from publisher.rehearsal.trials import NOTHING, Beside, Say, Trial, problems_of, try_out

SENSITIVE = "this rehearsal is as sensitive as the records: it is for those who may read them"
AUDITED = "the period by itself was attacked as before a seal; what earlier versions told is not held against it"
NOT_AUDITED = "nothing here is audited: a run attacks what it has made before it seals it, and may still refuse"

Json = dict[str, object]


def rehearse(
    prepared: Prepared, *, now: datetime, say: Say, names: Sequence[str] = (), every: bool = False,
    beside: Beside = NOTHING,
) -> Json:  # fmt: skip
    """What a run would give, and for a suppressed policy the alternatives of these names, or every one.

    Of a period that is sealed already, as if it were not: what another policy would have given.  RunError for an
    alternative that the policy has not, or an area that the register has not.
    """
    chosen = choose(prepared.policy, prepared.source, names, every=every)
    check_asked(beside.areas, prepared.index)
    if prepared.policy.noise_tables:
        tables = noise_tables(prepared, beside.areas, simulated=True)
        answer = _answer(prepared, tables, [*_refused(prepared), *budget_warnings(prepared, now=now)])
        others = [_noisy_alternative(prepared, a, say) for a in chosen]
        return answer | budget_of(prepared, now=now) | {"alternatives": others}
    trials = try_out(prepared, chosen, now=now, say=say, beside=beside)
    advice = advice_of(trials, [t.id for t in prepared.policy.tables])
    own = trials[0]
    refused = [f"a run would be refused: {own.refused}"] if own.refused else []
    return _answer(prepared, [_table(t) for t in own.tables], [*refused, *(a.text for a in advice)]) | {
        "sensitive": SENSITIVE,
        "audit": AUDITED if own.verdict else NOT_AUDITED,
        "verdict": asdict(own.verdict) if own.verdict else None,
        "refused": own.refused,
        "alternatives": [_alternative(t, prepared) for t in trials[1:]],
        "advice": [asdict(a) for a in advice],
    }


def _refused(prepared: Prepared) -> list[str]:
    """Why a run would not measure what the policy asks for, if so."""
    try:
        for workload in prepared.workloads:
            for part in workload.parts:
                workload.plan(part)
    except PolicyError as error:
        return [f"a run would be refused: {error}"]
    return []


def _answer(prepared: Prepared, tables: list[Json], warnings: list[str]) -> Json:
    policy, ledger = prepared.policy, prepared.work.ledger
    cap = cap_units(prepared.work.settings.agencies[policy.agency].cap)
    spent = ledger.spent(Account(policy.agency, prepared.period.year))
    charge = charge_of(prepared)
    return {
        "policy": policy.id,
        "period": prepared.period.code,
        "sensitive": "",
        "tables": _with_lone(prepared, policy, tables),
        "rho": format_units(charge),
        "epsilon": f"{epsilon(Fraction(charge, UNITS_PER_RHO)):.2f}" if charge else "",
        "account": {
            "cap": format_units(cap),
            "charged": format_units(spent),
            "left_after": format_units(max(0, cap - spent - charge)),
        },
        "warnings": warnings,
    }


def _noisy_alternative(prepared: Prepared, alternative: Alternative, say: Say) -> Json:
    """What a run of a derived policy would give, or why it cannot be had; no record is read for it either."""
    say(f"{prepared.policy.id} {prepared.period.code}: {alternative.name}")
    derived = replace(prepared, policy=alternative.policy)
    tables, refused, charge = list[Json](), alternative.refused, 0
    if not refused:
        tables, refused, charge = _noisy_trial(prepared, derived)
    return _named(alternative) | {
        "period": prepared.period.code,
        "check": list(problems_of(derived)),
        "refused": refused,
        "rho": format_units(charge),
        "tables": _with_lone(prepared, alternative.policy, tables),
    }


def _noisy_trial(prepared: Prepared, derived: Prepared) -> tuple[list[Json], str, int]:
    """The tables of a derived policy, why it cannot be had, and its charge."""
    try:
        tables, charge = noise_tables(derived), charge_of(derived)
    except PublisherError as error:
        return [], str(error), 0
    if [t["groups"] for t in tables] == [t["groups"] for t in noise_tables(prepared)]:
        return [], "it would change nothing", charge
    return tables, "", charge


def _with_lone(prepared: Prepared, policy: Policy, tables: list[Json]) -> list[Json]:
    """Each table with how many of its cells of municipality and area type are one single RegSO, by the register."""
    levels = {t.id: t.areas for t in policy.tables}

    def lone(table: Json) -> int | None:
        if "kommun_area_type" not in levels[str(table["table"])]:
            return None
        return of_one_area(prepared.index, prepared.index.types_of(prepared.type_year))

    return [table | {"of_one_area": lone(table)} for table in tables]


def _named(own: Alternative) -> Json:
    return {
        "name": own.name, "kind": own.kind.value, "text": {"sv": own.text.sv, "en": own.text.en}, "weaker": own.weaker,
    }  # fmt: skip


def _alternative(trial: Trial, prepared: Prepared) -> Json:
    own = trial.alternative
    if own is None:
        raise ValueError("the policy as it is is no alternative")
    return _named(own) | {
        "period": trial.period,
        "check": list(trial.check),
        "refused": trial.refused,
        "tables": _with_lone(prepared, own.policy, [_table(t) for t in trial.tables]),
    }


def _table(table: TableFigures) -> Json:
    return {
        "table": table.table,
        **asdict(table.group),
        "forced": table.forced,
        "alone": table.alone,
        "by_level": {level: asdict(group) for level, group in table.by_level.items()},
        "totals": {level: asdict(totals) for level, totals in table.totals.items()},
        "measures": [
            {"measure": m.measure, **_level(m.overall), "by_level": {v: _level(own) for v, own in m.by_level.items()}}
            for m in table.measures
        ],
        "derived": [{"measure": m, "withheld": n} for m, n in table.derived.items()],
        "areas": {level: asdict(areas) for level, areas in table.areas.items()},
        "holes": asdict(table.holes),
        "map": {"level": table.effect.level, "areas": [asdict(a) for a in table.effect.areas]},
        "examples": [_example(e) for e in table.effect.examples],
    }


def _example(effect: AreaEffect) -> Json:
    return {**asdict(effect.place), **{key: part for key, part in asdict(effect).items() if key != "place"}}


def _level(measure: MeasureLevel) -> Mapping[str, object]:
    return {
        "value_per_cent": measure.value_per_cent,
        "reasons": {name: asdict(reason) for name, reason in measure.reasons.items()},
    }
