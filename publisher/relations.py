"""Hierarchies and linked tables as sparse systems.  Public knowledge only: no counts here.

The smallest place that a record can be put is a *leaf*: a RegSO, or one of the places for records whose RegSO is not
stated (`0180X` in a municipality, `01X` in a county, `00X` in the nation).  Every area cell is a set of leaves, every
category cell a set of codes, so that any two tables over the same leaves are linked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.release.model import TOTAL

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class AreaLevel:
    """The cells of one area level.  `member[leaf]` is the index of the leaf's cell in `codes`, or -1 for none."""

    level: str
    codes: tuple[str, ...]
    member: IntArray

    def __post_init__(self) -> None:
        if self.member.ndim != 1 or self.member.min(initial=0) < -1 or self.member.max(initial=-1) >= len(self.codes):
            raise ValueError(f"level {self.level}: membership points outside its cells")

    @property
    def matrix(self) -> sparse.csr_array:
        """0/1 matrix, shape (cells, leaves)."""
        leaves = np.flatnonzero(self.member >= 0)
        shape = (len(self.codes), len(self.member))
        return sparse.csr_array((np.ones(len(leaves)), (self.member[leaves], leaves)), shape=shape)


@dataclass(frozen=True, slots=True)
class Column:
    """One category column: its codes (without the total), and whether it belongs to the person.

    A personal attribute has one value a person and period (sex, age group); any other column may have several.
    `joined`: of codes that stand for several declared ones, which; every other code is a declared one itself.
    """

    id: str
    codes: tuple[str, ...]
    personal: bool
    joined: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __post_init__(self) -> None:
        if not self.codes or len(set(self.codes)) != len(self.codes) or TOTAL in self.codes:
            raise ValueError(f"column {self.id}: codes must be different, at least one, none of them {TOTAL}")
        if len(dict(self.joined)) != len(self.joined) or not {code for code, _ in self.joined} <= set(self.codes):
            raise ValueError(f"column {self.id}: a joined code stands twice, or is none of its codes")
        if len(self.positions) != sum(len(self.parts(code)) for code in self.codes):
            raise ValueError(f"column {self.id}: a declared code stands in two of its codes")

    def parts(self, code: str) -> tuple[str, ...]:
        """The declared codes that one of the column's stands for."""
        return dict(self.joined).get(code, (code,))

    @property
    def positions(self) -> dict[str, int]:
        """For each declared code the place in `codes` where it is counted."""
        return {part: place for place, code in enumerate(self.codes) for part in self.parts(code)}


@dataclass(frozen=True, slots=True, eq=False)
class KeySet:
    """Every cell that a table has, declared before any record is read: area cells x category cells.

    Area cells are those of the levels in order; category cells those of the columns, the total after the codes
    (index len(codes)) where `totals` says so.  The flat index runs over area cells first, C order.
    """

    leaves: tuple[str, ...]
    levels: tuple[AreaLevel, ...]
    columns: tuple[Column, ...]
    totals: tuple[bool, ...]

    def __post_init__(self) -> None:
        if len(self.columns) != len(self.totals) or any(len(v.member) != len(self.leaves) for v in self.levels):
            raise ValueError("levels, columns and totals do not belong together")
        codes = self.area_codes
        if len(set(codes)) != len(codes):
            raise ValueError("an area code stands at two levels")

    @property
    def area_codes(self) -> tuple[str, ...]:
        """All area codes, level by level."""
        return tuple(c for level in self.levels for c in level.codes)

    @property
    def category_shape(self) -> tuple[int, ...]:
        """Number of cells of each column, its total included."""
        return tuple(len(c.codes) + t for c, t in zip(self.columns, self.totals, strict=True))

    @property
    def shape(self) -> tuple[int, ...]:
        """(area cells, cells of column 1, ...)."""
        return (sum(len(v.codes) for v in self.levels), *self.category_shape)

    @property
    def marginals(self) -> tuple[tuple[bool, ...], ...]:
        """Which columns a marginal keeps: every combination that the totals allow, the full cross first."""
        return tuple(product(*[(True, False) if t else (True,) for t in self.totals]))

    @property
    def category_keys(self) -> tuple[tuple[str, ...], ...]:
        """Category codes of every category cell, in flat order."""
        pairs = zip(self.columns, self.totals, strict=True)
        return tuple(product(*[c.codes + ((TOTAL,) if total else ()) for c, total in pairs]))


