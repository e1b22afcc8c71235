"""What the demo starts ends with it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from homes import make_cases, make_home

SERVE = "from pathlib import Path; from publisher.cli.making import serve; from publisher.home import Home; " \
        "import sys; serve(Home(Path(sys.argv[1])), int(sys.argv[2]))"  # fmt: skip


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as s:
        s.settimeout(0.5)
        return s.connect_ex(("127.0.0.1", port)) == 0


def until(what: bool, port: int, seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answers(port) is what:
            return True
        time.sleep(0.1)
    return False


def test_the_site_ends_when_the_demo_is_told_to(tmp_path: Path) -> None:
    home, port = make_home(tmp_path / "home", make_cases(persons=20), policies=()), free_port()
    command = [sys.executable, "-c", SERVE, str(home.root), str(port)]
    demo = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": "."})
    try:
        assert until(True, port)
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(timeout=20) == 0
        assert until(False, port)
    finally:
        demo.kill()
