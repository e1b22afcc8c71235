"""Who is in which of several windows: units by the set of windows that they stand in, cell by cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from publisher.bounding import Units
from publisher.cube.cells import leaf_shape, sealed, spread
from publisher.opaque import Opaque
from publisher.relations import IntArray, KeySet

_UNITS = {"cases": "person, kase", "persons": "person", "events": "*"}
"""What is counted once in a leaf cell of a window."""

MOST_WINDOWS = 60


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Presence(Opaque):
    """How many units stand in just these windows, by the windows' numbers; each of shape (leaves, codes...).

    Sets of windows that nobody stands in are left out.  The units of a window are those of all sets that hold it.
    """

    counts: Mapping[frozenset[int], IntArray]


def count_presence(windows: Sequence[Units], *, keys: KeySet, kind: str) -> Presence:
    """Count cases, persons or events (`kind`) by the windows that they stand in; all windows are of one engine.

    A unit that stands at another place in another window (a case's latest record, say) is another there: what is
    counted is the unit together with its leaf cell.
    """
    if not 1 <= len(windows) <= MOST_WINDOWS:
        raise ValueError(f"between 1 and {MOST_WINDOWS} windows can be told apart")
    layout, engine, unit = windows[0].layout, windows[0].engine, _UNITS[kind]
    shape = leaf_shape(layout, keys)
    cell = f"leaf * {prod(shape[1:])}::BIGINT + {layout.flat_sql(keys.columns)}"
    each = [f"SELECT DISTINCT {unit}, {cell} AS cell, {1 << k}::BIGINT AS bit FROM {w.table}"
            for k, w in enumerate(windows)]  # fmt: skip
    together = f"SELECT * EXCLUDE (bit), sum(bit)::BIGINT AS bits FROM ({' UNION ALL '.join(each)}) GROUP BY ALL"
    found = engine.arrays(f"SELECT bits, cell, count(*) AS n FROM ({together}) GROUP BY ALL")
    out = {}
    for bits in np.unique(found["bits"]).tolist():
        at = found["bits"] == bits
        members = frozenset(k for k in range(len(windows)) if bits >> k & 1)
        out[members] = sealed(spread(found["cell"][at], found["n"][at], prod(shape)).reshape(shape))
    return Presence(out)
