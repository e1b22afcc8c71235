"""Ours: the budget split for the error after least squares over both hierarchies.

Variant `unbiased`: whole numbers about the least-squares estimate; `nonnegative`: non-negative whole numbers that add
up; `shrunken`: these, with small areas drawn towards those around them, without knowing their population.  Every cell
weighs alike, or every level with `/levels` behind the variant; with `/upper` the levels above the small areas weigh
more, and a rate by population stands beside the count.  The intervals are those that would be published.  Beside sums
a count of persons is measured, for a rho of its own, which nobody looks at here.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import compress

import contract
import numpy as np

from publisher import ledger
from publisher.cube import bounded
from publisher.ledger import Account, Charge
from publisher.noise.combine import estimates
from publisher.noise.mechanism import measure
from publisher.noise.parts import Part, parts_of, plan_of
from publisher.noise.publish import ProtectedCells, protect, withheld_cells
from publisher.noise.strategy import limit_of
from publisher.policy.model import (
    CategorySpec,
    Clamp,
    ContributionBound,
    EstimateKind,
    GroupWeight,
    MeasureSpec,
    Noise,
    TableSpec,
    Weights,
)
from publisher.relations import AreaLevel, Column, KeySet
from publisher.release.model import Text

KINDS = {
    "unbiased": EstimateKind.UNBIASED, "nonnegative": EstimateKind.NON_NEGATIVE_INTEGERS,
    "shrunken": EstimateKind.SHRUNKEN,
}  # fmt: skip
UPPER = {
    "regso": ("0.01", "0.01"), "kommun": ("0.24", "0.085"), "lan": ("2", "0.65"), "area_type": ("2.5", "0.65"),
    "riket": ("0.6", "0.95"),
}  # fmt: skip
"""How much an error weighs in a group by benefit, and in one that is not (docs/decisions.md): what shrinking tells of
small areas need not be measured."""

OF_MANY = {
    "regso": ("0.01", "0.01", "0.01"), "kommun": ("0.24", "0.085", "0.085"), "lan": ("2", "0.65", "1"),
    "area_type": ("2.8", "0.65", "1"), "riket": ("0.6", "0.95", "1.4"),
}  # fmt: skip
"""The same for a table of several columns, the group of an area's total by itself: it is one of eight."""


def estimate(work: contract.Work, variant: str) -> Iterator[contract.Cell]:
    """One release of the whole table."""
    keys, (kind, _, weights) = keys_of(work), variant.partition("/")
    noise = noise_of(work, KINDS[kind], Weights.LEVELS if weights else Weights.CELLS)
    upper = weights == "upper"
    noise = replace(noise, times=tuple(upper_weights(work)) if upper else ())
    cells = released(work, keys, noise, by_population=upper)
    areas = [(level.level, area) for level in keys.levels for area in level.codes]
    for at, (level, area) in enumerate(areas):
        numbers = zip(*(a[at].ravel().tolist() for a in (cells.value, cells.lower, cells.upper)), strict=True)
        for codes, (value, lower, higher) in zip(keys.category_keys, numbers, strict=True):
            yield level, area, codes, value, lower, higher


def upper_weights(work: contract.Work) -> Iterator[GroupWeight]:
    """UPPER or OF_MANY, as a policy has it."""
    for level, kept in work.groups:
        own = UPPER[level] if len(kept) == 1 else OF_MANY[level]
        times = own[0] if kept[0] else own[1] if any(kept) else own[-1]
        yield GroupWeight(level, tuple(compress(work.columns, kept)), Fraction(times))


def population_of(work: contract.Work, keys: KeySet) -> bounded.IntArray:
    """Inhabitants of every area, repeated over the categories: shape keys.shape."""
    with (work.folder / "areas.csv").open(newline="") as file:
        people = {line["regso"]: int(line["population"]) for line in csv.DictReader(file)}
    leaves = np.array([people[leaf] for leaf in keys.leaves])
    areas = np.concatenate([v.matrix @ leaves for v in keys.levels]).astype(np.int64)
    return np.broadcast_to(areas.reshape(-1, *[1] * len(keys.columns)), keys.shape)