@dataclass(frozen=True, slots=True, eq=False)
class LinkedSystem:
    """`equations @ cells == 0`, each row +1 for a total and -1 for its parts.

    The first cells are those of the key set in flat order; latent cells follow: sums over leaves that no cell of the
    key set is, but that tie it together.  `shown[cell]`: some table publishes the cell, or could; or, of a cell beyond
    those of the key set, it is taken to be known.  The others are unknown to everybody outside, whatever is suppressed.
    `across`: the first cells stand area by area, so many to each (0: they do not, or it is not known).
    """

    equations: sparse.csr_array
    shown: NDArray[np.bool_]
    across: int = 0

    @property
    def size(self) -> int:
        """Number of cells, latent ones included."""
        return int(self.equations.shape[1])


def fill_totals(leaf_counts: IntArray, keys: KeySet) -> IntArray:
    """Sum exact or noisy leaf counts, shape (leaves, codes...), up to every cell of `keys`; returns shape `keys.shape`.

    Totals over categories are sums of the parts.
    """
    stacked = sparse.vstack([v.matrix.astype(np.int64) for v in keys.levels]).tocsr()
    flat = leaf_counts.reshape(len(keys.leaves), -1)
    out = np.asarray(stacked @ flat).reshape(-1, *leaf_counts.shape[1:])
    for axis, total in enumerate(keys.totals, start=1):
        if total:
            out = np.concatenate([out, out.sum(axis=axis, keepdims=True)], axis=axis)
    return out


def all_cells(leaf_counts: IntArray, keys: KeySet) -> IntArray:
    """The value of every cell of `linked_system(keys)`, latent ones included, flat; leaf counts: (leaves, codes...)."""
    return fill_totals(leaf_counts, replace(keys, levels=(*keys.levels, *latent_levels(keys)))).ravel()


def latent_levels(keys: KeySet) -> tuple[AreaLevel, ...]:
    """The latent area cells of `linked_system(keys)`, each as a level of one cell, in order."""
    out = []
    for k, leaves in enumerate(area_equations(keys.levels)[1]):
        member = np.full(len(keys.leaves), -1, dtype=np.int64)
        member[sorted(leaves)] = 0
        out.append(AreaLevel("latent", (f"latent{k}",), member))
    return tuple(out)


def linked_system(keys: KeySet, shown: NDArray[np.bool_] | None = None) -> LinkedSystem:
    """The equations that tie all cells of `keys`: both area hierarchies x all categories, and categories x areas.

    `shown`: shape keys.shape, False for cells that no table publishes (default: all are published).
    """
    area, latent = area_equations(keys.levels)
    n_area = len(keys.area_codes) + len(latent)
    identities = [sparse.eye_array(n, format="csr") for n in keys.category_shape]
    rows = [_kron(area, identities)]
    for axis, (column, total) in enumerate(zip(keys.columns, keys.totals, strict=True)):
        if total:
            parts = [*identities]
            parts[axis] = sparse.csr_array(np.concatenate([-np.ones(len(column.codes)), [1.0]])[None, :])
            rows.append(_kron(sparse.eye_array(n_area, format="csr"), parts))
    mask = np.zeros(n_area * int(np.prod(keys.category_shape)), dtype=np.bool_)
    mask[: int(np.prod(keys.shape))] = True if shown is None else shown.ravel()
    across = int(np.prod(keys.category_shape))
    return LinkedSystem(equations=sparse.vstack(rows).tocsr(), shown=mask, across=across)


def _kron(first: sparse.csr_array, rest: Sequence[sparse.csr_array]) -> sparse.csr_array:
    out = first
    for part in rest:
        out = sparse.kron(out, part, format="csr")
    return sparse.csr_array(out)


