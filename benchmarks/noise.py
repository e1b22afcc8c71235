"""Error and cost of the noise on work D1: distinct persons by RegSO and benefit, 2022, k = 4, rho = 0.1.

Usage: python benchmarks/noise.py FOLDER [--draws N]

FOLDER holds `areas.csv` and `cases.parquet` of the synthetic country at a tenth of its size.  Prints, as JSON: root
mean squared error of each area level and marginal against the bounded truth, as expected and as seen; the summed
variance of all 33 120 cells beside the smallest that any unbiased Gaussian strategy has (1 817 776, a dual bound); how
often the 95 % intervals hold; CPU seconds of each step; the peak of memory in MiB.  D2 crosses D1 with sex and age
group; its variances are analytic.  D3 sums amount_sek by the same areas and benefits, one clamp a benefit; D4 counts
distinct persons: both expected only, D3's errors relative to the mean cell of each benefit and level.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import duckdb
import numpy as np
from numpy.typing import NDArray

from publisher import ledger as ledger_module
from publisher.cube import BoundedCube
from publisher.cube.bounded import _MINT
from publisher.ledger import Account, Charge
from publisher.noise.combine import expected_variances
from publisher.noise.mechanism import measure
from publisher.noise.parts import Part, plan_of
from publisher.noise.postprocess import Estimate, estimate, expected_rmse, variances
from publisher.noise.publish import protect, withheld_cells
from publisher.noise.strategy import Strategy, plan
from publisher.policy.model import (
    CategorySpec,
    Clamp,
    ContributionBound,
    EstimateKind,
    MeasureSpec,
    Noise,
    TableSpec,
    Weights,
)
from publisher.quantity import Quantity
from publisher.relations import AreaLevel, Column, KeySet, fill_totals
from publisher.release.model import Text

Result = TypeVar("Result")
UNITS = 10**8
BOUND = ContributionBound(4, "last")
TERMS = Noise(
    rho=Fraction(1, 10), bound=BOUND, weights=Weights.CELLS, estimate=EstimateKind.UNBIASED,
    uncertain_cv=Fraction(3, 10), withhold_below=None,
)  # fmt: skip
LIMITS = {"D1": 1_817_776, "D2": 56_440_000}
BENEFITS = (
    "sjukpenning", "foraldrapenning", "vab", "bostadsbidrag", "sjukersattning", "aktivitetsersattning",
    "assistansersattning", "underhallsstod",
)  # fmt: skip
QUANTITY = Quantity("persons", 1)
COUNTS = """
    WITH rows AS (FROM '{folder}/cases.parquet' SELECT * WHERE year(date) = 2022),
    places AS (SELECT person_id, arg_max(regso, (date, case_id)) AS regso FROM rows GROUP BY person_id),
    pairs AS (SELECT DISTINCT person_id, benefit FROM rows),
    ranked AS (SELECT *, row_number() OVER (PARTITION BY person_id ORDER BY md5(person_id||benefit)) AS n FROM pairs),
    kept AS (SELECT person_id, benefit FROM ranked WHERE n <= 4)
    SELECT regso, benefit, count(*) FROM kept JOIN places USING (person_id) GROUP BY ALL
