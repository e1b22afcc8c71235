"""Every problem that the loader and the check can name has a sentence in Swedish."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.policy.editing.messages import in_language, in_swedish

POLICY = Path(__file__).parents[2] / "publisher" / "policy"
FILES = ("loader.py", "yaml_nodes.py", "joining.py", "quantiles.py")
SPEAKING = [
    *(POLICY / name for name in FILES), *sorted((POLICY / "model").glob("*.py")),
    *sorted(POLICY.glob("check*.py")), *sorted(POLICY.glob("read_*.py")),
]  # fmt: skip


def words(node: ast.expr) -> str | None:
    """A sentence as the source has it, with `x` for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "x" for v in node.values)
    return None


def said(path: Path) -> Iterator[str]:
    """Every sentence that is raised, failed or yielded in a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        found: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            found = node.args if name in ("fail", "ValueError", "Problem") else []
        elif isinstance(node, ast.Yield) and node.value is not None:
            found = [node.value]
        elif isinstance(node, ast.GeneratorExp):
            found = [node.elt]
        yield from (text for one in found if (text := words(one)) and len(text) > 1)


def test_every_problem_has_a_sentence_in_swedish():
    every = {text for path in SPEAKING for text in said(path)}
    assert len(every) > 130
    untold = [t for t in every if in_swedish(t) is None]
    assert untold == []


@pytest.mark.parametrize(
    ("english", "swedish"),
    [
        ("key rho is missing", "nyckeln rho saknas"),
        ('write "0.05" in quotes: it decides privacy and is read exactly',
         'skriv "0.05" inom citattecken: talet avgör skyddet och läses exakt'),
        ("table a-b: measure rate: population x is not declared in publisher.toml",
         "tabellen a-b: måttet rate: befolkningen x är inte deklarerad i publisher.toml"),
        ("table a: amount b is not declared for source c", "tabellen a: beloppet b är inte deklarerat för källan c"),
        ("share x is not known here; known: a, b", "share x finns inte här; det som finns: a, b"),
        ("share a: the table needs the total of column sex", "andelen a: tabellen behöver summan av kolumnen sex"),
    ],
)  # fmt: skip
def test_a_problem_is_said_in_the_language_of_the_page(english, swedish):
    assert in_language(english, "sv") == swedish
    assert in_language(english, "en") == english


def test_what_has_no_sentence_is_said_as_it_is():
    assert in_language("something new {} {0}", "sv") == "something new {} {0}"
