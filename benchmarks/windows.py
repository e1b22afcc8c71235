"""A chain of rolling years, each protected and attacked with all that share time with it: what the attack costs.

    python benchmarks/windows.py FOLDER [--county 05] [--windows 12] [--last 2022M12] [--count cases]

FOLDER holds areas.csv (regso, regso_name, kommun, lan, area_type, population) and cases.parquet (case_id, regso, date,
benefit, sex, age_group).  The table is RegSO, municipality, county (and nation) by benefit with totals, of cases or
of persons (of an area and benefit); threshold 5, zeros published, level `ambiguous`.  As in a run, who stands in
windows that no stretch of time puts together counts as known, the first draft of a window is searched beside the
nearest window only, and what the attack on all windows finds broken is mended; where nothing can, it stops.  For every
window: withheld cells, drafts, CPU seconds of the search and of one attack, and the peak memory.
"""

import argparse
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import duckdb
import numpy as np
from suppression import THRESHOLD, YEAR, expected, index_of, must_be_published, read_areas

from publisher.audit.attacker import AttackResult, CellKey, Means, ValueKey
from publisher.audit.attacker.joint import WindowView, attack_windows
from publisher.draft.windows import (
    NewCells,
    Window,
    nothing_happened,
    parts_between,
    protect_window,
)
from publisher.policy.model import ProtectionLevel
from publisher.relations import Column, IntArray, KeySet, LinkedSystem, all_cells, linked_system
from publisher.release.model import (
    TOTAL,
    Area,
    Category,
    Cell,
    CellStatus,
    Dimension,
    Measure,
    SuppressionFacts,
    Table,
    Text,
)
from publisher.suppression.blocks import BoolArray
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.weights import public_weights

KEY = b"benchmark, not a secret"
DRAFTS = 5
NAME = Text("t", "t")


@dataclass(frozen=True)
class Chain:
    """`units`: leaf, code and months (a bit each) of every unit, shape (units, 3); `windows`: their first months, the
    new one first."""

    keys: KeySet
    system: LinkedSystem
    units: IntArray
    new: NewCells
    windows: tuple[int, ...] = ()

    def count(self, chosen: BoolArray) -> IntArray:
        """All cells of the system, of some units."""
        leaves = np.zeros([len(self.keys.leaves), len(self.keys.columns[0].codes)], dtype=np.int64)
        np.add.at(leaves, (self.units[chosen, 0], self.units[chosen, 1]), 1)
        return all_cells(leaves, self.keys)

    def inside(self, first: int) -> BoolArray:
        """The units of the twelve months from `first` on."""
        return np.asarray(self.units[:, 2] & (0xFFF << first) > 0)

    @property
    def cell_keys(self) -> list[tuple[str, tuple[str, ...]]]:
        """Area and categories of the published cells, in order."""
        return list(product(self.keys.area_codes, self.keys.category_keys))

    def parts(self, windows: Sequence[Window]) -> tuple[list[IntArray], list[Window]]:
        """The counts of the parts of as many windows, and these with the parts that they are made of."""
        spans = self.windows[: len(windows)]
        member = sum(self.inside(first).astype(np.int64) << i for i, first in enumerate(spans))
        cuts = parts_between([(first, first + 12) for first in spans])
        sets = dict.fromkeys(sum(1 << i for i, f in enumerate(spans) if f <= a and b <= f + 12) for a, b in cuts)
        made = [replace(w, parts=tuple(p for p, s in enumerate(sets) if s >> i & 1)) for i, w in enumerate(windows)]
        return [self.count(member == s) for s in sets], made


def read_chain(folder: Path, county: str, last: str, windows: int, count: str) -> Chain:
    """Everything before the first window; windows are made of the months up to `last`."""
    rows, first = read_areas(folder, county), int(last[:4]) * 12 + int(last[5:]) - 10 - windows
    who = "case_id" if count == "cases" else "person_id"
    counts = duckdb.execute(
        f"SELECT regso, benefit, bit_or(1::BIGINT << (12 * year(date) + month(date) - {first})) "
        f"FROM read_parquet(?) WHERE 12 * year(date) + month(date) BETWEEN {first} AND {first + 10 + windows} "
        f"GROUP BY regso, benefit, {who} ORDER BY ALL", [str(folder / "cases.parquet")],
    ).fetchall()  # fmt: skip
    index, codes = index_of(rows), tuple(sorted({str(r[1]) for r in counts}))
    levels = (*(("riket",) if county == "all" else ()), "lan", "kommun", "regso")
    keys = KeySet(index.leaves, index.levels(levels, YEAR), (Column("benefit", codes, False),), (True,))
    leaf, code = ({c: i for i, c in enumerate(x)} for x in (keys.leaves, codes))
    units = np.array([(leaf[r], code[b], m) for r, b, m in counts if r in leaf], dtype=np.int64)
    nation = np.bincount([code[b] for _, b, _ in counts], minlength=len(codes))
    system = linked_system(keys)
    people = sum(int(r["population"]) for r in read_areas(folder, "all"))
    weights = public_weights(all_cells(expected(nation, rows, people, keys), keys), key=KEY)
    none = np.zeros(system.size, dtype=np.int64)
    forced = must_be_published(keys, system.size)
    return Chain(keys, system, units, NewCells(forced, none > 0, weights, none + NO_TOP))


def first_draft(chain: Chain, sealed: Sequence[Window]) -> Window:
    """The new window, searched beside the nearest one, with all that an earlier one withholds."""
    values = chain.count(chain.inside(chain.windows[0]))
    sensitive = (values > 0) & (values < THRESHOLD) & chain.system.shown
    kept = np.any([sensitive, *(w.withheld for w in sealed)], axis=0)
    window = Window((0,), values, kept, sensitive)
    parts, near = chain.parts([window, *sealed[:1]])
    new = replace(chain.new, forced=chain.new.forced & ~kept, zeros=(values == 0) & ~kept)
    pattern = protect_window(
        chain.system, near, parts, new, level=ProtectionLevel.AMBIGUOUS, threshold=THRESHOLD, known_zeros=True
    )
    return replace(window, withheld=pattern.suppressed[: chain.system.size] & chain.system.shown)


