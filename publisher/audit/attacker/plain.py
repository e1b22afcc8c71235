"""The attack on a plain table: one column of codes a dimension, and the hierarchies that everybody knows.

The equations are rebuilt from the codes: along each hierarchy, every code is the sum of the codes right below it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import prod

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.audit.attacker.alternatives import Alternatives
from publisher.audit.attacker.equations import NO_UPPER, SHOWN, WITHHELD, Ints, System
from publisher.audit.attacker.problem import NO_GRID, ranges_of
from publisher.audit.attacker.programme import Floats
from publisher.audit.attacker.ranges import Ranges, Work
from publisher.errors import AuditFailedError
from publisher.opaque import Opaque

_MOST_WORK = 1e9
"""What the whole programmes of one attacker may spend where no proof is asked for: minutes."""

_MOST_QUESTIONS = 3000
"""So many questions about whole numbers are asked of one attacker in small components, of a table of others."""

Key = tuple[str, ...]
"""The codes of a cell, one for each dimension."""


class Absent(StrEnum):
    """What it means that a table lacks a cell: that this is a mistake, that it is 0, or that it is not published."""

    REFUSED = "refused"
    ZERO = "zero"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """`rows`: for every leaf its codes, finest first, as the file has them; empty where it belongs to no cell."""

    levels: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def paths(self) -> list[list[str]]:
        """From each leaf upwards the codes as tables write them: area types with a T."""
        typed = [
            name == "area_type" and all(c in ("", "1", "2", "3", "4", "5") for c in column)
            for name, column in zip(self.levels, zip(*self.rows, strict=True), strict=True)
        ]
        return [[f"T{c}" if t else c for c, t in zip(row, typed, strict=True) if c] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Labels:
    """One dimension: its total, and its hierarchies; without any, every other code is a part of the total."""

    total: str
    hierarchies: tuple[Hierarchy, ...]


@dataclass(frozen=True, slots=True, repr=False)
class PlainIntervals(Opaque):
    """What the attackers know of each withheld cell, in the order of `keys`: whole numbers, infinite without end.

    `consistent`: some numbers give the published ones; `informed_consistent`: also where every withheld cell is at
    least 1.  Where one is False the intervals of that attacker are empty arrays.  `undecided`: intervals that were not
    seen to be as wide as needed, and not proved to be narrower: they may be wider than stated.  `integer`: for each
    cell, whether whole numbers leave it (for one of the attackers) narrower than needed although the linear relaxation
    does not, or were not shown to leave it so wide.
    """

    keys: tuple[Key, ...]
    a0: tuple[Floats, Floats]
    a1: tuple[Floats, Floats]
    consistent: bool
    informed_consistent: bool
    undecided: int
    integer: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PlainAlternatives(Opaque):
    """Other numbers of a table that fit, told by its owner: as `Alternatives`, over the cells `keys`."""

    keys: tuple[Key, ...]
    values: Ints
    changes: sparse.csr_matrix


def withheld_keys(cells: Mapping[Key, int | None]) -> tuple[Key, ...]:
    """The cells without a number, in the order of the table."""
    return tuple(k for k, v in cells.items() if v is None)


def attack_plain(
    labels: Sequence[Labels], cells: Mapping[Key, int | None], *, zeros_published: bool, need: Floats, need_a1: Floats,
    absent: Absent = Absent.REFUSED, told: PlainAlternatives | None = None, say: Callable[[str], None] = lambda _: None,
) -> PlainIntervals:  # fmt: skip
    """Bound every withheld cell for A0 and A1.

    `need`, `need_a1`: for each withheld cell (in the order of `withheld_keys`) the width that suffices, infinite where
    the interval must be proved.  `told`: other numbers that fit, which are checked.  `say`: hears which attacker is
    asked.  Raises AuditFailedError for a code that no hierarchy has, and for a missing cell where that is refused.
    """
    axes = [_Axis(x, [k[d] for k in cells]) for d, x in enumerate(labels)]
    system, at = _system(axes, cells, absent)
    known = None if told is None else _alternatives(axes, told, system.size)
    nothing = np.zeros(0), np.zeros(0)

    def ranges(least: int, need: Floats, seen: Ranges | None) -> Ranges | None:
        left = _MOST_WORK if np.isfinite(need).all() else np.inf
        work = Work(left, integers=True, small_questions=_MOST_QUESTIONS if told is None else np.inf)
        return ranges_of(system, least=least, at=at, need=need, seen=seen, work=work, told=known)

    informed = None
    if zeros_published:
        say(f"an outsider, from {len(at)} withheld cells of which none is 0")
        informed = ranges(1, need_a1, None)
    say(f"an outsider, from {len(at)} withheld cells of which each may be 0")
    plain = ranges(0, need, informed)
    if not zeros_published:
        informed = plain
    ends = [nothing if r is None else (r.whole()[0][at], r.whole()[1][at]) for r in (plain, informed)]
    pairs = ((plain, need),) if informed is plain else ((plain, need), (informed, need_a1))
    open_ = sum(int(r.at(at).wanting(n).sum()) for r, n in pairs if r is not None)
    keys = withheld_keys(cells)
    whole = np.any([np.zeros(len(keys), bool), *(r.integer[at] for r, _ in pairs if r is not None)], axis=0)
    return PlainIntervals(keys, ends[0], ends[1], plain is not None, informed is not None, open_, whole)


def system_of(
    labels: Sequence[Labels], cells: Mapping[Key, int | None], keys: Sequence[Key], absent: Absent,
    told: PlainAlternatives | None = None,
) -> tuple[System, Ints, Alternatives | None]:  # fmt: skip
    """The equations of a table, the numbers of the cells `keys` in them, and what is told of its cells.

    Raises as `attack_plain`.
    """
    axes = [_Axis(x, [k[d] for k in (*cells, *keys)]) for d, x in enumerate(labels)]
    system = _system(axes, cells, absent)[0]
    known = None if told is None else _alternatives(axes, told, system.size)
    return system, _numbers(axes, dict.fromkeys(keys)), known


class _Axis:
    """The codes of one dimension, numbered, and its equations."""

    def __init__(self, labels: Labels, used: Sequence[str]) -> None:
        paths = [h.paths() for h in labels.hierarchies] or [[[c] for c in dict.fromkeys(used) if c != labels.total]]
        codes = dict.fromkeys([labels.total, *(c for h in paths for p in h for c in p)])
        self.number = {c: i for i, c in enumerate(codes)}
        self.sums = dict.fromkeys(s for h in paths for s in _sums([[*p, labels.total] for p in h]))

    @property
    def size(self) -> int:
        """How many codes."""
        return len(self.number)

    def equations(self) -> sparse.csr_array:
        """A row for each sum: 1 for the parent, -1 for each child."""
        entries = [(r, self.number[c], -1) for r, (_, children) in enumerate(self.sums) for c in children]
        entries += [(r, self.number[parent], 1) for r, (parent, _) in enumerate(self.sums)]
        row, col, val = (np.array(x, dtype=np.int64) for x in zip(*entries, strict=True))
        return sparse.csr_array((val, (row, col)), shape=(len(self.sums), self.size))


def _sums(paths: Sequence[Sequence[str]]) -> list[tuple[str, tuple[str, ...]]]:
    """Each code with the codes right below it in one hierarchy."""
    below: dict[str, dict[str, None]] = {}
    for path in paths:
        for child, parent in pairwise(path):
            below.setdefault(parent, {})[child] = None
    return [(parent, tuple(children)) for parent, children in below.items()]


def _system(axes: Sequence[_Axis], cells: Mapping[Key, int | None], absent: Absent) -> tuple[System, Ints]:
    """The equations over all cells, and the numbers of the withheld ones."""
    shape = [a.size for a in axes]
    size = prod(shape)
    rows = []
    for k, axis in enumerate(axes):
        before, after = (sparse.eye_array(prod(n), dtype=np.int64, format="csr") for n in (shape[:k], shape[k + 1 :]))
        rows.append(sparse.kron(sparse.kron(before, axis.equations(), format="csr"), after, format="csr"))
    state, values = np.zeros(size, dtype=np.int8), np.zeros(size, dtype=np.int64)
    at = _numbers(axes, cells)
    if absent is Absent.ZERO:
        state[:] = SHOWN
    elif absent is Absent.REFUSED and len(at) != size:
        raise AuditFailedError(f"the table lacks {size - len(at)} of its {size} cells")
    shown = np.array([v is not None for v in cells.values()], dtype=np.bool_)
    state[at] = np.where(shown, SHOWN, WITHHELD)
    values[at] = [v or 0 for v in cells.values()]
    nothing = np.zeros(size, dtype=np.int64)
    matrix = sparse.csr_matrix(sparse.vstack(rows, format="csr"))
    standing = _standing(shape)
    return System(NO_GRID, matrix, state, values, nothing, nothing + NO_UPPER, True, standing), at[~shown]


def _standing(shape: Sequence[int]) -> tuple[Ints, Ints]:
    """Of each cell its code in the longest dimension, and the others."""
    codes = np.indices(shape).reshape(len(shape), -1)
    longest = int(np.argmax(shape))
    others = [k for k in range(len(shape)) if k != longest]
    kind = np.ravel_multi_index(tuple(codes[others]), [shape[k] for k in others]) if others else 0 * codes[0]
    return codes[longest], kind


def _alternatives(axes: Sequence[_Axis], told: PlainAlternatives, size: int) -> Alternatives:
    number, values = _numbers(axes, dict.fromkeys(told.keys)), np.zeros(size, dtype=np.int64)
    values[number] = told.values
    onto = sparse.csr_matrix((np.ones(len(number), np.int64), (np.arange(len(number)), number)), (len(number), size))
    return Alternatives(values, sparse.csr_matrix(told.changes @ onto))


def _numbers(axes: Sequence[_Axis], cells: Mapping[Key, int | None]) -> Ints:
    out = np.zeros(len(cells), dtype=np.int64)
    for d, axis in enumerate(axes):
        found = np.array([axis.number.get(k[d], -1) for k in cells], dtype=np.int64)
        strange = int((found < 0).sum())
        if strange:
            raise AuditFailedError(f"{strange} cells have a code in column {d + 1} that is in no hierarchy")
        out = out * axis.size + found
    return out
