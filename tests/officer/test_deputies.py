"""Who decides in an approver's place."""

import pytest

from publisher.desk.accounts import Accounts
from publisher.desk.deputies import Deputies
from publisher.errors import AccountError
from publisher.policy.proposals import Role

AT = "2024-06-01T10:00:00Z"
ROLES = {"anna": "author", "bo": "approver", "cilla": "auditor", "david": "admin", "eva": "approver"}


@pytest.fixture
def db(desk, as_role):
    for name, role in ROLES.items():
        as_role(role, name)
    with desk.open() as opened:
        yield opened


def account(db, name):
    found = Accounts(db).find(name)
    assert found
    return found


def appoint(db, deputy="cilla", by="bo", first="2024-06-01", last="2024-06-14", reason="leave"):
    return Deputies(db).name(deputy, by=account(db, by), first=first, last=last, reason=reason, at=AT)


def roles(db, name, at=AT):
    return set(Deputies(db).roles_of(account(db, name), at=at))


def test_a_deputy_may_do_what_an_approver_may_from_the_first_day_to_the_last(db):
    appoint(db, first="2024-06-02", last="2024-06-03")
    days = ["2024-06-01T21:59:59Z", "2024-06-01T22:00:00Z", "2024-06-03T21:59:59Z", "2024-06-03T22:00:00Z"]
    assert [Role.APPROVER in roles(db, "cilla", at) for at in days] == [False, True, True, False]
    assert roles(db, "cilla", days[1]) == {Role.AUDITOR, Role.APPROVER}
    assert roles(db, "anna", days[1]) == {Role.AUTHOR}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"by": "anna"}, "only an approver"),
        ({"by": "david"}, "only an approver"),
        ({"deputy": "bo"}, "an author or an auditor"),
        ({"deputy": "eva"}, "an author or an auditor"),
        ({"deputy": "david"}, "an author or an auditor"),
        ({"deputy": "nobody"}, "an author or an auditor"),
        ({"deputy": "CILLA"}, "an author or an auditor"),
        ({"reason": "  "}, "say why"),
        ({"first": "2024-05-31"}, "today or later"),
        ({"last": "2024-05-01"}, "ends after it begins"),
        ({"last": "2024-09-01"}, "92 days"),
        ({"last": "20240614"}, "ends after it begins"),
        ({"last": "soon"}, "write days"),
    ],
)
def test_what_does_not_name_a_deputy(db, changed, message):
    with pytest.raises(AccountError, match=message):
        appoint(db, **changed)
    assert Deputies(db).all() == []


def test_a_deputy_cannot_name_another(db):
    appoint(db, deputy="anna")
    with pytest.raises(AccountError, match="a deputy names none"):
        appoint(db, by="anna")


def test_one_deputy_at_a_time(db):
    appoint(db)
    with pytest.raises(AccountError, match="end that first"):
        appoint(db, deputy="anna", first="2024-06-14", last="2024-06-20")
    appoint(db, deputy="anna", by="eva")


def test_it_ends_when_its_approver_or_an_administrator_says_so(db):
    made = appoint(db)
    for name in ("cilla", "eva", "anna"):
        with pytest.raises(AccountError, match="only the approver"):
            Deputies(db).end(made.id, by=account(db, name), at=AT)
    Deputies(db).end(made.id, by=account(db, "david"), at=AT)
    assert roles(db, "cilla") == {Role.AUDITOR}
    with pytest.raises(AccountError, match="only once"):
        Deputies(db).end(made.id, by=account(db, "bo"), at=AT)


def test_it_lapses_when_either_is_no_longer_what_they_were(db):
    appoint(db)
    db.conn.execute("UPDATE accounts SET role = 'admin' WHERE name = 'bo'")
    assert roles(db, "cilla") == {Role.AUDITOR}
    db.conn.execute("UPDATE accounts SET role = 'approver' WHERE name = 'bo'")
    db.conn.execute("UPDATE accounts SET role = 'admin' WHERE name = 'cilla'")
    assert roles(db, "cilla") == {Role.ADMIN}


def test_it_lapses_when_the_approver_s_account_is_closed(db):
    appoint(db)
    Accounts(db).close("bo", by="david", at=AT, reason="has left")
    assert roles(db, "cilla") == {Role.AUDITOR}


def test_naming_and_ending_are_logged(db):
    Deputies(db).end(appoint(db).id, by=account(db, "bo"), at=AT)
    rows = [(r["actor"], r["action"], r["subject"], r["detail"]) for r in db.table("log").rows]
    rows = [r for r in rows if r[1].endswith("deputy")]
    named = ("bo", "name-deputy", "cilla", "2024-06-01 to 2024-06-14: leave")
    assert rows == [named, ("bo", "end-deputy", "cilla", "")]
