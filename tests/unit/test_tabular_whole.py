"""`protect` on a table whose sensitive number moves by two at a time: its level is asked for in whole numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Moving:
    """A table of three dimensions whose sums over one are published.  To its cells that are not 0 multiples of `move`
    can be added and nothing else; they hold `usual`, but for those that move furthest, up and down: `few`, `more`."""

    move: Sequence[Sequence[Sequence[int]]]
    few: int
    more: int
    usual: int
    threshold: int

    @property
    def counts(self) -> np.ndarray:
        move = np.array(self.move)
        assert not any(move.sum(axis=k).any() for k in range(3))
        out = np.where(move == 0, 0, self.usual)
        out[move == move.min()], out[move == move.max()] = self.few, self.more
        return out


BY_TWO = Moving(
    [[[-1, 0, 1], [0, 1, -1], [1, -1, 0]], [[0, 0, 0], [1, -2, 1], [-1, 2, -1]], [[1, 0, -1], [-1, 1, 0], [0, -1, 1]]],
    few=2, more=4, usual=10, threshold=4,
)  # fmt: skip
BY_THREE = Moving(
    [[[0, 0, 1, -1, 0], [-1, 0, 0, 1, 0], [0, 1, -1, 0, 0], [1, -1, 0, 0, 0]],
     [[1, 0, -1, 0, 0], [-2, 0, 0, 2, 0], [1, -1, 0, 0, 0], [0, 1, 1, -2, 0]],
     [[-1, 0, 0, 1, 0], [3, 0, 0, -3, 0], [-1, 0, 1, 0, 0], [-1, 0, -1, 2, 0]]],
    few=3, more=6, usual=20, threshold=5,
)  # fmt: skip
SPEC = """value: n
dimensions:
  - {column: x, total: X, codes: [XS]}
  - {column: y, total: Y, codes: [YS]}
  - {column: z, total: Z, codes: [ZS]}
rules: [{threshold: T}]
zeros: published
protection: {level: LEVEL}
forced: [{x: total}, {y: total}, {z: total}]
"""


def written(folder: Path, table: Moving, level: str) -> None:
    text = SPEC.replace("LEVEL", level).replace("threshold: T", f"threshold: {table.threshold}")
    for axis, size in zip("xyz", table.counts.shape, strict=True):
        text = text.replace(f"{axis.upper()}S", ", ".join(f"{axis}{k}" for k in range(size)))
    (folder / "SPEC.yaml").write_text(text, encoding="utf-8")
    rows = [f"x{x},y{y},z{z},{n}\n" for (x, y, z), n in np.ndenumerate(table.counts) if n]
    (folder / "LEAVES.csv").write_text("x,y,z,n\n" + "".join(rows), encoding="utf-8")


def judged(folder: Path, level: str, table: Moving = BY_TWO, *, told: bool, owner: bool = True) -> AttackReport:
    written(folder, table, level)
    spec = load_spec(folder / "SPEC.yaml")
    leaves = read_leaves(CsvFile.read(folder / "LEAVES.csv"), spec, {})
    made = protect(leaves, spec)
    shown = read_table(CsvFile("TABLE.csv", made.table_bytes()), ["x", "y", "z"])
    assert sum(v is None for v in shown.cells.values()) == (table.counts > 0).sum()
    truth = Truth.of(leaves, spec) if owner else None
    return attack_table(shown, spec, {}, truth=truth, told=made.alternatives if told else None)


NARROW = ("1 sensitive cells lie in too narrow an interval for who knows that none of them is 0",)


@pytest.mark.parametrize("told", [False, True])
def test_a_width_that_whole_numbers_do_not_have_is_missed_at_the_strictest_level(tmp_path: Path, *, told: bool) -> None:
    """For who knows that none is 0 the 2 lies between 1 and 5, and in whole numbers is 2 or 4: not 3 wide."""
    found = judged(tmp_path, "ambiguous", told=told)
    assert (found.exact_a1, found.narrow_a0, found.narrow_a1, found.known_small_a1) == (0, 0, 1, 0)
    assert found.narrow_integer == 1
    assert found.reasons == NARROW
    assert judged(tmp_path, "ambiguous", replace(BY_TWO, threshold=3), told=told).reasons == ()
    others = judged(tmp_path, "ambiguous", told=told, owner=False)  # who does not know which cells are sensitive
    assert others.narrow_a1 is not None
    assert others.narrow_a1 > 1
    assert others.reasons == ()


def test_of_its_own_table_protect_asks_however_wide_a_number_seems(tmp_path: Path) -> None:
    """The 3 lies between 1 and 8, and is 3 or 6: three wide instead of four.  Of tables of others what is so wide is
    not asked."""
    assert judged(tmp_path, "ambiguous", BY_THREE, told=True).reasons == NARROW
    assert judged(tmp_path, "ambiguous", BY_THREE, told=False).reasons == ()
    assert judged(tmp_path, "interval", BY_THREE, told=True).reasons == ()  # 0, 3, 6 or 9


def test_of_its_own_table_protect_asks_however_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_MOST_QUESTIONS", 0)
    assert judged(tmp_path, "ambiguous", told=True).narrow_a1 == 1
    assert judged(tmp_path, "ambiguous", told=False).narrow_a1 == 0


@pytest.mark.parametrize("level", ["exact", "interval"])
def test_what_the_other_levels_promise_holds(tmp_path: Path, level: str) -> None:
    found = judged(tmp_path, level, told=True)
    assert (found.narrow_a1, found.known_small_a1, found.reasons) == (None, None, ())


def test_a_table_that_misses_it_is_not_written(tmp_path: Path) -> None:
    written(tmp_path, BY_TWO, "ambiguous")
    args = ["protect", tmp_path / "LEAVES.csv", "--spec", tmp_path / "SPEC.yaml", "-o", tmp_path / "TABLE.csv"]
    called = CliRunner().invoke(publisher, [str(a) for a in args])
    assert isinstance(called.exception, AuditFailedError)
    assert not (tmp_path / "TABLE.csv").exists()
