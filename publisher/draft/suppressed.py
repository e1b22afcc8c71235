"""From an exact cube to the suppressed tables of a policy: measures as layers, one pattern, one mask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from publisher.audit.attacker import NamedAlternatives
from publisher.cube import Cube
from publisher.draft.bounds import Bounds
from publisher.draft.earlier import COUNT, Told, Version, told_by
from publisher.draft.facts import facts_of
from publisher.draft.joint import Attempt, protect_jointly, withheld_before
from publisher.draft.keys import forced_cells, shown_cells
from publisher.draft.keys import keyed_cells as _keyed
from publisher.draft.known import Known, count_layer, counts_told_by, sum_layer
from publisher.draft.layers import Common, protect_layers
from publisher.draft.outside import refuse_known
from publisher.errors import SuppressionError
from publisher.opaque import Opaque
from publisher.policy.model import (
    Suppression,
    TableSpec,
    ThresholdRule,
    Zeros,
)
from publisher.relations import IntArray, KeySet, all_cells
from publisher.release.model import SuppressionFacts
from publisher.suppression.blocks import BoolArray
from publisher.suppression.insiders import NOBODY
from publisher.suppression.pattern import SuppressionPattern
from publisher.suppression.primary import sensitive_cells
from publisher.suppression.weights import public_weights

CellKey = tuple[str, str, tuple[str, ...]]
"""Table id, area code, category codes in the table's order."""

