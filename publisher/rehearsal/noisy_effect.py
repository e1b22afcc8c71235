"""What noise does to areas by name: the error to expect beside the size of their numbers, and a map of what is marked.

No record is read: sizes are those published last, or assumed.
"""

from collections.abc import Sequence

import numpy as np

from publisher.noise.area_system import FloatArray
from publisher.rehearsal.effects import MapArea, map_area
from publisher.rehearsal.expected import Planned, marked
from publisher.rehearsal.places import Place, inside

Json = dict[str, object]


def map_of(planned: Planned, sizes: FloatArray, level: str, names: dict[str, str]) -> tuple[MapArea, ...]:
    """Each area of a level with its cells of known size, all rows within it together, and those that are marked."""
    cells, within = marked(planned, sizes), _inside(planned, level)
    return tuple(
        map_area(
            code, name, cells=int(cells.known[within == code].sum()),
            marked=int((cells.gone | cells.unsure)[within == code].sum()),
        )
        for code, name in names.items()
    )  # fmt: skip


def expected_of(planned: Planned, sizes: FloatArray, place: Place) -> list[Json]:
    """The own numbers of an area, one row a marginal: errors and sizes are those of its cells in the middle (root of
    the mean square, and mean)."""
    cells, errors = marked(planned, sizes), np.sqrt(planned.variances)
    row = planned.keys.area_codes.index(place.code)
    out: list[Json] = []
    for _, rows, kept, pick in planned.groups():
        if rows.start <= row < rows.stop:
            at = (slice(row, row + 1), *pick)
            sized = sizes[at][np.isfinite(sizes[at])]
            out.append({
                "attributes": planned.attributes(kept),
                "cells": errors[at].size,
                "expected_error": round(float(np.sqrt(np.mean(errors[at] ** 2))), 1),
                "size": round(float(sized.mean()), 1) if sized.size else None,
                "uncertain": int(cells.unsure[at].sum()),
                "withheld": int(cells.gone[at].sum()),
            })  # fmt: skip
    return out


def _inside(planned: Planned, level: str) -> np.ndarray:
    rows: Sequence[tuple[str, str]] = [(v.level, code) for v in planned.keys.levels for code in v.codes]
    return inside([own for own, _ in rows], [code for _, code in rows], level)
