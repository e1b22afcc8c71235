"""The attack on several releases whose windows overlap: one system over all of them.

What lies between two neighbouring ends of windows is a part.  The parts of a window add up to it, satisfy the same
equations, and are no less than 0; where two windows hold the same part, what one shows bounds what the other withholds.
The equations are rebuilt from the labels of every release, and windows are told by their period.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.audit.attacker.attack import (
    ALONE,
    AttackResult,
    CellKey,
    FeasibilityInterval,
    Means,
    Need,
    ValueKey,
    attack_system,
)
from publisher.audit.attacker.bodies import Body, bodies_of
from publisher.audit.attacker.equations import LATENT, NO_UPPER, SHOWN, Limits, System, build_system, cell_numbers
from publisher.errors import AuditFailedError
from publisher.opaque import Opaque
from publisher.release.model import Table

_LEAST = -(2**62)


@dataclass(frozen=True, slots=True, repr=False)
class WindowView(Opaque):
    """The tables of one release in one window, and what its outsiders are told besides.

    `parts`: indexes of the parts of time that it is made of.  `kept`: cells of which nobody knows that they are not 0.
    `changed`: by how much numbers of it differ from what the parts add up to, because records have changed, or units
    stand in other windows than one stretch of time would put them.  `limits`: what everybody knows of cells.
    """

    release: str
    period: str
    tables: tuple[Table, ...]
    parts: frozenset[int]
    kept: frozenset[CellKey]
    changed: Mapping[ValueKey, int]
    limits: Limits = field(default_factory=dict)

    def name(self, table: str) -> str:
        """A table of this window, told from the same table of another."""
        return f"{table}@{self.period}"


def attack_windows(
    windows: Sequence[WindowView], *, silent: Sequence[Collection[ValueKey]], zeros_published: bool,
    need: Need = None, need_a1: Need = None, means: Means = ALONE,
) -> tuple[AttackResult, ...]:  # fmt: skip
    """Attack the tables of all windows together; one result for each window.

    `silent`: for each part, numbers that everybody knows to be 0 in it.  `need`, `need_a1`, `means`: as `attack`
    has them, by keys whose table is `WindowView.name`.  AuditFailedError where the windows' tables are not alike.
    """
    bodies = [list(bodies_of(w.tables)) for w in windows]
    if len({len(b) for b in bodies}) > 1:
        raise AuditFailedError("two windows show different measures; they cannot be attacked together")
    results = []
    for same in zip(*bodies, strict=True):
        system, found = _joined(list(zip(windows, same, strict=True)), silent)
        least = 1 if zeros_published and same[0].counts else None
        kept = {(w.name(t), area, codes) for w in windows for t, area, codes in w.kept}
        needs = need, need_a1
        results.append(attack_system(same[0], (system, found), kept, least=least, needs=needs, means=means))
    return tuple(_of_window(w, results) for w in windows)


def _joined(
    windows: Sequence[tuple[WindowView, Body]], silent: Sequence[Collection[ValueKey]]
) -> tuple[System, list[tuple[ValueKey, int]]]:
    """The system of one body in all windows, and key and number of every withheld cell."""
    systems = [build_system(body, w.period, w.limits) for w, body in windows]
    first, size, k = systems[0], systems[0].size, len(windows)
    if any(not b.additive for _, b in windows) or any(s.grid.codes != first.grid.codes for s in systems):
        raise AuditFailedError("windows that do not add up, or have other categories, cannot be attacked together")
    if any(s.grid.names != first.grid.names for s in systems):
        raise AuditFailedError("two windows have other areas; they cannot be attacked together")
    numbers = [_numbers(w, body, s) for (w, body), s in zip(windows, systems, strict=True)]
    changes = [(i * size + n[key], value) for i, ((w, _), n) in enumerate(zip(windows, numbers, strict=True))
               for key, value in w.changed.items() if key in n and value]  # fmt: skip
    linked = [_linked(first, n.values(), changed=bool(w.changed)) for (w, _), n in zip(windows, numbers, strict=True)]
    made = [(w.parts, at) for (w, _), at in zip(windows, linked, strict=True)]
    matrix = _matrix(first.matrix, made, len(silent), changes)
    nothing = np.zeros(size * len(silent), dtype=np.int64)
    state = np.concatenate([*(s.state for s in systems), nothing, np.full(len(changes), SHOWN)]).astype(np.int8)
    for p, keys in enumerate(silent):
        at = [(k + p) * size + numbers[0][key] for key in keys if key in numbers[0]]
        state[at] = SHOWN
    values = np.concatenate([*(s.values for s in systems), nothing, [v for _, v in changes]]).astype(np.int64)
    lower = np.concatenate([*(s.lower for s in systems), nothing + windows[0][1].least, np.full(len(changes), _LEAST)])
    upper = np.concatenate([*(s.upper for s in systems), np.full(len(nothing) + len(changes), NO_UPPER)])
    found = [
        ((w.name(key[0]), *key[1:]), i * size + number)
        for i, ((w, _), s) in enumerate(zip(windows, systems, strict=True))
        for key, number in numbers[i].items()
        if s.state[number] not in (SHOWN, LATENT)
    ]
    return System(first.grid, matrix, state, values, lower, upper, all(s.agree for s in systems)), found


def _numbers(window: WindowView, body: Body, system: System) -> dict[ValueKey, int]:
    """The number of every cell of the window's tables."""
    found: dict[ValueKey, int] = {}
    for table in body.tables:
        cells = body.cells(table, window.period)
        for number, cell in zip(cell_numbers(system.grid, table, body, window.period), cells, strict=True):
            found[table.id, cell.measure, cell.area, cell.categories] = number
    return found


