"""Rounding, intervals and marks: from noisy values and known variances only."""

import inspect
from dataclasses import replace
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher import rounding
from publisher.errors import PolicyError
from publisher.noise import area_system, combine, postprocess, publish, ratios
from publisher.noise.postprocess import _MINT, Estimate
from publisher.noise.publish import NORMAL_95, ProtectedCells, protect, rate_cells, withheld_cells
from publisher.policy.model import WIDTH_OF_ERROR, ContributionBound, EstimateKind, Noise, Weights
from publisher.relations import AreaLevel, KeySet
from publisher.release.model import CellStatus

NOISE = Noise(
    rho=Fraction(1, 10), bound=ContributionBound(4, "last"), weights=Weights.CELLS, estimate=EstimateKind.UNBIASED,
    uncertain_cv=Fraction(3, 10), withhold_below=Fraction(5),
)  # fmt: skip
PLAIN = replace(NOISE, withhold_below=None, uncertain_cv=Fraction(10))


class Shown(NamedTuple):
    """One cell as it is published."""

    status: CellStatus
    value: int | None = None
    lower: int | None = None
    upper: int | None = None


def estimate_of(
    values: list[float], errors: list[float], kind: EstimateKind = EstimateKind.UNBIASED, decimals: int = 0
) -> Estimate:
    """Shown as `combine` would: the centre, whole in units of the decimals."""
    codes = tuple(f"x{k}" for k in range(len(values)))
    keys = KeySet(codes, (AreaLevel("regso", codes, np.arange(len(codes))),), (), ())
    shown_ = np.rint(np.array(values) * 10**decimals) / 10**decimals
    return Estimate(
        mint=_MINT, keys=keys, kind=kind, values=shown_, centre=np.array(values), variances=np.array(errors) ** 2
    )


def protected(
    values: list[float], errors: list[float], noise: Noise = PLAIN, decimals: int = 0, signed: bool = False
) -> ProtectedCells:
    given_ = estimate_of(values, errors, decimals=decimals)
    return protect(given_, noise=noise, decimals=decimals, withheld=withheld_cells(given_, noise), signed=signed)


def shown(cells: ProtectedCells) -> list[Shown]:
    rows = zip(cells.status, cells.numbered, cells.value, cells.lower, cells.upper, strict=True)
    return [Shown(s, int(v), int(lo), int(up)) if n else Shown(s) for s, n, v, lo, up in rows]


def cells(
    values: list[float], errors: list[float], noise: Noise = PLAIN, decimals: int = 0, signed: bool = False
) -> list[Shown]:
    return shown(protected(values, errors, noise, decimals, signed))


def test_values_are_shown_in_units_of_the_decimals_and_are_whole_in_them_beforehand() -> None:
    assert [c.value for c in cells([2.25, 2.35, -0.31], [1.0] * 3, decimals=1)] == [22, 24, -3]
    half = estimate_of([2.5, 1e6], [1.0] * 2, decimals=1)
    with pytest.raises(ValueError, match="whole in units of its decimals"):
        protect(half, noise=PLAIN, decimals=0, withheld=withheld_cells(half, PLAIN))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 2**47), min_size=2, max_size=8), st.integers(0, 6))
def test_what_is_published_adds_up_exactly_however_many_decimals_and_else_is_refused(
    parts: list[int], decimals: int
) -> None:
    """`parts`: in units of the decimals; the total is made as `combine` makes it."""
    values = [*parts, sum(parts)]
    published = cells([v / 10**decimals for v in values], [1.0] * len(values), decimals=decimals)
    assert [c.value for c in published] == values
    with pytest.raises(PolicyError, match="too large to add up exactly"):
        cells([(2**50 + v) / 10**decimals for v in values], [1.0] * len(values), decimals=decimals)


def test_bounds_are_rounded_outwards_and_cut_at_zero() -> None:
    wide, cut = cells([100.0, 1.0], [10.0, 10.0])
    assert (wide.lower, wide.upper) == (80, 120)
    assert (cut.lower, cut.upper) == (0, 21)


def test_an_interval_cut_at_zero_keeps_two_standard_errors_and_contains_its_value() -> None:
    low, lower = cells([-8.0, -40.0], [10.0, 10.0])
    assert (low.lower, low.value, low.upper) == (-8, -8, 20)
    assert (lower.lower, lower.value, lower.upper) == (-40, -40, 20)


def test_a_value_above_the_unbiased_interval_widens_it() -> None:
    given_ = estimate_of([-30.0, 100.0], [10.0] * 2)
    moved = replace(given_, mint=_MINT, kind=EstimateKind.NON_NEGATIVE_INTEGERS, values=np.array([25.0, 75.0]))
    noise = replace(PLAIN, estimate=EstimateKind.NON_NEGATIVE_INTEGERS)
    above, below = shown(protect(moved, noise=noise, decimals=0, withheld=withheld_cells(moved, noise)))
    assert (above.lower, above.value, above.upper) == (0, 25, 25)
    assert (below.lower, below.value, below.upper) == (75, 75, 120)


