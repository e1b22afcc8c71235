"""Regions of a large component show what can move, never more than can, and hide nothing that is too narrow."""

import os
from dataclasses import dataclass

import highspy
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from publisher.audit.attacker import bounds, programme, regions
from publisher.audit.attacker.neighbourhoods import Neighbourhoods
from publisher.audit.attacker.problem import bound_problem
from publisher.audit.attacker.programme import Indices, Programme
from publisher.audit.attacker.ranges import unseen
from publisher.audit.attacker.reduce import ContradictionError
from publisher.audit.attacker.regions import Region, Regions
from publisher.errors import AuditFailedError

WIDE, WHOLE = 5.0, 10**9
Ends = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class Box:
    """A table of three dimensions with all its margins, some inner cells withheld."""

    matrix: sparse.csr_matrix
    values: NDArray[np.int64]
    withheld: NDArray[np.bool_]

    @classmethod
    def of(cls, seed: int, shape: tuple[int, ...] = (7, 6, 4)) -> "Box":
        random = np.random.default_rng(seed)
        inner = random.poisson(random.choice([1, 3, 12], size=shape))
        full, at = _with_totals(inner), np.indices([n + 1 for n in shape])
        inside = np.all([a < n for a, n in zip(at, shape, strict=True)], axis=0)
        withheld = inside & (random.random(full.shape) < 0.7)
        return cls(_sums(shape), full.ravel(), withheld.ravel())

    def attack(self, need: NDArray[np.float64]) -> Ends:
        nothing = np.zeros(len(self.values), dtype=np.int64)
        found = bound_problem(self.matrix, self.values, self.withheld, (nothing, nothing + 2**62), need=need)
        assert found is not None
        return found

    @property
    def size(self) -> int:
        return int(self.withheld.sum())


def _with_totals(inner: NDArray[np.int64]) -> NDArray[np.int64]:
    for axis in range(inner.ndim):
        inner = np.concatenate([inner, inner.sum(axis=axis, keepdims=True)], axis=axis)
    return inner


def _sums(shape: tuple[int, ...]) -> sparse.csr_matrix:
    """Along each dimension the last is the sum of the others."""
    sizes, rows = [n + 1 for n in shape], []
    for axis, n in enumerate(sizes):
        line = sparse.csr_matrix(np.array([[-1] * (n - 1) + [1]]))
        parts = [line if k == axis else sparse.eye(m, dtype=np.int64) for k, m in enumerate(sizes)]
        rows.append(sparse.kron(sparse.kron(parts[0], parts[1]), parts[2]))
    return sparse.csr_matrix(sparse.vstack(rows)).astype(np.int64)


