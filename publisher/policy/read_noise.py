"""The `noise` of a policy file: budget, bound, weights, and what is shown of the estimates."""

from collections.abc import Mapping
from fractions import Fraction

from ruamel.yaml.nodes import MappingNode, Node

from publisher.policy.model import WIDTH_OF_ERROR, ContributionBound, EstimateKind, GroupWeight, Noise, Weights
from publisher.policy.yaml_nodes import Fields, Invalid, Reader
from publisher.release.model import AREA_LEVELS

_SHARED = ("rho", "bound", "estimate")
_RULES = ("coefficient_of_variation", "interval_width")


def read_noise(reader: Reader, node: Node, earlier: Mapping[str, Noise]) -> Noise:
    """The terms of a table protected by noise; Invalid after every problem was noted with its line.

    `earlier`: those of the tables above it, of which it may share one's measurement.
    """
    shares = isinstance(node, MappingNode) and any(getattr(k, "value", "") == "together_with" for k, _ in node.value)
    own, optional = (("together_with",), _SHARED) if shares else (_SHARED, ())
    fields = reader.mapping(node, (*own, "weights", "uncertain_when"), ("withhold_below", *optional))
    shared = _shared(reader, fields, earlier) if shares else _own(reader, fields)
    weights = fields.read("weights", lambda n: _weights(reader, n)) or (None, ())
    uncertain = fields.read("uncertain_when", lambda n: _uncertain(reader, n)) or (None, None)
    return fields.build(
        Noise,
        **shared,
        weights=weights[0],
        uncertain_cv=uncertain[0],
        uncertain_width=uncertain[1],
        withhold_below=fields.optional("withhold_below", reader.fraction, None),
        times=weights[1],
    )


def _own(reader: Reader, fields: Fields) -> dict[str, object]:
    kinds = [e.value for e in EstimateKind]
    return {
        "rho": fields.read("rho", reader.fraction),
        "bound": fields.read("bound", lambda n: _bound(reader, n)),
        "estimate": fields.read("estimate", lambda n: EstimateKind(reader.choice(n, kinds))),
    }


def _shared(reader: Reader, fields: Fields, earlier: Mapping[str, Noise]) -> dict[str, object]:
    """What the table has from the one whose measurement it shares, which stands above it and has terms of its own."""
    for key in _SHARED:
        if fields.has(key):
            reader.fail(fields.found[key], f"{key} is that of the table named by together_with; leave it out here")
            fields.broken = True
    first = [table for table, noise in earlier.items() if not noise.together_with]
    name = fields.read("together_with", lambda n: reader.choice(n, first))
    if name is None:
        return {}
    noise = earlier[name]
    return {"rho": noise.rho, "bound": noise.bound, "estimate": noise.estimate, "together_with": name}


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
