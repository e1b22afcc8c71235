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

    `cells`: 0/1, shape (area cells, atoms), level by level.  `level_of`: level number of each area cell.  `finest`: the
    level with most atoms alone in their cell; `alone`: which ones.  `coarse`: the rows of `cells` but for the finest
    level's cells of one atom.  `rank`: how many dimensions of the other atoms the cells can tell.
    """

    cells: sparse.csr_array
    level_of: IntArray
    finest: int
    alone: NDArray[np.bool_]
    coarse: NDArray[np.bool_]
    rank: int

    @property
    def atoms(self) -> int:
        """Number of atoms."""
        return int(self.cells.shape[1])

    def sums(self, atoms: FloatArray) -> FloatArray:
        """Values of all area cells, level by level: shape (area cells, ...) from (atoms, ...)."""
        return np.asarray(self.cells @ atoms.reshape(self.atoms, -1)).reshape(-1, *atoms.shape[1:])

    def spread(self, level: int, values: FloatArray) -> FloatArray:
        """L' y: every atom gets the value of its cell at `level`, and 0 outside; (atoms, ...) from (cells, ...)."""
        rows = self.cells[self.level_of == level]
        return np.asarray(rows.T @ values.reshape(len(values), -1)).reshape(-1, *values.shape[1:])

    def covariance(self, weights: Sequence[float]) -> "AreaCovariance":
        """The covariance of the atoms, a generalised inverse of the sum over levels of weight x L'L; weights > 0."""
        return _covariance(self, weights, self.rank)


@dataclass(frozen=True, slots=True, eq=False)
class AreaCovariance:
    """G = D - T C T' + H R H', with D = 1/weight of the atoms that stand alone, T = D U', H = E - T C V.

    U, V: the coarse cells over the atoms that stand alone, and over the others; E embeds the others.  `inner` is C,
    shape (coarse cells, coarse cells), `link` is C V, `rest` is R, the covariance of the other atoms.  Where the cells
    do not tell all atoms, R is a pseudo-inverse; every generalised inverse gives the published cells alike.
    """

    system: AreaSystem
    weight: float
    inner: FloatArray
    link: FloatArray
    rest: FloatArray

    def apply(self, right: FloatArray) -> FloatArray:
        """G r, shape (atoms, n)."""
        alone = self.system.alone
        part = self.system.cells[self.system.coarse][:, alone]
        seen = part @ right[alone] / self.weight
        other = self.rest @ (right[~alone] - self.link.T @ seen)
        out = np.empty(right.shape)
        out[alone] = (right[alone] - part.T @ (self.inner @ seen + self.link @ other)) / self.weight
        out[~alone] = other
        return out

    def cell_variances(self) -> FloatArray:
        """The variance of every area cell: the diagonal of A G A', shape (area cells,)."""
        cells, alone = self.system.cells, self.system.alone
        overlap = sparse.csr_array(_overlap(self.system) / self.weight)
        other = cells[:, ~alone].toarray() - overlap @ self.link
        own = cells @ alone.astype(np.float64) / self.weight
        shared = overlap.multiply(overlap @ self.inner) @ np.ones(overlap.shape[1])
        return np.asarray(own - shared + ((other @ self.rest) * other).sum(axis=1))


def area_system(levels: Sequence[AreaLevel]) -> AreaSystem:
    """The atoms of `levels`; leaves in no cell at all are left out, for nothing published touches them."""
    stacked = np.stack([v.member for v in levels], axis=1)
    members = np.unique(stacked[(stacked >= 0).any(axis=1)], axis=0).T
    numbers = [_cell_sizes(member, len(v.codes)) for member, v in zip(members, levels, strict=True)]
    lone = [(member >= 0) & (sizes[member] == 1) for member, sizes in zip(members, numbers, strict=True)]
    finest = int(np.argmax([alone.sum() for alone in lone]))
    level_of = np.repeat(np.arange(len(levels)), [len(v.codes) for v in levels])
    coarse = (level_of != finest) | (np.concatenate(numbers) != 1)
    cells = sparse.vstack([AreaLevel(v.level, v.codes, m).matrix for v, m in zip(levels, members, strict=True)])
    unranked = AreaSystem(cells.tocsr(), level_of, finest, lone[finest], coarse, rank=0)
    return AreaSystem(cells.tocsr(), level_of, finest, lone[finest], coarse, rank=_rank(unranked))


def _cell_sizes(member: IntArray, cells: int) -> IntArray:
    return np.bincount(member[member >= 0], minlength=cells)


def _overlap(system: AreaSystem) -> sparse.csr_array:
    """How many atoms that stand alone each area cell shares with each coarse cell."""
    part = system.cells[:, system.alone]
    return sparse.csr_array(part @ part[system.coarse].T)


def _covariance(system: AreaSystem, weights: Sequence[float], rank: int) -> AreaCovariance:
    weight = weights[system.finest]
    precision = np.asarray(weights, dtype=np.float64)[system.level_of[system.coarse]]
    overlap = _overlap(system)[system.coarse].toarray()
    inner: FloatArray = np.asarray(np.linalg.inv(np.diag(1 / precision) + overlap / weight), dtype=np.float64)
    others = system.cells[system.coarse][:, ~system.alone].toarray()
    link = inner @ others
    return AreaCovariance(system, weight, inner, link, rest=_pseudo_inverse(others.T @ link, rank))


def _pseudo_inverse(matrix: FloatArray, rank: int) -> FloatArray:
    """Of a symmetric matrix that is positive on `rank` dimensions and zero on the others."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    kept = slice(len(values) - rank, None)
    return np.asarray((vectors[:, kept] / values[kept]) @ vectors[:, kept].T)


def _rank(system: AreaSystem) -> int:
    """The rank of the remainder, found at equal weights, where what is zero and what is not lie far apart."""
    others = system.cells[system.coarse][:, ~system.alone].toarray()
    schur = others.T @ _covariance(system, [1.0] * (int(system.level_of[-1]) + 1), 0).link
    values = np.linalg.eigvalsh((schur + schur.T) / 2)
    return int((values > _RANK_TOLERANCE * max(values.max(initial=0.0), 1.0)).sum())
