"""What others have published about a policy's records, as tables for the audit (P4, outside knowledge)."""

from publisher.draft.outside import draft_outside
from publisher.draft.suppressed import rule_texts
from publisher.draft.tables import Place
from publisher.policy.model import Suppression
from publisher.preparation import Prepared
from publisher.release.model import SuppressionFacts, Table


def outside_tables(prepared: Prepared) -> tuple[Table, ...]:
    """The declared tables that hold numbers of the period."""
    rule = prepared.policy.tables[0].protection
    if not isinstance(rule, Suppression):
        return ()
    types = prepared.index.types_of(prepared.type_year) if prepared.uses_types else {}
    place = Place(prepared.period.code, 1, prepared.edition, types)
    facts = SuppressionFacts(rule.threshold, rule.counted, rule.zeros, rule.level, rule_texts(rule), rule.insiders)
    return tuple(
        draft_outside(
            numbers, prepared.policy, prepared.linked_keys, index=prepared.index, settings=prepared.work.settings,
            place=place, facts=facts,
        )
        for numbers in prepared.outside
    )  # fmt: skip
