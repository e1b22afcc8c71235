"""Tables that were measured together: each a view of one estimate, in whole numbers that agree.  Post-processing.

The first table is made whole as one by itself is.  Each other one takes over, from a table before it, every number that
both show, and its own cells are rounded so that they add up to those (`order_of_agreement`; that such numbers exist is
what `check_together` asks).  What is shown of one cell is the same in all tables, its interval too.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from publisher.noise.area_system import FloatArray
from publisher.noise.integers import WHOLE, controlled_rounding, step_costs
from publisher.noise.measurement import Measurement
from publisher.noise.nonnegative import nonnegative
from publisher.noise.postprocess import _MINT, Estimate, Unbiased, estimates_of, variances_of
from publisher.noise.views import View
from publisher.noise.workloads import Workload
from publisher.policy.check_together import order_of_agreement
from publisher.policy.model import EstimateKind
from publisher.relations import IntArray
from publisher.threads import one_thread

_PASSES = 30


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What a table has to agree with.

    `cells`: 0/1, shape (area cells that both tables show, atoms); `level_of`: the level number of each; `values`: what
    they are in all, shape (area cells, codes of the common columns).
    """

    cells: sparse.csr_array
    level_of: IntArray
    values: FloatArray


def shared_estimates(measurement: Measurement, workload: Workload) -> dict[str, Estimate]:
    """The estimate of the count of every table, by table id, in persons, cases or events."""
    (part,) = workload.parts
    found = estimates_of(measurement, part.views)
    unit, kind = 10.0 ** workload.tables[0].count.decimals, workload.noise.estimate
    with one_thread():
        made = [_estimate(found[0], kind, unit, controlled_rounding(_shown(found[0], kind, unit), found[0].system))]
        at = {0: 0}
        for table, before in order_of_agreement(workload.tables):
            views = part.views[table], part.views[before]
            at[table] = len(made)
            made.append(_agreeing(found[table], made[at[before]], views, unit))
    return {t.id: made[at[i]] for i, t in enumerate(workload.tables)}


def shared_variances(workload: Workload) -> dict[str, FloatArray]:
    """The variance that every cell of each table's count will have, by table id, before anything is drawn."""
    (part,) = workload.parts
    spread = variances_of(workload.plan(part), part.views)
    return {t.id: v for t, v in zip(workload.tables, spread, strict=True)}


def _shown(found: Unbiased, kind: EstimateKind, unit: float) -> FloatArray:
    made = {EstimateKind.UNBIASED: lambda f: f.atoms, EstimateKind.NON_NEGATIVE_INTEGERS: nonnegative}
    return np.asarray(made[kind](found) * unit)


def _estimate(found: Unbiased, kind: EstimateKind, unit: float, whole: FloatArray) -> Estimate:
    return Estimate(
        _MINT, found.keys, kind, values=found.cells(whole) / unit, centre=found.values, variances=found.variances
    )


def _agreeing(found: Unbiased, before: Estimate, views: tuple[View, View], unit: float) -> Estimate:
    """A table's estimate that agrees with that of a table before it."""
    view, other = views
    axes = [axis for axis, c in enumerate(view.keys.columns, start=1) if c in other.keys.columns]
    at = _known(view.cells, other.cells)
    given = _given(found, before, view, (other, at))
    atoms = _shown(found, before.kind, unit)
    split = np.moveaxis(atoms, [0, *axes], [0, *range(-len(axes), 0)])
    flat = split.reshape(len(atoms), -1, given.values.shape[1])
    values = np.rint(given.values * unit)
    signed = before.kind is EstimateKind.UNBIASED
    if not signed:
        flat = _raked(flat, given, values)
    codes = range(flat.shape[2])
    whole = np.stack([_fitted(flat[..., c], found, given, (values[:, c], signed)) for c in codes], axis=2)
    back = np.moveaxis(whole.reshape(split.shape), [0, *range(-len(axes), 0)], [0, *axes])
    own, both = _estimate(found, before.kind, unit, back), at >= 0
    return replace(
        own,
        mint=_MINT,
        centre=np.where(both, before.centre.ravel()[at], own.centre),
        variances=np.where(both, before.variances.ravel()[at], own.variances),
    )


def _known(cells: IntArray, others: IntArray) -> IntArray:
    """For each cell of one table its flat number in another, or -1; both as flat numbers in the whole."""
    order = np.argsort(others.ravel())
    ranked = others.ravel()[order]
    place = np.minimum(np.searchsorted(ranked, cells), len(ranked) - 1)
    return np.where(ranked[place] == cells, order[place], -1)


