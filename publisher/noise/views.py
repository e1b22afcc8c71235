"""A table among the cells of several tables that are measured together: which of them it shows.

A table that leaves a column out shows the totals over it.  One that is measured by itself shows all cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from publisher.errors import PolicyError
from publisher.noise.area_system import FloatArray
from publisher.noise.subspace_systems import Asked
from publisher.noise.subspaces import Held, Marginal, Subspace, quadratic_form
from publisher.relations import IntArray, KeySet


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The cells of `keys` among those of `whole`.  PolicyError unless each of them is one of `whole`."""

    keys: KeySet
    whole: KeySet

    def __post_init__(self) -> None:
        levels = {v.level: v for v in self.whole.levels}
        alike = all(
            v.level in levels and v.codes == levels[v.level].codes and np.array_equal(v.member, levels[v.level].member)
            for v in self.keys.levels
        )
        totals = dict(zip(self.whole.columns, self.whole.totals, strict=True))
        own = dict(zip(self.keys.columns, self.keys.totals, strict=True))
        known = all(c in totals and (totals[c] or not total) for c, total in own.items())
        if not alike or not known or not all(total for c, total in totals.items() if c not in own):
            raise PolicyError("a table shows cells that the tables measured with it have not")
        if tuple(c for c in self.whole.columns if c in own) != self.keys.columns:
            raise PolicyError("the columns of tables that are measured together stand in different orders")

    @property
    def levels(self) -> tuple[int, ...]:
        """The number of each of its levels in the whole."""
        names = [v.level for v in self.whole.levels]
        return tuple(names.index(v.level) for v in self.keys.levels)

    def marginal(self, kept: Marginal) -> Marginal:
        """A marginal of the table as one of the whole."""
        own = dict(zip(self.keys.columns, kept, strict=True))
        return tuple(own.get(c, False) for c in self.whole.columns)

    def spread(self, values: FloatArray) -> FloatArray:
        """A number for each group of the table, shape (levels, marginals), at its place in the whole; 0 elsewhere."""
        out = np.zeros((len(self.whole.levels), len(self.whole.marginals)))
        at = [self.whole.marginals.index(self.marginal(kept)) for kept in self.keys.marginals]
        out[np.ix_(self.levels, at)] = values
        return out

    @property
    def asked(self) -> Asked:
        """Which groups of the whole the table shows, shape (levels, marginals)."""
        return self.spread(np.ones((len(self.keys.levels), len(self.keys.marginals)))) > 0

    def precisions(self, of_whole: FloatArray) -> FloatArray:
        """What precisions of the whole's groups, shape (levels, marginals), are worth for the table's own groups.

        A finer marginal of the whole, summed over columns that the table has not, tells of the table's marginal with
        its precision over the number of cells that are added up.
        """
        out = np.zeros((len(self.keys.levels), len(self.keys.marginals)))
        for column, kept in zip(of_whole[list(self.levels)].T, self.whole.marginals, strict=True):
            own = tuple(k for c, k in zip(self.whole.columns, kept, strict=True) if c in self.keys.columns)
            beyond = [len(c.codes) for c, k in zip(self.whole.columns, kept, strict=True)
                      if k and c not in self.keys.columns]  # fmt: skip
            if own in self.keys.marginals:
                out[:, self.keys.marginals.index(own)] += column / np.prod(beyond)
        return out

    def sees(self, subspace: Subspace) -> bool:
        """Whether the table's cells lie in a subspace at all: not in the differences over a column that it has not."""
        held = zip(self.whole.columns, subspace, strict=True)
        return all(part is Held.MEAN for c, part in held if c not in self.keys.columns)

    def shown(self, values: FloatArray, subspace: Subspace) -> FloatArray:
        """Values of a subspace, shape (n, codes or 1 of each column), added up over the columns that it has not."""
        out, axis = values, 1
        for column in self.whole.columns:
            if column in self.keys.columns:
                axis += 1
            else:
                out = np.asarray(out.take(0, axis=axis) * len(column.codes))
        return out

    def variances(self, areas: FloatArray, subspace: Subspace) -> FloatArray:
        """The variance that a subspace adds to every cell, shape (areas, *keys.category_shape), from that of its
        areas."""
        own = dict(zip(self.keys.columns, self.keys.totals, strict=True))
        out: FloatArray = areas
        for column, part in zip(self.whole.columns, subspace, strict=True):
            form = quadratic_form(part, len(column.codes))
            if column not in own:
                out = np.asarray(out * form[-1])
            else:
                out = np.multiply.outer(out, form if own[column] else form[: len(column.codes)])
        return out

    @property
    def cells(self) -> IntArray:
        """The flat index of every cell in the whole, shape keys.shape."""
        first = np.cumsum([0, *[len(v.codes) for v in self.whole.levels]])
        areas = np.concatenate([np.arange(first[i], first[i + 1]) for i in self.levels])
        own = dict(zip(self.keys.columns, self.keys.totals, strict=True))
        picks = [
            np.arange(len(c.codes) + own[c]) if c in own else np.array([len(c.codes)]) for c in self.whole.columns
        ]
        flat: IntArray = np.ravel_multi_index(np.ix_(areas, *picks), self.whole.shape)
        return flat.reshape(self.keys.shape)


def asked_of(views: Sequence[View]) -> Asked:
    """Which groups of the whole some table shows, shape (levels, marginals)."""
    return np.asarray(np.logical_or.reduce([v.asked for v in views]), dtype=np.bool_)
