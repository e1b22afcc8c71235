import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import web.public.app

ROOT = Path(web.public.app.__file__).parents[2]
ALLOWED = {
    "publisher",
    "publisher.errors",
    "publisher.release",
    *(
        f"publisher.release.{m}"
        for m in ("cells", "codec", "documents", "facts", "folder", "formats", "model", "reader")
    ),
    "web",
    "web.public",
    *(
        f"web.public.{m}"
        for m in (
            "app",
            "charts",
            "figures",
            "http",
            "labels",
            "protection",
            "selection",
            "tablepage",
            "texts",
            "trends",
            "views",
            "words",
            "wsgi",
        )
    ),
}
LIST = "import sys, web.public; print(*sorted(m for m in sys.modules if m.split('.')[0] in ('publisher', 'web')))"


def run(code: str, cwd: Path, *flags: str) -> subprocess.CompletedProcess:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(cwd)}
    return subprocess.run(
        [sys.executable, *flags, "-c", code], cwd=cwd, env=env, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def shipped(tmp_path) -> Path:
    """A tree that holds only what is shipped to the public host."""
    root = tmp_path / "shipped"
    ignored = shutil.ignore_patterns("__pycache__")
    (root / "publisher").mkdir(parents=True)
    (root / "web").mkdir()
    for name in ("publisher/__init__.py", "publisher/errors.py", "publisher/lifeline.py", "web/__init__.py"):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "publisher/release", root / "publisher/release", ignore=ignored)
    shutil.copytree(ROOT / "web/public", root / "web/public", ignore=ignored)
    return root


def test_the_public_site_loads_exactly_these_modules_of_ours():
    found = run(LIST, ROOT)
    assert found.returncode == 0, found.stderr
    assert set(found.stdout.split()) == ALLOWED


def test_the_public_site_loads_from_a_tree_that_holds_nothing_else(shipped):
    found = run(LIST + "; import web.public.__main__; print(web.public.__file__)", shipped)
    assert found.returncode == 0, found.stderr
    modules, file = found.stdout.splitlines()
    assert set(modules.split()) == ALLOWED
    assert Path(file).is_relative_to(shipped)


def test_nothing_heavy_or_secret_is_loaded_with_the_site():
    found = run("import sys, web.public; print(*sys.modules)", ROOT)
    assert not {"numpy", "pandas", "duckdb", "opendp", "scipy", "pyarrow"} & set(found.stdout.split())


def test_the_private_key_has_no_place_in_what_is_shipped():
    for folder in ("publisher/release", "web/public"):
        for file in (ROOT / folder).rglob("*.py"):
            text = file.read_text("utf-8")
            assert "PrivateKey" not in text, file.name
            assert not re.search(r"\.sign\(", text), file.name


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture
def sealed(tmp_path) -> Path:
    code = (
        "import sys, pathlib; sys.path.insert(0, 'tests/web'); import publicfolder; "
        f"publicfolder.build_public(pathlib.Path({str(tmp_path / 'public')!r}))"
    )
    made = run(code, ROOT)
    assert made.returncode == 0, made.stderr
    return tmp_path / "public"


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read()


def test_the_command_serves_a_folder_from_the_shipped_tree(shipped, sealed):
    port = free_port()
    key = sealed / "keys/signing.pem"
    command = [
        sys.executable,
        "-m",
        "web.public",
        "--public",
        str(sealed),
        "--port",
        str(port),
        "--key",
        str(key),
        "--workers",
        "1",
    ]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(shipped)}
    with subprocess.Popen(
        command, cwd=shipped, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            base, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 20
            while True:
                try:
                    assert fetch(f"{base}/healthz") == b"ok c000007\n"
                    break
                except OSError:
                    assert time.monotonic() < deadline
                    time.sleep(0.2)
            assert b"Statistik efter" in fetch(f"{base}/sv/")
            assert fetch(f"{base}/data/fk-sjukpenning-omradestyp/latest.csv").startswith(b"area_level,area,")
            head = urllib.request.Request(f"{base}/data/fk-sjukpenning-omradestyp/latest.csv", method="HEAD")
            with urllib.request.urlopen(head, timeout=5) as answer:
                assert int(answer.headers["Content-Length"]) > 1000
                assert answer.read() == b""
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=20)
