"""How good a noise table would be, without reading a record: errors by size of area, and the share of cells marked.

What is needed of counts comes from what is already published of the table, or from assumed shares of the public
population; the answer says which.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from publisher.noise.area_system import FloatArray
from publisher.policy.model import MeasureSpec, Noise
from publisher.relations import IntArray, KeySet
from publisher.release.model import TOTAL, Table
from publisher.suppression.blocks import BoolArray

ASSUMED = (0.01, 0.05, 0.2)
"""Shares of the inhabitants that are counted, where nothing is published yet."""
_CLASSES = (("smallest quarter", 0.0, 0.25), ("middle half", 0.25, 0.75), ("largest quarter", 0.75, 1.0))
_LEAST = 4
"""Areas of a level from which on they are told apart by size."""

Json = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """A table as it would be: its cells, the variance of each cell of the count (shape keys.shape), and its terms."""

    keys: KeySet
    variances: FloatArray
    noise: Noise

    def attributes(self, kept: tuple[bool, ...]) -> list[str]:
        """The columns that a marginal keeps."""
        return [c.id for c, k in zip(self.keys.columns, kept, strict=True) if k]

    def groups(self) -> Iterator[tuple[str, slice, tuple[bool, ...], tuple[slice, ...]]]:
        """Level, its rows, marginal, and where the marginal's cells are along the category axes."""
        first = 0
        for level in self.keys.levels:
            rows = slice(first, first + len(level.codes))
            first = rows.stop
            for kept in self.keys.marginals:
                codes = [len(c.codes) for c in self.keys.columns]
                pick = tuple(slice(None, n) if k else slice(n, None) for n, k in zip(codes, kept, strict=True))
                yield level.level, rows, kept, pick


@dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """The size of every cell, and what it is reckoned from; `assumed`: the share of the inhabitants, None if
    published."""

    array: FloatArray
    basis: str
    assumed: float | None


def errors_by_size(planned: Planned, leaf_sizes: IntArray) -> list[Json]:
    """The expected error of the coarsest marginal of each level, for areas of few, of middling and of many inhabitants.

    `leaf_sizes`: inhabitants of each leaf.
    """
    out: list[Json] = []
    people = _people(planned.keys, leaf_sizes)
    coarsest = planned.keys.marginals[-1]
    for level, rows, kept, pick in planned.groups():
        size = people[rows]
        if kept != coarsest or len(size) < _LEAST:
            continue
        errors = planned.variances[(rows, *pick)].reshape(len(size), -1).mean(axis=1)
        order = np.argsort(size, kind="stable")
        for name, start, end in _CLASSES:
            inside = order[round(start * len(order)) : round(end * len(order))]
            out.append({
                "area_level": level, "areas": len(inside), "class": name,
                "inhabitants_from": int(size[inside].min()), "inhabitants_to": int(size[inside].max()),
                "expected_error": round(float(np.sqrt(errors[inside].mean())), 2),
            })  # fmt: skip
    return out


def published_sizes(planned: Planned, table: Table, measure: MeasureSpec) -> FloatArray:
    """The size of every cell as published last, shape keys.shape.

    A cell that is published without a number counts as withheld (-inf); one that is not published yet is left out
    (NaN).
    """
    period = table.periods[-1]
    values = {(c.area, c.categories): c for c in table.cells if c.measure == measure.id and c.period == period}
    unit = 10 ** table.measure(measure.id).decimals
    order = [[d.id for d in table.dimensions].index(c.id) for c in planned.keys.columns]
    sizes = np.full(planned.keys.shape, np.nan)
    for i, area in enumerate(planned.keys.area_codes):
        for at, codes in zip(np.ndindex(*planned.keys.category_shape), planned.keys.category_keys, strict=True):
            published = [""] * len(codes)
            for place, code in zip(order, codes, strict=True):
                published[place] = code
            cell = values.get((area, tuple(published)))
            if cell is not None:
                sizes[(i, *at)] = -np.inf if cell.value is None else cell.value / unit
    return sizes


def assumed_sizes(planned: Planned, leaf_sizes: IntArray, share: float) -> FloatArray:
    """The same, were `share` of the inhabitants counted, spread evenly over the codes of each column."""
    people = _people(planned.keys, leaf_sizes).astype(np.float64)
    sizes: FloatArray = share * people.reshape(-1, *[1] * len(planned.keys.columns)) * np.ones(planned.keys.shape)
    for axis, (column, total) in enumerate(zip(planned.keys.columns, planned.keys.totals, strict=True), start=1):
        parts = np.full(len(column.codes) + total, 1 / len(column.codes))
        if total:
            parts[-1] = 1.0
        sizes *= parts.reshape([-1 if a == axis else 1 for a in range(sizes.ndim)])
    return sizes


def form_is_known(planned: Planned, table: Table) -> bool:
    """Whether a published table has the columns of the planned one, with codes that stand for the same, and a total
    wherever it needs one."""
    published = {d.id: {(c.code, frozenset(c.joins or (c.code,))) for c in d.categories} for d in table.dimensions}
    needed = {
        c.id: {(code, frozenset(c.parts(code))) for code in (*c.codes, *([TOTAL] if total else []))}
        for c, total in zip(planned.keys.columns, planned.keys.totals, strict=True)
    }
    return published.keys() == needed.keys() and all(needed[i] <= published[i] for i in needed)


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """Which cells have a size, and which of those would be withheld or marked uncertain; arrays of shape keys.shape."""

    known: BoolArray
    gone: BoolArray
    unsure: BoolArray


def marked(planned: Planned, sizes: FloatArray) -> Marked:
    """How cells of these sizes would be marked.  NaN for cells to leave out, and -inf for those withheld before."""
    limit, known = planned.noise.withhold_below, ~np.isnan(sizes)
    gone = known & (np.isneginf(sizes) if limit is None else sizes < float(limit))
    wide = np.sqrt(planned.variances) > float(planned.noise.uncertain_cv) * sizes
    return Marked(known, gone, known & ~gone & wide)


def marks(planned: Planned, sizes: FloatArray) -> Iterator[Json]:
    """The share of cells that would be marked uncertain or withheld, by level and marginal."""
    cells = marked(planned, sizes)
    for level, rows, kept, pick in planned.groups():
        known = cells.known[(rows, *pick)]
        if not known.any():
            continue
        yield {
            "area_level": level,
            "attributes": planned.attributes(kept),
            "uncertain_per_cent": _per_cent(cells.unsure[(rows, *pick)], known),
            "withheld_per_cent": _per_cent(cells.gone[(rows, *pick)], known),
        }


def _per_cent(part: np.ndarray, whole: np.ndarray) -> float:
    return round(100 * float(part.sum()) / float(whole.sum()), 1)


def _people(keys: KeySet, leaf_sizes: IntArray) -> IntArray:
    """Inhabitants of every area cell."""
    return np.concatenate([np.asarray(v.matrix @ leaf_sizes) for v in keys.levels]).astype(np.int64)
