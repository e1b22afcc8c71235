"""What the mechanism refuses, and that nothing is drawn when it does."""

import ast
import math
import multiprocessing
import pickle
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from noisetables import cube_of

from publisher import ledger as ledger_module
from publisher.cube import BoundedCube, Cube
from publisher.errors import LedgerError, PolicyError
from publisher.ledger import Account, Charge
from publisher.noise import mechanism
from publisher.noise.measurement import _MINT, MeasuredGroup, Measurement
from publisher.noise.mechanism import discrete_gaussian, exact_counts, measure, scale_of
from publisher.noise.parts import Part
from publisher.noise.strategy import QueryGroup, Strategy, plan
from publisher.policy.model import Clamp, ContributionBound, Weights
from publisher.quantity import UNITS as SUM_UNITS
from publisher.quantity import Quantity
from publisher.relations import AreaLevel, Column, KeySet

UNITS = 10**8
BOUND = ContributionBound(2, "last")
KEYS = KeySet(
    ("a", "b", "c"),
    (AreaLevel("riket", ("00",), np.array([0, 0, 0])), AreaLevel("regso", ("a", "b"), np.array([0, 1, -1]))),
    (Column("sex", ("m", "w"), True), Column("benefit", ("p", "q", "r"), False)),
    (True, True),
)
COUNTS = np.arange(18, dtype=np.int64).reshape(3, 2, 3)


PERSONS, CASES = Quantity("persons", 1), Quantity("cases", 3)
AMOUNT = Quantity("sum", SUM_UNITS, amount="amount", clamp=Clamp("", (("", 1000),)))


def bounded(bound: ContributionBound = BOUND, quantity: Quantity = PERSONS, keys: KeySet = KEYS) -> BoundedCube:
    return cube_of(keys, COUNTS, bound, quantity)


CUBE = bounded()


def part_of(quantity: Quantity = PERSONS, keys: KeySet = KEYS, units: int = UNITS) -> Part:
    return Part("t/n", "n", quantity, keys, units)


PART = part_of()


def charge(units: int = UNITS, part: str = "t/n") -> Charge:
    return Charge(
        ledger_module._MINT, account=Account("a", 2022), run_key="r", sequence=1, parts={part: units}
    )


def strategy(units: int = UNITS, most: int = 1) -> Strategy:
    return plan(KEYS, rho_units=units, bound=BOUND, weights=Weights.CELLS, most=most)


