"""The areas' half of the least squares: which leaves can be told apart, and how well.  Public knowledge only.

Leaves that every level of the table treats alike are one *atom*.  Where an atom is alone in its cell at the finest
level, that level adds a number to the diagonal of the normal matrix; all other cells are few.  So the normal matrix is
diagonal plus low rank (Woodbury), and what stands outside the finest level is a small remainder (Schur complement).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.relations import AreaLevel, IntArray

FloatArray = NDArray[np.float64]
_RANK_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class AreaSystem:
    """The levels' cells over the atoms.

    `members`: the cell of each atom at each level, -1 for none, shape (levels, atoms); `cells`: the same as 0/1, shape
    (area cells, atoms), level by level.  `level_of`: level number of each area cell.  `finest`: the level with most
    atoms alone in their cell, of several the one with most cells (a level whose cells another has all gets next to no
    budget, and dividing by its weight is inexact); `alone`: which ones.  `coarse`: the rows of `cells` but for the
    finest level's cells of one atom.  `told`: orthonormal, shape (dimensions, other atoms): what the cells
    can tell of the atoms that are not alone.  `seen`: the coarse cells over the dimensions.  `overlap`: how many atoms
    that stand alone two coarse cells share.  `apart`: which coarse cells are those of the level that has most; they
    share none.
    """

    members: IntArray
    cells: sparse.csr_array
    level_of: IntArray
    finest: int
    alone: NDArray[np.bool_]
    coarse: NDArray[np.bool_]
    told: FloatArray
    seen: FloatArray
    overlap: FloatArray
    apart: NDArray[np.bool_]

    @property
    def atoms(self) -> int:
        """Number of atoms."""
        return int(self.cells.shape[1])

    @property
    def rank(self) -> int:
        """How many dimensions all cells together tell."""
        return int(self.alone.sum()) + len(self.told)

    @property
    def coarse_level(self) -> IntArray:
        """Level number of each coarse cell."""
        return self.level_of[self.coarse]

    def sums(self, atoms: FloatArray) -> FloatArray:
        """Values of all area cells, level by level: shape (area cells, ...) from (atoms, ...)."""
        return np.asarray(self.cells @ atoms.reshape(self.atoms, -1)).reshape(-1, *atoms.shape[1:])

    def spread(self, level: int, values: FloatArray) -> FloatArray:
        """L' y: every atom gets the value of its cell at `level`, and 0 outside; (atoms, ...) from (cells, ...)."""
        rows = self.cells[self.level_of == level]
        return np.asarray(rows.T @ values.reshape(len(values), -1)).reshape(-1, *values.shape[1:])

    def covariance(self, weights: Sequence[float] | FloatArray) -> "AreaCovariance":
        """The covariance of the atoms, a generalised inverse of the sum over levels of weight x L'L; weights > 0."""
        weight = float(weights[self.finest])
        precision = np.asarray(weights, dtype=np.float64)[self.coarse_level]
        inner = inverse(1 / precision, self.overlap / weight, self.apart)
        link = inner @ self.seen
        rest = np.asarray(np.linalg.inv(self.seen.T @ link), dtype=np.float64)
        return AreaCovariance(self, weight, precision, inner, link, rest)


@dataclass(frozen=True, slots=True, eq=False)
class AreaCovariance:
    """G = D - T C T' + H R H', with D = 1/weight of the atoms that stand alone, T = D U', H = E - T C V.

    U, V: the coarse cells over the atoms that stand alone, and over the dimensions told of the others (E).  `inner` is
    C, shape (coarse cells, coarse cells), `link` is C V, `rest` is R, the covariance of those dimensions.  Every
    generalised inverse gives the published cells alike.  `precision`: the weight of each coarse cell.
    """

    system: AreaSystem
    weight: float
    precision: FloatArray
    inner: FloatArray
    link: FloatArray
    rest: FloatArray

    def apply(self, right: FloatArray) -> FloatArray:
        """G r, shape (atoms, n)."""
        alone, told = self.system.alone, self.system.told
        part = self.system.cells[self.system.coarse][:, alone]
        seen = part @ right[alone] / self.weight
        other = self.rest @ (told @ right[~alone] - self.link.T @ seen)
        out = np.empty(right.shape)
        out[alone] = (right[alone] - part.T @ (self.inner @ seen + self.link @ other)) / self.weight
        out[~alone] = told.T @ other
        return out

    @property
    def gain(self) -> FloatArray:
        """Q = W - W V W, with V the covariance of the coarse cells and W their weights: shape as `inner`.

        V is the inverse of W less W^-1 Q W^-1, and every error below follows from Q.
        """
        if not len(self.system.told):
            return self.inner
        return self.inner - self.link @ self.rest @ self.link.T

    def cell_variances(self) -> FloatArray:
        """The variance of every area cell: the diagonal of A G A', shape (area cells,)."""
        system, gain = self.system, self.gain
        out = np.empty(len(system.coarse))
        out[system.coarse] = 1 / self.precision - gain.diagonal() / self.precision**2
        part = system.cells[:, system.alone]
        touched = part[system.coarse].T @ gain
        single = part[~system.coarse] @ np.asarray(part[system.coarse].T.multiply(touched).sum(axis=1)).ravel()
        out[~system.coarse] = (1 - single / self.weight) / self.weight
        return out

    def level_errors(self) -> tuple[FloatArray, FloatArray]:
        """The summed variance of each level's cells, and how much it falls for a little weight more at each level.

        Shapes (levels,) and (levels, levels): entry (l, k) is the squared Frobenius norm of the covariances between the
        cells of l and of k, which is minus the derivative of the summed variance of l by the weight of k.  All of it
        follows from sums over `gain`, since weight x cells' cells x covariance has as trace the rank.
        """
        system = self.system
        levels = int(system.level_of[-1]) + 1
        of = np.eye(levels)[system.coarse_level]
        weights = np.zeros(levels)
        weights[system.coarse_level] = self.precision
        inverse_ = np.divide(1.0, weights, out=np.zeros(levels), where=weights > 0)
        gain = self.gain
        number, own, pairs = of.sum(axis=0), of.T @ gain.diagonal(), of.T @ (gain * gain) @ of
        sums = number * inverse_ - own * inverse_**2
        norms = pairs * np.outer(inverse_, inverse_) ** 2
        norms[np.diag_indices(levels)] += number * inverse_**2 - 2 * own * inverse_**3
        crossed = (own - pairs @ inverse_) * inverse_**2 / self.weight
        rest = system.rank - weights @ norms @ weights - 2 * self.weight * weights @ crossed
        at = system.finest
        sums[at] += (system.rank - weights @ sums) / self.weight
        norms[at] += crossed
        norms[:, at] += crossed
        norms[at, at] += rest / self.weight**2
        return sums, norms


