"""mbi (Private-PGM): a non-negative model of the person-cells, fitted to Gaussian measurements by mirror descent.

Each measurement has independent Gaussian noise at the true L2 sensitivity (2 where the benefit is kept, 4 for totals);
the model is the recommended `MirrorDescent` for 1 000 iterations, as in the documentation's examples and by default,
or as many as the variant says after a `/`.  All cells are read from the model.  Variants:

* `marginals`: as the documentation does: the area levels are attributes, and the marginals level x benefit of RegSO,
  kommun, lan and area type are measured, rho in four equal parts.  The library knows no hierarchy of attributes, so
  that its levels share the benefit only.
* `leaves`: RegSO x benefit alone, for all of rho; the other levels are sums of the model's cells.
* `queries`: the ten query groups, rho in equal parts, as linear queries on one RegSO x benefit table: what the library
  can do for hierarchies when its user writes the queries.
* `split`: as `queries`, with the parts of rho that `publisher` chooses for this work: it compares the estimates alone.

The library fits to a fixed total.  It is taken as the library takes it, by least variance among the sums of the
measurements.  Numbers are of double precision, as it asks for above 100 000 records.  It starts from a uniform table,
so that a fit that stops before it has settled smooths towards one: 1 000 iterations have not settled where level
queries are fitted, 5 000 have for `split`.
"""

from collections.abc import Iterator
from math import sqrt

import contract
import jax
import jax.numpy as jnp
import numpy as np
from mbi import Domain, Factor, LinearMeasurement
from mbi.estimation import MirrorDescent, minimum_variance_unbiased_total
from numpy.typing import NDArray

jax.config.update("jax_enable_x64", True)
Array = NDArray[np.float64]
MEASURED = ("regso", "kommun", "lan", "area_type")
LEAVES = ("regso", "benefit")


class LevelQuery:
    """The cells of one level as sums of a RegSO x benefit table; `member`: the level's cell of each RegSO."""

    def __init__(self, member: NDArray[np.int64], kept: bool) -> None:
        self.member, self.kept, self.cells = jnp.array(member), kept, int(member.max()) + 1

    def __call__(self, table: Factor) -> jax.Array:
        """The query group in the order of its keys."""
        values = table.datavector(flatten=False)
        values = values if self.kept else values.sum(axis=1, keepdims=True)
        return jax.ops.segment_sum(values, self.member, num_segments=self.cells).reshape(-1)


def estimate(work: contract.Work, variant: str) -> Iterator[contract.Cell]:
    """Measure and fit as the variant says."""
    kind, _, iterations = variant.partition("/")
    iters = int(iterations or 1000)
    if kind == "marginals":
        yield from _marginals(work, iters)
        return
    if kind == "leaves":
        parts = {("regso", True): work.rho}
    else:
        parts = {g: work.rho / len(work.groups) if kind == "queries" else work.split[g] for g in work.groups}
    yield from _summed(work, _fit_leaves(work, parts, iters))


def _measure(work: contract.Work, counts: list[int], kept: bool, rho: float) -> tuple[Array, float]:
    """Gaussian noise on one query group: values and standard deviation."""
    sensitivity = sqrt(work.bound) if kept else work.bound
    scale = sensitivity / sqrt(2 * rho)
    return np.asarray(counts) + np.random.default_rng().normal(0, scale, len(counts)), scale


def _marginals(work: contract.Work, iters: int) -> Iterator[contract.Cell]:
    """Area levels as attributes; every cell is a marginal of the model."""
    counts = contract.exact_counts(work)
    sizes = {level: len(work.areas(level)) for level in MEASURED} | {"benefit": len(work.benefits)}
    measured = []
    for level in MEASURED:
        values, scale = _measure(work, counts[level, True], True, work.rho / len(MEASURED))
        measured.append(LinearMeasurement(values, (level, "benefit"), scale))
    model = MirrorDescent().estimate(Domain(list(sizes), list(sizes.values())), measured, iters=iters)
    for level, kept in work.groups:
        clique = (() if level == "riket" else (level,)) + (("benefit",) if kept else ())
        values = np.asarray(model.project(clique).datavector() if clique else [model.total])
        yield from contract.cells_of(work, level, kept, values)


def _fit_leaves(work: contract.Work, parts: dict[tuple[str, bool], float], iters: int) -> Array:
    """One RegSO x benefit table fitted to query groups, each for its part of rho."""
    counts, members, measured, sums = contract.exact_counts(work), members_of(work), [], []
    for (level, kept), rho in parts.items():
        values, scale = _measure(work, counts[level, kept], kept, rho)
        measured.append(LinearMeasurement(values, LEAVES, scale, query=LevelQuery(members[level], kept)))
        sums.append(LinearMeasurement(values, (level,), scale))
    shape = [len(work.leaves), len(work.benefits)]
    total = minimum_variance_unbiased_total(sums)
    model = MirrorDescent().estimate(Domain(list(LEAVES), shape), measured, known_total=total, iters=iters)
    return np.asarray(model.project(LEAVES).datavector(), dtype=np.float64).reshape(shape)


def _summed(work: contract.Work, table: Array) -> Iterator[contract.Cell]:
    """All cells as sums of the table's."""
    members = members_of(work)
    for level, kept in work.groups:
        out = np.zeros((len(work.areas(level)), len(work.benefits)))
        np.add.at(out, members[level], table)
        yield from contract.cells_of(work, level, kept, (out if kept else out.sum(axis=1)).reshape(-1))


def members_of(work: contract.Work) -> dict[str, NDArray[np.int64]]:
    """For each level the cell of every RegSO, in sorted order of the codes."""
    codes = {level: {code: i for i, code in enumerate(work.areas(level))} for level in contract.LEVELS}
    leaves = sorted(work.leaves, key=lambda leaf: leaf[contract.LEVELS.index("regso")])
    return {level: np.array([codes[level][leaf[i]] for leaf in leaves]) for i, level in enumerate(contract.LEVELS)}


if __name__ == "__main__":
    contract.run(estimate)