def _linked(system: System, shown: Iterable[int], *, changed: bool) -> NDArray[np.bool_]:
    """The cells in which the parts of a window add up to it: those of the tables; and all others of the equations where
    nothing has changed, since what has is told for the tables only."""
    linked = np.zeros(system.size, dtype=np.bool_)
    linked[system.matrix.indices] = not changed
    linked[list(shown)] = True
    return linked


def _matrix(
    tables: sparse.csr_matrix, windows: Sequence[tuple[frozenset[int], NDArray[np.bool_]]], n_parts: int,
    changes: Sequence[tuple[int, int]],
) -> sparse.csr_matrix:  # fmt: skip
    """The equations of the tables in every window and part, and `window - its parts - change = 0`.

    `windows`: the parts of each, and in which cells they add up to it.  `changes`: number and value of each.
    """
    size, k = int(tables.shape[1]), len(windows)
    made_of = np.array([[p in own for p in range(n_parts)] for own, _ in windows], dtype=np.int64)
    one = sparse.identity(size, dtype=np.int64, format="csr")
    every = sparse.block_diag([tables] * (k + n_parts), format="csr")
    at, n = np.array([number for number, _ in changes], dtype=np.int64), len(changes)
    change = sparse.csr_matrix((np.ones(n, np.int64), (at, np.arange(n))), shape=(k * size, n))
    links = sparse.hstack([sparse.identity(k * size, dtype=np.int64), -sparse.kron(made_of, one)], format="csr")
    rows = np.concatenate([linked for _, linked in windows])
    beyond = sparse.csr_matrix((int(every.shape[0]), n)).astype(np.int64)
    linked = sparse.hstack([sparse.csr_matrix(links)[rows], -change[rows]])
    return sparse.csr_matrix(sparse.vstack([sparse.hstack([every, beyond]), linked]))


def _of_window(window: WindowView, results: Sequence[AttackResult]) -> AttackResult:
    """What is known of one window's cells, under the tables' own names; derived cells with all others."""
    names = {window.name(t.id): t.id for t in window.tables}

    def own(intervals: tuple[FeasibilityInterval, ...]) -> tuple[FeasibilityInterval, ...]:
        return tuple(replace(i, table=names[i.table]) for i in intervals if i.table in names)

    return AttackResult(
        consistent=all(r.consistent for r in results),
        informed_consistent=all(r.informed_consistent for r in results),
        a0=tuple(i for r in results for i in own(r.a0)),
        a1=tuple(i for r in results for i in own(r.a1)),
        derived=tuple(i for r in results for i in r.derived),
    )
