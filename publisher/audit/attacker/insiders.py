"""Insiders: what the one contributor of a withheld cell, who knows its number, can infer about other cells.

Each group is the cells that one contributor alone stands in.  A cell is safe from a group where some numbers satisfy
the equations, leave the group's cells at the truth, and differ at the cell by one or more; at a sum by as much as its
rules ask, to one side or the other (`publisher.audit.attacker.circulations`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from publisher.audit.attacker.alternatives import Alternatives, NamedAlternatives
from publisher.audit.attacker.attack import CellKey, ValueKey
from publisher.audit.attacker.bodies import Body, bodies_of, is_withheld
from publisher.audit.attacker.circulations import LATENT_TRUTH, Aims, Component, open_pairs
from publisher.audit.attacker.components import components
from publisher.audit.attacker.equations import KEPT, SHOWN, WITHHELD, Ints, Limits, System, build_system, cell_numbers
from publisher.audit.attacker.problem import NO_GRID
from publisher.audit.attacker.reduce import ContradictionError, Reduced, reduce_system
from publisher.errors import AuditFailedError
from publisher.opaque import Opaque
from publisher.release.model import Table

EVERYBODY = -1
"""In place of a group: who knows none of the withheld cells can compute the target."""

NOBODY = -1
"""In place of a contributor: several, or none, stand in the cell."""

@dataclass(frozen=True, slots=True, repr=False)
class Insiders(Opaque):
    """What is known inside of the withheld cells.

    `alone`: a label of the one contributor of each cell that has only one, the same in all of his cells.  `numbers`:
    the exact number of every withheld cell.
    """

    alone: Mapping[CellKey, int]
    numbers: Mapping[ValueKey, int]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InsiderQuestion(Opaque):
    """`targets`: the sensitive cells.  `reaches`: how far below and above the truth an outsider's interval of some
    numbers must go; an insider's must go as far as the larger, to one side.  `limits`, `kept`: as `attack` has them;
    `zeros_published`: whether a withheld count is known to be at least one."""

    targets: Collection[CellKey]
    reaches: Mapping[ValueKey, tuple[int, int]]
    limits: Limits
    kept: Collection[CellKey]
    zeros_published: bool


def attack_insiders(
    tables: Sequence[Table], insiders: Insiders, question: InsiderQuestion, *, period: str,
    told: NamedAlternatives | None = None,
) -> tuple[ValueKey, ...] | None:  # fmt: skip
    """Numbers of sensitive cells that somebody who is alone in other cells can compute, or bound too closely.

    The tables of one release, joined as `attack` joins them.  `told`: other counts that fit; they are checked, and
    what they leave open is asked.  None where the exact numbers do not fit the tables.
    AuditFailedError where one cell of two tables is said to have two contributors.
    """
    computed: dict[ValueKey, None] = {}
    for body in bodies_of(tables):
        least = 1 if question.zeros_published and body.counts else body.least
        system = build_system(body, period, question.limits)
        known = told.of(system) if told is not None and body.counts else None
        found = _attack_body(system, dict(_withheld(system, body, period)), insiders, question, (least, known))
        if found is None:
            return None
        computed |= dict.fromkeys(found)
    return tuple(computed)


def _withheld(system: System, body: Body, period: str) -> Iterator[tuple[ValueKey, int]]:
    for table in body.tables:
        numbers = cell_numbers(system.grid, table, body, period)
        for number, cell in zip(numbers, body.cells(table, period), strict=True):
            if is_withheld(cell):
                yield (table.id, cell.measure, cell.area, cell.categories), number


def _attack_body(
    system: System, withheld: Mapping[ValueKey, int], insiders: Insiders, question: InsiderQuestion,
    given: tuple[int, Alternatives | None],
) -> list[ValueKey] | None:  # fmt: skip
    """`given`: the least that a withheld number can be, and what is told."""
    truth, groups = np.zeros(system.size, dtype=np.int64), np.full(system.size, NOBODY, dtype=np.int64)
    width = np.ones_like(truth)
    targets: set[int] = set()
    for key, number in withheld.items():
        cell = (key[0], *key[2:])
        if not system.agree or key not in insiders.numbers:
            return None
        truth[number], label = insiders.numbers[key], insiders.alone.get(cell, NOBODY)
        if groups[number] not in (NOBODY, label):
            raise AuditFailedError(f"table {cell[0]}: cell {cell[1]} is said to have two contributors")
        groups[number] = label
        if cell in question.kept and system.state[number] == WITHHELD:
            system.state[number] = KEPT
        targets |= {number} if cell in question.targets else set()
        width[number] = max(int(width[number]), *question.reaches.get(key, (0, 0)))
    asked = np.array(sorted(targets), dtype=np.int64)
    pairs = insiders_of(system, truth, least=given[0], groups=groups, targets=asked, width=width, told=given[1])
    if pairs is None:
        return None
    computed = {cell for cell, _ in pairs}
    return [key for key, number in withheld.items() if number in computed and (key[0], *key[2:]) in question.targets]


def insider_problem(
    matrix: sparse.csr_matrix, values: Ints, withheld: NDArray[np.bool_], bounds: tuple[Ints, Ints], *,
    groups: Ints, targets: Ints, width: Ints | None = None, told: Alternatives | None = None,
) -> tuple[tuple[int, int], ...] | None:  # fmt: skip
    """Pairs (target, group) of cells that a group's contributor can compute, in order; None where no numbers fit.

    `matrix @ values = 0`; `bounds`: what everybody knows of each cell.  `values`: the truth, withheld cells included.
    `groups`: for each cell the label of its one contributor, negative where it has none.  `targets`: indices of cells;
    a cell is not computed by its own group.  `width`: how far each must be able to move, up or down (None: by one).
    A target that no insider is needed for is paired with EVERYBODY alone.  As in `attack`, a number is computed where
    the linear relaxation leaves one whole number.  `told`: other tables that fit, which are checked.
    """
    state = np.where(withheld, WITHHELD, SHOWN).astype(np.int8)
    system = System(NO_GRID, matrix, state, np.where(withheld, 0, values), *bounds, agree=True)
    least = int(bounds[0].min(initial=0))
    return insiders_of(system, values, least=least, groups=groups, targets=targets, width=width, told=told)


def insiders_of(
    system: System, truth: Ints, *, least: int, groups: Ints, targets: Ints, width: Ints | None = None,
    told: Alternatives | None = None,
) -> tuple[tuple[int, int], ...] | None:  # fmt: skip
    """`insider_problem` for a system.  `truth`: of the withheld cells; that of others is not used.

    None where the equations, or the equations with the truth, have no solution.
    """
    needed = np.ones(system.size, dtype=np.int64) if width is None else width
    try:
        reduced = reduce_system(system, least=least)
        cells = _Cells.of(system, reduced, (truth, groups, needed), targets)
        return tuple(sorted(set(_pairs(reduced, cells, told))))
    except ContradictionError:
        return None


@dataclass(frozen=True, slots=True, repr=False)
class _Cells(Opaque):
    """The withheld cells: for each its number, its unknown (-1: everybody knows it), truth, group, whether a target,
    and how far it must be able to move."""

    cell: Ints
    column: Ints
    truth: Ints
    group: Ints
    target: NDArray[np.bool_]
    width: Ints

    @classmethod
    def of(cls, system: System, reduced: Reduced, arrays: tuple[Ints, Ints, Ints], targets: Ints) -> "_Cells":
        """`arrays`: truth, groups and widths.  ContradictionError where a truth is not what the equations say."""
        withheld = np.isin(system.state[reduced.unknowns], (WITHHELD, KEPT))
        cells, column = reduced.unknowns[withheld], reduced.column[withheld]
        truth, groups, width = (a[cells] for a in arrays)
        if (reduced.fixed[withheld] != truth)[column < 0].any():
            raise ContradictionError
        return cls(cells, column, truth, groups, np.isin(cells, targets), width)

    def within(self, number: Ints, at: Ints) -> "_Cells":
        """Those numbered, with the unknowns numbered anew by `at`."""
        return _Cells(
            self.cell[number], at[self.column[number]], self.truth[number], self.group[number], self.target[number],
            self.width[number],
        )  # fmt: skip

    def aims(self, own: Ints) -> Aims:
        """What must move of the targets; `own`: the number of every cell's group, or negative."""
        t = self.target
        return Aims(self.cell[t], self.column[t], self.width[t].astype(np.float64), own[t])


