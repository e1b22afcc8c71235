"""Plain tables over linked hierarchies, protected by the public functions and judged by programs written apart.

The outsider's unknowns are the leaf cells; each cell of the table is a sum of leaf cells, read from the codes here.
"""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from scipy.optimize import linprog

from publisher.tabular.attack import AttackReport, Truth, attack_table
from publisher.tabular.hierarchies import hierarchy_files
from publisher.tabular.leaves import read_leaves
from publisher.tabular.protect import PUBLIC_KEY, ProtectedTable, protect
from publisher.tabular.rows import CsvFile
from publisher.tabular.spec import Spec, load_spec
from publisher.tabular.table import PlainTable, read_table

T = 5
LEVELS = ("exact", "interval", "ambiguous")
Leaf = tuple[str, str]
"""An area of the finest level and a category."""
Key = tuple[str, str]
"""A cell: an area of any level, or 00; a category, or TOT."""
Cells = Mapping[Key, int | None]


@dataclass(frozen=True)
class PlainWorld:
    """`above`: the code of every leaf at each level; empty: in no cell of it.  `hierarchies`: levels, finest first.

    `leaves`: the contributions to every leaf cell; a count has as many ones as it counts.
    """

    above: Mapping[str, Mapping[str, str]]
    hierarchies: tuple[tuple[str, ...], ...]
    leaves: Mapping[Leaf, tuple[int, ...]]
    areas: tuple[str, ...]
    categories: tuple[str, ...]
    forced: tuple[Mapping[str, str], ...] = ({},)
    threshold: int = T

    @property
    def members(self) -> dict[Key, list[int]]:
        """Which leaf cells every cell adds up, as positions in `order`."""
        inside = {"00": set(self.areas)} | {a: {a} for a in self.areas}
        for level in dict.fromkeys(v for h in self.hierarchies for v in h):
            for area in self.areas:
                code = self.above[level].get(area, "")
                inside.setdefault(code, set()).add(area)
        inside.pop("", None)
        columns = {"TOT": set(self.categories)} | {c: {c} for c in self.categories}
        return {
            (a, c): [i for i, (leaf, k) in enumerate(self.order) if leaf in areas and k in codes]
            for (a, areas), (c, codes) in product(inside.items(), columns.items())
        }

    @property
    def order(self) -> list[Leaf]:
        """The leaf cells."""
        return list(product(self.areas, self.categories))

    def persons(self, key: Key) -> list[int]:
        """Every contribution to a cell, largest first."""
        order = self.order
        return sorted((n for i in self.members[key] for n in self.leaves.get(order[i], ())), reverse=True)

    @property
    def truth(self) -> dict[Key, int]:
        """Every cell's value."""
        order, members = self.order, self.members
        single = [sum(self.leaves.get(leaf, ())) for leaf in order]
        return {key: sum(single[i] for i in inside) for key, inside in members.items()}

    def must_be_shown(self) -> set[Key]:
        """The cells that `forced` names, by level."""
        level_of = {"00": "total"} | dict.fromkeys(self.areas, "area")
        for level in dict.fromkeys(v for h in self.hierarchies for v in h):
            level_of |= {c: level for c in self.above[level].values() if c}
        out = set()
        for rule in self.forced:
            for a, c in self.members:
                column = "total" if c == "TOT" else "category"
                named = rule or {"area": "total", "category": "total"}
                if named.get("area", level_of[a]) == level_of[a] and named.get("category", column) == column:
                    out.add((a, c))
        return out


def counted(counts: Mapping[str, Sequence[int]], **changes: Any) -> PlainWorld:
    """Counts by area (a row each, categories p, q, ...); `above` and `hierarchies` are empty unless given."""
    categories = "pqrstuvw"[: len(next(iter(counts.values())))]
    leaves = {(a, c): (1,) * n for a, row in counts.items() for c, n in zip(categories, row, strict=True)}
    given: dict[str, Any] = {"above": {}, "hierarchies": (), **changes}
    return PlainWorld(leaves=leaves, areas=tuple(sorted(counts)), categories=tuple(categories), **given)


COUNT_RULES = "rules: [{threshold: %d}]\n"
SUM_RULES = 'contributors: [first, second]\nrules: [{dominance: {n: 1, k: "75"}}, {p_percent: "10"}]\n'


@dataclass(frozen=True)
class Asked:
    """What the specification asks for."""

    level: str = "exact"
    zeros: str = "published"
    sums: bool = False


