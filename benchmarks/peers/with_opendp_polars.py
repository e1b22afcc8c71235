"""OpenDP's Polars interface: one Context for the year, split evenly over ten queries under zCDP.

As its documentation does for grouped counts with known keys: `dp.len(signed=True)` (without it, counts are clamped at
0) after `with_keys`, and the contribution bounds in the privacy unit, which the rows already hold: at most one row in
each of `bound` cells, or `bound` rows in one cell for totals, which the unit says per grouping.  Intervals are the
accuracy that `summarize` gives.
"""

from collections.abc import Iterator

import contract
import opendp.prelude as dp
import polars as pl
from opendp.extras.polars import Bound

dp.enable_features("contrib")


def estimate(work: contract.Work, _: str) -> Iterator[contract.Cell]:
    """All query groups under one compositor."""
    context = dp.Context.compositor(
        data=pl.scan_csv(work.rows, schema_overrides=dict.fromkeys(("benefit", *contract.LEVELS), pl.String)),
        privacy_unit=dp.unit_of(contributions=list(_bounds(work))),
        privacy_loss=dp.loss_of(rho=work.rho),
        split_evenly_over=len(work.groups),
    )
    for level, kept in work.groups:
        by = [level, "benefit"] if kept else [level]
        keys = pl.DataFrame([key[: len(by)] for key in work.keys(level, kept)], schema=by, orient="row")
        query = context.query().group_by(by).agg(dp.len(signed=True)).with_keys(keys)
        half = query.summarize(alpha=0.05)["accuracy"][0]
        for *key, value in query.release().collect().select(*by, "len").iter_rows():
            area, benefit = (*key, contract.TOTAL)[:2]
            yield level, area, benefit, value, value - half, value + half


def _bounds(work: contract.Work) -> Iterator[Bound]:
    """What a person can contribute to each grouping."""
    yield Bound(by=[], per_group=work.bound)
    for level in contract.LEVELS:
        yield Bound(by=[pl.col(level), pl.col("benefit")], per_group=1, num_groups=work.bound)
        yield Bound(by=[pl.col(level)], per_group=work.bound, num_groups=1)


if __name__ == "__main__":
    contract.run(estimate)