def released(work: contract.Work, keys: KeySet, noise: Noise, *, by_population: bool) -> ProtectedCells:
    """Charge, measure, estimate and protect."""
    table = table_of(work, keys, noise)
    parts = parts_of(table, keys)
    charge = Charge(
        ledger._MINT, account=Account("bench", 2022), run_key="d", sequence=1,
        parts={p.name: p.rho_units for p in parts},
    )  # fmt: skip
    measured = {
        p.name: measure(
            bounded.BoundedCube(bounded._MINT, p.keys, counts_of(work, p), noise.bound, p.quantity), p,
            strategy=plan_of(p, noise), charge=charge,
        )
        for p in parts
    }  # fmt: skip
    people = population_of(work, keys) if by_population else None
    found = estimates(measured, table, keys, kind=noise.estimate, signed=(), population=people)[table.measures[-1].id]
    return protect(found, noise=noise, decimals=0, withheld=withheld_cells(found, noise))


def shown_part(work: contract.Work) -> Part:
    """What is measured of the numbers that are looked at, every cell weighing alike."""
    keys = keys_of(work)
    return parts_of(table_of(work, keys, noise_of(work, EstimateKind.UNBIASED)), keys)[-1]


def split_of(work: contract.Work) -> list[tuple[str, contract.Kept, float]]:
    """The part of rho of each query group: (level, which columns are kept, rho)."""
    groups = plan_of(shown_part(work), noise_of(work, EstimateKind.UNBIASED)).groups
    return [(g.level, g.kept, float(g.squared_sensitivity / (2 * g.sigma2))) for g in groups]


def limit_for(work: contract.Work) -> float:
    """The least total squared error of the query groups, in units that are 1 for the most that a row adds."""
    part, noise = shown_part(work), noise_of(work, EstimateKind.UNBIASED)
    return limit_of(
        part.keys, rho=noise.rho, bound=noise.bound, weights=noise.weights, most=part.quantity.most
    ).value / part.quantity.most**2  # fmt: skip


def noise_of(work: contract.Work, kind: EstimateKind, weights: Weights = Weights.CELLS) -> Noise:
    """The terms of the table's noise."""
    return Noise(
        rho=Fraction(str(work.rho)), bound=ContributionBound(work.bound, "last"), weights=weights, estimate=kind,
        uncertain_cv=Fraction(3, 10), withhold_below=None,
    )  # fmt: skip


def table_of(work: contract.Work, keys: KeySet, noise: Noise) -> TableSpec:
    """The table: persons by area and categories, and behind them amounts where these are added up."""
    measures = [MeasureSpec("persons", "persons")]
    if work.clamps:
        clamp = Clamp("benefit", tuple(zip(work.columns["benefit"], work.clamps, strict=True)))
        measures.append(MeasureSpec("amount", "sum", of="amount", rho=noise.rho, clamp=clamp))
    categories = tuple(CategorySpec(name, total=True) for name in work.columns)
    return TableSpec("d", Text("d", "d"), tuple(measures), categories, tuple(v.level for v in keys.levels), noise)


def keys_of(work: contract.Work) -> KeySet:
    """The key set of a work, with the total over each column."""
    levels = []
    for at, name in enumerate(contract.LEVELS):
        codes = work.areas(name)
        place = {code: i for i, code in enumerate(codes)}
        member = np.array([place[leaf[at]] for leaf in work.leaves], dtype=np.int64)
        levels.append(AreaLevel(name, tuple(codes), member))
    leaves = tuple(leaf[contract.LEVELS.index("regso")] for leaf in work.leaves)
    columns = tuple(Column(name, codes, personal=name != "benefit") for name, codes in work.columns.items())
    return KeySet(leaves, tuple(levels), columns, (True,) * len(columns))


def counts_of(work: contract.Work, part: Part) -> bounded.IntArray:
    """Exact persons, or units of their amounts, by leaf and categories."""
    at = {code: i for i, code in enumerate(part.keys.leaves)}
    places = [{code: i for i, code in enumerate(c.codes)} for c in part.keys.columns]
    counts = np.zeros((len(at), *[len(p) for p in places]), dtype=np.int64)
    for row in contract.read_rows(work):
        cell = at[row["regso"]], *(p[row[c.id]] for c, p in zip(part.keys.columns, places, strict=True))
        counts[cell] += int(row["units"]) if part.quantity.kind == "sum" else 1
    return counts


if __name__ == "__main__":
    contract.run(estimate)
