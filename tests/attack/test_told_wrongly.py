"""What is told to the audit in another form than whole numbers of its cells: it shows no more than is true."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from breaks import ALL, PERIOD, ROW, ROW_COUNTS, SQUARE, rules
from scipy import sparse
from tables import release_of, table_of, true_cells
from test_told_alternatives import INSIDE, RING, SUMS, TURN, VALUES, named, range_of, reduced

from publisher.audit.attacker import NamedAlternatives, alternatives, bounds
from publisher.audit.attacker.alternatives import Alternatives
from publisher.audit.attacker.bodies import LEAST_SUM, bodies_of
from publisher.audit.attacker.components import components
from publisher.audit.attacker.equations import NO_UPPER, build_system
from publisher.audit.attacker.integers import Witness
from publisher.audit.attacker.problem import given_system, ranges_of
from publisher.audit.attacker.ranges import Ranges, Work, unseen
from publisher.audit.attacker.reduce import Reduced
from publisher.audit.inside import Secrets
from publisher.audit.verdict import SuppressionPromise, audit_suppressed
from publisher.errors import AuditFailedError
from publisher.policy.model import ProtectionLevel, Zeros
from publisher.release.model import TOTAL


def seen(found: Reduced, changes: sparse.csr_matrix, values: np.ndarray = VALUES) -> tuple[Ranges, Witness]:
    ranges, witness = unseen(len(found.lower)), Witness.none(len(found.lower))
    Alternatives(values, changes).widen(found, ranges, witness)
    return ranges, witness


def in_pieces(pieces: Sequence[tuple[int, int]]) -> sparse.csr_matrix:
    """One change of the cells of VALUES: cell and number, a cell as often as it comes."""
    at, numbers = (np.array(x, dtype=np.int64) for x in zip(*pieces, strict=True))
    return sparse.csr_matrix((numbers, at, np.array([0, len(at)])), shape=(1, len(VALUES)))


def test_a_cell_that_stands_several_times_in_a_change_moves_by_all_of_it_together() -> None:
    found = reduced()
    turn = [(0, 1), (0, 1), (0, 1), (1, -3), (3, -3), (4, 3)]
    whole = seen(found, in_pieces([(0, 3), (1, -3), (3, -3), (4, 3)]))
    for cell in (0, 1, 3, 4):
        for pieces, at_once in zip(seen(found, in_pieces(turn)), whole, strict=True):
            assert range_of(found, cell, pieces) == range_of(found, cell, at_once)
    back_and_forth = [(0, 5), (0, -5), (0, 1), (1, -1), (3, -1), (4, 1), (4, 0), (8, 0)]
    assert range_of(found, 0, seen(found, in_pieces(back_and_forth))[0]) == (1, 4)


def test_what_is_told_stays_as_it_was() -> None:
    told = in_pieces([(0, 2), (0, -1), (4, 1), (1, -1), (3, -1), (3, 0)])
    before = [x.copy() for x in (told.data, told.indices, told.indptr)]
    seen(reduced(), told)
    assert all((old == new).all() for old, new in zip(before, (told.data, told.indices, told.indptr), strict=True))


@pytest.mark.parametrize("kind", [np.int8, np.int16])
def test_the_least_number_of_a_narrow_kind_has_an_opposite(kind: type[np.signedinteger]) -> None:
    """In 8 bits the opposite of -128 is -128."""
    least = int(np.iinfo(kind).min)
    values = np.array([20 - 3 * least, 10, 10, 40 - 3 * least])
    found = reduced(values, np.ones(4, dtype=np.bool_), sums=np.array([[1, 1, 1, -1]]))
    change = np.array([[least, -least // 2, -least // 2, 0]]).astype(kind)
    for told in seen(found, sparse.csr_matrix(change), values):
        assert all(range_of(found, k, told)[0] >= 1 for k in range(3))


@pytest.mark.parametrize("change", [[0.5 * n for n in TURN], [np.nan * n for n in TURN], [1.5 * n for n in TURN]])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_fractions_show_no_more_than_whole_numbers(change: list[float]) -> None:
    found = reduced()
    for told in seen(found, sparse.csr_matrix([change])):
        low, high = range_of(found, 0, told)
        assert 1 <= low <= 3 <= high <= 4


def test_values_whose_sum_wraps_are_no_solution() -> None:
    """Five parts are 5 together by two totals without end: not so where four of them are 2^62, which adds up to 0."""
    sums = np.array([[1, -1, *[-1] * 5, 0], [1, -1, *[0] * 5, -1]])
    values, withheld = np.array([15, 10, *[1] * 5, 5]), np.array([*[True] * 7, False])
    found = reduced(values, withheld, sums=sums, least=0)
    wrong = np.array([15, 10, *[2**62] * 4, 5, 5])
    change = sparse.csr_matrix([[0, 0, -1, 0, 0, 0, 1, 0]])
    assert (found.upper == NO_UPPER).all()
    assert np.isinf(seen(found, change, wrong)[0].low).all()
    assert range_of(found, 6, seen(found, change, values)[0]) == (0, 2)


def test_values_that_no_float_holds_show_nothing() -> None:
    """Where only the difference of two numbers is known, these may be of any size."""
    values, sums = np.array([2**53 + 3, 2**53, 3]), np.array([[1, -1, -1]])
    found = reduced(values, np.array([True, True, False]), sums=sums)
    assert np.isinf(seen(found, sparse.csr_matrix([[1, 1, 0]]), values)[0].low).all()


def test_an_equation_so_long_that_sums_could_wrap_shows_nothing() -> None:
    sums, values = np.array([[2**22, -1, -1]]), np.array([0, 0, 0])
    found = reduced(values, np.array([True, True, True]), sums=sums, least=0)
    assert np.isinf(seen(found, sparse.csr_matrix([[1, 2**22, 0]]), values)[0].low).all()


@pytest.mark.parametrize(("values", "most"), [([3, 0, 3], NO_UPPER), ([11, 8, 3], 10)])
def test_values_beyond_a_bound_show_nothing_though_they_add_up(values: list[int], most: int) -> None:
    sums, withheld = np.array([[1, -1, -1]]), np.array([True, True, False])
    found = reduced(np.array([5, 2, 3]), withheld, sums=sums, most=most)
    change = sparse.csr_matrix([[1, 1, 0]])
    assert np.isinf(seen(found, change, np.array(values))[0].low).all()
    assert range_of(found, 0, seen(found, change, np.array([5, 2, 3]))[0])[0] == 4


def test_large_values_below_nothing_show_nothing() -> None:
    sums, values = np.array([[1, -1, -1]]), np.array([-(2**41), -(2**41) - 3, 3])
    found = reduced(values, np.array([True, True, False]), sums=sums, least=LEAST_SUM)
    assert np.isinf(seen(found, sparse.csr_matrix([[1, 1, 0]]), values)[0].low).all()


def test_a_number_that_follows_from_the_tables_and_is_told_otherwise_shows_nothing() -> None:
    withheld = np.array([*INSIDE[:8], True])
    found, wrong = reduced(withheld=withheld), VALUES + np.eye(9, dtype=np.int64)[8]
    assert found.fixed[found.unknowns == 8] == VALUES[8]
    assert range_of(found, 0, seen(found, sparse.csr_matrix([TURN]))[0]) == (1, 4)
    assert np.isinf(seen(found, sparse.csr_matrix([TURN]), wrong)[0].low).all()


def test_changes_are_followed_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sums, values = np.array([[1, 1, 1, -1]]), np.array([3, 4, 13, 20])
    found = reduced(values, np.array([True, True, True, False]), sums=sums)
    for at_once in (1, 2, 3):
        monkeypatch.setattr(alternatives, "_AT_ONCE", at_once)
        ranges, _ = seen(found, sparse.csr_matrix([[1, -1, 0, 0], [0, 1, -1, 0], [2, -2, 0, 0]]), values)
        assert [range_of(found, k, ranges) for k in range(3)] == [(1, 6), (1, 16), (1, 16)]


def test_what_was_seen_before_stays_seen() -> None:
    found = reduced()
    ranges, witness = Ranges(*np.array([[0.0] * 4, [9.0] * 4]), np.zeros(4, np.bool_)), Witness.none(4)
    witness.low[:], witness.high[:] = 0, 9
    Alternatives(VALUES, sparse.csr_matrix([TURN])).widen(found, ranges, witness)
    assert all(range_of(found, cell, told) == (0, 9) for cell in (0, 1, 3, 4) for told in (ranges, witness))


def test_each_part_of_the_tables_gets_what_was_seen_of_its_own_unknowns() -> None:
    found = reduced()
    columns, programme = next(components(found))
    witness = Witness(np.arange(4.0), 10 + np.arange(4.0))
    part = bounds._Component.of(columns[::-1], programme, (unseen(4), witness), (np.ones(4), np.zeros(4, np.bool_)))
    assert part.witness.low.tolist() == [3, 2, 1, 0]
    assert part.witness.high.tolist() == [13, 12, 11, 10]


@pytest.mark.parametrize(("times", "some"), [(1, False), (3, True)])
def test_whole_numbers_that_were_told_are_not_asked_for(
    monkeypatch: pytest.MonkeyPatch, times: int, *, some: bool
) -> None:
    """The square needs a width of 3, and has no more; three changes at once do not fit, and show it by fractions."""
    asked = list[int]()
    monkeypatch.setattr(bounds._Component, "_moves", lambda self, at, low, high: bool(asked.append(at)) or True)
    system = given_system(
        sparse.csr_matrix(SUMS), VALUES, INSIDE, (INSIDE.astype(np.int64), np.full(9, NO_UPPER))
    )  # fmt: skip
    told = Alternatives(VALUES, sparse.csr_matrix([[times * n for n in TURN]]))
    ranges_of(system, least=0, at=np.flatnonzero(INSIDE), need=np.full(4, 3.0), work=Work(integers=True), told=told)
    assert bool(asked) == some


@pytest.mark.parametrize(("cells", "wide"), [(9, 10), (9, 8), (10, 9), (0, 9)])
def test_numbers_of_other_cells_end_the_audit(cells: int, wide: int) -> None:
    with pytest.raises(AuditFailedError, match="not of its cells"):
        Alternatives(np.zeros(cells, dtype=np.int64), sparse.csr_matrix((1, wide), dtype=np.int64))


def test_fewer_cells_than_there_are_end_the_audit() -> None:
    with pytest.raises(AuditFailedError, match="not of its cells"):
        seen(reduced(), sparse.csr_matrix([[1, -1]]), VALUES[:2])


ELSEWHERE = {("0101R001", "c"): 1, ("0101R001", "b"): -1, ("0101R002", "c"): -1, ("0101R002", "b"): 1}


@pytest.mark.parametrize(
    ("edits", "left"),
    [
        ({}, 4),
        ({"dimensions": ("sex",)}, 0),
        ({"categories": (("z",), (TOTAL,), ("a",), ("b",))}, 2),
        ({"areas": ("0101R002", "9999R001", *named(RING).areas[2:])}, 2),
    ],
)
def test_cells_whose_names_the_published_form_lacks_are_no_other_cells(edits: dict[str, object], left: int) -> None:
    system = build_system(next(bodies_of([table_of(ROW, ROW_COUNTS, ALL)])), PERIOD, {})
    told = named(ELSEWHERE, **edits).of(system)
    moved = {system.grid.describe(int(n)): int(v) for n, v in zip(told.changes.indices, told.changes.data, strict=True)}
    assert len(moved) == left
    assert {(a, c[0]): n for (a, c), n in moved.items()}.items() <= ELSEWHERE.items()


@pytest.mark.parametrize(
    "edits", [{"areas": ("0101R001",)}, {"dimensions": ()}, {"dimensions": ("benefit", "sex")}, {"values": np.zeros(3)}]
)
def test_names_that_do_not_fit_their_numbers_end_the_audit(edits: dict[str, object]) -> None:
    with pytest.raises(AuditFailedError, match="not of its cells"):
        named(RING, **edits)


def narrow() -> tuple[dict[tuple[str, tuple[str, ...]], int], NamedAlternatives]:
    """Counts of which two withheld ones are 4 together, and a change of them by half a unit."""
    counts = {**ROW_COUNTS, ("0101R001", ("a",)): 2, ("0101R001", ("b",)): 2}
    told, cells = named(RING), true_cells(ROW, counts, ALL, [True], ["benefit"])
    values = np.array([cells.get((a, c), 0) for a in told.areas for c in told.categories])
    return counts, replace(told, values=values, changes=sparse.csr_matrix(told.changes * 0.5))


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_an_unsafe_table_does_not_pass_by_fractions_that_are_told() -> None:
    counts, told = narrow()
    level = ProtectionLevel.INTERVAL
    table = table_of(ROW, counts, ALL, hide=SQUARE, level=level.value)
    report = audit_suppressed(
        release_of(table), period=PERIOD, secrets=Secrets(sensitive=[("table", "0101R001", ("a",))], told=told),
        promise=SuppressionPromise(level=level, threshold=5, zeros=Zeros.PUBLISHED),
    )  # fmt: skip
    assert rules(report) == {"a sensitive cell lies in too narrow an interval"}