def spec_text(world: PlainWorld, asked: Asked) -> str:
    """SPEC.yaml; without hierarchies the areas are flat too."""
    hierarchies = "".join(
        f"      - {{file: areas.csv, levels: [area, {', '.join(h)}]}}\n" for h in world.hierarchies
    ) or "      - {file: areas.csv, levels: [area]}\n"
    forced = ["{" + ", ".join(f"{k}: {v}" for k, v in rule.items()) + "}" if rule else "total" for rule in world.forced]
    rules = SUM_RULES if asked.sums else COUNT_RULES % world.threshold
    return (
        'value: n\ndimensions:\n  - column: area\n    total: "00"\n    hierarchies:\n' + hierarchies
        + f"  - {{column: category, total: TOT, codes: [{', '.join(world.categories)}]}}\n" + rules
        + f"zeros: {asked.zeros}\nprotection: {{level: {asked.level}}}\nforced: [{', '.join(forced)}]\n"
    )  # fmt: skip


def leaves_text(world: PlainWorld, *, mix: int | None = None) -> str:
    """LEAVES.csv; `mix`: a seed that puts its rows in another order."""
    rows = [
        (a, c, sum(n), *[*sorted(n, reverse=True)[:2], 0, 0][:2])
        for a, c in world.order if (n := world.leaves.get((a, c), ()))
    ]  # fmt: skip
    order = range(len(rows)) if mix is None else np.random.default_rng(mix).permutation(len(rows))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([("area", "category", "n", "first", "second"), *(rows[i] for i in order)])
    return stream.getvalue()


def areas_text(world: PlainWorld, *, mix: int | None = None) -> str:
    """The file of the hierarchies; `mix` as above."""
    levels = list(dict.fromkeys(v for h in world.hierarchies for v in h))
    rows = [[a, *(world.above[v].get(a, "") for v in levels)] for a in world.areas]
    if mix is not None:
        rows = [rows[i] for i in np.random.default_rng(mix).permutation(len(rows))]
    return "\n".join(",".join(row) for row in [["area", *levels], *rows]) + "\n"


@contextmanager
def written(world: PlainWorld, asked: Asked, *, mix: int | None = None) -> Iterator[tuple[Path, Spec]]:
    """A folder with areas.csv, SPEC.yaml and LEAVES.csv; `mix`: a seed for another order of rows."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "areas.csv").write_text(areas_text(world, mix=mix), encoding="utf-8")
        (folder / "SPEC.yaml").write_text(spec_text(world, asked), encoding="utf-8")
        (folder / "LEAVES.csv").write_text(leaves_text(world, mix=mix), encoding="utf-8")
        yield folder, load_spec(folder / "SPEC.yaml")


def protected(
    world: PlainWorld, asked: Asked, *, key: bytes = PUBLIC_KEY, mix: int | None = None
) -> tuple[ProtectedTable, dict[Key, int | None]]:
    """What `protect` gives: the receipt, and the cells of the table as they are published."""
    with written(world, asked, mix=mix) as (folder, spec):
        made = protect(read_leaves(CsvFile.read(folder / "LEAVES.csv"), spec, hierarchy_files(spec)), spec, key=key)
        table = read_table(CsvFile("TABLE.csv", made.table_bytes()), ["area", "category"])
    return made, {(k[0], k[1]): v for k, v in table.cells.items()}


def our_attack(world: PlainWorld, asked: Asked, cells: Cells, *, owner: bool = True) -> AttackReport:
    """Our own attacker's report.  `owner`: with the leaves at hand."""
    with written(world, asked) as (folder, spec):
        files = hierarchy_files(spec)
        truth = Truth.of(read_leaves(CsvFile.read(folder / "LEAVES.csv"), spec, files), spec) if owner else None
        return attack_table(PlainTable(("area", "category"), dict(cells)), spec, files, truth=truth)


def without(world: PlainWorld, hidden: Collection[Key]) -> dict[Key, int | None]:
    """The table of the world with these cells withheld."""
    truth = world.truth
    assert set(hidden) <= set(truth)
    return {k: None if k in hidden else v for k, v in truth.items()}


@dataclass
class Outsider:
    """Who has the published cells, and knows of every withheld one that it is at least `least`.

    `whole`: and that every leaf is a whole number.
    """

    world: PlainWorld
    cells: Cells
    least: int
    whole: bool = False
    rows: dict[Key, np.ndarray] = field(init=False)
    program: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        size = len(self.world.order)
        self.rows = {k: np.bincount(i, minlength=size).astype(float) for k, i in self.world.members.items()}
        shown = {k: v for k, v in self.cells.items() if v is not None}
        held = [k for k, v in self.cells.items() if v is None]
        self.program = {
            "A_eq": np.array([self.rows[k] for k in shown]) if shown else None,
            "b_eq": np.array([*shown.values()], dtype=float) if shown else None,
            "A_ub": -np.array([self.rows[k] for k in held]) if held else None,
            "b_ub": np.full(len(held), -float(self.least)) if held else None,
            "bounds": (0, None), "method": "highs",
        }  # fmt: skip

    def interval(self, key: Key) -> tuple[float, float]:
        """Least and greatest whole number."""
        low, high = (linprog(sign * self.rows[key], **self.program) for sign in (1, -1))
        assert low.status == 0, "the truth must be possible"
        endless = high.status == 3
        if self.whole:
            low, high = (linprog(s * self.rows[key], **self.program, integrality=int(s > 0 or not endless))
                         for s in (1, -1))  # fmt: skip
            assert low.status == 0, "the truth is a whole number"
        return np.ceil(low.fun - 1e-6), np.inf if endless else np.floor(-high.fun + 1e-6)


