"""A small country of single persons, its cube counted by hand, and what outsiders can solve for.

The programs share nothing with the search: their unknowns are the finest numbers, leaf by leaf and code by code, and
what a published cell adds up comes from the membership of leaves.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.optimize import linprog
from source_records import named_after_first_cells

from publisher.draft.earlier import Version
from publisher.draft.known import Known
from publisher.draft.suppressed import SuppressedCube, suppress
from publisher.geography.register import AreaIndex, RegisterArea
from publisher.policy.declarations import AmountDeclaration
from publisher.policy.model import (
    CategorySpec,
    MeasureSpec,
    PPercentRule,
    ProtectionLevel,
    Rule,
    Suppression,
    TableSpec,
    ThresholdRule,
    Zeros,
)
from publisher.relations import Column, IntArray, KeySet, latent_levels
from publisher.release.model import Text

T = 5
SEX, BENEFIT = Column("sex", ("w", "m"), personal=True), Column("benefit", ("a", "b", "c"), personal=False)
NAME = Text("x", "x")


@dataclass(frozen=True)
class Person:
    """Cases: area, benefit and amount each; the last one says where the person is placed."""

    sex: str
    cases: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class World:
    """Persons in RegSO with their types; `columns` of the tables; `bounds` of a case's amount by benefit."""

    persons: tuple[Person, ...]
    types: Mapping[str, str]
    levels: tuple[str, ...]
    columns: tuple[Column, ...] = (BENEFIT,)
    bounds: Mapping[str, tuple[int, int]] = field(default_factory=lambda: {"": (0, 1000)})
    people: Mapping[tuple[str, str], int] | None = None

    @property
    def keys(self) -> KeySet:
        areas = tuple(RegisterArea(c, c, c[:4], c[:4], c[:2], c[:2]) for c in sorted(self.types))
        index = AreaIndex("test", areas, {2022: dict(self.types)})
        return KeySet(index.leaves, index.levels(self.levels, 2022), self.columns, (True,) * len(self.columns))

    @property
    def amount(self) -> AmountDeclaration:
        by = "" if "" in self.bounds else "benefit"
        return AmountDeclaration("paid", "paid", NAME, NAME, by, dict(self.bounds), "refuse")

    def codes(self, person: Person, benefit: str) -> tuple[int, ...]:
        values = {"sex": person.sex, "benefit": benefit}
        return tuple(c.codes.index(values[c.id]) for c in self.columns)


def small_world(seed: int, **changes: object) -> World:
    """Up to twelve RegSO in two counties; most persons stay in one of them; some amounts lie at their bounds."""
    rng = np.random.default_rng(seed)
    counties, municipalities = range(1, 1 + rng.integers(1, 3)), range(1, 1 + rng.integers(1, 3))
    codes = [f"0{c}8{m}R00{a}" for c in counties for m in municipalities for a in range(1, 1 + rng.integers(2, 4))]
    levels = LEVELS[int(rng.integers(len(LEVELS)))]
    people = {(code, sex): int(rng.integers(8, 40)) for code in codes for sex in SEX.codes}
    empty = World((), {c: str(rng.integers(1, 4)) for c in codes}, levels, people=people)
    world = replace(empty, **changes)  # type: ignore[arg-type]
    persons = [_someone(rng, codes, world) for _ in range(int(rng.integers(60, 150)))]
    return replace(world, persons=tuple(persons))


LEVELS = (
    ("riket", "lan", "kommun", "regso"), ("riket", "lan", "kommun", "regso", "area_type"),
    ("riket", "kommun", "area_type"), ("lan", "kommun", "area_type", "kommun_area_type"),
)  # fmt: skip


def _someone(rng: np.random.Generator, codes: Sequence[str], world: World) -> Person:
    home, cases = rng.choice(codes), []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        area, benefit = home if rng.random() < 0.95 else rng.choice(codes), rng.choice(BENEFIT.codes, p=[0.6, 0.3, 0.1])
        low, high = world.bounds.get("", world.bounds.get(str(benefit))) or (0, 0)
        amount = rng.choice([low, high, *rng.integers(low, high + 1, 8)])
        cases.append((str(area), str(benefit), int(amount)))
    return Person(str(rng.choice(SEX.codes)), tuple(cases))


