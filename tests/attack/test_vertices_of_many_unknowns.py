"""Of many unknowns a vertex is as extreme as it can be, whether the programme goes on from the last one or not."""

from typing import cast

import highspy
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from publisher.audit.attacker import bounds, programme
from publisher.audit.attacker.bounds import _Component
from publisher.audit.attacker.integers import Witness
from publisher.audit.attacker.programme import Programme
from publisher.audit.attacker.ranges import unseen
from publisher.audit.attacker.reduce import ContradictionError
from publisher.errors import AuditFailedError

SIZE = 40


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programmes of more than two unknowns count as large."""
    monkeypatch.setattr(programme, "_WARM", 2)
    monkeypatch.setattr(programme, "_FURTHER", 8)


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many unknowns had costs, each time that a programme was started anew."""
    begin, found = Programme._anew, list[int]()

    def seen(self: Programme, columns: programme.Indices, costs: programme.Floats) -> programme.Floats | None:
        found.append(len(columns))
        return begin(self, columns, costs)

    monkeypatch.setattr(Programme, "_anew", seen)
    return found


def table(seed: int, *, upper: float = 30.0) -> Programme:
    """Equations of a table of 5 by 8, whose numbers are between 1 and `upper`."""
    draw = np.random.default_rng(seed)
    rows = np.vstack([np.kron(np.eye(5), np.ones(8)), np.kron(np.ones(5), np.eye(8))])
    truth = draw.integers(1, 20, SIZE).astype(np.float64)
    return Programme(sparse.csr_matrix(rows), rows @ truth, np.ones(SIZE), np.full(SIZE, upper))


def least(of: Programme, columns: programme.Indices, costs: programme.Floats) -> float:
    """By another formulation."""
    cost = np.zeros(SIZE)
    cost[columns] = costs
    found = linprog(cost, A_eq=of.matrix.toarray(), b_eq=of.rhs, bounds=np.transpose(of._within), method="highs-ds")
    assert found.status == 0
    return float(found.fun)


def some(draw: np.random.Generator, number: int) -> tuple[programme.Indices, NDArray[np.float64]]:
    """Unknowns, and costs of them."""
    return draw.permutation(SIZE)[:number].astype(np.int32), draw.choice([-1.0, 1.0], number)


@pytest.mark.parametrize("seed", range(5))
def test_each_vertex_is_the_most_extreme_whatever_was_asked_before(seed: int, anew: list[int]) -> None:
    of, draw = table(seed), np.random.default_rng(seed)
    asked = [20, 1, 3, 5, 30, 2, 1, 4]
    for k, number in enumerate(asked):
        if k in (3, 6):
            below, above = draw.integers(1, 3, SIZE).astype(np.float64), draw.integers(20, 26, SIZE).astype(np.float64)
            of.within(below, above)
        columns, costs = some(draw, number)
        point = of.extreme(columns, costs)
        assert point is not None
        assert of.holds(point)
        assert float(costs @ point[columns]) == pytest.approx(least(of, columns, costs), abs=1e-6)
        check_proof(of, columns, costs, point)
    assert anew == [20, 30], "what has few costs goes on from the last vertex"


def check_proof(of: Programme, columns: programme.Indices, costs: programme.Floats, point: programme.Floats) -> None:
    """The multipliers and the basis are those of the vertex that was found last."""
    reduced = -of.matrix.T @ of.multipliers()
    reduced[columns] += costs
    bound = of.multipliers() @ of.rhs + float(
        np.where(reduced > 0, reduced * of._within[0], reduced * of._within[1]).sum()
    )
    assert bound == pytest.approx(float(costs @ point[columns]), abs=1e-5)
    still = np.minimum(np.abs(point - of._within[0]), np.abs(point - of._within[1])) < 1e-6
    assert still[~of.basic()].all()


def test_what_the_multipliers_do_not_show_to_be_least_is_started_anew(
    monkeypatch: pytest.MonkeyPatch, anew: list[int]
) -> None:
    """A solver that goes on can take a vertex for the last one too early."""
    of, columns = table(8), np.array([0, 9], dtype=np.int32)
    assert of.extreme(columns, np.ones(2)) is not None
    early, optimal = of._point(of._last), Programme._optimal

    def too_early(self: Programme, solver: highspy.Highs) -> programme.Floats | None:
        return early if solver is self._solver else optimal(self, solver)

    monkeypatch.setattr(Programme, "_optimal", too_early)
    point = of.extreme(columns, -np.ones(2))
    assert point is not None
    assert -float(point[columns].sum()) == pytest.approx(least(of, columns, -np.ones(2)), abs=1e-6)
    assert anew == [2, 2]