def area_equations(levels: Sequence[AreaLevel]) -> tuple[sparse.csr_array, tuple[frozenset[int], ...]]:
    """Every relation among the area cells of `levels`, and the leaves of each latent cell added.

    Columns: the area cells level by level, then latent cells.  An *atom* is a largest set of leaves that no level tells
    apart; every cell is a sum of atoms.  An atom that is no cell itself becomes a latent one.  A cell is written as the
    sum of the cells of each next finer level that lie within it, and of the atoms that such a level leaves out; a cell
    without a finer level as the sum of its atoms; cells of the same leaves are equal.  So every cell is tied to the
    atoms, and no relation is missing.
    """
    offsets = np.cumsum([0, *[len(v.codes) for v in levels]])
    cells = [_leaf_set(v, i) for v in levels for i in range(len(v.codes))]
    known = {leaves: j for j, leaves in reversed(list(enumerate(cells)))}
    atoms = _atoms(levels)
    latent = tuple(a for a in atoms if a not in known)
    known |= {a: len(cells) + k for k, a in enumerate(latent)}
    atom_of = {leaf: known[a] for a in atoms for leaf in a}
    entries = [{j: 1.0, known[leaves]: -1.0} for j, leaves in enumerate(cells) if known[leaves] != j]
    for p in range(len(levels)):
        finer = [range(offsets[c], offsets[c + 1]) for c in _immediate_refinements(levels, p)] or [range(0)]
        for leaves in cells[offsets[p] : offsets[p + 1]]:
            entries += [_split(leaves, children, known, atom_of, cells) for children in finer]
    entries = [e for e in entries if len(e) > 1]
    row = [r for r, e in enumerate(entries) for _ in e]
    col = [j for e in entries for j in e]
    val = [v for e in entries for v in e.values()]
    return sparse.csr_array((val, (row, col)), shape=(len(entries), len(cells) + len(latent))), latent


def _leaf_set(level: AreaLevel, cell: int) -> frozenset[int]:
    return frozenset(np.flatnonzero(level.member == cell).tolist())


def _atoms(levels: Sequence[AreaLevel]) -> list[frozenset[int]]:
    """The leaves that lie in the same cells of all levels together; leaves that lie in none are left out."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for leaf, cells in enumerate(np.stack([v.member for v in levels], axis=1).tolist()):
        groups.setdefault(tuple(cells), []).append(leaf)
    return [frozenset(leaves) for cells, leaves in groups.items() if max(cells) >= 0]


def _refines(fine: AreaLevel, coarse: AreaLevel) -> bool:
    """Whether every cell of `fine` lies within one cell of `coarse`."""
    inside = fine.member >= 0
    first = np.full(len(fine.codes), -2, dtype=np.int64)
    first[fine.member[inside]] = coarse.member[inside]
    return bool(np.all(first[fine.member[inside]] == coarse.member[inside]) and np.all(coarse.member[inside] >= 0))


def _immediate_refinements(levels: Sequence[AreaLevel], parent: int) -> list[int]:
    """The levels that refine `parent` with no level strictly between.  Levels with the same cells count as one."""

    def finer(fine: int, coarse: int) -> bool:
        return _refines(levels[fine], levels[coarse]) and not _refines(levels[coarse], levels[fine])

    below = [c for c in range(len(levels)) if finer(c, parent)]
    return [c for c in below if not any(finer(c, m) for m in below)]


def _split(
    leaves: frozenset[int], children: Iterable[int], known: Mapping[frozenset[int], int],
    atom_of: Mapping[int, int], cells: Sequence[frozenset[int]],
) -> dict[int, float]:  # fmt: skip
    """The equation of the cell of `leaves`: it equals its `children` and the atoms that they leave out."""
    within = [c for c in children if cells[c] <= leaves]
    rest = leaves.difference(*(cells[c] for c in within))
    parts = {known[cells[c]] for c in within} | {atom_of[leaf] for leaf in rest}
    return {known[leaves]: 1.0} | {part: -1.0 for part in parts if part != known[leaves]}
