"""The wall of the officer's site: what its image holds, what it loads, and what it opens."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from homes import ROOT
from images import copied, locked_names, make_tree

OURS = """
import json, sys
import web.officer.__main__
print(json.dumps(sorted(m for m in sys.modules if m.split(".")[0] in ("publisher", "web"))))
"""
WATCH = """
import json, sys
from pathlib import Path
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event in ("open", "sqlite3.connect") else None)
from publisher.desk.folder import Desk
from web.officer import create_app
before = len(opened)
site = create_app(Desk(Path(sys.argv[1]))).test_client()
paths = ["/sv/login", "/en/login", "/sv/policies", "/sv/log", "/static/desk.css", "/static/../../../state.db"]
codes = [site.get(p).status_code for p in paths]
print(json.dumps({"opened": opened[before:], "codes": codes}))
"""
PARTS = ("desk", "policy", "release")
ALONE = ("chain", "errors", "files", "lifeline", "log", "opaque", "periods", "settings", "slots")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return make_tree("officer", tmp_path / "app")


def run(code: str, tree: Path, *given: str) -> object:
    command = [sys.executable, "-c", code, *given]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(tree)})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_image_of_the_officer_s_site_holds_no_records_no_ledger_and_no_pipeline() -> None:
    assert sorted(copied("officer")) == sorted([
        "publisher/__init__.py", *(f"publisher/{m}.py" for m in ALONE), "publisher/desk/", "publisher/policy/",
        "publisher/release/__init__.py", "publisher/release/model.py", "web/__init__.py", "web/officer/",
    ])  # fmt: skip


def test_it_loads_the_same_modules_from_that_tree_and_from_the_whole_project(tree: Path) -> None:
    here = run(OURS, tree)
    assert here == run(OURS, ROOT)
    ours = [m.split(".")[1] for m in here if m.startswith("publisher.")]
    assert set(ours) <= {*PARTS, *ALONE}
    assert not [m for m in here if m.startswith("web.public")]


def test_it_opens_nothing_but_its_folder(tree: Path, tmp_path: Path) -> None:
    desk = tmp_path / "home" / "officer"
    desk.mkdir(parents=True)
    (tmp_path / "home" / "state.db").write_bytes(b"secret")
    seen = run(WATCH, tree, str(desk))
    assert seen["codes"] == [200, 200, 302, 302, 200, 404]
    allowed = (str(desk), str(tree), sys.prefix, sys.base_prefix, "/dev/", "/etc/mime.types")
    assert [p for p in seen["opened"] if p.startswith("/") and not p.startswith(allowed)] == []
    assert [p for p in seen["opened"] if p.startswith(str(desk))]


def test_its_lock_holds_nothing_that_reads_records_or_draws_noise() -> None:
    names = locked_names("officer")
    assert {"flask", "flask-wtf", "argon2-cffi", "authlib", "pyotp", "ruamel-yaml", "sqlite-utils"} <= names
    assert not names & {"duckdb", "pandas", "numpy", "opendp", "scipy", "highspy", "pyarrow"}
