"""Cases, events, sums, contributions and bounded measures against a plain tabulator, on random records."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_records import (
    BENEFIT,
    BENEFITS,
    CODES,
    INDEX,
    KEY,
    SEX,
    SEXES,
    declare,
    key_set,
    named_after_first_cells,
    opened,
)

from publisher.bounding import bound_contributions, collapse, distinct_events
from publisher.cube import BoundedCube, Cube, count_bounded, count_cases
from publisher.errors import PolicyError
from publisher.geography.placing import LocatedCases, locate
from publisher.policy.declarations import AmountDeclaration, SourceDeclaration
from publisher.policy.model import MOST_CONTRIBUTORS, Clamp, ContributionBound
from publisher.quantity import UNITS, Quantity
from publisher.relations import Column, latent_levels
from publisher.release.model import Text

CLAMPS = {"a": 50, "b": 7, "c": 1000}
PLACES = (*CODES, "0180", "22", None)
few = settings(max_examples=15, deadline=None)


class Record(NamedTuple):
    """One record, as a file has it."""

    person: str
    case: int
    area: str | None
    day: date
    benefit: str
    sex: str
    paid: float


records = st.lists(
    st.builds(
        Record,
        person=st.sampled_from(["P01", "P02", "P03", "P04"]), case=st.integers(1, 5), area=st.sampled_from(PLACES),
        day=st.integers(0, 2).map(lambda n: date(2022, 1, 1) + timedelta(n)),
        benefit=st.sampled_from(BENEFITS), sex=st.sampled_from(SEXES),
        paid=st.sampled_from([-30, 0, 2.5, 7.49, 60, 300]),
    ),
    min_size=1, max_size=25,
)  # fmt: skip


def declared(outside: str = "clamp", low: int = -20, high: int = 100) -> SourceDeclaration:
    paid = AmountDeclaration("paid", "paid", Text("b", "b"), Text("kr", "kr"), "", {"": (low, high)}, outside)
    return declare(amounts=(paid,))


@contextmanager
def placed(rows: Sequence[Record], declaration: SourceDeclaration | None = None) -> Iterator[LocatedCases]:
    """The records, placed, with their amounts."""
    names = ("pid", "cid", "place", "day", "benefit_col", "sex_col", "paid")
    with TemporaryDirectory() as folder:
        pq.write_table(pa.table({n: [r[i] for r in rows] for i, n in enumerate(names)}), Path(folder) / "cases.parquet")
        with opened(Path(folder), declaration or declared()) as cases:
            yield locate(cases, INDEX, unknown_areas="refuse", amounts=("paid",))


# The tabulator: ten lines a measure, which share nothing with the way there.


def leaf(row: Record) -> int:
    code = row.area or "00"
    return INDEX.leaves.index(code if code in INDEX.leaves else f"{code}X")


def amount(row: Record) -> int:
    whole = int(abs(row.paid) + 0.5) * (1 if row.paid >= 0 else -1)
    return max(-20, min(100, whole))


def cases_of(rows: Sequence[Record]) -> list[Record]:
    best: dict[tuple[str, int], Record] = {}
    order = sorted(rows, key=lambda r: (-r.day.toordinal(), leaf(r), r.benefit, r.sex, amount(r)))
    for row in order:
        best.setdefault((row.person, row.case), row)
    return list(best.values())


def cells_of(row: Record) -> list[tuple[int, int]]:
    """Flat area cells x benefit or its total."""
    keys = key_set(BENEFIT)
    areas, offset = [], 0
    for level in keys.levels:
        member = int(level.member[leaf(row)])
        areas += [member + offset] if member >= 0 else []
        offset += len(level.codes)
    return [(area, b) for area in areas for b in (BENEFITS.index(row.benefit), len(BENEFITS))]


def whole_cube(rows: Sequence[Record]) -> Cube:
    with placed(rows) as located:
        events = distinct_events(located)
        return count_cases(collapse(located), keys=key_set(BENEFIT), amounts=("paid",), events=events)


@few
@given(records)
def test_cases_events_and_sums_are_those_of_a_plain_tabulator(rows: list[Record]) -> None:
    cube = whole_cube(rows)
    assert cube.events is not None
    expected: dict[str, Counter[tuple[int, int]]] = {name: Counter() for name in ("cases", "events", "paid")}
    for row in cases_of(rows):
        expected["cases"][leaf(row), BENEFITS.index(row.benefit)] += 1
        expected["paid"][leaf(row), BENEFITS.index(row.benefit)] += amount(row)
    for person, case, area, day, benefit, sex, paid in {r._replace(paid=amount(r)) for r in rows}:
        row = Record(person, case, area, day, benefit, sex, paid)
        expected["events"][leaf(row), BENEFITS.index(benefit)] += 1
    for name, found in (("cases", cube.cases), ("events", cube.events), ("paid", cube.sums["paid"])):
        assert {(int(i), int(b)): int(found[i, b]) for i, b in np.argwhere(found)} == {
            k: n for k, n in expected[name].items() if n
        }


@few
@given(records)
def test_what_single_persons_add_to_a_cell_is_added_over_its_parts_first(rows: list[Record]) -> None:
    added = whole_cube(rows).contributions["paid"]
    persons: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for row in cases_of(rows):
        for cell in cells_of(row):
            persons[cell][row.person] += amount(row)
    for cell in np.ndindex(*added.persons.shape):
        own = sorted((abs(n) for n in persons[cell].values()), reverse=True)
        assert added.persons[cell] == len(own)
        assert added.total[cell] == sum(own)
        assert added.largest[cell].tolist() == (own + [0] * MOST_CONTRIBUTORS)[:MOST_CONTRIBUTORS]


@few
@given(records)
def test_distinct_persons_are_told_everywhere_latent_cells_included(rows: list[Record]) -> None:
    cube, keys = whole_cube(rows), key_set(BENEFIT)
    persons: dict[tuple[int, int], set[str]] = defaultdict(set)
    for row in cases_of(rows):
        for cell in cells_of(row):
            persons[cell].add(row.person)
    shape = keys.shape
    assert [len(persons[c]) for c in np.ndindex(*shape)] == cube.everywhere[: int(np.prod(shape))].tolist()
    assert len(cube.everywhere) == (shape[0] + len(latent_levels(keys))) * shape[1]


@few
@given(records)
def test_placed_persons_count_once_at_the_last_place_in_every_benefit_and_total(rows: list[Record]) -> None:
    keys = key_set(BENEFIT, SEX)
    with placed(rows) as located:
        distinct = collapse(located)
        every = bound_contributions(distinct, bound=ContributionBound(3, "last"), columns=keys.columns, key=KEY)
        cube = count_cases(distinct, keys=keys, placed=every, insiders=True)
    assert cube.placed is not None
    found = cube.placed[: int(np.prod(keys.shape))].reshape(keys.shape)
    units, persons = cases_of(rows), defaultdict[tuple[int, int, int], set[str]](set)
    for person in {r.person for r in units}:
        own = [r for r in units if r.person == person]
        last = max(own, key=lambda r: (r.day, leaf(r), SEXES.index(r.sex)))
        for benefit in {r.benefit for r in own}:
            for area, b in cells_of(last._replace(benefit=benefit)):
                for s in (SEXES.index(last.sex), len(SEXES)):
                    persons[area, b, s].add(person)
    inside = [persons[c] for c in np.ndindex(*keys.shape)]
    assert [len(p) for p in inside] == found.ravel().tolist()
    assert cube.alone["persons_distinct"].tolist() == named_after_first_cells(inside)


def bounded_cube(
    rows: Sequence[Record], quantity: Quantity, *, most: int, columns: tuple[Column, ...] = (BENEFIT,)
) -> BoundedCube:
    with placed(rows) as located:
        units = distinct_events(located) if quantity.kind == "events" else collapse(located)
        bound = ContributionBound(most, "last", quantity.most if quantity.kind in ("cases", "events") else 1)
        bounded = bound_contributions(units, bound=bound, columns=(BENEFIT, SEX), key=KEY, detailed=True)
        return count_bounded(bounded, keys=key_set(*columns), quantity=quantity)


QUANTITIES = (
    Quantity("cases", 2), Quantity("events", 3),
    Quantity("sum", UNITS, "paid", Clamp("benefit", tuple(CLAMPS.items()))),
    Quantity("sum", UNITS, "paid", Clamp("sex", (("man", 40), ("woman", 9)))),
    Quantity("sum", UNITS, "paid", Clamp("", (("", 33),))),
)  # fmt: skip


def tabulated(rows: Sequence[Record], quantity: Quantity, most: int) -> dict[tuple[int, str, str], int]:
    """(leaf, benefit, sex) -> what bounded persons add."""
    units = {r._replace(paid=amount(r)) for r in rows} if quantity.kind == "events" else cases_of(rows)
    out: Counter[tuple[int, str, str]] = Counter()
    for person in {r.person for r in units}:
        own = [r for r in units if r.person == person]
        last = max(own, key=lambda r: (r.day, leaf(r), SEXES.index(r.sex)))

        def rank(benefit: str, person: str = person) -> bytes:
            return hashlib.blake2b(f"{person}\0{benefit}".encode(), key=KEY, digest_size=16).digest()

        kept = sorted({r.benefit for r in own}, key=rank)[:most]
        for benefit in kept:
            mine = [r for r in own if r.benefit == benefit]
            out[leaf(last), benefit, last.sex] += _value(mine, last, quantity)
    return {k: n for k, n in out.items() if n}


def _value(mine: Sequence[Record], last: Record, quantity: Quantity) -> int:
    if quantity.kind != "sum":
        return min(len(mine), quantity.most)
    clamp = quantity.clamp
    assert clamp is not None
    code = {"benefit": mine[0].benefit, "sex": last.sex, "": ""}[clamp.column]
    bound, total = clamp.of(code), sum(amount(r) for r in mine)
    return ((min(abs(total), bound) * UNITS + bound // 2) // bound) * (1 if total >= 0 else -1)


@pytest.mark.parametrize("quantity", QUANTITIES, ids=["cases", "events", "by benefit", "by sex", "all"])
@few
@given(rows=records, most=st.integers(1, 3))
def test_bounded_measures_are_those_of_a_plain_tabulator(quantity: Quantity, rows: list[Record], most: int) -> None:
    cube = bounded_cube(rows, quantity, most=most, columns=(BENEFIT, SEX))
    found = {(int(i), BENEFITS[b], SEXES[s]): int(cube.counts[i, b, s]) for i, b, s in np.argwhere(cube.counts)}
    assert found == tabulated(rows, quantity, most)


@pytest.mark.parametrize("quantity", [*QUANTITIES, Quantity("persons", 1), Quantity("persons_distinct", 1)])
@few
@given(rows=records, most=st.integers(1, 3))
def test_removing_a_person_changes_one_leaf_by_at_most_the_bound(
    quantity: Quantity, rows: list[Record], most: int
) -> None:
    """What the mechanism's sensitivity is computed from, for each kind."""
    person = rows[0].person
    rest = [r for r in rows if r.person != person]
    if not rest:
        return
    with_all, without = (bounded_cube(r, quantity, most=most).counts for r in (rows, rest))
    changed = np.abs(with_all - without)
    assert changed.max() <= quantity.most
    assert np.count_nonzero(changed) <= most
    assert len({int(i) for i, _ in np.argwhere(changed)}) <= 1