def area_system(levels: Sequence[AreaLevel]) -> AreaSystem:
    """The atoms of `levels`; leaves in no cell at all are left out, for nothing published touches them."""
    stacked = np.stack([v.member for v in levels], axis=1)
    members = np.unique(stacked[(stacked >= 0).any(axis=1)], axis=0).T
    numbers = [_cell_sizes(member, len(v.codes)) for member, v in zip(members, levels, strict=True)]
    lone = [(member >= 0) & (sizes[member] == 1) for member, sizes in zip(members, numbers, strict=True)]
    finest = max(range(len(levels)), key=lambda i: (lone[i].sum(), len(levels[i].codes), i))
    level_of = np.repeat(np.arange(len(levels)), [len(v.codes) for v in levels])
    coarse = (level_of != finest) | (np.concatenate(numbers) != 1)
    cells = sparse.vstack([AreaLevel(v.level, v.codes, m).matrix for v, m in zip(levels, members, strict=True)]).tocsr()
    alone, coarse_cells = lone[finest], cells[coarse]
    part = coarse_cells[:, alone]
    told = _row_space(coarse_cells[:, ~alone].toarray())
    return AreaSystem(
        members, cells, level_of, finest, alone, coarse,
        told=told,
        seen=coarse_cells[:, ~alone] @ told.T,
        overlap=(part @ part.T).toarray(),
        apart=level_of[coarse] == np.bincount(level_of[coarse]).argmax() if coarse.any() else np.zeros(0, dtype=bool),
    )  # fmt: skip


def merged(fine: AreaSystem, levels: Sequence[int], coarse: AreaSystem) -> sparse.csr_array:
    """0/1, shape (atoms of `coarse`, atoms of `fine`): which atoms make up those of a system of fewer levels.

    `levels`: the number of each level of `coarse` among those of `fine`.  An atom in no cell of them is in none.
    """
    if fine is coarse:
        return sparse.csr_array(sparse.eye_array(coarse.atoms, format="csr"))
    known = {tuple(cells): atom for atom, cells in enumerate(coarse.members.T.tolist())}
    found = [known.get(tuple(cells), -1) for cells in fine.members[list(levels)].T.tolist()]
    return AreaLevel("atoms", tuple(map(str, range(coarse.atoms))), np.array(found, dtype=np.int64)).matrix


def inverse(diagonal: FloatArray, shared: FloatArray, apart: NDArray[np.bool_]) -> FloatArray:
    """The inverse of the positive matrix diag(diagonal) + shared, which is diagonal itself among `apart`.

    By a Schur complement over the other rows, which are few.
    """
    alone = 1 / (diagonal + shared.diagonal())[apart]
    beside = alone[:, None] * shared[np.ix_(apart, ~apart)]
    rest = shared[np.ix_(~apart, ~apart)] + np.diag(diagonal[~apart]) - shared[np.ix_(~apart, apart)] @ beside
    few = np.asarray(np.linalg.inv(rest), dtype=np.float64)
    crossed = beside @ few
    out = np.empty(shared.shape)
    out[np.ix_(~apart, ~apart)] = few
    out[np.ix_(apart, ~apart)] = -crossed
    out[np.ix_(~apart, apart)] = -crossed.T
    out[np.ix_(apart, apart)] = crossed @ beside.T + np.diag(alone)
    return out


def _row_space(matrix: FloatArray) -> FloatArray:
    """An orthonormal basis of the rows of a 0/1 matrix, shape (rank, columns)."""
    if not matrix.size:
        return np.zeros((0, matrix.shape[1]))
    _, values, rows = np.linalg.svd(matrix, full_matrices=False)
    return np.asarray(rows[values > _RANK_TOLERANCE * values[0]])


def _cell_sizes(member: IntArray, cells: int) -> IntArray:
    return np.bincount(member[member >= 0], minlength=cells)
