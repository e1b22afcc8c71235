"""Numbers that noise alone makes too large to add up are refused before anything is charged, from public terms."""

from fractions import Fraction

import numpy as np
import pytest
from noisetables import sum_of, table_of, terms

from publisher.errors import PolicyError
from publisher.noise.combine import expected_variances
from publisher.noise.sizes import ERRORS, LARGEST
from publisher.noise.workloads import Workload, workloads
from publisher.policy.model import Clamp, ContributionBound, MeasureSpec, TableSpec
from publisher.relations import AreaLevel, Column, KeySet

LEVELS = (AreaLevel("riket", ("00",), np.zeros(3, np.int64)), AreaLevel("regso", ("a", "b", "c"), np.arange(3)))
BENEFIT, SEX = Column("benefit", ("p", "q", "r"), False), Column("sex", ("m", "w"), True)
KEYS = {
    "one level": KeySet(("a", "b", "c"), LEVELS[1:], (BENEFIT,), (True,)),
    "two levels": KeySet(("a", "b", "c"), LEVELS, (BENEFIT, SEX), (True, True)),
}


def plan(table: TableSpec, keys: KeySet) -> None:
    """The plans of all parts."""
    made: Workload = workloads([(table,)], lambda _: keys)[0]
    for part in made.parts:
        made.plan(part)


def refused(table: TableSpec, keys: KeySet) -> None:
    with pytest.raises(PolicyError, match=r"part t/amount: with . decimals .* publish fewer decimals"):
        plan(table, keys)


def spec(keys: KeySet, clamp: Clamp, decimals: int, rho: Fraction, cells: int = 2) -> TableSpec:
    paid = sum_of(clamp, rho, decimals=decimals)
    return table_of(keys, [MeasureSpec("n", "persons"), paid], terms(bound=ContributionBound(cells, "last")))


def largest(table: TableSpec, keys: KeySet, unit: float) -> float:
    """How large noise makes a number in units of the decimals, from the variances that every cell will have."""
    return ERRORS * unit * float(np.sqrt(np.max(expected_variances(table, keys, table.protection)["amount"])))


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize("decimals", [2, 6])
def test_what_is_accepted_no_noise_of_eight_errors_makes_too_large(name: str, decimals: int, *, alike: bool) -> None:
    """Totals over the clamp's column, which are not measured, included.  What is far smaller is not refused."""
    keys, unit = KEYS[name], 10.0**decimals

    def clamped(most: int) -> TableSpec:
        clamp = Clamp("benefit", tuple((c, most if alike or c == "p" else 1) for c in "pqr"))
        return spec(keys, clamp, decimals, Fraction(1, 10**7))

    just = int(1000 * LARGEST / largest(clamped(1000), keys, unit))
    refused(clamped(int(1.01 * just)), keys)
    plan(clamped(just // 20), keys)


def test_amounts_without_decimals_fit() -> None:
    keys = KEYS["two levels"]
    plan(spec(keys, Clamp("", (("", 10**9),)), 0, Fraction(1, 10**6)), keys)


def test_what_one_person_adds_counts_too() -> None:
    """Of little noise, with 1000 cells a person."""
    keys, clamp = KEYS["one level"], Clamp("", (("", 10**9),))
    rho = Fraction(10**6)
    table = spec(keys, clamp, 4, rho, cells=1000)
    assert largest(table, keys, 1e4) < LARGEST
    refused(table, keys)
    plan(spec(keys, clamp, 4, rho, cells=2), keys)


@pytest.mark.parametrize("kind", ["persons", "cases"])
def test_counts_fit_whatever_their_decimals(kind: str) -> None:
    noise = terms(bound=ContributionBound(2, "last", per_cell=1 if kind == "persons" else 3))
    plan(table_of(KEYS["two levels"], [MeasureSpec("n", kind, decimals=6)], noise), KEYS["two levels"])
