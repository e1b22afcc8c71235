"""What one run of a noise table measures: parts, each charged under its own name.

Counts that add up and sums are one part each: the totals of a part are measured too, and least squares ties them to
what they are the sums of.  Different persons over several categories do not add up, so that every set of case
categories that the table keeps is a part of its own.  So with quantiles: in each such part a person has one amount
a cell, and persons are counted by the class of theirs, which does add up over areas and personal columns.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product

from publisher.errors import PolicyError
from publisher.ledger import rho_units
from publisher.noise.strategy import Strategy, need, plan, split
from publisher.noise.subspace_systems import group_numbers
from publisher.noise.views import View, asked_of
from publisher.policy.model import MeasureSpec, Noise, TableSpec
from publisher.quantity import UNITS, Quantity, value_columns
from publisher.relations import KeySet
from publisher.release.model import TOTAL


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One measurement: what it measures, in which cells, for how much.

    `name`: the key of its charge: `TABLE/MEASURE`, or `TABLE/MEASURE/column+column` with the case categories that a
    part of distinct persons or of values keeps (`TABLE/MEASURE/TOT` where it keeps none).  `keys`: the cells measured.
    `rho_units`: zCDP rho in units of 1e-9.  `shown`: the cells of each table that shares it, where there are several:
    groups of `keys` that none of them shows are not measured.
    """

    name: str
    measure: str
    quantity: Quantity
    keys: KeySet = field(repr=False)
    rho_units: int
    shown: tuple[KeySet, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        table, _, rest = self.name.partition("/")
        if not table or rest.partition("/")[0] != self.measure or not self.measure:
            raise ValueError(f"part {self.name}: its name must be TABLE/MEASURE, or begin so")
        if self.rho_units < 1:
            raise ValueError(f"part {self.name}: a measurement needs a positive rho")

    @property
    def views(self) -> tuple[View, ...]:
        """Each table that shows the part, among its cells."""
        return tuple(View(keys, self.keys) for keys in self.shown or (self.keys,))

    @property
    def groups(self) -> frozenset[tuple[str, tuple[bool, ...]]]:
        """The area levels and marginals that are measured."""
        asked = asked_of(self.views)
        return frozenset(name for name, at in group_numbers(self.keys).items() if asked[at])


def parts_of(table: TableSpec, keys: KeySet) -> tuple[Part, ...]:
    """Every part of a table; their units sum to those of the count's rho and of each sum's and quantile's, each
    rounded up.

    `keys`: the table's key set.  PolicyError for a table that is not protected by noise, for a sum without a rho and a
    clamp, for a clamp by a column that the table has not, and where a budget is too small for its parts.
    """
    noise = table.protection
    if not isinstance(noise, Noise):
        raise PolicyError(f"table {table.id} is not protected by noise")
    if noise.together_with:
        raise PolicyError(f"table {table.id} is measured with {noise.together_with}, and has no parts of its own")
    sums = tuple(_sum(table, m, keys) for m in table.sums)
    values = tuple(part for m in table.quantiles for part in _values(table, m, noise, keys))
    parts = (*_count(table, noise, keys), *_beside(table, noise, keys), *sums, *values)
    if len({p.name for p in parts}) != len(parts):
        raise PolicyError(f"table {table.id}: two parts have one name, and would share one charge")
    return parts


def plan_of(part: Part, noise: Noise) -> Strategy:
    """The query groups of a part under its table's terms."""
    return plan(
        part.keys, rho_units=part.rho_units, bound=noise.bound, weights=noise.weights, most=part.quantity.most,
        times=noise.times,
    )  # fmt: skip


def _count(table: TableSpec, noise: Noise, keys: KeySet) -> Iterator[Part]:
    count = table.count
    if count.kind == "persons_distinct":
        yield from _distinct(table, noise, keys)
        return
    quantity = Quantity(count.kind, 1 if count.kind == "persons" else noise.bound.per_cell)
    yield Part(f"{table.id}/{count.id}", count.id, quantity, keys, rho_units(noise.rho))


def _beside(table: TableSpec, noise: Noise, keys: KeySet) -> Iterator[Part]:
    """The cases of the persons counted, in the same cells and under the same bound."""
    for m in table.beside:
        quantity = Quantity(m.kind, noise.bound.per_cell)
        yield Part(f"{table.id}/{m.id}", m.id, quantity, keys, rho_units(m.rho or Fraction(0)))


def _sum(table: TableSpec, measure: MeasureSpec, keys: KeySet) -> Part:
    """A sum is measured without the totals over the clamp's column, whose codes have units of their own."""
    if measure.rho is None or measure.clamp is None:
        raise PolicyError(f"table {table.id}: sum {measure.id} needs a rho and a clamp under noise")
    column = measure.clamp.column
    if column and column not in {c.id for c in keys.columns}:
        raise PolicyError(f"table {table.id}: sum {measure.id}: clamp.column {column} is no column of the table")
    totals = tuple(t and c.id != column for c, t in zip(keys.columns, keys.totals, strict=True))
    quantity = Quantity("sum", UNITS, amount=measure.of, clamp=measure.clamp)
    name = f"{table.id}/{measure.id}"
    return Part(name, measure.id, quantity, replace(keys, totals=totals), rho_units(measure.rho))


def _distinct(table: TableSpec, noise: Noise, keys: KeySet) -> Iterator[Part]:
    """Parts of distinct persons.  Within one, a person has one area and one value of each personal column, so that its
    counts add up over those."""
    reduced = [(kept, _reduced(keys, kept)) for kept in _kept_columns(keys)]
    yield from _shared(table, table.count, Quantity("persons_distinct", 1), noise, reduced)


def _values(table: TableSpec, measure: MeasureSpec, noise: Noise, keys: KeySet) -> Iterator[Part]:
    """Parts of distinct persons by the class of their amount.  Within one, a person has one amount in each cell, and so
    one class; the totals of a group of classes are measured beside the classes."""
    quantity = Quantity("values", 1, amount=measure.of, candidates=measure.candidates)
    reduced = [(kept, _with_classes(_reduced(keys, kept), quantity)) for kept in _kept_columns(keys)]
    yield from _shared(table, measure, quantity, noise, reduced)


def _with_classes(keys: KeySet, quantity: Quantity) -> KeySet:
    classes = value_columns(quantity.candidates)
    return replace(keys, columns=(*keys.columns, *classes), totals=(*keys.totals, False, True))


def _shared(
    table: TableSpec, measure: MeasureSpec, quantity: Quantity, noise: Noise,
    reduced: list[tuple[tuple[str, ...], KeySet]],
) -> Iterator[Part]:  # fmt: skip
    """One part for each set of case categories, with its keys.  The budget is split so that the summed expected error
    is small (`strategy.need`)."""
    rho = noise.rho if measure is table.count else measure.rho
    if rho is None:
        raise PolicyError(f"table {table.id}: {measure.kind} {measure.id} needs a rho under noise")
    needs = [need(k, bound=noise.bound, weights=noise.weights, most=1) for _, k in reduced]
    only = all(c.personal for _, k in reduced for c in k.columns)
    for (kept, part_keys), units in zip(reduced, split(rho_units(rho), needs), strict=True):
        name = f"{table.id}/{measure.id}" + ("" if only else f"/{'+'.join(kept) or TOTAL}")
        yield Part(name, measure.id, quantity, part_keys, units)


def _kept_columns(keys: KeySet) -> list[tuple[str, ...]]:
    """Every set of case categories that the totals allow to keep, all of them first."""
    columns = [(c.id, t) for c, t in zip(keys.columns, keys.totals, strict=True) if not c.personal]
    chosen = product(*[(True, False) if total else (True,) for _, total in columns])
    return [tuple(c for (c, _), k in zip(columns, kept, strict=True) if k) for kept in chosen]


def _reduced(keys: KeySet, kept: tuple[str, ...]) -> KeySet:
    """The cells of a part: personal columns with their totals, and the kept case categories without."""
    pairs = [(c, t and c.personal) for c, t in zip(keys.columns, keys.totals, strict=True)]
    pairs = [(c, t) for c, t in pairs if c.personal or c.id in kept]
    return replace(keys, columns=tuple(c for c, _ in pairs), totals=tuple(t for _, t in pairs))