class Source:
    """A noise source that adds nothing and counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, exact: np.ndarray, scale: float) -> np.ndarray:
        self.calls += 1
        return exact


def test_without_noise_the_measurement_is_the_exact_counts_of_each_group() -> None:
    measured = measure(CUBE, PART, strategy=strategy(), charge=charge(), noise=Source())
    values = {(m.group.level, m.group.kept): m.values for m in measured.groups}
    assert (values["riket", (True, True)] == COUNTS.sum(axis=0)[None]).all()
    assert (values["regso", (True, False)] == COUNTS[:2].sum(axis=2)).all()
    assert (values["regso", (False, True)] == COUNTS[:2].sum(axis=1)).all()
    assert values["riket", (False, False)].tolist() == [COUNTS.sum()]


def test_production_noise_is_noise_on_the_integer_grid() -> None:
    measured = measure(CUBE, PART, strategy=strategy(), charge=charge())
    again = measure(CUBE, PART, strategy=strategy(), charge=charge())
    assert all(m.values.dtype == np.int64 for m in measured.groups)
    assert any((m.values != exact_counts(COUNTS, KEYS, m.group)).any() for m in measured.groups)
    assert any((m.values != n.values).any() for m, n in zip(measured.groups, again.groups, strict=True))


@pytest.mark.parametrize(
    "given", [charge(part="t/other"), charge(UNITS - 1)], ids=["another part", "less than the strategy spends"]
)
def test_a_charge_that_does_not_cover_the_draw_is_refused_before_anything_is_drawn(given: Charge) -> None:
    source = Source()
    with pytest.raises(LedgerError):
        measure(CUBE, PART, strategy=strategy(), charge=given, noise=source)
    assert source.calls == 0


def test_a_charge_is_drawn_from_once() -> None:
    source, once = Source(), charge()
    measure(CUBE, PART, strategy=strategy(), charge=once, noise=source)
    drawn = source.calls
    with pytest.raises(LedgerError, match="drawn already"):
        measure(CUBE, PART, strategy=strategy(), charge=once, noise=source)
    assert source.calls == drawn == len(strategy().groups)


def refused(cube: BoundedCube, given: Strategy, part: Part = PART, *, match: str) -> None:
    """The plan is refused, nothing is drawn, and the charge is not used up."""
    source, unspent = Source(), charge()
    with pytest.raises(PolicyError, match=match):
        measure(cube, part, strategy=given, charge=unspent, noise=source)
    assert source.calls == 0
    unspent.authorise("t/n", UNITS)


def test_a_cube_that_was_not_bounded_is_refused() -> None:
    whole, unspent = object.__new__(Cube), charge()
    with pytest.raises(TypeError, match="bounded"):
        measure(whole, PART, strategy=strategy(), charge=unspent, noise=Source())  # type: ignore[arg-type]
    unspent.authorise("t/n", UNITS)


@pytest.mark.parametrize("cells", [1, 3])
def test_a_strategy_for_another_bound_is_refused(cells: int) -> None:
    refused(bounded(ContributionBound(cells, "last")), strategy(), match="another contribution bound")


def test_a_strategy_for_another_number_in_a_cell_is_refused() -> None:
    other = ContributionBound(2, "last", per_cell=3)
    refused(bounded(other), strategy(), match="another contribution bound")


@pytest.mark.parametrize("counted", [CASES, AMOUNT, Quantity("cases", 1), Quantity("persons_distinct", 1)])
def test_a_cube_of_another_quantity_than_the_parts_is_refused(counted: Quantity) -> None:
    refused(bounded(quantity=counted), strategy(), match="another quantity")


def test_a_sum_with_another_clamp_is_another_quantity() -> None:
    wider = replace(AMOUNT, clamp=Clamp("", (("", 2000),)))
    refused(bounded(quantity=wider), strategy(most=SUM_UNITS), part_of(AMOUNT), match="another quantity")


@pytest.mark.parametrize("quantity", [CASES, AMOUNT])
def test_a_strategy_planned_for_less_than_a_person_adds_is_refused(quantity: Quantity) -> None:
    refused(bounded(quantity=quantity), strategy(most=quantity.most - 1), part_of(quantity), match="is below")


@pytest.mark.parametrize("quantity", [PERSONS, CASES, AMOUNT])
def test_a_sensitivity_1_05_times_too_small_is_refused_wherever_integers_can_say_so(quantity: Quantity) -> None:
    """The worst person's squared distance is claimed exactly, so that any smaller integer is refused."""
    given = strategy(most=quantity.most)
    for i, group in enumerate(given.groups):
        small = replace(group, squared_sensitivity=max(1, group.squared_sensitivity * 10**4 // 105**2))
        groups = (*given.groups[:i], small, *given.groups[i + 1 :])
        refused(bounded(quantity=quantity), Strategy(bound=BOUND, groups=groups), part_of(quantity), match="is below")


@pytest.mark.parametrize("units", [UNITS - 1, UNITS + 1])
def test_a_strategy_with_another_rho_than_the_parts_is_refused(units: int) -> None:
    refused(CUBE, strategy(units), match="another rho")


@pytest.mark.parametrize(
    "keys",
    [
        replace(KEYS, totals=(True, False)),
        replace(KEYS, leaves=("a", "b", "d")),
        replace(KEYS, levels=(KEYS.levels[0], replace(KEYS.levels[1], member=np.array([0, 1, 1])))),
        replace(KEYS, levels=KEYS.levels[:1]),
    ],
    ids=["totals", "leaves", "members", "levels"],
)
def test_a_cube_with_other_keys_than_the_parts_is_refused(keys: KeySet) -> None:
    refused(bounded(keys=keys), strategy(), match="other keys than the part")


def test_numbers_whose_sums_could_overflow_are_refused() -> None:
    for huge in (np.full(COUNTS.shape, 2**58), np.full(COUNTS.shape, -(2**58)), np.full(COUNTS.shape, -(2**63))):
        refused(cube_of(KEYS, huge, BOUND, PERSONS), strategy(), match="overflow")


@pytest.mark.parametrize("quantity", [CASES, AMOUNT])
def test_the_noise_grows_with_what_a_person_adds_to_a_cell(quantity: Quantity) -> None:
    one, many = (
        measure(bounded(quantity=q), part_of(q), strategy=strategy(most=q.most), charge=charge(), noise=Source())
        for q in (PERSONS, quantity)
    )
    for a, b in zip(one.groups, many.groups, strict=True):
        assert b.scale == pytest.approx(a.scale * quantity.most, rel=1e-9)


def test_a_strategy_for_other_keys_is_refused() -> None:
    fewer = replace(KEYS, levels=KEYS.levels[:1])
    refused(CUBE, plan(fewer, rho_units=UNITS, bound=BOUND, weights=Weights.CELLS, most=1), match="other keys")


def test_a_strategy_with_too_small_a_sensitivity_is_refused() -> None:
    groups = tuple(replace(g, squared_sensitivity=max(1, g.squared_sensitivity // 4)) for g in strategy().groups)
    refused(CUBE, Strategy(bound=BOUND, groups=groups), match="sensitivity is below")


def test_a_scale_that_loses_more_than_its_charge_is_refused_by_the_privacy_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mechanism, "_SLACK", 1 - 2.0**-20)
    refused(CUBE, strategy(), match="privacy map exceeds")


@pytest.mark.parametrize("units", [1, 7, 3_333_333, 12_345_679, 10**9])
@pytest.mark.parametrize("square", [1, 2, 3, 7, 16, 64, 10**6])
def test_the_scale_is_never_below_the_exact_one_and_hardly_above(units: int, square: int) -> None:
    group = QueryGroup(level="riket", kept=(), rho_units=units, squared_sensitivity=square, cells=1)
    assert group.sigma2 <= Fraction(scale_of(group)) ** 2 <= group.sigma2 * (1 + Fraction(1, 10**11))


def test_a_measurement_is_made_by_the_mechanism_only() -> None:
    measured = measure(CUBE, PART, strategy=strategy(), charge=charge())
    with pytest.raises(TypeError):
        Measurement(mint=object(), part=PART, strategy=measured.strategy, groups=measured.groups)


def test_a_measured_group_with_less_noise_than_its_rho_or_another_shape_is_refused() -> None:
    group = QueryGroup(level="riket", kept=(), rho_units=10**9, squared_sensitivity=2, cells=1)
    one = np.zeros(1, dtype=np.int64)
    with pytest.raises(ValueError, match="less noise"):
        MeasuredGroup(group=group, values=one, scale=0.999)
    with pytest.raises(ValueError, match="shape"):
        MeasuredGroup(group=group, values=np.zeros(2, dtype=np.int64), scale=1.1)
    with pytest.raises(ValueError, match="shape"):
        MeasuredGroup(group=group, values=np.zeros(1), scale=1.1)


def test_a_measurement_does_not_show_its_values_when_printed() -> None:
    measured = measure(CUBE, PART, strategy=strategy(), charge=charge(), noise=Source())
    assert "array" not in repr(measured)


def test_a_measurement_holds_all_groups_of_its_strategy() -> None:
    measured = measure(CUBE, PART, strategy=strategy(), charge=charge(), noise=Source())
    with pytest.raises(ValueError, match="every query group"):
        Measurement(mint=_MINT, part=PART, strategy=measured.strategy, groups=measured.groups[1:])


def _draw(_: int) -> bytes:
    return pickle.dumps(discrete_gaussian(np.zeros(50, dtype=np.int64), 1000.0).tolist())


def test_forked_workers_draw_differently() -> None:
    """Attack 17: 50 draws at scale 1 000 agree by chance with a probability below 1e-150."""
    _draw(0)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        drawn = pool.map(_draw, range(4), chunksize=1)
    assert len(set(drawn)) == 4


def test_no_production_code_brings_its_own_noise_source() -> None:
    """The parameter is for tests: the package passes on a parameter of that type, whose only default is OpenDP's."""
    trees = [ast.parse(f.read_text()) for f in Path(mechanism.__file__).parents[1].rglob("*.py")]
    functions = [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    arguments = {a.arg for f in functions for a in _arguments(f) if _annotated(a)}
    defaults = {_name(d) for f in functions for a, d in _defaults(f) if _annotated(a)}
    calls = [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Call) and _name(n.func) == "measure"]
    given = [k.value for n in calls for k in n.keywords if k.arg == "noise"]
    assert defaults == {"discrete_gaussian"}
    assert calls
    assert all(isinstance(value, ast.Name) and value.id in arguments for value in given)


def _arguments(function: ast.FunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _defaults(function: ast.FunctionDef) -> list[tuple[ast.arg, ast.expr]]:
    a = function.args
    named = zip(a.kwonlyargs, a.kw_defaults, strict=True)
    positional = [*a.posonlyargs, *a.args]
    last = positional[len(positional) - len(a.defaults) :]
    return [*zip(last, a.defaults, strict=True), *[(arg, d) for arg, d in named if d is not None]]


def _annotated(argument: ast.arg) -> bool:
    return argument.annotation is not None and _name(argument.annotation) == "NoiseSource"


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def test_extreme_counts_survive_the_draw() -> None:
    large = np.array([0, -5, 10**12], dtype=np.int64)
    drawn = discrete_gaussian(large, 2.0)
    assert np.abs(drawn - large).max() < 2.0 * math.sqrt(2 * math.log(1e30))
