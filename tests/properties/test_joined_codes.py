"""Joined codes: what is counted is what would be counted of records that never had the finer codes.

That is the whole promise.  A join that happened later would count a person twice in one cell, or let the bound choose
among codes that nobody sees; records recoded in the file cannot.  (Where rows of one case differ, their fine codes
decide which of them stays, so that here each case has one row, which may stand twice.)
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from source_records import CODES, INDEX, KEY, LEVELS, declare, opened

from publisher.bounding import Units, bound_contributions, collapse, distinct_events
from publisher.cube import count_bounded, count_cases, count_presence, count_values
from publisher.geography.placing import locate
from publisher.noise.strategy import squared_sensitivity
from publisher.policy.declarations import AmountDeclaration, CategoryDeclaration, SourceDeclaration
from publisher.policy.model import Clamp, ContributionBound
from publisher.quantity import UNITS, Quantity, value_columns
from publisher.relations import Column, KeySet
from publisher.release.model import Category, Text

FINE = {"benefit": ("a", "b", "c", "d"), "age": ("16", "25", "35")}
JOINED = {"benefit": (("ab", ("a", "b")),), "age": (("25+", ("25", "35")),)}
BENEFIT = Column("benefit", ("ab", "c", "d"), personal=False, joined=JOINED["benefit"])
AGE = Column("age", ("16", "25+"), personal=True, joined=JOINED["age"])
PLAIN = tuple(replace(c, joined=()) for c in (BENEFIT, AGE))
few = settings(max_examples=8, deadline=None)


class Record(NamedTuple):
    """One record, as a file has it."""

    person: str
    case: int
    area: str | None
    day: date
    benefit: str
    age: str
    paid: int


records = st.lists(
    st.builds(
        Record,
        person=st.sampled_from(["P01", "P02", "P03"]), case=st.integers(1, 9), area=st.sampled_from((*CODES, "22")),
        day=st.integers(0, 3).map(lambda n: date(2022, 1, 1) + timedelta(n)),
        benefit=st.sampled_from(FINE["benefit"]), age=st.sampled_from(FINE["age"]), paid=st.sampled_from([0, 7, 60]),
    ),
    min_size=1, max_size=20, unique_by=lambda r: (r.person, r.case),
).map(lambda rows: [*rows, *rows[:2]])  # fmt: skip


def recoded(rows: Sequence[Record]) -> list[Record]:
    """The records as they would be, had they only the joined codes."""
    new = {part: code for joins in JOINED.values() for code, parts in joins for part in parts}
    return [r._replace(benefit=new.get(r.benefit, r.benefit), age=new.get(r.age, r.age)) for r in rows]


def declared(columns: Sequence[tuple[str, Sequence[str]]]) -> SourceDeclaration:
    paid = AmountDeclaration("paid", "paid", Text("b", "b"), Text("kr", "kr"), "", {"": (0, 100)}, "refuse")
    categories = tuple(
        CategoryDeclaration(n, n, Text(n, n), n == "age", tuple(Category(c, Text(c, c)) for c in codes))
        for n, codes in columns
    )
    return declare(categories=categories, amounts=(paid,))


@contextmanager
def units(rows: Sequence[Record], *, fine: bool) -> Iterator[tuple[Units, Units]]:
    """Cases and events of records with fine codes, or of the same records recoded."""
    declaration = declared([*FINE.items()] if fine else [(c.id, c.codes) for c in PLAIN])
    names = ("pid", "cid", "place", "day", "benefit", "age", "paid")
    with TemporaryDirectory() as folder:
        table = pa.table({n: [r[i] for r in rows] for i, n in enumerate(names)})
        pq.write_table(table, Path(folder) / "cases.parquet")
        with opened(Path(folder), declaration) as cases:
            located = locate(cases, INDEX, unknown_areas="refuse", amounts=("paid",))
            events = distinct_events(located)
            yield collapse(located), events


def keys_of(*columns: Column) -> KeySet:
    own = [c for c in columns if not c.id.startswith("(")]
    totals = (*(True for _ in own), *((False, True) if len(own) < len(columns) else ()))
    return KeySet(INDEX.leaves, INDEX.levels(LEVELS, 2022), columns, totals)


Count = Callable[[Units, Units, tuple[Column, Column]], NDArray[np.int64]]


def both_ways(rows: Sequence[Record], count: Count) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A count of joined codes, and the same count of records that were recoded."""
    with units(rows, fine=True) as (cases, events):
        joined = count(cases, events, (BENEFIT, AGE))
    with units(recoded(rows), fine=False) as (cases, events):
        return joined, count(cases, events, (PLAIN[0], PLAIN[1]))


