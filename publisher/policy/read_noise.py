"""The `noise` of a policy file: budget, bound, weights, and what is shown of the estimates."""

from fractions import Fraction

from ruamel.yaml.nodes import MappingNode, Node

from publisher.policy.model import WIDTH_OF_ERROR, ContributionBound, EstimateKind, GroupWeight, Noise, Weights
from publisher.policy.yaml_nodes import Invalid, Reader
from publisher.release.model import AREA_LEVELS

_RULES = ("coefficient_of_variation", "interval_width")


def read_noise(reader: Reader, node: Node) -> Noise:
    """The terms of a table protected by noise; Invalid after every problem was noted with its line."""
    fields = reader.mapping(node, ("rho", "bound", "weights", "estimate", "uncertain_when"), ("withhold_below",))
    weights = fields.read("weights", lambda n: _weights(reader, n)) or (None, ())
    uncertain = fields.read("uncertain_when", lambda n: _uncertain(reader, n)) or (None, None)
    return fields.build(
        Noise,
        rho=fields.read("rho", reader.fraction),
        bound=fields.read("bound", lambda n: _bound(reader, n)),
        weights=weights[0],
        estimate=fields.read("estimate", lambda n: EstimateKind(reader.choice(n, [e.value for e in EstimateKind]))),
        uncertain_cv=uncertain[0],
        uncertain_width=uncertain[1],
        withhold_below=fields.optional("withhold_below", reader.fraction, None),
        times=weights[1],
    )


def _weights(reader: Reader, node: Node) -> tuple[Weights, tuple[GroupWeight, ...]]:
    """One word for all cells; or `base`, that word, and `groups` of cells that weigh more or less than it says."""
    if not isinstance(node, MappingNode):
        return _base(reader, node), ()
    fields = reader.mapping(node, ("base", "groups"))
    base = fields.read("base", lambda n: _base(reader, n))
    groups = fields.read("groups", lambda n: reader.sequence(n, lambda g: _group(reader, g)))
    if base is None or groups is None:
        raise Invalid
    return base, groups


def _base(reader: Reader, node: Node) -> Weights:
    return Weights(reader.choice(node, [w.value for w in Weights]))


def _group(reader: Reader, node: Node) -> GroupWeight:
    fields = reader.mapping(node, ("area", "categories", "times"))
    return fields.build(
        GroupWeight,
        area=fields.read("area", lambda n: reader.choice(n, AREA_LEVELS)),
        categories=fields.read("categories", lambda n: reader.sequence(n, reader.text, empty=True)),
        times=fields.read("times", reader.fraction),
    )


def _bound(reader: Reader, node: Node) -> ContributionBound:
    fields = reader.mapping(node, ("cells", "area"), ("per_cell",))
    return fields.build(
        ContributionBound,
        cells=fields.read("cells", reader.integer),
        area=fields.read("area", reader.text),
        per_cell=fields.optional("per_cell", reader.integer, 1),
    )


def _uncertain(reader: Reader, node: Node) -> tuple[Fraction, Fraction | None]:
    """The coefficient of variation, and the width of the interval over its value where the rule is about that."""
    fields = reader.mapping(node, (), _RULES)
    if len(fields.found) != 1 or not fields.found.keys() <= set(_RULES):
        raise reader.fail(node, f"uncertain_when has one key: {' or '.join(_RULES)}")
    (rule,) = fields.found
    value = fields.read(rule, reader.fraction)
    if value is None:
        raise Invalid
    return (value, None) if rule == _RULES[0] else (value / WIDTH_OF_ERROR, value)
