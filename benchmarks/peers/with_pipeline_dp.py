"""PipelineDP on its local backend: one aggregation a query group, public keys, its own bounds.

COUNT or SUM with Gaussian noise under NaiveBudgetAccountant (epsilon and delta in equal parts, each spent on one of
them): PLDBudgetAccountant says that it does not work with DPEngine yet.  A person lies in at most 4 cells, once in
each, or for totals in one cell 4 times; it is told so, and bounds by itself.  Intervals are 1.96 times the standard
deviation that it gives (`output_noise_stddev`).
"""

from collections.abc import Iterator
from typing import Any

import contract
import pipeline_dp


def estimate(work: contract.Work, _: str) -> Iterator[contract.Cell]:
    """All query groups under one accountant."""
    accountant = pipeline_dp.NaiveBudgetAccountant(
        total_epsilon=work.epsilon, total_delta=work.delta, num_aggregations=len(work.groups)
    )
    engine = pipeline_dp.DPEngine(accountant, pipeline_dp.LocalBackend())
    rows = list(contract.read_rows(work))
    results = {group: _aggregate(engine, work, rows, group) for group in work.groups}
    accountant.compute_budgets()
    name = "sum" if work.clamps else "count"
    for group, lazy in results.items():
        found, keys = dict(lazy), work.keys(*group)
        half = 1.959964 * getattr(found[keys[0]], f"{name}_noise_stddev")
        yield from contract.cells_of(work, group, [getattr(found[key], name) for key in keys], half_width=half)


def _aggregate(
    engine: pipeline_dp.DPEngine, work: contract.Work, rows: list[dict[str, str]], group: contract.Group
) -> Any:
    """The lazy result of one query group: pairs of key and metrics."""
    by, kept = work.by(*group), group[1][0]
    bounds = {"min_value": 0, "max_value": work.most} if work.clamps else {}
    metric = pipeline_dp.Metrics.SUM if work.clamps else pipeline_dp.Metrics.COUNT
    parameters = pipeline_dp.AggregateParams(
        metrics=[metric], noise_kind=pipeline_dp.NoiseKind.GAUSSIAN,
        max_partitions_contributed=work.bound if kept else 1,
        max_contributions_per_partition=1 if kept else work.bound, output_noise_stddev=True, **bounds,
    )  # fmt: skip
    extractors = pipeline_dp.DataExtractors(
        privacy_id_extractor=lambda row: row["person"],
        partition_extractor=lambda row: tuple(row[name] for name in by),
        value_extractor=lambda row: int(row["units"]),
    )
    return engine.aggregate(rows, parameters, extractors, public_partitions=work.keys(*group))


if __name__ == "__main__":
    contract.run(estimate)