@few
@given(records)
def test_every_exact_count_sum_and_label_is_that_of_recoded_records(rows: list[Record]) -> None:
    def count(cases: Units, events: Units, columns: tuple[Column, Column]) -> NDArray[np.int64]:
        placed = bound_contributions(cases, bound=ContributionBound(9, "last"), columns=columns, key=KEY)
        cube = count_cases(
            cases, keys=keys_of(*columns), amounts=("paid",), events=events, placed=placed, insiders=True
        )
        paid = cube.contributions["paid"]
        arrays = [
            cube.cases, cube.events, cube.persons, cube.sums["paid"], cube.everywhere, cube.placed, cube.event_persons,
            *(getattr(paid, f.name) for f in fields(paid)), *(cube.alone[k] for k in sorted(cube.alone)),
        ]  # fmt: skip
        return np.concatenate([a.ravel() for a in arrays])

    assert np.array_equal(*both_ways(rows, count))


@few
@given(records, st.sampled_from(["cases", "persons", "events"]))
def test_who_is_in_which_window_is_that_of_recoded_records(rows: list[Record], kind: str) -> None:
    def count(cases: Units, events: Units, columns: tuple[Column, Column]) -> NDArray[np.int64]:
        found = count_presence([cases, events], keys=keys_of(*columns), kind=kind).counts
        nobody = np.zeros([len(INDEX.leaves), *(len(c.codes) for c in columns)], dtype=np.int64)
        return np.stack([found.get(frozenset(who), nobody) for who in ({0}, {1}, {0, 1})])

    assert np.array_equal(*both_ways(rows, count))


QUANTITIES = (
    Quantity("persons", 1), Quantity("cases", 2), Quantity("events", 3),
    Quantity("sum", UNITS, "paid", Clamp("benefit", (("ab", 50), ("c", 7), ("d", 100)))),
    Quantity("sum", UNITS, "paid", Clamp("age", (("16", 40), ("25+", 9)))),
)  # fmt: skip
VALUES = Quantity("values", 1, "paid", candidates=(0, 5, 50, 100))
NAMES = [f"{q.kind} {q.clamp.column if q.clamp else ''}" for q in QUANTITIES]


def bounded(quantity: Quantity, most: int, kept: Sequence[int] = (0, 1)) -> Count:
    """Bounded counts of a quantity, in the columns of these numbers."""

    def count(cases: Units, events: Units, columns: tuple[Column, Column]) -> NDArray[np.int64]:
        bound = ContributionBound(most, "last", quantity.most if quantity.kind in ("cases", "events") else 1)
        rows = events if quantity.kind == "events" else cases
        persons = bound_contributions(rows, bound=bound, columns=columns, key=KEY, detailed=True)
        own = tuple(columns[k] for k in kept)
        if quantity.kind != "values":
            return count_bounded(persons, keys=keys_of(*own), quantity=quantity).counts
        keys = keys_of(*own, *value_columns(quantity.candidates))
        return count_values(persons, keys=keys, quantity=quantity).counts

    return count


@pytest.mark.parametrize("quantity", QUANTITIES, ids=NAMES)
@few
@given(rows=records, most=st.integers(1, 4))
def test_every_bounded_measure_is_that_of_recoded_records(quantity: Quantity, rows: list[Record], most: int) -> None:
    assert np.array_equal(*both_ways(rows, bounded(quantity, most)))


@few
@given(records, st.integers(1, 4), st.sampled_from([(0, 1), (0,), (1,), ()]))
def test_different_persons_and_amounts_are_those_of_recoded_records(
    rows: list[Record], most: int, kept: tuple[int, ...]
) -> None:
    for quantity in (Quantity("persons_distinct", 1), VALUES):
        assert np.array_equal(*both_ways(rows, bounded(quantity, most, kept)))


def worst_person() -> list[Record]:
    """Everything that one person can be in: every benefit, many cases of each, areas, ages, the largest amounts."""
    return [
        Record("P01", 100 * k + n, CODES[n % 4], date(2022, 1, 1 + n), benefit, FINE["age"][n % 3], 100)
        for k, benefit in enumerate(FINE["benefit"]) for n in range(6)
    ]


OTHER = Record("P02", 9, CODES[3], date(2022, 3, 1), "a", "16", 100)


Counts = Callable[[Sequence[Record]], NDArray[np.int64]]


