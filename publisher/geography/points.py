"""Records placed by coordinates: the engine hands over points in batches, and gets leaves back."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa

from publisher.geography.borders import Borders
from publisher.source.engine import Engine

Batch = Callable[[pa.Array, pa.Array], pa.Array]

POINTS = "points"
_NEAR = 2_000_000
"""Millimetres: the side of the squares by which points are ordered."""


def points_to_leaves(borders: Borders, leaves: Mapping[str, int], stray: int) -> Batch:
    """A function of a batch: east and north in millimetres, none missing -> leaves, or `stray`."""
    numbers = np.array([*(leaves[code] for code in borders.codes), stray], dtype=np.int32)

    def place(east: pa.Array, north: pa.Array) -> pa.Array:
        metres = [column.to_numpy(zero_copy_only=False) / 1000.0 for column in (east, north)]
        return pa.array(numbers[borders.find(*metres)])  # -1 takes the last number: a point in no area

    return place


def place_points(engine: Engine, records: str, place: Batch, *, nation: int) -> tuple[str, str]:
    """SQL of the leaf or stray of a row of `records`, and of the join that it needs; `nation`: of no place.

    `records`: SQL of a query with columns place0 and place1, east and north in millimetres.  Each different point is
    placed once, and near points together: asking for points all over the country in turn takes three times as long.
    A point that was not there when points were collected has no leaf.  Table POINTS is to be dropped afterwards.
    """
    call = engine.new_name("place")
    engine.add_function(call, place, ("BIGINT", "BIGINT"), "INTEGER")
    engine.rows(
        f"CREATE TABLE {POINTS} AS SELECT place0, place1, {call}(place0, place1) AS leaf FROM "
        f"(SELECT DISTINCT place0, place1 FROM ({records}) WHERE place0 IS NOT NULL "
        f"ORDER BY place0 // {_NEAR}, place1 // {_NEAR})"
    )
    join = f"LEFT JOIN {POINTS} AS point ON record.place0 = point.place0 AND record.place1 = point.place1"
    return f"(CASE WHEN record.place0 IS NULL THEN {nation} ELSE point.leaf END)", join
