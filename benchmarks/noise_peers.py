"""What other libraries reach on work D1, beside ours, on the same data and with the same budget.

Usage: python benchmarks/noise_peers.py FOLDER --environments DIR [--peers NAME ...] [--draws N] [--seconds S]
       [--rotate] [--json]

FOLDER holds `areas.csv` and `cases.parquet` of the synthetic country at a tenth of its size.  Work D1: person-cells by
RegSO x benefit with totals at five area levels, year 2022, k = 4, rho = 0.1 (epsilon 2.35 at delta 1e-7).  Each peer
runs as a process of its own, in the environment DIR/NAME that `benchmarks/peers/install.py` makes; a peer that cannot
be run is named, with the reason.  A peer is drawn N times, or until its draws took S CPU seconds together.

In the synthetic country a benefit's share differs little between areas, which flatters what smooths towards equal
shares.  With --rotate the benefits of each RegSO are exchanged in a ring, by a number of steps of its own: as many
persons and cells as before, but shares that differ.

Per peer: root mean squared error against the bounded truth by level x {benefit, total}; total squared error (mean of
the draws) and its ratio to the least that any unbiased Gaussian strategy has (1 817 776, a dual bound); share of
negative cells; the largest gap between a published total and the sum of its parts, over areas, area types and benefits;
coverage of 95 % intervals; CPU seconds and peak MiB of one draw, reading of rows and imports included.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "peers"))

import contract  # noqa: E402
import with_publisher  # noqa: E402

LIMIT = 1_817_776
TERMS = {"rho": 0.1, "epsilon": 2.35, "delta": 1e-7, "bound": 4}
BENEFITS = (
    "sjukpenning", "foraldrapenning", "vab", "bostadsbidrag", "sjukersattning", "aktivitetsersattning",
    "assistansersattning", "underhallsstod",
)  # fmt: skip
AREAS = """
    SELECT '00' AS riket, lan, kommun, regso, 'T' || area_type AS area_type, population
    FROM read_csv('{folder}/areas.csv', all_varchar = true) ORDER BY regso
"""
ROWS = """
    WITH rows AS (FROM '{folder}/cases.parquet' SELECT * WHERE year(date) = 2022),
    places AS (SELECT person_id, arg_max(regso, (date, case_id)) AS regso FROM rows GROUP BY person_id),
    pairs AS (SELECT DISTINCT person_id, benefit FROM rows),
    ranked AS (SELECT *, row_number() OVER (PARTITION BY person_id ORDER BY md5(person_id||benefit)) AS n FROM pairs),
    kept AS (SELECT person_id, benefit FROM ranked WHERE n <= {bound})
    SELECT dense_rank() OVER (ORDER BY md5(person_id)) AS person, benefit, riket, lan, kommun, regso, area_type
    FROM kept JOIN places USING (person_id) JOIN ({areas}) USING (regso) ORDER BY 1, 2
"""
ROTATED = """
    WITH steps AS (SELECT *, CAST(md5_number_lower(regso) % {n} AS INT) AS step FROM ({rows}))
    SELECT * EXCLUDE (step) REPLACE ({benefits}[(list_position({benefits}, benefit) - 1 + step) % {n} + 1] AS benefit)
    FROM steps ORDER BY person, benefit
