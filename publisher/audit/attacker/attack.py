"""The attack: feasibility intervals of every withheld cell, all tables of a release together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from publisher.audit.attacker.alternatives import NamedAlternatives
from publisher.audit.attacker.bodies import Body, bodies_of, is_withheld
from publisher.audit.attacker.bounds import bound
from publisher.audit.attacker.equations import KEPT, SHOWN, WITHHELD, Limits, System, build_system, cell_numbers
from publisher.audit.attacker.programme import Floats
from publisher.audit.attacker.ranges import Ranges, Work, known, unseen
from publisher.audit.attacker.reduce import ContradictionError, Reduced, reduce_system
from publisher.opaque import Opaque
from publisher.release.model import Table

CellKey = tuple[str, str, tuple[str, ...]]
"""Table id, area code, categories in the order of the table's dimensions."""

ValueKey = tuple[str, str, str, tuple[str, ...]]
"""Table id, measure id, area code, categories in the order of the table's dimensions."""

Need = int | Mapping[ValueKey, float] | None
"""A width that suffices: for every withheld cell, by cell (others: 1), or none (every bound is proved)."""


@dataclass(frozen=True, slots=True, repr=False)
class Means(Opaque):
    """What an attack has to go by besides the tables.

    `integers`: numbers whose bounds are close to their need, and all whose bounds are proved, are asked again by an
    attacker who reasons with whole numbers throughout, and may know more where tables have more than two dimensions
    (`integers`).  `told`: other counts that fit, from whoever knows the records; they are checked, and what they show
    to be wide enough is asked no more.
    """

    integers: bool = False
    told: NamedAlternatives | None = None


ALONE = Means()
"""Nothing but the tables."""


@dataclass(frozen=True, slots=True, repr=False)
class FeasibilityInterval(Opaque):
    """The whole numbers that a withheld cell may hold, for one attacker.  `lower`, `upper` None: without end.

    `certified`: no other number is possible, and where proof was needed both ends are; else the true interval is at
    least this wide.  `integer`: the linear relaxation
    leaves the cell as wide as needed, and whole numbers do not, or were not shown to (not `certified`).
    """

    table: str
    measure: str
    area: str
    categories: tuple[str, ...]
    lower: int | None
    upper: int | None
    certified: bool
    integer: bool = False

    @property
    def key(self) -> CellKey:
        """Which cell."""
        return self.table, self.area, self.categories

    @property
    def value_key(self) -> ValueKey:
        """Which number of which cell."""
        return self.table, self.measure, self.area, self.categories

    @property
    def exact(self) -> bool:
        """Whether the attacker knows the number."""
        return self.upper is not None and self.lower is not None and self.upper <= self.lower

    def at_least(self, width: int) -> bool:
        """Whether greatest and least possible number differ by `width` or more."""
        return self.upper is None or self.lower is None or self.upper - self.lower >= width

    def holds(self, low: int, high: int) -> bool:
        """Whether all numbers from `low` to `high` are possible."""
        return (self.lower is None or self.lower <= low) and (self.upper is None or high <= self.upper)


@dataclass(frozen=True, slots=True, repr=False)
class AttackResult(Opaque):
    """What the attackers know.  The same cells in the same order in `a0` and `a1`.

    `consistent`: some whole non-negative counts give the published numbers.  `informed_consistent`: also where every
    withheld cell is at least one; without it `a1` is empty.  `derived`: cells that no table shows and that A1 knows
    exactly and not to be zero; their table id is empty, and categories stand for every dimension in order of id.
    """

    consistent: bool
    informed_consistent: bool
    a0: tuple[FeasibilityInterval, ...]
    a1: tuple[FeasibilityInterval, ...]
    derived: tuple[FeasibilityInterval, ...]


def attack(
    tables: Sequence[Table],
    *,
    period: str,
    zeros_published: bool,
    need: Need = None,
    need_a1: Need = None,
    limits: Limits | None = None,
    kept: Collection[CellKey] = (),
    means: Means = ALONE,
) -> AttackResult:
    """Attack the suppressed tables of one release, which count the same records, in one period.

    Each kind of count, and the sums of each amount, are attacked among themselves.  A cell of two tables with the same
    area and categories, where an absent dimension means its total, is one cell.  `zeros_published`: whether A1 knows
    that a withheld count is at least one; otherwise A1 knows what A0 knows.  `limits`: what both know of cells before
    they look at the tables.  `kept`: cells that an earlier release withholds, of which A1 cannot know
    that they are not 0.

    Bounds are of the linear relaxation, rounded inward to whole numbers (`programme.TOLERANCE`), where `means` do not
    say more.  `need`: a width that suffices, for all cells or by cell (others: 1); a cell seen to be that wide is not
    bounded further, and is not `certified`.  Without it every bound is exact.  `need_a1`: the same for A1, where it is
    another.

    Raises AuditFailedError where labels contradict each other or the solver gives no answer.
    Source: M. Fischetti, J. J. Salazar, Management Science 47, 2001 (the attacker's programmes).
    """
    results: list[AttackResult] = []
    for body in bodies_of(tables):
        least = 1 if zeros_published and body.counts else None
        informed = need if need_a1 is None else need_a1
        system = build_system(body, period, limits or {})
        found = _withheld(system, body, period)
        results.append(attack_system(body, (system, found), kept, least=least, needs=(need, informed), means=means))
    return AttackResult(
        consistent=all(r.consistent for r in results),
        informed_consistent=all(r.informed_consistent for r in results),
        a0=tuple(i for r in results for i in r.a0),
        a1=tuple(i for r in results for i in r.a1),
        derived=tuple(i for r in results for i in r.derived),
    )


