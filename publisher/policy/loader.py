"""Policy files: YAML 1.2 to `Policy`, with every problem as file:line."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from publisher.errors import PolicyError
from publisher.policy.model import (
    MEASURE_KINDS,
    RUNS_A_YEAR,
    WINDOWS,
    Clamp,
    MeasureSpec,
    Noise,
    Policy,
    Schedule,
    Suppression,
    TableSpec,
)
from publisher.policy.quantiles import read_candidates
from publisher.policy.read_categories import read_categories
from publisher.policy.read_noise import read_noise
from publisher.policy.read_suppression import read_suppression
from publisher.policy.yaml_nodes import Invalid, Problem, Reader
from publisher.release.model import AREA_LEVELS

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+")
_POLICY_KEYS = ("policy", "agency", "title", "contact", "licence", "legal_basis", "source", "where", "geography",
                "unit", "tables", "schedule")  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """A policy with its file's name, its exact bytes, and the line on which each table and `where` begins."""

    policy: Policy
    file: str
    data: bytes
    table_lines: tuple[int, ...]
    where_line: int


def load_policy(path: Path) -> LoadedPolicy:
    """Read one policy file; PolicyError holds every problem as `file:line: message`, one a line."""
    loaded, problems = read_policy(path)
    if loaded is None:
        raise PolicyError("\n".join(str(p) for p in problems))
    return loaded


def read_policy(path: Path) -> tuple[LoadedPolicy | None, list[Problem]]:
    """Read one policy file; returns it, or None and what is wrong with it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return None, [Problem(str(path), 1, f"the file cannot be read: {error.strerror}")]
    return parse_policy(data, str(path))


def parse_policy(data: bytes, file: str) -> tuple[LoadedPolicy | None, list[Problem]]:
    """Read the bytes of a policy that stand, or are to stand, in `file`, whose stem must be the policy's id."""
    reader = Reader(file)
    try:
        return _read(reader, data), []
    except Invalid:
        return None, sorted(reader.problems)


def _read(reader: Reader, data: bytes) -> LoadedPolicy:
    path = Path(reader.file)
    root = reader.document(data)
    fields = reader.mapping(root, _POLICY_KEYS)
    contact = fields.read("contact", lambda n: _contact(reader, n)) or ("", "")
    geography = fields.read("geography", lambda n: _geography(reader, n)) or ("", None)
    fields.read("unit", lambda n: _unit(reader, n))
    policy = fields.build(
        Policy,
        id=fields.read("policy", lambda n: _own_id(reader, n, path.stem)),
        agency=fields.read("agency", lambda n: _id(reader, n)),
        title=fields.read("title", reader.both_languages),
        contact_name=contact[0], contact_email=contact[1],
        licence=fields.read("licence", reader.text),
        legal_basis=fields.read("legal_basis", reader.text),
        source=fields.read("source", lambda n: _id(reader, n)),
        where=fields.read("where", lambda n: _where(reader, n)),
        edition=geography[0], type_year=geography[1],
        tables=fields.read("tables", lambda n: _tables(reader, n)),
        schedule=fields.read("schedule", lambda n: _schedule(reader, n)),
        digest=hashlib.sha256(data).hexdigest(),
    )  # fmt: skip
    if reader.problems:
        raise Invalid
    lines = tuple(int(t.start_mark.line) + 1 for t in fields.found["tables"].value)
    return LoadedPolicy(policy, str(path), data, lines, fields.line("where"))


def _id(reader: Reader, node: Node) -> str:
    value = reader.text(node)
    if not _ID.fullmatch(value):
        raise reader.fail(node, "an id has small letters a-z, digits and single hyphens between them")
    return value


def _own_id(reader: Reader, node: Node, stem: str) -> str:
    value = _id(reader, node)
    if value != stem:
        raise reader.fail(node, f"policy {value} must stand in a file named {value}.yaml")
    return value


def _contact(reader: Reader, node: Node) -> tuple[str, str]:
    fields = reader.mapping(node, ("name", "email"))
    name, email = fields.read("name", reader.text), fields.read("email", reader.text)
    if name is None or email is None:
        raise Invalid
    if not _EMAIL.fullmatch(email):
        raise reader.fail(fields.line("email"), "this is no e-mail address")
    return name, email


def _where(reader: Reader, node: Node) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(node, MappingNode) or not node.value:
        raise reader.fail(node, "where names at least one column with the codes that are kept")
    columns = [reader.text(key) for key, _ in node.value]
    if len(set(columns)) != len(columns):
        raise reader.fail(node, "a column stands twice in where")
    codes = reader.each([v for _, v in node.value], lambda n: _codes(reader, n))
    return tuple(zip(columns, codes, strict=True))


def _codes(reader: Reader, node: Node) -> tuple[str, ...]:
    codes = reader.sequence(node, reader.text)
    if len(set(codes)) != len(codes):
        raise reader.fail(node, "a code stands twice")
    return codes


def _geography(reader: Reader, node: Node) -> tuple[str, int | None]:
    fields = reader.mapping(node, ("edition", "type_year"))
    edition = fields.read("edition", reader.text)
    year = fields.read("type_year", reader.text)
    if edition is None or year is None:
        raise Invalid
    if year != "same" and not re.fullmatch(r"(19|20)\d\d", year):
        raise reader.fail(fields.line("type_year"), 'type_year is same, or a year in quotes such as "2022"')
    return edition, None if year == "same" else int(year)


