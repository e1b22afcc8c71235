"""diffprivlib: its histograms (truncated geometric noise), epsilon in ten equal parts under its BudgetAccountant.

`tools.histogramdd` with declared bins is what its documentation gives for counts.  A record is its unit of privacy and
it knows no zCDP, so that a person with up to 4 rows is covered by a quarter of each part, and epsilon is pure (delta 0;
its advanced composition gives less than plain sums at ten queries).  It truncates at 0 by itself, and gives no
intervals.
"""

from collections.abc import Iterator

import contract
import numpy as np
from diffprivlib import BudgetAccountant
from diffprivlib.tools import histogramdd


def estimate(work: contract.Work, _: str) -> Iterator[contract.Cell]:
    """Each query group as one histogram."""
    each = work.epsilon / len(work.groups) / work.bound
    accountant = BudgetAccountant(epsilon=work.epsilon / work.bound, delta=0)
    rows = list(contract.read_rows(work))
    benefits = {benefit: i for i, benefit in enumerate(work.benefits)}
    for level, kept in work.groups:
        places = {code: i for i, code in enumerate(work.areas(level))}
        columns = [[places[row[level]] for row in rows]]
        sizes = [len(places)]
        if kept:
            columns.append([benefits[row["benefit"]] for row in rows])
            sizes.append(len(benefits))
        found, _edges = histogramdd(
            np.array(columns).T, epsilon=each, bins=sizes, range=[(-0.5, n - 0.5) for n in sizes], accountant=accountant
        )
        yield from contract.cells_of(work, level, kept, found.reshape(-1))


if __name__ == "__main__":
    contract.run(estimate)
