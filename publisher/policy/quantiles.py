"""Quantiles in a policy: how candidates are written, and what is checked of them against the declarations."""

import re
from collections.abc import Iterator

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from publisher.policy.declarations import SourceDeclaration
from publisher.policy.model import MOST_CANDIDATES, Suppression, TableSpec
from publisher.policy.yaml_nodes import Reader

_WHOLE = re.compile(r"-?(0|[1-9]\d{0,12})")


def read_candidates(reader: Reader, node: Node) -> tuple[int, ...]:
    """`{from: 0, to: 60000, step: 500}`, both ends among them, or a list of whole numbers, quoted or not."""
    if not isinstance(node, MappingNode):
        return reader.sequence(node, lambda n: _whole(reader, n))
    fields = reader.mapping(node, ("from", "to", "step"))
    first, last, step = (fields.read(name, lambda n: _whole(reader, n)) for name in ("from", "to", "step"))
    if first is None or last is None or step is None:
        raise reader.fail(node, "candidates need whole numbers from, to and step, or are a list of them")
    if step < 1 or first >= last or (last - first) % step:
        raise reader.fail(node, "candidates: step must be at least 1, and lead from `from` to `to` in whole steps")
    if (last - first) // step >= MOST_CANDIDATES:
        raise reader.fail(node, f"candidates: at most {MOST_CANDIDATES} numbers; write a longer step")
    return tuple(range(first, last + 1, step))


def check_quantiles(table: TableSpec, source: SourceDeclaration) -> Iterator[str]:
    """What is wrong with the quantiles of a table; nothing where all is well."""
    if isinstance(table.protection, Suppression) and table.quantiles:
        yield (
            "quantiles are published by noise only: an exact one is a person's own amount, and no audit here asks what "
            "several of them tell together"
        )
    amounts = {a.id for a in source.amounts}
    for measure in table.quantiles:
        if measure.of not in amounts:
            yield f"amount {measure.of} is not declared for source {source.id}"
    measured = [m.of for m in table.quantiles]
    if len(set(measured)) != len(measured):
        yield "quantiles of one amount are measured twice: write `of: ID` of the first one, without rho and candidates"


def _whole(reader: Reader, node: Node) -> int:
    if not isinstance(node, ScalarNode) or not _WHOLE.fullmatch(node.value):
        raise reader.fail(node, "a whole number without leading zeros or exponent is expected here")
    return int(node.value)
