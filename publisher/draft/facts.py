"""What the public is told of a suppression, from the policy alone."""

from publisher.policy.model import ContributorsRule, DominanceRule, PPercentRule, ShareRule, Suppression
from publisher.release.model import SuppressionFacts


def facts_of(rule: Suppression) -> SuppressionFacts:
    """The statement of a table that is protected by `rule`."""
    return SuppressionFacts(
        threshold=rule.threshold, counted=rule.counted, zeros=rule.zeros, level=rule.level, rules=rule_texts(rule),
        insiders=rule.insiders,
    )  # fmt: skip


def rule_texts(rule: Suppression) -> tuple[str, ...]:
    """The rules beside the threshold as SuppressionFacts states them."""
    out = []
    for r in rule.rules:
        if isinstance(r, DominanceRule):
            out.append(f"dominance {r.n} {float(r.k):g}")
        elif isinstance(r, PPercentRule):
            out.append(f"p_percent {float(r.p):g}")
        elif isinstance(r, ContributorsRule):
            out.append(f"min_contributors {r.least}")
        elif isinstance(r, ShareRule):
            out.append(f"share {r.persons} {r.having}")
    return tuple(out)