def test_what_takes_too_many_steps_is_started_anew(monkeypatch: pytest.MonkeyPatch, anew: list[int]) -> None:
    monkeypatch.setattr(programme, "_LIMIT", 0)
    of, columns = table(7), np.array([0, 9], dtype=np.int32)
    for costs in (np.ones(2), -np.ones(2), np.ones(2)):
        point = of.extreme(columns, costs)
        assert point is not None
        assert float(costs @ point[columns]) == pytest.approx(least(of, columns, costs), abs=1e-6)
    assert anew == [2, 2, 2]
    assert of._solver.getOptionValue("simplex_iteration_limit")[1] == highspy.kHighsIInf


def test_what_does_not_satisfy_the_equations_is_not_believed(monkeypatch: pytest.MonkeyPatch, anew: list[int]) -> None:
    of, columns, told = table(8), np.array([0, 9], dtype=np.int32), Programme._point
    wrong = list[highspy.Highs]()

    def off(self: Programme, solver: highspy.Highs) -> programme.Floats:
        return told(self, solver) + (1e-3 if solver in wrong else 0.0)

    monkeypatch.setattr(Programme, "_point", off)
    assert of.extreme(columns, np.ones(2)) is not None
    wrong.append(of._solver)
    point = of.extreme(columns, -np.ones(2))
    assert point is not None
    assert of.holds(point)
    assert anew == [2, 2], "not from the last vertex"
    monkeypatch.setattr(Programme, "_point", lambda self, solver: told(self, solver) + 1e-3)
    with pytest.raises(AuditFailedError, match="nothing is decided"):
        of.extreme(columns, np.ones(2))


def test_there_is_no_end_where_something_can_grow_for_ever_and_no_point_where_bounds_forbid_all() -> None:
    of = table(9, upper=np.inf)
    free = sparse.csr_matrix(sparse.hstack([of.matrix, sparse.csr_matrix((13, 2))]))
    free = sparse.csr_matrix(sparse.vstack([free, sparse.csr_matrix(([1.0, -1.0], ([0, 0], [40, 41])), (1, 42))]))
    wide = Programme(free, np.append(of.rhs, 0.0), np.ones(42), np.full(42, np.inf))
    assert wide.extreme(np.arange(20, dtype=np.int32), np.ones(20)) is not None
    assert wide.extreme(np.array([40], dtype=np.int32), np.array([-1.0])) is None
    assert wide.extreme(np.array([0], dtype=np.int32), np.array([1.0])) is not None
    of.within(np.full(SIZE, 25.0), np.full(SIZE, 30.0))
    with pytest.raises(ContradictionError):
        of.extreme(np.array([0], dtype=np.int32), np.array([1.0]))


TRIANGLES, WIDE = 10, 4.0


def triangles() -> tuple[_Component, NDArray[np.float64]]:
    """Of every three unknowns any two can rise by four together: all three by two each, or one of them by four.

    Returns the component, of which one point was seen, and the point.
    """
    size, rows = 6 * TRIANGLES, list[NDArray[np.float64]]()
    for k in range(TRIANGLES):
        for slack, pair in enumerate(((0, 1), (1, 2), (0, 2))):
            row = np.zeros(size)
            row[[6 * k + pair[0], 6 * k + pair[1], 6 * k + 3 + slack]] = 1.0
            rows.append(row)
    of = Programme(sparse.csr_matrix(np.array(rows)), np.full(len(rows), WIDE), np.zeros(size), np.full(size, np.inf))
    point = np.where(np.arange(size) % 6 < 3, 0.0, WIDE)
    ranges, columns = unseen(size), np.arange(size, dtype=np.int32)
    ranges.see(columns, point)
    need = np.where(np.arange(size) % 6 < 3, WIDE, 0.0)
    asked = (ranges, Witness.none(size)), (need, np.zeros(size, dtype=np.bool_))
    return _Component.of(columns, of, *asked), point


class Alike:
    """Draws that are no draws: everything up, and alike."""

    def choice(self, among: list[float], size: int) -> NDArray[np.float64]:
        """The first."""
        return np.full(size, among[0])

    def exponential(self, size: int) -> NDArray[np.float64]:
        """Ones."""
        return np.ones(size)


def test_unknowns_that_stand_in_each_others_way_go_one_after_the_other() -> None:
    part, point = triangles()
    part._go_on(np.random.default_rng(1), point)
    assert len(part.wanting()) <= bounds._FEW
    np.testing.assert_array_equal(
        part.programme._within[1], part.programme.upper, "what is proved later has no ceiling"
    )
    alike, point = triangles()
    alike._go_on(cast(np.random.Generator, Alike()), point)
    assert len(alike.wanting()) == 3 * TRIANGLES, "where none is worth more than another, all go halfway"


def test_where_no_vertex_is_found_soon_none_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interior-point method can end with an error; the simplex method from nothing then takes hours."""
    monkeypatch.setattr(Programme, "_run", lambda self: pytest.fail("from nothing"))
    tried = list[int]()
    monkeypatch.setattr(Programme, "_anew", lambda self, columns, costs: tried.append(len(columns)))
    part, point = triangles()
    part._go_on(np.random.default_rng(1), point)
    assert tried == [3 * TRIANGLES] * 2
    assert len(part.wanting()) == 3 * TRIANGLES