def squared_changes(counts: Counts) -> dict[tuple[bool, ...], int]:
    """The squared L2 distance that the worst person makes in each marginal at the level of the smallest areas."""
    change = (counts([OTHER, *worst_person()]) - counts([OTHER])).astype(object)
    marginals = product((True, False), repeat=2)
    return {
        kept: int((change.sum(axis=tuple(1 + a for a, keep in enumerate(kept) if not keep)) ** 2).sum())
        for kept in marginals
    }


def claimed(quantity: Quantity, most: int) -> dict[tuple[bool, ...], int]:
    """The same as the mechanism takes it."""
    bound = ContributionBound(most, "last", quantity.most if quantity.kind in ("cases", "events") else 1)
    return {
        kept: squared_sensitivity((BENEFIT, AGE), kept=kept, bound=bound, most=quantity.most)
        for kept in product((True, False), repeat=2)
    }


@pytest.mark.parametrize("most", [1, 2, 3, 4])
@pytest.mark.parametrize("quantity", QUANTITIES, ids=NAMES)
def test_the_worst_person_moves_joined_codes_by_exactly_the_sensitivity(quantity: Quantity, most: int) -> None:
    """Four benefits are three codes, so that k = 4 is k = 3; and two that are one code count once in it."""

    def counts(rows: Sequence[Record]) -> NDArray[np.int64]:
        with units(rows, fine=True) as (cases, events):
            return bounded(quantity, most)(cases, events, (BENEFIT, AGE))

    assert squared_changes(counts) == claimed(quantity, most)


@pytest.mark.parametrize("kept", [(0, 1), (0,), (1,), ()])
@pytest.mark.parametrize("most", [1, 3, 4])
def test_the_worst_person_moves_every_part_of_different_persons_and_of_amounts_by_exactly_the_sensitivity(
    most: int, kept: tuple[int, ...]
) -> None:
    own, bound = tuple((BENEFIT, AGE)[k] for k in kept), ContributionBound(most, "last")
    for quantity in (Quantity("persons_distinct", 1), VALUES):
        columns = (*own, *value_columns(quantity.candidates)) if quantity is VALUES else own
        counts = []
        for rows in ([OTHER, *worst_person()], [OTHER]):
            with units(rows, fine=True) as (cases, events):
                counts.append(bounded(quantity, most, kept)(cases, events, (BENEFIT, AGE)))
        allowed = squared_sensitivity(columns, kept=(True,) * len(columns), bound=bound, most=1)
        assert int(((counts[0] - counts[1]) ** 2).sum()) == allowed


@pytest.mark.parametrize("quantity", QUANTITIES[:3], ids=NAMES[:3])
def test_codes_that_are_joined_after_the_bound_would_break_the_sensitivity(quantity: Quantity) -> None:
    """The planted fault, for comparison: fine codes are bounded, and their counts added up to the joined ones."""
    fine = (Column("benefit", FINE["benefit"], personal=False), Column("age", FINE["age"], personal=True))

    def counts(rows: Sequence[Record]) -> NDArray[np.int64]:
        with units(rows, fine=True) as (cases, events):
            found = bounded(quantity, 4)(cases, events, fine)
        by_benefit = np.stack([found[:, :2].sum(axis=1), found[:, 2], found[:, 3]], axis=1)
        return np.stack([by_benefit[:, :, 0], by_benefit[:, :, 1:].sum(axis=2)], axis=2)

    found, allowed = squared_changes(counts), claimed(quantity, 4)
    assert all(found[kept] > allowed[kept] for kept in allowed)


def test_each_code_has_its_own_place_and_its_own_clamp() -> None:
    """By hand: the properties above would not see a fault that recoded records meet too."""
    rows = [
        Record(f"P{n:02}", n, CODES[0], date(2022, 1, 1), benefit, age, 7)
        for n, (benefit, age) in enumerate([("a", "16"), ("b", "25"), ("b", "35"), ("c", "35"), ("d", "16")])
    ]
    with units(rows, fine=True) as (cases, events):
        asked = (QUANTITIES[0], *QUANTITIES[3:])
        counts = [bounded(q, 1)(cases, events, (BENEFIT, AGE))[0].tolist() for q in asked]
        exact = count_cases(cases, keys=keys_of(BENEFIT, AGE)).cases[0].tolist()
    assert exact == counts[0] == [[1, 2], [0, 1], [1, 0]]
    units_of = {clamp: round(7 * UNITS / clamp) for clamp in (50, 7, 100, 40, 9)}
    assert counts[1] == [[units_of[50], 2 * units_of[50]], [0, units_of[7]], [units_of[100], 0]]
    assert counts[2] == [[units_of[40], 2 * units_of[9]], [0, units_of[9]], [units_of[40], 0]]
