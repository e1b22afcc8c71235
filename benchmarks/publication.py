"""How late a release becomes public, and how soon a withdrawal holds, with the scheduler as a real process.

    python benchmarks/publication.py [--releases 1 12 24] [--busy]

A home of a small made-up country seals that many monthly releases for the same minute; the scheduler process runs, and
with --busy a child process keeps the work lock and one processor.  The pointer `current` is watched every ten
milliseconds.  Prints seconds from the minute to the last release's being public, and from a request to withdraw to
its being gone.  The floor is one rename: nothing can be public before the clock says so.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from homes import make_cases, make_home  # noqa: E402

from publisher.desk.accounts import Accounts  # noqa: E402
from publisher.desk.requests import Kind, Requests  # noqa: E402
from publisher.home import Home  # noqa: E402
from publisher.log import utc  # noqa: E402
from publisher.periods import Period  # noqa: E402
from publisher.pipeline import run_release  # noqa: E402
from publisher.preparation import RunRequest  # noqa: E402
from publisher.workspace import open_workspace  # noqa: E402

POLICY = "fk-sjukfall-manad"
BUSY = """
import sys
from pathlib import Path
from publisher.home import Home
from publisher.workspace import open_workspace
with open_workspace(Home(Path(sys.argv[1])), exclusive=True):
    print("working", flush=True)
    while True:
        sum(range(10**6))
"""
MONTHS = [f"{year}M{month:02d}" for year in (2021, 2022) for month in range(1, 13)]


def sealed_home(root: Path, releases: int, at: datetime) -> Home:
    """A home whose releases are sealed and wait for one minute."""
    home = make_home(root / "home", make_cases(persons=200), policies=(POLICY,))
    with patch("publisher.pipeline.publication_time", lambda *_: at), open_workspace(home, exclusive=True) as work:
        for code in MONTHS[:releases]:
            run_release(work, RunRequest(POLICY, Period.parse(code)), now=datetime(2024, 3, 1, tzinfo=UTC))
    with home.desk.open() as db:
        Accounts(db).add("bo", role="approver", password="seven green lanterns", by="benchmark", at=utc(at))
    return home


@contextmanager
def running(home: Home, *, busy: bool) -> Iterator[None]:
    """The scheduler process, and where asked a process that works in the home."""
    started = []
    if busy:
        worker = subprocess.Popen([sys.executable, "-c", BUSY, str(home.root)], cwd=ROOT, stdout=subprocess.PIPE)
        started.append(worker)
        assert worker.stdout
        worker.stdout.readline()
    command = [sys.executable, "-m", "publisher", "--home", str(home.root), "schedule"]
    started.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL))
    try:
        yield
    finally:
        for process in started:
            process.terminate()
            process.wait()


def public(home: Home) -> int:
    """How many releases the live catalogue tells as public."""
    pointer = home.public / "current"
    if not pointer.exists():
        return 0
    catalogue = home.public / "catalogues" / pointer.read_text().strip() / "catalogue.json"
    return catalogue.read_text().count('"status":"published"')


def until(home: Home, number: int) -> float:
    """When so many releases are public, by the clock."""
    while public(home) != number:
        time.sleep(0.01)
    return time.time()


def measure(releases: int, *, busy: bool) -> tuple[float, float]:
    """Seconds late, and seconds to withdraw."""
    with tempfile.TemporaryDirectory() as folder:
        spare = timedelta(seconds=20 + 4 * releases)
        at = (datetime.now(UTC) + spare).replace(microsecond=0)
        home = sealed_home(Path(folder), releases, at)
        with running(home, busy=busy):
            late = until(home, releases) - at.timestamp()
            asked = time.time()
            with home.desk.open() as db:
                name = f"{POLICY}.{MONTHS[releases - 1]}.v1"
                Requests(db).ask(Kind.WITHDRAW, name, by="bo", at=utc(at), reason="benchmark")
            return late, until(home, releases - 1) - asked


def main() -> None:
    """Print one line for each number of releases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", type=int, nargs="+", default=[1, 12, 24])
    parser.add_argument("--busy", action="store_true", help="beside a process that works in the home")
    given = parser.parse_args()
    print("releases  seconds late  seconds to withdraw")
    for number in given.releases:
        late, gone = measure(number, busy=given.busy)
        print(f"{number:8d}  {late:12.2f}  {gone:19.2f}", flush=True)


if __name__ == "__main__":
    main()
