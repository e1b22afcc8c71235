"""Suppression of amounts: all of Sweden by RegSO and benefit, with dominance and p %, and what an attack on it finds.

    python benchmarks/sums.py FOLDER [FOLDER ...] [--lower-bound]

FOLDER holds areas.csv (regso, regso_name, kommun, lan, area_type, population) and cases.parquet (person_id, regso,
date, benefit, amount_sek); several folders show the growth.  A cell is the whole kronor of 2022; a contribution is what
one person has in it.  Rules: dominance (1, 75 %) and p 10 %; the nation's totals are published for certain.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import duckdb

from publisher.tabular.attack import Truth, attack_table
from publisher.tabular.hierarchies import hierarchy_files
from publisher.tabular.leaves import read_leaves
from publisher.tabular.protect import bound_secondary, protect
from publisher.tabular.rows import CsvFile
from publisher.tabular.spec import load_spec
from publisher.tabular.table import read_table

YEAR = 2022
SPEC = """value: n
dimensions:
  - {column: regso, total: "00", size: population, hierarchies: [{file: areas.csv, levels: [regso, kommun, lan]}]}
  - {column: benefit, total: TOT}
contributors: [largest, second]
rules: [{dominance: {n: 1, k: "75"}}, {p_percent: "10"}]
zeros: published
protection: {level: exact}
forced: [total]
"""
LEAVES = """
COPY (
    WITH each AS (
        SELECT regso, benefit, person_id, round(sum(amount_sek))::BIGINT AS paid
        FROM read_parquet('{cases}')
        WHERE year(date) = {year} AND regso IN (SELECT regso FROM read_csv('{areas}', all_varchar = true))
        GROUP BY ALL
    )
    SELECT regso, benefit, sum(paid)::BIGINT AS n, max(paid) AS largest, coalesce(max(paid, 2)[2], 0) AS second
    FROM each WHERE paid > 0 GROUP BY ALL ORDER BY ALL
) TO '{leaves}' (HEADER)
"""


def run(source: Path, *, lower_bound: bool) -> None:
    """From the cases to a protected table, and the attack on it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        areas = folder / "areas.csv"
        areas.write_bytes((source / "areas.csv").read_bytes())
        (folder / "SPEC.yaml").write_text(SPEC, encoding="utf-8")
        duckdb.execute(
            LEAVES.format(cases=source / "cases.parquet", areas=areas, year=YEAR, leaves=folder / "LEAVES.csv")
        )
        spec = load_spec(folder / "SPEC.yaml")
        files = hierarchy_files(spec)
        leaves = read_leaves(CsvFile.read(folder / "LEAVES.csv"), spec, files)
        start = time.process_time()
        made = protect(leaves, spec)
        seconds = time.process_time() - start
        path = folder / "TABLE.csv"
        path.write_bytes(made.table_bytes())
        withheld = int(made.values[made.pattern.suppressed].sum())
        print(
            f"{source.name}: {len(made.values)} cells, primary {made.pattern.primary_count}, secondary "
            f"{made.pattern.secondary_count} (value {made.secondary_value}, {100 * withheld / made.values[0]:.2f} % of "
            f"all withheld), {seconds:.1f} CPU s"
        )
        if lower_bound:
            start, least = time.process_time(), bound_secondary(made, spec).secondary
            gap, seconds = 100 * (made.pattern.secondary_count - least) / max(1, least), time.process_time() - start
            print(f"   at least {least} secondary by any pattern (gap {gap:.1f} %), {seconds:.1f} CPU s")
        start = time.process_time()
        table = read_table(CsvFile.read(path), [d.column for d in spec.dimensions])
        report = attack_table(table, spec, files, truth=Truth.of(leaves, spec))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"   attack: {report.counts}, {time.process_time() - start:.1f} CPU s, {memory} MB; {report.reasons}")


def main() -> None:
    """Run the folders named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--lower-bound", action="store_true", help="prove how many secondary cells any pattern has")
    given = parser.parse_args()
    for folder in given.folder:
        run(folder, lower_bound=given.lower_bound)


if __name__ == "__main__":
    main()
