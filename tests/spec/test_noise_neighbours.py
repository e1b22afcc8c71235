"""Whole runs of a noise table on neighbouring records: all but the noise is the same, and a failure costs what it must.

Attacks 14, 16, 17 and 20 of the paper on safety.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from homes import AGES, CODES, NOW, ROOT, Case, make_cases, make_home, put_in_force

from publisher.errors import LedgerError, PolicyError
from publisher.home import Home
from publisher.ledger import Account
from publisher.noise import combine, mechanism
from publisher.noise.mechanism import discrete_gaussian
from publisher.periods import Period
from publisher.pipeline import run_release
from publisher.preparation import RunRequest
from publisher.workspace import Workspace, open_workspace

NOISE, Y2022 = "fk-ohalsa", Period.parse("2022")
ACCOUNT = Account("forsakringskassan", 2022)


def worst_person(others: list[Case]) -> list[Case]:
    """In several areas, with three benefits, rows that stand twice and case ids of others."""
    benefits = ("sjukpenning", "sjukersattning", "aktivitetsersattning")
    rows = [
        Case(case.case_id, "P999999999", CODES[n % 3], date(2022, 12, 1 + n), benefits[n % 3], "woman", AGES[0], 1e9)
        for n, case in enumerate(others[:9])
    ]
    return rows * 2


@dataclass
class Blind:
    """Measures nothing: what it gives depends on shape and scale alone, which it remembers."""

    asked: list[tuple[int, float]] = field(default_factory=list)

    def __call__(self, values: np.ndarray, scale: float) -> np.ndarray:
        self.asked.append((len(values), scale))
        return np.random.default_rng([len(values), int(scale * 1000)]).integers(-5, 60, len(values))


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


JOINED = (
    "- {column: sex, total: true}",
    "- {column: benefit, total: true, join: [{code: s, text: {sv: S, en: S}, of: [sjukersattning, sjukpenning]}]}",
)
"""Benefits of which the worst person has all, two of them as one."""


@pytest.mark.parametrize("change", [("policy:", "policy:"), JOINED], ids=["as it is", "joined codes"])
def test_whole_releases_of_neighbours_differ_in_no_byte_where_nothing_is_measured(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    """Draws, scales, charges, names and bytes of files.  Only the manifest differs: it holds a keyed digest of the
    records, whose length does not tell of them."""
    others, seen = make_cases(persons=120), []
    text = (ROOT / "policies" / f"{NOISE}.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / f"{NOISE}.yaml").write_text(text.replace(*change), encoding="utf-8")
    for name, rows in (("with", [*others, *worst_person(others)]), ("without", others)):
        home, source = make_home(tmp_path / name, rows, policies=[]), Blind()
        put_in_force(home, [tmp_path / f"{NOISE}.yaml"])
        with open_workspace(home, exclusive=True) as work:
            made = run_release(work, RunRequest(NOISE, Y2022), now=NOW, noise=source)
            files = files_of(work.store.folder(made.record))
            charges = [(r["run_key"], r["units"], r["tables"]) for r in work.ledger.rows()]
        seen.append((source.asked, charges, files))
    (asked, charges, files), without = seen
    assert (asked, charges, files.keys()) == (without[0], without[1], without[2].keys())
    differ = {n for n in files if files[n] != without[2][n]}
    assert differ <= {"manifest.json", "manifest.sig"}
    assert {n: len(b) for n, b in files.items()} == {n: len(b) for n, b in without[2].items()}


def test_neighbours_that_are_measured_do_differ(tmp_path: Path) -> None:
    """So that the test above could fail: without noise the person is seen."""
    others, seen = make_cases(persons=120), []
    for name, rows in (("with", [*others, *worst_person(others)]), ("without", others)):
        home = make_home(tmp_path / name, rows, policies=[NOISE])
        with open_workspace(home, exclusive=True) as work:
            made = run_release(work, RunRequest(NOISE, Y2022), now=NOW, noise=lambda values, scale: values)
            seen.append(made.release.tables)
    assert seen[0] != seen[1]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make_home(tmp_path_factory.mktemp("template") / "home", make_cases(persons=120), policies=[NOISE])


@pytest.fixture
def work(template: Home, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template.root, tmp_path / "home")
    with open_workspace(Home(tmp_path / "home"), exclusive=True) as opened:
        yield opened


def test_a_draw_that_would_lose_more_than_its_charge_is_refused_before_anything_is_charged(
    work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Blind()
    monkeypatch.setattr(mechanism, "_SLACK", 1 - 2.0**-20)
    with pytest.raises(PolicyError, match="privacy map exceeds"):
        run_release(work, RunRequest(NOISE, Y2022), now=NOW, noise=source)
    assert (source.asked, work.ledger.rows(), list(work.home.vault.iterdir())) == ([], [], [])


def test_a_solver_that_fails_after_the_draw_seals_nothing_and_costs_its_charge(
    work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure is post-processing of what was paid for.  Another try without a reason is refused, and with one it
    is another charge and other noise: never the same records measured twice for one charge."""
    first, second = Blind(), Blind()
    with monkeypatch.context() as broken:
        broken.setattr(combine, "controlled_rounding", lambda *a: (_ for _ in ()).throw(RuntimeError("no rounding")))
        with pytest.raises(RuntimeError, match="no rounding"):
            run_release(work, RunRequest(NOISE, Y2022), now=NOW, noise=first)
    assert first.asked
    assert list(work.home.vault.iterdir()) == []
    once = work.ledger.spent(ACCOUNT)
    with pytest.raises(LedgerError, match="charged and not sealed"):
        run_release(work, RunRequest(NOISE, Y2022), now=NOW, noise=second)
    assert not second.asked
    run_release(work, RunRequest(NOISE, Y2022, again=True, reason="solver"), now=NOW, noise=second)
    assert second.asked == first.asked
    assert work.ledger.spent(ACCOUNT) == 2 * once > 0


def test_a_rerun_after_sealing_gives_the_same_bytes_and_draws_nothing(work: Workspace) -> None:
    """Attack 16 with OpenDP's own noise: no average can be taken over reruns."""
    made = run_release(work, RunRequest(NOISE, Y2022), now=NOW)
    before, source = files_of(work.store.folder(made.record)), Blind()
    for _ in range(3):
        again = run_release(work, RunRequest(NOISE, Y2022), now=NOW, noise=source)
        assert files_of(work.store.folder(again.record)) == before
    assert not source.asked
    assert len(work.ledger.rows()) == 1


DRAW = (
    "import random; random.seed(1); import numpy as np; np.random.seed(1);"
    "from publisher.noise.mechanism import discrete_gaussian;"
    "print(discrete_gaussian(np.zeros(50, dtype=np.int64), 1000.0).tolist())"
)


def test_two_processes_never_draw_alike_whatever_is_seeded() -> None:
    """Attack 17: 50 draws at scale 1 000 agree by chance with a probability below 1e-150."""
    command = [sys.executable, "-c", DRAW]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    drawn = {subprocess.run(command, env=environment, capture_output=True, check=True).stdout for _ in range(2)}
    assert len(drawn) == 2


def test_seeding_what_can_be_seeded_does_not_repeat_a_draw() -> None:
    drawn = []
    for _ in range(2):
        np.random.seed(1)
        drawn.append(discrete_gaussian(np.zeros(50, dtype=np.int64), 1000.0).tolist())
    assert drawn[0] != drawn[1]
