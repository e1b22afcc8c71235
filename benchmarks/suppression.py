"""Secondary suppression beside what other programs reached on the same tables.

    python benchmarks/suppression.py FOLDER [FOLDER ...] [--level interval] [--work W1 W2 W3 W4] [--county 05 12 all]
        [--lower-bound] [--insiders] [--persons] [--attack] [--keep FILE.npy] [--found FILE.npy]

FOLDER holds areas.csv (regso, regso_name, kommun, lan, area_type, population) and cases.parquet (case_id, regso,
date, benefit, sex, age_group); several folders (of cases made at several scales) show the growth.  W1: RegSO,
municipality, county (and nation) x benefit with totals; W2: linked with area types; W3: W1 x sex; W4: W3 x age group.
The cells are distinct cases of 2022 and the frequency rule counts cases too, so that the figures compare with those of
the peers, which were measured once, elsewhere, on cases made with --scale 0.1, and are printed as they were.
`--persons`: the rule counts different persons instead, and insiders are persons; with `--level ambiguous --insiders`
that is the default of a policy.
"""

import argparse
import csv
import resource
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from publisher.audit.attacker.alternatives import Alternatives
from publisher.audit.attacker.insiders import insider_problem
from publisher.audit.attacker.problem import given_system, ranges_of
from publisher.geography.register import AreaIndex, RegisterArea
from publisher.policy.model import ProtectionLevel, ThresholdRule, Zeros
from publisher.relations import (
    AreaLevel,
    Column,
    IntArray,
    KeySet,
    LinkedSystem,
    all_cells,
    latent_levels,
    linked_system,
)
from publisher.release.model import TOTAL
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.insiders import NOBODY
from publisher.suppression.lower import lower_bound
from publisher.suppression.pattern import CountTerms, Layer, SuppressionPattern, find_pattern
from publisher.suppression.primary import sensitive_cells
from publisher.suppression.single import single_units
from publisher.suppression.weights import public_weights

