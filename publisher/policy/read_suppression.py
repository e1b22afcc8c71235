"""The `suppression` of a policy file: rules of primary suppression, and how far the suppressed cells are protected."""

from ruamel.yaml.nodes import Node

from publisher.policy.model import (
    ContributorsRule,
    DominanceRule,
    PPercentRule,
    ProtectionLevel,
    Rule,
    ShareRule,
    Suppression,
    ThresholdRule,
    Zeros,
)
from publisher.policy.yaml_nodes import Reader
from publisher.release.model import AREA_LEVELS

_RULES = ("threshold", "dominance", "p_percent", "min_contributors", "share")


def read_suppression(reader: Reader, node: Node) -> Suppression:
    """The terms of a suppressed table; Invalid after every problem was noted with its line."""
    fields = reader.mapping(node, ("rules", "zeros", "level", "counted", "insiders", "forced"))
    return fields.build(
        Suppression,
        rules=fields.read("rules", lambda n: reader.sequence(n, lambda r: read_rule(reader, r))),
        zeros=fields.read("zeros", lambda n: Zeros(reader.choice(n, [z.value for z in Zeros]))),
        level=fields.read("level", lambda n: ProtectionLevel(reader.choice(n, [v.value for v in ProtectionLevel]))),
        counted=fields.read("counted", lambda n: reader.choice(n, ("persons", "cases"))),
        insiders=fields.read("insiders", reader.boolean),
        forced=fields.read("forced", lambda n: reader.sequence(n, lambda a: reader.choice(a, AREA_LEVELS), empty=True)),
    )


def read_rule(reader: Reader, node: Node) -> Rule:
    """One rule of primary suppression: a mapping of one key."""
    fields = reader.mapping(node, (), _RULES)
    if len(fields.found) != 1 or not fields.found.keys() <= set(_RULES):
        raise reader.fail(node, f"a rule has one key: {', '.join(_RULES)}")
    if fields.has("threshold"):
        return fields.build(ThresholdRule, threshold=fields.read("threshold", reader.integer))
    if fields.has("p_percent"):
        return fields.build(PPercentRule, p=fields.read("p_percent", reader.fraction))
    if fields.has("min_contributors"):
        return fields.build(ContributorsRule, least=fields.read("min_contributors", reader.integer))
    if fields.has("dominance"):
        inner = reader.mapping(fields.found["dominance"], ("n", "k"))
        return inner.build(DominanceRule, n=inner.read("n", reader.integer), k=inner.read("k", reader.fraction))
    inner = reader.mapping(fields.found["share"], ("persons", "having"))
    persons, having = inner.read("persons", reader.integer), inner.read("having", reader.integer)
    return inner.build(ShareRule, persons=persons, having=having)