def _given(found: Unbiased, before: Estimate, view: View, other: tuple[View, IntArray]) -> Given:
    """The numbers of the finest marginal that both tables show, at every level that both show."""
    levels = [i for i, v in enumerate(view.keys.levels) if v.level in {o.level for o in other[0].keys.levels}]
    rows = np.isin(found.system.level_of, levels)
    pick = [slice(len(c.codes)) if c in other[0].keys.columns else len(c.codes) for c in view.keys.columns]
    at = other[1][(rows, *pick)]
    values = before.values.ravel()[at].reshape(len(at), -1)
    return Given(sparse.csr_array(found.system.cells[rows]), found.system.level_of[rows], values)


def _raked(atoms: FloatArray, given: Given, values: FloatArray) -> FloatArray:
    """The atoms, shape (atoms, n, codes of the common columns), multiplied until they add up to what is given.

    Level by level, as often as two divisions of areas need (Deming and Stephan 1940).  What is 0 stays so.
    """
    out = atoms
    for _ in range(_PASSES):
        for level in np.unique(given.level_of):
            rows = given.cells[given.level_of == level]
            now = rows @ out.sum(axis=1)
            wanted = values[given.level_of == level]
            factor = np.divide(wanted, now, out=np.ones(now.shape), where=now > 0)
            out = out * (1 + rows.T @ (factor - 1))[:, None, :]
    return out


def _fitted(atoms: FloatArray, found: Unbiased, given: Given, asked: tuple[FloatArray, bool]) -> FloatArray:
    """Whole atoms, shape (atoms, n), that add up to what is given over all n: each the one below or above, and so the
    table's own area cells; and if there are none, the nearest.  `asked`: the sums, and whether one can be negative."""
    values, signed = asked
    near = np.rint(atoms)
    kept = np.where(np.abs(atoms - near) > WHOLE, atoms, near)
    base = np.floor(kept)
    total = sparse.kron(given.cells, np.ones((1, atoms.shape[1])), format="csr")
    missing = values - given.cells @ base.sum(axis=1)
    rest = (kept - base).ravel()
    step = _up(rest, found, (total, missing), atoms.shape[1])
    if step is None:
        step = _nearest(rest, base.ravel(), (total, missing), signed=signed)
    return base + step.reshape(atoms.shape)


def _up(
    rest: FloatArray, found: Unbiased, sums: tuple[sparse.csr_array, FloatArray], columns: int
) -> FloatArray | None:
    """Which atoms go up, so that sums are as given and every area cell is the whole number below or above; None where
    the solver finds no such table."""
    several = sparse.csr_array(found.system.cells[np.asarray(found.system.cells.sum(axis=1)).ravel() > 1])
    own = sparse.kron(several, sparse.eye_array(columns), format="csr")
    exact, missing = sums
    free = rest > 0
    least, most = np.floor(own @ rest + WHOLE), np.ceil(own @ rest - WHOLE)
    constraints = LinearConstraint(
        sparse.vstack([exact, own]).tocsr(), np.concatenate([missing, least]), np.concatenate([missing, most])
    )
    cost = np.zeros(len(rest))
    cost[free] = step_costs(own[:, free], rest[free])
    found_ = milp(cost, bounds=Bounds(0, free.astype(np.float64)), constraints=constraints)
    return _whole(found_.x)


def _nearest(
    rest: FloatArray, base: FloatArray, sums: tuple[sparse.csr_array, FloatArray], *, signed: bool
) -> FloatArray:
    """The steps from the whole numbers below that give the sums and move least in all; none goes below 0 unless
    `signed`.  The sums lie in two divisions of areas, so that the corners of the programme are whole (Cox 1987)."""
    exact, missing = sums
    down = np.full(len(base), np.inf) if signed else np.maximum(base, 0)
    cost = np.concatenate([1 - 2 * rest, np.ones(2 * len(base))])
    bounds = Bounds(0, np.concatenate([(rest > 0).astype(np.float64), np.full(len(base), np.inf), down]))
    matrix = sparse.hstack([exact, exact, -exact]).tocsr()
    step = _whole(milp(cost, bounds=bounds, constraints=LinearConstraint(matrix, missing, missing)).x)
    if step is None:
        raise RuntimeError("no whole numbers were found that agree with those shown before")
    up, further, back = np.split(step, 3)
    return np.asarray(up + further - back)


def _whole(found: FloatArray | None) -> FloatArray | None:
    """The solver's numbers, if they are whole."""
    if found is None or np.abs(found - np.rint(found)).max(initial=0) > WHOLE:
        return None
    return np.asarray(np.rint(found))
