"""Every route as every role and as nobody: what PERMISSIONS says, and nothing else."""

from pathlib import Path

import pytest
from officer.conftest import BASE, csrf_token

from publisher.policy.proposals import Role
from web.officer.permissions import NO_SESSION, PERMISSIONS
from web.officer.permissions_table import table

ROOT = Path(__file__).resolve().parents[2]
CLOSED = sorted(endpoint for endpoint, roles in PERMISSIONS.items() if roles is not NO_SESSION)
WAY_IN = ("/sv/login", "/en/login")


def calls(app, endpoint):
    """Every method and path of an endpoint, its parameters filled with something harmless."""
    adapter = app.url_map.bind("desk.example.se")
    for rule in app.url_map.iter_rules(endpoint):
        values = {name: min(getattr(rule._converters[name], "items", ["1"])) for name in rule.arguments}
        for method in sorted(rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield method, adapter.build(endpoint, values, method=method)


def turned_away(answer) -> bool:
    """Whether an answer is the guard's: to the login, or that there is no session."""
    return answer.status_code == 401 or (
        answer.status_code == 302 and answer.location.split("?next=")[0] in WAY_IN
    )


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("endpoint", CLOSED)
def test_a_route_is_open_to_its_roles_and_closed_to_the_others(app, as_role, endpoint, role):
    officer = as_role(role.value)
    token = csrf_token(officer.get("/sv/").text)
    for method, path in calls(app, endpoint):
        data = None if method == "GET" else {"csrf_token": token}
        answer = officer.client.open(path, method=method, base_url=BASE, data=data, buffered=True)
        if role in PERMISSIONS[endpoint]:
            assert not turned_away(answer), (method, path)
            assert answer.status_code not in (403, 405, 500), (method, path)
        else:
            assert answer.status_code == 403, (method, path)


@pytest.mark.parametrize("endpoint", CLOSED)
def test_a_route_is_closed_to_nobody_with_and_without_a_token_of_the_door(app, visitor, endpoint):
    nobody = visitor()
    token = csrf_token(nobody.get("/sv/login").text)
    for method, path in calls(app, endpoint):
        for data in (None, {"csrf_token": token}):
            answer = nobody.client.open(path, method=method, base_url=BASE, data=data, buffered=True)
            assert turned_away(answer), (method, path)
            assert (answer.status_code == 302) == (method == "GET"), (method, path)


def test_what_needs_no_session_is_the_way_in_and_no_more():
    assert {e for e, roles in PERMISSIONS.items() if roles is NO_SESSION} == {
        "static", "root", "door.login", "door.sign_in", "oidc.begin", "oidc.back",
    }  # fmt: skip


def test_a_route_without_a_permission_is_closed_to_all(app, as_role):
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    assert as_role("admin").client.get("/forgotten", base_url=BASE).status_code == 404


def test_every_route_stands_in_the_table_of_the_documentation(app):
    written = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert written == table(app), "run: python -m web.officer.permissions_table > docs/permissions.md"


def test_every_route_says_what_it_does(app):
    lines = [line for line in table(app).splitlines() if line.startswith(("| GET", "| POST"))]
    assert len(lines) == len(list(app.url_map.iter_rules()))
    assert not [line for line in lines if not line.rstrip(" |").endswith(".")]
