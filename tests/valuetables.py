"""Quantiles of hand-made persons, written out person by person: what the measurement and its reading must give."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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
    """The candidate that every cell of `keys` should show, shape keys.shape; the first where nobody is."""
    found = [candidates[quantile_of(inside, candidates, q)] for inside in _amounts(persons, keys)]
    return np.array(found, dtype=np.int64).reshape(keys.shape)


def true_persons(persons: Sequence[Person], keys: KeySet) -> IntArray:
    """The persons in every cell of `keys`, shape keys.shape."""
    return np.array([len(inside) for inside in _amounts(persons, keys)], dtype=np.int64).reshape(keys.shape)


def _amounts(persons: Sequence[Person], keys: KeySet) -> Iterator[list[int]]:
    """The amounts in each cell, in flat order."""
    held: dict[tuple[str, ...], dict[tuple[int, ...], list[int]]] = {}
    for cell in np.ndindex(*keys.shape):
        codes = {c.id: i for c, i in zip(keys.columns, cell[1:], strict=True) if i < len(c.codes)}
        kept = tuple(codes)
        if kept not in held:
            held[kept] = amounts_by_cell(persons, kept)
        leaves = [leaf for leaf in range(len(keys.leaves)) if _in_area(keys, cell[0], leaf)]
        yield [a for leaf in leaves for a in held[kept].get((leaf, *codes.values()), ())]


def _in_area(keys: KeySet, area: int, leaf: int) -> bool:
    for level in keys.levels:
        if area < len(level.codes):
            return int(level.member[leaf]) == area
        area -= len(level.codes)
    raise IndexError("no such area")
