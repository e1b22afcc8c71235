"""How wide the audit asks counts to be for who knows that none is zero, and which of them in whole numbers."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from scipy import sparse
from tables import PERIOD, release_of, table_of
from test_whole_numbers import AREAS, CELL, KEYS, MIDDLE, MOVE, WHERE, A, B

from publisher.audit.attacker import NamedAlternatives, integers
from publisher.audit.attacker.alternatives import Alternatives
from publisher.audit.attacker.equations import SHOWN, WITHHELD, System
from publisher.audit.attacker.joint import WindowView
from publisher.audit.attacker.problem import NO_GRID, ranges_of
from publisher.audit.attacker.programme import Floats, Programme
from publisher.audit.attacker.ranges import Work
from publisher.audit.earlier import NO_PAST
from publisher.audit.inside import Secrets
from publisher.audit.verdict import Judge, SuppressionPromise, audit_suppressed
from publisher.audit.windows import JudgedWindow
from publisher.policy.model import ProtectionLevel, Zeros

NUMBER = ("table", "persons", *KEYS[MIDDLE])
PROMISE = SuppressionPromise(level=ProtectionLevel.AMBIGUOUS, threshold=5, zeros=Zeros.PUBLISHED)


@pytest.mark.parametrize("window", [False, True])
@pytest.mark.parametrize("kept", [False, True])
def test_one_less_settles_a_cell_that_is_known_to_be_no_zero(*, kept: bool, window: bool) -> None:
    """Not where it was withheld before: there it may be a zero, and its upper bound does not follow."""
    before = frozenset({CELL} if kept else ())
    judge = Judge(PROMISE, frozenset({CELL}), {}, frozenset(), replace(NO_PAST, withheld=before))
    if window:
        view = WindowView("r", PERIOD, (), frozenset(), before, {})
        judge = JudgedWindow(view, PROMISE, frozenset({CELL}), None).judge
    assert judge.need(ProtectionLevel.AMBIGUOUS)[NUMBER] == 5
    assert judge.need(ProtectionLevel.AMBIGUOUS, informed=True)[NUMBER] == (5 if kept else 4)
    assert judge.need(ProtectionLevel.INTERVAL, informed=True)[NUMBER] == 1


def cubes() -> list[np.ndarray]:
    """Changes of eight cells, none of them the middle one, that keep every sum."""
    found = []
    for corners in product(combinations(range(3), 2), repeat=3):
        change = np.zeros((3, 3, 3), dtype=np.int64)
        for signs in product((0, 1), repeat=3):
            change[tuple(c[s] for c, s in zip(corners, signs, strict=True))] = (-1) ** sum(signs)
        found += [change] if not change[MIDDLE] else []
    return found


@pytest.mark.parametrize("told", [False, True])
def test_what_the_search_proves_for_the_strictest_level_leaves_nothing_to_ask(
    monkeypatch: pytest.MonkeyPatch, *, told: bool
) -> None:
    """The middle one moves from 3 to 1 and 5, four wide, and with zeros further; all others move by one or more."""
    counts = np.full((3, 3, 3), 9)
    counts[MIDDLE], counts[0, 0, 2] = 3, 2
    every = {k: int(counts[at]) for at, k in KEYS.items()}
    table = table_of(WHERE, every, ["kommun", "regso"], hide=[*every], level="ambiguous")
    changes = sparse.csr_matrix(np.array([c.ravel() for c in (MOVE, *cubes())]))
    known = NamedAlternatives(AREAS, ("a", "b"), tuple(product(A, B)), counts.ravel(), changes)
    asked, right = list[int](), Programme.extreme

    def extreme(self: Programme, columns: np.ndarray, costs: Floats) -> Floats | None:
        asked.append(self.size)
        return right(self, columns, costs)

    monkeypatch.setattr(Programme, "extreme", extreme)
    secrets = Secrets(sensitive=[CELL], told=known if told else None)
    assert audit_suppressed(release_of(table), period=PERIOD, promise=PROMISE, secrets=secrets).passed
    assert (27 in asked) is not told


@pytest.mark.parametrize(
    ("need", "told", "small", "whole"),
    [
        (2, False, 400, False), (3, False, 400, True), (5, False, 400, True), (6, False, 400, True),
        (1, True, 400, True), (2, True, 400, True), (2, True, 0, False), (3, True, 0, True),
    ],
)  # fmt: skip
def test_which_counts_are_asked_in_whole_numbers(
    monkeypatch: pytest.MonkeyPatch, need: int, small: int, *, told: bool, whole: bool
) -> None:
    """x + 5 = 4 y, and x is 1 to 6: 3 in whole numbers.  Asked is what is less than three wider than it needs; where
    other numbers that fit are told, all for which these show too little, unless very much hangs together."""
    monkeypatch.setattr(integers, "_SMALL", small)
    system = System(
        NO_GRID, sparse.csr_matrix(np.array([[1, -4, 1]])), np.array([WITHHELD, WITHHELD, SHOWN], dtype=np.int8),
        np.array([0, 0, 5]), np.array([1, 0, 0]), np.array([6, 10, 10]), agree=True,
    )  # fmt: skip
    known = Alternatives(np.array([3, 2, 5]), sparse.csr_matrix((0, 3), dtype=np.int64)) if told else None
    found = ranges_of(
        system, least=0, at=np.arange(2), need=np.array([need, 1.0]), work=Work(integers=True), told=known
    )  # fmt: skip
    assert found is not None
    low, high = found.whole()
    assert (high[0] - low[0] == 0) == whole


@pytest.mark.parametrize("more", [0, 10**9])
def test_of_large_amounts_only_close_ones_are_asked_in_whole_numbers(more: int) -> None:
    """The same with 10^9 more to x: whole solutions are sought near the ends only, and often not found."""
    y = (more + 8) // 4
    system = System(
        NO_GRID, sparse.csr_matrix(np.array([[1, -4, 1]])), np.array([WITHHELD, WITHHELD, SHOWN], dtype=np.int8),
        np.array([0, 0, 5]), np.array([more + 1, 0, 0]), np.array([more + 6, more + 10, 10]), agree=True,
    )  # fmt: skip
    known = Alternatives(np.array([more + 3, y, 5]), sparse.csr_matrix((0, 3), dtype=np.int64))
    found = ranges_of(system, least=0, at=np.arange(2), need=np.ones(2), work=Work(integers=True), told=known)
    assert found is not None
    low, high = found.whole()
    assert (high[0] - low[0] == 0) == (more == 0)


@pytest.mark.parametrize("small", [400, 0])
@pytest.mark.parametrize("told", [False, True])
def test_what_is_told_is_no_end_that_was_proved(monkeypatch: pytest.MonkeyPatch, small: int, *, told: bool) -> None:
    """x + 5 = 2 y + 4 z: in whole numbers x is 1 to 25.  Told is a change of x and y alone, by which x is 0 to 5, and
    in whole numbers 1 to 5."""
    monkeypatch.setattr(integers, "_SMALL", small)
    system = System(
        NO_GRID, sparse.csr_matrix(np.array([[1, -2, -4, 1]])), np.array([WITHHELD] * 3 + [SHOWN], dtype=np.int8),
        np.array([0, 0, 0, 5]), np.zeros(4, dtype=np.int64), np.array([26, 5, 8, 10]), agree=True,
    )  # fmt: skip
    known = Alternatives(np.array([3, 4, 0, 5]), sparse.csr_matrix(np.array([[2, 1, 0, 0]])))
    found = ranges_of(
        system, least=0, at=np.arange(3), need=np.array([5, 1.0, 1.0]), work=Work(integers=True),
        told=known if told else None,
    )  # fmt: skip
    assert found is not None
    low, high = found.whole()
    assert high[0] - low[0] >= 5
