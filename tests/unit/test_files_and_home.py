"""Files that are whole or not there; a home and its keys."""

import os
from pathlib import Path

import pytest

from publisher.errors import SealError
from publisher.files import read_folder, write_atomically, write_folder
from publisher.home import Home


def test_a_file_is_replaced_whole_and_leaves_nothing_beside(tmp_path: Path) -> None:
    target = tmp_path / "x"
    write_atomically(target, b"one")
    write_atomically(target, b"two")
    assert target.read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["x"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "x"
    write_atomically(target, b"one")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(target, b"two")
    assert target.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["x"]


def test_a_folder_is_never_written_over(tmp_path: Path) -> None:
    write_folder(tmp_path / "r", {"a/b.txt": b"1", "c": b"2"})
    assert read_folder(tmp_path / "r") == {"a/b.txt": b"1", "c": b"2"}
    with pytest.raises(SealError, match="never edited"):
        write_folder(tmp_path / "r", {"c": b"3"})


def test_a_link_in_a_sealed_folder_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path / "r", {"c": b"2"})
    (tmp_path / "r" / "d").symlink_to("/etc/passwd")
    with pytest.raises(SealError, match="link"):
        read_folder(tmp_path / "r")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.create()
    return made


def test_keys_are_for_their_owner_alone(home: Home) -> None:
    for name in ("signing.pem", "hmac.key"):
        assert (home.root / "keys" / name).stat().st_mode & 0o777 == 0o600
    (home.root / "keys" / "hmac.key").chmod(0o644)
    with pytest.raises(SealError, match="may be read by others"):
        home.keys()


def test_making_a_home_again_keeps_its_keys(home: Home) -> None:
    before = (home.root / "keys" / "hmac.key").read_bytes()
    home.create()
    assert (home.root / "keys" / "hmac.key").read_bytes() == before


def test_a_lost_signing_key_is_not_replaced_once_something_is_sealed(home: Home) -> None:
    (home.vault / "r").mkdir()
    (home.root / "keys" / "signing.pem").unlink()
    with pytest.raises(SealError, match="restore it from the backup"):
        home.create()


def test_hmacs_of_different_things_differ_and_keys_do_not_print(home: Home) -> None:
    keys = home.keys()
    assert keys.hmac("a", b"x") != keys.hmac("b", b"x")
    assert keys.derive("a") != keys.derive("b")
    assert repr(keys) == "<Keys: withheld>"
