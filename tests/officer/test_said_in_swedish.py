"""What programs say of runs and audits stands in Swedish on Swedish pages; what has no Swedish is marked as English."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from homes import ROOT

from publisher.audit.report import Finding, make_report
from publisher.desk.folder import Desk
from publisher.desk.status import write_status
from publisher.errors import AuditFailedError
from publisher.scheduler import conductor, due
from web.officer.said import swedish_of
from web.officer.texts.findings import FINDINGS

RUN = {
    "policy": "fk-assistans", "period": "2022", "version": 1, "state": "failed", "planned_at": "2024-03-01T03:30:00Z",
    "started_at": "2024-03-01T03:30:01Z", "ended_at": "2024-03-01T03:31:00Z",
}  # fmt: skip


def worded(node: ast.expr) -> Iterator[str]:
    """The text of an expression, `{}` for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (*worded(node.body), *worded(node.orelse))


def rules_of(file: Path) -> Iterator[str]:
    """The rules that a module of the audit can find broken."""
    tree = ast.parse(file.read_text("utf-8"))
    assigned = [n for n in ast.walk(tree) if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding" and node.args:
            rule = node.args[0]
            named = [n.value for n in assigned if isinstance(rule, ast.Name) and n.targets[0].id == rule.id]
            yield from (w for value in (named or [rule]) for w in worded(value))
        elif isinstance(node, ast.FunctionDef) and node.name == "_broken":
            yield from (w for y in ast.walk(node) if isinstance(y, ast.Yield) and y.value for w in worded(y.value))


def test_everything_that_an_audit_finds_has_a_swedish_sentence() -> None:
    files = [*(ROOT / "publisher" / "audit").rglob("*.py"), ROOT / "publisher" / "draft" / "audits.py",
             ROOT / "publisher" / "reaudit.py"]  # fmt: skip
    rules = {rule for file in files for rule in rules_of(file)}
    assert len(rules) > 45
    assert rules - FINDINGS.keys() == set()
    assert FINDINGS.keys() - rules == set()


def test_a_failed_audit_is_told_with_its_places_and_how_many_more() -> None:
    found = [Finding("a withheld cell can be computed", "tabell", f"0180R00{n}", ("vab",)) for n in range(7)]
    with pytest.raises(AuditFailedError) as caught:
        make_report(found).require_passed()
    told = swedish_of(str(caught.value))
    assert told is not None
    assert told.startswith("granskningen underkände: en cell som inte visas går att räkna ut (tabell 0180R000 vab); ")
    assert told.endswith("; och 2 till")
    one = swedish_of("the audit failed: a mean is shown where its count is withheld (t 00)")
    assert one == "granskningen underkände: måttet mean visas där dess antal inte visas (t 00)"
    assert swedish_of("the audit failed: something new (t 00)") is None


@pytest.mark.parametrize(
    ("english", "swedish"),
    [
        (due.MISSED, "dess tid gick medan"),
        (due.NO_LONGER, "dess policy gäller inte längre"),
        (conductor._LOST, "processen som körde den slutade"),
        ("fk-assistans is in force", "fk-assistans gäller nu"),
        ("everything goes on", "allt fortsätter"),
        ("bo may not withdraw", "bo får inte göra detta (withdraw)"),
        ("policy x: table id a is used by policy y too", None),
        ("ett ord från en människa", None),
    ],
)
def test_what_is_said_of_runs_and_requests(english: str, swedish: str | None) -> None:
    told = swedish_of(english)
    assert (told or "").startswith(swedish or "")
    assert (told is None) == (swedish is None)


def shown(desk: Desk, as_role, path: str, detail: str) -> str:
    write_status(desk, "runs", {"runs": [{**RUN, "detail": detail}]})
    return as_role("approver").get(path).text


def test_pages_tell_it_in_the_language_of_the_page_and_mark_what_stays_english(desk: Desk, as_role) -> None:
    known, unknown = "the audit failed: nothing was measured (t)", "a <b>new</b> message"
    assert "granskningen underkände: ingenting är mätt (t)" in shown(desk, as_role, "/sv/runs", known)
    assert f"<td>{known}</td>" in shown(desk, as_role, "/en/runs", known)
    text = shown(desk, as_role, "/sv/runs", unknown)
    assert '<td><span lang="en">a &lt;b&gt;new&lt;/b&gt; message</span></td>' in text
    assert "<b>new" not in text
