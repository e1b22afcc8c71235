"""Integer tightening: a table of three dimensions that the linear relaxation calls safe, and whole numbers do not."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from tables import PERIOD, both, country, release_of, table_of

from publisher.audit.attacker import AttackResult, Means, attack, integers
from publisher.audit.attacker.equations import SHOWN, WITHHELD, System
from publisher.audit.attacker.joint import WindowView
from publisher.audit.attacker.problem import NO_GRID, ranges_of
from publisher.audit.attacker.ranges import Ranges, Work
from publisher.audit.earlier import NO_PAST
from publisher.audit.inside import Secrets
from publisher.audit.verdict import SuppressionPromise, audit_suppressed
from publisher.audit.windows import JointView, JudgedWindow, audit_windows
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.release.model import Measure, Table

# What can be added to the cells (area, a, b) with every sum over one of the three the same; nothing else can, but
# multiples of it.  Whole multiples move the middle cell by two.
MOVE = np.array([
    [[-1, 0, 1], [0, 1, -1], [1, -1, 0]], [[0, 1, -1], [1, -2, 1], [-1, 1, 0]], [[1, -1, 0], [-1, 1, 0], [0, 0, 0]],
])  # fmt: skip
MIDDLE = (1, 1, 1)
COUNTS = np.where(MOVE == 0, 0, 5)
COUNTS[MIDDLE] = 3
AREAS, A, B = ("0101R001", "0101R002", "0101R003"), ("p", "q", "r"), ("u", "v", "w")
WHERE = country(AREAS, a=A, b=B)
KEYS = {at: (AREAS[at[0]], (A[at[1]], B[at[2]])) for at in product(range(3), repeat=3)}
TABLE = table_of(
    WHERE, {k: int(COUNTS[at]) for at, k in KEYS.items()}, ["kommun", "regso"],
    hide=[k for at, k in KEYS.items() if MOVE[at]], level="interval",
)  # fmt: skip
CELL = ("table", *KEYS[MIDDLE])
LIMITS = {("table", "persons", *KEYS[MIDDLE]): (0, 5)}
"""Five people of the middle cell's kind live there."""


def lines(shape: tuple[int, ...]) -> list[np.ndarray]:
    """The flat cells of every sum over one dimension."""
    at = np.arange(np.prod(shape)).reshape(shape)
    return [line for k in range(len(shape)) for line in np.moveaxis(at, k, -1).reshape(-1, shape[k])]


def fillings(true: np.ndarray, hidden: np.ndarray, most: dict[int, int]) -> Iterator[np.ndarray]:
    """Every whole filling of the hidden cells, 0 or more, with the same sums: by trying one cell after the other."""
    sums = lines(true.shape)
    of = [[r for r, line in enumerate(sums) if cell in line] for cell in range(true.size)]
    cells = np.flatnonzero(hidden.ravel()).tolist()
    left = [int(true.ravel()[line][hidden.ravel()[line]].sum()) for line in sums]
    last = {r: max((c for c in line.tolist() if c in cells), default=-1) for r, line in enumerate(sums)}
    found = true.ravel().copy()

    def fill(k: int) -> Iterator[np.ndarray]:
        if k == len(cells):
            yield found.reshape(true.shape).copy()
            return
        cell = cells[k]
        top = min(most.get(cell, 10**9), *(left[r] for r in of[cell]))
        closing = [left[r] for r in of[cell] if last[r] == cell]
        for value in closing[:1] if closing else range(top + 1):
            if value > top or any(c != value for c in closing):
                continue
            found[cell] = value
            for r in of[cell]:
                left[r] -= value
            yield from fill(k + 1)
            for r in of[cell]:
                left[r] += value

    return fill(0)


def attacked(*, whole: bool) -> AttackResult:
    return attack([TABLE], period=PERIOD, zeros_published=True, limits=LIMITS, means=Means(integers=whole),
                  need={("table", "persons", *KEYS[MIDDLE]): 5})  # fmt: skip


