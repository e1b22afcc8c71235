"""Ring 3 as it is built: what the site's image holds, and what the site opens."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from homes import ROOT
from images import copied, locked_names, make_tree

sys.path.insert(0, str(ROOT / "tests" / "web"))
from publicfolder import build_public

WATCH = """
import json, sys
from pathlib import Path
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event in ("open", "sqlite3.connect") else None)
from publisher.release.reader import Catalogue
from web.public import create_app
site = create_app(Catalogue(Path(sys.argv[1]))).test_client()
before = len(opened)
tables = [e.table for e in Catalogue(Path(sys.argv[1])).snapshot().tables]
paths = ["/sv/", "/en/", "/sv/privacy", "/sv/about", "/healthz", "/keys/signing.pem", "/data/../../keys/hmac.key"]
paths += [p for t in tables for p in (f"/sv/tables/{t}", f"/en/tables/{t}?level=lan", f"/data/{t}/latest.csv")]
codes = [site.get(p).status_code for p in paths]
print(json.dumps({"opened": opened[before:], "codes": codes}))
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return make_tree("site", tmp_path / "app")


def test_the_image_of_the_site_holds_the_reader_and_the_site_and_nothing_else() -> None:
    assert sorted(copied("site")) == [
        "publisher/__init__.py", "publisher/errors.py", "publisher/lifeline.py", "publisher/release/",
        "web/__init__.py", "web/public/",
    ]  # fmt: skip


def test_the_site_opens_nothing_but_its_public_folder(tree: Path, tmp_path: Path) -> None:
    public = build_public(tmp_path / "home" / "public")
    secret = tmp_path / "home" / "keys"
    secret.mkdir()
    (secret / "hmac.key").write_bytes(b"secret")
    command = [sys.executable, "-c", WATCH, str(public)]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(tree)})
    seen = json.loads(done.stdout)
    assert seen["codes"].count(200) >= 6
    allowed = (str(public), str(tree), sys.prefix, sys.base_prefix)
    outside = [p for p in seen["opened"] if p.startswith("/") and not p.startswith(allowed)]
    assert [p for p in seen["opened"] if str(public) in p]
    assert outside == []


def test_the_site_has_a_lock_of_its_own_without_what_reads_records() -> None:
    names = locked_names("site")
    assert {"flask", "granian", "cryptography", "babel"} <= names
    assert not names & {"duckdb", "pandas", "numpy", "opendp", "scipy", "sqlite-utils", "highspy", "pyarrow"}


def test_locks_have_hashes_and_name_no_index() -> None:
    for name in ("runtime", "dev", "site", "officer"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert text.count("--hash=sha256:") > 50
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host", text)
