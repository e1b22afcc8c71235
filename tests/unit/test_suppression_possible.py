"""What single equations say of how far cells can move, and the refusal that rests on it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from patterns import count_pattern
from scipy import sparse
from scipy.optimize import linprog

from publisher.errors import SuppressionError
from publisher.geography.register import AreaIndex, RegisterArea
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.relations import Column, IntArray, KeySet, all_cells, linked_system
from publisher.suppression import pattern as pattern_module
from publisher.suppression.possible import furthest_possible


@given(st.integers(0, 10_000))
def test_no_cell_moves_further_than_single_equations_say(seed: int) -> None:
    rng = np.random.default_rng(seed)
    equations = sparse.csr_array(rng.integers(-1, 2, (3, 6)))
    equations.eliminate_zeros()
    rise, fall = (np.where(rng.random(6) < 0.2, np.inf, rng.integers(0, 4, 6)).astype(float) for _ in range(2))
    found = furthest_possible(equations, (rise, fall))
    for cell in rng.choice(6, 2, replace=False):
        for sign, bound in ((1, found[0][cell]), (-1, found[1][cell])):
            objective = np.zeros(6)
            objective[cell] = -sign
            bounds = list(zip(-fall, rise, strict=True))
            best = linprog(objective, A_eq=equations.toarray(), b_eq=np.zeros(3), bounds=bounds)
            assert bound == np.inf if best.status == 3 else -best.fun <= bound + 1e-9


def test_what_follows_for_one_cell_is_used_for_the_next() -> None:
    equations = sparse.csr_array(np.array([[1, -1, -1, 0, 0], [0, 1, 0, -1, -1]]))
    rise, fall = np.array([0.0, 9, 9, 9, 9]), np.array([0.0, 9, 0, 0, 9])
    assert furthest_possible(equations, (rise, fall))[0].tolist() == [0, 0, 9, 9, 0]
    fall[4] = 0
    assert furthest_possible(equations, (rise, fall))[0].tolist() == [0, 0, 0, 0, 0]


def country(areas_of_one_case: int, more_in_the_last: int) -> tuple[KeySet, IntArray]:
    codes = tuple(f"01{k:02}R001" for k in range(1, 7))
    areas = tuple(RegisterArea(c, c, c[:4], c[:4], c[:2], c[:2]) for c in codes)
    index = AreaIndex("test", areas, {2022: dict.fromkeys(codes, "1")})
    keys = KeySet(index.leaves, index.levels(("riket", "regso"), 2022), (Column("b", ("x", "y"), False),), (True,))
    counts = np.zeros((len(keys.leaves), 2), dtype=np.int64)
    at = [keys.leaves.index(c) for c in codes]
    counts[at, 1] = 30
    counts[at[:areas_of_one_case], 0] = 1
    counts[at[areas_of_one_case - 1], 0] += more_in_the_last
    return keys, counts


def protect(keys: KeySet, counts: IntArray) -> None:
    system, values = linked_system(keys), all_cells(counts, keys)
    forced = np.zeros(system.size, dtype=np.bool_)
    forced[keys.area_codes.index("00") * 3 :][:3] = True
    count_pattern(
        system, values=values, sensitive=(values > 0) & (values < 5) & ~forced, forced=forced,
        weights=np.ones(system.size, dtype=np.int64), level=ProtectionLevel.EXACT, threshold=5, zeros=Zeros.PUBLISHED,
    )  # fmt: skip


def test_as_many_cases_as_areas_that_have_one_are_refused_before_anything_is_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it was searched")

    monkeypatch.setattr(pattern_module, "choose", never)
    with pytest.raises(SuppressionError, match="6 sensitive or dependent cells cannot be protected"):
        protect(*country(6, 0))


def test_one_case_more_than_areas_that_have_one_is_enough() -> None:
    protect(*country(6, 1))