def test_what_the_relaxation_leaves_and_whole_numbers_do_not() -> None:
    middle = int(np.ravel_multi_index(MIDDLE, (3, 3, 3)))
    every = list(fillings(COUNTS, MOVE != 0, {middle: 5}))
    assert sorted(int(f[MIDDLE]) for f in every) == [1, 3, 5]
    loose, tight = (next(i for i in attacked(whole=w).a0 if i.key == CELL) for w in (False, True))
    assert (loose.lower, loose.upper, loose.integer) == (0, 5, False)
    assert (tight.lower, tight.upper, tight.integer, tight.certified) == (1, 5, True, True)


@pytest.mark.parametrize("level", [ProtectionLevel.INTERVAL, ProtectionLevel.AMBIGUOUS])
@pytest.mark.parametrize("zeros", Zeros)
def test_attack_2_an_interval_that_whole_numbers_make_too_narrow_is_refused(
    zeros: Zeros, level: ProtectionLevel
) -> None:
    """Where zeros are protected there is one attacker, of whom both promises are asked."""
    promise = SuppressionPromise(level=level, threshold=5, zeros=zeros)
    table = replace(TABLE, protection=replace(TABLE.protection, zeros=zeros.value, level=level.value))
    report = audit_suppressed(
        release_of(table), period=PERIOD, promise=promise, secrets=Secrets(sensitive=[CELL]), limits=LIMITS
    )
    assert [(f.rule, f.table, f.area, f.categories) for f in report.findings] == [
        ("a sensitive cell lies in too narrow an interval", *CELL)
    ]


JUST_WIDE = np.array([
    [[4, 0, 2], [0, 3, 2], [5, 2, 0]], [[0, 4, 5], [2, 2, 5], [2, 3, 0]], [[4, 4, 0], [2, 2, 0], [0, 0, 0]],
])  # fmt: skip
"""Every cell withheld one or more, the relaxation leaves the middle one 1 to 4, and whole numbers 2 or 4; with zeros
it is 0 to 6."""


def just_wide() -> Table:
    return table_of(
        WHERE, {k: int(JUST_WIDE[at]) for at, k in KEYS.items()}, ["kommun", "regso"],
        hide=[k for at, k in KEYS.items() if MOVE[at]], level="ambiguous", threshold=4,
    )  # fmt: skip


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("windows", [False, True])
def test_a_count_that_is_just_wide_enough_without_zeros_is_asked_in_whole_numbers_too(
    *, windows: bool, kept: bool
) -> None:
    """At threshold 4 it must be 3 wide to who knows that it is no zero, and is 2.  `kept`: it was withheld before, and
    everybody knows from elsewhere that it is no zero."""
    every = [f for f in fillings(JUST_WIDE, MOVE != 0, {}) if (f[MOVE != 0] > 0).all()]
    assert {int(f[MIDDLE]) for f in every} == {2, 4}
    before = frozenset({CELL} if kept else ())
    limits = {("table", "persons", *KEYS[MIDDLE]): (1, None)} if kept else {}
    known = attack([just_wide()], period=PERIOD, zeros_published=True, limits=limits, kept=before)
    middle = next(i for i in known.a1 if i.key == CELL)
    assert (middle.lower, middle.upper) == (1, 4)
    promise = SuppressionPromise(level=ProtectionLevel.AMBIGUOUS, threshold=4, zeros=Zeros.PUBLISHED)
    if windows:
        view = WindowView("r", PERIOD, (just_wide(),), frozenset({0}), before, {}, limits)
        report = audit_windows(JointView((JudgedWindow(view, promise, frozenset({CELL}), None),), (frozenset(),)))
    else:
        secrets, past = Secrets(sensitive=[CELL]), replace(NO_PAST, withheld=before)
        report = audit_suppressed(
            release_of(just_wide()), period=PERIOD, promise=promise, secrets=secrets, limits=limits, past=past
        )
    assert [(f.rule, f.table, f.area, f.categories) for f in report.findings] == [
        ("a sensitive cell lies in too narrow an interval", *CELL)
    ]


