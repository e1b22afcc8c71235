"""Quantiles of hand-made persons, written out person by person: what the measurement and its reading must give."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil

import numpy as np
from noisetables import Person

from publisher.noise.parts import Part
from publisher.policy.model import MeasureSpec
from publisher.relations import IntArray, KeySet

Named = dict[str, int]


def median_of(candidates: Sequence[int], rho: Fraction = Fraction(1, 10), **changes: object) -> MeasureSpec:
    given: dict[str, object] = {"id": "median", "of": "amount", "q": Fraction(1, 2), "rho": rho}
    return MeasureSpec(kind="quantile", candidates=tuple(candidates), **(given | changes))  # type: ignore[arg-type]


def nearest(amount: int, candidates: Sequence[int]) -> int:
    """The number of the nearest candidate, of two the larger."""
    return min(range(len(candidates)), key=lambda i: (abs(amount - candidates[i]), -candidates[i]))


def quantile_of(amounts: Iterable[int], candidates: Sequence[int], q: Fraction) -> int:
    """The number of the smallest candidate at or below which at least a share q of the amounts are rounded."""
    ordered = sorted(amounts)
    return nearest(ordered[ceil(q * len(ordered)) - 1], candidates) if ordered else 0


def amounts_by_cell(persons: Iterable[Person], columns: Sequence[str]) -> dict[tuple[int, ...], list[int]]:
    """(leaf, codes of `columns`) -> one amount a person: over all of the person's combinations that the cell holds."""
    out: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for person in persons:
        own: dict[tuple[int, ...], int] = defaultdict(int)
        for combination, (_, amount) in person.adds.items():
            named: Named = dict(zip(("benefit", "form"), combination, strict=False))
            named |= dict(zip(("sex", "age"), person.own, strict=False))
            own[(person.leaf, *(named[c] for c in columns))] += amount
        for cell, amount in own.items():
            out[cell].append(amount)
    return out


def count_values(persons: Iterable[Person], part: Part) -> IntArray:
    """What `publisher.cube.count_values` would count of bounded persons for a part."""
    keys, candidates = part.keys, part.quantity.candidates
    out = np.zeros((len(keys.leaves), *[len(c.codes) for c in keys.columns]), dtype=np.int64)
    for cell, amounts in amounts_by_cell(persons, [c.id for c in keys.columns[:-2]]).items():
        for amount in amounts:
            out[(*cell, *divmod(nearest(amount, candidates), out.shape[-1]))] += 1
    return out


def true_quantiles(persons: Sequence[Person], keys: KeySet, candidates: Sequence[int], q: Fraction) -> IntArray:
    """The number of the candidate that every cell of `keys` should show, shape keys.shape."""
    out = np.zeros(keys.shape, dtype=np.int64)
    at = {c.id: i for i, c in enumerate(keys.columns)}
    for cell in np.ndindex(*keys.shape):
        kept = [c.id for c in keys.columns if cell[1 + at[c.id]] < len(c.codes)]
        codes = tuple(cell[1 + at[c]] for c in kept)
        held = amounts_by_cell(persons, kept)
        inside = [a for (leaf, *own), found in held.items() if _in_area(keys, cell[0], leaf) and tuple(own) == codes
                  for a in found]  # fmt: skip
        out[cell] = quantile_of(inside, candidates, q)
    return out


def _in_area(keys: KeySet, area: int, leaf: int) -> bool:
    for level in keys.levels:
        if area < len(level.codes):
            return int(level.member[leaf]) == area
        area -= len(level.codes)
    raise IndexError("no such area")
