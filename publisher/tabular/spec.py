"""SPEC.yaml of `protect` and `attack`: what the columns of a table are, and what protects it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import cast

from ruamel.yaml.nodes import MappingNode, Node

from publisher.errors import TableError
from publisher.policy.model import (
    ContributorsRule,
    DominanceRule,
    PPercentRule,
    ProtectionLevel,
    Rule,
    ShareRule,
    ThresholdRule,
    Zeros,
)
from publisher.policy.read_suppression import read_rule
from publisher.policy.yaml_nodes import Fields, Invalid, Reader

SumRule = DominanceRule | PPercentRule | ContributorsRule
TOTAL_LEVEL = "total"
"""The level of a dimension's total, in `forced`."""

_KEYS = ("value", "dimensions", "rules", "zeros", "protection")
_OPTIONAL = ("contributors", "size", "insiders", "forced")
_MOST_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class HierarchySpec:
    """One hierarchy over the leaves of a dimension: a file, and its columns, finest first."""

    file: str
    levels: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.levels)) != len(self.levels) or TOTAL_LEVEL in self.levels:
            raise ValueError(f"levels must be different columns, none of them {TOTAL_LEVEL}")


@dataclass(frozen=True, slots=True)
class DimensionSpec:
    """One column of codes with its total.  Flat without hierarchies; linked where it has several.

    `codes`: of a flat dimension, all its codes, or none where those of the file are meant.  `size`: column of the first
    hierarchy's file with the public size of each leaf, or empty.
    """

    column: str
    total: str
    hierarchies: tuple[HierarchySpec, ...]
    codes: tuple[str, ...]
    size: str

    def __post_init__(self) -> None:
        if len({h.levels[0] for h in self.hierarchies}) > 1:
            raise ValueError("linked hierarchies stand over the same leaves: their first levels must be the same")
        if self.hierarchies and self.codes:
            raise ValueError("codes are listed for a flat dimension only; those of a hierarchy stand in its file")
        if self.size and not self.hierarchies:
            raise ValueError("size is a column of a hierarchy's file; a flat dimension has none")
        if len({*self.codes, self.total}) != len(self.codes) + 1:
            raise ValueError("a code stands twice, or is that of the total")

    @property
    def levels(self) -> tuple[str, ...]:
        """The names of its levels from the total down; a flat dimension has its column's name below the total."""
        if not self.hierarchies:
            return (TOTAL_LEVEL, self.column)
        coarse = dict.fromkeys(v for h in self.hierarchies for v in reversed(h.levels[1:]))
        return (TOTAL_LEVEL, *coarse, self.hierarchies[0].levels[0])


Forced = Mapping[str, str]
"""Cells that must be published: dimension -> level; a dimension that is not named may have any code."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A table and its protection.  `folder`: where the files of its hierarchies are.

    `contributors`: columns with the largest contributions to a leaf cell, largest first.  `size`: column with the
    public size of a leaf cell, or empty.  `level` is for counts; sums are protected as their rules say.
    """

    folder: Path
    value: str
    dimensions: tuple[DimensionSpec, ...]
    rules: tuple[Rule, ...]
    zeros: Zeros
    level: ProtectionLevel
    contributors: tuple[str, ...]
    size: str
    insiders: bool
    forced: tuple[Forced, ...]

    def __post_init__(self) -> None:
        columns = [self.value, *(d.column for d in self.dimensions), *self.contributors, *filter(None, [self.size])]
        if len(set(columns)) != len(columns) or "status" in columns:
            raise ValueError("every column has one meaning: two of them have the same name, or one is called status")
        self._check_rules()
        if self.insiders and self.is_sum:
            raise ValueError("insiders: true is for counts; the rules of a sum protect against the second contributor")

    def _check_rules(self) -> None:
        kinds = [type(r) for r in self.rules]
        if len(set(kinds)) != len(kinds):
            raise ValueError("a kind of rule may stand once")
        if ShareRule in kinds:
            raise ValueError("a share needs a population, which a plain table has not; write a policy instead")
        if self.is_sum and ThresholdRule in kinds:
            raise ValueError(
                "a threshold counts units and does not go with rules for sums; write min_contributors for the sum"
            )
        if self.is_sum and self.zeros is Zeros.PROTECTED:
            raise ValueError("a sum tells that nobody contributes by being 0: zeros: protected is for counts")
        wanted = max(map(_columns_wanted, self.rules), default=0)
        if wanted > len(self.contributors):
            raise ValueError(f"these rules need {wanted} columns in contributors, from the largest contribution down")

    @property
    def is_sum(self) -> bool:
        """Whether the value is a sum of contributions rather than a count."""
        return bool(self.sum_rules)

    @property
    def sum_rules(self) -> tuple[SumRule, ...]:
        """The rules for sums."""
        return tuple(r for r in self.rules if isinstance(r, DominanceRule | PPercentRule | ContributorsRule))

    @property
    def threshold(self) -> int:
        """The minimum frequency of a count.  For a sum 2: it is narrow where it is a point."""
        return next((r.threshold for r in self.rules if isinstance(r, ThresholdRule)), 2)


