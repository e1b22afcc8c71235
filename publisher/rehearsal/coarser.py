"""Coarser categories as an alternative: where a column's codes are ranges, such as ages, neighbours joined in pairs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from publisher.policy.declarations import CategoryDeclaration, SourceDeclaration
from publisher.policy.joining import shown_categories
from publisher.policy.model import CategorySpec, Clamp, MeasureSpec, Policy, TableSpec
from publisher.policy.ranges import are_ranges, joined, pairs
from publisher.rehearsal.alternative import Alternative, Kind, made
from publisher.release.model import Category

_LEAST = 3
"""So many codes a column must have: of two, a pair would be the total."""
_MOST_CLAMP = 10**9


def coarser_columns(policy: Policy, source: SourceDeclaration) -> Iterator[Alternative]:
    """One alternative for each column of ranges: every table that has it with half as many codes.

    Codes that the policy joins already are joined further.
    """
    kept = dict(policy.where)
    for declared in source.categories:
        codes = kept.get(declared.id, declared.codes)
        tables = tuple(_coarser(t, declared, codes) for t in policy.tables)
        changed = [t for t, before in zip(tables, policy.tables, strict=True) if t != before]
        if changed:
            spec = next(c for c in changed[0].categories if c.column == declared.id)
            listed = ", ".join(c.code for c in _shown(spec, declared, codes))
            words = f"Grövre uppdelning efter {declared.id}: {listed}.", f"Coarser {declared.id}: {listed}."
            yield made(f"coarser-{declared.id}", Kind.CATEGORIES, words, replace(policy, tables=tables))


def _shown(spec: CategorySpec, declared: CategoryDeclaration, kept: Sequence[str]) -> list[Category]:
    """What a table shows of a column, of the records that the policy keeps."""
    return [c for c in shown_categories(spec, declared) if set(c.joins or (c.code,)) <= set(kept)]


def _coarser(table: TableSpec, declared: CategoryDeclaration, kept: Sequence[str]) -> TableSpec:
    """The table with the column's codes in pairs; as it is where it has no such column, or too few codes."""
    spec = next((c for c in table.categories if c.column == declared.id), None)
    shown = _shown(spec, declared, kept) if spec else []
    if spec is None or len(shown) < _LEAST or not are_ranges([c.code for c in shown]):
        return table
    groups = pairs(shown)
    alone = {c.code for group in groups if len(group) == 1 for c in group}
    join = (*(joined(group) for group in groups if len(group) > 1), *(j for j in spec.join if j.code in alone))
    new = replace(spec, join=join)
    return replace(
        table,
        categories=tuple(new if c == spec else c for c in table.categories),
        measures=tuple(_reclamped(m, spec, new, declared) for m in table.measures),
    )


def _reclamped(
    measure: MeasureSpec, before: CategorySpec, after: CategorySpec, declared: CategoryDeclaration
) -> MeasureSpec:
    """A sum whose clamp goes by the column: a person has one code of a personal one, and can have all of another."""
    if measure.clamp is None or measure.clamp.column != declared.id:
        return measure
    old = {frozenset(c.joins or (c.code,)): measure.clamp.of(c.code) for c in shown_categories(before, declared)}
    bounds = []
    for c in shown_categories(after, declared):
        inside = [bound for parts, bound in old.items() if parts <= set(c.joins or (c.code,))]
        bounds.append((c.code, min(max(inside) if declared.personal else sum(inside), _MOST_CLAMP)))
    return replace(measure, clamp=Clamp(declared.id, tuple(bounds)))
