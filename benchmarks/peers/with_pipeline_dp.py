"""PipelineDP on its local backend: one aggregation a query group, public keys, its own bounds.

COUNT with Gaussian noise under NaiveBudgetAccountant (epsilon and delta in ten equal parts, each spent on one count):
PLDBudgetAccountant says that it does not work with DPEngine yet.  A person lies in at most 4 cells, once in each, or
for totals in one cell 4 times; it is told so, and bounds by itself.  Intervals are 1.96 times the standard deviation
that it gives (`output_noise_stddev`).
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
    results = {(v, kept): _aggregate(engine, work, rows, v, kept) for v, kept in work.groups}
    accountant.compute_budgets()
    for (level, kept), lazy in results.items():
        found = dict(lazy)
        for area, benefit in work.keys(level, kept):
            count, half = found[area, benefit].count, 1.959964 * found[area, benefit].count_noise_stddev
            yield level, area, benefit, count, count - half, count + half


def _aggregate(
    engine: pipeline_dp.DPEngine, work: contract.Work, rows: list[dict[str, str]], level: str, kept: bool
) -> Any:
    """The lazy result of one query group: pairs of key and metrics."""
    parameters = pipeline_dp.AggregateParams(
        metrics=[pipeline_dp.Metrics.COUNT], noise_kind=pipeline_dp.NoiseKind.GAUSSIAN,
        max_partitions_contributed=work.bound if kept else 1,
        max_contributions_per_partition=1 if kept else work.bound, output_noise_stddev=True,
    )  # fmt: skip
    extractors = pipeline_dp.DataExtractors(
        privacy_id_extractor=lambda row: row["person"],
        partition_extractor=lambda row: (row[level], row["benefit"] if kept else contract.TOTAL),
        value_extractor=lambda _: 0,
    )
    return engine.aggregate(rows, parameters, extractors, public_partitions=work.keys(level, kept))


if __name__ == "__main__":
    contract.run(estimate)
