"""Insiders of a plain table: a count of 1 is one contributor, and cells that must count the same one are his."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from publisher.audit.attacker.equations import Ints
from publisher.audit.attacker.insiders import EVERYBODY, NOBODY, insiders_of
from publisher.audit.attacker.plain import Absent, Key, Labels, PlainAlternatives, system_of


def attack_plain_insiders(
    labels: Sequence[Labels], cells: Mapping[Key, int | None], truth: Mapping[Key, int], *, targets: Collection[Key],
    zeros_published: bool, absent: Absent = Absent.REFUSED, told: PlainAlternatives | None = None,
) -> tuple[Key, ...] | None:  # fmt: skip
    """Withheld cells among `targets` that somebody who is alone in another withheld cell computes, and not everybody.

    `truth`: the count of every cell, those that the table lacks included.  `told`: as of `attack_plain`.  None where
    it does not fit the table.
    Raises as `attack_plain`.
    """
    keys = tuple(truth)
    system, at, known = system_of(labels, cells, keys, absent, told)
    values = np.zeros(system.size, dtype=np.int64)
    values[at] = np.fromiter(truth.values(), dtype=np.int64, count=len(keys))
    asked = np.array([n for key, n in zip(keys, at.tolist(), strict=True) if key in targets], dtype=np.int64)
    groups = one_contributor(system.matrix, values)
    pairs = insiders_of(system, values, least=int(zeros_published), groups=groups, targets=asked, told=known)
    if pairs is None:
        return None
    found = {cell for cell, group in pairs if group != EVERYBODY}
    return tuple(key for key, n in zip(keys, at.tolist(), strict=True) if n in found)


def one_contributor(matrix: sparse.csr_matrix, values: Ints) -> Ints:
    """A label for each cell of 1: a total of 1 and its one part that is not 0 have the same contributor."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    one = values[matrix.indices] == 1
    total, part = ((matrix.data == sign) & one for sign in (1, -1))
    whole = np.full(matrix.shape[0], -1, dtype=np.int64)
    whole[rows[total]] = matrix.indices[total]  # an equation has one total
    tied = part & (whole[rows] >= 0)
    ends = whole[rows[tied]], matrix.indices[tied]
    graph = sparse.csr_matrix((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(len(values), len(values)))
    names = connected_components(graph, directed=False)[1]
    return np.where(values == 1, names, NOBODY).astype(np.int64)