"""


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


def counts_of(folder: Path, keys: KeySet) -> NDArray[np.int64]:
    """Bounded person-cells: the last area, at most four benefits."""
    at = {code: i for i, code in enumerate(keys.leaves)}
    counts = np.zeros((len(at), len(BENEFITS)), dtype=np.int64)
    for area, benefit, n in duckdb.execute(COUNTS.format(folder=folder)).fetchall():
        counts[at[area], BENEFITS.index(benefit)] = n
    return counts


def timed(times: dict[str, float], name: str, work: Callable[[], Result]) -> Result:
    """Run `work`, remembering its CPU seconds."""
    start = time.process_time()
    out = work()
    times[name] = round(time.process_time() - start, 2)
    return out


def draw(cube: BoundedCube, part: Part, strategy: Strategy, times: dict[str, float]) -> Estimate:
    """One measurement and its estimate."""
    charge = Charge(
        ledger_module._MINT, account=Account("bench", 2022), run_key="d1", sequence=1, parts={part.name: UNITS}
    )
    measured = timed(times, "measure", lambda: measure(cube, part, strategy=strategy, charge=charge))
    return timed(times, "estimate", lambda: estimate(measured))


def named(groups: dict[tuple[str, tuple[bool, ...]], float], keys: KeySet) -> dict[str, float]:
    """Root mean squared errors under readable names."""
    ids = [c.id for c in keys.columns]
    return {
        f"{level} x {'+'.join(i for i, k in zip(ids, kept, strict=True) if k) or 'total'}": round(value, 2)
        for (level, kept), value in groups.items()
    }


def first_work(folder: Path, draws: int) -> dict[str, object]:
    """D1: expected and seen."""
    times: dict[str, float] = {}
    keys = keys_of(folder, (Column("benefit", BENEFITS, False),))
    cube = BoundedCube(_MINT, keys, counts_of(folder, keys), BOUND, QUANTITY)
    part = Part("d1/persons", "persons", QUANTITY, keys, UNITS)
    truth = fill_totals(cube.counts, keys)
    strategy = plan_of(part, TERMS)
    expected = timed(times, "variances", lambda: variances(strategy, keys))
    seen, covered = np.zeros(keys.shape), 0.0
    for _ in range(draws):
        result = draw(cube, part, strategy, times)
        withheld = withheld_cells(result, TERMS)
        cells = timed(
            times, "protect", lambda: protect(result, noise=TERMS, decimals=0, withheld=withheld)  # noqa: B023
        )
        covered += float(((cells.lower <= truth) & (truth <= cells.upper)).mean()) / draws
        seen += (result.values - truth) ** 2 / draws
    return {
        "expected_rmse": named(expected_rmse(expected, keys), keys),
        "seen_rmse": named(expected_rmse(seen, keys), keys),
        "ratio_to_limit": round(expected.sum() / LIMITS["D1"], 4),
        "covered": round(covered, 4),
        "cpu_seconds": times,
    }


def second_work(folder: Path) -> dict[str, object]:
    """D2: expected only."""
    times: dict[str, float] = {}
    columns = (
        Column("benefit", BENEFITS, False), Column("sex", ("man", "woman"), True),
        Column("age_group", ("16-24", "25-34", "35-44", "45-54", "55-66"), True),
    )  # fmt: skip
    keys = keys_of(folder, columns)
    strategy = plan(keys, rho_units=UNITS, bound=BOUND, weights=Weights.CELLS, most=1)
    expected = timed(times, "variances", lambda: variances(strategy, keys))
    return {"ratio_to_limit": round(expected.sum() / LIMITS["D2"], 4), "cpu_seconds": times}


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


def third_work(folder: Path) -> dict[str, object]:
    """D3: expected error of a clamped sum, in SEK and relative to the mean cell of each benefit and level."""
    times: dict[str, float] = {}
    keys = keys_of(folder, (Column("benefit", BENEFITS, False),))
    amount = MeasureSpec(
        "amount", "sum", of="amount", rho=Fraction(1, 10),
        clamp=Clamp("benefit", tuple((b, CLAMPS[b]) for b in BENEFITS)),
    )  # fmt: skip
    spec = table_of(keys, MeasureSpec("n", "persons"), amount)
    found = timed(times, "variances", lambda: expected_variances(spec, keys, TERMS))["amount"]
    query = f"SELECT benefit, sum(amount_sek) FROM '{folder}/cases.parquet' WHERE year(date) = 2022 GROUP BY 1"
    totals = {str(b): float(v) for b, v in duckdb.execute(query).fetchall()}
    first, relative = 0, {}
    for level in keys.levels:
        rows = slice(first, first + len(level.codes))
        first += len(level.codes)
        for k, benefit in enumerate(BENEFITS):
            error = float(np.sqrt(found[rows, k].mean()))
            relative[f"{level.level} x {benefit}"] = round(error / (totals[benefit] / len(level.codes)), 3)
    return {"expected_sek": named(expected_rmse(found, keys), keys), "relative": relative, "cpu_seconds": times}


def fourth_work(folder: Path) -> dict[str, object]:
    """D4: expected error of distinct persons."""
    times: dict[str, float] = {}
    keys = keys_of(folder, (Column("benefit", BENEFITS, False),))
    spec = table_of(keys, MeasureSpec("n", "persons_distinct"))
    found = timed(times, "variances", lambda: expected_variances(spec, keys, TERMS))["n"]
    return {"expected_rmse": named(expected_rmse(found, keys), keys), "cpu_seconds": times}


def main() -> None:
    """Print the figures of all works."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=5)
    options = parser.parse_args()
    out: dict[str, object] = {
        "D1": first_work(options.folder, options.draws),
        "D2": second_work(options.folder),
        "D3": third_work(options.folder),
        "D4": fourth_work(options.folder),
    }
    out["peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
