"""Passwords: what everybody tries is refused, and what is kept gives nothing away."""

import pytest
from argon2 import PasswordHasher

from publisher.desk.accounts import Accounts
from publisher.desk.passwords import HASHER, check_password, nobody, own_part
from publisher.errors import AccountError

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
AT = "2024-03-01T12:00:00Z"


@pytest.mark.parametrize(
    "password",
    [
        "short but good",
        "passwordpassword",
        "P@ssw0rd-P@ssw0rd!",
        "Password12345678",
        "Sommar2024!Sommar2024!",
        "qwertyuiopasdfghjkl",
        "1qaz2wsx3edc4rfv5tgb",
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "xkvqxkvqxkvqxkvqxkvq",
        "correct horse battery staple",
        "Jag älskar min hund",
        "jag alskar min hund",
        "Försäkringskassan2024!",
        "skyddsansvarig publicering",
        "ingeborg ingeborg ingeborg",
        "INGEBORG-1985-07-12",
        "monkeydragonsunshineprincess",
    ],
)
def test_what_everybody_tries_is_refused(password):
    with pytest.raises(AccountError, match="at least 15 characters"):
        check_password(password, name="Ingeborg")


@pytest.mark.parametrize(
    "password", ["a long enough phrase", "tre gamla ekor vid bryggan", "m9!Vr2#kQz7$wLp4", "åska över Näsudden ikväll"]
)
def test_a_phrase_of_ones_own_is_taken(password):
    check_password(password, name="Ingeborg")


def test_what_is_judged_is_what_is_left_when_common_words_are_taken_away():
    assert own_part("Lösenord-2024-xyz", name="anna") == 3
    assert own_part("anna tycker om gröt", name="anna") == len("tyckeromgröt")


def test_the_same_characters_typed_otherwise_are_the_same_password(desk):
    with desk.open() as db:
        accounts = Accounts(db, hasher=QUICK)
        accounts.add("anna", role="author", password="a\u030aska över Näsudden ikväll", by="test", at=AT)
        assert accounts.check("anna", password="åska över Näsudden ikväll").name == "anna"


def test_passwords_are_kept_as_the_recommended_argon2id_and_nobodys_hash_costs_the_same(desk):
    with desk.open() as db:
        Accounts(db).add("anna", role="author", password="tre gamla ekor vid bryggan", by="test", at=AT)
        kept = db.execute("SELECT password FROM accounts").fetchone()[0]
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not HASHER.check_needs_rehash(nobody(HASHER))


def test_a_password_under_older_parameters_is_hashed_anew_at_the_next_login(desk, account, visitor):
    account("anna")
    assert visitor().login("anna").status_code == 302
    with desk.open() as db:
        assert db.execute("SELECT password FROM accounts").fetchone()[0].startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize("name", ["", "a", "1anna", "an na", "../anna", "anna\n", "å" * 5, "x" * 60])
def test_a_name_is_letters_digits_dots_and_hyphens(desk, name):
    with desk.open() as db, pytest.raises(AccountError, match="a name has"):
        Accounts(db, hasher=QUICK).add(name, role="author", password="a long enough phrase", by="test", at=AT)


def test_a_name_is_taken_whatever_its_case_and_roles_are_four(desk, account):
    account("anna")
    with desk.open() as db:
        accounts = Accounts(db, hasher=QUICK)
        with pytest.raises(AccountError, match="there already"):
            accounts.add("ANNA", role="author", password="a long enough phrase", by="test", at=AT)
        with pytest.raises(AccountError, match="roles are author, approver, auditor, admin"):
            accounts.add("bo", role="owner", password="a long enough phrase", by="test", at=AT)
        assert accounts.find("Anna").name == "anna"
