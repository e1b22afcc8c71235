"""What a run of a noise policy would give.  It reads no record: expected errors follow from policy and register."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from publisher.ledger import format_units
from publisher.noise.area_system import FloatArray
from publisher.noise.combine import expected_variances
from publisher.noise.parts import parts_of
from publisher.noise.postprocess import expected_rmse
from publisher.policy.model import MeasureSpec, Noise, TableSpec
from publisher.preparation import Prepared
from publisher.relations import KeySet


def charge_of(prepared: Prepared) -> int:
    """Units of rho of one run."""
    return sum(part.rho_units for table in prepared.policy.noise_tables for part in prepared.parts(table))


def noise_table(spec: TableSpec, noise: Noise, keys: KeySet) -> dict[str, object]:
    """The parts with their rho, and the expected error of every measured measure, area level and marginal, in the
    measure's own unit.  `certain_from`: the number from which a cell is not marked uncertain."""
    variances = expected_variances(spec, keys, noise)
    return {
        "table": spec.id,
        "cells": int(np.prod(keys.shape)),
        "parts": [{"part": p.name, "rho": format_units(p.rho_units)} for p in parts_of(spec, keys)],
        "groups": [
            group
            for m in (spec.count, *spec.sums)
            for group in _groups(m, variances[m.id], keys, float(noise.uncertain_cv))
        ],
    }


def _groups(measure: MeasureSpec, variances: FloatArray, keys: KeySet, cv: float) -> Iterator[dict[str, object]]:
    """One row an area level and marginal; of a sum with a clamp a code, also the error of each code."""
    clamp = measure.clamp
    for (level, kept), error in expected_rmse(variances, keys).items():
        group: dict[str, object] = {
            "measure": measure.id,
            "area_level": level,
            "attributes": [c.id for c, k in zip(keys.columns, kept, strict=True) if k],
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
        columns=tuple(replace(c, codes=(c.codes[code],)) if c == column else c for c in keys.columns),
        totals=tuple(t and i != at for i, t in enumerate(keys.totals)),
    )
    return expected_rmse(variances.take([code], axis=1 + at), one)
