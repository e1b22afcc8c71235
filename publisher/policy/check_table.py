"""What is checked of one table against the declarations: its columns and measures, and that its protection can hold."""

from collections.abc import Collection, Iterator

from publisher.policy.declarations import Settings, SourceDeclaration
from publisher.policy.joining import shown_categories
from publisher.policy.model import (
    ContributorsRule,
    DominanceRule,
    MeasureSpec,
    Noise,
    PPercentRule,
    Suppression,
    TableSpec,
)
from publisher.policy.quantiles import check_quantiles

_PERSONS = ("persons", "persons_distinct")


def check_table(table: TableSpec, source: SourceDeclaration, settings: Settings) -> Iterator[str]:
    """What is wrong with a table; nothing where all is well."""
    declared = {c.id for c in source.categories}
    for category in table.categories:
        if category.column not in declared:
            yield f"column {category.column} is not declared for source {source.id}"
    for measure in table.measures:
        if measure.denominator and measure.denominator not in settings.populations:
            yield f"measure {measure.id}: population {measure.denominator} is not declared in publisher.toml"
    yield from _sums(table, source)
    yield from check_quantiles(table, source)
    if isinstance(table.protection, Noise):
        yield from _noise(table.protection, table, source)
    else:
        yield from _suppression(table.protection, table, settings)


def _sums(table: TableSpec, source: SourceDeclaration) -> Iterator[str]:
    known = {a.id for a in source.amounts}
    amounts = [m.of for m in table.sums]
    for amount in amounts:
        if amount not in known:
            yield f"amount {amount} is not declared for source {source.id}"
    if len(set(amounts)) != len(amounts):
        yield "an amount is summed twice"


def _noise(noise: Noise, table: TableSpec, source: SourceDeclaration) -> Iterator[str]:
    if not source.person_pattern:
        yield f"source {source.id} declares no person_pattern: one person under two spellings would be two units"
    yield from _group_weights(noise, table)
    for m in table.beside:
        if m.decimals or table.count.decimals:
            yield f"measure {m.id}: persons and their cases are shown without decimals, so that one bounds the other"
    if noise.bound.per_cell > 1 and table.count.kind in _PERSONS and not table.beside:
        yield "bound.per_cell is about cases and events; a person counts once in a cell"
    for measure in table.sums:
        yield from (f"measure {measure.id}: {m}" for m in _noisy_sum(measure, table, source))


def _group_weights(noise: Noise, table: TableSpec) -> Iterator[str]:
    """Weights are of groups of cells that the table has."""
    for weight in noise.times:
        if weight.area not in table.areas:
            yield f"weights: {weight.area} is not one of the table's areas"
        for column in sorted(set(weight.categories) - {c.column for c in table.categories}):
            yield f"weights: column {column} is not a column of the table"
        for category in table.categories:
            if not category.total and category.column not in weight.categories:
                yield f"weights: the table has no total over {category.column}; name it among the group's categories"


def _noisy_sum(measure: MeasureSpec, table: TableSpec, source: SourceDeclaration) -> Iterator[str]:
    if measure.rho is None or measure.clamp is None:
        yield "a sum under noise needs a rho and a clamp of its own"
        return
    column = measure.clamp.column
    if not column:
        return
    if column not in {c.column for c in table.categories}:
        yield f"clamp.column {column} is not a column of the table"
        return
    spec = next(c for c in table.categories if c.column == column)
    shown = [c.code for c in shown_categories(spec, source.category(column))]
    if set(shown) != {code for code, _ in measure.clamp.bounds}:
        if spec.join:
            yield f"clamp needs a number for every code that the table shows of {column}: {', '.join(shown)}"
        else:
            yield f"clamp needs a number for every declared code of {column}, and no other"


def _suppression(rule: Suppression, table: TableSpec, settings: Settings) -> Iterator[str]:
    if rule.counted != "persons":
        yield "counted must be persons: many cases can be one person's"
    for m in table.beside:
        yield f"measure {m.id}: a second count belongs to noise; under suppression a table has one"
    if rule.insiders and table.count.kind == "persons_distinct":
        yield (
            "insiders: true is not available for persons_distinct: whoever is alone in one category also knows which "
            "others are the own, which no audit asks; count persons, or write false"
        )
    if any(m.decimals for m in (table.count, *table.sums)):
        yield "counts and sums are whole numbers under suppression: no decimals"
    for level in rule.forced:
        if level not in table.areas:
            yield f"forced level {level} is not one of the table's areas"
    if table.count.kind in _PERSONS and settings.everyone is None:
        yield "counts of persons are bounded by the public population: declare one with everyone = true"
    yield from _suppressed_sums(rule, table)
    if rule.share_rule and table.count.kind not in _PERSONS:
        yield "the rule share is about persons; this table counts none"


def _suppressed_sums(rule: Suppression, table: TableSpec) -> Iterator[str]:
    for measure in table.sums:
        if measure.rho is not None or measure.clamp is not None:
            yield f"measure {measure.id}: rho and clamp belong to noise"
    about_sums: Collection[object] = rule.sum_rules
    if table.sums and not any(isinstance(r, DominanceRule | PPercentRule) for r in about_sums):
        yield "sums need dominance or p_percent: one large contributor can be most of a sum that rests on many"
    if not table.sums and any(isinstance(r, DominanceRule | PPercentRule | ContributorsRule) for r in about_sums):
        yield "dominance, p_percent and min_contributors are about sums; this table has none"
