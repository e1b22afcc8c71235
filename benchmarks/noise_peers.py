"""What other libraries reach on works D1, D2 and D3, beside ours, on the same data and with the same budget.

Usage: python benchmarks/noise_peers.py FOLDER --environments DIR [--work D1 D2 D3] [--peers NAME ...] [--draws N]
       [--seconds S] [--longest S] [--rotate] [--json]

FOLDER holds `areas.csv` and `cases.parquet` of the synthetic country at a tenth of its size.  Year 2022, k = 4, rho =
0.1 (epsilon 2.35 at delta 1e-7), five area levels, all totals.  Work D1: person-cells by RegSO x benefit.  D2: by sex
and age group too, forty query groups.  D3: sums of amount_sek by RegSO x benefit, one clamp a benefit; a peer adds up
amounts in parts of their clamp, and totals over benefits are sums of its cells, for no query has a unit in common.

Each peer runs as a process of its own, in the environment DIR/NAME that `benchmarks/peers/install.py` makes.  One that
cannot be run is named, with the reason; so is one of which a draw is not over after `--longest` seconds.  A peer is
drawn N times, or until its draws took S CPU seconds together.

In the synthetic country a benefit's share differs little between areas, which flatters what smooths towards equal
shares.  With --rotate the benefits of each RegSO are exchanged in a ring, by a number of steps of its own: as many
persons and cells as before, but shares that differ.

Per peer: root mean squared error against the bounded truth by level x {cells, total}: of the finest division, and over
all categories; total squared error (mean of the draws; of sums in clamps) and its ratio to the least that any unbiased
Gaussian strategy has (a dual bound; of D1 1 817 776); share of negative cells; the largest gap between a published
total and the sum of its parts, over areas, area types and categories; coverage of 95 % intervals; CPU seconds and peak
MiB of one draw, reading of rows and imports included; in JSON the standard errors over the draws too.  Ours are whole
numbers: of a peer whose are not, the errors are told once more with each number rounded for itself (totals no longer
add up then).
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "peers"))

import contract  # noqa: E402
import works  # noqa: E402
from scores import Scores, Seen  # noqa: E402

Figures = dict[str, object]


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


def command_of(peer: Peer, environments: Path) -> list[str]:
    """The start of the command; FileNotFoundError where the environment is missing."""
    python = environments / peer.environment / "bin" / "python" if peer.environment else Path(sys.executable)
    if not python.exists():
        raise FileNotFoundError(f"not installed: {peer.environment} is not among the environments")
    return [str(python), str(HERE / "peers" / peer.script)]


def run_once(command: list[str], target: Path, longest: float) -> tuple[list[list[str]], dict[str, float]]:
    """One process: its lines and its cost.  RuntimeError with its last line where it fails, or is not over in time.

    It has a process group of its own, which ends with it.
    """
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(HERE.parent)} if command[0] == sys.executable else None,
    )  # fmt: skip
    try:
        _, said = process.communicate(timeout=longest)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise RuntimeError(f"not over after {longest:g} seconds") from None
    if process.returncode:
        raise RuntimeError("failed: " + (said.strip().splitlines() or ["without a word"])[-1])
    lines = [line.split(",") for line in (target / "estimates.csv").read_text().splitlines()]
    return lines, json.loads((target / "cost.json").read_text())


def drawn(scores: Scores, peer: Peer, options: argparse.Namespace) -> Figures:
    """Draw a peer and score it."""
    start, seen = command_of(peer, options.environments), Seen(np.zeros(scores.truth.shape))
    while seen.draws < options.draws and (seen.draws == 0 or seen.cpu < options.seconds):
        with tempfile.TemporaryDirectory() as target:
            command = [*start, str(scores.work.folder), target, peer.variant]
            scores.add(seen, *run_once(command, Path(target), options.longest))
    return scores.figures(seen)


def figures(name: str, options: argparse.Namespace) -> Iterator[tuple[str, Figures]]:
    """Every peer that was asked for on a work, with its figures or the reason why it has none."""
    with tempfile.TemporaryDirectory() as scratch:
        scores = Scores(works.write_work(name, options.folder, Path(scratch) / name, options.rotate))
        for peer in options.peers or PEERS:
            try:
                yield peer, drawn(scores, PEERS[peer], options)
            except (FileNotFoundError, RuntimeError, ValueError) as error:
                yield peer, {"not_run": str(error)}


def heading(name: str) -> str:
    """The first line of a work's table."""
    columns = [f"{level[:6]} x {part}" for level in reversed(contract.LEVELS) for part in ("cell", "tot")]
    last = ("ratio", "negative", "gap areas", "gap types", "gap codes", "covered", "CPU s", "MiB", "draws")
    return " ".join([f"{name:33}", *(f"{c:>14}" for c in columns), *(f"{c:>9}" for c in last)])


def line_of(name: str, found: Figures) -> str:
    """A peer's line of the table."""
    if "not_run" in found:
        return f"{name:34} {found['not_run']}"
    last = [
        found["ratio_to_limit"], found["negative"], *found["largest_gap"].values(), found["covered"] or float("nan"),
        found["cpu_seconds"], found["peak_mib"], found["draws"],
    ]  # fmt: skip
    line = " ".join([f"{name:33}", errors_of(found["rmse"]), *(f"{v:>9.4g}" for v in last)])
    rounded = found["rmse_rounded"]
    return f"{line}\n{'  rounded':33} {errors_of(rounded)}" if rounded else line


def errors_of(rmse: dict[str, float]) -> str:
    """The errors by level and part, as they stand in a line."""
    errors = [rmse[f"{v} x {part}"] for v in reversed(contract.LEVELS) for part in ("cells", "total")]
    return " ".join(f"{e:>14.5g}" for e in errors)


def main() -> None:
    """Print the figures, as tables or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--environments", type=Path, required=True)
    parser.add_argument("--work", nargs="+", choices=works.NAMES, default=["D1"])
    parser.add_argument("--peers", nargs="*", choices=tuple(PEERS))
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=120.0, help="CPU seconds after which a peer is drawn no more")
    parser.add_argument("--longest", type=float, default=900.0, help="seconds after which a draw is given up")
    parser.add_argument("--rotate", action="store_true", help="exchange the benefits of each RegSO in a ring")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.json:
        print(json.dumps({name: dict(figures(name, options)) for name in options.work}, indent=1))
        return
    for name in options.work:
        print(heading(name))
        for peer, found in figures(name, options):
            print(line_of(peer, found), flush=True)


if __name__ == "__main__":
    main()
