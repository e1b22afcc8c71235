"""Whatever is counted in however many areas, a shrunken table is whole, never negative, and adds up exactly."""

from fractions import Fraction

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from noisetables import measure_all, seeded, table_of, terms

from publisher.noise.combine import estimates
from publisher.noise.parts import parts_of
from publisher.policy.model import ContributionBound, EstimateKind, MeasureSpec, Weights
from publisher.relations import AreaLevel, Column, KeySet


def packed(member: np.ndarray) -> np.ndarray:
    """Areas numbered without gaps: no level has an area that holds nothing."""
    return np.where(member < 0, -1, np.searchsorted(np.unique(member[member >= 0]), member))


@st.composite
def tables(draw: st.DrawFn) -> tuple[KeySet, str, np.ndarray, int]:
    """Two hierarchies over 15 to 60 areas, so that single areas are drawn; some lie in no county, some share a
    RegSO; counts alike, sparse, or far apart."""
    leaves, seed = draw(st.integers(15, 60)), draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    regso = np.arange(leaves) % draw(st.integers(leaves - 3, leaves))
    county = rng.integers(-1, draw(st.integers(1, 4)), leaves)[regso]
    cells = {"riket": county * 0, "lan": county, "regso": regso, "area_type": rng.integers(3, size=leaves)}
    levels = tuple(
        AreaLevel(name, tuple(f"{name}{k}" for k in range(int(member.max()) + 1)), member)
        for name, member in ((name, packed(member)) for name, member in cells.items())
        if member.max() >= 0
    )
    columns = (Column("benefit", tuple("pqr"), False), Column("sex", ("m", "w"), True))[: draw(st.integers(0, 2))]
    keys = KeySet(tuple(f"x{n}" for n in range(leaves)), levels, columns, tuple(draw(st.booleans()) for _ in columns))
    spread = draw(st.sampled_from([0.1, 1.0, 20.0]))
    counts = rng.gamma(spread, draw(st.sampled_from([0.0, 5.0, 300.0])), (leaves, *[len(c.codes) for c in columns]))
    return keys, draw(st.sampled_from(["persons", "persons_distinct"])), counts.astype(np.int64), seed


@given(tables(), st.sampled_from(list(Weights)), st.sampled_from(["0.001", "0.1", "1"]), st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_shrunken_table_is_whole_and_never_negative_and_adds_up(
    made: tuple[KeySet, str, np.ndarray, int], weights: Weights, rho: str, populated: bool
) -> None:
    keys, kind, counts, seed = made
    bound = ContributionBound(2, "last")
    noise = terms(bound=bound, rho=Fraction(rho), weights=weights, estimate=EstimateKind.SHRUNKEN)
    spec = table_of(keys, [MeasureSpec("n", kind)], noise)
    by_part = {  # of distinct persons a part without benefits is counted beside one with them
        p.name: counts if len(p.keys.columns) == len(keys.columns) else counts.sum(axis=1)
        for p in parts_of(spec, keys)
    }
    one = measure_all(spec, keys, by_part, seeded(np.random.default_rng(seed)))
    people = np.random.default_rng(seed).integers(0, 3000, keys.shape) if populated else None
    values = estimates(one, spec, keys, kind=noise.estimate, signed=(), population=people)["n"].values
    assert (values == np.rint(values)).all()
    assert values.min() >= 0
    for axis, (column, total) in enumerate(zip(keys.columns, keys.totals, strict=True), start=1):
        if total and (kind == "persons" or column.personal):
            parts, sums = np.split(values, [len(column.codes)], axis=axis)
            assert (parts.sum(axis=axis, keepdims=True) == sums).all()
    _areas_add_up(values, keys)


def _areas_add_up(values: np.ndarray, keys: KeySet) -> None:
    """Every cell that is made of whole cells of another level is their sum."""
    ends = np.cumsum([0, *[len(v.codes) for v in keys.levels]])
    for fine, first in zip(keys.levels, ends, strict=False):
        for coarse, begin in zip(keys.levels, ends, strict=False):
            for cell in range(len(coarse.codes)):
                inside = np.unique(fine.member[coarse.member == cell])
                if (np.isin(fine.member, inside) == (coarse.member == cell)).all() and inside.min() >= 0:
                    assert (values[first + inside].sum(axis=0) == values[begin + cell]).all()
