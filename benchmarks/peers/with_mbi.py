"""mbi (Private-PGM): a non-negative model of the cells, fitted to Gaussian measurements by mirror descent.

Each measurement has independent Gaussian noise at the true L2 sensitivity (2 where the benefit is kept, 4 for totals,
times the unit); the model is the recommended `MirrorDescent` for 1 000 iterations, as in the documentation's examples
and by default, or as many as the variant says after a `/`.  All cells are read from the model.  Variants:

* `marginals`: as the documentation does: the area levels are attributes, and the marginals level x categories of RegSO,
  kommun, lan and area type are measured, rho in four equal parts.  The library knows no hierarchy of attributes, so
  that its levels share the categories only.
* `leaves`: RegSO x categories alone, for all of rho; the other levels are sums of the model's cells.
* `queries`: all query groups, rho in equal parts, as linear queries on one RegSO x categories table: what the library
  can do for hierarchies when its user writes the queries.
* `split`: as `queries`, with the parts of rho that `publisher` chooses for this work: it compares the estimates alone.

The library fits to a fixed total.  It is taken as the library takes it, by least variance among the sums of the
measurements.  Numbers are of double precision, as it asks for above 100 000 records.  It starts from a uniform table,
so that a fit that stops before it has settled smooths towards one: 1 000 iterations have not settled where level
queries are fitted, 5 000 have for `split`.
"""

from collections.abc import Iterator

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


class LevelQuery:
    """One query group as sums of a RegSO x categories table; `member`: the level's cell of each RegSO."""

    def __init__(self, member: NDArray[np.int64], kept: contract.Kept) -> None:
        self.member, self.dropped, self.cells = jnp.array(member), dropped(kept), int(member.max()) + 1

    def __call__(self, table: Factor) -> jax.Array:
        """The query group in the order of its keys."""
        values = table.datavector(flatten=False).sum(axis=self.dropped)
        return jax.ops.segment_sum(values, self.member, num_segments=self.cells).reshape(-1)


def dropped(kept: contract.Kept) -> tuple[int, ...]:
    """The axes of a table of areas x categories that a marginal sums over."""
    return tuple(axis for axis, k in enumerate(kept, start=1) if not k)


def estimate(work: contract.Work, variant: str) -> Iterator[contract.Cell]:
    """Measure and fit as the variant says."""
    kind, _, iterations = variant.partition("/")
    iters = int(iterations or 1000)
    if kind == "marginals":
        yield from _marginals(work, iters)
        return
    if kind == "leaves":
        parts = {("regso", (True,) * len(work.columns)): work.rho}
    else:
        parts = {g: work.rho / len(work.groups) if kind == "queries" else work.split[g] for g in work.groups}
    yield from _summed(work, _fit_leaves(work, parts, iters))


def _measure(work: contract.Work, counts: list[int], kept: contract.Kept, rho: float) -> tuple[Array, float]:
    """Gaussian noise on one query group: values and standard deviation."""
    scale = work.sensitivity(kept) / np.sqrt(2 * rho)
    return np.asarray(counts) + np.random.default_rng().normal(0, scale, len(counts)), scale


def _marginals(work: contract.Work, iters: int) -> Iterator[contract.Cell]:
    """Area levels as attributes; every cell is a marginal of the model."""
    counts = contract.exact_counts(work)
    sizes = {level: len(work.areas(level)) for level in MEASURED}
    sizes |= {name: len(codes) for name, codes in work.columns.items()}
    measured, every = [], (True,) * len(work.columns)
    for level in MEASURED:
        values, scale = _measure(work, counts[level, every], every, work.rho / len(MEASURED))
        measured.append(LinearMeasurement(values, (level, *work.columns), scale))
    model = MirrorDescent().estimate(Domain(list(sizes), list(sizes.values())), measured, iters=iters)
    for group in work.groups:
        clique = tuple(name for name in work.by(*group) if name != "riket")
        values = np.asarray(model.project(clique).datavector() if clique else [model.total])
        yield from contract.cells_of(work, group, values)


def _fit_leaves(work: contract.Work, parts: dict[contract.Group, float], iters: int) -> Array:
    """One RegSO x categories table fitted to query groups, each for its part of rho."""
    leaves = ("regso", *work.columns)
    counts, members, measured, sums = contract.exact_counts(work), members_of(work), [], []
    for (level, kept), rho in parts.items():
        values, scale = _measure(work, counts[level, kept], kept, rho)
        measured.append(LinearMeasurement(values, leaves, scale, query=LevelQuery(members[level], kept)))
        sums.append(LinearMeasurement(values, (level,), scale))
    shape = [len(work.leaves), *map(len, work.columns.values())]
    total = minimum_variance_unbiased_total(sums)
    model = MirrorDescent().estimate(Domain(list(leaves), shape), measured, known_total=total, iters=iters)
    return np.asarray(model.project(leaves).datavector(), dtype=np.float64).reshape(shape)


def _summed(work: contract.Work, table: Array) -> Iterator[contract.Cell]:
    """All cells as sums of the table's."""
    members = members_of(work)
    for level, kept in work.groups:
        out = np.zeros((len(work.areas(level)), *table.shape[1:]))
        np.add.at(out, members[level], table)
        yield from contract.cells_of(work, (level, kept), out.sum(axis=dropped(kept)).reshape(-1))


def members_of(work: contract.Work) -> dict[str, NDArray[np.int64]]:
    """For each level the cell of every RegSO, in sorted order of the codes."""
    codes = {level: {code: i for i, code in enumerate(work.areas(level))} for level in contract.LEVELS}
    leaves = sorted(work.leaves, key=lambda leaf: leaf[contract.LEVELS.index("regso")])
    return {level: np.array([codes[level][leaf[i]] for leaf in leaves]) for i, level in enumerate(contract.LEVELS)}


if __name__ == "__main__":
    contract.run(estimate)
