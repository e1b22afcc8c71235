"""The guard in front of every route."""

from web.officer.permissions import PERMISSIONS


def test_every_route_has_its_roles_and_every_permission_has_its_route(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(PERMISSIONS)


def test_who_is_not_signed_in_is_shown_the_way_in(app):
    answer = app.test_client().get("/sv/", base_url="https://desk.example.se")
    assert (answer.status_code, answer.location) == (302, "/sv/login")


def test_a_session_ends_when_nothing_is_done_and_when_it_is_old(as_role, clock):
    anna = as_role("author")
    assert anna.get("/sv/").status_code == 200
    clock.move(minutes=16)
    assert anna.get("/sv/").status_code == 302
    bo = as_role("approver")
    for _ in range(33):
        clock.move(minutes=14)
        bo.get("/sv/")
    assert bo.get("/sv/").status_code == 200
    clock.move(minutes=14)
    bo.get("/sv/")
    clock.move(minutes=6)
    assert bo.get("/sv/").status_code == 302


def test_nothing_is_changed_without_the_token_of_the_session(as_role):
    anna = as_role("author")
    assert anna.client.post("/sv/logout", base_url="https://desk.example.se").status_code == 400
    assert anna.get("/sv/").status_code == 200
    assert anna.post("/sv/logout").status_code == 302
    assert anna.get("/sv/").status_code == 302