def _unit(reader: Reader, node: Node) -> None:
    fields = reader.mapping(node, ("person", "per"))
    fields.read("person", lambda n: reader.choice(n, ("person_id",)))
    fields.read("per", lambda n: reader.choice(n, ("reference-year",)))
    if fields.broken:
        raise Invalid


def _tables(reader: Reader, node: Node) -> tuple[TableSpec, ...]:
    """Every table; one under noise may share the measurement of one above it."""
    earlier: dict[str, Noise] = {}

    def one(table: Node) -> TableSpec:
        made = _table(reader, table, earlier)
        if isinstance(made.protection, Noise):
            earlier[made.id] = made.protection
        return made

    return reader.sequence(node, one)


def _table(reader: Reader, node: Node, earlier: Mapping[str, Noise]) -> TableSpec:
    fields = reader.mapping(node, ("id", "title", "measures", "categories", "areas", "protection"))
    return fields.build(
        TableSpec,
        id=fields.read("id", lambda n: _id(reader, n)),
        title=fields.read("title", reader.both_languages),
        measures=fields.read("measures", lambda n: reader.sequence(n, lambda m: _measure(reader, m))),
        categories=fields.read("categories", lambda n: read_categories(reader, n)),
        areas=fields.read("areas", lambda n: reader.sequence(n, lambda a: _area_level(reader, a))),
        protection=fields.read("protection", lambda n: _protection(reader, n, earlier)),
    )


def _area_level(reader: Reader, node: Node) -> str:
    if isinstance(node, ScalarNode) and node.value == "deso":
        raise reader.fail(
            node,
            "tables by DeSO are not published: 1 754 RegSO are one DeSO and the others differ by few, so that both "
            "levels would tell on small areas; records may be placed by DeSO and counted by regso",
        )
    return reader.choice(node, AREA_LEVELS)


def _measure(reader: Reader, node: Node) -> MeasureSpec:
    optional = ("of", "denominator", "within", "per", "decimals", "rho", "clamp", "q", "candidates")
    fields = reader.mapping(node, ("id", "kind"), optional)
    return fields.build(
        MeasureSpec,
        id=fields.read("id", lambda n: _id(reader, n)),
        kind=fields.read("kind", lambda n: reader.choice(n, MEASURE_KINDS)),
        of=fields.optional("of", reader.text, ""),
        denominator=fields.optional("denominator", reader.text, ""),
        within=fields.optional("within", reader.text, ""),
        per=fields.optional("per", reader.integer, 1),
        decimals=fields.optional("decimals", reader.integer, 0),
        rho=fields.optional("rho", reader.fraction, None),
        clamp=fields.optional("clamp", lambda n: _clamp(reader, n), None),
        q=fields.optional("q", reader.fraction, None),
        candidates=fields.optional("candidates", lambda n: read_candidates(reader, n), ()),
    )


def _clamp(reader: Reader, node: Node) -> Clamp:
    """`{all: "9000"}`, or `{column: benefit, bounds: {vab: "9000", ...}}`."""
    fields = reader.mapping(node, (), ("all", "column", "bounds"))
    if fields.has("all") == (fields.has("column") and fields.has("bounds")):
        raise reader.fail(node, "clamp has `all`, or `column` and `bounds`")
    if fields.has("all"):
        one = fields.read("all", lambda n: _whole(reader, n))
        return fields.build(Clamp, column="", bounds=(("", one),))
    column, bounds = fields.read("column", reader.text), fields.read("bounds", lambda n: _numbers(reader, n))
    return fields.build(Clamp, column=column, bounds=bounds)


def _whole(reader: Reader, node: Node) -> int:
    value = reader.fraction(node)
    if value.denominator != 1:
        raise reader.fail(node, "a whole number in quotes is expected here")
    return int(value)


def _numbers(reader: Reader, node: Node) -> tuple[tuple[str, int], ...]:
    if not isinstance(node, MappingNode) or not node.value:
        raise reader.fail(node, "a number for each code is expected here")
    codes = [reader.text(key) for key, _ in node.value]
    return tuple(zip(codes, reader.each([v for _, v in node.value], lambda n: _whole(reader, n)), strict=True))


def _protection(reader: Reader, node: Node, earlier: Mapping[str, Noise]) -> Suppression | Noise:
    fields = reader.mapping(node, (), ("noise", "suppression"))
    if fields.has("noise") == fields.has("suppression"):
        raise reader.fail(node, "a table is protected by exactly one of noise and suppression")
    value = (
        fields.read("noise", lambda n: read_noise(reader, n, earlier))
        if fields.has("noise")
        else fields.read("suppression", lambda n: read_suppression(reader, n))
    )
    if value is None:
        raise Invalid
    return value


def _schedule(reader: Reader, node: Node) -> Schedule:
    fields = reader.mapping(node, ("every", "day", "at", "publish_at", "timezone"), ("month", "window"))
    return fields.build(
        Schedule,
        every=fields.read("every", lambda n: reader.choice(n, tuple(RUNS_A_YEAR))),
        month=fields.optional("month", reader.integer, None),
        day=fields.read("day", reader.integer),
        **{n: fields.read(n, reader.text) for n in ("at", "publish_at", "timezone")},
        window=fields.optional("window", lambda n: reader.choice(n, WINDOWS), ""),
    )