def with_amounts() -> Table:
    """The table with an amount beside each count, the same numbers in whole kronor."""
    paid = Measure("paid", "sum", both("p"), both("kr"), 0, True, False, "amount", bounds={"": (0, 1000)})
    amounts = (c._replace(measure="paid") for c in TABLE.cells)
    return replace(TABLE, measures=(*TABLE.measures, paid), cells=(*TABLE.cells, *amounts))


@pytest.mark.parametrize("whole", [False, True])
def test_amounts_are_whole_too(*, whole: bool) -> None:
    """Its ends are asked for, and the lower one is no whole filling's."""
    key = ("table", "paid", *KEYS[MIDDLE])
    found = attack([with_amounts()], period=PERIOD, zeros_published=True, limits={**LIMITS, key: (0, 5)},
                   means=Means(integers=whole), need={key: float("inf")})  # fmt: skip
    middle = next(i for i in found.a0 if i.value_key == key)
    assert (middle.lower, middle.upper, middle.certified) == (int(whole), 5, True)


@pytest.mark.parametrize("decided", [True, False])
def test_an_amount_that_whole_fillings_leave_too_close_is_refused(
    monkeypatch: pytest.MonkeyPatch, *, decided: bool
) -> None:
    """It must be five wide, and is four; where that is not decided it is refused as undecided."""
    if not decided:
        monkeypatch.setattr(integers, "_narrow", lambda at, outer, seen: integers.Answer(at, *seen, False))
    key = ("table", "paid", *KEYS[MIDDLE])
    promise = SuppressionPromise(level=ProtectionLevel.EXACT, threshold=5, zeros=Zeros.PUBLISHED)
    table = replace(with_amounts(), protection=replace(TABLE.protection, level="exact"))
    for down, why in ((2, set()), (3, {True: {"the interval of a sensitive number ends too near to it"}, False: {
        "it is not decided whether whole numbers leave a withheld cell wide enough"}}[decided])):  # fmt: skip
        secrets = Secrets(sensitive=[CELL], reaches={key: (down, 2)})
        report = audit_suppressed(release_of(table), period=PERIOD, promise=promise, secrets=secrets,
                                  limits={**LIMITS, key: (0, 5)})  # fmt: skip
        assert {f.rule for f in report.findings} == why


def test_windows_are_asked_for_whole_numbers_too() -> None:
    view = WindowView("r", PERIOD, (TABLE,), frozenset({0}), frozenset(), {}, LIMITS)
    promise = SuppressionPromise(level=ProtectionLevel.INTERVAL, threshold=5, zeros=Zeros.PUBLISHED)
    joint = JointView((JudgedWindow(view, promise, frozenset({CELL}), None),), (frozenset(),))
    assert [(f.rule, f.table, f.area, f.categories) for f in audit_windows(joint).findings] == [
        ("a sensitive cell lies in too narrow an interval", *CELL)
    ]


def bounded(true: np.ndarray, hidden: np.ndarray, most: dict[int, int], need: float) -> Ranges:
    """The attacker's ranges of a bare table that is tied by its sums over one dimension."""
    sums, size = lines(true.shape), true.size + len(lines(true.shape))
    rows = np.zeros((len(sums), size), dtype=np.int64)
    for r, line in enumerate(sums):
        rows[r, line], rows[r, true.size + r] = -1, 1
    values = np.concatenate([np.where(hidden, 0, true).ravel(), [true.ravel()[line].sum() for line in sums]])
    state = np.where(np.arange(size) < true.size, np.append(hidden.ravel(), np.zeros(len(sums))), 0) > 0
    upper = np.full(size, 1000, dtype=np.int64)
    upper[list(most)] = list(most.values())
    system = System(
        NO_GRID, sparse.csr_matrix(rows), np.where(state, WITHHELD, SHOWN).astype(np.int8), values,
        np.zeros(size, dtype=np.int64), upper, agree=True,
    )  # fmt: skip
    at = np.flatnonzero(state)
    found = ranges_of(system, least=0, at=at, need=np.full(len(at), need), work=Work(integers=True))
    assert found is not None
    return found


