"""A country of 360 areas for tests of shrunken estimates, with counts that are alike in the same place, or are not."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from noisetables import measure_all, seeded, table_of, terms

from publisher.noise.combine import estimates
from publisher.noise.measurement import Measurement
from publisher.noise.parts import parts_of
from publisher.noise.postprocess import Estimate, expected_rmse
from publisher.noise.subspaces import Marginal
from publisher.policy.model import ContributionBound, EstimateKind, MeasureSpec, Noise, TableSpec, Weights
from publisher.relations import AreaLevel, Column, IntArray, KeySet, fill_totals

UNBIASED, WHOLE, SHRUNKEN = EstimateKind.UNBIASED, EstimateKind.NON_NEGATIVE_INTEGERS, EstimateKind.SHRUNKEN
LEAVES, CODES = 360, 6
BENEFIT = Column("benefit", tuple("abcdef"), False)
CELLS = terms(bound=ContributionBound(4, "last"))
LEVELS = replace(CELLS, weights=Weights.LEVELS)
RNG = np.random.default_rng(20220428)
TYPES = RNG.integers(5, size=LEAVES)
SIZES = RNG.gamma(4, 250, LEAVES).astype(np.int64) + 100


def keys(columns: tuple[Column, ...] = (BENEFIT,)) -> KeySet:
    """20 counties of 3 municipalities of 6 areas, and five types across them."""
    member = np.arange(LEAVES)
    levels = (
        AreaLevel("riket", ("00",), member * 0),
        AreaLevel("lan", tuple(f"{k + 1:02}" for k in range(20)), member // 18),
        AreaLevel("kommun", tuple(f"{k:04}" for k in range(60)), member // 6),
        AreaLevel("regso", tuple(f"{k:04}R" for k in range(LEAVES)), member),
        AreaLevel("area_type", tuple(f"T{k}" for k in range(1, 6)), TYPES),
    )
    return KeySet(levels[3].codes, levels, columns, (True,) * len(columns))


KEYS = keys()


def alike(rng: np.random.Generator) -> IntArray:
    """By size, with shares that differ a little by county and by municipality."""
    shares = np.array([0.3, 0.25, 0.25, 0.1, 0.07, 0.03])
    shares = shares * rng.gamma(25, 1 / 25, (20, 1, CODES)) * rng.gamma(50, 1 / 50, (20, 3, CODES))
    return rng.poisson(0.06 * SIZES[:, None] * np.repeat(shares.reshape(60, CODES), 6, axis=0))


def independent(rng: np.random.Generator) -> IntArray:
    """Every cell has an expected number of its own, from 0.1 to 60."""
    return rng.poisson(np.exp(rng.uniform(np.log(0.1), np.log(60), (LEAVES, CODES))))


def heavy(rng: np.random.Generator) -> IntArray:
    """A few cells have most of the cases."""
    return np.minimum(3 * rng.pareto(1.1, (LEAVES, CODES)), 2000).astype(np.int64)


def rare(rng: np.random.Generator) -> IntArray:
    """One cell in fifty has cases at all, and then many."""
    return np.where(rng.random((LEAVES, CODES)) < 0.02, rng.integers(10, 50, (LEAVES, CODES)), 0)


def one_each(rng: np.random.Generator) -> IntArray:
    """Every area has one category only."""
    return np.eye(CODES, dtype=np.int64)[rng.integers(CODES, size=LEAVES)] * rng.poisson(60, LEAVES)[:, None]


def with_odd_ones(rng: np.random.Generator) -> IntArray:
    """As `alike`, and one area of each municipality has all of it in reverse, three times."""
    out = alike(rng)
    out[::6] = 3 * out[::6, ::-1]
    return out


def clustered(rng: np.random.Generator) -> IntArray:
    """Every area has up to three times more or less of each category than others of its size, and all areas of one
    municipality in seven have three times as much, of all categories in reverse."""
    shares = np.repeat(np.array([[0.3, 0.25, 0.25, 0.1, 0.07, 0.03]]), LEAVES, axis=0)
    odd = np.repeat(rng.random(60) < 1 / 7, 6)
    shares[odd] = 3 * shares[odd, ::-1]
    own = np.exp(rng.uniform(-np.log(3) / 2, np.log(3) / 2, (LEAVES, CODES)))
    return rng.poisson(0.06 * SIZES[:, None] * shares * own)


UNLIKE: tuple[Callable[[np.random.Generator], IntArray], ...] = (
    independent, heavy, rare, one_each, with_odd_ones, clustered,
)  # fmt: skip


def table(noise: Noise = CELLS, kind: str = "persons") -> TableSpec:
    return table_of(KEYS, [MeasureSpec("n", kind)], noise)


def measured(
    counts: IntArray, spec: TableSpec, draws: int, seed: int = 1, key_set: KeySet = KEYS
) -> list[Mapping[str, Measurement]]:
    """Draws with seeded noise.  All parts count the same (of distinct persons, totals then are those of cells)."""
    source = seeded(np.random.default_rng(seed))
    by_part = {p.name: counts if p.keys.columns else counts.sum(axis=1) for p in parts_of(spec, key_set)}
    return [measure_all(spec, key_set, by_part, source) for _ in range(draws)]


def shown(
    one: Mapping[str, Measurement], kind: EstimateKind, spec: TableSpec, population: IntArray | None = None,
    key_set: KeySet = KEYS,
) -> Estimate:  # fmt: skip
    return estimates(one, spec, key_set, kind=kind, signed=(), population=population)["n"]


def population(key_set: KeySet = KEYS) -> IntArray:
    """The sizes of all areas, whatever the category."""
    areas = np.concatenate([v.matrix @ SIZES for v in key_set.levels]).astype(np.int64)
    return np.broadcast_to(areas[:, None], key_set.shape)


def rmse(
    draws: list[Mapping[str, Measurement]], kind: EstimateKind, spec: TableSpec, counts: IntArray,
    population: IntArray | None = None,
) -> dict[tuple[str, Marginal], float]:  # fmt: skip
    """Root mean squared error of each level and marginal."""
    truth = fill_totals(counts, KEYS)
    squares = np.mean([(shown(one, kind, spec, population).values - truth) ** 2 for one in draws], axis=0)
    return expected_rmse(squares, KEYS)
