"""What is known to have broken other programs' suppression: the broken table is found, and ours keeps every level.

Each table is judged twice, by our attacker and by linear programs that the tests write over the leaf cells.
"""

import os
import subprocess
import sys
from collections.abc import Collection
from dataclasses import replace

import highspy
import numpy as np
import pytest
from plain_worlds import (
    LEVELS,
    Asked,
    Key,
    Outsider,
    PlainWorld,
    broken,
    counted,
    our_attack,
    overdone,
    protected,
    without,
    written,
)
from scipy import sparse

from publisher.errors import SuppressionError
from publisher.policy.model import ProtectionLevel
from publisher.relations import LinkedSystem
from publisher.suppression.evidence import NO_TOP
from publisher.suppression.pattern import CountTerms, Layer, find_pattern

at_every_level = pytest.mark.parametrize("level", LEVELS)
ZEROS = ("published", "protected")


def found(world: PlainWorld, hidden: Collection[Key], asked: Asked, *what: str) -> None:
    """Both programs find that the table with these cells withheld is broken; ours with these words at least."""
    cells = without(world, hidden)
    assert broken(world, asked, cells)
    reasons = " ".join(our_attack(world, asked, cells).reasons)
    assert reasons
    assert all(w in reasons for w in what), reasons


def kept(world: PlainWorld, asked: Asked) -> dict[Key, int | None]:
    """What we publish, after nobody could break it and no more was withheld than may be."""
    _, cells = protected(world, asked)
    assert broken(world, asked, cells) == []
    assert overdone(world, asked, cells) == []
    assert our_attack(world, asked, cells).reasons == ()
    return cells


def kept_whatever_zeros_are(world: PlainWorld, level: str) -> None:
    for zeros in ZEROS:
        kept(world, Asked(level, zeros))


# Totals beside a table of which only the small cells are withheld (ACRO 198).

NURSERY = counted({"not": [480, 460, 500], "rec": [2, 0, 0], "very": [196, 132, 0], "prior": [758, 1264, 2022]})
ONE_ROW = {("rec", "p"), ("rec", "TOT")}
"""What a threshold withholds: one cell and the total of its row, which are the same number."""


@at_every_level
def test_margins_that_reveal_withheld_cells(level: str) -> None:
    found(NURSERY, ONE_ROW, Asked(level), "follow from the published ones")
    cells = without(NURSERY, ONE_ROW)
    assert all(Outsider(NURSERY, cells, 0).interval(k) == (2, 2) for k in ONE_ROW)
    kept_whatever_zeros_are(NURSERY, level)


# Three ones in a row whose total is shown (sdcTools UserSupport 135).

SINGLETONS = counted({"a": [1, 1, 9, 1, 0], "b": [1, 0, 0, 2, 8]}, threshold=3)
SMALL = {k for k, n in SINGLETONS.truth.items() if 0 < n < 3}
ROW = [("a", c) for c in "pqs"]
"""1 + 1 + 9 + 1 = 12, of which the 9 is shown."""


@at_every_level
def test_three_singletons(level: str) -> None:
    """The totals of two columns are withheld besides, so that no column gives a one away."""
    hidden = SMALL | {("00", "q"), ("00", "s")}
    assert set(ROW) <= hidden
    wide, informed = (Outsider(SINGLETONS, without(SINGLETONS, hidden), least) for least in (0, 1))
    assert wide.interval(ROW[1])[0] < wide.interval(ROW[1])[1]
    assert all(informed.interval(k) == (1, 1) for k in ROW)
    found(SINGLETONS, hidden, Asked(level), "who knows that none of them is 0")
    kept_whatever_zeros_are(SINGLETONS, level)


# Linked tables protected one after the other until nothing changes (sdcTools UserSupport 136).

COUNTIES = dict(zip("abijklmn", ["c1"] * 4 + ["c2"] * 4, strict=True))
GROUPS = dict(zip("abijklmn", ["small"] * 5 + ["big"] * 2 + ["small"], strict=True))
LINKED = {"above": {"county": COUNTIES, "group": GROUPS}, "hierarchies": (("county",), ("group",))}


def linked(*rows: Collection[int]) -> PlainWorld:
    return counted({a: list(n) for a, n in zip("abijklmn", zip(*rows, strict=True), strict=True)}, **LINKED)


def one_after_the_other(world: PlainWorld, asked: Asked) -> set[Key]:
    """Each hierarchy is protected alone, what one table withholds the next one does too, until nothing changes."""
    hidden: set[Key] = set()
    while True:
        before = set(hidden)
        for hierarchy in world.hierarchies:
            one = replace(world, hierarchies=(hierarchy,))
            hidden |= _alone(one, asked, hidden)
        if hidden == before:
            return hidden


