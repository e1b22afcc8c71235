"""Placing records by RegSO code, DeSO and coordinates: CPU seconds and peak memory against a bare scan of the file.

    python benchmarks/placing.py HOME/geography/EDITION [--rows 10000000]

The folder is one that `publisher geography import` made, with deso.csv and borders.gpkg.  Cases are drawn on it first,
in proportion to population.  Each measurement is a process of its own.  `open`: opening with all checks of rows;
`again`: opening once more, with the checks remembered; the ways: placing alone, all records of the period.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from real_country import write_cases_on

from publisher.geography.files import load_register
from publisher.geography.places import load_places
from publisher.geography.placing import locate
from publisher.periods import Period
from publisher.policy.declarations import GeographyFiles, SourceDeclaration
from publisher.source import Limits, open_cases

WAYS = ("regso", "deso", "coordinates")
MEMORY_MB = 500


def main() -> None:
    """Draw the cases, then measure each way, and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--measure", nargs=2, metavar=("WAY", "CASES"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.folder, *given.measure)))
        return
    with tempfile.TemporaryDirectory() as work:
        cases = Path(work) / "cases.parquet"
        write_cases_on(given.folder, cases, rows=given.rows, seed=1)
        found = {way: _apart(given.folder, way, cases) for way in ("scan", "open", "again", *WAYS)}
    scan = found["scan"]["cpu"]
    print(f"{given.rows} records; scan: {scan:.2f} CPU s, {found['scan']['peak']:.0f} MiB")
    for way, one in found.items():
        placed = f", {one['placed']} placed" if one["placed"] else ""
        print(f"{way:12} {one['cpu']:7.2f} CPU s  {one['cpu'] / scan:5.1f} x scan  {one['peak']:6.0f} MiB{placed}")


def _apart(folder: Path, way: str, cases: Path) -> dict[str, float]:
    command = [sys.executable, __file__, str(folder), "--measure", way, str(cases)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(answer.stdout)
    return found


def measure(folder: Path, way: str, cases: str) -> dict[str, float]:
    """CPU seconds of the way (of opening and checking alone for `open`), and the peak memory of the process."""
    placed, start = 0, time.process_time()
    if way == "scan":
        duckdb.connect(config={"threads": 2}).execute(f"SELECT {_hashes()} FROM '{cases}'").fetchall()
    else:
        by = "regso" if way in ("open", "again") else way
        start, placed = _place(folder, by, Path(cases), only_open=by != way, again=way == "again")
    return {"cpu": time.process_time() - start, "peak": _peak(), "placed": placed}


def _peak() -> float:
    """MiB of this process since it was started (getrusage would count what its parent had used, too)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def _hashes() -> str:
    columns = ("case_id", "person_id", "regso", "deso", "east", "north", "date", "benefit", "sex", "age_group")
    return ", ".join(f"bit_xor(hash({c}))" for c in columns)


class Passed:
    """Remembers that files like those of `write_cases_on` passed: person ids have a shape, case ids are integers."""

    def get(self, key: str) -> dict[str, bool]:
        """What the checks found."""
        return {"person": True, "case": False}

    def put(self, key: str, found: object) -> None:
        """Nothing is kept."""


def _place(folder: Path, way: str, cases: Path, *, only_open: bool, again: bool) -> tuple[float, int]:
    files = GeographyFiles("e", "register.csv", {}, deso_key="deso.csv", geometry="borders.gpkg")
    point = way == "coordinates"
    declaration = SourceDeclaration(
        id="s", agency="a", files=(cases.name,), format="parquet", encoding="utf-8", delimiter=",", case_id="case_id",
        person_id="person_id", person_pattern="P[0-9]{9}", date="date", area="" if point else way,
        edition="" if point else "e", unknown_areas="refuse", categories=(), placing=way,
        east="east" if point else "", north="north" if point else "",
    )  # fmt: skip
    index, places, start = load_register(files, folder), load_places(declaration, files, folder), time.process_time()
    with tempfile.TemporaryDirectory() as spill, open_cases(
        declaration, folder=cases.parent, period=Period.parse("2022"), where=(), spill=Path(spill),
        limits=Limits(MEMORY_MB, 2), fingerprint_key=bytes(32),
        checked=Passed() if again else None,
    ) as opened:  # fmt: skip
        if only_open:
            return start, 0
        start = time.process_time()
        return start, locate(opened, index, places=places, unknown_areas="refuse").placed.regso


if __name__ == "__main__":
    main()
