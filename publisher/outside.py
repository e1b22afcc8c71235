"""What others have published about a policy's records, as tables for the audit (P4, outside knowledge)."""

from publisher.draft.facts import facts_of
from publisher.draft.outside import draft_outside
from publisher.draft.tables import Place
from publisher.policy.model import Suppression
from publisher.preparation import Prepared
from publisher.release.model import Table


def outside_tables(prepared: Prepared) -> tuple[Table, ...]:
    """The declared tables that hold numbers of the period."""
    rule = prepared.policy.tables[0].protection
    if not isinstance(rule, Suppression):
        return ()
    types = prepared.index.types_of(prepared.type_year) if prepared.uses_types else {}
    place = Place(prepared.period.code, 1, prepared.edition, types)
    facts = facts_of(rule)
    return tuple(
        draft_outside(
            numbers, prepared.policy, prepared.linked_keys, index=prepared.index, settings=prepared.work.settings,
            place=place, facts=facts,
        )
        for numbers in prepared.outside
    )  # fmt: skip
