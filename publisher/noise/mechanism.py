"""The one place where noise is drawn, and the one module that imports opendp.

Discrete Gaussian noise on integers (Canonne, Kamath and Steinke 2020), drawn by OpenDP from the operating system's
randomness: there is no seed, and nothing for a forked process to inherit.  The charge is authorised before the first
draw (P1), and OpenDP's own privacy map is checked against what each group was charged.
"""

from collections.abc import Callable
from fractions import Fraction
from math import isqrt, nextafter
from typing import Any

import numpy as np
import opendp.prelude as dp
from numpy.typing import NDArray

from publisher.cube import BoundedCube
from publisher.errors import PolicyError
from publisher.ledger import Charge
from publisher.noise.measurement import _MINT, MeasuredGroup, Measurement
from publisher.noise.parts import Part
from publisher.noise.strategy import QueryGroup, Strategy, squared_sensitivity
from publisher.relations import KeySet

IntArray = NDArray[np.int64]
NoiseSource = Callable[[IntArray, float], IntArray]
"""Takes exact integers (flat) and a scale, gives noisy integers of the same shape.  Tests bring their own."""

_SLACK = 1 + 2.0**-40
_ROOT_BITS = 64
_LARGEST = 2.0**61
"""Absolute numbers of a cube must sum to less: half of what leaves room for any noise in 64 bits, so that the float
that is compared may be off."""


def discrete_gaussian(values: IntArray, scale: float) -> IntArray:
    """`values` (flat int64) plus independent discrete Gaussian noise of `scale`."""
    return np.array(_gaussian(scale)(values.tolist()), dtype=np.int64)


def measure(
    cube: BoundedCube, part: Part, *, strategy: Strategy, charge: Charge, noise: NoiseSource = discrete_gaussian
) -> Measurement:
    """Draw every query group of `strategy` once, against what `charge` holds for `part`.

    Raises TypeError for anything but a bounded cube; PolicyError where the cube, the part and the strategy do not
    belong together, or where OpenDP's map of a draw exceeds its group's rho; LedgerError where the charge does not
    cover the part or was drawn from before.  Nothing is drawn when it raises.
    """
    scales = check_measurable(cube, part, strategy)
    charge.authorise(part.name, strategy.rho_units)
    groups = tuple(_draw(cube, group, scale, noise) for group, scale in zip(strategy.groups, scales, strict=True))
    return Measurement(mint=_MINT, part=part, strategy=strategy, groups=groups)


def check_measurable(cube: BoundedCube, part: Part, strategy: Strategy) -> list[float]:
    """The scale of each group's draw; PolicyError where the plan does not fit the cube or loses more than its rho."""
    if not isinstance(cube, BoundedCube):
        raise TypeError("noise is drawn on a bounded cube only: no other counts have the sensitivity that it covers")
    _check_part(cube, part)
    _check_plan(cube, part, strategy)
    return [_checked_scale(group) for group in strategy.groups]


def exact_counts(counts: IntArray, keys: KeySet, group: QueryGroup) -> IntArray:
    """The exact numbers of one group, shape (cells of its level, codes of each kept column); sensitive.

    `counts`: shape (leaves, codes of each column).  A leaf outside the level counts in none of its cells.
    """
    level = next(v for v in keys.levels if v.level == group.level)
    dropped = tuple(axis for axis, kept in enumerate(group.kept, start=1) if not kept)
    marginal = counts.sum(axis=dropped)
    inside = level.member >= 0
    out = np.zeros((len(level.codes), *marginal.shape[1:]), dtype=np.int64)
    np.add.at(out, level.member[inside], marginal[inside])
    return out


def scale_of(group: QueryGroup) -> float:
    """The noise scale of a group as a float: above the exact root of sigma squared, never below."""
    return _root_above(group.sigma2) * _SLACK


def _check_part(cube: BoundedCube, part: Part) -> None:
    """The cube counts what the part measures, in the part's cells, and its sums fit the integers that are drawn on."""
    if cube.quantity != part.quantity:
        raise PolicyError(f"part {part.name}: the cube counts another quantity than the part measures")
    if not _same_keys(cube.keys, part.keys):
        raise PolicyError(f"part {part.name}: the cube has other keys than the part")
    if float(np.abs(cube.counts.astype(np.float64)).sum()) >= _LARGEST:
        raise PolicyError(f"part {part.name}: its sums could overflow 64 bits")


def _same_keys(one: KeySet, other: KeySet) -> bool:
    if (one.leaves, one.columns, one.totals, one.area_codes) != (
        other.leaves, other.columns, other.totals, other.area_codes
    ):  # fmt: skip
        return False
    levels = zip(one.levels, other.levels, strict=False)
    alike = all(a.level == b.level and np.array_equal(a.member, b.member) for a, b in levels)
    return len(one.levels) == len(other.levels) and alike


def _check_plan(cube: BoundedCube, part: Part, strategy: Strategy) -> None:
    """The strategy spends the part's rho, its bound is the cube's, and its groups are those of the part's keys at their
    true sensitivities."""
    if strategy.rho_units != part.rho_units:
        raise PolicyError(f"part {part.name}: the strategy spends another rho than the part's")
    if strategy.bound != cube.bound:
        raise PolicyError(f"part {part.name}: the strategy was planned for another contribution bound than the cube's")
    keys, most = part.keys, part.quantity.most
    if {(g.level, g.kept) for g in strategy.groups} != part.groups:
        raise PolicyError(f"part {part.name}: the strategy was planned for other keys than the cube's")
    for g in strategy.groups:
        if g.squared_sensitivity < squared_sensitivity(keys.columns, kept=g.kept, bound=cube.bound, most=most):
            raise PolicyError(f"query group at {g.level}: its sensitivity is below what the bound allows a person")


def _checked_scale(group: QueryGroup) -> float:
    """The group's scale, once OpenDP agrees that a draw at that scale loses no more than the group's rho."""
    scale = scale_of(group)
    loss = Fraction(_gaussian(scale).map(_root_above(Fraction(group.squared_sensitivity))))
    if loss > group.rho:
        raise PolicyError(f"query group at {group.level}: OpenDP's privacy map exceeds the rho charged for it")
    return scale


def _draw(cube: BoundedCube, group: QueryGroup, scale: float, noise: NoiseSource) -> MeasuredGroup:
    exact = exact_counts(cube.counts, cube.keys, group)
    return MeasuredGroup(group=group, values=noise(exact.ravel(), scale).reshape(exact.shape), scale=scale)


def _gaussian(scale: float) -> Any:
    """OpenDP's integer discrete Gaussian mechanism on vectors under L2 distance."""
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return space >> dp.m.then_gaussian(scale=scale)


def _root_above(square: Fraction) -> float:
    """The smallest float found that is at least the exact square root of `square`."""
    scaled = isqrt((square.numerator << (2 * _ROOT_BITS)) // square.denominator)
    root = float(Fraction(scaled, 1 << _ROOT_BITS))
    while Fraction(root) ** 2 < square:
        root = nextafter(root, float("inf"))
    return root
