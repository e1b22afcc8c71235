"""Hand-made noise tables: a table's specification, its cubes by part, charges, and seeded noise.

A *person* here is what is left of one after bounding: a leaf, one value of each personal column, and what is added to
each of at most k combinations of the others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from publisher import ledger as ledger_module
from publisher.cube import BoundedCube
from publisher.cube.bounded import _MINT
from publisher.ledger import Account, Charge
from publisher.noise.measurement import Measurement
from publisher.noise.mechanism import NoiseSource, measure
from publisher.noise.parts import Part, parts_of, plan_of
from publisher.policy.model import (
    CategorySpec,
    Clamp,
    ContributionBound,
    EstimateKind,
    MeasureSpec,
    Noise,
    TableSpec,
    Weights,
)
from publisher.quantity import Quantity
from publisher.relations import IntArray, KeySet
from publisher.release.model import Text


@dataclass(frozen=True)
class Person:
    """`own`: codes of the personal columns; `adds`: for each combination of the others, (number, amount)."""

    leaf: int
    own: tuple[int, ...]
    adds: Mapping[tuple[int, ...], tuple[int, int]]


def terms(**changes: object) -> Noise:
    made = Noise(
        rho=Fraction(1, 10), bound=ContributionBound(2, "last"), weights=Weights.CELLS, estimate=EstimateKind.UNBIASED,
        uncertain_cv=Fraction(10), withhold_below=None,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def table_of(keys: KeySet, measures: Iterable[MeasureSpec], noise: Noise) -> TableSpec:
    categories = tuple(CategorySpec(c.id, total) for c, total in zip(keys.columns, keys.totals, strict=True))
    levels = tuple(v.level for v in keys.levels)
    return TableSpec("t", Text("t", "t"), tuple(measures), categories, levels, noise)


def sum_of(clamp: Clamp, rho: Fraction = Fraction(1, 10), **changes: object) -> MeasureSpec:
    return MeasureSpec("amount", "sum", of="amount", rho=rho, clamp=clamp, **changes)  # type: ignore[arg-type]


def cube_of(
    keys: KeySet, counts: IntArray, bound: ContributionBound, quantity: Quantity | None = None
) -> BoundedCube:
    return BoundedCube(
        mint=_MINT, keys=keys, counts=counts, bound=bound, quantity=quantity or Quantity("persons", 1)
    )


def count(persons: Iterable[Person], part: Part) -> IntArray:
    """What `count_bounded` would count of bounded persons for a part, written out person by person."""
    keys, quantity = part.keys, part.quantity
    out = np.zeros((len(keys.leaves), *[len(c.codes) for c in keys.columns]), dtype=np.int64)
    for person in persons:
        for cell, added in _cells(person, part).items():
            out[cell] += 1 if quantity.kind.startswith("persons") else added
    return out


def _cells(person: Person, part: Part) -> dict[tuple[int, ...], int]:
    """Cell -> what the person adds there.  Combinations that a reduced key set does not tell apart are one cell."""
    out: dict[tuple[int, ...], int] = {}
    for combination, (number, amount) in person.adds.items():
        own, others = iter(person.own), iter(combination)
        named = {c: next(own) if c in ("sex", "age") else None for c in ("sex", "age") if c in _ids(part)}
        named |= dict(zip(("benefit", "form"), others, strict=False))
        cell = (person.leaf, *(named[c.id] or 0 for c in part.keys.columns))
        limit = part.quantity.most
        added = int(np.clip(number, 0, limit))
        if part.quantity.kind == "sum":
            added = _units(amount, part, cell)
        out[cell] = added
    return out


def _ids(part: Part) -> list[str]:
    return [c.id for c in part.keys.columns]


def _units(amount: int, part: Part, cell: tuple[int, ...]) -> int:
    clamp = part.quantity.clamp
    assert clamp is not None
    at = _ids(part).index(clamp.column) if clamp.column else None
    limit = clamp.of(part.keys.columns[at].codes[cell[1 + at]] if at is not None else "")
    held = max(-limit, min(limit, amount))
    return ((abs(held) * part.quantity.most + limit // 2) // limit) * (1 if held >= 0 else -1)


def charge_for(parts: Iterable[Part]) -> Charge:
    return Charge(
        ledger_module._MINT, account=Account("a", 2022), run_key="r", sequence=1,
        parts={p.name: p.rho_units for p in parts},
    )  # fmt: skip


def seeded(rng: np.random.Generator) -> NoiseSource:
    """Rounded Gaussian noise of the scale asked for."""
    return lambda exact, scale: exact + np.rint(rng.normal(0, scale, exact.shape)).astype(np.int64)


def no_noise(exact: IntArray, scale: float) -> IntArray:
    return exact


def measure_all(
    table: TableSpec, keys: KeySet, counts: Mapping[str, IntArray], source: NoiseSource
) -> dict[str, Measurement]:
    """Every part of a table measured once; `counts`: by part name, leaf x codes of the part's columns."""
    noise = table.protection
    assert isinstance(noise, Noise)
    parts = parts_of(table, keys)
    charge = charge_for(parts)
    return {
        p.name: measure(
            cube_of(p.keys, counts[p.name], noise.bound, p.quantity), p, strategy=plan_of(p, noise), charge=charge,
            noise=source,
        )
        for p in parts
    }
