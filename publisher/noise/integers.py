"""Whole numbers that add up: controlled rounding over both area hierarchies at once.  Post-processing.

Every atom is rounded up or down, and so is every area cell of every level, so that the totals of both hierarchies are
the sums of what is shown.  The levels form two trees over the same atoms, so that the choice is a flow through a
network, and the corners of its linear programme are whole (Cox 1987 for two dimensions).  Of all such tables the one
nearest to the estimate is taken, over the cells of all levels, which weigh as the root of their atoms: nearest in the
atoms alone, many small ones would all be rounded down, and every total with them.  Totals over categories are sums of
rounded numbers: one code after the other is rounded, and what those before it have left over or short counts for a
little, or the largest area would be rounded up, and the smallest down, in every code.
"""

from collections.abc import Iterator
from itertools import product

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from publisher.noise.area_system import AreaSystem, FloatArray

WHOLE = 1e-6
"""An atom or a sum of atoms that is nearer to a whole number than this is taken for it."""
_BESIDE = 0.02
"""What a total over categories weighs beside a single number: the error of single numbers grows by half a per cent
(docs/decisions.md)."""


def controlled_rounding(atoms: FloatArray, system: AreaSystem) -> FloatArray:
    """Whole atoms, as floats, shape (atoms, codes of each column): each code is rounded for itself.

    RuntimeError where the solver finds no such table, which the theory rules out.
    """
    several = np.asarray(system.cells.sum(axis=1)).ravel() > 1
    cells, moved = sparse.csr_array(system.cells[several]), np.zeros(atoms.shape)
    for code in np.ndindex(atoms.shape[1:]):
        exact = atoms[(slice(None), *code)]
        moved[(slice(None), *code)] = _rounded(cells, exact, list(_totals(moved, code))) - exact
    return np.rint(atoms + moved)


def _totals(values: FloatArray, code: tuple[int, ...]) -> Iterator[FloatArray]:
    """Every total over categories that a code is in, shape (atoms,)."""
    for kept in product((True, False), repeat=len(code)):
        part = values[(slice(None), *[i if k else slice(None) for i, k in zip(code, kept, strict=True)])]
        if not all(kept):
            yield part.reshape(len(values), -1).sum(axis=1)


def step_costs(cells: sparse.csr_array, rest: FloatArray) -> FloatArray:
    """What it costs to round an atom up, shape (atoms,): the squared distances of all atoms and cells to their sums,
    less what all tables share.  `rest`: of the atoms, over the whole numbers below; `cells`: 0/1, of these atoms."""
    sums, weight = cells @ rest, np.sqrt(np.diff(cells.indptr))
    return np.asarray(1 - 2 * rest + cells.T @ (weight * (1 - 2 * (sums - np.floor(sums + WHOLE)))))


def _rounded(cells: sparse.csr_array, atoms: FloatArray, off: list[FloatArray]) -> FloatArray:
    """One code's atoms.  `off`: how far the atoms of each total that it is in have been moved so far."""
    near = np.rint(atoms)
    free = np.flatnonzero(np.abs(atoms - near) > WHOLE)
    if not len(free):
        return near
    kept = np.where(np.abs(atoms - near) > WHOLE, atoms, near)
    base = np.floor(kept)
    rest = (kept - base)[free]
    part = cells[:, free]
    part = sparse.csr_array(part[np.diff(part.indptr) > 0])
    sums = part @ rest
    least, most = np.floor(sums + WHOLE), np.ceil(sums - WHOLE)  # a sum that is whole stays as it is
    cost = step_costs(part, rest)
    for total in off:
        cost += _BESIDE * (1 - 2 * (rest - total[free]))
    for slack in (0.0, 1.0):  # as far as the solver sees it so
        within = LinearConstraint(part, least - slack, most + slack)
        found = milp(cost, bounds=Bounds(0, 1), constraints=within)
        if found.x is not None and np.abs(found.x - np.rint(found.x)).max() < WHOLE:
            base[free] += np.rint(found.x)
            return base
    raise RuntimeError("no controlled rounding was found")
