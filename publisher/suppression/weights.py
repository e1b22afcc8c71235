"""What it costs to withhold a cell, from public knowledge and a secret only."""

import hashlib
import hmac

import numpy as np

from publisher.relations import IntArray

UNIT = 32
"""Steps between two sizes."""

SPREAD = 1024
"""The keyed factor is (SPREAD + 0..255) / SPREAD: a secret decides between sizes that differ by up to a quarter."""

FLOOR = 20
"""Added to every size, so that ten small cells are not cheaper than one of middle size."""


def public_weights(sizes: IntArray, *, key: bytes) -> IntArray:
    """Positive weight of each cell, flat: UNIT x (FLOOR + size) x a keyed factor of 1 to 5/4, + 0 to 255.

    `sizes`: public size of each cell, 0 or more: its population, or its expected count from figures that are already
    published.  Large cells are dear, without ten small ones being cheaper than one of middle size.

    Whoever knows the code can rerun the search on candidate tables and keep those that give the published pattern.
    Weights that followed the true values would hand over those values; therefore they come from public sizes, and
    the key decides besides: HMAC-SHA-256 of the cell's index gives a factor from 1 to 5/4 and breaks
    ties, so that a rerun without the key seldom gives the same pattern.  At least 16 bytes of key.
    ValueError for a negative size or a short key.
    """
    if len(key) < 16:
        raise ValueError("the key of the tie-breaks needs at least 16 bytes")
    flat = [int(s) for s in sizes.ravel()]
    if min(flat, default=0) < 0:
        raise ValueError("a public size cannot be negative")
    tie = [hmac.digest(key, b"suppression tie-break %d" % i, hashlib.sha256)[0] for i in range(len(flat))]
    keyed = [UNIT * (FLOOR + s) * (SPREAD + t) // SPREAD + t for s, t in zip(flat, tie, strict=True)]
    return np.array(keyed, dtype=np.int64)
