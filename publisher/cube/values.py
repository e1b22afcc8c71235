"""How many bounded persons have which amount in each leaf cell, for quantiles under noise only."""

from dataclasses import replace
from math import prod

import numpy as np

from publisher.bounding import BoundedCases
from publisher.bounding.contributions import Detail
from publisher.cube.bounded import _MINT, BoundedCube, _in_order, _rows
from publisher.cube.cells import MOST_CELLS, leaf_shape, sealed
from publisher.errors import PolicyError
from publisher.quantity import Quantity, value_class, value_columns
from publisher.relations import Column, IntArray, KeySet


def count_values(bounded: BoundedCases, *, keys: KeySet, quantity: Quantity) -> BoundedCube:
    """Count bounded persons in every declared leaf cell by the class of their amount there (`value_columns`).

    The last two columns of `keys` are those of the classes; the others may leave out columns that were bounded.  A
    person's amount in a cell is the sum of the amount over the person's distinct cases in all of its combinations that
    the bound kept: **one** amount a person and cell, so that a person adds 1 to one class of each cell that the person
    is in, as `Quantity("persons", 1)` adds 1 to each cell.  PolicyError for other keys, for persons that were not
    bounded in detail, and for an amount that was not read.
    """
    detail = bounded.detail
    if quantity.kind != "values" or keys.columns[-2:] != value_columns(quantity.candidates):
        raise PolicyError("amounts are counted by the classes of their candidates")
    if detail is None:
        raise PolicyError("values need persons that were bounded in detail")
    own = replace(keys, columns=keys.columns[:-2], totals=keys.totals[:-2])
    if not set(own.columns) <= set(bounded.columns):
        raise PolicyError("the keys have other columns than the persons were bounded for")
    shape = (*leaf_shape(bounded.layout, own), *(len(c.codes) for c in keys.columns[-2:]))
    if max(prod(shape), prod(keys.shape)) > MOST_CELLS:
        raise PolicyError(f"the table has more than {MOST_CELLS} cells by candidate: declare fewer candidates")
    counts = _count(bounded, detail, own.columns, quantity, shape)
    return BoundedCube(_MINT, keys, sealed(_in_order(counts, _others_last(keys), shape)), bounded.bound, quantity)


def _count(
    bounded: BoundedCases, detail: Detail, columns: tuple[Column, ...], quantity: Quantity, shape: tuple[int, ...]
) -> IntArray:
    """Shape (leaf x personal columns, other columns x classes)."""
    personal, others = (tuple(c for c in columns if c.personal is own) for own in (True, False))
    found = detail.engine.arrays(_values_sql(bounded, detail, others, quantity.amount))
    classes = shape[-2] * shape[-1]
    rows = _rows(bounded.layout, found["place"].astype(np.int64), personal)
    within = found["cell"].astype(np.int64) * classes + value_class(found["v"].astype(np.int64), quantity.candidates)
    cells = prod(len(c.codes) for c in others) * classes
    counts = np.zeros((prod(shape) // cells, cells), dtype=np.int64)
    np.add.at(counts, (rows, within), found["n"].astype(np.int64))
    return counts


def _values_sql(bounded: BoundedCases, detail: Detail, others: tuple[Column, ...], amount: str) -> str:
    """Persons by place, cell of the columns that are kept, and amount there."""
    return (
        f"WITH one AS (SELECT person, {detail.combination} AS combination, "
        f"sum({bounded.layout.amount_column(amount)})::BIGINT AS v FROM {detail.units} GROUP BY ALL), "
        f"kept AS (SELECT * FROM one ANTI JOIN {detail.dropped} USING (person, combination)), "
        f"cells AS (SELECT person, {_cell_sql(bounded, others)} AS cell, sum(v)::BIGINT AS v FROM kept GROUP BY ALL) "
        f"SELECT place, cell, v, count(*) AS n FROM cells JOIN {detail.persons} USING (person) GROUP BY ALL"
    )


def _cell_sql(bounded: BoundedCases, others: tuple[Column, ...]) -> str:
    """SQL of a row's cell in the cross of `others`, C order, from its combination of all bounded columns."""
    known = tuple(c for c in bounded.columns if not c.personal)
    cell = "0::BIGINT"
    for column in others:
        stride = prod(len(c.codes) for c in known[known.index(column) + 1 :])
        cell = f"({cell} * {len(column.codes)} + (combination // {stride}) % {len(column.codes)})"
    return cell


def _others_last(keys: KeySet) -> KeySet:
    """The same columns, with the classes among those that are counted after the personal ones."""
    classes = tuple(replace(c, personal=False) for c in keys.columns[-2:])
    return replace(keys, columns=(*keys.columns[:-2], *classes))
