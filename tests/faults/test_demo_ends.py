"""The processes of an installation: what one starts ends with it, and what becomes of one harms no other."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
from homes import make_cases, make_home

from publisher.home import Home
from publisher.scheduler.publish import publish_due
from publisher.workspace import open_workspace

SERVE = """
import sys
from pathlib import Path
from publisher.cli.serving import commands, serve
from publisher.home import Home
serve(commands(Home(Path(sys.argv[1])), port=int(sys.argv[2]), officer_port=int(sys.argv[3])), say=print)
"""
PARTS = {"public": "web.public", "officer": "web.officer", "scheduler": "schedule"}


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as s:
        s.settimeout(0.5)
        return s.connect_ex(("127.0.0.1", port)) == 0


def until(holds: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False


def age(home: Home) -> float:
    """Seconds since the scheduler's last heartbeat."""
    try:
        beat = json.loads((home.desk.status / "scheduler.json").read_bytes())["beat"]
    except FileNotFoundError:
        return 1e9
    return (datetime.now(UTC) - datetime.fromisoformat(beat)).total_seconds()


def children(parent: int) -> dict[str, int]:
    """The processes that a process started: which part of an installation, and its number."""
    found = {}
    for task in Path("/proc").glob("[0-9]*"):
        try:
            up = int((task / "stat").read_text().rsplit(")", 1)[1].split()[1])
            words = (task / "cmdline").read_bytes().decode().split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if up == parent:
            found |= {name: int(task.name) for name, word in PARTS.items() if word in words}
    return found


def working_on(home: Home) -> list[int]:
    """All processes that were told of a home and are alive: the workers of a site have its command line."""
    found = []
    for task in Path("/proc").glob("[0-9]*"):
        try:
            if str(home.root) in (task / "cmdline").read_text(errors="replace"):
                found.append(int(task.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[Home, int, int, subprocess.Popen[bytes]]]:
    """A home with a catalogue, both sites and the scheduler running."""
    home = make_home(tmp_path / "home", make_cases(persons=20), policies=())
    with open_workspace(home, exclusive=True) as work:
        list(publish_due(work, now=datetime.now(UTC)))
    port, officer = free_port(), free_port()
    command = [sys.executable, "-c", SERVE, str(home.root), str(port), str(officer)]
    parent = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": "."})
    try:
        assert until(lambda: answers(port) and answers(officer) and age(home) < 10)
        yield home, port, officer, parent
    finally:
        parent.terminate()
        parent.wait(timeout=30)
        assert until(lambda: working_on(home) == [], seconds=10)


def test_all_processes_end_when_the_demo_is_told_to(started: tuple[Home, int, int, subprocess.Popen[bytes]]) -> None:
    _, port, officer, parent = started
    own = children(parent.pid)
    assert set(own) == set(PARTS)
    parent.send_signal(signal.SIGTERM)
    assert parent.wait(timeout=30) == 0
    assert until(lambda: not answers(port) and not answers(officer))
    assert not any(Path(f"/proc/{pid}").exists() for pid in own.values())


@pytest.mark.parametrize("victim", list(PARTS))
def test_killing_one_harms_neither_of_the_others_and_leaves_nothing_of_it(
    started: tuple[Home, int, int, subprocess.Popen[bytes]], victim: str
) -> None:
    home, port, officer, parent = started
    os.kill(children(parent.pid)[victim], signal.SIGKILL)
    time.sleep(7)
    assert parent.poll() is None
    assert answers(port) is (victim != "public")
    assert answers(officer) is (victim != "officer")
    if victim != "public":
        with urlopen(f"http://127.0.0.1:{port}/sv/", timeout=10) as answer:
            assert answer.status == 200
    if victim != "officer":
        with urlopen(f"http://127.0.0.1:{officer}/sv/login", timeout=10) as answer:
            assert answer.status == 200
    if victim != "scheduler":
        assert age(home) < 12


def test_a_scheduler_that_was_killed_leaves_its_lock_to_the_next(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", make_cases(persons=20), policies=())
    command = [sys.executable, "-m", "publisher", "--home", str(home.root), "schedule"]
    first = subprocess.Popen(command)
    assert until(lambda: age(home) < 10)
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr.count("another scheduler") == 1
    first.kill()
    first.wait()
    (home.desk.status / "scheduler.json").unlink()
    second = subprocess.Popen(command)
    try:
        assert until(lambda: age(home) < 10)
    finally:
        second.terminate()
    assert second.wait(timeout=30) == 0