@pytest.fixture
def small_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Components count as large, and are asked by regions of a few unknowns."""
    monkeypatch.setattr(bounds, "_LARGE", 20)
    monkeypatch.setattr(bounds, "_SMALL", 20)
    monkeypatch.setattr(regions, "_SIZES", (15, 40, 80))


def _as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "_LARGE", WHOLE)


@pytest.mark.usefixtures("small_regions")
@pytest.mark.parametrize("limited", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_what_is_too_narrow_is_the_same_by_regions_and_as_a_whole(
    seed: int, limited: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box.of(seed)
    monkeypatch.setattr(regions, "_SPARSE", limited)
    need = np.full(box.size, WIDE)
    low, high = box.attack(need)
    _as_a_whole(monkeypatch)
    least, most = box.attack(np.full(box.size, np.inf))
    np.testing.assert_array_equal(high - low >= WIDE, most - least >= WIDE)
    narrow = most - least < WIDE
    np.testing.assert_array_equal(low[narrow], least[narrow])
    np.testing.assert_array_equal(high[narrow], most[narrow])


@pytest.mark.usefixtures("small_regions")
@pytest.mark.parametrize("seed", range(6))
def test_regions_never_show_a_number_that_no_solution_has(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Box.of(100 + seed)
    low, high = box.attack(np.full(box.size, WIDE))
    _as_a_whole(monkeypatch)
    least, most = box.attack(np.full(box.size, np.inf))
    assert (low >= least).all()
    assert (high <= most).all()


@pytest.mark.usefixtures("small_regions")
@pytest.mark.parametrize("seed", range(3))
def test_ends_that_must_be_proved_are_the_same_by_regions_and_as_a_whole(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box.of(200 + seed)
    proof = np.full(box.size, np.inf)
    ends = box.attack(proof)
    _as_a_whole(monkeypatch)
    np.testing.assert_array_equal(ends, box.attack(proof))


@pytest.mark.usefixtures("small_regions")
@pytest.mark.parametrize("kind", ["by its equations", "by what is known of it"])
def test_one_cell_that_is_a_unit_too_narrow_is_found_in_a_component_that_is_wide(kind: str) -> None:
    """Every number is 40, so that all others can move far."""
    shape, one = (8, 6, 5), (3, 2, 1)
    inner = np.full(shape, 40, dtype=np.int64)
    if kind == "by its equations":
        inner[3, 2] = 0, 1, 0, 3, 0  # a line that adds up to 4
    full = _with_totals(inner)
    inside = np.zeros(full.shape, dtype=np.bool_)
    inside[tuple(slice(n) for n in shape)] = True
    low, high = np.zeros(full.shape, dtype=np.int64), np.full(full.shape, 2**62)
    if kind == "by what is known of it":
        low[one], high[one] = 38, 42
    need = np.full(inside.sum(), WIDE)
    found = bound_problem(_sums(shape), full.ravel(), inside.ravel(), (low.ravel(), high.ravel()), need=need)
    assert found is not None
    wide = np.zeros(full.shape)
    wide[inside] = found[1] - found[0]
    narrow = set(zip(*(x.tolist() for x in np.nonzero(inside & (wide < WIDE))), strict=True))
    assert wide[one] == WIDE - 1
    assert narrow == ({(3, 2, k) for k in range(5)} if kind == "by its equations" else {one})


def _regions(seed: int, times: int = 1) -> Regions:
    """The regions of a box, with nothing seen of it but the truth, which is so many times as large."""
    box = Box.of(seed)
    matrix = sparse.csr_matrix(box.matrix[:, box.withheld]).astype(np.float64)
    matrix = matrix[np.diff(matrix.indptr) > 0]
    truth = times * box.values[box.withheld].astype(np.float64)
    size = len(truth)
    of = Programme(matrix, matrix @ truth, np.zeros(size), np.full(size, np.inf))
    ranges, every = unseen(size), np.arange(size, dtype=np.int32)
    ranges.see(every, truth)
    return Regions(of, truth.copy(), every, ranges, np.full(size, WIDE), np.random.default_rng(seed))


@pytest.mark.usefixtures("small_regions")
@pytest.mark.parametrize("seed", range(6))
def test_the_point_at_which_the_rest_stands_satisfies_all_equations_to_the_end(seed: int) -> None:
    of = _regions(seed)
    before = of.point.copy()
    of.settle()
    assert np.abs(of.point - before).max() > 1
    assert of.point.min() >= 0
    assert np.abs(of.programme.matrix @ of.point - of.programme.rhs).max() < 1e-6


@pytest.mark.usefixtures("small_regions")
def test_the_number_of_processors_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = []
    for processors in (1, 3):
        monkeypatch.setattr(os, "cpu_count", lambda n=processors: n)
        of = _regions(7)
        of.settle()
        ends.append((of.ranges.low, of.ranges.high, of.point))
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.usefixtures("small_regions")
@pytest.mark.parametrize("error", [AuditFailedError("no answer"), ContradictionError()])
def test_a_region_of_which_the_solver_knows_nothing_leaves_its_cells_to_the_whole(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All else stands still at rounded numbers, so that a region may seem to have no solution at all."""
    box = Box.of(4)
    need = np.full(box.size, WIDE)
    _as_a_whole(monkeypatch)
    least, most = box.attack(need)
    monkeypatch.setattr(bounds, "_LARGE", 20)
    monkeypatch.setattr(bounds, "_NEAR", 50)
    extreme, failed = Programme.extreme, list[int]()

    def fails_in_part(self: Programme, columns: Indices, costs: NDArray[np.float64]) -> NDArray[np.float64] | None:
        if self.size <= 60:
            failed.append(self.size)
            raise error
        return extreme(self, columns, costs)

    monkeypatch.setattr(Programme, "extreme", fails_in_part)
    low, high = box.attack(need)
    assert 50 in failed
    assert min(failed) <= 30
    np.testing.assert_array_equal(high - low >= WIDE, most - least >= WIDE)


@pytest.mark.usefixtures("small_regions")
def test_the_point_goes_back_where_moves_add_up_to_what_breaks_an_equation(monkeypatch: pytest.MonkeyPatch) -> None:
    of = _regions(5)
    before = of.point.copy()
    monkeypatch.setattr(Region, "middle", lambda self, points: self.here + 1e-5)
    of.settle()
    np.testing.assert_array_equal(of.point, before)


