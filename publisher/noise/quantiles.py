"""Quantiles with intervals, from noisy counts of persons by the class of their amount.

The quantile of level q is the smallest candidate c with S(c) >= 0, where S(c) = (1 - q) x (persons at c or below)
- q x (persons above): where amounts are rounded to the nearest candidate, it is the rounded quantile of the amounts
themselves.  S is linear in what was measured, so that its estimate has a known normal error at every candidate.

The interval is that of two tests turned around (Neyman 1937; for quantiles, Woodruff 1952): a candidate stays where
neither S(c) >= 0 nor S(candidate before c) < 0 is refuted at 2.5 %.  The true quantile is one of the candidates, for
which each test is right with 97.5 %, so that it stays with at least 95 % **whatever the amounts are**, without any
assumption on how they lie.  What is shown is the span of all candidates that stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from publisher.errors import PolicyError
from publisher.noise.area_system import FloatArray
from publisher.noise.combine import place_of
from publisher.noise.measurement import Measurement
from publisher.noise.parts import Part, parts_of
from publisher.noise.postprocess import Estimate, Unbiased, estimate
from publisher.noise.publish import _MINT, NORMAL_95, BoolArray, ProtectedCells, marked, withheld_cells
from publisher.policy.model import MeasureSpec, Noise, TableSpec
from publisher.relations import IntArray, KeySet

LEAST_PERSONS = 4
"""Where fewer persons than so many of their standard errors are estimated, no quantile is shown.  Cells that hold
hardly anybody would pass for others by their noise alone, and intervals that were chosen by their own noise are false
more often than 5 times in 100; therefore the count, whose noise is independent, is asked too."""
_BLOCK = 2**21
"""Numbers that are worked on at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Numbers of candidates, int64: the estimate and the ends of its interval.  `known`: False where all candidates are
    in the interval, or fewer persons are estimated than `least` (LEAST_PERSONS of their standard errors)."""

    value: IntArray
    lower: IntArray
    upper: IntArray
    known: BoolArray
    least: FloatArray


def quantiles(
    measured: Mapping[str, Measurement], table: TableSpec, keys: KeySet, *, noise: Noise, count: Estimate
) -> dict[str, ProtectedCells]:
    """The quantiles of a table, by measure id; all levels of one amount from its one measurement.

    `measured`: by part name.  `count`: the estimate of the table's count, which decides for all measures of a cell
    whether it is withheld.  A cell is `uncertain` where half of its interval is more than 1.959964 x
    `noise.uncertain_cv` x its absolute value, or where nothing is known of it: then it shows no number.  Nothing is
    known where all candidates are in the interval, and where its persons, or the count, which has noise of its own and
    is no smaller, are fewer than LEAST_PERSONS of their standard errors.
    """
    out: dict[str, ProtectedCells] = {}
    if not table.quantiles:
        return out
    parts = [p for p in parts_of(table, keys) if p.quantity.kind == "values"]
    for base in table.quantiles:
        own = [(p, estimate(measured[p.name])) for p in parts if p.measure == base.id]
        for m in table.measures:
            if m.kind == "quantile" and base.id in (m.id, m.of) and (m is base or not m.candidates):
                out[m.id] = _cells(own, m, base, keys, (noise, count))
    return out


def _is_wide(lower: FloatArray, value: FloatArray, upper: FloatArray, cv: Fraction) -> BoolArray:
    """Where an interval is too wide for its value: half of it is taken for 1.959964 standard errors."""
    return np.asarray((upper - lower) > 2 * NORMAL_95 * float(cv) * np.abs(value))


def find_quantiles(persons: FloatArray, variances: FloatArray, *, candidates: int, q: Fraction) -> Found:
    """Every cell's quantile and interval, as numbers of candidates; shape of `persons` without its last two axes.

    `persons`: the unbiased estimate by class, the last two axes as `value_columns` with the totals of the groups;
    `variances`: of the same shape.
    """
    shape = persons.shape[:-2]
    values = persons.reshape(-1, *persons.shape[-2:])
    spread = variances.reshape(values.shape)
    size = max(1, _BLOCK // candidates)
    blocks = [_find(values[i : i + size], spread[i : i + size], candidates, q) for i in range(0, len(values), size)]
    return Found(*(np.concatenate(b).reshape(shape) for b in zip(*blocks, strict=True)))


def _find(values: FloatArray, spread: FloatArray, candidates: int, q: Fraction) -> tuple[NDArray[Any], ...]:
    """Of some cells, shape (cells, groups, classes in a group and their total).

    The estimate is the number of candidates at which S is negative, whether or not they stand in one row: its errors to
    either side cancel (Chernozhukov, Fernandez-Val and Galichon 2010).  Where
    S becomes 0 or more for the first and for the last time, both candidates stay, so that the interval is never empty
    and the estimate, which lies between the two, is in it.  Where some persons are estimated, S falls with q: the
    quantile of a higher level is never the lower one.
    """
    scores, errors = _scores(values, spread, candidates, q)
    ones = np.ones((len(scores), 1), dtype=np.bool_)
    reached = np.concatenate([scores >= -NORMAL_95 * errors, ones], axis=1)
    not_before = np.concatenate([ones, scores <= NORMAL_95 * errors], axis=1)
    stays = reached & not_before
    lower, upper = stays.argmax(axis=1), candidates - 1 - stays[:, ::-1].argmax(axis=1)
    value = (scores < 0).sum(axis=1)
    persons, least = _least(values, spread, candidates)
    known = ((lower > 0) | (upper < candidates - 1)) & (persons > least)
    return value, lower, upper, known, least


def _scores(values: FloatArray, spread: FloatArray, candidates: int, q: Fraction) -> tuple[FloatArray, FloatArray]:
    """S at every candidate but the last, and its standard error: shape (cells, candidates - 1).

    Least squares is exact to about 1e-6 only: S is without the digits below.
    """
    below = _persons(values, candidates).cumsum(axis=1)
    scores = np.round(below[:, :-1] - float(q) * below[:, -1:], 6)
    number = np.arange(values.shape[1] * (values.shape[2] - 1))
    weights = np.where(number <= np.arange(candidates - 1)[:, None], 1 - float(q), -float(q)) * (number < candidates)
    return scores, _errors(spread, weights)


def _least(values: FloatArray, spread: FloatArray, candidates: int) -> tuple[FloatArray, FloatArray]:
    """The persons estimated in each cell, and how many there must be for a quantile to be shown."""
    persons = _persons(values, candidates).sum(axis=1)
    weights = (np.arange(values.shape[1] * (values.shape[2] - 1)) < candidates)[None].astype(np.float64)
    return persons, LEAST_PERSONS * _errors(spread, weights)[:, 0]


def _persons(values: FloatArray, candidates: int) -> FloatArray:
    """Persons by class, shape (cells, candidates).  Places behind the last candidate are no class: nobody is there."""
    return values[:, :, :-1].reshape(len(values), -1)[:, :candidates]


def _errors(spread: FloatArray, weights: FloatArray) -> FloatArray:
    """Standard errors of weighted sums of the classes, shape (cells, sums); `weights`: shape (sums, classes).

    Classes of different groups have independent errors.  Within a group of n classes the errors are those of their mean
    and of the remainder about it, of variance `mean` and `rest` in each direction, which the variances of the total
    (n x mean) and of one class (mean / n + rest x (1 - 1/n)) tell.
    """
    inner = spread.shape[2] - 1
    if not np.allclose(spread[:, :, :inner], spread[:, :1, :1], rtol=1e-6):
        raise ValueError("classes of one cell have errors of different size: intervals would be false")
    mean = spread[:, 0, inner] / inner
    rest = (spread[:, 0, 0] - mean / inner) / (1 - 1 / inner)
    of_mean = (weights.reshape(len(weights), -1, inner).sum(axis=2) ** 2).sum(axis=1) / inner
    of_rest = np.maximum((weights**2).sum(axis=1) - of_mean, 0)
    return np.asarray(np.sqrt(np.outer(mean, of_mean) + np.outer(rest, of_rest)))


def _cells(
    own: list[tuple[Part, Unbiased]], m: MeasureSpec, base: MeasureSpec, keys: KeySet, rules: tuple[Noise, Estimate]
) -> ProtectedCells:
    """One measure over all cells of the table, put together from the parts."""
    if m.q is None:
        raise PolicyError(f"quantile {m.id} needs a level q")
    numbers, at = np.array(base.candidates, dtype=np.int64), np.zeros((3, *keys.shape), dtype=np.int64)
    known, (noise, count) = np.zeros(keys.shape, dtype=np.bool_), rules
    for part, counts in own:
        found = find_quantiles(counts.values, counts.variances, candidates=len(numbers), q=m.q)
        place = place_of(part, keys)
        known[place] = found.known & (np.round(count.centre[place], 6) > found.least)
        for axis, of_part in enumerate((found.value, found.lower, found.upper)):
            at[axis][place] = of_part
    value, lower, upper = numbers[at]
    withheld = withheld_cells(count, noise)
    uncertain = ~known | _is_wide(lower, value, upper, noise.uncertain_cv)
    return ProtectedCells(
        mint=_MINT, keys=keys, decimals=0, status=marked(withheld, uncertain), numbered=known & ~withheld,
        value=value, lower=lower, upper=upper,
    )  # fmt: skip
