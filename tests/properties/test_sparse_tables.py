"""Tables of many attributes in which nearly everything is withheld: protected by a few areas at a time, in processes.

What was found is attacked by linear programmes over the finest counts that know no equation of the search.
"""

import numpy as np
import pytest
from patterns import count_pattern
from scipy.optimize import linprog

from publisher.geography.register import AreaIndex, RegisterArea
from publisher.policy.model import ProtectionLevel, ThresholdRule, Zeros
from publisher.relations import Column, IntArray, KeySet, LinkedSystem, all_cells, linked_system
from publisher.suppression import pattern as pattern_module
from publisher.suppression import sheets
from publisher.suppression.pattern import SuppressionPattern
from publisher.suppression.primary import sensitive_cells
from publisher.suppression.search import Search
from publisher.suppression.sheets import Sheets, protect_in_sheets
from publisher.suppression.single import single_units
from publisher.suppression.weights import public_weights

T = 5
LEVELS = [ProtectionLevel.INTERVAL, ProtectionLevel.AMBIGUOUS]


def country() -> KeySet:
    """Two counties of two municipalities of four areas; benefit x sex x age group with totals."""
    codes = [f"{county}{place}R00{k}" for county in ("01", "02") for place in ("10", "20") for k in range(1, 5)]
    areas = tuple(RegisterArea(c, c, c[:4], c[:4], c[:2], c[:2]) for c in codes)
    index = AreaIndex("test", areas, {2022: dict.fromkeys(codes, "1")})
    columns = (
        Column("benefit", ("b0", "b1", "b2"), False), Column("sex", ("f", "m"), True), Column("age", ("y", "o"), True),
    )  # fmt: skip
    return KeySet(index.leaves, index.levels(("riket", "lan", "kommun", "regso"), 2022), columns, (True,) * 3)


KEYS = country()
SYSTEM = linked_system(KEYS)


def counts(seed: int) -> IntArray:
    """Mostly 0 to 2, in areas that the records name only."""
    rng = np.random.default_rng(seed)
    shape = (len(KEYS.leaves), 3, 2, 2)
    named = np.array(["R" in leaf for leaf in KEYS.leaves])
    return np.asarray(rng.poisson(1.4, shape) * named[:, None, None, None], dtype=np.int64)


def protected(leaves: IntArray, level: ProtectionLevel, *, insiders: bool = False) -> SuppressionPattern:
    values = all_cells(leaves, KEYS)
    forced = np.zeros(SYSTEM.size, dtype=np.bool_)
    forced[KEYS.area_codes.index("00") * 36 :][:36] = True
    return count_pattern(
        SYSTEM, values=values, sensitive=sensitive_cells(values, rule=ThresholdRule(T), zeros=Zeros.PUBLISHED),
        forced=forced, weights=public_weights(np.ones(SYSTEM.size, dtype=np.int64), key=bytes(16)), level=level,
        threshold=T, zeros=Zeros.PUBLISHED, insiders=single_units(SYSTEM, values) if insiders else None,
    )  # fmt: skip


def sums() -> np.ndarray:
    """Which finest counts each cell adds up: shape (cells, leaves x codes)."""
    def with_total(n: int) -> np.ndarray:
        return np.concatenate([np.eye(n), np.ones((1, n))])

    areas = np.concatenate([level.matrix.toarray() for level in KEYS.levels])
    return np.kron(np.kron(np.kron(areas, with_total(3)), with_total(2)), with_total(2))


def interval(
    cell: int, leaves: IntArray, withheld: np.ndarray, at_least: int, own: np.ndarray | None = None
) -> tuple[float, float]:
    """What an outsider can tell of a cell, or somebody who knows the cells `own`."""
    matrix = sums()
    unknown = withheld if own is None else withheld & ~own
    known, hidden = matrix[~unknown], matrix[unknown]
    ends = [
        linprog(
            sign * matrix[cell], A_eq=known, b_eq=known @ leaves.ravel(), A_ub=-hidden,
            b_ub=np.full(len(hidden), -float(at_least)), method="highs",
        )
        for sign in (1, -1)
    ]  # fmt: skip
    assert all(end.status == 0 for end in ends)
    return float(ends[0].fun), float(-ends[1].fun)


