"""Regions of unknowns that can move while all others stand still, grown along the equations.

An unknown that is the only one of the region in some equation cannot move.  So a region grows by those unknowns that
give the most such equations a second one, and that bring the fewest new equations in which they would be alone.
"""

import numpy as np
from numpy.typing import NDArray

from publisher.audit.attacker.equations import Ints
from publisher.audit.attacker.programme import Floats, Programme

_STEP = 0.5
"""A region grows by this share of itself at a time."""

_FIRST = 4
"""And by so many at least."""


def grown(programme: Programme, seeds: Ints, size: int, random: np.random.Generator) -> Ints:
    """About `size` unknowns, sorted, `seeds` among them; fewer where no more hang together.  Ties fall at random."""
    near = np.unique(seeds)
    while len(near) < size:
        found, gain = _candidates(programme, near)
        if not len(found):
            break
        most = min(size - len(near), max(_FIRST, int(_STEP * len(near))))
        best = np.argsort(-(gain + random.random(len(gain)) / 2), kind="stable")[:most]
        near = np.union1d(near, found[best])
    return near


def _candidates(programme: Programme, near: Ints) -> tuple[Ints, Floats]:
    """Unknowns outside that share equations with those inside, and for each how many equations it mends, less how many
    it brings in which it is alone."""
    rows, inside = np.unique(programme.by_column[:, near].indices, return_counts=True)
    part = programme.matrix[rows]
    found, entry = np.unique(part.indices, return_inverse=True)
    alone = np.repeat(inside == 1, np.diff(part.indptr))
    shared, mended = np.bincount(entry), np.bincount(entry, weights=alone.astype(np.float64))
    new = np.diff(programme.by_column.indptr)[found] - shared
    outside: NDArray[np.bool_] = ~np.isin(found, near, assume_unique=True)
    return found[outside].astype(np.int64), np.asarray((mended - new)[outside], dtype=np.float64)
