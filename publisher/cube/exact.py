"""Exact values of all records, for suppression only."""

from collections.abc import Iterator, Mapping
from dataclasses import InitVar, dataclass, field, replace
from math import prod

import numpy as np

from publisher.bounding import BoundedCases, DistinctCases, DistinctEvents, Units
from publisher.cube.alone import NOBODY, first_cells, label_singles
from publisher.cube.cells import leaf_shape, sealed, spread
from publisher.cube.contributors import Contributions, largest_contributions
from publisher.cube.placed import alone_where_placed, placed_persons
from publisher.errors import PolicyError
from publisher.opaque import Opaque, require_mint
from publisher.relations import Column, IntArray, KeySet, fill_totals, latent_levels
from publisher.source.engine import Engine

_MINT = object()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Cube(Opaque):
    """Exact counts and sums of all records, for suppression only.  Arrays are int64 and read-only.

    `cases`, `events` (None where not asked for): numbers in each leaf x full cross, shape (leaves, codes...).
    `persons`: distinct persons there, the same shape.  `sums`: of each amount over cases, by its id, the same shape.
    `contributions`: for each amount, what single persons add to each cell of the keys.  `everywhere`: distinct persons
    in each cell of `linked_system(keys)`, flat; `placed`: the same with each person at one place (`placed_persons`),
    where that was asked for.  `event_persons`: distinct persons among the events of each cell of the keys: an event can
    stand at another place than its case.  `alone`: for persons, events and placed persons, by their kind, which person
    alone stands in each cell of the keys (`publisher.cube.alone`), flat; empty where that was not asked for.
    """

    mint: InitVar[object]
    keys: KeySet
    cases: IntArray
    events: IntArray | None
    persons: IntArray
    sums: Mapping[str, IntArray]
    contributions: Mapping[str, Contributions]
    everywhere: IntArray
    placed: IntArray | None
    event_persons: IntArray | None = None
    alone: Mapping[str, IntArray] = field(default_factory=dict)

    def __post_init__(self, mint: object) -> None:
        require_mint(mint, _MINT, "Cube")

    @property
    def distinct_persons(self) -> IntArray:
        """Distinct persons in each cell of the keys, shape keys.shape: a total is not the sum of its parts."""
        return self.everywhere[: prod(self.keys.shape)].reshape(self.keys.shape)

    def contributors(self, kind: str) -> IntArray:
        """How many different units stand behind each cell, shape `keys.shape`, for the frequency rule.

        `kind`: `persons`, distinct within the cell; or `cases`.
        """
        if kind not in ("persons", "cases"):
            raise ValueError("contributors are persons or cases")
        return self.distinct_persons if kind == "persons" else fill_totals(self.cases, self.keys)

    def alone_in(self, kind: str) -> IntArray:
        """Who stands alone in each cell of the keys, flat, where a table counts `kind`.

        PolicyError where that was not asked for.
        """
        own = kind if kind in ("events", "persons_distinct") else "persons"
        if own not in self.alone:
            raise PolicyError("who stands alone in a cell was not asked for when the records were counted")
        return self.alone[own]


def count_cases(
    distinct: DistinctCases, *, keys: KeySet, amounts: tuple[str, ...] = (), events: DistinctEvents | None = None,
    placed: BoundedCases | None = None, insiders: bool = False,
) -> Cube:  # fmt: skip
    """Count cases, persons and events, and sum amounts, in every declared cell.

    `amounts`: ids of declared amounts; `placed`: persons of whom none is cut short, for different persons at one place
    each; `insiders`: whether to tell who stands alone in a cell.  PolicyError for keys or amounts that do not belong to
    the records.
    """
    layout = distinct.layout
    shape = leaf_shape(layout, keys)
    cell = f"leaf * {prod(shape[1:])}::BIGINT + {layout.flat_sql(keys.columns)}"
    beyond = replace(keys, levels=(*keys.levels, *latent_levels(keys)))
    people = _persons(distinct, cell, shape)
    guests = None if events is None else _persons(events, cell, shape)
    where = None if placed is None else placed_persons(placed, keys=keys)
    columns = {a: layout.amount_column(a) for a in amounts}
    return Cube(
        _MINT, keys,
        cases=_count(distinct, cell, shape, "count(*)"),
        events=None if events is None else _count(events, cell, shape, "count(*)"),
        persons=sealed(people.leaves),
        sums={a: _count(distinct, cell, shape, f"sum({column})::BIGINT") for a, column in columns.items()},
        contributions={a: largest_contributions(distinct, keys, column) for a, column in columns.items()},
        everywhere=sealed(people.within(beyond).ravel()),
        placed=where,
        event_persons=None if guests is None else sealed(guests.within(keys)),
        alone=_alone((people, guests), (placed, where), keys) if insiders else {},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Persons(Opaque):
    """`singles`: how many stand in one leaf cell only, by leaf cell, shape (leaves, codes...).  `number`, `several`:
    of all others a running number, and their cells."""

    singles: IntArray
    number: IntArray
    several: IntArray

    @property
    def leaves(self) -> IntArray:
        """Distinct persons in each leaf cell."""
        more = np.bincount(self.several, minlength=self.singles.size)
        return np.asarray(self.singles + more.reshape(self.singles.shape))

    def within(self, keys: KeySet) -> IntArray:
        """Distinct persons in each cell of the keys, shape keys.shape."""
        return _add_once(self.number, self.several, keys, labels=False) + fill_totals(self.singles, keys)

    def alone(self, keys: KeySet) -> IntArray:
        """Who alone stands in each cell of the keys (`publisher.cube.alone`), flat."""
        first = int(self.number.max(initial=-1)) + 1
        labels = _add_once(self.number, self.several, keys, labels=True) + label_singles(self.singles, first, keys)
        return first_cells(np.where(self.within(keys) == 1, labels, NOBODY))


def _alone(
    people: tuple[_Persons, _Persons | None], placed: tuple[BoundedCases | None, IntArray | None], keys: KeySet
) -> dict[str, IntArray]:
    """Who stands alone in each cell, by `persons`, `events` and `persons_distinct`."""
    (persons, guests), (bounded, where) = people, placed
    out = {"persons": persons.alone(keys)}
    if guests is not None:
        out["events"] = guests.alone(keys)
    if bounded is not None and where is not None:
        out["persons_distinct"] = alone_where_placed(bounded, where, keys=keys)
    return out


def _persons(units: Units, cell: str, shape: tuple[int, ...]) -> _Persons:
    singles, number, several = _person_cells(units.engine, units.table, cell, prod(shape))
    return _Persons(singles.reshape(shape), number, several)


def _count(units: Units, cell: str, shape: tuple[int, ...], what: str) -> IntArray:
    found = units.engine.arrays(f"SELECT {cell} AS cell, {what} AS n FROM {units.table} GROUP BY ALL")
    return sealed(spread(found["cell"], found["n"], prod(shape)).reshape(shape))


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
    return spread(one["a"], one["n"], size), many["number"].astype(np.int64), many["cell"].astype(np.int64)


def _add_once(number: IntArray, cells: IntArray, keys: KeySet, *, labels: bool) -> IntArray:
    """Persons, given by running number and leaf cell, once in every cell of `keys`; returns shape `keys.shape`.

    `labels`: their numbers are added up instead of the persons.
    """
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
            once = _once(number[inside] * size + flat)
            each = once // size if labels else None
            added = np.bincount(once % size, weights=each, minlength=size)  # floats, where weighted: exact to 2**53
            out += added.astype(np.int64)
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