@pytest.fixture
def sparse_at_once(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Any table counts as sparse, and is searched in parts; how many needs were open when the areas were looked at."""
    opened = list[int]()

    def spy(search: Search, areas: Sheets) -> None:
        opened.append(search.open_needs())
        protect_in_sheets(search, areas)
        opened.append(search.open_needs())

    monkeypatch.setattr("publisher.suppression.search.MANY", 0)
    monkeypatch.setattr("publisher.suppression.search.SPARSE", 0.0)
    monkeypatch.setattr("publisher.suppression.choose.CROWDED", 0)
    monkeypatch.setattr("publisher.suppression.choose.VERTICES", 2)
    monkeypatch.setattr(sheets, "LEAST", 5)
    monkeypatch.setattr(pattern_module, "protect_in_sheets", spy)
    return opened


@pytest.mark.parametrize("level", LEVELS)
def test_what_a_few_areas_protect_keeps_the_promise(sparse_at_once: list[int], level: ProtectionLevel) -> None:
    leaves = counts(3)
    found = protected(leaves, level)
    before, after = sparse_at_once
    assert before > 200
    assert after < before / 10
    withheld = found.suppressed[: len(sums())]
    rng = np.random.default_rng(1)
    for cell in rng.choice(np.flatnonzero(withheld), 40, replace=False).tolist():
        low0, high0 = interval(cell, leaves, withheld, 0)
        low1, high1 = interval(cell, leaves, withheld, 1)
        assert high1 - low1 > 1e-6, "a withheld cell is a point"
        if found.sensitive[cell]:
            assert high0 - low0 > T - 1e-6, "a sensitive cell is narrow"
            known_small = high1 - low1 < T - 1 - 1e-6 or high1 < T
            assert level is ProtectionLevel.INTERVAL or not known_small, "a sensitive cell is known to be small"


@pytest.mark.parametrize("level", LEVELS)
def test_a_few_areas_protect_from_insiders_too(sparse_at_once: list[int], level: ProtectionLevel) -> None:
    leaves, values = counts(3), all_cells(counts(3), KEYS)
    found, alone = protected(leaves, level, insiders=True), single_units(SYSTEM, values)
    assert sparse_at_once[0] > 200
    shown_by_what_is_told(found, values, alone)
    size = len(sums())
    withheld, sensitive, alone = found.suppressed[:size], found.sensitive[:size], alone[:size]
    rng = np.random.default_rng(1)
    for group in rng.choice(np.unique(alone[withheld & (alone >= 0)]), 6, replace=False).tolist():
        for cell in rng.choice(np.flatnonzero(sensitive & (alone != group)), 6, replace=False).tolist():
            low, high = interval(cell, leaves, withheld, 1, alone == group)
            assert high - low >= 1 - 1e-6, "who is alone in a cell computes another"


def shown_by_what_is_told(found: SuppressionPattern, values: IntArray, alone: IntArray) -> None:
    """Of each sensitive cell: no one contributor stands in every change that moves it by one."""
    lines = found.circulations.toarray()
    assert not (SYSTEM.equations @ lines.T).any()
    assert not lines[:, SYSTEM.shown & ~found.suppressed].any()
    room = (values - np.where(SYSTEM.shown, 1, 0)).clip(min=0)
    everybody: dict[int, set[int]] = {}
    for line in [*lines, *-lines]:
        far = min((room[c] / -line[c] for c in np.flatnonzero(line < 0)), default=np.inf)
        names = {*alone[(line != 0) & SYSTEM.shown].tolist()} - {-1}
        for cell in np.flatnonzero(found.sensitive & (np.abs(line) * far >= 1)).tolist():
            everybody[cell] = everybody.get(cell, names) & names
    for cell in np.flatnonzero(found.sensitive).tolist():
        assert everybody[cell] <= {int(alone[cell])}


def test_the_pattern_and_its_proof_do_not_depend_on_the_number_of_processors(
    sparse_at_once: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, shared = list[int](), sheets.shared_out

    def counting(seeds: IntArray, most: int) -> list[IntArray]:
        parts = shared(seeds, most)
        counted.append(len(parts))
        return parts

    monkeypatch.setattr(sheets, "shared_out", counting)
    monkeypatch.setattr("publisher.suppression.insiders.shared_out", counting)
    first, again = (_with_processors(n, monkeypatch) for n in (1, 3))
    assert sparse_at_once[0] > 200
    of_outsiders, of_insiders = counted[0], counted[len(sheets.PARTS)]
    assert min(of_outsiders, of_insiders) > 2, "both are asked in parts"
    assert counted[len(sheets.PARTS) + 1] == 1, "what the parts proved of insiders is known when they are put together"
    assert np.array_equal(first.suppressed, again.suppressed)
    assert np.array_equal(first.circulations.toarray(), again.circulations.toarray())


def _with_processors(n: int, monkeypatch: pytest.MonkeyPatch) -> SuppressionPattern:
    monkeypatch.setattr("os.cpu_count", lambda: n)
    return protected(counts(5), ProtectionLevel.INTERVAL, insiders=True)


def test_a_system_that_does_not_say_how_its_cells_stand_is_protected_too(sparse_at_once: list[int]) -> None:
    values = all_cells(counts(3), KEYS)
    plain = LinkedSystem(SYSTEM.equations, SYSTEM.shown)
    forced = np.zeros(SYSTEM.size, dtype=np.bool_)
    found = count_pattern(
        plain, values=values, sensitive=sensitive_cells(values, rule=ThresholdRule(T), zeros=Zeros.PUBLISHED),
        forced=forced, weights=public_weights(np.ones(SYSTEM.size, dtype=np.int64), key=bytes(16)),
        level=ProtectionLevel.EXACT, threshold=T, zeros=Zeros.PUBLISHED,
    )  # fmt: skip
    assert sparse_at_once == [], "nothing is known of the areas, and nothing is done"
    assert found.secondary_count > 0
