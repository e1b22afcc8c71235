"""Error and cost of the noise on four works: rho 0.1, k = 4, year 2022, RegSO, municipality, county, nation, area type.

Usage: python benchmarks/noise.py FOLDER [--draws N] [--work D1 D2 D3 D4] [--weights all-levels-alike]
       [--times lan/benefit=1.6 ...] [--unlike] [--months]

FOLDER holds `areas.csv` and `cases.parquet` of the synthetic country.  D1: distinct person-cells by benefit.  D2: D1 by
sex and age group.  D3: sums of amount_sek by benefit, one clamp a benefit.  D4: different persons by benefit.

Prints, as JSON, for each work and both weights of its cells: the analytic weighted error beside the limit that no
unbiased Gaussian mechanism passes (D1, D2: NOISE gives 1 817 776 and 56.44 million for cells alike), and beside an even
split; and over N paired draws, seen against the bounded truth: summed squared error and root mean squared error by area
level and marginal of each kind of estimate (the shrunken one without and with the areas' population), negative cells,
broken totals, the share of 95 % intervals that hold by class of true size, CPU seconds of each step, peak memory.
`--weights`, `--times`: which errors the draws make small, and groups of cells that weigh more or less.  `--unlike`:
every category's areas are exchanged at random, so that an area has nothing in common with its own total, its
municipality or its population.  `--months`: D1 in each month of the year instead, each at the same rho, to show the
growth.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TypeVar

import duckdb
import numpy as np
from numpy.typing import NDArray

from publisher import ledger as ledger_module
from publisher.cube import BoundedCube
from publisher.cube.bounded import _MINT
from publisher.ledger import Account, Charge
from publisher.noise.area_system import FloatArray
from publisher.noise.combine import estimates, expected_variances
from publisher.noise.measurement import Measurement
from publisher.noise.mechanism import NoiseSource, discrete_gaussian, measure
from publisher.noise.parts import Part, parts_of, plan_of
from publisher.noise.postprocess import Estimate, expected_rmse, variances
from publisher.noise.publish import ProtectedCells, protect
from publisher.noise.strategy import cell_weights, limit_of
from publisher.policy.model import (
    CategorySpec,
    Clamp,
    ContributionBound,
    EstimateKind,
    GroupWeight,
    MeasureSpec,
    Noise,
    TableSpec,
    Weights,
)
from publisher.quantity import UNITS as UNITS_OF_CLAMP
from publisher.relations import AreaLevel, Column, KeySet
from publisher.release.model import Text

Result = TypeVar("Result")
BOUND = ContributionBound(4, "last")
TERMS = Noise(
    rho=Fraction(1, 10), bound=BOUND, weights=Weights.CELLS, estimate=EstimateKind.UNBIASED,
    uncertain_cv=Fraction(3, 10), withhold_below=None,
)  # fmt: skip
BENEFITS = (
    "sjukpenning", "foraldrapenning", "vab", "bostadsbidrag", "sjukersattning", "aktivitetsersattning",
    "assistansersattning", "underhallsstod",
)  # fmt: skip
SEX = Column("sex", ("man", "woman"), personal=True)
AGE = Column("age_group", ("16-24", "25-34", "35-44", "45-54", "55-66"), personal=True)
ROWS = """
    WITH rows AS (FROM '{folder}/cases.parquet' SELECT * WHERE {when}),
    places AS (
        SELECT person_id, arg_max(regso, (date, case_id)) AS regso, arg_max(sex, (date, case_id)) AS sex,
        arg_max(age_group, (date, case_id)) AS age_group FROM rows GROUP BY person_id
    ),
    pairs AS (SELECT person_id, benefit, sum(amount_sek)::BIGINT AS amount FROM rows GROUP BY ALL),
    ranked AS (SELECT *, row_number() OVER (PARTITION BY person_id ORDER BY md5(person_id||benefit)) AS n FROM pairs)
    SELECT person_id, benefit, amount, regso, sex, age_group FROM ranked JOIN places USING (person_id) WHERE n <= 4