def compare(true: np.ndarray, hidden: np.ndarray, most: dict[int, int], need: int) -> Iterator[bool]:
    """For every hidden cell: whether whole numbers mattered; the attacker must agree with the enumeration."""
    every = np.array([f.ravel() for f in fillings(true, hidden, most)])
    ranges = bounded(true, hidden, most, need)
    low, high = ranges.whole()
    for cell in np.flatnonzero(hidden.ravel()).tolist():
        ends = every[:, cell].min(), every[:, cell].max()
        assert (high[cell] - low[cell] >= need) == (ends[1] - ends[0] >= need)
        if ranges.certified[cell] and ranges.integer[cell]:
            assert low[cell] <= ends[0]
            assert ends[1] <= high[cell]
        yield bool(ranges.integer[cell])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=27, max_size=27), st.integers(0, 26), st.integers(1, 5), st.integers(0, 3))
def test_the_attacker_agrees_with_every_whole_filling(counts: list[int], extra: int, need: int, room: int) -> None:
    """Tables around the one above; whole numbers matter in some, mostly where a cell has an upper limit."""
    hidden = MOVE != 0
    hidden.ravel()[extra] = True
    true = np.where(hidden, np.array(counts).reshape(3, 3, 3), 1)
    middle = int(np.ravel_multi_index(MIDDLE, (3, 3, 3)))
    list(compare(true, hidden, {middle: int(true[MIDDLE]) + room}, need))


@pytest.mark.parametrize("small", [400, 0])
def test_a_part_of_a_large_component_proves_what_it_can(monkeypatch: pytest.MonkeyPatch, small: int) -> None:
    """All 17 cells lie near each other: the same answer as from the component as a whole."""
    monkeypatch.setattr(integers, "_SMALL", small)
    middle = int(np.ravel_multi_index(MIDDLE, (3, 3, 3)))
    assert sum(compare(COUNTS, MOVE != 0, {middle: 5}, 5)) == 1


def test_an_undecided_cell_is_refused_and_named_as_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a node to look at, the solver proves nothing."""
    monkeypatch.setattr(integers, "_narrow", lambda at, outer, seen: integers.Answer(at, *seen, False))
    promise = SuppressionPromise(level=ProtectionLevel.INTERVAL, threshold=5, zeros=Zeros.PUBLISHED)
    report = audit_suppressed(
        release_of(TABLE), period=PERIOD, promise=promise, secrets=Secrets(sensitive=[CELL]), limits=LIMITS
    )
    assert [f.rule for f in report.findings] == [
        "it is not decided whether whole numbers leave a withheld cell wide enough"
    ]


@pytest.mark.parametrize("near", range(1, 18))
@pytest.mark.parametrize("room", [2, 4])
def test_a_part_never_proves_too_much(monkeypatch: pytest.MonkeyPatch, near: int, room: int) -> None:
    """Where only some cells around are looked at, no filling lies outside what is called proved."""
    monkeypatch.setattr(integers, "_SMALL", 0)
    monkeypatch.setattr(integers, "_NEAR", near)
    middle = int(np.ravel_multi_index(MIDDLE, (3, 3, 3)))
    every = [int(f[MIDDLE]) for f in fillings(COUNTS, MOVE != 0, {middle: 3 + room})]
    ranges = bounded(COUNTS, MOVE != 0, {middle: 3 + room}, 3 + room)
    low, high = ranges.whole()
    assert (low[middle], high[middle]) in ((0, 3 + room), (min(every), max(every)))
    assert low[middle] == min(every) or near < 17
