"""Attack 13 over the whole way: from case records with and without one person to what is published of them.

What is deterministic (read, place, collapse, bound, count) is done once for each data set.  The rest (draw, estimate,
round, mark) is done many times at once: a table of many *copies* of the small register, none of which touches another,
is as many tables of one (`test_noise_pipeline` sees that it is).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from noisetables import charge_for, cube_of, sum_of, table_of, terms
from scipy.stats import beta, norm
from source_records import BENEFIT, KEY, declare, opened

from publisher.bounding import bound_contributions, collapse
from publisher.cube import count_bounded
from publisher.draft.noisy import noisy_measures
from publisher.draft.tables import ProtectedMeasure
from publisher.geography.placing import locate
from publisher.geography.register import AreaIndex, RegisterArea
from publisher.noise.measurement import Measurement
from publisher.noise.mechanism import NoiseSource, discrete_gaussian, measure
from publisher.noise.parts import parts_of, plan_of
from publisher.noise.strategy import Strategy
from publisher.policy.declarations import AmountDeclaration
from publisher.policy.model import Clamp, ContributionBound, EstimateKind, MeasureSpec, Noise, TableSpec
from publisher.relations import AreaLevel, Column, IntArray, KeySet
from publisher.release.model import Text

HERE, THERE = "0180R001", "0180R002"
INDEX = AreaIndex(
    "e2020", tuple(RegisterArea(c, c, "0180", "K", "01", "L") for c in (HERE, THERE)), {2022: {HERE: "1"}}
)
LEVELS = ("riket", "regso", "area_type")
CLAMP = Clamp("benefit", (("a", 300), ("b", 20_000), ("c", 7)))
BOUND = ContributionBound(2, "last", per_cell=4)
RHO = Fraction(1)
COPIES = 200
UNBIASED, WHOLE = APART = EstimateKind.UNBIASED, EstimateKind.NON_NEGATIVE_INTEGERS
"""The kinds of estimate for which copies side by side are as many tables.  A shrunken one learns from all of them how
areas differ; that it sees nothing but what was measured is tested by itself (`test_noise_shrunken`)."""


class Record(NamedTuple):
    """One row of a case file."""

    person: str
    case: int
    area: str | None
    day: date
    benefit: str
    sex: str
    paid: int


DAY = date(2022, 3, 1)
OTHERS = [
    Record(f"P{n:02}", n, (HERE, THERE, "0180", None)[n % 4], DAY, "ab"[n % 2], "man", 10 * n) for n in range(1, 13)
] + [Record(f"P{n:02}", n, HERE, DAY, "abc"[n % 3], "man", 9) for n in range(13, 19)]


def worst_person(name: str = "P99") -> list[Record]:
    """More than the bound in every way: three benefits, six cases of each with amounts beyond the clamp, in several
    areas, on several days, with the case ids of others, and every row twice."""
    rows = [
        Record(name, 6 * b + k, (THERE, None, HERE)[k % 3], DAY + timedelta(k), benefit, "woman", 10**6)
        for b, benefit in enumerate("abc")
        for k in range(6)
    ]
    return rows * 2


@dataclass(frozen=True)
class Measured:
    """What is deterministic of one data set: the table, its cells, and what the records give for each part."""

    table: TableSpec
    keys: KeySet
    counts: Mapping[str, IntArray]


def table_for(keys: KeySet) -> TableSpec:
    """Cases and a clamped sum, half of the budget each; cases alone where there is one hierarchy of areas."""
    count = MeasureSpec("n", "cases")
    if len(keys.levels) < 3:
        return table_of(keys, [count], terms(rho=RHO, bound=BOUND))
    return table_of(keys, [count, sum_of(CLAMP, RHO / 2)], terms(rho=RHO / 2, bound=BOUND))


def keys_for(column: Column = BENEFIT, *, small: bool = False) -> KeySet:
    levels = LEVELS[:2] if small else LEVELS
    return KeySet(INDEX.leaves, INDEX.levels(levels, 2022), (column,), (True,))


def from_records(rows: Sequence[Record], column: Column = BENEFIT, *, small: bool = False) -> Measured:
    """Read, place, collapse, bound and count."""
    keys = keys_for(column, small=small)
    spec = table_for(keys)
    paid = AmountDeclaration("amount", "paid", Text("b", "b"), Text("kr", "kr"), "", {"": (-(10**7), 10**7)}, "clamp")
    names = ("pid", "cid", "place", "day", "benefit_col", "sex_col", "paid")
    with TemporaryDirectory() as folder:
        pq.write_table(pa.table({n: [r[i] for r in rows] for i, n in enumerate(names)}), Path(folder) / "cases.parquet")
        with opened(Path(folder), declare(amounts=(paid,))) as cases:
            distinct = collapse(locate(cases, INDEX, unknown_areas="refuse", amounts=("amount",)))
            bounded = bound_contributions(distinct, bound=BOUND, columns=keys.columns, key=KEY, detailed=True)
            counts = {
                p.name: count_bounded(bounded, keys=p.keys, quantity=p.quantity).counts for p in parts_of(spec, keys)
            }
    return Measured(spec, keys, counts)


def copied(keys: KeySet, copies: int) -> KeySet:
    """So many registers side by side."""
    at = np.arange(copies)[:, None]
    levels = [
        AreaLevel(
            v.level,
            tuple(f"{n}:{c}" for n in range(copies) for c in v.codes),
            np.where(v.member < 0, -1, at * len(v.codes) + v.member).ravel(),
        )
        for v in keys.levels
    ]
    leaves = tuple(f"{n}:{leaf}" for n in range(copies) for leaf in keys.leaves)
    return KeySet(leaves, tuple(levels), keys.columns, keys.totals)


def plans_of(measured: Measured) -> dict[str, Strategy]:
    """The plan of each part, as a run would make it."""
    noise = measured.table.protection
    assert isinstance(noise, Noise)
    return {p.name: plan_of(p, noise) for p in parts_of(measured.table, measured.keys)}


def drawn(measured: Measured, copies: int, source: NoiseSource) -> dict[str, Measurement]:
    """Every part drawn once for every copy."""
    parts, plans = parts_of(measured.table, copied(measured.keys, copies)), plans_of(measured)
    charge, out = charge_for(parts), {}
    for part in parts:
        plan = plans[part.name]
        groups = tuple(replace(g, cells=g.cells * copies) for g in plan.groups)
        counts = np.tile(measured.counts[part.name], (copies, *[1] * len(part.keys.columns)))
        out[part.name] = measure(
            cube_of(part.keys, counts, BOUND, part.quantity), part, strategy=replace(plan, groups=groups),
            charge=charge, noise=source,
        )  # fmt: skip
    return out


def published(
    measured: Measured, seen: Mapping[str, Measurement], kind: EstimateKind, copies: int
) -> Mapping[str, ProtectedMeasure]:
    """What a policy with that kind of estimate publishes of what was drawn."""
    noise = measured.table.protection
    assert isinstance(noise, Noise)
    noise, keys = replace(noise, estimate=kind), copied(measured.keys, copies)
    spec = replace(measured.table, protection=noise)
    return noisy_measures(seen, spec, keys, noise=noise, populations={}, signed=())


def by_copy(values: np.ndarray, keys: KeySet, copies: int) -> np.ndarray:
    """Shape (copies, cells of one copy), from (areas of all copies level by level, ...)."""
    ends = np.cumsum([len(v.codes) * copies for v in keys.levels])[:-1]
    parts = [p.reshape(copies, -1) for p in np.split(values, ends)]
    return np.concatenate(parts, axis=1)


def numbers(found: Mapping[str, ProtectedMeasure], keys: KeySet, copies: int) -> np.ndarray:
    """What is published of each copy as numbers: values, upper ends of intervals, marks.  (Lower ends are cut at 0,
    and where they are not they say what upper ones do.)"""
    columns = []
    for one in found.values():
        assert one.upper is not None
        marks = np.array([s.value == "uncertain" for s in one.status.ravel()]).reshape(one.status.shape)
        columns += [by_copy(a, keys, copies) for a in (one.values, one.upper, marks)]
    return np.concatenate(columns, axis=1).astype(float)


def draws(
    measured: Measured, kinds: Sequence[EstimateKind], number: int, source: NoiseSource = discrete_gaussian
) -> list[np.ndarray]:
    """What is published in `number` independent runs, for each kind of estimate: shape (number, numbers published)."""
    out: list[list[np.ndarray]] = [[] for _ in kinds]
    for _ in range(number // COPIES):
        seen = drawn(measured, COPIES, source)
        for rows, kind in zip(out, kinds, strict=True):
            rows.append(numbers(published(measured, seen, kind, COPIES), measured.keys, COPIES))
    return [np.concatenate(rows) for rows in out]


def training(rows: np.ndarray) -> int:
    """How many of the first runs choose the event; the others are counted."""
    return len(rows) // 5


def scores(inside: np.ndarray, outside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The best linear test between the two (the likelihood ratio, for Gaussian numbers), learnt from the first runs.

    A little is added to every variance, for some numbers say the same, and some may not vary at all.
    """
    first = training(inside)
    scale = np.concatenate([inside[:first], outside[:first]]).std(axis=0)
    scale[scale == 0] = 1
    inside, outside = inside / scale, outside / scale
    spread = (np.cov(inside[:first].T) + np.cov(outside[:first].T)) / 2
    apart = inside[:first].mean(axis=0) - outside[:first].mean(axis=0)
    weights = np.linalg.solve(spread + 1e-4 * np.eye(len(spread)), apart)
    return inside @ weights, outside @ weights