ValueKey = tuple[str, str, str, tuple[str, ...]]
"""Table id, measure id, area code, category codes in the table's order."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SuppressedCube(Opaque):
    """A cube with its suppression pattern; secret until tables are drawn from it.

    `counts`: of the one kind of count; `sums`: of each amount, by its id; shape keys.shape.  `bounds`: what is publicly
    known of them, `reach`: how far the interval of a sensitive cell must go (fall, rise), by `count` or amount id; the
    same shape.  `pattern`: over the cells of the keys, flat.  `told`: what earlier versions of the period told.
    `insiders`: who stands alone in each cell (`publisher.cube.alone`), flat, or None where the rule does not ask.
    """

    keys: KeySet
    rule: Suppression
    counts: IntArray
    sums: Mapping[str, IntArray]
    bounds: Mapping[str, Bounds]
    reach: Mapping[str, tuple[IntArray, IntArray]]
    pattern: SuppressionPattern
    told: Told
    insiders: IntArray | None

    @property
    def facts(self) -> SuppressionFacts:
        """What the public is told of the protection."""
        return facts_of(self.rule)

    def values(self, table: TableSpec, measure: str) -> IntArray:
        """The exact values of a count or sum, shape keys.shape."""
        return self.counts if measure == table.count.id else self.sums[_amount(table, measure)]


def _amount(table: TableSpec, measure: str) -> str:
    return COUNT if measure == table.count.id else next(m.of for m in table.sums if m.id == measure)


def suppress(
    cube: Cube, tables: Sequence[TableSpec], *, rule: Suppression, known: Known, key: bytes,
    earlier: Sequence[Version] = (), attempt: Attempt | None = None,
) -> SuppressedCube:  # fmt: skip
    """Find the pattern over all tables and measures together; SuppressionError where there is none.

    `earlier`: every sealed version of the same period, withdrawn ones too.  `attempt`: the period together with the
    sealed windows that share time with it.
    """
    keys, kind = cube.keys, tables[0].count.kind
    if any(t.sums for t in tables):
        _check_sums(kind, rule)
    shown = shown_cells(tables, keys)
    contributors = contributors_of(cube, kind, rule)
    sensitive = sensitive_cells(contributors, rule=ThresholdRule(rule.threshold), zeros=rule.zeros) & shown
    sums = {m.of: sum_layer(cube, m.of, tables, (rule, sensitive, known)) for t in tables for m in t.sums}
    by_sums = [counts_told_by(a, s, (keys, known, kind)) for a, s in sums.items()]
    public = np.zeros(shown.size, dtype=np.bool_) if known.elsewhere is None else known.elsewhere
    everything = shown | public.reshape(keys.shape)
    count, bounds = count_layer(cube, kind, (everything, by_sums), (rule, sensitive, known.everyone))
    refuse_known(count.sensitive[: shown.size] & public, tables, keys)
    forced = forced_cells(tables, keys, rule.forced).ravel()
    n = forced.size
    _refuse_forced(forced, [count.sensitive[:n], *(s.sensitive[:n] for s in sums.values())], rule)
    told = told_by(earlier, {COUNT: count.values} | {a: s.values for a, s in sums.items()}, shown.ravel())
    told = replace(told, same={**told.same, COUNT: told.same[COUNT] | public})
    told = told if attempt is None else replace(told, kept=withheld_before(attempt.group, tables, keys) & shown.ravel())
    zeros = (contributors.ravel() == 0) & shown.ravel() & (rule.zeros is Zeros.PUBLISHED)
    nation = _published_nation(count.values, forced, keys)
    weights = public_weights(_sizes(known.leaf_sizes, nation, keys)[:n], key=key)
    insiders = cube.alone_in(kind) if rule.insiders else None
    common = Common(forced, zeros, weights, told, insiders)
    if attempt is None:
        pattern = protect_layers(rule, count, sums, common)
    else:
        pattern = protect_jointly(rule, count, common, (tables, keys, attempt))
    return SuppressedCube(
        keys, rule,
        counts=count.values[:n].reshape(keys.shape),
        sums={a: s.values[:n].reshape(keys.shape) for a, s in sums.items()},
        bounds={COUNT: bounds} | {a: Bounds(s.lower[:n], s.upper[:n]).shaped(keys.shape) for a, s in sums.items()},
        reach={COUNT: (count.fall[:n].reshape(keys.shape), np.zeros(keys.shape, dtype=np.int64))}
        | {a: _shaped((s.fall[:n], s.rise[:n]), s.sensitive[:n], keys) for a, s in sums.items()},
        pattern=pattern, told=told, insiders=insiders,
    )  # fmt: skip


def _check_sums(kind: str, rule: Suppression) -> None:
    """Cells of a sum must be those of its count, and a sum of nothing tells that there is nothing."""
    if rule.zeros is Zeros.PROTECTED:
        raise SuppressionError("a sum tells that it has no case by being 0: write zeros: published, or leave sums out")
    if kind in ("events", "persons_distinct"):
        raise SuppressionError(f"amounts are of cases, and {kind} can stand elsewhere: sum beside cases or persons")


def _shaped(reach: tuple[IntArray, IntArray], sensitive: BoolArray, keys: KeySet) -> tuple[IntArray, IntArray]:
    fall, rise = (np.where(sensitive, r, 0).reshape(keys.shape) for r in reach)
    return fall, rise


def contributors_of(cube: Cube, kind: str, rule: Suppression) -> IntArray:
    """What the frequency rule counts, at the place where the table counts it."""
    if kind == "events" and cube.event_persons is not None:
        return cube.event_persons
    if kind == "persons_distinct" and cube.placed is not None:
        return cube.placed[: int(np.prod(cube.keys.shape))].reshape(cube.keys.shape)
    return cube.contributors(rule.counted)


def _refuse_forced(forced: BoolArray, sensitive: Sequence[BoolArray], rule: Suppression) -> None:
    """Withheld though the rules force it: everybody would know that it is sensitive, and level `ambiguous` be void."""
    both = forced & np.any(sensitive, axis=0)
    if np.any(both):
        raise SuppressionError(
            f"{int(both.sum())} cells of the forced levels {', '.join(rule.forced)} are sensitive "
            "themselves; take the level out of `forced`, or use coarser categories"
        )


def _published_nation(values: IntArray, certain: BoolArray, keys: KeySet) -> IntArray:
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


def sensitive_keys(tables: Sequence[TableSpec], suppressed: SuppressedCube) -> frozenset[CellKey]:
    """The sensitive cells of every table, by key.  Secret."""
    return frozenset(k for t in tables for k, s in _keyed(t, suppressed.keys, suppressed.pattern.sensitive) if s)


def insider_keys(tables: Sequence[TableSpec], suppressed: SuppressedCube) -> dict[CellKey, int] | None:
    """The label of the one person in each withheld cell that has only one, or None where the rule does not ask.

    Secret.
    """
    if suppressed.insiders is None:
        return None
    labels = np.where(suppressed.pattern.suppressed, suppressed.insiders, NOBODY)
    return {k: n for t in tables for k, n in _keyed(t, suppressed.keys, labels) if n != NOBODY}


def alternatives(suppressed: SuppressedCube) -> NamedAlternatives | None:
    """Other counts that fit what is published, or None where the search holds none.  Secret."""
    keys, found = suppressed.keys, suppressed.pattern.circulations
    if found is None:
        return None
    return NamedAlternatives(
        areas=keys.area_codes, dimensions=tuple(c.id for c in keys.columns), categories=keys.category_keys,
        values=suppressed.counts.ravel(), changes=sparse.csr_matrix(found),
    )  # fmt: skip


def true_values(tables: Sequence[TableSpec], suppressed: SuppressedCube) -> dict[ValueKey, int]:
    """The true value of every count and sum of every table, by key.  Secret."""
    return {
        (t.id, m, *k[1:]): v
        for t in tables
        for m in (t.count.id, *(s.id for s in t.sums))
        for k, v in _keyed(t, suppressed.keys, suppressed.values(t, m).ravel())
    }


def withheld_values(tables: Sequence[TableSpec], suppressed: SuppressedCube) -> dict[ValueKey, int]:
    """The true value of every withheld count and sum, by key.  Secret."""
    withheld = {k for t in tables for k, hidden in _keyed(t, suppressed.keys, suppressed.pattern.suppressed) if hidden}
    return {k: v for k, v in true_values(tables, suppressed).items() if (k[0], *k[2:]) in withheld}


def reaches(tables: Sequence[TableSpec], suppressed: SuppressedCube) -> dict[ValueKey, tuple[int, int]]:
    """How far the interval of sensitive cells must go below and above the truth, where it must.  Secret."""
    out: dict[ValueKey, tuple[int, int]] = {}
    for t in tables:
        for m in (t.count.id, *(s.id for s in t.sums)):
            fall, rise = suppressed.reach[_amount(t, m)]
            pairs = zip(_keyed(t, suppressed.keys, fall.ravel()), _keyed(t, suppressed.keys, rise.ravel()), strict=True)
            out |= {(t.id, m, *k[1:]): (down, up) for (k, down), (_, up) in pairs if down or up}
    return out


def limits(tables: Sequence[TableSpec], suppressed: SuppressedCube) -> dict[ValueKey, tuple[int, int | None]]:
    """What the attacker knows of cells before he looks at the tables: population; case bounds x the number of cases.

    The latter is more than anybody outside knows where the count is withheld too: a promise that holds against him
    holds against everybody.
    """
    out: dict[ValueKey, tuple[int, int | None]] = {}
    for t in tables:
        for m in (t.count.id, *(s.id for s in t.sums)):
            bounds = suppressed.bounds[_amount(t, m)]
            ends = [_keyed(t, suppressed.keys, a.ravel()) for a in (bounds.lower, bounds.upper)]
            for (key, low), (_, high) in zip(*ends, strict=True):
                if low or high < Bounds.NONE:
                    out[t.id, m, *key[1:]] = (low, high if high < Bounds.NONE else None)
    return out


def told_numbers(tables: Sequence[TableSpec], suppressed: SuppressedCube) -> frozenset[ValueKey]:
    """Withheld numbers that an earlier version shows as they are now: known to everybody, and not protected."""
    withheld, same = suppressed.pattern.suppressed, suppressed.told.same
    return frozenset(
        (t.id, m, *k[1:])
        for t in tables
        for m in (t.count.id, *(s.id for s in t.sums))
        for k, known in _keyed(t, suppressed.keys, same[_amount(t, m)] & withheld)
        if known
    )
