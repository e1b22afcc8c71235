"""Numbers in addresses and forms that nothing has."""

from collections.abc import Callable

import pytest
from conftest import Officer
from editordesk import draft, furnish

from publisher.desk.folder import Desk

HUGE = "9" * 30


@pytest.mark.parametrize("path", ["proposals/{}", "proposals/{}/edit", "rehearsals/{}", "proposals/1/versions/{}"])
def test_a_number_that_nothing_can_have_is_not_found(as_role: Callable[..., Officer], path: str) -> None:
    assert as_role("author").get("/sv/" + path.format(HUGE)).status_code == 404


def test_a_version_that_nothing_can_have_is_no_version(desk: Desk, as_role: Callable[..., Officer]) -> None:
    furnish(desk)
    made = draft(desk)
    sent = {"seen": "9" * 5000, "base": made.text, "text": made.text}
    assert as_role("author").post(f"/sv/proposals/{made.id}", **sent).status_code == 400
