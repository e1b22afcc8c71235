"""Two rolling years that overlap: each is safe alone, and together they are not, unless they were protected together.

The outsider's programs are written here: the unknowns are the counts of each leaf in each part of time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog
from suppressed_world import BENEFIT, T, World, members, small_world
from tables import country, table_of

from publisher.audit.attacker.joint import WindowView, attack_windows
from publisher.draft.windows import NewCells, Window, parts_between, parts_of_window, protect_window
from publisher.errors import SuppressionError
from publisher.policy.model import ProtectionLevel
from publisher.relations import IntArray, KeySet, LinkedSystem, all_cells, linked_system
from publisher.release.model import Table
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.pattern import CountTerms, Layer, find_pattern

SEEDS = st.integers(0, 2**32 - 1)


@dataclass(frozen=True)
class Series:
    """Counts of leaves by month, over the cells of the keys; windows as (first, end) months, the new one first."""

    keys: KeySet
    months: IntArray
    windows: tuple[tuple[int, int], ...]
    types: Mapping[str, str]

    @property
    def parts(self) -> tuple[tuple[int, int], ...]:
        return parts_between(self.windows)

    def leaves(self, stretch: tuple[int, int]) -> IntArray:
        return np.asarray(self.months[stretch[0] : stretch[1]].sum(axis=0))

    def cells(self, stretch: tuple[int, int]) -> IntArray:
        return all_cells(self.leaves(stretch), self.keys)


def series(seed: int, windows: Sequence[tuple[int, int]], *, rate: float = 0.5) -> Series:
    world: World = small_world(seed, people=None, columns=(BENEFIT,))
    rng = np.random.default_rng(seed)
    shape = (max(e for _, e in windows), len(world.keys.leaves), len(BENEFIT.codes))
    size = rng.choice([0.1, 0.4, 1.5], (1, *shape[1:]))
    counts = rng.poisson(rate * size, shape)
    counts[:, [i for i, leaf in enumerate(world.keys.leaves) if "X" in leaf]] = 0
    return Series(world.keys, counts.astype(np.int64), tuple(windows), world.types)


def new_cells(made: Series) -> NewCells:
    size = linked_system(made.keys).size
    values = made.cells(made.windows[0])
    first = int(np.prod(made.keys.category_shape)) if made.keys.levels[0].level == "riket" else 0
    forced = (np.arange(size) < first) & ((values == 0) | (values >= T))
    rng = np.random.default_rng(0)
    return NewCells(forced, values == 0, rng.integers(50, 100, size), np.full(size, NO_TOP))


def alone(made: Series, window: tuple[int, int]) -> Window:
    """A window that is protected as if there were no other."""
    system, values, new = linked_system(made.keys), made.cells(window), new_cells(replace(made, windows=(window,)))
    sensitive = (values > 0) & (values < T) & system.shown
    nothing = np.zeros_like(sensitive)
    layer = Layer(values, sensitive, nothing, new.forced, new.zeros & ~sensitive, new.weights, new.top)
    terms = CountTerms(ProtectionLevel.AMBIGUOUS, T, True, np.zeros_like(values))
    pattern = find_pattern(system, layer, terms)
    return Window(parts_of_window(window, made.parts), values, pattern.suppressed.copy(), sensitive)


def together(made: Series, earlier: Sequence[Window]) -> Window:
    """The new window, protected jointly with the earlier ones."""
    system, values = linked_system(made.keys), made.cells(made.windows[0])
    sensitive = (values > 0) & (values < T) & system.shown
    first = Window(parts_of_window(made.windows[0], made.parts), values, sensitive, sensitive)
    pattern = protect_window(
        system, [first, *earlier], [made.cells(p) for p in made.parts], new_cells(made),
        level=ProtectionLevel.AMBIGUOUS, threshold=T, known_zeros=True,
    )  # fmt: skip
    masks = pattern.suppressed[: system.size * (1 + len(earlier))].reshape(-1, system.size)
    for window, mask in zip(earlier, masks[1:], strict=True):
        assert np.all(mask == window.withheld)  # nothing that is public is taken for hidden
    return replace(first, withheld=masks[0])


def faults(made: Series, windows: Sequence[Window], *, kept: Sequence[np.ndarray] = ()) -> list[str]:
    """What outsiders find who have all windows.  `kept`: of each, cells that may be 0, withheld before (none: none)."""
    adds = members(made.keys)
    n = len(adds)
    counts = [np.hstack([adds * (p in w.parts) for p in range(len(made.parts))]) for w in windows]
    known = [np.flatnonzero(~w.withheld[:n]) for w in windows]
    equal = np.vstack([c[k] for c, k in zip(counts, known, strict=True)])
    truth = np.concatenate([made.leaves(p).ravel() for p in made.parts])
    late = [w.values[:n] - c @ truth for w, c in zip(windows, counts, strict=True)]  # he is told what has changed since
    ends = np.concatenate([(w.values[:n] - d)[k] for w, d, k in zip(windows, late, known, strict=True)])
    kept = kept or [np.zeros_like(w.withheld) for w in windows]
    least = [(w.withheld & ~k)[:n] for w, k in zip(windows, kept, strict=True)]
    above = np.vstack([-c[m] for c, m in zip(counts, least, strict=True)])
    told = silent([w.parts for w in windows], [adds @ made.leaves(p).ravel() for p in made.parts])
    nothing = np.vstack([np.hstack([adds[zero] * (p == q) for q in range(len(told))]) for p, zero in enumerate(told)])
    equal, ends = np.vstack([equal, nothing]), np.concatenate([ends, np.zeros(len(nothing))])
    ones, none = np.concatenate([1 - d[m] for d, m in zip(late, least, strict=True)]), np.vstack([-c for c in counts])
    plain = {"A_eq": equal, "b_eq": ends, "A_ub": none, "b_ub": np.concatenate(late), "method": "highs"}
    informed = {**plain, "A_ub": np.vstack([none, above]), "b_ub": np.concatenate([*late, -ones])}
    out = []
    for i, window in enumerate(windows):
        for cell in np.flatnonzero(window.withheld[:n]):
            low, high = np.add(ends_of(counts[i][cell], informed), late[i][cell])
            wide = np.subtract(*reversed(ends_of(counts[i][cell], plain)))
            if low == high:
                out.append(f"window {i}: cell {cell} is a point")
            elif window.sensitive[cell] and (wide < T or high - low < T - 1 or high < T):
                out.append(f"window {i}: cell {cell} is known to be small")
    return out


def silent(windows: Sequence[tuple[int, ...]], counts: Sequence[np.ndarray]) -> np.ndarray:
    """Shape (parts, cells): where nothing happened, in all parts that only one of two windows has.  `counts`: of each
    part."""
    out = np.zeros((len(counts), len(counts[0])), dtype=bool)
    for one, other in combinations(windows, 2):
        apart = [p for p in range(len(counts)) if (p in one) != (p in other)]
        if len(apart) < len({*one, *other}):
            out[apart] |= sum(counts[p] for p in apart) == 0
    return out


def ends_of(what: np.ndarray, given: dict[str, object]) -> tuple[float, float]:
    low, high = (linprog(sign * what, **given) for sign in (1, -1))  # type: ignore[call-overload]
    assert low.status == 0, "the truth must be possible"
    return np.ceil(low.fun - 1e-6), np.inf if high.status == 3 else np.floor(-high.fun + 1e-6)


ROLLING = ((1, 13), (0, 12))
CHAINS = (ROLLING, ((6, 18), (0, 12)), ((2, 14), (1, 13), (0, 12)), ((8, 20), (5, 17), (0, 12)))


def test_two_windows_each_safe_alone_are_not_safe_together_and_are_when_protected_jointly() -> None:
    broken = mended = 0
    for seed in range(12):
        made = series(seed, ROLLING)
        try:
            first, second = alone(made, ROLLING[1]), alone(made, ROLLING[0])
            joint = together(made, [first])
        except SuppressionError:
            continue
        one = replace(made, windows=(ROLLING[1],))
        assert faults(one, [replace(first, parts=(0,))]) == []
        nobody = first.withheld & False
        found = faults(made, [second, first])
        broken += len(found)
        assert sum(map(len, attacked(made, [second, first], [nobody, nobody]))) == len(found)
        assert faults(made, [joint, first], kept=[first.withheld, nobody]) == []
        assert attacked(made, [joint, first], [first.withheld, nobody]) == [set(), set()]
        assert np.all(joint.withheld[first.withheld])
        mended += 1
    assert mended >= 8
    assert broken >= 12


@settings(max_examples=6, deadline=None)
@given(SEEDS, st.sampled_from(CHAINS), st.booleans())
@example(5, ROLLING, True)  # late records in areas that no table shows by themselves
def test_nobody_who_has_all_windows_breaks_any(
    seed: int, windows: tuple[tuple[int, int], ...], late_records: bool
) -> None:
    """Also of a chain of windows, in which the last does not share time with all of them, and with late records."""
    sealed: list[Window] = []
    kept: list[np.ndarray] = []
    made, rng = series(seed, windows), np.random.default_rng(seed)
    for k in range(len(windows)):
        made = replace(made, windows=windows[len(windows) - 1 - k :])
        parts = [parts_of_window(at, made.parts) for at in made.windows[1:]]
        own = [replace(w, parts=p) for w, p in zip(sealed, parts, strict=True)]
        if late_records and own:
            late = rng.poisson(0.02, made.months.shape)
            made = replace(made, months=made.months + np.where(made.months.sum(axis=(0, 2)) > 0, 1, 0)[:, None] * late)
        try:
            new = together(made, own)
        except SuppressionError:
            return
        kept.insert(0, np.any([new.withheld & False, *(w.withheld for w in own)], axis=0))
        assert faults(made, [new, *own], kept=kept) == []
        assert not any(attacked(made, [new, *own], kept))
        sealed.insert(0, new)


def test_what_a_search_by_itself_leaves_open_is_mended_jointly_for_the_broken_cells_alone() -> None:
    broken = mended = 0
    for seed in range(8):
        made = series(seed, ROLLING)
        try:
            first, second = alone(made, ROLLING[1]), alone(made, ROLLING[0])
        except SuppressionError:
            continue
        windows = [replace(second, withheld=second.withheld | first.withheld), first]
        kept = [first.withheld, first.withheld & False]
        found = attacked(made, windows, kept)
        broken += sum(map(len, found))
        try:
            for _ in range(3):
                windows[0] = replace(windows[0], withheld=mend(made, windows, found)) if any(found) else windows[0]
                found = attacked(made, windows, kept)
        except SuppressionError:
            continue
        assert not any(found)
        assert faults(made, windows, kept=kept) == []
        mended += 1
    assert broken >= 3
    assert mended >= 3


def mend(made: Series, windows: Sequence[Window], broken: Sequence[set[tuple[object, ...]]]) -> np.ndarray:
    """What the new window withholds when the broken cells are protected over all windows."""
    system, keys = linked_system(made.keys), list(product(made.keys.area_codes, made.keys.category_keys))
    targets = [np.array([k in own for k in keys] + [False] * (system.size - len(keys))) for own in broken]
    pattern = protect_window(
        system, windows, [made.cells(p) for p in made.parts], new_cells(made),
        level=ProtectionLevel.AMBIGUOUS, threshold=T, known_zeros=True, targets=targets,
    )  # fmt: skip
    return np.asarray(windows[0].withheld | pattern.suppressed[: system.size])


ROW = LinkedSystem(sparse.csr_array([[1, -1, -1, -1]]), np.ones(4, dtype=bool))
"""A total and its parts s, t, u."""


def row(*parts: int) -> IntArray:
    return np.array([sum(parts), *parts], dtype=np.int64)


@pytest.mark.parametrize(("people", "safe"), [((1, 0), False), ((3, 3), True)])
def test_a_new_window_may_not_break_the_promise_of_an_earlier_one(people: tuple[int, int], safe: bool) -> None:
    """The middle window withholds s = 3 and t = 4; the one before shows that all of them came late.  In the new one s
    and t are not sensitive, and everybody knows that only `people` could be added to them."""
    parts = [row(0, 0, 4), row(0, 0, 5), row(3, 4, 15), row(2, 1, 5)]
    held, nothing = np.array([False, True, True, False]), np.zeros(4, dtype=bool)
    before = Window((0, 1), parts[0] + parts[1], nothing, nothing)
    middle = Window((1, 2), parts[1] + parts[2], held, held)
    new = Window((2, 3), parts[2] + parts[3], nothing, nothing)
    total = np.array([True, False, False, False])
    top = np.array([NO_TOP, *people, NO_TOP])
    terms = {"level": ProtectionLevel.AMBIGUOUS, "threshold": T, "known_zeros": True}
    cells = NewCells(total, nothing, np.ones(4, dtype=np.int64), top)
    if safe:
        pattern = protect_window(ROW, [new, middle, before], parts, cells, **terms)
        assert pattern.suppressed[:4].tolist() == held.tolist()
        return
    with pytest.raises(SuppressionError):
        protect_window(ROW, [new, middle, before], parts, cells, **terms)


def published(made: Series, window: Window, period: str) -> Table:
    """The table that the public sees of a window, as that of a period."""
    where = country([leaf for leaf in made.keys.leaves if "R" in leaf], made.types, benefit=BENEFIT.codes)
    keys = product(made.keys.area_codes, made.keys.category_keys)
    values = dict(zip(keys, window.values.tolist(), strict=False))
    hide = {key for key, hidden in zip(values, window.withheld.tolist(), strict=False) if hidden}
    levels = [v.level for v in made.keys.levels]
    table = table_of(where, {}, levels, hide=hide, counted="cases", level="ambiguous")
    cells = (c._replace(period=period) for c in table.cells)
    shown = tuple(c if c.value is None else c._replace(value=values[c.area, c.categories]) for c in cells)
    return replace(
        table, cells=shown, periods=(period,), area_types={period: made.types}, editions={period: "regso-2020"}
    )


def attacked(made: Series, windows: Sequence[Window], kept: Sequence[np.ndarray]) -> list[set[tuple[object, ...]]]:
    """What the project's own attacker finds of each window: as `faults`, by cell."""
    keys = list(product(made.keys.area_codes, made.keys.category_keys))
    adds = members(made.keys)
    counts = [adds @ made.leaves(p).ravel() for p in made.parts]
    told = silent([w.parts for w in windows], counts)
    late = [w.values[: len(keys)] - sum(counts[p] for p in w.parts) for w in windows]
    views = [
        WindowView(
            f"r{i}", str(2000 + i), (published(made, w, str(2000 + i)),), frozenset(w.parts),
            frozenset(("table", *key) for key, k in zip(keys, kept[i], strict=False) if k),
            {("table", "cases", *key): int(d) for key, d in zip(keys, late[i], strict=True)},
        )
        for i, w in enumerate(windows)
    ]  # fmt: skip
    parts = [[("table", "cases", *key) for key, zero in zip(keys, row, strict=True) if zero] for row in told]
    results = attack_windows(views, silent=parts, zeros_published=True)
    sensitive = [{key for key, s in zip(keys, w.sensitive, strict=False) if s} for w in windows]
    assert all(r.consistent and r.informed_consistent for r in results)
    return [
        {
            (a1.area, a1.categories) for a0, a1 in zip(r.a0, r.a1, strict=True)
            if a1.exact or (a1.key[1:] in own and not (a0.at_least(T) and a1.at_least(T - 1) and (a1.upper or T) >= T))
        }
        for r, own in zip(results, sensitive, strict=True)
    ]  # fmt: skip
