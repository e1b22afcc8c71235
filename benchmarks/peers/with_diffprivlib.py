"""diffprivlib: its histograms (truncated geometric noise), epsilon in equal parts under its BudgetAccountant.

`tools.histogramdd` with declared bins is what its documentation gives for counts.  A record is its unit of privacy and
it knows no zCDP, so that a person with up to 4 rows is covered by a quarter of each part, and epsilon is pure (delta 0;
its advanced composition gives less than plain sums at ten queries).  Amounts are the weights of a histogram, whose
noise takes a weight to be at most 1: epsilon is divided by the most of a row too.  It truncates at 0 by itself, and
gives no intervals.
"""

from collections.abc import Iterator

import contract
import numpy as np
from diffprivlib import BudgetAccountant
from diffprivlib.tools import histogramdd


def estimate(work: contract.Work, _: str) -> Iterator[contract.Cell]:
    """Each query group as one histogram."""
    whole = work.epsilon / work.bound / work.most
    accountant = BudgetAccountant(epsilon=whole * (1 + 1e-9), delta=0)  # its sum of equal parts rounds up
    rows = list(contract.read_rows(work))
    units = [int(row["units"]) for row in rows]
    for group in work.groups:
        codes = {**work.columns, group[0]: work.areas(group[0])}
        by = work.by(*group)
        places = [{code: i for i, code in enumerate(codes[name])} for name in by]
        points = [[place[row[name]] for row in rows] for name, place in zip(by, places, strict=True)]
        found, _edges = histogramdd(
            np.array(points).T, epsilon=whole / len(work.groups), bins=[len(p) for p in places], weights=units,
            range=[(-0.5, len(p) - 0.5) for p in places], accountant=accountant,
        )  # fmt: skip
        yield from contract.cells_of(work, group, found.reshape(-1))


if __name__ == "__main__":
    contract.run(estimate)