"""


def bounded_rows(folder: Path, when: str) -> str:
    """SQL of one row a bounded person and benefit."""
    return ROWS.format(folder=folder, when=when)


def keys_of(folder: Path, columns: tuple[Column, ...]) -> KeySet:
    """The keys of D1 or D2: RegSO, municipality, county, nation and area type, with totals."""
    query = f"SELECT regso, kommun, lan, 'T'||area_type FROM read_csv('{folder}/areas.csv', all_varchar = true)"
    areas = sorted(duckdb.execute(query).fetchall())
    regso, kommun, lan, types = ([str(a[k]) for a in areas] for k in range(4))
    of = {"riket": ["00"] * len(areas), "lan": lan, "kommun": kommun, "regso": regso, "area_type": types}
    levels = []
    for name, cells in of.items():
        codes = sorted(set(cells))
        levels.append(AreaLevel(name, tuple(codes), np.array([codes.index(c) for c in cells], dtype=np.int64)))
    return KeySet(tuple(regso), tuple(levels), columns, (True,) * len(columns))


def timed(times: dict[str, float], name: str, work: Callable[[], Result]) -> Result:
    """Run `work`, adding up its CPU seconds."""
    start = time.process_time()
    out = work()
    times[name] = times.get(name, 0.0) + time.process_time() - start
    return out


def charge_for(parts: Iterable[Part]) -> Charge:
    """A charge for every part."""
    return Charge(
        ledger_module._MINT, account=Account("bench", 2022), run_key="d1", sequence=1,
        parts={p.name: p.rho_units for p in parts},
    )  # fmt: skip


def named(groups: dict[tuple[str, tuple[bool, ...]], float], keys: KeySet) -> dict[str, float]:
    """Root mean squared errors under readable names."""
    ids = [c.id for c in keys.columns]
    return {
        f"{level} x {'+'.join(i for i, k in zip(ids, kept, strict=True) if k) or 'total'}": round(value, 2)
        for (level, kept), value in groups.items()
    }


def planned(spec: TableSpec, keys: KeySet) -> dict[str, object]:
    """What is known before anything is drawn, for both weights."""
    out: dict[str, object] = {}
    for weights in Weights:
        start, noise = time.process_time(), replace(TERMS, weights=weights)
        part = parts_of(replace(spec, protection=noise), keys)[0]
        strategy = plan_of(part, noise)
        planning = time.process_time() - start
        spread = variances(strategy, part.keys)
        rmse = expected_rmse(spread, part.keys)
        weigh = cell_weights(part.keys, weights, ()).ravel()
        error = sum(w * g.cells * rmse[g.level, g.kept] ** 2 for w, g in zip(weigh, strategy.groups, strict=True))
        even = sum(
            w * float(g.cells * g.squared_sensitivity / (2 * Fraction(part.rho_units, len(weigh) * 10**9)))
            for w, g in zip(weigh, strategy.groups, strict=True)
        )
        rho = Fraction(part.rho_units, 10**9)
        limit = limit_of(part.keys, rho=rho, bound=BOUND, weights=weights, most=part.quantity.most)
        out[weights.value] = {
            "part": part.name, "error": round(error), "limit": round(limit.value), "tight": limit.tight,
            "ratio_to_limit": round(error / limit.value, 4), "even_split_ratio": round(even / limit.value, 3),
            "expected_rmse": named(rmse, part.keys), "cpu_planning": round(planning, 2),
            "cpu_with_limit": round(time.process_time() - start, 2),
        }  # fmt: skip
    return out


class Seen:
    """Errors of one estimate over paired draws.  `over_columns`: whether totals over columns are sums."""

    def __init__(self, truth: FloatArray, keys: KeySet, *, over_columns: bool) -> None:
        self.truth, self.keys, self.over_columns = truth, keys, over_columns
        self.squares, self.draws, self.negative, self.broken = np.zeros(truth.shape), 0, 0.0, 0
        self.shown, self.held = np.zeros(truth.shape), np.zeros(truth.shape)

    def add(self, shown: Estimate, cells: ProtectedCells) -> None:
        """One draw."""
        values, unit = shown.values, 10.0**cells.decimals
        self.squares += (values - self.truth) ** 2
        self.negative += float((values < 0).mean())
        self.broken += totals_broken(values, self.keys, over_columns=self.over_columns)
        self.shown += 1
        self.held += (cells.lower / unit <= self.truth) & (self.truth <= cells.upper / unit)
        self.draws += 1

    def result(self) -> dict[str, object]:
        """What was seen."""
        classes = np.digitize(self.truth, [0.5, 3.5, 10.5, 99.5])
        names = ("0", "1-3", "4-10", "11-99", "100-")
        return {
            "squared_error": round(float(self.squares.sum()) / self.draws),
            "rmse": named(expected_rmse(self.squares / self.draws, self.keys), self.keys),
            "negative_cells": round(self.negative / self.draws, 4),
            "totals_that_do_not_add_up": self.broken,
            "covered": {
                name: round(float(self.held[classes == k].sum() / self.shown[classes == k].sum()), 4)
                for k, name in enumerate(names)
                if (classes == k).any()
            },
        }


def totals_broken(values: FloatArray, keys: KeySet, *, over_columns: bool) -> int:
    """Totals over areas (both hierarchies, from the leaves), and over columns where they add up, that are not the sum
    of what is shown."""
    leaves = next(v for v in keys.levels if v.level == "regso")
    first = sum(len(v.codes) for v in keys.levels[: keys.levels.index(leaves)])
    inner = values[first : first + len(leaves.codes)][leaves.member].reshape(len(keys.leaves), -1)
    sums = np.concatenate([v.matrix @ inner for v in keys.levels]).reshape(values.shape)
    broken = int((np.abs(sums - values) > 1e-6).sum())
    for axis, column in enumerate(keys.columns, start=1):
        parts, total = np.split(values, [len(column.codes)], axis=axis)
        broken += int((np.abs(parts.sum(axis=axis, keepdims=True) - total) > 1e-6).sum()) if over_columns else 0
    return broken


def drawn(
    spec: TableSpec, keys: KeySet, counts: Mapping[str, NDArray[np.int64]], draws: int, population: NDArray[np.int64]
) -> dict[str, object]:
    """Paired draws of every part, each shown in all ways.  The truth is what the same parts give without noise."""
    parts, measure_id = parts_of(spec, keys), (spec.sums or (spec.count,))[0].id
    cubes = {p.name: BoundedCube(_MINT, p.keys, counts[p.name], BOUND, p.quantity) for p in parts}
    strategies = {p.name: plan_of(p, terms_of(spec)) for p in parts}

    def measured(source: NoiseSource) -> dict[str, Measurement]:
        charge = charge_for(parts)
        return {
            p.name: measure(cubes[p.name], p, strategy=strategies[p.name], charge=charge, noise=source) for p in parts
        }

    exact = estimates(measured(lambda values, _: values), spec, keys, kind=EstimateKind.UNBIASED, signed=())
    truth = np.round(exact[measure_id].centre, 4) + 0.0
    ways = {kind.value: Way(kind, None) for kind in EstimateKind}
    ways["shrunken, by population"] = Way(EstimateKind.SHRUNKEN, population)
    added = spec.count.kind != "persons_distinct"
    seen = {name: Seen(truth, keys, over_columns=added) for name in ways}
    times: dict[str, float] = {}
    for _ in range(draws):
        noisy = timed(times, "measure", lambda: measured(discrete_gaussian))
        for name, way in ways.items():
            found = timed(times, name, lambda: way.estimate(noisy, spec, keys)[measure_id])  # noqa: B023
            noise, withheld = replace(TERMS, estimate=way.kind), np.zeros(keys.shape, dtype=bool)
            made = partial(protect, found, noise=noise, decimals=0, withheld=withheld)
            seen[name].add(found, timed(times, f"{name}: intervals and marks", made))
    return {
        "cells": int(np.prod(keys.shape)), "draws": draws,
        **{name: of_way.result() for name, of_way in seen.items()},
        "cpu_a_draw": {name: round(seconds / draws, 2) for name, seconds in times.items()},
    }  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A way to show a table: the kind of estimate, and the population that it takes for the size of areas."""

    kind: EstimateKind
    population: NDArray[np.int64] | None

    def estimate(self, noisy: Mapping[str, Measurement], spec: TableSpec, keys: KeySet) -> dict[str, Estimate]:
        """Of every measure."""
        return estimates(noisy, spec, keys, kind=self.kind, signed=(), population=self.population)


