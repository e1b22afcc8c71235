"""Tumult Analytics on Spark: a zCDP session, declared key sets, an equal part of rho a query.

As its documentation recommends: `AddRowsWithID`, with truncation inside the library.  Where the benefit is kept, at
most `bound` benefits a person and one row in each (`MaxGroupsPerID`, `MaxRowsPerGroupPerID`), which gives the
sensitivity sqrt(bound); for totals at most `bound` rows (`MaxRowsPerID`).  It gives no intervals.  Spark runs locally
on two threads, with little shuffling, and its Java process is waited for, so that its time is counted.
"""

import os
import sys
import tempfile
from collections.abc import Iterator

import contract
from pyspark import SparkContext
from pyspark.sql import SparkSession
from tmlt.analytics import (
    AddRowsWithID,
    KeySet,
    MaxGroupsPerID,
    MaxRowsPerGroupPerID,
    MaxRowsPerID,
    QueryBuilder,
    RhoZCDPBudget,
    Session,
)


def estimate(work: contract.Work, _: str) -> Iterator[contract.Cell]:
    """All query groups in one session."""
    with tempfile.TemporaryDirectory() as warehouse:
        spark = _spark(warehouse)
        yield from _session(work, spark)
        spark.stop()
        _wait_for_java()


def _session(work: contract.Work, spark: SparkSession) -> Iterator[contract.Cell]:
    """All query groups."""
    rows = spark.read.csv(str(work.rows), header=True, schema=_schema(work))
    session = Session.from_dataframe(
        privacy_budget=RhoZCDPBudget(work.rho), source_id="work", dataframe=rows,
        protected_change=AddRowsWithID("person"),
    )  # fmt: skip
    for group in work.groups:
        yield from _group(work, session, group)


def _group(work: contract.Work, session: Session, group: contract.Group) -> Iterator[contract.Cell]:
    """One query group."""
    by, keys = work.by(*group), work.keys(*group)
    query = QueryBuilder("work")
    if group[1][0]:
        query = query.enforce(MaxGroupsPerID("benefit", work.bound)).enforce(MaxRowsPerGroupPerID("benefit", 1))
    else:
        query = query.enforce(MaxRowsPerID(work.bound))
    budget = RhoZCDPBudget(work.rho / len(work.groups))
    grouped = query.groupby(KeySet.from_tuples(keys, by))
    asked = grouped.sum("units", low=0, high=work.most, name="n") if work.clamps else grouped.count(name="n")
    found = {tuple(row[name] for name in by): row["n"] for row in session.evaluate(asked, budget).collect()}
    yield from contract.cells_of(work, group, [found[key] for key in keys])


def _spark(warehouse: str) -> SparkSession:
    """A local Spark whose workers run in this environment and whose files go into `warehouse`."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.sql.shuffle.partitions": "2", "spark.default.parallelism": "2", "spark.driver.memory": "4g",
        "spark.ui.enabled": "false", "spark.driver.host": "localhost",
        "spark.sql.warehouse.dir": warehouse,
    }  # fmt: skip
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _schema(work: contract.Work) -> str:
    return ", ".join([f"{name} STRING" for name in ("person", *work.columns)] + ["units INT"]
                     + [f"{level} STRING" for level in contract.LEVELS])  # fmt: skip


def _wait_for_java() -> None:
    """End Spark's Java process and wait for it: only then its time counts among the children's."""
    gateway = SparkContext._gateway
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()


if __name__ == "__main__":
    contract.run(estimate)
