"""Rehearsals of noise and joined codes: what was published of other codes is no guide, and fewer codes lose less."""

import numpy as np

from publisher.policy.model import Noise
from publisher.rehearsal.expected import Planned, form_is_known
from publisher.rehearsal.truncation import truncation
from publisher.relations import AreaLevel, Column, KeySet
from publisher.release.model import Category, Dimension, Table, Text

WORDS = Text("a", "b")
BENEFITS = ("sjukpenning", "sjukersattning", "aktivitetsersattning")


def planned(column: Column) -> Planned:
    level = AreaLevel("riket", ("00",), np.zeros(1, dtype=np.int64))
    keys = KeySet(("00",), (level,), (column,), (True,))
    return Planned(keys, np.ones(keys.shape), object.__new__(Noise))


def published(*categories: Category) -> Table:
    table = object.__new__(Table)
    dimension = Dimension("age", WORDS, (Category("TOT", WORDS), *categories))
    object.__setattr__(table, "dimensions", (dimension,))
    return table


def test_numbers_published_of_codes_that_stood_for_others_are_not_taken_for_the_planned_ones() -> None:
    joined = planned(Column("age", ("x", "c"), personal=True, joined=(("x", ("a", "b")),)))
    c = Category("c", WORDS)
    assert form_is_known(joined, published(Category("x", WORDS, ("a", "b")), c))
    assert not form_is_known(joined, published(Category("x", WORDS, ("a", "d")), c))
    assert not form_is_known(joined, published(Category("x", WORDS), c))
    assert not form_is_known(joined, published(*(Category(code, WORDS) for code in "abc")))


def test_a_bound_leaves_out_less_where_benefits_are_joined_and_nothing_where_all_of_a_person_are_one() -> None:
    lost = []
    for joined in ((), (("x", BENEFITS[:2]),), (("x", BENEFITS),)):
        codes = tuple(code for code, _ in joined)
        codes += tuple(b for b in BENEFITS if not any(b in parts for _, parts in joined))
        told = truncation((Column("benefit", codes, personal=False, joined=joined),), (1, 2, 3))
        lost.append([float(n) for n in told["lost_per_cent"].values()])  # type: ignore[attr-defined]
    assert lost[0][0] > lost[1][0] > lost[2][0] == 0
    assert lost[0][2] == 0
    assert lost[1][1] == 0