def mended(chain: Chain, windows: Sequence[Window], broken: Sequence[BoolArray]) -> Window:
    """The new window with what protects the broken cells over all windows."""
    first = windows[0]
    parts, made = chain.parts(windows)
    new = replace(chain.new, forced=chain.new.forced & ~first.withheld, zeros=(first.values == 0) & ~first.withheld)
    pattern = protect_window(
        chain.system, made, parts, new, level=ProtectionLevel.AMBIGUOUS, threshold=THRESHOLD, known_zeros=True,
        targets=broken,
    )  # fmt: skip
    return replace(first, withheld=first.withheld | (pattern.suppressed[: chain.system.size] & chain.system.shown))


def table_of(chain: Chain, window: Window, period: str) -> Table:
    """What the public sees of a window."""
    keys = chain.keys
    cells = tuple(
        Cell(area, codes, period, "cases", None if hidden else value,
             CellStatus.SUPPRESSED if hidden else CellStatus.PUBLISHED, None, None, 1)
        for (area, codes), value, hidden in zip(
            chain.cell_keys, window.values.tolist(), window.withheld.tolist(), strict=False
        )
    )  # fmt: skip
    benefit = Dimension("benefit", NAME, tuple(Category(c, NAME) for c in (*keys.columns[0].codes, TOTAL)))
    return Table(
        id="table", title=NAME, areas=tuple(Area(v.level, code, NAME) for v in keys.levels for code in v.codes),
        dimensions=(benefit,), measures=(Measure("cases", "cases", NAME, NAME, 0, True, False),), periods=(period,),
        cells=cells, notes=(), area_types={period: {}}, editions={period: "benchmark"},
        protection=SuppressionFacts(THRESHOLD, "cases", "published", "ambiguous"),
    )  # fmt: skip


def attack(chain: Chain, windows: Sequence[Window]) -> list[BoolArray]:
    """The cells of each window of which an outsider with all windows knows too much."""
    parts, made = chain.parts(windows)
    told, keys = nothing_happened([w.parts for w in made], parts), chain.cell_keys
    views, needs, needs_a1 = [], dict[ValueKey, float](), dict[ValueKey, float]()
    for i, window in enumerate(made):
        kept = np.any([window.withheld & False, *(w.withheld for w in made[i + 1 :])], axis=0)
        period, names = str(2000 + i), frozenset[CellKey](("table", *k) for k, x in zip(keys, kept, strict=False) if x)
        late = (window.values - sum(parts[p] for p in window.parts))[: len(keys)].tolist()
        changed = {("table", "cases", *k): n for k, n in zip(keys, late, strict=True) if n}
        view = WindowView(str(i), period, (table_of(chain, window, period),), frozenset(window.parts), names, changed)
        wide = np.where(window.sensitive[: len(keys)], THRESHOLD, 1).tolist()
        needs |= {(view.name("table"), "cases", *k): n for k, n in zip(keys, wide, strict=True)}
        needs_a1 |= {(view.name("table"), "cases", *k): max(1, n - 1) for k, n in zip(keys, wide, strict=True)}
        views.append(view)
    silent = [[("table", "cases", *k) for k, zero in zip(keys, row, strict=False) if zero] for row in told]
    results = attack_windows(
        views, silent=silent, zeros_published=True, need=needs, need_a1=needs_a1, means=Means(integers=True)
    )
    return [broken_of(chain, w, r) for w, r in zip(made, results, strict=True)]


def broken_of(chain: Chain, window: Window, result: AttackResult) -> BoolArray:
    """What is a point, or known to be small although it is sensitive."""
    at = {key: i for i, key in enumerate(chain.cell_keys)}
    out = np.zeros(chain.system.size, dtype=np.bool_)
    for a0, a1 in zip(result.a0, result.a1, strict=True):
        i = at[a0.area, a0.categories]
        safe = a0.at_least(THRESHOLD) and a1.at_least(THRESHOLD - 1)
        out[i] |= a0.exact or a1.exact or bool(window.sensitive[i] and not safe)
    return out


def run(chain: Chain, count: int) -> None:
    """The chain, one window after the other."""
    sealed = list[Window]()
    for k in range(count):
        chain = replace(chain, windows=(k, *chain.windows))
        start = time.process_time()
        draft, drafts, spent = first_draft(chain, sealed), 0, 0.0
        while True:
            drafts, before = drafts + 1, time.process_time()
            broken = attack(chain, [draft, *sealed])
            spent = time.process_time() - before
            if not any(b.any() for b in broken) or drafts == DRAFTS:
                break
            draft = mended(chain, [draft, *sealed], broken)
        sealed.insert(0, draft)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{k + 1} windows: {int(draft.withheld.sum())} cells withheld, {int(sum(b.sum() for b in broken))} broken, "
            f"{drafts} drafts in {time.process_time() - start:.1f} CPU s; one attack {spent:.1f} CPU s, {memory} MB",
            flush=True,
        )


def main() -> None:
    """Run the chain named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--county", default="05")
    parser.add_argument("--windows", type=int, default=12)
    parser.add_argument("--last", default="2022M12")
    parser.add_argument("--count", default="cases", choices=["cases", "persons"])
    given = parser.parse_args()
    run(read_chain(given.folder, given.county, given.last, given.windows, given.count), given.windows)


if __name__ == "__main__":
    main()
