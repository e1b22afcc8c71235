"""What single persons add to a cell of a sum: for dominance, p % and the least number of contributors."""

from dataclasses import dataclass

import numpy as np

from publisher.bounding import DistinctCases
from publisher.cube.cells import sealed
from publisher.opaque import Opaque
from publisher.policy.model import MOST_CONTRIBUTORS
from publisher.relations import IntArray, KeySet


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Contributions(Opaque):
    """Of each cell of the keys: the largest contributions of single persons, and how many persons contribute.

    `largest`: absolute, descending, zeros where there are fewer, shape (*keys.shape, MOST_CONTRIBUTORS); what a person
    adds to several parts of a cell is added before.  `total`: of the absolute contributions; `persons`: with at least
    one case; shape keys.shape.
    """

    largest: IntArray
    total: IntArray
    persons: IntArray


def largest_contributions(distinct: DistinctCases, keys: KeySet, amount: str) -> Contributions:
    """Group by person and cell, at every level and marginal.  `amount`: column of the located table."""
    engine, layout, table = distinct.engine, distinct.layout, distinct.engine.new_name("contributions")
    positions = ", ".join(f"{layout.position_sql(c)}::INTEGER AS k{i}" for i, c in enumerate(keys.columns))
    codes = "".join(f", k{i}" for i in range(len(keys.columns)))
    engine.rows(
        f"CREATE TABLE {table} AS SELECT person, leaf{codes}, sum({amount})::BIGINT AS s FROM "
        f"(SELECT person, leaf, {amount}{', ' if positions else ''}{positions} FROM {distinct.table}) GROUP BY ALL"
    )
    largest = np.zeros((int(np.prod(keys.shape)), MOST_CONTRIBUTORS), dtype=np.int64)
    total, persons = np.zeros((2, int(np.prod(keys.shape))), dtype=np.int64)
    offset = 0
    for level in keys.levels:
        areas = engine.new_name("areas")
        inside = np.flatnonzero(level.member >= 0)
        engine.lend(areas, {"leaf": inside, "area": level.member[inside] + offset})
        for marginal in keys.marginals:
            found = engine.arrays(_grouped_sql(table, areas, keys, marginal))
            cells = found["cell"]
            total[cells], persons[cells] = found["total"], found["persons"]
            for rank in range(MOST_CONTRIBUTORS):
                largest[cells, rank] = found[f"t{rank}"]
        engine.take_back(areas)
        offset += len(level.codes)
    engine.rows(f"DROP TABLE {table}")
    shape = keys.shape
    ranked = largest.reshape(*shape, MOST_CONTRIBUTORS)
    return Contributions(sealed(ranked), sealed(total.reshape(shape)), sealed(persons.reshape(shape)))


def _grouped_sql(table: str, areas: str, keys: KeySet, marginal: tuple[bool, ...]) -> str:
    """Persons added up within each cell of a level and marginal, then ranked; `cell`: flat index in keys.shape."""
    cell = "area"
    for i, (column, kept, total) in enumerate(zip(keys.columns, marginal, keys.totals, strict=True)):
        cell = f"({cell} * {len(column.codes) + total} + {f'k{i}' if kept else len(column.codes)})"
    ranks = ", ".join(f"coalesce(top[{r + 1}], 0)::BIGINT AS t{r}" for r in range(MOST_CONTRIBUTORS))
    one = (
        f"SELECT person, {cell}::BIGINT AS cell, sum(s)::BIGINT AS s FROM {table} JOIN {areas} USING (leaf) "
        "GROUP BY ALL"
    )
    top = f"count(*) AS persons, sum(abs(s))::BIGINT AS total, max(abs(s), {MOST_CONTRIBUTORS}) AS top"
    return f"SELECT cell, persons, total, {ranks} FROM (SELECT cell, {top} FROM ({one}) GROUP BY cell)"
