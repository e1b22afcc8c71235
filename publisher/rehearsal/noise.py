"""What a run would give, before it is decided: for the officer's eyes, sealing nothing and charging nothing.

The rehearsal of a suppressed policy reads the records and is as sensitive as they are.  That of a noise policy reads
no record: expected errors follow from the policy and the register alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from publisher.counting import count
from publisher.draft.keys import table_cells
from publisher.draft.suppressed import SuppressedCube
from publisher.ledger import UNITS_PER_RHO, Account, format_units, rho_units
from publisher.noise.accounting import epsilon
from publisher.noise.area_system import FloatArray
from publisher.noise.combine import expected_variances
from publisher.noise.parts import parts_of
from publisher.noise.postprocess import expected_rmse
from publisher.pipeline import suppress_tables
from publisher.policy.model import MeasureSpec, Noise, TableSpec
from publisher.preparation import Prepared
from publisher.relations import KeySet

HOLES = Fraction(1, 3)
"""Share of withheld cells from which a table is said to be mostly holes."""


def rehearse(prepared: Prepared) -> dict[str, object]:
    """The rehearsal as one JSON-able object.

    Of a period that is sealed already, as if it were not: what another policy would have given.
    """
    noise = [(t, t.protection) for t in prepared.policy.tables if isinstance(t.protection, Noise)]
    if noise:
        tables = [_noise_table(spec, terms, prepared.keys((spec,))) for spec, terms in noise]
        return _answer(prepared, tables, _budget_warnings(prepared))
    suppressed = suppress_tables(prepared, count(prepared), ())
    if suppressed is None:
        return _answer(prepared, [], ["the policy has no table"])
    tables = [_suppressed_table(t, suppressed) for t in prepared.policy.tables]
    return _answer(prepared, tables, [w for t in tables for w in _holes(t)])


def _answer(prepared: Prepared, tables: list[dict[str, object]], warnings: list[str]) -> dict[str, object]:
    policy, ledger = prepared.policy, prepared.work.ledger
    cap = rho_units(prepared.work.settings.agencies[policy.agency].cap)
    spent = ledger.spent(Account(policy.agency, prepared.period.year))
    charge = _charge(prepared)
    return {
        "policy": policy.id,
        "period": prepared.period.code,
        "sensitive": "this rehearsal may be read by those who may read the records" if not policy.noise_tables else "",
        "tables": tables,
        "rho": format_units(charge),
        "epsilon": f"{epsilon(Fraction(charge, UNITS_PER_RHO)):.2f}" if charge else "",
        "account": {
            "cap": format_units(cap),
            "charged": format_units(spent),
            "left_after": format_units(max(0, cap - spent - charge)),
        },
        "warnings": warnings,
    }


def _charge(prepared: Prepared) -> int:
    """Units of rho of one run."""
    return sum(part.rho_units for table in prepared.policy.noise_tables for part in prepared.parts(table))


def _budget_warnings(prepared: Prepared) -> list[str]:
    policy = prepared.policy
    cap = rho_units(prepared.work.settings.agencies[policy.agency].cap)
    spent = prepared.work.ledger.spent(Account(policy.agency, prepared.period.year))
    if spent + _charge(prepared) > cap:
        return [f"the run would be refused: only {format_units(cap - spent)} rho is left of {format_units(cap)}"]
    return []


def _noise_table(spec: TableSpec, noise: Noise, keys: KeySet) -> dict[str, object]:
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


def _suppressed_table(spec: TableSpec, suppressed: SuppressedCube) -> dict[str, object]:
    flat, _ = table_cells(spec, suppressed.keys)
    levels = [v for v in suppressed.keys.levels if v.level in spec.areas]
    starts = np.cumsum([0, *[len(v.codes) for v in levels]])
    by_level = {
        v.level: _share(suppressed, flat[starts[i] : starts[i + 1]].ravel()) for i, v in enumerate(levels)
    }
    return {"table": spec.id, **_share(suppressed, flat.ravel()), "by_level": by_level}


def _share(suppressed: SuppressedCube, cells: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> dict[str, int]:
    values, pattern = suppressed.counts.ravel()[cells], suppressed.pattern
    withheld, sensitive = pattern.suppressed[cells], pattern.sensitive[cells]
    return {
        "cells": len(cells),
        "non_zero": int((values > 0).sum()),
        "primary": int(sensitive.sum()),
        "secondary": int((withheld & ~sensitive).sum()),
        "value": int(values.sum()),
        "value_withheld": int(values[withheld].sum()),
    }


def _holes(table: Mapping[str, object]) -> list[str]:
    out = []
    by_level = table["by_level"]
    if isinstance(by_level, dict):
        for level, share in by_level.items():
            withheld = share["primary"] + share["secondary"]
            if share["non_zero"] and Fraction(withheld, share["non_zero"]) > HOLES:
                out.append(
                    f"table {table['table']}, level {level}: {withheld} of {share['non_zero']} cells that are not zero "
                    "would be withheld; coarser categories, a longer period, a higher area level or noise would help"
                )
    return out
