"""Which rule makes each cell sensitive, told apart: for rehearsals, which explain what the pattern takes together."""

from collections.abc import Mapping

from publisher.cube import Cube
from publisher.draft.earlier import COUNT
from publisher.draft.suppressed import SuppressedCube, contributors_of
from publisher.policy.model import DominanceRule, PPercentRule, ThresholdRule
from publisher.relations import IntArray
from publisher.suppression.blocks import BoolArray
from publisher.suppression.primary import (
    Amounts,
    dominated,
    estimable,
    few_contributors,
    sensitive_cells,
    shares,
)


def reasons_of(
    cube: Cube, suppressed: SuppressedCube, *, kind: str, everyone: IntArray | None
) -> dict[str, dict[str, BoolArray]]:
    """By `COUNT` or amount id, then by the rule's name in a policy file: the cells that it makes sensitive, flat.

    Cells that no table shows are in it too, and a cell may fall under several rules.  `everyone`: as `Known` has it.
    """
    rule = suppressed.rule
    contributors = contributors_of(cube, kind, rule)
    few = sensitive_cells(contributors, rule=ThresholdRule(rule.threshold), zeros=rule.zeros)
    out = {COUNT: {"threshold": few.ravel()}}
    if rule.share_rule is not None and everyone is not None:
        disclosed = shares(suppressed.counts, everyone, rule=rule.share_rule, threshold=rule.threshold)
        out[COUNT]["share"] = disclosed.ravel()
    for amount in suppressed.sums:
        added = cube.contributions[amount]
        parts = Amounts(added.largest, added.total, added.persons)
        out[amount] = {"threshold": few.ravel()} | {k: v.ravel() for k, v in _of_sums(parts, suppressed).items()}
    return out


def _of_sums(parts: Amounts, suppressed: SuppressedCube) -> Mapping[str, BoolArray]:
    out: dict[str, BoolArray] = {}
    for rule in suppressed.rule.sum_rules:
        if isinstance(rule, DominanceRule):
            out["dominance"] = dominated(parts, rule)
        elif isinstance(rule, PPercentRule):
            out["p_percent"] = estimable(parts, rule)
        else:
            out["min_contributors"] = few_contributors(parts, rule)
    return out
