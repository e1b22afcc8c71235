"""What the scheduler process tells of a child that failed."""

import tempfile
from pathlib import Path

import pytest
from homes import make_home

from publisher.scheduler.children import Process, launcher


def test_a_refused_child_is_told_in_the_words_of_its_error(tmp_path: Path) -> None:
    child = launcher(make_home(tmp_path / "home", (), policies=()))(["run", "nobody"])
    assert child.popen.wait(60) == 1
    assert child.words() == "policy nobody is not active; active: none"
    child.said.close()


@pytest.mark.parametrize("said", [b"Traceback (most recent call last):\nduckdb.Error: bad value '19121212'\n", b""])
def test_what_somebody_elses_error_says_is_not_told(tmp_path: Path, said: bytes) -> None:
    with tempfile.TemporaryFile() as stream:
        stream.write(b"fk-ohalsa 2022: count, protect, audit, seal\n" + said)
        assert Process(None, stream).words() == ""  # type: ignore[arg-type]
