"""What is written where an officer adds something, before she fills it in: values that the loader can read."""

from collections.abc import Mapping, Sequence

from ruamel.yaml.nodes import Node

from publisher.policy.declarations import Settings, SourceDeclaration
from publisher.policy.editing.places import Place, codes, entries, entries_at, find, scalar_at
from publisher.policy.editing.writing import Value, value_of
from publisher.policy.model import COUNTS
from publisher.policy.ranges import joined
from publisher.release.model import Category, Text

RULES: Mapping[str, Value] = {
    "threshold": 5,
    "share": {"persons": 20, "having": 5},
    "p_percent": "10",
    "dominance": {"n": 1, "k": "75"},
    "min_contributors": 3,
}
"""The usual parameters of each rule, in the order in which rules are offered."""
STEPS: Mapping[str, Value] = {"from": 0, "to": 60000, "step": 500}
UNCERTAIN: Mapping[str, Value] = {"coefficient_of_variation": "0.3", "interval_width": "1.2"}


def source_of(root: Node, settings: Settings | None) -> SourceDeclaration | None:
    """The declaration of the text's source, if there is one."""
    return settings.sources.get(scalar_at(root, ("source",))) if settings else None


def new_table(root: Node) -> Value:
    """A table of persons, protected as the policy's first table is, since they are protected together."""
    names = {scalar_at(e.value, ("id",)) for e in entries_at(root, ("tables",))}
    policy = scalar_at(root, ("policy",), "policy")
    first = find(root, ("tables", "0", "protection"))
    return {
        "id": next(name for n in range(1, 1000) if (name := f"{policy}-{n}") not in names),
        "title": {"sv": "Ny tabell", "en": "New table"},
        "measures": [{"id": "persons", "kind": "persons"}],
        "categories": [],
        "areas": ["riket"],
        "protection": value_of(first) if first is not None else {"suppression": suppression([], "persons")},
    }


def new_measure(root: Node, table: Place, settings: Settings | None) -> Value:
    """A number per inhabitant: a table has one count already."""
    measures = entries_at(root, (*table, "measures"))
    names = {scalar_at(e.value, ("id",)) for e in measures}
    name = next(n for i in range(1, 1000) if (n := f"rate-{i}" if i > 1 else "rate") not in names)
    return {"id": name, "kind": "rate", **measure_keys("rate", root, table, settings)}


def measure_keys(kind: str, root: Node, table: Place, settings: Settings | None) -> Mapping[str, Value]:
    """The keys that a measure of a kind needs beside id and kind."""
    source = source_of(root, settings)
    amount = source.amounts[0].id if source and source.amounts else "amount"
    population = next(iter(settings.populations), "population") if settings else "population"
    noisy = find(root, (*table, "protection", "noise")) is not None
    if kind == "sum":
        return {"of": amount, **({"rho": "0.01", "clamp": {"all": "10000"}} if noisy else {})}
    if kind == "quantile":
        return {"of": amount, "rho": "0.01", "q": "0.5", "candidates": STEPS}
    if kind == "mean":
        return {"of": next(iter(_measures_of(root, table, ("sum",))), amount)}
    count = next(iter(_measures_of(root, table, COUNTS)), "persons")
    if kind == "share":
        return {"of": count, "within": next(iter(columns_of(root, table)), "sex"), "per": 100, "decimals": 1}
    if kind == "rate":
        return {"of": count, "denominator": population, "per": 1000, "decimals": 1}
    return {}


def new_category(root: Node, table: Place, settings: Settings | None) -> Value:
    """The first declared column that the table has not, with its total."""
    source, taken = source_of(root, settings), columns_of(root, table)
    free = [c.id for c in source.categories if c.id not in taken] if source else []
    return {"column": next(iter(free), "sex"), "total": True}


def new_join(root: Node, category: Place, settings: Settings | None) -> Value:
    """The first two declared codes of a column that are not joined yet, as one."""
    source, column = source_of(root, settings), scalar_at(root, (*category, "column"))
    declared = next((c for c in source.categories if c.id == column), None) if source else None
    taken = {k for e in entries_at(root, (*category, "join")) for k in codes(find(e.value, ("of",)))}
    free = [c for c in declared.categories if c.code not in taken] if declared else []
    unknown = [Category(code, Text(code, code)) for code in ("code", "code-2")]
    one = joined(free[:2] if len(free) > 1 else unknown)
    return {"code": one.code, "text": {"sv": one.text.sv, "en": one.text.en}, "of": list(one.of)}


def new_rule(root: Node, place: Place) -> Value:
    """The first kind of rule that does not stand yet."""
    taken = {k.name for e in entries_at(root, place) for k in entries(e.value)}
    kind = next((k for k in RULES if k not in taken), "threshold")
    return {kind: RULES[kind]}


def new_group(root: Node, table: Place) -> Value:
    """A group of cells of the table's first area level that weighs ten times as much."""
    return {"area": scalar_at(root, (*table, "areas", "0"), "riket"), "categories": [], "times": "10"}


def clamp(kind: str, root: Node, table: Place, settings: Settings | None) -> Value:
    """One clamp for all, or one for each code of the table's first column."""
    if kind == "all":
        return {"all": "10000"}
    source, column = source_of(root, settings), next(iter(columns_of(root, table)), "sex")
    found = next((c for c in source.categories if c.id == column), None) if source else None
    return {"column": column, "bounds": dict.fromkeys(found.codes if found else ("code",), "10000")}


def protection(kind: str, root: Node, table: Place) -> Value:
    """The terms of a table whose protection is switched: cautious ones, for the officer to change."""
    if kind == "noise":
        return {
            **_OWN_TERMS,
            "weights": "all-cells-alike",
            "uncertain_when": {"coefficient_of_variation": "0.3"},
        }
    areas = codes(find(root, (*table, "areas")))
    kinds = [scalar_at(e.value, ("kind",)) for e in entries_at(root, (*table, "measures"))]
    return suppression(["riket"] if "riket" in areas else [], *kinds)


_OWN_TERMS: Mapping[str, Value] = {
    "rho": "0.01",
    "bound": {"cells": 1, "area": "last"},
    "estimate": "non-negative-integers",
}
"""What a table under noise has from another where it is measured with that one."""


def measured(table: str, root: Node, noise: Place) -> Value:
    """The terms of a table that is measured with another, or by itself again; what else stands of them stays."""
    kept = {e.name: value_of(e.value) for e in entries_at(root, noise) if e.name not in ("together_with", *_OWN_TERMS)}
    return {**({"together_with": table} if table else _OWN_TERMS), **kept}


def suppression(forced: Sequence[str], *kinds: str) -> Value:
    """The default terms of suppression for a table that shows measures of some kinds."""
    rules: list[Value] = [{"threshold": 5}]
    if "sum" in kinds:
        rules.append({"p_percent": RULES["p_percent"]})
    return {
        "rules": rules,
        "zeros": "published",
        "level": "ambiguous",
        "counted": "persons",
        "insiders": "persons_distinct" not in kinds,
        "forced": list(forced),
    }


def columns_of(root: Node, table: Place) -> list[str]:
    """The category columns of a table."""
    return [scalar_at(e.value, ("column",)) for e in entries_at(root, (*table, "categories"))]


def _measures_of(root: Node, table: Place, kinds: Sequence[str]) -> list[str]:
    found = entries_at(root, (*table, "measures"))
    return [scalar_at(e.value, ("id",)) for e in found if scalar_at(e.value, ("kind",)) in kinds]