def attack_system(
    body: Body, tables: tuple[System, list[tuple[ValueKey, int]]], kept: Collection[CellKey], *, least: int | None,
    needs: tuple[Need, Need], means: Means = ALONE,
) -> AttackResult:  # fmt: skip
    """Attack one body as `attack` does.  `tables`: its system, and key and number of every withheld cell in it.

    `least`: what A1 knows a withheld cell to be at least, None where no more than A0.  `needs`: for A0 and A1.
    """
    return _Attack(body, tables, kept, means).run(least, need=needs[0], need_a1=needs[1])


class _Attack:
    """One body of tables with its system of equations."""

    def __init__(
        self, body: Body, tables: tuple[System, list[tuple[ValueKey, int]]], kept: Collection[CellKey],
        means: Means,
    ) -> None:  # fmt: skip
        self.body, self.integers = body, means.integers
        self.system, self.withheld = tables
        self.told = means.told.of(self.system) if means.told is not None and body.counts else None
        once = [n for key, n in self.withheld if (key[0], *key[2:]) in kept and self.system.state[n] == WITHHELD]
        self.system.state[once] = KEPT

    def run(self, least: int | None, *, need: Need, need_a1: Need) -> AttackResult:
        """A1 first: what is possible for A1 is possible for A0, so that A0 starts from what A1 left open.

        Where both know the same it is one attack, for the wider of the two needs.
        """
        nothing = AttackResult(False, False, (), (), ())
        if not self.system.agree:
            return nothing
        wide, above = self._needs(need), self._needs(need_a1)
        informed = self._ranges(least, np.maximum(wide, above) if least is None else above, None)
        plain = informed if least is None else self._ranges(None, wide, informed)
        if plain is None:
            return nothing
        a0 = self._report(plain)
        if informed is None:
            return replace(nothing, consistent=True, a0=a0)
        return AttackResult(True, True, a0, self._report(informed), self._derived(informed))

    def _needs(self, need: Need) -> Floats:
        """The width that suffices, by cell number; cells that no table shows matter only where known exactly."""
        needs = np.ones(self.system.size)
        for key, number in self.withheld:
            wanted = np.inf if need is None else need if isinstance(need, int) else need.get(key, 1)
            needs[number] = max(needs[number], wanted)
        return needs

    def _ranges(self, least: int | None, needs: Floats, seen: Ranges | None) -> Ranges | None:
        """Ranges by cell number; None where no counts satisfy the equations."""
        try:
            reduced = reduce_system(self.system, least=self.body.least if least is None else least)
            return self._bound(reduced, needs, seen)
        except ContradictionError:
            return None

    def _bound(self, reduced: Reduced, needs: Floats, seen: Ranges | None) -> Ranges:
        free = reduced.column >= 0
        cells, columns = reduced.unknowns[free], reduced.column[free]
        ranges = unseen(len(reduced.lower))
        need = np.ones(len(reduced.lower))
        np.maximum.at(need, columns, needs[cells])
        if seen is not None:
            ranges.start_from(columns, seen, cells)
        bound(reduced, ranges, need=need, work=Work(integers=self.integers), told=self.told)
        return self._by_cell(reduced, ranges)

    def _by_cell(self, reduced: Reduced, ranges: Ranges) -> Ranges:
        """Spread the ranges of columns over cells; what is shown or fixed is one number."""
        values = self.system.values.astype(np.float64)
        values[reduced.unknowns] = reduced.fixed
        spread, free = known(values), reduced.column >= 0
        spread.take(reduced.unknowns[free], ranges, reduced.column[free])
        return spread

    def _report(self, ranges: Ranges) -> tuple[FeasibilityInterval, ...]:
        return _intervals([number for _, number in self.withheld], [key for key, _ in self.withheld], ranges)

    def _derived(self, ranges: Ranges) -> tuple[FeasibilityInterval, ...]:
        """Cells of the equations that no table shows or withholds and that are known exactly, zeros apart."""
        used = np.zeros(self.system.size, dtype=bool)
        used[self.system.matrix.indices] = True
        used[self.system.grid.size :] = False  # slacks are no cells
        hidden = used & ~np.isin(self.system.state, (SHOWN, WITHHELD, KEPT))
        low, high = ranges.whole()
        found = np.flatnonzero(hidden & (low >= high) & (low > 0) & self.body.counts)
        keys = [("", "", *self.system.grid.describe(int(n))) for n in found]
        return _intervals(found.tolist(), keys, ranges)


def _withheld(system: System, body: Body, period: str) -> list[tuple[ValueKey, int]]:
    """Key and number of every withheld cell, table by table in published order."""
    found: list[tuple[ValueKey, int]] = []
    for table in body.tables:
        numbers = cell_numbers(system.grid, table, body, period)
        for number, cell in zip(numbers, body.cells(table, period), strict=True):
            if is_withheld(cell):
                found.append(((table.id, cell.measure, cell.area, cell.categories), number))
    return found


def _intervals(numbers: list[int], keys: list[ValueKey], ranges: Ranges) -> tuple[FeasibilityInterval, ...]:
    ends = [x[numbers].tolist() for x in ranges.whole()]
    low, high = ([None if np.isinf(n) else int(n) for n in end] for end in ends)
    proved = ranges.certified[numbers].tolist()
    columns = zip(keys, low, high, proved, ranges.integer[numbers].tolist(), strict=True)
    return tuple(FeasibilityInterval(*key, lower=lo, upper=up, certified=p, integer=w) for key, lo, up, p, w in columns)