ALARM = 1e-3
"""Of each of the two bounds.  They err apart, so that both together are too high 6 times in a million."""


def rates(inside: np.ndarray, outside: np.ndarray, threshold: float) -> tuple[float, float]:
    """Clopper-Pearson: least true and greatest false positive rate beyond a threshold, on all but the first runs."""
    first = training(inside)
    rest = len(inside) - first
    hits, false = int((inside[first:] > threshold).sum()), int((outside[first:] > threshold).sum())
    lower = beta.ppf(ALARM, hits, rest - hits + 1) if hits else 0.0
    upper = beta.ppf(1 - ALARM, false + 1, rest - false) if false < rest else 1.0
    return float(lower), float(upper)


def bounds_of(inside: np.ndarray, outside: np.ndarray, delta: float) -> tuple[float, float]:
    """Lower bounds of mu and of epsilon at `delta`, for what is published with and without the person.

    The event for mu is the middle between both; the one for epsilon is what 99 of 100 of the first runs without
    the person lie below.
    """
    with_, without = scores(inside, outside)
    first = training(with_)
    middle = float(np.median(np.concatenate([with_[:first], without[:first]])))
    true, false = rates(with_, without, middle)
    far = rates(with_, without, float(np.quantile(without[:first], 0.99)))
    epsilon = max(float(np.log(max(t - delta, 1e-300) / f)) for t, f in ((true, false), far))
    return float(norm.ppf(true) - norm.ppf(false)), epsilon


def neighbours(person: Sequence[Record] | None = None, *, small: bool = False) -> tuple[Measured, Measured]:
    """With the person, and without."""
    inside = [*OTHERS, *(worst_person() if person is None else person)]
    return from_records(inside, small=small), from_records(OTHERS, small=small)
