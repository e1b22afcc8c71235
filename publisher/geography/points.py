"""Records placed by coordinates: the engine hands over points in batches, and gets leaves back."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa

from publisher.geography.borders import Borders
from publisher.policy.declarations import SourceDeclaration
from publisher.source.columns import SourceFile, number_sql
from publisher.source.engine import Engine

Batch = Callable[[pa.Array, pa.Array], pa.Array]


def points_to_leaves(borders: Borders, leaves: Mapping[str, int], stray: int) -> Batch:
    """A function of a batch: east and north in millimetres (missing: no place stated) -> leaves, or `stray`.

    An area of the borders that the register does not have is a stray, too.
    """
    numbers = np.array([*(leaves.get(code, stray) for code in borders.codes), stray], dtype=np.int32)
    nation = leaves["00X"]

    def place(east: pa.Array, north: pa.Array) -> pa.Array:
        stated = east.is_valid().to_numpy(zero_copy_only=False)
        metres = [column.fill_null(0).to_numpy(zero_copy_only=False) / 1000.0 for column in (east, north)]
        found = borders.find(*metres)  # -1 takes the last number: a point in no area
        return pa.array(np.where(stated, numbers[found], nation).astype(np.int32))

    return place


def point_sql(engine: Engine, file: SourceFile, declaration: SourceDeclaration, place: Batch) -> str:
    """SQL of the leaf or stray of a row, by its coordinates."""
    name = engine.new_name("place")
    engine.add_function(name, place, ("BIGINT", "BIGINT"), "INTEGER")
    east, north = (f"round({number_sql(file, c)} * 1000)::BIGINT" for c in declaration.place_columns)
    return f"{name}({east}, {north})"