"""
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Peer:
    """A script in `peers/`, the environment that it runs in ("" is the project's own), and what it is told to do."""

    script: str
    environment: str
    variant: str = ""


PEERS = {
    "publisher, unbiased": Peer("with_publisher.py", "", "unbiased"),
    "publisher, non-negative": Peer("with_publisher.py", "", "nonnegative"),
    "publisher, shrunken": Peer("with_publisher.py", "", "shrunken"),
    "publisher, shrunken, levels alike": Peer("with_publisher.py", "", "shrunken/levels"),
    "publisher, shrunken, upper levels": Peer("with_publisher.py", "", "shrunken/upper"),
    "opendp": Peer("with_opendp.py", ""),
    "opendp-polars": Peer("with_opendp_polars.py", "opendp-polars"),
    "diffprivlib": Peer("with_diffprivlib.py", "diffprivlib"),
    "mbi, marginals": Peer("with_mbi.py", "mbi", "marginals"),
    "mbi, leaves": Peer("with_mbi.py", "mbi", "leaves"),
    "mbi, queries": Peer("with_mbi.py", "mbi", "queries"),
    "mbi, queries, 5 000": Peer("with_mbi.py", "mbi", "queries/5000"),
    "mbi, our split": Peer("with_mbi.py", "mbi", "split"),
    "mbi, our split, 5 000": Peer("with_mbi.py", "mbi", "split/5000"),
    "smartnoise-sql": Peer("with_smartnoise.py", "smartnoise-sql"),
    "tumult": Peer("with_tumult.py", "tumult"),
    "pipeline-dp": Peer("with_pipeline_dp.py", "pipeline-dp"),
}


@dataclass
class Seen:
    """Sums over the draws of one peer; arrays of shape (areas of all levels, benefits + total)."""

    squares: Array
    draws: int = 0
    negative: float = 0.0
    covered: float | None = None
    cpu: float = 0.0
    peak: float = 0.0
    gaps: dict[str, float] = field(default_factory=dict)


def write_work(folder: Path, target: Path, rotate: bool = False) -> contract.Work:
    """The input of every peer."""
    target.mkdir()
    areas = AREAS.format(folder=folder)
    rows = ROWS.format(folder=folder, areas=areas, **TERMS)
    if rotate:
        rows = ROTATED.format(benefits=list(BENEFITS), n=len(BENEFITS), rows=rows)
    duckdb.execute(f"COPY ({areas}) TO '{target}/areas.csv' (HEADER)")
    duckdb.execute(f"COPY ({rows}) TO '{target}/rows.csv' (HEADER)")
    write_terms(target, [])
    write_terms(target, with_publisher.split_of(contract.read_work(target)))
    return contract.read_work(target)


def write_terms(target: Path, split: list[tuple[str, bool, float]]) -> None:
    """The budget; `split`: our part of rho for each query group."""
    (target / "work.json").write_text(json.dumps({**TERMS, "benefits": BENEFITS, "split": split}))


def index_of(work: contract.Work) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Where each cell lies in an array of all."""
    rows = [(level, area) for level in contract.LEVELS for area in work.areas(level)]
    columns = (*work.benefits, contract.TOTAL)
    return {(*row, column): (i, j) for i, row in enumerate(rows) for j, column in enumerate(columns)}


def array_of(cells: Iterator[tuple[str, str, str, float]], index: dict[tuple[str, str, str], tuple[int, int]]) -> Array:
    """All cells; ValueError where one is missing, given twice or unknown."""
    out = np.full(np.array(list(index.values())).max(axis=0) + 1, np.nan)
    given = 0
    for level, area, benefit, value in cells:
        out[index[level, area, benefit]] = value
        given += 1
    if given != out.size or np.isnan(out).any():
        raise ValueError(f"{given} numbers for {out.size} cells")
    return out


def truth_of(work: contract.Work, index: dict[tuple[str, str, str], tuple[int, int]]) -> Array:
    """The bounded truth of every cell."""
    counts = contract.exact_counts(work)
    cells = (c[:4] for (level, kept), values in counts.items() for c in contract.cells_of(work, level, kept, values))
    return array_of(cells, index)


def rows_of_levels(work: contract.Work) -> dict[str, slice]:
    """The rows of each level."""
    out, first = {}, 0
    for level in contract.LEVELS:
        out[level] = slice(first, first := first + len(work.areas(level)))
    return out


def gaps_of(work: contract.Work, values: Array) -> dict[str, float]:
    """The largest distance of a total from the sum of its parts: along areas, along area types, over benefits."""
    rows, out = rows_of_levels(work), {"areas": 0.0, "area_types": 0.0}
    leaves = values[rows["regso"]]
    order = {code: i for i, code in enumerate(work.areas("regso"))}
    for at, level in enumerate(contract.LEVELS):
        sums = np.zeros_like(values[rows[level]])
        place = {code: i for i, code in enumerate(work.areas(level))}
        for leaf in work.leaves:
            sums[place[leaf[at]]] += leaves[order[leaf[contract.LEVELS.index("regso")]]]
        which = "area_types" if level == "area_type" else "areas"
        out[which] = max(out[which], float(np.abs(sums - values[rows[level]]).max()))
    out["benefits"] = float(np.abs(values[:, :-1].sum(axis=1) - values[:, -1]).max())
    return out


def command_of(peer: Peer, environments: Path) -> list[str]:
    """The start of the command; FileNotFoundError where the environment is missing."""
    python = environments / peer.environment / "bin" / "python" if peer.environment else Path(sys.executable)
    if not python.exists():
        raise FileNotFoundError(f"not installed: {peer.environment} is not among the environments")
    return [str(python), str(HERE / "peers" / peer.script)]


def run_once(peer: Peer, start: list[str], source: Path) -> tuple[list[list[str]], dict[str, float]]:
    """One process: its lines and its cost.  RuntimeError with its last line where it fails."""
    paths = {"PYTHONPATH": str(HERE.parent)} if not peer.environment else {}
    with tempfile.TemporaryDirectory() as target:
        done = subprocess.run(
            [*start, str(source), target, peer.variant], env={**os.environ, **paths}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError("failed: " + (done.stderr.strip().splitlines() or ["without a word"])[-1])
        lines = [line.split(",") for line in (Path(target) / "estimates.csv").read_text().splitlines()]
        return lines, json.loads((Path(target) / "cost.json").read_text())


class Scores:
    """The figures of every peer on one work."""

    def __init__(self, work: contract.Work, draws: int, seconds: float) -> None:
        self.work, self.draws, self.seconds = work, draws, seconds
        self.index = index_of(work)
        self.truth = truth_of(work, self.index)

    def of(self, peer: Peer, start: list[str]) -> dict[str, object]:
        """Draw a peer and score it."""
        seen = Seen(np.zeros(self.truth.shape))
        while seen.draws < self.draws and (seen.draws == 0 or seen.cpu < self.seconds):
            self._add(seen, *run_once(peer, start, self.work.folder))
        return self._figures(seen)

    def _add(self, seen: Seen, lines: list[list[str]], cost: dict[str, float]) -> None:
        values, lower, upper = (self._column(lines, at) for at in (3, 4, 5))
        seen.squares += (values - self.truth) ** 2
        seen.negative += float((values < 0).mean())
        if lower is not None and upper is not None:
            seen.covered = (seen.covered or 0.0) + float(((lower <= self.truth) & (self.truth <= upper)).mean())
        seen.gaps = {k: max(v, seen.gaps.get(k, 0.0)) for k, v in gaps_of(self.work, values).items()}
        seen.draws += 1
        seen.cpu += cost["cpu_seconds"]
        seen.peak = max(seen.peak, cost["peak_mib"])

    def _column(self, lines: list[list[str]], at: int) -> Array | None:
        if not lines[0][at]:
            return None
        return array_of(((*line[:3], float(line[at])) for line in lines), self.index)

    def _figures(self, seen: Seen) -> dict[str, object]:
        mean = seen.squares / seen.draws
        rmse = {}
        for level, rows in rows_of_levels(self.work).items():
            rmse[f"{level} x benefit"] = round(float(np.sqrt(mean[rows, :-1].mean())), 2)
            rmse[f"{level} x total"] = round(float(np.sqrt(mean[rows, -1].mean())), 2)
        return {
            "draws": seen.draws,
            "rmse": rmse,
            "squared_error": round(float(mean.sum())),
            "ratio_to_limit": round(float(mean.sum()) / LIMIT, 3),
            "negative": round(seen.negative / seen.draws, 4),
            "largest_gap": {k: float(f"{v:.3g}") for k, v in seen.gaps.items()},
            "covered": None if seen.covered is None else round(seen.covered / seen.draws, 4),
            "cpu_seconds": round(seen.cpu / seen.draws, 2),
            "peak_mib": round(seen.peak),
        }


def figures(options: argparse.Namespace) -> Iterator[tuple[str, dict[str, object]]]:
    """Every peer that was asked for, with its figures or the reason why it has none."""
    with tempfile.TemporaryDirectory() as scratch:
        work = write_work(options.folder, Path(scratch) / "d1", options.rotate)
        scores = Scores(work, options.draws, options.seconds)
        for name in options.peers or PEERS:
            try:
                yield name, scores.of(PEERS[name], command_of(PEERS[name], options.environments))
            except (FileNotFoundError, RuntimeError, ValueError) as error:
                yield name, {"not_run": str(error)}


def heading() -> str:
    """The first line of the table."""
    columns = [f"{level[:6]} x {part}" for level in reversed(contract.LEVELS) for part in ("ben", "tot")]
    last = ("ratio", "negative", "gap areas", "gap types", "gap ben", "covered", "CPU s", "MiB", "draws")
    return f"{'':24}" + "".join(f"{c:>13}" for c in columns) + "".join(f"{c:>10}" for c in last)


def line_of(name: str, found: dict[str, object]) -> str:
    """A peer's line of the table."""
    if "not_run" in found:
        return f"{name:24} {found['not_run']}"
    rmse, gaps = found["rmse"], found["largest_gap"]
    errors = [rmse[f"{v} x {part}"] for v in reversed(contract.LEVELS) for part in ("benefit", "total")]
    last = [
        found["ratio_to_limit"], found["negative"], *gaps.values(), found["covered"] or "-", found["cpu_seconds"],
        found["peak_mib"], found["draws"],
    ]  # fmt: skip
    return f"{name:24}" + "".join(f"{e:>13}" for e in errors) + "".join(f"{v:>10}" for v in last)


def main() -> None:
    """Print the figures, as a table or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--environments", type=Path, required=True)
    parser.add_argument("--peers", nargs="*", choices=tuple(PEERS))
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=120.0, help="CPU seconds after which a peer is drawn no more")
    parser.add_argument("--rotate", action="store_true", help="exchange the benefits of each RegSO in a ring")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.json:
        print(json.dumps(dict(figures(options)), indent=1))
        return
    print(heading())
    for name, found in figures(options):
        print(line_of(name, found), flush=True)


if __name__ == "__main__":
    main()
