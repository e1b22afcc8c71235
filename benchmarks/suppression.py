"""Secondary suppression beside what other programs reached on the same tables.

    python benchmarks/suppression.py FOLDER [--level interval] [--work W1 W2] [--county 05 12 all] [--lower-bound]

FOLDER holds areas.csv (regso, regso_name, kommun, lan, area_type, population) and cases.parquet (case_id, regso,
date, benefit).  W1: RegSO, municipality, county (and nation) x benefit with totals; W2: linked with area types.  The
cells are distinct cases of 2022 and the frequency rule counts cases too, so that the figures compare with those of the
peers, which were measured once, elsewhere, and are printed as they were.
"""

import argparse
import csv
import resource
import time
from pathlib import Path

import duckdb
import numpy as np
from scipy import sparse

from publisher.audit.attacker.insiders import insider_problem
from publisher.geography.register import AreaIndex, RegisterArea
from publisher.policy.model import ProtectionLevel, ThresholdRule, Zeros
from publisher.relations import Column, IntArray, KeySet, LinkedSystem, all_cells, linked_system
from publisher.release.model import TOTAL
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.lower import lower_bound
from publisher.suppression.pattern import CountTerms, Layer, SuppressionPattern, find_pattern
from publisher.suppression.primary import sensitive_cells
from publisher.suppression.single import single_units
from publisher.suppression.weights import public_weights

YEAR, THRESHOLD = 2022, 5
KEY = b"benchmark, not a secret"
PEERS = {
    ("W1", "05"): (
        "GaussSuppression 44 secondary (372), 70 narrow, 1.5 s; with intervals 76 (584), 44.5 s; "
        "sdcTable HITAS 31 (86 narrow), 12 s; OPT 32 (85 narrow), 57 s; HYPERCUBE 127 (2 narrow), 7 s; at least 63"
    ),
    ("W1", "12"): "GaussSuppression 113 secondary, 129 narrow, 3.9 s; with intervals no answer in 600 s",
    ("W1", "all"): "GaussSuppression 1141 secondary (8857), 1220 narrow, 240 s, 286 MB; sdcTable no answer in 700 s",
    ("W2", "05"): "sdcTable linked tables 55 secondary, 7 exact, 81 narrow, 4.7 s",
    ("W2", "all"): "GaussSuppression 1142 secondary (8863), 1218 narrow, 254 s, 297 MB",
}


def read_areas(folder: Path, county: str) -> list[dict[str, str]]:
    """Rows of areas.csv of one county, or of all."""
    with (folder / "areas.csv").open(encoding="utf-8", newline="") as file:
        return [r for r in csv.DictReader(file) if county in ("all", r["lan"])]


def index_of(rows: list[dict[str, str]]) -> AreaIndex:
    """The register of those areas."""
    areas = [
        RegisterArea(r["regso"], r["regso_name"], r["kommun"], r["kommun"], r["lan"], r["lan"])
        for r in sorted(rows, key=lambda r: r["regso"])
    ]
    return AreaIndex("benchmark", tuple(areas), {YEAR: {r["regso"]: r["area_type"] for r in rows}})


def read_counts(folder: Path) -> list[tuple[str, str, int]]:
    """Distinct cases of the year by area and benefit."""
    return duckdb.execute(
        "SELECT regso, benefit, count(DISTINCT case_id) FROM read_parquet(?) WHERE year(date) = ? GROUP BY ALL",
        [str(folder / "cases.parquet"), YEAR],
    ).fetchall()


def leaf_counts(counts: list[tuple[str, str, int]], keys: KeySet) -> IntArray:
    """Counts by leaf and benefit, shape (leaves, benefits)."""
    leaf = {c: i for i, c in enumerate(keys.leaves)}
    code = {c: i for i, c in enumerate(keys.columns[0].codes)}
    out = np.zeros((len(leaf), len(code)), dtype=np.int64)
    for regso, benefit, n in counts:
        if regso in leaf:
            out[leaf[regso], code[benefit]] = n
    return out