def _alone(world: PlainWorld, asked: Asked, carried: Collection[Key]) -> set[Key]:
    truth, order = world.truth, world.order
    keys = list(truth)
    rows = []
    for key, inside in world.members.items():
        if key not in order:
            row = np.zeros(len(keys), dtype=np.int64)
            row[keys.index(key)] = 1
            row[[keys.index(order[i]) for i in inside]] = -1
            rows.append(row)
    values, nothing = np.array([truth[k] for k in keys]), np.zeros(len(keys), dtype=np.int64)
    sensitive, shown = (values > 0) & (values < world.threshold), world.must_be_shown()
    withheld = np.array([k in carried for k in keys]) & ~sensitive
    layer = Layer(
        values=values, sensitive=sensitive, withheld=withheld, forced=np.array([k in shown for k in keys]) & ~withheld,
        zeros=values == 0, weights=nothing + 1, top=nothing + NO_TOP,
    )  # fmt: skip
    system = LinkedSystem(sparse.csr_array(np.array(rows)), np.ones(len(keys), dtype=np.bool_))
    terms = CountTerms(ProtectionLevel(asked.level), world.threshold, True, nothing)
    return {k for k, h in zip(keys, find_pattern(system, layer, terms).suppressed, strict=True) if h}


@at_every_level
@pytest.mark.parametrize(
    "world", [linked([8, 4, 3, 11, 2, 4, 8, 9]), linked([8, 10, 11, 11, 5, 4, 7, 7], [11, 6, 11, 1, 7, 5, 9, 2])]
)
def test_iterated_linked_tables(world: PlainWorld, level: str) -> None:
    asked = Asked(level)
    hidden = one_after_the_other(world, asked)
    for hierarchy in world.hierarchies:
        one = replace(world, hierarchies=(hierarchy,))
        assert broken(one, asked, without(one, hidden & set(one.truth))) == [], "each table is safe by itself"
    cells = without(world, hidden)
    assert any("is a point" in f for f in broken(world, asked, cells))
    found(world, hidden, asked, "follow from the published ones")
    kept_whatever_zeros_are(world, level)


# Zeros that protect zeros, and ones that protect ones (sdcTools UserSupport 194).


@at_every_level
def test_zeros_that_protect_zeros(level: str) -> None:
    """0 = x + x + 0 + 0 and 15 = 10 + 5 + x + x: nothing is left for either x."""
    world = counted({"a": [10, 5, 0, 0], "b": [0, 0, 0, 0], "c": [20, 30, 9, 8], "d": [7, 40, 6, 11]})
    pair = [(x, c) for x in "ab" for c in "rs"]
    hidden = {*pair, *((x, c) for x in "cd" for c in "rs")}
    assert all(Outsider(world, without(world, hidden), 0).interval(k) == (0, 0) for k in pair)
    found(world, hidden, Asked(level, "protected"), "follow from the published ones")
    ours = kept(world, Asked(level, "protected"))
    zeros = {k for k, n in world.truth.items() if n == 0}
    assert all(Outsider(world, ours, 0).interval(k)[1] > 0 for k in zeros)
    assert all(kept(world, Asked(level))[k] == 0 for k in zeros), "published zeros protect nothing"


@at_every_level
def test_ones_that_protect_ones(level: str) -> None:
    """15 = 10 + 3 + x + x, with zeros shown: both are 1."""
    world = counted({"a": [10, 3, 1, 1], "c": [20, 30, 9, 8], "d": [7, 40, 6, 11]}, threshold=2)
    hidden = {("a", "r"), ("a", "s"), ("c", "r"), ("c", "s")}
    assert all(Outsider(world, without(world, hidden), 1).interval(("a", c)) == (1, 1) for c in "rs")
    found(world, hidden, Asked(level), "who knows that none of them is 0")
    kept_whatever_zeros_are(world, level)


# Forced cells that leave no pattern (sdcTools UserSupport 115).

def in_a_corner(corner: list[list[int]], areas: int) -> PlainWorld:
    """Municipalities of five areas; the first areas count nothing but the corner; every total must be shown."""
    rng = np.random.default_rng(areas)
    counts = {f"a{i:03d}": rng.integers(6, 60, 8).tolist() for i in range(areas)}
    for i, row in enumerate(corner):
        counts[f"a{i:03d}"] = [*row, *[0] * (8 - len(row))]
    above = {"kommun": {a: f"k{i // 5}" for i, a in enumerate(counts)}}
    shown = ({}, {"area": "area", "category": "total"}, {"area": "kommun", "category": "category"})
    return counted(counts, above=above, hierarchies=(("kommun",),), forced=shown)


