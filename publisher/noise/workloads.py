"""What is measured as one: a noise table by itself, or several that share one person's budget.

Tables that share it have one contribution bound over the cells of all of them together, one rho, and one charge.  Their
strategy is planned over every group that some of them shows: what two show is measured once, and serves both.  What is
made small is the sum of the tables' weighted errors, each over what it would be if the table had all of the rho for
itself.  Without that, the table with most cells would take nearly everything; with it, no table that was tried is worse
off than with an equal share of the rho.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

from publisher.errors import PolicyError
from publisher.ledger import rho_units
from publisher.noise.area_system import FloatArray
from publisher.noise.parts import Part, parts_of, plan_of
from publisher.noise.sizes import check_sizes
from publisher.noise.strategy import Strategy, cell_weights, least_error, plan_weighted
from publisher.noise.views import View
from publisher.policy.check_together import check_together
from publisher.policy.model import Noise, TableSpec
from publisher.quantity import Quantity
from publisher.relations import KeySet

MOST_CELLS = 2**26
"""A cube over the columns of all tables together has no more cells than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Workload:
    """Tables that are measured as one; the first has the terms, and its id names the charge.

    `keys`: of all of them together, whose columns the contributions are bounded over; `views`: of each table.
    """

    tables: tuple[TableSpec, ...]
    keys: KeySet = field(repr=False)
    views: tuple[KeySet, ...] = field(repr=False)
    parts: tuple[Part, ...]

    @property
    def noise(self) -> Noise:
        """The terms: rho, bound and estimate hold for all tables."""
        return self.terms(self.tables[0])

    def terms(self, table: TableSpec) -> Noise:
        """The terms of one of the tables."""
        return _terms(table)

    @property
    def shared(self) -> bool:
        """Whether there are several tables."""
        return len(self.tables) > 1

    def weights(self, part: Part) -> FloatArray:
        """What an error in a cell of each group of a part weighs, in all tables that show it: shape (levels,
        marginals).  Of tables that are measured together each weighs so much that its error by itself would be 1."""
        if not self.shared:
            return cell_weights(part.keys, self.noise.weights, self.noise.times)
        return np.asarray(sum(self._weights(part, t, v) for t, v in zip(self.tables, part.views, strict=True)))

    def _weights(self, part: Part, table: TableSpec, view: View) -> FloatArray:
        own = _terms(table)
        weighed = view.spread(cell_weights(view.keys, own.weights, own.times))
        alone = least_error(
            part.keys, rho_units=part.rho_units, bound=self.noise.bound, most=part.quantity.most, weighed=weighed
        )
        return weighed / alone

    def plan(self, part: Part) -> Strategy:
        """The query groups of a part; PolicyError where their noise alone makes numbers too large to be published."""
        made = self._plan(part)
        check_sizes(part, made, decimals=next(m.decimals for m in self.tables[0].measures if m.id == part.measure))
        return made

    def _plan(self, part: Part) -> Strategy:
        if not self.shared:
            return plan_of(part, self.noise)
        return plan_weighted(
            part.keys, rho_units=part.rho_units, bound=self.noise.bound, most=part.quantity.most,
            weighed=self.weights(part),
        )  # fmt: skip


def workloads(
    together: Iterable[tuple[TableSpec, ...]], keys_of: Callable[[tuple[TableSpec, ...]], KeySet]
) -> tuple[Workload, ...]:
    """The workload of each group of tables; `keys_of` gives the key set of some tables together.

    PolicyError where tables cannot be measured together.
    """
    return tuple(_workload(tables, keys_of) for tables in together)


def _workload(tables: tuple[TableSpec, ...], keys_of: Callable[[tuple[TableSpec, ...]], KeySet]) -> Workload:
    keys, views = keys_of(tables), tuple(keys_of((t,)) for t in tables)
    if len(tables) == 1:
        return Workload(tables, keys, views, parts_of(tables[0], keys))
    return Workload(tables, keys, views, (shared_part(tables, keys, views),))


def shared_part(tables: Sequence[TableSpec], keys: KeySet, views: tuple[KeySet, ...]) -> Part:
    """The one measurement of several tables; PolicyError where they cannot share it."""
    for table, message in check_together(tables, [c.id for c in keys.columns if c.personal]):
        raise PolicyError(f"table {table.id}: {message}")
    cells = len(keys.leaves) * prod(len(c.codes) for c in keys.columns)
    if cells > MOST_CELLS:
        raise PolicyError(
            f"table {tables[0].id}: the columns of the tables measured with it have {cells} cells together, more than "
            f"{MOST_CELLS}; measure the one with most columns by itself"
        )
    first, noise = tables[0], _terms(tables[0])
    if any(_terms(t).shared != noise.shared for t in tables):
        raise PolicyError(f"table {first.id}: tables measured with it have another rho, bound or estimate")
    count = first.count
    quantity = Quantity(count.kind, 1 if count.kind == "persons" else noise.bound.per_cell)
    return Part(f"{first.id}/{count.id}", count.id, quantity, keys, rho_units(noise.rho), views)


def _terms(table: TableSpec) -> Noise:
    if not isinstance(table.protection, Noise):
        raise PolicyError(f"table {table.id} is not protected by noise")
    return table.protection

