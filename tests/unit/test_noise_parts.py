"""What a table measures: names, budgets and keys of its parts, and the distance that the worst person makes in each."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import chain, combinations, product
from math import isqrt

import numpy as np
import pytest
from noisetables import Person, count, sum_of, table_of, terms

from publisher.errors import PolicyError
from publisher.ledger import rho_units
from publisher.noise.mechanism import exact_counts
from publisher.noise.parts import Part, parts_of, plan_of
from publisher.noise.strategy import need
from publisher.policy.model import (
    Clamp,
    ContributionBound,
    MeasureSpec,
    ProtectionLevel,
    Suppression,
    TableSpec,
    ThresholdRule,
    Weights,
    Zeros,
)
from publisher.quantity import UNITS, Quantity
from publisher.relations import AreaLevel, Column, KeySet

LEAVES = ("a", "b", "c")
LEVELS = (
    AreaLevel("riket", ("00",), np.array([0, 0, 0])),
    AreaLevel("regso", ("a", "b"), np.array([0, 1, -1])),
)
SEX = Column("sex", ("m", "w"), True)
BENEFIT = Column("benefit", ("p", "q", "r"), False)
FORM = Column("form", ("x", "y"), False)
COUNT = {k: MeasureSpec("n", k) for k in ("cases", "events", "persons", "persons_distinct")}
CLAMPS = {
    "one": Clamp("", (("", 1000),)),
    "benefit": Clamp("benefit", (("p", 1000), ("q", 70), ("r", 31))),
    "sex": Clamp("sex", (("m", 1000), ("w", 10))),
}


def keys_of(*columns: Column, totals: bool = True) -> KeySet:
    return KeySet(LEAVES, LEVELS, columns, (totals,) * len(columns))


def table(keys: KeySet, kind: str = "cases", *, cells: int = 2, per_cell: int = 1, clamp: str = "") -> TableSpec:
    measures = [COUNT[kind]] + ([sum_of(CLAMPS[clamp], Fraction("0.03"))] if clamp else [])
    return table_of(keys, measures, terms(bound=ContributionBound(cells, "last", per_cell)))


def everybody(keys: KeySet, cells: int, number: int, amounts: tuple[int, ...] = (10**7,)) -> Iterator[Person]:
    """Every person that the bound allows, each adding as much as it can in every combination."""
    sizes = {c.id: range(len(c.codes)) for c in keys.columns}
    own = list(product(*[sizes[i] for i in ("sex",) if i in sizes]))
    others = list(product(*[sizes[i] for i in ("benefit", "form") if i in sizes]))
    chosen = list(chain.from_iterable(combinations(others, r) for r in range(1, cells + 1)))
    for leaf, of, taken, amount in product(range(len(LEAVES)), own, chosen, amounts):
        yield Person(leaf, of, dict.fromkeys(taken, (number, amount)))


def distances(part: Part, persons: list[Person], noise: object) -> list[tuple[int, int]]:
    """For each query group the claimed squared sensitivity, and the largest squared distance that a person makes."""
    found = []
    for group in plan_of(part, noise).groups:  # type: ignore[arg-type]
        moves = [exact_counts(count([p], part), part.keys, group) for p in persons]
        found.append((group.squared_sensitivity, max(sum(int(v) ** 2 for v in m.ravel()) for m in moves)))
    return found


COLUMNS = [(), (SEX,), (BENEFIT,), (SEX, BENEFIT), (BENEFIT, FORM), (FORM, SEX, BENEFIT)]


@pytest.mark.parametrize("columns", COLUMNS, ids=lambda c: "+".join(x.id for x in c) or "none")
@pytest.mark.parametrize("cells", [1, 2, 4])
@pytest.mark.parametrize("kind", ["cases", "events", "persons", "persons_distinct"])
def test_the_worst_person_moves_every_group_of_every_count_by_exactly_its_sensitivity(
    columns: tuple[Column, ...], cells: int, kind: str
) -> None:
    keys = keys_of(*columns)
    spec = table(keys, kind, cells=cells, per_cell=1 if kind.startswith("persons") else 3)
    persons = list(everybody(keys, cells, 10))
    for part in parts_of(spec, keys):
        for claimed, seen in distances(part, persons, spec.protection):
            assert claimed == seen


@pytest.mark.parametrize(
    ("columns", "clamp"),
    [((), "one"), ((SEX,), "sex"), ((BENEFIT,), "benefit"), ((BENEFIT, FORM), "one"), ((BENEFIT, FORM), "benefit"),
     ((FORM, SEX, BENEFIT), "benefit"), ((SEX, BENEFIT), "sex")],
)  # fmt: skip
@pytest.mark.parametrize("cells", [1, 3])
def test_the_worst_person_moves_every_group_of_a_sum_by_exactly_its_sensitivity(
    columns: tuple[Column, ...], clamp: str, cells: int
) -> None:
    keys = keys_of(*columns)
    spec = table(keys, cells=cells, clamp=clamp)
    persons = list(everybody(keys, cells, 1, amounts=(10**7, -(10**7), 5)))
    (part,) = [p for p in parts_of(spec, keys) if p.quantity.kind == "sum"]
    for claimed, seen in distances(part, persons, spec.protection):
        assert claimed == seen
        assert claimed % UNITS**2 == 0


@pytest.mark.parametrize("kind", ["cases", "events", "persons", "persons_distinct"])
def test_the_worst_person_loses_exactly_the_rho_of_the_whole_table(kind: str) -> None:
    """zCDP over all draws of a table: the sum of distance squared / 2 sigma squared, in exact fractions.

    The worst person is the worst of every group at once: two cases of one sex in one place.
    """
    keys = keys_of(SEX, BENEFIT)
    spec = table(keys, kind, per_cell=1 if kind.startswith("persons") else 3, clamp="benefit")
    lost = []
    for person in everybody(keys, 2, 10):
        loss = Fraction(0)
        for part in parts_of(spec, keys):
            for group in plan_of(part, spec.protection).groups:  # type: ignore[arg-type]
                moved = exact_counts(count([person], part), part.keys, group)
                loss += Fraction(sum(int(v) ** 2 for v in moved.ravel())) / (2 * group.sigma2)
        lost.append(loss)
    assert max(lost) == spec.rho


def test_a_sensitivity_of_a_sum_that_is_1_05_times_too_small_is_seen() -> None:
    keys = keys_of(BENEFIT, FORM)
    spec = table(keys, cells=3, clamp="benefit")
    part = parts_of(spec, keys)[1]
    persons = list(everybody(keys, 3, 1))
    seen = [s for _, s in distances(part, persons, spec.protection)]
    too_small = [isqrt(c * 10**4 // 105**2) ** 2 for c, _ in distances(part, persons, spec.protection)]
    assert all(s > small for s, small in zip(seen, too_small, strict=True))


def test_names_are_table_and_measure_and_for_distinct_persons_the_columns_kept() -> None:
    keys = keys_of(SEX, BENEFIT, FORM)
    names = [p.name for p in parts_of(table(keys, clamp="benefit"), keys)]
    assert names == ["t/n", "t/amount"]
    names = [p.name for p in parts_of(table(keys, "persons_distinct", clamp="one"), keys)]
    assert names == ["t/n/benefit+form", "t/n/benefit", "t/n/form", "t/n/TOT", "t/amount"]
    only = keys_of(SEX)
    assert [p.name for p in parts_of(table(only, "persons_distinct"), only)] == ["t/n"]


def test_columns_without_a_total_are_kept_in_every_part_of_distinct_persons() -> None:
    keys = KeySet(LEAVES, LEVELS, (SEX, BENEFIT, FORM), (False, True, False))
    parts = parts_of(table(keys, "persons_distinct"), keys)
    assert [p.name for p in parts] == ["t/n/benefit+form", "t/n/form"]
    assert [p.keys.columns for p in parts] == [(SEX, BENEFIT, FORM), (SEX, FORM)]
    assert [p.keys.totals for p in parts] == [(False, False, False), (False, False)]


def test_parts_of_distinct_persons_have_totals_over_personal_columns_only() -> None:
    keys = keys_of(BENEFIT, SEX)
    kept, none = parts_of(table(keys, "persons_distinct"), keys)
    assert (kept.keys.columns, kept.keys.totals) == ((BENEFIT, SEX), (False, True))
    assert (none.keys.columns, none.keys.totals) == ((SEX,), (True,))
    assert kept.keys.levels == none.keys.levels == keys.levels


def test_a_sum_is_measured_without_the_totals_whose_codes_have_units_of_their_own() -> None:
    keys = keys_of(SEX, BENEFIT)
    totals = {c: parts_of(table(keys, clamp=c), keys)[1].keys.totals for c in CLAMPS}
    assert totals == {"one": (True, True), "benefit": (True, False), "sex": (False, True)}


def test_quantities_are_those_of_the_measures() -> None:
    keys = keys_of(SEX, BENEFIT)

    def quantities(kind: str, per_cell: int) -> list[Quantity]:
        return [p.quantity for p in parts_of(table(keys, kind, per_cell=per_cell, clamp="sex"), keys)]

    amount = Quantity("sum", UNITS, amount="amount", clamp=CLAMPS["sex"])
    assert quantities("cases", 7) == [Quantity("cases", 7), amount]
    assert quantities("events", 1) == [Quantity("events", 1), amount]
    assert quantities("persons", 1) == [Quantity("persons", 1), amount]
    assert quantities("persons_distinct", 1) == [Quantity("persons_distinct", 1)] * 2 + [amount]


@pytest.mark.parametrize("rho", ["0.1", "0.000000123", "0.0123456789123", "0.333333333333"])
@pytest.mark.parametrize("weights", list(Weights))
def test_the_units_of_all_parts_sum_to_those_of_the_table_and_not_one_more(rho: str, weights: Weights) -> None:
    keys = keys_of(SEX, BENEFIT, FORM)
    for measure in COUNT.values():
        noise = terms(rho=Fraction(rho), weights=weights)
        spec = table_of(keys, [measure, sum_of(CLAMPS["one"], Fraction("0.0300000001"))], noise)
        parts = parts_of(spec, keys)
        assert sum(p.rho_units for p in parts) == rho_units(Fraction(rho)) + rho_units(Fraction("0.0300000001"))
        assert all(plan_of(p, noise).rho_units == p.rho_units for p in parts)


def test_the_budget_of_distinct_persons_is_split_so_that_no_other_split_has_less_error() -> None:
    keys = keys_of(SEX, BENEFIT, FORM)
    spec = table(keys, "persons_distinct")
    parts = parts_of(spec, keys)

    def error(units: list[float]) -> float:
        """Summed variance of all measured cells: each part's is inverse to its budget."""
        own = [sum(float(g.sigma2) * g.cells for g in plan_of(p, spec.protection).groups) for p in parts]  # type: ignore[arg-type]
        return sum(e * p.rho_units / u for e, p, u in zip(own, parts, units, strict=True))

    best = [float(p.rho_units) for p in parts]
    for i, j in product(range(len(parts)), repeat=2):
        for step in (0.02, 0.3):
            other = list(best)
            other[i] -= step * min(best)
            other[j] += step * min(best)
            assert error(other) >= error(best) * (1 - 1e-6)


