"""Counts and amounts together: who is alone in cells knows both numbers of each, and must be left with open others.

The programmes solve for the numbers of every leaf and code, counts and amounts at once, with the cells of one person
known: more than the audit's attacker, who takes one measure at a time.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from suppressed_world import BENEFIT, P10, SEX, Program, World, joint_program, protect, small_world, unit_of

from publisher.draft.suppressed import SuppressedCube
from publisher.errors import SuppressionError
from publisher.policy.model import ProtectionLevel
from publisher.suppression import pattern


def told(world: World, made: SuppressedCube, own: np.ndarray) -> tuple[Program, np.ndarray]:
    """What is left open to who knows `own` cells besides."""
    program, adds = joint_program(world, made, at_least=1)
    nothing = np.zeros_like(adds)
    rows = np.vstack([np.hstack([adds, nothing])[own], np.hstack([nothing, adds])[own]])
    values = np.concatenate([made.counts.ravel()[own], made.sums["paid"].ravel()[own] / unit_of(world)])
    both = np.vstack([program.equal, rows]), np.concatenate([program.values, values])
    return Program(both[0], both[1], program.rows, program.ends, program.bounds), adds


def closed(world: World, made: SuppressedCube, labels: np.ndarray) -> list[tuple[int, str]]:
    """Sensitive cells of others that are a point, or whose sum is open over less than its rules ask, for one alone."""
    out = []
    withheld, fall, rise = made.pattern.suppressed, *(r.ravel() for r in made.reach["paid"])
    for person in np.unique(labels[withheld & (labels >= 0)]):
        own = withheld & (labels == person)
        program, adds = told(world, made, own)
        nothing = np.zeros(adds.shape[1])
        for cell in np.flatnonzero(made.pattern.sensitive & ~own):
            low, high = program.interval(np.concatenate([adds[cell], nothing]))
            out += [(int(cell), "count")] if high <= low else []
            low, high = program.interval(np.concatenate([nothing, adds[cell]]), unit=unit_of(world))
            out += [(int(cell), "sum")] if high - low < max(1, fall[cell], rise[cell]) else []
    return out


def made_of(
    seed: int, level: ProtectionLevel = ProtectionLevel.AMBIGUOUS, **options: object
) -> tuple[World, SuppressedCube] | None:
    world = small_world(seed, **options)
    try:
        return world, protect(world, "cases", P10, sums=True, level=level, insiders=True)[0]
    except SuppressionError:
        return None


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([(BENEFIT,), (SEX, BENEFIT)]), st.sampled_from(list(ProtectionLevel)))
def test_whoever_is_alone_learns_neither_anothers_count_nor_more_of_a_sum_than_its_rules_allow(
    seed: int, columns: tuple[object, ...], level: ProtectionLevel
) -> None:
    made = made_of(seed, level, columns=columns)
    if made is not None:
        assert closed(*made, labels=made[1].insiders) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(("seed", "cuts"), [(s, False) for s in (7, 10, 16)] + [(s, True) for s in (15, 32, 40)])
def test_without_the_search_somebody_learns_more(seed: int, cuts: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cuts`: the choice of cells before it thinks of insiders nevertheless, one equation at a time."""
    safe = made_of(seed, ProtectionLevel.EXACT)
    assert safe is not None
    assert closed(*safe, labels=safe[1].insiders) == []  # type: ignore[arg-type]
    monkeypatch.setattr(pattern, "protect_from_insiders", lambda *_: [])
    if not cuts:
        chosen = pattern.choose
        monkeypatch.setattr(pattern, "choose", lambda search, demand, _: chosen(search, demand, None))
    broken = made_of(seed, ProtectionLevel.EXACT)
    assert broken is not None
    assert closed(*broken, labels=broken[1].insiders)  # type: ignore[arg-type]
