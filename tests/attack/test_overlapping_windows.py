"""Two rolling years that overlap: each is safe alone, and together they are not, unless they were protected together.

The outsider's programs are written here: the unknowns are the counts of each leaf in each part of time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from suppressed_world import BENEFIT, T, World, members, small_world

from publisher.draft.windows import NewCells, Window, parts_between, parts_of_window, protect_window
from publisher.errors import SuppressionError
from publisher.policy.model import ProtectionLevel
from publisher.relations import IntArray, KeySet, all_cells, linked_system
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.pattern import CountTerms, Layer, find_pattern

SEEDS = st.integers(0, 2**32 - 1)


@dataclass(frozen=True)
class Series:
    """Counts of leaves by month, over the cells of the keys; windows as (first, end) months, the new one first."""

    keys: KeySet
    months: IntArray
    windows: tuple[tuple[int, int], ...]

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
    return Series(world.keys, counts.astype(np.int64), tuple(windows))


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
    return replace(first, withheld=pattern.suppressed[: system.size])


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
    nothing = silent(made, [w.parts for w in windows], adds)
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


def silent(made: Series, windows: Sequence[tuple[int, ...]], adds: np.ndarray) -> np.ndarray:
    """Rows that are 0: cells in which nothing happened where only one of two windows lies."""
    counts = [adds @ made.leaves(p).ravel() for p in made.parts]
    rows = [np.zeros((0, adds.shape[1] * len(counts)))]
    for one, other in combinations(windows, 2):
        apart = [p for p in range(len(counts)) if (p in one) != (p in other)]
        if len(apart) < len({*one, *other}):
            empty = np.flatnonzero(sum(counts[p] for p in apart) == 0)
            rows += [np.hstack([adds[empty] * (q == p) for q in range(len(counts))]) for p in apart]
    return np.vstack(rows)


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
        one = Series(made.keys, made.months, (ROLLING[1],))
        assert faults(one, [replace(first, parts=(0,))]) == []
        broken += len(faults(made, [second, first]))
        assert faults(made, [joint, first], kept=[first.withheld, first.withheld & False]) == []
        assert np.all(joint.withheld[first.withheld])
        mended += 1
    assert mended >= 8
    assert broken >= 12


@settings(max_examples=6, deadline=None)
@given(SEEDS, st.sampled_from(CHAINS), st.booleans())
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
        sealed.insert(0, new)
