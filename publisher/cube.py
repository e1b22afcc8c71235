"""Exact values over declared keys, zeros included: of whole records for suppression, of bounded persons for noise.

The two are different types, and no function turns one into the other: noise on a `Cube` would promise a sensitivity
that it does not have, and suppression of a `BoundedCube` would protect numbers that nobody publishes.
"""

from collections.abc import Iterator
from dataclasses import InitVar, dataclass
from math import prod

import numpy as np

from publisher.bounding import BoundedCases, DistinctCases, Words
from publisher.errors import PolicyError
from publisher.opaque import Opaque, require_mint
from publisher.policy.model import ContributionBound
from publisher.relations import Column, IntArray, KeySet, fill_totals
from publisher.source.engine import Engine
from publisher.source.layout import Layout

_MINT = object()
_MOST_CELLS = 100_000_000


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Cube(Opaque):
    """Exact counts of all records, for suppression only.

    `cases`: number of cases, shape (leaves, codes...).  `persons`: number of distinct persons in each leaf x full
    cross, the same shape.  Read-only.
    """

    mint: InitVar[object]
    keys: KeySet
    cases: IntArray
    persons: IntArray
    distinct_persons: IntArray

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "Cube")

    def contributors(self, kind: str) -> IntArray:
        """How many different units stand behind each cell, shape `keys.shape`, for the frequency rule.

        `kind`: `persons`, distinct within the cell, so that a total is not the sum of its parts; or `cases`.
        """
        if kind not in ("persons", "cases"):
            raise ValueError("contributors are persons or cases")
        return self.distinct_persons if kind == "persons" else fill_totals(self.cases, self.keys)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BoundedCube(Opaque):
    """Person-cells after bounding, for noise only: `counts`, shape (leaves, codes...), read-only."""

    mint: InitVar[object]
    keys: KeySet
    counts: IntArray
    bound: ContributionBound

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "BoundedCube")


def count_cases(distinct: DistinctCases, *, keys: KeySet) -> Cube:
    """Count cases and persons in every declared cell.  PolicyError for keys that do not belong to the records."""
    layout, engine = distinct.layout, distinct.engine
    shape = _leaf_shape(layout, keys)
    size = prod(shape)
    cell = f"leaf * {prod(shape[1:])}::BIGINT + {layout.flat_sql(keys.columns)}"
    found = engine.arrays(f"SELECT {cell} AS cell, count(*) AS n FROM {distinct.table} GROUP BY ALL")
    singles, number, several = _person_cells(engine, distinct.table, cell, size)
    persons = (singles + np.bincount(several, minlength=size)).reshape(shape)
    total = _count_distinct(number, several, keys) + fill_totals(singles.reshape(shape), keys)
    cases = _spread(found["cell"], found["n"], size).reshape(shape)
    return Cube(_MINT, keys, _sealed(cases), _sealed(persons), _sealed(total))


def _leaf_shape(layout: Layout, keys: KeySet) -> tuple[int, ...]:
    """(leaves, codes...); PolicyError if leaves or columns are not those of the records, or for too many cells."""
    if keys.leaves != layout.leaves:
        raise PolicyError("the keys have other areas than the records were placed in")
    for column in keys.columns:
        layout.declared(column)
    shape = (len(keys.leaves), *(len(c.codes) for c in keys.columns))
    if prod(shape) > _MOST_CELLS or prod(keys.shape) > _MOST_CELLS:
        raise PolicyError(f"the table has more than {_MOST_CELLS} cells")
    return shape


def _spread(cells: IntArray, counts: IntArray, size: int) -> IntArray:
    """Counts by cell -> all cells, zeros included."""
    out = np.zeros(size, dtype=np.int64)
    np.add.at(out, cells, counts)
    return out


def _sealed(array: IntArray) -> IntArray:
    array.flags.writeable = False
    return array


def _person_cells(engine: Engine, table: str, cell: str, size: int) -> tuple[IntArray, IntArray, IntArray]:
    """Number of persons who stand in one cell only, by cell; and for all others a running number, and their cells.

    Most persons stand in one cell, and add up without being told apart.
    """
    name = engine.new_name("cells")
    engine.rows(
        f"CREATE TABLE {name} AS SELECT person, min({cell}) AS a, max({cell}) AS b FROM {table} GROUP BY person"
    )
    one = engine.arrays(f"SELECT a, count(*) AS n FROM {name} WHERE a = b GROUP BY a")
    many = engine.arrays(
        f"SELECT DISTINCT number, {cell} AS cell FROM {table} JOIN "
        f"(SELECT person, row_number() OVER () AS number FROM {name} WHERE a < b) USING (person)"
    )
    engine.rows(f"DROP TABLE {name}")
    return _spread(one["a"], one["n"], size), many["number"].astype(np.int64), many["cell"].astype(np.int64)