YEAR, THRESHOLD = 2022, 5
KEY = b"benchmark, not a secret"
ATTRIBUTES = {"W1": ("benefit",), "W2": ("benefit",), "W3": ("benefit", "sex"), "W4": ("benefit", "sex", "age_group")}
PEERS = {
    ("W1", "05"): (
        "GaussSuppression 44 secondary (372), 70 narrow, 1.5 s; with intervals 76 (584), 44.5 s; "
        "sdcTable HITAS 31 (86 narrow), 12 s; OPT 32 (85 narrow), 57 s; HYPERCUBE 127 (2 narrow), 7 s; at least 63"
    ),
    ("W1", "12"): "GaussSuppression 113 secondary, 129 narrow, 3.9 s; with intervals no answer in 600 s",
    ("W1", "all"): "GaussSuppression 1141 secondary (8857), 1220 narrow, 240 s, 286 MB; sdcTable no answer in 700 s",
    ("W3", "05"): "GaussSuppression 259 secondary (2000), 153 narrow, 3.8 s, 255 MB; a prototype 265 (4961), 16.7 s",
    ("W3", "all"): "a prototype, intervals only, 6079 secondary (216063), 176 s, 515 MB",
    ("W4", "all"): "nobody finished",
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


def read_counts(folder: Path, attributes: tuple[str, ...]) -> list[tuple[str | int, ...]]:
    """Distinct cases of the year by area and attributes: area, codes, number."""
    names = ", ".join(("regso", *attributes))
    return duckdb.execute(
        f"SELECT {names}, count(DISTINCT case_id) FROM read_parquet(?) WHERE year(date) = ? GROUP BY ALL ORDER BY ALL",
        [str(folder / "cases.parquet"), YEAR],
    ).fetchall()


def keys_of(rows: list[dict[str, str]], counts: list[tuple[str | int, ...]], work: str, county: str) -> KeySet:
    """The areas of a work, the largest first, by its attributes with totals."""
    top = ("riket",) if county == "all" else ()
    names = (*top, "lan", "kommun", "regso", *(("area_type",) if work == "W2" else ()))
    columns = tuple(
        Column(name, tuple(sorted({str(r[1 + k]) for r in counts})), False) for k, name in enumerate(ATTRIBUTES[work])
    )
    index = index_of(rows)
    return KeySet(index.leaves, index.levels(names, YEAR), columns, (True,) * len(columns))


def leaf_counts(counts: list[tuple[str | int, ...]], keys: KeySet) -> tuple[IntArray, IntArray]:
    """Counts by leaf and codes, shape (leaves, codes ...), and the nation's, shape (codes ...)."""
    places = [{c: i for i, c in enumerate(codes)} for codes in (keys.leaves, *(c.codes for c in keys.columns))]
    out = np.zeros([len(p) for p in places], dtype=np.int64)
    nation = np.zeros(out.shape[1:], dtype=np.int64)
    for *codes, n in counts:
        at = tuple(p.get(c, -1) for p, c in zip(places, codes, strict=True))
        nation[at[1:]] += n
        if at[0] >= 0:
            out[at] = n
    return out, nation


def persons_of(folder: Path, attributes: tuple[str, ...], keys: KeySet, size: int) -> tuple[IntArray, IntArray]:
    """Different persons in every cell of the linked system, and who it is where it is one (else NOBODY)."""
    names = ", ".join(attributes)
    leaves = pd.DataFrame({"regso": keys.leaves, "leaf": np.arange(len(keys.leaves))})
    with duckdb.connect() as db:
        db.register("leaves", leaves)
        db.execute(
            f"CREATE TABLE seen AS SELECT DISTINCT leaf, dense_rank() OVER (ORDER BY person_id) AS person, {names} "
            "FROM read_parquet(?) JOIN leaves USING (regso) WHERE year(date) = ?", [str(folder / "cases.parquet"), YEAR]
        )  # fmt: skip
        levels = [_persons_at(db, attributes, keys, v) for v in (*keys.levels, *latent_levels(keys))]
    persons, alone = (np.concatenate([v[k] for v in levels]).ravel() for k in (0, 1))
    if len(persons) != size:
        raise ValueError("the cells of the system are others")
    return persons, alone


def _persons_at(
    db: duckdb.DuckDBPyConnection, attributes: tuple[str, ...], keys: KeySet, level: AreaLevel
) -> tuple[IntArray, IntArray]:
    """The same of one area level, shape (areas, codes of each column with its total)."""
    shape = (len(level.codes), *keys.category_shape)
    db.register("places", pd.DataFrame({"leaf": np.arange(len(level.member)), "cell": level.member}))
    rows = db.execute(
        f"SELECT cell, {', '.join(attributes)}, count(DISTINCT person), min(person) FROM seen JOIN places USING (leaf) "
        f"WHERE cell >= 0 GROUP BY cell, CUBE ({', '.join(attributes)})"
    ).fetchall()
    codes = [{**{c: i for i, c in enumerate(k.codes)}, None: len(k.codes)} for k in keys.columns]
    persons, alone = np.zeros(shape, dtype=np.int64), np.full(shape, NOBODY, dtype=np.int64)
    for cell, *of, number, first in rows:
        at = (cell, *(c[str(o) if o is not None else None] for c, o in zip(codes, of, strict=True)))
        persons[at], alone[at] = number, first if number == 1 else NOBODY
    return persons, alone


def expected(nation: IntArray, rows: list[dict[str, str]], everybody: int, keys: KeySet) -> IntArray:
    """Public size of each leaf cell: population x the nation's published rate."""
    people = {r["regso"]: int(r["population"]) for r in rows}
    return np.multiply.outer(np.array([people.get(c, 0) for c in keys.leaves]), nation) // everybody


def must_be_published(keys: KeySet, size: int, level: ProtectionLevel) -> np.ndarray:
    """The nation's cells but for the finest division (W1: all), and the totals of counties and municipalities.

    The others of the nation are dear, but some may have to be withheld: where as many areas as cases have one,
    everybody could tell that each of them has just one.  At `ambiguous` that is so in W4 of some by two attributes too
    (198 of a benefit at one age, in 191 areas), and what is published of the others gives those away: the nation's
    cells by one attribute are published.
    """
    most = 1 if level is ProtectionLevel.AMBIGUOUS else max(1, len(keys.columns) - 1)
    forced = []
    for area in keys.levels:
        for _ in area.codes:
            forced += [
                (area.level == "riket" and sum(code != TOTAL for code in key) <= most)
                or (area.level in ("lan", "kommun") and set(key) == {TOTAL})
                for key in keys.category_keys
            ]
    return np.array(forced + [False] * (size - len(forced)), dtype=np.bool_)


def insider_attack(
    system: LinkedSystem, layer: Layer, pattern: SuppressionPattern, told: Alternatives | None = None
) -> str:
    """What whoever is alone in a cell can compute, by the audit's own programmes; `told` as of `outsider_attack`."""
    start, matrix = time.process_time(), sparse.csr_matrix(system.equations)
    least = (pattern.suppressed & system.shown).astype(np.int64)
    found = insider_problem(
        matrix, layer.values, pattern.suppressed | ~system.shown, (least, layer.top),
        groups=layer.insiders, targets=np.flatnonzero(pattern.sensitive), told=told,
    )  # fmt: skip
    count = "the tables contradict themselves" if found is None else f"{len(found)} sensitive cells of others computed"
    return f"   insiders, {how_told(told)}: {count}, {time.process_time() - start:.1f} CPU s"


def how_told(told: Alternatives | None) -> str:
    """What an attack knew besides the table."""
    return "by themselves" if told is None else "told of the search's circulations"


def outsider_attack(
    system: LinkedSystem, layer: Layer, suppressed: NDArray[np.bool_], level: ProtectionLevel,
    told: Alternatives | None = None,
) -> str:  # fmt: skip
    """What outsiders can infer, by the audit's own programmes: points and narrow intervals of A0, the same of A1, as
    far as the level promises it.  `told`: what the search holds for its proof, which the audit checks first."""
    start, wall, matrix = time.process_time(), time.monotonic(), sparse.csr_matrix(system.equations)
    withheld = suppressed | ~system.shown
    at = np.flatnonzero(withheld)
    said = []
    widths = {
        ProtectionLevel.EXACT: (1, 1), ProtectionLevel.INTERVAL: (THRESHOLD, 1),
        ProtectionLevel.AMBIGUOUS: (THRESHOLD, THRESHOLD - 1),
    }[level]  # fmt: skip
    seen = None
    for name, least, width in (("A1", 1, widths[1]), ("A0", 0, widths[0])):
        need = np.where(layer.sensitive[at], float(width), 1.0)
        bounds = ((suppressed * least).astype(np.int64), np.full(system.size, 2**62))
        asked = given_system(matrix, layer.values, withheld, bounds, system.across)
        seen = ranges_of(asked, least=0, at=at, need=need, seen=seen, told=told)
        if seen is None:
            return "   the tables contradict themselves"
        low, high = (end[at] for end in seen.whole())
        wide, shown = high - low, suppressed[at]
        small = layer.sensitive[at] & (high < THRESHOLD) & (level is ProtectionLevel.AMBIGUOUS)
        said.append(
            f"{name} {int((shown & (wide < 1)).sum())} exact, {int((layer.sensitive[at] & (wide < width)).sum())} "
            f"narrow, {int(small.sum())} known small"
        )
    took = f"{time.process_time() - start:.1f} CPU s, {time.monotonic() - wall:.1f} s"
    return f"   outsiders, {how_told(told)}: {'; '.join(said[::-1])}, {took}"


@dataclass(frozen=True)
class Asked:
    """What to do besides the search."""

    level: ProtectionLevel
    lower_bound: bool
    insiders: bool
    persons: bool
    attack: bool
    alone: bool
    keep: Path | None = None
    found: Path | None = None


def problem_of(folder: Path, work: str, county: str, asked: Asked) -> tuple[LinkedSystem, Layer, CountTerms]:
    """The linked system of a work, and what is settled before the search."""
    rows, counts = read_areas(folder, county), read_counts(folder, ATTRIBUTES[work])
    everybody = sum(int(r["population"]) for r in read_areas(folder, "all"))
    keys = keys_of(rows, counts, work, county)
    leaves, nation = leaf_counts(counts, keys)
    system, values = linked_system(keys), all_cells(leaves, keys)
    none = np.zeros(system.size, dtype=np.int64)
    if asked.persons:
        counted, alone = persons_of(folder, ATTRIBUTES[work], keys, system.size)
    else:
        counted, alone = values, single_units(system, values)
    layer = Layer(
        values=values, sensitive=sensitive_cells(counted, rule=ThresholdRule(THRESHOLD), zeros=Zeros.PUBLISHED),
        withheld=none.astype(bool), forced=must_be_published(keys, system.size, asked.level), zeros=values == 0,
        weights=public_weights(all_cells(expected(nation, rows, everybody, keys), keys), key=KEY), top=none + NO_TOP,
        insiders=alone if asked.insiders else None,
    )
    return system, layer, CountTerms(asked.level, THRESHOLD, True, none)


def totals(layer: Layer, pattern: SuppressionPattern) -> str:
    """How many of the totals that must be published, and are not sensitive themselves, are withheld."""
    lost = pattern.suppressed & layer.forced & ~layer.sensitive
    return f"{int(lost.sum())} of {int((layer.forced & ~layer.sensitive).sum())} forced totals withheld"


def spent() -> float:
    """CPU seconds of this process and of those that it started and that ended, so far."""
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + others.ru_utime + others.ru_stime


def used(start: float) -> str:
    """CPU seconds since `start` (of `spent`), and the peak memory of the largest process so far."""
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return f"{spent() - start:.1f} CPU s, {peak // 1024} MB"


def run(folder: Path, work: str, county: str, asked: Asked) -> None:
    """One work: time, counts and value of the secondary cells, printed beside the peers'."""
    system, layer, terms = problem_of(folder, work, county, asked)
    start, wall = spent(), time.monotonic()
    if asked.found:
        print(f"{work} {county} {asked.level}, {folder.name}: the pattern of {asked.found.name}")
        print(outsider_attack(system, layer, np.load(asked.found), asked.level), flush=True)
        return
    pattern = find_pattern(system, layer, terms)
    if asked.keep:
        np.save(asked.keep, pattern.suppressed)
    secondary = pattern.suppressed & ~pattern.sensitive
    regime = (" of persons" if asked.persons else "") + (" with insiders" if asked.insiders else "")
    print(
        f"{work} {county} {asked.level}{regime}, {folder.name}: {system.size} cells, "
        f"primary {pattern.primary_count}, secondary {pattern.secondary_count} "
        f"(value {int(layer.values[secondary].sum())}), {totals(layer, pattern)}, {used(start)}, "
        f"{time.monotonic() - wall:.1f} s"
    )
    told = Alternatives(layer.values, sparse.csr_matrix(pattern.circulations))
    for known in [told] * asked.attack + [None] * asked.alone:
        print(outsider_attack(system, layer, pattern.suppressed, asked.level, known), flush=True)
        if asked.insiders:
            print(insider_attack(system, layer, pattern, known), flush=True)
    if asked.lower_bound:
        start = spent()
        least = lower_bound(system, layer, terms).secondary
        gap = 100 * (pattern.secondary_count - least) / max(1, least)
        print(f"   at least {least} secondary by any pattern (gap {gap:.1f} %), {used(start)}")
    print(f"   peers: {PEERS.get((work, county), 'none measured')}", flush=True)


def main() -> None:
    """Run the works named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--level", default="interval", type=ProtectionLevel)
    parser.add_argument("--work", nargs="+", default=["W1", "W2"], choices=sorted(ATTRIBUTES))
    parser.add_argument("--county", nargs="+", default=["05", "12", "all"])
    parser.add_argument("--lower-bound", action="store_true", help="prove how many secondary cells any pattern has")
    parser.add_argument("--insiders", action="store_true", help="also against whoever is alone in a cell")
    parser.add_argument("--persons", action="store_true", help="the frequency rule counts different persons")
    parser.add_argument("--attack", action="store_true", help="let outsiders attack what was found, as the audit does")
    parser.add_argument("--alone", action="store_true", help="and without what the search holds for its proof")
    parser.add_argument("--keep", type=Path, help="write the pattern there, for --found: one boolean a cell")
    parser.add_argument("--found", type=Path, help="attack this pattern, and search for none: one boolean a cell")
    given = parser.parse_args()
    asked = Asked(**{k: v for k, v in vars(given).items() if k not in ("folder", "work", "county")})
    for folder in given.folder:
        for work in given.work:
            for county in given.county:
                run(folder, work, county, asked)


if __name__ == "__main__":
    main()
