"""SmartNoise SQL: one grouped COUNT(*) or SUM a query group, its default noise, epsilon in equal parts.

A person has up to `bound` rows (`max_ids`), which the rows hold already, so that its own sampling is off.  Groups
without a row would be missing from the answer, and small ones be censored: as its documentation says for known groups,
`censor_dims` is off and the exact counts with all keys are handed over as `pre_aggregated`.  Its odometer is asked for
the largest epsilon a query at which ten queries stay within the budget: sums, as its advanced composition gives less
here; its Gaussian has a sensitivity of `bound` in place of the square root, and needs four times the noise.  Intervals
are its `get_simple_accuracy`.
"""

from collections.abc import Iterator

import contract
import pandas as pd
import snsql
from snsql import Privacy
from snsql.sql.odometer import OdometerHeterogeneous


def estimate(work: contract.Work, _: str) -> Iterator[contract.Cell]:
    """Each query group as one SQL query."""
    reader = snsql.from_df(
        pd.DataFrame(columns=["person", "units", *work.columns, *contract.LEVELS]),
        privacy=Privacy(epsilon=_each(work), delta=0.0), metadata=_metadata(work),
    )  # fmt: skip
    what, name = ("SUM(units)", "sum_units") if work.clamps else ("COUNT(*)", "count_star")
    for group, counts in contract.exact_counts(work).items():
        by, keys = work.by(*group), work.keys(*group)
        query = f"SELECT {', '.join(by)}, {what} AS n FROM d.work GROUP BY {', '.join(by)}"
        half = reader.get_simple_accuracy(query, 0.05)[-1]
        exact = [(*by, name), *[(*key, n) for key, n in zip(keys, counts, strict=True)]]
        found = {tuple(key): n for *key, n in reader.execute(query, pre_aggregated=exact)[1:]}
        yield from contract.cells_of(work, group, [found[key] for key in keys], half_width=half)


def _each(work: contract.Work) -> float:
    """The epsilon of a query: the budget in equal parts, checked by the library's own odometer."""
    each = work.epsilon / len(work.groups)
    odometer = OdometerHeterogeneous(None)
    for _ in work.groups:
        odometer.spend(Privacy(epsilon=each, delta=work.delta / (2 * len(work.groups))))
    if odometer.spent[0] > work.epsilon * (1 + 1e-9):
        raise ValueError(f"the odometer says {odometer.spent}")
    return each


def _metadata(work: contract.Work) -> dict[str, object]:
    """The table as the library wants it described."""
    columns = {name: {"type": "string"} for name in (*work.columns, *contract.LEVELS)}
    table = {
        "max_ids": work.bound, "sample_max_ids": False, "censor_dims": False, "clamp_counts": False,
        "person": {"type": "int", "private_id": True}, **columns,
        "units": {"type": "int", "lower": 0, "upper": work.most},
    }  # fmt: skip
    return {"": {"d": {"work": table}}}


if __name__ == "__main__":
    contract.run(estimate)
