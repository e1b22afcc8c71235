"""A window of a policy together with the sealed windows that it shares time with: what the search and the audit get.

Each unit stands in a set of windows.  Of the sets that a stretch of time makes (those of its days) everybody knows that
they can hold anybody: they are the parts of `publisher.draft.windows`.  What else there is in a window (units that are
away for longer than a window lasts and come back, records that have changed since it was sealed) is taken to be known.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from publisher.audit.attacker import CellKey, Limits, ValueKey
from publisher.audit.attacker.joint import WindowView
from publisher.audit.verdict import SuppressionPromise
from publisher.audit.windows import JointView, JudgedWindow
from publisher.cube import Presence
from publisher.draft.earlier import version_of
from publisher.draft.keys import keyed_cells
from publisher.draft.layers import Common, CountLayer
from publisher.draft.windows import NewCells, Window, nothing_happened, parts_between, protect_window
from publisher.errors import SuppressionError
from publisher.opaque import Opaque
from publisher.periods import Period
from publisher.policy.model import Suppression, TableSpec, Zeros
from publisher.relations import IntArray, KeySet, all_cells
from publisher.release.model import Table
from publisher.suppression.blocks import BoolArray
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.pattern import SuppressionPattern, common_pattern


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SealedWindow(Opaque):
    """A sealed window that shares time with the new one, withdrawn or not, as it was when it was sealed.

    `leaves`: its count by leaf and codes, shape (leaves, codes...).  `sensitive`, `limits`: as its audit had them;
    `kept`: cells that a window before it had withheld.
    """

    release: str
    period: Period
    tables: tuple[Table, ...]
    leaves: IntArray
    promise: SuppressionPromise
    sensitive: frozenset[CellKey]
    limits: Limits
    kept: frozenset[CellKey]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WindowGroup(Opaque):
    """The new window and the sealed ones, in the order of `presence`: the new one is number 0, the others follow."""

    period: Period
    sealed: tuple[SealedWindow, ...]
    presence: Presence

    @property
    def sets(self) -> tuple[frozenset[int], ...]:
        """The parts: each a set of windows that some days belong to."""
        return window_sets([self.period, *(w.period for w in self.sealed)])

    def parts(self, keys: KeySet) -> list[IntArray]:
        """The count of each part, over the cells of `linked_system(keys)`."""
        nothing = np.zeros((len(keys.leaves), *(len(c.codes) for c in keys.columns)), dtype=np.int64)
        return [all_cells(self.presence.counts.get(s, nothing), keys) for s in self.sets]

    def made_of(self, window: int) -> tuple[int, ...]:
        """The indexes of the parts of a window."""
        return tuple(p for p, members in enumerate(self.sets) if window in members)


def nearest(group: WindowGroup, count: int) -> WindowGroup:
    """The new window with those `count` sealed ones only that end nearest to it."""
    away = [abs((w.period.end - group.period.end).days) for w in group.sealed]
    chosen = sorted(sorted(range(len(away)), key=away.__getitem__)[:count])
    number = {0: 0, **{old + 1: new + 1 for new, old in enumerate(chosen)}}
    counts: dict[frozenset[int], IntArray] = {}
    for members, n in group.presence.counts.items():
        kept = frozenset(number[m] for m in members if m in number)
        if kept:
            counts[kept] = counts[kept] + n if kept in counts else n
    return WindowGroup(group.period, tuple(group.sealed[i] for i in chosen), Presence(counts))


def window_sets(periods: Sequence[Period]) -> tuple[frozenset[int], ...]:
    """The sets of windows that stretches of time belong to, each once, in the order of time."""
    ends = [(p.first.toordinal(), p.end.toordinal()) for p in periods]
    inside = [
        frozenset(i for i, (first, end) in enumerate(ends) if first <= a and b <= end) for a, b in parts_between(ends)
    ]
    return tuple(dict.fromkeys(inside))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Attempt(Opaque):
    """How a joint search begins.  `group`: all windows.

    At first the nearest window alone is looked at, since the joint search grows with the third power of the number of
    windows.  What an attack on all finds broken (`broken`: release, cell) is then repaired jointly, to what was
    withheld (`withheld`: over the cells of keys, flat).  `whole`: everything anew over all windows.
    """

    group: WindowGroup
    withheld: BoolArray | None = None
    broken: frozenset[tuple[str, CellKey]] = frozenset()
    whole: bool = False


def protect_jointly(
    rule: Suppression, count: CountLayer, common: Common, terms: tuple[Sequence[TableSpec], KeySet, Attempt]
) -> SuppressionPattern:
    """The pattern of the new window, over the cells of keys, for the attack on all windows to judge.

    SuppressionError where there is none.
    """
    tables, keys, attempt = terms
    if attempt.whole or attempt.withheld is None:
        group = attempt.group if attempt.whole else nearest(attempt.group, 1)
        return _search(rule, count, common, (tables, keys, group), ())
    before, targets = attempt.withheld, _targets(attempt, tables, keys, count.system.size)
    kept = replace(common, told=replace(common.told, kept=common.told.kept | before))
    try:
        mended = _search(rule, count, kept, (tables, keys, attempt.group), targets)
    except SuppressionError:
        return _search(rule, count, common, (tables, keys, attempt.group), ())
    return common_pattern(before | mended.suppressed, (count.sensitive & count.system.shown)[: len(before)], (), ())


def _targets(attempt: Attempt, tables: Sequence[TableSpec], keys: KeySet, size: int) -> list[BoolArray]:
    """The broken cells of each window, the new one first."""
    place, known = np.arange(int(np.prod(keys.shape))), {w.release for w in attempt.group.sealed}
    at = {key: cell for table in tables for key, cell in keyed_cells(table, keys, place)}
    out = []
    for release in ("", *(w.release for w in attempt.group.sealed)):
        own = [at[k] for r, k in attempt.broken if k in at and (r == release or (not release and r not in known))]
        mask = np.zeros(size, dtype=np.bool_)
        mask[own] = True
        out.append(mask)
    return out


def _search(
    rule: Suppression, count: CountLayer, common: Common, terms: tuple[Sequence[TableSpec], KeySet, WindowGroup],
    targets: Sequence[BoolArray],
) -> SuppressionPattern:  # fmt: skip
    tables, keys, group = terms
    n, size = len(common.forced), count.system.size
    sensitive = count.sensitive & count.system.shown
    withheld = sensitive | (_padded(common.told.kept, size) & count.system.shown)
    first = Window(group.made_of(0), count.values, withheld, sensitive)
    others = [_window(w, group.made_of(i), (tables, keys), size) for i, w in enumerate(group.sealed, start=1)]
    new = NewCells(
        forced=_padded(common.forced, size), zeros=_padded(common.zeros, size) & ~sensitive,
        weights=np.concatenate([common.weights, np.ones(size - n, dtype=np.int64)]), top=count.top,
    )  # fmt: skip
    pattern = protect_window(
        count.system, [first, *others], group.parts(keys), new, level=rule.level, threshold=rule.threshold,
        known_zeros=rule.zeros is Zeros.PUBLISHED, targets=targets,
    )  # fmt: skip
    if targets:
        return common_pattern(pattern.suppressed[:n], pattern.sensitive[:n], (), ())
    return common_pattern(pattern.suppressed[:n], sensitive[:n], [pattern], [count.system.shown[:n]])


def withheld_before(group: WindowGroup, tables: Sequence[TableSpec], keys: KeySet) -> BoolArray:
    """Cells that a window of the group withholds, over the cells of keys, flat: the new one withholds them too."""
    masks = np.stack([version_of(w.tables, tables, keys).withheld for w in group.sealed])
    return np.asarray(masks.any(axis=0), dtype=np.bool_)


def _padded(cells: BoolArray, size: int) -> BoolArray:
    return np.pad(cells, (0, size - len(cells)))


def _window(sealed: SealedWindow, parts: tuple[int, ...], of: tuple[Sequence[TableSpec], KeySet], size: int) -> Window:
    tables, keys = of
    n = int(np.prod(keys.shape))
    sensitive, top = np.zeros(size, dtype=np.bool_), np.full(size, NO_TOP, dtype=np.int64)
    values, place = all_cells(sealed.leaves, keys), np.arange(n)
    for table in tables:
        for key, at in keyed_cells(table, keys, place):
            sensitive[at] |= key in sealed.sensitive
            most = sealed.limits.get((table.id, table.count.id, *key[1:]), (0, None))[1]
            top[at] = top[at] if most is None else min(top[at], most - values[at])
    withheld = _padded(version_of(sealed.tables, tables, keys).withheld, size)
    return Window(parts, values, withheld | sensitive, sensitive, top)


def joint_view(
    group: WindowGroup, own: JudgedWindow, tables: Sequence[TableSpec], keys: KeySet
) -> JointView:
    """What the audit needs: every window with what outsiders are told of it, and of each part what is known to be 0.

    `own`: the new window, of which neither the parts nor what is known besides is filled in.
    """
    parts = group.parts(keys)
    silent = nothing_happened([group.made_of(i) for i in range(1 + len(group.sealed))], parts)
    n = int(np.prod(keys.shape))
    told = tuple(frozenset(k for k, zero in _values(tables, keys, row[:n]) if zero) for row in silent)
    truth = [own.truth or {}, *(dict(_values(tables, keys, all_cells(w.leaves, keys)[:n])) for w in group.sealed)]
    windows = [own, *(_judged(w) for w in group.sealed)]
    out = []
    for i, window in enumerate(windows):
        counted = dict(_values(tables, keys, np.sum([parts[p] for p in group.made_of(i)], axis=0)[:n]))
        changed = {k: truth[i][k] - v for k, v in counted.items() if truth[i][k] != v}
        out.append(window.told(frozenset(group.made_of(i)), changed, truth[i]))
    return JointView(tuple(out), told)


def _judged(window: SealedWindow) -> JudgedWindow:
    view = WindowView(
        window.release, window.period.code, window.tables, frozenset(), window.kept, {}, limits=window.limits
    )
    return JudgedWindow(view, window.promise, window.sensitive, None)


def _values(tables: Sequence[TableSpec], keys: KeySet, cells: np.ndarray) -> Iterator[tuple[ValueKey, int]]:
    """The count of every cell of the tables, by key."""
    for table in tables:
        for key, value in keyed_cells(table, keys, cells):
            yield (table.id, table.count.id, *key[1:]), value


def leaf_counts(cube_counts: Mapping[str, IntArray | None], tables: Sequence[TableSpec]) -> IntArray:
    """The leaf counts of the one kind that tables show; ValueError where it was not counted."""
    found = cube_counts.get(tables[0].count.kind)
    if found is None:
        raise ValueError("rolling years show cases, events or persons")
    return found
