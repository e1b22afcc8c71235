"""OpenDP's Polars interface: one Context for the year, split evenly over all queries under zCDP.

As its documentation does for grouped counts with known keys: `dp.len(signed=True)` (without it, counts are clamped at
0), or `dp.sum` of the units within their bounds (which asks for a declared most of rows), with `with_keys`, and the
contribution bounds in the privacy unit, which the rows already hold: at most one row in each of `bound` cells, or
`bound` rows in one cell for totals, which the unit says per grouping.  Intervals are the accuracy that `summarize`
gives.
"""

from collections.abc import Iterator

import contract
import opendp.prelude as dp
import polars as pl
from opendp.extras.polars import Bound, Margin

dp.enable_features("contrib")
MOST_ROWS = 2**30


def estimate(work: contract.Work, _: str) -> Iterator[contract.Cell]:
    """All query groups under one compositor."""
    context = dp.Context.compositor(
        data=pl.scan_csv(work.rows, schema_overrides=dict.fromkeys((*work.columns, *contract.LEVELS), pl.String)),
        privacy_unit=dp.unit_of(contributions=list(_bounds(work))),
        privacy_loss=dp.loss_of(rho=work.rho),
        split_evenly_over=len(work.groups),
        margins=[Margin(by=[], max_length=MOST_ROWS)] if work.clamps else None,
    )
    added = pl.col("units").fill_null(0).dp.sum((0, work.most)) if work.clamps else dp.len(signed=True)
    for group in work.groups:
        by, keys = work.by(*group), work.keys(*group)
        query = context.query().group_by(by).agg(added).with_keys(pl.DataFrame(keys, schema=by, orient="row"))
        half = query.summarize(alpha=0.05)["accuracy"][0]
        released = query.release().collect().select(*by, "units" if work.clamps else "len")
        found = {tuple(key): value for *key, value in released.iter_rows()}
        yield from contract.cells_of(work, group, [found[key] for key in keys], half_width=half)


def _bounds(work: contract.Work) -> Iterator[Bound]:
    """What a person can contribute to each grouping."""
    yield Bound(by=[], per_group=work.bound)
    for level, kept in work.groups:
        by = [pl.col(name) for name in work.by(level, kept)]
        each, cells = (1, work.bound) if kept[0] else (work.bound, 1)
        yield Bound(by=by, per_group=each, num_groups=cells)


if __name__ == "__main__":
    contract.run(estimate)