def is_sensitive(value: int, asked: Asked, threshold: int = T) -> bool:
    """By the threshold."""
    return int(asked.zeros == "published") <= value < threshold


def broken(world: PlainWorld, asked: Asked, cells: Cells, *, whole: bool = False) -> list[str]:
    """Which promises of a count do not hold, by linear programs over the leaves; `whole`: in whole numbers."""
    truth, t = world.truth, world.threshold
    assert set(cells) == set(truth)
    sensitive = {k for k, v in truth.items() if is_sensitive(v, asked, t)}
    out = [f"{k} is wrong" for k, v in cells.items() if v not in (None, truth[k])]
    out += [f"{k} is shown" for k in sorted(sensitive) if cells[k] is not None]
    held = sorted(k for k, v in cells.items() if v is None)
    if asked.zeros == "published" and any(truth[k] == 0 for k in held):
        return [*out, "a zero is withheld"]
    a0, a1 = (Outsider(world, cells, least, whole) for least in (0, int(asked.zeros == "published")))
    for key in held:
        low, high = a1.interval(key)
        if high - low >= t and high >= t:
            continue  # who knows less leaves more open
        if high <= low:
            out.append(f"{key} is a point")
        if key in sensitive and asked.level != "exact" and np.subtract(*reversed(a0.interval(key))) < t:
            out.append(f"{key} is narrow")
        if key in sensitive and asked.level == "ambiguous" and (high < t or high - low < t - 1):
            out.append(f"{key} is known to be small")
    return out


def overdone(world: PlainWorld, asked: Asked, cells: Cells) -> list[Key]:
    """Cells that had to be shown, and are neither sensitive nor shown."""
    truth = world.truth
    return [k for k in world.must_be_shown() if cells[k] is None and not is_sensitive(truth[k], asked, world.threshold)]


def everything(world: PlainWorld, asked: Asked) -> dict[Key, int | None]:
    """All withheld that may be: whatever this does not protect nothing protects."""
    truth, shown = world.truth, world.must_be_shown()
    hidden = {
        k for k, v in truth.items()
        if is_sensitive(v, asked, world.threshold) or (k not in shown and (v > 0 or asked.zeros == "protected"))
    }  # fmt: skip
    return without(world, hidden)


def refused_rightly(world: PlainWorld, asked: Asked) -> bool:
    """Whether a sensitive cell is broken although all is withheld that may be."""
    truth = world.truth
    sensitive = [k for k, v in truth.items() if is_sensitive(v, asked, world.threshold)]
    found = broken(world, asked, everything(world, asked))
    return any(f.startswith(str(k)) for k in sensitive for f in found)


def reach_of(persons: Sequence[int]) -> Fraction | None:
    """How far the interval of a sum must reach by (1, 75 %) and 10 %; None where no rule makes it sensitive."""
    total, first, two = sum(persons), sum(persons[:1]), sum(persons[:2])
    levels = []
    if 4 * first > 3 * total:
        levels.append(Fraction(4 * first, 3) - total)
    if 10 * (total - two) < first:
        levels.append(Fraction(first, 10) - (total - two))
    return max(levels) if levels else None


def broken_sums(world: PlainWorld, cells: Cells) -> list[str]:
    """Which promises of a sum do not hold, for who knows that no withheld sum is 0."""
    truth, out = world.truth, []
    if any(truth[k] == 0 for k, v in cells.items() if v is None):
        return ["a zero is withheld"]
    informed = Outsider(world, cells, 1)
    for key, value in cells.items():
        reach = reach_of(world.persons(key))
        if value is not None:
            out += [f"{key} is wrong"] * (value != truth[key]) + [f"{key} is shown"] * (reach is not None)
            continue
        low, high = informed.interval(key)
        if high <= low:
            out.append(f"{key} is a point")
        if reach is not None and (low > max(1, truth[key] - reach) or high < truth[key] + reach):
            out.append(f"{key} ends too near")
    return out