def _pairs(reduced: Reduced, cells: _Cells, told: Alternatives | None) -> Iterator[tuple[int, int]]:
    for cell in cells.cell[cells.target & (cells.column < 0)].tolist():
        yield cell, EVERYBODY
    free = np.flatnonzero(cells.column >= 0)
    true = np.full(len(reduced.lower), LATENT_TRUTH, dtype=np.int64)
    true[cells.column[free]] = cells.truth[free]
    if (true[cells.column[free]] != cells.truth[free]).any():
        raise ContradictionError
    here = None if told is None else told.start(reduced)
    fits = here is not None and bool((here[cells.column[free]] == cells.truth[free]).all())
    parts = list(_parts(reduced, cells, here if here is not None and fits else true))
    for movements in told.movements(reduced, here) if told is not None and here is not None and fits else ():
        for part in parts:
            part.see(movements)
    random = np.random.default_rng(1)
    for part in parts:
        yield from part.pairs(random)


def _parts(reduced: Reduced, cells: _Cells, true: Ints) -> Iterator["_Part"]:
    """The components, with the withheld cells of each; `true`: of every unknown, as far as it is known."""
    free = np.flatnonzero(cells.column >= 0)
    ones = np.ones(len(free), dtype=np.int8)
    of_column = sparse.csr_matrix((ones, (cells.column[free], free)), shape=(len(true), len(cells.cell)))
    at = np.full(len(true), -1, dtype=np.int64)
    for columns, programme in components(reduced):
        at[columns] = np.arange(len(columns))
        here = cells.within(np.sort(of_column[columns].indices).astype(np.int64), at)
        has = here.group >= 0
        names = np.unique(here.group[has])
        own = np.where(has, np.searchsorted(names, here.group), NOBODY).astype(np.int64)
        known = own[has], here.column[has]
        yield _Part(columns.astype(np.int64), names, Component(programme, true[columns], here.aims(own), known))


@dataclass(frozen=True, slots=True, repr=False)
class _Part(Opaque):
    """A component: its unknowns' numbers, and the labels of its groups."""

    columns: Ints
    names: Ints
    component: Component

    def see(self, movements: sparse.csr_matrix) -> None:
        """Note what movements prove (one a row, over all unknowns): each counts as one, whatever it falls into here."""
        open_ = np.zeros(len(self.columns), dtype=np.bool_)
        open_[self.component.aims.column[self.component.wanting()]] = True
        if not open_.any():
            return
        own = sparse.csc_matrix(movements[:, self.columns])
        at = np.repeat(np.arange(len(self.columns)), np.diff(own.indptr))
        order = np.argsort(own.indices, kind="stable")
        for one in np.split(order, np.flatnonzero(np.diff(own.indices[order])) + 1):
            if open_[at[one]].any():
                self.component.see(at[one], own.data[one].astype(np.float64), np.zeros(len(one), dtype=np.int64))

    def pairs(self, random: np.random.Generator) -> Iterator[tuple[int, int]]:
        """Cells, and who can compute them, once all has been asked."""
        self.component.settle(random)
        for cell, group in open_pairs(self.component):
            yield cell, EVERYBODY if group is None else int(self.names[group])
