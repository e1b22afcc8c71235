"""`protect` on a table whose sensitive number moves by two at a time: its level is asked for in whole numbers."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from publisher.audit.attacker import plain
from publisher.cli.main import publisher
from publisher.errors import AuditFailedError
from publisher.tabular.attack import AttackReport, Truth, attack_table
from publisher.tabular.leaves import read_leaves
from publisher.tabular.protect import protect
from publisher.tabular.rows import CsvFile
from publisher.tabular.spec import load_spec
from publisher.tabular.table import read_table

# What can be added to a table of three dimensions with every sum over one of them the same: of its cells that are not 0
# nothing else can, but multiples of it.
MOVE = np.array([
    [[-1, 0, 1], [0, 1, -1], [1, -1, 0]], [[0, 0, 0], [1, -2, 1], [-1, 2, -1]], [[1, 0, -1], [-1, 1, 0], [0, -1, 1]],
])  # fmt: skip
FEW, MORE = (1, 1, 1), (1, 2, 1)
SPEC = """value: n
dimensions:
  - {column: x, total: X, codes: [x0, x1, x2]}
  - {column: y, total: Y, codes: [y0, y1, y2]}
  - {column: z, total: Z, codes: [z0, z1, z2]}
rules: [{threshold: 4}]
zeros: published
protection: {level: LEVEL}
forced: [{x: total}, {y: total}, {z: total}]
"""


def written(folder: Path, level: str) -> None:
    """Two and four in the cells that move by two, ten in the others; sums are published for certain."""
    counts = np.where(MOVE == 0, 0, 10)
    counts[FEW], counts[MORE] = 2, 4
    assert not any(MOVE.sum(axis=k).any() for k in range(3))
    (folder / "SPEC.yaml").write_text(SPEC.replace("LEVEL", level), encoding="utf-8")
    rows = [f"x{x},y{y},z{z},{counts[x, y, z]}\n" for x, y, z in product(range(3), repeat=3) if counts[x, y, z]]
    (folder / "LEAVES.csv").write_text("x,y,z,n\n" + "".join(rows), encoding="utf-8")


def judged(folder: Path, level: str, *, told: bool, threshold: int = 4, owner: bool = True) -> AttackReport:
    written(folder, level)
    path = folder / "SPEC.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("threshold: 4", f"threshold: {threshold}"))
    spec = load_spec(path)
    leaves = read_leaves(CsvFile.read(folder / "LEAVES.csv"), spec, {})
    made = protect(leaves, spec)
    table = read_table(CsvFile("TABLE.csv", made.table_bytes()), ["x", "y", "z"])
    assert sum(v is None for v in table.cells.values()) == 18
    truth = Truth.of(leaves, spec) if owner else None
    return attack_table(table, spec, {}, truth=truth, told=made.alternatives if told else None)


@pytest.mark.parametrize("told", [False, True])
def test_a_width_that_whole_numbers_do_not_have_is_missed_at_the_strictest_level(tmp_path: Path, *, told: bool) -> None:
    """For who knows that none is 0 the 2 lies between 1 and 5, and in whole numbers is 2 or 4: not 3 wide."""
    found = judged(tmp_path, "ambiguous", told=told)
    assert (found.exact_a1, found.narrow_a0, found.narrow_a1, found.known_small_a1) == (0, 0, 1, 0)
    assert found.narrow_integer == 1
    assert found.reasons == ("1 sensitive cells lie in too narrow an interval for who knows that none of them is 0",)
    assert judged(tmp_path, "ambiguous", told=told, threshold=3).reasons == ()
    others = judged(tmp_path, "ambiguous", told=told, owner=False)  # who does not know which cells are sensitive
    assert others.narrow_a1 is not None
    assert others.narrow_a1 > 1
    assert others.reasons == ()


def test_of_its_own_table_protect_asks_however_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_MOST_QUESTIONS", 0)
    assert judged(tmp_path, "ambiguous", told=True).narrow_a1 == 1
    assert judged(tmp_path, "ambiguous", told=False).narrow_a1 == 0


@pytest.mark.parametrize("level", ["exact", "interval"])
def test_what_the_other_levels_promise_holds(tmp_path: Path, level: str) -> None:
    found = judged(tmp_path, level, told=True)
    assert (found.narrow_a1, found.known_small_a1, found.reasons) == (None, None, ())


def test_a_table_that_misses_it_is_not_written(tmp_path: Path) -> None:
    written(tmp_path, "ambiguous")
    args = ["protect", tmp_path / "LEAVES.csv", "--spec", tmp_path / "SPEC.yaml", "-o", tmp_path / "TABLE.csv"]
    called = CliRunner().invoke(publisher, [str(a) for a in args])
    assert isinstance(called.exception, AuditFailedError)
    assert not (tmp_path / "TABLE.csv").exists()
