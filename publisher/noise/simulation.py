"""Measurements as a run would make them, of numbers that are no secret: to see how far off what is shown may be.

The error of the unbiased estimate follows from the plan.  That of shrunken numbers depends on the numbers too, and is
seen on draws.  Their noise has a seed and protects nobody: assumed or published numbers go in, and import contracts
keep exact counts away from here, and from here everything that publishes.
"""

from dataclasses import replace

import numpy as np

from publisher.errors import PolicyError
from publisher.noise.area_system import FloatArray
from publisher.noise.combine import estimates
from publisher.noise.measurement import _MINT, MeasuredGroup, Measurement
from publisher.noise.parts import Part, parts_of, plan_of
from publisher.noise.strategy import QueryGroup, Strategy
from publisher.policy.model import Noise, TableSpec
from publisher.relations import IntArray, KeySet, fill_totals

_SEED = 20220428
_SLACK = 1 + 2.0**-40


def simulated_errors(
    table: TableSpec, keys: KeySet, expected: FloatArray, *, draws: int, population: IntArray | None
) -> tuple[FloatArray, FloatArray]:
    """Mean squared error of every cell of the count, shape keys.shape: of what is shown, and of the unbiased estimate.

    `expected`: numbers of the leaves, shape (leaves, codes of each column).  Each draw has numbers of its own that vary
    about them by chance (Poisson), and noise as planned.  Totals of different persons are taken to be sums.
    `population`: as `combine.estimates` has it.  Deterministic.  PolicyError where the table is not one of noise by
    itself.
    """
    noise = table.protection
    if not isinstance(noise, Noise):
        raise PolicyError(f"table {table.id} is not protected by noise")
    alone, rng = replace(table, measures=(table.count,)), np.random.default_rng(_SEED)
    plans = [(part, plan_of(part, noise)) for part in parts_of(alone, keys)]
    shown, unbiased = np.zeros(keys.shape), np.zeros(keys.shape)
    for _ in range(draws):
        numbers = rng.poisson(expected)
        measured = {p.name: _measurement(p, strategy, _of_part(numbers, keys, p), rng) for p, strategy in plans}
        found = estimates(measured, alone, keys, kind=noise.estimate, signed=(), population=population)[table.count.id]
        truth = fill_totals(numbers, keys)
        shown += (found.values - truth) ** 2 / draws
        unbiased += (found.centre - truth) ** 2 / draws
    return shown, unbiased


def _of_part(numbers: IntArray, keys: KeySet, part: Part) -> IntArray:
    """Summed over the columns that a part has not."""
    kept = {c.id for c in part.keys.columns}
    return np.asarray(numbers.sum(axis=tuple(axis for axis, c in enumerate(keys.columns, start=1) if c.id not in kept)))


def _measurement(part: Part, strategy: Strategy, numbers: IntArray, rng: np.random.Generator) -> Measurement:
    groups = tuple(_measured(group, part.keys, numbers, rng) for group in strategy.groups)
    return Measurement(_MINT, part, strategy, groups)


def _measured(group: QueryGroup, keys: KeySet, numbers: IntArray, rng: np.random.Generator) -> MeasuredGroup:
    """One group's sums with noise of its scale, in whole numbers."""
    level = next(v for v in keys.levels if v.level == group.level)
    marginal = numbers.sum(axis=tuple(axis for axis, kept in enumerate(group.kept, start=1) if not kept))
    sums = level.matrix @ marginal.reshape(len(marginal), -1)
    scale = float(group.sigma2) ** 0.5 * _SLACK
    values = np.rint(rng.normal(sums, scale)).astype(np.int64)
    return MeasuredGroup(group, values.reshape(-1, *marginal.shape[1:]), scale)
