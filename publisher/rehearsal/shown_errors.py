"""What the shrunken numbers of a table may be off by, seen on draws.  It reads no record.

How far shrinking helps depends on how alike areas are, which only the records know.  So it is tried on the numbers that
were published last, or on assumed shares of the inhabitants, under which all areas are alike.
"""

from collections.abc import Iterator

import numpy as np

from publisher.draft.noisy import sizes_of_areas
from publisher.noise.area_system import FloatArray
from publisher.noise.simulation import simulated_errors
from publisher.policy.model import EstimateKind, TableSpec
from publisher.preparation import Prepared
from publisher.rehearsal.expected import Planned, Sizes
from publisher.relations import IntArray, KeySet

MOST_DRAWS, _CELLS = 8, 2**17
"""A table is drawn as often as gives so many cells: in a large one each level has cells enough at one draw."""

Json = dict[str, object]
NOT_SIMULATED: Json = {"basis": "", "draws": 0, "rows": []}


def shown_errors(prepared: Prepared, spec: TableSpec, planned: Planned, sizes: Sizes) -> Json:
    """The error of each area level and marginal of the count, beside that of the unbiased estimate in the same draws.

    Nothing of a table that is not shrunken.
    """
    if planned.noise.estimate is not EstimateKind.SHRUNKEN:
        return NOT_SIMULATED
    keys = planned.keys
    draws = max(1, min(MOST_DRAWS, _CELLS // int(np.prod(keys.shape))))
    shown, unbiased = simulated_errors(
        spec, keys, leaf_numbers(keys, sizes.array, prepared.leaf_sizes()), draws=draws,
        population=sizes_of_areas(spec, prepared.denominators(keys)),
    )  # fmt: skip
    return {"basis": sizes.basis, "draws": draws, "rows": list(_rows(planned, shown, unbiased))}


def _rows(planned: Planned, shown: FloatArray, unbiased: FloatArray) -> Iterator[Json]:
    """The known error of the unbiased estimate times how much smaller it was when shown: of few cells a few draws tell
    that quotient, and not the error."""
    for level, rows, kept, pick in planned.groups():
        at = (rows, *pick)
        known, share = planned.variances[at].mean(), shown[at].mean() / unbiased[at].mean()
        yield {
            "area_level": level,
            "attributes": planned.attributes(kept),
            "shown_error": round(float(np.sqrt(known * share)), 2),
        }


def leaf_numbers(keys: KeySet, sizes: FloatArray, leaf_sizes: IntArray) -> FloatArray:
    """Numbers of the leaves, shape (leaves, codes of each column), that add up to those of the finest level that each
    lies in, shared out by inhabitants.

    `sizes`: of every cell, shape keys.shape; withheld and unknown ones count as nothing.
    """
    codes = sizes[(slice(None), *[slice(len(c.codes)) for c in keys.columns])]
    cells = np.maximum(np.nan_to_num(codes, nan=0.0, neginf=0.0), 0.0)
    out, ends = np.zeros((len(keys.leaves), *cells.shape[1:])), np.cumsum([len(v.codes) for v in keys.levels])
    for level, end in sorted(zip(keys.levels, ends, strict=True), key=lambda pair: len(pair[0].codes)):
        inside = level.member >= 0
        people = np.maximum(level.matrix @ leaf_sizes, 1)
        share = leaf_sizes[inside] / people[level.member[inside]]
        own = cells[end - len(level.codes) : end][level.member[inside]]
        out[inside] = own * share.reshape(-1, *[1] * (cells.ndim - 1))
    return out
