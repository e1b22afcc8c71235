"""What every peer is given and gives back: a work as two CSV files in, one CSV of all cells out.

Standard library only, so that it can be imported in each peer's own environment.  The input folder holds `rows.csv`
(person, the categories, the person's area codes at every level, and `units`: what the row adds to a cell, 1 where
persons are counted; at most one area, one value of each personal category and `bound` benefits a person), `areas.csv`
(the public register: one line a RegSO with its code at every level) and `work.json` (the budget and the keys).  A peer
is run as `python with_PEER.py INPUT OUTPUT [VARIANT]` and writes `estimates.csv` and `cost.json` into OUTPUT.
"""

import csv
import json
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import compress, product
from math import sqrt
from pathlib import Path

LEVELS = ("riket", "lan", "kommun", "regso", "area_type")
TOTAL = "TOT"
UNITS = 2**20
"""A clamp in the units that are added up."""
Kept = tuple[bool, ...]
"""For each category column, whether a query group tells its codes apart."""
Group = tuple[str, Kept]
Cell = tuple[str, str, tuple[str, ...], float, float | None, float | None]
"""(level, area, a code or TOTAL of each column, estimate, lower and upper end of a 95 % interval or None)."""


@dataclass(frozen=True)
class Work:
    """The budget in all, the bound, and the public keys.

    `rho`: zCDP; `epsilon` at `delta`: what follows from it; `bound`: most benefits of a person; `columns`: codes of
    each category, the benefit first, all others personal; `clamps`: of each benefit in SEK where amounts are added up,
    else none; `split`: the part of rho of each query group that `publisher` chooses; `leaves`: the areas of every
    RegSO, in the order of LEVELS.
    """

    folder: Path
    rho: float
    epsilon: float
    delta: float
    bound: int
    columns: dict[str, tuple[str, ...]]
    clamps: tuple[int, ...]
    split: dict[Group, float]
    leaves: tuple[tuple[str, ...], ...]

    @property
    def rows(self) -> Path:
        """The bounded rows: person, the categories, units, riket, lan, kommun, regso, area_type."""
        return self.folder / "rows.csv"

    @property
    def most(self) -> int:
        """The most that a row adds to a cell."""
        return UNITS if self.clamps else 1

    @property
    def groups(self) -> tuple[Group, ...]:
        """Every level x marginal.  A sum has its own unit for each benefit, and no query over all of them."""
        marginals = product(*[(True, False)] * len(self.columns))
        return tuple(product(LEVELS, [kept for kept in marginals if kept[0] or not self.clamps]))

    def areas(self, level: str) -> list[str]:
        """The codes of a level, sorted."""
        at = LEVELS.index(level)
        return sorted({leaf[at] for leaf in self.leaves})

    def by(self, level: str, kept: Kept) -> list[str]:
        """The columns of `rows` that a query group is grouped by: the area first."""
        return [level, *compress(self.columns, kept)]

    def keys(self, level: str, kept: Kept) -> list[tuple[str, ...]]:
        """The codes of these columns in every cell of a query group: areas first."""
        return list(product(self.areas(level), *compress(self.columns.values(), kept)))

    def sensitivity(self, kept: Kept) -> float:
        """The L2 distance that one person can make in a query group: benefits in cells of their own, or all in one."""
        return self.most * (sqrt(self.bound) if kept[0] else self.bound)


def read_work(folder: Path) -> Work:
    """The work in an input folder."""
    terms = json.loads((folder / "work.json").read_text())
    with (folder / "areas.csv").open(newline="") as file:
        leaves = tuple(tuple(line[level] for level in LEVELS) for line in csv.DictReader(file))
    split = {(level, tuple(kept)): part for level, kept, part in terms["split"]}
    columns = {name: tuple(codes) for name, codes in terms["columns"].items()}
    numbers = (terms[name] for name in ("rho", "epsilon", "delta", "bound"))
    return Work(folder, *numbers, columns, tuple(terms["clamps"]), split, leaves)


def read_rows(work: Work) -> Iterator[dict[str, str]]:
    """Every bounded row, as text by column name."""
    with work.rows.open(newline="") as file:
        yield from csv.DictReader(file)


def exact_counts(work: Work) -> dict[Group, list[int]]:
    """The exact numbers of each query group in the order of its keys: what a curator's own code would count."""
    cells: Counter[tuple[str, ...]] = Counter()
    names = (*LEVELS, *work.columns)
    for row in read_rows(work):
        cells[tuple(row[name] for name in names)] += int(row["units"])
    return {group: list(_counted(work, cells, names, group)) for group in work.groups}


def _counted(work: Work, cells: Counter[tuple[str, ...]], names: tuple[str, ...], group: Group) -> Iterator[int]:
    """One query group's numbers, from those of the finest cells."""
    at = [names.index(name) for name in work.by(*group)]
    found: Counter[tuple[str, ...]] = Counter()
    for cell, number in cells.items():
        found[tuple(cell[i] for i in at)] += number
    return (found[key] for key in work.keys(*group))


def cells_of(
    work: Work, group: Group, values: Iterable[float], *, half_width: float | None = None
) -> Iterator[Cell]:
    """A query group's cells from its estimates (in units, in the order of its keys), with intervals of that half width.

    Of sums in SEK, and with their totals over the benefits, which are added up and have no interval.
    """
    (level, kept), totals = group, Counter[tuple[str, ...]]()
    units = dict(zip(work.columns["benefit"], (c / UNITS for c in work.clamps), strict=False))
    for key, value in zip(work.keys(level, kept), values, strict=True):
        codes = iter(key[1:])
        named = tuple(next(codes) if k else TOTAL for k in kept)
        unit = units.get(named[0], 1.0)
        v, half = float(value) * unit, None if half_width is None else half_width * unit
        yield level, key[0], named, v, *((None, None) if half is None else (v - half, v + half))
        if work.clamps:
            totals[(key[0], *named[1:])] += v
    yield from ((level, area, (TOTAL, *others), v, None, None) for (area, *others), v in totals.items())


def run(estimate: Callable[[Work, str], Iterable[Cell]]) -> None:
    """Run a peer as the command line says: estimate, write, and say what it cost.

    `cost.json`: CPU seconds of this process and its children, and the peak of memory in MiB, of this process plus the
    largest of its children.
    """
    source, target, variant = (*sys.argv[1:], "")[:3]
    output = Path(target)
    output.mkdir(parents=True, exist_ok=True)
    with (output / "estimates.csv").open("w", newline="") as file:
        found = estimate(read_work(Path(source)), variant)
        csv.writer(file).writerows([level, area, *codes, *numbers] for level, area, codes, *numbers in found)
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
