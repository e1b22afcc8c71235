"""A pattern that `benchmarks/suppression.py --keep` found, as a table for `publisher attack`.

    python benchmarks/plain_table.py FOLDER PATTERN.npy OUT --work W4
    publisher attack OUT/table.csv --spec OUT/spec.yaml --json

FOLDER and works as of `benchmarks/suppression.py` with `--county all`, but for W2.  Leaves that stand for what is in no
area of a county or municipality are leaves like others.  Without the leaves every withheld cell may be a sensitive one
for `attack`.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from suppression import ATTRIBUTES, THRESHOLD, keys_of, leaf_counts, read_areas, read_counts

from publisher.relations import AreaLevel, KeySet, all_cells
from publisher.release.model import TOTAL
from publisher.tabular.table import write_table

NATION, EVERYTHING = "00", "TOT"


def write_areas(path: Path, levels: tuple[AreaLevel, ...]) -> None:
    """For each leaf its code and those of the areas that it is a part of."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([level.level for level in levels])
        for places in zip(*(level.member.tolist() for level in levels), strict=True):
            writer.writerow([level.codes[at] if at >= 0 else "" for level, at in zip(levels, places, strict=True)])


def spec_of(levels: tuple[AreaLevel, ...], columns: tuple[str, ...]) -> str:
    """The text of spec.yaml: counts, at `ambiguous`."""
    names = ", ".join(level.level for level in levels)
    others = "".join(f'  - {{column: {name}, total: "{EVERYTHING}"}}\n' for name in columns)
    return (
        f'value: n\ndimensions:\n  - column: area\n    total: "{NATION}"\n    hierarchies:\n'
        f"      - {{file: areas.csv, levels: [{names}]}}\n{others}"
        f"rules: [{{threshold: {THRESHOLD}}}]\nzeros: published\nprotection: {{level: ambiguous}}\n"
    )


def write(out: Path, keys: KeySet, values: np.ndarray, suppressed: np.ndarray) -> None:
    """table.csv, areas.csv and spec.yaml."""
    below = keys.levels[1:]  # the nation is the total
    areas = [NATION, *(code for level in below for code in level.codes)]
    categories = [dict.fromkeys(codes) for codes in zip(*keys.category_keys, strict=True)]
    codes = [areas, *([EVERYTHING if c == TOTAL else c for c in of] for of in categories)]
    columns, finest_first = tuple(c.id for c in keys.columns), tuple(below[::-1])
    size = int(np.prod([len(c) for c in codes]))
    out.mkdir(parents=True, exist_ok=True)
    (out / "table.csv").write_bytes(write_table(("area", *columns), codes, values[:size], suppressed[:size]))
    write_areas(out / "areas.csv", finest_first)
    (out / "spec.yaml").write_text(spec_of(finest_first, columns), encoding="utf-8")


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("pattern", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--work", required=True, choices=sorted(set(ATTRIBUTES) - {"W2"}))
    given = parser.parse_args()
    counts = read_counts(given.folder, ATTRIBUTES[given.work])
    keys = keys_of(read_areas(given.folder, "all"), counts, given.work, "all")
    write(given.out, keys, all_cells(leaf_counts(counts, keys)[0], keys), np.load(given.pattern))


if __name__ == "__main__":
    main()
