"""The promise of each level, checked by an attacker of its own.

The attacker knows what every published cell is: a sum over leaves and category codes.  Its unknowns are those finest
counts, and its equations come from the membership of leaves, not from the system that the search was given.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patterns import count_pattern
from scipy.optimize import linprog

from publisher.errors import SuppressionError
from publisher.geography.register import AreaIndex, RegisterArea
from publisher.policy.model import ProtectionLevel, ThresholdRule, Zeros
from publisher.relations import Column, KeySet, all_cells, linked_system
from publisher.suppression.primary import sensitive_cells
from publisher.suppression.weights import public_weights

T = 5
ALL_LEVELS = ("riket", "lan", "kommun", "regso", "area_type")


@dataclass(frozen=True)
class World:
    """A small country: RegSO codes with their types, area levels, and counts by leaf and benefit."""

    types: dict[str, str]
    levels: tuple[str, ...]
    counts: np.ndarray

    @property
    def keys(self) -> KeySet:
        areas = tuple(RegisterArea(c, c, c[:4], c[:4], c[:2], c[:2]) for c in sorted(self.types))
        index = AreaIndex("test", areas, {2022: self.types})
        benefits = Column("benefit", tuple(f"b{k}" for k in range(self.counts.shape[1])), False)
        return KeySet(index.leaves, index.levels(self.levels, 2022), (benefits,), (True,))


def world(counts: dict[str, list[int]], *, levels: tuple[str, ...] = ALL_LEVELS, types: str = "") -> World:
    """Counts by leaf (RegSO, or a place's `X`); leaves not named are 0; `types`: one digit a RegSO in order."""
    places = sorted(c for c in counts if "R" in c)
    digits = types or "1" * len(places)
    width = len(next(iter(counts.values())))
    empty = World(dict(zip(places, digits, strict=True)), levels, np.zeros((1, width), dtype=np.int64))
    filled = np.array([counts.get(leaf, [0] * width) for leaf in empty.keys.leaves], dtype=np.int64)
    return World(empty.types, levels, filled)


def members(keys: KeySet) -> np.ndarray:
    """What every published cell sums: shape (cells, leaves x codes)."""
    n = len(keys.columns[0].codes)
    areas = np.concatenate([level.matrix.toarray() for level in keys.levels])
    return np.kron(areas, np.concatenate([np.eye(n), np.ones((1, n))]))


class Attacker:
    """Linear programs of A0 or A1, cell by cell, bounds rounded inward."""

    def __init__(self, sums: np.ndarray, values: np.ndarray, suppressed: np.ndarray, *, at_least: int) -> None:
        self._sums, self._values = sums, values
        published = ~suppressed
        self._program = {
            "A_eq": sums[published], "b_eq": values[published],
            "A_ub": -sums[suppressed], "b_ub": np.full(int(suppressed.sum()), -float(at_least)),
            "bounds": (0, None), "method": "highs",
        }

    def interval(self, cell: int) -> tuple[float, float]:
        low = linprog(self._sums[cell], **self._program)
        high = linprog(-self._sums[cell], **self._program)
        assert low.status == 0, "the truth must be feasible for the attacker"
        top = np.inf if high.status == 3 else -high.fun
        return float(np.ceil(low.fun - 1e-6)), float(np.floor(top + 1e-6))


def faults(w: World, suppressed: np.ndarray, sensitive: np.ndarray, level: ProtectionLevel, zeros: Zeros) -> list[str]:
    """Which promises of the level do not hold."""
    sums, out = members(w.keys), []
    values = sums @ w.counts.ravel()
    floor = int(zeros is Zeros.PUBLISHED)
    a0 = Attacker(sums, values, suppressed, at_least=0)
    a1 = Attacker(sums, values, suppressed, at_least=floor)
    for cell in np.flatnonzero(suppressed):
        low1, high1 = a1.interval(cell)
        if high1 - low1 >= T and high1 >= T:
            continue  # A0 knows less than A1
        low0, high0 = a0.interval(cell)
        if high1 <= low1:
            out.append(f"cell {cell} is a point")
        if level is not ProtectionLevel.EXACT and sensitive[cell] and high0 - low0 < T:
            out.append(f"cell {cell} is narrow")
        if level is ProtectionLevel.AMBIGUOUS and sensitive[cell] and (high1 < T or high1 - low1 < T - 1):
            out.append(f"cell {cell} is known to be small")
    return out


def forced_cells(w: World, size: int) -> np.ndarray:
    """The nation, where there is one."""
    forced = np.zeros(size, dtype=np.bool_)
    if w.levels[0] == "riket":
        start = w.keys.area_codes.index("00") * w.keys.shape[1]
        forced[start : start + w.keys.shape[1]] = True
    return forced


def protect(w: World, level: ProtectionLevel, zeros: Zeros) -> tuple[np.ndarray, np.ndarray]:
    """Suppressed and sensitive cells over the published cells."""
    system, values = linked_system(w.keys), all_cells(w.counts, w.keys)
    sensitive = sensitive_cells(values, rule=ThresholdRule(T), zeros=zeros)
    pattern = count_pattern(
        system, values=values, sensitive=sensitive, forced=forced_cells(w, system.size),
        weights=public_weights(np.ones(system.size, dtype=np.int64), key=bytes(16)), level=level, threshold=T,
        zeros=zeros,
    )
    shown = int(np.prod(w.keys.shape))
    assert not pattern.suppressed[shown:].any()
    return pattern.suppressed[:shown], pattern.sensitive[:shown]


def check(w: World, level: ProtectionLevel = ProtectionLevel.INTERVAL, zeros: Zeros = Zeros.PUBLISHED) -> np.ndarray:
    suppressed, sensitive = protect(w, level, zeros)
    assert not np.any(sensitive & ~suppressed)
    values = members(w.keys) @ w.counts.ravel()
    if zeros is Zeros.PUBLISHED:
        assert not np.any(suppressed & (values == 0)), "a true zero was withheld"
    assert not np.any(suppressed & ~sensitive & forced_cells(w, len(suppressed)))
    assert faults(w, suppressed, sensitive, level, zeros) == []
    return suppressed


def refused_rightly(w: World, level: ProtectionLevel, zeros: Zeros) -> bool:
    """Whether even withholding everything that may be withheld would break the promise for a sensitive cell."""
    values = members(w.keys) @ w.counts.ravel()
    sensitive = sensitive_cells(values.astype(np.int64), rule=ThresholdRule(T), zeros=zeros)
    most = sensitive | ~forced_cells(w, len(values))
    if zeros is Zeros.PUBLISHED:
        most &= values > 0
    hit = {int(f.split()[1]) for f in faults(w, most, sensitive, level, zeros)}
    return any(sensitive[c] for c in hit)


COUNT = st.one_of(st.integers(0, 4), st.integers(0, 60))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """One or two counties of one to three municipalities of one to three RegSO, with or without a linked table."""
    places = {}
    for county in range(1, 1 + draw(st.integers(1, 2))):
        for municipality in range(1, 1 + draw(st.integers(1, 3))):
            for area in range(1, 1 + draw(st.integers(1, 3))):
                places[f"0{county}8{municipality}R00{area}"] = draw(st.sampled_from("123"))
    keep = draw(st.sampled_from([ALL_LEVELS, ALL_LEVELS[:4], ALL_LEVELS[1:], (*ALL_LEVELS, "kommun_area_type")]))
    width = draw(st.integers(2, 3))
    named = [*places, "0181X", "01X"] if draw(st.booleans()) else [*places]
    counts = {c: draw(st.lists(COUNT, min_size=width, max_size=width)) for c in named}
    return world(counts, levels=keep, types="".join(places[c] for c in sorted(places)))


@given(worlds(), st.sampled_from(list(ProtectionLevel)), st.sampled_from(list(Zeros)))
@settings(max_examples=25, deadline=None)
def test_no_attacker_finds_a_point_or_a_narrow_sensitive_cell(w: World, level: ProtectionLevel, zeros: Zeros) -> None:
    try:
        check(w, level, zeros)
    except SuppressionError:
        assert refused_rightly(w, level, zeros)


def test_a_county_with_one_municipality_is_protected_at_both_levels() -> None:
    w = world({
        "0180R001": [3, 40, 20], "0180R002": [30, 50, 60], "0280R001": [50, 60, 40], "0281R001": [44, 35, 27],
        "0281R002": [24, 31, 17],
    })
    suppressed = check(w)
    assert suppressed.any()


def test_a_municipality_with_one_regso_hides_both_or_neither() -> None:
    w = world({"0180R001": [3, 40, 20], "0181R001": [30, 50, 60], "0181R002": [50, 60, 40]})
    suppressed = check(w).reshape(w.keys.shape)
    codes = w.keys.area_codes
    assert np.array_equal(suppressed[codes.index("0180")], suppressed[codes.index("0180R001")])


def test_a_municipality_and_type_of_one_regso_does_not_give_it_away() -> None:
    levels = (*ALL_LEVELS, "kommun_area_type")
    w = world(
        {"0180R001": [3, 40, 20], "0180R002": [30, 50, 60], "0181R001": [50, 60, 40], "0181R002": [9, 8, 7]},
        levels=levels, types="1212",
    )
    suppressed = check(w).reshape(w.keys.shape)
    codes = w.keys.area_codes
    assert np.array_equal(suppressed[codes.index("0180T1")], suppressed[codes.index("0180R001")])


def test_three_singletons_in_one_row_are_not_protected_by_each_other_alone() -> None:
    w = world({"0180R001": [1, 1, 1], "0180R002": [30, 50, 60], "0181R001": [50, 60, 40], "0181R002": [9, 8, 7]})
    check(w)


def test_a_linked_table_by_type_cannot_be_subtracted_from_the_municipalities() -> None:
    w = world(
        {"0180R001": [2, 20, 30], "0180R002": [21, 33, 14], "0181R001": [17, 22, 45], "0181R002": [2, 41, 25]},
        types="1221",
    )
    check(w)


def test_places_without_a_stated_area_are_part_of_the_sums() -> None:
    w = world({"0180R001": [2, 20], "0180R002": [21, 33], "0180X": [3, 9], "01X": [6, 1], "0181R001": [17, 22]})
    check(w)


def test_cells_counted_otherwise_than_shown_get_the_same_width() -> None:
    w = world({"0180R001": [9, 20, 30], "0180R002": [21, 33, 14], "0181R001": [17, 22, 45], "0181R002": [12, 41, 25]})
    system, values = linked_system(w.keys), all_cells(w.counts, w.keys)
    sensitive = values == 9
    pattern = count_pattern(
        system, values=values, sensitive=sensitive, forced=forced_cells(w, system.size),
        weights=public_weights(values * 0, key=bytes(16)), level=ProtectionLevel.INTERVAL, threshold=T,
        zeros=Zeros.PUBLISHED,
    )
    shown = int(np.prod(w.keys.shape))
    found = faults(w, pattern.suppressed[:shown], sensitive[:shown], ProtectionLevel.INTERVAL, Zeros.PUBLISHED)
    assert found == []
    assert pattern.secondary_count >= 3


def test_cells_that_no_table_shows_are_unknown_cost_nothing_and_are_not_reported() -> None:
    w = world({"0180R001": [2, 20], "0180R002": [21, 33], "0181R001": [17, 22], "0181R002": [3, 15]})
    values = all_cells(w.counts, w.keys)
    shown = np.ones(w.keys.shape, dtype=np.bool_)
    shown[[i for i, c in enumerate(w.keys.area_codes) if "R" in c and c != "0180R001"]] = False
    system = linked_system(w.keys, shown)
    pattern = count_pattern(
        system, values=values, sensitive=(values > 0) & (values < T), forced=forced_cells(w, system.size),
        weights=public_weights(values * 0, key=bytes(16)), level=ProtectionLevel.INTERVAL, threshold=T,
        zeros=Zeros.PUBLISHED,
    )
    assert not np.any(pattern.suppressed & ~system.shown)
    assert pattern.primary_count == 1
    assert pattern.secondary_count == 1, "the total of the one area shown, or its other benefit"


@pytest.mark.slow
@pytest.mark.parametrize("level", list(ProtectionLevel))
@pytest.mark.parametrize("zeros", list(Zeros))
def test_a_county_of_sixty_areas_is_protected_at_every_level(level: ProtectionLevel, zeros: Zeros) -> None:
    rng = np.random.default_rng(3)
    names = [f"01{m:02d}R{a:03d}" for m in range(8) for a in range(1, int(rng.integers(2, 14)))]
    counts = {c: rng.poisson(rng.gamma(1.0, 9.0, 5)).tolist() for c in names}
    check(world(counts, types="".join(str(k) for k in rng.integers(1, 6, len(names)))), level, zeros)
