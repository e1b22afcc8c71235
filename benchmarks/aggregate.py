"""Measures the way from records to a bounded cube against a bare scan of the same columns.

    python benchmarks/aggregate.py FOLDER [--period 2022|all] [--compare bounded,exact,sums,bounded-sums]

FOLDER holds `cases.parquet` (case_id, person_id, regso, date, benefit, sex, age_group, amount_sek) and `areas.csv`
(regso, regso_name, kommun, lan).  Each measurement is a fresh process; CPU seconds are its user and system time, start
of Python included, and the peak is its largest resident set.  The work: distinct persons by RegSO x benefit, at most 4
benefits a person, over `period` (`all`: every year of the file as one period); `sums`: amounts too, with the largest
contributions of single persons to every cell; `bounded-sums`: amounts of bounded persons, clamped.
"""

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the scan must not pay for what it does not use
    from publisher.geography.register import AreaIndex
    from publisher.policy.declarations import SourceDeclaration

BENEFITS = (
    "sjukpenning", "foraldrapenning", "vab", "bostadsbidrag",
    "sjukersattning", "aktivitetsersattning", "assistansersattning", "underhallsstod",
)
AGES = ("16-24", "25-34", "35-44", "45-54", "55-66")
COLUMNS = ("person_id", "case_id", "regso", "date", "benefit", "sex", "age_group")
MEMORY_MB = 400
BOUNDS = (0, 10_000_000)


def scan(folder: Path) -> dict[str, int]:
    """Read every value of the columns, and nothing more."""
    import duckdb  # noqa: PLC0415

    file = str(folder / "cases.parquet")
    sums = ", ".join(f"sum(hash({column}))" for column in COLUMNS)
    with duckdb.connect(config={"threads": 2, "memory_limit": f"{MEMORY_MB}MiB"}) as connection:
        row = connection.execute(f"SELECT count(*), {sums} FROM read_parquet(?)", [file]).fetchone()
    return {"rows": row[0] if row else 0}


def aggregate(folder: Path, period_code: str, kind: str) -> dict[str, int]:
    """Source -> located -> distinct -> bounded -> bounded cube (or, for suppression, the exact cube)."""
    from publisher.bounding import bound_contributions, collapse  # noqa: PLC0415
    from publisher.cube import count_bounded, count_cases  # noqa: PLC0415
    from publisher.geography.placing import locate  # noqa: PLC0415
    from publisher.periods import Period  # noqa: PLC0415
    from publisher.policy.model import Clamp, ContributionBound  # noqa: PLC0415
    from publisher.quantity import UNITS, Quantity  # noqa: PLC0415
    from publisher.relations import Column, KeySet  # noqa: PLC0415
    from publisher.source import Limits, open_cases  # noqa: PLC0415

    period = Period(date(1900, 1, 1), date(2101, 1, 1), "all") if period_code == "all" else Period.parse(period_code)
    index = _index(folder)
    columns = (Column("benefit", BENEFITS, personal=False),)
    keys = KeySet(index.leaves, index.levels(("riket", "lan", "kommun", "regso"), 0), columns, (True,))
    with tempfile.TemporaryDirectory() as spill, open_cases(
        _declaration(), folder=folder, period=period, where=(), spill=Path(spill),
        limits=Limits(MEMORY_MB, 2), fingerprint_key=bytes(32),
    ) as cases:
        amounts = ("amount",) if kind.endswith("sums") else ()
        distinct = collapse(locate(cases, index, unknown_areas="refuse", amounts=amounts))
        figures = {"rows": cases.rows, "collapsed": distinct.collapsed}
        if kind in ("exact", "sums"):
            cube = count_cases(distinct, keys=keys, amounts=amounts)
            paid = {a: int(s.sum()) for a, s in cube.sums.items()}
            return figures | {"cases": int(cube.cases.sum()), "person_cells": int(cube.persons.sum())} | paid
        bound, detailed = ContributionBound(4, "last"), bool(amounts)
        bounded = bound_contributions(distinct, bound=bound, columns=columns, key=bytes(32), detailed=detailed)
        clamped = Quantity("sum", UNITS, "amount", Clamp("", (("", 200_000),)))
        quantity = clamped if amounts else Quantity("persons", 1)
        kept = count_bounded(bounded, keys=keys, quantity=quantity).counts
        cases.check_unchanged()
    return figures | {"persons": int(bounded.persons.sum()), "person_cells": int(kept.sum())}


def _index(folder: Path) -> "AreaIndex":
    from publisher.geography.register import AreaIndex, RegisterArea  # noqa: PLC0415

    with (folder / "areas.csv").open(encoding="utf-8") as stream:
        rows = sorted(csv.DictReader(stream), key=lambda row: row["regso"])
    areas = tuple(
        RegisterArea(r["regso"], r["regso_name"], r["kommun"], r["kommun"], r["lan"], r["lan"]) for r in rows
    )
    return AreaIndex("bench", areas, {})


def _declaration() -> "SourceDeclaration":
    from publisher.policy.declarations import (  # noqa: PLC0415
        AmountDeclaration,
        CategoryDeclaration,
        SourceDeclaration,
    )
    from publisher.release.model import Category, Text  # noqa: PLC0415

    def category(name: str, codes: tuple[str, ...], personal: bool) -> CategoryDeclaration:
        texts = tuple(Category(c, Text(c, c)) for c in codes)
        return CategoryDeclaration(name, name, Text(name, name), personal, texts)

    return SourceDeclaration(
        id="bench", agency="bench", files=("cases.parquet",), format="parquet", encoding="utf-8", delimiter=",",
        case_id="case_id", person_id="person_id", person_pattern="P[0-9]{9}", date="date", area="regso",
        edition="bench", unknown_areas="refuse",
        categories=(
            category("benefit", BENEFITS, False), category("sex", ("man", "woman"), True),
            category("age_group", AGES, True),
        ),
        amounts=(
            AmountDeclaration("amount", "amount_sek", Text("a", "a"), Text("kr", "SEK"), "", {"": BOUNDS}, "clamp"),
        ),
    )


def measure(folder: Path, work: str, period: str) -> dict[str, float]:
    """Run one piece of work in a fresh process; its figures, CPU seconds and peak MiB."""
    command = [sys.executable, __file__, str(folder), "--work", work, "--period", period]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def main() -> None:
    """Print one line of JSON a measurement, then the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--period", default="all")
    parser.add_argument("--compare", default="bounded,exact", help="what is measured beside the scan")
    parser.add_argument("--work", choices=("scan", "bounded", "exact", "sums", "bounded-sums"))
    given = parser.parse_args()
    if given.work:
        figures = scan(given.folder) if given.work == "scan" else aggregate(given.folder, given.period, given.work)
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu, peak = round(used.ru_utime + used.ru_stime, 2), used.ru_maxrss // 1024
        print(json.dumps({"work": given.work} | figures | {"cpu_s": cpu, "peak_mib": peak}))
        return
    floor = measure(given.folder, "scan", given.period)
    print(json.dumps(floor))
    for work in given.compare.split(","):
        found = measure(given.folder, work, given.period)
        print(json.dumps(found | {"times_scan": round(found["cpu_s"] / floor["cpu_s"], 2)}))


if __name__ == "__main__":
    main()
