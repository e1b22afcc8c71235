"""Medians of one cell by the project's way, beside OpenDP's choice among candidates (noisy max) at the same rho.

Usage: python benchmarks/quantiles.py [--draws N]

Amounts are lognormal (seeded), 121 candidates 500 apart, rho 0.001 and 0.01 a cell, q = 1/2.  No other cell helps: in a
table least squares over areas and totals makes the first way better, and the second knows no such thing.  Prints, as
JSON, for each number of persons: the mean distance of the estimate from the true median in candidates, for the classes,
for one noisy max with the whole rho, and for one with a third of it (three levels, or one with two more for an
interval); of the classes also how often the 95 % interval holds, its mean width, and the share of cells shown.  Then
CPU seconds of one table of 3 681 areas by 8 categories and their total: its draws, least squares, and reading.
"""

import argparse
import json
import time
from fractions import Fraction
from math import sqrt

import numpy as np
import opendp.prelude as dp
from numpy.typing import NDArray

from publisher import ledger as ledger_module
from publisher.cube import BoundedCube
from publisher.cube.bounded import _MINT
from publisher.ledger import Account, Charge
from publisher.noise.mechanism import NoiseSource, discrete_gaussian, measure
from publisher.noise.parts import Part, parts_of, plan_of
from publisher.noise.postprocess import Unbiased, estimate
from publisher.noise.quantiles import find_quantiles
from publisher.policy.model import (
    CategorySpec,
    ContributionBound,
    EstimateKind,
    MeasureSpec,
    Noise,
    TableSpec,
    Weights,
)
from publisher.quantity import value_class
from publisher.relations import AreaLevel, Column, IntArray, KeySet
from publisher.release.model import Text

HALF = Fraction(1, 2)
CANDIDATES = tuple(range(0, 60001, 500))
TERMS = Noise(Fraction(1), ContributionBound(4, "last"), Weights.LEVELS, EstimateKind.UNBIASED, Fraction(3, 10), None)


def country(areas: dict[str, int], categories: int) -> KeySet:
    """A last level of areas, coarser ones of about equal size, and one case category."""
    leaves = tuple(f"r{k}" for k in range(max(areas.values())))
    at = np.arange(len(leaves))
    levels = [AreaLevel(v, tuple(f"{v}{i}" for i in range(n)), at * n // len(leaves)) for v, n in areas.items()]
    columns = (Column("benefit", tuple(f"b{i}" for i in range(categories)), personal=False),) if categories else ()
    return KeySet(leaves, tuple(levels), columns, (True,) * len(columns))


def parts_for(keys: KeySet, rho: Fraction) -> list[Part]:
    """The parts of a median."""
    median = MeasureSpec("median", "quantile", of="amount", rho=rho, q=HALF, candidates=CANDIDATES)
    spec = TableSpec(
        "t", Text("t", "t"), (MeasureSpec("n", "persons_distinct"), median),
        tuple(CategorySpec(c.id, total=True) for c in keys.columns), tuple(v.level for v in keys.levels), TERMS,
    )  # fmt: skip
    return [p for p in parts_of(spec, keys) if p.measure == "median"]


def draw(part: Part, counts: IntArray, source: NoiseSource) -> Unbiased:
    """One measurement and its least squares."""
    charge = Charge(
        ledger_module._MINT, account=Account("a", 2022), run_key="r", sequence=1, parts={part.name: part.rho_units}
    )
    cube = BoundedCube(mint=_MINT, keys=part.keys, counts=counts, bound=TERMS.bound, quantity=part.quantity)
    return estimate(measure(cube, part, strategy=plan_of(part, TERMS), charge=charge, noise=source))


def choice(persons: IntArray, rho: float) -> int:
    """OpenDP's noisy max over |persons below - persons above|, which one person changes by at most 1."""
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.linf_distance(T="i64")
    chosen = space >> dp.m.then_noisy_max(dp.zero_concentrated_divergence(), scale=1 / sqrt(2 * rho), negate=True)
    if chosen.map(1) > rho * (1 + 1e-9):
        raise SystemExit("the noisy max costs more than its rho")
    below = persons.cumsum() - persons
    return int(chosen(np.abs(2 * below + persons - persons.sum()).tolist()))


def compare(many: int, rho: Fraction, draws: int, rng: np.random.Generator) -> dict[str, float]:
    """One number of persons at one rho."""
    (part,) = parts_for(country({"riket": 1}, 0), rho)
    rows: list[list[float]] = []
    for _ in range(draws):
        amounts = rng.lognormal(9.5, 0.8, many).astype(np.int64)
        persons = np.bincount(value_class(amounts, CANDIDATES), minlength=len(CANDIDATES))
        shape = (1, *(len(c.codes) for c in part.keys.columns))
        made = draw(part, persons.reshape(shape), discrete_gaussian)
        found = find_quantiles(made.values, made.variances, candidates=len(CANDIDATES), q=HALF)
        truth = int((2 * persons.cumsum() < many).sum())
        value, lower, upper = (int(n[0]) for n in (found.value, found.lower, found.upper))
        others = [abs(choice(persons, float(rho) / share) - truth) for share in (1, 3)]
        rows.append([abs(value - truth), *others, lower <= truth <= upper, upper - lower, bool(found.known[0])])
    names = ("classes", "noisy_max", "noisy_max_of_a_third", "interval_holds", "interval_width", "shown")
    return dict(zip(names, np.round(np.mean(rows, axis=0), 2).tolist(), strict=True))


def seconds(rng: np.random.Generator) -> list[dict[str, float | str]]:
    """CPU seconds of each step, part by part."""
    keys = country({"riket": 1, "lan": 21, "kommun": 290, "area_type": 6, "regso": 3363}, 8)
    out: list[dict[str, float | str]] = []
    for part in parts_for(keys, Fraction(1, 20)):
        counts = rng.poisson(0.5, (len(keys.leaves), *(len(c.codes) for c in part.keys.columns)))
        spent: list[float] = []

        def timed(values: NDArray[np.int64], scale: float, spent: list[float] = spent) -> NDArray[np.int64]:
            start = time.process_time()
            drawn = discrete_gaussian(values, scale)
            spent.append(time.process_time() - start)
            return drawn

        start = time.process_time()
        made = draw(part, counts, timed)
        measured = time.process_time()
        find_quantiles(made.values, made.variances, candidates=len(CANDIDATES), q=HALF)
        out.append({
            "part": part.name, "draws": round(sum(spent), 1), "rest": round(measured - start - sum(spent), 1),
            "reading": round(time.process_time() - measured, 1),
        })  # fmt: skip
    return out


def main() -> None:
    """Print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=200)
    draws = parser.parse_args().draws
    dp.enable_features("contrib")
    rng = np.random.default_rng(1)
    errors = [
        {"rho": str(rho), "persons": many, **compare(many, rho, draws, rng)}
        for rho in (Fraction(1, 1000), Fraction(1, 100))
        for many in (50, 300, 1000, 5000, 20000)
    ]
    print(json.dumps({"errors": errors, "cpu_seconds": seconds(rng)}, indent=1))


if __name__ == "__main__":
    main()