def test_what_a_part_needs_is_the_root_of_its_error() -> None:
    keys = keys_of(BENEFIT)
    few, many = (need(k, bound=ContributionBound(2, "last"), weights=Weights.CELLS, most=1) for k in (keys, keys_of()))
    assert few > many > 0


def test_the_same_table_has_the_same_parts_every_time() -> None:
    keys = keys_of(SEX, BENEFIT)
    once, again = (
        [(p.name, p.rho_units, p.quantity) for p in parts_of(table(keys, "persons_distinct", clamp="one"), keys)]
        for _ in range(2)
    )
    assert once == again


def test_a_suppressed_table_has_no_parts() -> None:
    rule = Suppression((ThresholdRule(5),), Zeros.PUBLISHED, ProtectionLevel.EXACT, "persons", False, ())
    keys = keys_of(SEX)
    with pytest.raises(PolicyError, match="not protected by noise"):
        parts_of(replace(table(keys), protection=rule), keys)


@pytest.mark.parametrize(
    ("measure", "rule"),
    [
        (MeasureSpec("amount", "sum", of="amount"), "needs a rho and a clamp"),
        (sum_of(Clamp("form", (("x", 1), ("y", 1)))), "no column of the table"),
    ],
)
def test_a_sum_without_its_own_rho_and_clamp_is_refused(measure: MeasureSpec, rule: str) -> None:
    keys = keys_of(SEX)
    with pytest.raises(PolicyError, match=rule):
        parts_of(table_of(keys, [COUNT["cases"], measure], terms()), keys)


def test_a_budget_too_small_for_its_parts_is_refused() -> None:
    keys = keys_of(BENEFIT, FORM)
    spec = table_of(keys, [COUNT["persons_distinct"]], terms(rho=Fraction(3, 10**9)))
    with pytest.raises(PolicyError, match="too small"):
        parts_of(spec, keys)


def test_two_parts_that_would_share_one_charge_are_refused() -> None:
    columns = (Column("benefit+form", ("p",), False), BENEFIT, FORM)
    keys = keys_of(*columns)
    with pytest.raises(PolicyError, match="share one charge"):
        parts_of(table_of(keys, [COUNT["persons_distinct"]], terms()), keys)


@pytest.mark.parametrize(("name", "units"), [("n", 1), ("t/m", 1), ("/n", 1), ("t/n", 0)])
def test_a_part_without_a_proper_name_or_budget_is_refused(name: str, units: int) -> None:
    with pytest.raises(ValueError, match="part"):
        Part(name, "n", Quantity("cases", 1), keys_of(), units)
