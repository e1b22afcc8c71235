"""A reserve of withheld cells for equations over the whole country.

What moves in one municipality moves the nation's areas of a type too, unless something elsewhere moves them back.
Withheld cells that hang together by all other equations can do that in some directions: those in which their
circulations move the long equations.  Few such parts are enough for nearly all directions there are.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.linalg import null_space, orth

from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray, FloatArray, Graph

SMALL, LARGE = 4, 300
"""Parts of so many cells are looked at."""

WORTH = 0.01
"""A part is taken as long as it adds so many directions a cell."""

STILL = 1e-8
"""A direction shorter than this is none."""


class _Part(NamedTuple):
    """Withheld cells that hang together, and the directions (orthonormal columns) in which they move the long rows."""

    cells: IntArray
    directions: FloatArray


def reserve_of(graph: Graph, parts: Sequence[IntArray], able: BoolArray) -> IntArray:
    """Cells of few of the `parts` that move the long equations in most directions in which any part does; sorted.

    `parts`: withheld cells that hang together by all but the long equations; `able`: cells that can move either way.
    """
    left = [_part(graph, part, able) for part in parts if SMALL <= len(part) <= LARGE]
    known, taken = np.zeros((int(graph.far.sum()), 0)), np.zeros(0, dtype=np.int64)
    while left:
        added = [_rank(part.directions - known @ (known.T @ part.directions)) for part in left]
        best = int(np.argmax([more / len(part.cells) for more, part in zip(added, left, strict=True)]))
        if added[best] < WORTH * len(left[best].cells):
            break
        chosen = left.pop(best)
        known, taken = orth(np.hstack([known, chosen.directions])), np.union1d(taken, chosen.cells)
    return taken


def _part(graph: Graph, cells: IntArray, able: BoolArray) -> _Part:
    movable = cells[able[cells]]
    rows, touched = graph.touching(movable)
    far = graph.far[rows]
    circulations = null_space(touched[~far].toarray()) if len(movable) else np.zeros((0, 0))
    out = np.zeros((int(graph.far.sum()), circulations.shape[1]))
    out[np.searchsorted(np.flatnonzero(graph.far), rows[far])] = touched[far].toarray() @ circulations
    return _Part(cells, orth(out, rcond=STILL) if out.size else out[:, :0])


def _rank(directions: FloatArray) -> int:
    return int(np.linalg.matrix_rank(directions, tol=STILL)) if directions.size else 0