def terms_of(spec: TableSpec) -> Noise:
    """The terms of a table of the benchmark."""
    if not isinstance(spec.protection, Noise):
        raise TypeError("the benchmark's tables are protected by noise")
    return spec.protection


CLAMPS = {
    "sjukpenning": 150_000, "foraldrapenning": 120_000, "vab": 15_000, "bostadsbidrag": 60_000,
    "sjukersattning": 250_000, "aktivitetsersattning": 200_000, "assistansersattning": 2_000_000,
    "underhallsstod": 40_000,
}  # fmt: skip
"""Declared, near what the upper part of the persons get in a year; any choice below the largest truncates."""


def table_of(keys: KeySet, *measures: MeasureSpec) -> TableSpec:
    """A table of the benchmark's terms."""
    categories = tuple(CategorySpec(c.id, total=True) for c in keys.columns)
    return TableSpec("d", Text("d", "d"), measures, categories, tuple(v.level for v in keys.levels), TERMS)


def columns_of(work: str) -> tuple[Column, ...]:
    """The category columns of a work."""
    benefit = Column("benefit", BENEFITS, personal=False)
    return (benefit, SEX, AGE) if work == "D2" else (benefit,)


def spec_of(work: str, keys: KeySet) -> TableSpec:
    """The table of a work; a sum has its own rho beside that of the count, which is not looked at."""
    if work == "D3":
        clamp = Clamp("benefit", tuple((b, CLAMPS[b]) for b in BENEFITS))
        amount = MeasureSpec("amount", "sum", of="amount", rho=Fraction(1, 10), clamp=clamp)
        return table_of(keys, MeasureSpec("n", "persons"), amount)
    return table_of(keys, MeasureSpec("n", "persons_distinct" if work == "D4" else "persons"))


