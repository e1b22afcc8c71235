"""Two tables with one rho: measured apart, each with half of it, against measured together.

Usage: python benchmarks/together.py FOLDER [--draws N]

FOLDER as of `benchmarks/noise.py`.  `areas`: D1, distinct person-cells of RegSO, municipality, county, nation and area
type by benefit.  `groups`: municipality, county and nation by benefit, sex and age group.  rho 0.1 in all, k = 4.

Prints, as JSON, for both weights of cells the analytic weighted error of each table apart and together, and the joint
plan's ratio to the limit; and over N paired draws for both kinds of estimate: the summed squared error of each table
apart and together, the root mean squared error of its upper levels, cells that both tables show otherwise, and CPU
seconds.
"""

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import duckdb
import numpy as np
from noise import AGE, BENEFITS, BOUND, SEX, TERMS, bounded_rows, charge_for, keys_of
from numpy.typing import NDArray

from publisher.cube import BoundedCube
from publisher.cube.bounded import _MINT
from publisher.noise.agreement import shared_estimates, shared_variances
from publisher.noise.area_system import FloatArray
from publisher.noise.combine import estimates, expected_variances
from publisher.noise.mechanism import discrete_gaussian, measure
from publisher.noise.postprocess import Estimate, expected_rmse, group_means
from publisher.noise.strategy import cell_weights, limit_weighted
from publisher.noise.strategy.error import group_sizes
from publisher.noise.workloads import Workload, workloads
from publisher.policy.check_together import ESTIMATES
from publisher.policy.model import CategorySpec, EstimateKind, MeasureSpec, TableSpec, Weights
from publisher.relations import Column, KeySet, fill_totals
from publisher.release.model import Text

BENEFIT = Column("benefit", BENEFITS, personal=False)
TABLES = {
    "areas": (("riket", "lan", "kommun", "regso", "area_type"), ("benefit",)),
    "groups": (("riket", "lan", "kommun"), ("benefit", "sex", "age_group")),
}


def specs(estimate: EstimateKind, weights: Weights, share: Fraction, *, together: bool) -> tuple[TableSpec, ...]:
    """The two tables, with a share of the rho each, or with all of it together."""
    noise = replace(TERMS, estimate=estimate, weights=weights, rho=TERMS.rho * share)
    first = next(iter(TABLES))
    return tuple(
        TableSpec(
            name, Text(name, name), (MeasureSpec("n", "persons"),), tuple(CategorySpec(c, total=True) for c in columns),
            areas, replace(noise, together_with=first if together and name != first else ""),
        )
        for name, (areas, columns) in TABLES.items()
    )  # fmt: skip


def made(whole: KeySet, tables: tuple[TableSpec, ...], *, together: bool) -> tuple[Workload, ...]:
    """One workload of both, or one of each."""

    def keys(of: tuple[TableSpec, ...]) -> KeySet:
        used, levels = {c.column for t in of for c in t.categories}, {a for t in of for a in t.areas}
        columns = tuple(c for c in whole.columns if c.id in used)
        kept = tuple(v for v in whole.levels if v.level in levels)
        return KeySet(whole.leaves, kept, columns, (True,) * len(columns))

    return workloads([tables] if together else [(t,) for t in tables], keys)


def weighted(spread: FloatArray, keys: KeySet, weights: Weights) -> float:
    """The weighted summed variance of a table."""
    means = np.array(list(group_means(spread, keys).values())).reshape(group_sizes(keys).shape)
    return float((cell_weights(keys, weights, ()) * group_sizes(keys) * means).sum())


def planned(whole: KeySet) -> dict[str, object]:
    """Analytic errors: what is known before anything is drawn."""
    out: dict[str, object] = {}
    for weights in Weights:
        start = time.process_time()
        tables = specs(EstimateKind.UNBIASED, weights, Fraction(1), together=True)
        (joint,) = made(whole, tables, together=True)
        spread, (part,) = shared_variances(joint), joint.parts
        planning = time.process_time() - start
        errors = {t.id: weighted(spread[t.id], k, weights) for t, k in zip(tables, joint.views, strict=True)}
        half = apart(whole, weights)
        relative = sum(errors[t] / (half[t] / 2) for t in errors)  # each over its own with all of the rho
        limit = limit_weighted(part.keys, rho=TERMS.rho, bound=BOUND, most=1, weighed=joint.weights(part))
        out[weights.value] = {
            "apart": {t: round(e, 1) for t, e in half.items()}, "together": {t: round(e, 1) for t, e in errors.items()},
            "together_over_apart": {t: round(errors[t] / half[t], 4) for t in half},
            "ratio_to_limit": round(relative / limit.value, 4), "limit_is_tight": limit.tight,
            "planning_cpu": round(planning, 2),
        }  # fmt: skip
    return out


