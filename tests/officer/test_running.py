"""A run asked for by hand."""

import pytest

from publisher.desk.requests import Kind, Requests
from publisher.desk.status import write_status

GIVEN = {"policy": "fk-a", "period": "2022", "way": "revise", "reason": "the threshold was raised"}


@pytest.fixture
def told(desk):
    write_status(desk, "policies", {"policies": [{"policy": "fk-a", "title": {"sv": "A", "en": "A"}}]})
    run = {"policy": "fk-a", "period": "2022", "version": 2, "state": "failed", "planned_at": "", "started_at": "",
           "ended_at": "", "detail": "<b>no records</b>"}  # fmt: skip
    write_status(desk, "runs", {"runs": [run]})


def asked(desk):
    with desk.open() as db:
        return [(r.kind, r.subject, r.by, r.reason, r.details) for r in Requests(db).recent()]


@pytest.mark.parametrize(
    ("way", "details"),
    [("first", {}), ("again", {"again": "yes"}), ("revise", {"revise": "yes"})],
)
def test_an_approver_asks_for_a_run_with_a_reason(told, desk, as_role, way, details):
    assert as_role("approver").post("/sv/runs/new", **{**GIVEN, "way": way}).status_code == 302
    assert asked(desk) == [(Kind.RUN, "fk-a", "bo", GIVEN["reason"], {"period": "2022", **details})]


@pytest.mark.parametrize(
    ("field", "value"),
    [("policy", "fk-b"), ("policy", ""), ("period", "last year"), ("way", "quietly"), ("reason", "  ")],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_asked(told, desk, as_role, field, value):
    answer = as_role("approver").post("/en/runs/new", **{**GIVEN, field: value})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert asked(desk) == []


def test_what_became_of_it_is_told_and_escaped(told, desk, as_role):
    bo = as_role("approver")
    bo.post("/sv/runs/new", **GIVEN)
    assert "Väntar på schemaläggaren" in bo.get("/sv/runs/new").text
    with desk.open() as db:
        Requests(db).take(1)
        db.conn.execute("UPDATE requests SET stand = 'done'")
    shown = bo.get("/sv/runs/new").text
    assert 'misslyckades: <span lang="en">&lt;b&gt;no records&lt;/b&gt;</span>' in shown


@pytest.mark.parametrize("role", ["author", "auditor", "admin"])
def test_nobody_else_asks_for_runs(told, desk, as_role, role):
    assert as_role(role).post("/sv/runs/new", **GIVEN).status_code == 403
    assert asked(desk) == []


@pytest.mark.parametrize("reason", ["a" * 2001, "nul\0"])
def test_a_reason_that_cannot_be_handed_on_is_refused(told, desk, as_role, reason):
    assert as_role("approver").post("/sv/runs/new", **{**GIVEN, "reason": reason}).status_code == 400
    assert asked(desk) == []
