"""The `categories` of a table in a policy file: columns, and codes of them that the table shows as one."""

from ruamel.yaml.nodes import Node

from publisher.policy.model import CategorySpec, JoinedCode
from publisher.policy.yaml_nodes import Reader


def read_categories(reader: Reader, node: Node) -> tuple[CategorySpec, ...]:
    """The columns of a table, none or several."""
    return reader.sequence(node, lambda n: _category(reader, n), empty=True)


def _category(reader: Reader, node: Node) -> CategorySpec:
    """`{column: age_group, total: true}`, and `join` with one item for each new code."""
    fields = reader.mapping(node, ("column", "total"), ("join",))
    return fields.build(
        CategorySpec,
        column=fields.read("column", reader.text),
        total=fields.read("total", reader.boolean),
        join=fields.optional("join", lambda n: reader.sequence(n, lambda j: _joined(reader, j)), ()),
    )


def _joined(reader: Reader, node: Node) -> JoinedCode:
    """`{code: "16-34", text: {sv: 16–34 år, en: 16–34}, of: ["16-24", "25-34"]}`."""
    fields = reader.mapping(node, ("code", "text", "of"))
    return fields.build(
        JoinedCode,
        code=fields.read("code", reader.text),
        text=fields.read("text", reader.both_languages),
        of=fields.read("of", lambda n: reader.sequence(n, reader.text)),
    )
