"""From an exact cube to the suppressed tables of a policy: one linked system, one pattern, one mask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from publisher.cube import Cube
from publisher.draft.keys import forced_cells, shown_cells, table_cells
from publisher.draft.rates import rates
from publisher.draft.tables import ProtectedMeasure
from publisher.errors import SuppressionError
from publisher.opaque import Opaque
from publisher.policy.model import Suppression, TableSpec, ThresholdRule
from publisher.relations import IntArray, KeySet, all_cells, linked_system
from publisher.release.model import CellStatus, SuppressionFacts
from publisher.suppression.pattern import SuppressionPattern, find_pattern
from publisher.suppression.primary import sensitive_cells
from publisher.suppression.weights import public_weights

CellKey = tuple[str, str, tuple[str, ...]]
"""Table id, area code, category codes in the table's order."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SuppressedCube(Opaque):
    """A cube with its suppression pattern; secret until tables are drawn from it.

    `counts`: of the one counted measure, shape keys.shape.
    """

    keys: KeySet
    rule: Suppression
    counts: IntArray
    pattern: SuppressionPattern

    @property
    def facts(self) -> SuppressionFacts:
        """What the public is told of the protection."""
        return SuppressionFacts(
            threshold=self.rule.threshold, counted=self.rule.counted, zeros=self.rule.zeros, level=self.rule.level
        )


def suppress(
    cube: Cube, tables: Sequence[TableSpec], *, rule: Suppression, leaf_sizes: IntArray, key: bytes
) -> SuppressedCube:
    """Find the pattern over all tables together.  `leaf_sizes`: public size of each leaf, for the weights."""
    keys, kind = cube.keys, tables[0].count.kind
    leaf_counts = cube.cases if kind == "cases" else cube.persons
    system = linked_system(keys, shown_cells(tables, keys))
    values = all_cells(leaf_counts, keys)
    beyond = len(values) - int(np.prod(keys.shape))
    contributors = np.concatenate([cube.contributors(rule.counted).ravel(), np.zeros(beyond, dtype=np.int64)])
    forced = np.concatenate([forced_cells(tables, keys, rule.forced).ravel(), np.zeros(beyond, dtype=np.bool_)])
    sensitive = sensitive_cells(contributors, rule=ThresholdRule(rule.threshold), zeros=rule.zeros) & system.shown
    if np.any(forced & sensitive):
        # Withheld though the rules force it: everybody would know that it is small, and level `ambiguous` be void.
        raise SuppressionError(
            f"{int((forced & sensitive).sum())} cells of the forced levels {', '.join(rule.forced)} are sensitive "
            "themselves; take the level out of `forced`, or use coarser categories"
        )
    nation = _published_nation(values, forced, keys)
    pattern = find_pattern(
        system,
        values=values,
        sensitive=sensitive,
        forced=forced,
        weights=public_weights(_sizes(leaf_sizes, nation, keys), key=key),
        level=rule.level,
        threshold=rule.threshold,
        zeros=rule.zeros,
    )
    return SuppressedCube(keys, rule, values[: len(values) - beyond].reshape(keys.shape), pattern)


def _published_nation(values: IntArray, certain: NDArray[np.bool_], keys: KeySet) -> IntArray:
    """The nation's count of each combination of codes where all of them will be published for certain, else ones.

    `certain`: cells that are forced and not sensitive.  Nothing that stays secret enters the weights.
    """
    codes = tuple(len(c.codes) for c in keys.columns)
    if keys.levels[0].level != "riket":
        return np.ones(codes, dtype=np.int64)
    first = int(np.prod(keys.category_shape))
    inner = tuple(slice(0, n) for n in codes)
    if not certain[:first].all():
        return np.ones(codes, dtype=np.int64)
    return values[:first].reshape(keys.category_shape)[inner]


def _sizes(leaf_sizes: IntArray, nation: IntArray, keys: KeySet) -> IntArray:
    """Expected count of every cell from public knowledge: population of its leaves x the nation's count per head."""
    spread = np.multiply.outer(leaf_sizes, nation) // max(1, int(leaf_sizes.sum()))
    return all_cells(spread, keys)


def suppressed_measures(
    table: TableSpec, suppressed: SuppressedCube, populations: Mapping[str, IntArray]
) -> dict[str, ProtectedMeasure]:
    """Every measure of a table under the one mask.  `populations`: denominators by id, shape keys.shape."""
    counts = suppressed.counts
    withheld = suppressed.pattern.suppressed[: counts.size].reshape(counts.shape)
    status = np.where(withheld, CellStatus.SUPPRESSED, CellStatus.PUBLISHED).astype(object)
    out = {}
    for m in table.measures:
        values, marks = counts, status
        if m.kind == "rate":
            people = populations[m.denominator]
            values = rates(counts, people, per=m.per, decimals=m.decimals)
            marks = np.where(people == 0, CellStatus.NOT_APPLICABLE, status)  # no rate exists, whatever the count
        elif m.decimals:
            values = counts * 10**m.decimals
        out[m.id] = ProtectedMeasure(values=np.where(withheld, 0, values), status=marks, lower=None, upper=None)
    return out


def sensitive_keys(tables: Sequence[TableSpec], suppressed: SuppressedCube) -> frozenset[CellKey]:
    """The sensitive cells of every table, by key.  Secret."""
    return frozenset(k for t in tables for k, s in _keyed(t, suppressed.keys, suppressed.pattern.sensitive) if s)


def true_counts(tables: Sequence[TableSpec], suppressed: SuppressedCube) -> dict[CellKey, int]:
    """The true count of every cell of every table, by key.  Secret."""
    return {k: v for t in tables for k, v in _keyed(t, suppressed.keys, suppressed.counts.ravel())}


def _keyed(table: TableSpec, keys: KeySet, flat_values: NDArray[np.generic]) -> list[tuple[CellKey, int]]:
    flat, categories = table_cells(table, keys)
    areas = [c for v in keys.levels if v.level in table.areas for c in v.codes]
    values = flat_values[flat].tolist()
    return [
        ((table.id, area, codes), value)
        for area, row in zip(areas, values, strict=True)
        for codes, value in zip(categories, row, strict=True)
    ]
