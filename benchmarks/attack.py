"""How long the attack on a large plain table takes, and how much memory.

    python benchmarks/attack.py FOLDER [--work W1 W3 W4] [--pattern primary slices found] [--level ambiguous] [--leaves]
        [--saved FILE.npy]

FOLDER holds areas.csv (regso, regso_name, kommun, lan, area_type, population) and cases.parquet (case_id, regso, date,
benefit, sex, age_group).  W1: RegSO, municipality, county (and nation) x benefit with totals; W3: by sex too; W4: by
sex and age group too, 595 350 cells.  The cells are distinct cases of 2022; threshold 5, zeros published.

The pattern does not matter to the attack, but to its time.  `primary`: the cells below the threshold alone, most of
which can be computed.  `slices`: those, and every other cell that is not 0 of a RegSO, and of a municipality below 50,
by more than one attribute, so that most are safe.  `joined`: also of a county below 20, so that all counties are one
component.  `found`: what `publisher protect` would withhold.  `saved`: what FILE.npy withholds, as the search on
the linked system of benchmarks/suppression.py found it, one boolean a cell: nation, counties, municipalities, RegSO, by
codes of every attribute with the total last.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
from suppression import index_of, read_areas

from publisher.suppression.blocks import BoolArray
from publisher.tabular.attack import Truth, attack_table
from publisher.tabular.cells import Cells
from publisher.tabular.hierarchies import hierarchy_files
from publisher.tabular.leaves import Leaves, read_leaves
from publisher.tabular.protect import protect
from publisher.tabular.rows import CsvFile
from publisher.tabular.spec import Spec, load_spec
from publisher.tabular.table import read_table, write_table

YEAR, THRESHOLD = 2022, 5
PATTERNS = ("primary", "slices", "joined", "found", "saved")
WORKS = {"W1": ("benefit",), "W3": ("benefit", "sex"), "W4": ("benefit", "sex", "age_group")}
SPEC = """value: n
dimensions:
  - {column: regso, total: "00", size: population, hierarchies: [{file: areas.csv, levels: [regso, kommun, lan]}]}
%s
rules: [{threshold: 5}]
zeros: published
protection: {level: %s}
forced: [total]
"""


def write_files(folder: Path, source: Path, work: str, level: str) -> None:
    """LEAVES.csv, areas.csv and SPEC.yaml of a work."""
    columns = ["regso", *WORKS[work]]
    (folder / "areas.csv").write_bytes((source / "areas.csv").read_bytes())
    flat = "\n".join(f"  - {{column: {c}, total: TOT}}" for c in columns[1:])
    (folder / "SPEC.yaml").write_text(SPEC % (flat, level), encoding="utf-8")
    names = ", ".join(columns)
    duckdb.execute(
        f"COPY (SELECT {names}, count(DISTINCT case_id) n FROM read_parquet('{source / 'cases.parquet'}') "
        f"WHERE year(date) = {YEAR} AND regso IN (SELECT regso FROM read_csv('{source / 'areas.csv'}', "
        f"all_varchar = true)) GROUP BY ALL ORDER BY ALL) TO '{folder / 'LEAVES.csv'}' (HEADER)"
    )


def pattern_of(name: str, leaves: Leaves, spec: Spec) -> BoolArray:
    """The cells to withhold, flat."""
    if name == "found":
        return protect(leaves, spec).pattern.suppressed
    cells = Cells.of(leaves.axes)
    values = cells.add_up(leaves.values)
    small = (values > 0) & (values < THRESHOLD)
    if name == "primary":
        return small
    at = np.indices(cells.shape).reshape(len(cells.shape), -1)
    area = np.array(cells.axes[0].level_of)[at[0]]
    by_several = (at[1:] > 0).sum(axis=0) > min(1, len(cells.shape) - 2)
    wide = (area == "regso") | ((area == "kommun") & (values < 10 * THRESHOLD))
    if name == "joined":
        wide |= (area == "lan") & (values < 4 * THRESHOLD)
    return small | ((values > 0) & by_several & wide)


def read_pattern(path: Path, source: Path, cells: Cells) -> BoolArray:
    """The cells of a saved pattern, flat, in the order of a table's cells."""
    levels = index_of(read_areas(source, "all")).levels(("riket", "lan", "kommun", "regso"), YEAR)
    at = {code: k for k, code in enumerate(code for level in levels for code in level.codes)}
    areas = [0, *(at[code] for code in cells.axes[0].codes[1:])]
    totals_last = [[len(a.codes) - 1, *range(len(a.codes) - 1)] for a in cells.axes[1:]]
    saved = np.load(path).reshape(len(at), *cells.shape[1:])
    out: BoolArray = saved[np.ix_(areas, *totals_last)]
    if out.sum() != saved.sum():
        raise ValueError("the pattern withholds cells that the table does not have")
    return out.ravel()


def run(source: Path, work: str, pattern: str, level: str, *, known: bool, saved: Path | None) -> None:
    """One attack, from the files to the report."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, source, work, level)
        spec = load_spec(folder / "SPEC.yaml")
        files = hierarchy_files(spec)
        leaves = read_leaves(CsvFile.read(folder / "LEAVES.csv"), spec, files)
        axes, values = leaves.axes, Cells.of(leaves.axes).add_up(leaves.values)
        hidden = read_pattern(saved, source, Cells.of(axes)) if saved else pattern_of(pattern, leaves, spec)
        path = folder / "TABLE.csv"
        path.write_bytes(write_table([a.column for a in axes], [a.codes for a in axes], values, hidden))
        start, wall = time.process_time(), time.monotonic()
        table = read_table(CsvFile.read(path), [d.column for d in spec.dimensions])
        truth = Truth.of(read_leaves(CsvFile.read(folder / "LEAVES.csv"), spec, files), spec) if known else None
        reading = time.monotonic() - wall
        report = attack_table(table, spec, files, truth=truth)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{work} {pattern}: {len(values)} cells, {report.counts}", flush=True)
    print(
        f"   {time.monotonic() - wall:.1f} s ({reading:.1f} s of it reading), "
        f"{time.process_time() - start:.1f} CPU s, {memory} MB at most", flush=True
    )  # fmt: skip


def main() -> None:
    """Run the works and patterns named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", nargs="+", default=["W1", "W3", "W4"], choices=sorted(WORKS))
    parser.add_argument("--pattern", nargs="+", default=["primary", "slices"], choices=PATTERNS)
    parser.add_argument("--level", default="ambiguous", choices=["exact", "interval", "ambiguous"])
    parser.add_argument("--leaves", action="store_true", help="the attack is told which cells are sensitive")
    parser.add_argument("--saved", type=Path, help="what pattern `saved` withholds")
    given = parser.parse_args()
    if ("saved" in given.pattern) != (given.saved is not None):
        parser.error("--pattern saved needs --saved FILE.npy, and the other way round")
    for work in given.work:
        for pattern in given.pattern:
            saved = given.saved if pattern == "saved" else None
            run(given.folder, work, pattern, given.level, known=given.leaves, saved=saved)


if __name__ == "__main__":
    main()
