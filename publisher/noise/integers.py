"""Whole numbers that add up: controlled rounding over both area hierarchies at once.  Post-processing.

Every atom is rounded up or down, and so is every area cell of every level, so that the totals of both hierarchies are
the sums of what is shown.  The levels form two trees over the same atoms, so that the choice is a flow through a
network, and the corners of its linear programme are whole (Cox 1987 for two dimensions).  Of all such tables the one
nearest to the estimate is taken, over the cells of all levels, which weigh as the root of their atoms: nearest in the
atoms alone, many small ones would all be rounded down, and every total with them.  Totals over categories are sums of
rounded numbers.
"""

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from publisher.noise.area_system import AreaSystem, FloatArray

WHOLE = 1e-6
"""An atom or a sum of atoms that is nearer to a whole number than this is taken for it."""


def controlled_rounding(atoms: FloatArray, system: AreaSystem) -> FloatArray:
    """Whole atoms, as floats, shape (atoms, codes of each column): each code is rounded for itself.

    RuntimeError where the solver finds no such table, which the theory rules out.
    """
    several = np.asarray(system.cells.sum(axis=1)).ravel() > 1
    cells = sparse.csr_array(system.cells[several])
    flat = atoms.reshape(system.atoms, -1)
    return np.stack([_rounded(cells, code) for code in flat.T], axis=1).reshape(atoms.shape)


def step_costs(cells: sparse.csr_array, rest: FloatArray) -> FloatArray:
    """What it costs to round an atom up, shape (atoms,): the squared distances of all atoms and cells to their sums,
    less what all tables share.  `rest`: of the atoms, over the whole numbers below; `cells`: 0/1, of these atoms."""
    sums, weight = cells @ rest, np.sqrt(np.diff(cells.indptr))
    return np.asarray(1 - 2 * rest + cells.T @ (weight * (1 - 2 * (sums - np.floor(sums + WHOLE)))))


def _rounded(cells: sparse.csr_array, atoms: FloatArray) -> FloatArray:
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
    for slack in (0.0, 1.0):  # as far as the solver sees it so
        within = LinearConstraint(part, least - slack, most + slack)
        found = milp(cost, bounds=Bounds(0, 1), constraints=within)
        if found.x is not None and np.abs(found.x - np.rint(found.x)).max() < WHOLE:
            base[free] += np.rint(found.x)
            return base
    raise RuntimeError("no controlled rounding was found")
