"""Whoever alone stands in a cell works out no other sensitive cell: checked by linear programmes over the leaves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patterns import count_pattern
from scipy.optimize import linprog
from test_suppression_promise import T, World, forced_cells, members, world, worlds

from publisher.errors import SuppressionError
from publisher.policy.model import ProtectionLevel, ThresholdRule, Zeros
from publisher.relations import all_cells, linked_system
from publisher.suppression.primary import sensitive_cells
from publisher.suppression.weights import public_weights

LEVELS = st.sampled_from(list(ProtectionLevel))


def alone(w: World) -> np.ndarray:
    """For each published cell with one case the finest place and benefit where it stands, else -1."""
    sums, counts = members(w.keys), w.counts.ravel()
    return np.array([int(np.flatnonzero(row * counts)[0]) if row @ counts == 1 else -1 for row in sums])


def computed(w: World, suppressed: np.ndarray, sensitive: np.ndarray, zeros: Zeros) -> list[tuple[int, int]]:
    """Pairs of a person and a sensitive cell of others that the person can work out."""
    sums, labels, floor = members(w.keys), alone(w), int(zeros is Zeros.PUBLISHED)
    values = sums @ w.counts.ravel()
    out = []
    for person in np.unique(labels[suppressed & (labels >= 0)]):
        own = labels == person
        known = ~suppressed | own
        unknown = suppressed & ~own
        program = {
            "A_eq": sums[known], "b_eq": values[known], "A_ub": -sums[unknown],
            "b_ub": np.full(int(unknown.sum()), -float(floor)), "bounds": (0, None), "method": "highs",
        }
        for cell in np.flatnonzero(unknown & sensitive):
            low, high = linprog(sums[cell], **program), linprog(-sums[cell], **program)
            assert low.status == 0
            if high.status != 3 and np.floor(-high.fun + 1e-6) <= np.ceil(low.fun - 1e-6):
                out.append((int(person), int(cell)))
    return out


def protect(
    w: World, level: ProtectionLevel, zeros: Zeros, *, insiders: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Suppressed and sensitive cells over the published cells."""
    system, values = linked_system(w.keys), all_cells(w.counts, w.keys)
    labels = np.full(system.size, -1, dtype=np.int64)
    labels[: len(alone(w))] = alone(w)
    pattern = count_pattern(
        system, values=values, sensitive=sensitive_cells(values, rule=ThresholdRule(T), zeros=zeros),
        forced=forced_cells(w, system.size), level=level, threshold=T,
        weights=public_weights(np.ones(system.size, dtype=np.int64), key=bytes(16)), zeros=zeros,
        insiders=labels if insiders else None,
    )  # fmt: skip
    shown = int(np.prod(w.keys.shape))
    return pattern.suppressed[:shown], pattern.sensitive[:shown]


def refused_rightly(w: World, zeros: Zeros) -> bool:
    """Whether somebody could work out a sensitive cell although all that may be withheld is."""
    values = members(w.keys) @ w.counts.ravel()
    sensitive = sensitive_cells(values.astype(np.int64), rule=ThresholdRule(T), zeros=zeros)
    most = sensitive | ~forced_cells(w, len(values))
    return bool(computed(w, most & ((values > 0) | (zeros is Zeros.PROTECTED)), sensitive, zeros))


@given(worlds(), LEVELS, st.sampled_from(list(Zeros)))
@settings(max_examples=25, deadline=None)
def test_nobody_who_stands_alone_works_out_anothers_cell(w: World, level: ProtectionLevel, zeros: Zeros) -> None:
    try:
        protect(w, level, zeros, insiders=False)
    except SuppressionError:
        return  # refused without insiders, which another test judges
    try:
        suppressed, sensitive = protect(w, level, zeros)
    except SuppressionError:
        assert refused_rightly(w, zeros)
        return
    assert computed(w, suppressed, sensitive, zeros) == []


PAIR = {"0180R001": [1, 40], "0180R002": [3, 60], "0180R003": [50, 70], "0180R004": [80, 30]}
"""At level `exact` two cells protect each other from everybody but the one who stands in one of them."""


@pytest.mark.parametrize("level", list(ProtectionLevel))
def test_two_cells_that_protect_each_other_are_not_enough_where_one_person_is_alone_in_one(
    level: ProtectionLevel,
) -> None:
    w = world(PAIR, levels=("kommun", "regso"))
    suppressed, sensitive = protect(w, level, Zeros.PUBLISHED)
    assert computed(w, suppressed, sensitive, Zeros.PUBLISHED) == []


def test_without_the_regime_that_person_does_work_out_the_other_cell() -> None:
    w = world(PAIR, levels=("kommun", "regso"))
    suppressed, sensitive = protect(w, ProtectionLevel.EXACT, Zeros.PUBLISHED, insiders=False)
    assert computed(w, suppressed, sensitive, Zeros.PUBLISHED)


def test_the_same_input_gives_the_same_pattern_with_insiders() -> None:
    w = world(PAIR, levels=("kommun", "regso"))
    first, again = (protect(w, ProtectionLevel.INTERVAL, Zeros.PUBLISHED)[0] for _ in range(2))
    assert np.array_equal(first, again)
