"""What follows from the equations by whole-number arithmetic alone, before any linear programme.

Shown cells move to the right-hand side.  Then, until nothing changes: an equation with one unknown gives it; a sum
of unknowns that has reached its smallest possible value holds each at its smallest; two unknowns that an equation
makes equal become one; what the others of an equation leave bounds each of its unknowns, and bounds that meet fix it.
All of it is exact.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from publisher.audit.attacker.equations import KEPT, SHOWN, WITHHELD, Ints, System
from publisher.audit.attacker.places import Places
from publisher.audit.attacker.propagate import tightened, without_cycles
from publisher.opaque import Opaque


class ContradictionError(Exception):
    """No whole non-negative numbers satisfy the equations.  Never leaves the attacker."""


@dataclass(frozen=True, slots=True, repr=False)
class Reduced(Opaque):
    """`matrix @ z = rhs`, `lower <= z <= upper`, and each unknown cell is `fixed` or equal to one z.

    `unknowns`: cell numbers; `column`: for each its z, or -1 where `fixed` holds its value.  `settled`: each z whose
    bounds are its least and greatest value.  `places`: where each z stands, if it is known of the cells.
    """

    unknowns: Ints
    column: Ints
    fixed: Ints
    matrix: sparse.csr_matrix
    rhs: Ints
    lower: Ints
    upper: Ints
    settled: NDArray[np.bool_]
    places: Places | None = None


def reduce_system(system: System, *, least: int) -> Reduced:
    """Eliminate what the equations determine, given that every withheld cell is at least `least`.

    Raises ContradictionError where the published numbers cannot all be true.
    """
    used = np.zeros(system.size, dtype=bool)
    used[system.matrix.indices] = True
    unknowns = np.flatnonzero((used & (system.state != SHOWN)) | np.isin(system.state, (WITHHELD, KEPT)))
    shown = np.where(system.state == SHOWN, system.values, 0)
    work = _Work(
        matrix=sparse.csr_matrix(system.matrix[:, unknowns]),
        rhs=-(system.matrix @ shown),
        lower=np.maximum(system.lower, np.where(system.state == WITHHELD, least, system.lower))[unknowns],
        upper=system.upper[unknowns],
        column=np.arange(len(unknowns)),
        fixed=np.zeros(len(unknowns), dtype=np.int64),
    )
    known = system.state == SHOWN
    if (known & ((system.values < system.lower) | (system.values > system.upper))).any():
        raise ContradictionError
    if (work.lower > work.upper).any():
        raise ContradictionError
    while work.drop_rows() and (work.fix() or work.merge() or work.tighten()):
        continue
    settled = without_cycles(work.matrix) & work.at_rest
    places = _places(system, unknowns, work)
    return Reduced(unknowns, work.column, work.fixed, work.matrix, work.rhs, work.lower, work.upper, settled, places)


def _places(system: System, unknowns: Ints, work: "_Work") -> Places | None:
    """Cells that are equal stand at the innermost place of them, and are of the kind that most unknowns are of."""
    if system.standing is None:
        return None
    places, free = Places.of_equations(system.matrix, *system.standing), work.column >= 0
    cells, column = unknowns[free], work.column[free]
    kind = places.kind[cells]
    order = np.lexsort((np.bincount(kind)[kind], places.depth[places.of[cells]]))
    stands = np.zeros(len(work.lower), dtype=np.int64)
    stands[column[order]] = cells[order]
    return places.at(stands)


@dataclass(slots=True)
class _Work:
    matrix: sparse.csr_matrix
    rhs: Ints
    lower: Ints
    upper: Ints
    column: Ints
    fixed: Ints
    at_rest: bool = False

    def drop_rows(self) -> bool:
        """Forget equations without unknowns (ContradictionError where one does not hold); True if any is left."""
        self.matrix.eliminate_zeros()
        used = np.diff(self.matrix.indptr) > 0
        if self.rhs[~used].any():
            raise ContradictionError
        self.matrix, self.rhs = sparse.csr_matrix(self.matrix[used]), self.rhs[used]
        return len(self.rhs) > 0

    def fix(self) -> bool:
        """Fix what single equations determine; True if anything was fixed."""
        known = self._singles()
        known.update(self._at_least())
        known.update(self._met())
        if not known:
            return False
        columns = np.array(sorted(known), dtype=np.int64)
        values = np.array([known[int(c)] for c in columns], dtype=np.int64)
        if (values < self.lower[columns]).any() or (values > self.upper[columns]).any():
            raise ContradictionError
        self.rhs = self.rhs - self.matrix[:, columns] @ values
        full = np.zeros(len(self.lower), dtype=np.int64)
        full[columns] = values
        keep = np.ones(len(self.lower), dtype=bool)
        keep[columns] = False
        self._renumber(full, keep, np.cumsum(keep) - 1)
        self.matrix = sparse.csr_matrix(self.matrix[:, keep])
        self.lower, self.upper = self.lower[keep], self.upper[keep]
        return True

    def _renumber(self, values: Ints, keep: NDArray[np.bool_], new: Ints) -> None:
        open_ = self.column >= 0
        old = self.column[open_]
        self.fixed[open_] = np.where(keep[old], 0, values[old])
        self.column[open_] = np.where(keep[old], new[old], -1)

    def _singles(self) -> dict[int, int]:
        m = self.matrix
        rows = np.flatnonzero(np.diff(m.indptr) == 1)
        coefficients, columns = m.data[m.indptr[rows]], m.indices[m.indptr[rows]]
        values, remainder = np.divmod(self.rhs[rows], coefficients)
        known = dict(zip(columns.tolist(), values.tolist(), strict=True))
        if remainder.any() or any(known[int(c)] != int(v) for c, v in zip(columns, values, strict=True)):
            raise ContradictionError
        return known

    def _at_least(self) -> dict[int, int]:
        """Unknowns of sums that leave nothing above the smallest possible values."""
        m, n = self.matrix, np.diff(self.matrix.indptr)
        sign = np.asarray(m.sign().sum(axis=1), dtype=np.int64).ravel()
        room = np.sign(sign) * (self.rhs - m @ self.lower)
        one_sign = np.abs(sign) == n
        if (room[one_sign] < 0).any():
            raise ContradictionError
        full = np.repeat(one_sign & (room == 0), n)
        return {int(c): int(self.lower[c]) for c in m.indices[full]}

    def _met(self) -> dict[int, int]:
        """Unknowns whose bounds have met."""
        met = np.flatnonzero(self.lower == self.upper)
        return dict(zip(met.tolist(), self.lower[met].tolist(), strict=True))

    def tighten(self) -> bool:
        """Bound every unknown by what the others leave for it; True if that fixes any."""
        self.lower, self.upper, self.at_rest = tightened(self.matrix, self.rhs, self.lower, self.upper)
        if (self.lower > self.upper).any():
            raise ContradictionError
        return bool((self.lower == self.upper).any())

    def merge(self) -> bool:
        """Make one unknown of those that two-term equations make equal; True if any were."""
        m = self.matrix
        pairs = np.flatnonzero((np.diff(m.indptr) == 2) & (self.rhs == 0))
        at = m.indptr[pairs]
        equal = m.data[at] + m.data[at + 1] == 0
        first, second = m.indices[at[equal]], m.indices[at[equal] + 1]
        if not len(first):
            return False
        size = len(self.lower)
        graph = sparse.csr_matrix((np.ones(len(first), dtype=np.int8), (first, second)), shape=(size, size))
        n, group = connected_components(graph, directed=False)
        lower, upper = np.full(n, self.lower.min(), dtype=np.int64), np.full(n, self.upper.max(), dtype=np.int64)
        np.maximum.at(lower, group, self.lower)
        np.minimum.at(upper, group, self.upper)
        if (lower > upper).any():
            raise ContradictionError
        join = sparse.csr_matrix((np.ones(size, dtype=np.int64), (np.arange(size), group)), shape=(size, n))
        self.matrix, self.lower, self.upper = sparse.csr_matrix(self.matrix @ join), lower, upper
        self._renumber(np.zeros(size, dtype=np.int64), np.ones(size, dtype=bool), group.astype(np.int64))
        return True