def apart(whole: KeySet, weights: Weights) -> dict[str, float]:
    """The weighted error of each table by itself with half of the rho."""
    tables = specs(EstimateKind.UNBIASED, weights, Fraction(1, 2), together=False)
    return {
        w.tables[0].id: weighted(expected_variances(w.tables[0], w.keys, w.noise)["n"], w.keys, weights)
        for w in made(whole, tables, together=False)
    }


def drawn(workload: Workload, counts: NDArray[np.int64], kind: EstimateKind) -> dict[str, Estimate]:
    """One draw of a workload, by table id."""
    (part,) = workload.parts
    own = [i for i, c in enumerate((BENEFIT, SEX, AGE), start=1) if c not in part.keys.columns]
    cube = BoundedCube(_MINT, part.keys, counts.sum(axis=tuple(own)), BOUND, part.quantity)
    seen = measure(cube, part, strategy=workload.plan(part), charge=charge_for([part]), noise=discrete_gaussian)
    if workload.shared:
        return shared_estimates(seen, workload)
    (table,) = workload.tables
    return {table.id: estimates({part.name: seen}, table, workload.keys, kind=kind, signed=())["n"]}


def upper(errors: FloatArray, keys: KeySet) -> dict[str, float]:
    """Root mean squared errors of the upper levels, by level and number of columns kept."""
    found = expected_rmse(errors, keys)
    return {
        f"{level} x {'+'.join(c.id for c, k in zip(keys.columns, kept, strict=True) if k) or 'total'}": round(error, 2)
        for (level, kept), error in found.items()
        if level in ("riket", "lan", "kommun")
    }


def seen(whole: KeySet, counts: NDArray[np.int64], draws: int) -> dict[str, object]:
    """Paired draws of both kinds of estimate, every cell alike."""
    out: dict[str, object] = {}
    for kind in ESTIMATES:
        for together in (False, True):
            share = Fraction(1) if together else Fraction(1, 2)
            ways = made(whole, specs(kind, Weights.CELLS, share, together=together), together=together)
            out[f"{kind.value}, {'together' if together else 'apart'}"] = _repeated(ways, counts, kind, draws)
    return out


def _repeated(
    ways: tuple[Workload, ...], counts: NDArray[np.int64], kind: EstimateKind, draws: int
) -> dict[str, object]:
    start, errors = time.process_time(), dict[str, FloatArray]()
    views = {t.id: k for w in ways for t, k in zip(w.tables, w.views, strict=True)}
    truth = {t: _exact(counts, keys) for t, keys in views.items()}
    contradictions = 0
    for _ in range(draws):
        found = {t: e for w in ways for t, e in drawn(w, counts, kind).items()}
        for t, e in found.items():
            errors[t] = errors.get(t, 0) + (e.values - truth[t]) ** 2 / draws
        contradictions += _contradictions({t: e.values for t, e in found.items()}, views)
    return {
        "summed_squared_error": {t: round(float(e.sum()), 1) for t, e in errors.items()},
        "rmse": {t: upper(e, views[t]) for t, e in errors.items()},
        "cells_shown_otherwise_a_draw": round(contradictions / draws, 1),
        "cpu_a_draw": round((time.process_time() - start) / draws, 2),
    }


def _exact(counts: NDArray[np.int64], keys: KeySet) -> NDArray[np.int64]:
    own = [i for i, c in enumerate((BENEFIT, SEX, AGE), start=1) if c not in keys.columns]
    return fill_totals(counts.sum(axis=tuple(own)), keys)


def _contradictions(values: Mapping[str, FloatArray], views: Mapping[str, KeySet]) -> int:
    """Cells of benefit alone that the two tables show otherwise."""
    rows = [sum(len(v.codes) for v in views[t].levels if v.level in ("riket", "lan", "kommun")) for t in values]
    first, second = (values[t] for t in TABLES)
    return int((np.abs(first[: rows[0]] - second[: rows[1], :, -1, -1]) > 1e-6).sum())


def counts_of(folder: Path, keys: KeySet) -> NDArray[np.int64]:
    """Bounded persons of 2022 by RegSO, benefit, sex and age group."""
    query = bounded_rows(folder, "year(date) = 2022")
    rows = duckdb.execute(
        f"SELECT regso, benefit, sex, age_group, count(DISTINCT person_id) FROM ({query}) GROUP BY ALL"
    ).fetchall()
    at = [{c: i for i, c in enumerate(codes)} for codes in (keys.leaves, *(c.codes for c in keys.columns))]
    counts = np.zeros([len(a) for a in at], dtype=np.int64)
    for *codes, n in rows:
        counts[tuple(a[c] for a, c in zip(at, codes, strict=True))] = n
    return counts


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=20)
    options = parser.parse_args()
    whole = keys_of(options.folder, (BENEFIT, SEX, AGE))
    out: dict[str, object] = {"planned": planned(whole)}
    if options.draws:
        out["seen"] = seen(whole, counts_of(options.folder, whole), options.draws)
    print(json.dumps(out, indent=2))


if __name__ == "__main__":
    main()
