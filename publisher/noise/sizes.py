"""How large published numbers can become, as far as that is known before anything is drawn.

Numbers add up exactly below LARGEST units of their decimals.  Noise and what one person adds are public knowledge; how
many persons there are is not, so that what many add can still turn out too large once it is drawn (`publish.protect`).
"""

from math import sqrt

from publisher.errors import PolicyError
from publisher.noise.parts import Part
from publisher.noise.strategy import Strategy
from publisher.quantity import UNITS, Quantity
from publisher.relations import Column

LARGEST = 2.0**50
"""In units of the decimals: what floats hold exactly, with room for a division by the decimals and back.  Beyond it
totals would be a few units beside their sums."""

ERRORS = 8
"""No number of a table, nor the end of its interval, is further off than so many standard errors."""


def check_sizes(part: Part, strategy: Strategy, *, decimals: int) -> None:
    """PolicyError where noise and one person alone could make a number of a part LARGEST or more.

    Every cell that is shown is measured, but for totals over the column of a clamp, which are sums over its codes.
    """
    quantity = part.quantity
    error = sqrt(max(g.sigma2 for g in strategy.groups) * _summed(quantity, part.keys.columns))
    person = quantity.most * strategy.bound.cells
    if (ERRORS * error + person) * _unit(quantity) * 10**decimals >= LARGEST:
        raise PolicyError(
            f"part {part.name}: with {decimals} decimals noise, or what one person adds, can make numbers too large "
            "to add up exactly; publish fewer decimals, or take a smaller clamp or a larger rho"
        )


def _unit(quantity: Quantity) -> float:
    """The largest unit of a cell, in whole units."""
    return 1.0 if quantity.clamp is None else max(most for _, most in quantity.clamp.bounds) / UNITS


def _summed(quantity: Quantity, columns: tuple[Column, ...]) -> int:
    """How many measured cells a shown one is the sum of, at most."""
    column = quantity.clamp.column if quantity.clamp else ""
    return next((len(c.codes) for c in columns if c.id == column), 1)