@at_every_level
def test_forced_cells_that_make_it_infeasible_are_refused_before_any_programme(
    monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    """The only number of its row, beside zeros that stay shown, under totals that must be."""
    solved = solver_calls(monkeypatch)
    with pytest.raises(SuppressionError, match=r"cannot be protected together with those that must be published.*a000"):
        protected(in_a_corner([[3]], 60), Asked(level))
    assert len(solved) == 0


@at_every_level
def test_forced_cells_that_leave_too_little_room_are_refused_before_any_programme(
    monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    """Four ones that can only move against each other."""
    solved = solver_calls(monkeypatch)
    with pytest.raises(SuppressionError, match="cannot be protected together with those that must be published"):
        protected(in_a_corner([[1, 1], [1, 1]], 80), Asked(level))
    assert len(solved) == 0


def solver_calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each programme that HiGHS is given."""
    calls, run = [], highspy.Highs.run

    def counted_run(self: highspy.Highs) -> object:
        calls.append(1)
        return run(self)

    monkeypatch.setattr(highspy.Highs, "run", counted_run)
    return calls


# The same table, another pattern (sdcTools UserSupport 315).


def some_world(seed: int) -> PlainWorld:
    """Twelve areas in four municipalities, three types, some areas without one."""
    rng = np.random.default_rng(seed)
    names = [f"r{i:02d}" for i in range(12)]
    counts = {a: np.where(rng.random(4) < 0.4, rng.integers(0, 5, 4), rng.integers(5, 50, 4)).tolist() for a in names}
    kommun = {a: f"k{i // 3}" for i, a in enumerate(names)}
    kinds = {a: f"t{k}" if (k := rng.integers(0, 4)) else "" for a in names}
    return counted(counts, above={"kommun": kommun, "kind": kinds}, hierarchies=(("kommun",), ("kind",)))


@at_every_level
def test_the_same_input_gives_the_same_pattern_whatever_the_order_of_its_rows(level: str) -> None:
    first = protected(some_world(1), Asked(level))[0].table_bytes()
    assert b"suppressed" in first
    assert all(protected(some_world(1), Asked(level), mix=mix)[0].table_bytes() == first for mix in (None, 1, 2))


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_same_input_gives_the_same_pattern_in_another_process(seed: str) -> None:
    """With another seed of Python's hashes, and other rows first."""
    world, asked = some_world(1), Asked("ambiguous")
    with written(world, asked, mix=int(seed)) as (folder, _):
        command = ["-m", "publisher", "protect", "LEAVES.csv", "--spec", "SPEC.yaml", "-o", "OUT.csv"]
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        subprocess.run([sys.executable, *command], cwd=folder, check=True, capture_output=True, env=environment)
        assert (folder / "OUT.csv").read_bytes() == protected(world, asked)[0].table_bytes()


# Cells that are one and the same.

KOMMUN = {"a1": "a", "b1": "b", "b2": "b", "b3": "b", "c1": "c", "c2": "c"}
LAN = {"a1": "x", "b1": "x", "b2": "x", "b3": "x", "c1": "y", "c2": "y"}
KIND = {"a1": "t1", "b1": "t1", "b2": "t2", "b3": "t2", "c1": "", "c2": ""}
BOTH = {a: f"{KOMMUN[a]}{k}" if k else "" for a, k in KIND.items()}
ABOVE = {"kommun": KOMMUN, "lan": LAN, "kind": KIND, "both": BOTH}
BY_PLACE = ("kommun", "lan")


def counties(*hierarchies: tuple[str, ...], **rows: list[int]) -> PlainWorld:
    counts = {
        "a1": [30, 40, 20], "b1": [31, 22, 53], "b2": [24, 35, 46], "b3": [27, 48, 19], "c1": [33, 21, 52],
        "c2": [36, 54, 25],
    }  # fmt: skip
    return counted(counts | rows, above=ABOVE, hierarchies=hierarchies)


@at_every_level
def test_a_municipality_with_one_regso(level: str) -> None:
    """Its areas' rectangle alone leaves its municipality shown, which is the same number."""
    world = counties(BY_PLACE, a1=[3, 40, 20])
    found(world, {(x, c) for x in ("a1", "b1") for c in "pq"}, Asked(level), "follow from the published ones")
    for zeros in ZEROS:
        cells = kept(world, Asked(level, zeros))
        assert all((cells["a", c] is None) == (cells["a1", c] is None) for c in ("p", "q", "r", "TOT"))


@at_every_level
def test_a_municipality_by_type_cell_that_is_one_regso(level: str) -> None:
    world = counties(BY_PLACE, ("both", "kind"), ("both", "kommun", "lan"), b1=[4, 22, 53])
    square = {(x, c) for x in ("b1", "b2") for c in "pq"}
    plain = replace(world, hierarchies=(BY_PLACE,))
    assert broken(plain, Asked(level), without(plain, square)) == []
    found(world, square, Asked(level), "follow from the published ones")
    for zeros in ZEROS:
        cells = kept(world, Asked(level, zeros))
        assert all((cells["b1", c] is None) == (cells["bt1", c] is None) for c in ("p", "q", "r", "TOT"))


@at_every_level
def test_a_county_without_a_type(level: str) -> None:
    """None of county y has a type: what the nation has beyond its types is county y."""
    world = counties(BY_PLACE, ("kind",), c1=[2, 21, 52], c2=[1, 54, 25])
    square = {(x, c) for x in ("x", "y", "b", "c", "b1", "c1", "c2") for c in "pq"}
    plain = replace(world, hierarchies=(BY_PLACE,))
    assert broken(plain, Asked(level), without(plain, square)) == []
    found(world, square, Asked(level), "follow from the published ones")
    assert Outsider(world, without(world, square), 0).interval(("y", "p")) == (3, 3)
    kept_whatever_zeros_are(world, level)
