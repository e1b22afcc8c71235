"""Whether tables can be measured together, and in which order their numbers are made to agree.

Tables that share one measurement show the same number wherever they show the same cell, and whatever follows from two
of them is shown by both, so that nothing that can be added up contradicts itself.  What a table shows of the common
cells must be known from a single table before it (the running intersection property; Beeri, Fagin, Maier and Yannakakis
1983): then whole numbers that agree always exist.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

from publisher.policy.joining import groups_of
from publisher.policy.model import EstimateKind, Noise, TableSpec

Group = tuple[str, frozenset[str]]
"""An area level and the columns that its cells are split by."""

_ADDED_FROM = {
    "riket": ("lan", "kommun", "regso", "area_type", "lan_area_type", "kommun_area_type"),
    "lan": ("kommun", "regso", "lan_area_type", "kommun_area_type"),
    "kommun": ("regso", "kommun_area_type"),
    "area_type": ("lan_area_type", "kommun_area_type", "regso"),
    "lan_area_type": ("kommun_area_type", "regso"),
    "kommun_area_type": ("regso",),
    "regso": (),
}
"""The levels whose cells add up to those of a level, but for records without a stated area."""
_KINDS = ("persons", "cases", "events")
ESTIMATES = (EstimateKind.UNBIASED, EstimateKind.NON_NEGATIVE_INTEGERS)
"""Those that numbers of one table can be made to agree with another's in."""


def check_together(tables: Sequence[TableSpec], personal: Collection[str]) -> Iterator[tuple[TableSpec, str]]:
    """What keeps tables from being measured together, each with the table that it is about; the first has the terms.

    `personal`: the columns of which a person has one value.
    """
    problems = [(t, message) for t in tables for message in _counted(t, tables[0])]
    problems += [(t, message) for t in tables[1:] for message in _case_columns(t, tables[0], set(personal))]
    problems += [(t, message) for t in tables for message in _totals(t, tables)]
    problems += [(b, message) for a, b in combinations(tables, 2) for message in (*_levels(a, b), *_joins(a, b))]
    yield from problems
    if not problems:
        yield from _circles(tables)


def _counted(table: TableSpec, first: TableSpec) -> Iterator[str]:
    """One count, the same in all of them, and nothing else that is measured."""
    count, known = table.count, first.count
    if count.kind not in _KINDS:
        yield f"together_with is for tables that count {', '.join(_KINDS)}; measure {count.kind} in a table by itself"
    elif (count.kind, count.id, count.decimals) != (known.kind, known.id, known.decimals):
        yield (
            f"together_with: its count must be that of {first.id}, with the same id, kind and decimals: {known.id}, "
            f"{known.kind}, {known.decimals}"
        )
    if isinstance(table.protection, Noise) and table.protection.estimate not in ESTIMATES:
        yield f"together_with is for the estimates {' and '.join(ESTIMATES)}; take one, or measure this by itself"
    if table.beside or table.sums or table.quantiles:
        yield "together_with is for one count; put sums, quantiles and a second count into a table by itself"


def _case_columns(table: TableSpec, first: TableSpec, personal: set[str]) -> Iterator[str]:
    """Persons count once in each combination of the case columns: left out, they would count several times."""
    own, known = ({c.column for c in t.categories} - personal for t in (table, first))
    if table.count.kind == "persons" and own != known:
        named = ", ".join(sorted(own ^ known))
        yield (
            f"together_with: persons count once in each combination of the case's columns, so that all tables need "
            f"the same of those; {first.id} and this one differ in {named}"
        )


def _totals(table: TableSpec, tables: Sequence[TableSpec]) -> Iterator[str]:
    """A column without its total stands so in all of them."""
    shown = [{(c.column, c.total) for c in t.categories} for t in tables]
    for category in table.categories:
        if not category.total and not all((category.column, False) in columns for columns in shown):
            yield f"together_with: show the total of column {category.column}, which another of the tables shows"


def _levels(a: TableSpec, b: TableSpec) -> Iterator[str]:
    """A level that the numbers of both tables add up to is shown by both."""
    for level in _reached(a) & _reached(b):
        lacking = [t.id for t in (a, b) if level not in t.areas]
        if lacking:
            yield f"together_with: {a.id} and {b.id} both add up to level {level}; show it in {' and '.join(lacking)}"


def _joins(a: TableSpec, b: TableSpec) -> Iterator[str]:
    """One cube has one set of codes of a column."""
    joined = {c.column: groups_of(c) for c in a.categories}
    for category in b.categories:
        if joined.get(category.column, groups_of(category)) != groups_of(category):
            yield (
                f"together_with: {a.id} shows column {category.column} by other codes; write the same join in both, or "
                "measure this by itself"
            )


def _reached(table: TableSpec) -> set[str]:
    return {level for level, finer in _ADDED_FROM.items() if {level, *finer} & set(table.areas)}


def shown_groups(table: TableSpec) -> frozenset[Group]:
    """The levels and columns of a table's cells."""
    always = [c.column for c in table.categories if not c.total]
    some = [c.column for c in table.categories if c.total]
    kept = [frozenset((*always, *chosen)) for n in range(len(some) + 1) for chosen in combinations(some, n)]
    return frozenset((level, columns) for level in table.areas for columns in kept)


def order_of_agreement(tables: Sequence[TableSpec]) -> list[tuple[int, int]]:
    """The tables after the first in the order in which their numbers are made, each with the earlier one that it agrees
    with: that with which it has most in common.  Of several such orders this one is enough (Prim's tree)."""
    groups, done, out = [shown_groups(t) for t in tables], [0], list[tuple[int, int]]()
    while len(done) < len(tables):
        left = [i for i in range(len(tables)) if i not in done]
        common = {(i, j): len(groups[i] & groups[j]) for i in left for j in done}
        pair = max(common, key=lambda p: (common[p], -p[0], -p[1]))
        done.append(pair[0])
        out.append(pair)
    return out


def _circles(tables: Sequence[TableSpec]) -> Iterator[tuple[TableSpec, str]]:
    """What a table has in common with those before it, it has in common with one of them."""
    groups, done = [shown_groups(t) for t in tables], [0]
    for table, before in order_of_agreement(tables):
        if any(not groups[table] & groups[i] <= groups[before] for i in done):
            names = ", ".join(tables[i].id for i in done)
            yield tables[table], (
                f"together_with: it has cells in common with several of {names}, and with none of them all of these; "
                "let one table have them all, or measure this one by itself"
            )
        done.append(table)