def expected(counts: list[tuple[str, str, int]], rows: list[dict[str, str]], everybody: int, keys: KeySet) -> IntArray:
    """Public size of each leaf cell: population x the nation's published rate of the benefit."""
    people = {r["regso"]: int(r["population"]) for r in rows}
    nation = [sum(n for _, b, n in counts if b == code) for code in keys.columns[0].codes]
    return np.array([[people.get(c, 0) * n // everybody for n in nation] for c in keys.leaves], dtype=np.int64)


def must_be_published(keys: KeySet, size: int) -> np.ndarray:
    """The nation, and the totals over benefits of counties and municipalities."""
    forced = []
    for level in keys.levels:
        for _ in level.codes:
            forced += [
                level.level == "riket" or (level.level in ("lan", "kommun") and key == (TOTAL,))
                for key in keys.category_keys
            ]
    return np.array(forced + [False] * (size - len(forced)), dtype=np.bool_)


def insider_attack(system: LinkedSystem, layer: Layer, pattern: SuppressionPattern) -> str:
    """What whoever is alone in a cell can compute, by the audit's own programmes."""
    start, matrix = time.process_time(), sparse.csr_matrix(system.equations)
    least = (pattern.suppressed & system.shown).astype(np.int64)
    found = insider_problem(
        matrix, layer.values, pattern.suppressed | ~system.shown, (least, layer.top),
        groups=single_units(system, layer.values), targets=np.flatnonzero(pattern.sensitive),
    )  # fmt: skip
    count = "the tables contradict themselves" if found is None else f"{len(found)} sensitive cells of others computed"
    return f"   insiders: {count}, {time.process_time() - start:.1f} CPU s"


def run(
    folder: Path, work: str, county: str, level: ProtectionLevel, *, bounded: bool, insiders: bool
) -> None:
    """One work: time, counts and value of the secondary cells, printed beside the peers'."""
    rows, counts = read_areas(folder, county), read_counts(folder)
    everybody = sum(int(r["population"]) for r in read_areas(folder, "all"))
    top = ("riket",) if county == "all" else ()
    names = (*top, "lan", "kommun", "regso", *(("area_type",) if work == "W2" else ()))
    index = index_of(rows)
    benefits = Column("benefit", tuple(sorted({b for _, b, _ in counts})), False)
    keys = KeySet(index.leaves, index.levels(names, YEAR), (benefits,), (True,))
    system, values = linked_system(keys), all_cells(leaf_counts(counts, keys), keys)
    sizes = all_cells(expected(counts, rows, everybody, keys), keys)
    sensitive = sensitive_cells(values, rule=ThresholdRule(THRESHOLD), zeros=Zeros.PUBLISHED)
    forced, weights = must_be_published(keys, system.size), public_weights(sizes, key=KEY)
    start = time.process_time()
    none = np.zeros(system.size, dtype=np.int64)
    layer = Layer(
        values=values, sensitive=sensitive, withheld=none.astype(bool), forced=forced, zeros=values == 0,
        weights=weights, top=none + NO_TOP, insiders=single_units(system, values) if insiders else None,
    )
    terms = CountTerms(level, THRESHOLD, True, none)
    pattern = find_pattern(system, layer, terms)
    seconds = time.process_time() - start
    secondary = pattern.suppressed & ~pattern.sensitive
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{work} {county} {level}: {system.size} cells, primary {pattern.primary_count}, secondary "
        f"{pattern.secondary_count} (value {int(values[secondary].sum())}), {seconds:.1f} CPU s, {memory} MB"
    )
    print(insider_attack(system, layer, pattern))
    if bounded:
        start = time.process_time()
        least = lower_bound(system, layer, terms).secondary
        gap = 100 * (pattern.secondary_count - least) / max(1, least)
        seconds = time.process_time() - start
        print(f"   at least {least} secondary by any pattern (gap {gap:.1f} %), {seconds:.1f} CPU s")
    print(f"   peers: {PEERS.get((work, county), 'none measured')}")


def main() -> None:
    """Run the works named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--level", default="interval", type=ProtectionLevel)
    parser.add_argument("--work", nargs="+", default=["W1", "W2"])
    parser.add_argument("--county", nargs="+", default=["05", "12", "all"])
    parser.add_argument("--lower-bound", action="store_true", help="prove how many secondary cells any pattern has")
    parser.add_argument("--insiders", action="store_true", help="also against whoever is alone in a cell")
    given = parser.parse_args()
    for work in given.work:
        for county in given.county:
            run(given.folder, work, county, given.level, bounded=given.lower_bound, insiders=given.insiders)


if __name__ == "__main__":
    main()