@few
@given(records)
def test_persons_are_counted_once_in_each_cell_of_fewer_columns(rows: list[Record]) -> None:
    cube = bounded_cube(rows, Quantity("persons_distinct", 1), most=3, columns=())
    assert int(cube.counts.sum()) == len({r.person for r in rows})


def test_sums_need_all_the_columns_that_were_bounded_and_persons_in_detail() -> None:
    row = Record("P01", 1, CODES[0], date(2022, 1, 1), "a", "man", 5.0)
    with pytest.raises(PolicyError, match="all of their columns"):
        bounded_cube([row], QUANTITIES[0], most=1, columns=(SEX,))
    with placed([row]) as located:
        bound = ContributionBound(1, "last")
        bounded = bound_contributions(collapse(located), bound=bound, columns=(BENEFIT,), key=KEY)
        with pytest.raises(PolicyError, match="bounded in detail"):
            count_bounded(bounded, keys=key_set(BENEFIT), quantity=Quantity("cases", 1))


def test_an_amount_that_was_not_asked_for_cannot_be_summed() -> None:
    row = Record("P01", 1, CODES[0], date(2022, 1, 1), "a", "man", 5.0)
    with placed([row]) as located, pytest.raises(PolicyError, match="not asked for"):
        count_cases(collapse(located), keys=key_set(BENEFIT), amounts=("other",))
