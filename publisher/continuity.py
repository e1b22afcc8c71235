"""Whether a run continues what its policy has released: asked before the charge, and again before the seal."""

from publisher.counting import Counted
from publisher.draft.facts import facts_of
from publisher.draft.measures import describe_measure
from publisher.draft.tables import Form, form_of, planned_form
from publisher.errors import RunError
from publisher.noise.mechanism import check_measurable as check_draws
from publisher.policy.model import Suppression
from publisher.preparation import Prepared
from publisher.release.model import NoiseFacts, Release, SuppressionFacts


def check_continues(prepared: Prepared, before: Release | None) -> None:
    """RunError where the policy's tables would not continue those of its last release.

    A release holds earlier periods cell by cell, so that measures, columns, codes, area levels and the kind of
    protection must be the same; a table that changed is another table with another id (MODEL.md, CSV).  Rules of
    suppression may change from one calendar period to the next, and each states its own; rolling years are protected
    together, by one.
    """
    if before is None:
        return
    earlier = {t.id: t for t in before.tables}
    gone = earlier.keys() - {t.id for t in prepared.policy.tables}
    if gone:
        raise RunError(f"policy {prepared.policy.id}: table {sorted(gone)[0]} is gone; end it with a policy of its own")
    for spec in prepared.policy.tables:
        if spec.id in earlier:
            measures = tuple(describe_measure(m, spec, prepared.source, None) for m in spec.measures)
            planned = planned_form(spec, prepared.policy, prepared.keys((spec,)), measures)
            _require_same(spec.id, planned, form_of(earlier[spec.id]))
            if prepared.period.grain == "rolling-year" and isinstance(spec.protection, Suppression):
                _require_rules(spec.id, facts_of(spec.protection), earlier[spec.id].protection)


def _require_same(table: str, planned: Form, earlier: Form) -> None:
    changed = [name for name in planned._fields if getattr(planned, name) != getattr(earlier, name)]
    if changed:
        raise RunError(f"table {table}: its {changed[0]} changed; give the changed table a new id")


def _require_rules(table: str, planned: SuppressionFacts, earlier: SuppressionFacts | NoiseFacts) -> None:
    if planned != earlier:
        raise RunError(f"table {table}: its protection changed; give the changed table a new id")


def check_still_continues(prepared: Prepared, before: Release | None) -> None:
    """RunError where the release that a draft continues was withdrawn while it was made: its cells are gone."""
    latest = prepared.work.store.latest(prepared.policy.id)
    if (latest.release if latest else "") != (before.id if before else ""):
        raise RunError(
            f"{prepared.policy.id} {prepared.period.code}: the release that it continues was withdrawn meanwhile; "
            "nothing is sealed. Run it again"
        )


def check_measurable(prepared: Prepared, counted: Counted) -> None:
    """PolicyError where the plan of a measurement cannot be drawn as charged."""
    for workload in prepared.workloads:
        for part in workload.parts:
            check_draws(counted.bounded[part.name], part, workload.plan(part))
