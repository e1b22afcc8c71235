"""A deputy on the site: an approver's pages, forms and menu for as long as it lasts, and four eyes still."""

from collections.abc import Callable

import pytest
from conftest import Moved, Officer
from editordesk import bring_to, draft, furnish

from publisher.desk.accounts import Account
from publisher.desk.deputies import Deputies
from publisher.desk.folder import Desk
from publisher.desk.proposals import Proposals
from publisher.log import utc
from publisher.policy.proposals import Role, State

AWAY = {"first": "2024-03-01", "last": "2024-03-02", "reason": "leave"}


@pytest.fixture
def stands_in(desk: Desk, clock: Moved, as_role: Callable[..., Officer]) -> Callable[[str], Officer]:
    furnish(desk)
    as_role("approver")

    def appoint(role: str) -> Officer:
        deputy = as_role(role)
        with desk.open() as db:
            Deputies(db).name(deputy.name, by=Account("bo", Role.APPROVER), at=utc(clock()), **AWAY)
        return deputy

    return appoint


def state(desk: Desk, number: int) -> State:
    with desk.open() as db:
        return Proposals(db).get(number).state


@pytest.mark.parametrize("role", ["author", "auditor"])
def test_a_deputy_approves_what_others_wrote(
    desk: Desk, stands_in: Callable[[str], Officer], role: str
) -> None:
    made = bring_to(desk, draft(desk, "fk-assistans", ("threshold: 5", "threshold: 6"), by="eva"), State.REHEARSED)
    deputy = stands_in(role)
    page = deputy.get(f"/sv/proposals/{made.id}").text
    assert f'action="/sv/proposals/{made.id}/approve"' in page
    assert 'href="/sv/rehearsals"' in page
    assert deputy.post(f"/sv/proposals/{made.id}/approve", digest=made.digest).status_code == 303
    assert state(desk, made.id) is State.APPROVED


def test_a_deputy_approves_nothing_when_the_time_is_over(
    desk: Desk, clock: Moved, stands_in: Callable[[str], Officer], as_role: Callable[..., Officer]
) -> None:
    made = bring_to(desk, draft(desk, "fk-assistans", ("threshold: 5", "threshold: 6"), by="eva"), State.REHEARSED)
    stands_in("auditor")
    clock.move(days=2)
    later = as_role("auditor")
    assert f'action="/sv/proposals/{made.id}/approve"' not in later.get(f"/sv/proposals/{made.id}").text
    assert later.post(f"/sv/proposals/{made.id}/approve", digest=made.digest).status_code == 403


def test_a_deputy_does_not_approve_what_it_wrote(desk: Desk, stands_in: Callable[[str], Officer]) -> None:
    made = bring_to(desk, draft(desk, "fk-assistans", ("threshold: 5", "threshold: 6")), State.REHEARSED)
    anna = stands_in("author")
    assert anna.post(f"/sv/proposals/{made.id}/approve", digest=made.digest).status_code == 403
    assert state(desk, made.id) is State.REHEARSED