@settings(max_examples=300)
@given(st.floats(-1e5, 1e6), st.floats(1e-3, 1e4), st.integers(0, 3))
def test_every_interval_contains_its_value_and_every_count_that_the_plain_one_does(
    value: float, error: float, decimals: int
) -> None:
    (cell,) = cells([value], [error], decimals=decimals)
    assert cell.lower is not None
    assert cell.value is not None
    assert cell.upper is not None
    unit = 10**decimals
    assert cell.lower <= cell.value <= cell.upper
    assert cell.upper - cell.lower >= 2 * error * unit * (1 - 1e-12) - 1e-6
    assert cell.lower <= max(0.0, (value - NORMAL_95 * error) * unit) + 1e-6
    assert cell.upper >= (value + NORMAL_95 * error) * unit - 1e-6


def test_an_estimate_below_the_limit_is_withheld_without_any_number() -> None:
    withheld, shown, negative = cells([4.0, 5.0, -3.0], [0.1] * 3, NOISE)
    for cell in (withheld, negative):
        assert cell == Shown(CellStatus.SUPPRESSED)
    assert (shown.status, shown.value) == (CellStatus.PUBLISHED, 5)


def test_a_standard_error_above_the_share_of_the_estimate_is_marked_and_keeps_its_numbers() -> None:
    certain, uncertain = cells([100.0, 100.0], [30.0, 30.01], NOISE)
    assert certain.status is CellStatus.PUBLISHED
    assert (uncertain.status, uncertain.value) == (CellStatus.UNCERTAIN, 100)
    nothing = cells([0.0, -20.0], [1.0, 1.0], replace(NOISE, withhold_below=None))
    assert all(c.status is CellStatus.UNCERTAIN for c in nothing)


def test_an_interval_wider_than_the_share_of_its_value_is_marked_where_the_rule_is_about_that() -> None:
    """100 -+ 19.6 is 80 to 120; an interval that is cut at 0 is narrower than its standard error says."""
    rule = replace(PLAIN, uncertain_width=Fraction("0.4"), uncertain_cv=Fraction("0.4") / WIDTH_OF_ERROR)
    certain, uncertain, cut = cells([100.0, 99.0, 25.0], [10.0, 10.0, 10.0], rule)
    assert [certain.status, uncertain.status] == [CellStatus.PUBLISHED, CellStatus.UNCERTAIN]
    assert cut.status is CellStatus.UNCERTAIN
    wide = replace(rule, uncertain_width=Fraction("2"), uncertain_cv=Fraction("2") / WIDTH_OF_ERROR)
    less, enough = cells([19.0, 20.0], [10.0] * 2, wide)
    assert (less.lower, less.upper, less.status) == (0, 39, CellStatus.UNCERTAIN)
    assert (enough.lower, enough.upper, enough.status) == (0, 40, CellStatus.PUBLISHED)
    with pytest.raises(ValueError, match="do not agree"):
        replace(rule, uncertain_cv=Fraction(1))


def test_marks_cannot_depend_on_exact_counts() -> None:
    """A threshold on the truth has nothing to read: neither the arguments nor the modules can reach a cube."""
    assert list(inspect.signature(protect).parameters) == ["estimate", "noise", "decimals", "withheld", "signed"]
    assert list(inspect.signature(withheld_cells).parameters) == ["count", "noise"]
    for module in (publish, ratios, combine, postprocess, area_system, rounding):
        imports = [line for line in inspect.getsource(module).splitlines() if line.startswith(("import ", "from "))]
        assert imports
        assert not [line for line in imports if "cube" in line or "mechanism" in line or "ledger" in line]


def test_the_estimate_published_is_the_one_that_the_policy_says() -> None:
    other = estimate_of([1.0], [1.0], EstimateKind.NON_NEGATIVE_INTEGERS)
    withheld = withheld_cells(other, NOISE)
    with pytest.raises(ValueError, match="the policy publishes"):
        protect(other, noise=NOISE, decimals=0, withheld=withheld)