def _columns_wanted(rule: Rule) -> int:
    """How many of the largest contributions decide a rule.  k of them tell k + 1 contributors from fewer."""
    if isinstance(rule, DominanceRule):
        return rule.n
    if isinstance(rule, ContributorsRule):
        return rule.least - 1
    return 2 if isinstance(rule, PPercentRule) else 0


def load_spec(path: Path) -> Spec:
    """Read SPEC.yaml; TableError holds every problem as `file:line: message`, one a line."""
    reader = Reader(path.name)
    try:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise reader.fail(1, f"the file cannot be read: {error.strerror}") from None
        return _spec(reader, reader.document(data), path.parent)
    except Invalid:
        raise TableError("\n".join(map(str, sorted(reader.problems)))) from None


def _spec(reader: Reader, root: Node, folder: Path) -> Spec:
    fields = reader.mapping(root, _KEYS, _OPTIONAL)
    dimensions = fields.read("dimensions", lambda n: reader.sequence(n, lambda d: _dimension(reader, d)))
    no_cells, no_columns = cast(tuple[Forced, ...], ()), cast(tuple[str, ...], ())
    forced = fields.optional(
        "forced", lambda n: reader.sequence(n, lambda f: _forced(reader, f, dimensions or ()), empty=True), no_cells
    )
    values = {
        "value": fields.read("value", reader.text),
        "rules": fields.read("rules", lambda n: reader.sequence(n, lambda r: read_rule(reader, r))),
        "zeros": fields.read("zeros", lambda n: Zeros(reader.choice(n, [z.value for z in Zeros]))),
        "level": fields.read("protection", lambda n: _level(reader, n)),
        "contributors": fields.optional("contributors", lambda n: _columns(reader, n), no_columns),
        "size": fields.optional("size", reader.text, ""),
        "insiders": fields.optional("insiders", reader.boolean, False),
    }
    if reader.problems:
        raise Invalid
    return fields.build(Spec, folder=folder, dimensions=dimensions, forced=forced, **values)


def _columns(reader: Reader, node: Node) -> tuple[str, ...]:
    columns = reader.sequence(node, reader.text)
    if len(columns) > _MOST_COLUMNS:
        raise reader.fail(node, f"at most {_MOST_COLUMNS} contributors are used")
    return columns


def _level(reader: Reader, node: Node) -> ProtectionLevel:
    fields: Fields = reader.mapping(node, ("level",))
    level = fields.read("level", lambda n: ProtectionLevel(reader.choice(n, [v.value for v in ProtectionLevel])))
    if level is None:
        raise Invalid
    return level


def _dimension(reader: Reader, node: Node) -> DimensionSpec:
    fields = reader.mapping(node, ("column", "total"), ("hierarchies", "codes", "size"))
    return fields.build(
        DimensionSpec,
        column=fields.read("column", reader.text),
        total=fields.read("total", reader.text),
        hierarchies=fields.optional("hierarchies", lambda n: reader.sequence(n, lambda h: _hierarchy(reader, h)), ()),
        codes=fields.optional("codes", lambda n: reader.sequence(n, reader.text), ()),
        size=fields.optional("size", reader.text, ""),
    )


def _hierarchy(reader: Reader, node: Node) -> HierarchySpec:
    fields = reader.mapping(node, ("file", "levels"))
    return fields.build(
        HierarchySpec,
        file=fields.read("file", reader.text),
        levels=fields.read("levels", lambda n: reader.sequence(n, reader.text)),
    )


def _forced(reader: Reader, node: Node, dimensions: tuple[DimensionSpec, ...]) -> Forced:
    """`total` (the cell of all totals), a level (all its cells), or a level for each of some dimensions."""
    levels = {d.column: d.levels for d in dimensions}
    if isinstance(node, MappingNode):
        fields = reader.mapping(node, (), tuple(levels))
        chosen = {c: fields.read(c, partial(reader.choice, allowed=levels[c])) for c in fields.found if c in levels}
        return _chosen(fields, chosen)
    name = reader.text(node)
    if name == TOTAL_LEVEL:
        return MappingProxyType(dict.fromkeys(levels, TOTAL_LEVEL))
    owners = [c for c, names in levels.items() if name in names]
    if len(owners) != 1:
        known = ", ".join(dict.fromkeys(v for names in levels.values() for v in names))
        several = "is a level of several dimensions: write {dimension: level}"
        raise reader.fail(node, f"{name} {several if owners else f'is no level; known: {known}'}")
    return MappingProxyType({owners[0]: name})


def _chosen(fields: Fields, chosen: Mapping[str, str | None]) -> Forced:
    kept = {c: v for c, v in chosen.items() if v is not None}
    if fields.broken or not kept:
        raise fields.reader.fail(fields.node, "name at least one dimension and one of its levels")
    return MappingProxyType(kept)