def counts_of(folder: Path, spec: TableSpec, keys: KeySet, when: str) -> dict[str, NDArray[np.int64]]:
    """What each part counts of bounded persons: the last area, at most four benefits, amounts clamped."""
    out = {}
    bounded = bounded_rows(folder, when)
    for part in parts_of(spec, keys):
        names = [c.id for c in part.keys.columns]
        what = "count(DISTINCT person_id)"
        if part.quantity.clamp is not None:
            limits = " ".join(f"WHEN '{b}' THEN {part.quantity.clamp.of(b)}" for b in BENEFITS)
            limit = f"(CASE benefit {limits} END)"
            what = f"sum(((least(amount, {limit}) * {UNITS_OF_CLAMP}) // {limit})::BIGINT)::BIGINT"
        rows = duckdb.execute(
            f"SELECT {', '.join(['regso', *names])}, {what} FROM ({bounded}) GROUP BY ALL"
        ).fetchall()
        counts = np.zeros((len(keys.leaves), *[len(c.codes) for c in part.keys.columns]), dtype=np.int64)
        at = {code: i for i, code in enumerate(keys.leaves)}
        codes = [{code: i for i, code in enumerate(c.codes)} for c in part.keys.columns]
        for area, *values, n in rows:
            counts[(at[area], *[c[v] for c, v in zip(codes, values, strict=True)])] += n
        out[part.name] = counts
    return out


def population_of(folder: Path, keys: KeySet) -> NDArray[np.int64]:
    """Inhabitants of every area, repeated over the categories: shape keys.shape."""
    query = f"SELECT regso, population FROM read_csv('{folder}/areas.csv', types = {{'regso': 'VARCHAR'}})"
    sizes = {str(regso): int(number) for regso, number in duckdb.execute(query).fetchall()}
    leaves = np.array([sizes[leaf] for leaf in keys.leaves])
    areas = np.concatenate([v.matrix @ leaves for v in keys.levels]).astype(np.int64)
    return np.broadcast_to(areas.reshape(-1, *[1] * len(keys.columns)), keys.shape)


def exchanged(counts: Mapping[str, NDArray[np.int64]]) -> dict[str, NDArray[np.int64]]:
    """Each combination of categories at areas drawn at random, the same every time."""
    rng, out = np.random.default_rng(20220428), {}
    for name, cells in counts.items():
        flat = cells.reshape(len(cells), -1)
        out[name] = np.stack([rng.permutation(code) for code in flat.T], axis=1).reshape(cells.shape)
    return out


def group_weight(text: str) -> GroupWeight:
    """From `lan/benefit=1.6`: an error in a county's benefit weighs 1.6 times as much."""
    group, _, times = text.partition("=")
    area, *columns = group.split("/")
    return GroupWeight(area, tuple(columns), Fraction(times))


def work(
    folder: Path, name: str, draws: int, terms: Noise = TERMS, when: str = "year(date) = 2022", unlike: bool = False
) -> dict[str, object]:
    """One work: what is planned, and what is seen."""
    keys = keys_of(folder, columns_of(name))
    spec = spec_of(name, keys)
    spec = replace(spec, protection=terms)
    result: dict[str, object] = {"planned": planned(spec, keys)} if name in ("D1", "D2") else {}
    if name in ("D3", "D4"):
        errors = expected_variances(spec, keys, TERMS)[(spec.sums or (spec.count,))[0].id]
        result["expected_rmse"] = named(expected_rmse(errors, keys), keys)
    if draws:
        counts = counts_of(folder, spec, keys, when)
        shown = exchanged(counts) if unlike else counts
        result["seen"] = drawn(spec, keys, shown, draws, population_of(folder, keys))
    return result


def main() -> None:
    """Print the figures of the works."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--work", nargs="+", choices=["D1", "D2", "D3", "D4"], default=["D1", "D2", "D3", "D4"])
    parser.add_argument("--weights", type=Weights, choices=list(Weights), default=Weights.CELLS)
    parser.add_argument("--times", type=group_weight, nargs="+", default=[])
    parser.add_argument("--unlike", action="store_true", help="exchange the areas of every category at random")
    parser.add_argument("--months", action="store_true", help="D1 in each month, to show the growth")
    options = parser.parse_args()
    out: dict[str, object] = {}
    terms = replace(TERMS, weights=options.weights, times=tuple(options.times))
    if options.months:
        start = time.process_time()
        for month in range(1, 13):
            when = f"year(date) = 2022 AND month(date) = {month}"
            found = work(options.folder, "D1", 1, terms, when)
            out[f"month {month}"] = found["seen"]
            out["cpu_so_far"] = round(time.process_time() - start, 1)
    for name in [] if options.months else options.work:
        out[name] = work(options.folder, name, options.draws, terms, unlike=options.unlike)
    out["peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