def test_no_interior_point_method_goes_on_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of 49 unknowns was at 215 000 steps when it was ended."""
    made, limits = Programme._made, list[object]()

    def seen(self: Programme, **options: str | float) -> highspy.Highs:
        if options.get("solver") == "ipx":
            limits.append(options.get("ipm_iteration_limit"))
        return made(self, **options)

    monkeypatch.setattr(Programme, "_made", seen)
    monkeypatch.setattr(programme, "_WARM", 2)
    of = _regions(1).programme
    assert of.holds(of.inside())
    assert of.extreme(np.array([0], dtype=np.int32), np.array([1.0])) is not None
    assert limits == [500, 500]


@pytest.mark.usefixtures("small_regions")
def test_regions_settle_most_of_what_is_wide() -> None:
    of = _regions(3)
    before = int(of.ranges.wanting(of.need).sum())
    of.settle()
    assert int(of.ranges.wanting(of.need).sum()) < before / 2


@pytest.mark.parametrize("times", [1, 10**8])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_open_goes_as_far_as_it_needs_and_no_further_where_little_is_open(seed: int, times: int) -> None:
    """Numbers that are large are not exact: they go further by as much as they may be off."""
    of = _regions(seed, times)
    open_ = np.array([3, 50], dtype=np.int32)
    of.need = np.where(np.isin(np.arange(of.programme.size), open_), WIDE, 0.0)
    start, region = of.point.copy(), of._region(np.arange(of.programme.size))
    for sign in (-1.0, 1.0):
        point = region._vertex(open_, np.full(2, sign))
        assert point is not None
        assert of.programme.holds(point)
        assert ((start - point) * sign <= WIDE + 3 * region.off + 1e-6)[open_].all()
    free = np.abs(np.diff([_ends(of.programme, at) for at in open_], axis=1)).ravel()
    alone = [_widened(region, at) for at in open_]
    assert [w >= WIDE for w in alone] == [f >= WIDE for f in free]


def _ends(programme: Programme, at: int) -> tuple[float, float]:
    """Least and greatest number that an unknown can be."""
    programme.within(programme.lower, np.minimum(programme.upper, 10**12))
    low, high = (programme.extreme(np.array([at], dtype=np.int32), np.array([sign])) for sign in (1.0, -1.0))
    assert low is not None
    assert high is not None
    return float(low[at]), float(high[at])


def _widened(region: Region, at: int) -> float:
    """How wide an unknown was seen to be when sent up and down by itself, as often as it takes."""
    one, every = np.array([at], dtype=np.int32), np.arange(len(region.here), dtype=np.int32)
    for sign in (-1.0, 1.0, -1.0):
        point = region._vertex(one, np.array([sign]))
        assert point is not None
        region.seen.see(every, point, region.off)
    return float(np.diff([end[at] for end in region.seen.whole()])[0])


def _inner(shape: tuple[int, ...]) -> sparse.csr_matrix:
    """The equations of the inner cells of a table, all withheld, with all its margins shown."""
    inside = np.zeros([n + 1 for n in shape], dtype=np.bool_)
    inside[tuple(slice(n) for n in shape)] = True
    matrix = sparse.csr_matrix(_sums(shape)[:, inside.ravel()]).astype(np.float64)
    return sparse.csr_matrix(matrix[np.diff(matrix.indptr) > 0])


@pytest.mark.parametrize("seed", range(4))
def test_regions_share_no_unknown_and_every_one_lies_around_its_own(seed: int) -> None:
    matrix = _inner((12, 10, 8))
    seeds = np.random.default_rng(seed).choice(960, 9, replace=False)
    regions = Neighbourhoods(matrix).around(seeds, 960)
    assert all(s in r for s, r in zip(seeds, regions, strict=True))
    assert sorted(np.concatenate(regions)) == list(range(960))
    assert all((np.diff(r) > 0).all() for r in regions)
    short = Neighbourhoods(matrix).around(seeds, 30)
    assert all(s in r and set(r) <= set(whole) for s, r, whole in zip(seeds, short, regions, strict=True))
    assert max(len(r) for r in short) == 30


def test_regions_are_cut_where_equations_are_long() -> None:
    """Two counts of different areas, which are both fewer equations away from some of the other's area."""
    shape = (20, 2, 3)
    one, other = ((4, 0, 0), (10, 1, 2))
    seeds = np.array([np.ravel_multi_index(at, shape) for at in (one, other)])
    regions = Neighbourhoods(_inner(shape)).around(seeds, 120)
    for (area, _, _), region in zip((one, other), regions, strict=True):
        assert np.isin(area * 6 + np.arange(6), region).all()
