"""The attacker shares no code with what it checks."""

import ast
from pathlib import Path

from publisher.audit import attacker

ALLOWED = ("publisher.audit.attacker", "publisher.errors", "publisher.opaque", "publisher.release.model")


def test_the_attacker_imports_neither_relations_nor_suppression_nor_geography() -> None:
    files = sorted(Path(attacker.__file__).parent.glob("*.py"))
    trees = [ast.walk(ast.parse(f.read_text(encoding="utf-8"))) for f in files]
    nodes = [n for tree in trees for n in tree]
    names = {n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)}
    names |= {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    ours = {n for n in names if n.split(".")[0] in ("publisher", "web")}
    assert len(files) > 5
    assert {n for n in ours if not n.startswith(ALLOWED)} == set()
    assert not any(isinstance(n, ast.ImportFrom) and n.level for n in nodes)