def made(status: CellStatus, numbered: bool, *numbers: int, decimals: int = 0, **changes: object) -> ProtectedCells:
    arrays = [np.array([n], dtype=np.int64) for n in numbers]
    given_ = dict(zip(("value", "lower", "upper"), arrays, strict=True))
    given_ |= {"status": np.array([status], dtype=object), "numbered": np.array([numbered])}
    keys = estimate_of([1.0], [1.0]).keys
    return ProtectedCells(mint=publish._MINT, keys=keys, decimals=decimals, **{**given_, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("numbers", [(1, 2, 3), (3, 0, 2)])
@pytest.mark.parametrize("status", [CellStatus.PUBLISHED, CellStatus.UNCERTAIN])
def test_a_shown_cell_without_ordered_numbers_is_refused(status: CellStatus, numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="lower <= value <= upper"):
        made(status, True, *numbers)


@pytest.mark.parametrize(
    ("status", "numbered"),
    [(CellStatus.SUPPRESSED, True), (CellStatus.NOT_APPLICABLE, True), (CellStatus.PUBLISHED, False)],
)
def test_numbers_where_the_status_has_none_and_none_where_it_has_are_refused(
    status: CellStatus, numbered: bool
) -> None:
    with pytest.raises(ValueError, match="a published cell shows its number"):
        made(status, numbered, 1, 1, 1)


def test_an_uncertain_cell_may_show_no_number() -> None:
    assert shown(made(CellStatus.UNCERTAIN, False, 3, 2, 1)) == [Shown(CellStatus.UNCERTAIN)]


def test_cells_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="as many as the key set"):
        made(CellStatus.PUBLISHED, True, 1, 1, 1, value=np.array([1, 2]))


def test_receipts_are_made_by_their_own_modules() -> None:
    given_ = estimate_of([1.0], [1.0])
    with pytest.raises(TypeError):
        replace(given_, mint=object())
    with pytest.raises(TypeError):
        replace(made(CellStatus.PUBLISHED, True, 1, 1, 1), mint=object())


def test_sums_may_be_negative_and_are_marked_by_their_size() -> None:
    certain, uncertain = cells([-100.0, -100.0], [30.0, 30.01], replace(NOISE, withhold_below=None), signed=True)
    assert certain == Shown(CellStatus.PUBLISHED, -100, -159, -41)
    assert uncertain.status is CellStatus.UNCERTAIN


def test_the_cells_withheld_are_those_of_the_count_whatever_a_sum_is() -> None:
    amount = estimate_of([1e6, -7.0, 3.0], [1.0] * 3)
    withheld = withheld_cells(estimate_of([4.0, 5.0, 5.4], [1.0] * 3), NOISE)
    found = shown(protect(amount, noise=NOISE, decimals=0, withheld=withheld, signed=True))
    assert [c.status is CellStatus.SUPPRESSED for c in found] == [True, False, False]
    assert found[0] == Shown(CellStatus.SUPPRESSED)


@pytest.mark.parametrize(("values", "errors"), [([float("nan")], [1.0]), ([1.0], [0.0])])
def test_an_estimate_that_is_not_finite_or_has_no_noise_is_refused(values: list[float], errors: list[float]) -> None:
    with pytest.raises(ValueError, match="without noise"):
        estimate_of(values, errors)


def test_decimals_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="decimals"):
        cells([1.0], [1.0], decimals=7)


@settings(max_examples=200)
@given(
    st.integers(-50, 10**6), st.integers(0, 300), st.integers(1, 10**6), st.sampled_from([1, 100, 1000]),
    st.integers(0, 3), st.integers(0, 2),
)  # fmt: skip
def test_rates_are_exact_half_up_and_outwards(
    value: int, half: int, population: int, per: int, decimals: int, count_decimals: int
) -> None:
    of = protected([value / 10**count_decimals], [half + 1], decimals=count_decimals, signed=value < 0)
    (count,) = shown(of)
    (rate,) = shown(rate_cells(of, np.array([population]), per=per, decimals=decimals))
    assert count.value is not None
    assert count.lower is not None
    assert count.upper is not None

    def exact(number: int) -> Fraction:
        return Fraction(number * per * 10**decimals, population * 10**count_decimals)

    assert rate.value == (exact(count.value) + Fraction(1, 2)).__floor__()
    assert rate.lower == exact(count.lower).__floor__()
    assert rate.upper == exact(count.upper).__ceil__()
    assert rate.status is count.status


def test_a_rate_by_hand() -> None:
    (rate,) = shown(rate_cells(protected([25.0], [1.0]), np.array([800]), per=1000, decimals=1))
    assert rate.value == int(Decimal("31.25").quantize(Decimal("0.1"), ROUND_HALF_UP) * 10) == 313
    assert rate.lower == int(Decimal(23 * 10000 / 800).to_integral_value(ROUND_FLOOR))


def test_withheld_counts_have_withheld_rates_and_no_population_no_rate() -> None:
    of = protected([1.0, 1.0, 100.0, 100.0], [1.0, 1.0, 1.0, 40.0], NOISE)
    rates = shown(rate_cells(of, np.array([10, 0, 0, 10]), per=100, decimals=0))
    expected = [CellStatus.SUPPRESSED, CellStatus.NOT_APPLICABLE, CellStatus.NOT_APPLICABLE, CellStatus.UNCERTAIN]
    assert [r.status for r in rates] == expected
    assert [r.value for r in rates] == [None, None, None, 1000]


@pytest.mark.parametrize("populations", [np.array([-1]), np.array([1, 2])])
def test_populations_that_are_negative_or_of_another_shape_are_refused(populations: np.ndarray) -> None:
    with pytest.raises(ValueError, match="populations"):
        rate_cells(protected([1.0], [1.0]), populations, per=100, decimals=0)
