"""What others have published about a policy's records, for the search and as tables for the audit (P4)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from publisher.cube import Cube
from publisher.draft.facts import facts_of
from publisher.draft.known import counts_of
from publisher.draft.outside import draft_outside, known_of
from publisher.draft.tables import Place
from publisher.geography.outside import KnownNumber, KnownNumbers
from publisher.policy.model import Suppression
from publisher.preparation import Prepared
from publisher.release.model import Table


def known_to_all(prepared: Prepared, cube: Cube) -> tuple[KnownNumbers, ...]:
    """The numbers of the period that everybody knows; SuppressionError where the records give others."""
    if not prepared.outside:
        return ()
    policy = prepared.policy
    return known_of(prepared.outside, policy, cube.keys, counts_of(cube, policy.tables[0].count.kind))


def beside(declared: Sequence[KnownNumbers], remembered: Iterable[KnownNumbers]) -> tuple[KnownNumbers, ...]:
    """What is declared, and what is remembered of other tables: one file can hold two, told apart by their measure."""
    tables = {(numbers.sha256, numbers.id): numbers for numbers in remembered}
    return (*declared, *(tables[key] for key in sorted(tables.keys() - {(d.sha256, d.id) for d in declared})))


def known_then(declared: Sequence[KnownNumbers], remembered: Sequence[KnownNumbers]) -> tuple[KnownNumbers, ...]:
    """What is known of an earlier seal: what it remembers, and what is declared by now.

    Of that, numbers that were others then are left out: a file that was corrected is of the records of its time.
    """
    then = {(n.kind, n.columns, r.area, r.categories): r.value for n in remembered for r in n.rows}

    def fits(numbers: KnownNumbers, row: KnownNumber) -> bool:
        return then.get((numbers.kind, numbers.columns, row.area, row.categories), row.value) == row.value

    fitting = [replace(n, rows=tuple(r for r in n.rows if fits(n, r))) for n in declared]
    return beside([n for n in fitting if n.rows], remembered)


def outside_tables(prepared: Prepared, outside: Sequence[KnownNumbers]) -> tuple[Table, ...]:
    """Numbers that others have published, as tables; none for a policy that is not protected by suppression."""
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
        for numbers in outside
    )  # fmt: skip
