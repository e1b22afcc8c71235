"""What a noise policy will measure and how good it will be, before any budget: strategy, expected errors, the limit.

From the policy, the register of areas and nothing else: no record is read, and nothing is charged.
"""

from dataclasses import dataclass
from fractions import Fraction

from publisher.ledger import UNITS_PER_RHO, format_units
from publisher.noise.parts import Part
from publisher.noise.postprocess import expected_rmse, variances_of
from publisher.noise.strategy import Limit, Strategy, limit_weighted
from publisher.noise.subspace_systems import group_numbers
from publisher.noise.workloads import Workload
from publisher.preparation import Prepared
from publisher.quantity import UNITS

Json = dict[str, object]
Errors = dict[tuple[str, tuple[bool, ...]], float]


@dataclass(frozen=True, slots=True, eq=False)
class PartPlan:
    """One part with its strategy.  Errors in units of the part; of a sum in clamps, so that cells of different clamps
    can be added up.

    `tables`: those that show it, the first with its terms.  `rmse`: of each area level and marginal after least
    squares; `weighted`, `limit`: the summed variance that the policy's weights ask to be small, and the least that any
    mechanism has.
    """

    tables: tuple[str, ...]
    part: Part
    strategy: Strategy
    rmse: Errors
    weighted: float
    limit: Limit

    @property
    def total(self) -> float:
        """The summed variance of all cells."""
        return sum(g.cells * self.rmse[g.level, g.kept] ** 2 for g in self.strategy.groups)

    @property
    def uniform(self) -> float:
        """The same where every group has an even share of the budget, without least squares."""
        rho = Fraction(self.part.rho_units, len(self.strategy.groups) * UNITS_PER_RHO)
        summed = sum(g.cells * g.squared_sensitivity / (2 * rho) for g in self.strategy.groups)
        return float(summed) / _unit(self.part) ** 2


def part_plans(prepared: Prepared) -> list[PartPlan]:
    """The plan of every part of every noise table, or of tables that are measured together, in order."""
    return [_plan(workload, part) for workload in prepared.workloads for part in workload.parts]


def noise_plan(prepared: Prepared) -> Json:
    """The plans as `noise plan` prints them; the totals are over the parts that count."""
    plans = part_plans(prepared)
    counting = [p for p in plans if p.part.quantity.kind != "sum"]
    return {
        "policy": prepared.policy.id,
        "period": prepared.period.code,
        "rho": format_units(sum(p.part.rho_units for p in plans)),
        "groups": [group for p in plans for group in _groups(p)],
        "total_squared_error": _short(sum(p.total for p in counting)),
        "uniform_total_squared_error": _short(sum(p.uniform for p in counting)),
        "parts": [_part(p) for p in plans],
    }


def _plan(workload: Workload, part: Part) -> PartPlan:
    strategy, unit = workload.plan(part), _unit(part)
    rmse, weights = _rmse(strategy, part, unit), workload.weights(part)
    numbers = group_numbers(part.keys)
    weighted = sum(g.cells * rmse[g.level, g.kept] ** 2 * weights[numbers[g.level, g.kept]] for g in strategy.groups)
    limit = limit_weighted(
        part.keys, rho=Fraction(part.rho_units, UNITS_PER_RHO), bound=workload.noise.bound, most=part.quantity.most,
        weighed=weights,
    )  # fmt: skip
    limit = Limit(limit.value / unit**2, limit.tight)
    return PartPlan(tuple(t.id for t in workload.tables), part, strategy, rmse, float(weighted), limit)


def _rmse(strategy: Strategy, part: Part, unit: int) -> Errors:
    """The error of every group that some table shows."""
    found = zip(part.views, variances_of(strategy, part.views), strict=True)
    return {
        (level, view.marginal(kept)): error
        for view, own in found
        for (level, kept), error in expected_rmse(own / unit**2, view.keys).items()
    }


def _unit(part: Part) -> int:
    return UNITS if part.quantity.kind == "sum" else 1


def _part(plan: PartPlan) -> Json:
    return {
        "table": plan.tables[0],
        "tables": list(plan.tables),
        "part": plan.part.name,
        "rho": format_units(plan.part.rho_units),
        "unit": "clamp" if plan.part.quantity.kind == "sum" else plan.part.quantity.kind,
        "total_squared_error": _short(plan.total),
        "uniform_total_squared_error": _short(plan.uniform),
        "weighted_squared_error": _short(plan.weighted),
        "limit": _short(plan.limit.value),
        "limit_is_tight": plan.limit.tight,
        "ratio_to_limit": round(plan.weighted / plan.limit.value, 4),
    }


def _groups(plan: PartPlan) -> list[Json]:
    return [
        {
            "part": plan.part.name,
            "area_level": g.level,
            "attributes": [c.id for c, kept in zip(plan.part.keys.columns, g.kept, strict=True) if kept],
            "cells": g.cells,
            "rho": format_units(g.rho_units),
            "sigma": _short(float(g.sigma2) ** 0.5 / _unit(plan.part)),
            "rmse": _short(plan.rmse[g.level, g.kept]),
        }
        for g in plan.strategy.groups
    ]


def _short(number: float) -> float:
    """Six figures are more than anybody needs."""
    return float(f"{number:.6g}")
