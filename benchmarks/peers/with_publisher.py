"""Ours: the budget split for the error after least squares over both hierarchies.

Variant `unbiased`: whole numbers about the least-squares estimate; `nonnegative`: non-negative whole numbers that add
up; `shrunken`: these, with small areas drawn towards those around them, without knowing their population.  Every cell
weighs alike, or every level with `/levels` behind the variant; with `/upper` the levels above the small areas weigh
more, and a rate by population stands beside the count.  The intervals are those that would be published.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import contract
import numpy as np

from publisher import ledger
from publisher.cube import bounded
from publisher.ledger import Account, Charge
from publisher.noise.combine import estimates
from publisher.noise.mechanism import measure
from publisher.noise.parts import parts_of, plan_of
from publisher.noise.publish import ProtectedCells, protect, withheld_cells
from publisher.policy.model import (
    CategorySpec,
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
MEASURE = MeasureSpec("persons", "persons")
UPPER = {
    "regso/benefit": "0.01", "regso": "0.01", "kommun/benefit": "0.16", "kommun": "0.05", "lan/benefit": "1.5",
    "lan": "0.6", "area_type/benefit": "1.2", "area_type": "0.7", "riket/benefit": "1.1", "riket": "0.9",
}  # fmt: skip
"""How much an error of a group weighs (docs/decisions.md): what shrinking tells of small areas need not be measured."""


def estimate(work: contract.Work, variant: str) -> Iterator[contract.Cell]:
    """One release of the whole table."""
    keys, (kind, _, weights) = keys_of(work), variant.partition("/")
    noise = noise_of(work, KINDS[kind], Weights.LEVELS if weights else Weights.CELLS)
    upper = weights == "upper"
    cells = released(work, keys, replace(noise, times=upper_weights() if upper else ()), by_population=upper)
    first = 0
    for level in keys.levels:
        for at, area in enumerate(level.codes, start=first):
            for b, benefit in enumerate((*work.benefits, contract.TOTAL)):
                yield level.level, area, benefit, *(int(a[at, b]) for a in (cells.value, cells.lower, cells.upper))
        first += len(level.codes)


def upper_weights() -> tuple[GroupWeight, ...]:
    """UPPER, as a policy has it."""
    groups = [(group.partition("/"), Fraction(times)) for group, times in UPPER.items()]
    return tuple(GroupWeight(area, (column,) if column else (), times) for (area, _, column), times in groups)


def population_of(work: contract.Work, keys: KeySet) -> bounded.IntArray:
    """Inhabitants of every area, repeated over the benefits: shape keys.shape."""
    with (work.folder / "areas.csv").open(newline="") as file:
        people = {line["regso"]: int(line["population"]) for line in csv.DictReader(file)}
    leaves = np.array([people[leaf] for leaf in keys.leaves])
    areas = np.concatenate([v.matrix @ leaves for v in keys.levels]).astype(np.int64)
    return np.broadcast_to(areas[:, None], keys.shape)


def released(work: contract.Work, keys: KeySet, noise: Noise, *, by_population: bool) -> ProtectedCells:
    """Charge, measure, estimate and protect."""
    table = table_of(keys, noise)
    (part,) = parts_of(table, keys)
    cube = bounded.BoundedCube(bounded._MINT, keys, counts_of(work, keys), noise.bound, part.quantity)
    parts = {part.name: part.rho_units}
    charge = Charge(ledger._MINT, account=Account("bench", 2022), run_key="d", sequence=1, parts=parts)
    measured = {part.name: measure(cube, part, strategy=plan_of(part, noise), charge=charge)}
    people = population_of(work, keys) if by_population else None
    found = estimates(measured, table, keys, kind=noise.estimate, signed=(), population=people)["persons"]
    return protect(found, noise=noise, decimals=0, withheld=withheld_cells(found, noise))


def split_of(work: contract.Work) -> list[tuple[str, bool, float]]:
    """The part of rho of each query group: (level, whether the benefit is kept, rho)."""
    keys, noise = keys_of(work), noise_of(work, EstimateKind.UNBIASED)
    (part,) = parts_of(table_of(keys, noise), keys)
    groups = plan_of(part, noise).groups
    return [(g.level, g.kept[0], float(g.squared_sensitivity / (2 * g.sigma2))) for g in groups]


def noise_of(work: contract.Work, kind: EstimateKind, weights: Weights = Weights.CELLS) -> Noise:
    """The terms of the table's noise."""
    return Noise(
        rho=Fraction(str(work.rho)), bound=ContributionBound(work.bound, "last"), weights=weights, estimate=kind,
        uncertain_cv=Fraction(3, 10), withhold_below=None,
    )  # fmt: skip


def table_of(keys: KeySet, noise: Noise) -> TableSpec:
    """The table: persons by area and benefit."""
    levels = tuple(v.level for v in keys.levels)
    return TableSpec("d", Text("d", "d"), (MEASURE,), (CategorySpec("benefit", total=True),), levels, noise)


def keys_of(work: contract.Work) -> KeySet:
    """The key set of D1, with the total over benefits."""
    levels = []
    for at, name in enumerate(contract.LEVELS):
        codes = work.areas(name)
        place = {code: i for i, code in enumerate(codes)}
        member = np.array([place[leaf[at]] for leaf in work.leaves], dtype=np.int64)
        levels.append(AreaLevel(name, tuple(codes), member))
    leaves = tuple(leaf[contract.LEVELS.index("regso")] for leaf in work.leaves)
    return KeySet(leaves, tuple(levels), (Column("benefit", work.benefits, False),), (True,))


def counts_of(work: contract.Work, keys: KeySet) -> bounded.IntArray:
    """Exact person-cells by leaf and benefit."""
    at = {code: i for i, code in enumerate(keys.leaves)}
    counts = np.zeros((len(at), len(work.benefits)), dtype=np.int64)
    for row in contract.read_rows(work):
        counts[at[row["regso"]], work.benefits.index(row["benefit"])] += 1
    return counts


if __name__ == "__main__":
    contract.run(estimate)
