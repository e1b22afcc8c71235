"""Codes of a column that a table shows as one: which categories it has then, and what such a join must be like."""

from collections.abc import Iterator

from publisher.policy.declarations import CategoryDeclaration, SourceDeclaration
from publisher.policy.model import CategorySpec, Policy, TableSpec
from publisher.release.model import FORMULA, Category


def shown_categories(spec: CategorySpec, declared: CategoryDeclaration) -> tuple[Category, ...]:
    """What a table shows of a column, in published order, without the total: declared categories, and joined ones
    where the first of their codes was."""
    joined = {part: j for j in spec.join for part in j.of}
    out: dict[str, Category] = {}
    for category in declared.categories:
        j = joined.get(category.code)
        shown = category if j is None else Category(j.code, j.text, tuple(c for c in declared.codes if c in j.of))
        out.setdefault(shown.code, shown)
    return tuple(out.values())


def check_joins(table: TableSpec, policy: Policy, source: SourceDeclaration) -> Iterator[str]:
    """What is wrong with the codes that a table of a policy shows or joins; nothing where all is well."""
    declared = {c.id: c for c in source.categories}
    for spec in table.categories:
        if spec.column in declared:
            kept = dict(policy.where).get(spec.column)
            yield from _formulas(spec, declared[spec.column], kept)
            yield from _one(spec, declared[spec.column], kept)
            yield from _together(spec, table, policy)


def _formulas(spec: CategorySpec, declared: CategoryDeclaration, kept: tuple[str, ...] | None) -> Iterator[str]:
    """No file of a release may hold a formula: to find that only when it is written would be after the charge."""
    for c in shown_categories(spec, declared):
        shown = kept is None or bool({c.code, *c.joins} & set(kept))
        if shown and any(t.startswith(FORMULA) for t in (c.code, c.text.sv, c.text.en)):
            yield (
                f"column {spec.column}: code {c.code} or its text begins like a formula of a spreadsheet (= + - @ "
                "tab); join it under another name, leave it out by where, or change it in publisher.toml"
            )


def _one(spec: CategorySpec, declared: CategoryDeclaration, kept: tuple[str, ...] | None) -> Iterator[str]:
    column, known = spec.column, set(declared.codes)
    for j in spec.join:
        if j.code in known:
            yield (
                f"join: column {column} declares code {j.code}, which would mean two things; give the joined code "
                "another name"
            )
        for part in j.of:
            if part not in known:
                yield f"join: column {column} declares no code {part}; its codes are {', '.join(declared.codes)}"
            elif kept is not None and part not in kept:
                yield (
                    f"join: column {column}: where leaves out code {part}, so that {j.code} would say more than it "
                    "counts; join what where keeps"
                )
    if spec.join and len(shown_categories(spec, declared)) < 2:
        yield f"join: column {column} has one code left, which is its total; leave the column out"


def _together(spec: CategorySpec, table: TableSpec, policy: Policy) -> Iterator[str]:
    """The same people by fine codes and by joined ones: what one table withholds the other can give away."""
    if table not in policy.suppressed_tables:
        return
    for other in policy.suppressed_tables[: policy.suppressed_tables.index(table)]:
        if any(c.column == spec.column and groups_of(c) != groups_of(spec) for c in other.categories):
            yield (
                f"join: table {other.id} shows column {spec.column} by other codes; suppressed tables of one policy "
                "are one linked system, in which a column has one set of codes: write the same join in both, or leave "
                "the column out of one"
            )
            return


def groups_of(spec: CategorySpec) -> frozenset[tuple[str, frozenset[str]]]:
    """What a table joins of a column, by code, whatever the order and the texts."""
    return frozenset((j.code, frozenset(j.of)) for j in spec.join)
