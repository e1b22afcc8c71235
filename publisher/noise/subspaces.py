"""The categories' half of the least squares: what totals over columns see, and what they do not.

The normal matrix is a sum of Kronecker products of L'L (areas) with I or 11' (columns), and 11' has but two
eigenspaces: the mean, and the remainder about it.  So every problem over area levels and marginals falls apart into
one problem of areas alone for each combination of mean and remainder, a `Subspace` (McKenna, Miklau, Hay and
Machanavajjhala 2018 for the Kronecker form).
"""

from collections.abc import Sequence
from enum import Enum
from itertools import product
from math import prod

import numpy as np

from publisher.noise.area_system import FloatArray
from publisher.relations import KeySet


class Held(Enum):
    """What a subspace holds of one column: all of it (no total is measured), its mean, or the remainder about it."""

    WHOLE = "whole"
    MEAN = "mean"
    REMAINDER = "remainder"

    def dimensions(self, codes: int) -> int:
        """Of a column with so many codes."""
        return {Held.WHOLE: codes, Held.MEAN: 1, Held.REMAINDER: codes - 1}[self]


Subspace = tuple[Held, ...]
Marginal = tuple[bool, ...]
"""Which columns are kept; the others are summed over."""


def subspaces(keys: KeySet) -> tuple[Subspace, ...]:
    """Every subspace of the columns, in order: together they hold each cell once."""
    parts = [(Held.MEAN, Held.REMAINDER) if total else (Held.WHOLE,) for total in keys.totals]
    return tuple(product(*parts))


def halves(keys: KeySet) -> tuple[Subspace, ...]:
    """As `subspaces`, with every column in two halves, those without a total too: these behave alike there."""
    return tuple(product((Held.MEAN, Held.REMAINDER), repeat=len(keys.columns)))


def dimensions(keys: KeySet, subspace: Subspace) -> int:
    """How many dimensions a subspace has."""
    return prod(part.dimensions(len(c.codes)) for c, part in zip(keys.columns, subspace, strict=True))


def gains(keys: KeySet, within: Sequence[Subspace] | None = None) -> FloatArray:
    """How a marginal's precision counts in a subspace: shape (subspaces, marginals).

    A dropped column sees the mean only; there 11' multiplies by the column's size.  `within`: in place of `subspaces`.
    """
    out = [
        [
            prod(len(c.codes) for c, k in zip(keys.columns, kept, strict=True) if not k)
            if all(k or part is Held.MEAN for k, part in zip(kept, subspace, strict=True))
            else 0
            for kept in keys.marginals
        ]
        for subspace in within or subspaces(keys)
    ]
    return np.array(out, dtype=np.float64)


def traces(keys: KeySet) -> FloatArray:
    """The summed variance of a marginal's cells where a subspace has variance 1: shape (subspaces, marginals)."""
    sizes = np.array([[dimensions(keys, s)] for s in subspaces(keys)], dtype=np.float64)
    return np.asarray(gains(keys) * sizes)


def project(right: FloatArray, subspace: Subspace) -> FloatArray:
    """The part of `right`, shape (areas, codes of each column), in a subspace; a mean keeps its axis with length 1."""
    out = right
    for axis, part in enumerate(subspace, start=1):
        if part is not Held.WHOLE:
            mean = out.mean(axis=axis, keepdims=True)
            out = mean if part is Held.MEAN else out - mean
    return out


def projections(right: FloatArray, keys: KeySet) -> list[FloatArray]:
    """The part of `right` in each of `subspaces`, as `project` gives it, one column after the other."""
    parts = [right]
    for axis, total in enumerate(keys.totals, start=1):
        if total:
            means = [part.mean(axis=axis, keepdims=True) for part in parts]
            parts = [half for part, mean in zip(parts, means, strict=True) for half in (mean, part - mean)]
    return parts


def quadratic_form(part: Held, codes: int) -> FloatArray:
    """q P q' for each code of a column and, where there is one, its total: the variance that a subspace gives them."""
    if part is Held.WHOLE:
        return np.ones(codes)
    of_code, of_total = (1 / codes, codes) if part is Held.MEAN else (1 - 1 / codes, 0.0)
    return np.array([of_code] * codes + [of_total])
