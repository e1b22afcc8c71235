"""What every peer is given and gives back: work D1 as two CSV files in, one CSV of all cells out.

Standard library only, so that it can be imported in each peer's own environment.  The input folder holds
`rows.csv` (person, benefit and the person's area codes at every level; at most one area and `bound` benefits a
person), `areas.csv` (the public register: one line a RegSO with its code at every level) and `work.json` (the budget).
A peer is run as `python with_PEER.py INPUT OUTPUT [VARIANT]` and writes `estimates.csv` and `cost.json` into OUTPUT.
"""

import csv
import json
import resource
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

LEVELS = ("riket", "lan", "kommun", "regso", "area_type")
TOTAL = "TOT"
Cell = tuple[str, str, str, float, float | None, float | None]
"""(level, area, benefit or TOTAL, estimate, lower and upper end of a 95 % interval or None), in person-cells."""


@dataclass(frozen=True)
class Work:
    """D1: the budget in all, the bound, and the public keys.

    `rho`: zCDP; `epsilon` at `delta`: what follows from it; `bound`: most benefits of a person; `split`: the part of
    rho of each query group that `publisher` chooses; `leaves`: the areas of every RegSO, in the order of LEVELS.
    """

    folder: Path
    rho: float
    epsilon: float
    delta: float
    bound: int
    benefits: tuple[str, ...]
    split: dict[tuple[str, bool], float]
    leaves: tuple[tuple[str, ...], ...]

    @property
    def rows(self) -> Path:
        """The bounded rows: person,benefit,riket,lan,kommun,regso,area_type."""
        return self.folder / "rows.csv"

    @property
    def groups(self) -> tuple[tuple[str, bool], ...]:
        """The ten query groups: (level, whether the benefit is kept)."""
        return tuple(product(LEVELS, (True, False)))

    def areas(self, level: str) -> list[str]:
        """The codes of a level, sorted."""
        at = LEVELS.index(level)
        return sorted({leaf[at] for leaf in self.leaves})

    def keys(self, level: str, kept: bool) -> list[tuple[str, str]]:
        """The (area, benefit) of a query group: areas first."""
        return list(product(self.areas(level), self.benefits if kept else (TOTAL,)))


def read_work(folder: Path) -> Work:
    """The work in an input folder."""
    terms = json.loads((folder / "work.json").read_text())
    with (folder / "areas.csv").open(newline="") as file:
        leaves = tuple(tuple(line[level] for level in LEVELS) for line in csv.DictReader(file))
    split = {(level, kept): part for level, kept, part in terms["split"]}
    numbers = (terms[name] for name in ("rho", "epsilon", "delta", "bound"))
    return Work(folder, *numbers, tuple(terms["benefits"]), split, leaves)


def read_rows(work: Work) -> Iterator[dict[str, str]]:
    """Every bounded row, as text by column name."""
    with work.rows.open(newline="") as file:
        yield from csv.DictReader(file)


def exact_counts(work: Work) -> dict[tuple[str, bool], list[int]]:
    """The exact numbers of each query group in the order of its keys: what a curator's own code would count."""
    found: dict[tuple[str, str, str], int] = {}
    for row in read_rows(work):
        for level in LEVELS:
            for benefit in (row["benefit"], TOTAL):
                key = (level, row[level], benefit)
                found[key] = found.get(key, 0) + 1
    return {(v, kept): [found.get((v, *key), 0) for key in work.keys(v, kept)] for v, kept in work.groups}


def cells_of(
    work: Work, level: str, kept: bool, values: Iterable[float], *, half_width: float | None = None
) -> Iterator[Cell]:
    """A query group's cells from its estimates in the order of its keys, with intervals of that half width."""
    for (area, benefit), value in zip(work.keys(level, kept), values, strict=True):
        v = float(value)
        lower, upper = (None, None) if half_width is None else (v - half_width, v + half_width)
        yield level, area, benefit, v, lower, upper


def run(estimate: Callable[[Work, str], Iterable[Cell]]) -> None:
    """Run a peer as the command line says: estimate, write, and say what it cost.

    `cost.json`: CPU seconds of this process and its children, and the peak of memory in MiB, of this process plus the
    largest of its children.
    """
    source, target, variant = (*sys.argv[1:], "")[:3]
    output = Path(target)
    output.mkdir(parents=True, exist_ok=True)
    with (output / "estimates.csv").open("w", newline="") as file:
        csv.writer(file).writerows(estimate(read_work(Path(source)), variant))
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    cost = {
        "cpu_seconds": sum(u.ru_utime + u.ru_stime for u in (own, children)),
        "peak_mib": (own_peak(own) + children.ru_maxrss) / 1024,
    }
    (output / "cost.json").write_text(json.dumps(cost))


def own_peak(own: resource.struct_rusage) -> int:
    """The peak of this process in KiB.  Linux's getrusage starts from the peak of the process that started this one,
    its status file does not."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return peaks[0] if peaks else own.ru_maxrss
