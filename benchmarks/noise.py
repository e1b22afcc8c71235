"""Error and cost of the noise on work D1: distinct persons by RegSO and benefit, 2022, k = 4, rho = 0.1.

Usage: python benchmarks/noise.py FOLDER [--draws N]

FOLDER holds `areas.csv` and `cases.parquet` of the synthetic country at a tenth of its size.  Prints, as JSON: root
mean squared error of each area level and marginal against the bounded truth, as expected and as seen; the summed
variance of all 33 120 cells beside the smallest that any unbiased Gaussian strategy has (1 817 776, a dual bound); how
often the 95 % intervals hold; CPU seconds of each step; the peak of memory in MiB.  D2 crosses D1 with sex and age
group; its variances are analytic.
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

from publisher import cube as cube_module
from publisher import ledger as ledger_module
from publisher.cube import BoundedCube
from publisher.ledger import Account, Charge
from publisher.noise.mechanism import measure
from publisher.noise.postprocess import Estimate, estimate, expected_rmse, variances
from publisher.noise.publish import protect
from publisher.noise.strategy import Strategy, plan
from publisher.policy.model import ContributionBound, EstimateKind, Noise, Weights
from publisher.relations import AreaLevel, Column, KeySet, fill_totals

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


def draw(cube: BoundedCube, strategy: Strategy, times: dict[str, float]) -> Estimate:
    """One measurement and its estimate."""
    charge = Charge(
        ledger_module._MINT, account=Account("bench", 2022), run_key="d1", sequence=1, tables={"d1": UNITS}
    )
    measured = timed(times, "measure", lambda: measure(cube, strategy=strategy, charge=charge, table="d1"))
    return timed(times, "estimate", lambda: estimate(measured, cube.keys))


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
    cube = BoundedCube(cube_module._MINT, keys, counts_of(folder, keys), BOUND)
    truth = fill_totals(cube.counts, keys)
    strategy = plan(keys, rho_units=UNITS, bound=BOUND, weights=Weights.CELLS)
    expected = timed(times, "variances", lambda: variances(strategy, keys))
    seen, covered = np.zeros(keys.shape), 0.0
    for _ in range(draws):
        result = draw(cube, strategy, times)
        cells = timed(times, "protect", lambda: protect(result, noise=TERMS, decimals=0)).cells  # noqa: B023
        bounds = np.array([(c.lower, c.upper) for c in cells], dtype=np.float64)
        covered += float(((bounds[:, 0] <= truth.ravel()) & (truth.ravel() <= bounds[:, 1])).mean()) / draws
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
    strategy = plan(keys, rho_units=UNITS, bound=BOUND, weights=Weights.CELLS)
    expected = timed(times, "variances", lambda: variances(strategy, keys))
    return {"ratio_to_limit": round(expected.sum() / LIMITS["D2"], 4), "cpu_seconds": times}


def main() -> None:
    """Print the figures of both works."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=5)
    options = parser.parse_args()
    out: dict[str, object] = {"D1": first_work(options.folder, options.draws), "D2": second_work(options.folder)}
    out["peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