def cells_of(keys: KeySet, leaf: int, codes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every cell of the keys that a record of this leaf and these codes belongs to."""
    offset, areas = 0, []
    for level in keys.levels:
        areas += [offset + int(level.member[leaf])] if level.member[leaf] >= 0 else []
        offset += len(level.codes)
    yield from product(areas, *((k, len(c.codes)) for k, c in zip(codes, keys.columns, strict=True)))


def cube_of(world: World) -> SimpleNamespace:
    """What `suppress` reads of a cube, one person after the other."""
    keys = world.keys
    beyond = replace(keys, levels=(*keys.levels, *latent_levels(keys)))
    shape = (len(keys.leaves), *(len(c.codes) for c in keys.columns))
    cases, persons, paid = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    everywhere, placed = (np.zeros(beyond.shape, dtype=np.int64) for _ in range(2))
    added: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for number, person in enumerate(world.persons):
        own = [((keys.leaves.index(area), *world.codes(person, b)), n) for area, b, n in person.cases]
        for at, amount in own:
            cases[at] += 1
            paid[at] += amount
            for cell in cells_of(keys, at[0], at[1:]):
                added[cell][number] += amount
        for at in {at for at, _ in own}:
            persons[at] += 1
        home = own[-1][0][0]
        for cell in {c for at, _ in own for c in cells_of(beyond, at[0], at[1:])}:
            everywhere[cell] += 1
        for cell in {c for at, _ in own for c in cells_of(beyond, home, at[1:])}:
            placed[cell] += 1
    return _cube(keys, (cases, persons, paid), (everywhere, placed), added)


def _cube(
    keys: KeySet, leaf: tuple[IntArray, IntArray, IntArray], distinct: tuple[IntArray, IntArray],
    added: Mapping[tuple[int, ...], Counter[int]],
) -> SimpleNamespace:  # fmt: skip
    largest, total = np.zeros((*keys.shape, 5), dtype=np.int64), np.zeros(keys.shape, dtype=np.int64)
    for cell, single in added.items():
        ranked = sorted((abs(n) for n in single.values()), reverse=True)
        largest[cell][: len(ranked[:5])] = ranked[:5]
        total[cell] = sum(ranked)
    everywhere, placed = distinct
    persons = everywhere[: keys.shape[0]]
    inside = [{str(n) for n in added.get(cell, ())} for cell in np.ndindex(*keys.shape)]
    alone = np.array(named_after_first_cells(inside), dtype=np.int64)
    return SimpleNamespace(
        keys=keys, alone_in=lambda _: alone, cases=leaf[0], events=None, persons=leaf[1], sums={"paid": leaf[2]},
        everywhere=everywhere.ravel(),
        placed=placed.ravel(), event_persons=None, contributors=lambda _: persons,
        contributions={"paid": SimpleNamespace(largest=largest, total=total, persons=persons)},
    )  # fmt: skip


def protect(
    world: World, kind: str, *rules: Rule, sums: bool = False, zeros: Zeros = Zeros.PUBLISHED,
    level: ProtectionLevel = ProtectionLevel.AMBIGUOUS, cube: SimpleNamespace | None = None,
    earlier: Sequence[Version] = (), insiders: bool = False,
) -> tuple[SuppressedCube, TableSpec]:  # fmt: skip
    """The pattern of one table over all columns and levels, held against earlier versions, and the table."""
    forced = ("riket",) if "riket" in world.levels else ()
    rule = Suppression((ThresholdRule(T), *rules), zeros, level, "persons", insiders, forced)
    measures = (MeasureSpec("n", kind), *((MeasureSpec("paid", "sum", of="paid"),) if sums else ()))
    columns = tuple(CategorySpec(c.id, total=True) for c in world.columns)
    table = TableSpec("t", NAME, measures, columns, world.levels, rule)
    known = Known(np.ones(len(world.keys.leaves), dtype=np.int64), people_of(world), {"paid": world.amount}, {})
    counted: Any = cube or cube_of(world)
    return suppress(counted, (table,), rule=rule, known=known, key=bytes(16), earlier=earlier), table


def people_of(world: World) -> IntArray | None:
    """Population of every cell, by area and sex only; 0 where nobody lives."""
    if world.people is None:
        return None
    keys = world.keys
    out = np.zeros(keys.shape, dtype=np.int64)
    for (area, sex), n in world.people.items():
        leaf = keys.leaves.index(area)
        for at in {c[0] for c in cells_of(keys, leaf, [0] * len(keys.columns))}:
            for codes in product(*(range(k) for k in keys.category_shape)):
                own = [c.codes[k] if k < len(c.codes) else "" for c, k in zip(keys.columns, codes, strict=True)]
                if not any(c.id == "sex" and code not in ("", sex) for c, code in zip(keys.columns, own, strict=True)):
                    out[at, *codes] += n
    return out


def members(keys: KeySet) -> np.ndarray:
    """What every cell of the keys adds up: shape (cells, leaves x codes)."""
    parts = [np.concatenate([v.matrix.toarray() for v in keys.levels])]
    parts += [np.concatenate([np.eye(len(c.codes)), np.ones((1, len(c.codes)))]) for c in keys.columns]
    out = np.ones((1, 1))
    for part in parts:
        out = np.kron(out, part)
    return out


@dataclass
class Program:
    """`rows @ x <= ends`, `equal @ x == values`, over unknowns x."""

    equal: np.ndarray
    values: np.ndarray
    rows: np.ndarray
    ends: np.ndarray
    bounds: list[tuple[float | None, float | None]]

    def interval(self, what: np.ndarray, *, unit: int = 1) -> tuple[float, float]:
        """Least and greatest whole value of `what @ x`, of x in `unit`, rounded inward."""
        given = {"A_eq": self.equal, "b_eq": self.values, "A_ub": self.rows, "b_ub": self.ends, "bounds": self.bounds}
        low, high = (linprog(sign * what, method="highs", **given) for sign in (1, -1))
        assert low.status in (0, 3), "the truth must be possible"
        ends = [np.inf if r.status == 3 else -r.fun * unit for r in (low, high)]
        least, most = -ends[0], ends[1]
        near = [1e-6 * max(1, abs(end)) if np.isfinite(end) else 0 for end in ends]
        return np.ceil(least - near[0]), np.floor(most + near[1])


def joint_program(world: World, made: SuppressedCube, *, at_least: int) -> tuple[Program, np.ndarray]:
    """Counts and sums solved for together: n first, s in `unit_of(world)` behind; and what each cell adds up of n."""
    keys, withheld = world.keys, made.pattern.suppressed
    adds = members(keys)
    nothing, size = np.zeros_like(adds), adds.shape[1]
    n, s = np.hstack([adds, nothing]), np.hstack([nothing, adds])
    one = np.eye(size)
    per = [world.bounds.get("", world.bounds.get(_benefit(keys, i))) for i in range(size)]  # type: ignore[arg-type]
    unit = unit_of(world)
    low, high = (np.diag([pair[k] / unit for pair in per]) for k in (0, 1))  # type: ignore[index]
    rows = np.vstack([np.hstack([low, -one]), np.hstack([-high, one]), -n[withheld]])
    ends = np.concatenate([np.zeros(2 * size), np.full(int(withheld.sum()), -float(at_least))])
    values = np.concatenate([made.counts.ravel()[~withheld], made.sums["paid"].ravel()[~withheld] / unit])
    bounds: list[tuple[float | None, float | None]] = [(0, None)] * size + [(None, None)] * size
    return Program(np.vstack([n[~withheld], s[~withheld]]), values, rows, ends, bounds), adds


def unit_of(world: World) -> int:
    """A unit in which amounts are of the size that a solver likes."""
    return max(1, max(abs(n) for pair in world.bounds.values() for n in pair) // 1000)


def _benefit(keys: KeySet, column: int) -> str:
    at = np.unravel_index(column, (len(keys.leaves), *(len(c.codes) for c in keys.columns)))
    return next(c.codes[int(k)] for c, k in zip(keys.columns, at[1:], strict=True) if c.id == "benefit")


def persons_program(world: World, made: SuppressedCube, *, at_least: int) -> tuple[Program, np.ndarray]:
    """Person-cells: they add up, and none is above the population of its area and sex."""
    withheld, adds = made.pattern.suppressed, members(world.keys)
    rows, ends = [-adds[withheld]], [np.full(int(withheld.sum()), -float(at_least))]
    people = people_of(world)
    if people is not None:
        # What is no bound for the truth is none for anybody: people move.
        held = (made.counts.ravel() <= people.ravel()) & (people.ravel() > 0)
        held &= ~np.any([np.indices(world.keys.shape)[1 + k].ravel() == len(c.codes)
                         for k, c in enumerate(world.columns) if not c.personal] or [np.zeros(held.size, bool)], axis=0)
        rows, ends = [*rows, adds[held]], [*ends, people.ravel()[held].astype(float)]
    values = made.counts.ravel()[~withheld]
    bounds: list[tuple[float | None, float | None]] = [(0, None)] * adds.shape[1]
    return Program(adds[~withheld], values, np.vstack(rows), np.concatenate(ends), bounds), adds


def distinct_program(world: World, made: SuppressedCube, *, at_least: int) -> tuple[Program, np.ndarray]:
    """Different persons, by leaf and code cell: areas and sexes add up; over benefits part <= total <= all parts."""
    keys, withheld = world.keys, made.pattern.suppressed
    shape = (len(keys.leaves), *keys.category_shape)
    at = np.arange(int(np.prod(shape))).reshape(shape)
    areas = np.concatenate([v.matrix.toarray() for v in keys.levels])
    adds = np.kron(areas, np.eye(int(np.prod(keys.category_shape))))
    equal, rows = [], []
    for axis, column in enumerate(keys.columns, start=1):
        lines = np.moveaxis(at, axis, -1).reshape(-1, shape[axis])
        for line in lines:
            total = _row(at.size, {line[-1]: 1} | dict.fromkeys(line[:-1], -1))
            equal += [total] if column.personal else []
            rows += [] if column.personal else [total, *(_row(at.size, {part: 1, line[-1]: -1}) for part in line[:-1])]
    ends = [np.zeros(len(rows)), np.full(int(withheld.sum()), -float(at_least))]
    equations = np.vstack([*equal, adds[~withheld]])
    values = np.concatenate([np.zeros(len(equal)), made.counts.ravel()[~withheld]])
    above = np.vstack([*rows, -adds[withheld]])
    return Program(equations, values, above, np.concatenate(ends), [(0, None)] * at.size), adds


def _row(size: int, entries: Mapping[int, int]) -> np.ndarray:
    out = np.zeros(size)
    out[list(entries)] = list(entries.values())
    return out


def faults(made: SuppressedCube, a0: Program, a1: Program, adds: np.ndarray) -> list[str]:
    """Which promises of level `ambiguous` do not hold for counts.  `adds`: what each cell adds up of the unknowns."""
    out = []
    for cell in np.flatnonzero(made.pattern.suppressed):
        what = np.zeros(len(a0.bounds))
        what[: adds.shape[1]] = adds[cell]
        low, high = a1.interval(what)
        if high <= low:
            out.append(f"cell {cell} is a point")
        if made.pattern.sensitive[cell]:
            wide = np.subtract(*reversed(a0.interval(what)))
            out += [f"cell {cell} is known to be small"] if high < T or high - low < T - 1 or wide < T else []
    return out


def near_sums(world: World, made: SuppressedCube, program: Program, adds: np.ndarray, p: int) -> list[str]:
    """Sums whose interval ends nearer to the truth than p % of the largest contribution allows, or that are points."""
    out, flat = [], cube_of(world).contributions["paid"]
    lower, upper = (a.ravel() for a in (made.bounds["paid"].lower, made.bounds["paid"].upper))
    largest, total = flat.largest.reshape(-1, 5), flat.total.ravel()
    for cell in np.flatnonzero(made.pattern.suppressed):
        low, high = program.interval(np.concatenate([np.zeros(adds.shape[1]), adds[cell]]), unit=unit_of(world))
        value, level = int(made.sums["paid"].ravel()[cell]), -(-p * int(largest[cell, 0]) // 100)
        few = flat.persons.ravel()[cell] < T
        level -= 0 if few else int(total[cell] - largest[cell, 0] - largest[cell, 1])
        if high <= low:
            out.append(f"sum {cell} is a point")
        if few or level > 0:
            level = max(level, 1)
            if low > value - min(level, value - lower[cell]) or high < value + min(level, upper[cell] - value):
                out.append(f"sum {cell} ends too near")
    return out


P10 = PPercentRule(Fraction(10))
