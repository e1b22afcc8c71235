"""What a run of a noise policy would give.  It reads no record: expected errors follow from policy and register."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from math import prod

import numpy as np

from publisher.ledger import format_units
from publisher.noise.agreement import shared_variances
from publisher.noise.area_system import FloatArray
from publisher.noise.combine import expected_variances
from publisher.noise.postprocess import expected_rmse
from publisher.noise.workloads import Workload
from publisher.policy.model import MeasureSpec, TableSpec
from publisher.preparation import Prepared
from publisher.rehearsal.expected import (
    ASSUMED,
    Planned,
    Sizes,
    assumed_sizes,
    errors_by_size,
    form_is_known,
    marks,
    published_sizes,
)
from publisher.rehearsal.noisy_effect import expected_of, map_of
from publisher.rehearsal.places import level_of_places, names_at, places_of
from publisher.rehearsal.shown_errors import NOT_SIMULATED, shown_errors
from publisher.rehearsal.truncation import truncation
from publisher.relations import KeySet
from publisher.release.model import Table
from publisher.release.reader import read_release

BOUNDS = (1, 2, 4, 8)
"""Bounds whose loss is shown beside the policy's own."""

_IN_PLACES = ASSUMED[1]
"""The share of the inhabitants that is taken for areas told of by name, where nothing is published yet."""


def charge_of(prepared: Prepared) -> int:
    """Units of rho of one run."""
    return sum(part.rho_units for workload in prepared.workloads for part in workload.parts)


def noise_tables(
    prepared: Prepared, asked: Sequence[str] = (), *, simulated: bool = False
) -> list[dict[str, object]]:
    """Every noise table as a run would make it.  `asked`: municipalities to tell of by name; `simulated`: draw what
    shrunken numbers may be off by, which takes about as long as the draws of as many runs."""
    made = {
        table.id: _noise_table(prepared, table, (workload, variances), asked, simulated=simulated)
        for workload in prepared.workloads
        for table, variances in _expected(workload)
    }
    return [made[t.id] for t in prepared.policy.noise_tables]


def _expected(workload: Workload) -> Iterator[tuple[TableSpec, dict[str, FloatArray]]]:
    """Each table with the variance of every cell of its measures, by measure id."""
    if workload.shared:
        found = shared_variances(workload)
        yield from ((t, {t.count.id: found[t.id]}) for t in workload.tables)
    else:
        (table,) = workload.tables
        yield table, expected_variances(table, workload.keys, workload.noise)


def _noise_table(
    prepared: Prepared, spec: TableSpec, expected: tuple[Workload, dict[str, FloatArray]], asked: Sequence[str], *,
    simulated: bool,
) -> dict[str, object]:  # fmt: skip
    """The parts with their rho, and the expected error of every measured measure, area level and marginal, in the
    measure's own unit.  `certain_from`: the number from which a cell is not marked uncertain.  `together`: the tables
    that are measured as one with it, whose parts are the same."""
    workload, variances = expected
    keys, noise = prepared.keys((spec,)), workload.terms(spec)
    planned = Planned(keys, variances[spec.count.id], noise)
    bounds = sorted({noise.bound.cells, *BOUNDS})
    sizes = _sizes(prepared, spec, planned)
    return {
        "table": spec.id,
        "estimate": noise.estimate.value,
        "bound": noise.bound.cells,
        "cells": int(np.prod(keys.shape)),
        "together": [t.id for t in workload.tables] if workload.shared else [],
        "parts": [{"part": p.name, "rho": format_units(p.rho_units)} for p in workload.parts],
        "groups": [
            group
            for m in spec.added_up
            for group in _groups(m, variances[m.id], keys, float(noise.uncertain_cv))
        ],
        "simulated": shown_errors(prepared, spec, planned, sizes) if simulated else NOT_SIMULATED,
        "by_size": errors_by_size(planned, prepared.leaf_sizes()),
        "marks": _marks(prepared, planned, sizes),
        **_in_places(prepared, spec, planned, sizes.array, asked),
        "truncation": truncation(workload.keys.columns, bounds),
    }


def _sizes(prepared: Prepared, spec: TableSpec, planned: Planned) -> Sizes:
    published = _published(prepared, spec.id)
    if published is not None and form_is_known(planned, published):
        basis = f"numbers as published of {published.periods[-1]}"
        return Sizes(published_sizes(planned, published, spec.count), basis, None)
    basis = "assumed shares of the inhabitants, evenly over the categories"
    return Sizes(assumed_sizes(planned, prepared.leaf_sizes(), _IN_PLACES), basis, _IN_PLACES)


def _marks(prepared: Prepared, planned: Planned, sizes: Sizes) -> dict[str, object]:
    """The share of cells that would be marked, and what that is reckoned from."""
    if sizes.assumed is None:
        rows = list(marks(planned, sizes.array))
    else:
        rows = [
            {"share_of_inhabitants": share, **row}
            for share in ASSUMED
            for row in marks(planned, assumed_sizes(planned, prepared.leaf_sizes(), share))
        ]
    return {"basis": sizes.basis, "assumed_in_places": sizes.assumed, "rows": rows}


def _in_places(
    prepared: Prepared, spec: TableSpec, planned: Planned, sizes: FloatArray, asked: Sequence[str]
) -> dict[str, object]:
    """The map, and the areas told of by name."""
    level, places = level_of_places(spec.areas), places_of(prepared, spec, asked)
    areas = map_of(planned, sizes, level, names_at(prepared.index, level)) if level else ()
    return {
        "map": {"level": level, "areas": [asdict(a) for a in areas]},
        "examples": [asdict(p) | {"rows": expected_of(planned, sizes, p)} for p in places],
    }


def _published(prepared: Prepared, table: str) -> Table | None:
    """The table in the policy's last release that is public."""
    work, policy = prepared.work, prepared.policy.id
    public = [r for r in work.store.records() if r.policy == policy and r.state == "published"]
    if not public:
        return None
    release = read_release(work.store.folder(public[-1]), work.keys.public_pem)
    return next((t for t in release.tables if t.id == table), None)


def _groups(measure: MeasureSpec, variances: FloatArray, keys: KeySet, cv: float) -> Iterator[dict[str, object]]:
    """One row an area level and marginal; of a sum with a clamp a code, also the error of each code."""
    clamp, level_cells = measure.clamp, {v.level: len(v.codes) for v in keys.levels}
    for (level, kept), error in expected_rmse(variances, keys).items():
        group: dict[str, object] = {
            "measure": measure.id,
            "area_level": level,
            "attributes": [c.id for c, k in zip(keys.columns, kept, strict=True) if k],
            "cells": level_cells[level] * prod(len(c.codes) for c, k in zip(keys.columns, kept, strict=True) if k),
            "expected_error": round(error, 2),
            "certain_from": round(error / cv, 1),
        }
        at = next((i for i, c in enumerate(keys.columns) if clamp and c.id == clamp.column), None)
        if at is not None and kept[at]:
            group["by_code"] = {
                code: round(_of_code(variances, keys, at, i)[level, kept], 2)
                for i, code in enumerate(keys.columns[at].codes)
            }
        yield group


def _of_code(variances: FloatArray, keys: KeySet, at: int, code: int) -> dict[tuple[str, tuple[bool, ...]], float]:
    """Expected errors where column `at` has one code."""
    column = keys.columns[at]
    one = replace(
        keys,
        columns=tuple(replace(c, codes=(c.codes[code],), joined=()) if c == column else c for c in keys.columns),
        totals=tuple(t and i != at for i, t in enumerate(keys.totals)),
    )
    return expected_rmse(variances.take([code], axis=1 + at), one)