def _count_distinct(number: IntArray, cells: IntArray, keys: KeySet) -> IntArray:
    """Distinct persons, given by running number and leaf cell, in every cell of `keys`; returns shape `keys.shape`."""
    size = prod(keys.shape)
    out = np.zeros(size, dtype=np.int64)
    if not len(number):
        return out.reshape(keys.shape)
    if int(number.max()) * size >= 2**63 - size:
        raise PolicyError("too many persons and cells to tell apart")
    leaf, *codes = np.unravel_index(cells, (len(keys.leaves), *(len(c.codes) for c in keys.columns)))
    for area in _area_cells(leaf, keys):
        inside = area >= 0
        for marginal in keys.marginals:
            kept = _marginal_codes(codes, keys.columns, marginal)
            flat = np.ravel_multi_index((area[inside], *(k[inside] for k in kept)), keys.shape)
            out += np.bincount(_once(number[inside] * size + flat) % size, minlength=size)
    return out.reshape(keys.shape)


def _once(values: IntArray) -> IntArray:
    """Sorted without repetition; several times faster than np.unique, which hashes."""
    values.sort()
    return values[np.concatenate([[True], values[1:] != values[:-1]])] if len(values) else values


def _area_cells(leaf: IntArray, keys: KeySet) -> Iterator[IntArray]:
    """For each level, the area cell (counted over all levels) of each leaf, or -1."""
    offset = 0
    for level in keys.levels:
        member = level.member[leaf]
        yield np.where(member < 0, -1, member + offset)
        offset += len(level.codes)


def _marginal_codes(
    codes: list[IntArray], columns: tuple[Column, ...], marginal: tuple[bool, ...]
) -> list[IntArray]:
    """The codes of the columns that a marginal keeps; the total's place for the others."""
    triples = zip(codes, columns, marginal, strict=True)
    return [code if keep else np.full_like(code, len(column.codes)) for code, column, keep in triples]


def count_bounded(bounded: BoundedCases, *, keys: KeySet) -> BoundedCube:
    """Count bounded persons in every declared leaf cell.  `keys` must have the columns that were bounded."""
    layout, shape = bounded.layout, _leaf_shape(bounded.layout, keys)
    if keys.columns != bounded.columns:
        raise PolicyError("the keys have other columns than the persons were bounded for")
    personal = [axis for axis, c in enumerate(keys.columns, start=1) if c.personal]
    order = [0, *personal, *(a for a in range(1, len(shape)) if a not in personal)]
    own_size = prod(shape[a] for a in personal)
    leaf, own = np.divmod(bounded.places, layout.personal_size)
    rows = leaf * own_size + _own_cells(layout, tuple(c for c in keys.columns if c.personal))[own]
    counts = np.zeros((shape[0] * own_size, prod(shape) // (shape[0] * own_size)), dtype=np.int64)
    _add_bits(counts, rows, bounded.words, bounded.persons)
    ordered = counts.reshape([shape[a] for a in order]).transpose(np.argsort(order))
    return BoundedCube(_MINT, keys, _sealed(np.ascontiguousarray(ordered)), bounded.bound)


def _own_cells(layout: Layout, columns: tuple[Column, ...]) -> IntArray:
    """For each combination of all declared personal codes, its flat index in the cross of `columns`."""
    codes = np.unravel_index(np.arange(layout.personal_size), [len(c.codes) for c in layout.personal] or [1])
    flat = np.zeros(layout.personal_size, dtype=np.int64)
    for column in columns:
        declared = layout.declared(column)
        position = np.array([column.codes.index(c) if c in column.codes else 0 for c in declared.codes])
        flat = flat * len(column.codes) + position[codes[layout.personal.index(declared)]]
    return flat


def _add_bits(counts: IntArray, rows: IntArray, words: Words, persons: IntArray) -> None:
    """Add `persons[i]` to `counts[rows[i], b]` for every bit b that is set in `words[i]`."""
    for number, word in enumerate(words.T):
        left, at, weight = word, rows, persons
        while (some := left != 0).any():
            left, at, weight = left[some], at[some], weight[some]
            rest = left & (left - np.uint64(1))  # without its lowest bit
            bit = np.bitwise_count((left ^ rest) - np.uint64(1))
            np.add.at(counts, (at, number * 64 + bit.astype(np.int64)), weight)
            left = rest
