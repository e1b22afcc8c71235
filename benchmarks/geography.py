"""Measures each import of SCB's files against a bare read of the same file.

    python benchmarks/geography.py [FOLDER]

FOLDER (default ../shared/data/scb) holds the files as SCB gives them.  Each measurement is a fresh process; CPU seconds
are its user and system time, start of Python included, and the peak is its largest resident set.  The bare read is
json.load, csv.reader or openpyxl of the same file; `start` loads the importers and does nothing with them.  An import
other than a register's starts from an edition with the register imported, which its time does not hold.
"""

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

FILES = (
    ("register", "regso2020_register.csv"),
    ("deso_key", "koppling-deso2018-regso2020.csv"),
    ("deso_key", "kopplingstabell-deso_regso-2018_v2.xlsx"),
    ("types", "regso_omradestyp_2022_scb_export.csv"),
    ("population", "regso_population_2022_latin1.csv"),
    ("population", "TAB5899_population_2022.json-stat2.json"),
    ("geometry", "regso2020_wgs84.geojson"),
    ("changes", "regso_changes_sample.csv"),
)
EDITION = "regso-2020"


def bare(path: Path) -> None:
    """Read every value of the file, and nothing more."""
    if path.suffix == ".xlsx":
        import openpyxl  # noqa: PLC0415

        list(openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True))
    elif path.suffix == ".csv":
        with path.open(encoding="latin-1", newline="") as stream:
            list(csv.reader(stream))
    else:
        json.loads(path.read_bytes())


def start() -> None:
    """Load the importers."""
    import publisher.geography.imports  # noqa: F401, PLC0415


def run_import(kind: str, path: Path, folder: Path) -> None:
    """Import the file into the edition."""
    from publisher.geography.imports import ImportRequest, import_geography  # noqa: PLC0415

    request = ImportRequest(EDITION, year=2022 if kind == "types" else None, **{kind: str(path)})
    import_geography(request, folder, at="2026-01-01T00:00:00Z", say=lambda _: None)


def measure(work: str, kind: str, path: Path, folder: str) -> tuple[float, int]:
    """CPU seconds and peak kilobytes of a fresh process."""
    call = [sys.executable, __file__, "--work", work, kind, str(path), folder]
    answer = subprocess.run(call, capture_output=True, text=True, check=True)
    seconds, peak = answer.stdout.split()
    return float(seconds), int(peak)


def work_alone(work: str, kind: str, path: Path, folder: Path) -> None:
    """What a fresh process does: the work, and its own cost on standard output."""
    if work == "bare":
        bare(path)
    elif work == "start":
        start()
    else:
        run_import(kind, path, folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, used.ru_maxrss)


def main() -> None:
    """A line a file."""
    if sys.argv[1:2] == ["--work"]:
        work, kind, path, folder = sys.argv[2:]
        work_alone(work, kind, Path(path), Path(folder))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared" / "data" / "scb")
    files = parser.parse_args().folder
    print(f"{'CPU seconds, peak MB':42}{'bare':>11}{'start':>11}{'import':>11}  (import - start) / bare")
    for kind, name in FILES:
        with tempfile.TemporaryDirectory() as folder:
            if kind != "register":
                measure("import", "register", files / FILES[0][1], folder)
            found = [measure(work, kind, files / name, folder) for work in ("bare", "start", "import")]
        cells = "".join(f"{seconds:7.2f}{peak / 1024:4.0f}" for seconds, peak in found)
        print(f"{name:42}{cells}{(found[2][0] - found[1][0]) / found[0][0]:8.1f}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    main()
