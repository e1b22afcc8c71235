"""Persons by amount against a plain tabulator, on random records, from the file to the exact input of a quantile."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_records import BENEFIT, BENEFITS, KEY, SEX, SEXES, key_set, keyed_hash
from test_measures_tabulator import Record, amount, cases_of, declared, few, leaf, placed, records
from valuetables import nearest

from publisher.bounding import bound_contributions, collapse
from publisher.cube import BoundedCube, count_bounded, count_values
from publisher.cube import values as module
from publisher.errors import PolicyError
from publisher.noise.mechanism import exact_counts
from publisher.noise.strategy import plan
from publisher.policy.model import ContributionBound, Weights
from publisher.quantity import Quantity, value_columns
from publisher.relations import Column, KeySet

CANDIDATES = (-15, 0, 3, 8, 100)
QUANTITY = Quantity("values", 1, amount="paid", candidates=CANDIDATES)
COLUMNS = [(BENEFIT, SEX), (SEX, BENEFIT), (BENEFIT,), (SEX,), ()]
AS_TEXT = ["benefit, sex", "sex, benefit", "benefit", "sex", "none"]


def keys_of(columns: tuple[Column, ...]) -> KeySet:
    """Keys of a part: personal columns have totals, case categories none, classes have those of their groups."""
    classes = value_columns(CANDIDATES)
    plain = key_set(*columns, *classes)
    return KeySet(plain.leaves, plain.levels, plain.columns, (*(c.personal for c in columns), False, True))


def counted(rows: Sequence[Record], columns: tuple[Column, ...], most: int) -> BoundedCube:
    with placed(rows) as located:
        bound = ContributionBound(most, "last")
        bounded = bound_contributions(collapse(located), bound=bound, columns=(BENEFIT, SEX), key=KEY, detailed=True)
        return count_values(bounded, keys=keys_of(columns), quantity=QUANTITY)


def tabulated(rows: Sequence[Record], columns: tuple[Column, ...], most: int) -> Counter[tuple[object, ...]]:
    """(leaf, codes, class) -> persons, each with one amount a cell."""
    units, out = cases_of(rows), Counter[tuple[object, ...]]()
    for person in {r.person for r in units}:
        own = [r for r in units if r.person == person]
        last = max(own, key=lambda r: (r.day, leaf(r), SEXES.index(r.sex)))
        kept = sorted({r.benefit for r in own}, key=lambda b, p=person: keyed_hash(f"{p}\0{b}"))[:most]  # type: ignore[misc]
        held: dict[tuple[str, ...], int] = defaultdict(int)
        for r in own:
            if r.benefit in kept:
                held[tuple({"benefit": r.benefit, "sex": last.sex}[c.id] for c in columns)] += amount(r)
        out.update((leaf(last), *codes, nearest(n, CANDIDATES)) for codes, n in held.items())
    return out


@pytest.mark.parametrize("columns", COLUMNS, ids=AS_TEXT)
@few
@given(rows=records, most=st.integers(1, 3))
def test_persons_by_amount_are_those_of_a_plain_tabulator(
    columns: tuple[Column, ...], rows: list[Record], most: int
) -> None:
    counts = counted(rows, columns, most).counts
    inner = counts.shape[-1]
    found = {
        (at[0], *(c.codes[i] for c, i in zip(columns, at[1:-2], strict=True)), at[-2] * inner + at[-1]): n
        for at, n in np.ndenumerate(counts)
        if n
    }
    assert found == tabulated(rows, columns, most)


@pytest.mark.parametrize("columns", COLUMNS, ids=AS_TEXT)
@few
@given(rows=records, most=st.integers(1, 3))
def test_removing_a_person_takes_one_from_one_class_of_each_of_its_cells_and_changes_no_group_by_more_than_claimed(
    columns: tuple[Column, ...], rows: list[Record], most: int
) -> None:
    rest = [r for r in rows if r.person != rows[0].person]
    if not rest:
        return
    more, less = counted(rows, columns, most), counted(rest, columns, most)
    changed = more.counts - less.counts
    several = min(most, len(BENEFITS)) if BENEFIT in columns else 1
    assert set(changed.ravel().tolist()) <= {0, 1}
    assert 1 <= changed.sum() <= several
    assert changed.sum(axis=(-2, -1)).max() == 1
    keys, bound = more.keys, more.bound
    for group in plan(keys, rho_units=10**9, bound=bound, weights=Weights.CELLS, most=1).groups:
        moved = exact_counts(more.counts, keys, group) - exact_counts(less.counts, keys, group)
        assert (moved**2).sum() <= group.squared_sensitivity
        assert group.squared_sensitivity == several


@few
@given(rows=records)
def test_two_case_categories_are_told_apart_in_every_part(rows: list[Record]) -> None:
    """With sex declared as one of the case: nothing is left out, so that each part is counted by its codes alone."""
    forms = replace(SEX, personal=False)
    categories = tuple(replace(c, personal=False) for c in declared().categories)
    with placed(rows, replace(declared(), categories=categories)) as located:
        distinct = collapse(located)
        bound = ContributionBound(6, "last")
        bounded = bound_contributions(distinct, bound=bound, columns=(BENEFIT, forms), key=KEY, detailed=True)
        for columns in ((BENEFIT, forms), (forms, BENEFIT), (BENEFIT,), (forms,)):
            counts = count_values(bounded, keys=keys_of(columns), quantity=QUANTITY).counts
            held: dict[tuple[object, ...], int] = defaultdict(int)
            for r in cases_of(rows):
                codes = {"benefit": BENEFITS.index(r.benefit), "sex": SEXES.index(r.sex)}
                held[(r.person, *(codes[c.id] for c in columns))] += amount(r)
            inner = counts.shape[-1]
            expected = Counter((*cell, *divmod(nearest(n, CANDIDATES), inner)) for (_, *cell), n in held.items())
            found = Counter({at: int(n) for at, n in np.ndenumerate(counts.sum(axis=0)) if n})
            assert found == expected


ROW = Record("P01", 1, "0180R001", np.datetime64("2022-01-01").astype(object), "a", "man", 5.0)


def test_values_are_counted_with_the_classes_of_their_own_candidates_only() -> None:
    other = keys_of((BENEFIT,))
    with placed([ROW]) as located:
        bounded = bound_contributions(
            collapse(located), bound=ContributionBound(1, "last"), columns=(BENEFIT, SEX), key=KEY, detailed=True
        )
        with pytest.raises(PolicyError, match="by the classes of their candidates"):
            count_values(bounded, keys=other, quantity=Quantity("values", 1, amount="paid", candidates=(1, 2)))
        with pytest.raises(PolicyError, match="by the classes of their candidates"):
            count_values(bounded, keys=other, quantity=Quantity("persons", 1))
        with pytest.raises(PolicyError, match="by `count_values`"):
            count_bounded(bounded, keys=key_set(BENEFIT), quantity=QUANTITY)


def test_values_need_persons_in_detail_and_columns_that_were_bounded() -> None:
    bound = ContributionBound(1, "last")
    with placed([ROW]) as located:
        distinct = collapse(located)
        plain = bound_contributions(distinct, bound=bound, columns=(BENEFIT,), key=KEY)
        with pytest.raises(PolicyError, match="bounded in detail"):
            count_values(plain, keys=keys_of((BENEFIT,)), quantity=QUANTITY)
        detailed = bound_contributions(distinct, bound=bound, columns=(BENEFIT,), key=KEY, detailed=True)
        with pytest.raises(PolicyError, match="other columns"):
            count_values(detailed, keys=keys_of((SEX,)), quantity=QUANTITY)


def test_more_cells_by_candidate_than_can_be_held_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CELLS", 100)
    with pytest.raises(PolicyError, match="declare fewer candidates"):
        counted([ROW], (BENEFIT,), 1)
