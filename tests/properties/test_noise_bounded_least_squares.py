"""Non-negative least squares against a reference that shares no code with it: a dense active-set method."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from noisetables import measure_all, seeded, table_of, terms
from scipy.optimize import lsq_linear

from publisher.noise.area_system import FloatArray
from publisher.noise.nonnegative import COUNTS, _cut, anchored_precisions
from publisher.noise.parts import parts_of
from publisher.noise.postprocess import Unbiased, estimate
from publisher.policy.model import GroupWeight, MeasureSpec, Weights
from publisher.relations import AreaLevel, Column, IntArray, KeySet

COLUMNS = (Column("benefit", tuple("pq"), False), Column("sex", ("m", "w"), True))


@st.composite
def tables(draw: st.DrawFn) -> tuple[KeySet, IntArray, np.random.Generator]:
    """4 to 12 areas in two hierarchies, up to two columns; empty, sparse, one cell with everything, or full."""
    areas, rng = draw(st.integers(4, 12)), np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    at = np.arange(areas)
    members = {"riket": at * 0, "kommun": at // 3, "regso": at, "area_type": np.unique(
        rng.integers(0, 3, areas), return_inverse=True)[1]}  # fmt: skip
    levels = tuple(
        AreaLevel(name, tuple(f"{name}{k}" for k in range(int(m.max()) + 1)), m) for name, m in members.items()
    )
    columns = COLUMNS[: draw(st.integers(0, 2))]
    shape = (areas, *[2] * len(columns))
    counts = rng.poisson(draw(st.sampled_from([0.0, 0.2, 5.0])), shape)
    counts.flat[0] += draw(st.sampled_from([0, 100_000]))
    return KeySet(levels[2].codes, levels, columns, (True,) * len(columns)), counts, rng


def metric(found: Unbiased) -> FloatArray:
    """Every query group's cells over the atoms, by the root of its anchored precision: shape (cells, atoms x codes)."""
    weights, rows = anchored_precisions(found), []
    for level, of in zip(found.keys.levels, weights, strict=True):
        for kept, weight in zip(found.keys.marginals, of, strict=True):
            cells = level.matrix.toarray()
            for column, k in zip(found.keys.columns, kept, strict=True):
                codes = len(column.codes)
                cells = np.kron(cells, np.eye(codes) if k else np.ones((1, codes)))
            rows.append(np.sqrt(weight) * cells)
    return np.vstack(rows)


@settings(max_examples=60, deadline=None)
@given(tables(), st.sampled_from(["0.0001", "0.1", "1"]), st.sampled_from(list(Weights)), st.booleans())
def test_the_steps_end_at_the_non_negative_numbers_that_are_nearest(
    made: tuple[KeySet, IntArray, np.random.Generator], rho: str, weights: Weights, uneven: bool
) -> None:
    """Nearest to within a tenth of a standard error in all: the squared distance is in standard errors."""
    keys, counts, rng = made
    times = (GroupWeight("regso", (), Fraction(1, 500)), GroupWeight("area_type", (), Fraction(200))) if uneven else ()
    spec = table_of(keys, [MeasureSpec("n", "persons")], terms(rho=Fraction(rho), weights=weights, times=times))
    (part,) = parts_of(spec, keys)
    found = estimate(measure_all(spec, keys, {part.name: counts}, seeded(rng))[part.name])
    matrix, atoms = metric(found), _cut(found.atoms, found, COUNTS)
    wanted = matrix @ found.atoms.ravel()
    best = lsq_linear(matrix, wanted, bounds=(0, np.inf), method="bvls", max_iter=5000)
    assert atoms.min() >= 0
    assert ((matrix @ atoms.ravel() - wanted) ** 2).sum() < 2 * best.cost + 0.1
