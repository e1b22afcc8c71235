"""Primary suppression: which cells are sensitive by rule.  One function a rule; arithmetic in whole numbers.

Source: Handbook on Statistical Disclosure Control (Hundepool et al. 2012), section 4.2.1 for counts, 4.2.2 for sums.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from publisher.opaque import Opaque
from publisher.policy.model import ContributorsRule, DominanceRule, PPercentRule, ShareRule, ThresholdRule, Zeros
from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray

FREQUENCY_P = Fraction(10)
"""Per cent of the largest contribution that a sum which is sensitive for its few persons only leaves open."""


def sensitive_cells(contributors: IntArray, *, rule: ThresholdRule, zeros: Zeros) -> BoolArray:
    """Cells that break the minimum frequency rule; any shape, returned in the same shape.

    `contributors`: units that the rule counts in each cell (distinct persons, or cases where the policy says so).
    1 to threshold - 1 units are too few; where zeros are protected, so is none.  ValueError for a negative count.
    """
    if contributors.size and int(contributors.min()) < 0:
        raise ValueError("a cell cannot have fewer than no contributors")
    least = 0 if zeros is Zeros.PROTECTED else 1
    return np.asarray((contributors >= least) & (contributors < rule.threshold), dtype=np.bool_)


def shares(persons: IntArray, population: IntArray, *, rule: ShareRule, threshold: int) -> BoolArray:
    """Cells with persons, but too few of them or of people around them, or nearly all (group disclosure).

    `population`: 0 where nothing public is known, where only the persons count.
    """
    known = population >= np.maximum(persons, 1)
    few = (persons <= rule.having) | (known & (population <= rule.persons))
    return np.asarray((persons > 0) & (few | (known & (population - persons < threshold))), dtype=np.bool_)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Amounts(Opaque):
    """What a sum is made of, cell by cell.

    `largest`: the largest absolute contributions of single persons, descending, one more axis than `total`, which adds
    all of them up; `persons`: how many contribute.
    """

    largest: IntArray
    total: IntArray
    persons: IntArray


def dominated(amounts: Amounts, rule: DominanceRule) -> BoolArray:
    """(n, k): the n largest make more than k % of the cell."""
    return _above(amounts.largest[..., : rule.n].sum(axis=-1), amounts.total, rule.k / 100)


def estimable(amounts: Amounts, rule: PPercentRule) -> BoolArray:
    """p %: the second largest can estimate the largest more closely than p %: the rest is less than p % of it."""
    rest = amounts.total - amounts.largest[..., 0] - amounts.largest[..., 1]
    return _above(amounts.largest[..., 0], rest, 100 / rule.p)


def few_contributors(amounts: Amounts, rule: ContributorsRule) -> BoolArray:
    """Some persons contribute, and fewer than the rule asks for."""
    return np.asarray((amounts.persons > 0) & (amounts.persons < rule.least), dtype=np.bool_)


def sensitive_sums(
    amounts: Amounts, rules: tuple[DominanceRule | PPercentRule | ContributorsRule, ...]
) -> BoolArray:
    """Cells that any of the rules for sums makes sensitive."""
    out = np.zeros(amounts.total.shape, dtype=np.bool_)
    for rule in rules:
        if isinstance(rule, DominanceRule):
            out |= dominated(amounts, rule)
        elif isinstance(rule, PPercentRule):
            out |= estimable(amounts, rule)
        else:
            out |= few_contributors(amounts, rule)
    return out


def protection_levels(
    amounts: Amounts, rules: tuple[DominanceRule | PPercentRule | ContributorsRule, ...], *, few: BoolArray
) -> IntArray:
    """How far the interval of a sensitive sum must reach to either side of it, rounded up, at least 1.

    p %: p/100 of the largest contribution, less what is left without the two largest; (n, k): 100/k of the n largest,
    less the total.  A cell that is sensitive for its few persons (`few`, or by the least number of
    contributors): p (FREQUENCY_P where no rule says) per cent of the largest.  Where several apply, the largest.
    """
    p = next((r.p for r in rules if isinstance(r, PPercentRule)), FREQUENCY_P)
    largest, total = amounts.largest.astype(object), amounts.total.astype(object)
    share = np.maximum(_times(largest[..., 0], p / 100), 1)
    reach, by_rule = np.ones_like(total), np.zeros(total.shape, dtype=np.bool_)
    for rule in rules:
        if isinstance(rule, PPercentRule):
            rest = total - largest[..., 0] - largest[..., 1]
            reach = np.maximum(reach, _times(largest[..., 0], rule.p / 100) - rest)
            by_rule |= estimable(amounts, rule)
        elif isinstance(rule, DominanceRule):
            top = largest[..., : rule.n].sum(axis=-1)
            reach = np.maximum(reach, _times(top, 100 / rule.k) - total)
            by_rule |= dominated(amounts, rule)
        else:
            few = few | few_contributors(amounts, rule)
    return np.where(by_rule & ~few, reach, np.maximum(reach, share)).astype(np.int64)


def _times(values: NDArray[np.object_], factor: Fraction) -> NDArray[np.object_]:
    """values x factor, rounded up, exactly (Python's integers, as objects)."""
    return np.asarray(-((-values * factor.numerator) // factor.denominator))


def _above(one: IntArray, other: IntArray, factor: Fraction) -> BoolArray:
    """Whether one > factor x other, exactly."""
    left, right = one.astype(object) * factor.denominator, other.astype(object) * factor.numerator
    return np.asarray(left > right, dtype=np.bool_)
