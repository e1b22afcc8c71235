"""A crash at any step of writing an import leaves the whole old folder readable, or the whole new one."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scb_files import AREAS, CODES, Imports, boxes, collection, register

from publisher import files
from publisher.errors import GeographyError, SealError

STEPS = ("open", "fsync", "mkdir", "symlink", "rename", "replace", "rmtree")
NEW = {"register": register(*(a.replace("Centrum", "Ny") for a in AREAS)), "geometry": collection(boxes())}


class CrashError(OSError):
    """What is raised in place of a step."""


class Failing:
    """Lets the first calls through and fails the one after them, before it has done anything; counts them."""

    def __init__(self, good: int) -> None:
        self.left, self.crashed = good, False

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.left -= 1
            if self.left == -1:
                self.crashed = True
                raise CrashError
            return function(*args, **kwargs)

        return call


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def run_until_crash(imports: Imports, good: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    failing = Failing(good)
    with monkeypatch.context() as patch:
        for step in STEPS[:-1]:
            patch.setattr(files.os, step, failing.wrap(getattr(os, step)))
        patch.setattr(files.shutil, "rmtree", failing.wrap(shutil.rmtree))
        try:
            files.replace_folder(imports.folder / "regso-2020", {"a": b"new", "b": b"new"})
        except CrashError:
            return True
    if failing.crashed:
        raise AssertionError("a failed step was passed over")
    return False


def test_a_crash_at_any_step_leaves_the_whole_old_or_the_whole_new_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = set()
    for good in range(100):
        imports = Imports(tmp_path / str(good))
        target = imports.folder / "regso-2020"
        imports.folder.mkdir()
        for old in (b"first", b"old"):
            files.replace_folder(target, {"a": old, "b": old})
        crashed = run_until_crash(imports, good, monkeypatch)
        found = content(target)
        assert found in ({"a": b"old", "b": b"old"}, {"a": b"new", "b": b"new"})
        seen.add((crashed, found["a"]))
        files.replace_folder(target, {"a": b"next"})
        assert content(target) == {"a": b"next"}
        assert sum(p.is_dir() and not p.is_symlink() for p in imports.folder.iterdir()) <= 2
        if not crashed:
            break
    assert seen == {(True, b"old"), (True, b"new"), (False, b"new")}


def test_a_link_that_a_crash_left_is_cleared_away(tmp_path: Path) -> None:
    files.replace_folder(tmp_path / "e", {"a": b"1"})
    (tmp_path / ".e.0123.link").symlink_to(".e.gone")
    files.replace_folder(tmp_path / "e", {"a": b"2"})
    assert not (tmp_path / ".e.0123.link").is_symlink()
    assert content(tmp_path / "e") == {"a": b"2"}


def test_a_plain_folder_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    with pytest.raises(SealError, match="made by hand"):
        files.replace_folder(tmp_path / "e", {"a": b"1"})


def test_whoever_opened_the_old_folder_can_read_on(tmp_path: Path) -> None:
    files.replace_folder(tmp_path / "e", {"a": b"1"})
    opened = (tmp_path / "e").resolve()
    files.replace_folder(tmp_path / "e", {"a": b"2"})
    assert (opened / "a").read_bytes() == b"1"


@pytest.mark.parametrize("step", ["mkdir", "symlink", "replace"])
def test_an_import_that_crashes_leaves_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    imports = Imports(tmp_path)
    imports.run(register=register())
    before = imports.everything()
    with monkeypatch.context() as patch:
        patch.setattr(files.os, step, Failing(0).wrap(getattr(os, step)))
        with pytest.raises(CrashError):
            imports.run(**NEW)
    assert imports.everything() == before
    imports.run(**NEW)
    assert "Ny" in imports.text("register.csv")
    assert "borders.gpkg" in imports.everything()


def test_an_input_that_is_refused_at_the_end_has_written_nothing(tmp_path: Path) -> None:
    imports = Imports(tmp_path)
    with pytest.raises(GeographyError):
        imports.run(**NEW, changes=f"old_code,new_code,change,date\n{CODES[0]},{CODES[0]},Utvidgas,when\n")
    assert not imports.folder.exists()
